"""Side doors: ways past field security, through somebody else's access."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.access import WORDS, Access, Word


class DoorKind(StrEnum):
    """What sort of door it is."""

    DASHBOARD = "dashboard"
    TOKEN = "token"  # noqa: S105 - the kind of door, no secret
    CLIENT_CREDENTIALS = "client-credentials"


@dataclass(frozen=True, slots=True)
class Door:
    """Something that shows data with the access of the person `through`; `open_to` says to whom, in one word."""

    kind: DoorKind
    id: str
    label: str
    through: str
    open_to: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the vendor's own log of permission changes: what was done, when (ISO 8601) and by whom (id)."""

    id: str
    action: str
    section: str = ""
    at: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is seen through a door: fields read with certainty, and whether that may not be all."""

    fields: tuple[str, ...] = ()
    undecided: bool = False


def shown_through(access: Access, door: Door) -> Shown:
    """The PHI fields that the door's person reads. Of somebody this audit was not shown, nothing is decided."""
    try:
        read, _ = access.words(access.signature_of(door.through))
    except KeyError:
        return Shown(undecided=True)
    words = {column.name: WORDS[code] for column, code in zip(access.grants.fields, read, strict=True)}
    fields = tuple(sorted(name for name, word in words.items() if word is Word.YES))
    return Shown(fields, Word.UNKNOWN in words.values())
