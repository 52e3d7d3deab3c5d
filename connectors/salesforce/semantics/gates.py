"""Which object gate a tagged field stands behind, and whether anybody can say what opens it (salesforce O1 to O7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.planes import Editing, FieldColumn, ObjectGate
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.fields import ACTIVITIES, COMPOUND_TYPES, Field, Guard, fields, guard

PARENTS: Mapping[str, tuple[str, ...]] = {
    "CampaignMember": ("Campaign",),
    "CaseComment": ("Case",),
    "EmailMessage": ("Case",),
    "OpportunityLineItem": ("Opportunity",),
    "OrderItem": ("Order",),
    "PricebookEntry": ("Product2", "Pricebook2"),
}
"""Objects without object permissions and the ones whose Read opens them (salesforce O4, org-fixture 3.18)."""

MARKETING_OBJECTS = frozenset({"Account", "Campaign", "CampaignMember", "Contact", "Lead"})
"""Objects that marketing works with in every org; Account is one for its person accounts (F11)."""

_NAMELESS = frozenset({"Attachment", "Note"})
"""Objects without object permissions whose parent may be of any kind: nobody can say what opens them (O4)."""


def needed(objects: Sequence[str]) -> tuple[str, ...]:
    """Objects whose grants must be collected to judge fields of the given ones: with the gates they stand behind."""
    found = set(objects) | {parent for name in objects for parent in PARENTS.get(name, ())}
    if "Account" in found:
        found.add("Contact")
    if found & set(ACTIVITIES):
        found |= set(ACTIVITIES)  # F12: a custom activity field has rows under both
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Column:
    """One tagged field: as the schema knows it (None if it does not), how it is guarded, and its plane column."""

    field: Field | None
    guard: Guard
    plane: FieldColumn


class Gates:
    """The columns of the planes: object gates, and tagged fields behind them."""

    def __init__(self, snapshot: Snapshot, tagged: Iterable[str]) -> None:
        self._snapshot = snapshot
        self._known = fields(snapshot)
        self._entities = {
            str(r["QualifiedApiName"]): r for r in snapshot.table(cat.ENTITIES.name).to_pylist()
        }
        self._securable = {r["SobjectType"] for r in snapshot.table(cat.SECURABLE_OBJECTS).to_pylist()}
        rows = snapshot.table(cat.OBJECT_PERMISSIONS.name)
        self._granted = set(rows.column("SobjectType").unique().to_pylist()) if rows.num_rows else set()
        self.index: dict[str, int] = {}
        self.objects: list[ObjectGate] = []
        self.columns = [self._column(name) for name in sorted(tagged)]

    def is_setting(self, owner: str) -> bool:
        """Whether the object is a custom setting, which object permissions do not govern (O7)."""
        return bool(self._entities.get(owner, {}).get("IsCustomSetting"))

    def setting_id(self, owner: str) -> str:
        """The `01I…` id by which SetupEntityAccess names a custom setting."""
        return str(self._entities.get(owner, {}).get("DurableId") or "")

    def by_object_permissions(self, owner: str) -> bool:
        """Whether rows of ObjectPermissions, its own or its parent's, open this gate."""
        return owner not in ACTIVITIES and owner != "User" and not self.is_setting(owner)

    def _column(self, name: str) -> Column:
        found = self._known.get(name)
        owner, _, short = name.partition(".")
        probe = found or Field(owner, short, short, "", True, False, False, False)
        where = guard(probe, self._known)
        plane = FieldColumn(
            name=name,
            gates=tuple(self._gate(o) for o in where.objects),
            editing=self._editing(probe, where),
            securable=where.securable,
            unknown=self._field_unknown(name, found),
            rules=where.rules,
            masked=probe.type == "encryptedstring",
        )
        return Column(found, where, plane)

    def _editing(self, field: Field, where: Guard) -> Editing:
        """Editing is not judged where the reference does not settle it, and never possible for computed fields."""
        if not where.edit_judged or field.type in COMPOUND_TYPES or self._lacks_permissions(field.object):
            return Editing.NOT_JUDGED
        return Editing.NEVER if field.calculated or field.auto_number else Editing.JUDGED

    def _field_unknown(self, name: str, found: Field | None) -> str:
        owner = name.partition(".")[0]
        if owner not in self._snapshot.manifest.objects:
            return f"The grants of {owner} were not collected in this snapshot."
        if found is not None:
            return ""
        unread = self._snapshot.unread(cat.PARTICLES.name)
        if unread is not None:
            return f"The definition of {name} could not be read. {unread.detail}"
        return f"The org shows no field {name}."

    def _gate(self, owner: str) -> int:
        if owner not in self.index:
            self.index[owner] = len(self.objects)
            self.objects.append(ObjectGate(owner, self._gate_unknown(owner)))
        return self.index[owner]

    def _gate_unknown(self, owner: str) -> str:
        if owner in ACTIVITIES:
            if _absent(self._snapshot, "PermissionsActivitiesAccess"):
                return "The org does not show the permission Access Activities, which opens activities."
            return ""
        if owner == "User" or owner in PARENTS or self.is_setting(owner) or self._has_permissions(owner):
            return ""
        if self._snapshot.unread(cat.SECURABLE_OBJECTS) is not None:
            return f"Whether {owner} has object permissions could not be read."
        return f"Nothing says which right opens {owner}: it has no object permissions and no known parent."

    def _has_permissions(self, owner: str) -> bool:
        if owner in ACTIVITIES or owner == "User" or owner in PARENTS or self.is_setting(owner):
            return False
        return owner in self._securable or owner in self._granted

    def _lacks_permissions(self, owner: str) -> bool:
        """Whether the object is known to have no object permissions, rather than not known to have some."""
        exempt = owner in {"User", *ACTIVITIES, *PARENTS, *_NAMELESS} or self.is_setting(owner)
        return exempt or (
            self._snapshot.unread(cat.SECURABLE_OBJECTS) is None and not self._has_permissions(owner)
        )


def _absent(snapshot: Snapshot, column: str) -> bool:
    """Whether a column is null in every row of a complete reading: the org does not have it."""
    table: Any = snapshot.table(cat.PERMISSION_SETS.name)
    complete = snapshot.unread(cat.PERMISSION_SETS.name) is None
    return bool(complete and table.num_rows and table.column(column).null_count == table.num_rows)
