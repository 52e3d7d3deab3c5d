"""What was counted past each cut-off, and how many records somebody reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from auditor.access import effective_access
from auditor.planes import Gate, Grants, Strength, Verb
from auditor.reach import UNKNOWN, Extent, Reach, Span
from auditor.retention import Overdue, RetentionPolicy
from auditor.snapshot import Snapshot
from connectors.tryton import tables as t
from connectors.tryton.semantics.rules import RecordRules, Rights

BIN_PERIOD = ""
"""Tryton has no bin: what is deleted is gone, and what is switched off is counted."""


def overdue(snapshot: Snapshot, policies: Sequence[tuple[RetentionPolicy, datetime]]) -> tuple[Overdue, ...]:
    """What was counted for each policy whose cut-off this snapshot was collected with; others are left out."""
    rights = Rights(snapshot)
    found = []
    for policy, cutoff in policies:
        name = f"{t.RETENTION}:{policy.id}"
        rows = [
            row
            for row in snapshot.table(name).to_pylist()
            if row["object"] == policy.object and datetime.fromisoformat(row["cutoff"]) == cutoff
        ]
        if not rows:
            continue
        complete, visibility = _seen(snapshot, rights, name, policy.object)
        count = {
            place: sum(row["count"] for row in rows if row["place"] == place)
            for place in ("live", "archived")
        }
        found.append(
            Overdue(
                policy=policy,
                cutoff=cutoff,
                live=count["live"],
                archived=count["archived"],
                recycle_bin=0,
                oldest="",
                newest="",
                complete=complete,
                by_month={},
                undecided=sum(row["undatable"] for row in rows),
                visibility=visibility,
                queries=tuple(row["query"] for row in rows),
            )
        )
    return tuple(found)


def _seen(snapshot: Snapshot, rights: Rights, name: str, model: str) -> tuple[bool, str]:
    """Whether the auditing user is counted every record: record rules would hide some, and are not evaluated."""
    if snapshot.unread(name) is not None:
        return False, "Not all that was asked about this policy was answered."
    if snapshot.unread(t.RECORD_RULES) is not None:
        return False, "Whether record rules hide records from the auditing user could not be read."
    own = snapshot.table(t.SESSION).to_pylist()
    mine = frozenset(rights.effective(own[0]["groups"])) if own else None
    if RecordRules(snapshot, rights, model).may_hold_for(mine):
        return (
            False,
            f"Record rules of {model} may hide records from the auditing user; they are not evaluated.",
        )
    return True, "No record rule limits what the auditing user is counted."


def reach(snapshot: Snapshot, grants: Grants) -> Reach:
    """Every record of a model that somebody opens, less what record rules take away; nothing is counted.

    That rules exist is known, what they say is never read: then the word is an upper bound.
    """
    rights, access = Rights(snapshot), effective_access(grants)
    unread = snapshot.unread(t.RECORD_RULES)
    rules = [RecordRules(snapshot, rights, gate.name) for gate in grants.gates]
    found: dict[str, dict[str, Extent]] = {gate.name: {} for gate in grants.gates}
    for signature, members in enumerate(access.signatures.members):
        memberships = grants.people[members[0]].memberships  # all that hold the same are in the same groups
        groups = frozenset(int(one.removeprefix("group:")) for one in memberships)
        for column, gate in enumerate(grants.gates):
            opened = access.openers(Gate.OBJECT, Verb.READ, signature, column)
            if not opened:
                unsure = bool(grants.unread or access.signatures.blind[signature])
                extent = UNKNOWN if unsure else Extent(Span.NONE, 0, 0)
            elif all(strength is not Strength.LIVE for _, strength in opened):
                extent = UNKNOWN
            elif unread is not None:
                why = "Whether record rules take records away could not be read."
                extent = Extent(Span.ALL, restricted=True, why=why)
            else:
                extent = Extent(Span.ALL, restricted=rules[column].hold_for(groups))
            found[gate.name].update({grants.people[member].id: extent for member in members})
    return Reach(found)
