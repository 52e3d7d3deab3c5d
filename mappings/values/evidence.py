"""From counts of sampled values to a tag: values can add to what names say, and never take anything away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings.taxonomy import PhiClass, Taxonomy
from mappings.values.forms import FORMS, Form
from mappings.words import split_name, words

FEWEST, SHARE = 20, 0.6
"""So many values that are not empty, and such a part of them with the form, make a column (phi-taxonomy 6)."""

_STRONGEST = (Coarse.CLINICAL, Coarse.PAYMENT, Coarse.IDENTIFIER, Coarse.FREETEXT_RISK, Coarse.NONE)


@dataclass(frozen=True, slots=True)
class Observed:
    """Of the sampled values of a field that were not empty (`seen`), so many had a form."""

    form: str
    hits: int
    seen: int

    @property
    def tells(self) -> bool:
        """Whether these are enough to speak of the whole field."""
        return self.seen >= FEWEST and self.hits >= SHARE * self.seen


def with_observed(
    tag: Tag | None, facts: FieldFacts, observed: Sequence[Observed], taxonomy: Taxonomy
) -> Tag | None:
    """A tag of words, with what the values add to it: another class if theirs says more, otherwise a reason.

    Too few hits, and forms that need a word the field does not bear, change nothing.
    """
    best = _best(facts, observed)
    found = taxonomy.get(best[0].phi_class) if best else None
    if best is None or found is None:
        return tag
    reason = f"{best[1].hits} of {best[1].seen} sampled values have the form of {best[0].words}."
    if tag is None or _strength(found.coarse) < _strength(tag.coarse):
        return _tagged(facts, found, (reason, *(tag.reasons if tag else ())), tag)
    surer = tag.confidence is Confidence.LOW and tag.coarse is found.coarse
    confidence = Confidence.MEDIUM if surer else tag.confidence
    return replace(tag, confidence=confidence, reasons=(*tag.reasons, reason))


def _tagged(facts: FieldFacts, found: PhiClass, reasons: tuple[str, ...], former: Tag | None) -> Tag:
    """A tag by what the values are; the tier of a former one is kept if it is higher."""
    return Tag(
        field=facts.key,
        phi_class=found.name,
        coarse=found.coarse,
        tier=max(found.tier, former.tier if former else ""),
        confidence=Confidence.MEDIUM,
        basis=Basis.VALUES,
        reasons=reasons,
    )


def _best(facts: FieldFacts, observed: Iterable[Observed]) -> tuple[Form, Observed] | None:
    """The form that most values have, of those that tell something; of equals, the one that says more."""
    by_name = {one.form: one for one in observed if one.tells}
    told = [(form, by_name[form.name]) for form in FORMS if form.name in by_name and _fits(form, facts)]
    return max(told, key=lambda pair: pair[1].hits, default=None)


def _fits(form: Form, facts: FieldFacts) -> bool:
    """Whether the field bears a word without which the form says nothing."""
    texts = (split_name(facts.name)[1], facts.label, facts.help_text, facts.description)
    return not form.near or any(form.near & set(words(text)) for text in texts)


def _strength(coarse: Coarse) -> int:
    return _STRONGEST.index(coarse)
