"""How computed fields are made: from describe where it says so, else one by one, and never silently missing."""

from __future__ import annotations

import pytest

from auditor.snapshot import Why
from connectors.protocol import Scope
from connectors.salesforce.semantics.lineage import lineage
from sandbox.salesforce import Fault, Faults, running
from sandbox.salesforce.faults import Kind
from tests.connectors.connector_orgs import connected, connector

ORG = {
    "format": "salesforce-org/1",
    "name": "computed",
    "now": "2026-11-23T12:00:00+00:00",
    "running_user": {"id": "005x00000000001AAA", "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"]},
    "objects": {
        "Patient__c": {
            "fields": [
                {
                    "name": "Worst__c",
                    "type": "double",
                    "summaryOperation": "max",
                    "summarizedField": "Visit__c.Score__c",
                    "summaryForeignKey": "Visit__c.Patient__c",
                    "summaryFilterItems": [
                        {"field": "Visit__c.Kind__c", "operation": "equals", "value": "x"}
                    ],
                },
            ]
        },
        "Visit__c": {
            "fields": [
                {
                    "name": "Patient__c",
                    "type": "reference",
                    "referenceTo": ["Patient__c"],
                    "masterDetail": True,
                },
                {"name": "Score__c", "type": "double"},
                {"name": "Kind__c"},
                {"name": "Words__c", "calculatedFormula": "TEXT(Score__c)"},
            ]
        },
        "Stock__c": {
            "fields": [{"name": "Total__c", "calculatedFormula": "Count__c + 1"}, {"name": "Count__c"}]
        },
    },
    "tables": {"User": [{"Id": "005x00000000001AAA", "Username": "a@clinic.example"}]},
}


def read(org, scope=None, **how):
    with running(org, **how) as served:
        snapshot = connector(connected(served)).schema(scope or Scope())
        return snapshot, [q for q in served.log.queries() if "FROM CustomField" in q]


def made(snapshot):
    return {f"{r['object']}.{r['name']}": r for r in snapshot.table("calculated fields").to_pylist()}


def test_formulas_come_from_describe_and_roll_ups_from_setup():
    snapshot, asked = read(ORG)
    found = made(snapshot)
    assert found.keys() == {"Patient__c.Worst__c", "Visit__c.Words__c", "Stock__c.Total__c"}
    assert found["Visit__c.Words__c"]["formula"] == "TEXT(Score__c)"
    worst = found["Patient__c.Worst__c"]
    assert (worst["summary_operation"], worst["summarized_field"]) == ("max", "Visit__c.Score__c")
    assert worst["filter_fields"] == ["Visit__c.Kind__c"]
    assert snapshot.unread("calculated fields") is None
    assert len(asked) == 1


def test_a_formula_that_describe_hides_is_read_in_setup():
    org = {**ORG, "running_user": {**ORG["running_user"], "hidden_fields": ["Visit__c.Words__c"]}}
    snapshot, asked = read(org)
    assert made(snapshot)["Visit__c.Words__c"]["formula"] == "TEXT(Score__c)"
    assert snapshot.unread("calculated fields") is None
    assert len(asked) == 2


@pytest.mark.parametrize("kind", [Kind.OBJECT_FORBIDDEN, Kind.SERVER_ERROR, Kind.WRONG_SHAPE])
def test_what_is_not_shown_makes_the_reading_incomplete(kind):
    snapshot, _ = read(ORG, faults=Faults.of(Fault(kind, times=None, on=r"FROM CustomField\b")))
    unread = snapshot.unread("calculated fields")
    assert unread is not None
    assert unread.why in {Why.FORBIDDEN, Why.FAILED}
    assert unread.remedy
    assert made(snapshot)["Visit__c.Words__c"]["formula"] == "TEXT(Score__c)"


def test_with_decided_tags_only_objects_computed_from_them_are_added():
    snapshot, _ = read(ORG, Scope(objects=("Visit__c",), tagged=("Visit__c.Score__c",)))
    defined = snapshot.table("FieldDefinition").column("EntityDefinition.QualifiedApiName").to_pylist()
    assert set(defined) == {"Patient__c", "Visit__c"}
    assert set(snapshot.table("describe").column("object").to_pylist()) == {"Patient__c", "Visit__c"}
    assert made(snapshot).keys() == {"Patient__c.Worst__c", "Visit__c.Words__c", "Stock__c.Total__c"}


def test_a_formula_beside_the_point_leaves_no_doubt():
    snapshot, _ = read(ORG, Scope(objects=("Visit__c",), tagged=("Visit__c.Kind__c",)))
    found = lineage(snapshot)
    assert (dict(found.unparsed), dict(found.unresolved)) == ({}, {})


def test_objects_that_cannot_be_listed_leave_it_open_whether_others_are_computed_from_tagged_ones():
    faults = Faults.of(Fault(Kind.SERVER_ERROR, times=None, on=r"/sobjects $"))
    snapshot, _ = read(ORG, Scope(objects=("Visit__c",), tagged=("Visit__c.Score__c",)), faults=faults)
    assert snapshot.unread("sobjects") is not None
    assert snapshot.table("EntityDefinition").column("QualifiedApiName").to_pylist() == ["Visit__c"]
