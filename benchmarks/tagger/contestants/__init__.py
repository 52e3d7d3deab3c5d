"""Those that are compared: the tagger and its peers, each a module, each in a process of its own.

A module's `ready()` loads what it needs and returns a guesser. `PACKAGE` names the installed package it stands on, if
any. A peer's module imports nothing of the product, so that it runs where only the peers are installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Guess(NamedTuple):
    """What a field is taken for: a class, a coarse label, or `none`; and how surely, in the contestant's own way."""

    label: str = "none"
    sure: str | float = ""


Guesser = Callable[[Sequence[Mapping[str, str]]], list[Guess]]
"""From the columns of fields (`labelled.SEEN`) to one guess for each, in order."""

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\W]+")


def plain(text: str) -> str:
    """`Primary_Diagnosis__c` and `primaryDiagnosis` as lower-case words, as any of the peers would want them."""
    return " ".join(_HUMPS.sub(" ", text.removesuffix("__c")).lower().split())


def said(row: Mapping[str, str], *columns: str) -> str:
    """What some columns of a field say, as words."""
    return " ".join(plain(row[column]) for column in columns if row[column])
