"""Guess what a field says about a person from its name, label, type, picklist, help, section and object.

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
from mappings.kinds import Kind
from mappings.looking import ABOUT_CARE, Look, Looker
from mappings.surroundings import Around, surroundings
from mappings.vocabulary import LANGUAGES, Phrases, Quiet, Term, Vocabulary, turned_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mappings.looking import Place
    from mappings.taxonomy import Taxonomy
    from mappings.words import Words

# From this tier on a word speaks of health itself; below, of visits and payers, which other trades have too.
_HEALTH_ITSELF = "T3"

# What each sign is worth; from LOW up a field is tagged.
STRONG_WORD, WEAK_WORD, NEED_MET = 4, 1, 1
HEALTH_OBJECT, PERSON_OBJECT, HEALTH_SIBLINGS = 2, 1, 1
VALUES, HELP, DEFAULT = 4, 1, 1
HIGH, MEDIUM, LOW = 6, 4, 2

# What a name ends with is what the field holds: "Medication Cost" is a cost.
HEAD = 2
# When two classes are equally likely (label guide): money before identity before health before free words.
_PRECEDENCE = (Coarse.NONE, Coarse.FREETEXT_RISK, Coarse.CLINICAL, Coarse.IDENTIFIER, Coarse.PAYMENT)
# A contact detail of the person's doctor or insurer tells who treats them or who pays.
_OWNERS = {
    "provider_of_care": frozenset({"name", "phone", "fax", "email", "geographic", "url"}),
    "insurance_coverage": frozenset({"phone", "fax", "email", "url"}),
}
# What a lookup may tell by the record it leads to; a link to a visit or a claim is only a key (label guide).
_LINKED = frozenset(
    {
        "provider_of_care",
        "facility_department",
        "diagnosis_condition",
        "medication",
        "allergy",
        "procedure_treatment",
        "insurance_coverage",
    }
)
# Fields that take the meaning of their object if nothing speaks against it.
_SPOKEN_FOR = frozenset(
    {Kind.TEXT, Kind.LONG_TEXT, Kind.FLAG, Kind.CHOICE, Kind.NUMBER, Kind.DATE, Kind.MONEY, Kind.ANY}
)
_ENOUGH_VALUES, _SHARE_OF_VALUES = 2, 4


class Sign(Enum):
    """The parts of a field that can name a class; each counts once."""

    WORDS = "words"
    TYPE = "type"
    VALUES = "values"
    HELP = "help"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in one part of a field; `where` and `phrase` are quoted in the reason."""

    term: Term
    sign: Sign
    worth: int
    where: str
    phrase: str = ""
    size: int = 0
    head: bool = False

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


