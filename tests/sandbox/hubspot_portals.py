"""A small portal for the sandbox's own tests, and how they ask it."""

from __future__ import annotations

import copy
from typing import Any

import requests

KEY, APP, OLD, NARROW = "pat-na1-key", "oauth-access", "pat-na1-old", "pat-na1-narrow"
EVERYTHING = [
    "crm.schemas.custom.read",
    *(f"crm.objects.{name}.read" for name in ("contacts", "companies", "deals", "custom", "users", "owners")),
    "tickets",
    "settings.users.read",
    "settings.users.teams.read",
    "crm.lists.read",
    "forms",
    "automation",
    "automation.sequences.read",
    "content",
    "account-info.security.read",
    "communication_preferences.read",
    "communication_preferences.statuses.batch.read",
    "crm.import",
    "files.read",
]
INTAKE = "f0000000-0000-4000-8000-000000000001"


def by_property(name: str) -> dict[str, Any]:
    """A filter tree with one condition."""
    condition = {
        "operationType": "ALL_PROPERTY",
        "operator": "IS_KNOWN",
        "includeObjectsWithNoValueSet": False,
    }
    known = {"filterType": "PROPERTY", "property": name, "operation": condition}
    leaf = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filters": [known],
        "filterBranches": [],
    }
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [leaf]}


