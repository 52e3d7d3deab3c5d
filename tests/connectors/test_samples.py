"""A sample of values: what is asked for, what is left of it, and what is said where it could not be had."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from auditor.snapshot import Capability, Why
from connectors.hubspot import tables as t
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.preflight import preflight
from connectors.protocol import Plan, Scope
from connectors.salesforce import catalogue as cat
from connectors.sampling import MOST_ROWS, Sampling
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.connectors.connector_orgs import connected, connector, small_org
from tests.connectors.served_portals import AT, SCOPES, portal, served

CANARY = "CANARY-SAMPLED"


def code(values):
    """A recogniser of its own, so that nothing needs the extra."""
    return Counter("code" for value in values if value.startswith(CANARY))


def wanted(*undecided, objects=("Contact",), rows=30, count=code):
    return Sampling(
        objects, rows, frozenset(undecided), count, lambda: datetime(2026, 11, 24, 3, 7, tzinfo=UTC)
    )


def org(**changes):
    """A clinic whose contacts have short texts, and of other kinds one each that is never read."""
    fields = [
        {"name": "LastName", "length": 80, "permissionable": False},
        {"name": "Code__c", "length": 40},
        {"name": "Key__c", "type": "phone", "length": 40},
        {"name": "Notes__c", "type": "textarea", "length": 32000},
        {"name": "Weight__c", "type": "double"},
        {"name": "Status__c", "type": "picklist"},
        {"name": "Secret__c", "type": "encryptedstring", "length": 40},
        {"name": "Summary__c", "calculatedFormula": "Code__c"},
        {"name": "Decided__c", "length": 40},
    ]
    texts = dict.fromkeys(("LastName", "Notes__c", "Status__c", "Secret__c", "Decided__c"), CANARY)
    records = [
        {"Id": f"003x000000000{n:02}AAA", "Code__c": f"{CANARY}-{n}", "Key__c": "" if n % 2 else "7", **texts}
        for n in range(40)
    ]
    made = small_org(**changes)
    made["objects"]["Contact"]["fields"] = fields
    made["tables"]["Contact"] = records
    return made


UNDECIDED = [
    f"Contact.{name}__c" for name in ("Code", "Key", "Notes", "Weight", "Status", "Secret", "Summary")
] + ["Contact.LastName"]


def sampled(document, want, *, faults=None):
    """The snapshot with its samples, and the queries that asked for them."""
    with running(document, **({"faults": faults} if faults else {})) as site:
        reader = connector(connected(site))
        schema = reader.schema(Scope())
        before = len(site.log)
        snapshot = reader.sample(schema, want)
        assert site.writes() == []
        return snapshot, [each.soql for each in site.log[before:]]


def test_one_query_for_the_short_texts_nobody_decided_and_only_counts_stay():
    snapshot, queries = sampled(org(), wanted(*UNDECIDED))
    assert queries == ["SELECT Code__c, Key__c FROM Contact LIMIT 30"]
    reading = snapshot.readings["samples:Contact"]
    assert reading.complete
    assert reading.capability is Capability.VALUES
    assert reading.table.to_pylist() == [
        {"object": "Contact", "field": "Code__c", "form": "", "hits": 0, "seen": 30},
        {"object": "Contact", "field": "Code__c", "form": "code", "hits": 30, "seen": 30},
        {"object": "Contact", "field": "Key__c", "form": "", "hits": 0, "seen": 15},
    ]
    assert reading.note == (
        "Values of Code__c, Key__c were looked at in 30 records, of up to 30 that were asked for at 2026-11-24 03:07 "
        "UTC. Only counts were kept."
    )
    assert CANARY not in json.dumps([r.table.to_pylist() for r in snapshot.readings.values()], default=str)


def test_nothing_is_asked_of_an_object_without_such_fields():
    snapshot, queries = sampled(org(), wanted("Contact.Notes__c"))
    assert queries == []
    assert snapshot.readings["samples:Contact"].complete
    assert snapshot.readings["samples:Contact"].note.endswith("nothing was read.")


def test_an_object_that_is_not_there_is_unread():
    snapshot, queries = sampled(org(), wanted(*UNDECIDED, objects=("Patient__c",)))
    assert queries == []
    assert snapshot.unread("samples:Patient__c").why is Why.FORBIDDEN


def test_a_hidden_field_is_named_and_the_others_are_read():
    hidden = {"running_user": {"hidden_fields": ["Contact.Key__c"]}}
    snapshot, queries = sampled(org(**hidden), wanted(*UNDECIDED))
    assert queries[-1] == "SELECT Code__c FROM Contact LIMIT 30"
    unread = snapshot.unread("samples:Contact")
    assert (unread.why, unread.detail) == (Why.FORBIDDEN, "Contact: Key__c not shown to this credential.")
    assert unread.remedy.startswith("Give the auditing user Read")
    assert {row["field"] for row in snapshot.table("samples:Contact").to_pylist()} == {"Code__c"}


def test_where_every_field_is_hidden_nothing_was_read():
    hidden = {"running_user": {"hidden_fields": ["Contact.Key__c", "Contact.Code__c"]}}
    snapshot, _ = sampled(org(**hidden), wanted(*UNDECIDED))
    assert snapshot.unread("samples:Contact").why is Why.FORBIDDEN
    assert (snapshot.table("samples:Contact").num_rows, snapshot.readings["samples:Contact"].note) == (0, "")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.OBJECT_FORBIDDEN, Why.FORBIDDEN),
        (Kind.SERVER_ERROR, Why.FAILED),
        (Kind.WRONG_SHAPE, Why.FAILED),
    ],
)
def test_a_refused_sample_is_unread_and_never_a_no(kind, why):
    faults = Faults.of(Fault(kind, times=None, on=r"SELECT Code__c.* FROM Contact\b"))
    snapshot, _ = sampled(org(), wanted(*UNDECIDED), faults=faults)
    unread = snapshot.unread("samples:Contact")
    assert unread.why is why
    assert unread.remedy
    assert snapshot.table("samples:Contact").num_rows == 0


def test_what_a_recogniser_raises_is_told_by_its_type_alone(capsys):
    def fails(values):
        raise ValueError(f"cannot read {values[0]}")

    snapshot, _ = sampled(org(), wanted(*UNDECIDED, count=fails))
    unread = snapshot.unread("samples:Contact")
    assert unread.detail == "Contact: the sampled values could not be looked through (ValueError)."
    assert CANARY not in "".join(capsys.readouterr())


def test_more_rows_than_were_asked_for_are_not_looked_at():
    snapshot, _ = sampled(org(), wanted("Contact.Code__c", rows=5))
    assert {row["seen"] for row in snapshot.table("samples:Contact").to_pylist()} == {5}
    assert MOST_ROWS == 200


def test_no_query_of_the_catalogue_is_one_of_values():
    assert Capability.VALUES not in {query.capability for query in cat.QUERIES}
    assert Capability.VALUES not in t.CAPABILITY.values()


# -- HubSpot


def document(**more):
    made = portal(**more)
    made["properties"]["contacts"] += [
        {"name": "code", "label": "Code", "type": "string", "fieldType": "text"},
        {"name": "key", "label": "Key", "type": "string", "fieldType": "phonenumber"},
        {"name": "notes", "label": "Notes", "type": "string", "fieldType": "textarea"},
        {
            "name": "level",
            "label": "L",
            "type": "string",
            "fieldType": "text",
            "dataSensitivity": "sensitive",
        },
    ]
    texts = dict.fromkeys(("notes", "level", "firstname"), CANARY)
    made["records"] = {
        "contacts": [{"id": str(n), "properties": {"code": f"{CANARY}-{n}", **texts}} for n in range(1, 41)]
    }
    return made


PROPERTIES = [f"contacts.{name}" for name in ("code", "key", "notes", "level", "firstname", "old_diagnosis")]


def portal_sampled(made, want, faults=None):
    with served(made, faults=faults) as (client, site, _):
        reader = HubSpot(client, target="portal", taken_at=AT, tool_version="0")
        schema = reader.schema(Scope(objects=("contacts",)))
        before = len(site.log)
        snapshot = reader.sample(schema, want)
        assert site.writes() == []
        return snapshot, site.log[before:]


def test_one_search_for_the_short_texts_of_a_portal():
    snapshot, asked = portal_sampled(document(), wanted(*PROPERTIES, objects=("contacts",)))
    assert [each.path for each in asked] == ["/crm/v3/objects/contacts/search"]
    shown = {name for each in asked for name in each.values}
    assert shown & set(PROPERTIES) == {"contacts.code"}
    reading = snapshot.readings["samples:contacts"]
    assert reading.complete
    assert reading.table.to_pylist() == [
        {"object": "contacts", "field": "code", "form": "", "hits": 0, "seen": 30},
        {"object": "contacts", "field": "code", "form": "code", "hits": 30, "seen": 30},
        {"object": "contacts", "field": "key", "form": "", "hits": 0, "seen": 0},
    ]
    assert CANARY not in json.dumps([r.table.to_pylist() for r in snapshot.readings.values()], default=str)


@pytest.mark.parametrize(
    ("scopes", "lacking"),
    [(SCOPES, False), ([s for s in SCOPES if s != "crm.objects.contacts.read"], True)],
)
def test_a_check_of_a_portal_tells_by_the_scopes_and_reads_nothing(scopes, lacking):
    want = wanted(*PROPERTIES, objects=("contacts",))
    with served(document(scopes=scopes)) as (client, site, _):
        reader = HubSpot(client, target="portal", taken_at=AT, tool_version="0")
        schema = reader.schema(Scope(objects=("contacts",)))
        probes = preflight(client, schema, Plan((), ""), want)
        assert {name for each in site.log for name in each.values} & set(PROPERTIES) == set()
    [probe] = [probe for probe in probes if probe.name == "samples:contacts"]
    assert (probe.needs, probe.calls) == ("crm.objects.contacts.read", 1)
    assert (probe.unread is not None) is lacking


def test_a_portal_that_refuses_is_unread():
    made = document(scopes=[s for s in SCOPES if s != "crm.objects.contacts.read"])
    snapshot, _ = portal_sampled(made, wanted(*PROPERTIES, objects=("contacts",)))
    unread = snapshot.unread("samples:contacts")
    assert unread.why is Why.FORBIDDEN
    assert "crm.objects.contacts.read" in unread.remedy
