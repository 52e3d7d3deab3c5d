"""A small clinic in which every reading of the catalogue has something to read, and how tests connect to it."""

from __future__ import annotations

import copy
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from auditor.retention import RetentionPolicy
from connectors.protocol import Plan, Scope
from connectors.salesforce.client import Client, Session
from connectors.salesforce.connector import Salesforce
from connectors.transport import Transport
from sandbox.salesforce import Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from auditor.snapshot import Snapshot

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
OBJECTS = ("Clinic_Settings__c", "Contact", "Task")
CANARY = "CANARY-HIV-7731"
"""A record value that nothing we write or say may ever contain."""

LONG_AGO = RetentionPolicy("contact", "Contact", "CreatedDate", cutoff=datetime(2020, 1, 1, tzinfo=UTC))

AUDITOR, NURSE, MARKETER, PORTAL = (f"005x0000000000{n}AAA" for n in (1, 2, 3, 4))
PROFILE_AUDIT, PROFILE_STAFF = "00ex00000000001AAA", "00ex00000000002AAA"
SET_AUDIT, SET_STAFF, SET_CARE, SET_SESSION, SET_GROUP = (f"0PSx0000000000{n}GAA" for n in range(1, 6))
GROUP, MUTING = "0PGx00000000001GAA", "0QMx00000000001GAA"


def small_org(**changes: Any) -> dict[str, Any]:
    """The fixture as a document; keywords replace top-level keys or, for dictionaries, update them."""
    org = copy.deepcopy(_ORG)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(org.get(key), dict):
            org[key].update(value)
        else:
            org[key] = value
    return org


def transport(org: Running, **changes: Any) -> Transport:
    """Trust the sandbox, and waste no time between attempts."""
    return Transport(**{"ca_bundle": org.ca_file, "retry_wait": 0.001, "read_timeout": 10.0, **changes})


def connected(org: Running, **changes: Any) -> Client:
    """A client logged in with the sandbox's token."""
    return Client(Session(org.url, lambda: org.token), transport(org), **changes)


def connector(client: Client) -> Salesforce:
    """The connector over a client, at the fixture's time."""
    return Salesforce(client, target="clinic", taken_at=NOW, tool_version="0")


def collected(
    client: Client,
    objects: Sequence[str] = OBJECTS,
    retention: Sequence[RetentionPolicy] = (),
    sample: int = 20,
) -> Snapshot:
    """Both steps: the schema of the objects, then their grants and the retention counts."""
    reader = connector(client)
    cutoffs = tuple((policy, policy.cutoff_at(NOW)) for policy in retention)
    return reader.collect(
        reader.schema(Scope(objects=tuple(objects))), Plan(tuple(objects), "digest", cutoffs, sample)
    )


@contextmanager
def collecting(
    fixture: dict[str, Any], *, retention: Sequence[RetentionPolicy] = (), **how: Any
) -> Iterator[Snapshot]:
    """What a full collection of a served fixture gives."""
    with running(fixture, **how) as org:
        yield collected(connected(org), retention=retention)


def rows(table: pa.Table) -> list[str]:
    """The rows of a table in an order of their own, to compare tables by content."""
    return sorted(json.dumps(row, sort_keys=True) for row in table.to_pylist())


def _user(user: str, name: str, profile: str, **more: Any) -> dict[str, Any]:
    login = f"{name.lower()}@clinic.example"
    return {
        "Id": user,
        "Username": login,
        "Name": name,
        "IsActive": True,
        "UserType": "Standard",
        "ProfileId": profile,
        **more,
    }


def _set(set_id: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"Id": set_id, "Name": name, "Label": name, "Type": kind, "IsCustom": True, **more}


