"""Who can see what, and why: verdict words and paths, computed once for people who hold exactly the same.

The words and their order are those of the access table (org-fixture 2.1); a chain of links is as weak as its
weakest, of several chains the firmest counts, and a chain needs both the object gate and the field gate.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from auditor.planes import (
    SEEN,
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

BLOCK_BYTES = 4 << 20
"""How many bytes of field bits a block of signatures has; there are up to seven such planes in one."""

KEPT_BLOCKS = 8


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

_STRENGTH = tuple(Strength)
_CODE = {word: code for code, word in enumerate(WORDS)}
_AT = {
    Strength.LIVE: Word.YES,
    Strength.ACTIVATABLE: Word.ACTIVATABLE,
    Strength.POSSIBLE: Word.POSSIBLE,
    Strength.UNSURE: Word.UNKNOWN,
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
    held = grantor * len(Strength) + strength
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


@dataclass(frozen=True, slots=True)
class Block:
    """What opens for some signatures, from number `start` on: a row of field bits for each."""

    start: int
    opens: Mapping[tuple[Verb, Strength], Bits]
    latent: Bits


@dataclass(frozen=True)
class Access:
    """Every verdict of one org, computed a block of signatures at a time and kept as far as memory is small."""

    grants: Grants
    signatures: Signatures

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
        block, row = self._block_of(signature)
        read = self._strongest(Verb.READ, block, row)
        edit = self._strongest(Verb.EDIT, block, row)
        held = block.latent.unpack(row, row + 1)[0]
        read[(read == _CODE[Word.NO]) & held] = _CODE[Word.LATENT]
        edit[(read == _CODE[Word.NO]) | (read == _CODE[Word.LATENT])] = _CODE[Word.NO]
        edit[(read == _CODE[Word.UNKNOWN]) & (edit != _CODE[Word.NO])] = _CODE[Word.UNKNOWN]
        edit[self._editing(Editing.NEVER)] = _CODE[Word.NO]

        doubtful = self._gate_unknown | bool(self.signatures.blind[signature] or self.grants.unread)
        read[doubtful & (read != _CODE[Word.YES])] = _CODE[Word.UNKNOWN]
        edit[doubtful & (edit != _CODE[Word.YES])] = _CODE[Word.UNKNOWN]
        if self.signatures.dormant[signature]:
            for words in (read, edit):
                words[words <= _CODE[Word.POSSIBLE]] = _CODE[Word.DORMANT]
        edit[self._editing(Editing.NOT_JUDGED)] = _CODE[Word.NOT_JUDGED]
        return read, edit

    def blocks(self, verb: Verb, at_most: Strength) -> Iterator[tuple[int, Bits]]:
        """What opens at least this firmly, a block of signatures at a time: the first one's number, and bits."""
        for number in range(-(-len(self.signatures) // self._rows)):
            block = self._block(number)
            yield block.start, block.opens[verb, at_most]

    def word(self, person_id: str, field: str, verb: Verb = Verb.READ) -> Word:
        """The verdict for one person and one field."""
        read, edit = self.words(self.signature_of(person_id))
        return WORDS[int((read if verb is Verb.READ else edit)[self.field_index(field)])]

    def path(self, signature: int, field: int, verb: Verb = Verb.READ) -> Path | None:
        """What opens a field for a signature, or None when nothing does.

        A dormant person's path is the one that would be back; an unknown verdict has none, or one that is less
        than live.
        """
        paths = self._of(signature).paths
        if (verb, field) not in paths:
            paths[verb, field] = self._path(signature, field, verb)
        return paths[verb, field]

    def _path(self, signature: int, field: int, verb: Verb) -> Path | None:
        block, row = self._block_of(signature)
        strength = next((s for s in STRENGTHS if _bit(block.opens[verb, s].words, row, field)), None)
        by_field = self.openers(Gate.FIELD, verb, signature, field)
        if strength is None:
            kept = tuple(g for g, _ in by_field if g.keeps)
            latent = verb is Verb.READ and _bit(block.latent.words, row, field)
            return Path(Strength.NONE, (), kept) if latent else None
        by_gate = [
            self.openers(Gate.OBJECT, verb, signature, gate) for gate in self.grants.fields[field].gates
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
        return "; ".join(self.doubts(person, field))

    def doubts(self, person: int, field: int) -> tuple[str, ...]:
        """Each cause for itself of an unknown verdict about this person and field."""
        known = self.grants.unread or self.grants.blind.get(person, "") or self._unknown(field)
        return (known,) if known else self._unsure(int(self.signatures.of[person]), field)

    def _unsure(self, signature: int, field: int) -> tuple[str, ...]:
        """What could not be looked at on the way to a field; nothing if nothing decides that way."""
        for verb in Verb:
            path = self.path(signature, field, verb)
            if path is None or path.strength is not Strength.UNSURE:
                continue
            gates = [(Gate.OBJECT, gate) for gate in self.grants.fields[field].gates] + [(Gate.FIELD, field)]
            found = [self.openers(gate, verb, signature, column) for gate, column in gates]
            doubts = [
                g for opened in found if all(s is Strength.UNSURE for _, s in opened) for g, _ in opened
            ]
            return tuple(sorted({f"{g.kind} “{g.label}” ({g.right})" for g in doubts}))
        return ()

    @cached_property
    def _rows(self) -> int:
        """How many signatures make a block."""
        return max(1, BLOCK_BYTES // max(8, len(self.grants.fields) // 8))

    @cached_property
    def _doors(self) -> _Doors:
        return _Doors(self.grants)

    @cached_property
    def _blocks(self) -> OrderedDict[int, Block]:
        return OrderedDict()

    def _block_of(self, signature: int) -> tuple[Block, int]:
        """The block a signature is in, and its row there."""
        number, row = divmod(signature, self._rows)
        return self._block(number), row

    def _block(self, number: int) -> Block:
        """A block from memory, or computed; reports go through signatures in order, so the latest blocks suffice."""
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        block = self._compute(number * self._rows, min((number + 1) * self._rows, len(self.signatures)))
        self._blocks[number] = block
        if len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def _compute(self, start: int, stop: int) -> Block:
        grants, found, width = self.grants, self.signatures, len(self.grants.fields)
        opens: dict[tuple[Verb, Strength], Bits] = {}
        kept = mask = np.zeros((stop - start, 1), dtype=np.uint64)
        free = {gate: self._free(gate, start, stop) for gate in grants.unmentioned}
        for verb in (Verb.EDIT, Verb.READ):  # reading last: what it leaves is what latent access needs
            for strength in STRENGTHS:
                if strength and not self._adds[verb, strength]:
                    opens[verb, strength] = opens[verb, Strength(strength - 1)]
                    continue
                objects = _or(self._plane(Gate.OBJECT, verb, strength), found, start, stop, strength)
                held = _or(self._plane(Gate.FIELD, verb, strength), found, start, stop, strength)
                objects = _with(objects, free.get(Gate.OBJECT), strength)
                mask = self._doors.open(Bits(len(grants.gates), objects))
                opens[verb, strength] = Bits(width, _with(held, free.get(Gate.FIELD), strength) & mask)
                kept = held if strength in SEEN else kept
        if not all(g.keeps for g in grants.grantors):
            kept = _or(self._kept, found, start, stop, SEEN[-1])
        return Block(start, opens, Bits(width, kept & ~mask))

    def _free(self, gate: Gate, start: int, stop: int) -> tuple[Words, Words]:
        """What nothing held mentions, for sure and perhaps: a mention counts for sure only if it is held live."""
        mentions, found = self.grants.unmentioned[gate].mentions, self.signatures
        perhaps = ~_or(mentions, found, start, stop, Strength.LIVE)
        sure = ~_or(mentions, found, start, stop, Strength.UNSURE)
        sure[self._unsettled[start:stop]] = 0
        return sure, perhaps

    @cached_property
    def _unsettled(self) -> Flags:
        """For whom something that was not read may mention what nothing read does."""
        return self.signatures.blind | bool(self.grants.unread)

    def _plane(self, gate: Gate, verb: Verb, at_most: Strength) -> Bits:
        """The bits that are at least this firm, put together once."""
        key = (gate, verb, at_most)
        if key not in self._planes:
            self._planes[key] = self.grants.plane(gate, verb, at_most)
        return self._planes[key]

    @cached_property
    def _planes(self) -> dict[tuple[Gate, Verb, Strength], Bits]:
        return {}

    @cached_property
    def _kept(self) -> Bits:
        """Field bits that are kept behind a gate nothing opens (salesforce O1)."""
        keeps = np.array([g.keeps for g in self.grants.grantors], dtype=bool)
        plane = self._plane(Gate.FIELD, Verb.READ, SEEN[-1])
        return Bits(plane.columns, np.where(keeps[:, None], plane.words, np.uint64(0)))

    @cached_property
    def _adds(self) -> dict[tuple[Verb, Strength], bool]:
        """Whether anything is held, or given, with exactly this strength."""
        return {
            (verb, strength): bool((self.signatures.strength == strength).any())
            or (strength is Strength.UNSURE and bool(self.grants.unmentioned))
            or any(
                (gate, verb, strength) in self.grants.planes
                and self.grants.planes[gate, verb, strength].any()
                for gate in Gate
            )
            for verb in Verb
            for strength in STRENGTHS
        }

    def _strongest(self, verb: Verb, block: Block, row: int) -> Codes:
        words = np.full(len(self.grants.fields), _CODE[Word.NO], dtype=np.uint8)
        for strength in reversed(STRENGTHS):
            words[block.opens[verb, strength].unpack(row, row + 1)[0]] = _CODE[_AT[strength]]
        return words

    def _editing(self, editing: Editing) -> Flags:
        return np.array([f.editing is editing for f in self.grants.fields], dtype=bool)

    def openers(self, gate: Gate, verb: Verb, signature: int, column: int) -> list[tuple[Grantor, Strength]]:
        """What of a signature's holdings opens a column of a gate, and how firmly."""
        links = self._links(gate, verb, signature)[:, column]
        first = int(self.signatures.start[signature])
        found = [
            (self.grants.grantors[int(self.signatures.grantor[first + row])], _STRENGTH[links[row]])
            for row in np.flatnonzero(links < Strength.NONE)
        ]
        if gate in self.grants.unmentioned:
            free = _STRENGTH[self._freely(gate, signature)[column]]
            by = self.grants.grantors[self.grants.unmentioned[gate].by[column]]
            found += [(by, free)] if free is not Strength.NONE else []
        return found

    def _freely(self, gate: Gate, signature: int) -> npt.NDArray[np.uint8]:
        """How firmly each column is open to a signature for want of a mention."""
        latest = self._of(signature)
        if gate not in latest.free:
            sure, perhaps = self._free(gate, signature, signature + 1)
            columns = self.grants.unmentioned[gate].mentions.columns
            free = np.full(columns, Strength.NONE, dtype=np.uint8)
            free[Bits(columns, perhaps).unpack()[0]] = Strength.UNSURE
            free[Bits(columns, sure).unpack()[0]] = Strength.LIVE
            latest.free[gate] = free
        return latest.free[gate]

    def _links(self, gate: Gate, verb: Verb, signature: int) -> npt.NDArray[np.uint8]:
        """How firmly each grantor a signature holds opens each column: the weaker of holding and right.

        Kept for the latest signature, since whoever asks for one path asks for the next.
        """
        latest = self._of(signature)
        if (gate, verb) not in latest.links:
            part = slice(int(self.signatures.start[signature]), int(self.signatures.start[signature + 1]))
            columns = len(self.grants.gates) if gate is Gate.OBJECT else len(self.grants.fields)
            held = self.signatures.grantor[part]
            links = np.full((len(held), columns), Strength.NONE, dtype=np.uint8)
            for strength in reversed(STRENGTHS):
                bits = self.grants.planes.get((gate, verb, strength))
                if bits is not None:
                    links[Bits(columns, bits.words[held]).unpack()] = strength
            latest.links[gate, verb] = np.maximum(links, self.signatures.strength[part, None])
        return latest.links[gate, verb]

    def _of(self, signature: int) -> _Latest:
        if self._latest.signature != signature:
            self._latest.signature = signature
            self._latest.links.clear()
            self._latest.free.clear()
            self._latest.paths.clear()
        return self._latest

    @cached_property
    def _latest(self) -> _Latest:
        return _Latest()


@dataclass(slots=True)
class _Latest:
    """What was worked out for the signature that was asked about last."""

    signature: int = -1
    paths: dict[tuple[Verb, int], Path | None] = field(default_factory=dict)
    links: dict[tuple[Gate, Verb], npt.NDArray[np.uint8]] = field(default_factory=dict)
    free: dict[Gate, npt.NDArray[np.uint8]] = field(default_factory=dict)


def _with(opened: Words, free: tuple[Words, Words] | None, at_most: Strength) -> Words:
    """What is opened, and what is open at least this firmly because nothing mentions it."""
    if free is None:
        return opened
    sure, perhaps = free
    return opened | (perhaps if at_most is Strength.UNSURE else sure)


def _bit(words: Words, row: int, column: int) -> bool:
    return bool((int(words[row, column >> 6]) >> (column & 63)) & 1)


def effective_access(grants: Grants) -> Access:
    """Every verdict. Work and memory grow with signatures, never with people × fields."""
    return Access(grants, signatures(grants))


def _or(plane: Bits, found: Signatures, start: int, stop: int, at_most: Strength) -> Words:
    """OR the rows of all grantors each of some signatures holds at least this firmly."""
    first, last = int(found.start[start]), int(found.start[stop])
    kept = found.strength[first:last] <= at_most
    grantor = found.grantor[first:last][kept]
    before = np.concatenate([[0], np.cumsum(kept)])
    bounds = before[found.start[start : stop + 1] - first]
    size = bounds[1:] - bounds[:-1]
    out = np.zeros((stop - start, plane.words.shape[1]), dtype=np.uint64)
    filled = np.flatnonzero(size)
    if len(filled):
        np.bitwise_or.reduceat(plane.words[grantor], bounds[:-1][filled], axis=0, out=out[: len(filled)])
        if len(filled) < len(out):
            out[filled] = out[: len(filled)].copy()
            out[size == 0] = 0
    return out


class _Doors:
    """The object gates before each field, as masks on the words of a field plane.

    Fields behind the same gates share a door. A piece is what one door covers of one word; pieces of a word are
    disjoint, so the open ones add up to the word's mask.
    """

    def __init__(self, grants: Grants) -> None:
        kinds: dict[tuple[int, ...], int] = {}
        door = np.array([kinds.setdefault(f.gates, len(kinds)) for f in grants.fields], dtype=np.int64)
        depth = max((len(gates) for gates in kinds), default=1)
        self._gates = np.array([(g * depth)[:depth] for g in kinds], dtype=np.int64).reshape(-1, depth)
        field = np.arange(len(grants.fields))
        pieces, place = np.unique((field >> 6) * max(1, len(kinds)) + door, return_inverse=True)
        self._masks = np.zeros(len(pieces), dtype=np.uint64)
        np.bitwise_or.at(self._masks, place, np.uint64(1) << (field & 63).astype(np.uint64))
        self._doors = pieces % max(1, len(kinds))
        self._starts = np.flatnonzero(np.diff(pieces // max(1, len(kinds)), prepend=-1))

    def open(self, objects: Bits) -> Words:
        """For each row of open gates, a mask of the fields behind them."""
        rows = len(objects.words)
        if not len(self._masks):
            return np.zeros((rows, 1), dtype=np.uint64)
        gates = objects.unpack()
        doors = gates[:, self._gates[:, 0]]
        for level in range(1, self._gates.shape[1]):
            doors &= gates[:, self._gates[:, level]]
        masks = np.where(doors[:, self._doors], self._masks, np.uint64(0))
        out: Words = np.bitwise_or.reduceat(masks, self._starts, axis=1)
        return out
