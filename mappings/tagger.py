"""Guess what a field says about a person from its name, label, type, picklist, help, section and object.

No value stored in the field is read. Each sign adds points, and every tag lists the signs it rests on. One
word on an object that has nothing to do with health is never more than medium (phi-taxonomy 5). A field the
tagger leaves alone is unreviewed, not cleared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings import evidence as ev
from mappings.evidence import Hit, Sign
from mappings.kinds import Kind
from mappings.looking import ABOUT_CARE, Look, Looker
from mappings.silence import Silence, another_sense
from mappings.surroundings import Scene, Surroundings
from mappings.vocabulary import Phrases, Term, Vocabulary, turned_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mappings.taxonomy import Taxonomy
    from mappings.words import Words

# From this tier on a word speaks of health itself; below, of visits and payers, which other trades have too.
_HEALTH_ITSELF = "T3"
# What a name ends with is what the field holds: "Medication Cost" is a cost.
_HEAD = 2
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
_CATALOGUE = "The object looks like a list of things, and no field of it names a person."

Found = dict[str, list[Hit]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A tag with the reasons for it, or the reasons why there is none."""

    tag: Tag | None
    quiet: tuple[tuple[Hit | None, str], ...] = ()

    @property
    def silenced(self) -> tuple[str, ...]:
        """In sentences, the signs that were seen and why they do not count."""
        said = (f"{hit.reason()} But {why}." if hit else why for hit, why in self.quiet)
        return tuple(dict.fromkeys(said))


