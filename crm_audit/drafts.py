"""Drafts of a first configuration: the built-in one, with what each of its patterns fits in this org.

A draft decides nothing: audiences are unconfirmed, the policy is unapproved, mapping and retention are comments.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from auditor.people import UNCLASSIFIED, Audience, Person, classify
from auditor.phi import Coarse, Tag
from auditor.rule import Surplus
from reports.inert import one_line

MOST = 25
"""How many values of one kind are listed; the rest is counted."""

LONGEST = 80
"""Characters of a value that are shown; a configuration file has a largest size."""

CONFIGURATION, MAPPING = "crm-audit.yaml", "mapping.yaml"
_KINDS = {
    "profile": "profile",
    "department": "department",
    "role": "role",
    "title": "title",
    "sets": "permission set",
    "licence": "licence",
}
_INDENT = "    "
_SIGNS = re.compile(
    r"(?P<head>^  - name: (?P<name>\S+)\n(?:    \w.*\n)*?    signs:\n)(?P<signs>(?:      .*\n)+)",
    re.MULTILINE,
)
_SHIPPED = "gnuhealth"
"""The mapping that comes with the program, and what the models begin with that it decides."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a first look at an org showed; `unread` names the readings that are not whole."""

    platform: str
    org: str
    day: str
    people: tuple[Person, ...]
    tags: tuple[Tag, ...]
    surplus: tuple[Surplus, ...]
    unread: tuple[str, ...]


def files(target: str, audiences: Sequence[Audience], seen: Seen) -> Mapping[str, bytes]:
    """The files by name: a target section and what was seen, to drafts."""
    return {
        CONFIGURATION: _configuration(target, audiences, seen).encode(),
        MAPPING: _mapping(seen).encode(),
    }


# ── crm-audit.yaml ────────────────────────────────────────────────────────────────────────────────


def _configuration(target: str, audiences: Sequence[Audience], seen: Seen) -> str:
    head = (
        f"# Drafted by crm-audit init on {seen.day} (UTC) from what it saw of {one_line(seen.org)}.\n"
        "# TO BE CONFIRMED: audiences, policy, mapping and retention are proposals until somebody decides them.\n"
        "# Every key is explained in docs/configuration.md; crm-audit config show prints what is in force.\n\n"
        "version: 1"
    )
    shipped = f"{_SHIPPED}, " if any(map(_is_shipped, seen.tags)) else ""
    fields = (
        "# Which fields are health data. The draft decides nothing yet; the built-in tagger does.\n"
        f"mappings: [{shipped}{MAPPING}]"
    )
    who = _unread(seen.unread) + _audiences(audiences, seen)
    where = "report:\n  directory: crm-audit-report"
    parts = (head, target, _strictness(seen), fields, _retention(seen), who, where)
    return "\n\n".join(parts) + "\n"


def _strictness(seen: Seen) -> str:
    if not seen.surplus:
        return (
            "# Stop before reading if this credential ever holds more than an auditor needs.\n"
            "strict_credential: true"
        )
    rights = _listed(sorted(one_line(one.right) for one in seen.surplus))
    return "\n".join(
        (
            "# TO BE CONFIRMED: this credential holds more than an auditor needs, so a strict run would stop. Every",
            f"# report lists it. Set true once these are gone (docs/connect-{seen.platform}.md):",
            *(f"#   {right}" for right in rights),
            "strict_credential: false",
        )
    )


