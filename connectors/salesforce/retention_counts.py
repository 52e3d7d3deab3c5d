"""Records past absolute cut-offs, counted at the server: counts, dates, a few ids, never a value (salesforce 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from auditor.retention import RetentionPolicy
from auditor.snapshot import Capability, Reading, Snapshot, Unread, Why
from connectors.protocol import Step, Watch
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.reading import remedied


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


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two groups of the same place: a deleted activity counts as deleted, archived or not."""
    dates = sorted(d for row in (one, other) for d in (row.get("oldest"), row.get("newest")) if d)
    return {
        "n": one["n"] + other["n"],
        "oldest": dates[0] if dates else None,
        "newest": dates[-1] if dates else None,
    }


class RetentionCounts:
    """The counting for every policy of one plan, and what could not be counted."""

    def __init__(self, client: Client, snapshot: Snapshot, objects: Sequence[str], watch: Watch) -> None:
        self._client = client
        self._objects = sorted(set(objects))
        self._recorded: dict[str, int] | None = None
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
        counted = [self._counted(policy, cutoff, anchor, condition) for anchor, condition in conditions]
        if not all(counted):
            return  # months and samples of what could not be counted would only repeat the refusal
        self._by_month(policy, dated)
        self._sample(policy, " OR ".join(f"({c})" for _, c in conditions), sample)
        self._see(policy.object)

    def _counted(self, policy: RetentionPolicy, cutoff: datetime, anchor: str, condition: str) -> bool:
        """Count under one condition in all places at once, or place by place where the platform does not group."""
        found = self._grouped(policy, anchor, condition)
        if found is None:
            asked = [
                (place, *self._placed(policy, place, anchor, condition)) for place in places(policy.object)
            ]
            if any(row is None for _, row, _ in asked):
                return False
            found = [(place.name, row, soql) for place, row, soql in asked if row is not None]
        for place, row, soql in found:
            self._rows.append(
                {
                    "policy": policy.id,
                    "object": policy.object,
                    "anchor": anchor,
                    "fallback": policy.fallback,
                    "cutoff": iso(cutoff),
                    "place": place,
                    "count": row.get("n"),
                    "oldest": row.get("oldest"),
                    "newest": row.get("newest"),
                    "query": soql,
                }
            )
        self._watch(Step(cat.RETENTION, len(self._rows), None, self._client.calls))
        return True

    def _grouped(
        self, policy: RetentionPolicy, anchor: str, condition: str
    ) -> list[tuple[str, dict[str, Any], str]] | None:
        """Every place in one question; None where the platform refuses to group or the answer is none."""
        flags = ("IsDeleted", "IsArchived") if policy.object in _ARCHIVING else ("IsDeleted",)
        soql = (
            f"SELECT {', '.join(flags)}, COUNT(Id) n, MIN({anchor}) oldest, MAX({anchor}) newest "
            f"FROM {policy.object} WHERE {condition} GROUP BY {', '.join(flags)}"
        )
        try:
            rows = self._all(soql, Api.QUERY_ALL)
        except Refused:
            return None
        found: dict[str, dict[str, Any]] = {p.name: {"n": 0} for p in places(policy.object)}
        for row in rows:
            if not isinstance(row.get("n"), int) or not all(isinstance(row.get(f), bool) for f in flags):
                return None
            place = "recycle_bin" if row["IsDeleted"] else "archived" if row.get("IsArchived") else "live"
            found[place] = _joined(found[place], row)
        return [(place, row, soql) for place, row in found.items()]

    def _before(self, policy: RetentionPolicy, field: str, cutoff: datetime) -> str:
        """`field < cutoff`; a date counts as midnight UTC, so part of a day still includes that day's date."""
        if f"{policy.object}.{field}" in self._date_only:
            utc = cutoff.astimezone(UTC)
            day = utc.date() if (utc.hour, utc.minute, utc.second, utc.microsecond) == (0, 0, 0, 0) else None
            day = day or utc.date() + timedelta(days=1)
            return f"{field} < {day.isoformat()}"
        return f"{field} < {iso(cutoff)}"

    def _placed(
        self, policy: RetentionPolicy, place: Place, anchor: str, condition: str
    ) -> tuple[dict[str, Any] | None, str]:
        where = f"{condition} AND {place.where}" if place.where else condition
        soql = f"SELECT COUNT(Id) n, MIN({anchor}) oldest, MAX({anchor}) newest FROM {policy.object} WHERE {where}"
        return self._one(soql, place.api), soql

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
            if self._recorded is None:
                answer = self._client.get("limits/recordCount", {"sObjects": ",".join(self._objects)})
                self._recorded = {str(r["name"]): int(r["count"]) for r in answer["sObjects"]}
            row["recorded"] = self._recorded.get(name)
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
                unread = remedied(unread, cat.RETENTION_REMEDY)
            table = pa.Table.from_pylist(rows, schema=schema)
            found.append(Reading(name, Capability.RETENTION, table, unread, None, "query, queryAll: COUNT"))
        return found
