"""What a rule found: one thing one person can fix, with an identity that survives the night.

A finding is rule × audience × object × root grant. Its `id` hashes the rule and stable ids only; its `digest`
hashes the state behind it (fields, words, people), so that a changed finding keeps its name but not its state.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from auditor.access import Word
from auditor.leaks import Hop
from auditor.surfaces import Told


class Severity(IntEnum):
    """Our levels; HIPAA has none (reference: hipaa 1.2)."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def label(self) -> str:
        """As reports print it."""
        return self.name.title()

    def raised(self, steps: int = 1) -> Severity:
        """One or more levels up (or down, if negative), within the scale."""
        return Severity(min(max(self + steps, Severity.LOW), Severity.CRITICAL))


class State(StrEnum):
    """The closed list of result states (hipaa 4.2). Only `no_gap_observed` counts as a pass, in tested scope."""

    NO_GAP_OBSERVED = "no_gap_observed"
    GAP_OBSERVED = "gap_observed"
    GAP_WAIVED = "gap_waived"
    PARTIAL = "partial"
    UNKNOWN = "unknown_not_readable"
    NOT_ASSESSED = "not_assessed"
    NOT_APPLICABLE = "not_applicable"
    ATTESTED = "attested"
    STALE = "stale"


class FoundBy(StrEnum):
    """How a finding was established (hipaa 4.3)."""

    CONFIGURATION = "configuration"
    INFERENCE = "inference"
    ATTESTATION = "attestation"


STATE_OF = {
    Word.YES: State.GAP_OBSERVED,
    Word.ACTIVATABLE: State.GAP_OBSERVED,
    Word.LATENT: State.GAP_OBSERVED,
    Word.POSSIBLE: State.PARTIAL,
    Word.DORMANT: State.GAP_OBSERVED,
    Word.UNKNOWN: State.UNKNOWN,
}
"""What each verdict word means for a rule; `no` and `-` are no finding."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a finding, with the strongest word anybody in it has, and how many people have which."""

    field: str
    phi_class: str
    word: str
    spread: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule yields: the subject by stable ids, and what was seen.

    `people` are ids, `facts` further labelled facts (counts, dates) for the reader, `told` those that name things by
    what they are called, of which the ids alone are part of the state; `example` is one path in words, `chain` the hops
    of a leak, from the question to where it ends. `severity` is None for the rule's own; `modifiers` say in words what
    raised or lowered it.
    """

    audience: str
    object: str
    root: str
    message: str
    state: State = State.GAP_OBSERVED
    severity: Severity | None = None
    modifiers: tuple[str, ...] = ()
    found_by: FoundBy = FoundBy.CONFIGURATION
    root_label: str = ""
    cells: tuple[Cell, ...] = ()
    people: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    example: str = ""
    remedy: str = ""
    chain: tuple[Hop, ...] = ()
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """An observation stamped with its rule, identity, state digest and severity, and the waiver that lowers it."""

    id: str
    digest: str
    rule: str
    control: str
    title: str
    severity: Severity
    base_severity: Severity
    citations: tuple[str, ...]
    nist: tuple[str, ...]
    seen: Observation
    waiver: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts towards the worst severity: something was observed, not merely unread."""
        return self.seen.state in {State.GAP_OBSERVED, State.PARTIAL}


def identity(target: str, rule: str, seen: Observation) -> str:
    """The finding's name: the same thing tomorrow has the same one, whatever people are called or counted."""
    return _hash([target, rule, seen.audience, seen.object, seen.root])


def state_digest(seen: Observation, severity: Severity) -> str:
    """The state behind a finding: changes when fields, words, people, facts, hops or the level before a waiver do."""
    cells = sorted((c.field, c.phi_class, c.word, list(c.spread)) for c in seen.cells)
    parts: list[object] = [severity.value, seen.state.value, cells, sorted(seen.people), list(seen.facts)]
    if seen.chain:
        parts.append([hop.node for hop in seen.chain])
    if seen.told:
        parts.append([(one.name, list(one.ids)) for one in seen.told])
    return _hash(parts)


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:16]
