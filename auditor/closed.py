"""Why not: which gates are not open to somebody, everything in the org that could open them, and what it would take.

A source is any grantor with a bit in the gate's column. What is not listed opens nothing, whoever holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from auditor.access import WORDS, Access, Word
from auditor.planes import STRENGTHS, Bits, Editing, Gate, Grantor, Index, Muting, Strength, Verb
from auditor.suppose import Supposed, suppose

_RANK = (Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.DORMANT, Word.UNKNOWN, Word.LATENT, Word.NO)
"""What a change leads to, the most open first."""


@dataclass(frozen=True, slots=True)
class Source:
    """One grantor that opens a gate for whoever holds it.

    `index` is its row, `right` how firmly it opens the gate, `held` how firmly the person holds it, and `gain` how
    firmly they would once it was assigned, or once nothing limited what is held already. `ended` says why a stored
    assignment counts for nothing, `limits` how one that counts is limited, `mutes` what takes the field away in the
    same group. `holders` counts the people with a working account who hold it.
    """

    index: int
    grantor: Grantor
    right: Strength
    held: Strength
    gain: Strength
    holders: int
    ended: str = ""
    limits: str = ""
    mutes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Muted:
    """A group that the person holds, by index, and that would open the gate if it did not mute the row."""

    index: int
    grantor: Grantor
    held: Strength
    muting: Muting


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate that is not open now: how firmly it is open, and all that could open it, most held first.

    `told_no` are what the person holds that speaks of the gate and does not open it, where it is open by default.
    """

    gate: Gate
    name: str
    opened: Strength
    sources: tuple[Source, ...]
    muted: tuple[Muted, ...] = ()
    unknown: str = ""
    told_no: tuple[Grantor, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """What one container would change if the person held it: which closed gates (by position) it opens, how firmly.

    `word` is the verdict then. With `replaces`, the container takes the place of that one and of all it gives.
    """

    source: Source
    opens: tuple[tuple[int, Strength], ...]
    word: Word
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Unmuting:
    """What one row would change if its group no longer muted it; `opens` and `word` are those of a remedy."""

    muted: Muted
    opens: tuple[tuple[int, Strength], ...]
    word: Word


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a verdict is not a live yes. `never` is set where no grant could ever make it one."""

    person: int
    field: int
    verb: Verb
    word: Word
    closed: tuple[Closed, ...]
    remedies: tuple[Remedy, ...]
    unmutings: tuple[Unmuting, ...] = ()
    never: bool = False
    doubt: str = ""


def why_not(access: Access, person: int, field: int, verb: Verb = Verb.READ, *, only_one: str = "") -> WhyNot:
    """Every gate that is not open live to the person, with every source, and what each container would change.

    `only_one` is a kind of container of which nobody holds two, so that a new one replaces the old.
    """
    grants, signature = access.grants, int(access.signatures.of[person])
    column = grants.fields[field]
    holders = _holders(access)
    gates = [_closed(access, holders, person, Gate.OBJECT, verb, gate, field) for gate in column.gates]
    gates.append(_closed(access, holders, person, Gate.FIELD, verb, field, field))
    closed = tuple(gate for gate in gates if gate.opened is not Strength.LIVE)
    never = verb is Verb.EDIT and column.editing is not Editing.JUDGED
    return WhyNot(
        person,
        field,
        verb,
        WORDS[access.words(signature)[verb is Verb.EDIT][field]],
        closed,
        () if never else _remedies(access, person, field, verb, closed, only_one),
        () if never else _unmutings(access, person, field, verb, closed),
        never,
        access.doubt(person, field),
    )


def _holders(access: Access) -> Index:
    """How many people with a working account hold each grantor."""
    found, count = access.signatures, len(access.grants.grantors)
    awake = np.array([len(m) for m in found.members], dtype=np.int64) * ~found.dormant
    return np.bincount(found.grantor, np.repeat(awake, np.diff(found.start)), minlength=count).astype(
        np.int64
    )


def _closed(
    access: Access, holders: Index, person: int, gate: Gate, verb: Verb, column: int, field: int
) -> Closed:
    grants = access.grants
    signature = int(access.signatures.of[person])
    held = dict(access.signatures.held(signature))
    rights: dict[int, Strength] = {}
    for strength in STRENGTHS:
        plane = grants.planes.get((gate, verb, strength))
        if plane is not None:
            for opener in plane.column(column).nonzero()[0].tolist():
                rights.setdefault(opener, strength)
    openers = access.openers(gate, verb, signature, column)
    opened = min((strength for _, strength in openers), default=Strength.NONE)
    sources = []
    for index, right in rights.items():
        grantor = grants.grantors[index]
        row = access.grantor_index(Grantor(grantor.container)) if grantor.container else index
        sources.append(
            Source(
                index,
                grantor,
                right,
                held.get(index, Strength.NONE),
                Strength.LIVE if index in held else grants.assigned(person, index),
                int(holders[index]),
                grants.ended.get((person, grantor.container), ""),
                grants.held_by.get((person, grantor.container), ""),
                grants.mutes.get((row, field), ()) if gate is Gate.FIELD else (),
            )
        )
    sources.sort(key=lambda s: (-s.holders, s.grantor.label, s.grantor.id))
    muted = tuple(
        Muted(index, grants.grantors[index], strength, muting)
        for index, strength in sorted(held.items(), key=lambda item: grants.grantors[item[0]].id)
        for muting in grants.muted.get((gate, verb, index, column), ())
        if index not in rights
    )
    known = grants.gates[column] if gate is Gate.OBJECT else grants.fields[column]
    closing = grants.closes.get((gate, column), ()) if gate in grants.unmentioned else ()
    told_no = tuple(grants.grantors[index] for index in closing if index in held)
    return Closed(gate, known.name, opened, tuple(sources), muted, known.unknown, told_no)


def _unmutings(
    access: Access, person: int, field: int, verb: Verb, closed: tuple[Closed, ...]
) -> tuple[Unmuting, ...]:
    """What each muted row would change, those that suffice first."""
    opens: dict[tuple[int, str], list[tuple[int, Strength]]] = {}
    muted: dict[tuple[int, str], Muted] = {}
    for position, gate in enumerate(closed):
        for one in gate.muted:
            firm = Strength(max(one.held, one.muting.right))
            if firm < gate.opened:
                key = one.index, one.muting.row
                muted.setdefault(key, one)
                opens.setdefault(key, []).append((position, firm))
    found = []
    for key, one in muted.items():
        then = suppose(_without(access, one, field), [Supposed(person)])
        found.append(Unmuting(one, tuple(opens[key]), _word(then, 0, field, verb)))
    return tuple(sorted(found, key=lambda unmuting: _RANK.index(unmuting.word)))


def _without(access: Access, muted: Muted, field: int) -> Access:
    """The org as it would be if one row of one group were not muted, as far as one field goes."""
    grants = access.grants
    planes = dict(grants.planes)
    columns = [(Gate.OBJECT, gate) for gate in grants.fields[field].gates] + [(Gate.FIELD, field)]
    for gate, column in columns:
        for verb in Verb:
            for muting in grants.muted.get((gate, verb, muted.index, column), ()):
                if muting.row == muted.muting.row:
                    width = len(grants.gates) if gate is Gate.OBJECT else len(grants.fields)
                    bit = Bits.build(len(grants.grantors), width, np.array([muted.index]), np.array([column]))
                    key = gate, verb, muting.right
                    planes[key] = planes[key] | bit if key in planes else bit
    return replace(access, grants=replace(grants, planes=planes))


def _remedies(
    access: Access, person: int, field: int, verb: Verb, closed: tuple[Closed, ...], only_one: str
) -> tuple[Remedy, ...]:
    """What each container of a source would change, those that suffice first, then the most held."""
    grants = access.grants
    opens: dict[str, dict[int, tuple[Strength, Source]]] = {}
    for position, gate in enumerate(closed):
        for source in gate.sources:
            firm = Strength(max(source.gain, source.right))
            if source.grantor.container and firm < gate.opened:
                found = opens.setdefault(source.grantor.container, {})
                before = found.get(position)
                if before is None or firm < before[0]:
                    found[position] = firm, source
    held = [grants.grantors[g] for g, _ in access.signatures.held(int(access.signatures.of[person]))]
    has = {grantor.container for grantor in held}
    old = {grantor.container for grantor in held if only_one and grantor.kind == only_one}
    rows = _rows_of(access, opens)
    cases, shapes = [], []
    for container, found in sorted(opens.items()):
        source = next(iter(found.values()))[1]
        gone = frozenset(old - {container}) if source.grantor.kind == only_one else frozenset()
        added = tuple(
            (row, Strength.LIVE if container in has else grants.assigned(person, row))
            for row in rows[container]
        )
        cases.append(Supposed(person, gone, added))
        shapes.append((source, tuple((p, s) for p, (s, _) in sorted(found.items())), gone))
    then = suppose(access, cases)
    remedies = [
        Remedy(source, opened, _word(then, i, field, verb), next(iter(sorted(gone)), ""))
        for i, (source, opened, gone) in enumerate(shapes)
    ]
    remedies.sort(
        key=lambda r: (_RANK.index(r.word), -r.source.holders, r.source.grantor.label, r.source.grantor.id)
    )
    return tuple(remedies)


def _rows_of(access: Access, containers: Iterable[str]) -> dict[str, list[int]]:
    """All grantors of each container and of what it brings along: whoever is assigned it holds them together."""
    grants = access.grants
    rows: dict[str, list[int]] = {}
    for index, grantor in enumerate(grants.grantors):
        rows.setdefault(grantor.container, []).append(index)
    return {
        container: [
            row for one in (container, *grants.brings.get(container, ())) for row in rows.get(one, ())
        ]
        for container in containers
    }


def _word(then: Access, case: int, field: int, verb: Verb) -> Word:
    return WORDS[int(then.words(int(then.signatures.of[case]))[verb is Verb.EDIT][field])]


def after(access: Access, closed: WhyNot, chosen: Iterable[Source]) -> Word:
    """The verdict if the person also held these sources, and nothing else changed."""
    added = tuple((source.index, source.gain) for source in chosen)
    return _word(suppose(access, [Supposed(closed.person, added=added)]), 0, closed.field, closed.verb)
