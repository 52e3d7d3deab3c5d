"""Small HubSpot portals, served, and the connector that reads them on a clock that a test turns."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from auditor.retention import RetentionPolicy
from connectors.hubspot.client import Client, Token
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.evidence import OBJECTS, Stated
from connectors.hubspot.limits import Clock
from connectors.protocol import Plan, Scope
from connectors.transport import Transport
from sandbox.hubspot.running import running

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SECRET = "pat-na1-00000000-0000-4000-8000-00000000beef"
SCOPES = [
    *(f"crm.schemas.{word}.read" for word in ("contacts", "companies", "deals", "custom")),
    *(f"crm.objects.{word}.read" for word in ("contacts", "companies", "deals", "custom", "tickets")),
    *(f"crm.objects.{word}.read" for word in ("users", "owners")),
    "settings.users.read",
    "settings.users.teams.read",
    "crm.lists.read",
    "forms",
    "automation",
    "content",
    "account-info.security.read",
    "communication_preferences.read",
]


class TestClock:
    """Seconds that pass when somebody sleeps, and otherwise as they do."""

    __test__ = False

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> float:
        return time.monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


def portal(*, scopes=SCOPES, token=None, **more):
    """A portal with one diagnosis, three users, and a bit of everything."""
    return {
        "format": "hubspot-portal/1",
        "tokens": [token or {"token": SECRET, "kind": "service_key", "scopes": [*scopes]}],
        "properties": {
            "contacts": [
                {"name": "primary_diagnosis", "label": "Primary diagnosis"},
                {"name": "hiv_status", "dataSensitivity": "highly_sensitive"},
                {"name": "allergies", "dataSensitivity": "sensitive", "sensitiveDataCategories": ["HIPAA"]},
                {"name": "old_diagnosis", "archived": True},
            ]
        },
        "schemas": [{"objectTypeId": "2-310", "name": "visit", "primaryDisplayProperty": "reason"}],
        "users": [
            {"id": "201", "email": "ada@clinic.example", "superAdmin": True},
            {"id": "202", "email": "Ben@clinic.example", "roleIds": ["7"], "primaryTeamId": "55"},
            {
                "id": "203",
                "email": "cy@clinic.example",
                "roleId": "8",
                "crm": {"id": "9", "jobTitle": "Nurse"},
            },
        ],
        "roles": [{"id": "7", "name": "Marketing"}],
        "teams": [{"id": "55", "name": "North"}, {"id": "56", "name": "South", "parentTeamId": "55"}],
        "owners": [
            {"id": "1", "userId": "201"},
            {"id": "2", "archived": True, "userIdIncludingInactive": "299"},
        ],
        "lists": [{"listId": "41", "name": "Recall"}],
        "forms": [{"id": "f1", "name": "Intake"}],
        "flows": [{"id": "811", "name": "Nurture"}],
        "emails": [{"id": "70", "name": "News"}],
        "records": {
            "contacts": [
                {"id": str(n), "properties": {"primary_diagnosis": "CANARY-VALUE"}} for n in range(1, 31)
            ]
        },
        "permittedUsers": {f"contacts/{n}": {"VIEW": ["202"] if n % 5 == 0 else []} for n in range(1, 20)},
        **more,
    }


@contextlib.contextmanager
def served(document, *, faults=None, budget=None, login=None, **client):
    """A served portal, and a client of it whose pauses take no time."""
    turned = TestClock()
    with running(document, faults=faults, clock=turned.now) as site:
        yield (
            Client(
                login or Token(lambda: SECRET),
                Transport(connect_timeout=5, read_timeout=5),
                budget,
                turned.clock(),
                base_url=site.url,
                **client,
            ),
            site,
            turned,
        )


def read(client, *, tagged=("contacts.primary_diagnosis",), retention=(), **stated):
    """One snapshot: the schema, then everything else."""
    connector = HubSpot(client, target="portal", taken_at=AT, tool_version="0", stated=Stated(**stated))
    objects = tuple(sorted({name.partition(".")[0] for name in tagged}))
    schema = connector.schema(Scope(objects=objects, tagged=tuple(tagged)))
    policies = tuple((policy, policy.cutoff_at(AT)) for policy in retention)
    return connector.collect(schema, Plan(objects, "digest", policies, 5, tuple(tagged)))


def unread(snapshot):
    """What was not read in full, with its code; what HubSpot shows to nobody is left out."""
    gaps = {name: r.unread.code for name, r in snapshot.readings.items() if r.unread is not None}
    assert gaps.pop("dashboards") == "NOT_AVAILABLE"
    assert (gaps.pop("calculations", None) is None) == (not any(n.startswith("properties:") for n in gaps))
    return gaps


def scenario(folder: Path):
    """What a scenario says of itself: given, truth, and the way its portal is read."""
    given, truth = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("given", "truth"))
    policies = [
        RetentionPolicy(
            row["policy"],
            row["object"],
            row["anchors"][0],
            period=f"P{row['olderThanDays']}D",
            further=tuple(row["anchors"][1:]),
            having=row.get("having", ""),
        )
        for row in given.get("retention", [])
    ]
    stated = {"record_sample": given.get("recordSample", 20), "objects": tuple(given.get("objects", OBJECTS))}
    return given, truth, policies, stated
