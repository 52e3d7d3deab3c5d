"""Compile one org's rows to neutral planes, each bit with its grantor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from auditor.people import Kind
from auditor.phi import Tag
from auditor.planes import Bits, Gate, Grantor, Grants, Holdings, Muting, Strength, Verb
from auditor.rights import Right
from auditor.snapshot import Capability, Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.fields import ACTIVITIES, stored_key
from connectors.salesforce.semantics.gates import PARENTS, Gates
from connectors.salesforce.semantics.groups import Effective, grouped, plain
from connectors.salesforce.semantics.holdings import Holders
from connectors.salesforce.semantics.people import people
from connectors.salesforce.semantics.rights import SYSTEM_RIGHTS, on_object
from connectors.salesforce.semantics.rows import Container, Rows

_OUTSIDE = frozenset(Kind) - {Kind.INTERNAL, Kind.HOLDER}


def compile_grants(snapshot: Snapshot, tags: Mapping[str, Tag], as_of: datetime) -> Grants:
    """Compile planes over the tagged fields, judged at `as_of`."""
    gates = Gates(snapshot, tags)
    rows = Rows(snapshot, {key for column in gates.columns for key in column.guard.rows})
    everyone = people(snapshot)
    planes = _Planes(gates, rows)
    planes.fill(_stored(snapshot))
    holders = Holders(snapshot, rows, everyone, as_of.astimezone(UTC))
    held = []
    for i, person in enumerate(everyone):
        held += [(i, grantor, Strength.LIVE) for grantor in planes.open_to(person.kind)]
    for one in holders.held():
        held += [
            (one.person, g, s) for g, s in planes.held(one.container, one.strength, everyone[one.person].kind)
        ]
    who, what, firm = np.array(held, dtype=np.int64).reshape(-1, 3).T
    return Grants(
        people=everyone,
        grantors=tuple(planes.grantors),
        gates=tuple(gates.objects),
        fields=tuple(column.plane for column in gates.columns),
        planes=planes.packed(),
        holdings=Holdings(who, what, firm.astype(np.uint8)),
        blind=holders.blind,
        unread=_unread(snapshot),
        via=planes.via,
        mutes=planes.mutes,
        held_by=holders.limits(),
        expiring=holders.expiring(),
        fading=holders.fading(),
        ended=holders.ended(),
        rights=planes.rights,
        carried=planes.carried,
        labels=_labels(rows),
        firmness=holders.firmness(),
        activated=holders.activated(),
        unsettled=planes.unsettled(),
        muted=planes.muted,
        partial=_partial(snapshot),
    )


def _stored(snapshot: Snapshot) -> dict[str, bool]:
    """The M4 probe for each of the two tables: whether any aggregate of the org has any stored row."""
    return {
        query.name: snapshot.table(cat.aggregates_of(query)).num_rows > 0
        for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS)
    }


def _unread(snapshot: Snapshot) -> str:
    """Why nobody's access can be settled: a grant table that is not whole."""
    names = (
        cat.PERMISSION_SETS.name,
        cat.ASSIGNMENTS.name,
        cat.OBJECT_PERMISSIONS.name,
        cat.FIELD_PERMISSIONS.name,
    )
    return next((u.detail for name in names if (u := snapshot.unread(name)) is not None), "")


def _partial(snapshot: Snapshot) -> str:
    """What of grants and assignments was not read, in words; empty if all of it was."""
    gaps = snapshot.gaps({Capability.GRANTS, Capability.ASSIGNMENTS})
    return next((gap.unread.detail for gap in gaps if gap.unread is not None), "")


def _labels(rows: Rows) -> dict[str, str]:
    labels = {c.id: rows.label(c) for c in rows.containers.values()}
    return labels | rows.muting_labels


