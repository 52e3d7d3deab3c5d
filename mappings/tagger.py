"""Guess what a field says about a person from its name, label, type, picklist, help and object.

No value stored in the field is read. Each sign adds points, and every tag lists the signs it rests on. One
word on an object that has nothing to do with health is never more than medium (phi-taxonomy 5). A field the
tagger leaves alone is unreviewed, not cleared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings.kinds import Kind, kind_of
from mappings.vocabulary import LANGUAGES, Quiet, Term, Vocabulary, turned_off
from mappings.words import Words, split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mappings.taxonomy import Taxonomy

# What each sign is worth; from LOW up a field is tagged.
STRONG_WORD, WEAK_WORD, NEED_MET = 4, 1, 1
HEALTH_OBJECT, PERSON_OBJECT, HEALTH_SIBLINGS = 2, 1, 1
VALUES, HELP = 2, 1
HIGH, MEDIUM, LOW = 6, 4, 2

# When two classes are equally likely (label guide): money before identity before health before free words.
_PRECEDENCE = (Coarse.NONE, Coarse.FREETEXT_RISK, Coarse.CLINICAL, Coarse.IDENTIFIER, Coarse.PAYMENT)
_ABOUT_CARE = (Coarse.CLINICAL, Coarse.PAYMENT)
_MANY_VALUES = 200
_LONG_HELP = 600


@dataclass(frozen=True, slots=True)
class Place:
    """What the object of a field holds, as far as its name tells; each role keeps the word that gave it away.

    `term` is set if the name is itself a term, as that of an object `Allergy` is.
    """

    text: Words
    workforce: str = ""
    reference: str = ""
    directory: str = ""
    health: str = ""
    person: str = ""
    speaks: str = ""
    term: Term | None = None

    @property
    def impersonal(self) -> str:
        """The role of an object that holds staff, settings or organisations, not the people cared for."""
        return next((role for role in ("workforce", "reference", "directory") if getattr(self, role)), "")


class Sign(Enum):
    """The parts of a field that can name a class; each counts once."""

    WORDS = "words"
    TYPE = "type"
    VALUES = "values"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in one part of a field; `where` and `phrase` are quoted in the reason."""

    term: Term
    sign: Sign
    worth: int
    where: str
    phrase: str
    size: int

    def reason(self) -> str:
        """Say in a sentence what was found where."""
        language = "" if self.term.language == "en" else f" ({LANGUAGES[self.term.language]})"
        if not self.phrase:
            return f"{self.where} {self.term.why}."
        return f'{self.where} says "{self.phrase}"{language}, which {self.term.why}.'


@dataclass(frozen=True, slots=True)
class Verdict:
    """A tag with the reasons for it, or the reasons why there is none."""

    tag: Tag | None
    silenced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """A field cut into words once."""

    facts: FieldFacts
    kind: Kind
    name: Words
    label: Words
    values: Words
    place: Place

    @property
    def own(self) -> tuple[Words, Words]:
        return (self.name, self.label)

    @property
    def scope(self) -> tuple[Words, Words, Words]:
        return (self.name, self.label, self.place.text)


