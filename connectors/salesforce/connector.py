"""Catalogue + client → snapshot: read the schema, then the grants of the objects that the tags give."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
from connectors.salesforce.catalogue import Api, Query
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.gates import PARENTS

NAMES_PER_QUERY = 100
"""So many names fit into one IN list without pushing the address past 16,384 bytes (salesforce 2.1)."""

CATALOGUE_LIMIT = 2000
"""Catalogue objects know no second page (salesforce 2.9)."""

_SKIPPED = (
    "__mdt",
    "__e",
    "__x",
    "__b",
    "__kav",
    "__ka",
    "__Feed",
    "__History",
    "__Share",
    "__Tag",
    "__ChangeEvent",
)


class Salesforce:
    """One Salesforce org as a `Connector`."""

    platform = "salesforce"

    def __init__(
        self, client: Client, *, target: str, taken_at: datetime, tool_version: str, watch: Watch = unwatched
    ) -> None:
        self._client = client
        self._target = target
        self._taken_at = taken_at
        self._tool_version = tool_version
        self._watch = watch
        self._described: dict[str, list[dict[str, Any]]] = {}

    def schema(self, scope: Scope) -> Snapshot:
        """Identity, credential and schema of the objects in scope.

        Raises AuthenticationFailed or CollectionError when nothing can be read at all.
        """
        organization = self._identity()
        row = organization.table.to_pylist()[0] if organization.table.num_rows else {}
        readings = [organization, *self._credential()]
        names, listing = self._names(scope)
        if listing is not None:
            readings.append(listing)
        readings += [
            self._each(cat.ENTITIES, names),
            self._each(cat.PARTICLES, names),
            self._definitions(names),
            self._describes(names),
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
        for reading in (
            *self._people(),
            *self._grants(plan.objects, snapshot),
            *self._retention(plan, snapshot),
        ):
            readings[reading.name] = reading
        readings[cat.USERS.name] = _with_hidden(readings[cat.USERS.name], readings[cat.ASSIGNMENTS.name])
        manifest = replace(
            snapshot.manifest,
            objects=tuple(sorted(plan.objects)),
            tag_digest=plan.tag_digest,
            retention=tuple(_policy_record(p, cutoff) for p, cutoff in plan.retention),
        )
        return Snapshot(manifest, readings)

    # -- identity and credential

    _user = ""

    def _identity(self) -> Reading:
        reading, refused = self._read(cat.ORGANIZATION)
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
        yield self._read(cat.OWN_PERMISSIONS)[0]
        try:
            self._user = self._client.user_id()
        except Refused as refused:
            yield self._refused(cat.OWN_OBJECT_RIGHTS, refused.unread)
            return
        where = format_soql(cat.OWN_OBJECT_RIGHTS.where, user=self._user)
        yield self._read(cat.OWN_OBJECT_RIGHTS, where)[0]

    # -- schema

    def _names(self, scope: Scope) -> tuple[list[str], Reading | None]:
        """The objects whose schema is read; with decided tags they are known and nothing is listed."""
        if scope.objects is not None:
            return sorted(set(scope.objects)), None
        schema = pa.schema([("name", pa.string())])
        try:
            answer = self._client.get("sobjects")
            names = sorted(_scannable(answer["sobjects"], scope))
        except Refused as refused:
            unread = _remedied(refused.unread, cat.ORGANIZATION.remedy)
            return [], Reading.missing("sobjects", Capability.SCHEMA, schema, unread, "sobjects")
        except (KeyError, TypeError, AttributeError):
            unread = Unread(Why.FAILED, "sobjects: the answer was not a list of objects.")
            return [], Reading.missing("sobjects", Capability.SCHEMA, schema, unread, "sobjects")
        table = pa.table({"name": names}, schema=schema)
        return names, Reading("sobjects", Capability.SCHEMA, table, None, len(names), "sobjects")

    def _each(self, query: Query, names: Sequence[str]) -> Reading:
        """A catalogue query over many objects: chunks of names, paged by DurableId, never by queryMore."""
        tables, unread = [], None
        for chunk in chunks(names, NAMES_PER_QUERY):
            after = ""
            while True:
                where = format_soql(query.where, names=list(chunk))
                if after:
                    where += format_soql(" AND DurableId > {after}", after=after)
                reading, _ = self._read(
                    query, f"{where} ORDER BY DurableId LIMIT {CATALOGUE_LIMIT}", limit=CATALOGUE_LIMIT
                )
                tables.append(reading.table)
                if reading.unread is not None:
                    unread = reading.unread
                    break
                if reading.table.num_rows < CATALOGUE_LIMIT:
                    break
                following = reading.table.column("DurableId")[-1].as_py()
                if following <= after:
                    unread = Unread(Why.TRUNCATED, f"{query.sobject}: a second page repeated the first.")
                    break
                after = following
        return self._joined(query, tables, unread)

    def _definitions(self, names: Sequence[str]) -> Reading:
        """FieldDefinition wants one object per query (salesforce 2.9)."""
        tables, unread = [], None
        for name in names:
            reading, refused = self._read(cat.DEFINITIONS, format_soql(cat.DEFINITIONS.where, name=name))
            tables.append(reading.table)
            unread = unread or (refused.unread if refused else reading.unread)
        return self._joined(cat.DEFINITIONS, tables, unread)

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
            described = self._describe_of("ObjectPermissions")
        except Refused as refused:
            reason = _remedied(refused.unread, cat.OBJECT_PERMISSIONS.remedy)
            return Reading.missing(
                cat.SECURABLE_OBJECTS, Capability.GRANTS, cat.SECURABLE_SCHEMA, reason, source
            )
        names = next((f["picklistValues"] for f in described if f["name"] == "SobjectType"), None)
        table = pa.table({"SobjectType": names or []}, schema=cat.SECURABLE_SCHEMA)
        unread = None
        if names is None:
            unread = Unread(Why.FAILED, "ObjectPermissions: describe does not show SobjectType.")
        return Reading(cat.SECURABLE_OBJECTS, Capability.GRANTS, table, unread, None, source)

    def _describe_of(self, sobject: str) -> list[dict[str, Any]]:
        """The fields of a setup object, asked for once."""
        if sobject not in self._described:
            answer = self._client.get(f"sobjects/{sobject}/describe")
            try:
                self._described[sobject] = described_fields(sobject, answer)
            except (KeyError, TypeError, AttributeError):
                raise Refused(
                    Unread(Why.FAILED, f"describe of {sobject}: the answer was not a describe.")
                ) from None
        return self._described[sobject]

    # -- people and grants

    def _people(self) -> Iterator[Reading]:
        for query in (cat.USERS, cat.USER_LOGINS, cat.ROLES, cat.PROFILES, cat.LICENCES, cat.SET_LICENCES):
            yield self._read(query)[0]

    def _grants(self, objects: Sequence[str], snapshot: Snapshot) -> Iterator[Reading]:
        sets = self._read(cat.PERMISSION_SETS)[0]
        groups = self._read(cat.GROUPS)[0]
        yield from (sets, groups, self._read(cat.COMPONENTS)[0])
        mutes = self._read(cat.MUTING_SETS)[0]
        yield mutes
        yield self._read(cat.ASSIGNMENTS)[0]
        yield from self._activations(sets, groups)

        aggregates = _where(sets.table, "PermissionSetGroupId", pc.is_valid)
        modifying = _where(sets.table, "PermissionsModifyAllData", partial(pc.fill_null, fill_value=False))
        made_up = {cat.OBJECT_PERMISSIONS.name: [a for a in aggregates if a in modifying]}
        muting = mutes.table.column("Id").to_pylist()
        for query, mute_query in (
            (cat.OBJECT_PERMISSIONS, cat.OBJECT_MUTES),
            (cat.FIELD_PERMISSIONS, cat.FIELD_MUTES),
        ):
            reading = self._listed(query, sorted(objects))
            yield reading
            yield self._listed(mute_query, muting)
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
        activations = self._read(cat.ACTIVATIONS)[0]
        yield activations
        if activations.table.num_rows:
            yield self._read(cat.SESSIONS)[0]

    def _listed(self, query: Query, names: Sequence[str]) -> Reading:
        """A permission query over a list of names, in chunks."""
        tables, unread, expected, notes = [], None, 0, []
        for chunk in chunks(names, NAMES_PER_QUERY):
            reading, _ = self._read(query, format_soql(query.where, names=list(chunk)))
            tables.append(reading.table)
            expected += reading.expected or 0
            unread = unread or reading.unread
            notes.append(reading.note)
        joined = self._joined(query, tables, unread)
        return replace(joined, expected=expected, note=" ".join(dict.fromkeys(n for n in notes if n)))

    def _probe(
        self, query: Query, aggregates: Sequence[str], powerful: Sequence[str], reading: Reading
    ) -> Reading:
        """Whether any group aggregate of the org has stored rows of this kind (org-fixture 3.1).

        Rows already read answer most orgs; only otherwise one more question is asked.
        """
        name = cat.aggregates_of(query)
        schema = pa.schema([("ParentId", pa.string())])
        capability = Capability.GRANTS
        parents = set(_stored(reading.table).column("ParentId").unique().to_pylist())
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
            answer, _ = self._read(probe, where, limit=limit)
            rows = _stored(answer.table)
            if rows.num_rows:
                table = pa.table({"ParentId": rows.column("ParentId").to_pylist()[:1]}, schema=schema)
                return Reading(name, capability, table, None, None, query.sobject)
            if answer.unread is not None:
                unread = _remedied(answer.unread, query.remedy)
                return Reading.missing(name, capability, schema, unread, query.sobject)
        return Reading(name, capability, schema.empty_table(), None, None, query.sobject)

    def _setup_access(self, objects: Sequence[str], snapshot: Snapshot) -> Reading:
        """Who was given a custom setting (salesforce O7); nothing is asked where none is in scope."""
        return self._listed(cat.SETUP_ACCESS, setting_ids(objects, snapshot))

    # -- retention

    def _retention(self, plan: Plan, snapshot: Snapshot) -> list[Reading]:
        counter = _Retention(self._client, snapshot, self._watch)
        for policy, cutoff in plan.retention:
            counter.count(policy, cutoff, plan.sample)
        return counter.readings()

    # -- one query

    def _read(self, query: Query, where: str = "", *, limit: int = 0) -> tuple[Reading, Refused | None]:
        """Ask one query, all pages, and reconcile rows with the server's total.

        A mismatch or a lost cursor is asked once more from the start and then stands as truncated, with the rows
        that came. Where the platform documents hidden rows (salesforce 3.2, Q6), two equal readings that both
        end properly count as complete, and the note says so. With `limit`, a full page is not reconciled.
        """
        try:
            columns = self._columns(query)
        except Refused as refused:
            return self._refused(query, refused.unread), refused
        first, refusal = self._once(query, columns, where)
        if _settled(first, refusal, limit):
            return first, refusal
        second, refusal = self._once(query, columns, where)
        if refusal is not None or _settled(second, refusal, limit):
            return second, refusal
        rows, expected = second.table.num_rows, second.expected or 0
        if query.hides_rows and expected > rows and _same_rows(first.table, second.table, query.key):
            note = f"{expected - rows:,} rows counted by the platform are shown to nobody (salesforce Q6)."
            return replace(second, note=note), None
        detail = f"{query.sobject}: {rows:,} of {expected:,} rows arrived."
        return replace(second, unread=Unread(Why.TRUNCATED, detail, "Run again.")), None

    def _once(
        self, query: Query, columns: tuple[cat.Column, ...], where: str
    ) -> tuple[Reading, Refused | None]:
        """One attempt at all pages; columns the platform does not know are left out if they may be missing."""
        left_out: set[str] = set()
        while True:
            asked = tuple(c for c in columns if c.name not in left_out)
            if not asked:
                return self._joined(query, [], None, 0), None
            tables, total, refusal = self._pull(query, asked, where)
            unknown = refusal.column if refusal else ""
            if not any(c.name == unknown and (c.optional or c.hideable) for c in asked):
                break
            left_out.add(unknown)
        hidden = [c.name for c in columns if c.hideable and c.name in left_out]
        unread = refusal.unread if refusal else None
        unread = unread or hidden_columns(query, hidden)
        return self._joined(query, tables, unread, total), refusal

    def _pull(
        self, query: Query, asked: tuple[cat.Column, ...], where: str
    ) -> tuple[list[pa.Table], int, Refused | None]:
        """The pages that came, the total the server promised, and what cut the pull short, if anything did."""
        tables: list[pa.Table] = []
        rows = total = 0
        try:
            for page in self._client.pages(_soql(query, asked, where), query.api):
                tables.append(_table(page.records, asked, query.schema))
                total, rows = page.total, rows + len(page.records)
                self._watch(Step(query.name, rows, total, self._client.calls))
        except Refused as refused:
            return tables, total, refused
        except (KeyError, TypeError, AttributeError, ValueError, pa.ArrowException):
            detail = f"{query.sobject}: a row does not have the columns that were asked for."
            return tables, total, Refused(Unread(Why.FAILED, detail))
        return tables, total, None

    def _columns(self, query: Query) -> tuple[cat.Column, ...]:
        """The columns to ask for: optional ones only as far as describe knows them (salesforce trap 15)."""
        if not query.described:
            return query.columns
        known = {f["name"] for f in self._describe_of(query.sobject)}
        return tuple(c for c in query.columns if not c.optional or c.name in known)

    def _refused(self, query: Query, unread: Unread) -> Reading:
        unread = _remedied(unread, query.remedy)
        return Reading.missing(query.name, query.capability, query.schema, unread, _source(query))

    def _joined(
        self, query: Query, tables: Sequence[pa.Table], unread: Unread | None, expected: int | None = None
    ) -> Reading:
        """One table of all pages; a row that came twice is kept once, so that it cannot hide a lost one."""
        table = (
            pa.concat_tables([t.unify_dictionaries() for t in tables])
            if tables
            else query.schema.empty_table()
        )
        table = _without_repeats(table.unify_dictionaries(), query.key)
        if unread is not None:
            unread = _remedied(unread, query.remedy)
        return Reading(query.name, query.capability, table, unread, expected, _source(query))


def _settled(reading: Reading, refusal: Refused | None, limit: int) -> bool:
    """Whether there is nothing to gain from asking again."""
    if refusal is not None:
        return refusal.code != "INVALID_QUERY_LOCATOR"
    rows = reading.table.num_rows
    return rows == reading.expected or (limit > 0 and rows >= limit)


def hidden_columns(query: Query, names: Sequence[str]) -> Unread | None:
    """Why a reading is not whole when these columns of it are hidden from this user."""
    if not names:
        return None
    return Unread(Why.FORBIDDEN, f"{query.sobject}: {', '.join(names)} hidden.", query.remedy)


def _remedied(unread: Unread, remedy: str) -> Unread:
    """With a remedy, unless it has a better one."""
    return unread if unread.remedy else replace(unread, remedy=remedy)


def _stored(table: pa.Table) -> pa.Table:
    """Rows that are stored: Modify All Data makes up others, with ids from 000 (salesforce 3.2)."""
    return table.filter(pc.invert(pc.starts_with(table.column("Id"), "000")))


def _source(query: Query) -> str:
    return f"{query.api.value}: {query.sobject}"


def _soql(query: Query, columns: Iterable[cat.Column], where: str) -> str:
    names = ", ".join(c.name for c in columns)
    tail = (
        f" WHERE {where}"
        if where and not where.startswith(("ORDER BY", "LIMIT"))
        else f" {where}"
        if where
        else ""
    )
    return f"SELECT {names} FROM {query.sobject}{tail}"


def _table(records: Sequence[Mapping[str, Any]], asked: Iterable[cat.Column], schema: pa.Schema) -> pa.Table:
    """One page as columns; what was not asked for is null."""
    present = {c.name: c for c in asked}
    arrays = []
    for column in schema:
        if column.name not in present:
            arrays.append(pa.nulls(len(records), column.type))
            continue
        parts = column.name.split(".")
        values = (
            [_at(record, parts) for record in records]
            if len(parts) > 1
            else [r[column.name] for r in records]
        )
        if pa.types.is_dictionary(column.type):
            arrays.append(pa.array(values, pa.string()).dictionary_encode().cast(column.type))
        else:
            arrays.append(pa.array(values, column.type))
    return pa.table(arrays, schema=schema)


def _at(record: Mapping[str, Any], parts: Sequence[str]) -> Any:
    value: Any = record
    for part in parts:
        value = value[part] if value is not None else None
    return value


def _without_repeats(table: pa.Table, key: Sequence[str]) -> pa.Table:
    if not key or table.num_rows < 2:
        return table
    plain = pa.table({k: table.column(k).cast(pa.string()) for k in key})
    numbered = plain.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    kept = numbered.group_by(list(key)).aggregate([("row", "min")]).column("row_min")
    return table if len(kept) == table.num_rows else table.take(kept.sort())


def _same_rows(one: pa.Table, other: pa.Table, key: Sequence[str]) -> bool:
    def keys(table: pa.Table) -> set[tuple[Any, ...]]:
        return set(zip(*(table.column(k).to_pylist() for k in key), strict=True))

    return keys(one) == keys(other)


def _where(table: pa.Table, column: str, test: Any) -> list[str]:
    ids: list[str] = table.filter(test(table.column(column))).column("Id").to_pylist()
    return sorted(ids)


def setting_ids(objects: Sequence[str], snapshot: Snapshot) -> list[str]:
    """The ids of the custom settings among these objects, in both lengths."""
    ids = [
        r["DurableId"]
        for r in snapshot.table(cat.ENTITIES.name).to_pylist()
        if r["IsCustomSetting"] and r["QualifiedApiName"] in objects and r["DurableId"]
    ]
    return sorted({i for full in ids for i in (full, full[:15], to18(full))})


def chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The names in order, so many at a time."""
    for at in range(0, len(names), size):
        yield names[at : at + size]


