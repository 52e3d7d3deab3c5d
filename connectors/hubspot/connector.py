"""Catalogue + client → snapshot: who and what there is in a portal, and what was attested about it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from auditor.errors import AuthenticationFailed, CollectionError
from auditor.retention import RetentionPolicy
from auditor.snapshot import Manifest, Reading, Snapshot, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import rows
from connectors.hubspot import tables as t
from connectors.hubspot.absent import no_roles, no_tree
from connectors.hubspot.assets import Parser
from connectors.hubspot.client import Client, Refused
from connectors.hubspot.evidence import FILES, Evidence, Stated
from connectors.hubspot.filters import Recognise, recognises_nothing
from connectors.hubspot.reading import MALFORMED, Reader, missing, reading
from connectors.hubspot.records import RecordReadings
from connectors.hubspot.retention_counts import RetentionCounts, iso
from connectors.hubspot.samples import samples
from connectors.hubspot.surfaces import surfaces
from connectors.protocol import Plan, Scope, Watch, unwatched
from connectors.sampling import Sampling, with_samples

EXCEPTIONS = {
    "contacts": ("email", "firstname", "lastname", "lifecyclestage"),
    "companies": ("name", "domain", "lifecyclestage"),
    "deals": ("dealname", "dealstage", "pipeline", "createdate", "closedate"),
    "tickets": ("subject", "hs_pipeline", "hs_pipeline_stage", "createdate"),
    "line_items": ("name", "price"),
}
"""Properties that cannot be restricted, as HubSpot listed them in 2023 (hubspot 4.1, R5)."""


class HubSpot:
    """One HubSpot portal as a `Connector`."""

    platform = "hubspot"

    def __init__(
        self,
        client: Client,
        *,
        target: str,
        taken_at: datetime,
        tool_version: str,
        watch: Watch = unwatched,
        stated: Stated | None = None,
        evidence: Evidence | None = None,
        recognise: Recognise = recognises_nothing,
    ) -> None:
        self._client = client
        self._target = target
        self._taken_at = taken_at
        self._tool_version = tool_version
        self._reader = Reader(client, watch)
        self._watch = watch
        self._stated = stated or Stated()
        self._evidence = evidence or Evidence()
        self._recognise = recognise
        self._tagged: tuple[str, ...] = ()

    def schema(self, scope: Scope) -> Snapshot:
        """Identity, credential, custom objects and properties; and what was stated and attested.

        Raises AuthenticationFailed or CollectionError when nothing can be read at all.
        """
        self._tagged = scope.tagged
        account, token = self._account(), self._token()
        self._stop_if_nothing(account, token)
        schemas = self._schemas()
        readings = [account, token, schemas]
        readings += [self._properties(name) for name in self._objects(scope, schemas)]
        readings += [_calculations(readings), missing(t.DASHBOARDS, _NO_DASHBOARDS)]
        readings += [*self._told(), *self._attested()]
        portal = _first(account, "portal_id") or _first(token, "hub_id") or self._client.host
        manifest = Manifest(
            platform=self.platform,
            target=self._target,
            org_id=portal,
            org_name=f"HubSpot portal {portal}",
            taken_at=self._taken_at,
            api_version=self._client.version.value,
            tool_version=self._tool_version,
            connected_user=_first(token, "user_id"),
        )
        return Snapshot(manifest, {r.name: r for r in readings})

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """People, marketing's assets and records for the plan's objects, and counts for its retention policies."""
        readings = dict(snapshot.readings)
        records = RecordReadings(
            self._reader, snapshot, plan.tagged or self._tagged, self._stated.record_sample
        )
        for found in (
            *self._people(),
            *surfaces(self._reader, self._parser(snapshot, plan), self._taken_at, _scopes(snapshot)),
            *records.read(plan.objects),
            *self._retention(plan, snapshot),
        ):
            readings[found.name] = found
        manifest = replace(
            snapshot.manifest,
            objects=tuple(sorted(plan.objects)),
            tag_digest=plan.tag_digest,
            retention=tuple(_policy_record(p, cutoff) for p, cutoff in plan.retention),
        )
        return Snapshot(manifest, readings)

    def sample(self, snapshot: Snapshot, wanted: Sampling) -> Snapshot:
        """Add counts of what values look like, of the objects that may be sampled."""
        return with_samples(snapshot, samples(self._client, snapshot, wanted))

    def _parser(self, snapshot: Snapshot, plan: Plan) -> Parser:
        """What makes rows of assets, with the names of all properties that were seen or are tagged."""
        seen = {
            name
            for reading_ in snapshot.readings
            if t.kind(reading_) == t.PROPERTIES
            for name in snapshot.table(reading_).column("name").to_pylist()
        }
        tagged = {name.partition(".")[2] for name in plan.tagged or self._tagged}
        return Parser(frozenset(seen | tagged), self._recognise)

    # -- identity and credential

    def _account(self) -> Reading:
        try:
            row = rows.account(self._client.ask(cat.ACCOUNT).content)
        except Refused as refused:
            return missing(t.ACCOUNT, refused.unread, cat.ACCOUNT.path)
        except MALFORMED:
            unread = Unread(Why.FAILED, "account: the answer names no portal.", "", "FAULT")
            return missing(t.ACCOUNT, unread, cat.ACCOUNT.path)
        return reading(t.ACCOUNT, [row], None, cat.ACCOUNT.path)

    def _token(self) -> Reading:
        source = cat.APP_TOKEN.path
        try:
            row = rows.token(*self._client.introspect())
        except Refused as refused:
            unread = refused.unread
            if refused.refusal.status == 404:
                detail = "HubSpot does not know this token as that of a private app, and says nothing of its scopes."
                unread = Unread(Why.NOT_EXPOSED, detail, "", "NOT_AVAILABLE")
            return missing(t.TOKEN, unread, source)
        except MALFORMED:
            unread = Unread(Why.FAILED, "token: the answer names no scopes.", "", "FAULT")
            return missing(t.TOKEN, unread, source)
        return reading(t.TOKEN, [row], None, source)

    def _stop_if_nothing(self, account: Reading, token: Reading) -> None:
        """End the run where not even the portal's name could be read, and nothing else will be."""
        stopped = self._client.stopped
        if stopped is None or account.complete or token.complete:
            return
        if "token" in stopped.detail:
            raise AuthenticationFailed(f"{self._client.host}: {stopped.detail}", hint=stopped.remedy)
        raise CollectionError(f"Nothing could be read. {stopped.detail}", hint=stopped.remedy)

    # -- schema

    def _schemas(self) -> Reading:
        """The custom objects, those that are archived too (hubspot 2.6)."""
        queries = [{"archived": "false"}, {"archived": "true"}]
        return self._reader.listed(t.SCHEMAS, cat.SCHEMAS, rows.schema, queries, key="object")

    def _objects(self, scope: Scope, schemas: Reading) -> list[str]:
        """The objects whose properties are read: configured and custom ones in scope, and all that hold tagged ones."""
        custom = [row["object"] for row in schemas.table.to_pylist() if not row["archived"]]
        names = {*self._stated.objects, *custom}
        if scope.objects is not None:
            return sorted({*names, *scope.objects})
        return sorted(name for name in names if _in_scope(name, scope))

    def _properties(self, object_: str) -> Reading:
        """Every property of an object: three levels, each with archived ones apart (hubspot 2.3, traps 1 and 2)."""
        name = f"{t.PROPERTIES}:{object_}"
        merged: Reading | None = None
        for level in cat.LEVELS:
            queries = [{"dataSensitivity": level, "archived": gone} for gone in ("false", "true")]
            made = partial(rows.property_row, object_, level)
            part = self._reader.listed(name, cat.PROPERTIES, made, queries, key="name", type=object_)
            merged = part if merged is None else _merged(merged, part)
            if part.unread is not None and part.unread.why is Why.FORBIDDEN:
                break
        return merged if merged is not None else missing(name, _NOTHING)

    # -- what people said

    def _told(self) -> Iterator[Reading]:
        """What was configured, and the list of properties that cannot be restricted."""
        said = {
            "edition": self._stated.edition,
            "evidence_max_age_days": str(self._stated.evidence_max_age_days),
        }
        yield reading(t.STATED, [{"key": k, "value": v} for k, v in said.items()], None, "configuration")
        listed = EXCEPTIONS if self._stated.exceptions is None else self._stated.exceptions
        found = [{"object": o, "property": name} for o, names in sorted(listed.items()) for name in names]
        own = self._stated.exceptions is not None
        note = "" if own else "HubSpot's list of 2023; whether it still holds is not documented."
        yield reading(t.EXCEPTIONS, found, None, "configuration" if own else "built in", note=note)

    def _attested(self) -> Iterator[Reading]:
        """The evidence that was given; a file that was not given is an empty reading that says so."""
        for name in FILES:
            table = self._evidence.tables.get(name)
            if table is None:
                yield reading(name, [], None, name, note=f"No {name} was given.")
                continue
            source = str(self._evidence.paths.get(name, name))
            yield Reading(name, t.CAPABILITY[name], table.cast(t.schema(name)), None, table.num_rows, source)

    # -- people

    def _people(self) -> Iterator[Reading]:
        reader = self._reader
        yield reader.listed(t.USERS, cat.USERS, rows.user, [{"limit": 100}])
        yield reader.listed(t.ROLES, cat.ROLES, rows.role, explained=no_roles)
        yield reader.listed(t.TEAMS, cat.TEAMS, rows.team)
        yield reader.listed(t.TEAM_TREE, cat.TEAM_TREE, rows.team_place, [{"limit": 100}], explained=no_tree)
        query = {"limit": 100, "properties": ",".join(rows.CRM_USER_PROPERTIES)}
        yield reader.listed(t.CRM_USERS, cat.CRM_USERS, rows.crm_user, [query])
        queries = [{"limit": 500, "archived": gone} for gone in ("false", "true")]
        yield reader.listed(t.OWNERS, cat.OWNERS, rows.owner, queries)

    # -- retention

    def _retention(self, plan: Plan, snapshot: Snapshot) -> Iterator[Reading]:
        counter = RetentionCounts(self._reader, snapshot, plan.tagged or self._tagged)
        for policy, cutoff in plan.retention:
            yield counter.count(policy, cutoff, plan.sample)


