"""Who can read and edit which field: the rules of salesforce 4, one plain function per rule id.

This is the answer sheet. It goes person by person and field by field with loops and sets, so that it can be
read next to the rules; speed is nobody's business here. Where the rules leave something open, org-fixture
part 3 decides.
"""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.ids import short_id
from sandbox.salesforce.lineage import Derived, derived_phi

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.fixture import Entity, Org

__all__ = ["Derived", "Oracle", "Strength", "Verdict", "derived_phi", "unreadable_fields", "verdicts"]


class Strength(IntEnum):
    """How sure a right is; a chain is as weak as its weakest link (org-fixture 2.1)."""

    LIVE = 0
    ACTIVATABLE = 1
    POSSIBLE = 2


WORDS = {Strength.LIVE: "yes", Strength.ACTIVATABLE: "activatable", Strength.POSSIBLE: "possible"}
EVERYONE = "everyone"
UNSECURABLE = "unsecurable"
VIEW_ALL_FIELDS_SINCE = 63.0

OBJECT_RIGHTS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords", "ViewAllFields")
IMPLIED = {
    "Create": {"Read"},
    "Edit": {"Read"},
    "Delete": {"Read", "Edit"},
    "ViewAllRecords": {"Read"},
    "ModifyAllRecords": {"Read", "Edit", "Delete", "ViewAllRecords"},
}
"""Rule O3; View All Fields implies nothing (org-fixture 3.4)."""

PARENT_OBJECTS = {
    "OpportunityLineItem": ("Opportunity",),
    "OrderItem": ("Order",),
    "PricebookEntry": ("Product2", "Pricebook2"),
    "CampaignMember": ("Campaign",),
    "CaseComment": ("Case",),
    "EmailMessage": ("Case",),
}
"""Rule O4: whose Read opens these objects; any one of several parents is enough."""

UNSECURABLE_PERSON_FIELDS = frozenset(
    "PersonContactId PersonIndividualId PersonEmailBouncedDate PersonEmailBouncedReason "
    "PersonLastCURequestDate PersonLastCUUpdateDate".split()
)


@dataclass(frozen=True)
class Grant:
    """One thing that opens a gate, and how surely."""

    grantor: str
    strength: Strength


@dataclass(frozen=True)
class Gate:
    """Everything that opens a gate; `nameless` if the sheet does not say what does."""

    grants: tuple[Grant, ...]
    strength: Strength | None
    nameless: bool = False

    def at_most(self, strength: Strength) -> frozenset[str]:
        """The grantors at least as strong as that."""
        return frozenset(grant.grantor for grant in self.grants if grant.strength <= strength)

    def weaker_than(self, strength: Strength) -> frozenset[str]:
        """The grantors that only add something weaker."""
        return frozenset(grant.grantor for grant in self.grants if grant.strength > strength)


@dataclass(frozen=True)
class Verdict:
    """What one person can do with one field, and through whom."""

    read: str
    edit: str
    object_grantors: frozenset[str] = frozenset()
    field_grantors: frozenset[str] = frozenset()
    weaker_object_grantors: frozenset[str] = frozenset()
    weaker_field_grantors: frozenset[str] = frozenset()
    via: Mapping[str, frozenset[str]] = field(default_factory=dict)
    form: str | None = None


@dataclass(frozen=True)
class Holding:
    """A container somebody holds: the permission set row, how surely, and the group if it is an aggregate."""

    permission_set: Mapping[str, Any]
    strength: Strength
    group: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """The id reports name it by."""
        return str(self.permission_set["Id"])

    def permits(self, permission: str) -> bool:
        """A system permission; for a group always the aggregate's own column (org-fixture 3.1)."""
        return bool(self.permission_set.get(f"Permissions{permission}"))


@dataclass(frozen=True)
class Person:
    """A user with everything the A rules say they hold."""

    user: Mapping[str, Any]
    holdings: tuple[Holding, ...]
    awake: bool
    incomplete: bool

    @property
    def internal(self) -> bool:
        """Whether this is an employee rather than a partner, customer or guest (org-fixture 3.6)."""
        return self.user.get("UserType") in {None, "", "Standard"}

    @property
    def guest(self) -> bool:
        """Whether this is the nobody of a public site."""
        return self.user.get("UserType") == "Guest"

    def holds(self, permission: str) -> bool:
        """Whether a system permission is held for certain."""
        return any(each.strength is Strength.LIVE and each.permits(permission) for each in self.holdings)


