"""Counting things in sentences, and taking names apart into words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+")


def several(count: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 field`, `2 fields`, `1,204 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def apiece(total: int, counts: Collection[int]) -> str:
    """How many of these each has, where not everybody has all: ` (60 each)`, ` (60 to 141 each)`; else empty."""
    least, most = min(counts), max(counts)
    if least == total:
        return ""
    return f" ({least:,} each)" if least == most else f" ({least:,} to {most:,} each)"


def words_of(*names: str) -> frozenset[str]:
    """The words of names and labels, lower case and without accents: `Código_Postal__c` has `codigo` and `postal`."""
    spread = unicodedata.normalize("NFKD", " ".join(_CAMEL.sub(" ", name) for name in names))
    plain = "".join(mark for mark in spread if not unicodedata.combining(mark))
    return frozenset(_WORD.findall(plain.casefold()))
