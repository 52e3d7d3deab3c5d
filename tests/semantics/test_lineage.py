"""Which fields of a Salesforce org show what others hold, and what could not be followed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.lineage import chain, derive
from auditor.snapshot import Capability, Reading, Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.lineage import NOT_SHOWN, between, lineage
from sandbox.salesforce import load_fixture
from sandbox.salesforce.lineage import derived_phi, direct_steps
from tests.conftest import SHARED
from tests.semantics.direct import tags_of
from tests.semantics.snapshots import described, particle, snapshot

SCENARIOS = SHARED / "data" / "scenarios" / "salesforce"
ADDRESS = {"DataType": "address", "IsCompound": True}
PART = {"IsComponent": True}


def lookup(key: str, *targets: str, called: str | None = None) -> dict[str, Any]:
    refers = {"referenceTo": list(targets) or None}
    return particle(key, DataType="reference", RelationshipName=called, ReferenceTo=refers)


def computed(key: str, **more: Any) -> dict[str, Any]:
    return particle(key, IsCalculated=True, **more)


def made(key: str, formula: str | None = None, **roll_up: Any) -> dict[str, Any]:
    owner, name = key.split(".")
    return {"object": owner, "name": name, "formula": formula, **roll_up}


def org(
    particles: list[Any], calculations: list[Any] | None = None, describes: list[Any] | None = None
) -> Snapshot:
    found = snapshot({cat.PARTICLES.name: particles, cat.DESCRIBE: describes or []})
    if calculations is None:
        return replace(found, readings={k: r for k, r in found.readings.items() if k != cat.CALCULATIONS})
    table = pa.Table.from_pylist(calculations, schema=cat.CALCULATIONS_SCHEMA)
    reading = Reading(cat.CALCULATIONS, Capability.LINEAGE, table)
    return replace(found, readings={**found.readings, cat.CALCULATIONS: reading})


FIELDS = [
    particle("Contact.Id"),
    particle("Contact.Name"),
    particle("Contact.FirstName", **PART),
    particle("Contact.Diagnosis__c"),
    particle("Contact.Email"),
    lookup("Contact.AccountId", "Account", called="Account"),
    lookup("Contact.ReportsToId"),
    lookup("Contact.OwnerId", "User", "Group", called="Owner"),
    lookup("Contact.Doctor__c", "Doctor__c", called="Doctor__r"),
    lookup("Contact.relation__region__c"),
    particle("relation__region__c.Name"),
    particle("Contact.MailingAddress", **ADDRESS),
    particle("Contact.MailingCity", **PART),
    particle("Contact.MailingStreet", **PART),
    particle("Doctor__c.Name"),
    particle("Doctor__c.Fax__c"),
    lookup("Doctor__c.RecordTypeId", "RecordType", called="RecordType"),
    particle("Account.Name"),
    particle("Account.Risk__c"),
    lookup("Account.ParentId"),
    lookup("Account.PersonContactId"),
    lookup("Account.Doctor__pc", called="Doctor__pr"),
    particle("Account.Email__pc"),
    lookup("Case.ContactId", "Contact", called="Contact"),
    lookup("Case.Helper__c", called=None),
    lookup("Case.Region__c", "Region__c", called="Region__r"),
    particle("Case.Subject"),
    lookup("Task.WhoId", "Contact", "Lead", called="Who"),
    lookup("Task.WhatId", "Account", "Case", called="What"),
    particle("Lead.Email"),
    particle("Lead.Disease__c"),
    particle("User.Department"),
    particle("Helper__c.Note__c"),
]


def sources(carrier: str, formula: str, particles: list[Any] = FIELDS) -> list[str]:
    found = lineage(org([*particles, computed(carrier)], [made(carrier, formula)]))
    assert found.unparsed == {}
    steps = [step for step in found.steps if step.carrier == carrier]
    assert {(step.how, step.rule, step.same) for step in steps} <= {("a formula", "salesforce F14", False)}
    assert found.references >= 1
    return [step.source for step in steps] + [f"? {name}" for name in found.unresolved.get(carrier, ())]


@pytest.mark.parametrize(
    ("carrier", "formula", "expected"),
    [
        ("Contact.X__c", "TEXT(Diagnosis__c)", ["Contact.Diagnosis__c"]),
        ("Contact.X__c", "DIAGNOSIS__C & email", ["Contact.Diagnosis__c", "Contact.Email"]),
        ("Contact.X__c", "Diagnosis__c & Diagnosis__C & TEXT(Diagnosis__c)", ["Contact.Diagnosis__c"]),
        ("Contact.X__c", "Doctor__c", ["Contact.Doctor__c"]),
        ("Contact.X__c", "Doctor__r.Fax__c", ["Doctor__c.Fax__c"]),
        ("Contact.X__c", "doctor__R.fax__C", ["Doctor__c.Fax__c"]),
        ("Contact.X__c", "Account.Risk__c", ["Account.Risk__c"]),
        ("Contact.X__c", "Account.Parent.Risk__c", ["Account.Risk__c"]),
        ("Contact.X__c", "Account.PersonContact.Diagnosis__c", ["Contact.Diagnosis__c"]),
        ("Contact.X__c", "ReportsTo.Diagnosis__c", ["Contact.Diagnosis__c"]),
        ("Contact.X__c", "Owner:User.Department", ["User.Department"]),
        ("Contact.X__c", "Owner.Department", ["User.Department"]),
        ("Contact.X__c", "Contact.Email", ["Contact.Email"]),
        ("Case.X__c", "Contact.Diagnosis__c", ["Contact.Diagnosis__c"]),
        ("Case.X__c", "Contact.Account.Risk__c", ["Account.Risk__c"]),
        ("Case.X__c", "Helper__r.Note__c", ["Helper__c.Note__c"]),
        ("Case.X__c", "CASESAFEID(Contact)", ["Case.ContactId"]),
        ("Case.X__c", "ContactId", ["Case.ContactId"]),
        ("Task.X__c", "Who.Email", ["Contact.Email", "Lead.Email"]),
        ("Task.X__c", "Who.Disease__c", ["Lead.Disease__c"]),
        ("Task.X__c", "Who:Contact.Email", ["Contact.Email"]),
        ("Task.X__c", "What:Account.Risk__c", ["Account.Risk__c"]),
        ("Task.X__c", "What:Case.Contact.Diagnosis__c", ["Contact.Diagnosis__c"]),
        # person-account forms, with and without a field of Account's own
        ("Account.X__c", "Email__pc", ["Account.Email__pc"]),
        ("Account.X__c", "Diagnosis__pc & PersonEmail", ["Contact.Diagnosis__c", "Contact.Email"]),
        ("Account.X__c", "Doctor__pr.Fax__c", ["Doctor__c.Fax__c"]),
        # what a lookup shows by itself: its parent's name, id and kind
        ("Contact.X__c", "Doctor__r.Name", ["Doctor__c.Name", "Contact.Doctor__c"]),
        ("Case.X__c", "Contact.Id", ["Contact.Id", "Case.ContactId"]),
        ("Doctor__c.X__c", "RecordType.DeveloperName", ["Doctor__c.RecordTypeId"]),
        ("Contact.X__c", "Doctor__r.RecordType.Name", ["Doctor__c.RecordTypeId"]),
        (
            "Contact.X__c",
            "relation__region__r.Name",
            ["relation__region__c.Name", "Contact.relation__region__c"],
        ),
        # an address and its parts
        ("Contact.X__c", "MailingCity", ["Contact.MailingCity", "Contact.MailingAddress"]),
        (
            "Contact.X__c",
            "DISTANCE(MailingAddress, GEOLOCATION(1, 2), 'km')",
            ["Contact.MailingAddress", "Contact.MailingCity", "Contact.MailingStreet"],
        ),
        ("Case.X__c", "Contact.MailingStreet", ["Contact.MailingStreet", "Contact.MailingAddress"]),
        # what names nothing known
        ("Contact.X__c", "Gone__c & Email", ["Contact.Email", "? Gone__c"]),
        ("Contact.X__c", "Gone__r.Email & Gone__r.Email", ["? Gone__r.Email"]),
        (
            "Contact.X__c",
            "Owner:Queue.Name & CreatedBy.Email",
            ["Contact.OwnerId", "? Owner:Queue.Name", "? CreatedBy.Email"],
        ),
        ("Case.X__c", "Region__r.Code__c", ["? Region__r.Code__c"]),
        ("Case.X__c", "Region__r.Name", ["Case.Region__c", "? Region__r.Name"]),
        ("Case.X__c", "Email.Name", ["? Email.Name"]),
        ("Lead.X__c", "RecordType.Name", ["? RecordType.Name"]),
        ("Task.X__c", "What:Opportunity.Amount", ["? What:Opportunity.Amount"]),
        # a field that reads itself is no step
        ("Contact.X__c", "X__c & 'Diagnosis__c'", []),
    ],
)
def test_f14_where_a_reference_leads(carrier, formula, expected):
    assert sources(carrier, formula) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (lookup("Account.Doctor__pc", "Doctor__c"), ["Doctor__c.Fax__c"]),
        (lookup("Account.Doctor__pc"), ["Doctor__c.Fax__c"]),
        (particle("Account.Other__c"), ["Doctor__c.Fax__c"]),
    ],
)
def test_f11_a_lookup_of_a_person_account_leads_where_the_contacts_does(declared, expected):
    contact = lookup("Contact.Doctor__c", "Doctor__c", called="Doctor__r")
    assert (
        sources("Account.X__c", "Doctor__pr.Fax__c", [contact, declared, particle("Doctor__c.Fax__c")])
        == expected
    )


def test_f11_without_account_no_field_is_made_up():
    assert sources(
        "Case.X__c", "Account.PersonEmail", [particle("Contact.Email"), lookup("Case.AccountId")]
    ) == ["? Account.PersonEmail"]


def test_f10_a_name_and_its_parts():
    shown = [described("Contact.FirstName", compoundFieldName="Name")]
    shown += [described("Contact.Name", compoundFieldName="Name")]
    found = lineage(org([*FIELDS, computed("Contact.X__c")], [made("Contact.X__c", "Name")], shown))
    assert [step.source for step in found.steps if step.carrier == "Contact.X__c"] == [
        "Contact.Name",
        "Contact.FirstName",
    ]


def test_f10_a_whole_carries_to_a_formula_over_its_part_and_back_but_parts_are_not_mixed():
    rows = [made("Contact.City__c", "MailingCity"), made("Contact.Far__c", "MailingAddress")]
    found = lineage(org([*FIELDS, computed("Contact.City__c"), computed("Contact.Far__c")], rows))

    def carried(name):
        return {t.field for t in derive(tags_of([name]), found)[0]} - {name}

    assert carried("Contact.MailingAddress") == {"Contact.City__c", "Contact.Far__c"}
    assert carried("Contact.MailingCity") == {"Contact.City__c", "Contact.Far__c"}
    assert carried("Contact.MailingStreet") == {"Contact.Far__c"}


CHILD = [particle("Visit__c.Score__c"), particle("Visit__c.Kind__c"), computed("Patient__c.X__c")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"summary_operation": "max", "summarized_field": "Visit__c.Score__c"}, ["Visit__c.Score__c"]),
        ({"summary_operation": "SUM", "summarized_field": "visit__C.score__c"}, ["Visit__c.Score__c"]),
        ({"summary_operation": "count"}, []),
        ({"summary_operation": "Count", "summarized_field": "Visit__c.Score__c"}, []),
        ({"summary_operation": "count", "filter_fields": ["Visit__c.Score__c"]}, ["Visit__c.Score__c"]),
        (
            {
                "summary_operation": "min",
                "summarized_field": "Visit__c.Score__c",
                "filter_fields": ["Visit__c.Kind__c"],
            },
            ["Visit__c.Score__c", "Visit__c.Kind__c"],
        ),
        ({"summary_operation": "max", "summarized_field": "Gone__c.Score__c"}, ["? Gone__c.Score__c"]),
        ({"summary_operation": "max", "summarized_field": "Score__c"}, ["? Score__c"]),
    ],
)
def test_f15_what_a_roll_up_shows(row, expected):
    found = lineage(org(CHILD, [made("Patient__c.X__c", **row)]))
    assert {(step.how, step.rule) for step in found.steps} <= {("a roll-up", "salesforce F15")}
    lost = [f"? {name}" for name in found.unresolved.get("Patient__c.X__c", ())]
    assert [step.source for step in found.steps] + lost == expected
    assert found.references == len(expected)
    assert found.unparsed == {}


def test_what_was_not_shown_or_could_not_be_read_is_said():
    fields = [computed("Contact.Hidden__c"), computed("Contact.Broken__c"), computed("Contact.Left_Out__c")]
    fields += [computed("Contact.Shown__c"), computed("Contact.Diagnosis__pc"), computed("Contact.IsBounced")]
    fields += [particle("Contact.Email")]
    rows = [
        made("Contact.Hidden__c"),
        made("Contact.Broken__c", "Email & 'my secret'x"),
        made("Contact.Shown__c"),
    ]
    shown = [described("Contact.Shown__c", calculatedFormula="Email")]
    found = lineage(org(fields, rows, shown))
    assert found.unparsed == {
        "Contact.Hidden__c": NOT_SHOWN,
        "Contact.Broken__c": "its formula could not be read: 'x' is out of place at line 1, column 20",
        "Contact.Left_Out__c": NOT_SHOWN,
    }
    assert [(step.source, step.carrier) for step in found.steps] == [("Contact.Email", "Contact.Shown__c")]
    assert (found.unresolved, found.references) == ({}, 1)


def test_describes_alone_tell_of_formulas_where_nothing_else_was_asked():
    found = lineage(
        org([particle("Contact.Email")], None, [described("Contact.X__c", calculatedFormula="email")])
    )
    assert [(step.source, step.carrier) for step in found.steps] == [("Contact.Email", "Contact.X__c")]


def test_f11_what_describe_tells_of_a_person_account_form_is_only_needed_without_its_contact_field():
    shown = [described("Account.X__pc", calculatedFormula="Gone__c")]
    fields = [particle("Account.Name"), computed("Account.X__pc")]
    assert lineage(org(fields, [], shown)).unresolved == {"Account.X__pc": ("Gone__c",)}
    fields.append(computed("Contact.X__c"))
    found = lineage(org(fields, [made("Contact.X__c", "'none'")], shown))
    assert (found.unresolved, found.unparsed) == ({}, {})
    assert [(step.source, step.carrier) for step in found.steps] == [("Contact.X__c", "Account.X__pc")]


def test_an_empty_snapshot_has_no_lineage():
    bare = Snapshot(snapshot().manifest)
    found = lineage(bare)
    assert (found.steps, found.unresolved, found.unparsed, found.references) == ((), {}, {}, 0)
    assert between(bare) == frozenset()


def test_what_would_have_to_be_read_to_follow_every_reference():
    rows = [
        made(
            "Contact.A__c", "Owner:User.Department & Owner:Queue.Name & Doctor__r.RecordType.Name & Gone__r.X"
        ),
        made("Case.B__c", "Region__r.Country__r.Name & Contact.Account.Risk__c & CreatedBy.Name"),
        made("Doctor__c.C__c", summary_operation="max", summarized_field="Visit__c.Score__c"),
    ]
    fields = [*FIELDS, lookup("Case.CreatedById")]
    assert between(org(fields, rows)) == {"Group", "Region__c", "Visit__c"}
    fields += [
        lookup("Region__c.Country__c", "Country__c", called="Country__r"),
        particle("Visit__c.Score__c"),
    ]
    assert between(org(fields, rows)) == {"Group", "Country__c"}


def test_a_formula_of_a_formula_across_objects_has_its_whole_chain():
    rows = [made("Contact.Summary__c", "TEXT(Diagnosis__c)"), made("Case.Banner__c", "Contact.Summary__c")]
    found = lineage(org([*FIELDS, computed("Contact.Summary__c"), computed("Case.Banner__c")], rows))
    _, derived = derive(tags_of(["Contact.Diagnosis__c"]), found)
    assert [step.carrier for step in chain(derived, "Case.Banner__c")] == [
        "Contact.Summary__c",
        "Case.Banner__c",
    ]


def test_fifty_thousand_fields_take_seconds():
    """Read once, every computed field followed once: what is slow here would be slow for hours in a large org."""
    fields = [particle(f"O{n % 100}__c.F{n}__c") for n in range(45_000)]
    fields += [lookup(f"O{n}__c.Next__c", f"O{(n + 1) % 100}__c", called="Next__r") for n in range(100)]
    rows = []
    for n in range(5_000):
        here, there = n % 100, (n + 1) % 100
        fields.append(computed(f"O{here}__c.C{n}__c"))
        text = " & ".join(f"F{here + 100 * k}__c & Next__r.F{there + 100 * k}__c" for k in range(5))
        rows.append(made(f"O{here}__c.C{n}__c", f"IF(ISBLANK({n}), '', {text})"))
    snapshot_of_all = org(fields, rows)
    started = time.process_time()
    found = lineage(snapshot_of_all)
    assert time.process_time() - started < 20
    assert (len(found.steps), found.references, found.unresolved) == (50_000, 50_000, {})


# -- agreement with the sandbox


def as_read(fixture: Any) -> Snapshot:
    """What the readings say of a fixture's objects."""
    particles, calculations, describes = [], [], []
    for entity in fixture.record_objects:
        for column in entity.fields:
            key = f"{entity.name}.{column.name}"
            calculated = bool(column.described["calculated"])
            made_by = column.setup.get("summaryOperation")
            particles.append(
                particle(
                    key,
                    IsCalculated=calculated,
                    IsComponent=column.compound is not None,
                    IsCompound=column.type in {"address", "location"},
                    RelationshipName=column.relationship,
                    ReferenceTo={"referenceTo": list(column.reference_to) or None},
                )
            )
            describes.append(described(key, compoundFieldName=column.described["compoundFieldName"]))
            if calculated:
                calculations.append(
                    made(
                        key,
                        column.described["calculatedFormula"],
                        summary_operation=made_by,
                        summarized_field=column.setup.get("summarizedField"),
                        filter_fields=[f["field"] for f in column.setup.get("summaryFilterItems", ())],
                    )
                )
    return org(particles, calculations, describes)


