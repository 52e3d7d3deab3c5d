"""Hold the register of waivers against a saved report: what each entry does there, and what it no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.waivers import Standing, Status, ordered, standing
from auditor.wording import several
from crm_audit.config_problems import shown
from crm_audit.waivers_file import about
from reports import saved, words
from reports.inert import for_terminal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from auditor.waivers import Waiver
    from reports.json_v1 import Document

MOST = 10


def held_against(
    waivers: Sequence[Waiver], document: Document, targets: Sequence[str], as_of: dt.datetime
) -> str:
    """Say how every waiver stands at a moment against a saved report, what needs somebody first.

    `targets` are those of the configuration: with one alone, an entry that names none is for that one.
    """
    if not waivers:
        return "No waiver is in the register."
    stands = ordered(_one(waiver, _systems(waiver, document, targets), as_of) for waiver in waivers)
    lines = [f"Against {_named(document)}, with the waivers as of {words.moment(as_of)}:"]
    for one in stands:
        lines += _lines(one, _systems(one.waiver, document, targets), _target(one.waiver, targets), as_of)
    counts = [(status, sum(one.status is status for one in stands)) for status in Status]
    told = ", ".join(f"{count:,} {status.value}" for status, count in counts if count)
    lines.append(f"{several(len(stands), 'waiver')}: {told}.")
    return "\n".join(for_terminal(line) for line in lines)


def _one(waiver: Waiver, systems: Sequence[Document], as_of: dt.datetime) -> Standing:
    found = [one for system in systems for one in saved.subjects(system)]
    asked = [{rule["id"] for rule in system["rules"]} - set(saved.blind(system)) for system in systems]
    return standing(waiver, found, set.intersection(*asked) if asked else set(), as_of)


def _target(waiver: Waiver, targets: Sequence[str]) -> str:
    return waiver.target or (targets[0] if len(targets) == 1 else "")


def _systems(waiver: Waiver, document: Document, targets: Sequence[str]) -> list[Document]:
    target = _target(waiver, targets)
    return [system for system in document["systems"] if target in {"", system["target"]}]


def _named(document: Document) -> str:
    said = (
        f"{system['target']} as judged on {words.dated(system['judged_as_of'])}"
        for system in document["systems"]
    )
    return f"the report of {' and '.join(said)}"


def _lines(one: Standing, systems: Sequence[Document], target: str, as_of: dt.datetime) -> Iterator[str]:
    waiver = one.waiver
    yield f"{waiver.id}: {one.status.value}. {about(waiver)}, {_left(waiver, as_of)}. {waiver.place}"
    yield f"  {words.waiver_meaning(one.status)}"
    if one.status is Status.CANNOT_TELL:
        yield from (f"  {why}" for why in _doubts(one, systems, target))
    accepted = ", ".join(waiver.digests)
    yield from _capped(f"Finding {f.id} is one level lower by it." for f in one.waived)
    yield from _capped(
        f"Finding {f.id} has the state {f.digest} now; accepted is {accepted}." for f in one.reopened
    )
    yield from _capped(
        f"Finding {f.id} says what could not be read; that is never waived." for f in one.unread
    )


def _left(waiver: Waiver, as_of: dt.datetime) -> str:
    days = "" if waiver.ended(as_of) else f", {several((waiver.until - as_of).days, 'day')} left"
    return f"last day {waiver.expires}{days}"


def _capped(lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    yield from (f"  {line}" for line in told[:MOST])
    if len(told) > MOST:
        yield f"  And {several(len(told) - MOST, 'further finding')} like this."


def _doubts(one: Standing, systems: Sequence[Document], target: str) -> Iterator[str]:
    rule = one.waiver.rule
    if not systems:
        yield f"The report has no target {shown(target)}."
    for system in systems:
        if why := saved.blind(system).get(rule):
            yield f"In {system['target']}, {rule} did not see everything: {why}."
        elif rule not in {each["id"] for each in system["rules"]}:
            yield f"In {system['target']}, {rule} was not asked."
