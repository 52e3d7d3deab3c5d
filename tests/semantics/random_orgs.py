"""Random small orgs in the fixture format, as contradictory as the format allows.

`random_org(seed)` gives the fixture document and the fields that count as PHI. The same seed gives the same org.
What no org can hold is left out: a table with two rows of the same key, a licence without a status.
"""

from __future__ import annotations

import random
from typing import Any

from connectors.salesforce.ids import to18

NOW = "2026-11-24T03:00:00+00:00"
RIGHTS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords", "ViewAllFields")
EXPIRIES = (
    None,
    None,
    None,
    "2026-11-24T02:59:59.000+0000",
    "2026-11-24T03:00:00.000+0000",
    "2026-11-24T03:00:01.000+0000",
    "2027-05-01T00:00:00.000+0000",
    "2025-01-01T00:00:00.000+0000",
)
SYSTEM = (
    "ViewAllData",
    "ModifyAllData",
    "ViewAllFieldsGlobal",
    "ActivitiesAccess",
    "ViewAllCustomSettings",
    "ViewEncryptedData",
)
OBJECTS: dict[str, list[dict[str, Any]]] = {
    "Contact": [
        {"name": "LastName", "permissionable": False, "compoundFieldName": "Name", "nillable": False},
        {"name": "Email", "type": "email"},
        {"name": "Diagnosis__c"},
        {"name": "Notes__c", "type": "textarea", "length": 32000},
        {"name": "Summary__c", "calculatedFormula": "Diagnosis__c"},
        {"name": "Serial__c", "autoNumber": True},
        {"name": "Needed__c", "required": True},
        {"name": "Secret__c", "type": "encryptedstring"},
        {"name": "MailingAddress", "type": "address"},
        {"name": "MailingStreet", "type": "textarea", "compoundFieldName": "MailingAddress"},
        {"name": "MailingStateCode", "compoundFieldName": "MailingAddress"},
        {"name": "OtherAddress", "type": "address"},
        {"name": "OtherCity", "compoundFieldName": "OtherAddress"},
        {"name": "Home__c", "type": "location"},
        {"name": "Home__Latitude__s", "type": "double", "compoundFieldName": "Home__c"},
    ],
    "Account": [
        {"name": "Risk__c"},
        {"name": "PersonEmail", "type": "email"},
        {"name": "PersonContactId", "type": "reference", "permissionable": False},
        {"name": "PersonMailingAddress", "type": "address"},
        {"name": "PersonMailingStreet", "type": "textarea", "compoundFieldName": "PersonMailingAddress"},
        {"name": "PersonOtherAddress", "type": "address"},
        {"name": "PersonOtherCity", "compoundFieldName": "PersonOtherAddress"},
        {"name": "Diagnosis__pc"},
        {"name": "Needed__pc"},
        {"name": "PersonNote__c"},
        {"name": "PersonHome__c", "type": "location"},
        {"name": "PersonHome__Latitude__s", "type": "double", "compoundFieldName": "PersonHome__c"},
        {"name": "BillingAddress", "type": "address"},
        {"name": "BillingPostalCode", "compoundFieldName": "BillingAddress"},
    ],
    "Lead": [
        {"name": "Treatment__c", "type": "picklist"},
        {"name": "Company", "permissionable": False, "nillable": False},
        {"name": "Address", "type": "address"},
        {"name": "Street", "type": "textarea", "compoundFieldName": "Address"},
    ],
    "Visit__c": [
        {"name": "Reason__c"},
        {
            "name": "Total__c",
            "type": "double",
            "summaryOperation": "max",
            "summarizedField": "Dose__c.Amount__c",
        },
        {"name": "Patient__c", "type": "reference", "referenceTo": ["Contact"], "masterDetail": True},
    ],
    "Task": [{"name": "Description", "type": "textarea"}, {"name": "Finding__c"}, {"name": "Alone__c"}],
    "Event": [
        {"name": "Subject", "permissionable": False},
        {"name": "Finding__c"},
        {"name": "Location"},
    ],
    "User": [{"name": "Vaccination__c"}],
    "Campaign": [{"name": "Audience__c"}],
    "CampaignMember": [{"name": "Interest__c"}, {"name": "Status", "permissionable": False}],
    "Case": [{"name": "Symptoms__c"}, {"name": "ContactEmail", "permissionable": False}],
    "CaseComment": [{"name": "CommentBody", "permissionable": False, "type": "textarea"}],
    "EmailMessage": [{"name": "TextBody", "type": "textarea"}],
    "Product2": [{"name": "Drug__c"}],
    "Pricebook2": [{"name": "Plan__c"}],
    "PricebookEntry": [{"name": "Dose__c"}],
    "Attachment": [{"name": "Body", "type": "base64"}],
    "Odd__c": [{"name": "Strange__c"}],
    "Triage__c": [{"name": "Codes__c", "permissionable": False}],
}
ALWAYS = {"Account", "Contact"}
TOGETHER = (
    {"Task", "Event"},
    {"Campaign", "CampaignMember"},
    {"Case", "CaseComment", "EmailMessage"},
    {"Product2", "Pricebook2", "PricebookEntry"},
)
WITHOUT_ROWS = {"Task", "Event", "User", "CampaignMember", "CaseComment", "EmailMessage", "PricebookEntry"}
WITHOUT_ROWS |= {"Attachment", "Odd__c", "Triage__c"}
SETTING_ID = "01Ix00000000777"


