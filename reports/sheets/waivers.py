"""What somebody accepted until a day: every waiver, what needs a decision first (hipaa 5.2 sheet 16)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.audit import Audit
from auditor.waivers import Subject, Waiver
from reports import words
from reports.grid import Column, Kind, Row, Table

_COLUMNS = (
    Column("System", 12),
    Column("Waiver", 10),
    Column("Status", 13, Kind.STATE),
    Column("What it is about", 40),
    Column("Wide", 6),
    Column("What follows", 30),
    Column("Last day", 16, Kind.DATE),
    Column("Reason", 34),
    Column("Compensating control", 34),
    Column("Owner", 14),
    Column("Approver", 14),
    Column("Ticket", 11),
    Column("Rule", 26),
    Column("Finding, or audience, object and root", 34),
    Column("Findings lowered", 24),
    Column("Findings re-opened", 24),
    Column("Start", 22, Kind.DATE),
    Column("Written at", 30),
)
_IDS = 6
"""Findings a row names: more would be cut by the height a row can have."""


def tables(audits: Sequence[Audit]) -> tuple[Table, ...]:
    """All waivers of all systems, what needs a decision first; no table where none was given."""
    rows = tuple(_rows(audits))
    return (_table(rows),) if rows else ()


def _table(rows: tuple[Row, ...]) -> Table:
    return Table(
        "Exceptions and waivers",
        "Exceptions and waivers",
        _COLUMNS,
        rows,
        intro=(
            (
                "A waiver hides nothing: the finding stays on the sheet Findings, one level lower, and has its "
                "waiver's id. It holds for one state of the finding, through its last day in the zone named."
            ),
            "What a compensating control does is not tested. All ids of findings are in audit.json.",
        ),
        printed=12,
    )


def _rows(audits: Sequence[Audit]) -> Iterator[Row]:
    for audit in audits:
        for standing in audit.waivers:
            waiver = standing.waiver
            yield (
                audit.target,
                waiver.id,
                words.waiver(standing.status),
                _about(audit, waiver),
                words.yes_no(waiver.wide),
                words.waiver_meaning(standing.status),
                waiver.expires,
                waiver.reason,
                waiver.control,
                waiver.owner,
                waiver.approver,
                waiver.ticket,
                waiver.rule,
                waiver.subject,
                _ids(standing.waived),
                _ids(standing.reopened),
                words.moment(waiver.start) if waiver.start else "",
                waiver.place,
            )


def _about(audit: Audit, waiver: Waiver) -> str:
    """What the waiver was meant for, as it was observed now; the title of its rule where nothing of it was."""
    found = [f.seen.message for f in audit.findings if waiver.covers(Subject.of(f))]
    if not found:
        titles = [result.rule.title for result in audit.results if result.rule.id == waiver.rule]
        return f"Not observed now: {titles[0] if titles else waiver.rule}"
    more = f" And {words.counted(len(found) - 1, 'further finding')}." if len(found) > 1 else ""
    return f"{found[0]}{more}"


def _ids(found: tuple[Subject, ...]) -> str:
    return words.listed(tuple(one.id for one in found), _IDS)
