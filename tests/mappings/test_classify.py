"""A list of fields, classified as the fields of CRMs that nobody can be asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.phi import Coarse, Confidence, FieldFacts
from mappings import Tagger, load_taxonomy, load_vocabulary
from mappings.classify import COLUMNS, SILENT, classify, facts_of

TAGGER = Tagger(load_taxonomy(), load_vocabulary())
CARE = [
    FieldFacts("Contact", name)
    for name in ("Diagnosis__c", "Allergies__c", "Medications__c", "Blood_Pressure__c")
]
SCORE = FieldFacts("Contact", "Epworth_Score__c")


def classified(*fields):
    return classify(TAGGER, [one if isinstance(one, tuple) else ("", one) for one in fields])


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        ({}, FieldFacts("", "")),
        ({"label": " Main diagnosis "}, FieldFacts("", "Main diagnosis", "Main diagnosis")),
        ({"object": "Lead", "field": "X__c", "label": "Drug"}, FieldFacts("Lead", "X__c", "Drug")),
        (
            {"field": "X", "type": "picklist", "picklist_sample": "Asthma; Diabetes|None\n;"},
            FieldFacts("", "X", type="picklist", picklist=("Asthma", "Diabetes", "None")),
        ),
        (
            {"field": "X", "description": "d", "help_text": "h", "phi": "clinical", "source_repo": "one"},
            FieldFacts("", "X", description="d", help_text="h"),
        ),
    ],
)
def test_what_a_row_tells(row, facts):
    assert facts_of(row) == facts


@pytest.mark.parametrize(
    ("facts", "phi", "phi_class"),
    [
        (FieldFacts("Contact", "Diagnosis__c", "Diagnosis"), Coarse.CLINICAL, "diagnosis_condition"),
        (FieldFacts("Contact", "Email", "Email", "email"), Coarse.IDENTIFIER, "email"),
        (FieldFacts("Campaign", "Budget", "Budget", "currency"), Coarse.NONE, "none"),
    ],
)
def test_a_field_is_what_the_tagger_says(facts, phi, phi_class):
    (one,) = classified(facts)
    assert (one.phi, one.phi_class) == (phi, phi_class)
    assert one.reasons


def test_a_field_left_alone_is_never_sure_and_says_why():
    silent, silenced = classified(
        FieldFacts("Xyz", "Qwerty"), FieldFacts("Campaign", "Treatment_Cost_Center__c")
    )
    assert silent.reasons == (SILENT,)
    assert {silent.confidence, silenced.confidence} <= {Confidence.LOW, Confidence.MEDIUM}
    assert silent.phi is Coarse.NONE


def test_the_fields_of_one_crm_are_read_in_the_light_of_each_other():
    alone = classified(("a", SCORE), *(("b", one) for one in CARE))[0]
    among = classified(("a", SCORE), *(("a", one) for one in CARE))[0]
    assert any("other fields of the object" in reason for reason in among.reasons)
    assert not any("other fields of the object" in reason for reason in alone.reasons)


def test_a_field_told_of_twice_is_classified_each_time_by_what_was_told():
    plain, clinical, again = classified(
        FieldFacts("Lead", "Answer__c", "Answer"),
        FieldFacts("Lead", "Answer__c", "Main diagnosis"),
        FieldFacts("Lead", "Answer__c", "Answer"),
    )
    assert clinical.phi is Coarse.CLINICAL
    assert plain == again
    assert plain.phi is not Coarse.CLINICAL


def test_no_fields_are_no_predictions():
    assert classified() == []


WORDS = st.sampled_from(
    ["", "Lead", "Contact", "Diagnosis__c", "Email", "picklist", "A; B", "Größe", "\0", "=1", "__c", "."]
)
ROW = st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, WORDS))
ROWS = st.lists(ROW, max_size=8)


@given(ROWS)
def test_every_row_gets_a_class_of_the_taxonomy_and_a_reason(rows):
    found = classify(TAGGER, [(row.get("source_repo", ""), facts_of(row)) for row in rows])
    assert len(found) == len(rows)
    for one in found:
        assert load_taxonomy().exact(one.phi_class).coarse is one.phi
        assert all(one.reasons)


@given(ROWS, st.randoms())
def test_the_order_of_crms_does_not_matter(rows, random):
    fields = [(f"crm {number % 3}", facts_of(row)) for number, row in enumerate(rows)]
    crms = [0, 1, 2]
    random.shuffle(crms)
    places = [place for crm in crms for place in range(len(fields)) if place % 3 == crm]
    shuffled = classify(TAGGER, [fields[place] for place in places])
    assert [shuffled[places.index(place)] for place in range(len(fields))] == classify(TAGGER, fields)
