"""What one container finally gives: its own rows, or a group's aggregate, parts and mutes (salesforce M1 to M7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from auditor.planes import Gate, Muting, Strength, Verb
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.rows import Container, Group, Mute, Rights, Rows

K = TypeVar("K")


@dataclass(slots=True)
class Effective:
    """What one container finally gives: object and field rights with a strength, and how it came about.

    `taken` and `taken_all_fields` are what a group's parts carry and its muting sets take away.
    """

    objects: dict[tuple[str, Verb], Strength] = field(default_factory=dict)
    all_fields: dict[str, Strength] = field(default_factory=dict)
    view_all: dict[str, Strength] = field(default_factory=dict)
    modify_all: dict[str, Strength] = field(default_factory=dict)
    fields: dict[tuple[str, Verb], Strength] = field(default_factory=dict)
    muted: set[str] = field(default_factory=set)
    via: dict[str, tuple[str, ...]] = field(default_factory=dict)
    muted_by: tuple[str, ...] = ()
    taken: dict[tuple[Gate, Verb, str], Muting] = field(default_factory=dict)
    taken_all_fields: dict[str, Muting] = field(default_factory=dict)
    possible_system: frozenset[str] = frozenset()


def plain(container: Container) -> Effective:
    """A container outside any group gives what its rows say."""
    found = Effective()
    _give_objects(found, container.objects, Strength.LIVE)
    for verb, keys in ((Verb.READ, container.reads), (Verb.EDIT, container.edits)):
        found.fields.update(dict.fromkeys(((key, verb) for key in keys), Strength.LIVE))
    return found


def _give_objects(found: Effective, objects: Mapping[str, Rights], strength: Strength) -> None:
    for name, rights in objects.items():
        for verb, given in ((Verb.READ, rights.reads), (Verb.EDIT, rights.edits)):
            if given:
                found.objects[name, verb] = min(strength, found.objects.get((name, verb), Strength.NONE))
        for given, over in (
            (rights.all_fields, found.all_fields),
            (rights.view_all or rights.modify_all, found.view_all),
            (rights.modify_all, found.modify_all),
        ):
            if given:
                over[name] = min(strength, over.get(name, Strength.NONE))


def grouped(rows: Rows, aggregate: Container, group: Group, stored: Mapping[str, bool]) -> Effective:
    """M4, M5: the stored aggregate of an updated group, or parts less mutes where aggregates have no rows at all.

    While a group is not updated, a right that both readings give is live and one that only one gives is possible
    (org-fixture 3.1, 3.2). `stored` says for object and field rows whether any aggregate of the org has any.
    """
    parts = [rows.containers[p] for p in group.parts if p in rows.containers]
    mutes = [rows.mutes[m] for m in group.muting]
    computed = _parts_less_mutes(parts, mutes)
    by_rows = Container(
        aggregate.id,
        aggregate.label,
        aggregate.kind,
        aggregate.system,
        objects=aggregate.objects if stored[cat.OBJECT_PERMISSIONS.name] else {},
        reads=aggregate.reads if stored[cat.FIELD_PERMISSIONS.name] else set(),
        edits=aggregate.edits if stored[cat.FIELD_PERMISSIONS.name] else set(),
    )
    if group.updated:
        if not stored[cat.OBJECT_PERMISSIONS.name]:
            by_rows.objects = computed.objects
        if not stored[cat.FIELD_PERMISSIONS.name]:
            by_rows.reads, by_rows.edits = computed.reads, computed.edits
        found = plain(by_rows)
    else:
        found = _either(plain(by_rows), plain(computed))
        found.possible_system = frozenset().union(*(part.system for part in parts)) - aggregate.system
    found.muted = set().union(*(m.reads for m in mutes))
    found.muted_by = tuple(m for m in group.muting if rows.mutes[m].reads or rows.mutes[m].edits)
    if mutes:
        by_id = dict(zip(group.muting, mutes, strict=True))
        for (gate, verb), keys in _KEYS.items():
            for key, muting in _taken(group, by_id, parts, computed, keys).items():
                found.taken[gate, verb, key] = muting
        found.taken_all_fields = _taken(group, by_id, parts, computed, _with_all_fields)
    carriers: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for key in part.reads:
            carriers[key].append(part.id)
    found.via = {key: tuple(sorted(ids)) for key, ids in carriers.items()}
    return found


def _taken(
    group: Group, mutes: Mapping[str, Mute], parts: Sequence[Container], left: Container, keys: _Keys
) -> dict[str, Muting]:
    """What the parts carry and the muting sets do not leave, of one kind of right (M2, M3)."""
    right = Strength.LIVE if group.updated else Strength.POSSIBLE
    carried = {part.id: keys(part) for part in parts}
    found = {}
    for key in set().union(*carried.values()) - keys(left):
        by = tuple(m for m, mute in mutes.items() if key in mute.objects or key in mute.edits)
        via = tuple(sorted(part for part, given in carried.items() if key in given))
        found[key] = Muting(key, by, via, right)
    return found


def _with_all_fields(container: Container) -> set[str]:
    return {name for name, rights in container.objects.items() if rights.all_fields}


_Keys = Callable[[Container], set[str]]
_KEYS: Mapping[tuple[Gate, Verb], _Keys] = {
    (Gate.OBJECT, Verb.READ): lambda c: {name for name, rights in c.objects.items() if rights.reads},
    (Gate.OBJECT, Verb.EDIT): lambda c: {name for name, rights in c.objects.items() if rights.edits},
    (Gate.FIELD, Verb.READ): lambda c: c.reads,
    (Gate.FIELD, Verb.EDIT): lambda c: c.edits,
}


def _parts_less_mutes(parts: Iterable[Container], mutes: Sequence[Mute]) -> Container:
    union = Container("", "", "", frozenset())
    for part in parts:
        for name, rights in part.objects.items():
            union.objects.setdefault(name, Rights()).add(rights)
        union.reads |= part.reads
        union.edits |= part.edits
    for mute in mutes:
        for name, rights in mute.objects.items():
            if name in union.objects:
                union.objects[name] = union.objects[name].less(rights)
        union.reads -= mute.reads
        union.edits -= mute.edits
    return union


def _either(one: Effective, other: Effective) -> Effective:
    """Right by right: live where both readings give it, possible where only one does."""
    return Effective(
        _merged(one.objects, other.objects),
        _merged(one.all_fields, other.all_fields),
        _merged(one.view_all, other.view_all),
        _merged(one.modify_all, other.modify_all),
        _merged(one.fields, other.fields),
    )


def _merged(a: Mapping[K, Strength], b: Mapping[K, Strength]) -> dict[K, Strength]:
    return {k: Strength.LIVE if k in a and k in b else Strength.POSSIBLE for k in {**a, **b}}