@pytest.mark.skipif(not SCENARIOS.is_dir(), reason="../shared is absent")
@pytest.mark.parametrize(
    "name", sorted(p.name.removesuffix(".truth.json") for p in SCENARIOS.glob("*.truth.json"))
)
def test_every_scenario_has_the_derived_fields_of_its_truth(name):
    truth = json.loads((SCENARIOS / f"{name}.truth.json").read_text(encoding="utf-8"))
    found = lineage(as_read(load_fixture(SCENARIOS / f"{name}.org.json")))
    _, derived = derive(tags_of(list(truth["phi"])), found)
    assert {
        field: {"from": origin.step.source, "rule": origin.step.rule.removeprefix("salesforce ")}
        for field, origin in derived.items()
    } == truth["derived_phi"]
    assert (found.unresolved, found.unparsed) == ({}, {})


PATHS = {
    "Contact": [
        "A__c",
        "B__c",
        "Email",
        "Account.A__c",
        "Doctor__r.A__c",
        "Doctor__r.Patient__r.B__c",
        "account.b__c",
    ],
    "Account": ["A__c", "B__c", "A__pc", "PersonEmail"],
    "Doctor__c": ["A__c", "B__c", "Patient__r.A__c", "Patient__r.Account.B__c", "Patient__c"],
    "Task": ["A__c", "B__c", "Description"],
}
STORED: dict[str, list[dict[str, Any]]] = {
    "Contact": [
        {"name": "Email", "type": "email"},
        {"name": "AccountId", "type": "reference", "referenceTo": ["Account"]},
        {"name": "Doctor__c", "type": "reference", "referenceTo": ["Doctor__c"]},
    ],
    "Account": [{"name": "PersonEmail", "type": "email"}, {"name": "A__pc"}],
    "Doctor__c": [{"name": "Patient__c", "type": "reference", "referenceTo": ["Contact"]}],
    "Task": [{"name": "Description", "type": "textarea"}],
    "Event": [{"name": "A__c"}],
}


