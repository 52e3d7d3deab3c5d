from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from auditor.access import WORDS, Word, code
from auditor.exposure import RANK, explain, groups
from auditor.findings import Cell, FoundBy, Observation, Severity, State
from auditor.lineage import Step
from auditor.policy import Level
from auditor.rule import Looked, View, rule
from auditor.scope import awake, health, originals
from auditor.snapshot import Capability
from auditor.weight import weigh
from auditor.wording import several

_READS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})
_MAY_READ = [code(word) for word in (*_READS, Word.UNKNOWN)]


@dataclass(slots=True)
class _Wider:
    word: Word = Word.UNKNOWN
    certain: bool = False
    people: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    example: int = -1


def _steps(view: View) -> dict[str, list[Step]]:
    """The steps between fields with health data, by what they lead to, in order."""
    found: dict[str, list[Step]] = {}
    for step in sorted(view.lineage.steps, key=lambda s: (s.source, s.carrier, s.rule, s.how, s.same)):
        if all(name in view.tags and health(view.tags[name]) for name in (step.source, step.carrier)):
            found.setdefault(step.carrier, []).append(step)
    return found


def _copies(view: View) -> dict[str, tuple[str, ...]]:
    """Each computed copy, whatever tagged it, with the fields at which its chains start."""
    steps, second = _steps(view), originals(view)
    computed = {name for name, into in steps.items() if any(not step.same for step in into)}
    found = {}
    for name in sorted(computed):
        seen, waiting = {name}, [name]
        while waiting:
            sources = {step.source for step in steps.get(waiting.pop(), ())} - seen
            seen |= sources
            waiting += sorted(sources)
        found[name] = tuple(sorted(s for s in seen - computed if s not in second))
    return found


def _words(view: View) -> Iterator[tuple[str, list[int], str, Word, dict[str, Word]]]:
    """For each audience within a signature and each copy that may be read: its word, and those of its sources."""
    index = {column.name: i for i, column in enumerate(view.access.grants.fields)}
    copies = list(_copies(view).items())
    columns = [index[name] for name, _ in copies]
    for signature, audience, members in groups(view, awake(view)):
        read, _ = view.access.words(signature)
        for at in np.flatnonzero(np.isin(read[columns], _MAY_READ)):
            name, origins = copies[at]
            sources = {origin: WORDS[read[index[origin]]] for origin in origins}
            yield audience, members, name, WORDS[read[index[name]]], sources


def _looked(view: View) -> Looked:
    what = "computed fields"
    if not any(r.capability is Capability.LINEAGE for r in view.snapshot.readings.values()):
        return Looked(0, what)
    lost = {*view.lineage.unparsed, *view.lineage.unresolved}
    doubtful = {
        name
        for _, _, name, word, sources in _words(view)
        if word is Word.UNKNOWN or (word in _READS and Word.UNKNOWN in sources.values())
    }
    computed = {key for key, facts in view.facts.items() if facts.calculated} | _copies(view).keys() | lost
    absent = "No field of the objects that were read is computed from others." if view.facts else ""
    return Looked(len(computed), what, absent, len(lost | doubtful))


@rule(
    control="L01",
    title="A computed copy of PHI has a wider audience than its source",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.312(a)(1)"),
    nist=("AC-4", "AC-3", "AC-6", "CM-12"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def derived_copy_wider(view: View) -> Iterator[Observation]:
    """A formula or roll-up shows health data to people who cannot read the field it comes from.

    ## Why it matters
    The platform checks the permission on the computed field and not on its sources, so hiding a diagnosis does not
    hide a formula that spells it out. The copy says the same as the original and deserves the same audience.

    ## Remediation
    In Salesforce’s Setup > Object Manager > the object > Fields & Relationships, open the computed field, then Set
    Field-Level Security, and leave only those who may read its source. Or take the source out of the formula, or keep
    the formula on the clinical object.

    In HubSpot, restrict the calculated property like its source: Settings > Properties > the property > More > Manage
    access.

    ## Limits
    Follows formulas and roll-ups as far as their text could be read; those that could not are counted as undecided.
    Copies made by flows, imports, code, reports or connected tools are not seen. The sources are the fields at which
    the chains start; one that somebody cannot read is enough. Whether a field was tagged because of its source or by
    a person makes no difference. It is concluded from definitions, so it is an inference: no value was read.

    ## Example
    Contact.Segment_Hint__c is a formula over Contact.Diagnosis__c. Marketing reads the hint and not the diagnosis.
    """
    wider: dict[tuple[str, str], _Wider] = {}
    for audience, members, name, word, sources in _words(view):
        hidden = {origin: source for origin, source in sources.items() if _weaker(source, word)}
        if word not in _READS or not hidden or view.policy.allows(audience, view.tags[name], Level.READ):
            continue
        found = wider.setdefault((name, audience), _Wider())
        if RANK[word] < RANK[found.word]:
            found.word, found.example = word, members[0]
        firmly = word is not Word.POSSIBLE and any(source is not Word.POSSIBLE for source in hidden.values())
        found.certain = found.certain or firmly
        found.hidden.update(hidden)
        found.people.update(view.access.grants.people[m].id for m in members)
    steps = _steps(view)
    for (name, audience), found in sorted(wider.items()):
        yield _observe(view, name, audience, [step for step in steps[name] if not step.same], found)


def _weaker(source: Word, copy: Word) -> bool:
    return source is not Word.UNKNOWN and RANK.get(source, len(RANK)) > RANK.get(copy, len(RANK))


def _observe(view: View, name: str, audience: str, steps: list[Step], found: _Wider) -> Observation:
    tag = view.tags[name]
    weight = weigh(view, Severity.HIGH, [name], found.people)
    facts = view.facts.get(name)
    hidden = ", ".join(sorted(found.hidden))
    over = ", ".join(dict.fromkeys(step.source for step in steps))
    return Observation(
        audience=audience,
        object=tag.object,
        root=facts.id if facts is not None and facts.id else name,
        root_label=name,
        message=(
            f"{several(len(found.people), 'person', 'people')} of the audience {audience} can read {name}, which "
            f"shows {hidden}, and cannot read {'that' if len(found.hidden) == 1 else 'those'} as freely."
        ),
        state=State.GAP_OBSERVED if found.certain else State.PARTIAL,
        severity=weight.severity,
        modifiers=weight.modifiers,
        found_by=FoundBy.INFERENCE,
        cells=(Cell(name, tag.phi_class, found.word.value),),
        people=tuple(sorted(found.people)),
        facts=(
            ("source", hidden),
            ("last step", f"{steps[0].how} over {over}"),
            weight.fact,
        ),
        example=explain(view.access, found.example, view.access.field_index(name)),
        remedy=f"Give {name} the audience of {hidden}, or take {over} out of it.",
    )
