"""Show an audit in a terminal: what could not be read first, then what was found.

Text that others typed is never parsed as markup and never reaches the terminal as a control sequence.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, ConsoleRenderable
from rich.table import Table
from rich.text import Text

from auditor.audit import Audit, exit_code
from auditor.findings import State
from reports import outline, words
from reports.inert import for_terminal
from reports.words import Mark, Tone

WIDTH = 100
TOP = 5
ALIKE = 3
"""Readings named for one reason; when a budget ends early, the rest has the same one."""

_STYLES = {
    Tone.CRITICAL: "bold red",
    Tone.HIGH: "red",
    Tone.MEDIUM: "yellow",
    Tone.LOW: "cyan",
    Tone.GOOD: "green",
    Tone.UNKNOWN: "magenta",
    Tone.QUIET: "dim",
}


def render(audits: Sequence[Audit], console: Console) -> None:
    """Print the summary of a run in at most a hundred columns."""
    width = min(console.width, WIDTH)
    shown = (
        *(_plain(outline.headline(audit), "bold") for audit in audits),
        *([_plain(guessed, _STYLES[Tone.UNKNOWN])] if (guessed := outline.proposals(audits)) else []),
        _unread(audits),
        _counts(audits),
        *_top(audits),
        *_waivers(audits),
        *_retention(audits),
        _end(audits),
    )
    for part in shown:
        console.print(part, width=width, soft_wrap=False)
        console.print()


def _plain(text: str, style: str = "") -> Text:
    return Text(for_terminal(text), style=style)


def _mark(mark: Mark) -> Text:
    return Text(mark.text, style=_STYLES[mark.tone])


def _grid(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _unread(audits: Sequence[Audit]) -> ConsoleRenderable:
    found = outline.missing(audits)
    open_ones = [one for one in found if not one.accepted]
    rest = outline.accepted_in_short(len(found) - len(open_ones))
    if not open_ones:
        return Text(f"Everything this audit needs was read. {rest}".strip(), style=_STYLES[Tone.GOOD])
    table = _grid("Could not be read", "System", "What", "Reason, and what would open it")
    alike: dict[tuple[str, str], list[outline.Missing]] = {}
    for one in open_ones:
        alike.setdefault((one.system, f"{one.reason} {one.remedy}".strip()), []).append(one)
    for (system, reason), group in alike.items():
        names = [f"{one.what} ({one.name})" for one in group[:ALIKE]]
        if hidden := len(group) - ALIKE if len(group) > ALIKE else 0:
            names.append(f"and {hidden:,} more for the same reason, all in the report")
        what = Text("\n", style=_STYLES[Tone.UNKNOWN]).join(map(_plain, names))
        table.add_row(_plain(system), what, _plain(reason))
    if rest:
        table.add_row("", Text(rest, style=_STYLES[Tone.QUIET]), "")
    return table


def _counts(audits: Sequence[Audit]) -> ConsoleRenderable:
    table = _grid("Findings", "Severity", "Observed", "Could not be read")
    for level, (observed, unknown) in outline.by_severity(audits).items():
        table.add_row(_mark(words.severity(level)), f"{observed:,}", f"{unknown:,}")
    states = outline.by_state(audits)
    if waived := states[State.GAP_WAIVED][1]:
        mark = words.state(State.GAP_WAIVED)
        table.add_row(Text(f"{mark.text}: findings", style=_STYLES[mark.tone]), f"{waived:,}", "")
    for state in (State.UNKNOWN, State.NOT_ASSESSED):
        mark = words.state(state)
        table.add_row(Text(f"{mark.text}: questions", style=_STYLES[mark.tone]), "", f"{states[state][0]:,}")
    return table


def _top(audits: Sequence[Audit]) -> list[ConsoleRenderable]:
    found = [(audit, finding) for audit, finding in outline.findings(audits) if finding.counts]
    if not found:
        return []
    table = _grid("Worst findings", "Severity", "What was observed, and an example")
    for audit, finding in found[:TOP]:
        seen = finding.seen
        told = _plain(seen.message)
        if example := outline.example(audit, finding):
            told.append(f"\n{for_terminal(example)}", style="dim")
        told.append(f"\n{finding.rule} {finding.id} {for_terminal(audit.target)}", style="dim")
        table.add_row(_mark(words.severity(finding.severity)), told)
    hidden = len(found) - TOP
    if hidden > 0:
        table.add_row("", f"{words.counted(hidden, 'further finding')} in the report")
    return [table]


def _waivers(audits: Sequence[Audit]) -> list[ConsoleRenderable]:
    standing = [one for audit in audits for one in audit.waivers]
    if not standing:
        return []
    table = _grid("Waivers", "Status", "Waiver", "Last day", "About")
    for one in standing[:TOP]:
        mark, waiver = words.waiver(one.status), one.waiver
        about = f"{waiver.rule} {waiver.subject}{' (wide)' if waiver.wide else ''}. {words.waiver_meaning(one.status)}"
        table.add_row(_mark(mark), _plain(waiver.id), _plain(waiver.expires), _plain(about))
    hidden = len(standing) - TOP
    if hidden > 0:
        counts = ", ".join(f"{count:,} {status.value}" for status, count in outline.standings(audits).items())
        table.add_row("", "", "", f"{words.counted(hidden, 'further waiver')} in the report. All: {counts}")
    return [table]


def _retention(audits: Sequence[Audit]) -> list[ConsoleRenderable]:
    found = outline.overdue(audits)
    if not found:
        return []
    table = _grid("Records past the organisation's own maximum", "Policy", "Object", "Before", "Past maximum")
    for _, one in found:
        count = f"{one.total:,}" if one.complete else f"at least {one.total:,}"
        cutoff = words.moment(one.cutoff)
        table.add_row(_plain(one.policy.id), _plain(one.policy.object), cutoff, count)
    return [table]


def _end(audits: Sequence[Audit]) -> ConsoleRenderable:
    code = exit_code(audits)
    return Text(f"Exit code {code}. {words.exit_meaning(code)}", style="bold")
