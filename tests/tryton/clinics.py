"""A Tryton server of a few dictionaries: it speaks the same JSON-RPC, counts and pages, and refuses as Tryton does.

What it lets whom read is decided here once more, in the plainest way there is, and apart from the product.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pyarrow as pa

from auditor.snapshot import Manifest, Reading, Snapshot
from connectors.transport import Transport
from connectors.tryton import tables as t
from connectors.tryton.client import Client, Password
from connectors.tryton.connector import Tryton
from connectors.tryton.rows import MADE

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
PASSWORD = "correct-horse-battery-73"
DATABASE = "clinic"
Row = dict[str, Any]


@dataclass
class Clinic:
    """One database: rows by model. `link` are models that programs are given no records of."""

    models: list[Row] = field(default_factory=list)
    fields: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    model_access: list[Row] = field(default_factory=list)
    field_access: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)
    records: dict[str, list[Row]] = field(default_factory=dict)
    link: frozenset[str] = frozenset()

    def table(self, model: str) -> list[Row] | None:
        return {
            "ir.model": self.models,
            "ir.model.field": self.fields,
            "res.group": self.groups,
            "res.user": self.users,
            "ir.model.access": self.model_access,
            "ir.model.field.access": self.field_access,
            "ir.rule.group": self.rules,
        }.get(model)

    def add_model(self, name: str, *fields: str | tuple[str, str, str, bool], label: str = "") -> int:
        """A model with its fields: a name, or (name, type, relation, relation access)."""
        id_ = len(self.models) + 1
        self.models.append({"id": id_, "model": name, "name": label or name})
        for one in fields:
            name_, kind, relation, access = one if isinstance(one, tuple) else (one, "char", None, False)
            self.fields.append(
                {
                    "id": len(self.fields) + 1,
                    "model": id_,
                    "name": name_,
                    "field_description": name_.replace("_", " "),
                    "ttype": kind,
                    "relation": relation,
                    "access": access,
                    "help": "",
                }
            )
        return id_

    def model_id(self, name: str) -> int:
        return next(m["id"] for m in self.models if m["model"] == name)

    def field_id(self, model: str, name: str) -> int:
        of = self.model_id(model)
        return next(f["id"] for f in self.fields if f["model"] == of and f["name"] == name)

    def add_group(self, name: str, parent: int | None = None, *, active: bool = True) -> int:
        self.groups.append({"id": len(self.groups) + 1, "name": name, "parent": parent, "active": active})
        return len(self.groups)

    def add_user(self, login: str | None, *groups: int, active: bool = True, name: str = "") -> int:
        id_ = len(self.users) + 1
        self.users.append(
            {"id": id_, "login": login, "name": name or login, "active": active, "groups": list(groups)}
        )
        return id_

    def allow_model(self, model: str, group: int | None, perms: str, *, active: bool = True) -> None:
        self.model_access.append(
            {
                "id": len(self.model_access) + 1,
                "model": self.model_id(model),
                "group": group,
                **_perms(perms, "rwcd"),
                "active": active,
            }
        )

    def allow_field(
        self, model: str, name: str, group: int | None, perms: str, *, active: bool = True
    ) -> None:
        self.field_access.append(
            {
                "id": len(self.field_access) + 1,
                "field": self.field_id(model, name),
                "group": group,
                **_perms(perms, "rw"),
                "active": active,
            }
        )

    def add_rule(self, model: str, *groups: int, everybody: bool = False, by_default: bool = False) -> None:
        self.rules.append(
            {
                "id": len(self.rules) + 1,
                "model": self.model_id(model),
                "global_p": everybody,
                "default_p": by_default,
                "perm_read": True,
                "groups": list(groups),
            }
        )

    # -- the second reading of Tryton's rules

    def groups_of(self, user: int) -> set[int]:
        """Own groups with all above them, less those that are switched off."""
        found, waiting = set(), list(self.users[user - 1]["groups"])
        while waiting:
            group = waiting.pop()
            if group is not None and group not in found:
                found.add(group)
                waiting.append(self.groups[group - 1]["parent"])
        return {group for group in found if self.groups[group - 1]["active"]}

    def reaches(self, model: str) -> set[str]:
        found, waiting = set(), [model]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                ids = {m["id"] for m in self.models if m["model"] == name}
                waiting += [
                    f["relation"] for f in self.fields if f["model"] in ids and f["access"] and f["relation"]
                ]
        return found

    def may(self, user: int, model: str, name: str, verb: str = "perm_read") -> bool:
        """Whether the server lets a user read (or write) a field."""
        if model in self.link:
            return False
        groups = {None, *self.groups_of(user)}
        counting = {m["id"] for m in self.models if m["model"] in self.reaches(model)}
        of_field = self.field_id(model, name)
        for rows in (
            [r for r in self.model_access if r["model"] in counting],
            [r for r in self.field_access if r["field"] == of_field],
        ):
            said = [r[verb] for r in rows if r["active"] and r["group"] in groups]
            if said and not any(said):
                return False
        return True


def _perms(given: str, known: str) -> Row:
    words = {"r": "perm_read", "w": "perm_write", "c": "perm_create", "d": "perm_delete"}
    return {words[one]: one in given for one in known}


def gnu() -> Clinic:
    """A clinic in which each rule shows once."""
    clinic = Clinic()
    clinic.add_model("ir.model", "model")
    clinic.add_model("res.user", "login")
    clinic.add_model("res.group", "name")
    clinic.add_model("ir.model.access", "model")
    clinic.add_model("ir.model.field.access", "field")
    clinic.add_model(
        "gnuhealth.patient",
        ("create_date", "timestamp", None, False),
        ("write_date", "timestamp", None, False),
        ("active", "boolean", None, False),
        ("birth", "date", None, False),
        "diagnosis",
        "drug_usage",
        label="Patient",
    )
    clinic.add_model("gnuhealth.ecg", "diagnosis")
    clinic.add_model("gnuhealth.lab", "result", ("patient", "many2one", "gnuhealth.patient", True))
    clinic.add_model("gnuhealth.patient-disease", "diagnosis")
    clinic.link = frozenset({"gnuhealth.patient-disease"})
    admin = clinic.add_group("Administration")
    desk = clinic.add_group("Front Desk")
    marketing = clinic.add_group("Marketing")
    doctor = clinic.add_group("Doctor")
    junior = clinic.add_group("Junior Doctor", doctor)
    off = clinic.add_group("Old Doctors", doctor, active=False)
    clinic.add_user("admin", admin, name="Administrator")
    clinic.add_user("mia", marketing, name="Mia")
    clinic.add_user("nobody")
    clinic.add_user("fred", desk, name="Fred")
    clinic.add_user("fran", desk, marketing, name="Fran")
    clinic.add_user("juno", junior, name="Juno")
    clinic.add_user("olaf", off, name="Olaf")
    clinic.add_user("gone", doctor, active=False)
    clinic.add_user(None, doctor)
    clinic.add_user("auditor")
    clinic.allow_model("gnuhealth.patient", None, "r")
    clinic.allow_model("gnuhealth.patient", doctor, "rwcd")
    clinic.allow_model("gnuhealth.lab", None, "")
    clinic.allow_model("gnuhealth.lab", doctor, "rw")
    clinic.allow_field("gnuhealth.patient", "drug_usage", desk, "")
    clinic.allow_field("gnuhealth.patient", "drug_usage", doctor, "rw")
    clinic.allow_field("gnuhealth.patient", "diagnosis", None, "", active=False)
    for model in ("res.user", "res.group", "ir.model.access", "ir.model.field.access"):
        clinic.allow_model(model, None, "r")
        clinic.allow_model(model, admin, "rwcd")
    clinic.add_rule("gnuhealth.patient", doctor)
    clinic.add_rule("gnuhealth.ecg", everybody=True)
    clinic.records["gnuhealth.patient"] = [
        {
            "id": 1,
            "create_date": datetime(2019, 1, 1),  # noqa: DTZ001 - Tryton's moments have no zone
            "write_date": None,
            "birth": date(2020, 5, 5),
            "active": True,
            "diagnosis": "CANARY-VALUE",
        },
        {
            "id": 2,
            "create_date": datetime(2019, 1, 1),  # noqa: DTZ001
            "write_date": datetime(2026, 1, 1),  # noqa: DTZ001
            "birth": None,
            "active": True,
            "diagnosis": "CANARY-VALUE",
        },
        {
            "id": 3,
            "create_date": datetime(2018, 1, 1),  # noqa: DTZ001
            "write_date": None,
            "birth": None,
            "active": False,
            "diagnosis": "CANARY-VALUE",
        },
    ]
    return clinic


# -- without a server


def snapshot_of(clinic: Clinic, *, scope: Callable[[str], bool] = lambda _: True) -> Snapshot:
    """What the connector would read, without a server between."""
    readings = {}
    for name, rows in (
        (t.MODELS, clinic.models),
        (t.FIELDS, clinic.fields),
        (t.GROUPS, clinic.groups),
        (t.USERS, clinic.users),
        (t.MODEL_ACCESS, clinic.model_access),
        (t.FIELD_ACCESS, clinic.field_access),
        (t.RECORD_RULES, clinic.rules),
    ):
        made = [dict(MADE[name](row)) for row in rows]
        for row in made if name == t.FIELDS else ():
            row["in_scope"] = scope(clinic.models[row["model_id"] - 1]["model"])
        readings[name] = Reading(name, t.CAPABILITY[name], pa.Table.from_pylist(made, schema=t.schema(name)))
    open_ = [{"model": m["model"]} for m in clinic.models if m["model"] not in clinic.link]
    readings[t.METHODS] = Reading(
        t.METHODS, t.CAPABILITY[t.METHODS], pa.Table.from_pylist(open_, schema=t.schema(t.METHODS))
    )
    return Snapshot(Manifest("tryton", "clinic", "x/clinic", "clinic", AT, "7.0", "1"), readings)


# -- with one

Answer = tuple[int, Any] | None


@dataclass
class Served:
    """A running server: its address, what it was asked, and what to answer instead."""

    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    dead: bool = False
    instead: Callable[[str, Any, int], Answer] = lambda *_: None

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]


@contextmanager
def served(clinic: Clinic, *, words: bool = False) -> Iterator[Served]:
    """Serve a clinic; its booleans are `words` (true, false) as on PostgreSQL, or numbers as on SQLite."""
    site = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if site.dead:
                self.close_connection = True
                return
            asked = json.loads(body)
            method, params = asked["method"], asked["params"]
            site.asked.append((method, params))
            site.bodies.append(body)
            found = site.instead(method, params, site.methods.count(method))
            status, answer = found if found is not None else self.answer(method, params)
            content = (
                answer.encode()
                if isinstance(answer, str)
                else json.dumps({"id": asked["id"], **answer}).encode()
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def answer(self, method: str, params: Any) -> tuple[int, Any]:
            if method == "common.server.version":
                return 200, {"result": "7.0.59"}
            if self.path != f"/{DATABASE}/":
                return 404, "<html>no such database</html>"
            if method == "common.db.login":
                return self.login(*params)
            user = self.user()
            if not user:
                return 401, "<html>Unauthorized</html>"
            if method == "common.db.logout":
                site.sessions.clear()
                return 200, {"result": None}
            if method == "system.listMethods":
                open_ = [m["model"] for m in clinic.models if m["model"] not in clinic.link]
                names = [f"model.{m}.{verb}" for m in open_ for verb in ("read", "write", "search_count")]
                return 200, {"result": [*names, "wizard.ir.x.execute"]}
            return self.model(user, method, params)

        def login(self, login: str, given: Row) -> tuple[int, Any]:
            for row in clinic.users:
                if row["login"] == login and row["active"] and given == {"password": PASSWORD}:
                    session = f"session-{len(site.asked)}"
                    site.sessions.add(f"{login}:{row['id']}:{session}")
                    return 200, {"result": [row["id"], session]}
            return 401, "<html>Unauthorized</html>"

        def user(self) -> int:
            words_ = (self.headers.get("Authorization") or "").split(" ")
            if len(words_) != 2 or words_[0] != "Session":
                return 0
            found = base64.b64decode(words_[1]).decode()
            return int(found.split(":")[1]) if found in site.sessions else 0

        def model(self, user: int, method: str, params: Any) -> tuple[int, Any]:
            name, _, verb = method.removeprefix("model.").rpartition(".")
            if not any(m["model"] == name for m in clinic.models) and clinic.table(name) is None:
                return 200, {"error": [f"'{name}'", ""]}
            if name in clinic.link or verb not in {"read", "search_read", "search_count"}:
                return 403, "<html>Forbidden</html>"
            if verb == "read":
                ids, names, _context = params
                if not all(clinic.may(user, name, one) for one in names):
                    message = f"You are not allowed to access {name} CANARY-VALUE."
                    return 200, {"error": ["UserError", [message, "", None]]}
                return 200, {"result": [{"id": id_} for id_ in ids]}
            rows = clinic.table(name) or clinic.records.get(name, [])
            found = [row for row in rows if all(holds(row, one) for one in params[0])]
            if verb == "search_count":
                return 200, {"result": len(found)}
            _domain, offset, limit, _order, names, _context = params
            page = sorted(found, key=lambda row: row["id"])[offset : offset + limit]
            keep = bool if words else int
            return 200, {
                "result": [
                    {n: keep(row[n]) if isinstance(row[n], bool) else row[n] for n in ("id", *names)}
                    for row in page
                ]
            }

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.dead = True  # for connections that are still open
        server.shutdown()
        server.server_close()
        thread.join()


def holds(row: Row, condition: Any) -> bool:
    name, operator, value = condition
    mine = row.get(name)
    if isinstance(value, dict):
        parts = {key: part for key, part in value.items() if key != "__class__"}
        value = date(**parts) if value["__class__"] == "date" else datetime(**parts)  # noqa: DTZ001
    if operator in {"<", ">"} and mine is None:
        return False
    return (
        {"=": mine == value, "!=": mine != value}.get(operator)
        if operator in {"=", "!="}
        else (mine < value if operator == "<" else mine > value)
    )


def client_of(site: Served, login: str = "auditor", password: str = PASSWORD, **more) -> Client:
    return Client(
        Password(login, lambda: password),
        site.url,
        more.pop("database", DATABASE),
        Transport(retry_wait=0),
        **more,
    )


def connector_of(client: Client) -> Tryton:
    return Tryton(client, target="clinic", taken_at=AT, tool_version="1")
