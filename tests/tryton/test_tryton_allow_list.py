"""What may leave for a Tryton server, by path, method and the shape of the arguments; and that nothing else does."""

from __future__ import annotations

import json

import pytest
import requests
from clinics import gnu, served

from auditor.errors import ConfigError, RefusedCall
from connectors.transport import Transport
from connectors.tryton import catalogue as cat
from connectors.tryton.client import ReadOnlySession
from connectors.tryton.hosts import base_of, database_of

EVERY = {"active_test": False}
DAY = {"__class__": "date", "year": 2020, "month": 1, "day": 31}
PATIENT = "model.gnuhealth.patient"


@pytest.mark.parametrize("question", cat.QUESTIONS, ids=lambda one: one.reading)
def test_every_question_may_leave_and_no_other_column(question):
    page = cat.read_page(question, -1)
    assert cat.may_leave("/clinic/", question.method, page, "clinic")
    assert cat.may_leave("/clinic/", question.method, cat.read_one(question, 7), "clinic")
    assert cat.may_leave("/clinic/", question.count, cat.count_of([]), "clinic")
    wider = [*page[:4], [*question.columns, "password_hash"], page[5]]
    assert not cat.may_leave("/clinic/", question.method, wider, "clinic")
    assert not cat.may_leave("/other/", question.method, page, "clinic")
    assert question.lost.endswith(".")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("common.db.login", ["auditor", {"password": "x"}]),
        ("common.db.logout", []),
        ("system.listMethods", []),
        (f"{PATIENT}.search_count", [[], EVERY]),
        (f"{PATIENT}.search_count", [[["active", "=", True], ["create_date", "<", DAY]], EVERY]),
        (f"{PATIENT}.search_count", [[["birth", "=", None], ["write_date", "!=", None]], EVERY]),
        (f"{PATIENT}.read", [[], ["diagnosis"], {}]),
    ],
)
def test_what_may_leave(method, params):
    assert cat.may_leave("/clinic/", method, params, "clinic")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (f"{PATIENT}.read", [[1], ["diagnosis"], {}]),
        (f"{PATIENT}.read", [[], ["diagnosis", "birth"], {}]),
        (f"{PATIENT}.read", [[], ["name."], {}]),
        (f"{PATIENT}.read", [[], ["diagnosis"], {"_check_access": False}]),
        (f"{PATIENT}.read", [[], ["diagnosis"]]),
        (f"{PATIENT}.search", [[], 0, None, None, {}]),
        (f"{PATIENT}.search_read", [[], 0, 10, None, ["diagnosis"], {}]),
        (f"{PATIENT}.search_count", [[["diagnosis", "=", "HIV"]], EVERY]),
        (f"{PATIENT}.search_count", [[["diagnosis", "ilike", "H%"]], EVERY]),
        (f"{PATIENT}.search_count", [[["age", "<", 18]], EVERY]),
        (f"{PATIENT}.search_count", [[["name.birth", "<", DAY]], EVERY]),
        (f"{PATIENT}.search_count", [[["birth", "<", {**DAY, "year": "2020"}]], EVERY]),
        (f"{PATIENT}.search_count", [[["birth", "<", {"__class__": "Decimal", "decimal": "1"}]], EVERY]),
        (f"{PATIENT}.search_count", [["OR", ["active", "=", True]], EVERY]),
        (f"{PATIENT}.search_count", ["all", EVERY]),
        (f"{PATIENT}.search_count", [[], {}]),
        (f"{PATIENT}.search_count", [[]]),
        (f"{PATIENT}.write", [[1], {}, {}]),
        (f"{PATIENT}.delete", [[1], {}]),
        (f"{PATIENT}.create", [[{}], {}]),
        (f"{PATIENT}.export_data", [[1], ["diagnosis"], {}]),
        (f"{PATIENT}.fields_get", [[], {}]),
        (
            "model.ir.model.search_read",
            [[["id", ">", True]], 0, 1000, [["id", "ASC"]], ["model", "name"], EVERY],
        ),
        ("model.ir.model.search_read", [[["id", ">", -1]], 0, 1000, [["id", "ASC"]], ["model", "name"], {}]),
        (
            "model.ir.model.search_read",
            [[["name", "=", "x"]], 0, 1, [["id", "ASC"]], ["model", "name"], EVERY],
        ),
        ("model.ir.model.search_read", []),
        ("model.res.user.set_preferences", [{}, {}]),
        ("wizard.ir.module.activate_upgrade.execute", []),
        ("report.x.execute", []),
        ("common.db.login", ["auditor", {"password": "x"}, "en"]),
        ("common.db.login", ["auditor", {"password": "x", "device_cookie": "y"}]),
        ("common.db.logout", [1]),
        ("system.methodHelp", []),
        ("common.db.list", []),
        ("common.server.version", []),
    ],
)
def test_what_may_not(method, params):
    assert not cat.may_leave("/clinic/", method, params, "clinic")


def test_the_version_is_asked_of_no_database():
    assert cat.may_leave("/", "common.server.version", [], "clinic")
    assert not cat.may_leave("/", "common.db.list", [], "clinic")
    assert not cat.may_leave("/", "common.server.version", ["x"], "clinic")
    assert not cat.may_leave("/clinic/", "common.db.logout", {}, "clinic")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/clinic/", None),
        ("POST", "/clinic/", "no json"),
        ("POST", "/clinic/", "[1]"),
        ("POST", "/clinic/", json.dumps({"method": 7, "params": []})),
        ("POST", "/clinic/", json.dumps({"method": f"{PATIENT}.write", "params": []})),
        ("POST", "/other/", json.dumps({"method": "common.db.logout", "params": []})),
        ("POST", "/clinic/?x=1", json.dumps({"method": "common.db.logout", "params": []})),
    ],
)
def test_nothing_else_reaches_the_socket(method, path, body):
    with served(gnu()) as site:
        session = ReadOnlySession(Transport(), site.url, "clinic")
        with pytest.raises(RefusedCall, match="stopped before it left") as stopped:
            session.request(method, f"{site.url}{path}", data=body)
        with pytest.raises(RefusedCall):
            session.request("POST", "https://elsewhere.example/clinic/", data=body)
        assert site.asked == []
        assert session.calls == 0
    assert "no json" not in stopped.value.message


def test_no_netrc_and_no_redirect():
    session = ReadOnlySession(
        Transport(ca_bundle="x.pem", proxy="http://127.0.0.1:9"), "http://127.0.0.1:9", "c"
    )
    body = json.dumps({"method": "common.db.logout", "params": []})
    with pytest.raises((requests.RequestException, OSError)):
        session.request("POST", "http://127.0.0.1:9/c/", data=body)
    assert session.calls == 1


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://tryton.example.org/", "https://tryton.example.org"),
        ("https://tryton.example.org:8000/t/", "https://tryton.example.org:8000/t"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses(text, base):
    assert base_of(text) == base


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://tryton.example.org", "without TLS"),
        ("https://me:secret@tryton.example.org", "must not carry"),
        ("https://tryton.example.org?db=x", "no “\\?”"),
        ("tryton.example.org", "not a web address"),
        ("https://[::1", "not a web address"),
        ("https://a b", "not a web address"),
    ],
)
def test_no_addresses(text, words):
    with pytest.raises(ConfigError, match=words) as error:
        base_of(text)
    assert "secret" not in error.value.message


def test_databases():
    assert database_of("clinic_2026.a") == "clinic_2026.a"
    for odd in ("", "../x", "a/b", "a b", ".x"):
        with pytest.raises(ConfigError, match="name of a database"):
            database_of(odd)