def _with_hidden(users: Reading, assignments: Reading) -> Reading:
    """The users, incomplete if somebody holds a permission set and is not among them.

    A platform that hides users from this credential does so without a word; only their assignments tell.
    """
    shown = {to18(user) for user in users.table.column("Id").to_pylist()}
    holders = {to18(a) for a in assignments.table.column("AssigneeId").to_pylist() if a}
    hidden = len(holders - shown)
    if users.unread is not None or not hidden:
        return users
    detail = f"User: {several(hidden, 'account')} with permission sets not among those shown."
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


def described_fields(name: str, answer: Any) -> list[dict[str, Any]]:
    """The parts of a describe we keep; attributes that an older cache or API lacks are null."""
    label = answer.get("label")
    rows = []
    for field in answer["fields"]:
        if not field.get("name"):
            continue
        values = [v["value"] for v in field.get("picklistValues") or [] if v.get("value") is not None]
        row = {c.name: field.get(c.name) for c in cat.DESCRIBE_SCHEMA}
        rows.append({**row, "object": name, "object_label": label, "picklistValues": values})
    return rows


def _policy_record(policy: RetentionPolicy, cutoff: datetime) -> dict[str, object]:
    return {
        "id": policy.id,
        "object": policy.object,
        "anchor": policy.anchor,
        "fallback": policy.fallback,
        "cutoff": iso(cutoff),
    }