class Tagger:
    """Tags fields with the words of a vocabulary and the classes of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, vocabulary: Vocabulary) -> None:
        self._taxonomy = taxonomy
        self._vocabulary = vocabulary
        self._looker = Looker(vocabulary)
        self._silence = Silence(vocabulary)
        catalogue = vocabulary.roles["reference"].fields
        self._words_around = (vocabulary.contexts["patient"], catalogue, vocabulary.workflow)
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
        looks, around = self._seen_together(facts)
        tags = {look.facts.key: self._weigh(around.scene(look)).tag for look in looks}
        tags.update(self._on_forms(looks, around, tags))
        return [tag for tag in tags.values() if tag]

    def explain_all(self, facts: Iterable[FieldFacts]) -> dict[str, Verdict]:
        """Explain many fields of one CRM, by `Object.Field`."""
        looks, around = self._seen_together(facts)
        verdicts = {look.facts.key: self._weigh(around.scene(look)) for look in looks}
        tags = {key: verdict.tag for key, verdict in verdicts.items()}
        return verdicts | {key: Verdict(tag) for key, tag in self._on_forms(looks, around, tags)}

    def _seen_together(self, facts: Iterable[FieldFacts]) -> tuple[list[Look], Surroundings]:
        looks = self._looker.look_all(facts)
        return looks, Surroundings.of(looks, self._about_care, self._words_around)

    def _on_forms(
        self, looks: Sequence[Look], around: Surroundings, tags: Mapping[str, Tag | None]
    ) -> list[tuple[str, Tag]]:
        """Tag the questions that only the other questions of their form speak for."""
        found = around.on_forms(looks, tags)
        return [
            (look.facts.key, self._plain(look, name, Confidence.MEDIUM, why)) for look, name, why in found
        ]

    # ------------------------------------------------------------ looking

    def _hits(self, look: Look) -> Iterator[Hit]:
        """Find what the name, the label, the questions, the lookup's target and the type say."""
        facts = look.facts
        parts = [(f'The label "{facts.label}"', look.label)]
        if look.name[: len(look.label)] != look.label or not look.label:
            parts.append((f'The name "{facts.name}"', look.name))
        if look.questions:
            asked = zip(facts.questions, look.questions, strict=True)
            parts += [(f'The question "{question}"', text) for question, text in asked]
        if look.target:
            parts.append(("The record it leads to", look.target))
        for where, text in parts:
            end = self._vocabulary.head_of(text)
            for term, phrase, size in self._find(text, look.kind):
                yield Hit(term, Sign.WORDS, ev.worth(term), where, phrase, size, head=phrase.endswith(end))
        for term in self._vocabulary.types.get(look.kind, ()):
            yield Hit(term, Sign.TYPE, ev.worth(term), f"The type {facts.type}")

    def _about_care(self, look: Look) -> bool:
        """Whether a field's own words speak of care plainly enough to colour its siblings."""
        if look.place.impersonal or look.kind is Kind.LINK:
            return False
        return any(
            term.strong
            and term.coarse in ABOUT_CARE
            and (not term.needs or bool(term.needs.first_in(text)))
            and not (term.needs_care and term.tier < _HEALTH_ITSELF)
            and not turned_off(term, look.scope)
            for text in look.own
            for term, _, _ in self._find(text, look.kind)
        )

    # ------------------------------------------------------------ weighing

    def _weigh(self, scene: Scene) -> Verdict:
        """Add up the signs for each class and keep the best."""
        look, around = scene.look, scene.around
        if look.place.impersonal:
            return Verdict(None, ((None, self._role_reason(look, look.place.impersonal)),))
        if around.catalogue:
            return Verdict(None, ((None, _CATALOGUE),))
        quiet: list[tuple[Hit | None, str]] = []
        found: Found = defaultdict(list)
        for hit in self._hits(look):
            if look.kind is Kind.LINK and (hit.term.phi_class not in _LINKED or look.is_part):
                continue
            why_not = self._silence.of(hit.term, scene)
            if why_not:
                quiet.append((hit, why_not))
            else:
                found[hit.term.phi_class].append(hit)
        if look.kind is Kind.LINK:
            return Verdict(self._link(scene, found), tuple(quiet))
        if look.kind is Kind.MONEY:
            self._add_money(found)
        self._add_generic(scene, found)
        self._add_values(scene, found)
        if not found and not quiet:
            self._add_default(scene, found)
        if not found and (around.object or around.siblings > 1):
            self._add_help(scene, found)
        return Verdict(self._best(scene, found), tuple(quiet))

    def _best(self, scene: Scene, found: Found) -> Tag | None:
        """Tag with the class that has the most points; what the name ends with counts more, free words least."""
        for owner, details in _OWNERS.items():
            if owner in found:
                for detail in details & found.keys():
                    found[owner] += found.pop(detail)
        named = self._names_notes(scene.look, found)
        ranked = [
            (
                total + _HEAD * any(hit.head for hit in hits),
                max(hit.size for hit in hits),
                _PRECEDENCE.index(hits[0].term.coarse),
                phi_class,
                total,
            )
            for phi_class, hits in found.items()
            if not (named and hits[0].term.coarse is Coarse.FREETEXT_RISK)
            and (total := self._points(scene, hits)) >= ev.LOW
        ]
        if not ranked:
            return None
        *_, phi_class, total = max(ranked)
        return self._tag(scene, phi_class, found[phi_class], total)

    def _names_notes(self, look: Look, found: Found) -> bool:
        """Whether notes are of a named kind of care; what is written about a visit may be anything."""
        told = {hits[0].term.phi_class for hits in found.values() if hits[0].term.coarse in ABOUT_CARE}
        if look.kind is Kind.LONG_TEXT or "free_text_note" in found:
            told -= {"appointment_encounter"}
        return bool(told)

    def _add_money(self, found: Found) -> None:
        """Read an amount of money that names a kind of care as what the care costs (label guide, precedence)."""
        care = [one for one, hits in found.items() if hits[0].term.coarse is Coarse.CLINICAL]
        cost = self._taxonomy.classes["payment_for_care"]
        for hit in (hit for one in care for hit in found.pop(one)):
            term = replace(hit.term, phi_class=cost.name, coarse=cost.coarse, tier=cost.tier)
            found[cost.name].append(replace(hit, term=term))

    def _add_generic(self, scene: Scene, found: Found) -> None:
        """Let `Status` take the class of an object such as `Allergy`, if nothing better was found."""
        look, term = scene.look, scene.look.place.lent
        if term is None or not scene.around.object:
            return
        if any(hit.term.strong for hits in found.values() for hit in hits):
            return
        word = self._generic(look.label or look.name, look) or self._generic(look.name, look)
        if word and not self._silence.rule(term, scene):
            where = f'It is the "{word}" of an object whose name'
            found[term.phi_class].append(
                Hit(term, Sign.WORDS, ev.WEAK_WORD + ev.NEED_MET, where, look.place.phrase, 1)
            )

    def _generic(self, text: Words, look: Look) -> str:
        """The word of a name that says little by itself, if none of its words says more."""
        small, place = self._vocabulary.generic.phrases, look.place.text
        if any((word,) not in small and word not in place and not word.isdigit() for word in text):
            return ""
        return next((word for word in reversed(text) if (word,) in small), "")

    def _add_default(self, scene: Scene, found: Found) -> None:
        """Let an object that is plainly of one kind of care speak for a field that says nothing of its own."""
        look, term = scene.look, scene.look.place.lent
        if term is None or not scene.around.object or look.kind not in _SPOKEN_FOR:
            return
        if look.place.doubtful and not scene.around.care:
            return
        handled = any(self._vocabulary.workflow.first_in(text) for text in look.own)
        if not handled and not self._silence.rule(term, scene):
            where = "Its own words do not tell, but its object's name"
            found[term.phi_class].append(Hit(term, Sign.OBJECT, ev.DEFAULT, where, look.place.phrase))

    def _add_values(self, scene: Scene, found: Found) -> None:
        """Let the values of a picklist speak if at least two of them, and one in four, name health plainly."""
        look = scene.look
        if not look.values or look.kind not in (Kind.CHOICE, Kind.ANY, Kind.TEXT):
            return
        named: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        spoken = 0
        for value in look.values:
            terms = [
                (phrase, term)
                for term, phrase, _ in self._find(value, look.kind)
                if self._plain_care(term, value, scene)
            ]
            spoken += bool(terms)
            for phrase, term in terms:
                named[term.phi_class].append((phrase, term))
        if spoken < _ENOUGH_VALUES or spoken * _SHARE_OF_VALUES < len(look.values):
            return
        first = max(named, key=lambda one: (len(named[one]), one))
        own = [one for one in found if found[one][0].term.coarse in ABOUT_CARE]
        for phi_class in own or [first]:
            phrase, term = min(named.get(phi_class) or named[first], key=lambda one: one[0])
            if not self._silence.rule(term, scene):
                here = replace(found[phi_class][0].term, why=term.why) if phi_class in own else term
                found[phi_class].append(Hit(here, Sign.VALUES, ev.VALUES, "Its list of values", phrase))

    def _plain_care(self, term: Term, value: Words, scene: Scene) -> bool:
        """Whether a value of a list names care without any doubt."""
        plain = term.strong and term.coarse in ABOUT_CARE
        return plain and not another_sense(term, scene) and not turned_off(term, (value,))

    def _add_help(self, scene: Scene, found: Found) -> None:
        """Let help text speak for a field among health fields whose own words, `Field 7`, say nothing."""
        for text in self._looker.help(scene.look.facts):
            for term, phrase, _ in self._find(text, scene.look.kind):
                if term.strong and term.coarse in ABOUT_CARE and not self._silence.of(term, scene):
                    found[term.phi_class].append(Hit(term, Sign.HELP, 0, "The help text", phrase))
                    return

    def _points(self, scene: Scene, hits: Sequence[Hit]) -> int:
        """Add up the field's own signs, its help text and its object (phi-taxonomy 5)."""
        around, total = scene.around, ev.points(hits)
        total += ev.HELP if self._help(hits[0].term, scene.look) else 0
        total += ev.HEALTH_OBJECT if around.object else ev.HEALTH_SIBLINGS if around.siblings > 1 else 0
        return total + (ev.PERSON_OBJECT if scene.look.place.person and not around.object else 0)

    def _help(self, term: Term, look: Look) -> str:
        """Return the phrase by which help text or description supports the same kind of information."""
        for text in self._looker.help(look.facts):
            for other, phrase, _ in self._find(text, Kind.ANY):
                if other.coarse is term.coarse and (other.strong or other.phi_class == term.phi_class):
                    return phrase
        return ""

    # ------------------------------------------------------------ tags

    def _link(self, scene: Scene, found: Found) -> Tag | None:
        """Tag a lookup by what it leads to, or as a link to a person (label guide, lookups and keys)."""
        look = scene.look
        if self._vocabulary.roles["workforce"].words.first_in(look.target):
            found = {name: hits for name, hits in found.items() if name == "provider_of_care"}
        best = self._best(scene, found)
        person = self._vocabulary.roles["person"].words
        if best or not scene.around.object or not any(self._is_person(text, person) for text in look.own):
            return best
        why = f'The lookup "{look.facts.label or look.facts.name}" leads from a health record to a person.'
        return self._plain(look, "person_link", Confidence.LOW, why)

    def _is_person(self, text: Words, person: Phrases) -> bool:
        """Whether a name says nothing but that a person is meant."""
        small = self._vocabulary.generic.phrases
        return bool(person.first_in(text)) and all(
            word.isdigit() or (word,) in small or person.first_in((word,)) for word in text
        )

    def _role_reason(self, look: Look, role: str) -> str:
        return (
            f'The object\'s name says "{getattr(look.place, role)}": it {self._vocabulary.roles[role].why}.'
        )

    def _tag(self, scene: Scene, phi_class: str, hits: Sequence[Hit], total: int) -> Tag:
        """Write the tag with all its reasons."""
        look, around = scene.look, scene.around
        reasons = ev.reasons(hits)
        phrase = self._help(hits[0].term, look)
        if phrase:
            reasons.append(f'The help text or description says "{phrase}".')
        if around.object:
            reasons.append(self._role_reason(look, "health"))
        elif around.siblings > 1:
            reasons.append(f"{around.siblings} other fields of the object are about care.")
        if look.place.person and not around.object:
            reasons.append(self._role_reason(look, "person"))
        confidence = ev.confidence(total)
        if look.kind is Kind.LINK:
            confidence = Confidence.LOW
            reasons.append("It is a lookup: the record it leads to says the rest.")
        tier = max(hit.term.tier for hit in hits)
        return self._plain(look, phi_class, confidence, *reasons, tier=tier)

    def _plain(
        self, look: Look, phi_class: str, confidence: Confidence, *reasons: str, tier: str = ""
    ) -> Tag:
        """A tag of a class, with the tier that the taxonomy gives it unless a word told a higher one."""
        known = self._taxonomy.classes[phi_class]
        return Tag(
            look.facts.key, known.name, known.coarse, tier or known.tier, confidence, Basis.TAGGER, reasons
        )
