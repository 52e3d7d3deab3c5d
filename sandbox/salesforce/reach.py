"""Which records somebody can reach, whatever the fields (salesforce 4: the R rules)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.ids import short_id
from sandbox.salesforce.oracle import Oracle, Person, Strength

if TYPE_CHECKING:
    from sandbox.salesforce.fixture import Entity, Org

Record = Mapping[str, Any]

PUBLIC_LEVELS = {"Read": "Read", "ReadWrite": "Edit", "ReadWriteTransfer": "Edit", "FullAccess": "All"}
LEVELS = ("None", "Read", "Edit", "Delete", "Transfer", "All")
PARENT_FIELDS = {
    "Contact": ("AccountId",),
    "Task": ("WhatId", "WhoId"),
    "Event": ("WhatId", "WhoId"),
    "CampaignMember": ("CampaignId",),
    "CaseComment": ("ParentId",),
    "EmailMessage": ("ParentId",),
    "OpportunityLineItem": ("OpportunityId",),
    "OrderItem": ("OrderId",),
    "Order": ("AccountId",),
    "Contract": ("AccountId",),
    "Asset": ("AccountId",),
    "Attachment": ("ParentId",),
    "Note": ("ParentId",),
}


@dataclass(frozen=True)
class Extent:
    """How much of an object somebody reaches: `all`, `some` or `none`, and how many of the live records."""

    word: str
    records: int


class Reach:
    """The record rules of one org."""

    def __init__(self, org: Org, oracle: Oracle | None = None) -> None:
        self.org = org
        self.oracle = oracle or Oracle(org)
        self.users = {short_id(user["Id"]): user for user in org.rows("User")}
        self.roles = {short_id(role["Id"]): role for role in org.rows("UserRole")}
        self.groups = {short_id(group["Id"]): group for group in org.rows("Group")}
        self.members: dict[str, list[str]] = {}
        for row in org.rows("GroupMember"):
            self.members.setdefault(short_id(row["GroupId"]), []).append(short_id(row["UserOrGroupId"]))
        self._records: dict[str, dict[str, Record]] = {}

    def records(self, entity: Entity) -> dict[str, Record]:
        """The records of an object by id."""
        if entity.name not in self._records:
            rows = self.org.rows(entity.name)
            self._records[entity.name] = {short_id(row["Id"]): row for row in rows}
        return self._records[entity.name]

    def extent(self, user: Mapping[str, Any], object_name: str) -> Extent:
        """`all` by a right over every record or a public default; otherwise counted over the live records."""
        entity = self.org.entity(object_name)
        person = self.oracle.person(user)
        if entity is None or not person.awake:
            return Extent("none", 0)
        live = [
            row
            for row in self.records(entity).values()
            if not row.get("IsDeleted") and not row.get("IsArchived")
        ]
        if self.reaches_all(person, entity):
            return Extent("all", len(live))
        reached = [row for row in live if self.level(person, entity, row) != "None"]
        parents = self.parent_entities(entity)
        if (
            parents
            and all(self.reaches_all(person, parent) for parent in parents)
            and len(reached) == len(live)
        ):
            return Extent("all", len(live))
        return Extent("some" if reached else "none", len(reached))

    def restricted(self, object_name: str) -> bool:
        """R5: an active restriction rule takes records away from somebody."""
        return any(
            row["TargetEntity"] == object_name and row["IsActive"] for row in self.org.rows("RestrictionRule")
        )

    def reaches_all(self, person: Person, entity: Entity) -> bool:
        """R1, and R2 for a public default."""
        return self.r1_level(person, entity) != "None" or self.r2_public_level(person, entity) != "None"

    def level(self, person: Person, entity: Entity, record: Record) -> str:
        """The strongest access to one record, by any rule."""
        if not person.awake:
            return "None"
        found = [self.r1_level(person, entity), self.r2_public_level(person, entity)]
        if self.parent_fields(entity):
            found.append(self.r2_by_parent(person, entity, record))
        else:
            found += [self.r3_owner_level(person, record), self.r4_share_level(person, entity, record)]
        return max(found, key=LEVELS.index)

    def r1_level(self, person: Person, entity: Entity) -> str:
        """R1: a right over every record of the object; guests have none (R6)."""
        if person.guest:
            return "None"
        for right, level in (("ModifyAllRecords", "All"), ("ViewAllRecords", "Read")):
            opens = self.oracle.object_gate(person, entity.name, right).strength is Strength.LIVE
            if opens and (entity.has_object_permissions or self._all_data(person, right)):
                return level
        return "None"

    def _all_data(self, person: Person, right: str) -> bool:
        """Whether the right comes from View or Modify All Data, which hold for objects without a row too."""
        return person.holds("ModifyAllData") or (right == "ViewAllRecords" and person.holds("ViewAllData"))

    def r2_public_level(self, person: Person, entity: Entity) -> str:
        """R2: the org-wide default; a master-detail child has none of its own, and a guest has none."""
        if person.guest or self.master_fields(entity):
            return "None"
        model = entity.internal_sharing if person.internal else entity.external_sharing
        return PUBLIC_LEVELS.get(model, "None")

    def r2_by_parent(self, person: Person, entity: Entity, record: Record) -> str:
        """R2: a child is as open as its parent; without one only its owner sees it (org-fixture 3.17)."""
        levels = ["None"]
        parented = False
        for name in self.parent_fields(entity):
            key = record.get(name)
            column = entity.field(name)
            if not key or column is None:
                continue
            parented = True
            for target in column.reference_to:
                there = self.org.entity(target)
                parent = self.records(there).get(short_id(key)) if there is not None else None
                if there is not None and parent is not None:
                    levels.append(self.level(person, there, parent))
        if not parented and self.is_owner(person, record):
            levels.append("All")
        return max(levels, key=LEVELS.index)

    def r3_owner_level(self, person: Person, record: Record) -> str:
        """R3: owners and those above them in the role hierarchy; members of a queue own what it owns."""
        if self.is_owner(person, record) or self.is_above(person, record.get("OwnerId")):
            return "All"
        return "None"

    def r4_share_level(self, person: Person, entity: Entity, record: Record) -> str:
        """R4: shares to the user, somebody below, or a group they are in; guests have guest rules (R6)."""
        table = f"{entity.name[:-3]}__Share" if entity.custom else f"{entity.name}Share"
        key = "ParentId" if entity.custom else f"{entity.name}Id"
        level = "AccessLevel" if entity.custom else f"{entity.name}AccessLevel"
        levels = ["None"]
        for share in self.org.rows(table):
            if share["IsDeleted"] or short_id(share[key] or "") != short_id(record["Id"]):
                continue
            if person.guest and share["RowCause"] != "GuestRule":
                continue
            named = short_id(share["UserOrGroupId"] or "")
            if (
                named == short_id(person.user["Id"])
                or self.is_above(person, named)
                or self.is_member(person, named)
            ):
                granted = share[level] if share[level] in LEVELS else "Read"
                levels.append("Read" if person.guest else granted)
        return max(levels, key=LEVELS.index)

    # --- relations ------------------------------------------------------------------------------------------

    def is_owner(self, person: Person, record: Record) -> bool:
        """Whether the record is this user's, or their queue's."""
        owner = short_id(record.get("OwnerId") or "")
        return owner == short_id(person.user["Id"]) or (
            owner.startswith("00G") and self.is_member(person, owner)
        )

    def is_above(self, person: Person, user_id: str | None) -> bool:
        """Whether the person's role is somewhere above that user's role."""
        mine = short_id(person.user.get("UserRoleId") or "")
        other = self.users.get(short_id(user_id or ""))
        return bool(mine) and other is not None and mine in self.roles_above(other.get("UserRoleId"))

    def roles_above(self, role_id: str | None) -> list[str]:
        """The roles from the parent of one up to the top."""
        above: list[str] = []
        role = self.roles.get(short_id(role_id or ""))
        while role is not None and role["ParentRoleId"]:
            parent = short_id(role["ParentRoleId"])
            if parent in above:
                break
            above.append(parent)
            role = self.roles.get(parent)
        return above

    def is_member(self, person: Person, group_id: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a person is in a group, directly, through another group, or by role."""
        group = self.groups.get(group_id)
        if group is None or group_id in seen:
            return False
        if self._is_member_by_kind(person, group):
            return True
        for member in self.members.get(group_id, []):
            if member == short_id(person.user["Id"]) or self.is_member(person, member, seen | {group_id}):
                return True
        return False

    def _is_member_by_kind(self, person: Person, group: Mapping[str, Any]) -> bool:
        """Groups that name a role, or everybody, have no member rows."""
        mine = short_id(person.user.get("UserRoleId") or "")
        named = short_id(group["RelatedId"] or "")
        match group["Type"]:
            case "Organization":
                return person.internal
            case "AllCustomerPortal":
                return not person.internal and not person.guest
            case "Role":
                return bool(named) and mine == named
            case "RoleAndSubordinates":
                return bool(named) and (mine == named or named in self.roles_above(mine))
            case "RoleAndSubordinatesInternal":
                return person.internal and bool(named) and (mine == named or named in self.roles_above(mine))
            case _:
                return False

    def master_fields(self, entity: Entity) -> list[str]:
        """The master-detail fields of an object."""
        return [column.name for column in entity.fields if column.setup.get("masterDetail")]

    def parent_fields(self, entity: Entity) -> list[str]:
        """The fields an object follows its parent through; none if it stands alone."""
        masters = self.master_fields(entity)
        if masters:
            return masters
        if "ControlledByParent" not in {entity.internal_sharing, entity.external_sharing}:
            return []
        listed = [name for name in PARENT_FIELDS.get(entity.name, ()) if entity.field(name) is not None]
        if listed:
            return listed
        lookups = [c.name for c in entity.fields if c.type == "reference" and self._to_record(c.reference_to)]
        return lookups[:1]

    def _to_record(self, targets: tuple[str, ...]) -> bool:
        found = [self.org.entity(name) for name in targets]
        return any(entity is not None and entity.is_record for entity in found)

    def parent_entities(self, entity: Entity) -> list[Entity]:
        """The objects an object follows."""
        found = []
        for name in self.parent_fields(entity):
            column = entity.field(name)
            targets = column.reference_to if column is not None else ()
            found += [there for target in targets if (there := self.org.entity(target)) is not None]
        return found