@st.composite
def orgs(draw):
    """Objects whose fields A__c and B__c are stored, a formula or a roll-up, and a few more formulas."""
    objects = {owner: list(fields) for owner, fields in STORED.items()}
    for owner, paths in PATHS.items():
        for name in ("A__c", "B__c", "C__c", "D__c"):
            field: dict[str, Any] = {"name": name}
            kind = draw(
                st.sampled_from(
                    ["stored", "formula", "roll-up"] if owner == "Contact" else ["stored", "formula"]
                )
            )
            if kind == "formula":
                read = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3))
                field["calculatedFormula"] = f"IF(ISBLANK({read[0]}), '{name}', {' & '.join(read)})"
            elif kind == "roll-up":
                field["summaryOperation"] = draw(st.sampled_from(["max", "count", "sum"]))
                field["summaryFilterItems"] = [
                    {"field": f"Doctor__c.{n}"}
                    for n in draw(st.lists(st.sampled_from(["A__c", "B__c"]), max_size=1))
                ]
                if field["summaryOperation"] != "count":
                    field["summarizedField"] = "Doctor__c.B__c"
            objects[owner].append(field)
    given = {name: {"label": name, "fields": fields} for name, fields in objects.items()}
    return load_fixture({"format": "salesforce-org/1", "now": "2026-11-24T03:00:00Z", "objects": given})


PHI = ["Contact.A__c", "Account.B__c", "Doctor__c.B__c", "Task.A__c", "Contact.Email"]


@settings(deadline=None)
@given(orgs(), st.lists(st.sampled_from(PHI), max_size=3, unique=True))
def test_the_sandbox_derives_the_same_fields(fixture, phi):
    found = lineage(as_read(fixture))
    assert {(s.source, s.carrier, s.rule.removeprefix("salesforce ")) for s in found.steps} == {
        step for step in direct_steps(fixture) if step[0] != step[1]
    }
    assert found.unresolved == {}
    _, derived = derive(tags_of(phi), found)
    assert derived.keys() == derived_phi(fixture, phi).keys()
