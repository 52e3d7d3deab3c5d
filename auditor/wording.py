"""Counting things in sentences."""

from __future__ import annotations


def several(count: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 field`, `2 fields`, `1,204 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
