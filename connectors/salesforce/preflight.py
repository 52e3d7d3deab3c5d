"""What a credential can and cannot read, asked by counting, and how many calls a run would need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simple_salesforce import format_soql

from auditor.retention import RetentionPolicy
from auditor.snapshot import Snapshot, Unread, Why
from auditor.wording import several
from connectors.protocol import Plan
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api, Query
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.connector import beside
from connectors.salesforce.reading import (
    NAMES_PER_QUERY,
    Reader,
    chunks,
    described_fields,
    hidden_columns,
    setting_ids,
)
from connectors.salesforce.records import record_calls
from connectors.salesforce.samples import REMEDY, fields_to_sample
from connectors.salesforce.surfaces import pages, side_doors
from connectors.sampling import Sampling, name_of, not_shown

ROWS_PER_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether one reading can be had: how many rows it has, how many calls that takes, or why not."""

    name: str
    needs: str
    rows: int | None
    calls: int
    unread: Unread | None
    note: str = ""


_PEOPLE = (cat.USERS, cat.USER_LOGINS, cat.ROLES, cat.PROFILES, cat.LICENCES)
_CONTAINERS = (cat.PERMISSION_SETS, cat.GROUPS, cat.COMPONENTS, cat.MUTING_SETS, cat.ASSIGNMENTS)
_ACTIVATED = "HasActivationRequired = true"


def preflight(
    client: Client, snapshot: Snapshot, plan: Plan, sampling: Sampling | None = None
) -> tuple[Probe, ...]:
    """Count what a run would read. `snapshot` holds the schema step, which has already been made.

    No value is read for what a run would sample: describe tells which fields this user is shown.
    """
    asked = _sampled(snapshot, sampling) if sampling is not None else ()
    return (*_probes(client, snapshot, plan), *asked)


def expected_calls(made: int, probes: Sequence[Probe]) -> int:
    """Calls of a whole run: those of the schema step, and what the counted readings will take."""
    return made + sum(probe.calls for probe in probes)


