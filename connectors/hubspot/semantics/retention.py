"""What was counted past each cut-off, and how many records somebody reaches (hubspot 6; portal-fixture 5.11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from auditor.access import effective_access
from auditor.planes import Gate, Grants, Strength, Verb
from auditor.reach import UNKNOWN, Extent, Reach, Span
from auditor.retention import Overdue, RetentionPolicy
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics.moments import moment

BIN_PERIOD = "P90D"
"""How long archived records can be brought back (hubspot 6.3)."""


def overdue(snapshot: Snapshot, policies: Sequence[tuple[RetentionPolicy, datetime]]) -> tuple[Overdue, ...]:
    """What was counted for each policy whose cut-off this snapshot was collected with; others are left out."""
    found = []
    for policy, cutoff in policies:
        name = f"{t.RETENTION}:{policy.id}"
        rows = [
            row
            for row in snapshot.table(name).to_pylist()
            if row["object"] == policy.object and moment(row["cutoff"]) == cutoff
        ]
        live = [row for row in rows if row["place"] == "live"]
        if not live:
            continue
        dates = sorted(date for row in rows for date in (row["oldest"], row["newest"]) if date)
        complete = snapshot.unread(name) is None
        found.append(
            Overdue(
                policy=policy,
                cutoff=cutoff,
                live=sum(row["count"] for row in live),
                archived=0,
                recycle_bin=sum(row["count"] for row in rows if row["place"] == "archived"),
                oldest=dates[0] if dates else "",
                newest=dates[-1] if dates else "",
                complete=complete,
                by_month={},
                sample=tuple(id_ for row in live for id_ in row["sample"] or ()),
                undecided=sum(row["undatable"] or 0 for row in live),
                visibility=_seen(complete),
                queries=tuple(row["query"] for row in rows if row["query"]),
            )
        )
    return tuple(found)


def _seen(complete: bool) -> str:  # noqa: FBT001 - a plain fact
    if complete:
        return "The token sees every record of the object; ownership and teams do not limit it."
    return "Not all that was asked about this policy was answered."


def reach(snapshot: Snapshot, grants: Grants) -> Reach:
    """How many records each person opens, as far as attested: all of them, or some, which nobody can count."""
    access = effective_access(grants)
    found: dict[str, dict[str, Extent]] = {}
    for column, gate in enumerate(grants.gates):
        if " with " in gate.name:  # the gate of sampled records says nothing about the others
            continue
        rows = snapshot.table(f"{t.RECORDS}:{gate.name}").to_pylist()
        live = rows[0]["live"] if rows and snapshot.unread(f"{t.RECORDS}:{gate.name}") is None else None
        of = found.setdefault(gate.name, {})
        for signature, members in enumerate(access.signatures.members):
            opened = access.openers(Gate.OBJECT, Verb.READ, signature, column)
            extent = _extent([g.records for g, s in opened if s is Strength.LIVE], bool(opened), live)
            of.update({grants.people[member].id: extent for member in members})
    return Reach(found)


def _extent(words: Sequence[str], opened: bool, live: int | None) -> Extent:  # noqa: FBT001 - a plain fact
    if not words:
        return UNKNOWN if opened else Extent(Span.NONE, 0, 0)
    if any(word in {"ALL", ""} for word in words):  # no word: nothing limits a super admin or a token
        return Extent(Span.ALL, live or 0, live)
    whose = "of their team" if "TEAM" in words else "of their own"
    return Extent(Span.SOME, 0, live, why=f"records {whose}; HubSpot counts them for nobody")
