"""Rights that belong to a person as a whole, beside objects and fields: to grant, to export, to override."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What a right is good for, as far as rules ask.

    `ESCALATION`: obtain access one does not have. `EXTRACTION`: take data out in bulk or by program. `EXPORT` and
    `API` are the two kinds of extraction that rules tell apart. `OVERRIDE`: pass a control for everything at once.
    `DECRYPT`: see masked values in clear.
    """

    ESCALATION = "escalation"
    EXTRACTION = "extraction"
    EXPORT = "export"
    API = "api"
    OVERRIDE = "override"
    DECRYPT = "decrypt"


@dataclass(frozen=True, slots=True)
class Right:
    """One right by the vendor's name, with its label in words.

    `object` limits it to one object. `needs` are other rights without which it is good for nothing.
    """

    name: str
    label: str
    uses: frozenset[Use]
    object: str = ""
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name, with the object if the right is limited to one."""
        return f"{self.name}:{self.object}" if self.object else self.name