_NO_DASHBOARDS = Unread(
    Why.NOT_EXPOSED,
    "HubSpot tells no program which reports and dashboards there are, nor with whom they are shared.",
    "",
    "NOT_AVAILABLE",
)


def _calculations(readings: Sequence[Reading]) -> Reading:
    """The calculated properties among all; incomplete where the properties are."""
    found = [one for one in readings if t.kind(one.name) == t.PROPERTIES]
    made = [
        {"object": row["object"], "name": row["name"]}
        for one in found
        for row in one.table.to_pylist()
        if row["calculated"]
    ]
    unread = next((one.unread for one in found if one.unread is not None), None)
    return reading(t.CALCULATIONS, made, unread, cat.PROPERTIES.path)


_NOTHING = Unread(Why.FAILED, "Nothing was asked.", "", "FAULT")


def _merged(one: Reading, other: Reading) -> Reading:
    """Two levels of one object's properties; a name that is active counts before one that is archived."""
    by_name: dict[str, rows.Row] = {}
    for row in (*one.table.to_pylist(), *other.table.to_pylist()):
        known = by_name.get(row["name"])
        if known is None or (known["archived"] and not row["archived"]):
            by_name[row["name"]] = row
    return reading(one.name, list(by_name.values()), one.unread or other.unread, one.source)


def _in_scope(name: str, scope: Scope) -> bool:
    return any(fnmatch.fnmatchcase(name, p) for p in scope.include) and not any(
        fnmatch.fnmatchcase(name, p) for p in scope.exclude
    )


def _first(found: Reading, column: str) -> str:
    return str(found.table.column(column)[0].as_py() or "") if found.table.num_rows else ""


def _scopes(snapshot: Snapshot) -> Sequence[str] | None:
    """The scopes of the token without HubSpot's suffix, None if they could not be read (hubspot 1.3)."""
    if snapshot.unread(t.TOKEN) is not None:
        return None
    row = snapshot.table(t.TOKEN).to_pylist()[0]
    return [scope.removesuffix(".v2") for scope in row["scopes"]]


def _policy_record(policy: RetentionPolicy, cutoff: datetime) -> dict[str, object]:
    return {
        "id": policy.id,
        "object": policy.object,
        "anchors": list(policy.anchors),
        "having": policy.having,
        "cutoff": iso(cutoff.astimezone(UTC)),
    }