def _id(prefix: str, number: int) -> str:
    return to18(f"{prefix}x{number:011d}")


class _Maker:
    """One org in the making; every decision comes from one seeded generator."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.containers: list[str] = []
        self.muting: list[str] = []
        self.aggregates: list[str] = []

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def some(self, things, chance: float) -> list[Any]:
        return [thing for thing in things if self.maybe(chance)]

    def add(self, table: str, row: dict[str, Any]) -> None:
        self.tables.setdefault(table, []).append(row)

    def objects(self) -> dict[str, Any]:
        named = ALWAYS | {name for name in OBJECTS if self.maybe(0.3)}
        for group in TOGETHER:
            if named & group:
                named |= group
        chosen = {}
        for name in sorted(named):
            fields = [dict(f) for f in OBJECTS[name] if self.maybe(0.8) or "Address" in f["name"]]
            known = {f["name"] for f in fields} | {"Name"}
            for each in fields:
                if each["name"].endswith(("Address", "Home__c")) and self.maybe(0.15):
                    each["permissionable"] = False  # the parts say otherwise, and follow it
                if each.get("compoundFieldName", "Name") not in known:
                    del each["compoundFieldName"]
            chosen[name] = {"fields": fields}
        chosen.get("Odd__c", {})["hasObjectPermissions"] = False
        chosen.get("Triage__c", {}).update(customSetting=True, id=SETTING_ID)
        for each in chosen.get("Triage__c", {}).get("fields", ()):
            each["permissionable"] = len(chosen) % 2 == 0
        return chosen

    def container(self, row: dict[str, Any]) -> None:
        row |= {f"Permissions{name}": True for name in self.some(SYSTEM, 0.12)}
        self.add("PermissionSet", {"Name": row["Id"], "Label": f"Set {row['Id']}", **row})
        self.containers.append(row["Id"])

    def licences(self) -> list[str | None]:
        self.add("UserLicense", {"Id": _id("100", 1), "Name": "Good", "Status": "Active"})
        self.add("UserLicense", {"Id": _id("100", 2), "Name": "Off", "Status": "Disabled"})
        for number, (status, date) in enumerate(
            [("Active", None), ("Active", "2026-11-24"), ("Active", "2026-11-25"), ("Disabled", None)]
        ):
            row = {"Id": _id("0PL", number + 1), "DeveloperName": f"L{number}", "Status": status}
            self.add("PermissionSetLicense", row | {"MasterLabel": f"L{number}", "ExpirationDate": date})
        ids = [row["Id"] for table in ("UserLicense", "PermissionSetLicense") for row in self.tables[table]]
        return [None] * 8 + ids + [_id("0PL", 99)]

    def holders(self) -> None:
        """Profiles, sets, groups with parts and mutes, and their aggregates; some of them missing."""
        licences = self.licences()
        self.profiles = [_id("00e", n + 1) for n in range(self.dice.randint(1, 3))]
        number = 0
        for profile in self.profiles:
            self.add("Profile", {"Id": profile, "Name": f"Profile {profile}", "UserLicenseId": _id("100", 1)})
            number += 1
            if self.maybe(0.92):
                owned = {"Id": _id("0PS", number), "Type": "Profile", "IsOwnedByProfile": True}
                self.container(owned | {"ProfileId": profile})
        self.sets = []
        for _ in range(self.dice.randint(1, 5)):
            number += 1
            self.sets.append(_id("0PS", number))
            if self.maybe(0.93):
                self.container(
                    {
                        "Id": self.sets[-1],
                        "Type": "Regular",
                        "HasActivationRequired": self.maybe(0.25),
                        "LicenseId": self.dice.choice(licences),
                    }
                )
        self.muting = [_id("0QM", n + 1) for n in range(self.dice.choice([0, 1, 1, 2]))]
        for muting in self.muting:
            self.add("MutingPermissionSet", {"Id": muting, "DeveloperName": muting, "MasterLabel": muting})
        self.groups = []
        for n in range(self.dice.choice([0, 1, 2, 2, 3])):
            group, aggregate = _id("0PG", n + 1), _id("0PS", 100 + n)
            self.groups.append((group, aggregate))
            session = self.maybe(0.25)
            if self.maybe(0.93):
                status = self.dice.choice(["Updated", "Updated", "Updated", "Outdated", "Updating", "Failed"])
                named = {"Id": group, "DeveloperName": f"G{n}", "MasterLabel": f"Group {n}"}
                self.add("PermissionSetGroup", named | {"Status": status, "HasActivationRequired": session})
            if self.maybe(0.93):
                self.container({"Id": aggregate, "Type": "Group", "PermissionSetGroupId": group})
                self.aggregates.append(aggregate)
            for part in self.some(self.sets, 0.5) + self.some(self.muting, 0.6):
                row = {"Id": _id("0PM", len(self.tables.get("PermissionSetGroupComponent", ())) + 1)}
                row |= {"PermissionSetGroupId": group, "PermissionSetId": part}
                self.add("PermissionSetGroupComponent", row)

    def rows(self, objects: dict[str, Any]) -> None:
        """Permission rows under every parent, with wild ones that must not count."""
        fields = {(name, f["name"]) for name, given in objects.items() for f in given["fields"]}
        fields |= {("Task", "Alone__c"), ("Event", "Alone__c")} & {(o, "Alone__c") for o in objects}
        tidy = self.maybe(0.5)
        self.all_fields = self.dice.choice([0.1, 0.1, 0.5])
        share = {name: self.dice.choice([0.0, 0.25, 0.5]) for name in ("object", "field")}
        for parent in self.containers + self.muting:
            stored, sees_all = parent not in self.aggregates, set()
            for name in sorted(objects):
                if name not in WITHOUT_ROWS and self.maybe(0.45 if stored else share["object"]):
                    self.add("ObjectPermissions", self.object_row(parent, name, tidy=tidy))
                    if self.tables["ObjectPermissions"][-1].get("PermissionsViewAllFields"):
                        sees_all.add(name)  # the platform reports every row of such a set as readable (F5)
            for name, field in sorted(fields):
                if self.maybe(0.5 if parent in self.muting else 0.3 if stored else share["field"]):
                    bits = self.dice.choice([(True, False), (True, True)])
                    wild = not tidy and name not in sees_all and self.maybe(0.1)
                    if parent in self.muting or wild:
                        bits = self.dice.choice([(True, False), (True, True), (False, True), (False, False)])
                    row = {"ParentId": parent, "SobjectType": name, "Field": f"{name}.{field}"}
                    row |= {"PermissionsRead": bits[0], "PermissionsEdit": bits[1]}
                    self.add("FieldPermissions", row)
        if "Triage__c" in objects:
            for parent in self.some(self.containers, 0.4):
                setting = self.dice.choice([SETTING_ID, to18(SETTING_ID)])
                self.add("SetupEntityAccess", {"ParentId": parent, "SetupEntityId": setting})

    def object_row(self, parent: str, name: str, *, tidy: bool) -> dict[str, Any]:
        """A row whose dependencies are complete if the org is tidy, as the platform saves them (O3)."""
        chance = {"Read": 0.7, "Edit": 0.35, "ViewAllFields": self.all_fields}
        given = {right for right in RIGHTS if self.maybe(chance.get(right, 0.12))}
        if tidy and parent not in self.muting:
            if "ModifyAllRecords" in given:
                given |= {"Read", "Edit", "Delete", "ViewAllRecords"}
            if "Delete" in given:
                given.add("Edit")
            if given - {"ViewAllFields"}:
                given.add("Read")
        return {"ParentId": parent, "SobjectType": name} | {f"Permissions{right}": True for right in given}

    def people(self) -> None:
        kinds = ["Standard", "Standard", "Standard", None, "Guest", "PowerPartner", "CspLitePortal"]
        revoking = self.maybe(0.5)
        for n in range(self.dice.randint(1, 5)):
            user = _id("005", n + 1)
            row = {"Id": user, "Username": f"user{n}@clinic.example", "Name": f"User {n}"}
            row |= {"UserType": self.dice.choice([*kinds, "AutomatedProcess"])}
            row |= {
                "IsActive": self.maybe(0.85),
                "ProfileId": self.dice.choice([*self.profiles] * 4 + [None]),
            }
            self.add("User", row)
            if self.maybe(0.8):
                self.add("UserLogin", {"UserId": user, "IsFrozen": self.maybe(0.15)})
            for number, held in enumerate(self.some(self.sets, 0.35) + self.some(self.groups, 0.6)):
                given = {"Id": to18(f"0Pax{n:05d}{number:06d}"), "AssigneeId": user}
                given |= {"ExpirationDate": self.dice.choice(EXPIRIES), "IsActive": self.maybe(0.93)}
                if isinstance(held, tuple):
                    given |= {"PermissionSetGroupId": held[0]}
                    given |= {"PermissionSetId": self.dice.choice([held[1], None])}
                else:
                    given |= {"PermissionSetId": held}
                if revoking:
                    given["IsRevoked"] = self.maybe(0.08)
                self.add("PermissionSetAssignment", given)
            if self.maybe(0.3):  # org-fixture 3.9: adds nothing
                owned = [c for c in self.containers if c not in self.sets and c not in self.aggregates]
                for parent in owned[:1]:
                    row = {"Id": to18(f"0Pax{n:05d}999999"), "AssigneeId": user, "PermissionSetId": parent}
                    self.add("PermissionSetAssignment", row | {"IsActive": True})

    def activations(self) -> None:
        users = [row["Id"] for row in self.tables["User"]]
        sessions = [_id("0Ak", n + 1) for n in range(3)]
        for session in sessions[:2]:  # an ended session has no row
            self.add("AuthSession", {"Id": session, "UsersId": self.dice.choice(users)})
        groups = [each for pair in self.groups for each in pair]
        for _ in range(self.dice.randint(0, 6)):
            wanted = self.dice.choice([*self.sets, *groups])
            column = "PermissionSetGroupId" if wanted.startswith("0PG") else "PermissionSetId"
            row = {"AuthSessionId": self.dice.choice(sessions), "UserId": self.dice.choice(users)}
            self.add("SessionPermSetActivation", row | {column: wanted})

    def document(self) -> tuple[dict[str, Any], list[str]]:
        objects = self.objects()
        self.holders()
        self.rows(objects)
        self.people()
        self.activations()
        named = [f"{name}.{field['name']}" for name, given in objects.items() for field in given["fields"]]
        phi = sorted(self.some(named, 0.6)) or named[:1]
        running: dict[str, Any] = {"permissions": ["ApiEnabled", "ViewSetup", "ViewRoles", "ManageUsers"]}
        if (
            self.maybe(0.03) and "Odd__c" not in objects
        ):  # only who may look knows that it has no object rights
            running["permissions"] = ["ApiEnabled"]
        elif self.maybe(0.3):
            running["hidden_fields"] = self.some(named, 0.3)
        versions = {"min": "31.0", "max": self.dice.choice(["67.0", "67.0", "67.0", "63.0", "62.0"])}
        behaviour = {"muting_rows": self.dice.choice(["filtered", "unfiltered"])}
        behaviour["synthetic_object_rows"] = self.maybe(0.5)
        behaviour["expired_assignments"] = self.dice.choice(["visible", "hidden"])
        return {
            "format": "salesforce-org/1",
            "name": "random",
            "now": NOW,
            "api_versions": versions,
            "running_user": running,
            "objects": objects,
            "behaviour": behaviour,
            "tables": self.tables,
        }, phi


def random_org(seed: int) -> tuple[dict[str, Any], list[str]]:
    """A fixture document, and the fields of it that are PHI."""
    return _Maker(seed).document()
