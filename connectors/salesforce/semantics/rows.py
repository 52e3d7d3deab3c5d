"""The grant tables as containers, groups and mutes, partitioned by the kind of their parent (salesforce Q2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.fields import stored_key

_MUTING = "0QM"


@dataclass(slots=True)
class Rights:
    """What one container gives on one object (salesforce 3.2); dependencies are completed by `O3`."""

    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False
    all_fields: bool = False

    @property
    def reads(self) -> bool:
        """O3: any right but View All Fields implies Read (org-fixture 3.4)."""
        return self.read or self.create or self.edits or self.view_all

    @property
    def edits(self) -> bool:
        """O3: Delete and Modify All imply Edit."""
        return self.edit or self.delete or self.modify_all

    def add(self, other: Rights) -> None:
        """Union."""
        for name in _RIGHTS:
            setattr(self, name, getattr(self, name) or getattr(other, name))

    def less(self, mute: Rights) -> Rights:
        """M3: muting Read takes everything, muting Edit takes Delete and Modify All with it.

        What a right implies (O3) is there before anything is muted, and stays when only that right goes.
        """
        if mute.read:
            return Rights()
        full = replace(
            self,
            read=self.reads,
            edit=self.edits,
            delete=self.delete or self.modify_all,
            view_all=self.view_all or self.modify_all,
        )
        left = Rights(**{name: getattr(full, name) and not getattr(mute, name) for name in _RIGHTS})
        if mute.edit:
            left.delete = left.modify_all = False
        return left


_RIGHTS = ("read", "create", "edit", "delete", "view_all", "modify_all", "all_fields")
_RIGHT_COLUMNS = (
    ("read", "PermissionsRead"),
    ("create", "PermissionsCreate"),
    ("edit", "PermissionsEdit"),
    ("delete", "PermissionsDelete"),
    ("view_all", "PermissionsViewAllRecords"),
    ("modify_all", "PermissionsModifyAllRecords"),
    ("all_fields", "PermissionsViewAllFields"),
)


@dataclass(slots=True)
class Container:
    """A permission set of any type, with its own stored rights."""

    id: str
    label: str
    kind: str
    system: frozenset[str]
    profile: str = ""
    group: str = ""
    licence: str = ""
    activation: bool = False
    objects: dict[str, Rights] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    edits: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Group:
    """A permission set group: its parts, its muting set and its stored aggregate."""

    id: str
    label: str
    updated: bool
    status: str
    activation: bool
    parts: list[str] = field(default_factory=list)
    muting: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Mute:
    """What muting sets take away inside a group."""

    objects: dict[str, Rights] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    edits: set[str] = field(default_factory=set)


class Rows:
    """The grant tables as dictionaries, partitioned by the kind of their parent before anything else (Q2)."""

    def __init__(self, snapshot: Snapshot, wanted: set[str]) -> None:
        self.containers: dict[str, Container] = {}
        self.groups: dict[str, Group] = {}
        self.mutes: dict[str, Mute] = defaultdict(Mute)
        self.muting_labels: dict[str, str] = {}
        self._containers(snapshot)
        self._groups(snapshot)
        for name in (cat.OBJECT_PERMISSIONS.name, cat.OBJECT_MUTES.name):
            self._object_rows(snapshot, name)
        for name in (cat.FIELD_PERMISSIONS.name, cat.FIELD_MUTES.name):
            self._field_rows(snapshot, name, wanted)
        self.setup: dict[str, set[str]] = defaultdict(set)
        for row in snapshot.table(cat.SETUP_ACCESS.name).to_pylist():
            self.setup[to18(row["SetupEntityId"])].add(to18(row["ParentId"]))

    def label(self, container: Container) -> str:
        """What people call a container; a group's aggregate goes by the group's name."""
        group = self.groups.get(container.group)
        return group.label if group else container.label

    def _containers(self, snapshot: Snapshot) -> None:
        profiles = {to18(r["Id"]): r["Name"] or "" for r in snapshot.table(cat.PROFILES.name).to_pylist()}
        for row in snapshot.table(cat.PERMISSION_SETS.name).to_pylist():
            profile = to18(row["ProfileId"] or "") if row["IsOwnedByProfile"] else ""
            group = to18(row["PermissionSetGroupId"] or "")
            name = row["Label"] or row["Name"] or row["Id"]
            self.containers[to18(row["Id"])] = Container(
                id=to18(row["Id"]),
                label=profiles.get(profile) or name if profile else name,
                kind="profile" if profile else "permission set group" if group else "permission set",
                system=frozenset(p for p in cat.SYSTEM_PERMISSIONS if row.get(f"Permissions{p}")),
                profile=profile,
                group=group,
                licence=to18(row["LicenseId"] or ""),
                activation=bool(row["HasActivationRequired"]),
            )

    def _groups(self, snapshot: Snapshot) -> None:
        for row in snapshot.table(cat.GROUPS.name).to_pylist():
            self.groups[to18(row["Id"])] = Group(
                id=to18(row["Id"]),
                label=row["MasterLabel"] or row["DeveloperName"] or row["Id"],
                updated=row["Status"] == "Updated",
                status=row["Status"] or "unknown",
                activation=bool(row["HasActivationRequired"]),
            )
        for row in snapshot.table(cat.COMPONENTS.name).to_pylist():
            group, part = (
                self.groups.get(to18(row["PermissionSetGroupId"] or "")),
                to18(row["PermissionSetId"] or ""),
            )
            if group is not None:
                (group.muting if part.startswith(_MUTING) else group.parts).append(part)
        for row in snapshot.table(cat.MUTING_SETS.name).to_pylist():
            self.muting_labels[to18(row["Id"])] = row["MasterLabel"] or row["DeveloperName"] or row["Id"]

    def _object_rows(self, snapshot: Snapshot, name: str) -> None:
        for row in snapshot.table(name).to_pylist():
            if str(row["Id"]).startswith("000"):
                continue  # synthetic rows of Modify All Data, which is computed from the permission (O6)
            parent, rights = to18(row["ParentId"]), Rights(**{a: bool(row[c]) for a, c in _RIGHT_COLUMNS})
            if parent.startswith(_MUTING):
                self.mutes[parent].objects.setdefault(row["SobjectType"], Rights()).add(rights)
            elif parent in self.containers:
                self.containers[parent].objects.setdefault(row["SobjectType"], Rights()).add(rights)

    def _field_rows(self, snapshot: Snapshot, name: str, wanted: set[str]) -> None:
        table = snapshot.table(name)
        if not table.num_rows:
            return
        columns = table.select(
            ["ParentId", "Field", "PermissionsRead", "PermissionsEdit"]
        ).unify_dictionaries()
        for batch in columns.to_batches():
            parents, names = batch.column("ParentId"), batch.column("Field")
            ids = [to18(p) for p in parents.dictionary.to_pylist()]
            keys = [stored_key(k) for k in names.dictionary.to_pylist()]
            kept = np.array([k in wanted for k in keys], dtype=bool)[np.asarray(names.indices)]
            rows = np.flatnonzero(kept)
            for parent, key, reads, edits in zip(
                np.asarray(parents.indices)[rows],
                np.asarray(names.indices)[rows],
                batch.column("PermissionsRead").take(rows).to_pylist(),
                batch.column("PermissionsEdit").take(rows).to_pylist(),
                strict=True,
            ):
                self._field_row(ids[parent], keys[key], bool(reads), bool(edits))

    def _field_row(self, parent: str, key: str, reads: bool, edits: bool) -> None:  # noqa: FBT001 - a row's two bits
        if parent.startswith(_MUTING):
            # M2: under a muting set "true" is taken away, and a muted read takes the edit with it.
            mute = self.mutes[parent]
            if reads:
                mute.reads.add(key)
            if reads or edits:
                mute.edits.add(key)
        elif parent in self.containers:
            container = self.containers[parent]
            if reads:
                container.reads.add(key)
            if edits:
                container.edits.add(key)
