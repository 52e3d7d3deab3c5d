"""Which fields want a person, in which order, and what they are shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from auditor.phi import Basis, Confidence, FieldFacts
from mappings import Decision, Ledger, decide, evidence_of, load_taxonomy, parse_mapping
from mappings.review import Wants, items, wanted

TODAY = dt.date(2026, 11, 24)
TAXONOMY = load_taxonomy()
MAPPING = parse_mapping(
    "version: 1\ntags:\n  - match: {field: 'Mapped*'}\n    tag: none\n    why: Asked.\n", "phi.yaml"
)
SURE = FieldFacts("Contact", "Diagnosis__c", "Diagnosis", "Picklist", picklist=("Asthma", "Diabetes"), id="1")
SILENT = FieldFacts("Contact", "Q7__c", "Question 7", "Text", id="2")
UNSURE = FieldFacts("Contact", "MailingCity", "City", "Text", id="3")
MAPPED = FieldFacts("Contact", "Mapped__c", "Question 8", "Text", id="4")
CONTRADICTED = replace(SURE, name="MappedDiagnosis__c", id="5")
LABELLED = replace(SILENT, name="Q9__c", compliance=("HIPAA",), id="6")
CHANGED = replace(SILENT, name="Q10__c", id="7")
OVER = replace(SILENT, name="Q11__c", id="8")
DECIDED = replace(SURE, name="Decided__c", id="9")
ALL = (SURE, SILENT, UNSURE, MAPPED, CONTRADICTED, LABELLED, CHANGED, OVER, DECIDED)


def entry(facts: FieldFacts, **more) -> Decision:
    given = {"evidence": evidence_of(facts), "id": facts.id, **more}
    none = TAXONOMY.exact("none")
    return Decision("clinic", facts.key, none, "Ana Ruiz", dt.date(2026, 1, 5), "Asked.", **given)


LEDGER = Ledger(
    (
        entry(CHANGED, evidence=evidence_of(replace(CHANGED, label="Before"))),
        entry(OVER, expires=dt.date(2026, 11, 23)),
        entry(DECIDED),
    ),
    TODAY,
)


@pytest.fixture(scope="module")
def found():
    decided = decide(ALL, MAPPING, ledger=LEDGER)
    levels = {UNSURE.key: Confidence.LOW, SURE.key: Confidence.MEDIUM}
    tags = tuple(replace(tag, confidence=levels.get(tag.field, tag.confidence)) for tag in decided.tags)
    return items(ALL, replace(decided, tags=tags), LEDGER)


def test_every_field_has_a_reason_to_be_asked_about_or_none(found):
    assert [(item.facts.name, item.wants) for item in found] == [
        ("Q10__c", Wants.REOPENED),
        ("Q11__c", Wants.EXPIRED),
        ("MappedDiagnosis__c", Wants.DISAGREEMENT),
        ("MailingCity", Wants.UNCERTAIN),
        ("Diagnosis__c", Wants.UNDECIDED),
        ("Q7__c", Wants.UNDECIDED),
        ("Q9__c", Wants.DECIDED),
        ("Decided__c", Wants.DECIDED),
        ("Mapped__c", Wants.DECIDED),
    ]


@pytest.mark.parametrize("basis", [Basis.VALUES, Basis.LINEAGE])
def test_a_class_that_nobody_gave_is_asked_about(basis):
    decided = decide([SURE])
    tags = tuple(replace(tag, basis=basis, confidence=Confidence.HIGH) for tag in decided.tags)
    [item] = items([SURE], replace(decided, tags=tags), Ledger())
    assert item.wants is Wants.UNDECIDED


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Q10__c", "Q11__c", "MappedDiagnosis__c", "MailingCity"]),
        (
            {"everything": True},
            ["Q10__c", "Q11__c", "MappedDiagnosis__c", "MailingCity", "Diagnosis__c", "Q7__c"],
        ),
        ({"field": "contact.decided__C"}, ["Decided__c"]),
        ({"field": "Contact.Nothing__c"}, []),
    ],
)
def test_what_is_asked_about(found, asked, names):
    assert [item.facts.name for item in wanted(found, **asked)] == names


def test_a_person_is_shown_what_counts_and_why(found):
    by_name = {item.facts.name: item for item in found}
    assert by_name["Q7__c"].proposed == ""
    assert by_name["Q7__c"].reasons == ("Nothing speaks for a class.",)
    first, *others = by_name["MappedDiagnosis__c"].reasons
    assert "but its words suggest diagnosis_condition" in first
    assert others == ["Asked."]
    assert by_name["Q10__c"].ruling.changed == ("label",)
    assert by_name["Q10__c"].earlier == LEDGER.decisions[0].digest
    assert by_name["Q7__c"].earlier == ""


def test_a_field_of_another_target_has_another_key(found):
    assert len({item.key(target) for item in found for target in ("clinic", "other")}) == 2 * len(found)
