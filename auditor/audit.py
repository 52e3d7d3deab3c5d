"""Run every rule over one org and say, once, how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.access import Word
from auditor.findings import Finding, Severity, State
from auditor.rule import Rule, RuleResult, View, judge
from auditor.rules import RULES
from auditor.snapshot import Reading
from auditor.waivers import Standing, Subject, register

_PLACES = {rule.id: place for place, rule in enumerate(RULES)}


def order(finding: Finding) -> tuple[bool, int, bool, int, int]:
    """Sorts findings: observed ones worst first; of a level the certain before the partial, then in the rules' order.

    That order begins with outsiders and marketing. Within a rule the wider is first: people times fields.
    """
    seen = finding.seen
    width = max(1, len(seen.people)) * max(1, len(seen.cells))
    place = _PLACES.get(finding.rule, len(_PLACES))
    return not finding.counts, -finding.severity, seen.state is State.PARTIAL, place, -width


@dataclass(frozen=True, slots=True)
class Audit:
    """One org, judged: the view, every rule's answer, and what identifies the judgement.

    `target` is the configured name; `config_digest` and `policy_version` say which rules of the house applied.
    """

    target: str
    view: View
    results: tuple[RuleResult, ...]
    tool_version: str
    config_digest: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those that weigh most first."""
        return tuple(sorted((f for result in self.results for f in result.findings), key=order))

    @property
    def unread(self) -> tuple[Reading, ...]:
        """Readings that are incomplete and count: refused, cut short or failed, or not accepted by anybody."""
        return tuple(
            r for r in self.view.snapshot.readings.values() if not r.complete and not self.view.accepts(r)
        )

    @property
    def accepted_unknowns(self) -> tuple[Reading, ...]:
        """Readings that stay unknown, are listed, and have no effect on the exit code.

        The vendor exposes them to nobody, or an owner accepted not to have them; what was refused, cut short or
        failed is never among them.
        """
        return tuple(
            r for r in self.view.snapshot.readings.values() if not r.complete and self.view.accepts(r)
        )

    @property
    def worst(self) -> Severity | None:
        """The worst severity among findings that were observed, None without any."""
        return max((f.severity for f in self.findings if f.counts), default=None)

    @property
    def incomplete(self) -> bool:
        """Whether something needed stayed unknown that was not accepted."""
        return bool(self.unread) or any(
            r.looked.unknown or (r.state is State.UNKNOWN and not r.gaps) for r in self.results
        )

    @property
    def waivers(self) -> tuple[Standing, ...]:
        """How every waiver of this org stands, what needs somebody first."""
        whole = {r.rule.id for r in self.results if r.whole}
        return register(self.view.waivers, [Subject.of(f) for f in self.findings], whole, self.view.as_of)

    @property
    def waived(self) -> bool:
        """Whether anything that was observed is under a waiver."""
        return any(f.seen.state is State.GAP_WAIVED for f in self.findings)

    def pair_counts(self) -> dict[Word, int]:
        """How many person × field pairs have each read verdict."""
        return self.view.access.read_counts


def audit(
    target: str, view: View, rules: Iterable[Rule], *, tool_version: str, config_digest: str = ""
) -> Audit:
    """Judge every rule over one view."""
    return Audit(target, view, tuple(judge(rule, view) for rule in rules), tool_version, config_digest)


@dataclass(frozen=True, slots=True)
class Gate:
    """Which observed findings decide the exit code: those at least so severe and, if `new` is given, in it.

    `new` has pairs of a target's name and a finding's id. What could not be read passes no gate unseen.
    """

    least: Severity = Severity.LOW
    new: frozenset[tuple[str, str]] | None = None

    def worst(self, audit: Audit) -> Severity | None:
        """The worst severity that this gate asks about."""
        asked = (
            f.severity
            for f in audit.findings
            if f.counts
            and f.severity >= self.least
            and (self.new is None or (audit.target, f.id) in self.new)
        )
        return max(asked, default=None)


def exit_code(audits: Sequence[Audit], gate: Gate | None = None) -> int:
    """0 clean; 4 something unread; 8 only by waivers; 11-14 the worst finding; 21-24 the same, something unread.

    With a gate, 0 means that nothing it asks about was observed and everything needed was read.
    """
    severities = (a.worst if gate is None else gate.worst(a) for a in audits)
    worst = max((s for s in severities if s is not None), default=None)
    incomplete = any(a.incomplete for a in audits)
    if worst is not None:
        return (21 if incomplete else 11) + int(worst)
    if incomplete:
        return 4
    return 8 if gate is None and any(a.waived for a in audits) else 0
