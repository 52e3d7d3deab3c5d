"""Errors, retries, logins and stops, as HubSpot documents them (hubspot 1.3, 1.5)."""

from __future__ import annotations

import pytest
from served_portals import SCOPES, SECRET, portal, served

from auditor.errors import AuthenticationFailed
from auditor.snapshot import Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot.answers import read_refusal
from connectors.hubspot.client import Budget, OAuth, Refused, Token

OWNERS = {"path": "/owners"}


def fault(do, on=None):
    return {"faults": [{"match": OWNERS, "do": do, **({"on": on} if on else {})}]}


@pytest.mark.parametrize(
    ("do", "slept"),
    [
        ({"status": 502, "body": "html"}, 0),
        ({"status": 503, "body": "empty"}, 0),
        ({"status": 504}, 0),
        ({"status": 521}, 0),
        ({"status": 522}, 0),
        ({"status": 524}, 0),
        ({"status": 423}, 2),
        ({"status": 429, "policy": "SECONDLY"}, 1),
        ({"status": 429, "policy": "TEN_SECONDLY_ROLLING"}, 10),
        ({"status": 429, "headers": {"Retry-After": "17"}}, 17),
        ({"status": 429, "body": {"message": "You have reached your ten_secondly_rolling limit."}}, 10),
        ({"reset": True}, 0),
        ({"cut": True}, 0),
        ({"truncate": True}, 0),
    ],
    ids=str,
)
def test_trouble_that_passes_is_waited_for(do, slept):
    with served(portal(), faults=fault(do, [1])) as (client, _site, clock):
        answer = client.ask(cat.OWNERS, {"archived": "false"})
        assert len(answer.content["results"]) == 1
        assert client.calls == 2
        assert slept <= clock.slept <= slept + 8


@pytest.mark.parametrize(
    "do",
    [
        {"status": 502, "body": "html"},
        {"status": 423},
        {"status": 429, "policy": "TEN_SECONDLY_ROLLING"},
        {"reset": True},
        {"cut": True},
        {"truncate": True},
        {"status": 200, "body": "html"},
        {"status": 302, "headers": {"Location": "https://evil.example/"}, "body": "empty"},
        {"status": 400, "body": {"message": "CANARY-VALUE"}},
        {"status": 414, "body": "html"},
        {"status": 404, "body": "empty"},
        {"status": 405, "body": []},
    ],
    ids=str,
)
def test_trouble_that_stays_is_a_fault_of_one_call(do):
    with served(portal(), faults=fault(do)) as (client, _site, clock):
        with pytest.raises(Refused) as caught:
            client.ask(cat.OWNERS)
        assert (caught.value.unread.why, caught.value.unread.code) == (Why.FAILED, "FAULT")
        assert "CANARY" not in caught.value.unread.detail
        assert client.stopped is None
        assert client.ask(cat.USERS).content["results"]
        assert clock.slept < 5 * 60


@pytest.mark.parametrize(
    ("do", "word"),
    [
        ({"status": 429, "policy": "DAILY"}, "calls of today"),
        ({"status": 429, "body": {"message": "You have reached your daily limit."}}, "calls of today"),
        ({"status": 477, "headers": {"Retry-After": "86400"}}, "data centre"),
        ({"status": 401, "body": "empty"}, "token"),
        ({"status": 401, "body": {"category": "EXPIRED_AUTHENTICATION"}}, "token"),
    ],
    ids=str,
)
def test_some_trouble_ends_the_run(do, word):
    with served(portal(), faults=fault(do)) as (client, _site, clock):
        client.ask(cat.USERS)
        with pytest.raises(Refused, match=word):
            client.ask(cat.OWNERS)
        made = client.calls
        with pytest.raises(Refused, match=word):
            client.ask(cat.USERS)
        assert client.calls == made
        assert clock.slept == 0


def test_a_batch_that_failed_in_part_is_not_whole():
    body = {"results": [], "numErrors": 1, "errors": [{}]}
    with served(portal(), faults=fault({"status": 207, "body": body})) as (client, *_):
        assert client.ask(cat.OWNERS).whole is False