def _probes(client: Client, snapshot: Snapshot, plan: Plan) -> Iterator[Probe]:
    for reading in snapshot.readings.values():
        rows = reading.table.num_rows
        yield Probe(reading.name, _needs(reading.name), rows, 0, reading.unread, reading.note)
    counted = {query.name: _count(client, query) for query in (*_PEOPLE, *_CONTAINERS)}
    yield from (
        replace(probe, unread=probe.unread or _hidden(client, name)) for name, probe in counted.items()
    )
    if (_count(client, cat.PERMISSION_SETS, "LicenseId != null").rows or 0) > 0:
        yield _count(client, cat.SET_LICENCES)
    if any((_count(client, query, _ACTIVATED).rows or 0) > 0 for query in (cat.PERMISSION_SETS, cat.GROUPS)):
        activations = _count(client, cat.ACTIVATIONS)
        yield activations
        if activations.rows:
            yield _count(client, cat.SESSIONS)
    objects = sorted(plan.objects)
    muting = counted[cat.MUTING_SETS.name].rows or 0
    for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS):
        yield _listed(client, query, objects, extra=-(-muting // NAMES_PER_QUERY))
    settings = setting_ids(objects, snapshot)
    if settings:
        yield _listed(client, cat.SETUP_ACCESS, settings)
    # The lists of side doors are short, and only their rows tell whether they are whole.
    for reading in side_doors(Reader(client), snapshot):
        rows = reading.table.num_rows
        yield Probe(reading.name, _needs(reading.name), rows, pages(reading), reading.unread, reading.note)
    yield _count(client, cat.SETUP_CHANGES)
    yield _records(client, [*objects, *beside(snapshot, objects)], snapshot)
    seen: set[str] = set()
    for policy, _ in plan.retention:
        sizing = int(not seen) + int(policy.object not in seen)
        yield _retention(client, policy, sample=plan.sample > 0, sizing=sizing)
        seen.add(policy.object)


def _needs(name: str) -> str:
    return next((q.needs for q in cat.QUERIES if q.name == name), "")


def _hidden(client: Client, name: str) -> Unread | None:
    """Which columns of a reading this user is not shown; a count would not tell."""
    query = next(q for q in cat.QUERIES if q.name == name)
    wanted = [c.name for c in query.columns if c.hideable]
    if not wanted:
        return None
    try:
        known = {
            f["name"]
            for f in described_fields(query.sobject, client.get(f"sobjects/{query.sobject}/describe"))
        }
    except Refused as refused:
        return refused.unread
    except (KeyError, TypeError, AttributeError):
        return Unread(
            Why.FAILED, f"describe of {query.sobject}: the answer was not a describe.", query.remedy
        )
    return hidden_columns(query, [c for c in wanted if c not in known])


def _listed(client: Client, query: Query, names: Sequence[str], extra: int = 0) -> Probe:
    """A query over a list of names, counted in the same chunks as a run would read it in."""
    rows, calls = 0, extra
    for chunk in chunks(names, NAMES_PER_QUERY):
        probe = _count(client, query, format_soql(query.where, names=list(chunk)))
        if probe.unread is not None:
            return probe
        rows, calls = rows + (probe.rows or 0), calls + probe.calls
    return Probe(query.name, query.needs, rows, calls, None)


def _count(client: Client, query: Query, where: str = "") -> Probe:
    rows, unread = _rows(client, query.sobject, where, query.remedy)
    pages = max(1, -(-(rows or 0) // ROWS_PER_PAGE))
    describes = query.described and query is not cat.OBJECT_PERMISSIONS  # which the schema step described
    return Probe(query.name, query.needs, rows, pages + int(describes), unread)


def _records(client: Client, objects: Sequence[str], snapshot: Snapshot) -> Probe:
    """Whether the records of every object can be counted at all, which is what record reach needs."""
    counts: dict[str, int] = {}
    missing: Unread | None = None
    settings = {
        r["QualifiedApiName"] for r in snapshot.table(cat.ENTITIES.name).to_pylist() if r["IsCustomSetting"]
    }
    for name in (n for n in objects if n not in settings):
        rows, unread = _rows(client, name, "", cat.RECORD_REMEDY)
        counts[name] = rows or 0
        missing = missing or unread
    needs = "Read and View All Records on each object"
    return Probe(cat.RECORDS, needs, sum(counts.values()), record_calls(snapshot, objects, counts), missing)


def _retention(client: Client, policy: RetentionPolicy, *, sample: bool, sizing: int) -> Probe:
    """Whether the policy's date fields can be filtered on; a run counts all places in one question a date."""
    dates = [d for d in (policy.anchor, policy.fallback) if d]
    where = " OR ".join(f"{d} != null" for d in dates)
    rows, unread = _rows(client, policy.object, where, cat.RETENTION_REMEDY)
    calls = len(dates)
    if unread is None:
        calls += 1 + int(sample) + sizing
    needs = f"Read and View All Records on {policy.object}"
    return Probe(f"{cat.RETENTION}: {policy.id}", needs, rows, calls, unread)


def _sampled(snapshot: Snapshot, wanted: Sampling) -> Iterator[Probe]:
    shown = {(row["object"], row["name"]) for row in snapshot.table(cat.DESCRIBE).to_pylist()}
    for object_, names in fields_to_sample(snapshot, wanted).items():
        needs = f"Read on {object_} and on {several(len(names), 'field')} of it"
        hidden = [name for name in names if (object_, name) not in shown]
        unread = not_shown(object_, hidden, REMEDY)
        calls = -(-len(names) // NAMES_PER_QUERY)
        yield Probe(name_of(object_), needs if names else "", None, calls, unread)


def _rows(client: Client, sobject: str, where: str, remedy: str) -> tuple[int | None, Unread | None]:
    soql = f"SELECT COUNT() FROM {sobject}" + (f" WHERE {where}" if where else "")
    try:
        page = next(client.pages(soql, Api.QUERY))
    except Refused as refused:
        why = refused.unread
        return None, Unread(why.why, why.detail, why.remedy or remedy)
    return page.total, None
