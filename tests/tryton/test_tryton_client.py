"""Logging in, refusals of every kind, and what a lost server leaves behind."""

from __future__ import annotations

import logging

import pytest
from clinics import PASSWORD, client_of, gnu, served

from auditor.errors import AuthenticationFailed, CollectionError, ConfigError
from auditor.snapshot import Why
from connectors.tryton import catalogue as cat
from connectors.tryton.client import ATTEMPTS, Client, Refused

COUNT = (cat.USERS.count, cat.count_of([]))


def refused(client: Client, method=COUNT[0], params=COUNT[1]):
    with pytest.raises(Refused) as error:
        client.ask(method, params, what="users")
    return error.value.unread


def test_a_session_is_opened_once_and_ended():
    with served(gnu()) as site:
        client = client_of(site)
        assert client.ask(*COUNT, what="users") == 10
        assert client.ask(*COUNT, what="users") == 10
        assert (client.user_id, client.login, client.calls) == (10, "auditor", 3)
        client.log_out()
        client.log_out()
        assert site.methods == ["common.db.login", COUNT[0], COUNT[0], "common.db.logout"]
        assert client.version() == "7.0.59"


@pytest.mark.parametrize(
    ("more", "answer", "kind", "words"),
    [
        ({"password": "wrong"}, None, AuthenticationFailed, "does not accept login and password of auditor"),
        ({"login": "gone"}, None, AuthenticationFailed, "does not accept"),
        ({"database": "nodb"}, None, CollectionError, "has no database nodb"),
        ({}, (429, ""), AuthenticationFailed, "no more logins for now"),
        ({}, (418, ""), CollectionError, "HTTP 418"),
        ({}, (200, {"result": None}), AuthenticationFailed, "does not accept"),
        (
            {},
            (200, {"error": ["LoginException", ["sms", "Code?", "char"]]}),
            AuthenticationFailed,
            "more than a password",
        ),
        ({}, (200, {"error": ["boom", ""]}), CollectionError, "HTTP 500"),
        ({}, (200, "<html>hello</html>"), CollectionError, "as Tryton does"),
        ({}, (200, {"nothing": 1}), CollectionError, "as Tryton does"),
        ({}, (200, "[" * 100_000), CollectionError, "as Tryton does"),
        ({}, (200, {"result": [1, "\ud800"]}), AuthenticationFailed, "does not accept"),
    ],
)
def test_logins_that_fail(more, answer, kind, words):
    with served(gnu()) as site:
        if answer:
            site.instead = lambda method, *_: answer
        client = client_of(site, **more)
        with pytest.raises(kind, match=words) as error:
            client.log_in()
    said = f"{error.value.message} {error.value.hint} {client!r}"
    assert PASSWORD not in said
    assert "wrong" not in said
    if answer == (429, ""):
        assert site.methods == ["common.db.login"]  # each further try would make it worse


def test_an_empty_password_is_a_mistake_of_the_configuration():
    with served(gnu()) as site, pytest.raises(ConfigError, match="empty"):
        client_of(site, password="\n").log_in()
    assert site.asked == []


def test_the_line_end_of_a_file_is_no_part_of_the_password():
    with served(gnu()) as site:
        client_of(site, password=f"{PASSWORD}\n").log_in()


def test_a_session_that_ends_is_opened_again():
    with served(gnu()) as site:
        site.instead = lambda method, _, times: (401, "") if method == COUNT[0] and times == 1 else None
        assert client_of(site).ask(*COUNT, what="users") == 10
        assert site.methods.count("common.db.login") == 2


def test_a_session_that_keeps_ending_stops_the_run():
    with served(gnu()) as site:
        site.instead = lambda method, *_: (401, "") if method == COUNT[0] else None
        client = client_of(site)
        assert refused(client).why is Why.FAILED
        calls = client.calls
        assert "ended the session" in refused(client).detail
        assert client.calls == calls


