"""What people attested because no API tells it, and whether that may still be believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How an attestation stands."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What is said, or is not, about one subject; `kind` is what it is about, `why` where it stands or what is wrong.

    `object` is the object concerned, `field` the field (`Object.Field`) where it is about one.
    """

    kind: str
    subject: str
    standing: Standing
    why: str = ""
    object: str = ""
    field: str = ""
