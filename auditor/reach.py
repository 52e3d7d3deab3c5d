"""How many records somebody reaches, whatever the fields: a word, and bounds where only bounds are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.wording import several


class Span(StrEnum):
    """How much of an object somebody reaches."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Extent:
    """One person's reach of one object: at least so many records, at most so many (None: no upper bound known).

    `restricted` means that a rule takes records away which nothing here can evaluate: the word is then an upper
    bound. `why` says in words what the word rests on, or why it is unknown. Only live records are counted, so `none` is
    no proof that somebody finds nothing: archived and deleted ones stay readable for a time.
    """

    span: Span
    at_least: int = 0
    at_most: int | None = None
    restricted: bool = False
    why: str = ""

    @property
    def exact(self) -> bool:
        """Whether the count is a count, not bounds."""
        return self.at_least == self.at_most and self.span is not Span.UNKNOWN

    def __str__(self) -> str:
        """In words, as reports print it."""
        note = ", less what a restriction rule takes away" if self.restricted else ""
        if self.span is Span.UNKNOWN:
            known = f", at least {several(self.at_least, 'record')}" if self.at_least else ""
            return f"unknown{known}: {self.why}" if self.why else f"unknown{known}"
        if self.span is Span.ALL:
            return f"every record ({self.at_least:,}){note}" if self.exact else f"every record{note}"
        if self.exact:
            return f"{several(self.at_least, 'record')}{note}" if self.at_least else "no live record"
        if self.at_most is None:
            return f"at least {several(self.at_least, 'record')}{note}"
        return f"{self.at_least:,} to {several(self.at_most, 'record')}{note}"


UNKNOWN = Extent(Span.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reach:
    """Everybody's reach: object → person id → extent. What was not looked at is unknown, never none."""

    objects: Mapping[str, Mapping[str, Extent]] = field(default_factory=dict)

    def of(self, person: str, name: str) -> Extent:
        """One person's reach of one object."""
        return self.objects.get(name, {}).get(person, UNKNOWN)