def test_a_password_that_no_longer_holds_stops_the_run():
    with served(gnu()) as site:
        client = client_of(site)
        client.log_in()
        site.instead = lambda *_: (401, "")
        assert "does not accept" in refused(client).detail
        assert "does not accept" in refused(client).detail


@pytest.mark.parametrize(
    ("answer", "why", "words"),
    [
        (
            (200, {"error": ["UserError", ["You are not allowed CANARY", "", None]]}),
            Why.FORBIDDEN,
            "does not let",
        ),
        ((200, {"error": ["boom CANARY", "trace"]}), Why.FAILED, "an error of its own"),
        ((200, {"error": "CANARY"}), Why.FAILED, "an error of its own"),
        ((403, "<html>CANARY</html>"), Why.NOT_EXPOSED, "to no program"),
        ((404, ""), Why.FAILED, "HTTP 404"),
        ((503, ""), Why.FAILED, "HTTP 503"),
        ((200, "[CANARY"), Why.FAILED, "not one of Tryton"),
        ((200, "[1]"), Why.FAILED, "not one of Tryton"),
        ((200, "[" * 100_000), Why.FAILED, "not one of Tryton"),
    ],
)
def test_refusals(answer, why, words, caplog):
    caplog.set_level(logging.DEBUG)
    with served(gnu()) as site:
        site.instead = lambda method, *_: answer if method == COUNT[0] else None
        unread = refused(client_of(site))
    assert unread.why is why
    assert words in unread.detail
    assert "CANARY" not in f"{unread} {caplog.text}"
    assert PASSWORD not in caplog.text


def test_what_passes_is_tried_again():
    with served(gnu()) as site:
        site.instead = lambda method, _, times: (503, "") if method == COUNT[0] and times < ATTEMPTS else None
        assert client_of(site).ask(*COUNT, what="users") == 10


def test_a_server_that_is_gone_is_not_asked_for_ever():
    with served(gnu()) as site:
        client = client_of(site)
        client.log_in()
    unread = refused(client)
    assert unread.why is Why.FAILED
    assert "could not be reached" in unread.detail
    calls = client.calls
    assert refused(client).detail == unread.detail
    assert client.calls == calls
    client.log_out()  # says nothing
    with pytest.raises(CollectionError, match="could not be reached"):
        client_of(site).log_in()
    with pytest.raises(Refused, match="could not be reached"):
        client_of(site).version()


@pytest.mark.parametrize("answer", [(200, {"error": ["boom CANARY", ""]}), (200, "[" * 100_000), (500, "")])
def test_a_session_that_cannot_be_ended_is_left(answer):
    with served(gnu()) as site:
        client = client_of(site)
        client.log_in()
        site.instead = lambda *_: answer
        client.log_out()
        assert site.methods[-1] == "common.db.logout"


@pytest.mark.parametrize(
    "answer",
    [
        (500, ""),
        (200, "x"),
        (200, "[" * 100_000),
        (200, {"error": ["x"]}),
        (200, {"result": 7}),
        (200, {"result": "\ud800"}),
    ],
)
def test_a_version_that_is_not_told(answer):
    with served(gnu()) as site:
        site.instead = lambda *_: answer
        with pytest.raises(Refused):
            client_of(site).version()


def test_the_budget_ends_a_run():
    with served(gnu()) as site:
        client = client_of(site, budget_calls=2)
        client.ask(*COUNT, what="users")
        assert refused(client).why is Why.TRUNCATED
        with pytest.raises(Refused, match="budget of 2 calls"):
            client.version()


def test_the_server_itself_is_asked_about_a_field():
    with served(gnu()) as site:
        client = client_of(site, "fred")
        assert client.may_read("gnuhealth.patient", "diagnosis")
        assert not client.may_read("gnuhealth.patient", "drug_usage")
        with pytest.raises(Refused) as error:
            client.may_read("gnuhealth.patient-disease", "diagnosis")
        assert error.value.unread.why is Why.NOT_EXPOSED
        assert all(params[0] == [] for method, params in site.asked if method.endswith(".read"))
