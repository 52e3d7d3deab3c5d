"""Which fields show what other fields hold, and what that makes of them.

A field that is computed from PHI, or is PHI under another name, republishes it past the permissions of its
source. Its tag is derived: the source's class, with the chain of steps as its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from auditor.phi import Basis, Coarse, Tag

_SEVERITY = (Coarse.CLINICAL, Coarse.PAYMENT, Coarse.FREETEXT_RISK, Coarse.IDENTIFIER, Coarse.NONE)
_DECIDED = frozenset({Basis.GIVEN, Basis.DECISION, Basis.MAPPING})


@dataclass(frozen=True, slots=True)
class Step:
    """One field (`carrier`) shows what another (`source`) holds; both as `Object.Field`.

    `how` says in words by which mechanism (“a formula”), `rule` is the reference's rule that says so. With
    `same`, both are the same data under two names, and the carrier adds no audience of its own design.
    """

    source: str
    carrier: str
    how: str
    rule: str
    same: bool = False


@dataclass(frozen=True, slots=True)
class Lineage:
    """Every step of one org, and what could not be followed.

    `unresolved` maps a computed field to references in it that name nothing this audit knows; `unparsed` maps one
    to why its expression could not be read at all. Both make a pass about derived copies impossible.
    """

    steps: tuple[Step, ...] = ()
    unresolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unparsed: Mapping[str, str] = field(default_factory=dict)
    references: int = 0


@dataclass(frozen=True, slots=True)
class Derived:
    """Where a derived field's class comes from: the step that reached it, and the field the chain starts at."""

    step: Step
    origin: str


def derive(
    tags: Iterable[Tag], lineage: Lineage, cleared: Iterable[str] = ()
) -> tuple[list[Tag], dict[str, Derived]]:
    """Add tags for every field that carries a tagged field's content, step by step until nothing new turns up.

    The gravest source wins, then the nearest, then the first by name. What a person decided stays as it is, `cleared`
    fields included, and nothing passes through a cleared field; a tag that was only inferred or read from a label
    yields to a graver source. Returns all tags, and for each derived one its step.
    """
    by_field = {tag.field: tag for tag in tags}
    fixed = {name for name, tag in by_field.items() if tag.basis in _DECIDED} | set(cleared)
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in sorted(lineage.steps, key=lambda s: (s.source, s.carrier, s.rule, s.how, s.same)):
        steps[step.source].append(step)
    derived: dict[str, Derived] = {}
    for coarse in _SEVERITY[:-1]:
        wave = sorted(name for name, tag in by_field.items() if tag.coarse is coarse)
        while wave:
            following = []
            for name in wave:
                for step in steps.get(name, ()):
                    if step.carrier in fixed or not _graver(by_field[name], by_field.get(step.carrier)):
                        continue
                    origin = derived[name].origin if name in derived else name
                    by_field[step.carrier] = _carried(by_field[name], step)
                    derived[step.carrier] = Derived(step, origin)
                    following.append(step.carrier)
            wave = sorted(following)
    return list(by_field.values()), derived


def chain(derived: Mapping[str, Derived], field: str) -> tuple[Step, ...]:
    """The steps from the field where a derived tag starts to this one; none for a field that is not derived."""
    steps: list[Step] = []
    while field in derived:
        steps.append(derived[field].step)
        field = derived[field].step.source
    return tuple(reversed(steps))


def _graver(source: Tag, carrier: Tag | None) -> bool:
    return carrier is None or _SEVERITY.index(source.coarse) < _SEVERITY.index(carrier.coarse)


def _carried(source: Tag, step: Step) -> Tag:
    verb = "The same data as" if step.same else f"{step.how[:1].upper()}{step.how[1:]} that shows"
    suffix = " under another name" if step.same else ""
    reason = f"{verb} {step.source}{suffix} ({step.rule})."
    return replace(source, field=step.carrier, basis=Basis.LINEAGE, reasons=(reason, *source.reasons))
