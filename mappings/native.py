"""What the CRM's own labels say, and where they, the mapping and the tagger disagree.

Only a HIPAA label says PHI, and PII means identifier; a sensitivity level alone says nothing of health, and a
missing label says nothing at all (phi-taxonomy 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from auditor.rulings import Disagreement
from mappings.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Label(StrEnum):
    """What a vendor label can mean here."""

    PHI = "HIPAA"
    PERSONAL = "PII"


_TWIN = re.compile(r"^(?P<name>.+)__pc$", re.IGNORECASE)
_CARE = (Coarse.CLINICAL, Coarse.PAYMENT)


def label_of(facts: FieldFacts) -> Label | None:
    """Read the vendor's labels; several may stand in one text, and HIPAA outweighs PII."""
    named = {part for one in facts.compliance for part in re.split(r"[^a-z0-9]+", one.casefold())}
    return next((label for label in Label if label.value.casefold() in named), None)


def from_native(
    facts: FieldFacts, inferred: Tag | None = None, taxonomy: Taxonomy | None = None
) -> Tag | None:
    """Turn a vendor label into a tag, taking the exact class from the tagger if it has one.

    PII never turns a field that speaks of health into a mere identifier: then the label has no say, and the
    answer is None.
    """
    label = label_of(facts)
    if label is None or (label is Label.PERSONAL and _speaks_of_more(inferred)):
        return None
    known = inferred if inferred is not None and inferred.is_phi else None
    generic = (taxonomy or load_taxonomy()).generic
    coarse = generic[Coarse.CLINICAL.value if label is Label.PHI else Coarse.IDENTIFIER.value]
    return Tag(
        field=facts.key,
        phi_class=known.phi_class if known else coarse.name,
        coarse=known.coarse if known else coarse.coarse,
        tier=known.tier if known else coarse.tier,
        confidence=Confidence.HIGH,
        basis=Basis.NATIVE,
        reasons=(f"The CRM labels it {label.value}.", *(known.reasons if known else ())),
    )


def _speaks_of_more(tag: Tag | None) -> bool:
    return tag is not None and tag.coarse in (*_CARE, Coarse.FREETEXT_RISK)


def with_twin_labels(facts: Sequence[FieldFacts]) -> list[FieldFacts]:
    """Give a person account's copy of a contact field that field's labels, which it cannot carry itself."""
    labelled = {one.key.casefold(): one for one in facts if one.compliance}
    return [_with_twin_label(one, labelled) for one in facts]


def _with_twin_label(facts: FieldFacts, labelled: dict[str, FieldFacts]) -> FieldFacts:
    found = _TWIN.match(facts.name) if facts.object.casefold() == "account" and not facts.compliance else None
    twin = labelled.get(f"contact.{found['name']}__c".casefold()) if found else None
    return replace(facts, compliance=twin.compliance) if twin else facts


@dataclass(frozen=True, slots=True)
class Opinions:
    """What was said of one field by people (given, ledger or mapping) and by the tagger; labels are in the facts."""

    facts: FieldFacts
    decided: Tag | None = None
    inferred: Tag | None = None


def disagreements(opinions: Iterable[Opinions]) -> list[Disagreement]:
    """List where people, vendor labels and the tagger contradict each other; low guesses do not count."""
    return sorted(
        (found for one in opinions for found in _contradictions(one)),
        key=lambda found: (found.field, found.between),
    )


def _contradictions(one: Opinions) -> Iterator[Disagreement]:
    key, label = one.facts.key, label_of(one.facts)
    guess = one.inferred if one.inferred and one.inferred.confidence is not Confidence.LOW else None
    if one.decided:
        said = f"{_who(one.decided)} says {one.decided.phi_class}"
        by = one.decided.basis
        if label and not _agrees(label, one.decided):
            yield Disagreement(
                key, (by, Basis.NATIVE), f"{key}: {said}, but the CRM labels it {label.value}."
            )
        # Whoever decided about this one field had its words in view.
        if guess and by is not Basis.DECISION and guess.coarse is not one.decided.coarse:
            sentence = f"{key}: {said}, but its words suggest {guess.phi_class} ({guess.confidence})."
            yield Disagreement(key, (by, Basis.TAGGER), sentence)
        if _public(one.facts) and one.decided.is_phi:
            yield Disagreement(key, (by, Basis.NATIVE), f"{key}: {said}, but the CRM calls it Public.")
    elif label and guess and not _agrees(label, guess):
        words = f"its words suggest {guess.phi_class} ({guess.confidence})"
        sentence = f"{key}: the CRM labels it {label.value}, but {words}."
        yield Disagreement(key, (Basis.NATIVE, Basis.TAGGER), sentence)
    elif guess and guess.coarse in _CARE and _public(one.facts):
        sentence = (
            f"{key}: the CRM calls it Public, but its words suggest {guess.phi_class} ({guess.confidence})."
        )
        yield Disagreement(key, (Basis.NATIVE, Basis.TAGGER), sentence)


def _public(facts: FieldFacts) -> bool:
    return facts.sensitivity.casefold() == "public"


def _agrees(label: Label, tag: Tag) -> bool:
    return tag.is_phi if label is Label.PHI else tag.coarse in (Coarse.IDENTIFIER, Coarse.FREETEXT_RISK)


def _who(tag: Tag) -> str:
    place = f"({tag.file}:{tag.line})"
    if tag.basis is Basis.DECISION:
        return f"{tag.by} {place}"
    return f"the mapping {place}" if tag.basis is Basis.MAPPING else "the list of given fields"
