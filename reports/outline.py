"""What every format says first: headline, what could not be read, counts, and the digest people sign."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.access import Word
from auditor.findings import Finding, Severity, State
from auditor.phi import digest as tag_digest
from reports import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.audit import Audit
    from auditor.policy import Policy
    from auditor.retention import Overdue
    from auditor.rule import Surplus

CREDENTIAL_RULE = "credential-exceeds-need"
GAP_RULE = "evidence-gap"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that could not be read or decided. `accepted` when the vendor shows it to nobody."""

    system: str
    what: str
    name: str
    reason: str
    remedy: str
    accepted: bool


def findings(audits: Sequence[Audit]) -> list[tuple[Audit, Finding]]:
    """List the findings of all systems: observed ones first, worst first."""
    found = [(audit, finding) for audit in audits for finding in audit.findings]
    return sorted(found, key=lambda pair: (not pair[1].counts, -pair[1].severity))


def missing(audits: Sequence[Audit]) -> list[Missing]:
    """Everything that stayed unread or undecided, what somebody could have read first."""
    found = [one for audit in audits for one in _missing(audit)]
    return sorted(found, key=lambda one: one.accepted)


def _missing(audit: Audit) -> list[Missing]:
    found = []
    readings = audit.view.snapshot.readings
    for reading in readings.values():
        unread = reading.unread
        if unread is None:
            continue
        what = words.capability(reading.capability)
        reason = f"{unread.why.sentence} {unread.detail}".strip()
        found.append(Missing(audit.target, what, reading.name, reason, unread.remedy, unread.why.by_vendor))
    found += [
        Missing(
            audit.target, "Who can see what", f.seen.root_label, f.seen.message, f.seen.remedy, accepted=False
        )
        for f in audit.findings
        if f.rule == GAP_RULE and f.seen.root not in readings
    ]
    return found


def surplus(audit: Audit) -> tuple[Surplus, ...]:
    """Rights the auditing credential holds beyond its need."""
    return audit.view.surplus


def overdue(audits: Sequence[Audit]) -> list[tuple[Audit, Overdue]]:
    """List what was counted for every retention policy."""
    return [(audit, one) for audit in audits for one in audit.view.overdue]


def headline(audit: Audit) -> str:
    """One system in two or three plain sentences, of which the last always says how much was seen."""
    observed = [f for f in audit.findings if f.counts]
    name = audit.view.snapshot.manifest.org_name or audit.target
    sentences = [f"{name}: {_observed(observed)}"]
    kept = sum(one.total for one in audit.view.overdue)
    if kept:
        at_least = "" if all(one.complete for one in audit.view.overdue) else "At least "
        verb = "is" if kept == 1 else "are"
        records = words.counted(kept, "record")
        sentences.append(f"{at_least}{records} {verb} past the organisation's own maximum.")
    sentences.append(_seen(audit))
    return " ".join(sentences)


def _observed(observed: list[Finding]) -> str:
    if not observed:
        return "nothing beyond the approved policy was observed in what could be read."
    people = {person for f in observed for person in f.seen.people}
    fields = {cell.field for f in observed for cell in f.seen.cells}
    worst = max(f.severity for f in observed).label
    size = words.counted(len(observed), "finding")
    size += f", rated {worst}" if len(observed) == 1 else f", the worst rated {worst}"
    first = observed[0].seen.message
    if not people:
        return f"{size}. First: {first}"
    subject = "It concerns" if len(observed) == 1 else "Together they concern"
    return (
        f"{size}. {subject} {words.counted(len(people), 'person or account', 'people or accounts')} "
        f"and {words.counted(len(fields), 'field')} with personal or health data. First: {first}"
    )


def _seen(audit: Audit) -> str:
    accepted = len(audit.accepted_unknowns)
    rest = (
        f" {words.counted(accepted, 'accepted unknown')}, which the vendor shows to nobody."
        if accepted
        else ""
    )
    unread = len([one for one in _missing(audit) if not one.accepted])
    if not unread:
        return f"Everything this audit needs was read.{rest}"
    things = words.counted(unread, "thing")
    pairs = audit.pair_counts()
    undecided = pairs[Word.UNKNOWN]
    part = (
        f"; {undecided:,} of {sum(pairs.values()):,} pairs of a person and a field are unknown"
        if undecided
        else ""
    )
    return f"{things} could not be read or decided, so there may be more{part}.{rest}"


def by_severity(audits: Sequence[Audit]) -> dict[Severity, tuple[int, int]]:
    """For each level, worst first: findings observed, and findings that could not be decided."""
    found = [finding for _, finding in findings(audits)]
    return {
        level: (
            sum(1 for f in found if f.severity is level and f.counts),
            sum(1 for f in found if f.severity is level and f.seen.state is State.UNKNOWN),
        )
        for level in sorted(Severity, reverse=True)
    }


def by_state(audits: Sequence[Audit]) -> dict[State, tuple[int, int]]:
    """For each state of the closed list: rules that ended in it, and findings in it."""
    results = [result.state for audit in audits for result in audit.results]
    found = [finding.seen.state for _, finding in findings(audits)]
    return {state: (results.count(state), found.count(state)) for state in words.STATES}


def policy_digest(policy: Policy) -> str:
    """Identify the policy matrix by what it approves."""
    cells = sorted(
        (audience, phi_class, approval.level.name, approval.approver, approval.date)
        for audience, row in policy.matrix.items()
        for phi_class, approval in row.items()
    )
    return _hash([policy.version, cells])


def digest(audits: Sequence[Audit]) -> str:
    """Identify what this report says; it is printed beside the signatures, which bind to it (hipaa 5.3)."""
    return _hash([_identity(audit) for audit in audits])


def _identity(audit: Audit) -> list[object]:
    view = audit.view
    manifest = view.snapshot.manifest
    return [
        audit.target,
        manifest.org_id,
        words.stamp(manifest.taken_at),
        words.stamp(view.as_of),
        audit.tool_version,
        audit.config_digest,
        policy_digest(view.policy),
        tag_digest(view.tags.values()),
        [(r.rule.id, r.state.value, r.looked.count, r.looked.unknown) for r in audit.results],
        [(f.id, f.digest, f.severity.name) for f in audit.findings],
        [(r.name, "" if r.unread is None else r.unread.why.value) for r in view.snapshot.readings.values()],
        {word.value: count for word, count in audit.pair_counts().items()},
    ]


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:16]
