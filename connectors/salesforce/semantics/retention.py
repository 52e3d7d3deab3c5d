"""What was counted past each policy's cut-off, and whether the connected user could see everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from auditor.retention import Overdue, RetentionPolicy
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.salesforce.semantics.moments import moment

BIN_PERIOD = "P15D"
"""How long the recycle bin keeps a record, at most (salesforce 6.3)."""

_PLACES = ("live", "archived", "recycle_bin")


def overdue(snapshot: Snapshot, policies: Sequence[tuple[RetentionPolicy, datetime]]) -> tuple[Overdue, ...]:
    """What was counted for each policy whose cut-off this snapshot was collected with; others are left out."""
    counted = snapshot.table(cat.RETENTION).to_pylist()
    months = snapshot.table(cat.RETENTION_MONTHS).to_pylist()
    sample = snapshot.table(cat.RETENTION_SAMPLE).to_pylist()
    sights = {r["object"]: r for r in snapshot.table(cat.RETENTION_SIGHT).to_pylist()}
    found = []
    for policy, cutoff in policies:
        rows = [
            r
            for r in counted
            if r["policy"] == policy.id and moment(r["cutoff"]) == cutoff and r["object"] == policy.object
        ]
        expected = (3 if policy.object in ACTIVITIES else 2) * (2 if policy.fallback else 1)
        if len(rows) < expected:
            continue
        count = {place: sum(r["count"] for r in rows if r["place"] == place) for place in _PLACES}
        dates = sorted(d for r in rows for d in (r["oldest"], r["newest"]) if d)
        complete, basis = _sight(sights.get(policy.object))
        found.append(
            Overdue(
                policy=policy,
                cutoff=cutoff,
                live=count["live"],
                archived=count["archived"],
                recycle_bin=count["recycle_bin"],
                oldest=dates[0] if dates else "",
                newest=dates[-1] if dates else "",
                complete=complete,
                by_month={r["month"]: r["count"] for r in months if r["policy"] == policy.id},
                sample=tuple(r["id"] for r in sample if r["policy"] == policy.id),
                visibility=basis,
                queries=tuple(r["query"] for r in rows),
            )
        )
    return tuple(found)


def _sight(row: Mapping[str, Any] | None) -> tuple[bool, str]:
    """Whether the connected user saw every record: as many as the platform's own count, at least."""
    if row is None or row["visible"] is None or row["recorded"] is None:
        return False, "Whether the connected user sees every record could not be established."
    if row["visible"] >= row["recorded"]:
        return (
            True,
            f"The connected user sees {row['visible']:,} records; the platform counts {row['recorded']:,}.",
        )
    return False, f"The connected user sees {row['visible']:,} of {row['recorded']:,} records."
