"""Health data that federal or state law protects beyond the Privacy Rule: tier T4 of the taxonomy.

Which field belongs there follows from its class, or from its class and the words of its name and label. The rule on
reproductive care of 2024 was vacated, so reproductive health is a tier here and cites nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from auditor.phi import Coarse, FieldFacts, Tag
from auditor.wording import words_of

TIER = "T4"
PART_2 = "42 CFR Part 2"


@dataclass(frozen=True, slots=True)
class Category:
    """One specially protected kind of health data.

    A field belongs to it by its class (`classes`), or by one of `words` and one of `beside` in its name, label or
    object and none of `unless`, where its class is among `within` (any clinical class if that is empty). `law` is named
    with the category in sentences, `citation` is what a finding about it is relevant to.
    """

    name: str
    classes: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    law: str = ""
    citation: str = ""

    def holds(self, tag: Tag, words: frozenset[str]) -> bool:
        """Whether a field belongs here, by its class and its words."""
        if tag.phi_class in self.classes:
            return True
        within = tag.phi_class in self.within if self.within else tag.coarse is Coarse.CLINICAL
        said = words & self.words and not words & self.unless
        return within and bool(said and (not self.beside or words & self.beside))


SUBSTANCE_USE = Category(
    "substance use",
    frozenset({"substance_use"}),
    law=f"{PART_2} applies if you are a Part 2 programme or hold records of one",
)
CATEGORIES = (
    SUBSTANCE_USE,
    Category(
        "what may be psychotherapy notes",
        within=frozenset({"care_plan_notes", "mental_behavioral_health"}),
        words=frozenset({"psychotherapy", "session", "therapy", "counseling", "counselling"}),
        beside=frozenset({"note", "notes"}),
        unless=frozenset({"physical", "occupational", "speech"}),
        law="45 CFR 164.501",
        citation="45 CFR 164.508(a)(2)",
    ),
    Category("reproductive health", frozenset({"reproductive_health"})),
    Category("HIV or another sexually transmitted infection", frozenset({"hiv_sti"}), law="state law"),
    Category("genetic information", frozenset({"genetic"}), law="GINA in a health plan, and state law"),
    Category("sexual orientation or gender identity", frozenset({"sogi"})),
    Category(
        "abuse or violence",
        words=frozenset(
            {"abuse", "abused", "violence", "violent", "assault", "neglect", "trafficking", "ipv"}
        ),
        unless=frozenset({"substance", "drug", "alcohol"}),
        law="state law",
    ),
    Category(
        "mental health of minors",
        within=frozenset({"mental_behavioral_health"}),
        words=frozenset(
            {"child", "children", "minors", "adolescent", "pediatric", "paediatric", "teen", "youth"}
        ),
        law="state law",
    ),
)
"""Every category, the first of which that holds a field is named (taxonomy, section 2)."""


def category(tag: Tag, fact: FieldFacts | None) -> Category | None:
    """The special category of a field, or None."""
    words = words_of(tag.field, fact.label, fact.object_label) if fact else words_of(tag.field)
    return next((one for one in CATEGORIES if one.holds(tag, words)), None)


def raised(tags: Mapping[str, Tag], facts: Mapping[str, FieldFacts]) -> dict[str, Tag]:
    """The same tags, with tier T4 and the reason for it wherever a special category holds the field."""
    return {name: _raised(tag, category(tag, facts.get(name))) for name, tag in tags.items()}


def _raised(tag: Tag, found: Category | None) -> Tag:
    if found is None or tag.tier == TIER:
        return tag
    return replace(tag, tier=TIER, reasons=(*tag.reasons, f"Specially protected: {found.name}."))


def named(tags: Iterable[Tag], facts: Mapping[str, FieldFacts], *, part2: bool) -> str:
    """The categories among these fields, in words; empty where no field of tier T4 belongs to one."""
    return "; ".join(_named(one, part2=part2) for one in _found(tags, facts))


def _named(one: Category, *, part2: bool) -> str:
    law = PART_2 if part2 and one is SUBSTANCE_USE else one.law
    return f"{one.name} ({law})" if law else one.name


def citations(tags: Iterable[Tag], facts: Mapping[str, FieldFacts], *, part2: bool) -> tuple[str, ...]:
    """What a finding about these fields is relevant to beside its rule's own citations.

    42 CFR Part 2 is cited only for an organisation that says of itself that it is a Part 2 programme.
    """
    cited = (PART_2 if part2 and one is SUBSTANCE_USE else one.citation for one in _found(tags, facts))
    return tuple(text for text in cited if text)


def _found(tags: Iterable[Tag], facts: Mapping[str, FieldFacts]) -> list[Category]:
    held = {category(tag, facts.get(tag.field)) for tag in tags if tag.tier == TIER}
    return [one for one in CATEGORIES if one in held]
