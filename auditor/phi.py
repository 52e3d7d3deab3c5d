"""What is PHI: the nouns that mappings produce and rules consume.

The classes are those of the taxonomy (`mappings/taxonomy.yaml`); here they are only words with an order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Coarse(StrEnum):
    """What a tagged field says about a person."""

    CLINICAL = "clinical"
    PAYMENT = "payment"
    IDENTIFIER = "identifier"
    FREETEXT_RISK = "freetext_risk"
    NONE = "none"


class Confidence(StrEnum):
    """How sure a tag is: high when a person or the vendor's label decided, lower when it was inferred."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Basis(StrEnum):
    """Where a tag comes from, most trusted first."""

    GIVEN = "given"
    DECISION = "decision"
    MAPPING = "mapping"
    NATIVE = "native"
    TAGGER = "tagger"
    VALUES = "values"
    LINEAGE = "lineage"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What is known of a field without reading one value of it.

    `compliance` and `sensitivity` are the vendor's own labels. `id` is the vendor's stable identifier. `securable` says
    whether permissions can hide the field at all, `masked` whether its value shows in clear only to some.
    `tracked` says whether old values are kept (None: not known, or not possible for this kind of field), and
    `history` where. `defined` is False where the vendor's own labels of the field were not read, and `archived` is set
    where the field is kept out of use, with what it holds. `group` is the section or property group it stands in,
    `targets` the objects a lookup leads to, `questions` what forms ask to fill it.
    """

    object: str
    name: str
    label: str = ""
    type: str = ""
    description: str = ""
    help_text: str = ""
    picklist: tuple[str, ...] = ()
    object_label: str = ""
    length: int = 0
    custom: bool = False
    calculated: bool = False
    compliance: tuple[str, ...] = ()
    sensitivity: str = ""
    id: str = ""
    securable: bool = True
    masked: bool = False
    tracked: bool | None = None
    history: str = ""
    defined: bool = True
    archived: bool = False
    group: str = ""
    targets: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`Object.Field`."""
        return f"{self.object}.{self.name}"


@dataclass(frozen=True, slots=True)
class Tag:
    """One field, decided: its class, how sure we are, and why in words.

    `line` and `file` name the entry that decided, of a mapping or of the ledger, and `by` and `on` who did and on which
    day, if the ledger says so. `tier` is T0 to T4 of the taxonomy.
    """

    field: str
    phi_class: str
    coarse: Coarse
    tier: str
    confidence: Confidence
    basis: Basis
    reasons: tuple[str, ...]
    file: str = ""
    line: int = 0
    by: str = ""
    on: str = ""

    @property
    def object(self) -> str:
        """The object the field belongs to; its own name may have dots, a field's has none."""
        return self.field.rpartition(".")[0]

    @property
    def is_phi(self) -> bool:
        """Whether the field is treated as PHI at all."""
        return self.coarse is not Coarse.NONE


def digest(tags: Iterable[Tag]) -> str:
    """Identify a set of tags by what they decide (field, class), whatever their order or reasons."""
    rows = sorted((tag.field, tag.phi_class, tag.coarse.value) for tag in tags)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
