"""By which rule a verdict was decided, and over which records: for CRMs whose reference numbers its rules.

Where one container opens both gates, it decides alone. Else the object gate decides a no, then the field gate
whatever is not a yes, then the object gate what nobody can say, and the field gate the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access import WORDS, Access, Word
from auditor.planes import Gate, Grantor, Strength, Verb

UNTOLD = "UNKNOWN"
"""The records of somebody of whom nobody can say whether they reach any."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict to read: its words, the rule that decided it, and over which records it holds (empty: not asked)."""

    read: Word
    edit: Word
    rule: str
    records: str


@dataclass(frozen=True, slots=True)
class _Side:
    """What of somebody's holdings stands at one gate, the firmest only, in the order of the reference's rules."""

    strength: Strength
    grantors: tuple[Grantor, ...]

    @property
    def rule(self) -> str:
        return next((g.rule for g in self.grantors if g.rule), "")

    @property
    def records(self) -> str:
        return min((g.records for g in self.grantors if g.records), key=_width, default="")


def _place(grantor: Grantor) -> tuple[int, str]:
    """Rules in the order of their numbers, as the reference tries them."""
    return int("".join(c for c in grantor.rule if c.isdigit()) or 0), grantor.id


_WIDTHS = ("ALL", "TEAM", "OWNED")


def _width(records: str) -> tuple[int, str]:
    return _WIDTHS.index(records) if records in _WIDTHS else len(_WIDTHS), records


def decided(access: Access) -> bool:
    """Whether verdicts of this CRM cite rules at all."""
    return any(grantor.rule for grantor in access.grants.grantors)


def decide(access: Access, person: int, field: int) -> Decision:
    """The decision about one person and field, by index."""
    signature = int(access.signatures.of[person])
    codes = access.words(signature)
    read, edit = (WORDS[int(words[field])] for words in codes)
    columns = access.grants.fields[field].gates
    objects = [_side(access, signature, Gate.OBJECT, column) for column in columns]
    door = max(objects, key=lambda side: side.strength, default=_Side(Strength.LIVE, ()))
    guard = _side(access, signature, Gate.FIELD, field)
    alone = _alone(door, guard)
    if alone is not None:
        return Decision(read, edit, alone.rule, "")
    records = door.records
    if door.strength is Strength.UNSURE:
        records = UNTOLD
    if door.strength is Strength.NONE:
        return Decision(read, edit, door.rule, records)
    if guard.strength is not Strength.LIVE:
        return Decision(read, edit, guard.rule, records)
    if door.strength is Strength.UNSURE:
        return Decision(read, edit, access.grants.joined, records)
    return Decision(read, edit, door.rule or guard.rule, records)


def _side(access: Access, signature: int, gate: Gate, column: int) -> _Side:
    opened = access.openers(gate, Verb.READ, signature, column)
    if not opened:
        held = {index for index, _ in access.signatures.held(signature)}
        closing = access.grants.closes.get((gate, column), ())
        return _Side(Strength.NONE, _sorted(access.grants.grantors[i] for i in closing if i in held))
    firmest = min(strength for _, strength in opened)
    return _Side(firmest, _sorted(grantor for grantor, strength in opened if strength is firmest))


def _sorted(grantors: Iterable[Grantor]) -> tuple[Grantor, ...]:
    return tuple(sorted(grantors, key=_place))


def _alone(door: _Side, guard: _Side) -> Grantor | None:
    """What decides both gates by itself: it opens or closes both, and no gate is left to another.

    Of a container that opens one gate and closes the other, the closing counts.
    """
    shared = {g.container for g in door.grantors} & {g.container for g in guard.grantors}
    found = [g for g in door.grantors if g.rule and g.container in shared]
    return found[0] if found else None
