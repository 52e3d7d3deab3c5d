"""What changed since an earlier report: findings, then access, then whatever explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from auditor.diff import AccessChange, Changes, FindingChange, KeptFinding, Kind
from reports import changes, words
from reports.grid import Column, Lazy, Row, Table, Value
from reports.grid import Kind as Holds
from reports.words import Mark, Tone

_NAMES = 10
_FIELDS = 6
"""Fields a row names: more would be cut by the height a row can have."""
_COLUMNS = (
    Column("System", 16),
    Column("Change", 15, Holds.STATE),
    Column("Of", 14),
    Column("What", 50),
    Column("Before", 22),
    Column("Now", 22),
    Column("People", 8, Holds.COUNT),
    Column("Who", 40),
    Column("Fields", 36),
    Column("Finding id", 18),
    Column("What it means", 44),
)


def tables(found: Sequence[Changes], limit: int) -> tuple[Table, ...]:
    """One table with everything that changed, worst first; no table when no earlier report was given.

    Rows beyond `limit` are hidden, never the worst ones, and counted.
    """
    if not found:
        return ()
    hidden = sum(1 for _ in _rows(found)) - limit
    table = Table(
        "Changes",
        "What changed since the earlier report",
        _COLUMNS,
        Lazy(lambda: islice(_rows(found), limit)),
        intro=(
            (
                "Compared with the report that was given as the baseline. “Unverified now” is not fixed: something "
                "that would show it was not read this time. Every field and person: crm-audit diff --json."
            ),
            *(line for one in found for line in changes.counted(one)),
        ),
        hidden=(
            f"{words.counted(hidden, 'further row')} did not fit. The full list: crm-audit diff EARLIER LATER --all."
            if hidden > 0
            else ""
        ),
        empty="Nothing differs.",
        printed=9,
    )
    return (table,)


def _rows(found: Sequence[Changes]) -> Iterator[Row]:
    yield from (_finding(one, change) for one in found for change in one.findings)
    yield from (_access(one, change) for one in found for change in one.access)
    for one in found:
        yield from (
            _plain(one, Kind.UNVERIFIED, "Reading", name, "complete", "not read") for name in one.unread
        )
        yield from _values(one)
        for tone, of, people in (
            (Tone.QUIET, "came", one.people_came),
            (Tone.QUIET, "went", one.people_went),
            (Tone.UNKNOWN, "not seen now", one.people_unseen),
        ):
            mark = Mark(of.capitalize(), tone, of)
            yield from (
                (one.target, mark, "Person", "", "", "", 1, changes.person(p, one.names), "", "", "")
                for p in people
            )


def _values(one: Changes) -> Iterator[Row]:
    for kind, of, values in (
        (Kind.TAGS_CHANGED, "Field", one.tags),
        (Kind.RULE_CHANGED, "Rule", one.rules),
        (Kind.CHANGED, "Setting", one.settings),
    ):
        yield from (_plain(one, kind, of, name, before, after) for name, (before, after) in values.items())


def _plain(one: Changes, kind: Kind, of: str, what: str, before: str, after: str) -> Row:
    told: tuple[Value, ...] = (
        changes.setting(before) or "not there",
        changes.setting(after) or "not there",
    )
    return (one.target, changes.kind(kind), of, what, *told, 0, "", "", "", changes.kind_meaning(kind))


def _finding(one: Changes, change: FindingChange) -> Row:
    shown = change.shown
    names = tuple(changes.person(p, one.names) for p in sorted(shown.people))
    return (
        one.target,
        changes.kind(change.kind),
        "Finding",
        shown.message,
        _standing(change.before),
        _standing(change.after),
        len(shown.people),
        words.listed(names, _NAMES),
        words.listed(tuple(sorted(shown.cells)), _FIELDS),
        shown.id,
        changes.kind_meaning(change.kind),
    )


def _standing(finding: KeptFinding | None) -> str:
    return f"{finding.severity.label}: {words.state(finding.state).text}" if finding else "not there"


def _access(one: Changes, change: AccessChange) -> Row:
    return (
        one.target,
        changes.kind(change.kind),
        "Access",
        "Can read" if change.verb == "read" else "Can change",
        words.word(change.before).text,
        words.word(change.after).text,
        len(change.people),
        words.listed(tuple(changes.person(p, one.names) for p in change.people), _NAMES),
        words.listed(tuple(change.fields), _FIELDS),
        "",
        changes.kind_meaning(change.kind),
    )
