"""What every format says first: headline, what could not be read, counts, and the digest people sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.access import WORDS, Word
from auditor.audit import Audit, order
from auditor.findings import Finding, Severity, State
from auditor.people import Person
from auditor.phi import digest as tag_digest
from auditor.policy import Policy
from auditor.retention import Overdue
from auditor.snapshot import Reading
from auditor.waivers import Status
from reports import chains, words

CREDENTIAL_RULE = "credential-exceeds-need"
GAP_RULE = "evidence-gap"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that could not be read or decided. `accepted` when that does not count against the run."""

    system: str
    what: str
    name: str
    reason: str
    remedy: str
    accepted: bool


def findings(audits: Sequence[Audit]) -> list[tuple[Audit, Finding]]:
    """List the findings of all systems in the order of findings, whichever system they are of."""
    found = [(audit, finding) for audit in audits for finding in audit.findings]
    return sorted(found, key=lambda pair: order(pair[1]))


def leak_groups(audits: Sequence[Audit]) -> list[tuple[Audit, tuple[Finding, ...]]]:
    """List the chains, the worst first, each with the findings that several rules make of it."""
    found = [(audit, finding) for audit, finding in findings(audits) if finding.seen.chain]
    groups: dict[tuple[object, ...], list[tuple[Audit, Finding]]] = {}
    for audit, finding in sorted(found, key=lambda pair: chains.order(pair[1])):
        key = (audit.target, finding.seen.state, *(hop.node for hop in finding.seen.chain))
        groups.setdefault(key, []).append((audit, finding))
    return [(group[0][0], tuple(finding for _, finding in group)) for group in groups.values()]


def leak_paths(audits: Sequence[Audit]) -> list[tuple[Audit, Finding]]:
    """List the chains, the worst first, each with the gravest finding about it."""
    return [(audit, group[0]) for audit, group in leak_groups(audits)]


def example(audit: Audit, finding: Finding) -> str:
    """One path in words: the one the rule gave, or the chain of hops; empty if there is neither."""
    return finding.seen.example or chains.in_a_row(audit, finding.seen.chain)


def missing(audits: Sequence[Audit]) -> list[Missing]:
    """Everything that stayed unread or undecided, what somebody could have read first."""
    found = [one for audit in audits for one in _missing(audit)]
    return sorted(found, key=lambda one: one.accepted)


def _missing(audit: Audit) -> list[Missing]:
    return [*_unread(audit), *_undecided(audit)]


def _unread(audit: Audit) -> Iterator[Missing]:
    for reading in audit.view.snapshot.readings.values():
        unread = reading.unread
        if unread is not None:
            yield Missing(
                audit.target,
                words.capability(reading.capability),
                reading.name,
                why_unread(audit, reading),
                unread.remedy,
                accepted=reading in audit.accepted_unknowns,
            )


def _undecided(audit: Audit) -> Iterator[Missing]:
    """What stayed without an answer although nothing was refused: pairs, and counts that are only partly known."""
    for result in audit.results:
        if result.rule.id == GAP_RULE:
            readings = audit.view.snapshot.readings
            for seen in (f.seen for f in result.findings if f.seen.root not in readings):
                yield Missing(
                    audit.target,
                    "Who can see what",
                    seen.root_label,
                    seen.message,
                    seen.remedy,
                    accepted=False,
                )
            continue
        explained = any(gap in audit.unread for gap in result.gaps)
        open_question = result.looked.unknown or (result.state is State.UNKNOWN and not result.gaps)
        if open_question and not explained:
            reason = result.note or (
                f"{result.looked.unknown:,} of {result.looked.count:,} {result.looked.what} could not be decided."
            )
            yield Missing(
                audit.target, words.question(result.rule), result.rule.id, reason, remedy="", accepted=False
            )


def why_unread(audit: Audit, reading: Reading) -> str:
    """Why a reading is incomplete, and who accepted that if somebody did; its note when it is complete."""
    unread = reading.unread
    if unread is None:
        return reading.note
    accepted = audit.view.accepted.get(reading.name, "") if reading in audit.accepted_unknowns else ""
    return f"{unread.why.sentence} {unread.detail} {f'Accepted: {accepted}' if accepted else ''}".strip()


def accepted_in_short(count: int) -> str:
    """How many unknowns do not count against the run, in one sentence; empty if there are none."""
    if not count:
        return ""
    unknowns = words.counted(count, "accepted unknown")
    return f"{unknowns}: the vendor shows it to nobody, or an owner accepted its absence."


