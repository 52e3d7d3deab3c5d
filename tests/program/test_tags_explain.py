"""`tags explain` and `tags export`, asked of the demo clinic's org and portal and of a Tryton database."""

from __future__ import annotations

import csv
import json
from functools import partial
from types import SimpleNamespace

import pytest

import mappings
from sandbox import hubspot
from sandbox.hubspot.clinic import clinic_portal
from sandbox.salesforce import Fault, Faults, Kind, running
from sandbox.salesforce.clinic import clinic_org
from tests.program.programs import door, inside
from tests.tryton.clinics import DATABASE, PASSWORD, gnu, served

MAPPING = """\
version: 1
tags:
  - match: {object: Campaign, field: Treatment__c}
    tag: none
    why: How an advertisement looks.
  - match: {object: Lead, field: Lying_Down__c}
    tag: assessment_screening
    why: An item of a questionnaire.
"""
CONFIGURATION = """\
version: 1
targets:
  - name: clinic
    platform: salesforce
    instance_url: {url}
    ca_bundle: {ca}
    auth: {{session: {{access_token: {{env: SF_ACCESS_TOKEN}}}}}}
mappings: [mapping.yaml]
"""
DECIDED = ("clinic", "-c", "clinic.yaml")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """Commands about the clinic's org, with a mapping and a snapshot, and about its portal; nothing is ever written."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    with running(clinic_org()) as org, hubspot.running(clinic_portal()) as portal:
        given = {**door(org), "HUBSPOT_BASE_URL": portal.url, "HUBSPOT_ACCESS_TOKEN": portal.token}
        (folder / "clinic.yaml").write_text(
            CONFIGURATION.format(url=org.url, ca=org.ca_file), encoding="utf-8"
        )
        run = partial(inside, folder, **given)
        yield SimpleNamespace(folder=folder, run=run, explain=partial(run, "tags", "explain"))
        assert org.writes() == portal.writes() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("Contact.Diagnosis__c", "salesforce"),
            (
                "Contact.Diagnosis__c “Primary diagnosis” (picklist)",
                "class: diagnosis_condition. A condition the person has",
                "tier: clinical (T3)\n",
                "confidence: high:",
                "decided by: the CRM's own label",
                "    The CRM labels it HIPAA.",
                "the CRM's label: HIPAA, Restricted",
                "the words: diagnosis_condition (",
                "other fields of Contact about care: ",
                "    - match: {object: Contact, field: Diagnosis__c}\n      tag: none\n",
            ),
        ),
        (
            ("Campaign.Treatment__c", *DECIDED),
            (
                "tier: none (T0)\n",
                "mapping.yaml:3)\n",
                "a person: none. How an advertisement looks.",
            ),
        ),
        (
            ("Lead.Lying_Down__c", *DECIDED),
            ("tier: clinical (T3)\n", "mapping.yaml:6)\n", "a person: assessment_screening. An item of a"),
        ),
        (
            ("Campaign.BudgetedCost", "salesforce"),
            (
                "class: none yet",
                "tier: needs review",
                "that is not the same as not PHI",
                "decided by: nobody",
                "      tag: clinical\n",
            ),
        ),
        (
            ("contacts.care_segment", "hubspot"),
            ("decided by: the field whose content it shows", "shows contacts.primary_concern"),
        ),
        (("contacts.old_condition", "hubspot"), ("contacts.old_condition", "the CRM's label: nothing")),
    ],
)
def test_an_explanation_says_what_by_whom_and_why(clinic, words, said):
    ran = clinic.explain(*words)
    assert ran.code == 0
    assert "error" not in ran.err
    for part in said:
        assert part in ran.out


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("CONTACT.diagnosis__C", "Contact.Diagnosis__c"),
        ("contact.diagnosis", "Contact.Diagnosis__c"),
        ("Contact.Primary Diagnosis", "Contact.Diagnosis__c"),
        ("primary diagnosis", "Contact.Diagnosis__c"),
    ],
)
def test_a_field_goes_by_name_or_label(clinic, name, key):
    assert clinic.explain(name, "salesforce").out.startswith(f"{key} ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Contact.Diagnossis__c", "Did you mean Contact.Diagnosis__c"),
        ("Name", "fields are called “Name”.\nhint: Use one of: Account.Name, "),
        ("Qqqq.Zzzz", "Write it as Object.Field, or by its label."),
        ("a\x1b[31mb", "There is no field “a␛[31mb” in what was read."),
        ("", "There is no field “”"),
    ],
)
def test_a_field_that_is_not_there_is_one_sentence_with_a_hint(clinic, name, said):
    ran = clinic.explain(name, "salesforce")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_the_explanation_as_data_settles_the_field_either_way(clinic):
    ran = clinic.explain("Contact.Diagnosis__c", "salesforce", "--json", "one.json")
    assert ran.code == 0
    found = json.loads((clinic.folder / "one.json").read_text(encoding="utf-8"))
    assert (found["field"], found["tier"], found["needs_review"]) == (
        "Contact.Diagnosis__c",
        "clinical",
        False,
    )
    assert all(reason in ran.out for reason in found["reasons"])
    for side, phi_class in (("phi", "diagnosis_condition"), ("none", "none")):
        written = found["entries"][side].replace("why: ", "why: somebody said so.")
        entry = mappings.parse_mapping(f"version: 1\ntags:\n{written}", "m.yaml").entries[0]
        assert (entry.object, entry.field, entry.phi_class.name) == ("Contact", "Diagnosis__c", phi_class)


def test_a_snapshot_answers_as_the_org_does(clinic):
    assert clinic.explain("Contact.AHI__c", "--snapshot", "absent").code == 2
    clinic.run("collect", "kept", "clinic", "-c", "clinic.yaml", "-q", "--no-strict-credential")
    saved = clinic.explain("Contact.AHI__c", "--snapshot", "kept")
    assert (saved.code, saved.out) == (0, clinic.explain("Contact.AHI__c", "salesforce").out)
    both = clinic.explain("Contact.AHI__c", "--snapshot", "kept", "--project", ".")
    assert both.code == 2
    assert "A question is about a snapshot or about source." in both.err


def exported(clinic, *words, name="plan.json"):
    ran = clinic.run("tags", "export", "--plan", name, *words)
    assert ran.code == 0, ran.err
    return ran.out, (clinic.folder / name).read_text(encoding="utf-8")


def by_field(text):
    return {row["field"]: row for row in json.loads(text)["proposals"]}


def test_salesforce_gets_categories_for_what_is_decided_or_sure(clinic):
    out, text = exported(clinic, *DECIDED)
    rows = by_field(text)
    assert list(rows) == sorted(rows)
    assert {row["label_proposed"] for row in rows.values()} == {"HIPAA", "PII"}
    assert {row["confidence"] for row in rows.values()} == {"high"}
    decided, sure = rows["Lead.Lying_Down__c"], rows["Contact.FirstName"]
    assert (decided["label_now"], decided["label_proposed"]) == ("", "HIPAA")
    assert decided["decided_by"].endswith("mapping.yaml:6)")
    assert decided["why"] == "An item of a questionnaire."
    assert decided["how"] == (
        "Setup > Object Manager > Lead > Fields & Relationships > Lying down in the afternoon > Edit > "
        "Compliance Categorization"
    )
    assert decided["snippet"] == (
        "objects/Lead/fields/Lying_Down__c.field-meta.xml: <complianceGroup>HIPAA</complianceGroup>"
    )
    assert (sure["label_proposed"], sure["snippet"]) == ("PII", "")
    assert "Contact.Diagnosis__c" not in rows  # labelled already
    assert "Campaign.Treatment__c" not in rows  # cleared
    assert "It carries the label already." in out
    assert "Nothing was written to the CRM." in out


def test_a_plan_takes_in_less_sure_fields_only_when_asked(clinic):
    sure, more = (
        by_field(exported(clinic, "salesforce", *words)[1]) for words in ((), ("--include", "medium"))
    )
    assert sure.items() < more.items()
    assert {row["confidence"] for row in more.values()} == {"high", "medium"}


def test_a_plan_is_the_same_every_time_and_in_both_forms(clinic):
    first, again = (exported(clinic, *DECIDED, "--as-of", "2026-11-24")[1] for _ in range(2))
    table = list(csv.DictReader(exported(clinic, *DECIDED, name="plan.csv")[1].splitlines()))
    assert by_field(first) == by_field(again) == {row["field"]: row for row in table}


def test_hubspot_gets_another_property_since_a_level_stays(clinic):
    out, text = exported(clinic, "hubspot", "--include", "medium")
    rows = by_field(text)
    one = rows["2-701.pregnancy_status"]
    assert (one["label_now"], one["label_proposed"]) == ("non_sensitive", "sensitive; HIPAA")
    assert "The level stays as it was chosen." in one["how"]
    assert json.loads(one["snippet"]) == {
        "label": "Pregnancy",
        "groupName": "intakeinformation",
        "dataSensitivity": "sensitive",
    }
    assert not {"contacts.diagnosis_group", "contacts.care_segment", "contacts.old_condition"} & set(rows)
    for why in (
        "It is archived.",
        "It is calculated",
        "It carries the label already.",
    ):
        assert why in out
    assert {one["why"] for one in json.loads(text)["left_out"]} > {"It is archived."}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plan", "plan.txt", "salesforce"), "plan.txt is neither JSON nor CSV."),
        (("--plan", "folder.csv", "salesforce"), "folder.csv is a folder."),
        (("salesforce",), "Missing option '--plan'"),
        (("--plan", "plan.json", "--include", "low", "salesforce"), "'low' is not"),
    ],
)
def test_a_plan_that_cannot_be_written_is_refused(clinic, words, said):
    (clinic.folder / "folder.csv").mkdir(exist_ok=True)
    ran = clinic.run("tags", "export", *words)
    assert ran.code == 2
    assert said in ran.err


def test_labels_that_were_not_read_are_unknown(tmp_path):
    hidden = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"\bFROM FieldDefinition\b"))
    with running(clinic_org(), faults=hidden) as org:
        run = partial(inside, tmp_path, "tags", **door(org))
        told = run("explain", "Contact.Diagnosis__c", "salesforce")
        plan = run("export", "--plan", "plan.json", "salesforce")
    assert (told.code, plan.code) == (0, 4)
    assert "the CRM's label: not read" in told.out
    assert "not everything was read: " in told.out
    assert "not everything was read: " in plan.out
    assert "Its label was not read, so nobody can say what it should become." in plan.out
    found = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert found["proposals"] == []
    assert found["unread"]


def test_tryton_has_no_label_to_propose(tmp_path):
    with served(gnu()) as site:
        given = {
            "TRYTON_URL": site.url,
            "TRYTON_DATABASE": DATABASE,
            "TRYTON_LOGIN": "auditor",
            "TRYTON_PASSWORD": PASSWORD,
        }
        ran = inside(tmp_path, "tags", "export", "--plan", "plan.json", "tryton", **given)
    assert ran.code == 2
    assert "Tryton has no label that says what a field holds" in ran.err
    assert not (tmp_path / "plan.json").exists()
