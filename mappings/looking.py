"""Cut a field and its object into words once, and tell from the words what the object holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from auditor.phi import Coarse, FieldFacts
from mappings.kinds import Kind, kind_of
from mappings.vocabulary import Term, Vocabulary, turned_off
from mappings.words import Words, split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ABOUT_CARE = (Coarse.CLINICAL, Coarse.PAYMENT)
_MANY_VALUES = 200
_LONG_HELP = 600
_TARGET = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Place:
    """What the object of a field holds, as far as its name tells; each role keeps the word that gave it away.

    `term` is set if the name is itself a term, as that of an object `Allergy` is, `phrase` to its words, and `lent` to
    the weaker term that the object's fields may borrow.
    `doubtful` is set where only a word with other senses speaks for care: an `Appointment` is one of care only in a
    CRM about care. `catalogue` is set where the name may be that of a list of things, as `Drug`: it is one unless
    one of its fields names a person.
    """

    text: Words
    workforce: str = ""
    reference: str = ""
    directory: str = ""
    health: str = ""
    person: str = ""
    speaks: str = ""
    term: Term | None = None
    lent: Term | None = None
    phrase: str = ""
    doubtful: bool = False
    catalogue: bool = False

    @property
    def plainly_health(self) -> bool:
        """Whether the object is about care, whatever else the CRM holds."""
        return bool(self.health) and not self.impersonal and not self.doubtful

    @property
    def impersonal(self) -> str:
        """The role of an object that holds staff, settings or organisations, not the people cared for."""
        return next((role for role in ("workforce", "reference", "directory") if getattr(self, role)), "")


@dataclass(frozen=True, slots=True)
class Look:
    """A field cut into words once."""

    facts: FieldFacts
    kind: Kind
    name: Words
    label: Words
    questions: tuple[Words, ...]
    target: Words
    group: Words
    values: tuple[Words, ...]
    place: Place

    @property
    def is_part(self) -> bool:
        """Whether the field only says of which record this one is a part."""
        return self.facts.type.replace("-", "").replace(" ", "").casefold().startswith("masterdetail")

    @property
    def length(self) -> int:
        """How many characters the field may hold, as told or as written behind its type; 0 if nobody says."""
        written = _TARGET.search(self.facts.type)
        return self.facts.length or (int(written[1]) if written and written[1].isdecimal() else 0)

    @property
    def own(self) -> tuple[Words, ...]:
        """What names the field itself: its name, its label and the questions that fill it."""
        return (self.name, self.label, *self.questions)

    @property
    def scope(self) -> tuple[Words, ...]:
        """All that may turn a word's meaning: the field's own words, its section and its object."""
        return (*self.own, self.target, self.group, self.place.text)


class Looker:
    """Reads fields with the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._place = lru_cache(maxsize=8192)(self._read_place)
        self._words = lru_cache(maxsize=65536)(vocabulary.words)

    def look(self, facts: FieldFacts) -> Look:
        """Cut one field into words."""
        cut = self._words
        kind = kind_of(facts.type, facts.length)
        place = self._place(facts.object, facts.object_label)
        own = (
            cut(split_name(facts.name)[1]),
            cut(facts.label),
            *(cut(question) for question in facts.questions),
        )
        target = self._target(facts) if kind is Kind.LINK else ()
        group = cut(facts.group)
        return Look(
            facts=facts,
            kind=kind,
            name=own[0],
            label=own[1],
            questions=own[2:],
            target=target,
            group=group,
            values=tuple(cut(value) for value in facts.picklist[:_MANY_VALUES]),
            place=place,
        )

    def help(self, facts: FieldFacts) -> list[Words]:
        """The words of what explains a field; they are only asked for where something else speaks."""
        return [self._words(text[:_LONG_HELP]) for text in (facts.help_text, facts.description) if text]

    def look_all(self, facts: Iterable[FieldFacts]) -> list[Look]:
        """Cut fields of one CRM into words; a column without a type that is called like an object leads to it."""
        looks = [self.look(one) for one in facts]
        objects = {look.place.text for look in looks}
        return [
            replace(look, kind=Kind.LINK) if look.kind is Kind.ANY and look.name in objects else look
            for look in looks
        ]

    def _target(self, facts: FieldFacts) -> Words:
        """The words of the objects a lookup leads to; metadata writes them behind the type."""
        written = _TARGET.search(facts.type)
        targets: Sequence[str] = facts.targets or ([written[1]] if written else [])
        return tuple(word for target in targets for word in self._vocabulary.words(split_name(target)[1]))

    def _read_place(self, object_name: str, object_label: str) -> Place:
        """Read an object's roles off its name and label; it is staff's only if it names no patient."""
        namespace, bare = split_name(object_name)
        texts = (self._vocabulary.words(bare), self._vocabulary.words(object_label))
        roles: dict[str, Any] = {}
        for role, meaning in self._vocabulary.roles.items():
            if not any(meaning.unless.first_in(text) for text in texts):
                roles[role] = next((found for text in texts if (found := meaning.in_name(text))), "")
        if namespace.lower() in self._vocabulary.namespaces:
            roles["health"] = roles["health"] or namespace
        if object_name.lower().endswith("__mdt"):
            roles["reference"] = "metadata type"
        named = [
            (size, phrase, term)
            for text in texts
            for term, phrase, size in self._vocabulary.find(text, Kind.ANY)
            if term.coarse in ABOUT_CARE
            and (term.strong or roles["health"] or size == len(text))
            and not turned_off(term, texts)
        ]
        text = (*texts[0], *texts[1])
        catalogue = any(text in self._vocabulary.roles["reference"].whole.phrases for text in texts)
        if not named:
            return Place(text=text, catalogue=catalogue, **roles)
        _, phrase, term = max(
            named, key=lambda one: (one[0], one[2].strong, one[2].language == "en", one[2].phi_class)
        )
        doubtful = not roles["health"] and not any(one.strong and not one.needs_care for _, _, one in named)
        roles["health"] = roles["health"] or phrase
        return Place(
            text=text,
            term=term,
            lent=replace(term, strong=False),
            phrase=phrase,
            doubtful=doubtful,
            catalogue=catalogue,
            **roles,
        )