@dataclass(frozen=True, slots=True)
class Twice:
    """Somebody with accounts in several systems: each system with the account, in the order of the report."""

    accounts: tuple[tuple[Audit, Person], ...]

    @property
    def name(self) -> str:
        """The name in the first of them."""
        return self.accounts[0][1].name


def twice(audits: Sequence[Audit]) -> list[Twice]:
    """People who have the same e-mail address in several systems; nothing else says that they are the same."""
    found: dict[str, list[tuple[Audit, Person]]] = {}
    for audit in audits:
        for person in audit.view.access.grants.people:
            if person.email:
                found.setdefault(person.email.strip().lower(), []).append((audit, person))
    several = (one for one in found.values() if len({audit.target for audit, _ in one}) > 1)
    return sorted((Twice(tuple(one)) for one in several), key=lambda one: (one.name, one.accounts[0][1].id))


def reads(audit: Audit, person: Person) -> dict[Word, int]:
    """How many tagged fields somebody reads, or may, by verdict; `no` left out."""
    codes, _ = audit.view.access.words(audit.view.access.signature_of(person.id))
    counted: dict[Word, int] = {}
    for code in codes.tolist():
        word = WORDS[code]
        if word not in {Word.NO, Word.NOT_JUDGED}:
            counted[word] = counted.get(word, 0) + 1
    return counted


def overdue(audits: Sequence[Audit]) -> list[tuple[Audit, Overdue]]:
    """List what was counted for every retention policy."""
    return [(audit, one) for audit in audits for one in audit.view.overdue]


def proposals(audits: Sequence[Audit]) -> str:
    """One sentence about audiences nobody confirmed, or an empty string."""
    names = dict.fromkeys(name for audit in audits for name in audit.view.audiences.unconfirmed)
    if not names:
        return ""
    return (
        f"Not confirmed: who belongs to {', '.join(f'“{name}”' for name in names)} is a proposal that nobody has "
        "decided, so what is said about these people rests on a guess."
    )


def headline(audit: Audit) -> str:
    """One system in a few plain sentences, of which the last always says how much was seen."""
    observed = [f for f in audit.findings if f.counts]
    name = audit.view.snapshot.manifest.org_name or audit.target
    if not any(r.complete for r in audit.view.snapshot.readings.values()):
        return f"{name}: NOTHING could be read, so nothing can be said about it."
    sentences = [f"{name}: {_observed(observed) if observed else nothing((audit,))}", *_worst_leak(audit)]
    if waived := sum(f.seen.state is State.GAP_WAIVED for f in audit.findings):
        sentences.append(f"{words.counted(waived, 'gap')} under a waiver: lowered, listed, and still there.")
    kept = sum(one.total for one in audit.view.overdue)
    if kept:
        at_least = "" if all(one.complete for one in audit.view.overdue) else "At least "
        verb = "is" if kept == 1 else "are"
        records = words.counted(kept, "record")
        sentences.append(f"{at_least}{records} {verb} past the organisation's own maximum.")
    sentences.append(_seen(audit))
    return " ".join(sentences)


def _worst_leak(audit: Audit) -> Iterator[str]:
    found = (f.seen.chain for _, f in leak_paths((audit,)) if f.counts and chains.leads_on(f.seen.chain))
    worst = next(found, None)
    if worst is not None:
        yield f"Worst leak path: {chains.sentence(worst)}"


def nothing(audits: Sequence[Audit]) -> str:
    """Say that nothing that counts was observed, and whether only because of waivers."""
    beyond = "the approved policy and the waivers" if any(a.waived for a in audits) else "the approved policy"
    return f"nothing beyond {beyond} was observed in what could be read."


def standings(audits: Sequence[Audit]) -> dict[Status, int]:
    """Count waivers by how they stand, what needs a decision first; statuses of none are left out."""
    found = [standing.status for audit in audits for standing in audit.waivers]
    return {status: found.count(status) for status in Status if status in found}


def _observed(observed: list[Finding]) -> str:
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
    accepted = accepted_in_short(len(audit.accepted_unknowns))
    unread = sum(1 for one in _missing(audit) if not one.accepted)
    if not unread:
        return f"Everything this audit needs was read. {accepted}".strip()
    said = f"{words.counted(unread, 'thing')} could not be read or decided, so there may be more"
    pairs = audit.pair_counts()
    if pairs[Word.UNKNOWN]:
        every = sum(pairs.values())
        said += f"; {pairs[Word.UNKNOWN]:,} of {every:,} pairs of a person and a field are unknown"
    return f"{said}. {accepted}".strip()


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
