"""Walk effective access and gather what one person can fix: the shared half of the access rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from auditor.access import WORDS, Access, Path, Word
from auditor.findings import Cell
from auditor.phi import Tag
from auditor.planes import Gate, Grantor, Strength, Verb
from auditor.policy import Level
from auditor.rights import Use
from auditor.rule import View
from auditor.wording import apiece

RANK = {Word.YES: 0, Word.ACTIVATABLE: 1, Word.POSSIBLE: 2, Word.LATENT: 3, Word.DORMANT: 4, Word.UNKNOWN: 5}


Spread = dict[str, Counter[str]]
"""Field → word → how many people have it."""


@dataclass(slots=True)
class Exposure:
    """Everything one root grant gives one audience on one object.

    `each` counts the fields of each person. `clear` is whether anybody sees any of it as it is, rather than masked;
    `openers` are what opens the object, and `fixes` what would close it, where they say: both with the cells behind.
    """

    audience: str
    object: str
    root: Grantor
    words: dict[str, Word] = field(default_factory=dict)
    spread: Spread = field(default_factory=lambda: defaultdict(Counter))
    each: Counter[str] = field(default_factory=Counter)
    openers: Counter[str] = field(default_factory=Counter)
    fixes: Counter[str] = field(default_factory=Counter)
    clear: bool = False
    example: tuple[int, int] = (-1, -1)
    example_rank: int = 9

    def cells(self, tags: Callable[[str], Tag]) -> tuple[Cell, ...]:
        """The fields, by name, with the firmest word anybody has."""
        return cells_of(self.words, self.spread, tags)

    @property
    def people(self) -> Set[str]:
        """Whoever has any of it."""
        return self.each.keys()

    @property
    def apiece(self) -> str:
        """How many of the fields each person has, where not everybody has all."""
        return apiece(len(self.words), self.each.values())

    @property
    def through(self) -> str:
        """The root grant in words, for the end of a sentence."""
        if self.root.container:
            right = f" ({self.root.right})" if self.root.right else ""
            return f"{self.root.kind} “{self.root.label}”{right}"
        if self.root.undo and not self.root.container:
            return (
                f"{self.root.label}, behind {' and '.join(f'“{label}”' for label in _widest(self.openers))}"
            )
        if len(self.openers) == 1:
            return f"“{next(iter(self.openers))}”, which opens the object; the fields themselves cannot be secured"
        return (
            f"any of {len(self.openers)} grants that open the object; the fields themselves cannot be secured"
        )

    @property
    def remedy(self) -> str:
        """What one person would do about it."""
        if self.root.undo and self.root.container:
            return self.root.undo
        if self.root.undo:
            object_side = [", and ".join(_continued(_widest(self.fixes)))] if self.fixes else []
            return "; or ".join(_continued([*object_side, self.root.undo]))
        if self.root.container and self.root.right:
            return f"Clear {self.root.right} in {self.root.kind} “{self.root.label}”"
        if self.root.container:
            return f"Take the listed fields out of {self.through}"
        opened = ", ".join(f"“{label}”" for label in sorted(self.openers))
        return f"Make the fields securable (not universally required), or take Read on {self.object} from {opened}"

    @property
    def firmest(self) -> Word:
        """The firmest word among all fields and people."""
        return min(self.words.values(), key=RANK.__getitem__)


def _widest(counts: Counter[str]) -> list[str]:
    """What opens most first."""
    return sorted(counts, key=lambda one: (-counts[one], one))


def _continued(sentences: Iterable[str]) -> list[str]:
    """Sentences as parts of one: only the first begins with a capital."""
    return [one if i == 0 else one[:1].lower() + one[1:] for i, one in enumerate(sentences)]


def cells_of(words: Mapping[str, Word], spread: Spread, tags: Callable[[str], Tag]) -> tuple[Cell, ...]:
    """The fields, by name, with the firmest word anybody has, and how many people have which."""
    return tuple(
        Cell(name, tags(name).phi_class, word.value, tuple(sorted(spread[name].items())))
        for name, word in sorted(words.items())
    )


def groups(view: View, people: Iterable[str]) -> Iterator[tuple[int, str, list[int]]]:
    """Signature × audience, with the indexes of the given people in it, in a stable order."""
    access = view.access
    wanted = set(people)
    for signature, members in enumerate(access.signatures.members):
        by_audience: dict[str, list[int]] = {}
        for member in members:
            person = access.grants.people[member]
            if person.id in wanted:
                audience = view.audiences.of[person.id].audience
                by_audience.setdefault(audience, []).append(member)
        for audience, found in sorted(by_audience.items()):
            yield signature, audience, found


def exposures(
    view: View,
    people: Iterable[str],
    wanted: Callable[[Tag], bool],
    words: frozenset[Word],
    *,
    beyond_policy: bool = True,
    by_object: bool = True,
    verb: Verb = Verb.READ,
    roots: Callable[[Path], Iterable[Grantor]] = lambda path: path.fields,
) -> list[Exposure]:
    """Gather access of the given people to the wanted fields into root grants, less what the policy approves.

    The root is the grantor on the field side, unless `roots` says otherwise: what has to be changed to close the path.
    Where a field cannot be secured, that is the field itself.
    """
    access = view.access
    level = Level.READ if verb is Verb.READ else Level.EDIT
    columns = [(i, view.tags[c.name]) for i, c in enumerate(access.grants.fields) if c.name in view.tags]
    columns = [(i, tag) for i, tag in columns if wanted(tag)]
    found: dict[tuple[str, str, str], Exposure] = {}
    for signature, audience, members in groups(view, people):
        read, edit = access.words(signature)
        codes = read if verb is Verb.READ else edit
        ids = [access.grants.people[m].id for m in members]
        for index, tag in columns:
            word = WORDS[codes[index]]
            if word not in words or (beyond_policy and view.policy.allows(audience, tag, level)):
                continue
            path = access.path(signature, index, verb)
            owner = tag.object if by_object else ""
            if path is None:
                continue
            opens = [g for gate in path.objects for g in gate]
            for root in roots(path):
                exposure = found.setdefault((audience, owner, root.id), Exposure(audience, owner, root))
                for grantor in opens:
                    exposure.openers[grantor.label] += len(members)
                    if grantor.undo:
                        exposure.fixes[grantor.undo] += len(members)
                before = exposure.words.get(tag.field, Word.UNKNOWN)
                exposure.words[tag.field] = min(before, word, key=RANK.__getitem__)
                exposure.spread[tag.field][word.value] += len(members)
                exposure.each.update(ids)
                exposure.clear = exposure.clear or shows_clear(access, signature, members[0], index)
                if RANK[word] < exposure.example_rank:
                    exposure.example, exposure.example_rank = (members[0], index), RANK[word]
    return [found[key] for key in sorted(found)]


def shows_clear(access: Access, signature: int, person: int, field_index: int) -> bool:
    """Whether a value may show as it is; what somebody holds that could not be looked at may decrypt it."""
    if not access.grants.fields[field_index].masked or access.grants.unread:
        return True
    opens = (access.grants.rights[key] for key in access.rights(person, Strength.POSSIBLE))
    return bool(access.signatures.blind[signature]) or any(Use.DECRYPT in right.uses for right in opens)


def explain(access: Access, person: int, field_index: int, verb: Verb = Verb.READ) -> str:
    """One path in words: person → assignment → container → object right, field right, and what mutes it."""
    signature = int(access.signatures.of[person])
    path = access.path(signature, field_index, verb)
    who = access.grants.people[person]
    column = access.grants.fields[field_index]
    name = f"{who.name} ({who.id})"
    if path is None:
        return (
            f"{name} → {_closed(access, person, field_index, verb) or f'no path to {column.name} was found.'}"
        )
    if path.objects:
        objects = " and ".join(_any_of(access, person, gate) for gate in path.objects)
        opens = f"object: {objects}"
    else:
        opens = "object: nothing opens it"
    fields = _any_of(access, person, path.fields, field_index)
    return f"{name} → {opens}; field: {fields}"


def _closed(access: Access, person: int, field_index: int, verb: Verb) -> str:
    """What a no rests on, gate by gate, where the CRM's semantics say; empty where they do not."""
    signature = int(access.signatures.of[person])
    held = {index for index, _ in access.signatures.held(signature)}
    gates = [(Gate.OBJECT, gate) for gate in access.grants.fields[field_index].gates]
    told = []
    for gate, column in [*gates, (Gate.FIELD, field_index)]:
        opened = tuple(grantor for grantor, _ in access.openers(gate, verb, signature, column))
        closing = [i for i in access.grants.closes.get((gate, column), ()) if i in held]
        of = field_index if gate is Gate.FIELD else None
        if opened:
            told.append(f"{gate.value}: {_any_of(access, person, opened, of)}")
        elif closing:
            by = tuple(access.grants.grantors[i] for i in closing)
            told.append(f"{gate.value}: closed by {_any_of(access, person, by, of)}")
    return "; ".join(told) if any(": closed by " in text for text in told) else ""


def _any_of(
    access: Access, person: int, grantors: tuple[Grantor, ...], field_index: int | None = None
) -> str:
    return " or ".join(one_grantor(access, person, g, field_index) for g in grantors) or "nothing"


def one_grantor(access: Access, person: int, grantor: Grantor, field_index: int | None = None) -> str:
    """A grantor in words: what it is, how its assignment is limited, which parts carry the row, what mutes it."""
    grants = access.grants
    text = f"{grantor.kind} “{grantor.label}”" if grantor.container else grantor.label
    if grantor.right:
        text += f" ({grantor.right})"
    limited = grants.held_by.get((person, grantor.container), "")
    if limited:
        text += f" [{limited}]"
    if field_index is not None:
        index = access.grantor_index(grantor)
        via = grants.via.get((index, field_index), ())
        mutes = grants.mutes.get((index, field_index), ())
        if via:
            text += f" through {_labels(access, via)}"
        if mutes:
            text += f", muted by {_labels(access, mutes)}"
    return text


def _labels(access: Access, ids: tuple[str, ...]) -> str:
    return ", ".join(f"“{access.grants.labels.get(i, i)}”" for i in ids)
