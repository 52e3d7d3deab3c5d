"""Identifiers that only together tell people apart: birth date, postal code and sex (45 CFR 164.514(b)).

A field is recognised by the class of its tag and the words of its name and label; no value is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from auditor.links import Link, links
from auditor.phi import FieldFacts, Tag
from auditor.rule import View
from auditor.wording import words_of


class Part(StrEnum):
    """The three parts that together tell most people apart, though none of them does."""

    BIRTH = "birth date"
    POSTAL = "postal code"
    SEX = "sex"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAY = {
    Part.BIRTH: _words(
        "birth birthdate birthday dob born nacimiento naissance nascimento nascita geburtsdatum geburtstag"
    ),
    Part.POSTAL: _words("zip zipcode postal postcode postalcode plz postleitzahl cep pincode"),
    Part.SEX: _words("sex gender sexo genero sexe geschlecht sesso genere"),
}
_BUT_NOT = {
    Part.BIRTH: _words(
        "year age death deceased died dod ano edad muerte annee deces jahr alter tod idade obito"
    ),
    Part.POSTAL: _words("prefix type zone"),
    Part.SEX: _words("orientation partner partners"),
}
_WHOLE_ADDRESS = frozenset({"address", "location"})
_CLASSES = {
    Part.BIRTH: frozenset({"date_birth_death"}),
    Part.POSTAL: frozenset({"geographic"}),
    Part.SEX: frozenset({"demographic", "sogi"}),
}


def part_of(tag: Tag, fact: FieldFacts | None) -> Part | None:
    """Which of the three parts a field holds: by its class and by the words of its name and label.

    A year of birth or an age is no birth date, and a state or a city no postal code, while a whole address holds one.
    The class of a date says enough by itself; `identifier`, which says no more than that, counts where the words do.
    """
    short = tag.field.rpartition(".")[2]
    words = words_of(short, fact.label) if fact else words_of(short)
    for part, classes in _CLASSES.items():
        if words & _BUT_NOT[part] or tag.phi_class not in {*classes, "identifier"}:
            continue
        whole = part is Part.POSTAL and fact is not None and fact.type in _WHOLE_ADDRESS
        if words & _SAY[part] or (tag.phi_class in classes and (part is Part.BIRTH or whole)):
            return part
    return None


@dataclass(frozen=True, slots=True)
class QuasiIdentifier:
    """Fields that together tell most people apart: for each part those that hold it, over one object or linked ones.

    `lookups` are those that link the records, where access to each is judged; it is empty otherwise, and where all
    parts are on one object.
    """

    object: str
    parts: Mapping[Part, tuple[str, ...]]
    lookups: tuple[str, ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects it is spread over."""
        return tuple(sorted({name.rpartition(".")[0] for names in self.parts.values() for name in names}))


def quasi_identifiers(view: View) -> list[QuasiIdentifier]:
    """Every object whose records hold all three parts, by themselves or with the records their lookups lead to."""
    held: dict[str, dict[Part, tuple[str, ...]]] = defaultdict(dict)
    columns = {column.name for column in view.access.grants.fields}
    for name in sorted(columns):
        tag = view.tags.get(name)
        part = part_of(tag, view.facts.get(name)) if tag else None
        if tag and part:
            held[tag.object][part] = (*held[tag.object].get(part, ()), name)
    whole = {name for name, parts in held.items() if len(parts) == len(Part)}
    ways = links(view)
    found = []
    for name, own in sorted(held.items()):
        missing = set(Part) - own.keys()
        up = [link for link in ways[name] if link.up and missing & held.get(link.other, {}).keys()]
        parts = {part: own.get(part) or _of_linked(held, up, part) for part in Part}
        if all(parts.values()) and whole.isdisjoint(link.other for link in up):
            lookups = tuple(sorted(link.lookup for link in up))
            found.append(QuasiIdentifier(name, parts, lookups if columns.issuperset(lookups) else ()))
    return found


def _of_linked(
    held: Mapping[str, Mapping[Part, tuple[str, ...]]], up: Iterable[Link], part: Part
) -> tuple[str, ...]:
    objects = dict.fromkeys(link.other for link in up)
    return tuple(field for name in objects for field in held[name].get(part, ()))
