"""Which fields want a person, why, and what a person needs to see to decide."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from auditor.rulings import Ruling, Standing
from mappings.fingerprints import evidence_of, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mappings import Decided
    from mappings.ledger import Ledger


class Wants(StrEnum):
    """Why a field wants a person, what is most pressing first."""

    REOPENED = "re-opened"
    EXPIRED = "expired"
    DISAGREEMENT = "disagreement"
    UNCERTAIN = "uncertain"
    UNDECIDED = "undecided"
    DECIDED = "decided"


@dataclass(frozen=True)
class Item:
    """One field to look at: what is known of it, what it counts as now and why, and what was decided before.

    `earlier` identifies the ledger's entry about it, and is empty where there is none.
    """

    facts: FieldFacts
    wants: Wants
    tag: Tag | None
    reasons: tuple[str, ...]
    ruling: Ruling | None = None
    earlier: str = ""

    @property
    def proposed(self) -> str:
        """The class it counts as now; empty where nobody and nothing says."""
        return self.tag.phi_class if self.tag else ""

    @cached_property
    def evidence(self) -> dict[str, str]:
        """The digests of what there is to look at."""
        return evidence_of(self.facts)

    def key(self, target: str) -> str:
        """Identify the field of one target."""
        return hashed([target, self.facts.id, self.facts.key])


def items(facts: Iterable[FieldFacts], decided: Decided, ledger: Ledger) -> tuple[Item, ...]:
    """Every field with what a person needs to see, what is most pressing first; `ledger` is that of the target."""
    fields = list(facts)
    tags = {tag.field: tag for tag in (*decided.tags, *decided.cleared)}
    rulings = {one.field: one for one in decided.rulings if one.standing is not Standing.UNSEEN}
    placed = ledger.placed(fields)
    contradicted: dict[str, list[str]] = defaultdict(list)
    for found in decided.disagreements:
        contradicted[found.field].append(found.sentence)
    made = [
        _item(
            one,
            tags.get(one.key),
            rulings.get(one.key),
            contradicted.get(one.key, []),
            placed[one.key].digest if one.key in placed else "",
        )
        for one in fields
    ]
    return tuple(sorted(made, key=_pressing))


_WANTS, _COARSE = list(Wants), list(Coarse)


def _pressing(item: Item) -> tuple[int, int, str]:
    """Puts what is most pressing first, and of that what says something about health."""
    coarse = _COARSE.index(item.tag.coarse) if item.tag else len(_COARSE)
    return _WANTS.index(item.wants), coarse, item.facts.key


def wanted(found: Iterable[Item], *, everything: bool = False, field: str = "") -> tuple[Item, ...]:
    """Those that want a person; with `everything`, all that no person decided; or the one field that is named."""
    if field:
        return tuple(item for item in found if item.facts.key.casefold() == field.casefold())
    left_out = {Wants.DECIDED} if everything else {Wants.DECIDED, Wants.UNDECIDED}
    return tuple(item for item in found if item.wants not in left_out)


def _item(
    facts: FieldFacts, tag: Tag | None, ruling: Ruling | None, contradicted: list[str], earlier: str
) -> Item:
    reasons = tag.reasons if tag else ("Nothing speaks for a class.",)
    return Item(facts, _wants(tag, ruling, contradicted), tag, (*contradicted, *reasons), ruling, earlier)


_GUESSED = frozenset({Basis.TAGGER, Basis.VALUES, Basis.LINEAGE})
"""Where a tag comes from if neither a person nor the CRM gave it."""
_LAPSED: Mapping[Standing, Wants] = {Standing.REOPENED: Wants.REOPENED, Standing.EXPIRED: Wants.EXPIRED}


def _wants(tag: Tag | None, ruling: Ruling | None, contradicted: list[str]) -> Wants:
    if ruling is not None:
        return _LAPSED.get(ruling.standing, Wants.DECIDED)
    if contradicted:
        return Wants.DISAGREEMENT
    if tag is None:
        return Wants.UNDECIDED
    if tag.basis in _GUESSED:
        return Wants.UNCERTAIN if tag.confidence is Confidence.LOW else Wants.UNDECIDED
    return Wants.DECIDED
