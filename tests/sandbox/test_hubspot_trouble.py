"""Limits, faults and the request log of the HubSpot sandbox, and the scenarios it serves."""

from __future__ import annotations

import json
import time

import pytest
import requests
from hubspot_portals import APP, KEY, NARROW, Desk, HandClock, small_portal

from sandbox.hubspot import FixtureError, load_faults, load_fixture, running

# --- limits -------------------------------------------------------------------------------------------------


def test_ten_seconds_have_room_for_so_many_requests():
    clock = HandClock()
    with running(small_portal(tier="FREE"), clock=clock) as served, Desk(served.url) as asking:
        first = asking.get("/account-info/v3/details")
        assert first.headers["X-HubSpot-RateLimit-Max"] == "100"
        assert first.headers["X-HubSpot-RateLimit-Remaining"] == "99"
        assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert first.headers["X-HubSpot-RateLimit-Daily"] == "250000"
        assert first.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "249999"
        statuses = [asking.get("/account-info/v3/details").status_code for _ in range(100)]
        assert statuses == [200] * 99 + [429]
        refused = asking.get("/account-info/v3/details")
        assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert refused.json()["errorType"] == "RATE_LIMIT"
        assert "Retry-After" not in refused.headers
        with Desk(served.url, NARROW) as other:  # another app has a window of its own
            assert other.get("/account-info/v3/details").status_code == 200
        clock.now = 10.0
        assert asking.get("/account-info/v3/details").status_code == 200


def test_a_second_has_room_for_five_searches_of_all_tokens():
    clock = HandClock()
    with (
        running(small_portal(), clock=clock) as served,
        Desk(served.url) as one,
        Desk(served.url, NARROW) as two,
    ):
        assert [desk.search([]).status_code for desk in (one, two, one, two, one)] == [200] * 5
        assert two.search([]).json()["policyName"] == "SECONDLY"
        clock.now = 1.0
        assert two.search([]).status_code == 200


def test_a_day_ends():
    limits = {"daily": 10, "dailyUsed": 9}
    with running(small_portal(limits=limits), clock=HandClock()) as served, Desk(served.url) as asking:
        assert asking.get("/account-info/v3/details").status_code == 200
        body = asking.get("/account-info/v3/details").json()
        assert (body["policyName"], body["message"]) == ("DAILY", "You have reached your daily limit.")
        with Desk(served.url, APP) as app:
            answer = app.get("/account-info/v3/details")
        assert answer.headers["X-HubSpot-RateLimit-Max"] == "110"
        assert "X-HubSpot-RateLimit-Daily" not in answer.headers


# --- faults -------------------------------------------------------------------------------------------------


def _portal_with(*do, path="/owners", on=(1,)):
    faults = {"faults": [{"match": {"path": path}, "on": list(on), "do": each} for each in do]}
    return running(small_portal(), faults=faults, clock=HandClock())


@pytest.mark.parametrize(
    ("do", "status", "text"),
    [
        ({"status": 502, "body": "html"}, 502, "<html>"),
        ({"status": 503, "body": "empty"}, 503, ""),
        ({"status": 400, "body": {"category": "ODD"}}, 400, "ODD"),
        ({"status": 423}, 423, "locked"),
        ({"status": 477, "headers": {"Retry-After": "60"}}, 477, "data center"),
        ({"status": 429, "policy": "DAILY"}, 429, "daily limit"),
        ({"status": 429}, 429, "ten_secondly_rolling limit"),
        ({"expire_token": True}, 401, "EXPIRED_AUTHENTICATION"),
    ],
)
def test_a_fault_answers_instead(do, status, text):
    with _portal_with(do) as served, Desk(served.url) as asking:
        answer = asking.get("/crm/v3/owners")
        assert answer.status_code == status
        assert text in answer.text
        assert answer.headers.get("Retry-After") == do.get("headers", {}).get("Retry-After")
        again = asking.get("/crm/v3/owners")
        assert again.status_code == (401 if "expire_token" in do else 200)
        assert [each.fault is not None for each in served.log] == [True, False]