_ORG: dict[str, Any] = {
    "format": "salesforce-org/1",
    "name": "small clinic",
    "now": NOW.isoformat(),
    "organization": {
        "Name": "Lindenhof Clinic",
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "FX1",
    },
    "running_user": {"id": AUDITOR, "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"]},
    "objects": {
        "Contact": {
            "fields": [
                {"name": "LastName", "length": 80, "permissionable": False},
                {"name": "Birthdate", "type": "date", "label": "Date of Birth"},
                {"name": "Diagnosis__c", "label": "Diagnose 🩺", "complianceGroup": "HIPAA"},
                {"name": "Summary__c", "calculatedFormula": "Diagnosis__c & LastName"},
                {
                    "name": "Status__c",
                    "type": "picklist",
                    "picklistValues": [
                        {"active": True, "defaultValue": False, "label": "A", "validFor": None, "value": "a"}
                    ],
                },
            ]
        },
        "Task": {"fields": [{"name": "ActivityDate", "type": "date"}, {"name": "Subject"}]},
        "Clinic_Settings__c": {
            "id": "01I0000000ZZ001",
            "customSetting": True,
            "fields": [{"name": "Api_Notes__c"}],
        },
    },
    "tables": {
        "UserRole": [
            {"Id": "00Ex00000000001AAA", "Name": "Director", "DeveloperName": "Director"},
            {
                "Id": "00Ex00000000002AAA",
                "Name": "Ward",
                "DeveloperName": "Ward",
                "ParentRoleId": "00Ex00000000001AAA",
            },
        ],
        "UserLicense": [{"Id": "100x00000000001AAA", "Name": "Salesforce", "MasterLabel": "Salesforce"}],
        "PermissionSetLicense": [
            {"Id": "0PLx00000000001AAA", "DeveloperName": "Care", "MasterLabel": "Care", "Status": "Active"}
        ],
        "Profile": [
            {
                "Id": PROFILE_AUDIT,
                "Name": "Audit",
                "UserType": "Standard",
                "UserLicenseId": "100x00000000001AAA",
            },
            {
                "Id": PROFILE_STAFF,
                "Name": "Staff",
                "UserType": "Standard",
                "UserLicenseId": "100x00000000001AAA",
            },
        ],
        "User": [
            _user(AUDITOR, "Konstanze", PROFILE_AUDIT),
            _user(NURSE, "Nadja", PROFILE_STAFF, Department="Ward", UserRoleId="00Ex00000000002AAA"),
            _user(MARKETER, "Milo", PROFILE_STAFF, Department="Marketing", UserPermissionsMarketingUser=True),
            _user(PORTAL, "Petra", PROFILE_STAFF, UserType="CspLitePortal", IsActive=False),
        ],
        "UserLogin": [
            {"Id": f"0Ywx0000000000{n}CAA", "UserId": u, "IsFrozen": u == MARKETER}
            for n, u in enumerate((AUDITOR, NURSE, MARKETER, PORTAL), 1)
        ],
        "PermissionSet": [
            _set(
                SET_AUDIT,
                "X00ex1",
                "Profile",
                IsOwnedByProfile=True,
                ProfileId=PROFILE_AUDIT,
                PermissionsApiEnabled=True,
                PermissionsViewSetup=True,
            ),
            _set(SET_STAFF, "X00ex2", "Profile", IsOwnedByProfile=True, ProfileId=PROFILE_STAFF),
            _set(SET_CARE, "Care", "Regular", PermissionsExportReport=True, LicenseId="0PLx00000000001AAA"),
            _set(SET_SESSION, "Night", "Session", HasActivationRequired=True),
            _set(SET_GROUP, "Team", "Group", PermissionSetGroupId=GROUP),
        ],
        "PermissionSetGroup": [
            {"Id": GROUP, "DeveloperName": "Team", "MasterLabel": "Team", "Status": "Updated"}
        ],
        "MutingPermissionSet": [{"Id": MUTING, "DeveloperName": "Quiet", "MasterLabel": "Quiet"}],
        "PermissionSetGroupComponent": [
            {"Id": "0PMx00000000001GAA", "PermissionSetGroupId": GROUP, "PermissionSetId": SET_CARE},
            {"Id": "0PMx00000000002GAA", "PermissionSetGroupId": GROUP, "PermissionSetId": MUTING},
        ],
        "PermissionSetAssignment": [
            {"Id": "0Pax00000000001AAA", "AssigneeId": NURSE, "PermissionSetId": SET_CARE, "IsActive": True},
            {
                "Id": "0Pax00000000002AAA",
                "AssigneeId": MARKETER,
                "PermissionSetId": SET_GROUP,
                "PermissionSetGroupId": GROUP,
                "IsActive": True,
                "ExpirationDate": "2030-01-01T00:00:00.000+0000",
            },
            {
                "Id": "0Pax00000000003AAA",
                "AssigneeId": NURSE,
                "PermissionSetId": SET_SESSION,
                "IsActive": True,
            },
        ],
        "ObjectPermissions": [
            {
                "Id": "110x00000000001AAA",
                "ParentId": SET_CARE,
                "SobjectType": "Contact",
                "PermissionsRead": True,
            },
            {
                "Id": "110x00000000002AAA",
                "ParentId": SET_AUDIT,
                "SobjectType": "Contact",
                "PermissionsRead": True,
            },
            {
                "Id": "110x00000000003AAA",
                "ParentId": MUTING,
                "SobjectType": "Contact",
                "PermissionsEdit": True,
            },
        ],
        "FieldPermissions": [
            {
                "Id": f"01kx0000000000{n}AAA",
                "ParentId": parent,
                "SobjectType": "Contact",
                "Field": field,
                "PermissionsRead": True,
            }
            for n, (parent, field) in enumerate(
                (
                    (SET_CARE, "Contact.Diagnosis__c"),
                    (SET_CARE, "Contact.Birthdate"),
                    (SET_STAFF, "Contact.Status__c"),
                    (SET_SESSION, "Contact.Diagnosis__c"),
                    (MUTING, "Contact.Birthdate"),
                ),
                1,
            )
        ],
        "SetupEntityAccess": [
            {
                "Id": "0J0x00000000001AAA",
                "ParentId": SET_CARE,
                "SetupEntityId": "01I0000000ZZ001EAD",
                "SetupEntityType": "CustomEntityDefinition",
            }
        ],
        "SessionPermSetActivation": [
            {
                "Id": "0Q0x00000000001AAA",
                "AuthSessionId": "0Akx00000000001AAA",
                "PermissionSetId": SET_SESSION,
                "UserId": NURSE,
            }
        ],
        "AuthSession": [{"Id": "0Akx00000000001AAA", "UsersId": NURSE}],
        "Folder": [
            {"Id": "00lx00000000001AAA", "Name": "Load", "AccessType": "Public", "Type": "Dashboard"},
            {"Id": "00lx00000000002AAA", "Name": "Other", "AccessType": "Hidden", "Type": "Dashboard"},
        ],
        "Dashboard": [
            {
                "Id": f"01Zx0000000000{n}AAA",
                "Title": "Ward load",
                "FolderId": "00lx00000000001AAA",
                "Type": kind,
                "RunningUserId": NURSE,
            }
            for n, kind in enumerate(("SpecifiedUser", "LoggedInUser"), 1)
        ],
        "OauthToken": [
            {
                "Id": "0CQx00000000001AAA",
                "AppName": "Campaigns",
                "UserId": MARKETER,
                "UseCount": 7,
                "AccessToken": CANARY,
                "RequestToken": CANARY,
                "DeleteToken": CANARY,
            }
        ],
        "ExtlClntAppOauthPlcyCnfg": [
            {
                "Id": "0xOx00000000001AAA",
                "DeveloperName": "Nightly",
                "IsClientCredentialsFlowEnabled": True,
                "ClientCredentialsFlowUser": NURSE,
            }
        ],
        "SetupAuditTrail": [
            {
                "Id": "0Ymx00000000001AAA",
                "Action": "PermSetAssign",
                "Section": "Manage Users",
                "Display": CANARY,
                "CreatedById": AUDITOR,
                "CreatedDate": "2026-11-23T22:10:00.000+0000",
            }
        ],
        "Contact": [
            {
                "Id": f"003x0000000000{n}AAA",
                "LastName": "Nachname",
                "Diagnosis__c": CANARY,
                "OwnerId": NURSE if n < 3 else AUDITOR,
                "CreatedDate": f"{year}-06-01T12:00:00.000+0000",
                "IsDeleted": n == 4,
            }
            for n, year in enumerate((2018, 2019, 2019, 2017, 2025), 1)
        ],
    },
}
