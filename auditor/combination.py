"""Whether the people who read health data also read whose it is.

A field is a part and the record is the unit: health data is PHI where it meets an identifier on the same record, or on
one that is linked with it and that the same people read (taxonomy, section 1). That nothing identifies the person is
said only where every field that could was decided by a person, and is closed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from auditor.access import WORDS, Codes, Word
from auditor.links import Link, links
from auditor.phi import Coarse, Tag
from auditor.rule import View
from auditor.snapshot import Capability

READS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})
"""Words by which a field counts as read together with another."""

NEEDED = (
    Capability.SCHEMA,
    Capability.PEOPLE,
    Capability.ASSIGNMENTS,
    Capability.GRANTS,
    Capability.LINEAGE,
)
"""What has to be whole before anything is said about what people read together."""

_LINK = "person_link"
_TELLING = frozenset({Coarse.IDENTIFIER, Coarse.FREETEXT_RISK})
_SHOWN = 3
_FIRST = ("name", "email", "phone", "ssn_national_id", "medical_record_number")


class Where(StrEnum):
    """Where people who read a field of an object also read what identifies the person it is about."""

    HERE = "here"
    LINKED = "linked"
    NOWHERE = "nowhere"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whether the people who read health data of one object also read whose it is, and by which fields.

    `through` is the lookup that links the records, `readers` how many of the `people` read one of the fields.
    """

    where: Where
    fields: tuple[str, ...] = ()
    through: str = ""
    readers: int = 0
    people: int = 0

    def __str__(self) -> str:
        """As the second sentence of a finding."""
        who = "they" if self.readers == self.people else f"{self.readers:,} of them"
        if self.where is Where.HERE:
            return f"On the same record {who} read what identifies the person: {_some(self.fields)}."
        if self.where is Where.LINKED and not self.fields:
            return f"The record is linked to the person through {self.through}, which {who} read."
        if self.where is Where.LINKED:
            return (
                f"On a record linked through {self.through} {who} read what identifies the person: "
                f"{_some(self.fields)}."
            )
        if self.where is Where.NOWHERE:
            return "Nothing they read on the same or a linked record identifies the person."
        return "Whether they also read what identifies the person is not known."


def _some(fields: tuple[str, ...]) -> str:
    rest = len(fields) - _SHOWN
    shown = ", ".join(fields[:_SHOWN])
    return f"{shown} and {rest:,} more" if rest > 0 else shown


@dataclass(frozen=True)
class Combinations:
    """Answers for one view whose health data it is that people read; what was worked out is kept."""

    view: View

    def of(self, people: Iterable[str], name: str) -> Whose:
        """Whether these people, who read health data of an object, also read who it is about."""
        readers = Counter(self.view.access.signature_of(person) for person in people)
        count = readers.total()
        here, some = self._seen(readers, name)
        if here:
            short = tuple(field.removeprefix(f"{name}.") for field in here)
            return Whose(Where.HERE, short, readers=some, people=count)
        linked = [self._through(readers, link, count) for link in self._links.get(name, ())]
        if any(linked):
            return max(filter(None, linked), key=lambda whose: whose.readers)
        return Whose(Where.NOWHERE if self._surely_nobody(readers, name) else Where.UNTOLD, people=count)

    def _through(self, readers: Counter[int], link: Link, count: int) -> Whose | None:
        """What the records at the other end of a link tell, which only a lookup that is closed to all hides.

        A lookup to the person shows the name to whoever reads it.
        """
        words = {signature: self._word(signature, link.lookup) for signature in readers}
        if link.up and self._class(link.lookup) == _LINK and not READS.isdisjoint(words.values()):
            some = sum(readers[signature] for signature, word in words.items() if word in READS)
            return Whose(Where.LINKED, (), link.words, some, count)
        there, some = self._seen(readers, link.other)
        if not there or set(words.values()) == {Word.NO}:
            return None
        return Whose(Where.LINKED, there, link.words, some, count)

    def _surely_nobody(self, readers: Iterable[int], name: str) -> bool:
        """Whether everything was read, every field was decided, and what could identify the person is closed.

        Free text may name anybody, so it has to be closed too.
        """
        tags, fields = self.view.tags, [f for f, fact in self.view.facts.items() if fact.object == name]
        telling = [f for f in fields if f in tags and tags[f].coarse in _TELLING]
        telling += [link.lookup for link in self._links[name]]
        return (
            bool(fields)
            and not self.view.snapshot.gaps(NEEDED)
            and all(field in tags or field in self.view.cleared for field in fields)
            and all(self._word(signature, field) is Word.NO for signature in readers for field in telling)
        )

    def _seen(self, readers: Counter[int], name: str) -> tuple[tuple[str, ...], int]:
        """Which identifiers of an object somebody reads, the most telling first, and how many people read one."""
        seen = {signature: self._identifiers_read(signature, name) for signature in readers}
        fields = {field for each in seen.values() for field in each}
        count = sum(readers[signature] for signature, each in seen.items() if each)
        return tuple(sorted(fields, key=lambda field: (_rank(self._class(field)), field))), count

    def _identifiers_read(self, signature: int, name: str) -> tuple[str, ...]:
        if (signature, name) not in self._kept:
            fields = self._identifiers.get(name, ())
            self._kept[signature, name] = tuple(f for f in fields if self._word(signature, f) in READS)
        return self._kept[signature, name]

    def _word(self, signature: int, field: str) -> Word:
        """The verdict about an identifier or a lookup; whatever is no part of the audit is not judged."""
        if field not in self._columns:
            return Word.NOT_JUDGED
        if signature not in self._codes:
            self._codes[signature] = self.view.access.words(signature)[0][list(self._indexes)]
        return WORDS[int(self._codes[signature][self._columns[field]])]

    def _class(self, field: str) -> str:
        tag = self.view.tags.get(field)
        return tag.phi_class if tag else ""

    @cached_property
    def _links(self) -> dict[str, tuple[Link, ...]]:
        return links(self.view)

    @cached_property
    def _identifiers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, tag in self.view.tags.items():
            if identifies(tag):
                found[tag.object].append(name)
        return found

    @cached_property
    def _indexes(self) -> tuple[int, ...]:
        """The columns of the planes that are looked at here: what may tell who it is, and lookups that have a tag."""
        tags, facts = self.view.tags, self.view.facts
        return tuple(
            i
            for i, c in enumerate(self.view.access.grants.fields)
            if c.name in tags
            and (tags[c.name].coarse in _TELLING or (c.name in facts and facts[c.name].targets))
        )

    @cached_property
    def _columns(self) -> dict[str, int]:
        fields = self.view.access.grants.fields
        return {fields[index].name: place for place, index in enumerate(self._indexes)}

    @cached_property
    def _codes(self) -> dict[int, Codes]:
        return {}

    @cached_property
    def _kept(self) -> dict[tuple[int, str], tuple[str, ...]]:
        return {}


def identifies(tag: Tag) -> bool:
    """Whether a field identifies the person by itself; what people have in common with many others does not."""
    return tag.coarse is Coarse.IDENTIFIER and tag.phi_class not in {"demographic", _LINK}


def _rank(phi_class: str) -> int:
    return _FIRST.index(phi_class) if phi_class in _FIRST else len(_FIRST)