@pytest.mark.parametrize("do", [{"reset": True}, {"cut": True}])
def test_a_fault_breaks_the_connection(do):
    with _portal_with(do) as served, Desk(served.url) as asking:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            asking.get("/crm/v3/owners")
        assert asking.get("/crm/v3/owners").status_code == 200
        assert [each.status for each in served.log] == [0 if "reset" in do else 200, 200]


def test_a_fault_leaves_half_the_json():
    with _portal_with({"truncate": True}) as served, Desk(served.url) as asking:
        answer = asking.get("/crm/v3/owners")
        assert answer.status_code == 200
        with pytest.raises(ValueError, match=r"JSON|char|delimiter|Unterminated"):
            json.loads(answer.text)


def test_a_fault_takes_its_time():
    with _portal_with({"slow": 0.2}) as served, Desk(served.url) as asking:
        begun = time.monotonic()
        assert asking.get("/crm/v3/owners").status_code == 200
        assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("path", "query"),
    [("/crm/v3/owners", {"limit": 1}), ("/crm/v3/objects/contacts", {"limit": 1}), ("/crm/v3/owners", {})],
)
def test_a_cursor_repeats(path, query):
    with _portal_with({"repeat_cursor": True}, path=path, on=(1, 2)) as served, Desk(served.url) as asking:
        first = asking.get(path, **query).json()
        second = asking.get(path, **query, after=first["paging"]["next"]["after"]).json()
        assert second["results"] == first["results"]
        assert second["paging"]["next"]["after"] == first["paging"]["next"]["after"]


def test_an_offset_repeats():
    with _portal_with({"repeat_cursor": True}, path="/lists/search") as served, Desk(served.url) as asking:
        body = asking.post("/crm/v3/lists/search", {"offset": 1}).json()
        assert (body["hasMore"], body["offset"]) == (True, 1)


# --- the log ------------------------------------------------------------------------------------------------


def test_the_log_tells_what_was_asked_and_never_a_token(tmp_path):
    file = tmp_path / "calls.jsonl"
    with running(small_portal(), clock=HandClock(), log_file=file) as served, Desk(served.url) as asking:
        asking.get("/crm/v3/objects/contacts/1", properties="primary_diagnosis,last_visit,old_field")
        asking.search([{"propertyName": "score", "operator": "HAS_PROPERTY"}], properties=["createdate"])
        asking.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": KEY})
        asking.post("/crm/v3/objects/contacts", {"properties": {"email": "x@y.example"}})
        assert "contacts.primary_diagnosis" in served.log.values()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4]
    assert lines[0].keys() == {
        "n", "method", "path", "query", "route", "status", "fault", "body", "values", "violation",
    }  # fmt: skip
    assert [line["route"] for line in lines] == ["record", "record_search", "private_app_token", None]
    assert lines[0]["query"] == "properties=primary_diagnosis,last_visit,old_field"
    assert "contacts.last_visit" in lines[0]["values"]
    assert lines[1]["body"]["properties"] == ["createdate"]
    assert lines[1]["values"] == ["contacts.createdate", "contacts.hs_object_id", "contacts.lastmodifieddate"]
    assert [line["body"] for line in lines[2:]] == [None, None]
    assert [line["violation"] for line in lines] == [False, False, False, True]
    assert KEY not in file.read_text()


# --- size ---------------------------------------------------------------------------------------------------


def test_a_million_contacts_are_counted_in_no_time():
    bulk = {
        "object": "contacts",
        "count": 1_000_000,
        "firstId": 1000,
        "properties": {
            "createdate": {"start": "2009-01-01T00:00:00.000Z", "stepSeconds": 600},
            "last_visit": {"start": "2009-01-01T00:00:00.000Z", "stepSeconds": 43_200},
            "primary_diagnosis": ["t2d", None, ""],
            "score": "7",
        },
    }
    with running(small_portal(bulk=[bulk], records={})) as served, Desk(served.url) as asking:
        begun = time.monotonic()
        old = {"propertyName": "createdate", "operator": "LT", "value": "1230768600000"}
        ill = {"propertyName": "primary_diagnosis", "operator": "HAS_PROPERTY"}
        assert asking.search([old]).json()["total"] == 1
        assert asking.search([ill], limit=1).json()["total"] == 333_334
        assert time.monotonic() - begun < 2
        page = asking.get("/crm/v3/objects/contacts", after="1000999", properties="last_visit,score").json()
        (row,) = page["results"]
        assert row["properties"]["last_visit"] == "3377-12-14"
        assert row["properties"]["score"] == "7"
        assert "paging" not in page
        last = {"propertyName": "last_visit", "operator": "EQ", "value": "2009-01-02"}
        assert asking.ids(last) == ["1002", "1003"]