def iso(moment: datetime) -> str:
    """An absolute UTC literal, as SOQL and the manifest write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Place:
    """One place where overdue records are: which resource answers, and its filter."""

    name: str
    api: Api
    where: str


_ARCHIVING = frozenset({"Task", "Event"})
_PLACES = (Place("live", Api.QUERY, ""), Place("recycle_bin", Api.QUERY_ALL, "IsDeleted = true"))
_ARCHIVE = Place("archived", Api.QUERY_ALL, "IsArchived = true AND IsDeleted = false")


def places(name: str) -> tuple[Place, ...]:
    """Where records of this object can be; only activities are archived."""
    return (*_PLACES, _ARCHIVE) if name in _ARCHIVING else _PLACES


class _Retention:
    """Counts past absolute cut-offs, at the server: counts, dates and a few ids, never a value (salesforce 6.2)."""

    def __init__(self, client: Client, snapshot: Snapshot, watch: Watch) -> None:
        self._client = client
        self._watch = watch
        self._date_only = {
            f"{r['EntityDefinition.QualifiedApiName']}.{r['QualifiedApiName']}"
            for r in snapshot.table(cat.PARTICLES.name).to_pylist()
            if r["DataType"] == "date"
        } | {
            f"{r['object']}.{r['name']}"
            for r in snapshot.table(cat.DESCRIBE).to_pylist()
            if r["type"] == "date"
        }
        self._known = {
            f"{r['EntityDefinition.QualifiedApiName']}.{r['QualifiedApiName']}"
            for r in snapshot.table(cat.PARTICLES.name).to_pylist()
        }
        self._rows: list[dict[str, Any]] = []
        self._months: list[dict[str, Any]] = []
        self._samples: list[dict[str, Any]] = []
        self._sight: dict[str, dict[str, Any]] = {}
        self._unread: Unread | None = None
        self._unread_parts: dict[str, Unread] = {}

    def count(self, policy: RetentionPolicy, cutoff: datetime, sample: int) -> None:
        """Count one policy's overdue records in each place, by month, with a bounded sample of ids."""
        dated = self._before(policy, policy.anchor, cutoff)
        conditions = [(policy.anchor, dated)]
        if policy.fallback:
            missing = f"{policy.anchor} = null AND {self._before(policy, policy.fallback, cutoff)}"
            conditions.append((policy.fallback, missing))
        counted = [
            self._count(policy, cutoff, place, anchor, condition)
            for place in places(policy.object)
            for anchor, condition in conditions
        ]
        if not all(counted):
            return  # months and samples of what could not be counted would only repeat the refusal
        self._by_month(policy, dated)
        self._sample(policy, " OR ".join(f"({c})" for _, c in conditions), sample)
        self._see(policy.object)

    def _before(self, policy: RetentionPolicy, field: str, cutoff: datetime) -> str:
        """`field < cutoff`; a date counts as midnight UTC, so part of a day still includes that day's date."""
        if f"{policy.object}.{field}" in self._date_only:
            utc = cutoff.astimezone(UTC)
            day = utc.date() if (utc.hour, utc.minute, utc.second, utc.microsecond) == (0, 0, 0, 0) else None
            day = day or utc.date() + timedelta(days=1)
            return f"{field} < {day.isoformat()}"
        return f"{field} < {iso(cutoff)}"

    def _count(
        self, policy: RetentionPolicy, cutoff: datetime, place: Place, anchor: str, condition: str
    ) -> bool:
        where = f"{condition} AND {place.where}" if place.where else condition
        soql = f"SELECT COUNT(Id) n, MIN({anchor}) oldest, MAX({anchor}) newest FROM {policy.object} WHERE {where}"
        row = self._one(soql, place.api)
        if row is None:
            return False
        self._rows.append(
            {
                "policy": policy.id,
                "object": policy.object,
                "anchor": anchor,
                "fallback": policy.fallback,
                "cutoff": iso(cutoff),
                "place": place.name,
                "count": row.get("n"),
                "oldest": row.get("oldest"),
                "newest": row.get("newest"),
                "query": soql,
            }
        )
        self._watch(Step(cat.RETENTION, len(self._rows), None, self._client.calls))
        return True

    def _by_month(self, policy: RetentionPolicy, condition: str) -> None:
        year, month = f"CALENDAR_YEAR({policy.anchor})", f"CALENDAR_MONTH({policy.anchor})"
        soql = (
            f"SELECT {year} y, {month} m, COUNT(Id) n FROM {policy.object} WHERE {condition} "
            f"GROUP BY {year}, {month}"
        )
        try:
            for row in self._all(soql, Api.QUERY):
                self._months.append(
                    {"policy": policy.id, "month": f"{row['y']:04d}-{row['m']:02d}", "count": row["n"]}
                )
        except (KeyError, TypeError, ValueError):
            self._miss(cat.RETENTION_MONTHS, Unread(Why.FAILED, f"{policy.object}: months were not counted."))
        except Refused as refused:
            unread = refused.unread
            if refused.code == "MALFORMED_QUERY":
                unread = Unread(
                    Why.NOT_EXPOSED, f"{policy.object}: the platform does not count by month here."
                )
            self._miss(cat.RETENTION_MONTHS, unread)

    def _sample(self, policy: RetentionPolicy, condition: str, sample: int) -> None:
        if not sample:
            return
        soql = f"SELECT Id FROM {policy.object} WHERE {condition} ORDER BY Id LIMIT {sample}"
        try:
            rows = self._all(soql, Api.QUERY)
            self._samples += [{"policy": policy.id, "id": str(row["Id"])} for row in rows]
        except (KeyError, TypeError):
            self._miss(cat.RETENTION_SAMPLE, Unread(Why.FAILED, f"{policy.object}: the sample had no ids."))
        except Refused as refused:
            self._miss(cat.RETENTION_SAMPLE, refused.unread)

    def _see(self, name: str) -> None:
        """Compare the records this user can see with the platform's own record count."""
        if name in self._sight:
            return
        row: dict[str, Any] = {"object": name, "visible": None, "recorded": None}
        try:
            answer = self._client.get("limits/recordCount", {"sObjects": name})
            counts = {str(r["name"]): int(r["count"]) for r in answer["sObjects"]}
            row["recorded"] = counts.get(name)
            visible = self._one(f"SELECT COUNT(Id) n FROM {name}", Api.QUERY)
            row["visible"] = visible.get("n") if visible else None
        except Refused as refused:
            self._miss(cat.RETENTION_SIGHT, refused.unread)
        except (KeyError, TypeError, ValueError):
            self._miss(cat.RETENTION_SIGHT, Unread(Why.FAILED, "limits/recordCount: not a list of counts."))
        self._sight[name] = row

    def _one(self, soql: str, api: Api) -> dict[str, Any] | None:
        try:
            rows = self._all(soql, api)
            if len(rows) == 1 and isinstance(rows[0].get("n"), int):
                return rows[0]
            self._unread = Unread(Why.FAILED, "A count did not come back as one row.")
        except Refused as refused:
            self._unread = refused.unread
        except AttributeError:
            self._unread = Unread(Why.FAILED, "A count did not come back as one row.")
        return None

    def _all(self, soql: str, api: Api) -> list[dict[str, Any]]:
        return [row for page in self._client.pages(soql, api) for row in page.records]

    def _miss(self, name: str, unread: Unread) -> None:
        self._unread_parts.setdefault(name, unread)

    def readings(self) -> list[Reading]:
        """What was counted, as readings; nothing at all when no policy was given."""
        tables = (
            (cat.RETENTION, cat.RETENTION_SCHEMA, self._rows),
            (cat.RETENTION_MONTHS, cat.RETENTION_MONTHS_SCHEMA, self._months),
            (cat.RETENTION_SAMPLE, cat.RETENTION_SAMPLE_SCHEMA, self._samples),
            (cat.RETENTION_SIGHT, cat.RETENTION_SIGHT_SCHEMA, list(self._sight.values())),
        )
        found = []
        for name, schema, rows in tables:
            unread = self._unread if name == cat.RETENTION else self._unread_parts.get(name)
            if unread is not None:
                unread = _remedied(unread, cat.RETENTION_REMEDY)
            table = pa.Table.from_pylist(rows, schema=schema)
            found.append(Reading(name, Capability.RETENTION, table, unread, None, "query, queryAll: COUNT"))
        return found
