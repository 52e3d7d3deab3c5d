"""What Tryton's tables of rights mean, in neutral words: pure functions of a snapshot."""

from __future__ import annotations

from connectors.protocol import Semantics
from connectors.tryton.semantics.compile import compile_grants
from connectors.tryton.semantics.credential import changes, doors, surplus
from connectors.tryton.semantics.facts import MARKETING_OBJECTS, facts, lineage, related
from connectors.tryton.semantics.retention import BIN_PERIOD, overdue, reach
from connectors.tryton.semantics.steps import STEPS

SEMANTICS = Semantics(
    facts=facts,
    lineage=lineage,
    compile=compile_grants,
    overdue=overdue,
    surplus=surplus,
    related=related,
    needed=related,
    reach=reach,
    doors=doors,
    changes=changes,
    steps=STEPS,
    marketing_objects=MARKETING_OBJECTS,
    bin_period=BIN_PERIOD,
    untold={
        "external": "Tryton does not tell which of its users work for somebody else; name their group as an audience.",
        "labels": "Tryton has no labels of sensitivity for fields.",
    },
)
"""Tryton, as the front door composes it."""
