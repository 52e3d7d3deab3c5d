"""What Salesforce's rows mean: the vendor's rules compiled to neutral planes. Pure: no network, files or clock.

Rule ids (A1, M4, F10 …) are those of the reference sheet, section 4; what it leaves open is settled as in
org-fixture part 3.
"""

from __future__ import annotations

from connectors.protocol import Semantics
from connectors.salesforce.semantics.compile import compile_grants
from connectors.salesforce.semantics.credential import surplus
from connectors.salesforce.semantics.fields import facts, related
from connectors.salesforce.semantics.gates import MARKETING_OBJECTS, needed
from connectors.salesforce.semantics.labels import label
from connectors.salesforce.semantics.lineage import lineage
from connectors.salesforce.semantics.reach import reach
from connectors.salesforce.semantics.retention import BIN_PERIOD, overdue
from connectors.salesforce.semantics.steps import STEPS
from connectors.salesforce.semantics.surfaces import changes, doors

SEMANTICS = Semantics(
    facts=facts,
    lineage=lineage,
    compile=compile_grants,
    overdue=overdue,
    surplus=surplus,
    related=related,
    needed=needed,
    reach=reach,
    doors=doors,
    changes=changes,
    marketing_objects=MARKETING_OBJECTS,
    bin_period=BIN_PERIOD,
    steps=STEPS,
    label=label,
)
"""Salesforce, as the front door composes it."""
