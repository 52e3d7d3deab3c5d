"""Side doors and permission changes out of rows: each decision of the reference, one row at a time."""

from __future__ import annotations

import pytest

from auditor.doors import Change, Door, DoorKind
from auditor.snapshot import Snapshot
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.surfaces import changes, doors
from tests.semantics.snapshots import snapshot

NURSE = "005x00000000002AAA"
OPEN, SHARED, HIDDEN, EDIT = (f"00lx0000000000{n}AAA" for n in range(1, 5))
FOLDERS = [
    {"Id": OPEN, "AccessType": "Public", "Type": "Dashboard"},
    {"Id": SHARED, "AccessType": "Shared", "Type": "Dashboard"},
    {"Id": HIDDEN, "AccessType": "Hidden", "Type": "Dashboard"},
    {"Id": EDIT, "AccessType": "PublicEdit", "Type": "Dashboard"},
]


def dashboard(**more):
    plain = {"Id": "01Zx00000000001AAA", "Title": "Load", "FolderId": OPEN, "Type": "SpecifiedUser"}
    return {**plain, "RunningUserId": NURSE, **more}


def app(**more):
    plain = {"Id": "0xOx00000000001AAA", "DeveloperName": "Nightly"}
    return {**plain, "IsClientCredentialsFlowEnabled": True, "ClientCredentialsFlowUser": NURSE, **more}


@pytest.mark.parametrize(
    ("folder", "open_to"),
    [
        (OPEN, "everyone"),
        (EDIT, "everyone"),
        (EDIT[:15], "everyone"),
        (HIDDEN, "nobody"),
        (SHARED, "unknown"),
        (NURSE, "unknown"),
        ("00lx00000000009AAA", "unknown"),
        (None, "unknown"),
    ],
)
def test_to_whom_a_dashboard_is_open(folder, open_to):
    (door,) = doors(snapshot({"Dashboard": [dashboard(FolderId=folder)], "Folder": FOLDERS}))
    assert door == Door(DoorKind.DASHBOARD, "01Zx00000000001AAA", "Load", NURSE, open_to)


def test_without_folders_it_is_unknown_to_whom_a_dashboard_is_open():
    for how in ({"unread": ["Folder"]}, {"absent": ["Folder"]}):
        (door,) = doors(snapshot({"Dashboard": [dashboard()]}, **how))
        assert door.open_to == "unknown"


@pytest.mark.parametrize(
    "row",
    [{"Type": "LoggedInUser"}, {"Type": "MyTeamUser"}, {"Type": None}, {"RunningUserId": None}],
)
def test_a_dashboard_that_runs_as_nobody_in_particular_is_no_door(row):
    assert doors(snapshot({"Dashboard": [dashboard(**row)], "Folder": FOLDERS})) == ()


def test_a_dashboard_without_a_title_goes_by_its_id():
    (door,) = doors(snapshot({"Dashboard": [dashboard(Title=None, RunningUserId=NURSE[:15])]}))
    assert (door.label, door.through) == (door.id, NURSE)


def test_tokens_of_one_app_and_person_are_one_door():
    rows = [
        {"Id": f"0CQx0000000000{n}AAA", "AppName": name, "UserId": user}
        for n, (name, user) in enumerate(
            [
                ("Sync", NURSE),
                ("Sync", NURSE[:15]),
                ("Sync", "005x00000000003AAA"),
                (None, NURSE),
                ("Gone", None),
            ]
        )
    ]
    found = doors(snapshot({"OauthToken": rows}))
    assert [(d.kind.value, d.id, d.through, d.open_to) for d in found] == [
        ("token", "", NURSE, "app"),
        ("token", "Sync", NURSE, "app"),
        ("token", "Sync", "005x00000000003AAA", "app"),
    ]
    assert found[0].label


@pytest.mark.parametrize(
    ("row", "through"),
    [
        ({}, NURSE),
        ({"ClientCredentialsFlowUser": NURSE[:15]}, NURSE),
        ({"ClientCredentialsFlowUser": "Nurse@Clinic.example"}, NURSE),
        ({"ClientCredentialsFlowUser": "other@clinic.example"}, "other@clinic.example"),
        ({"IsClientCredentialsFlowEnabled": False}, None),
        ({"ClientCredentialsFlowUser": None}, None),
    ],
)
def test_as_whom_an_app_logs_in(row, through):
    users = [{"Id": NURSE, "Username": "nurse@clinic.example"}, {"Id": "005x00000000003AAA"}]
    found = doors(snapshot({"ExtlClntAppOauthPlcyCnfg": [app(**row)], "User": users}))
    expected = Door(DoorKind.CLIENT_CREDENTIALS, "Nightly", "Nightly", through or "", "app")
    assert found == ((expected,) if through else ())


def test_an_app_without_a_name_goes_by_its_id():
    (door,) = doors(snapshot({"ExtlClntAppOauthPlcyCnfg": [app(DeveloperName=None)]}))
    assert door.id == door.label == "0xOx00000000001AAA"


def test_doors_come_in_an_order_of_their_own():
    dashboards = [dashboard(Id=f"01Zx0000000000{n}AAA") for n in (2, 1)]
    rows = {
        "ExtlClntAppOauthPlcyCnfg": [app()],
        "OauthToken": [{"Id": "0CQx00000000001AAA", "AppName": "A", "UserId": NURSE}],
        "Dashboard": dashboards,
    }
    found = doors(snapshot(rows))
    assert [d.id for d in found] == ["01Zx00000000001AAA", "01Zx00000000002AAA", "A", "Nightly"]
    assert doors(snapshot({**rows, "Dashboard": dashboards[::-1]})) == found


@pytest.mark.parametrize(
    ("action", "counts"),
    [
        ("PermSetAssign", True),
        ("PermSetUnassign", True),
        ("PermSetGroupAssign", True),
        ("PermSetLicenseUnassign", True),
        ("PermSetCreate", True),
        ("changedprofileforuser", True),
        ("changedprofileforusercusttostd", True),
        ("changedpassword", False),
        ("createdPermSet", False),
        ("", False),
        (None, False),
    ],
)
def test_which_changes_are_about_permissions(action, counts):
    row = {
        "Id": "0Ymx00000000001",
        "Action": action,
        "Section": "Manage Users",
        "CreatedDate": "2026-11-23T22:10:00.000+0000",
        "CreatedById": NURSE[:15],
    }
    found = changes(snapshot({"SetupAuditTrail": [row]}))
    expected = Change(to18(row["Id"]), str(action), row["Section"], row["CreatedDate"], NURSE)
    assert found == ((expected,) if counts else ())


def test_changes_come_oldest_first_and_may_lack_everything_else():
    rows = [{"Id": f"0Ymx0000000000{n}AAA", "Action": "PermSetAssign", "CreatedDate": at} for n, at in
            enumerate(("2026-11-02", "2026-11-01", None), 1)]  # fmt: skip
    found = changes(snapshot({"SetupAuditTrail": rows}))
    assert [c.at for c in found] == ["", "2026-11-01", "2026-11-02"]
    assert {(c.section, c.by) for c in found} == {("", "")}


def test_a_snapshot_from_before_these_readings_has_none():
    bare = Snapshot(snapshot().manifest, {})
    assert doors(bare) == ()
    assert changes(bare) == ()
