"""Catalogue + client → snapshot: read the schema, then the grants of the objects that the tags give."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from simple_salesforce import format_soql

from auditor.errors import AuthenticationFailed, CollectionError
from auditor.retention import RetentionPolicy
from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from auditor.wording import several
from connectors.protocol import Plan, Scope, Step, Watch, unwatched
from connectors.salesforce import catalogue as cat
from connectors.salesforce.calculations import calculations
from connectors.salesforce.catalogue import Query
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.ids import to18
from connectors.salesforce.journal import Journal
from connectors.salesforce.reading import (
    NAMES_PER_QUERY,
    Reader,
    chunks,
    described_fields,
    remedied,
    setting_ids,
    stored,
)
from connectors.salesforce.records import RecordReadings
from connectors.salesforce.retention_counts import RetentionCounts, iso
from connectors.salesforce.samples import samples
from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.salesforce.semantics.gates import PARENTS
from connectors.salesforce.semantics.lineage import between, lineage
from connectors.salesforce.semantics.surfaces import doors
from connectors.salesforce.surfaces import surfaces
from connectors.sampling import Sampling, with_samples

FEW_OBJECTS = 6
"""Beside so many untagged objects, an org is small enough to tell the reach of everything."""

_SKIPPED = (
    "__mdt",
    "__e",
    "__ka",
    "__Feed",
    "__History",
    "__Share",
    "__Tag",
    "__ChangeEvent",
)


_UNCOUNTED = ("__x", "__b", "__kav")
"""External objects, big objects and articles: formulas are followed there, records are not counted unless tagged."""


class Salesforce:
    """One Salesforce org as a `Connector`."""

    platform = "salesforce"

    def __init__(
        self,
        client: Client,
        *,
        target: str,
        taken_at: datetime,
        tool_version: str,
        watch: Watch = unwatched,
        journal: Journal | None = None,
    ) -> None:
        self._client = client
        self._target = target
        self._taken_at = taken_at
        self._tool_version = tool_version
        self._watch = watch
        self._reader = Reader(client, watch, journal)

    def schema(self, scope: Scope) -> Snapshot:
        """Identity, credential and schema of the objects in scope.

        Raises AuthenticationFailed or CollectionError when nothing can be read at all.
        """
        organization = self._identity()
        row = organization.table.to_pylist()[0] if organization.table.num_rows else {}
        readings = [organization, *self._credential()]
        names, near, fields = self._fields(scope)
        readings += [
            *fields,
            self._reader.each(cat.ENTITIES, sorted({*names, *near})),
            self._definitions(names),
            self._securable(),
        ]
        manifest = Manifest(
            platform=self.platform,
            target=self._target,
            org_id=str(row.get("Id") or self._client.host),
            org_name=str(row.get("Name") or ""),
            taken_at=self._taken_at,
            api_version=self._client.api_version,
            tool_version=self._tool_version,
            connected_user=self._user,
        )
        return Snapshot(manifest, {r.name: r for r in readings})

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """People, assignments and grants for the plan's objects, and counts for its retention policies."""
        readings = dict(snapshot.readings)
        people = {r.name: r for r in self._people()}
        records = RecordReadings(self._client, self._reader, snapshot, people[cat.USERS.name])
        for reading in (
            *people.values(),
            *records.read(plan.objects, beside(snapshot, plan.objects)),
            *self._grants(plan.objects, snapshot, records.objects),
            *surfaces(self._reader, snapshot),
            *self._retention(plan, snapshot),
        ):
            readings[reading.name] = reading
        through = {door.through for door in doors(Snapshot(snapshot.manifest, readings))}
        readings[cat.USERS.name] = _with_hidden(
            people[cat.USERS.name], readings[cat.ASSIGNMENTS.name], through
        )
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

    # -- identity and credential

    _user = ""

    def confirm(self) -> None:
        """Have the org answer one question, since a token is only looked at when something is asked with it.

        Raises AuthenticationFailed when it does not take the login, CollectionError when it answers nothing.
        """
        self._identity()

    def _identity(self) -> Reading:
        reading, refused = self._reader.read(cat.ORGANIZATION)
        if refused is not None and refused.code in {"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"}:
            raise AuthenticationFailed(
                f"{self._client.host} does not accept the access token.",
                hint="Tokens end after a while: get a new one, or configure a JWT login for unattended runs.",
            )
        if refused is not None and refused.code in {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"}:
            raise CollectionError(
                f"{self._client.host} does not let this user use the API.", hint=cat.ORGANIZATION.remedy
            )
        if refused is not None and refused.unread.why is Why.FAILED:
            raise CollectionError(
                f"Nothing could be read from {self._client.host}. {refused.unread.detail}",
                hint="Try again later.",
            )
        return reading

    def _credential(self) -> Iterator[Reading]:
        yield self._reader.read(cat.OWN_PERMISSIONS)[0]
        try:
            self._user = self._client.user_id()
        except Refused as refused:
            yield self._reader.refused(cat.OWN_OBJECT_RIGHTS, refused.unread)
            return
        where = format_soql(cat.OWN_OBJECT_RIGHTS.where, user=self._user)
        yield self._reader.read(cat.OWN_OBJECT_RIGHTS, where)[0]

    # -- schema

    def _fields(self, scope: Scope) -> tuple[list[str], list[str], Sequence[Reading]]:
        """The objects whose schema is read, and the readings of their fields and of how computed ones are made.

        With decided tags the objects are known; only objects with fields computed from tagged ones are added. The
        second list has the others of a small org, of which only the outline is read.
        """
        names, listing = self._names(scope)
        if scope.objects is None:
            particles, described = self._reader.each(cat.PARTICLES, names), self._describes(names)
            made = calculations(self._reader, names, particles, described)
            return names, [], (listing, *self._between(particles, described, made))
        strange = [n for n in names if n not in scope.objects]
        near = strange if len(strange) <= FEW_OBJECTS else []
        computed = self._reader.each(cat.COMPUTED_PARTICLES, [n for n in strange if n not in near])
        carrying = {*_computing(computed), *near}
        particles = self._reader.each(cat.PARTICLES, sorted({*scope.objects, *carrying}))
        carrying = (_computing(particles, calculated=True) | carrying - set(near)) - set(scope.objects)
        shown = sorted({*({name.partition(".")[0] for name in scope.tagged} or scope.objects), *carrying})
        described = self._describes(shown)
        made = calculations(self._reader, sorted({*scope.objects, *carrying}), particles, described)
        fields = self._between(particles, described, made)
        found = sorted(_carriers(fields, scope.tagged) or set(scope.objects))
        late = self._describes([n for n in found if n not in shown])
        kept = (
            _only(_with(r, late) if r is described else r, found, [*scope.objects, *near]) for r in fields
        )
        return found, near, (listing, computed, *kept)

    def _between(self, particles: Reading, described: Reading, made: Reading) -> tuple[Reading, ...]:
        """With the fields of objects that formulas pass through on their way to another object's field."""
        passed = Reading(cat.PASSED_PARTICLES.name, Capability.LINEAGE, cat.PARTICLES.schema.empty_table())
        asked: set[str] = set()
        while missing := between(_of_fields(particles, described, made, passed)) - asked:
            asked |= missing
            more = self._reader.each(cat.PASSED_PARTICLES, sorted(missing))
            table = pa.concat_tables([passed.table, more.table])
            passed = replace(more, table=table, unread=passed.unread or more.unread)
        return particles, described, made, passed

    def _names(self, scope: Scope) -> tuple[list[str], Reading]:
        """The objects of the org that match the patterns."""
        capability = Capability.SCHEMA if scope.objects is None else Capability.LINEAGE
        schema = pa.schema([("name", pa.string())])
        try:
            answer = self._client.get("sobjects")
            names = sorted(_scannable(answer["sobjects"], scope))
        except Refused as refused:
            unread = remedied(refused.unread, cat.ORGANIZATION.remedy)
            return [], Reading.missing("sobjects", capability, schema, unread, "sobjects")
        except (KeyError, TypeError, AttributeError):
            unread = Unread(Why.FAILED, "sobjects: the answer was not a list of objects.")
            return [], Reading.missing("sobjects", capability, schema, unread, "sobjects")
        table = pa.table({"name": names}, schema=schema)
        return names, Reading("sobjects", capability, table, None, len(names), "sobjects")

    def _definitions(self, names: Sequence[str]) -> Reading:
        """FieldDefinition wants one object per query (salesforce 2.9)."""
        tables, unread = [], None
        for name in names:
            reading, refused = self._reader.read(
                cat.DEFINITIONS, format_soql(cat.DEFINITIONS.where, name=name)
            )
            tables.append(reading.table)
            unread = unread or (refused.unread if refused else reading.unread)
        return self._reader.joined(cat.DEFINITIONS, tables, unread)

    def _describes(self, names: Sequence[str]) -> Reading:
        """Describe shows what this user may read: formulas, compound parts, picklists; never the list of fields."""
        rows: list[dict[str, Any]] = []
        hidden, unread = [], None
        for name in names:
            try:
                rows += described_fields(name, self._client.get(f"sobjects/{name}/describe"))
            except Refused as refused:
                if refused.unread.why is Why.FORBIDDEN:
                    hidden.append(name)
                else:
                    unread = refused.unread
            except (KeyError, TypeError, AttributeError):
                unread = Unread(Why.FAILED, f"describe of {name}: the answer was not a describe.")
            self._watch(Step(cat.DESCRIBE, len(rows), None, self._client.calls))
        table = pa.Table.from_pylist(rows, schema=cat.DESCRIBE_SCHEMA)
        note = f"Not visible to this user: {', '.join(hidden)}." if hidden else ""
        return Reading(cat.DESCRIBE, Capability.SCHEMA, table, unread, None, "sobjects/*/describe", note)

    def _securable(self) -> Reading:
        """Which objects have object permissions at all: the picklist of ObjectPermissions.SobjectType."""
        source = "sobjects/ObjectPermissions/describe"
        try:
            described = self._reader.describe_of("ObjectPermissions")
        except Refused as refused:
            reason = remedied(refused.unread, cat.OBJECT_PERMISSIONS.remedy)
            return Reading.missing(
                cat.SECURABLE_OBJECTS, Capability.GRANTS, cat.SECURABLE_SCHEMA, reason, source
            )
        names = next((f["picklistValues"] for f in described if f["name"] == "SobjectType"), None)
        table = pa.table({"SobjectType": names or []}, schema=cat.SECURABLE_SCHEMA)
        unread = None
        if names is None:
            unread = Unread(Why.FAILED, "ObjectPermissions: describe does not show SobjectType.")
        return Reading(cat.SECURABLE_OBJECTS, Capability.GRANTS, table, unread, None, source)

    # -- people and grants

    def _people(self) -> Iterator[Reading]:
        for query in (cat.USERS, cat.USER_LOGINS, cat.ROLES, cat.PROFILES, cat.LICENCES):
            yield self._reader.read(query)[0]

    def _grants(
        self, objects: Sequence[str], snapshot: Snapshot, reached: Sequence[str] = ()
    ) -> Iterator[Reading]:
        """Containers and what they give on these objects; on those `reached`, object rights alone (salesforce R1)."""
        sets = self._reader.read(cat.PERMISSION_SETS)[0]
        groups = self._reader.read(cat.GROUPS)[0]
        yield from (sets, groups, self._reader.read(cat.COMPONENTS)[0])
        if _tied_to_a_licence(sets.table):
            yield self._reader.read(cat.SET_LICENCES)[0]
        mutes = self._reader.read(cat.MUTING_SETS)[0]
        yield mutes
        yield self._reader.read(cat.ASSIGNMENTS)[0]
        yield from self._activations(sets, groups)

        aggregates = _where(sets.table, "PermissionSetGroupId", pc.is_valid)
        modifying = _where(sets.table, "PermissionsModifyAllData", partial(pc.fill_null, fill_value=False))
        made_up = {cat.OBJECT_PERMISSIONS.name: [a for a in aggregates if a in modifying]}
        muting = mutes.table.column("Id").to_pylist()
        for query, mute_query in (
            (cat.OBJECT_PERMISSIONS, cat.OBJECT_MUTES),
            (cat.FIELD_PERMISSIONS, cat.FIELD_MUTES),
        ):
            names = {*objects, *reached} if query is cat.OBJECT_PERMISSIONS else set(objects)
            reading = self._reader.listed(query, sorted(names))
            yield reading
            yield self._reader.listed(mute_query, muting)
            yield self._probe(query, aggregates, made_up.get(query.name, ()), reading)
        yield self._setup_access(objects, snapshot)

    def _activations(self, sets: Reading, groups: Reading) -> Iterator[Reading]:
        """Activations and sessions, asked for only where something needs activation (salesforce A6)."""
        needed = any(
            "HasActivationRequired" in r.table.column_names
            and pc.any(r.table.column("HasActivationRequired")).as_py()
            for r in (sets, groups)
        )
        if not needed:
            return
        activations = self._reader.read(cat.ACTIVATIONS)[0]
        yield activations
        if activations.table.num_rows:
            yield self._reader.read(cat.SESSIONS)[0]

    def _probe(
        self, query: Query, aggregates: Sequence[str], powerful: Sequence[str], reading: Reading
    ) -> Reading:
        """Whether any group aggregate of the org has stored rows of this kind (org-fixture 3.1).

        Rows already read answer most orgs; only otherwise one more question is asked.
        """
        name = cat.aggregates_of(query)
        schema = pa.schema([("ParentId", pa.string())])
        capability = Capability.GRANTS
        parents = set(stored(reading.table).column("ParentId").unique().to_pylist())
        found = [a for a in aggregates if a in parents][:1]
        if found or not aggregates:
            table = pa.table({"ParentId": found}, schema=schema)
            note = "Seen among the rows read." if found else ""
            return Reading(name, capability, table, None, None, query.sobject, note)
        columns = tuple(c for c in query.columns if c.name in {"Id", *query.key})
        probe = replace(query, name=name, columns=columns)
        # One row settles it, except where Modify All Data makes up rows among which a stored one could hide.
        plain = chunks([a for a in aggregates if a not in powerful], NAMES_PER_QUERY)
        asked = [(c, " LIMIT 1", 1) for c in plain] + [(c, "", 0) for c in chunks(powerful, NAMES_PER_QUERY)]
        for chunk, tail, limit in asked:
            where = format_soql("ParentId IN {names}", names=list(chunk)) + tail
            answer, _ = self._reader.read(probe, where, limit=limit)
            rows = stored(answer.table)
            if rows.num_rows:
                table = pa.table({"ParentId": rows.column("ParentId").to_pylist()[:1]}, schema=schema)
                return Reading(name, capability, table, None, None, query.sobject)
            if answer.unread is not None:
                unread = remedied(answer.unread, query.remedy)
                return Reading.missing(name, capability, schema, unread, query.sobject)
        return Reading(name, capability, schema.empty_table(), None, None, query.sobject)

    def _setup_access(self, objects: Sequence[str], snapshot: Snapshot) -> Reading:
        """Who was given a custom setting (salesforce O7); nothing is asked where none is in scope."""
        return self._reader.listed(cat.SETUP_ACCESS, setting_ids(objects, snapshot))

    # -- retention

    def _retention(self, plan: Plan, snapshot: Snapshot) -> list[Reading]:
        objects = [policy.object for policy, _ in plan.retention]
        counter = RetentionCounts(self._client, snapshot, objects, self._watch)
        for policy, cutoff in plan.retention:
            counter.count(policy, cutoff, plan.sample)
        return counter.readings()


def _tied_to_a_licence(sets: pa.Table) -> bool:
    """Whether a permission set hangs on a permission set licence, whose state then matters (salesforce A7)."""
    ids = sets.column("LicenseId").drop_null()
    return bool(pc.any(pc.starts_with(ids, "0PL")).as_py())


def beside(snapshot: Snapshot, objects: Sequence[str]) -> list[str]:
    """Untagged objects whose reach is told as well: all of a small org, otherwise only activities.

    Tasks and events hold free text about whomever they hang on (salesforce 3.5, R8).
    """
    known = snapshot.table("sobjects")
    names = known.column("name").to_pylist() if known.num_rows and objects else []
    others = [name for name in names if name not in objects and not name.endswith(_UNCOUNTED)]
    return others if len(others) <= FEW_OBJECTS else [name for name in others if name in ACTIVITIES]


def _where(table: pa.Table, column: str, test: Any) -> list[str]:
    ids: list[str] = table.filter(test(table.column(column))).column("Id").to_pylist()
    return sorted(ids)


def _of_fields(*readings: Reading) -> Snapshot:
    """The readings of fields as a snapshot, for the pure half to look at."""
    manifest = Manifest("", "", "", "", datetime.min.replace(tzinfo=UTC), "", "")
    return Snapshot(manifest, {r.name: r for r in readings})


def _computing(particles: Reading, *, calculated: bool = False) -> set[str]:
    """The objects with custom computed fields.

    Person-account forms and the platform's own computed fields carry nothing of their own.
    """
    return {
        str(r["EntityDefinition.QualifiedApiName"])
        for r in particles.table.to_pylist()
        if str(r["QualifiedApiName"]).endswith("__c") and (not calculated or r["IsCalculated"])
    }


def _carriers(readings: Sequence[Reading], tagged: Sequence[str]) -> set[str]:
    """The objects of tagged fields, of fields computed from them over any number of steps, and of their originals."""
    steps = lineage(_of_fields(*readings)).steps
    reached, before = set(tagged), 0
    while len(reached) > before:
        before = len(reached)
        reached |= {step.carrier for step in steps if step.source in reached}
    reached |= {step.source for step in steps if step.same and step.carrier in reached}
    return {name.partition(".")[0] for name in reached}


def _only(reading: Reading, names: Sequence[str], beside: Sequence[str]) -> Reading:
    """A reading without rows of objects that turned out to be beside the point.

    Fields of the objects `beside` stay, since twins of tagged fields are looked up among them; and how these are
    computed stays with them, since a computed field of which nothing is known could show anything.
    """
    if reading.name == cat.PASSED_PARTICLES.name:
        return reading
    owner = "EntityDefinition.QualifiedApiName" if reading.name == cat.PARTICLES.name else "object"
    kept = names if reading.name == cat.DESCRIBE else [*names, *beside]
    rows = pc.is_in(reading.table.column(owner), pa.array(kept, pa.string()))
    return replace(reading, table=reading.table.filter(rows))


def _with(reading: Reading, more: Reading) -> Reading:
    """Two parts of one reading."""
    table = pa.concat_tables([reading.table, more.table])
    note = " ".join(n for n in (reading.note, more.note) if n)
    return replace(reading, table=table, unread=reading.unread or more.unread, note=note)


def _with_hidden(users: Reading, assignments: Reading, through: Set[str]) -> Reading:
    """The users, incomplete if somebody is named elsewhere and not among them.

    A platform that hides users from this credential does so without a word; only assignments, and the dashboards,
    tokens and apps that show data as somebody, tell.
    """
    shown = {to18(user) for user in users.table.column("Id").to_pylist()}
    holders = {to18(a) for a in assignments.table.column("AssigneeId").to_pylist() if a}
    if users.unread is not None or not (holders | through) - shown:
        return users
    parts = [
        f"{several(len(ids), 'account')} {what}"
        for ids, what in (
            (holders - shown, "with permission sets"),
            (through - holders - shown, "as which dashboards, tokens or apps show data"),
        )
        if ids
    ]
    detail = f"User: {' and '.join(parts)} not among those shown."
    return replace(users, unread=Unread(Why.FORBIDDEN, detail, cat.USERS.remedy))


def _scannable(sobjects: Iterable[Mapping[str, Any]], scope: Scope) -> Iterator[str]:
    """Objects whose records people work with: no history, share or feed tables, no metadata types.

    Objects without a layout are setup, except children such as CaseComment, whose access follows a parent.
    """
    for entry in sobjects:
        name = str(entry["name"])
        if (
            entry.get("associateEntityType")
            or entry.get("deprecatedAndHidden")
            or not entry.get("queryable", True)
        ):
            continue
        if name.endswith(_SKIPPED) or not (entry.get("createable", True) or entry.get("custom")):
            continue
        shown = entry.get("layoutable", True) or entry.get("customSetting") or name in PARENTS
        if not shown:
            continue
        if any(fnmatch.fnmatchcase(name, p) for p in scope.include) and not any(
            fnmatch.fnmatchcase(name, p) for p in scope.exclude
        ):
            yield name


def _policy_record(policy: RetentionPolicy, cutoff: datetime) -> dict[str, object]:
    return {
        "id": policy.id,
        "object": policy.object,
        "anchor": policy.anchor,
        "fallback": policy.fallback,
        "cutoff": iso(cutoff),
    }
