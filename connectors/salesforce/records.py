"""Whose records there are and to whom they are shared: ids only, never a value of a record (salesforce R1 to R9).

Asked level by level: the objects in question first, then the parents their records follow. What everybody reaches is
only counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from simple_salesforce import format_soql

from auditor.snapshot import Capability, Reading, Snapshot, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api, Column, Query
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.ids import to18
from connectors.salesforce.reading import Reader, chunks, remedied
from connectors.salesforce.semantics.sharing import (
    PUBLIC,
    audience,
    by_parent,
    parent_fields,
    share_names,
)

RECORD_LIMIT = 50_000
"""So many records of one object are listed at most; of more, only counts are asked for."""

SHARE_LIMIT = 200_000
"""So many share rows of one object are listed at most."""

SIGN_LIMIT = 2_000
"""The same bound where little depends on it: one page.

It holds for objects that are looked at only because a restriction rule names them, and where nobody but the platform's
own users would make a difference.
"""

SYSTEM_USERS = frozenset({"AutomatedProcess", "CloudIntegrationUser"})

GROUP_LIMIT = 2_000
"""Aggregates cannot be paged (salesforce 2.4)."""

RULES_SINCE = 52.0
"""The first API version with RestrictionRule."""

IDLE_PARENTS = 10
"""Of so many objects at which lookups could point, and do not, rights over all records are still asked for."""

NAMES_PER_COUNT = 100

ROWS_PER_PAGE = 2_000

_NAME = re.compile(r"[A-Za-z]\w*")
"""What may stand in a query as the name of an object, whoever named it."""

_S = pa.string()


@dataclass(slots=True)
class _Source:
    """One object whose records count, as the reading `record sources` has it."""

    name: str
    asked: bool
    limit: int
    prefix: str = ""
    internal: str | None = None
    external: str | None = None
    masters: tuple[str, ...] = ()
    follows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    owned: bool = True
    listing: str = "none"
    total: int | None = None
    recorded: int | None = None
    shares: str = "none"
    problem: str = ""

    def row(self) -> dict[str, Any]:
        """As a row of the reading."""
        return {
            "object": self.name,
            "asked": self.asked or self.listing in {"rows", "count"},  # parents on the way are answered too
            "prefix": self.prefix,
            "internal": self.internal,
            "external": self.external,
            "master": bool(self.masters),
            "follows": [{"field": f, "targets": list(targets)} for f, targets in self.follows],
            "listing": self.listing,
            "total": self.total,
            "recorded": self.recorded,
            "shares": self.shares,
            "problem": self.problem,
        }


@dataclass(slots=True)
class _Rows:
    """The rows of one table that several objects share, and the first thing that kept some of them away."""

    schema: pa.Schema
    tables: list[pa.Table] = field(default_factory=list)
    unread: Unread | None = None

    def add(self, columns: Mapping[str, Any]) -> None:
        """Append rows given as columns."""
        arrays = []
        for one in self.schema:
            values = columns[one.name]
            if isinstance(values, pa.ChunkedArray):
                values = values.combine_chunks()
            if not isinstance(values, pa.Array):
                values = pa.array(values, _S if pa.types.is_dictionary(one.type) else one.type)
            arrays.append(values.dictionary_encode() if pa.types.is_dictionary(one.type) else values)
        self.tables.append(pa.table(arrays, schema=self.schema))

    def miss(self, unread: Unread) -> None:
        """Note why something is missing; the first reason stands."""
        self.unread = self.unread or remedied(unread, cat.RECORD_REMEDY)

    def reading(self, name: str, source: str) -> Reading:
        """What came, as one reading."""
        table = (
            pa.concat_tables(self.tables).unify_dictionaries() if self.tables else self.schema.empty_table()
        )
        return Reading(name, Capability.REACH, table, self.unread, None, source)


class RecordReadings:
    """What has to be known to say who reaches which records of some objects."""

    def __init__(self, client: Client, reader: Reader, snapshot: Snapshot, users: Reading) -> None:
        self._client = client
        self._reader = reader
        self._entities = {
            str(r["QualifiedApiName"]): r for r in snapshot.table(cat.ENTITIES.name).to_pylist()
        }
        self._particles = _by_object(snapshot.table(cat.PARTICLES.name))
        self._definitions = _by_object(snapshot.table(cat.DEFINITIONS.name))
        active = [r["UserType"] for r in users.table.to_pylist() if r["IsActive"]]
        self._audiences = {audience(t) for t in active if t not in SYSTEM_USERS}
        self._every_audience = {audience(t) for t in active}
        if users.unread is not None:
            self._audiences = self._every_audience = {"internal", "external", "guest"}
        self._sources: dict[str, _Source] = {}
        self._others: dict[str, _Source] = {}
        self._unknown: set[str] = set()
        self._records = _Rows(cat.RECORDS_SCHEMA)
        self._shares = _Rows(cat.RECORD_SHARES_SCHEMA)
        self._missed: Unread | None = None

    @property
    def objects(self) -> tuple[str, ...]:
        """Every object whose records count: rights over all records of these have to be known too (salesforce R1).

        A few objects at which lookups could point are among them, although no record does: the word `all` asks for
        every possible parent. Where there are many, only rights over all data and public defaults can show it.
        """
        found = {s.name for s in self._sources.values() if s.listing != "none" or s.asked or s.problem}
        idle = self._others.keys() - self._sources.keys()
        return tuple(sorted(found | idle if len(idle) <= IDLE_PARENTS else found))

    def read(self, objects: Iterable[str], beside: Iterable[str] = ()) -> list[Reading]:
        """All readings about the records of these objects, and of those that a restriction rule names.

        Objects `beside` are looked at as far as one page goes.
        """
        rules = self._rules()
        named = {
            str(r["TargetEntity"]) for r in rules.table.to_pylist() if r["IsActive"] and r["TargetEntity"]
        }
        level = dict.fromkeys(sorted({*named, *beside}), SIGN_LIMIT) | dict.fromkeys(objects, RECORD_LIMIT)
        asked = True
        while level:
            level = self._level(level, asked=asked)
            asked = False
        rows = [s.row() for s in (self._others | self._sources).values()]
        table = pa.Table.from_pylist(rows, schema=cat.RECORD_SOURCES_SCHEMA)
        return [
            rules,
            Reading(
                cat.RECORD_SOURCES, Capability.REACH, table, self._missed, None, "tooling/query, query: COUNT"
            ),
            self._records.reading(cat.RECORDS, "query: Id, OwnerId and parents"),
            self._shares.reading(cat.RECORD_SHARES, "query: share tables"),
            *self._groups(),
        ]

    def _rules(self) -> Reading:
        """Restriction rules; older interfaces know none."""
        query = cat.RESTRICTION_RULES
        if float(self._client.api_version) < RULES_SINCE:
            note = f"The interface version {self._client.api_version} knows no restriction rules."
            return Reading(query.name, query.capability, query.schema.empty_table(), None, None, "", note)
        return self._reader.read(query)[0]

    # -- which objects

    def _level(self, level: Mapping[str, int], *, asked: bool) -> dict[str, int]:
        """Read some objects; the next level are the parents that their records follow."""
        self._know(level)
        found = [
            s for name, limit in level.items() if (s := self._source(name, limit, asked=asked)) is not None
        ]
        counted = [s for s in found if s.asked or not self._open(s)]
        self._recorded(counted)
        following: dict[str, int] = {}
        for source in counted:
            for parent in self._list(source):
                following[parent] = max(source.limit, following.get(parent, 0))
        known = self._sources.keys() | self._unknown
        return {name: limit for name, limit in following.items() if name not in known}

    def _know(self, names: Iterable[str]) -> None:
        """Read the schema of objects that are not tagged: sharing models, lookups, and which of them are masters."""
        self._know_entities(names)
        missing = sorted((set(names) & self._entities.keys()) - self._particles.keys())
        if missing:
            particles = self._reader.each(cat.PARTICLES, missing)
            self._miss(particles.unread)
            self._particles |= _by_object(particles.table)

    def _know_entities(self, names: Iterable[str]) -> None:
        missing = sorted(set(names) - self._entities.keys())
        if missing:
            entities = self._reader.each(cat.ENTITIES, missing)
            self._miss(entities.unread)
            self._entities |= {str(r["QualifiedApiName"]): r for r in entities.table.to_pylist()}
            self._unknown |= {name for name in missing if entities.unread is None} - self._entities.keys()

    def _source(self, name: str, limit: int, *, asked: bool) -> _Source | None:
        """What is known of one object before its records are.

        Custom settings have no records to reach, and of what the org does not have there is nothing to say.
        """
        entity = self._entities.get(name)
        if name in self._unknown or (entity is not None and entity["IsCustomSetting"]):
            return None
        source = self._sources[name] = _Source(name, asked, limit)
        if entity is None or not _NAME.fullmatch(name):
            source.problem = f"The sharing model of {name} could not be read."
            self._miss(Unread(Why.FORBIDDEN, source.problem))
            return source
        self._modelled(source, entity)
        if name not in self._particles:
            source.problem = f"The fields of {name} could not be read, nor which parents its records follow."
            self._miss(Unread(Why.FORBIDDEN, source.problem))
            return source
        lookups = {
            str(r["QualifiedApiName"]): tuple((r["ReferenceTo"] or {}).get("referenceTo") or ())
            for r in self._particles[name]
            if str(r["DataType"]).lower() == "reference"
        }
        source.owned = "OwnerId" in lookups
        source.masters = self._masters(name, lookups)
        fields = parent_fields(name, {source.internal, source.external}, source.masters, lookups)
        source.follows = tuple((f, lookups[f]) for f in fields)
        return source

    @staticmethod
    def _modelled(source: _Source, entity: Mapping[str, Any]) -> _Source:
        """With what EntityDefinition says of sharing."""
        source.prefix = entity["KeyPrefix"] or ""
        source.internal, source.external = entity["InternalSharingModel"], entity["ExternalSharingModel"]
        return source

    def _masters(self, name: str, lookups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """Master-detail fields: Setup's wording says so; only objects that can have one are asked about."""
        able = {
            str(r["QualifiedApiName"])
            for r in self._particles[name]
            if r["QualifiedApiName"] in lookups and not r["IsPermissionable"] and not r["IsNillable"]
        } - {"OwnerId", "CreatedById", "LastModifiedById"}
        if not able:
            return ()
        if name not in self._definitions:
            where = format_soql(cat.DEFINITIONS.where, name=name)
            reading, _ = self._reader.read(cat.DEFINITIONS, where)
            self._miss(reading.unread)
            self._definitions |= _by_object(reading.table)
        wordings = {r["QualifiedApiName"]: str(r["DataType"]) for r in self._definitions.get(name, ())}
        if not able <= wordings.keys():
            source = self._sources[name]
            source.problem = f"Whether {name} is a detail of a master could not be read."
            source.internal = source.external = None  # a detail has no default of its own
            self._miss(Unread(Why.FAILED, source.problem))
        return tuple(f for f in lookups if f in able and wordings.get(f, "").startswith("Master-Detail"))

    def _open(self, source: _Source, audiences: Set[str] | None = None) -> bool:
        """Whether everybody reaches every record by the org-wide default; guests have none (salesforce R2, R6)."""
        models = {"internal": source.internal, "external": source.external}
        wanted = self._every_audience if audiences is None else audiences
        return not source.masters and all(models.get(a) in PUBLIC for a in wanted)

    # -- records and shares

    def _recorded(self, sources: Sequence[_Source]) -> None:
        """The platform's own record counts, for all objects of a level at once (salesforce 2.7)."""
        by_name = {s.name: s for s in sources if not s.problem}
        for chunk in chunks(sorted(by_name), NAMES_PER_COUNT):
            try:
                answer = self._client.get("limits/recordCount", {"sObjects": ",".join(chunk)})
                for row in answer["sObjects"]:
                    if row["name"] in by_name:
                        by_name[row["name"]].recorded = int(row["count"])
            except Refused as refused:
                self._miss(refused.unread)
            except (KeyError, TypeError, ValueError):
                self._miss(Unread(Why.FAILED, "limits/recordCount: not a list of counts."))

    def _list(self, source: _Source) -> set[str]:
        """List one object's records and shares; the answer are the objects of the parents that they name."""
        if source.problem:
            return set()
        if source.name == "User" or self._open(source):
            if source.asked:
                self._count(source)
            return set()
        if self._open(source, self._audiences):
            source.limit = min(source.limit, SIGN_LIMIT)
        if source.recorded is not None and source.recorded > source.limit:
            self._by_owner(source)
            parents: set[str] = set()
        else:
            parents = self._rows(source)
        if source.problem:
            return set()
        if not source.follows and source.listing == "rows":
            self._share_rows(source)
        return parents

    def _rows(self, source: _Source) -> set[str]:
        """Id, owner and parents of every live record; one more than the bound would show that there are more."""
        owner = (Column("OwnerId", _S),) if source.owned else ()
        parents = tuple(Column(f, _S, hideable=True) for f, _ in source.follows)
        query = Query(
            cat.RECORDS,
            source.name,
            Capability.REACH,
            (Column("Id", _S), *owner, *parents),
            ("Id",),
            (cat.API_ENABLED,),
            cat.RECORD_REMEDY,
            beyond="Read on the object",
        )
        most = source.limit + 1
        reading, refused = self._reader.read(query, f"LIMIT {most}", limit=most)
        table = reading.table
        if table.num_rows >= most:
            self._by_owner(source)
            return set()
        if reading.unread is not None:
            self._problem(source, reading.unread)
            if refused is None:
                source.listing, source.total = "count", table.num_rows
            return set()
        source.listing, source.total = "rows", table.num_rows
        columns = [[to18(v) if v else None for v in table.column(f).to_pylist()] for f, _ in source.follows]
        self._records.add(
            {
                "object": [source.name] * table.num_rows,
                "Id": [to18(i) for i in table.column("Id").to_pylist()],
                "OwnerId": [to18(o) if o else None for o in table.column("OwnerId").to_pylist()]
                if source.owned
                else [None] * table.num_rows,
                "parents": [list(ids) for ids in zip(*columns, strict=True)]
                if columns
                else [[]] * table.num_rows,
                "count": [1] * table.num_rows,
            }
        )
        return self._parents(source, columns)

    def _parents(self, source: _Source, columns: Sequence[Sequence[str | None]]) -> set[str]:
        """The objects whose records are named as parents; where a lookup has several targets, ids tell by prefix."""
        found: set[str] = set()
        for (_, targets), ids in zip(source.follows, columns, strict=True):
            if len(targets) == 1:
                found |= set(targets)
                continue
            self._know_entities(targets)
            seen = {i[:3] for i in ids if i}
            for target in targets:
                entity = self._entities.get(target)
                if entity is not None and entity["KeyPrefix"] in seen:
                    found.add(target)
                elif entity is not None:
                    self._others[target] = self._modelled(_Source(target, asked=False, limit=0), entity)
        return found

    def _by_owner(self, source: _Source) -> None:
        """Too many to list: how many each owner has, or only how many there are."""
        if source.follows or not source.owned:
            self._count(source)
            return
        try:
            rows = self._all(f"SELECT OwnerId, COUNT(Id) n FROM {source.name} GROUP BY OwnerId")
            owners, counts = [to18(r["OwnerId"]) for r in rows], [int(r["n"]) for r in rows]
        except (Refused, KeyError, TypeError, ValueError):
            self._count(source)  # more owners than one batch, or no grouping by owner here
            return
        source.listing, source.total, source.shares = "owners", sum(counts), "unread"
        self._records.add(
            {
                "object": [source.name] * len(owners),
                "Id": [None] * len(owners),
                "OwnerId": owners,
                "parents": [[]] * len(owners),
                "count": counts,
            }
        )

    def _count(self, source: _Source) -> None:
        try:
            rows = self._all(f"SELECT COUNT(Id) n FROM {source.name}")
            source.listing, source.total = "count", int(rows[0]["n"])
        except Refused as refused:
            self._problem(source, refused.unread)
        except (KeyError, TypeError, ValueError, IndexError):
            self._problem(source, Unread(Why.FAILED, f"{source.name}: a count did not come back as one row."))

    def _share_rows(self, source: _Source) -> None:
        """Share rows; those of owners repeat OwnerId, and where only guests lack a default only theirs matter."""
        names = share_names(source.name)
        if names is None:
            return
        table, key, level = names
        query = Query(
            cat.RECORD_SHARES,
            table,
            Capability.REACH,
            tuple(Column(n, _S) for n in ("Id", key, "UserOrGroupId", "RowCause", level)),
            ("Id",),
            (cat.API_ENABLED,),
            cat.RECORD_REMEDY,
            beyond="Read on the object",
        )
        cause = (
            "RowCause = 'GuestRule'"
            if self._open(source, self._every_audience - {"guest"})
            else "RowCause != 'Owner'"
        )
        most = SHARE_LIMIT + 1
        reading, refused = self._reader.read(query, f"{cause} LIMIT {most}", limit=most)
        if refused is not None and refused.code == "INVALID_TYPE":
            source.shares = "absent"  # the object itself could be listed, so this is no lack of rights
            return
        rows = reading.table
        if reading.unread is not None or rows.num_rows >= most:
            source.shares = "unread"
            detail = f"{table}: more than {SHARE_LIMIT:,} rows, which are not listed."
            self._shares.miss(reading.unread or Unread(Why.TRUNCATED, detail))
        else:
            source.shares = "read"
        self._shares.add(
            {
                "object": [source.name] * rows.num_rows,
                "RecordId": [to18(i or "") for i in rows.column(key).to_pylist()],
                "UserOrGroupId": [to18(i or "") for i in rows.column("UserOrGroupId").to_pylist()],
                "RowCause": rows.column("RowCause"),
                "AccessLevel": rows.column(level),
            }
        )

    def _groups(self) -> Iterator[Reading]:
        """Public groups and their members, asked for only if an owner or a share is a group."""
        owners = self._records.reading("", "").table.column("OwnerId").unique().to_pylist()
        sharing = self._shares.reading("", "").table.column("UserOrGroupId").unique().to_pylist()
        if any(str(i).startswith("00G") for i in (*owners, *sharing)):
            yield self._reader.read(cat.PUBLIC_GROUPS)[0]
            yield self._reader.read(cat.GROUP_MEMBERS)[0]
            return
        for query in (cat.PUBLIC_GROUPS, cat.GROUP_MEMBERS):
            note = "Not asked for: no record that counts is owned by or shared with a group."
            yield Reading(query.name, query.capability, query.schema.empty_table(), None, None, "", note)

    # -- small things

    def _all(self, soql: str) -> list[dict[str, Any]]:
        return [row for page in self._client.pages(soql, Api.QUERY) for row in page.records]

    def _problem(self, source: _Source, unread: Unread) -> None:
        """Records that could not be read: reach of this object stays unknown, and the reading says so."""
        source.problem = unread.detail
        self._records.miss(unread)

    def _miss(self, unread: Unread | None) -> None:
        if unread is not None:
            self._missed = self._missed or remedied(unread, cat.RECORD_REMEDY)


