"""Which assignments end soon, and what is lost with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from auditor.lapses import Lapse, lapses
from auditor.rule import View
from crm_audit.answers.naming import container_named, named, on, people_counted, printed, some

MANY = 100
"""How many ends are shown unless all are asked for."""


def lapsing(view: View, days: int, *, everything: bool = False) -> str:
    """Every assignment that ends within so many days of the moment of judging, by date, with what is lost with it."""
    until = view.as_of + timedelta(days=days)
    found = lapses(view.access, until=until)
    count = sum(len(lapse.containers) for lapse in found)
    people = people_counted(len({lapse.person for lapse in found}))
    ends = "1 assignment ends" if count == 1 else f"{count:,} assignments end"
    lines = [f"{ends} between {on(view.as_of)} and {on(until)}" + (f", of {people}." if found else ".")]
    if found:
        losing = len({lapse.person for lapse in found if lapse.changes})
        lines.append(
            f"A verdict about a tagged field changes for {people_counted(losing) if losing else 'nobody'}."
        )
    lines += _doubts(view)
    shown = found if everything else found[:MANY]
    for lapse in shown:
        lines.append(f"{on(lapse.at)}  {named(view.access.grants.people[lapse.person])}")
        lines += [f"  {line}" for line in lapse_lines(view, lapse, everything=everything, dated=False)]
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown):,} more (use --all)")
    return printed(lines)


def _doubts(view: View) -> Iterator[str]:
    grants = view.access.grants
    if grants.unread:
        yield f"Not everything could be read, so there may be more: {grants.unread}"
    elif grants.blind:
        count = people_counted(len(grants.blind))
        yield f"Something that {count} hold could not be looked at; what they lose may be unsettled."


def lapse_lines(view: View, lapse: Lapse, *, everything: bool, dated: bool = True) -> Iterator[str]:
    """One end: what ends, and which verdicts change, fields with the same change together."""
    access = view.access
    ending = " and ".join(container_named(access, container) for container in lapse.containers)
    yield f"{on(lapse.at)}: {ending}" if dated else ending
    if not lapse.changes:
        yield "  no loss: no verdict about a tagged field changes"
        return
    same: dict[str, list[str]] = defaultdict(list)
    for change in lapse.changes:
        words = f"{change.verb.value} {change.before.value} becomes {change.after.value}"
        same[words].append(access.grants.fields[change.field].name)
    for words, fields in sorted(same.items(), reverse=True):
        yield f"  {words}: {', '.join(some(fields, everything=everything))}"
