"""What somebody accepted until a day: every waiver, what needs a decision first (hipaa 5.2 sheet 16)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.audit import Audit
from reports import words
from reports.grid import Column, Kind, Row, Table

_COLUMNS = (
    Column("System", 16),
    Column("Waiver", 14),
    Column("Status", 14, Kind.STATE),
    Column("What follows", 36),
    Column("Rule", 26),
    Column("Finding, or audience, object and root", 34),
    Column("Wide", 7),
    Column("Owner", 18),
    Column("Approver", 18),
    Column("Ticket", 12),
    Column("Last day", 22, Kind.DATE),
    Column("Reason", 44),
    Column("Compensating control", 44),
    Column("Findings lowered", 24),
    Column("Findings re-opened", 24),
    Column("Start", 22, Kind.DATE),
    Column("Written at", 30),
)


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
        ),
        printed=11,
    )


def _rows(audits: Sequence[Audit]) -> Iterator[Row]:
    for audit in audits:
        for standing in audit.waivers:
            waiver = standing.waiver
            yield (
                audit.target,
                waiver.id,
                words.waiver(standing.status),
                words.waiver_meaning(standing.status),
                waiver.rule,
                waiver.subject,
                words.yes_no(waiver.wide),
                waiver.owner,
                waiver.approver,
                waiver.ticket,
                waiver.expires,
                waiver.reason,
                waiver.control,
                ", ".join(one.id for one in standing.waived),
                ", ".join(one.id for one in standing.reopened),
                words.moment(waiver.start) if waiver.start else "",
                waiver.place,
            )
