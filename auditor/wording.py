"""Counting things in sentences."""

from __future__ import annotations

from collections.abc import Collection


def several(count: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 field`, `2 fields`, `1,204 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def apiece(total: int, counts: Collection[int]) -> str:
    """How many of these each has, where not everybody has all: ` (60 each)`, ` (60 to 141 each)`; else empty."""
    least, most = min(counts), max(counts)
    if least == total:
        return ""
    return f" ({least:,} each)" if least == most else f" ({least:,} to {most:,} each)"