@pytest.mark.parametrize("bare", [False, True])
def test_a_missing_scope_is_named_whether_or_not_hubspot_names_it(bare):
    switches = {"scopeBody": "bare" if bare else "granular"}
    document = portal(scopes=[s for s in SCOPES if s != "forms"], switches=switches)
    with served(document) as (client, *_):
        with pytest.raises(Refused) as caught:
            client.ask(cat.FORMS)
        found = caught.value.unread
        assert (found.why, found.code) == (Why.FORBIDDEN, "MISSING_SCOPES")
        assert "forms" in found.detail
        assert found.remedy == "Give the token the scope forms."


# -- logins


def oauth(**more):
    return OAuth(lambda: "app", lambda: "CANARY-SECRET", lambda: "CANARY-REFRESH", **more)


def oauth_portal(**more):
    keys = {"clientId": "app", "clientSecret": "CANARY-SECRET", "refreshToken": "CANARY-REFRESH"}
    token = {"token": "CANARY-ACCESS", "kind": "oauth", "scopes": SCOPES, "refresh": keys, **more}
    return portal(token=token)


@pytest.mark.parametrize("access", [None, lambda: "CANARY-ACCESS"])
def test_an_oauth_app_is_told_what_its_token_opens(access):
    with served(oauth_portal(), login=oauth(access_token=access)) as (client, *_):
        kind, said = client.introspect()
        assert (kind, said["hub_id"]) == ("oauth_token", 4455001)
        assert set(SCOPES) <= set(said["scopes"])


def test_a_token_that_runs_out_is_renewed_once():
    expiring = fault({"expire_token": True}, [1])
    with served(oauth_portal(), faults=expiring, login=oauth(access_token=lambda: "CANARY-ACCESS")) as (
        client,
        site,
        _,
    ):
        assert client.ask(cat.OWNERS).content["results"]
        assert [entry.route for entry in site.log] == ["owners", "token", "owners"]


def test_a_refresh_token_that_is_no_good_ends_the_run():
    bad = OAuth(lambda: "app", lambda: "CANARY-SECRET", lambda: "CANARY-OTHER")
    with served(oauth_portal(), login=bad) as (client, *_):
        with pytest.raises(AuthenticationFailed) as caught:
            client.ask(cat.OWNERS)
        assert "CANARY" not in f"{caught.value.message} {caught.value.hint}"


def test_a_refresh_that_fails_midway_keeps_what_was_read():
    bad = OAuth(lambda: "app", lambda: "CANARY-SECRET", lambda: "no", access_token=lambda: "CANARY-ACCESS")
    with served(oauth_portal(), faults=fault({"expire_token": True}), login=bad) as (client, *_):
        client.ask(cat.USERS)
        with pytest.raises(Refused):
            client.ask(cat.OWNERS)
        assert client.stopped is not None


def test_secrets_are_not_in_any_representation():
    with served(portal()) as (client, *_):
        client.ask(cat.USERS)
        shown = " ".join(map(repr, (client, oauth(), Token(lambda: SECRET), vars(client))))
        assert SECRET not in shown
        assert "CANARY" not in shown


# -- budget


def test_a_budget_of_calls_is_kept():
    with served(portal(), budget=Budget(calls=2, daily_share=1.0)) as (client, *_):
        client.ask(cat.USERS)
        client.ask(cat.USERS)
        with pytest.raises(Refused, match="The budget of 2 calls"):
            client.ask(cat.USERS)
        assert client.calls == 2


def test_a_share_of_the_portals_day_is_left_to_others():
    limits = {"tenSecondly": 100, "daily": 1000, "dailyUsed": 799}
    with served(portal(limits=limits), budget=Budget(daily_share=0.8)) as (client, *_):
        client.ask(cat.USERS)
        assert client.usage == "800/1000"
        with pytest.raises(Refused, match="800 of the 1,000 calls"):
            client.ask(cat.USERS)


# -- error bodies


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b'{"errors": {}}',
        b'{"errors": [1, null]}',
        b'{"context": []}',
        b'{"category": 7, "message": [], "errors": [{"context": {"ids": 3}}]}',
    ],
)
def test_no_error_body_is_too_odd(content):
    found = read_refusal(400, {}, content)
    assert (found.status, found.category, found.scopes) == (400, "", ())
