"""What a token can and cannot read, surface by surface, and how many calls a run would need (hubspot 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.snapshot import Snapshot, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import tables as t
from connectors.hubspot.absent import no_audit_log, no_permitted_users, no_roles, no_tree
from connectors.hubspot.catalogue import Call
from connectors.hubspot.client import Client, Refused, missing_scopes
from connectors.hubspot.records import NO_VALUES
from connectors.hubspot.samples import PER_SEARCH, fields_to_sample
from connectors.hubspot.surfaces import detail_calls
from connectors.protocol import Plan
from connectors.sampling import Sampling, name_of


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether one reading can be had: how many rows it has, how many calls that takes, or why not."""

    name: str
    needs: str
    rows: int | None
    calls: int
    unread: Unread | None
    note: str = ""


_LISTED: tuple[tuple[Call, dict[str, object]], ...] = (
    (cat.USERS, {"limit": 1}),
    (cat.ROLES, {}),
    (cat.TEAMS, {}),
    (cat.TEAM_TREE, {"limit": 1}),
    (cat.CRM_USERS, {"limit": 1, "properties": "hs_internal_user_id"}),
    (cat.OWNERS, {"limit": 1}),
    (cat.FORMS, {"limit": 1}),
    (cat.FLOWS, {"limit": 1}),
    (cat.EMAILS, {"limit": 1}),
    (cat.SUBSCRIPTIONS, {}),
    (cat.AUDIT_LOG, {"limit": 1}),
)
_TWICE = frozenset({cat.OWNERS.name, cat.FORMS.name})
"""Asked once for what is there and once for what is archived."""


def preflight(
    client: Client, snapshot: Snapshot, plan: Plan, sampling: Sampling | None = None
) -> tuple[Probe, ...]:
    """Ask each surface for one row. `snapshot` holds the schema step, which has already been made.

    No value is read for what a run would sample: the token's scopes tell whether it could be.
    """
    asked = _sampled(snapshot, sampling) if sampling is not None else ()
    return (*_probes(client, snapshot, plan), *asked)


def expected_calls(made: int, probes: Sequence[Probe]) -> int:
    """Calls of a whole run at least: those of the schema step, the first page of each further surface, and lists.

    How many workflows there are is not told before they are listed; each takes up to one call more.
    """
    return made + sum(probe.calls for probe in probes)


def needs(call: Call, object_: str = "") -> str:
    """The scopes of a call in words."""
    return " or ".join(cat.scopes_of(call, object_))


def _probes(client: Client, snapshot: Snapshot, plan: Plan) -> Iterator[Probe]:
    for reading in snapshot.readings.values():
        call = next((c for c in cat.CALLS if c.reading == t.kind(reading.name)), None)
        object_ = reading.name.partition(":")[2]
        scopes = needs(call, object_) if call is not None else ""
        yield Probe(reading.name, scopes, reading.table.num_rows, 0, reading.unread, reading.note)
    held = _held(snapshot)
    for call, query in _LISTED:
        yield _probe(client, call, held, query=query, calls=1 + (call.name in _TWICE))
    lists = {"query": "", "count": 1, "offset": 0, "processingTypes": []}
    listed = _probe(client, cat.LISTS, held, body=lists)
    yield replace(listed, calls=listed.calls + detail_calls(listed.rows or 0))
    for object_ in sorted(plan.objects):
        body = {"filterGroups": [], "properties": NO_VALUES, "limit": 1}
        records = _probe(client, cat.SEARCH, held, body=body, object_=object_)
        yield records
        sampled = [name for name in plan.tagged if name.partition(".")[0] == object_]
        yield _reach(client, snapshot, object_, records, len(sampled), held)
    for policy, _ in plan.retention:
        name = f"{t.RETENTION}:{policy.id}"
        yield Probe(name, needs(cat.SEARCH, policy.object), None, 4 + (not policy.having), None)


def _held(snapshot: Snapshot) -> frozenset[str] | None:
    """The token's scopes, None if they could not be read."""
    if snapshot.unread(t.TOKEN) is not None:
        return None
    row = snapshot.table(t.TOKEN).to_pylist()[0]
    return frozenset(scope.removesuffix(".v2") for scope in row["scopes"])


def _probe(
    client: Client,
    call: Call,
    held: frozenset[str] | None,
    *,
    query: dict[str, object] | None = None,
    body: dict[str, object] | None = None,
    object_: str = "",
    calls: int = 1,
) -> Probe:
    """One surface; nothing is asked where the token's scopes already tell that it would be refused."""
    name = f"{call.reading}:{object_}" if object_ else call.reading
    scopes = cat.scopes_of(call, object_)
    if held is not None and scopes and not held & set(scopes):
        return Probe(name, " or ".join(scopes), None, 0, missing_scopes(name, scopes))
    parts = {"type": object_} if object_ else {}
    try:
        content = client.ask(call, query, body, **parts).content
    except Refused as refused:
        return Probe(name, " or ".join(scopes), None, 0, _reason(call, refused, held))
    total = content.get("total") if isinstance(content, dict) else None
    return Probe(name, " or ".join(scopes), total if isinstance(total, int) else None, calls, None)


def _sampled(snapshot: Snapshot, wanted: Sampling) -> Iterator[Probe]:
    held = _held(snapshot)
    for object_ in wanted.objects:
        name, scopes = name_of(object_), cat.scopes_of(cat.SEARCH, object_)
        names = fields_to_sample(snapshot, object_, wanted.undecided)
        lacking = bool(names) and held is not None and not held & set(scopes)
        unread = missing_scopes(name, scopes) if lacking else None
        yield Probe(name, " or ".join(scopes), None, -(-len(names) // PER_SEARCH), unread)


def _reason(call: Call, refused: Refused, held: frozenset[str] | None) -> Unread:
    """Why a surface is refused, where its answer says more than that it is."""
    if call is cat.AUDIT_LOG:
        return no_audit_log(refused, held)
    explained = {cat.ROLES: no_roles, cat.TEAM_TREE: no_tree, cat.PERMITTED_USERS: no_permitted_users}
    return explained[call](refused) if call in explained else refused.unread


def _reach(
    client: Client,
    snapshot: Snapshot,
    object_: str,
    records: Probe,
    properties: int,
    held: frozenset[str] | None,
) -> Probe:
    """Whether HubSpot would say who may open a record of an object."""
    name = f"{t.RECORD_REACH}:{object_}"
    if object_ not in cat.PERMITTED_OBJECTS:
        detail = "HubSpot tells who may open a record for contacts, companies, deals and tickets only."
        return Probe(name, "", None, 0, Unread(Why.NOT_EXPOSED, detail, "", "NOT_AVAILABLE"))
    if records.unread is not None:
        return Probe(name, records.needs, None, 0, records.unread)
    record = f"hcrn:{snapshot.manifest.org_id}:crm-object:{cat.OBJECT_TYPES[object_]}:1"
    found = _probe(client, cat.PERMITTED_USERS, held, query={"resource": [record]}, calls=properties + 1)
    return Probe(name, found.needs, None, found.calls, found.unread)
