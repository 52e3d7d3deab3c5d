"""The demo portal's records: invented, always the same, and every sensitive value recognisable.

No value here may ever leave an audit, so each one carries the marker ``CANARY-PHI``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.hubspot.moments import written

Row = dict[str, Any]

CANARY: Final = "CANARY-PHI"
"""What every sensitive record value contains."""

BULK_CONTACTS: Final = 12_000
_FIRST: Final = datetime(2012, 3, 1, 8, 0, tzinfo=UTC)
_CONCERNS: Final = ("fertility", "skin", "mind", "sleep")


def _moment(number: int, days: int) -> str:
    return written(_FIRST + timedelta(days=days * number, minutes=7 * number))


def _told(what: str, number: int) -> str:
    return f"{CANARY} {what} {number}"


def _contact(number: int) -> Row:
    row: Row = {
        "id": str(number),
        "createdAt": _moment(number, 17),
        "properties": {
            "email": f"{CANARY}-{number}@patient.example",
            "firstname": _told("first", number),
            "lastname": _told("last", number),
            "primary_concern": _CONCERNS[number % 4] if number % 3 else None,
            "treatment_interest": f"{CANARY} {_CONCERNS[number % 4]}",
            "diagnosis_group": _told("diagnosis", number) if number % 2 else None,
            "current_medications": _told("medication", number) if number % 5 == 0 else "",
            "substance_history": _told("history", number) if number % 7 == 0 else None,
            "last_visit_date": _moment(number, 17)[:10] if number % 4 else None,
        },
    }
    if number % 50 == 0:
        erased = {"value": _told("erased", number), "timestamp": _moment(number, 16)}
        row["history"] = {"current_medications": [erased]}
    if number > 280:
        row |= {"archived": True, "archivedAt": "2026-10-20T08:00:00.000Z"}
    return row


def records() -> Row:
    """The sections of the fixture about records."""
    tickets = [
        {
            "id": str(number),
            "createdAt": _moment(number, 80),
            "properties": {
                "subject": _told("subject", number),
                "content": _told("content", number),
                "symptom_summary": _told("symptom", number) if number % 2 else None,
                "closed_date": _moment(number, 81) if number % 3 else None,
            },
        }
        for number in range(1, 61)
    ]
    deals = [
        {
            "id": str(number),
            "createdAt": _moment(number, 120),
            "properties": {
                "dealname": _told("package", number),
                "treatment_package": _told("treatment", number),
                "closedate": _moment(number, 121) if number % 4 else None,
            },
        }
        for number in range(1, 41)
    ]
    intakes = [
        {
            "id": str(number),
            "createdAt": _moment(number, 60),
            "properties": {
                "intake_title": _told("intake", number),
                "presenting_problem": _told("problem", number),
                "pregnancy_status": "yes" if number % 6 == 0 else None,
                "intake_date": _moment(number, 60)[:10] if number % 5 else None,
            },
        }
        for number in range(1, 81)
    ]
    notes = [
        {"id": str(number), "properties": {"hs_note_body": _told("note", number)}} for number in range(1, 41)
    ]
    companies = [
        {
            "id": str(number),
            "properties": {"name": f"Practice {number}", "referral_specialty": _told("unit", number)},
        }
        for number in range(1, 21)
    ]
    return {
        "records": {
            "contacts": [_contact(number) for number in range(1, 301)],
            "companies": companies,
            "deals": deals,
            "tickets": tickets,
            "2-701": intakes,
            "notes": notes,
        },
        "bulk": [
            {
                "object": "contacts",
                "count": BULK_CONTACTS,
                "firstId": 10_001,
                "properties": {
                    "createdate": {"start": "2011-01-01T06:00:00.000Z", "stepSeconds": 39_600},
                    "lastname": f"{CANARY} last",
                    "primary_concern": ["skin", None, "sleep", None, None],
                    "diagnosis_group": [f"{CANARY} group a", None, f"{CANARY} group b"],
                },
            }
        ],
        "permittedUsers": {
            f"contacts/{number}": {
                "VIEW": [
                    "301",
                    "302",
                    *(["325"] if number % 4 == 0 else []),
                    *(["326"] if number == 7 else []),
                ],
                "EDIT": ["301", "302"],
            }
            for number in range(1, 61)
            if number % 9
        },
    }
