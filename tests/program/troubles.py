"""Troubles of a nightly job, brought about for real, and the page that says what the program then says.

`python -m tests.program.troubles` writes docs/troubles.md; a test fails when the page is not what happens.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme

from crm_audit.clock import now
from crm_audit.runs.chain import Chain, Event, Kind
from crm_audit.runs.locks import Note, targets_locked
from sandbox.salesforce import Fault, Faults, faults, running
from tests.program.nights import FIRST, SUBJECT, asked, configure, kept, night
from tests.program.planted_org import TAGS, USER, inside, planted
from tests.program.programs import ROOT, Ran, door
from tests.reports.audits import HOSTILE

PAGE = ROOT / "docs" / "troubles.md"
HEAD = """# What goes wrong, and what it says

Every trouble ends in one sentence, a hint, and an [exit code](exit-codes.md); never in a traceback, lost data or half a
report. This page is made by the tests, which bring each trouble about.

| Trouble | What it says | Hint | Code | What is left |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Trouble:
    """One trouble: its name, what brings it about, and what then holds of the folder, in words."""

    name: str
    bring: Callable[[Path, pytest.MonkeyPatch], Ran]
    left: str


TROUBLES: list[Trouble] = []


def trouble(name: str, left: str) -> Callable[..., Callable[[Path, pytest.MonkeyPatch], Ran]]:
    def listed(bring: Callable[[Path, pytest.MonkeyPatch], Ran]) -> Callable[[Path, pytest.MonkeyPatch], Ran]:
        TROUBLES.append(Trouble(name, bring, left))
        return bring

    return listed


ENVIRON = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",  # the limit below would cut compiled modules too
    "NO_PROXY": "127.0.0.1",
}
NOTHING = "Nothing new; earlier runs as they were."
NIGHT = "The night, whole."
UNREAD = "The night, whole; it lists what could not be read."


def failing(folder: Path, patch: pytest.MonkeyPatch, served: object, **environ: str) -> Ran:
    """A second night that goes wrong, after a first that went well; checks that the first is untouched."""
    with running(planted()) as good:
        runs = configure(folder, good)
        assert night(patch, folder, good).code == 14
    configure(folder, served)
    door_of = {**door(served), **environ}
    patch.setattr("tests.program.planted_org.door", lambda _: door_of)
    ran = night(patch, folder, served, 1)
    assert kept(runs) == ["20261124T023000Z"]
    assert asked(patch, folder, served, 1, "verify", "runs").code == 0
    return ran


def process(folder: Path, served: object, *before: str, limit: int = 0) -> Ran:
    """A night as a process of its own, which may write no file longer than `limit` bytes."""

    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [*before, sys.executable, "-m", "crm_audit", *SUBJECT],
        env={**ENVIRON, **door(served)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr, folder)


