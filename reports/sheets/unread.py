"""Every reading, complete or not: the register of what the verdicts rest on (hipaa 5.2 sheets 3 and 19)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.audit import Audit
from auditor.findings import State
from auditor.snapshot import Capability, Reading
from reports import outline, words
from reports.grid import Column, Kind, Row, Table
from reports.words import Mark, Tone

_COMPLETE = Mark("Read completely", Tone.GOOD, "complete")
_ACCEPTED = Mark("Accepted unknown", Tone.QUIET, "accepted_unknown")


def table(audits: Sequence[Audit]) -> Table:
    """Incomplete readings first, then what was undecided for other reasons, then the complete ones."""
    rows = [(reading.complete, _row(audit, reading)) for audit in audits for reading in _readings(audit)]
    rows += [(False, _undecided(one)) for one in outline.missing(audits) if one.name not in _names(audits)]
    return Table(
        "What could not be read",
        "What could not be read, and what was",
        (
            Column("System", 14),
            Column("What it tells", 32),
            Column("State", 18, Kind.STATE),
            Column("Rows read", 10, Kind.COUNT),
            Column("Rows expected", 10, Kind.COUNT),
            Column("Reason", 44),
            Column("What would open it", 36),
            Column("Controls affected", 17),
            Column("Technical name", 24),
            Column("Source", 40),
        ),
        tuple(row for _, row in sorted(rows, key=lambda one: one[0])),
        intro=(
            (
                "Everything that was asked for, incomplete first. Answers that depend on an incomplete "
                "reading are never reported as free of gaps; “controls affected” says which."
            ),
        ),
        empty="Nothing was asked for.",
        printed=9,
    )


def _readings(audit: Audit) -> list[Reading]:
    return list(audit.view.snapshot.readings.values())


def _names(audits: Sequence[Audit]) -> set[str]:
    return {reading.name for audit in audits for reading in _readings(audit)}


def _row(audit: Audit, reading: Reading) -> Row:
    unread = reading.unread
    return (
        audit.target,
        words.capability(reading.capability),
        state(audit, reading),
        reading.table.num_rows,
        reading.expected if reading.expected is not None else "not stated",
        outline.why_unread(audit, reading),
        unread.remedy if unread is not None else "",
        ", ".join(controls(audit, reading.capability)) if unread is not None else "",
        reading.name,
        reading.source,
    )


def _undecided(one: outline.Missing) -> Row:
    mark = words.state(State.UNKNOWN)
    return (one.system, one.what, mark, "", "", one.reason, one.remedy, "", one.name, "")


def state(audit: Audit, reading: Reading) -> Mark:
    """Whether a reading arrived, in words."""
    if reading.unread is None:
        return _COMPLETE
    return _ACCEPTED if reading in audit.accepted_unknowns else words.state(State.UNKNOWN)


def controls(audit: Audit, capability: Capability) -> tuple[str, ...]:
    """List the controls whose answer depends on a capability, in report order."""
    found = (result.rule for result in audit.results if capability in result.rule.needs)
    return tuple(dict.fromkeys(rule.control for rule in found))
