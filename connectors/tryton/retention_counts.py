"""How many records are older than a policy allows: Tryton counts, and no record is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.retention import RetentionPolicy
from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.client import Refused
from connectors.tryton.reading import Reader, missing, reading

Conditions = list[Any]
_DATES = frozenset({"date", "datetime", "timestamp"})


class RetentionCounts:
    """Counts for policies, over what a snapshot knows of fields."""

    def __init__(self, reader: Reader, snapshot: Snapshot) -> None:
        self._reader = reader
        models = {row["id"]: row["model"] for row in snapshot.table(t.MODELS).to_pylist()}
        self._types: dict[tuple[str, str], str] = {
            (models.get(row["model_id"], ""), row["name"]): row["type"]
            for row in snapshot.table(t.FIELDS).to_pylist()
        }
        self._models = frozenset(models.values())

    def count(self, policy: RetentionPolicy, cutoff: datetime) -> Reading:
        """The reading of one policy."""
        name = f"{t.RETENTION}:{policy.id}"
        method = f"model.{policy.object}.search_count"
        if (wrong := self._wrong(policy)) is not None:
            return missing(name, wrong, method)
        rows: list[Mapping[str, Any]] = []
        try:
            for place, conditions in self._places(policy):
                rows.append(self._place(policy, cutoff, method, place, conditions))
        except Refused as refused:
            return reading(name, rows, refused.unread, method)
        return reading(name, rows, None, method)

    def _wrong(self, policy: RetentionPolicy) -> Unread | None:
        """Why a policy cannot be counted here, as far as is known before asking."""
        if policy.object not in self._models or not cat.is_model(policy.object):
            return Unread(
                Why.FAILED,
                f"Tryton has no model {policy.object}.",
                "Correct the policy's object, or activate its module.",
            )
        for field in filter(None, (*policy.anchors, policy.having)):
            if (policy.object, field) not in self._types or not cat.is_field(field):
                return Unread(
                    Why.FAILED, f"{policy.object} has no field {field}.", "Correct the policy's fields."
                )
        for anchor in policy.anchors:
            if self._types[policy.object, anchor] not in _DATES:
                return Unread(
                    Why.FAILED,
                    f"{policy.object}.{anchor} is not a date.",
                    "Let the policy start from a date.",
                )
        return None

    def _places(self, policy: RetentionPolicy) -> Iterator[tuple[str, Conditions]]:
        """Where records are kept: those that are switched off are there as much as the others."""
        if (policy.object, "active") not in self._types:
            yield "live", []
            return
        yield "live", [["active", "=", True]]
        yield "archived", [["active", "=", False]]

    def _place(
        self, policy: RetentionPolicy, cutoff: datetime, method: str, place: str, conditions: Conditions
    ) -> Mapping[str, Any]:
        base = [*conditions, *([[policy.having, "!=", None]] if policy.having else [])]
        count = 0
        empty: Conditions = []
        for anchor in policy.anchors:
            before = [anchor, "<", moment(self._types[policy.object, anchor], cutoff)]
            count += self._reader.counted(method, [*base, *empty, before], policy.object)
            empty.append([anchor, "=", None])
        undatable = self._reader.counted(method, [*base, *empty], policy.object)
        return {
            "policy": policy.id,
            "object": policy.object,
            "cutoff": iso(cutoff),
            "place": place,
            "count": count,
            "undatable": undatable,
            "query": f"{method}: {' or else '.join(policy.anchors)} before {iso(cutoff)}, {place}",
        }


def moment(kind: str, cutoff: datetime) -> dict[str, Any]:
    """A cut-off as Tryton takes it; a date counts as midnight UTC, so part of a day still includes that day's date."""
    utc = cutoff.astimezone(UTC)
    if kind == "date":
        whole = utc == utc.replace(hour=0, minute=0, second=0, microsecond=0)
        day = utc.date() if whole else utc.date() + timedelta(days=1)
        return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}
    return {
        "__class__": "datetime",
        "year": utc.year,
        "month": utc.month,
        "day": utc.day,
        "hour": utc.hour,
        "minute": utc.minute,
        "second": utc.second,
        "microsecond": utc.microsecond,
    }


def iso(at: datetime) -> str:
    """A moment as it is kept in a snapshot: UTC."""
    return at.astimezone(UTC).isoformat()
