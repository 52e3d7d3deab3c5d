"""What is PHI, and why: from the facts about a field to a decided tag, without reading one value unless asked to.

Trusted most first: what people gave as decided, the ledger, the mapping file, the CRM's own label, the tagger. A field
nobody decided is unreviewed; that is never the same as "not PHI".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor.phi import Basis, FieldFacts, Tag
from auditor.rulings import Disagreement, Ruling, Standing
from mappings.decisions import (
    Entry,
    Mapping,
    dead,
    given_tags,
    load_mapping,
    narrowest_entry,
    parse_mapping,
    shadowed,
)
from mappings.fingerprints import digest_of, evidence_of
from mappings.ledger import Decision, Ledger, believed, last_word, load_ledger, parse_ledger, written
from mappings.native import Opinions, disagreements, from_native, with_twin_labels
from mappings.tagger import Tagger, Verdict
from mappings.taxonomy import PhiClass, Taxonomy, load_taxonomy
from mappings.values import Observed, with_observed
from mappings.vocabulary import Vocabulary, load_vocabulary, with_own_terms

if TYPE_CHECKING:
    from collections.abc import Mapping as Map
    from collections.abc import Sequence

__all__ = [
    "SHIPPED",
    "Counts",
    "Decided",
    "Decision",
    "Disagreement",
    "Entry",
    "Ledger",
    "Mapping",
    "Observed",
    "Opinions",
    "PhiClass",
    "Tagger",
    "Taxonomy",
    "Verdict",
    "Vocabulary",
    "dead",
    "decide",
    "digest_of",
    "disagreements",
    "evidence_of",
    "from_native",
    "given_tags",
    "load_ledger",
    "load_mapping",
    "load_taxonomy",
    "load_vocabulary",
    "narrowest_entry",
    "parse_ledger",
    "parse_mapping",
    "shadowed",
    "with_own_terms",
    "written",
]


NOTHING_OBSERVED: Map[str, Sequence[Observed]] = MappingProxyType({})

SHIPPED = {"gnuhealth": Path(__file__).parent / "gnuhealth.yaml"}
"""Mapping files that come with the program, by the name under which a configuration selects them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fields were decided, and by whom; `inferred` rests on words or on values, `unreviewed` on nothing."""

    fields: int = 0
    given: int = 0
    decision: int = 0
    mapping: int = 0
    native: int = 0
    inferred: int = 0
    unreviewed: int = 0

    @property
    def reviewed(self) -> int:
        """Fields that a person or the CRM's own label decided."""
        return self.given + self.decision + self.mapping + self.native


@dataclass(frozen=True, slots=True)
class Decided:
    """Every field's standing: PHI with a tag, cleared by a person, or unreviewed.

    `unseen` are fields given as decided that the facts do not hold; if given as PHI they keep their tag.
    `shadowed` are mapping entries whose fields earlier entries took. `rulings` are the ledger's decisions and how they
    stand.
    """

    tags: tuple[Tag, ...] = ()
    cleared: tuple[Tag, ...] = ()
    unreviewed: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    dead: tuple[Entry, ...] = ()
    shadowed: tuple[Entry, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    counts: Counts = field(default_factory=Counts)


def decide(
    facts: Sequence[FieldFacts],
    mapping: Mapping | None = None,
    taxonomy: Taxonomy | None = None,
    vocabulary: Vocabulary | None = None,
    given: Sequence[Tag] = (),
    ledger: Ledger | None = None,
    observed: Map[str, Sequence[Observed]] = NOTHING_OBSERVED,
) -> Decided:
    """Decide every field by the most trusted source that speaks of it, and list where sources disagree.

    `observed` is what samples of values came to, by field, where somebody asked for that.
    """
    taxonomy = taxonomy or load_taxonomy()
    tagger = Tagger(taxonomy, vocabulary or load_vocabulary())
    fields = {one.key: one for one in with_twin_labels(facts)}
    inferred = {tag.field: tag for tag in tagger.tag_all(fields.values())}
    handed = {tag.field.casefold(): tag for tag in given}
    seen = {key.casefold() for key in fields}
    rulings = ledger.rulings(fields.values()) if ledger else ()
    ruled = {one.field: one for one in rulings if one.standing is not Standing.UNSEEN}

    tags: list[Tag] = [tag for key, tag in handed.items() if key not in seen]
    unseen = [tag.field for tag in tags]
    unreviewed: list[str] = []
    opinions: list[Opinions] = []
    by_basis = dict.fromkeys(Basis, 0)
    for key, one in fields.items():
        settled = (
            _renamed(handed.get(key.casefold()), key)
            or believed(ruled.get(key), taxonomy)
            or (mapping.decide(one) if mapping else None)
        )
        guess = with_observed(inferred.get(key), one, observed.get(key, ()), taxonomy)
        opinions.append(Opinions(one, settled, guess))
        tag = settled or from_native(one, guess, taxonomy) or guess or last_word(ruled.get(key), taxonomy)
        if tag is None:
            unreviewed.append(key)
        else:
            by_basis[tag.basis] += 1
            tags.append(tag)

    return Decided(
        tags=tuple(sorted((tag for tag in tags if tag.is_phi), key=_by_field)),
        cleared=tuple(sorted((tag for tag in tags if not tag.is_phi), key=_by_field)),
        unreviewed=tuple(sorted(unreviewed)),
        unseen=tuple(sorted(unseen)),
        dead=dead(mapping.entries, fields.values()) if mapping else (),
        shadowed=shadowed(mapping, fields.values()) if mapping else (),
        disagreements=tuple(disagreements(opinions)),
        rulings=rulings,
        counts=Counts(
            fields=len(fields),
            given=by_basis[Basis.GIVEN],
            decision=by_basis[Basis.DECISION],
            mapping=by_basis[Basis.MAPPING],
            native=by_basis[Basis.NATIVE],
            inferred=by_basis[Basis.TAGGER] + by_basis[Basis.VALUES],
            unreviewed=len(unreviewed),
        ),
    )


def _renamed(tag: Tag | None, key: str) -> Tag | None:
    """Spell a given field as the CRM does."""
    return replace(tag, field=key) if tag else None


def _by_field(tag: Tag) -> str:
    return tag.field
