"""What people decided about single fields, and whether it still holds: nothing else tells of cleared fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.audit import Audit
from reports import words
from reports.grid import Column, Kind, Row, Table


def tables(audits: Sequence[Audit]) -> tuple[Table, ...]:
    """All decisions of all systems, what needs a person first; no table where none was recorded."""
    rows = tuple(_rows(audits))
    return (_table(rows),) if rows else ()


def _table(rows: tuple[Row, ...]) -> Table:
    return Table(
        "Decisions about fields",
        "Decisions about fields",
        (
            Column("Field", 30),
            Column("Status", 12, Kind.STATE),
            Column("Decided", 20),
            Column("Decided by", 18),
            Column("Decided on", 12, Kind.DATE),
            Column("Why", 40),
            Column("Last day", 12, Kind.DATE),
            Column("Changed since", 22),
            Column("What follows", 40),
            Column("Evidence then", 18),
            Column("Evidence now", 18),
            Column("Written at", 26),
            Column("System", 16),
        ),
        rows,
        intro=(
            "A decision is about one field as it was then, and follows it through a rename.",
            "One that is out of date never takes a field out of the audit.",
        ),
        printed=9,
    )


def _rows(audits: Sequence[Audit]) -> Iterator[Row]:
    for audit in audits:
        for one in audit.view.rulings:
            yield (
                one.field,
                words.ruling(one.standing),
                words.phi_class(one.phi_class),
                one.by,
                one.on,
                one.why,
                one.expires,
                ", ".join(one.changed),
                words.ruling_meaning(one),
                one.then,
                one.now,
                f"{one.file}:{one.line}" if one.file else "",
                audit.target,
            )
