"""What a rule is, what it is shown, and how its answer is judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.access import Access
from auditor.attestation import Attestation
from auditor.doors import Change, Door
from auditor.findings import Finding, Observation, Severity, State, identity, state_digest
from auditor.leaks import LeakGraph
from auditor.lineage import Derived, Lineage
from auditor.people import Audiences
from auditor.phi import FieldFacts, Tag
from auditor.policy import Policy
from auditor.reach import Reach
from auditor.retention import Overdue, RetentionPolicy
from auditor.rulings import Ruling, Sources, Standing
from auditor.snapshot import Capability, Reading, Snapshot, Why
from auditor.special import citations as special_citations
from auditor.waivers import Waiver, waived


@dataclass(frozen=True, slots=True)
class Surplus:
    """One right the auditing credential holds beyond its need; `kind` is `write` or `phi`."""

    kind: str
    right: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """All a rule may look at: one org, judged at one moment.

    `accepted` maps a reading to why its absence was accepted, as far as that is in force; `classifier` is the
    decided way of recognising marketing, if one was given. `derived` has, for each tag that was carried over
    from another field, the step it came by. `marketing_objects` are the vendor's objects for marketing, and
    `bin_period` says how long it keeps what was deleted (ISO 8601; empty if that is not known). `attestations` are what
    access rests on that no API tells; `untold` says why accounts of some kind (`external`, `dormant`) cannot be told,
    or that the vendor has no `labels` for fields.
    `leaks` is None for a CRM whose forms, lists, workflows and messages nobody reads yet. `containers` are the fields
    in which the vendor's own objects keep free text. `steps` say, by rule id, where in the vendor's settings the
    remedy of a finding is carried out. `sources` is None where the classes were given, and nothing else was asked.
    `cleared` are fields that a person decided are no PHI, `associates` objects with whose records the vendor lets every
    record be associated, and `part2` is whether the organisation says that it is a programme under 42 CFR Part 2.
    """

    snapshot: Snapshot
    access: Access
    tags: Mapping[str, Tag]
    audiences: Audiences
    policy: Policy
    as_of: datetime
    facts: Mapping[str, FieldFacts] = field(default_factory=dict)
    retention: tuple[RetentionPolicy, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    surplus: tuple[Surplus, ...] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)
    classifier: Mapping[str, object] | None = None
    lineage: Lineage = field(default_factory=Lineage)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)
    doors: tuple[Door, ...] = ()
    changes: tuple[Change, ...] = ()
    marketing_objects: frozenset[str] = frozenset()
    bin_period: str = ""
    attestations: tuple[Attestation, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)
    leaks: LeakGraph | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    containers: frozenset[str] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    sources: Sources | None = None
    cleared: frozenset[str] = frozenset()
    associates: frozenset[str] = frozenset()
    part2: bool = False

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """What people decided about single fields, what needs somebody first."""
        order = list(Standing)
        found = self.sources.rulings if self.sources else ()
        return tuple(sorted(found, key=lambda one: (order.index(one.standing), one.field)))

    def accepts(self, reading: Reading) -> bool:
        """Whether this reading may be absent: the vendor shows it to nobody, or an owner accepted not to have it.

        What was refused, cut short or failed is never accepted.
        """
        why = reading.unread.why if reading.unread else None
        if why is Why.NOT_COLLECTED:
            return reading.name in self.accepted
        return why is not None and why.by_vendor


@dataclass(frozen=True, slots=True)
class Looked:
    """How much a rule looked at: so many of `what`.

    `absent` is positive proof that there is nothing to look at; `left_out` says what nobody asked to be looked at.
    """

    count: int
    what: str
    absent: str = ""
    unknown: int = 0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id names what is wrong, its docstring is its page, its control a number that may move.

    `looked` counts the evidence behind a pass: a pass over nothing is not constructible.
    """

    id: str
    control: str
    title: str
    severity: Severity
    citations: tuple[str, ...]
    nist: tuple[str, ...]
    needs: tuple[Capability, ...]
    page: str
    check: Callable[[View], Iterator[Observation]]
    looked: Callable[[View], Looked]


