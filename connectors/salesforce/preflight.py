"""What a credential can and cannot read, asked by counting, and how many calls a run would need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simple_salesforce import format_soql

from auditor.snapshot import Snapshot, Unread, Why
from connectors.protocol import Plan
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Query
from connectors.salesforce.client import Client, Refused

ROWS_PER_PAGE = 2000
CALLS_PER_POLICY = 6


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether one reading can be had: how many rows it has, how many calls that takes, or why not."""

    name: str
    needs: str
    rows: int | None
    calls: int
    unread: Unread | None


_COUNTED = (
    cat.PERMISSION_SETS,
    cat.GROUPS,
    cat.COMPONENTS,
    cat.MUTING_SETS,
    cat.ASSIGNMENTS,
    cat.USERS,
    cat.USER_LOGINS,
    cat.ROLES,
    cat.PROFILES,
    cat.LICENCES,
    cat.SET_LICENCES,
)


def preflight(client: Client, snapshot: Snapshot, plan: Plan) -> tuple[Probe, ...]:
    """Count what a run would read. `snapshot` holds the schema step, which has already been made."""
    return tuple(_probes(client, snapshot, plan))


def _probes(client: Client, snapshot: Snapshot, plan: Plan) -> Iterator[Probe]:
    for reading in snapshot.readings.values():
        yield Probe(reading.name, _needs(reading.name), reading.table.num_rows, 0, reading.unread)
    for query in _COUNTED:
        yield _count(client, query, "", describes=query.described)
    objects = sorted(plan.objects)
    for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS):
        where = format_soql(query.where, names=objects) if objects else ""
        yield _count(client, query, where, describes=query.described)
    for policy, _ in plan.retention:
        yield Probe(
            f"retention: {policy.id}", f"Read and View All on {policy.object}", None, CALLS_PER_POLICY, None
        )


def _needs(name: str) -> str:
    return next((q.needs for q in cat.QUERIES if q.name == name), "")


def _count(client: Client, query: Query, where: str, *, describes: bool) -> Probe:
    soql = f"SELECT COUNT() FROM {query.sobject}" + (f" WHERE {where}" if where else "")
    try:
        page = next(iter(client.pages(soql, query.api)))
    except Refused as refused:
        return Probe(query.name, query.needs, None, 0, refused.unread)
    except StopIteration:
        return Probe(query.name, query.needs, None, 0, Unread(Why.FAILED, f"{query.sobject}: no answer."))
    pages = max(1, -(-page.total // ROWS_PER_PAGE))
    return Probe(query.name, query.needs, page.total, pages + int(describes), None)


def expected_calls(made: int, probes: Sequence[Probe]) -> int:
    """Calls of a whole run: those of the schema step, and what the counted readings will take."""
    return made + sum(probe.calls for probe in probes)
