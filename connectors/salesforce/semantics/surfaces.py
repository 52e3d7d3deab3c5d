"""Side doors and the log of permission changes (salesforce E3, E4, E7)."""

from __future__ import annotations

from auditor.doors import Change, Door
from auditor.snapshot import Snapshot


def doors(snapshot: Snapshot) -> tuple[Door, ...]:
    """Dashboards that run as somebody, tokens, and apps that log in as somebody."""
    del snapshot
    return ()


def changes(snapshot: Snapshot) -> tuple[Change, ...]:
    """Entries of the setup audit trail that are about permission sets and profiles."""
    del snapshot
    return ()
