"""Why not, in words: each gate that is not open, what could open it and why it does not, and what it would take."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Access, Word
from auditor.closed import Closed, Remedy, Source, Unmuting, WhyNot, after, why_not
from auditor.people import Kind, Person
from auditor.planes import Editing, Strength, Verb
from crm_audit.answers.naming import (
    FEW,
    container_named,
    counted,
    gate_named,
    grantor_named,
    people_counted,
    some,
)

PROFILE = "profile"
"""The kind of container of which everybody has one."""
SHORT = 3
"""How many sources and changes are shown for editing, unless all are asked for."""
_OPENS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.DORMANT})
_FIRMLY = {
    Strength.LIVE: "",
    Strength.ACTIVATABLE: " (once activated)",
    Strength.POSSIBLE: " (only possibly)",
    Strength.UNSURE: " (nobody could look)",
    Strength.NONE: "",
}
_THOUGH = {
    Strength.LIVE: "",
    Strength.ACTIVATABLE: "; it would need activation too",
    Strength.POSSIBLE: "; it would open it only possibly",
    Strength.UNSURE: "; whether it opens it, nobody could see",
    Strength.NONE: "",
}


def closed_lines(access: Access, person: int, field: int, verb: Verb, *, everything: bool) -> list[str]:
    """The section for one verb whose verdict is not a live yes."""
    column = access.grants.fields[field]
    if verb is Verb.EDIT and column.editing is not Editing.JUDGED:
        never = column.editing is Editing.NEVER
        return [
            "  why not edit: it is computed, and nobody can edit it"
            if never
            else "  why not edit: editing is not judged for this kind of field"
        ]
    found = why_not(access, person, field, verb, only_one=PROFILE)
    lines = [f"  why not {verb.value}:"]
    subject = access.grants.people[person]
    if subject.dormant:
        state = "frozen" if subject.active else "inactive"
        lines.append(f"    the account is {state}; switched on again, all it holds is back at once")
    if found.doubt:
        lines.append(f"    it could not be settled: {found.doubt}")
    if verb is Verb.EDIT and access.word(subject.id, column.name) in {Word.NO, Word.LATENT}:
        lines.append("    what cannot be read cannot be edited: see why not read")
    if verb is Verb.READ and not column.securable and not column.unknown:
        lines.append("    the field cannot be secured: it is open to whoever passes the object gate")
    few = FEW if verb is Verb.READ else SHORT
    for gate in found.closed:
        sources = some([_source(access, subject, s) for s in gate.sources], everything=everything, few=few)
        lines += _gate(access, gate, sources, doubt=found.doubt)
    remedies = [_unmuting(access, found, unmuting) for unmuting in found.unmutings]
    remedies += [_remedy(access, found, remedy) for remedy in found.remedies]
    if remedies:
        lines.append("    what would change it:")
        lines += [f"      {line}" for line in some(remedies, everything=everything, few=few)]
    lines += [f"      {line}" for line in _together(access, found)]
    return lines


def _gate(access: Access, gate: Closed, sources: list[str], *, doubt: str) -> Iterator[str]:
    state = {
        Strength.NONE: "closed",
        Strength.ACTIVATABLE: "open only once activated",
        Strength.POSSIBLE: "open only possibly",
        Strength.UNSURE: "not known to be open or closed",
    }[gate.opened]
    yield f"    {gate_named(gate.gate, gate.name)}: {state}"
    for muted in gate.muted:
        by, carriers = _labels(access, muted.muting.by), _labels(access, muted.muting.via)
        carry = "carries" if len(muted.muting.via) == 1 else "carry"
        yield f"      {grantor_named(muted.grantor)}: muted in the group by {by}, though {carriers} {carry} it"
    for grantor in gate.told_no:
        yield f"      {grantor_named(grantor)}: speaks of it, and does not open it"
    if gate.told_no and not gate.sources:
        yield "      nothing opens it; it is open to whoever nothing speaks to"
    elif not gate.sources:
        grants = access.grants
        partial = doubt or gate.unknown or grants.blind or grants.partial
        yield (
            "      nothing that was read opens it"
            if partial
            else "      nobody can: no container in this org opens it"
        )
    yield from (f"      {line}" for line in sources)


def _source(access: Access, person: Person, source: Source) -> str:
    holders = people_counted(source.holders) if source.holders else "nobody"
    held = "" if person.kind is Kind.HOLDER else f", held by {holders}"  # the holders of source are made up
    return f"{grantor_named(source.grantor)}{held}: {_why(access, person.name, source)}"


def _why(access: Access, name: str, source: Source) -> str:
    """Why a source does not open its gate to this person as firmly as could be."""
    if source.held is Strength.NONE:
        if not source.grantor.container:
            return f"does not apply to {name}"
        if source.ended:
            return f"assignment ended: {source.ended}"
        missing = (
            f"not the profile of {name}" if source.grantor.kind == PROFILE else f"not assigned to {name}"
        )
        return f"{missing}{_THOUGH[Strength(max(source.gain, source.right))]}"
    if source.held is Strength.ACTIVATABLE:
        return f"needs activation ({source.limits or 'session-based'})"
    if source.held is Strength.POSSIBLE:
        return f"possible only: {source.limits or 'what it gives this kind of account is not settled'}"
    if Strength.UNSURE in {source.held, source.right}:
        return f"unknown: {source.grantor.right or source.limits}"
    if source.mutes:
        limits = f" [{source.limits}]" if source.limits else ""
        return f"possible only: the same group mutes the field by {_labels(access, source.mutes)}{limits}"
    if source.right is Strength.LIVE:
        return "opens it"
    return f"possible only: {source.limits or 'its stored rights and its parts differ'}"


def _remedy(access: Access, found: WhyNot, remedy: Remedy) -> str:
    source, container = remedy.source, container_named(access, remedy.source.grantor.container)
    others = _others(access, found, source)
    if source.held is Strength.ACTIVATABLE:
        does = f"activating {container}"
    elif source.held is Strength.POSSIBLE:
        does = f"settling what limits {container}"
    elif remedy.replaces:
        does = f"giving the profile “{source.grantor.label}” [{source.grantor.container}]{others} in place of"
        does += f" {container_named(access, remedy.replaces)} and all that gives"
    elif source.grantor.kind == PROFILE:
        does = f"giving {container}{others}"
    else:
        does = f"assigning {container}{others}"
    return f"{does} would open {_then(found, remedy)}"


def _others(access: Access, found: WhyNot, source: Source) -> str:
    """How many people hold a source, in brackets; nothing where nobody is a real person."""
    if access.grants.people[found.person].kind is Kind.HOLDER:
        return ""
    return f" ({counted(source.holders, 'person holds it', 'people hold it') if source.holders else 'nobody holds it'})"


def _unmuting(access: Access, found: WhyNot, unmuting: Unmuting) -> str:
    muting, group = unmuting.muted.muting, grantor_named(unmuting.muted.grantor)
    return f"taking {muting.row} out of {_labels(access, muting.by)} would let {group} open {_then(found, unmuting)}"


def _labels(access: Access, ids: tuple[str, ...]) -> str:
    return ", ".join(f"“{access.grants.labels.get(i, i)}”" for i in ids)


def _then(found: WhyNot, change: Remedy | Unmuting) -> str:
    """The gates that a change opens, and the verdict then, with the gates that would still be closed."""
    opened = {position for position, _ in change.opens}
    gates = " and ".join(
        f"{gate_named(found.closed[p].gate, found.closed[p].name)}{_FIRMLY[s]}" for p, s in change.opens
    )
    then = f"{gates}; {found.verb.value} would be {change.word.value}"
    still = [
        gate_named(gate.gate, gate.name)
        for position, gate in enumerate(found.closed)
        if position not in opened and gate.opened is Strength.NONE
    ]
    if change.word in _OPENS or not still:
        return then
    return f"{then}, since {' and '.join(still)} would still be closed"


def _together(access: Access, found: WhyNot) -> Iterator[str]:
    """If no single change suffices: for each gate the firmest and then most held that can be assigned."""
    words = {remedy.word for remedy in found.remedies} | {unmuting.word for unmuting in found.unmutings}
    if not found.remedies or words & _OPENS:
        return
    chosen = []
    for gate in found.closed:
        fits = [s for s in gate.sources if s.grantor.container and s.grantor.kind != PROFILE]
        if not fits:
            return
        chosen.append(min(fits, key=lambda s: max(s.gain, s.right)))
    together = " and ".join(dict.fromkeys(container_named(access, s.grantor.container) for s in chosen))
    yield f"together, {together} would make it {after(access, found, chosen).value}"
