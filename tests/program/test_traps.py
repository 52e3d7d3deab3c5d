"""The traps that permission tools fall into (peers 4.3), planted one by one, and the table of our answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from auditor.access import Word, effective_access
from auditor.doors import shown_through
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.snapshot import Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.reading import Reader
from connectors.salesforce.semantics import SEMANTICS
from crm_audit import compose
from sandbox.salesforce import Fault, Faults, Kind, running
from sandbox.salesforce.fixture import load_fixture
from tests.connectors.connector_orgs import connected
from tests.semantics.direct import Door, snapshot_of

NOW = "2026-11-24T03:00:00+00:00"
YESTERDAY, TOMORROW = "2026-11-23T03:00:00.000+0000", "2026-11-25T03:00:00.000+0000"
USER, OTHER, GUEST = "005x00000000002AAA", "005x00000000003AAA", "005x00000000004AAA"
PROFILE, OWNED = "00ex00000000001AAA", "0PSx00000000001GAA"
OPEN = "00ex00000000002AAA", "0PSx00000000002GAA"
SET, SECOND = "0PSx00000000003GAA", "0PSx00000000004GAA"
GROUP, AGGREGATE, MUTING = "0PGx00000000001AAA", "0PSx00000000009GAA", "0QMx00000000001AAA"
FIELD = "Contact.Diagnosis__c"
ROWS: list[tuple[str, str, str]] = []


def org(**tables: list[dict[str, Any]]) -> dict[str, Any]:
    """One person with a profile that gives nothing; everything else is planted."""
    profiles = [{"Id": PROFILE, "Name": "Nothing", "UserType": "Standard"}]
    sets = [{"Id": OWNED, "Name": "X00e1", "Type": "Profile", "IsOwnedByProfile": True, "ProfileId": PROFILE}]
    user = {
        "Id": USER,
        "Username": "mary@clinic.example",
        "Name": "Mary",
        "IsActive": True,
        "ProfileId": PROFILE,
    }
    more = {
        "Profile": profiles + tables.pop("Profile", []),
        "PermissionSet": sets + tables.pop("PermissionSet", []),
        "User": [{**user, **tables.pop("user", [{}])[0]}, *tables.pop("User", [])],
    }
    return {
        "format": "salesforce-org/1",
        "name": "trap",
        "now": NOW,
        "running_user": {"id": "005x00000000001AAA"},
        "objects": {
            "Contact": {
                "fields": [
                    {"name": "LastName", "permissionable": False},
                    {"name": "Diagnosis__c"},
                    {"name": "Copy__c", "calculatedFormula": "UPPER(Diagnosis__c)"},
                ]
            }
        },
        "tables": {**more, **tables},
    }


def a_set(number: str = SET, **more: Any) -> dict[str, Any]:
    return {"Id": number, "Name": "Care", "Label": "Care", "Type": "Regular", **more}


def grants(parent: str, *, field: str = FIELD, reads: bool = True, objects: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if reads:
        found["FieldPermissions"] = [
            {"ParentId": parent, "SobjectType": "Contact", "Field": field, "PermissionsRead": True}
        ]
    if objects:
        found["ObjectPermissions"] = [{"ParentId": parent, "SobjectType": "Contact", "PermissionsRead": True}]
    return found


def assigned(container: str = SET, group: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "AssigneeId": USER,
        "PermissionSetId": container,
        "PermissionSetGroupId": group,
        "IsActive": True,
        **more,
    }


def grouped(*, status: str = "Updated", muted: bool = True, direct: bool = False, stored: bool = False):
    made = grants(SET)
    made["PermissionSet"] = [
        a_set(),
        a_set(SECOND),
        {"Id": AGGREGATE, "Name": "G", "Type": "Group", "PermissionSetGroupId": GROUP},
    ]
    made["PermissionSetGroup"] = [{"Id": GROUP, "DeveloperName": "G", "MasterLabel": "G", "Status": status}]
    made["PermissionSetGroupComponent"] = [{"PermissionSetGroupId": GROUP, "PermissionSetId": SET}]
    made["PermissionSetAssignment"] = [assigned(AGGREGATE, GROUP)]
    if muted:
        made["MutingPermissionSet"] = [{"Id": MUTING, "DeveloperName": "M", "MasterLabel": "M"}]
        made["PermissionSetGroupComponent"].append({"PermissionSetGroupId": GROUP, "PermissionSetId": MUTING})
        made["FieldPermissions"].append(
            {
                "ParentId": MUTING,
                "SobjectType": "Contact",
                "Field": FIELD,
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
        )
    if direct:
        made["PermissionSetAssignment"].append(assigned())
    if stored:
        made["ObjectPermissions"].append(
            {"ParentId": AGGREGATE, "SobjectType": "Contact", "PermissionsRead": True}
        )
    return made


DIRECT = {**grants(SET), "PermissionSet": [a_set()], "PermissionSetAssignment": [assigned()]}
ALL_DATA = {"PermissionSet": [a_set(PermissionsViewAllData=True)], "PermissionSetAssignment": [assigned()]}
ALL_FIELDS = {
    "PermissionSet": [a_set()],
    "PermissionSetAssignment": [assigned()],
    "ObjectPermissions": [
        {"ParentId": SET, "SobjectType": "Contact", "PermissionsRead": True, "PermissionsViewAllFields": True}
    ],
}
LICENCE = "0PLx00000000001AAA"

TRAPS = [
    ("grant by profile only", grants(OWNED), FIELD, Word.YES),
    ("grant by group, removed by mute", grouped(), FIELD, Word.NO),
    ("the same, granted again by a second way", grouped(direct=True), FIELD, Word.YES),
    (
        "assignment lapsed yesterday",
        {**DIRECT, "PermissionSetAssignment": [assigned(ExpirationDate=YESTERDAY)]},
        FIELD,
        Word.NO,
    ),
    (
        "assignment lapses tomorrow",
        {**DIRECT, "PermissionSetAssignment": [assigned(ExpirationDate=TOMORROW)]},
        FIELD,
        Word.YES,
    ),
    ("inactive account", {**DIRECT, "user": [{"IsActive": False}]}, FIELD, Word.DORMANT),
    ("frozen account", {**DIRECT, "UserLogin": [{"UserId": USER, "IsFrozen": True}]}, FIELD, Word.DORMANT),
    (
        "licence of the set is disabled",
        {
            **DIRECT,
            "PermissionSet": [a_set(LicenseId=LICENCE)],
            "PermissionSetLicense": [{"Id": LICENCE, "MasterLabel": "Health", "Status": "Disabled"}],
        },
        FIELD,
        Word.POSSIBLE,
    ),
    (
        "set of a managed package grants the field",
        {**DIRECT, "PermissionSet": [a_set(NamespacePrefix="acme")]},
        FIELD,
        Word.YES,
    ),
    ("View All Fields on the object, no field row", ALL_FIELDS, FIELD, Word.YES),
    ("View All Data, no field row", ALL_DATA, FIELD, Word.NO),
    ("field row, but no Read on the object", {**DIRECT, "ObjectPermissions": []}, FIELD, Word.LATENT),
    ("name fields, which have no row", {**DIRECT, "FieldPermissions": []}, "Contact.LastName", Word.YES),
    (
        "formula over a hidden field",
        {**DIRECT, **grants(SET, field="Contact.Copy__c")},
        "Contact.Copy__c",
        Word.YES,
    ),
    (
        "group is outdated, and its two readings differ",
        grouped(status="Outdated", muted=False, stored=True),
        FIELD,
        Word.POSSIBLE,
    ),
]


def shown(trap: str, right: str, ours: str) -> None:
    ROWS.append((trap, right, ours))
    assert ours == right, trap


@pytest.fixture(scope="module", autouse=True)
def table():
    yield
    width = max(len(trap) for trap, _, _ in ROWS)
    print()
    for trap, right, ours in ROWS:
        print(f"| {trap:<{width}} | {right:<9} | {ours:<9} | {'right' if right == ours else 'WRONG'} |")


@pytest.mark.parametrize(("trap", "tables", "field", "right"), TRAPS, ids=[t[0] for t in TRAPS])
def test_one_person_and_one_field(trap, tables, field, right):
    fixture = load_fixture(org(**tables))
    snapshot, tags = snapshot_of(Door(fixture), [FIELD, "Contact.LastName"], fixture.now)
    access = effective_access(SEMANTICS.compile(snapshot, tags, fixture.now))
    assert field in tags  # the formula's tag is derived
    word = access.word(USER, field)
    shown(trap, right.value, word.value)
    path = access.path(access.signature_of(USER), access.field_index(field))
    assert (path is not None) == (right is not Word.NO)


def test_a_dashboard_that_runs_as_somebody_else_shows_what_that_person_sees():
    dashboard = {"Id": "01Zx00000000001EAA", "Title": "Leads", "Type": "SpecifiedUser", "RunningUserId": USER}
    folder = {"Id": "00lx00000000001EAA", "AccessType": "Public", "Type": "Dashboard"}
    fixture = load_fixture(
        org(**DIRECT, Dashboard=[{**dashboard, "FolderId": folder["Id"]}], Folder=[folder])
    )
    snapshot, tags = snapshot_of(Door(fixture), [FIELD], fixture.now)
    access = effective_access(SEMANTICS.compile(snapshot, tags, fixture.now))
    [door] = SEMANTICS.doors(snapshot)
    assert (door.open_to, shown_through(access, door).fields) == ("everyone", (FIELD,))
    shown("dashboard with somebody as fixed running user", "leaks", "leaks")


def test_a_guest_that_reads_is_a_finding():
    tables = grants(OPEN[1])
    tables["Profile"] = [{"Id": OPEN[0], "Name": "Site", "UserType": "Guest"}]
    tables["PermissionSet"] = [
        {"Id": OPEN[1], "Name": "X00e2", "Type": "Profile", "IsOwnedByProfile": True, "ProfileId": OPEN[0]}
    ]
    tables["User"] = [
        {
            "Id": GUEST,
            "Username": "site@clinic.example",
            "Name": "Site Guest",
            "IsActive": True,
            "UserType": "Guest",
            "ProfileId": OPEN[0],
        }
    ]
    fixture = load_fixture(org(**tables))
    snapshot, _ = snapshot_of(Door(fixture), [FIELD], fixture.now)
    settings = compose.Settings(audiences=(), policy=compose.Policy(), decided={FIELD: "diagnosis"})
    findings = [
        f for f in compose.judge(snapshot, settings, fixture.now).findings if f.rule == guest_reads_phi.id
    ]
    shown("guest reads a PHI field", "violation", "violation" if findings else "nothing")
    assert findings[0].seen.people == (GUEST,)


def test_every_one_of_five_thousand_objects_is_seen():
    objects = {f"Thing{i}__c": {"fields": []} for i in range(5_000)}
    fixture = load_fixture({**org(), "objects": objects})
    reading = Reader(Door(fixture)).each(cat.ENTITIES, sorted(objects))  # type: ignore[arg-type]
    assert reading.complete
    shown("5,000 entities", "all seen", "all seen" if reading.table.num_rows == 5_000 else "some lost")


@pytest.mark.parametrize(
    ("trap", "fault"),
    [
        (
            "field-permission query refused",
            Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"FROM FieldPermissions\b"),
        ),
        ("last page of a locator lost", Fault(Kind.NO_NEXT_URL, times=None, on=r"FROM FieldPermissions\b")),
    ],
)
def test_what_could_not_be_read_is_unknown(trap, fault):
    tables = {
        **DIRECT,
        "FieldPermissions": [
            {
                "ParentId": SET,
                "SobjectType": "Contact",
                "Field": f"Contact.Copy{i}__c",
                "PermissionsRead": True,
            }
            for i in range(3)
        ],
    }
    with running(org(**tables), faults=Faults.of(fault), batch_size=1) as served:
        snapshot, tags = snapshot_of(connected(served), [FIELD], datetime.fromisoformat(NOW))
    access = effective_access(SEMANTICS.compile(snapshot, tags, datetime.fromisoformat(NOW)))
    assert snapshot.unread("FieldPermissions").why in {Why.FORBIDDEN, Why.TRUNCATED, Why.FAILED}
    shown(trap, Word.UNKNOWN.value, access.word(USER, FIELD).value)
