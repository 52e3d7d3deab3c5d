"""What HubSpot's facts and a super admin's attestations mean, in neutral words: pure functions of a snapshot."""

from __future__ import annotations

from connectors.hubspot.semantics.attestations import attestations
from connectors.hubspot.semantics.compile import compile_grants
from connectors.hubspot.semantics.credential import changes, doors, surplus
from connectors.hubspot.semantics.facts import CONTAINERS, MARKETING_OBJECTS, facts, lineage, related
from connectors.hubspot.semantics.labels import label
from connectors.hubspot.semantics.retention import BIN_PERIOD, overdue, reach
from connectors.hubspot.semantics.steps import STEPS
from connectors.hubspot.semantics.surfaces import surfaces
from connectors.protocol import Semantics

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
    attestations=attestations,
    surfaces=surfaces,
    marketing_objects=MARKETING_OBJECTS,
    containers=CONTAINERS,
    associates=frozenset({"contacts"}),
    bin_period=BIN_PERIOD,
    steps=STEPS,
    label=label,
    guessed_audiences=False,  # hubspot R20
    untold={
        "external": "HubSpot does not tell which of its users work for somebody else; name them as an audience.",
        "dormant": "HubSpot no longer lists users who were deactivated, nor what they held.",
    },
)
"""HubSpot, as the front door composes it."""