@contextlib.contextmanager
def expired() -> Iterator[SimpleNamespace]:
    """A server whose certificate was good until yesterday."""
    authority = trustme.CA()
    certificate = authority.issue_cert(
        "127.0.0.1", not_before=now() - dt.timedelta(days=30), not_after=now() - dt.timedelta(days=1)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    with tempfile.TemporaryDirectory() as place, socket.create_server(("127.0.0.1", 0)) as listener:
        authority.cert_pem.write_to_path(f"{place}/ca.pem")

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    context.wrap_socket(connection, server_side=True).close()

        threading.Thread(target=answer, daemon=True).start()
        port = listener.getsockname()[1]
        yield SimpleNamespace(url=f"https://127.0.0.1:{port}", token="00Dtoken!x", ca_file=f"{place}/ca.pem")
        listener.shutdown(socket.SHUT_RDWR)


# ── The CRM ───────────────────────────────────────────────────────────────────────────────────────


@trouble("The password or token is wrong", NOTHING)
def wrong_password(folder, patch):
    with running(planted()) as served:
        wrong = SimpleNamespace(url=served.url, token="00Dwrong!token", ca_file=served.ca_file)
        return failing(folder, patch, wrong)


@trouble("The certificate has expired", NOTHING)
def expired_certificate(folder, patch):
    with expired() as served:
        return failing(folder, patch, served)


@trouble("The certificate is of an authority nobody trusts", NOTHING)
def foreign_certificate(folder, patch):
    with running(planted()) as served, running(planted()) as other:
        return failing(folder, patch, served, REQUESTS_CA_BUNDLE=str(other.ca_file))


@trouble("The proxy is down", NOTHING)
def proxy_down(folder, patch):
    with running(planted()) as served:
        return failing(folder, patch, served, HTTPS_PROXY="http://127.0.0.1:9", NO_PROXY="")


@trouble("The CRM is down", NOTHING)
def org_down(folder, patch):
    return failing(folder, patch, SimpleNamespace(url="https://127.0.0.1:9", token="00Dx!x", ca_file=""))


@trouble("The CRM is out of order", NOTHING)
def org_broken(folder, patch):
    with running(planted(), faults=Faults.of(Fault(faults.Kind.UNAVAILABLE, times=None))) as served:
        return failing(folder, patch, served)


def empty() -> dict:
    org = planted()
    own = [user for user in org["tables"]["User"] if user["Id"] == USER["auditor"]]
    profiles = [row for row in org["tables"]["Profile"] if row["Id"] == own[0]["ProfileId"]]
    sets = [row for row in org["tables"]["PermissionSet"] if row.get("ProfileId") == own[0]["ProfileId"]]
    org["tables"] = {"User": own, "Profile": profiles, "PermissionSet": sets}
    org["objects"] = {"Contact": {}, "Lead": {}}
    return org


@trouble("The org is empty", UNREAD)
def empty_org(folder, patch):
    with running(empty()) as served:
        configure(folder, served)
        return night(patch, folder, served)


@trouble("A table is refused to the auditing user", UNREAD)
def refused_table(folder, patch):
    refusing = Faults.of(Fault(faults.Kind.OBJECT_FORBIDDEN, times=None, on=r"\bSessionPermSetActivation\b"))
    with running(planted(), faults=refusing) as served:
        configure(folder, served)
        return night(patch, folder, served)


# ── This machine ──────────────────────────────────────────────────────────────────────────────────


@trouble("Another run of the target is under way", NOTHING)
def concurrent(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        assert night(patch, folder, served).code == 14
        with targets_locked(runs, Note.of(FIRST.isoformat(), ("clinic",))):
            return process(folder, served)


@trouble("A run on another machine left its lock", NOTHING)
def foreign_lock(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        note = {"host": "elsewhere", "pid": 7, "since": FIRST.isoformat(), "targets": ["clinic"]}
        (runs / ".locks").mkdir(parents=True)
        (runs / ".locks" / "clinic.json").write_text(json.dumps(note), encoding="utf-8")
        return night(patch, folder, served)


@trouble("A file cannot grow: a quota, or a full disk", NOTHING)
def full_disk(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        assert night(patch, folder, served).code == 14
        ran = process(folder, served, limit=4096)
        assert kept(runs) == ["20261124T023000Z"]
        assert asked(patch, folder, served, 1, "verify", "runs").code == 0
        return ran


@trouble("The disk is full when the chain is written", "The night, whole; the next run enters it.")
def full_at_the_end(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        runs.mkdir()
        limit = 2_000_000
        Chain(runs).append(
            Event(Kind.FAILED, FIRST.isoformat(), targets=("long" * (limit // 4),), exit_code=3)
        )
        ran = process(folder, served, limit=limit)
        assert len(kept(runs)) == 1
        assert "entered a run" in night(patch, folder, served, 2000).err
        assert asked(patch, folder, served, 2000, "verify", "runs").code == 0
        return ran


@trouble("The folder may not be written", NOTHING)
def read_only(folder, patch):
    with running(planted()) as served:
        configure(folder, served, runs={"directory": "sealed/runs"})
        (folder / "sealed").mkdir(mode=0o500)
        # Root may write everywhere, unless that right is taken from it.
        drop = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
        ran = process(folder, served, *drop)
        assert not (folder / "sealed" / "runs").exists()
        return ran


@trouble("The clock went back", NIGHT)
def clock_back(folder, patch):
    with running(planted()) as served:
        configure(folder, served)
        assert night(patch, folder, served, 1).code == 14
        return night(patch, folder, served)


@trouble("The machine is in another zone and language", NIGHT)
def elsewhere(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        for name, value in {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0"}.items():
            patch.setenv(name, value)
        env = {**door(served), **{n: os.environ[n] for n in ("TZ", "LC_ALL", "PYTHONUTF8")}}
        patch.setattr("tests.program.troubles.door", lambda _: env)
        ran = process(folder, served)
        [name] = kept(runs)
        began = dt.datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        assert abs(now() - began) < dt.timedelta(hours=1)
        return ran


@trouble("The run before was killed", NIGHT)
def killed(folder, patch):
    with running(planted()) as served:
        runs = configure(folder, served)
        left = runs / ".staging-x1y2z3"
        (left / "run").mkdir(parents=True)
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        note = {
            "host": socket.gethostname(),
            "pid": gone.pid,
            "since": FIRST.isoformat(),
            "targets": ["clinic"],
        }
        (left / "owner.json").write_text(json.dumps(note), encoding="utf-8")
        ran = night(patch, folder, served)
        assert kept(runs) == ["20261124T023000Z"]
        return ran


@trouble("The alert cannot be sent", NIGHT)
def deaf(folder, patch):
    with running(planted()) as served:
        configure(folder, served, alerts=[{"url_from": {"file": "alert.url"}}])
        (folder / "alert.url").write_text("json://127.0.0.1:9", encoding="utf-8")
        (folder / "alert.url").chmod(0o600)
        return night(patch, folder, served)


@trouble("The secret is not set", NOTHING)
def no_secret(folder, patch):
    with running(planted()) as served:
        nobody = SimpleNamespace(url=served.url, token="", ca_file=served.ca_file)
        return failing(folder, patch, nobody)


@trouble("300 fields have names that are formulas, markup or line ends", NIGHT)
def hostile_names(folder, patch):
    org = planted()
    fields = [{"name": f"F{n}__c", "label": HOSTILE[n % 19]} for n in range(300)]
    org["objects"]["Lead"]["fields"] += fields
    rows = org["tables"]["FieldPermissions"]
    guest = next(row["ParentId"] for row in rows if row["Field"] == "Lead.Reason__c")
    names = [f"Lead.{field['name']}" for field in fields]
    rows += [{"ParentId": guest, "SobjectType": "Lead", "Field": n, "PermissionsRead": True} for n in names]
    with running(org) as served:
        runs = configure(folder, served)
        tags = {**TAGS, "phi": {**TAGS["phi"], **dict.fromkeys(names, "diagnosis")}}
        (folder / "tags.json").write_text(json.dumps(tags), encoding="utf-8")
        patch.setattr("crm_audit.clock.now", lambda: FIRST)
        ran = inside(folder, served, *SUBJECT)
    with (runs / "20261124T023000Z" / "access.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert len({len(row) for row in table}) == 1
    assert len(table) > 300
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    return ran


# ── The page ──────────────────────────────────────────────────────────────────────────────────────


def row(one: Trouble, folder: Path, patch: pytest.MonkeyPatch) -> str:
    """Bring a trouble about and write its row; what differs from machine to machine is named instead."""
    ran = one.bring(folder, patch)
    assert "Traceback" not in ran.err
    assert ran.out == ""
    told = [line for line in ran.err.splitlines() if "approved by nobody" not in line]
    if ran.code in {1, 2, 3, 5}:
        *_, said, hint = told
        assert said.startswith("error: "), ran.err
        assert hint.startswith("hint: "), ran.err
    else:
        said, hint = " ".join(told), ""
    said, hint = (re.sub("(error|warning|hint): ", "", text) for text in (said, hint))
    cells = (one.name, plain(said, folder) or "–", plain(hint, folder) or "–", str(ran.code), one.left)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def plain(text: str, folder: Path) -> str:
    """Take out what a machine, a process or a port is called."""
    text = text.replace(str(folder), "FOLDER").replace(socket.gethostname(), "HOST")
    text = re.sub(r"process (?!7 on)\d+", "process PID", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "ORG", text)
    text = re.sub(r"The run \d+T\d+Z", "The run NAME", text)
    text = re.sub(r"audit\.yaml:\d+:\d+", "audit.yaml:LINE:COLUMN", text)
    return re.sub(r"\.staging-[a-z0-9_]{8}", ".staging-…", text)


def main() -> None:
    """Write the page."""
    rows = []
    for one in TROUBLES:
        with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
            rows.append(row(one, Path(place), patch))
            subprocess.run(["chmod", "-R", "u+w", place], check=True)
        sys.stdout.write(rows[-1] + "\n")
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