# --- fixtures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"format": "hubspot-portal/2"}, "format"),
        ({"user": []}, "user"),
        ({"tier": "GOLD"}, "tier"),
        ({"users": [{"id": "1"}]}, "users[0].email"),
        ({"users": {}}, "users"),
        ({"tokens": [{"token": "x", "kind": "password"}]}, "tokens[0].kind"),
        ({"tokens": [{"token": "x", "kind": "oauth", "refresh": {}}]}, "tokens[0].refresh.clientId"),
        ({"properties": {"patients": []}}, "properties.patients"),
        ({"properties": {"contacts": [{}]}}, "properties.contacts[0].name"),
        ({"properties": {"contacts": [{"name": "a", "dataSensitivity": "x"}]}}, "dataSensitivity"),
        ({"switches": {"turbo": True}}, "switches.turbo"),
        ({"switches": {"rolesOnTier": 1}}, "switches.rolesOnTier"),
        ({"schemas": [{"objectTypeId": "visit", "name": "visit"}]}, "schemas[0].objectTypeId"),
        ({"records": {"contacts": [{"id": "x"}]}}, "records.contacts[0].id"),
        ({"records": {"contacts": [{"id": "1", "createdAt": "soon"}]}}, "records.contacts[0].createdAt"),
        ({"bulk": [{"object": "contacts", "count": -1}]}, "bulk[0].count"),
        ({"bulk": [{"object": "contacts", "properties": {"x": {"start": 5}}}]}, "bulk[0].properties.x.start"),
        ({"limits": {"hourly": 1}}, "limits.hourly"),
        ({"activity": {"gossip": []}}, "activity.gossip"),
        ({"forms": [{"id": "1", "name": "x", "fieldGroups": [{"fields": [{}]}]}]}, "fields[0].name"),
        ({"account": {"portalId": "x"}}, "account.portalId"),
        ({"now": "soon"}, "now"),
    ],
)
def test_a_fixture_that_cannot_be_served_says_where(change, place):
    with pytest.raises(FixtureError, match="fixture: ") as caught:
        load_fixture(small_portal(**change))
    assert place in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "half.json").write_text('{"format":')
    (tmp_path / "list.json").write_text("[]")
    for load in (load_fixture, load_faults):
        for name in ("none.json", "half.json", "list.json"):
            with pytest.raises(FixtureError, match=name):
                load(tmp_path / name)


@pytest.mark.parametrize(
    "fault",
    [
        "x",
        {"do": {}},
        {"do": {"explode": True}},
        {"on": 1, "do": {"cut": True}},
        {"match": {"path": "("}, "do": {"cut": True}},
    ],
)
def test_faults_that_cannot_be_ordered_say_where(fault):
    with pytest.raises(FixtureError, match=r"faults\[0\]"):
        load_faults({"faults": [fault]})


def test_it_serves_over_tls():
    with running(small_portal(), tls=True) as served:
        header = {"Authorization": f"Bearer {KEY}"}
        url = f"{served.url}/account-info/v3/details"
        answer = requests.get(url, headers=header, verify=served.ca_file, timeout=10)
    assert answer.json()["portalId"] == 4455001


READS = {
    "/crm/v3/properties/contacts": "schema",
    "/settings/v3/users/": "users",
    "/crm/v3/objects/contacts": "records",
    "/account-info/v3/details": "account",
}


def test_every_scenario_is_served(shared):
    folders = sorted((shared / "data" / "scenarios" / "hubspot").glob("*/portal.json"))
    assert len(folders) >= 20
    for portal in folders:
        given = json.loads((portal.parent / "given.json").read_text())
        with running(portal, clock=HandClock()) as served, Desk(served.url, given["token"]) as asking:
            assert {path: asking.get(path).status_code for path in READS} == dict.fromkeys(READS, 200), portal
            assert served.writes() == []
        if (portal.parent / "faults.json").exists():
            assert load_faults(portal.parent / "faults.json")
