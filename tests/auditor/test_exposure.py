"""Gathering access into what one person can fix, and one path in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.access import Word
from auditor.exposure import explain, exposures, groups
from auditor.planes import Verb
from tests.auditor.orgs import DIAGNOSIS, HIV, marketer, nurse, org, tag

ANA, BEN, CARL = marketer("Ana"), marketer("Ben"), nurse("Carl")
WORDS = frozenset({Word.YES, Word.LATENT})


def everything(_tag):
    return True


def test_people_of_one_signature_are_split_by_audience():
    view = org(ANA, BEN, CARL, holds={"ana": "R", "ben": "R", "carl": "R"}, R=f"Contact {DIAGNOSIS}")
    found = [(audience, members) for _, audience, members in groups(view, ["ana", "ben", "carl"])]
    assert found == [("care", [2]), ("marketing", [0, 1])]
    assert list(groups(view, [])) == []


def test_exposures_are_in_a_stable_order():
    view = org(
        ANA, CARL, holds={"ana": "B A", "carl": "A"}, A=f"Contact {DIAGNOSIS}", B=f"Lead {HIV} {DIAGNOSIS}"
    )
    found = exposures(view, ["carl", "ana"], everything, WORDS)
    assert [(e.audience, e.object, e.root.id) for e in found] == [
        ("care", "Contact", "A"),
        ("marketing", "Contact", "A"),
        ("marketing", "Contact", "B"),
        ("marketing", "Lead", "B"),
    ]
    assert found[1].firmest is Word.YES
    assert [c.field for c in found[3].cells(view.tags.__getitem__)] == [HIV]


def test_a_pair_without_a_path_is_no_exposure():
    view = org(ANA, unreadable="A table is not whole.", tags={DIAGNOSIS: tag(DIAGNOSIS)})
    assert view.access.word("ana", DIAGNOSIS) is Word.UNKNOWN
    assert exposures(view, ["ana"], everything, frozenset({Word.UNKNOWN})) == []


def test_editing_is_gathered_apart():
    view = org(ANA, holds={"ana": "R"}, R=f"Contact {DIAGNOSIS}")
    assert exposures(view, ["ana"], everything, WORDS, verb=Verb.EDIT) == []


def told(rights: str, via=(), mutes=(), labels=None):
    view = org(ANA, holds={"ana": "R"}, R=rights, tags={DIAGNOSIS: tag(DIAGNOSIS)}, labels={"R": "Care Team"})
    grants = view.access.grants
    row = next(i for i, g in enumerate(grants.grantors) if g.id == "R")
    grants = replace(grants, via={(row, 0): via}, mutes={(row, 0): mutes}, labels=labels or {})
    return explain(replace(view.access, grants=grants), 0, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rights": ""}, "Ana (ana) → no path to Contact.Diagnosis__c was found."),
        (
            {"rights": DIAGNOSIS},
            "Ana (ana) → object: nothing opens it; field: permission set “Care Team”",
        ),
        (
            {"rights": f"Contact {DIAGNOSIS}", "via": ("P1", "P2"), "labels": {"P1": "Charts"}},
            (
                "Ana (ana) → object: permission set “Care Team”; "
                "field: permission set “Care Team” through “Charts”, “P2”"
            ),
        ),
        (
            {"rights": f"Contact {DIAGNOSIS}", "mutes": ("M",), "labels": {"M": "Less"}},
            "Ana (ana) → object: permission set “Care Team”; field: permission set “Care Team”, muted by “Less”",
        ),
    ],
)
def test_a_path_in_words(given, expected):
    assert told(**given) == expected
