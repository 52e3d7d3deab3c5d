"""Run every rule over one org and say, once, how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.access import Word
from auditor.findings import Finding, Severity, State
from auditor.rule import Rule, RuleResult, View, judge
from auditor.snapshot import Reading


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
        """All findings in their order, those alike in it in rule order."""
        found = [f for result in self.results for f in result.findings]
        return tuple(sorted(found, key=lambda f: f.order))

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

    def pair_counts(self) -> dict[Word, int]:
        """How many person × field pairs have each read verdict."""
        return self.view.access.read_counts


def audit(
    target: str, view: View, rules: Iterable[Rule], *, tool_version: str, config_digest: str = ""
) -> Audit:
    """Judge every rule over one view."""
    return Audit(target, view, tuple(judge(rule, view) for rule in rules), tool_version, config_digest)


def exit_code(audits: Sequence[Audit]) -> int:
    """0 clean; 4 something unread; 11-14 the worst finding, everything read; 21-24 the same, something unread."""
    worst = max((a.worst for a in audits if a.worst is not None), default=None)
    incomplete = any(a.incomplete for a in audits)
    if worst is None:
        return 4 if incomplete else 0
    return (21 if incomplete else 11) + int(worst)
