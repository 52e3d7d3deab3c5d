"""The approved minimum-necessary policy: which audience may read or edit which class of PHI.

A finding is effective access minus this matrix (45 CFR 164.514(d)(2)). A pair nobody decided is not approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from auditor.phi import Tag


class Level(IntEnum):
    """What an audience may do with a class of PHI."""

    NONE = 0
    READ = 1
    EDIT = 2


@dataclass(frozen=True, slots=True)
class Approval:
    """One cell of the matrix, with who approved it and when (ISO date); both empty in a draft."""

    level: Level
    approver: str = ""
    date: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """The matrix: audience → PHI class (fine, coarse or `*`) → approval. The narrowest entry wins."""

    matrix: Mapping[str, Mapping[str, Approval]] = field(default_factory=dict)
    version: str = ""

    def approval(self, audience: str, tag: Tag) -> Approval | None:
        """The entry that decides about this audience and tag, or None when nobody decided."""
        row = self.matrix.get(audience, {})
        for key in (tag.phi_class, tag.coarse.value, "*"):
            if key in row:
                return row[key]
        return None

    def allows(self, audience: str, tag: Tag, level: Level) -> bool:
        """Whether the audience was granted at least this level for the tag's class."""
        approval = self.approval(audience, tag)
        return approval is not None and approval.level >= level
