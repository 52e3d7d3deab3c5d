"""One table for all readings: what may not be read is said, with a remedy, and everything else is read as before."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Why
from connectors.protocol import Scope
from connectors.salesforce import catalogue as cat
from connectors.salesforce.connector import _scannable, beside
from connectors.salesforce.reading import Reader
from sandbox.salesforce import Fault, Faults, Kind, running
from sandbox.salesforce.clinic import clinic_org
from sandbox.salesforce.fixture import load_fixture
from tests.connectors.connector_orgs import (
    LONG_AGO,
    OBJECTS,
    collected,
    collecting,
    connected,
    connector,
    rows,
    small_org,
)

OBJECT_RIGHTS = {
    "ObjectPermissions describe",
    "ObjectPermissions",
    "ObjectPermissions of muting sets",
    "ObjectPermissions of group aggregates",
    "OwnObjectPermissions",
}
FIELD_RIGHTS = {
    "FieldPermissions",
    "FieldPermissions of muting sets",
    "FieldPermissions of group aggregates",
}
ALSO = {
    "EntityDefinition": {"EntityParticle", "FieldDefinition", "calculated fields", cat.RECORD_SOURCES},
    "EntityParticle": {"calculated fields", cat.RECORD_SOURCES},
    "FieldPermissions": FIELD_RIGHTS,
    "ObjectPermissions": OBJECT_RIGHTS,
    "PermissionSetAssignment": {"OwnObjectPermissions"},
}
"""What is lost beside the readings of the object itself."""

UNNEEDED = {"Group", "GroupMember"}
"""What is asked for only where it could matter, as nothing here is shared with a group."""

ABOUT_RECORDS = {cat.RECORDS, cat.RECORD_SHARES, cat.RECORD_SOURCES}

FOLLOW = {
    "PermissionSet": {"SessionPermSetActivation", "AuthSession", "PermissionSetLicense"},
    "SessionPermSetActivation": {"AuthSession"},
    "Dashboard": {"Folder"},
}
"""What is not asked for when the reading that would lead to it is missing."""

SOBJECTS = sorted({query.sobject for query in cat.QUERIES} - {"CustomField", *UNNEEDED})


def unread(snapshot):
    return {name: reading.unread for name, reading in snapshot.readings.items() if reading.unread}


@pytest.fixture(scope="module")
def whole():
    with collecting(small_org(), retention=[LONG_AGO]) as snapshot:
        return snapshot


def test_every_reading_of_the_catalogue_is_there_and_whole(whole):
    assert unread(whole) == {}
    readings = [query for query in cat.QUERIES if query is not cat.CUSTOM_FIELD]
    assert {query.name for query in readings} <= whole.readings.keys()
    empty = {name for name, reading in whole.readings.items() if not reading.table.num_rows}
    assert empty == {
        "OwnObjectPermissions",
        "ObjectPermissions of group aggregates",
        "FieldPermissions of group aggregates",
        "EntityParticle of computed fields",
        "EntityParticle of objects that formulas pass through",
        "RestrictionRule",
        cat.RECORDS,  # open to everybody, so only counted
        cat.RECORD_SHARES,
        *UNNEEDED,
    }
    for query in readings:
        assert whole.readings[query.name].table.schema.equals(query.schema), query.name
        assert whole.readings[query.name].capability is query.capability


@pytest.mark.parametrize("hidden", SOBJECTS)
def test_a_refused_object(whole, hidden):
    org = small_org(running_user={"hidden_objects": [hidden]})
    with collecting(org, retention=[LONG_AGO]) as snapshot:
        missing = unread(snapshot)
    own = {query.name for query in cat.QUERIES if query.sobject == hidden} & whole.readings.keys()
    own -= {cat.COMPUTED_PARTICLES.name, cat.PASSED_PARTICLES.name}  # every object is in scope already
    assert missing.keys() == own | ALSO.get(hidden, set())
    # No read-only user could be shown what an org without external client apps does not have.
    vendor = hidden == "ExtlClntAppOauthPlcyCnfg"
    assert {u.why for u in missing.values()} == {Why.NOT_EXPOSED if vendor else Why.FORBIDDEN}
    assert all(u.detail.endswith(".") and u.remedy.endswith(".") for u in missing.values())
    assert whole.readings.keys() - snapshot.readings.keys() == FOLLOW.get(hidden, set())
    told = snapshot.readings.keys() - (ABOUT_RECORDS if hidden == "User" else set())  # who is there decides
    for name in told - missing.keys() - FOLLOW.keys():
        if not name.endswith(("of muting sets", "of group aggregates")) and name != "SetupEntityAccess":
            assert rows(snapshot.table(name)) == rows(whole.table(name)), name


@pytest.mark.parametrize("kind", [Kind.OBJECT_FORBIDDEN, Kind.SERVER_ERROR, Kind.WRONG_SHAPE])
@pytest.mark.parametrize(
    "name", ["UserLogin", "PermissionSetGroupComponent", "SetupEntityAccess", "PermissionSet"]
)
def test_a_reading_that_fails_leaves_the_others_alone(name, kind):
    faults = Faults.of(Fault(kind, times=None, on=rf"FROM {name}\b"))
    with collecting(small_org(), faults=faults) as snapshot:
        missing = unread(snapshot)
    assert missing.keys() == {name}
    assert missing[name].why is (Why.FORBIDDEN if kind is Kind.OBJECT_FORBIDDEN else Why.FAILED)
    assert missing[name].remedy


def test_a_describe_that_fails_is_no_hidden_object():
    faults = Faults.of(Fault(Kind.DESCRIBE_FAILS, times=None, on="/sobjects/Contact/describe"))
    with collecting(small_org(), faults=faults) as snapshot:
        assert unread(snapshot).keys() == {"describe"}
    assert snapshot.unread("describe").why is Why.FAILED
    assert set(snapshot.table("describe").column("object").to_pylist()) == {"Clinic_Settings__c", "Task"}


def test_an_object_without_a_describe_is_still_in_the_catalogue():
    """Describe shows what this user may read; the list of fields comes from EntityParticle."""
    with collecting(small_org(running_user={"hidden_objects": ["Contact"]})) as snapshot:
        assert unread(snapshot).keys() == {cat.RECORDS}
    assert snapshot.readings["describe"].note == "Not visible to this user: Contact."
    assert (
        "Contact" in snapshot.table("EntityParticle").column("EntityDefinition.QualifiedApiName").to_pylist()
    )


def test_without_view_setup():
    org = small_org(running_user={"permissions": ["ApiEnabled"]})
    with collecting(org, retention=[LONG_AGO]) as snapshot:
        missing = unread(snapshot)
    assert {"FieldPermissions", "ObjectPermissions", "EntityParticle", "UserRole"} <= missing.keys()
    assert "View Setup and Configuration" in missing["FieldPermissions"].remedy
    assert "View Roles and Role Hierarchy" in missing["UserRole"].remedy
    assert snapshot.readings["User"].complete


@pytest.mark.parametrize(
    ("hidden", "column"),
    [
        ("User.Department", "Department"),
        ("User.Title", "Title"),
        ("User.UserRoleId", "UserRoleId"),
        ("User.LastLoginDate", "LastLoginDate"),
        ("User.UserPermissionsMarketingUser", "UserPermissionsMarketingUser"),
    ],
)
def test_a_hidden_column_leaves_the_rows(hidden, column):
    with collecting(small_org(running_user={"hidden_fields": [hidden]})) as snapshot:
        assert unread(snapshot).keys() == {"User"}
    people = snapshot.readings["User"]
    assert people.unread.why is Why.FORBIDDEN
    assert people.unread.detail == f"User: {column} hidden."
    assert people.unread.remedy
    assert people.table.num_rows == 4
    assert people.table.column(column).null_count == 4
    assert people.table.column("ProfileId").null_count == 0


def test_several_hidden_columns_are_all_named():
    hidden = ["User.Title", "User.Department"]
    with collecting(small_org(running_user={"hidden_fields": hidden})) as snapshot:
        assert snapshot.unread("User").detail == "User: Department, Title hidden."


def test_a_column_nothing_works_without_takes_the_reading_with_it():
    with collecting(small_org(running_user={"hidden_fields": ["User.ProfileId"]})) as snapshot:
        assert snapshot.unread("User").why is Why.FORBIDDEN
        assert "ProfileId" in snapshot.unread("User").detail
        assert snapshot.table("User").num_rows == 0


@pytest.mark.parametrize(
    ("change", "reading", "there", "not_there"),
    [
        ({}, "PermissionSetAssignment", ["ExpirationDate", "IsActive"], ["IsRevoked"]),
        ({"revoked": True}, "PermissionSetAssignment", ["IsRevoked", "IsActive"], []),
        (
            {"permission_columns": ["ApiEnabled", "ViewSetup"]},
            "PermissionSet",
            ["PermissionsApiEnabled", "PermissionsViewSetup"],
            ["PermissionsModifyAllData", "PermissionsViewAllData"],
        ),
        (
            {"api_versions": ["51.0"]},
            "PermissionSetAssignment",
            ["AssigneeId"],
            ["ExpirationDate", "IsActive"],
        ),
        ({"api_versions": ["52.0"]}, "PermissionSetGroup", ["Status"], ["HasActivationRequired"]),
        ({"api_versions": ["62.0"]}, "ObjectPermissions", ["PermissionsRead"], ["PermissionsViewAllFields"]),
        ({"api_versions": ["62.0"]}, "ObjectPermissions of muting sets", [], ["PermissionsViewAllFields"]),
    ],
)
def test_columns_that_an_org_may_not_have(change, reading, there, not_there):
    org = small_org(**{k: v for k, v in change.items() if k != "revoked"})
    if "revoked" in change:
        org["tables"]["PermissionSetAssignment"][0]["IsRevoked"] = True
    if "permission_columns" in change:
        for row in org["tables"]["PermissionSet"]:
            row.pop("PermissionsExportReport", None)
    with collecting(org) as snapshot:
        assert unread(snapshot) == {}
    table = snapshot.table(reading)
    assert table.num_rows
    assert [c for c in there if table.column(c).null_count == table.num_rows] == []
    assert [c for c in not_there if table.column(c).null_count < table.num_rows] == []


# -- sizes


def test_more_fields_than_one_answer_holds():
    """Catalogue objects know no second page, so the key of the last row leads on (salesforce 2.9)."""
    fields = [{"name": f"Field_{n:03d}__c"} for n in range(500)]
    org = small_org()
    org["objects"] |= {f"Wide_{n}__c": {"fields": fields} for n in range(5)}
    names = sorted(org["objects"])
    with running(org) as served:
        snapshot = connector(connected(served)).schema(Scope(objects=tuple(names)))
        pages = [q for q in served.log.queries() if "FROM EntityParticle" in q]
    assert unread(snapshot) == {}
    table = snapshot.table("EntityParticle")
    assert table.num_rows > 2500
    assert len(set(table.column("DurableId").to_pylist())) == table.num_rows
    assert len(pages) == 2
    assert "DurableId > " in pages[1]
    assert rows(table.select(["QualifiedApiName"])) == rows(
        snapshot.table("describe").select(["name"]).rename_columns(["QualifiedApiName"])
    )


def test_more_objects_than_one_query_may_name():
    org = small_org()
    org["objects"] |= {f"A_rather_long_name_of_an_object_{n:04d}__c": {"fields": []} for n in range(230)}
    names = tuple(sorted(org["objects"]))
    with running(org) as served:
        snapshot = collected(connected(served), names)
        asked = [q for q in served.log.queries() if "FROM FieldPermissions WHERE SobjectType" in q]
    assert unread(snapshot) == {}
    assert len(asked) == 3
    assert snapshot.table("EntityDefinition").num_rows == 233
    assert snapshot.readings["FieldPermissions"].expected == snapshot.table("FieldPermissions").num_rows == 5
    assert max(each.status for each in served.log) == 200


def test_a_page_that_repeats_itself_ends(monkeypatch):
    """A server that ignores the key would send the same full page for ever."""
    from connectors.salesforce import reading as module

    monkeypatch.setattr(module, "CATALOGUE_LIMIT", 3)
    monkeypatch.setattr(module, "format_soql", _without_the_key)
    with running(small_org()) as served:
        snapshot = connector(connected(served)).schema(Scope(objects=("Contact",)))
    assert snapshot.unread("EntityParticle").why is Why.TRUNCATED


def _without_the_key(text, *args, **names):
    from simple_salesforce import format_soql

    return "" if text.startswith(" AND DurableId") else format_soql(text, *args, **names)


@pytest.fixture(scope="module")
def demo():
    """The demo clinic, and what it gives in the largest batches."""
    document = clinic_org()
    names = tuple(sorted(document["objects"]) if isinstance(document, dict) else OBJECTS)
    with running(document) as served:
        client = connected(served)
        first, again = collected(client, names), collected(client, names)
    return document, names, first, again


def test_a_second_collection_equals_the_first(demo):
    _, _, first, again = demo
    assert unread(first) == {}
    assert first.manifest == again.manifest
    assert first.readings.keys() == again.readings.keys()
    for name, reading in first.readings.items():
        assert reading.table.equals(again.table(name)), name


@pytest.mark.parametrize("batch", [200, 1337])
def test_odd_batches_give_the_same_tables(demo, batch):
    document, names, first, _ = demo
    with running(document, batch_size=batch) as served:
        snapshot = collected(connected(served), names)
        more = [e for e in served.log if "/query/0r8" in e.path]
    assert more
    assert unread(snapshot) == {}
    for name, reading in first.readings.items():
        assert rows(reading.table) == rows(snapshot.table(name)), name


# -- the schema of everything


@pytest.mark.parametrize(
    ("include", "exclude", "found"),
    [
        (("*",), (), ["Clinic_Settings__c", "Contact", "Task"]),
        (("C*",), ("Clinic*",), ["Contact"]),
        (("Contact", "Nothing"), (), ["Contact"]),
        (("x*",), (), []),
    ],
)
def test_which_objects_are_looked_at(include, exclude, found):
    with running(small_org()) as served:
        snapshot = connector(connected(served)).schema(Scope(include=include, exclude=exclude))
    assert unread(snapshot) == {}
    names = snapshot.table("sobjects").column("name").to_pylist()
    assert [n for n in names if n in OBJECTS] == found
    assert [n for n in names if re.search(r"__(mdt|e|Share|History)$|Permission|Definition", n)] == []


# -- the catalogue itself


@pytest.mark.parametrize(
    ("name", "looked_at", "counted"),
    [
        ("Orders__x", True, False),
        ("Audit_Trail__b", True, False),
        ("Handbook__kav", True, False),
        ("Intake__c", True, True),
        ("Route__mdt", False, False),
        ("Contact__History", False, False),
    ],
)
def test_formulas_of_external_objects_are_followed_and_their_records_not_counted(name, looked_at, counted):
    assert list(_scannable([{"name": name, "custom": True}], Scope())) == ([name] if looked_at else [])
    table = pa.table({"name": [name] if looked_at else []}, schema=pa.schema([("name", pa.string())]))
    listing = Reading("sobjects", Capability.LINEAGE, table)
    manifest = Manifest("salesforce", "test", "00D", "Test", datetime(2026, 1, 1, tzinfo=UTC), "67.0", "0")
    assert beside(Snapshot(manifest, {"sobjects": listing}), ["Contact"]) == ([name] if counted else [])


def test_no_column_holds_a_token_or_a_value():
    secret = (
        r"Token|SessionId$|Secret|Password|^Body$|VersionData|OldValue|NewValue|Email|Phone|Delegated|Street"
    )
    columns = {c.name for query in cat.QUERIES for c in query.columns if not c.name.startswith("Permissions")}
    # A colleague's e-mail address joins accounts of several systems; of patients and leads there is none.
    assert "Email" not in {c.name for q in cat.QUERIES for c in q.columns if q is not cat.USERS}
    known = {"AuthSessionId", "Email"}
    assert [name for name in columns if re.search(secret, name) and name not in known] == []


def test_readings_have_names_of_their_own_and_say_what_they_need():
    assert len({query.name for query in cat.QUERIES}) == len(cat.QUERIES)
    for query in cat.QUERIES:
        assert query.needs, query.name
        assert query.remedy, query.name
        assert set(query.key) <= {c.name for c in query.columns}
        assert not query.described or any(c.optional for c in query.columns)


def test_every_column_is_in_the_reference(shared):
    text = (shared / "reference" / "salesforce.md").read_text(encoding="utf-8")
    text += (shared / "reference" / "org-fixture.md").read_text(encoding="utf-8")
    names = {
        part.removeprefix("Permissions") if part.startswith("Permissions") else part
        for query in cat.QUERIES
        for column in query.columns
        for part in (query.sobject, *column.name.split("."))
    }
    assert [name for name in sorted(names) if name not in text] == []


# -- rows that nobody is shown, and ends that are lost


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (r"\bnothing\b", None),
        (r"FROM FieldPermissions", Why.TRUNCATED),
    ],
    ids=["whole", "an end that is lost each time"],
)
def test_an_end_that_is_lost_twice_is_no_hidden_row(on, why):
    lost = Faults.of(Fault(Kind.DONE_TOO_EARLY, times=None, on=on))
    with running(clinic_org(), batch_size=7, faults=lost) as served:
        reading, _ = Reader(connected(served)).read(cat.FIELD_PERMISSIONS)
    assert (reading.unread and reading.unread.why) == why


@pytest.mark.parametrize(
    ("on", "why"),
    [(r"\bnothing\b", None), (r"ORDER BY Id DESC", Why.TRUNCATED)],
    ids=["from both ends", "from one end only"],
)
def test_rows_nobody_is_shown_are_accepted_only_after_a_look_from_the_other_end(shared, on, why):
    org = load_fixture(shared / "data" / "scenarios" / "salesforce" / "odd-rows.org.json")
    refused = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=on))
    with running(org, faults=refused) as served:
        reading, _ = Reader(connected(served)).read(cat.FIELD_PERMISSIONS)
    assert reading.table.num_rows < reading.expected
    assert (reading.unread and reading.unread.why) == why
    assert ("shown to nobody" in reading.note) is (why is None)
