"""Ids, and which stored permission a field follows: compounds, person accounts, activities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.lineage import derive
from auditor.phi import Basis
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.fields import (
    candidates,
    facts,
    fields,
    guard,
    related,
    stored_key,
)
from connectors.salesforce.semantics.gates import needed
from connectors.salesforce.semantics.lineage import lineage
from sandbox.salesforce.ids import to_18
from tests.semantics.direct import tags_of
from tests.semantics.snapshots import described, particle, snapshot

ADDRESS = {"DataType": "address", "IsCompound": True}
PART = {"IsComponent": True}


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("001000000000001", "001000000000001AAA"),
        ("0PSx00000000001", "0PSx00000000001GAA"),
        ("ABCDEabcdeABCDE", "ABCDEabcdeABCDE5A5"),
        ("aAaAaAaAaAaAaAa", "aAaAaAaAaAaAaAaKVK"),
        ("0PSx00000000001GAA", "0PSx00000000001GAA"),
        ("", ""),
        ("everyone", "everyone"),
    ],
)
def test_ids_have_18_characters(given_id, expected):
    assert to18(given_id) == expected


@given(st.text("abzABZ019", min_size=15, max_size=15))
def test_ids_that_differ_in_case_differ_when_case_is_lost(record_id):
    assert to18(record_id) == to_18(record_id)
    assert to18(to18(record_id)) == to18(record_id)
    assert (to18(record_id).lower() == to18(record_id.swapcase()).lower()) == (
        record_id == record_id.swapcase()
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MailingStreet", ("MailingAddress",)),
        ("MailingStateCode", ("MailingAddress",)),
        ("BillingLatitude", ("BillingAddress",)),
        ("ShippingGeocodeAccuracy", ("ShippingAddress",)),
        ("Street", ("Address",)),
        ("CountryCode", ("Address",)),
        ("Home__Latitude__s", ("Home__c",)),
        ("Home_Place__PostalCode__s", ("Home_Place__c",)),
        ("Home__CountryCode__s", ("Home__c",)),
        ("Email", ()),
        ("Street__c", ()),
        ("Diagnosis__c", ()),
    ],
)
def test_compounds_a_name_could_belong_to(name, expected):
    assert candidates(name) == expected


@pytest.mark.parametrize(
    ("particles", "describes", "key", "compound"),
    [
        pytest.param(
            [particle("Contact.MailingAddress", **ADDRESS), particle("Contact.MailingStreet", **PART)],
            [described("Contact.MailingStreet", compoundFieldName="MailingAddress")],
            "Contact.MailingStreet",
            "MailingAddress",
            id="describe names it",
        ),
        pytest.param(
            [particle("Contact.MailingAddress", **ADDRESS), particle("Contact.MailingStreet", **PART)],
            [],
            "Contact.MailingStreet",
            "MailingAddress",
            id="hidden from describe: its name",
        ),
        pytest.param(
            [
                particle("Contact.Home__c", DataType="location"),
                particle("Contact.Odd__s", FieldDefinitionId="Contact.Home__c", **PART),
            ],
            [],
            "Contact.Odd__s",
            "Home__c",
            id="hidden from describe: its definition",
        ),
        pytest.param(
            [particle("Contact.MailingStreet", **PART)],
            [],
            "Contact.MailingStreet",
            "",
            id="no such compound",
        ),
        pytest.param(
            [particle("Contact.MailingAddress", **ADDRESS), particle("Contact.MailingStreet")],
            [],
            "Contact.MailingStreet",
            "",
            id="not a component",
        ),
        pytest.param(
            [particle("Lead.MailingAddress", **ADDRESS), particle("Contact.MailingStreet", **PART)],
            [],
            "Contact.MailingStreet",
            "",
            id="another object's",
        ),
        pytest.param(
            [particle("Contact.Name"), particle("Contact.LastName", **PART)],
            [described("Contact.LastName", compoundFieldName="Name")],
            "Contact.LastName",
            "",
            id="a name is no compound that secures",
        ),
        pytest.param(
            [particle("Contact.MailingAddress", **ADDRESS)],
            [described("Contact.MailingAddress", compoundFieldName="MailingAddress")],
            "Contact.MailingAddress",
            "",
            id="a whole is not its own part",
        ),
    ],
)
def test_f10_the_whole_a_part_follows(particles, describes, key, compound):
    found = fields(snapshot({cat.PARTICLES.name: particles, cat.DESCRIBE: describes}))
    assert found[key].compound == compound


def test_describe_only_adds_while_the_particles_were_read():
    rows = {
        cat.PARTICLES.name: [particle("Contact.Email", DataType="Email", IsUpdatable=False)],
        cat.DESCRIBE: [described("Contact.Email", type="email"), described("Contact.Fax", type="phone")],
    }
    read, blind = fields(snapshot(rows)), fields(snapshot(rows, unread=[cat.PARTICLES.name]))
    assert (read["Contact.Email"].type, read["Contact.Email"].updateable) == ("email", True)
    assert read.keys() == {"Contact.Email"}
    assert blind.keys() == {"Contact.Email", "Contact.Fax"}
    assert (blind["Contact.Fax"].type, blind["Contact.Fax"].securable) == ("phone", True)


SCHEMA = [
    particle("Contact.Email"),
    particle("Contact.Diagnosis__c"),
    particle("Contact.Needed__c", IsPermissionable=False),
    particle("Contact.MailingAddress", **ADDRESS),
    particle("Contact.MailingStreet", **PART),
    particle("Contact.OtherAddress", IsPermissionable=False, **ADDRESS),
    particle("Contact.OtherCity", **PART),
    particle("Account.PersonEmail"),
    particle("Account.PersonMailingAddress", **ADDRESS),
    particle("Account.PersonMailingStreet", **PART),
    particle("Account.PersonOtherCity", **PART),
    particle("Account.PersonAssistantCity", **PART),
    particle("Account.PersonBirthdate"),
    particle("Account.PersonContactId"),
    particle("Account.PersonNote__c"),
    particle("Account.PersonHome__c", DataType="location"),
    particle("Account.PersonHome__Latitude__s", **PART),
    particle("Account.Personality"),
    particle("Account.Diagnosis__pc"),
    particle("Account.Needed__pc"),
    particle("Account.Gone__pc"),
    particle("Task.Finding__c"),
    particle("Event.Finding__c"),
    particle("Event.Location"),
]
BOTH = ("Account", "Contact")


@pytest.mark.parametrize(
    ("key", "row", "gates", "rules", "securable", "judged"),
    [
        ("Contact.Email", "Contact.Email", ("Contact",), (), True, True),
        ("Contact.Needed__c", "Contact.Needed__c", ("Contact",), (), False, True),
        ("Contact.MailingStreet", "Contact.MailingAddress", ("Contact",), ("F10",), True, True),
        ("Contact.OtherCity", "Contact.OtherAddress", ("Contact",), ("F10",), False, True),
        ("Account.PersonEmail", "Contact.Email", BOTH, ("F11",), True, False),
        ("Account.PersonBirthdate", "Contact.Birthdate", BOTH, ("F11",), True, False),
        ("Account.Diagnosis__pc", "Contact.Diagnosis__c", BOTH, ("F11",), True, False),
        ("Account.Needed__pc", "Contact.Needed__c", BOTH, ("F11",), False, False),
        ("Account.Gone__pc", "Contact.Gone__c", BOTH, ("F11",), True, False),
        ("Account.PersonMailingAddress", "Contact.MailingAddress", BOTH, ("F11",), True, False),
        ("Account.PersonMailingStreet", "Contact.MailingAddress", BOTH, ("F11", "F10"), True, False),
        ("Account.PersonOtherCity", "Contact.OtherAddress", BOTH, ("F11", "F10"), False, False),
        ("Account.PersonAssistantCity", "Contact.AssistantAddress", BOTH, ("F11", "F10"), True, False),
        ("Account.PersonContactId", "Account.PersonContactId", ("Account",), ("F2", "F11"), False, True),
        ("Account.PersonNote__c", "Account.PersonNote__c", ("Account",), (), True, True),
        ("Account.PersonHome__Latitude__s", "Account.PersonHome__c", ("Account",), ("F10",), True, True),
        ("Account.Personality", "Account.Personality", ("Account",), (), True, True),
        ("Task.Finding__c", "Task.Finding__c", ("Task",), ("F12",), True, True),
        ("Event.Finding__c", "Task.Finding__c", ("Event",), ("F12",), True, True),
        ("Event.Location", "Event.Location", ("Event",), (), True, True),
    ],
)
def test_where_the_permission_of_a_field_is(key, row, gates, rules, securable, judged):
    known = fields(snapshot({cat.PARTICLES.name: SCHEMA}))
    found = guard(known[key], known)
    assert found.rows == (row,)
    assert found.objects == gates
    assert found.view_all_on == (gates[-1] if gates == BOTH else gates[0])
    assert (found.rules, found.securable, found.edit_judged) == (rules, securable, judged)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Event.Finding__c", "Task.Finding__c"),
        ("Task.Finding__c", "Task.Finding__c"),
        ("Event.Location", "Event.Location"),
        ("Contact.Finding__c", "Contact.Finding__c"),
    ],
)
def test_f12_one_activity_field_has_one_name(key, expected):
    assert stored_key(key) == expected


@pytest.mark.parametrize(
    ("tagged", "added"),
    [
        (["Contact.Email"], {"Account.PersonEmail"}),
        (["Contact.Diagnosis__c"], {"Account.Diagnosis__pc"}),
        (["Contact.MailingAddress"], {"Account.PersonMailingAddress"}),
        (["Contact.Secret__c"], set()),  # the org has no such twin
        (["Contact.Email", "Account.PersonEmail"], set()),  # already tagged
        (["Account.PersonEmail"], set()),
        (["Task.Finding__c"], {"Event.Finding__c"}),
        (["Event.Finding__c"], {"Task.Finding__c"}),
        (["Event.Location"], set()),
    ],
)
def test_twins_carry_the_tag(tagged, added):
    tags, _ = derive(tags_of(tagged), lineage(snapshot({cat.PARTICLES.name: SCHEMA})))
    found = [t for t in tags if t.field not in tagged]
    assert {t.field for t in found} == added
    assert all(t.basis is Basis.LINEAGE and tagged[0] in t.reasons[0] for t in found)


@pytest.mark.parametrize(
    ("objects", "schema", "grants"),
    [
        (["Lead"], ("Lead",), ("Lead",)),
        (["Contact"], ("Account", "Contact"), ("Contact",)),
        (["Account"], ("Account", "Contact"), ("Account", "Contact")),
        (["Task"], ("Event", "Task"), ("Event", "Task")),
        (["CampaignMember"], ("CampaignMember",), ("Campaign", "CampaignMember")),
        (["PricebookEntry"], ("PricebookEntry",), ("Pricebook2", "PricebookEntry", "Product2")),
        ([], (), ()),
    ],
)
def test_what_else_must_be_read(objects, schema, grants):
    assert related(objects) == schema
    assert needed(objects) == grants


def test_facts_join_what_each_reading_knows():
    [found] = facts(
        snapshot(
            {
                cat.PARTICLES.name: [
                    particle("Contact.Diagnosis__c", DurableId="Contact.00N1", Label="Dx", Length=80)
                ],
                cat.DESCRIBE: [
                    described(
                        "Contact.Diagnosis__c", type="picklist", picklistValues=["A"], inlineHelpText="Ask."
                    )
                ],
                cat.DEFINITIONS.name: [
                    {
                        "EntityDefinition.QualifiedApiName": "Contact",
                        "QualifiedApiName": "Diagnosis__c",
                        "Description": "From intake.",
                        "ComplianceGroup": "HIPAA;PII",
                        "SecurityClassification": "Restricted",
                    }
                ],
                cat.ENTITIES.name: [{"QualifiedApiName": "Contact", "Label": "Patient"}],
            }
        )
    )
    assert (found.key, found.id, found.label, found.type) == (
        "Contact.Diagnosis__c",
        "Contact.00N1",
        "Dx",
        "picklist",
    )
    assert (found.description, found.help_text, found.picklist) == ("From intake.", "Ask.", ("A",))
    assert (found.compliance, found.sensitivity, found.object_label) == (
        ("HIPAA", "PII"),
        "Restricted",
        "Patient",
    )
    assert (found.length, found.custom, found.calculated) == (80, True, False)
