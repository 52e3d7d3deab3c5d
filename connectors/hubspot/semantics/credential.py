"""What the auditor's own token may do beyond its need (hubspot 1.4, R14)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.doors import Change, Door
from auditor.phi import Tag
from auditor.rule import Surplus
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics.accounts import scopes


def surplus(snapshot: Snapshot, tags: Mapping[str, Tag]) -> tuple[Surplus, ...]:  # noqa: ARG001 - the protocol's
    """Scopes that write, and those that would serve values of sensitive properties.

    Some scopes read only together with writing (`forms`, `automation`, `content`, `tickets`); HubSpot offers no
    narrower ones for these calls, so they are no surplus.
    """
    found = []
    for scope in sorted(scopes(snapshot)):
        if scope.rpartition(".")[2] in {"write", "read_write", "delete", "export", "import"}:
            found.append(Surplus("write", scope))
        elif "sensitive" in scope:
            found.append(Surplus("phi", scope))
    return tuple(found)


def doors(snapshot: Snapshot) -> tuple[Door, ...]:  # noqa: ARG001 - the protocol's
    """HubSpot shows nobody through whose account a report or dashboard is served."""
    return ()


def changes(snapshot: Snapshot) -> tuple[Change, ...]:
    """The audit log, as far as the edition keeps one."""
    return tuple(
        Change(
            f"{row['at']}-{number}",
            row["action"] or "",
            row["category"] or "",
            row["at"] or "",
            row["user_id"] or "",
        )
        for number, row in enumerate(snapshot.table(t.AUDIT_LOG).to_pylist())
    )