PORTAL: dict[str, Any] = {
    "format": "hubspot-portal/1",
    "tokens": [
        {"token": KEY, "kind": "service_key", "scopes": EVERYTHING, "userId": "201", "appId": "77"},
        {
            "token": APP,
            "kind": "oauth",
            "scopes": ["crm.objects.contacts.read.v2", "crm.objects.contacts.sensitive.read.v2"],
            "refresh": {"clientId": "c", "clientSecret": "s", "refreshToken": "r"},
        },
        {"token": OLD, "kind": "private_app", "scopes": EVERYTHING, "expired": True},
        {"token": NARROW, "kind": "private_app", "scopes": ["crm.objects.contacts.read"]},
    ],
    "schemas": [{"objectTypeId": "2-310", "name": "visit", "primaryDisplayProperty": "visit_no"}],
    "properties": {
        "contacts": [
            {
                "name": "primary_diagnosis",
                "type": "enumeration",
                "options": ["t2d", "ra"],
                "groupName": "clinical",
            },
            {"name": "allergies", "dataSensitivity": "sensitive", "sensitiveDataCategories": ["HIPAA"]},
            {"name": "hiv_status", "dataSensitivity": "highly_sensitive"},
            {"name": "old_field", "archived": True},
            {"name": "last_visit", "type": "date"},
            {"name": "score", "type": "number"},
        ],
        "2-310": [{"name": "visit_no"}],
    },
    "users": [
        {
            "id": "201",
            "email": "dana@clinic.example",
            "superAdmin": True,
            "firstName": "Dana",
            "crm": {"id": "90201", "jobTitle": "Practice administrator"},
        },
        {
            "id": "202",
            "email": "eli@clinic.example",
            "roleIds": ["11"],
            "primaryTeamId": "55",
            "secondaryTeamIds": ["61"],
        },
        {"id": "203", "email": "sync@appserviceaccount.hubspot.com"},
        {"id": "204", "email": "late@clinic.example", "lag": True},
        {"id": "205", "email": "gone@clinic.example", "ghost": True},
    ],
    "roles": [{"id": "11", "name": "Marketing Ops"}],
    "teams": [{"id": "55", "name": "Marketing"}, {"id": "61", "name": "E-mail", "parentTeamId": "55"}],
    "owners": [
        {"id": "31", "userId": "201", "email": "dana@clinic.example"},
        {"id": "32", "userId": "299", "email": "left@clinic.example", "archived": True},
        {"id": "33", "type": "QUEUE"},
    ],
    "lists": [
        {
            "listId": "1",
            "name": "Diagnosed",
            "filterBranch": by_property("primary_diagnosis"),
            "members": ["1", "3"],
            "folder": "Care",
        },
        {"listId": "2", "name": "By hand", "processingType": "MANUAL", "filterBranch": by_property("score")},
        {"listId": "3", "name": "Paused", "processingStatus": "PAUSED", "filterBranch": by_property("score")},
        {"listId": "4", "name": "Thrown away", "deletedAt": "2026-10-01T00:00:00.000Z"},
    ],
    "listIdMap": [{"legacyListId": "9", "listId": "1"}],
    "forms": [
        {
            "id": INTAKE,
            "name": "Intake",
            "fieldGroups": [
                {
                    "fields": [
                        {
                            "name": "has_condition",
                            "dependentFields": [
                                {
                                    "dependentField": {
                                        "name": "primary_diagnosis",
                                        "dependentFields": [{"dependentField": {"name": "allergies"}}],
                                    }
                                }
                            ],
                        }
                    ]
                }
            ],
        },
        {"id": "f2", "name": "Pop-up", "formType": "captured"},
        {"id": "f3", "name": "Old", "archived": True},
    ],
    "flows": [
        {
            "id": "811",
            "name": "Nurture",
            "actions": [
                {
                    "type": "SINGLE_CONNECTION",
                    "actionId": "1",
                    "actionTypeId": "0-4",
                    "fields": {"content_id": "5501"},
                }
            ],
        },
        {"id": "812", "name": "Care plan", "requiresSensitive": ["contacts"]},
        {"id": "813", "name": "Deals", "objectTypeId": "0-3", "isEnabled": False},
    ],
    "emails": [{"id": "5501", "name": "Hello", "subject": "{{ contact.firstname }}"}],
    "subscriptions": [{"id": "1", "name": "Newsletter"}],
    "files": [{"id": "1", "name": "scan.pdf", "access": "PRIVATE"}],
    "imports": [{"id": "1", "state": "DONE"}],
    "records": {
        "contacts": [
            {
                "id": "1",
                "createdAt": "2019-05-01T09:00:00.000Z",
                "properties": {
                    "email": "ada@home.example",
                    "primary_diagnosis": "t2d",
                    "allergies": "nuts",
                    "hiv_status": "negative",
                    "last_visit": "2024-02-29",
                    "score": 5,
                },
                "history": {"allergies": [{"value": "bees", "timestamp": "2020-01-01T00:00:00.000Z"}]},
            },
            {"id": "2", "properties": {"email": "bob@home.example", "last_visit": "", "score": 12}},
            {"id": "3", "properties": {"primary_diagnosis": "ra", "last_visit": "2020-01-01"}},
            {"id": "10", "properties": {"email": "new@home.example"}, "unindexed": True},
            {"id": "11", "archived": True, "archivedAt": "2026-10-10T00:00:00.000Z", "properties": {}},
        ],
        "2-310": [{"id": "1", "createdAt": "2020-01-01T00:00:00.000Z", "properties": {"visit_no": "V1"}}],
    },
    "permittedUsers": {"contacts/1": {"VIEW": ["201", "202"], "EDIT": ["201"]}},
    "associationLabels": [
        {
            "from": "contacts",
            "to": "2-310",
            "results": [{"category": "USER_DEFINED", "typeId": 33, "label": None}],
        }
    ],
    "activity": {
        "auditLogs": [
            {
                "id": "1",
                "category": "PIPELINE",
                "action": "UPDATE",
                "occurredAt": "2026-11-01T00:00:00.000Z",
                "actingUser": {"userId": 201},
            },
            {
                "id": "2",
                "category": "CRM_OBJECT",
                "action": "CREATE",
                "occurredAt": "2026-11-02T00:00:00.000Z",
                "actingUser": {"userId": 202},
            },
        ],
        "logins": [
            {"id": "1", "userId": 201, "loginAt": "2026-11-20T00:00:00.000Z"},
            {"id": "2", "userId": 201, "loginAt": "2026-01-20T00:00:00.000Z"},
        ],
        "security": [
            {
                "id": "1",
                "type": "SENSITIVE_DATA_ENABLED",
                "userId": 201,
                "createdAt": "2026-11-20T00:00:00.000Z",
            }
        ],
    },
}


def small_portal(**changes: Any) -> dict[str, Any]:
    """The small portal with some of its sections replaced."""
    return {**copy.deepcopy(PORTAL), **changes}


class Desk:
    """Somebody who asks a portal with a token."""

    def __init__(self, url: str, token: str = KEY) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str, **query: Any) -> requests.Response:
        """Ask by GET."""
        return self.session.get(f"{self.url}{path}", params=query, timeout=10)

    def post(self, path: str, body: Any) -> requests.Response:
        """Ask by POST."""
        return self.session.post(f"{self.url}{path}", json=body, timeout=10)

    def search(self, *groups: list[dict[str, Any]], kind: str = "contacts", **more: Any) -> requests.Response:
        """Search records."""
        body = {"filterGroups": [{"filters": group} for group in groups], **more}
        return self.post(f"/crm/v3/objects/{kind}/search", body)

    def ids(self, *filters: dict[str, Any], **more: Any) -> list[str]:
        """The ids of the contacts that a search finds."""
        answer = self.search(list(filters), properties=["score"], **more)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["results"]]


class HandClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