class Tagger:
    """Tags fields with the words of a vocabulary and the classes of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, vocabulary: Vocabulary) -> None:
        self._taxonomy = taxonomy
        self._vocabulary = vocabulary
        self._looker = Looker(vocabulary)
        self._quiet_about = lru_cache(self._rules_about)
        self._find = lru_cache(maxsize=65536)(lambda text, kind: tuple(vocabulary.find(text, kind)))

    def tag(self, facts: FieldFacts, neighbours: Iterable[FieldFacts] = ()) -> Tag | None:
        """Tag one field, or return None when nothing speaks for a class; neighbours are the CRM's other fields."""
        return self.explain(facts, neighbours).tag

    def explain(self, facts: FieldFacts, neighbours: Iterable[FieldFacts] = ()) -> Verdict:
        """Tag one field, and if it is left alone say which signs were seen and silenced."""
        everything = {one.key: one for one in (*neighbours, facts)}
        return self.explain_all(everything.values())[facts.key]

    def tag_all(self, facts: Iterable[FieldFacts]) -> list[Tag]:
        """Tag many fields of one CRM, each in the light of the others, in the order given."""
        return [verdict.tag for verdict in self.explain_all(facts).values() if verdict.tag]

    def explain_all(self, facts: Iterable[FieldFacts]) -> dict[str, Verdict]:
        """Explain many fields of one CRM, by `Object.Field`."""
        looks = self._looker.look_all(facts)
        around = surroundings(looks, self._about_care, self._vocabulary.contexts["patient"])
        verdicts = {look.facts.key: self._weigh(look, around.of(look)) for look in looks}
        for look, why in around.on_forms(looks, {key: one.tag for key, one in verdicts.items()}):
            verdicts[look.facts.key] = self._on_form(look, why)
        return verdicts

    # ------------------------------------------------------------ looking

    def _hits(self, look: Look) -> Iterator[Hit]:
        """Find what the name, the label, the questions, the lookup's target and the type say."""
        facts = look.facts
        for where, text in (
            (f'The label "{facts.label}"', look.label),
            (f'The name "{facts.name}"', look.name),
            *(
                (f'The question "{asked}"', text)
                for asked, text in zip(facts.questions, look.questions, strict=True)
            ),
            ("The record it leads to", look.target),
        ):
            end = self._vocabulary.head_of(text)
            for term, phrase, size in self._find(text, look.kind):
                yield Hit(term, Sign.WORDS, _worth(term), where, phrase, size, head=phrase.endswith(end))
        for term in self._vocabulary.types.get(look.kind, ()):
            yield Hit(term, Sign.TYPE, _worth(term), f"The type {facts.type}")

    def _about_care(self, look: Look) -> bool:
        """Whether a field's own words speak of care plainly enough to colour its siblings."""
        if look.place.impersonal or look.kind is Kind.LINK:
            return False
        return any(
            term.strong
            and term.coarse in ABOUT_CARE
            and not _turned_off(term, look)
            and (not term.needs or bool(term.needs.first_in(text)))
            and not (term.needs_care and term.tier < _HEALTH_ITSELF)
            for text in look.own
            for term, _, _ in self._find(text, look.kind)
        )

    # ------------------------------------------------------------ weighing

    def _weigh(self, look: Look, around: Around) -> Verdict:
        """Add up the signs for each class and keep the best."""
        place = look.place
        if place.impersonal:
            return Verdict(None, (self._role_reason(place, place.impersonal),))
        if around.catalogue and place.text:
            return Verdict(
                None, ("The object is named like a list of things, and no field of it names a person.",)
            )
        silenced: list[str] = []
        found: dict[str, list[Hit]] = defaultdict(list)
        for hit in self._hits(look):
            if look.kind is Kind.LINK and (hit.term.phi_class not in _LINKED or look.is_part):
                continue
            why_not = self._silence(hit.term, look, around)
            if why_not:
                silenced.append(f"{hit.reason()} But {why_not}.")
            else:
                found[hit.term.phi_class].append(hit)
        if look.kind is Kind.LINK:
            return self._link(look, found, around, silenced)
        if look.kind is Kind.MONEY:
            self._add_money(found)
        self._add_generic(look, found, around)
        self._add_values(look, found)
        if not found and not silenced:
            self._add_default(look, found, around)
        if (around.object or around.siblings > 1) and not found:
            self._add_help(look, found, around)
        best = self._best(look, found, around)
        said = tuple(dict.fromkeys(silenced))
        if best is None:
            return Verdict(None, said)
        return Verdict(self._tag(look, best, found[best], around), said)

    def _best(self, look: Look, found: dict[str, list[Hit]], around: Around) -> str | None:
        """Choose the class with the most points; what the name ends with counts more, free words least."""
        for owner, details in _OWNERS.items():
            if owner in found:
                for detail in details & found.keys():
                    found[owner] += found.pop(detail)
        about_care = self._names_notes(look, found)
        ranked = [
            (
                points + HEAD * any(hit.head for hit in hits),
                max(hit.size for hit in hits),
                _PRECEDENCE.index(hits[0].term.coarse),
                phi_class,
            )
            for phi_class, hits in found.items()
            if not (about_care and hits[0].term.coarse is Coarse.FREETEXT_RISK)
            and (points := self._points(hits, look, around)) >= LOW
        ]
        return max(ranked)[3] if ranked else None

    def _names_notes(self, look: Look, found: dict[str, list[Hit]]) -> bool:
        """Whether notes are of a named kind of care; what is written about a visit may be anything."""
        told = {hits[0].term.phi_class for hits in found.values() if hits[0].term.coarse in ABOUT_CARE}
        if look.kind is Kind.LONG_TEXT or "free_text_note" in found:
            told -= {"appointment_encounter"}
        return bool(told)

    def _role_reason(self, place: Place, role: str) -> str:
        return f'The object\'s name says "{getattr(place, role)}": it {self._vocabulary.roles[role].why}.'

    def _silence(self, term: Term, look: Look, around: Around) -> str:
        """Say why a term does not count here (look-alikes, phi-taxonomy 7), or return an empty string.

        Values turn off weak words only: `New; Used` makes a condition that of goods, but a list of diagnoses
        may well hold "Car accident".
        """
        off = _turned_off(term, look) or ("" if term.strong else turned_off(term, look.values))
        if off:
            return f'"{off}" gives the word another sense'
        if term.needs_care and around.no_care and not around.object:
            return "nothing in this CRM points to the care of people"
        money = term.coarse is Coarse.PAYMENT
        health = around.object or around.siblings > 1 if money else around.health
        met = not term.needs or (term.needs_health and health)
        if not met and not _meets(term, look):
            return "nothing else here points to a person's care or identity"
        return self._quiet(term, look)

    def _quiet(self, term: Term, look: Look) -> str:
        """Say which rule of the vocabulary silences a class on this field, or return an empty string."""
        rules = self._quiet_about(term.phi_class, term.coarse)
        return next((quiet.why for quiet in rules if _applies(quiet, look)), "")

    def _rules_about(self, phi_class: str, coarse: Coarse) -> tuple[Quiet, ...]:
        return tuple(
            quiet
            for quiet in self._vocabulary.quiet
            if (phi_class in quiet.about or coarse in quiet.about) and phi_class not in quiet.but
        )

    def _add_money(self, found: dict[str, list[Hit]]) -> None:
        """Read an amount of money that names a kind of care as what the care costs (label guide, precedence)."""
        care = [one for one, hits in found.items() if hits[0].term.coarse is Coarse.CLINICAL]
        cost = self._taxonomy.classes["payment_for_care"]
        for hit in (hit for one in care for hit in found.pop(one)):
            term = replace(hit.term, phi_class=cost.name, coarse=cost.coarse, tier=cost.tier)
            found[cost.name].append(replace(hit, term=term))

    def _add_generic(self, look: Look, found: dict[str, list[Hit]], around: Around) -> None:
        """Let `Status` take the class of an object such as `Allergy`, if nothing better was found."""
        term = look.place.term
        if (
            term is None
            or not around.object
            or any(hit.term.strong for hits in found.values() for hit in hits)
        ):
            return
        text = look.label or look.name
        word = self._generic(text, look.place.text) or self._generic(look.name, look.place.text)
        if word and not self._quiet(term, look):
            here = replace(term, strong=False)
            where = f'It is the "{word}" of an object whose name'
            found[term.phi_class].append(
                Hit(here, Sign.WORDS, WEAK_WORD + NEED_MET, where, look.place.phrase, 1)
            )

    def _add_default(self, look: Look, found: dict[str, list[Hit]], around: Around) -> None:
        """Let an object that is plainly of one kind of care speak for a field that says nothing of its own."""
        term = look.place.term
        if term is None or not around.object or look.kind not in _SPOKEN_FOR:
            return
        if look.place.doubtful and not (term.strong and around.care):
            return
        if any(self._vocabulary.workflow.first_in(text) for text in look.own) or self._quiet(term, look):
            return
        here = replace(term, strong=False)
        where = "Its own words do not tell, but its object's name"
        found[term.phi_class].append(Hit(here, Sign.OBJECT, DEFAULT, where, look.place.phrase))

    def _generic(self, text: Words, place: Words) -> str:
        """The word of a name that says little by itself, if none of its words says more."""
        small = self._vocabulary.generic.phrases
        if any((word,) not in small and word not in place and not word.isdigit() for word in text):
            return ""
        return next((word for word in reversed(text) if (word,) in small), "")

    def _add_values(self, look: Look, found: dict[str, list[Hit]]) -> None:
        """Let the values of a picklist speak if at least two of them, and one in four, name health plainly."""
        if look.kind not in (Kind.CHOICE, Kind.ANY, Kind.TEXT):
            return
        named: dict[str, list[tuple[Term, str]]] = defaultdict(list)
        spoken = 0
        for value in look.values:
            hits = [
                (term, phrase)
                for term, phrase, _ in self._find(value, look.kind)
                if term.strong
                and term.coarse in ABOUT_CARE
                and not (_turned_off(term, look) or turned_off(term, (value,)))
            ]
            spoken += bool(hits)
            for term, phrase in hits:
                named[term.phi_class].append((term, phrase))
        if spoken < _ENOUGH_VALUES or spoken * _SHARE_OF_VALUES < len(look.values):
            return
        first = max(named, key=lambda one: (len(named[one]), one))
        own = [one for one in found if found[one][0].term.coarse in ABOUT_CARE]
        for phi_class in own or [first]:
            term, phrase = min(named.get(phi_class) or named[first], key=lambda one: one[1])
            if not self._quiet(term, look):
                here = found[phi_class][0].term if phi_class in own else term
                found[phi_class].append(
                    Hit(replace(here, why=term.why), Sign.VALUES, VALUES, "Its list of values", phrase)
                )

    def _add_help(self, look: Look, found: dict[str, list[Hit]], around: Around) -> None:
        """Let help text speak for a field among health fields whose own words, `Field 7`, say nothing."""
        for text in look.help:
            for term, phrase, _ in self._find(text, look.kind):
                if term.strong and term.coarse in ABOUT_CARE and not self._silence(term, look, around):
                    found[term.phi_class].append(Hit(term, Sign.HELP, 0, "The help text", phrase))
                    return

    def _points(self, hits: Sequence[Hit], look: Look, around: Around) -> int:
        """Add up: words once, the type once, the values once, help once, the object once (phi-taxonomy 5)."""
        points = sum(max((hit.worth for hit in hits if hit.sign is sign), default=0) for sign in Sign)
        points += HELP if self._help(hits[0].term, look) else 0
        points += HEALTH_OBJECT if around.object else HEALTH_SIBLINGS if around.siblings > 1 else 0
        return points + (PERSON_OBJECT if look.place.person and not around.object else 0)

    def _help(self, term: Term, look: Look) -> str:
        """Return the phrase by which help text or description supports the same kind of information."""
        for text in look.help:
            for other, phrase, _ in self._find(text, Kind.ANY):
                if other.coarse is term.coarse and (other.strong or other.phi_class == term.phi_class):
                    return phrase
        return ""

    # ------------------------------------------------------------ tags

    def _link(
        self, look: Look, found: dict[str, list[Hit]], around: Around, silenced: Sequence[str]
    ) -> Verdict:
        """Tag a lookup by what it leads to, or as a link to a person (label guide, lookups and keys)."""
        person = self._vocabulary.roles["person"].words
        staff = self._vocabulary.roles["workforce"].words
        if staff.first_in(look.target):
            found = {"provider_of_care": found["provider_of_care"]} if "provider_of_care" in found else {}
        best = self._best(look, found, around)
        if best:
            return Verdict(self._tag(look, best, found[best], around), tuple(silenced))
        if not around.object or not any(self._is_person(text, person) for text in look.own):
            return Verdict(None, tuple(silenced))
        phi_class = self._taxonomy.classes["person_link"]
        why = f'The lookup "{look.facts.label or look.facts.name}" leads from a health record to a person.'
        return Verdict(_tag(look, phi_class.name, phi_class.coarse, phi_class.tier, Confidence.LOW, [why]))

    def _is_person(self, text: Words, person: Phrases) -> bool:
        """Whether a name says nothing but that a person is meant."""
        small = self._vocabulary.generic.phrases
        return bool(person.first_in(text)) and all(
            word.isdigit() or (word,) in small or person.first_in((word,)) for word in text
        )

    def _on_form(self, look: Look, term: tuple[str, str]) -> Verdict:
        """Tag a question by the other questions of its form that have the same answers."""
        name, why = term
        phi_class = self._taxonomy.classes[name]
        return Verdict(_tag(look, name, phi_class.coarse, phi_class.tier, Confidence.MEDIUM, [why]))

    def _tag(self, look: Look, phi_class: str, hits: Sequence[Hit], around: Around) -> Tag:
        """Write the tag with all its reasons."""
        reasons = [hit.reason() for hit in _once(hits)]
        phrase = self._help(hits[0].term, look)
        if phrase:
            reasons.append(f'The help text or description says "{phrase}".')
        if around.object:
            reasons.append(self._role_reason(look.place, "health"))
        elif around.siblings > 1:
            reasons.append(f"{around.siblings} other fields of the object are about care.")
        if look.place.person and not around.object:
            reasons.append(self._role_reason(look.place, "person"))
        points = self._points(hits, look, around)
        confidence = (
            Confidence.HIGH if points >= HIGH else Confidence.MEDIUM if points >= MEDIUM else Confidence.LOW
        )
        if look.kind is Kind.LINK:
            confidence = Confidence.LOW
            reasons.append("It is a lookup: the record it leads to says the rest.")
        owner = self._taxonomy.classes[phi_class]
        tier = max(hit.term.tier for hit in hits)
        return _tag(look, phi_class, owner.coarse, tier, confidence, reasons)