@dataclass(frozen=True)
class Target:
    """The field whose rows decide, after F10, F11 and F12: a part follows its whole, a twin its twin."""

    object: str
    names: tuple[str, ...]
    securable: bool
    person: bool = False


class Oracle:
    """All verdicts of one org. `blind` is an auditor who may not read the grant tables."""

    def __init__(self, org: Org, *, blind: bool = False) -> None:
        self.org = org
        self.blind = blind
        self.now = org.now
        self.sees_view_all_fields = org.max_version >= VIEW_ALL_FIELDS_SINCE
        self.sets = {short_id(row["Id"]): row for row in org.rows("PermissionSet")}
        self.groups = {short_id(row["Id"]): row for row in org.rows("PermissionSetGroup")}
        self.licences = {
            short_id(row["Id"]): row
            for table in ("PermissionSetLicense", "UserLicense")
            for row in org.rows(table)
        }
        self.profile_sets: dict[str, Mapping[str, Any]] = {}
        self.aggregates: dict[str, Mapping[str, Any]] = {}
        for row in self.sets.values():
            if row["IsOwnedByProfile"] and row["ProfileId"]:
                self.profile_sets[short_id(row["ProfileId"])] = row
            if row["PermissionSetGroupId"]:
                self.aggregates[short_id(row["PermissionSetGroupId"])] = row
        self.parts: dict[str, list[str]] = {}
        self.mutings: dict[str, list[str]] = {}
        for row in org.rows("PermissionSetGroupComponent"):
            kind = self.mutings if row["PermissionSetId"].startswith("0QM") else self.parts
            kind.setdefault(short_id(row["PermissionSetGroupId"]), []).append(
                short_id(row["PermissionSetId"])
            )
        self.field_rows: dict[tuple[str, str], set[str]] = {}
        for row in org.rows("FieldPermissions"):
            bits = self.field_rows.setdefault((short_id(row["ParentId"]), row["Field"]), set())
            bits.update(bit for bit in ("Read", "Edit") if row[f"Permissions{bit}"])
        self.object_rows: dict[tuple[str, str], set[str]] = {}
        for row in org.rows("ObjectPermissions"):
            rights = self.object_rows.setdefault((short_id(row["ParentId"]), row["SobjectType"]), set())
            rights.update(right for right in OBJECT_RIGHTS if row[f"Permissions{right}"])
        self.setup_access = {
            (short_id(row["ParentId"]), short_id(row["SetupEntityId"]))
            for row in org.rows("SetupEntityAccess")
        }
        aggregate_ids = {short_id(row["Id"]) for row in self.aggregates.values()}
        self.aggregates_have_field_rows = any(parent in aggregate_ids for parent, _ in self.field_rows)
        self.aggregates_have_object_rows = any(parent in aggregate_ids for parent, _ in self.object_rows)
        self.frozen = {short_id(row["UserId"]) for row in org.rows("UserLogin") if row["IsFrozen"]}
        self.assignments: dict[str, list[Mapping[str, Any]]] = {}
        for row in org.rows("PermissionSetAssignment"):
            self.assignments.setdefault(short_id(row["AssigneeId"]), []).append(row)
        self.live_sessions = {short_id(row["Id"]) for row in org.rows("AuthSession")}
        self.activations = [
            row
            for row in org.rows("SessionPermSetActivation")
            if short_id(row["AuthSessionId"] or "") in self.live_sessions
        ]
        self._people: dict[str, Person] = {}

    # --- A: who holds what ----------------------------------------------------------------------------------

    def person(self, user: Mapping[str, Any]) -> Person:
        """A user and their containers."""
        key = short_id(user["Id"])
        if key not in self._people:
            holdings, incomplete = ([], True) if self.blind else self.containers(user)
            self._people[key] = Person(user, tuple(holdings), self.a1_awake(user), incomplete)
        return self._people[key]

    def a1_awake(self, user: Mapping[str, Any]) -> bool:
        """A1: inactive and frozen users contribute nothing now."""
        return bool(user["IsActive"]) and short_id(user["Id"]) not in self.frozen

    def containers(self, user: Mapping[str, Any]) -> tuple[list[Holding], bool]:
        """A2 to A4, and whether one of them is missing from the tables."""
        holdings: list[Holding] = []
        incomplete = False
        profile = self.a2_profile_set(user)
        if profile is not None:
            holdings.append(Holding(profile, Strength.LIVE))
        elif user["ProfileId"]:
            incomplete = True
        for assignment in self.assignments.get(short_id(user["Id"]), []):
            if self.a5_lapsed(assignment):
                continue
            if assignment["PermissionSetGroupId"]:
                holding = self.a4_group(user, assignment)
            elif self.is_profile_assignment(assignment):
                continue
            else:
                holding = self.a3_direct_set(user, assignment)
            if holding is None:
                incomplete = True
            else:
                holdings.append(holding)
        return holdings, incomplete

    def a2_profile_set(self, user: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A2: the set the user's profile owns; User.ProfileId alone says which (org-fixture 3.9)."""
        return self.profile_sets.get(short_id(user["ProfileId"] or ""))

    def is_profile_assignment(self, assignment: Mapping[str, Any]) -> bool:
        """An assignment to a profile-owned set adds nothing (org-fixture 3.9)."""
        permission_set = self.sets.get(short_id(assignment["PermissionSetId"] or ""))
        return permission_set is not None and bool(permission_set["IsOwnedByProfile"])

    def a3_direct_set(self, user: Mapping[str, Any], assignment: Mapping[str, Any]) -> Holding | None:
        """A3: a set assigned by itself, as sure as its activation (A6) and its licence (A7) let it be."""
        permission_set = self.sets.get(short_id(assignment["PermissionSetId"] or ""))
        if permission_set is None:
            return None
        strength = Strength.LIVE
        if permission_set["HasActivationRequired"] and not self.a6_activated(user, {permission_set["Id"]}):
            strength = Strength.ACTIVATABLE
        if self.a7_licence_is_doubtful(permission_set):
            strength = Strength.POSSIBLE
        return Holding(permission_set, strength)

    def a4_group(self, user: Mapping[str, Any], assignment: Mapping[str, Any]) -> Holding | None:
        """A4: of a group the aggregate counts, never its parts."""
        group = self.groups.get(short_id(assignment["PermissionSetGroupId"]))
        aggregate = self.aggregates.get(short_id(assignment["PermissionSetGroupId"]))
        if group is None or aggregate is None:
            return None
        strength = Strength.LIVE
        if group["HasActivationRequired"] and not self.a6_activated(user, {group["Id"], aggregate["Id"]}):
            strength = Strength.ACTIVATABLE
        return Holding(aggregate, strength, group)

    def a5_lapsed(self, assignment: Mapping[str, Any]) -> bool:
        """A5: ended by its flag, by revocation, or by its date, whichever says so first."""
        if not assignment["IsActive"] or assignment.get("IsRevoked"):
            return True
        expires = assignment["ExpirationDate"]
        return expires is not None and _moment(expires) <= self.now

    def a6_activated(self, user: Mapping[str, Any], ids: set[str]) -> bool:
        """A6: this user has activated one of these in a session that still lives."""
        wanted = {short_id(each) for each in ids}
        for activation in self.activations:
            if short_id(activation["UserId"] or "") != short_id(user["Id"]):
                continue
            named = {
                short_id(activation[column] or "") for column in ("PermissionSetId", "PermissionSetGroupId")
            }
            if named & wanted:
                return True
        return False

    def a7_licence_is_doubtful(self, permission_set: Mapping[str, Any]) -> bool:
        """A7: the set hangs on a licence that is not active or has run out."""
        licence = self.licences.get(short_id(permission_set["LicenseId"] or ""))
        if licence is None:
            return False
        expires = licence.get("ExpirationDate")
        expired = expires is not None and datetime.fromisoformat(expires).replace(tzinfo=UTC) <= self.now
        return licence["Status"] != "Active" or expired

    # --- M: groups and what they mute -----------------------------------------------------------------------

    def m2_muted_bits(self, group: Mapping[str, Any], names: Iterable[str]) -> set[str]:
        """M2: in a muting set, true means taken away; without reading there is no editing."""
        muted: set[str] = set()
        for muting in self.mutings.get(short_id(group["Id"]), []):
            for name in names:
                muted |= self.field_rows.get((muting, name), set())
        return {"Read", "Edit"} if "Read" in muted else muted

    def m3_muted_rights(self, group: Mapping[str, Any], object_name: str) -> set[str]:
        """M3: muting Read takes every right on the object, muting Edit takes Delete and Modify All too."""
        muted: set[str] = set()
        for muting in self.mutings.get(short_id(group["Id"]), []):
            muted |= self.object_rows.get((muting, object_name), set())
        if "Read" in muted:
            return set(OBJECT_RIGHTS)
        return muted | ({"Delete", "ModifyAllRecords"} if "Edit" in muted else set())

    def m4_m5(
        self, group: Mapping[str, Any], *, stored: bool, computed: bool, stored_counts: bool
    ) -> Strength | None:
        """M4: an up-to-date group is what its aggregate says. M5: of another, what both say is sure."""
        if group["Status"] == "Updated":
            return Strength.LIVE if (stored if stored_counts else computed) else None
        if stored and computed:
            return Strength.LIVE
        return Strength.POSSIBLE if stored or computed else None

    def field_bit(self, holding: Holding, names: Iterable[str], bit: str) -> Strength | None:
        """How surely a container has one bit of a field row, muting included."""
        stored = self.own_field_bit(short_id(holding.id), names, bit)
        if holding.group is None:
            return holding.strength if stored else None
        parts = self.parts.get(short_id(holding.group["Id"]), [])
        computed = any(self.own_field_bit(part, names, bit) for part in parts)
        computed = computed and bit not in self.m2_muted_bits(holding.group, names)
        counts = self.aggregates_have_field_rows
        sure = self.m4_m5(holding.group, stored=stored, computed=computed, stored_counts=counts)
        return _weakest(holding.strength, sure)

    def own_field_bit(self, parent: str, names: Iterable[str], bit: str) -> bool:
        """Whether the rows of one set have the bit."""
        return any(bit in self.field_rows.get((parent, name), set()) for name in names)

    def object_right(self, holding: Holding, object_name: str, right: str) -> Strength | None:
        """How surely a container has one right on an object, muting included."""
        stored = right in self.o3_rights(short_id(holding.id), object_name)
        if holding.group is None:
            return holding.strength if stored else None
        rights: set[str] = set()
        for part in self.parts.get(short_id(holding.group["Id"]), []):
            rights |= self.o3_rights(part, object_name)
        computed = right in rights - self.m3_muted_rights(holding.group, object_name)
        counts = self.aggregates_have_object_rows
        sure = self.m4_m5(holding.group, stored=stored, computed=computed, stored_counts=counts)
        return _weakest(holding.strength, sure)

    # --- O: the object gate ---------------------------------------------------------------------------------

    def o3_rights(self, parent: str, object_name: str) -> set[str]:
        """O3: the rights of one set with those they imply."""
        stored = self.object_rows.get((parent, object_name), set())
        implied: set[str] = set()
        for right in stored:
            implied |= IMPLIED.get(right, set())
        return stored | implied

    def object_gate(self, person: Person, object_name: str, right: str = "Read") -> Gate:
        """What opens an object for a person, by whichever rule is its own."""
        grants = self.o6_all_data(person, right)
        entity = self.org.entity(object_name)
        if object_name in {"Task", "Event"}:
            grants += self.o4_activities(person)
        elif object_name == "User":
            grants += [] if person.guest else [Grant(EVERYONE, Strength.LIVE)]
        elif object_name in PARENT_OBJECTS:
            for parent in PARENT_OBJECTS[object_name]:
                grants += self.o1_object_rows(person, parent, "Read")
        elif entity is not None and entity.custom_setting:
            grants += self.o7_custom_setting(person, entity)
        elif entity is not None and not entity.has_object_permissions:
            return _gate(grants, nameless=True)
        else:
            grants += self.o1_object_rows(person, object_name, right)
        return _gate(grants)

    def o1_object_rows(self, person: Person, object_name: str, right: str) -> list[Grant]:
        """O1: containers with the right on the object."""
        found = []
        for holding in person.holdings:
            strength = self.object_right(holding, object_name, right)
            if strength is not None:
                found.append(Grant(holding.id, strength))
        return found

    def o4_activities(self, person: Person) -> list[Grant]:
        """O4: tasks and events open with Access Activities; for outsiders that is not certain."""
        found = []
        for holding in person.holdings:
            if holding.permits("ActivitiesAccess"):
                strength = holding.strength if person.internal else Strength.POSSIBLE
                found.append(Grant(f"{holding.id}:ActivitiesAccess", strength))
        return found

    def o6_all_data(self, person: Person, right: str) -> list[Grant]:
        """O6: Modify All Data gives Read and Edit everywhere, View All Data gives Read."""
        permissions = (
            ("ViewAllData", "ModifyAllData") if right in {"Read", "ViewAllRecords"} else ("ModifyAllData",)
        )
        return [
            Grant(f"{holding.id}:{permission}", holding.strength)
            for holding in person.holdings
            for permission in permissions
            if holding.permits(permission)
        ]

    def o7_custom_setting(self, person: Person, entity: Entity) -> list[Grant]:
        """O7: custom settings open by SetupEntityAccess or by View All Custom Settings."""
        found = []
        for holding in person.holdings:
            if (short_id(holding.id), short_id(entity.durable_id)) in self.setup_access:
                found.append(Grant(f"{holding.id}:SetupEntityAccess", holding.strength))
            if holding.permits("ViewAllCustomSettings"):
                found.append(Grant(f"{holding.id}:ViewAllCustomSettings", holding.strength))
        return found

    # --- F: the field gate ----------------------------------------------------------------------------------

    def target(self, entity: Entity, column: Field) -> Target:
        """Whose rows decide about a field."""
        whole = self.f10_whole(entity, column)
        if entity.name == "Account":
            twin = f11_contact_name(whole.name)
            if twin is not None:
                contact = self.org.entity("Contact")
                there = contact.field(twin) if contact is not None else None
                if contact is not None and there is not None:
                    there = self.f10_whole(contact, there)
                    return Target("Contact", (f"Contact.{there.name}",), there.permissionable, person=True)
                return Target("Contact", (f"Contact.{twin}",), True, person=True)
        securable = whole.permissionable and whole.name not in UNSECURABLE_PERSON_FIELDS
        return Target(entity.name, self.f12_names(entity, whole), securable)

    def f10_whole(self, entity: Entity, column: Field) -> Field:
        """F10: the parts of an address follow the address; the parts of a name do not."""
        if column.compound and column.compound != "Name":
            whole = entity.field(column.compound)
            if whole is not None:
                return whole
        return column

    def f12_names(self, entity: Entity, column: Field) -> tuple[str, ...]:
        """F12: a custom activity field is one field with rows under two objects."""
        if entity.name in {"Task", "Event"} and column.custom:
            return (f"Task.{column.name}", f"Event.{column.name}")
        return (f"{entity.name}.{column.name}",)

    def field_gate(self, person: Person, target: Target) -> Gate:
        """F1: everything that opens a field for reading."""
        if not target.securable:
            return _gate([Grant(UNSECURABLE, Strength.LIVE)])
        return _gate(
            self.f1_rows(person, target)
            + self.f5_view_all_fields(person, target)
            + self.f6_global(person, target)
        )

    def f1_rows(self, person: Person, target: Target, bit: str = "Read") -> list[Grant]:
        """F1, F3: containers with the bit in a field row; no row, no grant."""
        found = []
        for holding in person.holdings:
            strength = self.field_bit(holding, target.names, bit)
            if strength is not None:
                found.append(Grant(holding.id, strength))
        return found

    def f5_view_all_fields(self, person: Person, target: Target) -> list[Grant]:
        """F5: View All Fields on the object."""
        if not self.sees_view_all_fields:
            return []
        found = []
        for holding in person.holdings:
            strength = self.object_right(holding, target.object, "ViewAllFields")
            if strength is not None:
                strength = self.f7(holding, target, strength)
                found.append(Grant(f"{holding.id}:ViewAllFields", strength))
        return found

    def f6_global(self, person: Person, target: Target) -> list[Grant]:
        """F6: View All Fields (Global)."""
        if not self.sees_view_all_fields:
            return []
        return [
            Grant(f"{holding.id}:ViewAllFieldsGlobal", self.f7(holding, target, holding.strength))
            for holding in person.holdings
            if holding.permits("ViewAllFieldsGlobal")
        ]

    def f7(self, holding: Holding, target: Target, strength: Strength) -> Strength:
        """F7: whether View All Fields beats a mute of the same field in the same group is not known."""
        if holding.group is not None and "Read" in self.m2_muted_bits(holding.group, target.names):
            return Strength.POSSIBLE
        return strength

    def f18_form(self, person: Person, column: Field) -> str | None:
        """F18: classic encrypted text is masked unless View Encrypted Data is held."""
        if column.type != "encryptedstring":
            return None
        return "clear" if person.holds("ViewEncryptedData") else "masked"

    # --- verdicts -------------------------------------------------------------------------------------------

    def verdict(self, person: Person, entity: Entity, column: Field) -> Verdict:
        """Both words and the paths for one person and one field."""
        target = self.target(entity, column)
        objects = self.read_gate(person, entity, target)
        fields = self.field_gate(person, target)
        strength = _weakest_of(objects.strength, fields.strength)
        read, shown = self.read_word(person, target, objects, strength)
        uncertain = person.incomplete or objects.nameless
        edit = self.edit_word(person, entity, column, target, read)
        if uncertain:
            read = read if read == "yes" else "unknown"
            edit = edit if edit in {"yes", "-"} else "unknown"
        if not person.awake:
            read = "dormant" if read in WORDS.values() else read
            edit = "dormant" if edit in WORDS.values() else edit
        if read in {"no", "unknown"} or shown is None:
            return Verdict(read, edit, form=self.f18_form(person, column))
        if read == "latent":
            objects, fields = _gate([]), self.latent_gate(person, target)
        return Verdict(
            read=read,
            edit=edit,
            object_grantors=objects.at_most(shown),
            field_grantors=fields.at_most(shown),
            weaker_object_grantors=objects.weaker_than(shown),
            weaker_field_grantors=fields.weaker_than(shown),
            via=self.m6_via(person, target, fields),
            form=self.f18_form(person, column),
        )

    def read_gate(self, person: Person, entity: Entity, target: Target) -> Gate:
        """The object side; a person-account field needs Account and Contact (F11)."""
        own = self.object_gate(person, entity.name)
        if not target.person:
            return own
        contact = self.object_gate(person, "Contact")
        strength = _weakest_of(own.strength, contact.strength)
        if strength is None:
            return _gate([])
        return Gate(_gate([*own.grants, *contact.grants]).grants, strength)

    def read_word(
        self, person: Person, target: Target, objects: Gate, strength: Strength | None
    ) -> tuple[str, Strength | None]:
        """The read word before doubt and dormancy, and the strength its paths are shown at."""
        if strength is not None:
            return WORDS[strength], strength
        latent = self.latent_gate(person, target)
        if objects.strength is None and latent.strength is not None:
            return "latent", latent.strength
        return "no", None

    def latent_gate(self, person: Person, target: Target) -> Gate:
        """O1: rights on a field whose object stays shut; the global permission never makes latent."""
        if not target.securable:
            return _gate([])
        return _gate(self.f1_rows(person, target) + self.f5_view_all_fields(person, target))

    def edit_word(self, person: Person, entity: Entity, column: Field, target: Target, read: str) -> str:
        """F8: object Edit and the edit bit; not judged where the sheet has no edit gate."""
        if not entity.has_object_permissions or target.person or column.type in {"address", "location"}:
            return "-"
        if read in {"no", "latent"}:
            return "no"
        if column.described["calculated"] or column.described["autoNumber"]:
            return "no"
        objects = self.object_gate(person, entity.name, "Edit")
        if target.securable:
            fields = _gate(self.f1_rows(person, target, "Edit"))
        else:
            fields = _gate([Grant(UNSECURABLE, Strength.LIVE)] if column.described["updateable"] else [])
        strength = _weakest_of(objects.strength, fields.strength)
        return "no" if strength is None else WORDS[strength]

    def m6_via(self, person: Person, target: Target, fields: Gate) -> dict[str, frozenset[str]]:
        """M6: for each group that opens the field, its parts that carry the row."""
        via: dict[str, frozenset[str]] = {}
        grantors = {grant.grantor for grant in fields.grants}
        for holding in person.holdings:
            if holding.group is None or holding.id not in grantors:
                continue
            parts = self.parts.get(short_id(holding.group["Id"]), [])
            carriers = [part for part in parts if self.own_field_bit(part, target.names, "Read")]
            via[holding.id] = frozenset(str(self.sets[part]["Id"]) for part in carriers if part in self.sets)
        return via


def verdicts(org: Org, fields: Iterable[str]) -> dict[tuple[str, str], Verdict]:
    """The verdict for every user of the org and every `Object.Field`, as the connected user may know it."""
    oracle = Oracle(org, blind=not org.running_user.has_any("ViewSetup"))
    found: dict[tuple[str, str], Verdict] = {}
    for name in fields:
        entity, column = find_field(org, name)
        for user in org.rows("User"):
            found[str(user["Id"]), name] = oracle.verdict(oracle.person(user), entity, column)
    return found


def find_field(org: Org, name: str) -> tuple[Entity, Field]:
    """The object and the field of an `Object.Field`."""
    object_name, _, field_name = name.partition(".")
    entity = org.entity(object_name)
    column = entity.field(field_name) if entity is not None else None
    if entity is None or column is None:
        raise KeyError(f"{name} is not a field of this org")
    return entity, column


def unreadable_fields(org: Org, user_id: str | None) -> frozenset[str]:
    """The securable fields a user's own containers do not surely open (org-fixture 1.1, `computed`)."""
    oracle = Oracle(org)
    user = org.user(user_id)
    person = oracle.person(user) if user is not None else Person({}, (), awake=True, incomplete=False)
    hidden = set()
    for entity in org.entities.values():
        for column in entity.fields:
            if column.permissionable:
                gate = oracle.field_gate(person, oracle.target(entity, column))
                if gate.strength is not Strength.LIVE:
                    hidden.add(f"{entity.name}.{column.name}")
    return frozenset(hidden)


def f11_contact_name(name: str) -> str | None:
    """F11: the Contact field an Account field of person accounts stands for, if it stands for one."""
    if name in UNSECURABLE_PERSON_FIELDS:
        return None
    if name.endswith("__pc"):
        return f"{name.removesuffix('__pc')}__c"
    if name.startswith("Person") and name[6:7].isupper() and "__" not in name:
        return name.removeprefix("Person")
    return None


def _gate(grants: Iterable[Grant], *, nameless: bool = False) -> Gate:
    """A gate out of grants; of two grants by the same grantor the stronger counts."""
    strongest: dict[str, Strength] = {}
    for grant in grants:
        strongest[grant.grantor] = min(grant.strength, strongest.get(grant.grantor, grant.strength))
    kept = tuple(Grant(grantor, strength) for grantor, strength in strongest.items())
    return Gate(kept, min(strongest.values(), default=None), nameless)


def _weakest(first: Strength, second: Strength | None) -> Strength | None:
    """A chain of two links, the second of which may be missing."""
    return None if second is None else max(first, second)


def _weakest_of(first: Strength | None, second: Strength | None) -> Strength | None:
    """A chain of two links, either of which may be missing."""
    return None if first is None else _weakest(first, second)


def _moment(text: str) -> datetime:
    """A datetime of a table as a point in time."""
    return datetime.fromisoformat(text)
