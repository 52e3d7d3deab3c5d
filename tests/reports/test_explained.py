"""An explanation in words and as data, whatever the sources said."""

from __future__ import annotations

import pytest

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from crm_audit.answers.explain import Explained, decided_by, document, told
from mappings import Verdict
from mappings.classify import SILENT

FACTS = FieldFacts("Lead", "Treatment__c", "Creative treatment", "picklist", id="01I.00N")
WEAK = Tag(
    "Lead.Treatment__c",
    "procedure_treatment",
    Coarse.CLINICAL,
    "T3",
    Confidence.LOW,
    Basis.TAGGER,
    ("Weak.",),
)
PLAIN = Tag(
    "Lead.Treatment__c", "medication", Coarse.CLINICAL, "T3", Confidence.MEDIUM, Basis.TAGGER, ("Plain.",)
)
CLEARED = Tag(
    "Lead.Treatment__c",
    "none",
    Coarse.NONE,
    "T0",
    Confidence.HIGH,
    Basis.MAPPING,
    ("An advertisement",),
    "m.yaml",
    3,
)
FREE = Tag(
    "Lead.Treatment__c",
    "free_text_note",
    Coarse.FREETEXT_RISK,
    "T0",
    Confidence.HIGH,
    Basis.GIVEN,
    ("Given.",),
)
NOTHING = Verdict(None)


def explained(tag=None, words=NOTHING, alone=None, neighbours=(), facts=FACTS):
    return Explained(facts, tag, words, words if alone is None else alone, neighbours, "")


@pytest.mark.parametrize(
    ("one", "tier", "review", "reasons"),
    [
        (explained(), "needs review", True, (SILENT,)),
        (
            explained(words=Verdict(None, ((None, "Seen. But no."),))),
            "needs review",
            True,
            ("Seen. But no.",),
        ),
        (explained(WEAK, Verdict(WEAK)), "clinical", True, ("Weak.",)),
        (explained(PLAIN, Verdict(PLAIN)), "clinical", False, ("Plain.",)),
        (explained(CLEARED, Verdict(PLAIN)), "none", False, ("An advertisement",)),
        (explained(FREE), "free-text risk", False, ("Given.",)),
    ],
)
def test_the_tier_is_one_word_and_low_needs_review(one, tier, review, reasons):
    assert (one.tier, one.review, one.reasons) == (tier, review, reasons)
    assert f"  tier: {tier}" in told(one)
    assert ("needs review" in told(one)) is review
    found = document(one)
    assert (found["tier"], found["needs_review"], tuple(found["reasons"])) == (tier, review, reasons)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (explained(), ("class: none yet", "decided by: nobody", "the words: nothing\n", "tag: clinical\n")),
        (
            explained(CLEARED, Verdict(PLAIN)),
            (
                "a person: none. An advertisement.",
                "the words: medication (medium): Plain.",
                "tag: medication\n",
            ),
        ),
        (
            explained(PLAIN, Verdict(PLAIN)),
            ("a person: nothing", "the words: medication (medium)\n", "tag: medication"),
        ),
        (
            explained(PLAIN, Verdict(PLAIN, ((None, "Silenced."),)), NOTHING),
            ("seen, and not counted: Silenced.", "without the other fields, the words say: nothing"),
        ),
        (
            explained(neighbours=tuple(f"f{number:02}" for number in range(12))),
            ("other fields of Lead about care: f00, f01", "f09 and 2 more"),
        ),
        (explained(facts=FieldFacts("Lead", "X", defined=False)), ("Lead.X\n", "the CRM's label: not read")),
        (
            explained(facts=FieldFacts("Lead", "X", compliance=("GDPR", "PII"), sensitivity="Internal")),
            ("the CRM's label: GDPR, PII, Internal",),
        ),
        (explained(facts=FieldFacts("Lead", "X", "\x1b[31m=red")), ("“␛[31m=red”",)),
    ],
)
def test_every_source_speaks_for_itself(one, said):
    text = told(one)
    for part in said:
        assert part in f"{text}\n"


@pytest.mark.parametrize(
    ("tag", "who"),
    [
        (CLEARED, "the mapping (m.yaml:3)"),
        (FREE, "the list of decided fields"),
        (WEAK, "the words of the field and around it"),
    ],
)
def test_who_decided(tag, who):
    assert decided_by(tag) == who
    assert document(explained(tag))["decided_by"] == who