def rule(
    *,
    control: str,
    title: str,
    severity: Severity,
    citations: tuple[str, ...],
    nist: tuple[str, ...],
    needs: tuple[Capability, ...],
    looked: Callable[[View], Looked],
) -> Callable[[Callable[[View], Iterator[Observation]]], Rule]:
    """Make a rule of a function that yields observations; the id is its name with hyphens."""

    def make(check: Callable[[View], Iterator[Observation]]) -> Rule:
        return Rule(
            id=check.__name__.replace("_", "-"),
            control=control,
            title=title,
            severity=severity,
            citations=citations,
            nist=nist,
            needs=needs,
            page=inspect.cleandoc(check.__doc__ or ""),
            check=check,
            looked=looked,
        )

    return make


UNDECIDED = frozenset({State.UNKNOWN, State.NOT_ASSESSED, State.STALE})
"""States in which a rule has not answered for everything it was asked."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """A rule's answer: its state, its findings, what it could not see, and how much it looked at."""

    rule: Rule
    state: State
    findings: tuple[Finding, ...]
    gaps: tuple[Reading, ...]
    looked: Looked
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether it looked at everything it had to, so that what it did not find is not there."""
        return not self.gaps and not self.looked.unknown and self.state not in UNDECIDED


def judge(rule: Rule, view: View) -> RuleResult:
    """Run one rule. Partial data may prove an exposure; it never proves a pass."""
    gaps = view.snapshot.gaps(rule.needs)
    stamped = (_stamp(rule, seen, view) for seen in rule.check(view))
    lowered = (waived(finding, view.waivers, view.as_of) for finding in stamped)
    findings = tuple(sorted(lowered, key=lambda f: (-f.severity, f.id)))
    looked = rule.looked(view)
    state, note = _state(findings, gaps, looked)
    return RuleResult(rule, state, findings, gaps, looked, note)


def _state(findings: tuple[Finding, ...], gaps: tuple[Reading, ...], looked: Looked) -> tuple[State, str]:
    if any(f.seen.state is State.GAP_OBSERVED for f in findings):
        return State.GAP_OBSERVED, ""
    if any(f.seen.state is State.PARTIAL for f in findings):
        return State.PARTIAL, "Only possible access was observed."
    unknown = [f for f in findings if f.seen.state is State.UNKNOWN]
    if unknown and not gaps:
        return State.UNKNOWN, unknown[0].seen.message
    if gaps:
        return State.UNKNOWN, f"Not everything could be read: {', '.join(r.name for r in gaps)}."
    if looked.unknown:
        return State.UNKNOWN, f"{looked.unknown:,} of {looked.count:,} {looked.what} could not be decided."
    if findings:
        return State.GAP_WAIVED, "Everything observed is under a waiver in date. Still a gap."
    if looked.count:
        return State.NO_GAP_OBSERVED, f"{looked.count:,} {looked.what} looked at."
    if looked.absent:
        return State.NOT_APPLICABLE, looked.absent
    if looked.left_out:
        return State.NOT_ASSESSED, looked.left_out
    return State.UNKNOWN, f"There were no {looked.what} to look at, and nothing shows that there are none."


def _stamp(rule: Rule, seen: Observation, view: View) -> Finding:
    severity = rule.severity if seen.severity is None else seen.severity
    remedy = " ".join(part for part in (seen.remedy, view.steps.get(rule.id, "")) if part)
    tags = [view.tags[cell.field] for cell in seen.cells if cell.field in view.tags]
    special = special_citations(tags, view.facts, part2=view.part2)
    more = tuple(one for one in special if one not in rule.citations)
    return Finding(
        id=identity(view.snapshot.manifest.org_id, rule.id, seen),
        digest=state_digest(seen, severity),
        rule=rule.id,
        control=rule.control,
        title=rule.title,
        severity=severity,
        base_severity=rule.severity,
        citations=(*rule.citations, *more),
        nist=rule.nist,
        seen=replace(seen, remedy=remedy),
    )
