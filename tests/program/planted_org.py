"""A clinic of eight people in which everything is planted, and the program run on it inside this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sandbox.salesforce import Running
from tests.program import programs
from tests.program.programs import Ran, door

NOW = "2026-11-24T03:00:00Z"
PEOPLE = ("auditor", "flyer", "muted", "session", "latent", "nurse", "gone", "guest")
SETS = ("audit", "marketing", "ideas", "care", "visitor", "lookup", "field", "group")
USER = {key: f"005x0000000000{n}AAA" for n, key in enumerate(PEOPLE, 1)}
PROFILE = {key: f"00ex0000000000{n}AAA" for n, key in enumerate(SETS[:5], 1)}
SET = {key: f"0PSx0000000000{n}AAA" for n, key in enumerate(SETS, 1)}
GROUP, MUTING = "0PGx00000000001AAA", "0QMx00000000001AAA"
DIAGNOSIS, DRUG, REASON = "Contact.Diagnosis__c", "Contact.Drug__c", "Lead.Reason__c"
WRITERS = ("ManageUsers", "ModifyAllData")

TAGS: dict[str, Any] = {
    "phi": {DIAGNOSIS: "diagnosis", DRUG: "medication", REASON: "diagnosis"},
    "classifier": {"profile": "^marketing"},
    "retention": [
        {"object": "Contact", "date_field": "CreatedDate", "cutoff": "2020-01-01", "null_dates": "skip"}
    ],
}
TRUTH = {
    ("flyer", DIAGNOSIS): "yes",
    ("muted", DRUG): "yes",
    ("session", DIAGNOSIS): "yes",
    ("session", DRUG): "activatable",
    ("latent", DRUG): "latent",
    ("nurse", DIAGNOSIS): "yes",
    ("nurse", DRUG): "yes",
    ("gone", DIAGNOSIS): "dormant",
    ("gone", DRUG): "dormant",
    ("guest", REASON): "yes",
}
"""Every read verdict that is not `no`."""


def planted(**running_user: Any) -> dict[str, Any]:
    """The org; keywords change the connected user, who by default is a good auditor."""
    opened = [
        ("marketing", "Contact"),
        ("care", "Contact"),
        ("lookup", "Contact"),
        ("field", "Lead"),
        ("visitor", "Lead"),
        ("group", "Contact"),
    ]
    shown = [
        ("marketing", DIAGNOSIS),
        ("care", DIAGNOSIS),
        ("care", DRUG),
        ("lookup", DRUG),
        ("field", DRUG),
        ("visitor", REASON),
        ("group", DRUG),
    ]
    return {
        "format": "salesforce-org/1",
        "name": "planted",
        "now": NOW,
        "running_user": {
            "id": USER["auditor"],
            "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"],
            "computed": True,
            **running_user,
        },
        "objects": {
            "Contact": {"fields": [{"name": "Diagnosis__c"}, {"name": "Drug__c"}]},
            "Lead": {"fields": [{"name": "Reason__c"}]},
        },
        "tables": {
            "Profile": [
                {"Id": PROFILE[key], "Name": key, "UserType": "Guest" if key == "visitor" else "Standard"}
                for key in PROFILE
            ],
            "User": _users(),
            "UserLogin": [
                {"Id": f"0Ywx0000000000{n}AAA", "UserId": user, "IsFrozen": False}
                for n, user in enumerate(USER.values(), 1)
            ],
            "PermissionSet": _sets(),
            "PermissionSetGroup": [
                {"Id": GROUP, "DeveloperName": "Insights", "MasterLabel": "Insights", "Status": "Updated"}
            ],
            "MutingPermissionSet": [{"Id": MUTING, "DeveloperName": "Quiet", "MasterLabel": "Quiet"}],
            "PermissionSetGroupComponent": [
                {"Id": "0PMx00000000001AAA", "PermissionSetGroupId": GROUP, "PermissionSetId": SET["care"]},
                {"Id": "0PMx00000000002AAA", "PermissionSetGroupId": GROUP, "PermissionSetId": MUTING},
            ],
            "PermissionSetAssignment": [
                _assigned(1, "muted", "group", PermissionSetGroupId=GROUP),
                _assigned(2, "session", "lookup"),
                _assigned(3, "latent", "field"),
                _assigned(4, "nurse", "lookup"),
            ],
            "ObjectPermissions": [
                {"ParentId": SET[key], "SobjectType": name, "PermissionsRead": True} for key, name in opened
            ],
            "FieldPermissions": [
                *({**_field(SET[key], name), "PermissionsRead": True} for key, name in shown),
                {**_field(MUTING, DIAGNOSIS), "PermissionsRead": True},
            ],
            "Contact": [
                {"CreatedDate": f"{year}-06-01T12:00:00.000+0000", "IsDeleted": year == 2016}
                for year in range(2015, 2026)
            ],
        },
    }


def _users() -> list[dict[str, Any]]:
    profiles = {
        "auditor": "audit",
        "latent": "ideas",
        "muted": "ideas",
        "nurse": "care",
        "gone": "care",
        "guest": "visitor",
    }
    return [
        {
            "Id": USER[key],
            "Username": f"{key}@clinic.example",
            "Name": key.title(),
            "IsActive": key != "gone",
            "UserType": "Guest" if key == "guest" else "Standard",
            "ProfileId": PROFILE[profiles.get(key, "marketing")],
        }
        for key in PEOPLE
    ]


def _sets() -> list[dict[str, Any]]:
    found = []
    for key in SETS:
        row: dict[str, Any] = {"Id": SET[key], "Name": key, "Label": key, "Type": "Regular", "IsCustom": True}
        if key in PROFILE:
            row |= {"Type": "Profile", "IsOwnedByProfile": True, "ProfileId": PROFILE[key]}
        if key == "lookup":
            row |= {"Type": "Session", "HasActivationRequired": True}
        if key == "group":
            row |= {"Type": "Group", "PermissionSetGroupId": GROUP}
        found.append(row)
    return found


def _assigned(number: int, user: str, container: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"0Pax0000000000{number}AAA",
        "AssigneeId": USER[user],
        "PermissionSetId": SET[container],
        "IsActive": True,
        **more,
    }


def _field(parent: str, name: str) -> dict[str, Any]:
    return {"ParentId": parent, "SobjectType": name.partition(".")[0], "Field": name}


def write_tags(folder: Path, **changes: Any) -> None:
    """Put the decided tags beside the run."""
    (folder / "tags.json").write_text(json.dumps({**TAGS, **changes}), encoding="utf-8")


def inside(folder: Path, served: Running, *words: str) -> Ran:
    """The program inside this process, with what the ad-hoc door of the served org needs."""
    kept = {name: said for name, said in os.environ.items() if name.startswith(("HUBSPOT_", "TRYTON_"))}
    return programs.inside(folder, *words, **kept, **door(served))


def audited_inside(folder: Path, served: Running, *more: str) -> Ran:
    """One `run` of the planted org with its decided tags."""
    write_tags(folder)
    return inside(
        folder,
        served,
        "run",
        "salesforce",
        "--tags",
        "tags.json",
        "--as-of",
        NOW,
        "--out",
        "out",
        "-q",
        *more,
    )


def verdicts(ran: Ran) -> dict[tuple[str, str], str]:
    """Every read verdict of a report that is not `no`, by person and field."""
    return {
        (person, field): opening["read"]
        for alike in ran.document()["systems"][0]["access"]
        for person in alike["people"]
        for opening in alike["opens"]
        for field in opening["fields"]
        if opening["read"] != "no"
    }


def finding_ids(ran: Ran) -> set[str]:
    """The names of all findings that were observed, not merely unread."""
    findings = ran.document()["systems"][0]["findings"]
    return {f["id"] for f in findings if f["state"] in {"gap_observed", "partial"}}
