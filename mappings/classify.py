"""Classify a list of fields that comes as rows of text, as from a spreadsheet, instead of from a CRM.

The rows of one `source_repo` are one CRM: they are read in the light of each other, as the fields of an org are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from sys import intern
from typing import TYPE_CHECKING

from auditor.phi import Coarse, Confidence, FieldFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mappings.tagger import Tagger, Verdict

COLUMNS = (
    "row_id",
    "source_repo",
    "object",
    "field",
    "label",
    "type",
    "description",
    "help_text",
    "picklist_sample",
)
"""What a row may tell; any of them may be missing, as long as a field has a name or a label."""

SILENT = "Nothing in its names, its type or its texts speaks of a person's health, care or identity."
"""Why a field is left alone of which no sign was seen at all."""

_BETWEEN_VALUES = re.compile(r"[;|\n]")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is said of one row. That a field was left alone is never surer than low: nobody decided it."""

    phi: Coarse
    phi_class: str
    confidence: Confidence
    reasons: tuple[str, ...]


_LEFT_ALONE = Prediction(Coarse.NONE, "none", Confidence.LOW, (SILENT,))


def facts_of(row: Mapping[str, str]) -> FieldFacts:
    """What a row tells of its field; a row without the field's name lends it its label."""
    label = row.get("label", "").strip()
    return FieldFacts(
        object=intern(row.get("object", "").strip()),  # the same words again and again: keep each once
        name=row.get("field", "").strip() or label,
        label=label,
        type=intern(row.get("type", "").strip()),
        description=row.get("description", "").strip(),
        help_text=row.get("help_text", "").strip(),
        picklist=tuple(
            value.strip() for value in _BETWEEN_VALUES.split(row.get("picklist_sample", "")) if value.strip()
        ),
    )


def classify(tagger: Tagger, fields: Sequence[tuple[str, FieldFacts]]) -> list[Prediction]:
    """Say of every field, given with the CRM it is of, what it holds; in the order given."""
    found = [_LEFT_ALONE] * len(fields)
    for places in _crms(fields):
        verdicts = tagger.explain_all(fields[place][1] for place in places)
        for place in places:
            found[place] = _prediction(verdicts[fields[place][1].key])
    return found


def _crms(fields: Sequence[tuple[str, FieldFacts]]) -> list[list[int]]:
    """The places of each CRM's fields; a field that is told of again and otherwise is one of another edition."""
    editions: dict[tuple[str, str], dict[FieldFacts, int]] = defaultdict(dict)
    crms: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, (crm, facts) in enumerate(fields):
        told = editions[crm, facts.key]
        crms[crm, told.setdefault(facts, len(told))].append(place)
    return list(crms.values())


def _prediction(verdict: Verdict) -> Prediction:
    tag = verdict.tag
    if tag:
        return Prediction(tag.coarse, tag.phi_class, tag.confidence, tag.reasons)
    return replace(_LEFT_ALONE, reasons=verdict.silenced) if verdict.silenced else _LEFT_ALONE
