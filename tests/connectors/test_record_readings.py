"""What is asked about records, and what is not: ids only, few calls, and refusals are readings."""

from __future__ import annotations

import re

import pytest

from auditor.snapshot import Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce import records
from sandbox.salesforce import running
from sandbox.salesforce.faults import Fault, Faults, Kind
from tests.connectors.connector_orgs import AUDITOR, CANARY, NURSE, collected, connected, small_org

QUEUE = "00Gx00000000001AAA"
WARD = re.compile(r"FROM (Account|Contact|Task|Group|GroupMember|\w*Share|RestrictionRule)\b|recordCount")


def ward(**changes):
    """The small clinic with private contacts below accounts, a queue, shares and a restriction rule."""
    org = small_org(**changes)
    lookup = {"name": "AccountId", "type": "reference", "referenceTo": ["Account"]}
    org["objects"]["Contact"]["fields"].append(lookup)
    org["objects"]["Contact"] |= {"internalSharingModel": "Private"}
    org["objects"]["Account"] = {"internalSharingModel": "Private"}
    org["tables"] |= {
        "Account": [{"Id": "001x00000000001AAA", "OwnerId": NURSE, "Name": CANARY}],
        "Group": [{"Id": QUEUE, "Name": CANARY, "Type": "Queue"}],
        "GroupMember": [{"GroupId": QUEUE, "UserOrGroupId": NURSE}],
        "ContactShare": [
            {"ContactId": "003x00000000001AAA", "UserOrGroupId": QUEUE, "RowCause": "Manual"},
            {"ContactId": "003x00000000001AAA", "UserOrGroupId": NURSE, "RowCause": "Owner"},
        ],
        "AccountShare": [],
        "RestrictionRule": [{"DeveloperName": "R", "TargetEntity": "Contact", "IsActive": True}],
    }
    for row in org["tables"]["Contact"]:
        row["AccountId"] = "001x00000000001AAA"
    return org


def below(org):
    """Contacts that follow their account."""
    org["objects"]["Contact"] |= dict.fromkeys(
        ("internalSharingModel", "externalSharingModel"), "ControlledByParent"
    )
    return org


BESIDE = re.compile(r"FROM (Task|TaskShare|Account|AccountShare)\b")
"""Objects that are looked at because the org is small."""


def asked_for(org, objects=("Contact",), faults=None):
    with running(org, faults=faults) as served:
        snapshot = collected(connected(served), objects)
        asked = [e.soql or e.path for e in served.log if WARD.search(f"{e.path} {e.soql}")]
        asked = [q for q in asked if not BESIDE.search(q)]
        assert served.writes() == []
    return snapshot, asked


def sources(snapshot):
    return {r["object"]: r for r in snapshot.table(cat.RECORD_SOURCES).to_pylist()}


def gaps(snapshot):
    return {n for n, r in snapshot.readings.items() if r.unread and r.capability.value == "reach"}


def test_an_open_object_is_only_counted():
    _, asked = asked_for(small_org())
    assert len(asked) == 3
    assert "RestrictionRule" in asked[0]
    assert asked[1].endswith("limits/recordCount")
    assert asked[2] == "SELECT COUNT(Id) n FROM Contact"


def test_a_private_object_takes_two_calls_and_four_for_the_org():
    snapshot, asked = asked_for(ward())
    assert gaps(snapshot) == set()
    assert len(asked) == 6
    assert (
        sum("Share" in q for q in asked) == sum("FROM Contact" in q for q in asked if "Share" not in q) == 1
    )
    assert sources(snapshot)["Contact"]["shares"] == "read"
    assert snapshot.table(cat.RECORD_SHARES).column("RowCause").to_pylist() == ["Manual"]


def test_a_child_brings_its_parent_and_has_no_shares():
    snapshot, asked = asked_for(below(ward()))
    assert gaps(snapshot) == set()
    assert sources(snapshot).keys() >= {"Contact", "Account"}
    assert not any("ContactShare" in q for q in asked)
    assert not any("FROM Group" in q for q in asked)
    rights = snapshot.manifest.objects
    assert rights == ("Contact",)


def test_only_ids_are_asked_for():
    snapshot, asked = asked_for(below(ward()))
    for soql in (q for q in asked if q.startswith("SELECT Id") and "FROM Restr" not in q):
        names = set(re.split(r",\s*", soql.removeprefix("SELECT ").partition(" FROM ")[0]))
        assert names <= {"Id", "OwnerId", "AccountId", "UserOrGroupId", "RowCause", "AccountAccessLevel"}, (
            soql
        )
    for name in (cat.RECORDS, cat.RECORD_SHARES, cat.RECORD_SOURCES, "Group", "GroupMember"):
        assert CANARY not in str(snapshot.table(name).to_pylist())


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("Contact", {cat.RECORDS}),
        ("Account", {cat.RECORDS}),
        ("RestrictionRule", {"RestrictionRule"}),
        ("EntityDefinition", {cat.RECORD_SOURCES}),
    ],
)
def test_a_refused_object(hidden, missing):
    snapshot, _ = asked_for(below(ward(running_user={"hidden_objects": [hidden]})))
    assert gaps(snapshot) == missing
    for name in missing:
        assert snapshot.unread(name).why is Why.FORBIDDEN
        assert snapshot.unread(name).remedy
    if hidden in {"Contact", "Account"}:
        assert sources(snapshot)[hidden]["problem"]


@pytest.mark.parametrize("hidden", ["Group", "GroupMember"])
def test_refused_groups(hidden):
    snapshot, _ = asked_for(ward(running_user={"hidden_objects": [hidden]}))
    assert gaps(snapshot) == {hidden}


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.WRONG_SHAPE])
@pytest.mark.parametrize(
    ("on", "missing"),
    [
        (r"FROM Contact\b", cat.RECORDS),
        ("FROM ContactShare", cat.RECORD_SHARES),
        ("FROM GroupMember", "GroupMember"),
        ("FROM RestrictionRule", "RestrictionRule"),
    ],
)
def test_what_fails_is_unread(kind, on, missing):
    snapshot, _ = asked_for(ward(), faults=Faults.of(Fault(kind, times=None, on=on)))
    assert gaps(snapshot) == {missing}
    assert snapshot.unread(missing).why is Why.FAILED


def test_more_records_than_the_bound_are_counted_by_owner(monkeypatch):
    monkeypatch.setattr(records, "RECORD_LIMIT", 2)
    snapshot, asked = asked_for(ward())
    assert "SELECT OwnerId, COUNT(Id) n FROM Contact GROUP BY OwnerId" in asked
    assert not any("LIMIT" in q for q in asked)
    rows = [r for r in snapshot.table(cat.RECORDS).to_pylist() if r["object"] == "Contact"]
    assert {r["OwnerId"]: r["count"] for r in rows} == {NURSE: 2, AUDITOR: 2}
    assert {r["Id"] for r in rows} == {None}
    assert sources(snapshot)["Contact"] | {"listing": "owners", "total": 4} == sources(snapshot)["Contact"]


def test_an_org_without_a_share_table_says_so():
    org = ward()
    del org["tables"]["ContactShare"]
    snapshot, _ = asked_for(org)
    assert gaps(snapshot) == set()
    assert sources(snapshot)["Contact"]["shares"] == "absent"


def test_an_older_interface_knows_no_restriction_rules():
    snapshot, asked = asked_for(ward(api_versions={"min": "31.0", "max": "51.0"}))
    assert "RestrictionRule" not in gaps(snapshot)
    assert not any("RestrictionRule" in q for q in asked)
