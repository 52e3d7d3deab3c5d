"""Leak paths: how health data gets from a question to a list, a message or another company, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.audit import Audit
from auditor.findings import Finding
from auditor.snapshot import Capability
from reports import chains, outline, words
from reports.grid import Column, Kind, Row, Table
from reports.sheets.findings import severity

SHEET = "Leak paths"

_NAMES, _LONGEST_NAME = 5, 60
_NOT_TOLD = "not told"


def tables(audits: Sequence[Audit]) -> tuple[Table, ...]:
    """One row for each chain, with every finding about it; no table where nobody looked for one."""
    found = outline.leak_groups(audits)
    if not found and all(audit.view.leaks is None for audit in audits):
        return ()
    table = Table(
        SHEET,
        SHEET,
        (
            Column("Severity", 10, Kind.SEVERITY),
            Column("State", 13, Kind.STATE),
            Column("What was observed", 38),
            Column("Step by step", 66),
            Column("What passes on", 22),
            Column("Consent", 20),
            Column("Members", 10, Kind.COUNT),
            Column("Finding ids", 18),
            Column("System", 16),
            Column("Rule", 26),
        ),
        tuple(_row(audit, group) for audit, group in found),
        intro=(
            (
                "Each row follows health data from the question or field where it begins to where it can be seen, or "
                "told from who is there: a list, a message, colleagues, another company. Each step says by which "
                "means it follows on the one above it."
            ),
            (
                "“What passes on” is how much arrives at the last step. Often no answer is passed on, and yet it can "
                "be told, from who is on a list or gets a message. “Members” is the size of the last list on the way. "
                "Where several rules speak of one path, each has a finding with an id of its own."
            ),
            *_doubts(audits),
        ),
        empty="No leak path was found in what could be read. See “What could not be read” before relying on it.",
        printed=8,
    )
    return (table,)


def _row(audit: Audit, group: Sequence[Finding]) -> Row:
    finding = group[0]
    chain = finding.seen.chain
    members = chains.members(audit, chain)
    return (
        severity(finding),
        words.state(finding.seen.state),
        chains.sentence(chain),
        chains.steps(audit, chain),
        chains.passes(chain),
        chains.consent(audit, chain),
        _NOT_TOLD if members is None else members,
        ", ".join(one.id for one in group),
        audit.target,
        ", ".join(one.rule for one in group),
    )


def _doubts(audits: Sequence[Audit]) -> Iterator[str]:
    """Say where nobody looked, and what could not be fully read where somebody did."""
    for audit in audits:
        if audit.view.leaks is None:
            yield f"Leak paths were not looked for in {audit.target}."
        elif names := _not_read(audit):
            were = "was" if len(names) == 1 else "were"
            yield (
                f"In {audit.target}, {words.listed(names, _NAMES)} {were} not fully read, so there may be more paths "
                "than are listed here."
            )


def _not_read(audit: Audit) -> tuple[str, ...]:
    """The forms, lists, workflows and e-mails, or whole readings of them, that were not fully read."""
    graph = audit.view.leaks
    readings = audit.view.snapshot.readings.values()
    unread = [r.name for r in readings if r.capability is Capability.ASSETS and not r.complete]
    unparsed = graph.surfaces.unparsed if graph is not None else ()
    return tuple(
        chains.cut(chains.called(audit, key), _LONGEST_NAME) for key in dict.fromkeys((*unparsed, *unread))
    )
