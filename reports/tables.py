"""Every decision about sheets, columns, order and wording; all formats render what this returns.

Pure: no file, no clock. The sheets themselves are in `reports.sheets`, a module each.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.audit import Audit
from auditor.diff import Changes
from reports.grid import Column, Kind, Lazy, Row, Table, Value
from reports.sheets import (
    access,
    changes,
    decisions,
    fields,
    findings,
    leaks,
    methodology,
    people,
    retention,
    summary,
    unread,
    waivers,
)

__all__ = ["ROWS", "Column", "Kind", "Lazy", "Row", "Table", "Value", "tables"]

ROWS = 1_048_576 - 64
"""Rows a sheet can hold, less room for the title, the introduction and the note."""


def tables(
    audits: Sequence[Audit], *, limit: int = ROWS, changed: Sequence[Changes] = ()
) -> tuple[Table, ...]:
    """All tables in order; page one first. Rows beyond `limit` are hidden, never the worst ones.

    `changed` is what differs from an earlier report, if one was given.
    """
    return (
        *summary.tables(audits, changed),
        findings.table(audits),
        *leaks.tables(audits),
        *changes.tables(changed, limit),
        *waivers.tables(audits),
        access.detail(audits, limit),
        access.matrix(audits),
        retention.table(audits),
        retention.by_month(audits),
        fields.table(audits),
        *decisions.tables(audits),
        people.table(audits),
        unread.table(audits),
        methodology.table(audits),
    )
