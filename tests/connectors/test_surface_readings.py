"""Side doors and setup changes as they are asked for: how many calls, what may not be asked, what is not whole."""

from __future__ import annotations

import re

import pytest

from auditor.snapshot import Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.semantics.surfaces import changes, doors
from connectors.salesforce.surfaces import pages
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.connectors.connector_orgs import (
    AUDITOR,
    CANARY,
    NURSE,
    collected,
    collecting,
    connected,
    small_org,
)

OBJECTS = ("Dashboard", "Folder", "OauthToken", "ExtlClntAppOauthPlcyCnfg", "SetupAuditTrail")


def asked(log):
    """The queries for these objects, by object."""
    found = {name: [] for name in OBJECTS}
    for query in log.queries():
        name = re.search(r"FROM (\w+)", query).group(1)
        if name in found:
            found[name].append(query)
    return found


def token(number, user, app="App"):
    return {"Id": f"0CQx0000000{number:04d}AAA", "AppName": app, "UserId": user}


def test_five_calls_and_no_column_that_could_hold_a_secret():
    with running(small_org()) as served:
        snapshot = collected(connected(served))
        queries = asked(served.log)
        assert served.writes() == []
    assert {name: len(found) for name, found in queries.items()} == dict.fromkeys(OBJECTS, 1)
    text = " ".join(q for found in queries.values() for q in found)
    assert not re.search(r"AccessToken|RequestToken|DeleteToken|Display|Delegate", text)
    assert "00lx00000000001AAA" in queries["Folder"][0]
    assert "00lx00000000002AAA" not in queries["Folder"][0]
    tables = [snapshot.table(name) for name in OBJECTS]
    assert all(table.num_rows == 1 for table in tables)
    assert CANARY not in str([table.to_pylist() for table in tables])
    assert [(d.kind.value, d.open_to) for d in doors(snapshot)] == [
        ("dashboard", "everyone"),
        ("token", "app"),
        ("client-credentials", "app"),
    ]
    assert [c.action for c in changes(snapshot)] == ["PermSetAssign"]


def test_no_folder_is_asked_for_where_no_dashboard_is_in_one():
    org = small_org()
    org["tables"]["Dashboard"][0]["FolderId"] = None
    with running(org) as served:
        snapshot = collected(connected(served))
        assert asked(served.log)["Folder"] == []
    assert "Folder" not in snapshot.readings
    assert doors(snapshot)[0].open_to == "unknown"


@pytest.mark.parametrize("place", [NURSE, "00D000000000001EAA"])
def test_a_dashboard_in_no_folder(place):
    org = small_org()
    org["tables"]["Dashboard"][0]["FolderId"] = place
    with collecting(org) as snapshot:
        assert snapshot.readings["Folder"].complete
        assert snapshot.table("Folder").num_rows == 0
    assert doors(snapshot)[0].open_to == "unknown"


def test_a_folder_that_is_refused_leaves_the_dashboards():
    with collecting(small_org(running_user={"hidden_objects": ["Folder"]})) as snapshot:
        assert snapshot.unread("Folder").why is Why.FORBIDDEN
    assert doors(snapshot)[0].open_to == "unknown"


# -- tokens


@pytest.mark.parametrize(
    ("tokens", "permissions", "why"),
    [
        ([token(1, NURSE)], [], None),
        ([token(1, AUDITOR), token(2, NURSE)], [], None),
        ([token(1, AUDITOR)], [], Why.NOT_EXPOSED),
        ([], [], Why.NOT_EXPOSED),
        ([token(1, AUDITOR)], ["CustomizeApplication"], None),
        ([], ["CustomizeApplication"], None),
    ],
)
def test_whether_all_tokens_are_shown(tokens, permissions, why):
    """Only somebody else's token, or the permission that shows them, proves that there are no more."""
    allowed = ["ApiEnabled", "ViewSetup", "ViewRoles", *permissions]
    org = small_org(running_user={"permissions": allowed}, tables={"OauthToken": tokens})
    with collecting(org) as snapshot:
        reading = snapshot.readings["OauthToken"]
    assert reading.table.num_rows == len(tokens)
    if why is None:
        assert reading.complete
    else:
        assert reading.unread.why is why
        assert reading.unread.detail.endswith(".")
        assert "by hand" in reading.unread.remedy


def test_a_platform_that_shows_own_tokens_only():
    org = small_org(behaviour={"own_rows_only": True}, tables={"OauthToken": [token(1, NURSE)]})
    with collecting(org) as snapshot:
        reading = snapshot.readings["OauthToken"]
    assert reading.table.num_rows == 0
    assert reading.unread.why is Why.NOT_EXPOSED


def test_somebody_unknown_is_not_taken_for_somebody_else(monkeypatch):
    def unknown(_client):
        raise Refused(Unread(Why.FAILED, "oauth2/userinfo did not name the connected user."))

    monkeypatch.setattr(Client, "user_id", unknown)
    with collecting(small_org()) as snapshot:
        assert snapshot.unread("OauthToken").why is Why.NOT_EXPOSED


@pytest.mark.parametrize(("count", "whole"), [(2499, True), (2500, False), (2501, True)])
def test_more_tokens_than_the_platform_gives(count, whole):
    """Exactly the maximum may be all or not; more than it proves that it does not apply."""
    org = small_org(tables={"OauthToken": [token(n, NURSE) for n in range(count)]})
    with collecting(org) as snapshot:
        reading = snapshot.readings["OauthToken"]
    assert reading.table.num_rows == count
    assert pages(reading) == -(-count // 500)
    assert reading.complete is whole
    if not whole:
        assert reading.unread.why is Why.TRUNCATED
        assert "2,500" in reading.unread.detail


def test_a_token_reading_that_fails_is_not_called_not_exposed():
    faults = Faults.of(Fault(Kind.SERVER_ERROR, times=None, on=r"FROM OauthToken\b"))
    with collecting(small_org(), faults=faults) as snapshot:
        assert snapshot.unread("OauthToken").why is Why.FAILED


# -- apps


@pytest.mark.parametrize(
    ("kind", "why"), [(Kind.OBJECT_FORBIDDEN, Why.FORBIDDEN), (Kind.SERVER_ERROR, Why.FAILED)]
)
def test_apps_that_are_refused_are_not_called_not_exposed(kind, why):
    faults = Faults.of(Fault(kind, times=None, on=r"FROM ExtlClntAppOauthPlcyCnfg\b"))
    with collecting(small_org(), faults=faults) as snapshot:
        unread = snapshot.unread("ExtlClntAppOauthPlcyCnfg")
    assert unread.why is why
    assert unread.remedy == cat.CLIENT_CREDENTIALS.remedy


def test_an_org_without_external_client_apps():
    with collecting(small_org(running_user={"hidden_objects": ["ExtlClntAppOauthPlcyCnfg"]})) as snapshot:
        unread = snapshot.unread("ExtlClntAppOauthPlcyCnfg")
    assert unread.why is Why.NOT_EXPOSED
    assert [d.kind.value for d in doors(snapshot)] == ["dashboard", "token"]
