"""What changed between two reports of one org, at the level of findings, people and fields.

Access that is gone is only fixed where everything that would show it was read again; otherwise it is
unverified (reference: peers 2.7). People who hold the same are compared once, whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from auditor.access import WORDS, Word, code
from auditor.errors import ConfigError
from auditor.findings import Severity, State
from auditor.rules import RULES
from auditor.snapshot import Capability

DIFFERENT = 9
"""Exit code of two reports that differ."""

_NEEDS: Mapping[str, frozenset[str]] = {r.id: frozenset(c.value for c in r.needs) for r in RULES}
_EVERYTHING = frozenset(c.value for c in Capability)
_OF_ACCESS = frozenset(
    c.value
    for c in (
        Capability.IDENTITY,
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    )
)
_RISING = (Word.NO, Word.DORMANT, Word.LATENT, Word.POSSIBLE, Word.ACTIVATABLE, Word.YES)
"""Access from none to firm; `-` is compared as none, and `unknown` with nothing."""


class Kind(StrEnum):
    """How a finding, or the access of some people to some fields, changed; worst first."""

    NEW = "new"
    WIDENED = "widened"
    WAIVER_LAPSED = "waiver lapsed"
    REOPENED = "re-opened"
    UNVERIFIED = "unverified now"
    RULE_CHANGED = "rule changed"
    POLICY_CHANGED = "policy changed"
    TAGS_CHANGED = "tags changed"
    CHANGED = "changed"
    WAIVED = "waived"
    NARROWED = "narrowed"
    DECIDED = "decided now"
    FIXED = "fixed"


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading as a report keeps it."""

    capability: str
    complete: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule as a report keeps it; `whole` when nothing it needs was missing and nothing stayed undecided.

    It is `idle` when it had nothing to look at, so that what it found before is gone for want of a question.
    """

    severity: Severity
    whole: bool
    idle: bool = False


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding as a report keeps it; `cells` gives the firmest word of each field.

    The `root` of a finding that says that something was not read is the name of the reading.
    """

    id: str
    digest: str
    rule: str
    severity: Severity
    state: State
    message: str
    root: str = ""
    people: frozenset[str] = frozenset()
    cells: Mapping[str, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """People of whom the same is true, with their words for reading and for editing; a field left out is no."""

    people: tuple[str, ...]
    read: Mapping[str, Word]
    edit: Mapping[str, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """One org as a report keeps it.

    `people` gives names by id, `tags` the class of each field, `settings` what identifies configuration and
    versions; `reopened` are findings whose waiver no longer fits their state. `reached` is False for an org that
    could not be read at all, which does not even know its own id.
    """

    target: str
    org_id: str
    people: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    findings: Mapping[str, KeptFinding] = field(default_factory=dict)
    rules: Mapping[str, KeptRule] = field(default_factory=dict)
    readings: Mapping[str, KeptReading] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    reopened: frozenset[str] = frozenset()
    reached: bool = True


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that came, went, or is another; `before` and `after` are None where it is not there."""

    kind: Kind
    before: KeptFinding | None
    after: KeptFinding | None

    @property
    def shown(self) -> KeptFinding:
        """The finding as it is, or as it was last seen."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two is always there
        return found


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Access of these people to these fields: the word for reading (or editing) before and after."""

    kind: Kind
    verb: str
    before: Word
    after: Word
    people: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def pairs(self) -> int:
        """How many pairs of a person and a field changed so."""
        return len(self.people) * len(self.fields)


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed in one org.

    `people_unseen` went, or were not read; `unread` are readings that were complete before and are not now.
    `tags`, `rules` and `settings` give the former and the present value by name, empty where there is none.
    """

    target: str
    findings: tuple[FindingChange, ...]
    access: tuple[AccessChange, ...]
    people_came: tuple[str, ...]
    people_went: tuple[str, ...]
    people_unseen: tuple[str, ...]
    tags: Mapping[str, tuple[str, str]]
    rules: Mapping[str, tuple[str, str]]
    settings: Mapping[str, tuple[str, str]]
    unread: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    hidden_behind: frozenset[str] = frozenset()

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(
            self.findings
            or self.access
            or self.people_came
            or self.people_went
            or self.people_unseen
            or self.tags
            or self.rules
            or self.settings
            or self.unread
        )

    @property
    def fresh(self) -> frozenset[str]:
        """Ids of findings that the former report did not have, or not so: new, wider, or without their waiver."""
        wider = {Kind.NEW, Kind.WIDENED, Kind.REOPENED, Kind.WAIVER_LAPSED}
        listed = frozenset(
            c.after.id
            for c in self.findings
            if c.after is not None
            and (c.before is None or c.kind in wider or c.after.severity > c.before.severity)
        )
        return listed | self.hidden_behind


def compare(before: Sequence[Kept], after: Sequence[Kept]) -> tuple[Changes, ...]:
    """Compare two reports, target by target.

    Raises ConfigError when they are not of the same targets and orgs.
    """
    former = {kept.target: kept for kept in before}
    latter = {kept.target: kept for kept in after}
    if former.keys() != latter.keys():
        raise ConfigError(
            f"The reports are of different targets: {_names(former)} before, {_names(latter)} after.",
            hint="Compare reports of the same configuration, or take a new baseline.",
        )
    for name, kept in former.items():
        if kept.reached and latter[name].reached and kept.org_id != latter[name].org_id:
            raise ConfigError(
                f"The target {name} was the org {kept.org_id} before and is {latter[name].org_id} now.",
                hint="Compare reports of the same org, or take a new baseline.",
            )
    return tuple(_changes(former[name], kept) for name, kept in latter.items())


def _names(kept: Iterable[str]) -> str:
    return ", ".join(sorted(kept)) or "none"


def _changes(before: Kept, after: Kept) -> Changes:
    findings = [c for c in _findings(before, after) if c is not None]
    blind = _blind(before, after, _OF_ACCESS)
    found = list(_access(before, after, blind=blind))
    went = tuple(sorted(before.people.keys() - after.people.keys()))
    tags = _differing(before.tags, after.tags)
    return Changes(
        target=after.target,
        findings=tuple(sorted(findings, key=lambda c: (KINDS.index(c.kind), -c.shown.severity, c.shown.id))),
        access=tuple(sorted(found, key=_worst_first)),
        people_came=tuple(sorted(after.people.keys() - before.people.keys())),
        people_went=() if blind else went,
        people_unseen=went if blind else (),
        tags={name: pair for name, pair in tags.items() if pair[1] or not blind},
        rules=_differing(_severities(before), _severities(after)),
        settings=_differing(before.settings, after.settings),
        unread=_lost(before, after, _EVERYTHING),
        names={**before.people, **after.people},
        hidden_behind=_behind(found, after),
    )


def _behind(access: Iterable[AccessChange], after: Kept) -> frozenset[str]:
    """Observed findings in which somebody gained access, though the firmest word, which they tell, is the same."""
    opened = [
        (frozenset(change.people), frozenset(change.fields))
        for change in access
        if change.kind in {Kind.NEW, Kind.WIDENED}
    ]
    return frozenset(
        one.id
        for one in after.findings.values()
        if one.state in {State.GAP_OBSERVED, State.PARTIAL}
        and any(
            not people.isdisjoint(one.people) and not fields.isdisjoint(one.cells)
            for people, fields in opened
        )
    )


def _worst_first(change: AccessChange) -> tuple[object, ...]:
    firmness = -max(_rank(change.before), _rank(change.after))
    return KINDS.index(change.kind), firmness, -change.pairs, change.verb, change.fields, change.people


def _severities(kept: Kept) -> dict[str, str]:
    return {name: rule.severity.label for name, rule in kept.rules.items()}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in sorted({*before, *after})}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _lost(before: Kept, after: Kept, capabilities: frozenset[str]) -> tuple[str, ...]:
    """Readings of these capabilities that were complete before and are not, or not there, now."""
    return tuple(
        sorted(
            name
            for name, reading in before.readings.items()
            if reading.capability in capabilities
            and reading.complete
            and not (name in after.readings and after.readings[name].complete)
        )
    )


def _blind(before: Kept, after: Kept, capabilities: frozenset[str]) -> bool:
    """Whether access may be gone from sight only: something that could show it was not read now."""
    missing = any(
        r.capability in capabilities and not r.complete and not r.accepted for r in after.readings.values()
    )
    return missing or not after.reached or bool(_lost(before, after, capabilities))


# -- findings


def _findings(before: Kept, after: Kept) -> Iterator[FindingChange | None]:
    for name in sorted({*before.findings, *after.findings}):
        was, now = before.findings.get(name), after.findings.get(name)
        kind = _kind(was, now, before, after)
        yield FindingChange(kind, was, now) if kind is not None else None


def _kind(was: KeptFinding | None, now: KeptFinding | None, before: Kept, after: Kept) -> Kind | None:
    if was is not None and now is not None:
        return _kind_of_both(was, now, before, after)
    if now is not None:
        if now.state is State.UNKNOWN:
            return Kind.UNVERIFIED
        return _cause(now, before, after, before) or Kind.NEW
    assert was is not None  # noqa: S101 - one of the two is always there
    if was.root in after.readings and after.readings[was.root].complete:
        return Kind.DECIDED
    if was.rule in after.rules and _unsure(was.rule, before, after):
        return Kind.UNVERIFIED
    if was.state is State.UNKNOWN:
        return Kind.DECIDED
    return _cause(was, before, after, after) or Kind.FIXED


def _unsure(rule: str, before: Kept, after: Kept) -> bool:
    return not after.rules[rule].whole or _blind(before, after, _NEEDS.get(rule, _EVERYTHING))


def _cause(finding: KeptFinding, before: Kept, after: Kept, lacking: Kept) -> Kind | None:
    """What other than access explains that one report lacks a finding: its rules, its tags or its policy."""
    if finding.rule not in lacking.rules:
        return Kind.RULE_CHANGED
    if lacking.reached and finding.cells and not any(name in lacking.tags for name in finding.cells):
        return Kind.TAGS_CHANGED
    if before.settings.get("policy") != after.settings.get("policy") and _opens(lacking, finding):
        return Kind.POLICY_CHANGED
    if lacking is after and _opens(after, finding) and not _lost_any(before, after, finding):
        # The access is still there: what went is the reason to call it a finding.
        return Kind.POLICY_CHANGED
    if lacking is after and lacking.rules[finding.rule].idle:
        return Kind.POLICY_CHANGED
    return None


def _opens(kept: Kept, finding: KeptFinding) -> bool:
    """Whether anybody in a finding holds any of its fields there."""
    return any(
        _rank(group.read.get(name, Word.NO)) > 0
        for group in kept.groups
        if not finding.people.isdisjoint(group.people)
        for name in finding.cells
    )


def _lost_any(before: Kept, after: Kept, finding: KeptFinding) -> bool:
    """Whether anybody in a finding has less on any of its fields than before."""
    was, now = _readers(before), _readers(after)
    # Most people share their words with others: each pair of words is compared once.
    pairs = {
        (id(was.get(p, _NOTHING)), id(now.get(p, _NOTHING))): (was.get(p, _NOTHING), now.get(p, _NOTHING))
        for p in finding.people
    }
    return any(
        _rank(old.get(name, Word.NO)) > _rank(new.get(name, Word.NO))
        for old, new in pairs.values()
        for name in finding.cells
    )


_NOTHING: Mapping[str, Word] = {}


def _readers(kept: Kept) -> dict[str, Mapping[str, Word]]:
    """Everybody's words for reading, by person."""
    return {person: group.read for group in kept.groups for person in group.people}


def _kind_of_both(was: KeptFinding, now: KeptFinding, before: Kept, after: Kept) -> Kind | None:
    if State.UNKNOWN in {was.state, now.state} and was.state is not now.state:
        return Kind.UNVERIFIED if now.state is State.UNKNOWN else Kind.NEW
    if was.state is State.GAP_WAIVED and now.state is not State.GAP_WAIVED:
        return Kind.REOPENED if now.id in after.reopened else Kind.WAIVER_LAPSED
    if now.state is State.GAP_WAIVED and was.state is not State.GAP_WAIVED:
        return Kind.WAIVED
    if was.digest != now.digest:
        return _kind_of_states(was, now, before, after)
    if was.severity is now.severity:
        return None
    former, present = before.rules.get(was.rule), after.rules.get(now.rule)
    if former and present and former.severity is not present.severity:
        return Kind.RULE_CHANGED
    return Kind.WIDENED if now.severity > was.severity else Kind.NARROWED


def _kind_of_states(was: KeptFinding, now: KeptFinding, before: Kept, after: Kept) -> Kind:
    if not now.cells and not was.cells and now.people >= was.people:
        # Only facts, such as counts and rights: nothing shows that they are fewer.
        return Kind.WIDENED
    if now.people - was.people or any(
        _rank(word) > _rank(was.cells.get(name, Word.NO)) for name, word in now.cells.items()
    ):
        return Kind.WIDENED
    if now.people == was.people and now.cells == was.cells:
        return Kind.WIDENED if now.severity > was.severity else Kind.CHANGED
    known = {name: word for name, word in was.cells.items() if name in after.tags}
    if now.people == was.people and now.cells == known:
        return Kind.TAGS_CHANGED
    return Kind.UNVERIFIED if now.rule in after.rules and _unsure(now.rule, before, after) else Kind.NARROWED


# -- people and fields


def _rank(word: Word) -> int:
    return _RISING.index(word) if word in _RISING else 0


def kind_of_words(before: Word, after: Word, *, blind: bool) -> Kind:
    """How access changed whose word is another now; `blind` when a no could be a gap in reading."""
    if after is Word.UNKNOWN:
        return Kind.UNVERIFIED
    if _rank(after) > _rank(before):
        return Kind.WIDENED if _rank(before) else Kind.NEW
    if blind:
        return Kind.UNVERIFIED
    if before is Word.UNKNOWN:
        return Kind.DECIDED
    return Kind.NARROWED if _rank(after) else Kind.FIXED


@dataclass(frozen=True, slots=True)
class _Rows:
    """Words of one org as codes: a row per group and a column per field; the last row is no throughout."""

    of: Mapping[str, int]
    read: npt.NDArray[np.uint8]
    edit: npt.NDArray[np.uint8]


def _rows(kept: Kept, columns: Mapping[str, int]) -> _Rows:
    shape = (len(kept.groups) + 1, len(columns))
    read, edit = (np.full(shape, code(Word.NO), dtype=np.uint8) for _ in range(2))
    of: dict[str, int] = {}
    for row, group in enumerate(kept.groups):
        of.update(dict.fromkeys(group.people, row))
        for plane, words in ((read, group.read), (edit, group.edit)):
            for name, word in words.items():
                if name in columns:
                    plane[row, columns[name]] = code(Word.NO if word is Word.NOT_JUDGED else word)
    return _Rows(of, read, edit)


def _access(before: Kept, after: Kept, *, blind: bool) -> list[AccessChange]:
    """Compare the fields both know, once for each two groups that share people.

    A field that may be missing because something was not read counts as known.
    """
    names = sorted(before.tags.keys() if blind else before.tags.keys() & after.tags.keys())
    columns = {name: place for place, name in enumerate(names)}
    old, new = _rows(before, columns), _rows(after, columns)
    shared: dict[tuple[int, int], list[str]] = {}
    for person in sorted({*old.of, *new.of}):
        key = (old.of.get(person, len(old.read) - 1), new.of.get(person, len(new.read) - 1))
        shared.setdefault(key, []).append(person)
    found: dict[tuple[str, int, int, tuple[int, ...]], list[str]] = {}
    for (row, now), people in shared.items():
        for verb, earlier, later in (
            ("read", old.read[row], new.read[now]),
            ("edit", old.edit[row], new.edit[now]),
        ):
            for first, second, at in _grouped(earlier, later):
                found.setdefault((verb, first, second, at), []).extend(people)
    changes = []
    for (verb, first, second, at), people in found.items():
        was, then = WORDS[first], WORDS[second]
        kind = kind_of_words(was, then, blind=blind)
        fields = tuple(names[place] for place in at)
        changes.append(AccessChange(kind, verb, was, then, tuple(sorted(people)), fields))
    return changes


def _grouped(
    before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Columns that differ, gathered by their two words."""
    gathered: dict[tuple[int, int], list[int]] = {}
    for place in np.flatnonzero(before != after):
        at = int(place)
        gathered.setdefault((int(before[at]), int(after[at])), []).append(at)
    for (first, second), places in gathered.items():
        yield first, second, tuple(places)
