"""What is known of a field without reading one value of it; Tryton labels nothing as health data."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.lineage import Lineage
from auditor.phi import FieldFacts
from auditor.snapshot import Snapshot
from connectors.tryton import tables as t
from connectors.tryton.semantics.rules import Rights

MARKETING_OBJECTS = frozenset(
    {"sale.opportunity", "marketing.email", "marketing.email.list", "marketing.email.message", "party.party"}
)
"""What marketing works with, where the modules are active."""


def facts(snapshot: Snapshot) -> list[FieldFacts]:
    """Every field of the models in scope. Any field can be secured by a row of its own."""
    labels = {row["model"]: row["label"] for row in snapshot.table(t.MODELS).to_pylist()}
    return [
        FieldFacts(
            object=row["model"],
            name=row["name"],
            label=row["label"],
            type=row["type"],
            description=row["help"],
            object_label=labels[row["model"]],
            id=name,
            targets=(row["relation"],) if row["relation"] else (),
        )
        for name, row in Rights(snapshot).by_name.items()
        if row["in_scope"]
    ]


def lineage(snapshot: Snapshot) -> Lineage:  # noqa: ARG001 - the protocol's
    """Nothing: Tryton does not tell which fields are computed, and the reading `computed` says so."""
    return Lineage()


def related(objects: Sequence[str]) -> tuple[str, ...]:
    """The models whose fields are needed to judge these: all fields are read anyway, for their relations."""
    return tuple(objects)
