"""What was read from one CRM at one moment: Arrow tables in the vendor's own columns, and what is missing.

A reading is complete exactly when it carries no `Unread`. Judging beyond what a snapshot's manifest says was
collected is unknown (`not_collected`), never "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pyarrow as pa

FORMAT = "crm-audit-snapshot/2"


class Why(StrEnum):
    """Why something was not read."""

    NOT_EXPOSED = "not_exposed"
    NOT_LICENSED = "not_licensed"
    FORBIDDEN = "forbidden"
    TRUNCATED = "truncated"
    FAILED = "failed"
    NOT_COLLECTED = "not_collected"

    @property
    def sentence(self) -> str:
        """The reason as a report prints it."""
        return _SENTENCES[self]

    @property
    def by_vendor(self) -> bool:
        """Whether nobody could have read this: an accepted unknown, which does not raise the exit code."""
        return self in {Why.NOT_EXPOSED, Why.NOT_LICENSED}


_SENTENCES = {
    Why.NOT_EXPOSED: "The vendor exposes this to nobody.",
    Why.NOT_LICENSED: "The feature is not licensed here.",
    Why.FORBIDDEN: "The credential may not read this.",
    Why.TRUNCATED: "Only part of it arrived.",
    Why.FAILED: "The reading failed.",
    Why.NOT_COLLECTED: "It was not asked for in this collection.",
}


class Capability(StrEnum):
    """What a reading is good for; rules say which of these they need."""

    IDENTITY = "identity"
    SCHEMA = "schema"
    PEOPLE = "people"
    ASSIGNMENTS = "assignments"
    GRANTS = "grants"
    LINEAGE = "lineage"
    REACH = "reach"
    SURFACES = "surfaces"
    ASSETS = "assets"
    CHANGES = "changes"
    RETENTION = "retention"
    CREDENTIAL = "credential"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a reading is not complete; `detail` is one value-free sentence, `remedy` what would open it.

    `code` is the connector's short word for the reason, where its coverage tells more apart than `why`.
    """

    why: Why
    detail: str
    remedy: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One table that was asked for: its rows, how many were promised, and what is missing.

    `expected` is the server's own total, None where the server gives none. `note` says what a reader should
    know about a complete reading.
    """

    name: str
    capability: Capability
    table: pa.Table
    unread: Unread | None = None
    expected: int | None = None
    source: str = ""
    note: str = ""

    @property
    def complete(self) -> bool:
        """True when nothing is known to be missing."""
        return self.unread is None

    @classmethod
    def missing(
        cls, name: str, capability: Capability, schema: pa.Schema, unread: Unread, source: str = ""
    ) -> Reading:
        """A reading of which nothing arrived; its table is empty but has the declared columns."""
        return cls(name, capability, schema.empty_table(), unread, None, source)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is of, and the bounds within which it may be judged.

    `objects` is the object set whose grants were collected, `tag_digest` identifies the tags that gave it,
    `retention` the policies with their absolute cut-offs (ISO 8601, UTC) that were counted.
    """

    platform: str
    target: str
    org_id: str
    org_name: str
    taken_at: datetime
    api_version: str
    tool_version: str
    objects: tuple[str, ...] = ()
    tag_digest: str = ""
    retention: tuple[Mapping[str, object], ...] = ()
    connected_user: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One CRM org at one moment."""

    manifest: Manifest
    readings: Mapping[str, Reading] = field(default_factory=dict)

    def table(self, name: str) -> pa.Table:
        """The rows of a reading, empty and without columns if it was never collected."""
        reading = self.readings.get(name)
        return reading.table if reading is not None else pa.table({})

    def unread(self, name: str) -> Unread | None:
        """Why a reading is incomplete; None when it is complete."""
        reading = self.readings.get(name)
        if reading is None:
            return Unread(Why.NOT_COLLECTED, f"The reading {name} is not part of this snapshot.")
        return reading.unread

    def gaps(self, capabilities: Iterable[Capability]) -> tuple[Reading, ...]:
        """The incomplete readings that serve one of these capabilities."""
        wanted = set(capabilities)
        return tuple(r for r in self.readings.values() if r.capability in wanted and not r.complete)
