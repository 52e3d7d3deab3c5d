"""A small org for the sandbox's own tests, and how they ask it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.salesforce.fixture import load_fixture
from sandbox.salesforce.resources import Call
from sandbox.salesforce.server import SandboxServer

SCENARIOS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "scenarios" / "salesforce"
DATA = "/services/data/v63.0"
AUDITOR, NURSE, PEER = (f"005x0000000000{n}AAA" for n in (1, 2, 3))
SET_CARE, SET_ADMIN, SET_PROFILE = (f"0PSx0000000000{n}AAA" for n in (1, 2, 3))
MUTING = "0QMx00000000001AAA"

ORG: dict[str, Any] = {
    "format": "salesforce-org/1",
    "name": "small",
    "now": "2026-11-24T03:00:00Z",
    "running_user": {"id": AUDITOR, "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"]},
    "objects": {
        "Account": {"fields": [{"name": "Phone", "type": "phone"}]},
        "Contact": {
            "internalSharingModel": "Private",
            "fields": [
                {"name": "LastName", "permissionable": False, "compoundFieldName": "Name"},
                {"name": "Email", "type": "email"},
                {"name": "AccountId", "type": "reference", "referenceTo": ["Account"],
                 "childRelationshipName": "Contacts"},
                {"name": "Diagnosis__c", "securityClassification": "Restricted", "complianceGroup": "HIPAA;PII"},
                {"name": "Notes__c", "type": "textarea", "length": 32000},
                {"name": "Tags__c", "type": "multipicklist"},
                {"name": "Score__c", "type": "double"},
                {"name": "Birthdate", "type": "date"},
                {"name": "MailingAddress", "type": "address"},
                {"name": "MailingCity", "compoundFieldName": "MailingAddress"},
                {"name": "Ref__c", "calculatedFormula": "Diagnosis__c & \"Email\""},
            ],
        },
        "Task": {"fields": [{"name": "ActivityDate", "type": "date"}]},
        "Visit__c": {"fields": [
            {"name": "Patient__c", "type": "reference", "referenceTo": ["Contact"], "masterDetail": True,
             "childRelationshipName": "Visits"},
        ]},
    },
    "tables": {
        "Profile": [{"Id": "00ex00000000001AAA", "Name": "Staff", "UserType": "Standard"}],
        "User": [
            {"Id": AUDITOR, "Username": "audit@clinic.example", "Name": "Audit", "IsActive": True,
             "ProfileId": "00ex00000000001AAA", "LastLoginDate": "2026-11-23T00:00:00Z"},
            {"Id": NURSE, "Username": "nurse@clinic.example", "Name": "Nurse", "IsActive": True,
             "ProfileId": "00ex00000000001AAA"},
            {"Id": PEER, "Username": "peer@clinic.example", "Name": "Peer", "IsActive": False},
        ],
        "PermissionSet": [
            {"Id": SET_CARE, "Name": "Care", "Label": "Care", "Type": "Regular", "PermissionsRunReports": True},
            {"Id": SET_ADMIN, "Name": "Admin", "Label": "Admin", "Type": "Regular",
             "PermissionsModifyAllData": True},
            {"Id": SET_PROFILE, "Name": "X00e", "Label": "X00e", "Type": "Profile", "IsOwnedByProfile": True,
             "ProfileId": "00ex00000000001AAA", "PermissionsExportReport": True},
        ],
        "MutingPermissionSet": [{"Id": MUTING, "DeveloperName": "Mute"}],
        "PermissionSetAssignment": [
            {"AssigneeId": NURSE, "PermissionSetId": SET_CARE, "IsActive": True},
            {"AssigneeId": PEER, "PermissionSetId": SET_CARE, "IsActive": True,
             "ExpirationDate": "2026-11-24T02:59:59.000+0000"},
        ],
        "ObjectPermissions": {
            "columns": ["ParentId", "SobjectType", "PermissionsRead", "PermissionsViewAllFields"],
            "rows": [[SET_CARE, "Contact", True, True]],
        },
        "FieldPermissions": {
            "columns": ["ParentId", "SobjectType", "Field", "PermissionsRead", "PermissionsEdit"],
            "rows": [
                [SET_CARE, "Contact", "Contact.Diagnosis__c", True, False],
                [SET_CARE, "Contact", "Contact.AccountId", False, False],
                [SET_ADMIN, "Contact", "Contact.Email", True, True],
                [MUTING, "Contact", "Contact.Diagnosis__c", False, True],
            ],
        },
        "Account": [{"Id": "001x00000000001AAA", "Name": "Acme", "OwnerId": NURSE}],
        "Contact": [
            {"Id": f"003x0000000000{n}AAA", "LastName": f"L{n}", "Name": name, "OwnerId": NURSE if n < 4 else PEER,
             "AccountId": "001x00000000001AAA" if n < 3 else None, "Score__c": score, "Tags__c": tags,
             "CreatedDate": f"{2014 + n * 2}-05-05T10:00:00.000+0000", "Birthdate": f"19{50 + n}-01-01",
             "IsDeleted": n == 5}
            for n, name, score, tags in (
                (1, "Ada", 1.5, "a;b"), (2, "bob", None, "b"), (3, "Cyd", 7, None), (4, "dan", 3, "a;c"),
                (5, "Eve", 9, "c"),
            )
        ],
        "Task": [{"ActivityDate": "2019-03-01", "IsArchived": True}, {"ActivityDate": "2026-11-20"}],
        "Visit__c": [{"Patient__c": "003x00000000001AAA", "Name": "V1"},
                     {"Patient__c": "003x00000000001AAA", "Name": "V2"}],
    },
}  # fmt: skip


def small_org(**changes: Any) -> dict[str, Any]:
    """The org as a document; keywords update top-level dictionaries, or replace anything else."""
    org = copy.deepcopy(ORG)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(org.get(key), dict):
            org[key].update(value)
        else:
            org[key] = value
    return org


@dataclass(frozen=True)
class Asked:
    """An answer without a network in between."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        return self.body[0]["errorCode"]

    @property
    def message(self) -> str:
        return self.body[0]["message"]

    @property
    def records(self) -> list[dict[str, Any]]:
        return [{k: v for k, v in each.items() if k != "attributes"} for each in self.body["records"]]

    def column(self, name: str) -> list[Any]:
        return [each[name] for each in self.body["records"]]


class Desk:
    """Asks the resources of an org directly."""

    def __init__(self, document: dict[str, Any] | None = None, version: str = "63.0", **options: Any) -> None:
        self.server = SandboxServer(load_fixture(document or ORG), **options)
        self.base = f"/services/data/v{version}"

    def get(self, path: str, headers: dict[str, str] | None = None, **params: str) -> Asked:
        answer = self.server.resources.answer(Call("GET", f"{self.base}/{path}", params, headers or {}))
        return Asked(answer.status, answer.body)

    def query(self, soql: str, path: str = "query") -> Asked:
        return self.get(path, q=soql)


def browser(org: Any) -> requests.Session:
    """A session that trusts the sandbox, whatever the machine says about certificates."""
    session = requests.Session()
    session.trust_env = False
    session.verify = org.ca_file
    session.headers["Authorization"] = f"Bearer {org.token}"
    return session
