"""What is lost when assignments end: what holds before and after each end, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.access import WORDS, Access, Word, code
from auditor.planes import SEEN, Strength, Verb
from auditor.suppose import Supposed, suppose


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that is not what it was; `field` is an index."""

    field: int
    verb: Verb
    before: Word
    after: Word


@dataclass(frozen=True, slots=True)
class Shown:
    """One field, by index, that stays open and whose values show otherwise than before."""

    field: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Held:
    """One right of the person as a whole, by key, that is held otherwise than before."""

    right: str
    before: Strength
    after: Strength


@dataclass(frozen=True, slots=True)
class Lapse:
    """All that ends for one person, by index, at one moment, and what that changes.

    `containers` are those whose assignment ends, `fading` those whose assignment is only possible from then on. What
    ended earlier is gone by then, so that of two ways to a field only the last to end loses it. `gone` are all
    containers that have ended by then. `unsettled` are the fields, by index, of which nobody can say whether they
    change, `doubt` is why nobody can say it of any.
    """

    person: int
    at: datetime
    containers: tuple[str, ...]
    gone: frozenset[str]
    changes: tuple[Change, ...]
    fading: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    rights: tuple[Held, ...] = ()
    unsettled: tuple[int, ...] = ()
    doubt: str = ""


@dataclass(slots=True)
class _Ends:
    """The containers of one person that end, and that fade, at one moment."""

    gone: set[str] = field(default_factory=set)
    faded: set[str] = field(default_factory=set)


def lapses(
    access: Access, *, until: datetime | None = None, people: Iterable[int] | None = None
) -> list[Lapse]:
    """Every assignment that counts now and ends, by moment and person; `until` is the last moment asked about."""
    wanted = None if people is None else set(people)
    cases: list[Supposed] = []
    moments: list[tuple[int, datetime, _Ends]] = []
    for person, by_moment in sorted(_ends(access, until).items()):
        if wanted is not None and person not in wanted:
            continue
        gone: frozenset[str] = frozenset()
        faded: frozenset[str] = frozenset()
        cases.append(Supposed(person))
        for at, ends in sorted(by_moment.items()):
            gone, faded = gone | ends.gone, faded | ends.faded
            moments.append((len(cases), at, ends))
            cases.append(Supposed(person, gone, faded=faded))
    then = suppose(access, cases)
    masked = [index for index, column in enumerate(access.grants.fields) if column.masked]
    found = [_lapse(then, masked, cases[i], i, at, ends) for i, at, ends in moments]
    return sorted(found, key=lambda lapse: (lapse.at, access.grants.people[lapse.person].id))


def _ends(access: Access, until: datetime | None) -> dict[int, dict[datetime, _Ends]]:
    """What ends, by person and moment; what has ended does not fade."""
    expiring, found = access.grants.expiring, defaultdict[int, dict[datetime, _Ends]](dict)
    for (person, container), at in expiring.items():
        if until is None or at <= until:
            found[person].setdefault(at, _Ends()).gone.add(container)
    for (person, container), at in access.grants.fading.items():
        ended = (person, container) in expiring and expiring[person, container] <= at
        if not ended and (until is None or at <= until):
            found[person].setdefault(at, _Ends()).faded.add(container)
    return found


def _lapse(
    then: Access, masked: Sequence[int], case: Supposed, after: int, at: datetime, ends: _Ends
) -> Lapse:
    """What case `after` changes against the one before it; `masked` are the masked fields."""
    was, now = (then.words(int(then.signatures.of[i])) for i in (after - 1, after))
    changes, unsettled = [], set()
    for verb, old, new in zip(Verb, was, now, strict=True):
        changes += [Change(int(i), verb, WORDS[old[i]], WORDS[new[i]]) for i in (old != new).nonzero()[0]]
        unknown = code(Word.UNKNOWN)
        unsettled |= set(((old == unknown) & (new == unknown)).nonzero()[0].tolist())
    return Lapse(
        case.person,
        at,
        tuple(sorted(ends.gone)),
        case.gone,
        tuple(sorted(changes, key=lambda change: (change.field, change.verb is Verb.EDIT))),
        tuple(sorted(ends.faded)),
        _shown(then, masked, after),
        _rights(then, after),
        tuple(sorted(unsettled)),
        then.grants.unread or then.grants.blind.get(after, ""),
    )


def _shown(then: Access, masked: Sequence[int], after: int) -> tuple[Shown, ...]:
    read, _ = then.words(int(then.signatures.of[after]))
    kept = (index for index in masked if WORDS[read[index]] not in {Word.NO, Word.LATENT})
    found = (Shown(index, then.form(after - 1, index), then.form(after, index)) for index in kept)
    return tuple(shown for shown in found if shown.before != shown.after)


def _rights(then: Access, after: int) -> tuple[Held, ...]:
    old, new = _held(then, after - 1), _held(then, after)
    none = Strength.NONE
    return tuple(
        Held(key, strength, new.get(key, none))
        for key, strength in sorted(old.items())
        if new.get(key, none) is not strength
    )


def _held(then: Access, case: int) -> dict[str, Strength]:
    """How firmly each right of a person as a whole is held, at best."""
    found: dict[str, Strength] = {}
    for strength in SEEN:
        for key in then.rights(case, strength):
            found.setdefault(key, strength)
    return found
