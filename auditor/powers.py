"""Rights of people as a whole, gathered by what gives them: the shared half of rules on export, API and overrides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field

import numpy as np

from auditor.access import WORDS, Access, Word, code
from auditor.exposure import RANK, Spread, cells_of, groups, one_grantor, shows_clear
from auditor.findings import STATE_OF, Cell, State
from auditor.phi import Tag
from auditor.planes import SEEN, Grantor, Strength
from auditor.policy import Level
from auditor.rights import Right, Use
from auditor.rule import View
from auditor.wording import apiece

_AT = {
    Strength.LIVE: Word.YES,
    Strength.ACTIVATABLE: Word.ACTIVATABLE,
    Strength.POSSIBLE: Word.POSSIBLE,
}
_READ_CODES = [code(word) for word in _AT.values()]


@dataclass(slots=True)
class Power:
    """Rights that one container gives one audience.

    `words` are the fields they are good for, if that was asked, and `each` counts those of each person.
    """

    audience: str
    root: Grantor
    word: Word = Word.UNKNOWN
    rights: set[str] = field(default_factory=set)
    each: Counter[str] = field(default_factory=Counter)
    words: dict[str, Word] = field(default_factory=dict)
    spread: Spread = field(default_factory=lambda: defaultdict(Counter))
    clear: bool = False
    example: int = -1

    def add(self, person: int, right: str, word: Word) -> None:
        """Take in one person's right; the firmest is the example."""
        self.rights.add(right)
        if RANK[word] < RANK[self.word]:
            self.word, self.example = word, person

    @property
    def people(self) -> Set[str]:
        """Whoever has any of them."""
        return self.each.keys()

    @property
    def apiece(self) -> str:
        """How many of the fields each person has, where not everybody has all."""
        return apiece(len(self.words), self.each.values())

    @property
    def state(self) -> State:
        """What the firmest of it means for a rule."""
        return STATE_OF[self.word]

    @property
    def through(self) -> str:
        """The container in words."""
        return f"{self.root.kind} “{self.root.label}”"

    def labels(self, view: View) -> str:
        """The rights by their labels, those over single objects gathered."""
        over: dict[str, list[str]] = {}
        for key in sorted(self.rights):
            right = view.access.grants.rights[key]
            objects = over.setdefault(right.label.removesuffix(f" on {right.object}"), [])
            objects += [right.object] if right.object else []
        between = "; " if any(len(objects) > 1 for objects in over.values()) else ", "
        return between.join(
            f"{label} on {', '.join(of)}" if of else label for label, of in sorted(over.items())
        )

    def remedy(self, view: View) -> str:
        """What one person would do about it."""
        return self.root.undo or f"Take {self.labels(view)} out of {self.through}"

    def cells(self, view: View) -> tuple[Cell, ...]:
        """The fields, by name, with the firmest word anybody has."""
        return cells_of(self.words, self.spread, view.tags.__getitem__)

    def path(self, view: View) -> str:
        """One person and what gives the rights, in words."""
        access = view.access
        who = access.grants.people[self.example]
        given = one_grantor(access, self.example, self.root)
        return f"{who.name} ({who.id}) → {given}: {self.labels(view)}"


def using(use: Use) -> Callable[[Right], bool]:
    """Rights that are good for something."""
    return lambda right: use in right.uses


def powers(
    view: View,
    people: Iterable[str],
    wanted: Callable[[Right], bool],
    fields: Callable[[Tag], bool] | None = None,
) -> list[Power]:
    """Gather the wanted rights of these people by audience and container.

    With `fields`, only people count who can read such a field beyond the approved policy.
    """
    access = view.access
    found: dict[tuple[str, str], Power] = {}
    columns = _columns(view, fields) if fields else []
    for signature, audience, members in groups(view, people):
        held = list(usable(access, members[0], wanted))
        reads = _reads(view, signature, audience, columns) if held and columns else {}
        if fields and not reads:
            continue
        best = min(reads.values(), key=RANK.__getitem__, default=Word.YES)
        counted: set[str] = set()
        for key, strength, grantor in held:
            again = grantor.id in counted  # one container may give several rights
            counted.add(grantor.id)
            power = found.setdefault((audience, grantor.id), Power(audience, grantor))
            power.add(members[0], key, max(_AT[strength], best, key=RANK.__getitem__))
            for member in members:
                power.each[access.grants.people[member].id] += 0 if again else len(reads)
            for index, word in reads.items():
                name = access.grants.fields[index].name
                power.spread[name][word.value] += 0 if again else len(members)
                power.words[name] = min(power.words.get(name, Word.UNKNOWN), word, key=RANK.__getitem__)
                power.clear = power.clear or shows_clear(access, signature, members[0], index)
    return [found[key] for key in sorted(found)]


def holders(view: View, people: Iterable[str], wanted: Callable[[Right], bool]) -> frozenset[str]:
    """Which of these people can use such a right, possible ones included."""
    access = view.access
    return frozenset(
        access.grants.people[member].id
        for _, _, members in groups(view, people)
        if any(True for _ in usable(access, members[0], wanted))
        for member in members
    )


def usable(
    access: Access, person: int, wanted: Callable[[Right], bool]
) -> Iterator[tuple[str, Strength, Grantor]]:
    """The wanted rights somebody can use, with all they need beside them, and what gives each, firmest first."""
    seen: set[tuple[str, str]] = set()
    for strength in SEEN:
        holds = access.rights(person, strength)
        for key, grantors in holds.items():
            right = access.grants.rights[key]
            if not wanted(right) or any(need not in holds for need in right.needs):
                continue
            for grantor in grantors:
                if (key, grantor.id) not in seen:
                    seen.add((key, grantor.id))
                    yield key, strength, grantor


def _columns(view: View, fields: Callable[[Tag], bool]) -> list[int]:
    tags = view.tags
    names = enumerate(column.name for column in view.access.grants.fields)
    return [index for index, name in names if name in tags and fields(tags[name])]


def _reads(view: View, signature: int, audience: str, columns: list[int]) -> dict[int, Word]:
    """The fields that one audience with this signature reads beyond the policy."""
    read, _ = view.access.words(signature)
    found = {}
    for at in np.flatnonzero(np.isin(read[columns], _READ_CODES)):
        index = columns[at]
        tag = view.tags[view.access.grants.fields[index].name]
        if not view.policy.allows(audience, tag, Level.READ):
            found[index] = WORDS[read[index]]
    return found
