"""Walk effective access without a step per person and field: people alike, and fields that open alike.

Access is computed per signature; here the people of a signature are split only where what a reader is told
differs (a limited assignment, a reason for doubt), and its fields are gathered by how they open. The words
and paths are the core's own, asked for once per gathering.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from auditor.access import WORDS, Access, Word, code
from auditor.exposure import explain
from auditor.planes import STRENGTHS, Bits, Gate, Verb

_SHOWS_PATH = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT, Word.DORMANT})
_NOTHING = frozenset({Word.NO, Word.NOT_JUDGED})

Carried = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Opening:
    """Fields that open in one way for everybody of a signature, as indexes; `no` is never among them.

    `paths` is empty for a verdict nobody can give a path for. `carried` has, for each grantor concerned, its
    id, the components that carry the field, and what mutes it.
    """

    fields: tuple[int, ...]
    read: Word
    edit: Word
    paths: str
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """People, as indexes, of whom the same is true in every word, path and limit."""

    signature: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class Walk:
    """The access of one system, gathered for writing."""

    access: Access

    def signatures(self, only: Word | None = None) -> Iterator[tuple[list[Alike], list[Opening]]]:
        """Each signature: its people, and what opens for them, all of it or what is read with one word only."""
        for signature in range(len(self.access.signatures)):
            yield self.people(signature), self.openings(signature, only)

    def people(self, signature: int) -> list[Alike]:
        """Split the people of a signature by limits and doubts that only some of them have."""
        found: dict[object, list[int]] = {}
        for person in self.access.signatures.members[signature]:
            key = (self._limits.get(person, ()), self.access.grants.blind.get(person, ""))
            found.setdefault(key, []).append(person)
        return [Alike(signature, tuple(members)) for members in found.values()]

    def openings(self, signature: int, only: Word | None = None) -> list[Opening]:
        """Everything that opens for a signature, or may, in the order of its first field."""
        read, edit = self.access.words(signature)
        wanted = ~(self.silent[read] & self.silent[edit])
        if only is not None:
            wanted &= read == code(only)
        if not wanted.any():
            return []
        held = [grantor for grantor, _ in self.access.signatures.held(signature)]
        ways = self._ways(held)
        carries = self._carried_by(held)
        default = self.access.grants.unmentioned.get(Gate.FIELD)
        by_default = default.by if default is not None else ()
        gathered: dict[object, list[int]] = {}
        for index in np.flatnonzero(wanted):
            at = int(index)
            grants = self.access.grants
            key = (
                read[at],
                edit[at],
                grants.fields[at].gates,
                grants.fields[at].unknown,
                ways[at],
                by_default[at] if by_default else None,
                carries.get(at),
            )
            gathered.setdefault(key, []).append(at)
        return [self._opening(signature, fields, read, edit, carries) for fields in gathered.values()]

    def why(self, alike: Alike, opening: Opening) -> str:
        """How the access comes about, in words that hold for everybody in the group."""
        person, field = alike.people[0], opening.fields[0]
        if opening.read is Word.UNKNOWN:
            return f"Could not be decided: {self.access.doubt(person, field)}"
        return self.told(alike, field)

    def told(self, alike: Alike, field: int) -> str:
        """What a verdict rests on, whatever it is, in words that hold for everybody in the group."""
        who = self.access.grants.people[alike.people[0]]
        return explain(self.access, alike.people[0], field).removeprefix(f"{who.name} ({who.id}) → ")

    def doubt(self, alike: Alike, opening: Opening) -> str:
        """Why verdicts of this opening are unknown; empty where none is."""
        if Word.UNKNOWN not in {opening.read, opening.edit}:
            return ""
        return self.access.doubt(alike.people[0], opening.fields[0])

    def _opening(
        self,
        signature: int,
        fields: list[int],
        read: np.typing.NDArray[np.uint8],
        edit: np.typing.NDArray[np.uint8],
        carries: dict[int, tuple[Carried, ...]],
    ) -> Opening:
        first = fields[0]
        word = WORDS[read[first]]
        path = self.access.path(signature, first) if word in _SHOWS_PATH else None
        return Opening(
            tuple(fields),
            word,
            WORDS[edit[first]],
            str(path) if path is not None else "",
            carries.get(first, ()),
        )

    def _ways(self, held: list[int]) -> list[bytes]:
        """Say for each field which held grantors open it how firmly: equal bytes open alike."""
        planes = self.access.grants.planes
        found = [planes.get((Gate.FIELD, Verb.READ, strength)) for strength in STRENGTHS]
        rows = [Bits(p.columns, p.words[held]).unpack() for p in found if p is not None]
        if not rows or not held:
            return [b""] * len(self.access.grants.fields)
        packed = np.packbits(np.concatenate(rows), axis=0)
        return [column.tobytes() for column in np.ascontiguousarray(packed.T)]

    def _carried_by(self, held: list[int]) -> dict[int, tuple[Carried, ...]]:
        found: dict[int, list[Carried]] = {}
        grantors = self.access.grants.grantors
        for grantor in held:
            for field, via, mutes in self._carriers.get(grantor, ()):
                found.setdefault(field, []).append((grantors[grantor].id, via, mutes))
        return {field: tuple(sorted(entries)) for field, entries in found.items()}

    @cached_property
    def silent(self) -> np.typing.NDArray[np.bool_]:
        """Whether a verdict code says nothing that a report would list."""
        return np.array([word in _NOTHING for word in WORDS], dtype=bool)

    @cached_property
    def _limits(self) -> dict[int, tuple[tuple[str, str], ...]]:
        found: dict[int, list[tuple[str, str]]] = {}
        for (person, container), limit in self.access.grants.held_by.items():
            found.setdefault(person, []).append((container, limit))
        return {person: tuple(sorted(limits)) for person, limits in found.items()}

    @cached_property
    def _carriers(self) -> dict[int, list[tuple[int, tuple[str, ...], tuple[str, ...]]]]:
        grants = self.access.grants
        found: dict[int, list[tuple[int, tuple[str, ...], tuple[str, ...]]]] = {}
        for grantor, field in sorted({*grants.via, *grants.mutes}):
            key = (grantor, field)
            found.setdefault(grantor, []).append((field, grants.via.get(key, ()), grants.mutes.get(key, ())))
        return found
