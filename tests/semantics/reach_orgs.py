"""Random small orgs about records: defaults, roles, groups, queues, shares, parents, masters and restriction rules.

Roles and groups may go round in circles. What no org can hold is left out: a lookup to a record that is gone.
"""

from __future__ import annotations

import random
from typing import Any

from connectors.salesforce.ids import to18

NOW = "2026-11-24T03:00:00+00:00"
KINDS = (
    "Standard",
    "Standard",
    "Standard",
    None,
    "Guest",
    "PowerPartner",
    "CspLitePortal",
    "AutomatedProcess",
)
MODELS = ("Private", "Private", "Private", "Read", "ReadWrite", "ReadWriteTransfer", "FullAccess")
GROUP_TYPES = (
    "Regular",
    "Regular",
    "Queue",
    "Organization",
    "AllCustomerPortal",
    "Role",
    "RoleAndSubordinates",
    "RoleAndSubordinatesInternal",
)
CAUSES = ("Manual", "Rule", "Team", "GuestRule", "Owner")
LEVELS = ("Read", "Edit", "All", "None")
SHARED = {
    "Account": ("AccountShare", "AccountId", "AccountAccessLevel"),
    "Contact": ("ContactShare", "ContactId", "ContactAccessLevel"),
    "Visit__c": ("Visit__Share", "ParentId", "AccessLevel"),
    "Case": ("CaseShare", "CaseId", "CaseAccessLevel"),
}
PREFIX = {
    "Account": "001",
    "Contact": "003",
    "Case": "500",
    "Task": "00T",
    "Visit__c": "a0V",
    "Dose__c": "a0D",
    "Grain__c": "a0G",
}
SECURABLE = [name for name in PREFIX if name != "Task"]


def _id(prefix: str, number: int) -> str:
    return to18(f"{prefix}x{number:011d}")


