"""What people decided about single fields, whether it still holds, and where the sources of a tag disagree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.phi import Basis


class Standing(StrEnum):
    """How a person's decision about a field stands; what needs somebody comes first."""

    REOPENED = "re-opened"
    EXPIRED = "expired"
    UNSEEN = "not seen"
    IN_FORCE = "in force"


LAPSED = frozenset({Standing.REOPENED, Standing.EXPIRED})
"""Standings in which somebody has to decide again."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about one field, held against the field as it is now.

    `field` is spelled as the CRM does now; `phi_class` is a class, or `none`. `then` and `now` are digests of the
    evidence (`now` is empty for a field that is not there), and `changed` names the parts that differ.
    """

    field: str
    phi_class: str
    by: str
    on: str
    why: str
    standing: Standing
    id: str = ""
    expires: str = ""
    then: str = ""
    now: str = ""
    changed: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def lapsed(self) -> bool:
        """Whether somebody has to decide again."""
        return self.standing in LAPSED


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources that cannot both be right about a field, in one sentence."""

    field: str
    between: tuple[Basis, Basis]
    sentence: str


@dataclass(frozen=True, slots=True)
class Sources:
    """How the sources of the tags stand to one another, over so many compared fields."""

    compared: int = 0
    disagreements: tuple[Disagreement, ...] = ()
    rulings: tuple[Ruling, ...] = ()
