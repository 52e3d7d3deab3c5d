"""Tags and snapshots: small nouns with few promises."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from auditor.phi import Coarse, FieldFacts, digest
from auditor.snapshot import Capability, Reading, Unread, Why
from auditor.wording import apiece, several
from tests.auditor.orgs import DIAGNOSIS, EMAIL, NOTES, snapshot, tag, unread

TAGS = [tag(DIAGNOSIS), tag(EMAIL), tag(NOTES)]


def test_a_digest_is_of_what_is_decided():
    shuffled = TAGS.copy()
    random.Random(3).shuffle(shuffled)
    assert digest(shuffled) == digest(TAGS)
    assert digest([tag(DIAGNOSIS, reasons=("Other.",), line=9), *TAGS[1:]]) == digest(TAGS)
    assert digest(iter(TAGS)) == digest(TAGS)


@pytest.mark.parametrize(
    "other",
    [
        TAGS[:2],
        [tag(DIAGNOSIS, phi_class="therapy"), *TAGS[1:]],
        [tag(DIAGNOSIS, coarse=Coarse.NONE), *TAGS[1:]],
        [tag(DIAGNOSIS, field="Lead.Diagnosis__c"), *TAGS[1:]],
        [],
    ],
)
def test_another_decision_is_another_digest(other):
    assert digest(other) != digest(TAGS)


@pytest.mark.parametrize(("coarse", "phi"), [(c, c is not Coarse.NONE) for c in Coarse])
def test_what_is_phi(coarse, phi):
    assert tag(DIAGNOSIS, coarse=coarse).is_phi is phi


def test_names_have_an_object():
    assert tag("Visit__c.Reason__c").object == "Visit__c"
    assert FieldFacts("Contact", "Email").key == "Contact.Email"


def test_a_reading_is_complete_exactly_when_nothing_is_unread():
    found = snapshot(unread(Why.TRUNCATED, "users"))
    assert not found.readings["users"].complete
    assert found.unread("users").why is Why.TRUNCATED
    assert found.unread("fields") is None
    assert [r.name for r in found.gaps([Capability.PEOPLE, Capability.SCHEMA])] == ["users"]
    assert found.gaps([Capability.SCHEMA]) == ()


def test_what_was_never_collected_is_not_there_and_says_so():
    found = snapshot()
    assert found.table("sharing rules").num_rows == 0
    assert found.table("users").num_rows == 1
    assert found.unread("sharing rules").why is Why.NOT_COLLECTED
    assert "sharing rules" in found.unread("sharing rules").detail


def test_a_missing_reading_has_its_columns():
    schema = pa.schema([("Id", pa.string()), ("IsActive", pa.bool_())])
    reading = Reading.missing(
        "users", Capability.PEOPLE, schema, Unread(Why.FORBIDDEN, "Refused."), "query: User"
    )
    assert (reading.table.schema, reading.table.num_rows, reading.complete) == (schema, 0, False)


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_a_sentence(why):
    assert why.sentence.endswith(".")
    assert why.by_vendor is (why.value in {"not_exposed", "not_licensed"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((0, "field"), "0 fields"),
        ((1, "field"), "1 field"),
        ((1204, "person", "people"), "1,204 people"),
        ((1, "person", "people"), "1 person"),
    ],
)
def test_counting_in_sentences(given, expected):
    assert several(*given) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((5, 5), ""), ((3, 2), " (2 to 3 each)"), ((5, 2), " (2 to 5 each)"), ((3, 3), " (3 each)")],
)
def test_of_several_each_has_some(counts, expected):
    assert apiece(5, counts) == expected