class _Maker:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.owners: list[str] = []

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def some(self, things: list[str]) -> list[str]:
        return self.dice.sample(things, min(len(things), self.dice.randint(0, 3)))

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def objects(self) -> dict[str, Any]:
        def fields(*more: dict[str, Any]) -> list[dict[str, Any]]:
            return [{"name": "Finding__c"}, *more]

        def lookup(name: str, *targets: str, **more: Any) -> dict[str, Any]:
            return {"name": name, "type": "reference", "referenceTo": list(targets), **more}

        found: dict[str, Any] = {
            "Account": {"fields": fields()},
            "Contact": {"fields": fields(lookup("AccountId", "Account"))},
            "Case": {"fields": fields()},
            "Task": {"fields": fields(lookup("WhatId", "Account", "Case"), lookup("WhoId", "Contact"))},
            "Visit__c": {"keyPrefix": "a0V", "fields": fields(lookup("Patient__c", "Contact"))},
            "Dose__c": {
                "keyPrefix": "a0D",
                "fields": fields(lookup("Visit__c", "Visit__c", masterDetail=True)),
            },
            "Grain__c": {
                "keyPrefix": "a0G",
                "fields": fields(lookup("Dose__c", "Dose__c", masterDetail=True)),
            },
        }
        for name, given in found.items():
            given["internalSharingModel"] = self.dice.choice(MODELS)
            given["externalSharingModel"] = self.dice.choice(MODELS)
            if name in {"Contact", "Task", "Visit__c"} and self.maybe(0.6):
                given["internalSharingModel"] = given["externalSharingModel"] = "ControlledByParent"
            if name in {"Dose__c", "Grain__c"} and self.maybe(0.7):
                given["internalSharingModel"] = given["externalSharingModel"] = "ControlledByParent"
        return found

    def holders(self) -> None:
        """Two profiles and two sets, with rights over all records here and there."""
        for n, owner in enumerate(("00ex1", "00ex2", "", "")):
            container = _id("0PS", n + 1)
            row: dict[str, Any] = {"Id": container, "Name": f"S{n}", "Label": f"S{n}", "Type": "Regular"}
            if owner:
                profile = _id("00e", n + 1)
                self.add("Profile", Id=profile, Name=f"P{n}", UserType="Standard")
                row |= {"Type": "Profile", "IsOwnedByProfile": True, "ProfileId": profile}
            elif self.maybe(0.3):
                row |= {"HasActivationRequired": True}
            for right in ("ViewAllData", "ModifyAllData"):
                row[f"Permissions{right}"] = self.maybe(0.06)
            self.add("PermissionSet", **row)
            for name in SECURABLE:
                if self.maybe(0.5):
                    more = {
                        f"Permissions{r}": self.maybe(0.15) for r in ("ViewAllRecords", "ModifyAllRecords")
                    }
                    self.add(
                        "ObjectPermissions",
                        ParentId=container,
                        SobjectType=name,
                        PermissionsRead=True,
                        **more,
                    )

    def people(self) -> None:
        roles = [_id("00E", n + 1) for n in range(self.dice.randint(0, 5))]
        for n, role in enumerate(roles):
            above = self.dice.choice([*roles, None]) if self.maybe(0.15) else (roles[n // 2] if n else None)
            self.add("UserRole", Id=role, Name=f"R{n}", DeveloperName=f"R{n}", ParentRoleId=above)
        users = [_id("005", n + 1) for n in range(self.dice.randint(1, 9))]
        for n, user in enumerate(users):
            row: dict[str, Any] = {"Id": user, "Username": f"u{n}@clinic.example", "Name": f"U{n}"}
            row |= {"UserType": self.dice.choice(KINDS), "IsActive": self.maybe(0.9)}
            row |= {"ProfileId": _id("00e", self.dice.randint(1, 2))}
            row |= {"UserRoleId": self.dice.choice([*roles, None])}
            self.add("User", **row)
            self.add("UserLogin", UserId=user, IsFrozen=self.maybe(0.1))
            if self.maybe(0.4):
                chosen = _id("0PS", self.dice.randint(3, 4))
                self.add(
                    "PermissionSetAssignment",
                    Id=_id("0Pa", n + 1),
                    AssigneeId=user,
                    PermissionSetId=chosen,
                    IsActive=self.maybe(0.9),
                )
        groups = [_id("00G", n + 1) for n in range(self.dice.randint(0, 6))]
        for group in groups:
            kind = self.dice.choice(GROUP_TYPES)
            related = self.dice.choice([*roles, None]) if kind.startswith("Role") else None
            self.add("Group", Id=group, Name=group, DeveloperName=group, Type=kind, RelatedId=related)
            for member in self.some([*users, *groups]):
                self.add("GroupMember", GroupId=group, UserOrGroupId=member)
        self.owners = [*users, *users, *groups]

    def records(self, objects: dict[str, Any]) -> None:
        made: dict[str, list[str]] = {}
        for name in ("Account", "Case", "Contact", "Visit__c", "Dose__c", "Grain__c", "Task"):
            made[name] = []
            for n in range(self.dice.randint(0, 7)):
                record = _id(PREFIX[name], n + 1)
                row: dict[str, Any] = {"Id": record}
                if name not in {"Dose__c", "Grain__c"}:
                    row["OwnerId"] = self.dice.choice(self.owners)
                for given in objects[name]["fields"]:
                    targets = [t for target in given.get("referenceTo", ()) for t in made[target]]
                    if targets and self.maybe(0.75):
                        row[given["name"]] = self.dice.choice(targets)
                gone = name in {"Task", "Grain__c"} and self.maybe(0.2)
                self.add(name, **row, IsDeleted=gone)
                made[name].append(record)
            if name in SHARED and made[name] and self.maybe(0.75):
                table, key, level = SHARED[name]
                self.tables[table] = []
                for _ in range(self.dice.randint(0, 8)):
                    cause, record = self.dice.choice(CAUSES), self.dice.choice(made[name])
                    holder = self.dice.choice(self.owners)
                    if cause == "Owner":  # such a row only repeats the record's owner
                        holder = next(r["OwnerId"] for r in self.tables[name] if r["Id"] == record)
                    share = {key: record, "UserOrGroupId": holder, "RowCause": cause}
                    self.add(
                        table, **share, **{level: "All" if cause == "Owner" else self.dice.choice(LEVELS)}
                    )
        for name in objects:
            if self.maybe(0.1):
                self.add("RestrictionRule", TargetEntity=name, IsActive=self.maybe(0.7), DeveloperName=name)

    def document(self) -> dict[str, Any]:
        objects = self.objects()
        self.holders()
        self.people()
        self.records(objects)
        return {
            "format": "salesforce-org/1",
            "name": "random reach",
            "now": NOW,
            "running_user": {"permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"]},
            "objects": objects,
            "tables": self.tables,
        }


def reach_org(seed: int) -> dict[str, Any]:
    """A fixture document; the field `Finding__c` of every object may count as PHI."""
    return _Maker(seed).document()
