"""What sampled values add to a tag: another class if theirs says more, otherwise a reason, and never less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings import decide, load_taxonomy, parse_mapping
from mappings.values import FORMS, Observed, with_observed

TAXONOMY = load_taxonomy()
CODE = FieldFacts("Contact", "Code__c", label="Code", type="string")
COARSEST = [Coarse.NONE, Coarse.FREETEXT_RISK, Coarse.IDENTIFIER, Coarse.PAYMENT, Coarse.CLINICAL]
ICD = Observed("icd10", 48, 50)


def guess(phi_class, confidence=Confidence.MEDIUM):
    found = TAXONOMY.get(phi_class)
    return Tag(
        CODE.key, found.name, found.coarse, found.tier, confidence, Basis.TAGGER, ("Its name says so.",)
    )


def test_a_field_nobody_knew_is_tagged_with_the_counts_as_its_reason():
    tag = with_observed(None, CODE, [ICD], TAXONOMY)
    assert (tag.phi_class, tag.coarse, tag.tier) == ("diagnosis_condition", Coarse.CLINICAL, "T3")
    assert (tag.basis, tag.confidence) == (Basis.VALUES, Confidence.MEDIUM)
    assert tag.reasons == ("48 of 50 sampled values have the form of an ICD-10 code.",)


@pytest.mark.parametrize(
    ("observed", "tells"),
    [
        ([], False),
        ([Observed("icd10", 1, 1)], False),
        ([Observed("icd10", 19, 19)], False),
        ([Observed("icd10", 20, 20)], True),
        ([Observed("icd10", 12, 20)], True),
        ([Observed("icd10", 11, 20)], False),
        ([Observed("icd10", 0, 0)], False),
        ([Observed("unheard of", 50, 50)], False),
        ([Observed("npi", 50, 50)], False),  # its name bears no word for it
    ],
)
def test_how_much_tells(observed, tells):
    assert (with_observed(None, CODE, observed, TAXONOMY) is not None) is tells


@pytest.mark.parametrize(
    "facts",
    [
        FieldFacts("Contact", "Referring_NPI__c"),
        FieldFacts("Contact", "Code__c", label="Provider number"),
        FieldFacts("Contact", "Code__c", help_text="The NPI of the referring doctor."),
    ],
)
def test_a_word_that_a_form_needs(facts):
    assert with_observed(None, facts, [Observed("npi", 50, 50)], TAXONOMY).phi_class == "provider_of_care"


def test_the_form_of_most_values_counts_and_of_equals_the_one_that_says_more():
    some = [Observed("phone", 50, 50), Observed("nhs", 50, 50), Observed("ssn", 40, 50)]
    assert with_observed(None, CODE, some, TAXONOMY).phi_class == "ssn_national_id"
    more = [Observed("phone", 50, 50), Observed("nhs", 31, 50)]
    assert with_observed(None, CODE, more, TAXONOMY).phi_class == "phone"


@pytest.mark.parametrize(
    ("before", "observed", "phi_class", "confidence"),
    [
        (guess("name"), ICD, "diagnosis_condition", Confidence.MEDIUM),
        (guess("free_text_note"), ICD, "diagnosis_condition", Confidence.MEDIUM),
        (guess("symptom"), ICD, "symptom", Confidence.MEDIUM),
        (guess("symptom", Confidence.LOW), ICD, "symptom", Confidence.MEDIUM),
        (guess("symptom", Confidence.HIGH), ICD, "symptom", Confidence.HIGH),
        (guess("symptom", Confidence.LOW), Observed("ssn", 50, 50), "symptom", Confidence.LOW),
    ],
)
def test_values_and_words_together(before, observed, phi_class, confidence):
    tag = with_observed(before, CODE, [observed], TAXONOMY)
    assert (tag.phi_class, tag.confidence) == (phi_class, confidence)
    assert set(before.reasons) < set(tag.reasons)


@given(
    st.sampled_from([None, *TAXONOMY.classes]),
    st.sampled_from(list(Confidence)),
    st.lists(
        st.builds(
            Observed, st.sampled_from([form.name for form in FORMS]), st.integers(0, 60), st.integers(0, 60)
        )
    ),
)
def test_values_never_take_anything_away(phi_class, confidence, observed):
    before = guess(phi_class, confidence) if phi_class else None
    after = with_observed(before, CODE, observed, TAXONOMY)
    if before is None:
        assert after is None or after.is_phi
        return
    assert COARSEST.index(after.coarse) >= COARSEST.index(before.coarse)
    assert after.tier >= before.tier
    assert set(before.reasons) <= set(after.reasons)
    if after.coarse is before.coarse:
        order = [Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]
        assert order.index(after.confidence) >= order.index(before.confidence)


def test_decide_takes_what_was_observed():
    decided = decide([CODE], observed={CODE.key: [ICD]})
    assert [tag.phi_class for tag in decided.tags] == ["diagnosis_condition"]
    assert (decided.counts.inferred, decided.unreviewed) == (1, ())
    assert decide([CODE]).unreviewed == (CODE.key,)


@pytest.mark.parametrize("phi_class", ["none", "symptom"])
def test_what_a_person_decided_stands(phi_class):
    text = f"version: 1\ntags:\n  - match: {{object: Contact, field: Code__c}}\n    tag: {phi_class}\n    why: Asked.\n"
    decided = decide([CODE], parse_mapping(text, "phi.yaml"), observed={CODE.key: [ICD]})
    [tag] = (*decided.tags, *decided.cleared)
    assert (tag.phi_class, tag.basis) == (phi_class, Basis.MAPPING)
