"""How an extent reads, and when it counts as proof."""

from __future__ import annotations

import pytest

from auditor.reach import Extent, Span


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
        (Extent(Span.NONE, 0, 0), "no live record"),
        (Extent(Span.NONE, 0, 0, restricted=True), "no live record"),
        (Extent(Span.UNKNOWN), "unknown"),
        (Extent(Span.UNKNOWN, why="its shares could not be read"), "unknown: its shares could not be read"),
        (Extent(Span.UNKNOWN, 4, 9, why="refused"), "unknown, at least 4 records: refused"),
    ],
)
def test_words(extent, said):
    assert str(extent) == said
