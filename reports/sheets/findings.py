"""Everything that was found: one row for each thing one person can fix (hipaa 5.2 sheet 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.access import Word
from auditor.audit import Audit
from auditor.findings import Cell, Finding, State
from auditor.people import Person
from reports import outline, words
from reports.grid import Column, Kind, Row, Table
from reports.words import Mark, Tone

SHEET = "Findings"

COLUMNS = (
    Column("Severity", 10, Kind.SEVERITY),
    Column("What was observed", 46),
    Column("State", 13, Kind.STATE),
    Column("People", 8, Kind.COUNT),
    Column("Fields", 32),
    Column("What to do", 34),
    Column("Owner", 12),
    Column("Due", 11, Kind.DATE),
    Column("Ticket", 11),
    Column("Finding id", 18),
    Column("Example path", 50),
    Column("Who", 40),
    Column("Audience", 16),
    Column("System", 16),
    Column("Object", 16),
    Column("Root grant", 24),
    Column("Root grant id", 24),
    Column("Details", 40),
    Column("Reach", 16),
    Column("Title", 34),
    Column("Rule", 26),
    Column("Control", 9),
    Column("Base severity", 10, Kind.SEVERITY),
    Column("Modifiers", 34),
    Column("Basis", 26),
    Column("Relevant to", 30),
    Column("NIST SP 800-53", 22),
    Column("State digest", 18),
    Column("Waiver", 14),
)

_REACH_FACT = "records reachable"
_NO_WORD = Word.NOT_JUDGED.value
"""What the fields of a finding carry that is about fields and not about who reads them."""
_NAMES = 10
_FIELDS = 6
"""Fields a row names: more would be cut by the height a row can have."""


def table(audits: Sequence[Audit]) -> Table:
    """Show the findings of all systems, observed ones first, worst first."""
    return Table(
        SHEET,
        SHEET,
        COLUMNS,
        tuple(rows(audits, most=_FIELDS)),
        intro=(
            (
                "Each row is one thing one person can fix, observed ones first, worst first. Owner, due "
                "and ticket are for you to fill in; the finding id stays the same from run to run."
            ),
            (
                "In the workbook, columns to the right of the finding id are for the screen and are not "
                "printed. “Relevant to” names the rule a finding bears on; it is not a legal conclusion."
            ),
        ),
        empty="Nothing was found in what could be read. See “What could not be read” before relying on it.",
        printed=10,
    )


def rows(audits: Sequence[Audit], most: int | None = None) -> Iterator[Row]:
    """Make a row for each finding, naming at most so many of its fields, or all."""
    people = {audit.target: {p.id: p for p in audit.view.access.grants.people} for audit in audits}
    for audit, finding in outline.findings(audits):
        yield _row(audit, finding, people[audit.target], most)


def _row(audit: Audit, finding: Finding, people: Mapping[str, Person], most: int | None) -> Row:
    seen = finding.seen
    names = tuple(people[p].name if p in people else p for p in seen.people)
    details = "; ".join(
        f"{name.removesuffix(' (UTC)')}: {words.dated(value)}"
        for name, value in (*seen.facts, *((one.name, one.value) for one in seen.told))
        if name != _REACH_FACT
    )
    return (
        severity(finding),
        seen.message,
        words.state(seen.state),
        len(seen.people),
        _fields(audit, seen.cells, most),
        seen.remedy,
        "",
        "",
        "",
        finding.id,
        outline.example(audit, finding),
        words.listed(names, _NAMES),
        seen.audience,
        audit.target,
        seen.object,
        seen.root_label,
        seen.root,
        details,
        _reach(finding),
        finding.title,
        finding.rule,
        finding.control,
        words.severity(finding.base_severity),
        "; ".join(seen.modifiers),
        words.found_by(seen.found_by),
        "; ".join(finding.citations),
        ", ".join(finding.nist),
        finding.digest,
        finding.waiver,
    )


def severity(finding: Finding) -> Mark:
    """Mark the level, in the colour of the unknown where it is only what could be hidden."""
    mark = words.severity(finding.severity)
    return replace(mark, tone=Tone.UNKNOWN) if finding.seen.state is State.UNKNOWN else mark


def _fields(audit: Audit, cells: Sequence[Cell], most: int | None) -> str:
    named = tuple(_label(audit, c.field) + (f": {c.word}" if c.word != _NO_WORD else "") for c in cells)
    if most is None or len(named) <= most:
        return ", ".join(named)
    return f"{words.listed(named, most)}, all of them in findings.csv"


def _label(audit: Audit, field: str) -> str:
    facts = audit.view.facts.get(field)
    name = field.rpartition(".")[2]
    return f"{facts.label} ({name})" if facts is not None and facts.label else name


def _reach(finding: Finding) -> str:
    if not finding.seen.cells or not finding.seen.people:
        return ""
    return dict(finding.seen.facts).get(_REACH_FACT, words.REACH)
