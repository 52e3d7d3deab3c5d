"""Say in words and as data what changed between two reports; whatever is capped says how much is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from auditor.diff import AccessChange, Changes, FindingChange, Kind
from auditor.findings import Severity, State
from reports import words
from reports.inert import for_terminal
from reports.json_v1 import Document
from reports.words import Mark, Tone

SCHEMA = "crm-audit/diff/1"
MOST = 20
_NAMED = 5
_DIGEST = 16
_WHOLE_DIGEST = re.compile("[0-9a-f]{64}")

_KINDS = {
    Kind.NEW: (Tone.CRITICAL, "Was not there before."),
    Kind.WIDENED: (Tone.HIGH, "More people, more fields, or firmer access than before."),
    Kind.WAIVER_LAPSED: (Tone.HIGH, "Its waiver is over, or was taken out; it counts again."),
    Kind.REOPENED: (Tone.HIGH, "Its state is not the one that was waived; it counts again."),
    Kind.UNVERIFIED: (
        Tone.UNKNOWN,
        "Cannot be told now: something that would show it was not read. Not fixed.",
    ),
    Kind.RULE_CHANGED: (Tone.MEDIUM, "The rule is new, retired or rated otherwise."),
    Kind.POLICY_CHANGED: (Tone.MEDIUM, "The policy approves something else; the access is the same."),
    Kind.TAGS_CHANGED: (Tone.MEDIUM, "Its fields count as health data in one of the reports only."),
    Kind.CHANGED: (Tone.LOW, "The same people and fields, with other facts such as counts."),
    Kind.WAIVED: (Tone.LOW, "Somebody accepted it until a day. Still a gap."),
    Kind.NARROWED: (Tone.GOOD, "Fewer people, fewer fields, or less firm access."),
    Kind.DECIDED: (Tone.GOOD, "Could not be told before, and is not there."),
    Kind.FIXED: (Tone.GOOD, "Gone, and everything that would show it was read."),
}


def kind(value: Kind) -> Mark:
    """Mark how something changed as reports print it."""
    return Mark(value.value.capitalize(), _KINDS[value][0], value.value)


def kind_meaning(value: Kind) -> str:
    """Say what a kind of change means."""
    return _KINDS[value][1]


def text(changes: Sequence[Changes], most: int | None = MOST) -> str:
    """Write what changed, worst first; `most` lines of each part are shown, all of them without it."""
    return "\n".join(for_terminal(line) for one in changes for line in _lines(one, most))


def _lines(changes: Changes, most: int | None) -> Iterator[str]:
    if not changes.any:
        yield f"{changes.target}: nothing differs."
        return
    yield from counted(changes)
    yield from _capped("Not read now, and read before", changes.unread, most)
    yield from _capped(
        "Settings",
        [f"{k}: {setting(a) or 'none'} → {setting(b) or 'none'}" for k, (a, b) in changes.settings.items()],
        most,
    )
    yield from _capped("Findings", [finding(c) for c in changes.findings], most)
    yield from _capped("Access", [access(c, changes.names) for c in changes.access], most)
    named = changes.names
    yield from _capped("People who came", [person(p, named) for p in changes.people_came], most)
    yield from _capped("People who went", [person(p, named) for p in changes.people_went], most)
    yield from _capped(
        "People not seen now, which may be a gap in reading",
        [person(p, named) for p in changes.people_unseen],
        most,
    )
    yield from _capped(
        "Fields",
        [f"{k}: {a or 'not tagged'} → {b or 'not tagged'}" for k, (a, b) in changes.tags.items()],
        most,
    )
    yield from _capped(
        "Rules",
        [f"{k}: {a or 'not there'} → {b or 'not there'}" for k, (a, b) in changes.rules.items()],
        most,
    )


def counted(changes: Changes) -> Iterator[str]:
    """Count what changed by kind, in two sentences: findings, then access."""
    counts = {k: sum(c.kind is k for c in changes.findings) for k in Kind}
    pairs = {k: sum(c.pairs for c in changes.access if c.kind is k) for k in Kind}
    for what, found in (("findings", counts), ("pairs of a person and a field", pairs)):
        said = [f"{n:,} {k.value}" for k, n in found.items() if n]
        yield f"{changes.target}: {what}: {', '.join(said) or 'the same'}."


def setting(value: str) -> str:
    """Shorten a digest to what the other parts of a report print of it."""
    return value[:_DIGEST] if _WHOLE_DIGEST.fullmatch(value) else value


def _capped(title: str, lines: Sequence[str], most: int | None) -> Iterator[str]:
    if not lines:
        return
    yield ""
    yield f"{title}:"
    shown = lines if most is None else lines[:most]
    yield from (f"  {line}" for line in shown)
    if hidden := len(lines) - len(shown):
        yield f"  … and {hidden:,} more; --all shows them."


def finding(change: FindingChange) -> str:
    """Write one finding's change as a line."""
    found = change.shown
    waived = " (waived)" if found.state is State.GAP_WAIVED else ""
    return f"{change.kind.value}: {found.severity.label}{waived}, {found.rule} {found.id}: {found.message}"


def access(change: AccessChange, names: Mapping[str, str]) -> str:
    """Write the change of access of some people to some fields as a line."""
    people = words.listed(tuple(person(p, names) for p in change.people), _NAMED)
    fields = words.listed(change.fields, _NAMED)
    return (
        f"{change.kind.value}: {change.verb} {change.before.value} → {change.after.value}: {people}: {fields}"
    )


def person(id_: str, names: Mapping[str, str]) -> str:
    """Name a person with the id, or by the id alone."""
    return f"{names[id_]} ({id_})" if names.get(id_) else id_


def document(changes: Sequence[Changes]) -> Document:
    """Lay all changes out as plain data, nothing capped."""
    return {"schema": SCHEMA, "systems": [_system(one) for one in changes]}


def _system(changes: Changes) -> Document:
    def pairs(found: Mapping[str, tuple[str, str]]) -> list[Document]:
        return [{"name": name, "before": a, "after": b} for name, (a, b) in found.items()]

    return {
        "target": changes.target,
        "findings": [_finding(change) for change in changes.findings],
        "access": [
            {
                "kind": c.kind.value,
                "verb": c.verb,
                "before": c.before.value,
                "after": c.after.value,
                "people": list(c.people),
                "fields": list(c.fields),
            }
            for c in changes.access
        ],
        "people_came": list(changes.people_came),
        "people_went": list(changes.people_went),
        "people_unseen": list(changes.people_unseen),
        "tags": pairs(changes.tags),
        "rules": pairs(changes.rules),
        "settings": pairs(changes.settings),
        "unread": list(changes.unread),
    }


def _finding(change: FindingChange) -> Document:
    was, now, found = change.before, change.after, change.shown

    def level(severity: Severity | None) -> str:
        return "" if severity is None else severity.name.lower()

    return {
        "kind": change.kind.value,
        "id": found.id,
        "rule": found.rule,
        "message": found.message,
        "severity_before": level(was.severity if was else None),
        "severity_after": level(now.severity if now else None),
        "state_before": was.state.value if was else "",
        "state_after": now.state.value if now else "",
        "people_came": sorted((now.people if now else frozenset()) - (was.people if was else frozenset())),
        "people_went": sorted((was.people if was else frozenset()) - (now.people if now else frozenset())),
    }
