"""Who can see what, and why: verdict words and paths, computed once for people who hold exactly the same.

The words and their order are those of the access table (org-fixture 2.1); a chain of links is as weak as its
weakest, of several chains the firmest counts, and a chain needs both the object gate and the field gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from auditor.planes import (
    STRENGTHS,
    Bits,
    Editing,
    Flags,
    Gate,
    Grantor,
    Grants,
    Index,
    Strength,
    Verb,
    Words,
)
from auditor.rights import Use

BLOCK_BYTES = 32 << 20


class Word(StrEnum):
    """What may be said about one person and one field."""

    YES = "yes"
    ACTIVATABLE = "activatable"
    POSSIBLE = "possible"
    LATENT = "latent"
    NO = "no"
    DORMANT = "dormant"
    UNKNOWN = "unknown"
    NOT_JUDGED = "-"


WORDS = tuple(Word)
"""Verdict codes are positions in this tuple."""

_CODE = {word: code for code, word in enumerate(WORDS)}
_AT = {
    Strength.LIVE: Word.YES,
    Strength.ACTIVATABLE: Word.ACTIVATABLE,
    Strength.POSSIBLE: Word.POSSIBLE,
    Strength.NONE: Word.NO,
}
Codes = npt.NDArray[np.uint8]


def code(word: Word) -> int:
    """The position of a word in verdict arrays."""
    return _CODE[word]


@dataclass(frozen=True, slots=True)
class Path:
    """What opens a field for one signature: for each object gate and for the field gate, any one grantor.

    `objects` has an entry per gate (none for a latent grant). `weaker` are grantors that open a gate too, but
    less firmly than the verdict. `strength` is the chain's.
    """

    strength: Strength
    objects: tuple[tuple[Grantor, ...], ...]
    fields: tuple[Grantor, ...]
    weaker_objects: tuple[Grantor, ...] = ()
    weaker_fields: tuple[Grantor, ...] = ()

    def __str__(self) -> str:
        """`objectGrantor>fieldGrantor`, alternatives joined with `+` (org-fixture 2.3)."""
        objects = sorted({g.id for gate in self.objects for g in gate})
        return f"{'+'.join(objects)}>{'+'.join(sorted(g.id for g in self.fields))}"


@dataclass(frozen=True, slots=True)
class Signatures:
    """People who hold exactly the same, grouped.

    `of` gives each person's signature; `members` the people of each; `start` and the two parallel arrays the
    grantors each signature holds, and how firmly.
    """

    of: Index
    members: tuple[tuple[int, ...], ...]
    start: Index
    grantor: Index
    strength: npt.NDArray[np.uint8]
    dormant: Flags
    blind: Flags

    def __len__(self) -> int:
        return len(self.members)

    def held(self, signature: int) -> Iterator[tuple[int, Strength]]:
        """The grantors one signature holds."""
        for i in range(int(self.start[signature]), int(self.start[signature + 1])):
            yield int(self.grantor[i]), Strength(int(self.strength[i]))


def signatures(grants: Grants) -> Signatures:
    """Group people by what they hold, whether they are dormant, and whether we are blind about them.

    Order and duplicates of holdings make no difference; of two holdings of one grantor the firmer counts.
    """
    count = len(grants.people)
    width = np.int64(max(1, len(grants.grantors)))
    key = grants.holdings.person.astype(np.int64) * width + grants.holdings.grantor
    order = np.lexsort((grants.holdings.strength, key))
    key, strength = key[order], grants.holdings.strength[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    key, strength = key[first], strength[first]
    person, grantor = key // width, key % width
    bounds = np.searchsorted(person, np.arange(count + 1))

    dormant = np.array([p.dormant for p in grants.people], dtype=bool)
    blind = np.zeros(count, dtype=bool)
    blind[list(grants.blind)] = True
    held = grantor * 4 + strength
    numbers: dict[tuple[bytes, bool, bool], int] = {}
    of = np.empty(count, dtype=np.int64)
    for i in range(count):
        same = (held[bounds[i] : bounds[i + 1]].tobytes(), bool(dormant[i]), bool(blind[i]))
        of[i] = numbers.setdefault(same, len(numbers))

    members: list[list[int]] = [[] for _ in numbers]
    for i, signature in enumerate(of):
        members[signature].append(i)
    leaders = np.array([m[0] for m in members], dtype=np.int64)
    sizes = bounds[leaders + 1] - bounds[leaders] if len(leaders) else np.zeros(0, dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = _ranges(bounds[leaders] if len(leaders) else sizes, sizes)
    return Signatures(
        of=of,
        members=tuple(tuple(m) for m in members),
        start=start,
        grantor=grantor[rows],
        strength=strength[rows],
        dormant=dormant[leaders] if len(leaders) else dormant[:0],
        blind=blind[leaders] if len(leaders) else blind[:0],
    )


def _ranges(start: Index, size: Index) -> Index:
    """The concatenated ranges `start[i] : start[i] + size[i]`."""
    total = int(size.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(size)
    offsets: Index = np.repeat(start - (ends - size), size)
    return np.arange(total, dtype=np.int64) + offsets


@dataclass(frozen=True)
class Access:
    """Every verdict of one org, held as packed planes over signatures × fields."""

    grants: Grants
    signatures: Signatures
    reach: dict[tuple[Verb, Strength], Bits]
    latent: Bits

    @cached_property
    def read_counts(self) -> dict[Word, int]:
        """How many person × field pairs have each read verdict."""
        counts = np.zeros(len(WORDS), dtype=np.int64)
        for signature, members in enumerate(self.signatures.members):
            counts += np.bincount(self.words(signature)[0], minlength=len(WORDS)) * len(members)
        return {word: int(count) for word, count in zip(WORDS, counts, strict=True)}

    @cached_property
    def _person_index(self) -> dict[str, int]:
        return {person.id: i for i, person in enumerate(self.grants.people)}

    @cached_property
    def _field_index(self) -> dict[str, int]:
        return {column.name: i for i, column in enumerate(self.grants.fields)}

    @cached_property
    def _gate_unknown(self) -> Flags:
        return np.array([bool(self._unknown(i)) for i in range(len(self.grants.fields))], dtype=bool)

    def _unknown(self, field: int) -> str:
        column = self.grants.fields[field]
        return column.unknown or next(
            (self.grants.gates[g].unknown for g in column.gates if self.grants.gates[g].unknown), ""
        )

    def field_index(self, name: str) -> int:
        """The column of a field. Raises KeyError for a field that is not part of this audit."""
        return self._field_index[name]

    @cached_property
    def _grantor_index(self) -> dict[str, int]:
        return {grantor.id: i for i, grantor in enumerate(self.grants.grantors)}

    def grantor_index(self, grantor: Grantor) -> int:
        """The row of a grantor in the planes."""
        return self._grantor_index[grantor.id]

    def signature_of(self, person_id: str) -> int:
        """The signature of a person. Raises KeyError for an unknown id."""
        return int(self.signatures.of[self._person_index[person_id]])

    def words(self, signature: int) -> tuple[Codes, Codes]:
        """The read and edit verdicts of one signature: a code for each field (see `WORDS`)."""
        read = self._strongest(Verb.READ, signature)
        edit = self._strongest(Verb.EDIT, signature)
        held = self.latent.unpack(signature, signature + 1)[0]
        read[(read == _CODE[Word.NO]) & held] = _CODE[Word.LATENT]
        edit[(read == _CODE[Word.NO]) | (read == _CODE[Word.LATENT])] = _CODE[Word.NO]
        edit[self._editing(Editing.NEVER)] = _CODE[Word.NO]

        doubtful = self._gate_unknown | bool(self.signatures.blind[signature] or self.grants.unread)
        read[doubtful & (read != _CODE[Word.YES])] = _CODE[Word.UNKNOWN]
        edit[doubtful & (edit != _CODE[Word.YES])] = _CODE[Word.UNKNOWN]
        if self.signatures.dormant[signature]:
            for words in (read, edit):
                words[words <= _CODE[Word.POSSIBLE]] = _CODE[Word.DORMANT]
        edit[self._editing(Editing.NOT_JUDGED)] = _CODE[Word.NOT_JUDGED]
        return read, edit

    def word(self, person_id: str, field: str, verb: Verb = Verb.READ) -> Word:
        """The verdict for one person and one field."""
        read, edit = self.words(self.signature_of(person_id))
        return WORDS[int((read if verb is Verb.READ else edit)[self.field_index(field)])]

    def path(self, signature: int, field: int, verb: Verb = Verb.READ) -> Path | None:
        """What opens a field for a signature, or None when nothing does.

        A dormant person's path is the one that would be back; an unknown verdict has none, or one that is less
        than live.
        """
        strength = next((s for s in STRENGTHS if _bit(self.reach[verb, s].words, signature, field)), None)
        by_field = self._grantors(Gate.FIELD, verb, signature, field)
        if strength is None:
            kept = tuple(g for g, _ in by_field if g.keeps)
            latent = verb is Verb.READ and _bit(self.latent.words, signature, field)
            return Path(Strength.NONE, (), kept) if latent else None
        by_gate = [
            self._grantors(Gate.OBJECT, verb, signature, gate) for gate in self.grants.fields[field].gates
        ]
        return Path(
            strength,
            tuple(tuple(g for g, s in gate if s <= strength) for gate in by_gate),
            tuple(g for g, s in by_field if s <= strength),
            tuple(g for gate in by_gate for g, s in gate if s > strength),
            tuple(g for g, s in by_field if s > strength),
        )

    def rights(self, person: int, at_most: Strength = Strength.LIVE) -> dict[str, tuple[Grantor, ...]]:
        """The rights of a person as a whole that are held at least this firmly, by key, with what gives each.

        Whether the account is dormant, and whether a right needs others beside it, is not looked at.
        """
        found: dict[str, list[Grantor]] = {}
        for index, held in self.signatures.held(int(self.signatures.of[person])):
            grantor = self.grants.grantors[index]
            if grantor.id != grantor.container:
                continue
            for key, strength in self.grants.carried.get(grantor.container, {}).items():
                if max(held, strength) <= at_most:
                    found.setdefault(key, []).append(grantor)
        return {key: tuple(grantors) for key, grantors in sorted(found.items())}

    def form(self, person: int, field: int) -> str:
        """How a value shows that is masked for most: `clear` or `masked`; empty for any other field."""
        if not self.grants.fields[field].masked:
            return ""
        opens = (self.grants.rights[key] for key in self.rights(person))
        return "clear" if any(Use.DECRYPT in right.uses for right in opens) else "masked"

    def doubt(self, person: int, field: int) -> str:
        """Why a verdict about this person and field is unknown, in words; empty if nothing was missing."""
        return self.grants.unread or self.grants.blind.get(person, "") or self._unknown(field)

    def _strongest(self, verb: Verb, signature: int) -> Codes:
        words = np.full(len(self.grants.fields), _CODE[Word.NO], dtype=np.uint8)
        for strength in reversed(STRENGTHS):
            words[self.reach[verb, strength].unpack(signature, signature + 1)[0]] = _CODE[_AT[strength]]
        return words

    def _editing(self, editing: Editing) -> Flags:
        return np.array([f.editing is editing for f in self.grants.fields], dtype=bool)

    def _grantors(
        self, gate: Gate, verb: Verb, signature: int, column: int
    ) -> list[tuple[Grantor, Strength]]:
        found = []
        for grantor, held in self.signatures.held(signature):
            for strength in STRENGTHS:
                bits = self.grants.planes.get((gate, verb, strength))
                if bits is not None and _bit(bits.words, grantor, column):
                    found.append((self.grants.grantors[grantor], max(held, strength)))
                    break
        return found


def _bit(words: Words, row: int, column: int) -> bool:
    return bool((int(words[row, column >> 6]) >> (column & 63)) & 1)


def effective_access(grants: Grants) -> Access:
    """Compute every verdict. Work and memory grow with signatures, never with people × fields."""
    found = signatures(grants)
    reach: dict[tuple[Verb, Strength], Bits] = {}
    open_objects: dict[Strength, Bits] = {}
    for verb in Verb:
        for strength in STRENGTHS:
            if strength and not _adds(grants, found, verb, strength):
                reach[verb, strength] = reach[verb, Strength(strength - 1)]
                continue
            objects = _held(found, grants.plane(Gate.OBJECT, verb, strength), strength)
            fields = _held(found, grants.plane(Gate.FIELD, verb, strength), strength)
            reach[verb, strength] = _behind(grants, objects, fields)
            if verb is Verb.READ:
                open_objects[strength] = objects
    weakest = open_objects[max(open_objects)]
    return Access(grants, found, reach, _latent(grants, found, weakest))


def _adds(grants: Grants, found: Signatures, verb: Verb, strength: Strength) -> bool:
    """Whether anything is granted or held at exactly this strength; if not, the plane above serves."""
    return bool((found.strength == strength).any()) or any(
        (gate, verb, strength) in grants.planes and grants.planes[gate, verb, strength].any() for gate in Gate
    )


def _held(found: Signatures, plane: Bits, at_most: Strength) -> Bits:
    """OR the rows of all grantors each signature holds at least this firmly."""
    width = plane.words.shape[1]
    out = np.zeros((len(found), width), dtype=np.uint64)
    kept = found.strength <= at_most
    grantor = found.grantor[kept]
    before = np.concatenate([[0], np.cumsum(kept)])
    size = before[found.start[1:]] - before[found.start[:-1]]
    ends = np.cumsum(size)
    per_block = max(1, BLOCK_BYTES // (width * 8))
    at = 0
    while at < len(found):
        done = ends[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, done + per_block, side="right")))
        block = size[at:stop]
        rows = plane.words[grantor[done : ends[stop - 1]]]
        filled = np.flatnonzero(block)
        if len(filled):
            heads = (np.cumsum(block) - block)[filled]
            out[at + filled] = np.bitwise_or.reduceat(rows, heads, axis=0)
        at = stop
    return Bits(plane.columns, out)


def _behind(grants: Grants, objects: Bits, fields: Bits) -> Bits:
    """Keep the field bits whose object gates are all open."""
    return fields & _gates_open(grants, objects)


def _gates_open(grants: Grants, objects: Bits) -> Bits:
    depth = max((len(f.gates) for f in grants.fields), default=1)
    gates = np.array([(f.gates * depth)[:depth] for f in grants.fields], dtype=np.int64).reshape(-1, depth)
    rows = objects.words.shape[0]
    out = np.zeros((rows, Bits.empty(1, len(grants.fields)).words.shape[1]), dtype=np.uint64)
    step = max(1, BLOCK_BYTES // max(1, len(grants.fields)))
    for at in range(0, rows, step):
        opened = objects.unpack(at, at + step)
        both = opened[:, gates[:, 0]]
        for level in range(1, depth):
            both &= opened[:, gates[:, level]]
        out[at : at + step] = Bits.pack(both).words
    return Bits(len(grants.fields), out)


def _latent(grants: Grants, found: Signatures, objects: Bits) -> Bits:
    """Field bits that are kept behind a gate nothing opens (salesforce O1)."""
    keeps = np.array([g.keeps for g in grants.grantors], dtype=bool)
    plane = grants.plane(Gate.FIELD, Verb.READ, Strength.POSSIBLE)
    kept = Bits(plane.columns, np.where(keeps[:, None], plane.words, np.uint64(0)))
    held = _held(found, kept, Strength.POSSIBLE)
    opened = _gates_open(grants, objects)
    return Bits(held.columns, held.words & ~opened.words)
