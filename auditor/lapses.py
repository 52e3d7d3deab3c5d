"""What is lost when assignments end: the verdicts before and after each end, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auditor.access import WORDS, Access, Word
from auditor.planes import Verb
from auditor.suppose import Supposed, suppose


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that is not what it was; `field` is an index."""

    field: int
    verb: Verb
    before: Word
    after: Word


@dataclass(frozen=True, slots=True)
class Lapse:
    """All assignments of one person, by index, that end at one moment, and what that changes.

    What ended earlier is gone by then, so that of two ways to a field only the last to end loses it. `gone` are all
    containers that have ended by then.
    """

    person: int
    at: datetime
    containers: tuple[str, ...]
    gone: frozenset[str]
    changes: tuple[Change, ...]


def lapses(
    access: Access, *, until: datetime | None = None, people: Iterable[int] | None = None
) -> list[Lapse]:
    """Every assignment that counts now and ends, by moment and person; `until` is the last moment asked about."""
    wanted = None if people is None else set(people)
    ends: dict[int, dict[datetime, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (person, container), at in access.grants.expiring.items():
        if (wanted is None or person in wanted) and (until is None or at <= until):
            ends[person][at].append(container)
    cases: list[Supposed] = []
    moments: list[tuple[int, datetime, tuple[str, ...]]] = []
    for person, by_moment in sorted(ends.items()):
        gone: frozenset[str] = frozenset()
        cases.append(Supposed(person))
        for at, containers in sorted(by_moment.items()):
            gone |= set(containers)
            moments.append((len(cases), at, tuple(sorted(containers))))
            cases.append(Supposed(person, gone))
    then = suppose(access, cases)
    found = [
        Lapse(cases[i].person, at, containers, cases[i].gone, _changes(then, i - 1, i))
        for i, at, containers in moments
    ]
    return sorted(found, key=lambda lapse: (lapse.at, access.grants.people[lapse.person].id))


def _changes(then: Access, before: int, after: int) -> tuple[Change, ...]:
    was, now = (int(then.signatures.of[i]) for i in (before, after))
    if was == now:
        return ()
    found = []
    for verb, old, new in zip((Verb.READ, Verb.EDIT), then.words(was), then.words(now), strict=True):
        found += [Change(int(i), verb, WORDS[old[i]], WORDS[new[i]]) for i in (old != new).nonzero()[0]]
    return tuple(sorted(found, key=lambda change: (change.field, change.verb is Verb.EDIT)))
