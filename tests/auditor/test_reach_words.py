"""How an extent reads, and when it counts as proof."""

from __future__ import annotations

import pytest

from auditor.reach import UNKNOWN, Extent, Reach, Span


@pytest.mark.parametrize(
    ("extent", "said"),
    [
        (Extent(Span.ALL, 12_000, 12_000), "every record (12,000)"),
        (Extent(Span.ALL, 12_000, None), "every record"),
        (
            Extent(Span.ALL, 3, 3, restricted=True),
            "every record (3), less what a restriction rule takes away",
        ),
        (Extent(Span.SOME, 1, 1), "1 record"),
        (Extent(Span.SOME, 1_200, 1_200), "1,200 records"),
        (Extent(Span.SOME, 2, 9), "2 to 9 records"),
        (Extent(Span.SOME, 2, None), "at least 2 records"),
        (
            Extent(Span.SOME, 1, None, restricted=True),
            "at least 1 record, less what a restriction rule takes away",
        ),
        (Extent(Span.NONE, 0, 0), "no record"),
        (Extent(Span.NONE, 0, 0, restricted=True), "no record"),
        (Extent(Span.UNKNOWN), "unknown"),
        (Extent(Span.UNKNOWN, why="its shares could not be read"), "unknown: its shares could not be read"),
        (Extent(Span.UNKNOWN, 4, 9, why="refused"), "unknown, at least 4 records: refused"),
    ],
)
def test_words(extent, said):
    assert str(extent) == said


def test_only_a_whole_look_proves_that_nothing_is_reached():
    assert Extent(Span.NONE, 0, 0, whole=True).proven_none
    assert not Extent(Span.NONE, 0, 0).proven_none
    assert not Extent(Span.SOME, 1, 1, whole=True).proven_none
    assert not Extent(Span.UNKNOWN, 0, 0, whole=True).proven_none
    assert not UNKNOWN.exact


def test_what_was_not_looked_at_is_unknown():
    reach = Reach({"Contact": {"005A": Extent(Span.SOME, 1, 1)}})
    assert reach.of("005A", "Contact").exact
    assert reach.of("005B", "Contact") == reach.of("005A", "Task") == UNKNOWN
