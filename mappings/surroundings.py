"""What the other fields of an object, of a form and of the whole CRM say about one field."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.phi import Coarse, Confidence, Tag
from mappings.kinds import Kind
from mappings.looking import Look
from mappings.vocabulary import Phrases
from mappings.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# A CRM is about care if a tenth of its fields are, or some and one in forty, or many; it is not if next to none are.
_SIGNS_OF_A_LIST = 2
_FEW_FIELDS, _SOME, _MANY, _OFTEN, _NOW_AND_THEN, _RARE = 6, 3, 25, 10, 40, 60
_SHORTEST_FORM, _SHORT_ANSWER = 4, 8


@dataclass(frozen=True, slots=True)
class Around:
    """The surroundings of one field: is its object about care, how many others of it are, and what is the CRM for.

    `health` is set where a word about health is meant so; `no_care` only where enough of the CRM was seen to say
    that nothing else in it is about care.
    """

    siblings: int
    object: bool
    health: bool
    care: bool
    no_care: bool
    catalogue: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """One field amid its surroundings, with the words that may turn or support the meaning of others."""

    look: Look
    around: Around
    own_words: frozenset[str]
    scope_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Which fields are about care, by object, which objects are lists of things, and what the CRM is for."""

    about_care: Mapping[str, frozenset[str]]
    catalogues: frozenset[str]
    care: bool
    no_care: bool

    @classmethod
    def of(
        cls,
        looks: Sequence[Look],
        about_care: Callable[[Look], bool],
        words: tuple[Phrases, Phrases, Phrases],
    ) -> Surroundings:
        """See all fields of a CRM at once; the words are those of people, of catalogues and of handling records."""
        by_object: dict[str, set[str]] = defaultdict(set)
        for look in looks:
            if about_care(look):
                by_object[look.facts.object].add(look.facts.key)
        objects = {look.facts.object for look in looks if look.place.plainly_health}
        signs = len(objects) + sum(map(len, by_object.values()))
        some = signs >= _SOME and signs * _NOW_AND_THEN >= len(looks)
        care = some or signs >= _MANY or signs * _OFTEN >= len(looks)
        return cls(
            about_care={name: frozenset(keys) for name, keys in by_object.items()},
            catalogues=_catalogues(looks, *words),
            care=care,
            no_care=not care and signs * _RARE < len(looks) and len(looks) >= _FEW_FIELDS,
        )

    def scene(self, look: Look) -> Scene:
        """One of the fields in its surroundings."""
        others = self.about_care.get(look.facts.object, frozenset())
        siblings = len(others) - (look.facts.key in others)
        own = bool(look.place.health) and not (look.place.doubtful and self.no_care)
        around = Around(
            siblings=siblings,
            object=own,
            health=own or siblings > 1 or (self.care and bool(look.place.person)),
            care=self.care,
            no_care=self.no_care,
            catalogue=look.facts.object in self.catalogues,
        )
        own_words = frozenset().union(*look.own)
        return Scene(look, around, own_words, own_words.union(look.target, look.group, look.place.text))

    def on_forms(
        self, looks: Sequence[Look], tags: Mapping[str, Tag | None]
    ) -> Iterator[tuple[Look, str, str]]:
        """Fields without a tag that share their answers with questions about health, with the class and why.

        "Watching TV" with the answers 0 to 3 is a question of a sleep scale if its siblings are. At least half
        of four or more questions must be about health already.
        """
        forms: dict[tuple[str, str], list[Look]] = defaultdict(list)
        for look in looks:
            if look.kind is not Kind.LINK and not look.place.impersonal and (answers := _answers(look)):
                forms[look.facts.object, answers].append(look)
        for form in forms.values():
            known = [
                tag
                for look in form
                if (tag := tags[look.facts.key])
                and tag.coarse is Coarse.CLINICAL
                and tag.confidence is not Confidence.LOW
            ]
            if len(form) < _SHORTEST_FORM or 2 * len(known) < len(form):
                continue
            name, _ = max(Counter(tag.phi_class for tag in known).items(), key=lambda one: (one[1], one[0]))
            why = f"{len(known)} other questions with the same answers on this object are about health."
            yield from ((look, name, why) for look in form if tags[look.facts.key] is None)


def _catalogues(looks: Sequence[Look], person: Phrases, listed: Phrases, handled: Phrases) -> frozenset[str]:
    """The objects that hold things rather than what happened to people.

    Their name says so (`Drug`), or two of their fields do (`Is Active`, `Sort Order`), and no field names a
    person or is a date, other than one of how the record is handled.
    """
    signs = Counter(look.facts.object for look in looks if any(listed.first_in(text) for text in look.own))
    lists = {look.facts.object for look in looks if look.place.catalogue}
    lists |= {name for name, count in signs.items() if count >= _SIGNS_OF_A_LIST}
    of_people = {
        look.facts.object
        for look in looks
        if look.facts.object in lists and (look.place.person or _of_a_person(look, person, handled))
    }
    return frozenset(lists - of_people)


def _of_a_person(look: Look, person: Phrases, handled: Phrases) -> bool:
    """Whether a field names a person, or dates something that happened to one."""
    if look.kind is Kind.DATE and not any(handled.first_in(text) for text in look.own):
        return True
    return any(person.first_in(_besides(text, look)) for text in (*look.own, look.target))


def _besides(text: Words, look: Look) -> Words:
    """The words that are not just the object's name again."""
    return tuple(word for word in text if word not in look.place.text)


def _answers(look: Look) -> str:
    """The list of answers of a question that can be told from an ordinary field, or an empty string."""
    if look.values:
        return "|".join(look.facts.picklist)
    short = look.kind is Kind.TEXT and 0 < look.length <= _SHORT_ANSWER
    return look.facts.type if short or (look.kind is Kind.FLAG and look.place.health) else ""
