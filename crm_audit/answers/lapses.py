"""Which assignments end soon, and what is lost with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from auditor.access import Access
from auditor.lapses import Lapse, lapses
from auditor.planes import Strength, Verb
from auditor.rule import View
from auditor.snapshot import Capability
from crm_audit.answers.naming import container_named, counted, named, on, people_counted, printed, some

MANY = 100
"""How many ends are shown unless all are asked for."""
_BECOME = {
    Strength.ACTIVATABLE: "need activation then",
    Strength.POSSIBLE: "are only possible then",
    Strength.UNSURE: "cannot be told then",
    Strength.NONE: "end",
}


def lapsing(view: View, days: int, *, everything: bool = False) -> str:
    """Every assignment that ends within so many days of the moment of judging, by date, with what is lost with it."""
    until = view.as_of + timedelta(days=days)
    found = lapses(view.access, until=until)
    people = people_counted(len({lapse.person for lapse in found}))
    lines = [
        f"{_ends(found)} between {on(view.as_of)} and {on(until)}" + (f", of {people}." if found else ".")
    ]
    if found:
        lines += _losses(found)
    lines += _doubts(view)
    shown = found if everything else found[:MANY]
    for lapse in shown:
        lines.append(f"{on(lapse.at)}  {named(view.access.grants.people[lapse.person])}")
        lines += [f"  {line}" for line in lapse_lines(view, lapse, everything=everything, dated=False)]
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown):,} more (use --all)")
    return printed(lines)


def _ends(found: list[Lapse]) -> str:
    """How many assignments end, and how many are left without a licence."""
    ending = counted(sum(len(lapse.containers) for lapse in found), "assignment ends", "assignments end")
    fading = sum(len(lapse.fading) for lapse in found)
    if not fading:
        return ending
    return f"{ending} and {counted(fading, 'assignment loses its licence', 'assignments lose their licence')}"


def _losses(found: list[Lapse]) -> Iterator[str]:
    """For how many people there is a loss, and for how many that could not be settled."""
    losing = {lapse.person for lapse in found if lapse.changes}
    yield f"A verdict about a tagged field changes for {people_counted(len(losing)) if losing else 'nobody'}."
    others = {lapse.person for lapse in found if lapse.rights or lapse.shown}
    if others:
        yield f"Rights, or how values show, change for {people_counted(len(others))}."
    unsettled = {lapse.person for lapse in found if lapse.doubt or lapse.unsettled}
    if unsettled:
        yield f"Not everything that is lost could be settled for {people_counted(len(unsettled))}."


def _doubts(view: View) -> Iterator[str]:
    """What could not be read of assignments, so that more may end than is listed."""
    gaps = view.snapshot.gaps({Capability.ASSIGNMENTS})
    for doubt in dict.fromkeys((view.access.grants.unread, *(r.unread.detail for r in gaps if r.unread))):
        if doubt:
            yield f"Not everything could be read, so there may be more: {doubt}"


def lapse_lines(view: View, lapse: Lapse, *, everything: bool, dated: bool = True) -> Iterator[str]:
    """One end: what ends, and which verdicts change, fields with the same change together."""
    access = view.access
    ending = ending_named(access, lapse)
    yield f"{on(lapse.at)}: {ending}" if dated else ending
    lost = list(_lost(access, lapse, everything=everything))
    yield from (f"  {line}" for line in lost)
    if lapse.doubt:
        yield f"  what {'else ' if lost else ''}is lost could not be settled: {lapse.doubt}"
        return
    if lapse.unsettled:
        count = counted(
            len(lapse.unsettled), "field that is unknown anyway", "fields that are unknown anyway"
        )
        reason = access.doubt(lapse.person, lapse.unsettled[0])
        yield f"  what is lost of {count} could not be settled: {reason}"
    if not lost:
        no = "no other loss" if lapse.unsettled else "no loss"
        yield f"  {no}: no verdict about a tagged field changes, nor any right"


def ending_named(access: Access, lapse: Lapse) -> str:
    """What ends at one moment."""
    named = [container_named(access, container) for container in lapse.containers]
    named += [f"the licence of {container_named(access, container)}" for container in lapse.fading]
    return " and ".join(named)


def _lost(access: Access, lapse: Lapse, *, everything: bool) -> Iterator[str]:
    """Verdicts that change, fields with the same change together, then values and rights."""
    same: dict[tuple[int, str], list[str]] = defaultdict(list)
    fields, rights = access.grants.fields, access.grants.rights
    for change in lapse.changes:
        words = f"{change.verb.value} {change.before.value} becomes {change.after.value}"
        same[change.verb is Verb.EDIT, words].append(fields[change.field].name)
    for shown in lapse.shown:
        same[2, f"values show {shown.after} instead of {shown.before}"].append(fields[shown.field].name)
    for held in lapse.rights:
        same[3, f"rights that {_BECOME[held.after]}"].append(rights[held.right].label)
    for (_, words), names in sorted(same.items()):
        yield f"{words}: {', '.join(some(names, everything=everything))}"
