"""Packed bit planes: which grantor opens which gate, for which verb, how firmly.

Two gates stand before every value: the object gate and the field gate. A plane has a row per grantor and a
column per object gate or per field; there is one for each gate × verb × strength. People hold grantors, again at
a strength. Nothing here ever has a row per person and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from auditor.people import Kind, Person
from auditor.rights import Right

Words = npt.NDArray[np.uint64]
Index = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Strength(IntEnum):
    """How firm a link is; a chain is as weak as its weakest link, and lower is firmer.

    `UNSURE` is a link that nobody could look at: it proves nothing, and it rules out that there is none. So links
    are Kleene's three values as well: all of them is the weakest, any of them the firmest.
    """

    LIVE = 0
    ACTIVATABLE = 1
    POSSIBLE = 2
    UNSURE = 3
    NONE = 4


STRENGTHS = (Strength.LIVE, Strength.ACTIVATABLE, Strength.POSSIBLE, Strength.UNSURE)
"""Every strength with which something opens a gate, or may."""

SEEN = STRENGTHS[:3]
"""Those that rest on something that was read."""


class Gate(StrEnum):
    """Which of the two gates a plane is about."""

    OBJECT = "object"
    FIELD = "field"


class Verb(StrEnum):
    """What is done once a gate is open."""

    READ = "read"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Bits:
    """A packed boolean matrix: `columns` bits to a row, 64 to a word, least significant first."""

    columns: int
    words: Words

    @classmethod
    def build(cls, rows: int, columns: int, row: Index, column: Index) -> Bits:
        """Set the given (row, column) pairs; repeated pairs count once."""
        flags = np.zeros((rows, _words(columns) * 8), dtype=np.uint8)
        flat = row * flags.shape[1] + (column >> 3)
        np.bitwise_or.at(flags.reshape(-1), flat, np.left_shift(1, column & 7).astype(np.uint8))
        return cls(columns, flags.view(np.uint64))

    @classmethod
    def empty(cls, rows: int, columns: int) -> Bits:
        """A matrix without a single bit."""
        return cls(columns, np.zeros((rows, _words(columns)), dtype=np.uint64))

    @classmethod
    def pack(cls, flags: Flags) -> Bits:
        """Pack a boolean matrix."""
        rows, columns = flags.shape
        padded = np.zeros((rows, _words(columns) * 64), dtype=bool)
        padded[:, :columns] = flags
        return cls(columns, np.packbits(padded, axis=1, bitorder="little").view(np.uint64))

    def unpack(self, start: int = 0, stop: int | None = None) -> Flags:
        """Rows `start` to `stop` as booleans."""
        part = np.ascontiguousarray(self.words[start:stop]).view(np.uint8)
        return np.unpackbits(part, axis=1, count=self.columns, bitorder="little").astype(bool)

    def column(self, index: int) -> Flags:
        """One column, a boolean for each row."""
        bits: Flags = (self.words[:, index >> 6] >> np.uint64(index & 63)) & np.uint64(1) == 1
        return bits

    def __or__(self, other: Bits) -> Bits:
        return Bits(self.columns, self.words | other.words)

    def __and__(self, other: Bits) -> Bits:
        return Bits(self.columns, self.words & other.words)

    def any(self) -> bool:
        """Whether a single bit is set."""
        return bool(self.words.any())


def _words(columns: int) -> int:
    return max(1, -(-columns // 64))


@dataclass(frozen=True, slots=True)
class Grantor:
    """One thing that can open a gate.

    `id` is what reports print; `container` the container it is a right of. `keeps` says whether its field bits
    alone, behind a closed object gate, are a latent grant (salesforce O1). `right` names the right in words.
    `rule` is the vendor reference's rule by which it decides, where verdicts cite one; `records` says which records
    it opens, in the vendor's word, where it opens not all of them alike. `undo` says in the vendor's words where
    somebody takes it away, as the beginning of a sentence; empty where container and right say enough.
    """

    id: str
    container: str = ""
    label: str = ""
    kind: str = ""
    right: str = ""
    keeps: bool = True
    rule: str = ""
    records: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class ObjectGate:
    """A column of the object planes; `unknown` is the reason why nobody can say what opens it, or empty."""

    name: str
    unknown: str = ""


class Editing(StrEnum):
    """Whether the edit verdict of a field is judged at all."""

    JUDGED = "judged"
    NEVER = "never"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column of the field planes; every one of `gates` must be open.

    `unknown` is why nobody can say how the field is guarded, or empty; `rules` are those that shaped the column.
    `masked` fields show their value in clear only to holders of a right to decrypt.
    """

    name: str
    gates: tuple[int, ...]
    editing: Editing = Editing.JUDGED
    securable: bool = True
    unknown: str = ""
    rules: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Muting:
    """One row of a group's parts that the group takes away: `by` which containers, `via` the parts that carry it.

    `right` is how firmly the group would give it otherwise.
    """

    row: str
    by: tuple[str, ...]
    via: tuple[str, ...]
    right: Strength = Strength.LIVE