def _unread(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"# NOT READ COMPLETELY, so proposals may be missing: {', '.join(map(one_line, names))}\n\n"


def sections(platform: str) -> str:
    """The built-in audiences and policy. In Tryton groups say who somebody is, so words of titles are sought there."""
    text = resources.files("crm_audit").joinpath("defaults.yaml").read_text(encoding="utf-8")
    built_in = text[text.index("audiences:\n") : text.index("\n# Without a configuration file")]
    return built_in if platform != "tryton" else _SIGNS.sub(_by_group, built_in)


def _by_group(match: re.Match[str]) -> str:
    sought = dict(line.strip().split(": ", 1) for line in match["signs"].splitlines())
    words = sought.get("title") or sought["permission_set"]
    if match["name"] == "administration":
        words = words[:-1] + "|^administration$'"
    return f"{match['head']}      permission_set: {words}\n"


def _audiences(audiences: Sequence[Audience], seen: Seen) -> str:
    """The sections, each audience with `confirmed: false` and what it fits here."""
    active = [person for person in seen.people if not person.dormant]
    by_name = {audience.name: audience for audience in audiences}
    placed = classify(active, tuple(audiences))

    def proposed(match: re.Match[str]) -> str:
        audience = by_name[match[1]]
        here = f"{_people(len(placed.members(audience.name)))} here today."
        if not audience.signs:
            return f"{match[0]}\n{_INDENT}# By the kind of account, as the org says it: {here}"
        lines = (
            f"# TO BE CONFIRMED: {here}",
            *(f"#   {line}" for line in _fits(audience, active, seen.platform)),
            "confirmed: false",
        )
        return "\n".join([match[0], *(_INDENT + line for line in lines)])

    drafted = re.sub(r"^  - name: (\S+)$", proposed, sections(seen.platform), flags=re.MULTILINE)
    left = len(placed.members(UNCLASSIFIED))
    return (
        f"# Who is who. {_people(left).capitalize()} fit no audience here and would be called {UNCLASSIFIED}:\n"
        "# nothing is approved for them. Once an audience is right, take its line “confirmed: false” away.\n"
        f"{drafted.rstrip()}"
    )


def _fits(audience: Audience, people: Sequence[Person], platform: str) -> Iterator[str]:
    """Every value that a pattern of the audience fits, with the word that fits."""
    for sign in audience.signs:
        if sign.attribute == "marketing_flag":
            yield f"Marketing User licence: {_people(sum(p.marketing_flag for p in people))}"
        if sign.attribute not in _KINDS:
            continue
        kind = "group" if platform == "tryton" else _KINDS[sign.attribute]
        counts = Counter(v for person in people for v in _values(person, sign.attribute))
        hits = [
            (value, count, match[0])
            for value, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
            if (match := re.search(sign.pattern, value, re.IGNORECASE))
        ]
        yield from _listed(
            f"{kind} “{_short(value)}”: {_people(count)}, for the word “{_short(word)}”"
            for value, count, word in hits
        )


def _values(person: Person, attribute: str) -> tuple[str, ...]:
    found = getattr(person, attribute)
    return tuple(v for v in (found if isinstance(found, tuple) else (found,)) if v)


def _short(text: str) -> str:
    """Text for a comment: one line, and no more of it than is needed to recognise it."""
    shown = one_line(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _people(count: int) -> str:
    return f"{count:,} active {'person' if count == 1 else 'people'}"


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """At most MOST lines, and how many were left out."""
    shown = list(lines)
    yield from shown[:MOST]
    if len(shown) > MOST:
        yield f"and {len(shown) - MOST:,} more"


def _retention(seen: Seen) -> str:
    """The beginning of a schedule, without a number of ours."""
    lines = [
        "# Your retention schedule. There is no default: how long records are kept is your own schedule and your",
        "# state's law. These objects hold more than names and addresses; take an entry out of the comment and give",
        "# its period as an ISO 8601 duration.",
        "# retention:",
    ]
    names = sorted({one_line(tag.object) for tag in seen.tags if tag.coarse is not Coarse.IDENTIFIER})
    anchor = "create_date" if seen.platform == "tryton" else "CreatedDate"
    for name in names[:MOST]:
        lines += [
            f"#   - id: {name.lower().replace('__c', '').replace('_', '-')}",
            f"#     object: {name}",
            f"#     anchor: {anchor}   # TO BE CONFIRMED: the date from which the period runs",
            "#     period:               # TO BE DECIDED",
            "#     source:               # TO BE DECIDED: which schedule, notice or law says so",
            "#     why:                  # TO BE DECIDED",
        ]
    if len(names) > MOST:
        lines.append(f"#   and {len(names) - MOST:,} more objects; {MAPPING} names them all")
    return "\n".join(lines)


# ── mapping.yaml ──────────────────────────────────────────────────────────────────────────────────


def _is_shipped(tag: Tag) -> bool:
    return tag.object.startswith(f"{_SHIPPED}.")


def _mapping(seen: Seen) -> str:
    lines = [
        f"# Fields recognised as health or personal data, drafted by crm-audit init on {seen.day} (UTC).",
        "# TO BE CONFIRMED, entry by entry. Take the # away to decide: keep the tag, correct it, or write none for a",
        "# field that says nothing about anybody. Write your own reason. Until then the guess holds, shown as a guess.",
        "# With the first entry, delete the [] after tags. Format and classes: docs/mappings.md.",
        "version: 1",
        "tags: []",
    ]
    for tag in sorted(itertools.filterfalse(_is_shipped, seen.tags), key=lambda one: one.field):
        name, _, field = one_line(tag.field).rpartition(".")
        lines += [
            "",
            f"  # {tag.confidence.value} confidence: {one_line('; '.join(tag.reasons))}",
            f"  # - match: {{object: {name}, field: {field}}}",
            f"  #   tag: {tag.phi_class}",
            "  #   why: TO BE CONFIRMED",
        ]
    return "\n".join(lines) + "\n"