def _by_object(table: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Rows of a catalogue table by the object they belong to."""
    if "EntityDefinition.QualifiedApiName" not in table.column_names:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(str(row["EntityDefinition.QualifiedApiName"]), []).append(row)
    return found


def record_calls(snapshot: Snapshot, objects: Iterable[str], counts: Mapping[str, int]) -> int:
    """About how many calls reading the records of these objects takes, if they have so many records.

    Objects that turn out to be parents of their records are not known beforehand, nor how many shares there are.
    """
    entities = {str(r["QualifiedApiName"]): r for r in snapshot.table(cat.ENTITIES.name).to_pylist()}
    strange = 2 * int(any(name not in entities for name in objects))  # what these objects are is asked first
    if snapshot.unread(cat.PARTICLES.name) is not None:
        return 1 + strange  # whose lookups are not known, its records are not asked for
    calls = 2 + strange  # the restriction rules, and the platform's own counts
    for name in objects:
        entity = entities.get(name)
        if entity is None or entity["IsCustomSetting"]:
            calls += int(entity is None)
            continue
        calls += 1
        models = {entity["InternalSharingModel"], entity["ExternalSharingModel"]}
        if models <= PUBLIC:
            continue
        if (counted := counts.get(name, 0)) <= RECORD_LIMIT:
            calls += max(0, -(-counted // ROWS_PER_PAGE) - 1)
        calls += int(not by_parent(models) and share_names(name) is not None)
    return calls