@dataclass(frozen=True, slots=True)
class Unmentioned:
    """What opens the columns of a gate to whoever holds nothing that mentions them.

    `mentions` has a bit for each grantor that says anything of a column, be it yes or no. `by` is for each column the
    grantor, by row, that stands for nothing being said; nobody holds it. Where this is given, holding more can mean
    seeing less.
    """

    mentions: Bits
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Who holds which grantor how firmly: three parallel columns, any order, duplicates allowed."""

    person: Index
    grantor: Index
    strength: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Grants:
    """Everything a CRM's semantics compiled: people, grantors, gates, fields, and the planes between them.

    `blind` maps a person's index to why something they hold could not be looked at; `unread` is set when that is
    so for everybody. `partial` says what of grants and assignments was not read, so that there may be more than is
    here. `via` maps (grantor index, field index) to the component containers that carry the row,
    `mutes` to what takes it away, and `held_by` (person index, container id) to how an assignment is limited.
    `expiring` has the moment at which an assignment that counts today will end, `fading` the one from which it counts
    only possibly, `ended` why one that is stored counts for nothing. `rights` are rights of people as a whole, by
    key, and `carried` says which container carries which how firmly. Every container is a grantor, whether or not it
    opens a gate.

    `firmness` says how firmly whoever is assigned a container holds it, where that is not live; `activated` are pairs
    (person index, container id) for whom that takes no activation more. `unsettled` are grantors, by index, of which
    nobody can say what they give people of some kinds. `muted` has what keeps a grantor from opening a column of a
    gate: any one row would open it. `closes` are grantors, by gate and column, that were looked at and do not open
    it: what a no rests on for whoever holds them. `unmentioned` says, for the gates that are open by default, what
    opens them; with `unread`, or to the `blind`, they are so no more firmly than unsure, since what was not read may
    mention them. `brings` are the containers that come with another, such as those a group inherits from. `joined` is
    the rule that joins the gates, where verdicts cite one, and `absent` are ids known only from elsewhere, about whom
    nothing is said.
    """

    people: tuple[Person, ...]
    grantors: tuple[Grantor, ...]
    gates: tuple[ObjectGate, ...]
    fields: tuple[FieldColumn, ...]
    planes: Mapping[tuple[Gate, Verb, Strength], Bits]
    holdings: Holdings
    blind: Mapping[int, str] = field(default_factory=dict)
    unread: str = ""
    via: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    mutes: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    held_by: Mapping[tuple[int, str], str] = field(default_factory=dict)
    expiring: Mapping[tuple[int, str], datetime] = field(default_factory=dict)
    fading: Mapping[tuple[int, str], datetime] = field(default_factory=dict)
    ended: Mapping[tuple[int, str], str] = field(default_factory=dict)
    rights: Mapping[str, Right] = field(default_factory=dict)
    carried: Mapping[str, Mapping[str, Strength]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    firmness: Mapping[str, Strength] = field(default_factory=dict)
    activated: frozenset[tuple[int, str]] = frozenset()
    unsettled: Mapping[int, frozenset[Kind]] = field(default_factory=dict)
    muted: Mapping[tuple[Gate, Verb, int, int], tuple[Muting, ...]] = field(default_factory=dict)
    partial: str = ""
    closes: Mapping[tuple[Gate, int], tuple[int, ...]] = field(default_factory=dict)
    joined: str = ""
    absent: tuple[str, ...] = ()
    unmentioned: Mapping[Gate, Unmentioned] = field(default_factory=dict)
    brings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def assigned(self, person: int, grantor: int) -> Strength:
        """How firmly somebody would hold a grantor once its container was assigned to them."""
        container = self.grantors[grantor].container
        firm = self.firmness.get(container, Strength.LIVE)
        if firm is Strength.ACTIVATABLE and (person, container) in self.activated:
            firm = Strength.LIVE
        kinds = self.unsettled.get(grantor, frozenset())
        return Strength.POSSIBLE if self.people[person].kind in kinds else firm

    def plane(self, gate: Gate, verb: Verb, at_most: Strength) -> Bits:
        """The bits that are at least this firm."""
        columns = len(self.gates) if gate is Gate.OBJECT else len(self.fields)
        bits = Bits.empty(len(self.grantors), columns)
        for strength in STRENGTHS[: at_most + 1]:
            found = self.planes.get((gate, verb, strength))
            if found is not None:
                bits = bits | found
        return bits
