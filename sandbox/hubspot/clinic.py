"""Lakeside, the demo portal: the marketing HubSpot of the clinic group whose CRM is the demo org.

Twenty-five users, half of them with the mailboxes of people of the Salesforce demo org; six permission sets, a
tree of teams, five objects, some 12,700 records, all invented and always the same. What an API cannot say about
it is in ``clinic_evidence``: some rows fresh, some stale, some missing. ``clinic_given`` is what an auditor is told.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from sandbox.hubspot.clinic_assets import assets
from sandbox.hubspot.clinic_people import people
from sandbox.hubspot.clinic_records import CANARY, records

__all__ = ["CANARY", "TOKEN", "clinic_evidence", "clinic_given", "clinic_portal"]

TOKEN: Final = "pat-na1-1a4e51de-0000-4000-8000-000000000001"  # noqa: S105 - opens only the sandbox
AS_OF: Final = "2026-11-24T09:00:00.000Z"
_SCOPES: Final = (
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.deals.read",
    "crm.schemas.custom.read",
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.custom.read",
    "crm.objects.tickets.read",
    "settings.users.read",
    "settings.users.teams.read",
    "crm.objects.users.read",
    "crm.objects.owners.read",
    "crm.lists.read",
    "forms",
    "automation",
    "content",
    "account-info.security.read",
    "communication_preferences.read",
)
_READ_ONLY: Final = {"readOnlyValue": True}
_HIPAA: Final = ["HIPAA"]


def _properties() -> dict[str, Any]:
    clinical, interest = {"groupName": "clinical"}, {"groupName": "interests"}
    concerns = ["fertility", "skin", "mind", "sleep"]
    return {
        "contacts": [
            {"name": "newsletter_topic", "label": "Newsletter topic", **interest},
            {"name": "preferred_clinic", "label": "Preferred clinic", **interest},
            {
                "name": "has_condition",
                "label": "Being treated",
                "type": "enumeration",
                "options": ["yes", "no"],
            },
            {
                "name": "primary_concern",
                "label": "Primary concern",
                "type": "enumeration",
                "options": concerns,
                **clinical,
            },
            {"name": "treatment_interest", "label": "Treatment of interest", **interest},
            {
                "name": "diagnosis_group",
                "label": "Diagnosis group",
                "dataSensitivity": "sensitive",
                "sensitiveDataCategories": _HIPAA,
                **clinical,
            },
            {
                "name": "current_medications",
                "label": "Current medications",
                "fieldType": "textarea",
                "dataSensitivity": "sensitive",
                "sensitiveDataCategories": _HIPAA,
                **clinical,
            },
            {
                "name": "substance_history",
                "label": "Substance use history",
                "dataSensitivity": "highly_sensitive",
                "sensitiveDataCategories": _HIPAA,
                **clinical,
            },
            {
                "name": "care_segment",
                "label": "Care segment",
                "fieldType": "calculation_equation",
                "calculated": True,
                "calculationFormula": "if primary_concern equals 'fertility' then 'high touch' else 'standard'",
                "modificationMetadata": _READ_ONLY,
                **interest,
            },
            {"name": "last_visit_date", "label": "Last visit", "type": "date", **clinical},
            {
                "name": "old_condition",
                "label": "Condition (old)",
                "archived": True,
                "archivedAt": AS_OF,
                **clinical,
            },
        ],
        "companies": [{"name": "referral_specialty", "label": "Referral specialty"}],
        "deals": [{"name": "treatment_package", "label": "Treatment package"}],
        "tickets": [{"name": "symptom_summary", "label": "Symptoms", "fieldType": "textarea"}],
        "2-701": [
            {"name": "intake_title", "label": "Intake"},
            {
                "name": "presenting_problem",
                "label": "Presenting problem",
                "fieldType": "textarea",
                **clinical,
            },
            {
                "name": "pregnancy_status",
                "label": "Pregnancy",
                "type": "enumeration",
                "options": ["yes", "no"],
            },
            {"name": "intake_date", "label": "Date of intake", "type": "date"},
        ],
    }


def _activity() -> dict[str, Any]:
    return {
        "auditLogs": [
            {
                "id": "1",
                "category": "PROPERTY",
                "subCategory": "PROPERTY",
                "action": "UPDATE",
                "occurredAt": "2026-11-12T10:15:00.000Z",
                "actingUser": {"userId": 302, "userEmail": "vkaur@harborview.example"},
                "targetObjectId": "primary_concern",
            }
        ],
        "logins": [
            {"id": "1", "userId": 306, "loginAt": "2026-11-23T08:01:00.000Z", "loginSucceeded": True},
            {"id": "2", "userId": 329, "loginAt": "2026-09-01T08:01:00.000Z", "loginSucceeded": True},
        ],
        "security": [
            {
                "id": "1",
                "type": "SENSITIVE_DATA_ENABLED",
                "userId": 301,
                "createdAt": "2026-02-01T09:00:00.000Z",
            },
            {
                "id": "2",
                "type": "ADD_ADMIN_PERMISSIONS",
                "userId": 302,
                "createdAt": "2026-11-02T09:00:00.000Z",
            },
            {
                "id": "3",
                "type": "CONTACT_DATA_EXPORT",
                "userId": 309,
                "createdAt": "2026-11-18T16:40:00.000Z",
            },
            {"id": "4", "type": "SERVICE_KEY_CREATE", "userId": 301, "createdAt": "2026-11-20T09:00:00.000Z"},
        ],
    }


def clinic_portal() -> dict[str, Any]:
    """The portal as a `hubspot-portal/1` document."""
    return {
        "format": "hubspot-portal/1",
        "name": "lakeside-portal",
        "now": AS_OF,
        "tier": "ENTERPRISE",
        "account": {"portalId": 4455701, "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1"},
        "tokens": [
            {"token": TOKEN, "kind": "service_key", "scopes": list(_SCOPES), "userId": "301", "appId": "9001"}
        ],
        "schemas": [
            {
                "objectTypeId": "2-701",
                "name": "intake",
                "labels": {"singular": "Intake", "plural": "Intakes"},
                "primaryDisplayProperty": "intake_title",
            }
        ],
        "properties": _properties(),
        "groups": {
            "contacts": [
                {"name": "clinical", "label": "Clinical"},
                {"name": "interests", "label": "Interests"},
            ]
        },
        "associationLabels": [
            {
                "from": "contacts",
                "to": "2-701",
                "results": [
                    {"category": "USER_DEFINED", "typeId": 71, "label": "Patient"},
                    {"category": "USER_DEFINED", "typeId": 73, "label": "Referring oncologist"},
                ],
            }
        ],
        "activity": _activity(),
        **people(),
        **assets(),
        **records(),
    }


_FRESH, _STALE = "2026-11-03T10:00:00Z", "2026-05-04T10:00:00Z"
_ACCESS: Final = """
object_type,property_name,mode,owner_user,view_users,view_teams,edit_users,edit_teams,observed_at,observed_by
"""
_ACCESS_ROWS: Final = (
    (
        "contacts",
        "primary_concern",
        "RESTRICTED",
        "",
        "dmarsh@harborview.example",
        "Lifecycle",
        "",
        "60",
        _FRESH,
    ),
    ("contacts", "treatment_interest", "EVERYONE", "", "", "", "", "", _FRESH),
    ("contacts", "care_segment", "EVERYONE", "", "", "", "", "", _FRESH),
    ("contacts", "diagnosis_group", "RESTRICTED", "", "", "", "312", "61;62", _FRESH),
    ("contacts", "current_medications", "RESTRICTED", "", "", "60", "", "", _STALE),
    ("contacts", "substance_history", "PRIVATE", "303", "", "", "", "", _FRESH),
    ("tickets", "symptom_summary", "RESTRICTED", "", "", "Old Care Team", "", "60", _FRESH),
    ("2-701", "presenting_problem", "EVERYONE", "", "", "", "", "", _FRESH),
)
_SET_ROWS: Final = (
    ("Marketing Ops", "contacts", "ALL", "ALL", _FRESH),
    ("Marketing Ops", "companies", "ALL", "ALL", _FRESH),
    ("Marketing Ops", "deals", "TEAM", "", _FRESH),
    ("Marketing Ops", "2-701", "ALL", "NONE", _FRESH),
    ("Campaign Editors", "contacts", "TEAM", "TEAM", _FRESH),
    ("Campaign Editors", "tickets", "NONE", "NONE", _FRESH),
    ("Campaign Editors", "2-701", "NONE", "NONE", _FRESH),
    ("Care Coordination", "contacts", "ALL", "ALL", _FRESH),
    ("Care Coordination", "tickets", "ALL", "OWNED", _FRESH),
    ("Care Coordination", "2-701", "ALL", "ALL", _FRESH),
    ("Front Desk", "contacts", "OWNED", "OWNED", _FRESH),
    ("Front Desk", "tickets", "TEAM", "TEAM", _FRESH),
    ("Analysts", "contacts", "ALL", "NONE", _STALE),
)
_EXPORT_ROWS: Final = (
    ("325", "lena.fuchs@lakeside.example", "Events", "", "Kontakte: alle"),
    ("", "MARCO.BELLINI@lakeside.example", "", "", "Contacts: owned;Tickets: none"),
    ("303", "gokonkwo@harborview.example", "", "Privacy Office", "Contacts: everything"),
    ("313", "stran@harborview.example", "Front Desk", "Front Desk", ""),
)


def clinic_evidence() -> dict[str, str]:
    """The evidence files by name, as text: fresh rows, stale ones, and gaps."""
    blank = ("no", "no", "no", "no", "no")
    sets = [(role, key, view, "yes", edit, *blank, seen, "301") for role, key, view, edit, seen in _SET_ROWS]
    return {
        "property-access.csv": _csv(_ACCESS.strip().split(","), [(*row, "301") for row in _ACCESS_ROWS]),
        "permission-sets.csv": _csv(
            [
                "role_name",
                "object_type",
                "view",
                "view_unassigned",
                "edit",
                "export",
                "lists_view",
                "workflows_view",
                "reports_view",
                "marketing_access",
                "observed_at",
                "observed_by",
            ],
            [(*row[:5], *row[5:]) for row in sets],
        ),
        "users.csv": _csv(["User ID", "Email", "Teams", "Role", "Permissions"], list(_EXPORT_ROWS)),
    }


def _csv(header: list[str], rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def clinic_given() -> dict[str, Any]:
    """What the auditor of the portal is told, as a `hubspot-scenario/1` document."""
    return {
        "format": "hubspot-scenario/1",
        "name": "lakeside-portal",
        "about": "The demo portal.",
        "asOf": AS_OF,
        "token": TOKEN,
        "phi": {
            "contacts.primary_concern": "diagnosis",
            "contacts.treatment_interest": "treatment",
            "contacts.diagnosis_group": "diagnosis",
            "contacts.current_medications": "medication",
            "contacts.substance_history": "diagnosis",
            "contacts.last_visit_date": "visit",
            "contacts.old_condition": "diagnosis",
            "companies.referral_specialty": "provider",
            "deals.dealname": "free text",
            "deals.treatment_package": "treatment",
            "tickets.subject": "free text",
            "tickets.symptom_summary": "free text",
            "2-701.intake_title": "visit",
            "2-701.presenting_problem": "free text",
            "2-701.pregnancy_status": "diagnosis",
        },
        "edition": "ENTERPRISE",
        "marketing": {
            "roleNames": ["Marketing Ops", "Campaign Editors"],
            "teamIds": ["50", "51", "52", "53"],
            "jobTitles": ["marketing intern", "Freelance Designer"],
            "emails": ["vkaur@harborview.example"],
        },
        "evidenceMaxAgeDays": 90,
        "recordSample": 20,
        "usersExport": {
            "columns": {
                "id": "User ID",
                "email": "Email",
                "role": "Role",
                "teams": "Teams",
                "permissions": "Permissions",
            },
            "permissions": {
                "Contacts: everything": {"object": "contacts", "view": "ALL", "edit": "NONE"},
                "Contacts: owned": {"object": "contacts", "view": "OWNED", "edit": "OWNED"},
                "Tickets: none": {"object": "tickets", "view": "NONE", "edit": "NONE"},
            },
        },
        "retention": [
            {
                "policy": "contacts-10-years",
                "object": "contacts",
                "anchors": ["createdate"],
                "olderThanDays": 3653,
            },
            {
                "policy": "concerns-7-years",
                "object": "contacts",
                "anchors": ["last_visit_date", "createdate"],
                "olderThanDays": 2557,
                "having": "primary_concern",
            },
            {
                "policy": "tickets-3-years",
                "object": "tickets",
                "anchors": ["closed_date"],
                "olderThanDays": 1095,
            },
            {
                "policy": "intakes-7-years",
                "object": "2-701",
                "anchors": ["intake_date"],
                "olderThanDays": 2557,
            },
        ],
    }