class Tagger:
    """Tags fields with the words of a vocabulary and the classes of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, vocabulary: Vocabulary) -> None:
        self._taxonomy = taxonomy
        self._vocabulary = vocabulary
        self._place = lru_cache(maxsize=8192)(self._read_place)

    def tag(self, facts: FieldFacts, neighbours: Sequence[FieldFacts] = ()) -> Tag | None:
        """Tag one field, or return None when nothing speaks for a class; neighbours share its object."""
        return self.explain(facts, neighbours).tag

    def explain(self, facts: FieldFacts, neighbours: Sequence[FieldFacts] = ()) -> Verdict:
        """Tag one field, and if it is left alone say which signs were seen and silenced."""
        siblings = {
            other.key
            for other in neighbours
            if other.object == facts.object and other.key != facts.key and self._about_care(self._look(other))
        }
        return self._weigh(self._look(facts), len(siblings))

    def tag_all(self, facts: Iterable[FieldFacts]) -> list[Tag]:
        """Tag many fields, each in the light of the others on its object, in the order given."""
        looks = [self._look(one) for one in facts]
        about_care: dict[str, set[str]] = defaultdict(set)
        for look in looks:
            if self._about_care(look):
                about_care[look.facts.object].add(look.facts.key)
        tags = []
        for look in looks:
            others = about_care[look.facts.object]
            verdict = self._weigh(look, len(others) - (look.facts.key in others))
            if verdict.tag:
                tags.append(verdict.tag)
        return tags

    # ------------------------------------------------------------ looking

    def _look(self, facts: FieldFacts) -> _Look:
        return _Look(
            facts=facts,
            kind=kind_of(facts.type, facts.length),
            name=self._vocabulary.words(split_name(facts.name)[1]),
            label=self._vocabulary.words(facts.label),
            values=tuple(word for value in facts.picklist[:_MANY_VALUES] for word in self._vocabulary.words(value)),
            place=self._place(facts.object, facts.object_label),
        )

    def _read_place(self, object_name: str, object_label: str) -> Place:
        """Read an object's roles off its name and label; it is staff's only if it names no patient."""
        namespace, bare = split_name(object_name)
        texts = (self._vocabulary.words(bare), self._vocabulary.words(object_label))
        roles: dict[str, str] = {}
        for role, meaning in self._vocabulary.roles.items():
            if not any(meaning.unless.first_in(text) for text in texts):
                roles[role] = next((found for text in texts if (found := meaning.words.first_in(text))), "")
        if namespace.lower() in self._vocabulary.namespaces:
            roles["health"] = roles["health"] or namespace
        if object_name.lower().endswith("__mdt"):
            roles["reference"] = "metadata type"
        named = [
            (size, phrase, term)
            for text in texts
            for term, phrase, size in self._vocabulary.find(text, Kind.ANY)
            if term.coarse in _ABOUT_CARE
            and (term.strong or roles["health"] or size == len(text))
            and not turned_off(term, texts)
        ]
        term = None
        if named:
            _, phrase, term = max(named, key=lambda one: (one[0], one[2].strong, one[2].phi_class))
            roles["health"] = roles["health"] or phrase
        return Place(text=(*texts[0], *texts[1]), term=term, **roles)

    def _hits(self, look: _Look) -> Iterator[Hit]:
        """Find what the name, the label and the type say."""
        facts = look.facts
        for term, phrase, size in self._vocabulary.find(look.label, look.kind):
            yield Hit(term, Sign.WORDS, _worth(term), f'The label "{facts.label}"', phrase, size)
        for term, phrase, size in self._vocabulary.find(look.name, look.kind):
            yield Hit(term, Sign.WORDS, _worth(term), f'The name "{facts.name}"', phrase, size)
        for term in self._vocabulary.types.get(look.kind, ()):
            yield Hit(term, Sign.TYPE, _worth(term), f"The type {facts.type}", "", 0)

    def _about_care(self, look: _Look) -> bool:
        """Whether a field's own words speak of care plainly enough to colour its siblings."""
        if look.place.impersonal or look.kind is Kind.LINK:
            return False
        return any(
            term.strong
            and term.coarse in _ABOUT_CARE
            and not turned_off(term, look.scope)
            and not term.needs
            for text in look.own
            for term, _, _ in self._vocabulary.find(text, look.kind)
        )

    # ------------------------------------------------------------ weighing

    def _weigh(self, look: _Look, siblings: int) -> Verdict:
        """Add up the signs for each class and keep the best."""
        place = look.place
        if place.impersonal:
            return Verdict(None, (self._role_reason(place, place.impersonal),))
        if look.kind is Kind.LINK and (link := self._person_link(look)):
            return Verdict(link)
        healthy = bool(place.health) or siblings > 1
        silenced: list[str] = []
        found: dict[str, list[Hit]] = defaultdict(list)
        for hit in self._hits(look):
            if look.kind is Kind.LINK and not (hit.term.strong and hit.term.coarse in _ABOUT_CARE):
                continue
            why_not = self._silence(hit.term, look, healthy=healthy)
            if why_not:
                silenced.append(f"{hit.reason()} But {why_not}.")
            else:
                found[hit.term.phi_class].append(hit)
        self._add_generic(look, found)
        self._add_values(look, found)
        if healthy and not found:
            self._add_help(look, found)
        best: tuple[int, int, int, str] | None = None
        for phi_class, hits in found.items():
            points = self._points(hits, look, siblings)
            rank = _PRECEDENCE.index(hits[0].term.coarse)
            best = max(best or (0, 0, 0, ""), (points, max(hit.size for hit in hits), rank, phi_class))
        if best is None or best[0] < LOW:
            return Verdict(None, tuple(dict.fromkeys(silenced)))
        return Verdict(
            self._tag(look, best[3], found[best[3]], best[0], siblings), tuple(dict.fromkeys(silenced))
        )

    def _role_reason(self, place: Place, role: str) -> str:
        return f'The object\'s name says "{getattr(place, role)}": it {self._vocabulary.roles[role].why}.'

    def _silence(self, term: Term, look: _Look, *, healthy: bool) -> str:
        """Say why a term does not count here (look-alikes, phi-taxonomy 7), or return an empty string.

        Values turn off weak words only: `New; Used` makes a condition that of goods, but a list of diagnoses
        may well hold "Car accident".
        """
        off = turned_off(term, look.scope if term.strong else (*look.scope, look.values))
        if off:
            return f'"{off}" gives the word another sense'
        met = not term.needs or (term.needs_health and healthy)
        if not met and not any(term.needs.first_in(text) for text in look.scope):
            return "nothing else here points to a person's care or identity"
        return self._quiet(term, look)

    def _add_generic(self, look: _Look, found: dict[str, list[Hit]]) -> None:
        """Let `Status` take the class of an object such as `Allergy`, if nothing better was found."""
        term = look.place.term
        if (
            term is None
            or look.kind is Kind.LINK
            or any(hit.term.strong for hits in found.values() for hit in hits)
        ):
            return
        text = look.label or look.name
        word = self._vocabulary.generic.first_in(text) or self._vocabulary.generic.first_in(look.name)
        if word and not self._quiet(term, look):
            here = replace(term, why=f"on this object {term.why}", strong=False)
            found[term.phi_class].append(Hit(here, Sign.WORDS, WEAK_WORD + NEED_MET, "The field", word, 1))

    def _quiet(self, term: Term, look: _Look) -> str:
        """Say which rule of the vocabulary silences a class on this field, or return an empty string."""
        for quiet in self._vocabulary.quiet:
            if (term.phi_class in quiet.about or term.coarse.value in quiet.about) and _applies(quiet, look):
                return quiet.why
        return ""

    def _add_values(self, look: _Look, found: dict[str, list[Hit]]) -> None:
        """Let the values of a picklist speak if at least two of them name health plainly."""
        if not look.values or look.kind not in (Kind.CHOICE, Kind.ANY, Kind.TEXT):
            return
        named: dict[str, tuple[Term, set[str]]] = {}
        for term, phrase, _ in self._vocabulary.find(look.values, look.kind):
            if term.strong and term.coarse in _ABOUT_CARE and not turned_off(term, look.scope):
                named.setdefault(term.phi_class, (term, set()))[1].add(phrase)
        for phi_class, (term, phrases) in named.items():
            if len(phrases) > 1 and not self._quiet(term, look):
                found[phi_class].append(Hit(term, Sign.VALUES, VALUES, "Its list of values", min(phrases), 0))

    def _add_help(self, look: _Look, found: dict[str, list[Hit]]) -> None:
        """Let help text speak for a field among health fields whose own words, `Field 7`, say nothing."""
        if look.kind is Kind.LINK:
            return
        for text in (look.facts.help_text, look.facts.description):
            for term, phrase, _ in self._vocabulary.find(self._vocabulary.words(text[:_LONG_HELP]), look.kind):
                if term.strong and term.coarse in _ABOUT_CARE and not self._silence(term, look, healthy=True):
                    found[term.phi_class].append(Hit(term, Sign.HELP, 0, "The help text", phrase, 0))
                    return

    def _points(self, hits: Sequence[Hit], look: _Look, siblings: int) -> int:
        """Add up: words once, the type once, the values once, help once, the object once (phi-taxonomy 5)."""
        points = sum(max((hit.worth for hit in hits if hit.sign is sign), default=0) for sign in Sign)
        points += HELP if self._help(hits[0].term, look) else 0
        points += HEALTH_OBJECT if look.place.health else HEALTH_SIBLINGS if siblings > 1 else 0
        return points + (PERSON_OBJECT if look.place.person and not look.place.health else 0)

    def _help(self, term: Term, look: _Look) -> str:
        """Return the phrase by which help text or description supports the same kind of information."""
        for text in (look.facts.help_text, look.facts.description):
            for other, phrase, _ in self._vocabulary.find(self._vocabulary.words(text[:_LONG_HELP]), Kind.ANY):
                if other.coarse is term.coarse and (other.strong or other.phi_class == term.phi_class):
                    return phrase
        return ""

    def _person_link(self, look: _Look) -> Tag | None:
        """Tag a lookup that leads from a health record to its person (label guide, lookups and keys)."""
        if not look.place.health:
            return None
        target = self._vocabulary.roles["person"].words
        text = next((found for own in look.own if (found := target.first_in(own))), "")
        if not text:
            return None
        phi_class = self._taxonomy.classes["person_link"]
        reasons = (
            f'The lookup "{look.facts.label or look.facts.name}" leads from a health record to a person.',
        )
        return Tag(
            look.facts.key,
            phi_class.name,
            phi_class.coarse,
            phi_class.tier,
            Confidence.LOW,
            Basis.TAGGER,
            reasons,
        )

    def _tag(self, look: _Look, phi_class: str, hits: Sequence[Hit], points: int, siblings: int) -> Tag:
        """Write the tag with all its reasons."""
        reasons = [hit.reason() for hit in hits]
        phrase = self._help(hits[0].term, look)
        if phrase:
            reasons.append(f'The help text or description says "{phrase}".')
        if look.place.health:
            reasons.append(self._role_reason(look.place, "health"))
        elif siblings > 1:
            reasons.append(f"{siblings} other fields of the object are about care.")
        if look.place.person and not look.place.health:
            reasons.append(self._role_reason(look.place, "person"))
        confidence = (
            Confidence.HIGH if points >= HIGH else Confidence.MEDIUM if points >= MEDIUM else Confidence.LOW
        )
        if look.kind is Kind.LINK:
            confidence = Confidence.LOW
            reasons.append("It is a lookup: the record it leads to says the rest.")
        return Tag(
            field=look.facts.key,
            phi_class=phi_class,
            coarse=hits[0].term.coarse,
            tier=max(hit.term.tier for hit in hits),
            confidence=confidence,
            basis=Basis.TAGGER,
            reasons=tuple(dict.fromkeys(reasons)),
        )


def _worth(term: Term) -> int:
    """Count a strong word alone, a weak one with what it needed beside it."""
    return STRONG_WORD if term.strong else WEAK_WORD + (NEED_MET if term.needs else 0)


def _applies(quiet: Quiet, look: _Look) -> bool:
    """Whether the name, its ending or the kind of field is one that silences; all that are given must fit."""
    if quiet.kinds and look.kind not in quiet.kinds:
        return False
    if not (quiet.words or quiet.ends):
        return True
    return any(quiet.words.first_in(text) or quiet.ends.ending(text) for text in look.own)
