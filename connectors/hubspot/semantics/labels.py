"""What HubSpot should say a property holds: its sensitivity, which is chosen when it is created and stays (2.3)."""

from __future__ import annotations

import json
import re

from auditor.phi import Coarse, FieldFacts, Tag
from connectors.protocol import Label

_CARE = frozenset({Coarse.CLINICAL, Coarse.PAYMENT})
_HIGHLY = "ssn_national_id"
_MARKED = re.compile(r"contacts|companies|deals|tickets|appointments|2-\d+")
"""Objects whose properties can be sensitive: those that have scopes for it (1.2)."""


def label(facts: FieldFacts, tag: Tag) -> Label | str:
    """The level and category a property should have been created with, or why nothing is proposed."""
    category = "HIPAA" if tag.coarse in _CARE else ""
    level = "highly_sensitive" if tag.phi_class == _HIGHLY else "sensitive"
    now = "; ".join(one for one in (facts.sensitivity.replace(" ", "_"), *facts.compliance) if one)
    if not category and tag.phi_class != _HIGHLY:
        return "HubSpot has no label for identifiers such as a name, nor for free text of unknown content."
    if category in facts.compliance or (now and not category):
        return "It carries the label already."
    if now:
        return "It is marked as sensitive without a category, and nothing says how one is added later."
    if facts.archived:
        return "It is archived."
    if facts.calculated:
        return "It is calculated: what counts is the label of the properties that it shows."
    if not _MARKED.fullmatch(facts.object):
        return "HubSpot marks properties of contacts, companies, deals, tickets, appointments and custom objects only."
    if not facts.custom:
        return "It is one of HubSpot's own properties, which cannot be marked; keep such answers in a custom one."
    return Label(
        now="non_sensitive",
        proposed="; ".join(one for one in (level, category) if one),
        how=(
            f"The level stays as it was chosen. Settings > Properties > Create property: make another “{facts.label}” "
            f"that is marked as {level.replace('_', ' ')} data{f' of the category {category}' if category else ''}, "
            "let forms, lists and workflows use it, move the values, and archive the old one."
        ),
        snippet=json.dumps(
            {"label": facts.label, "groupName": facts.group, "dataSensitivity": level}, ensure_ascii=False
        ),
    )
