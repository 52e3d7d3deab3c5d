"""The plain reading of the rules says what the scenarios' truths say."""

from __future__ import annotations

import json

import pytest

from sandbox.hubspot.oracle import Reach, conjunction, has_odd_filter, named_in, read_evidence, truth


def _rows(rows):
    return {(row["user"], row["object"], row["property"]): row for row in rows}


def _agrees(ours, theirs):
    """Whether a row says what the truth says; a rule may be any of several, a reach need not be stated."""
    return (
        (ours["view"], ours["edit"]) == (theirs["view"], theirs["edit"])
        and ours["rule"] in theirs["rule"].split("|")
        and theirs.get("reach") in {None, "", ours["reach"]}
    )


def test_every_scenario(shared):
    judged = 0
    for folder in sorted((shared / "data" / "scenarios" / "hubspot").iterdir()):
        if not folder.is_dir():
            continue
        portal, given, wanted = (
            json.loads((folder / f"{name}.json").read_text()) for name in ("portal", "given", "truth")
        )
        if given.get("oracle") is False:
            continue
        found = truth(portal, given, read_evidence(folder / "evidence"))
        for key in ("phi", "archived_phi", "marketing", "absent", "republishes", "coverage"):
            order = dict if key == "phi" else (lambda rows: sorted(rows, key=json.dumps))
            assert order(found[key]) == order(wanted[key]), (folder.name, key)
        ours, theirs = _rows(found["expect"]), _rows(wanted["expect"])
        assert ours.keys() == theirs.keys(), folder.name
        odd = [(ours[key], row) for key, row in theirs.items() if not _agrees(ours[key], row)]
        assert not odd, (folder.name, odd[:3])
        counts = {row["policy"]: row for row in found["retention"]}
        for row in wanted["retention"]:
            for key in ("total", "undatable", "archived"):
                assert row.get(key) is None or counts[row["policy"]][key] == row[key], (folder.name, row)
        judged += 1
    assert judged >= 15


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        (("ALLOW", "ALLOW"), "ALLOW"),
        (("ALLOW", "UNKNOWN"), "UNKNOWN"),
        (("UNKNOWN", "DENY"), "DENY"),
        ((), "ALLOW"),
    ],
)
def test_and_in_three_values(verdicts, together):
    assert conjunction(*verdicts) == together


@pytest.mark.parametrize(
    ("level", "doubt", "word", "verdict"),
    [
        ("ALL", True, "ALL", "ALLOW"),
        ("OWNED", False, "OWNED", "ALLOW"),
        ("NONE", False, "NONE", "DENY"),
        ("NONE", True, "UNKNOWN", "UNKNOWN"),
        (None, False, "UNKNOWN", "UNKNOWN"),
    ],
)
def test_doubt_widens_and_never_narrows(level, doubt, word, verdict):
    assert (Reach(level, doubt).word, Reach(level, doubt).verdict) == (word, verdict)


def test_quoted_words_are_not_names():
    assert named_in("if dx equals 'hiv dx2' then \"x\" else other") == [
        "if",
        "dx",
        "equals",
        "then",
        "else",
        "other",
    ]


def test_a_filter_of_an_unknown_kind_is_noticed_at_any_depth():
    assert has_odd_filter(
        {"filterBranches": [{"filterBranchType": "AND", "filters": [{"filterType": "MOOD"}]}]}
    )
    assert not has_odd_filter(
        {"filterBranches": [{"filterBranchType": "AND", "filters": [{"filterType": "CTA"}]}]}
    )