def _tag(
    look: Look, name: str, coarse: Coarse, tier: str, confidence: Confidence, reasons: Sequence[str]
) -> Tag:
    return Tag(look.facts.key, name, coarse, tier, confidence, Basis.TAGGER, tuple(dict.fromkeys(reasons)))


def _once(hits: Iterable[Hit]) -> list[Hit]:
    """Tell each phrase once: of the label rather than the name, in the plainest sense, and in English if it is."""
    best: dict[tuple[Sign, str], Hit] = {}
    for hit in hits:
        other = best.get((hit.sign, hit.phrase))
        if other is None or (_plainness(hit) > _plainness(other)):
            best[hit.sign, hit.phrase] = hit
    return list(best.values())


def _plainness(hit: Hit) -> tuple[bool, bool]:
    return hit.term.strong, hit.term.language == "en"


def _turned_off(term: Term, look: Look) -> str:
    """The word of the field or its object that turns a term off, or an empty string."""
    return turned_off(term, look.scope) if term.unless.may_be_in(look.scope_words) else ""


def _meets(term: Term, look: Look) -> bool:
    """Whether a word that a term needs is in the field or its object."""
    return term.needs.may_be_in(look.scope_words) and any(term.needs.first_in(text) for text in look.scope)


def _worth(term: Term) -> int:
    """Count a strong word alone, a weak one with what it needed beside it."""
    return STRONG_WORD if term.strong else WEAK_WORD + (NEED_MET if term.needs else 0)


def _applies(quiet: Quiet, look: Look) -> bool:
    """Whether the name, its ending or the kind of field is one that silences; all that are given must fit."""
    if quiet.kinds and look.kind not in quiet.kinds:
        return False
    if quiet.objects and not quiet.objects.first_in(look.place.text):
        return False
    if not (quiet.words or quiet.ends):
        return True
    if quiet.words.may_be_in(look.own_words) and any(quiet.words.first_in(text) for text in look.own):
        return True
    return quiet.ends.may_be_in(look.own_words) and any(quiet.ends.ending(text) for text in look.own)
