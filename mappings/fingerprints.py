"""What a decision about a field rests on, without a value in it: digests by part, to tell which part changed."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.phi import FieldFacts

PARTS = ("label", "type", "description", "help", "picklist", "object")
"""The parts of the evidence. The field's own name is none, so that a decision survives a rename."""


def evidence_of(facts: FieldFacts) -> dict[str, str]:
    """Give a digest of sixteen hexadecimal digits for each part of what is known of a field."""
    parts = (
        facts.label,
        [facts.type, facts.length],
        facts.description,
        facts.help_text,
        list(facts.picklist),
        [facts.object, facts.object_label],
    )
    return {name: hashed(part) for name, part in zip(PARTS, parts, strict=True)}


def digest_of(evidence: Mapping[str, str]) -> str:
    """Identify the evidence as a whole."""
    return hashed([evidence[part] for part in PARTS])


def changed_parts(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Name the parts that differ, in their usual order."""
    return tuple(part for part in PARTS if then[part] != now[part])


def in_one_line(evidence: Mapping[str, str]) -> str:
    """Write evidence as `label 1f0c…, type 90ab…`, which `from_line` reads."""
    return ", ".join(f"{part} {evidence[part]}" for part in PARTS)


def from_line(text: str) -> dict[str, str] | None:
    """Read evidence that was written in one line; None for anything else."""
    found = re.findall("([a-z]+) ([0-9a-f]{16})", text)
    evidence = dict(found)
    return evidence if tuple(evidence) == PARTS and in_one_line(evidence) == text else None


def hashed(part: object) -> str:
    """Give sixteen hexadecimal digits for plain data."""
    return hashlib.sha256(json.dumps(part).encode()).hexdigest()[:16]
