"""What a connector is: it reads the schema first, then the grants of the objects that the tags give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from auditor.attestation import Attestation
from auditor.doors import Change, Door
from auditor.lineage import Lineage
from auditor.phi import FieldFacts, Tag
from auditor.planes import Grants
from auditor.reach import Reach
from auditor.retention import Overdue, RetentionPolicy
from auditor.rule import Surplus
from auditor.snapshot import Snapshot
from auditor.surfaces import Surfaces


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose schema is read: `objects` when the tags are decided, otherwise all that match the patterns.

    With decided tags, `tagged` names their fields (`Object.Field`), and objects with fields computed from these are
    read as well.
    """

    objects: tuple[str, ...] | None = None
    tagged: tuple[str, ...] = ()
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to collect once the tags are known.

    `objects` hold tagged fields, which `tagged` names (`Object.Field`); `retention` pairs each policy with its
    absolute cut-off (UTC); `sample` bounds the record ids kept as evidence per policy.
    """

    objects: tuple[str, ...]
    tag_digest: str
    retention: tuple[tuple[RetentionPolicy, datetime], ...] = ()
    sample: int = 20
    tagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one reading, for whoever shows it."""

    reading: str
    rows: int
    expected: int | None
    calls: int
    done: bool = False


Watch = Callable[[Step], None]


def unwatched(_: Step) -> None:
    """Show no progress."""


class Connector(Protocol):
    """One org that can be read."""

    def schema(self, scope: Scope) -> Snapshot:
        """Read identity, credential and schema.

        Raises CollectionError when nothing can be read at all.
        """

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """Add people, assignments, grants and retention counts for the plan's objects."""


class Told(StrEnum):
    """What a CRM itself says about one person and one field.

    `nobody` is that the object is given to no program: it says nothing of a person's rights, and contradicts a yes.
    """

    YES = "yes"
    NO = "no"
    NOBODY = "given to nobody"
    NOT_COMPARABLE = "not comparable"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a CRM told, and why that is neither yes nor no."""

    told: Told
    why: str = ""


class Prober(Protocol):
    """One org that says itself who may read which field, without giving out what a record holds.

    `org_id` is that of its snapshots. It may have to log in as the people it is asked about.
    """

    @property
    def org_id(self) -> str:
        """What the manifest of a snapshot of this org says."""

    def open(self) -> None:
        """Log in as everybody it takes. Raises CollectionError or ConfigError when nothing can be asked at all."""

    def ask(self, person: str, field: str) -> Answer:
        """Whether somebody, by user name, may read a field.

        Raises RefusedCall for a field that cannot be asked about without reading a value.
        """

    def close(self) -> None:
        """End whatever sessions there are."""


@dataclass(frozen=True, slots=True)
class Label:
    """The vendor's label that a field should carry: what it says now, what it should say, and how a person sets it.

    `snippet` is the same for those who set it by a file or a program.
    """

    now: str
    proposed: str
    how: str
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Semantics:
    """The pure half of a connector: what the vendor's rows mean, as functions of a snapshot.

    `related` widens a set of tagged objects by those whose schema is needed to judge them, `needed` by those whose
    grants are; `lineage` says which fields show what others hold; `surfaces` what forms, lists, workflows and
    messages are about (None: nobody reads them yet). `marketing_objects` are those a marketing team works with;
    `bin_period` is how long deleted records can be brought back (ISO 8601; empty if not known); `containers` are
    fields in which the vendor's own objects keep free text, `associates` objects with whose records every record can
    be associated. Without `guessed_audiences`, proposals that nobody confirmed classify nobody; `untold` says why
    accounts of some kind cannot be told apart, or labels not be given, and `steps`, by rule id, where in the vendor's
    settings what a finding asks for is done. `label` proposes what a tagged field should be labelled as, or says in a
    sentence why nothing is proposed (None: the vendor has no labels).
    """

    facts: Callable[[Snapshot], list[FieldFacts]]
    lineage: Callable[[Snapshot], Lineage]
    compile: Callable[[Snapshot, Mapping[str, Tag], datetime], Grants]
    overdue: Callable[[Snapshot, Sequence[tuple[RetentionPolicy, datetime]]], tuple[Overdue, ...]]
    surplus: Callable[[Snapshot, Mapping[str, Tag]], tuple[Surplus, ...]]
    related: Callable[[Sequence[str]], tuple[str, ...]]
    needed: Callable[[Sequence[str]], tuple[str, ...]]
    reach: Callable[[Snapshot, Grants], Reach]
    doors: Callable[[Snapshot], tuple[Door, ...]]
    changes: Callable[[Snapshot], tuple[Change, ...]]
    attestations: Callable[[Snapshot, Mapping[str, Tag], datetime], tuple[Attestation, ...]] | None = None
    surfaces: Callable[[Snapshot, Mapping[str, Tag]], Surfaces] | None = None
    marketing_objects: frozenset[str] = frozenset()
    bin_period: str = ""
    containers: frozenset[str] = frozenset()
    associates: frozenset[str] = frozenset()
    guessed_audiences: bool = True
    untold: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    label: Callable[[FieldFacts, Tag], Label | str] | None = None