class _Planes:
    """The bit planes while they are filled: pairs of grantor and column for each gate, verb and strength."""

    def __init__(self, gates: Gates, rows: Rows) -> None:
        self._gates = gates
        self._rows = rows
        self._index: dict[str, int] = {}
        self._of_container: dict[str, list[int]] = defaultdict(list)
        self._pairs: dict[tuple[Gate, Verb, Strength], list[tuple[int, int]]] = defaultdict(list)
        self._columns_of: dict[str, list[int]] = defaultdict(list)
        for index, column in enumerate(gates.columns):
            if column.plane.securable:
                for key in column.guard.rows:
                    self._columns_of[key].append(index)
        self.grantors: list[Grantor] = []
        self.via: dict[tuple[int, int], tuple[str, ...]] = {}
        self.mutes: dict[tuple[int, int], tuple[str, ...]] = {}
        self.muted: dict[tuple[Gate, Verb, int, int], tuple[Muting, ...]] = {}
        self.rights: dict[str, Right] = {}
        self.carried: dict[str, dict[str, Strength]] = defaultdict(dict)
        self._unsecurable = self._grantor(
            Grantor("unsecurable", label="whoever sees the object: the field cannot be secured", keeps=False)
        )
        self._everyone = self._grantor(
            Grantor("everyone", label="open to every user who is not a guest", keeps=False)
        )

    def fill(self, stored: Mapping[str, bool]) -> None:
        """Set every bit."""
        self._open_fields()
        for container in self._rows.containers.values():
            group = self._rows.groups.get(container.group)
            if group is not None:
                given = grouped(self._rows, container, group, stored)
            elif container.group:
                continue  # whoever holds it is blind
            else:
                given = plain(container)
            self._of(container)
            self._carry(container, given)
            self._object_bits(container, given)
            self._field_bits(container, given)
            self._all_fields_bits(container, given)
            self._mutings(container, given)

    def packed(self) -> dict[tuple[Gate, Verb, Strength], Bits]:
        """The finished planes."""
        widths = {Gate.OBJECT: len(self._gates.objects), Gate.FIELD: len(self._gates.columns)}
        found = {}
        for key, pairs in self._pairs.items():
            row, column = np.array(pairs, dtype=np.int64).T
            found[key] = Bits.build(len(self.grantors), widths[key[0]], row, column)
        return found

    def open_to(self, kind: Kind) -> tuple[int, ...]:
        """Grantors that need no assignment."""
        return (self._unsecurable,) if kind is Kind.GUEST else (self._unsecurable, self._everyone)

    def held(self, container: str, strength: Strength, kind: Kind) -> list[tuple[int, Strength]]:
        """The grantors that come with a container, for a person of this kind."""
        return [(g, self._firmness(g, strength, kind)) for g in self._of_container[container]]

    def _firmness(self, grantor: int, strength: Strength, kind: Kind) -> Strength:
        """org-fixture 3.6: what Access Activities opens for external users is not settled."""
        unsettled = kind in _OUTSIDE and self._activities(grantor)
        return Strength.POSSIBLE if unsettled else strength

    def unsettled(self) -> dict[int, frozenset[Kind]]:
        """Which kinds of people each grantor gives something that is not settled."""
        return {g: _OUTSIDE for g in range(len(self.grantors)) if self._activities(g)}

    def _activities(self, grantor: int) -> bool:
        return self.grantors[grantor].id.endswith(":ActivitiesAccess")

    def _grantor(self, grantor: Grantor) -> int:
        if grantor.id not in self._index:
            self._index[grantor.id] = len(self.grantors)
            self.grantors.append(grantor)
            if grantor.container:
                self._of_container[grantor.container].append(self._index[grantor.id])
        return self._index[grantor.id]

    def _of(self, container: Container, right: str = "", words: str = "", *, keeps: bool = True) -> int:
        """The grantor for a container itself, or for one right of it."""
        known = f"{container.id}:{right}" if right else container.id
        label = self._rows.label(container)
        return self._grantor(Grantor(known, container.id, label, container.kind, words, keeps))

    def _set(self, gate: Gate, verb: Verb, strength: Strength, grantor: int, column: int) -> None:
        self._pairs[gate, verb, strength].append((grantor, column))

    def _carry(self, container: Container, given: Effective) -> None:
        """The rights of people as a whole that come with a container (E1, E2, R1, F5, F18)."""
        for names, strength in (
            (container.system, Strength.LIVE),
            (given.possible_system, Strength.POSSIBLE),
        ):
            for name in sorted(names & SYSTEM_RIGHTS.keys()):
                self._carries(container, SYSTEM_RIGHTS[name], strength)
        for name, over in (
            ("ViewAllFields", given.all_fields),
            ("ViewAllRecords", given.view_all),
            ("ModifyAllRecords", given.modify_all),
        ):
            for owner, strength in over.items():
                self._carries(container, on_object(name, owner), strength)

    def _carries(self, container: Container, right: Right, strength: Strength) -> None:
        self.rights[right.key] = right
        self.carried[container.id][right.key] = strength

    def _open_fields(self) -> None:
        """F2: a field that cannot be secured is open to whoever passes the object gate; users see users (O4)."""
        for index, column in enumerate(self._gates.columns):
            if column.plane.securable or column.field is None:
                continue
            self._set(Gate.FIELD, Verb.READ, Strength.LIVE, self._unsecurable, index)
            if column.field.updateable:
                self._set(Gate.FIELD, Verb.EDIT, Strength.LIVE, self._unsecurable, index)
        if "User" in self._gates.index:
            self._set(Gate.OBJECT, Verb.READ, Strength.LIVE, self._everyone, self._gates.index["User"])

    def _object_bits(self, container: Container, given: Effective) -> None:
        for owner, gate in self._gates.index.items():
            if self._gates.by_object_permissions(owner):
                for verb in Verb:
                    sources = PARENTS.get(owner, (owner,))
                    firmest = min(given.objects.get((s, verb), Strength.NONE) for s in sources)
                    if firmest is not Strength.NONE:
                        self._set(Gate.OBJECT, verb, firmest, self._of(container), gate)
            for right, words, verbs in self._special(container, owner):
                grantor = self._of(container, right, words)
                for verb in verbs:
                    self._set(Gate.OBJECT, verb, Strength.LIVE, grantor, gate)

    def _special(self, container: Container, owner: str) -> list[tuple[str, str, tuple[Verb, ...]]]:
        """O4, O6, O7: rights beside object permissions that open an object."""
        found: list[tuple[str, str, tuple[Verb, ...]]] = []
        if "ModifyAllData" in container.system:
            found.append(("ModifyAllData", "Modify All Data", (Verb.READ, Verb.EDIT)))
        if "ViewAllData" in container.system:
            found.append(("ViewAllData", "View All Data", (Verb.READ,)))
        if owner in ACTIVITIES and "ActivitiesAccess" in container.system:
            found.append(("ActivitiesAccess", "Access Activities", (Verb.READ,)))
        if self._gates.is_setting(owner):
            if container.id in self._rows.setup.get(to18(self._gates.setting_id(owner)), ()):
                found.append(("SetupEntityAccess", f"access to {owner}", (Verb.READ,)))
            if "ViewAllCustomSettings" in container.system:
                found.append(("ViewAllCustomSettings", "View All Custom Settings", (Verb.READ,)))
        return found

    def _field_bits(self, container: Container, given: Effective) -> None:
        """F1, F8: rows of the container, wherever the field they secure shows up."""
        grantor = self._of(container)
        for (key, verb), strength in given.fields.items():
            for index in self._columns_of.get(key, ()):
                self._set(Gate.FIELD, verb, strength, grantor, index)
        for key, carriers in given.via.items():
            for index in self._columns_of.get(key, ()):
                before = self.via.get((grantor, index), ())
                self.via[grantor, index] = tuple(dict.fromkeys((*before, *carriers)))
        for key in given.muted:
            for index in self._columns_of.get(key, ()):
                self.mutes[grantor, index] = given.muted_by

    def _all_fields_bits(self, container: Container, given: Effective) -> None:
        """F5, F6: View All Fields of one object or of all; F7: only possible where the same group mutes the field."""
        everywhere = "ViewAllFieldsGlobal" in container.system
        if not given.all_fields and not everywhere:
            return
        for index, column in enumerate(self._gates.columns):
            if not column.plane.securable:
                continue
            muted = any(key in given.muted for key in column.guard.rows)
            owner = column.guard.view_all_on
            if owner in given.all_fields:
                grantor = self._of(container, "ViewAllFields", f"View All Fields on {owner}")
                strength = Strength.POSSIBLE if muted else given.all_fields[owner]
                self._set(Gate.FIELD, Verb.READ, strength, grantor, index)
            if everywhere:
                grantor = self._of(container, "ViewAllFieldsGlobal", "View All Fields (Global)", keeps=False)
                strength = Strength.POSSIBLE if muted else Strength.LIVE
                self._set(Gate.FIELD, Verb.READ, strength, grantor, index)

    def _mutings(self, container: Container, given: Effective) -> None:
        """What a group takes away, for each column that it would open."""
        grantor = self._of(container)
        for (gate, verb, key), muting in given.taken.items():
            if gate is Gate.FIELD:
                for index in self._columns_of.get(key, ()):
                    name = self._gates.columns[index].plane.name
                    twin = name != key and stored_key(name) == key  # F12: one field under both names
                    self._mute(gate, verb, grantor, index, replace(muting, row=name) if twin else muting)
                continue
            for owner, index in self._gates.index.items():
                if self._gates.by_object_permissions(owner) and key in PARENTS.get(owner, (owner,)):
                    self._mute(gate, verb, grantor, index, muting)
        if given.taken_all_fields:
            for index, column in enumerate(self._gates.columns):
                muted = given.taken_all_fields.get(column.guard.view_all_on)
                if muted is not None and column.plane.securable:
                    self._mute(Gate.FIELD, Verb.READ, grantor, index, muted)

    def _mute(self, gate: Gate, verb: Verb, grantor: int, column: int, muting: Muting) -> None:
        key = gate, verb, grantor, column
        self.muted[key] = (*self.muted.get(key, ()), muting)
