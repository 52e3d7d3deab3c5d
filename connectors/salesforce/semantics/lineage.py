"""Which fields show what others hold: twins, formulas and roll-ups (salesforce F11, F12, F14, F15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.lineage import Lineage, Step
from auditor.snapshot import Snapshot
from connectors.salesforce.semantics.fields import ACTIVITIES, Field, fields


def lineage(snapshot: Snapshot) -> Lineage:
    """Every single step of the org, from the field that holds the data to the one that shows it."""
    known = fields(snapshot)
    return Lineage(tuple(_twins(known)))


def _twins(known: Mapping[str, Field]) -> Iterator[Step]:
    """A Contact field's person-account form, and a custom activity field on both activity objects."""
    for field in known.values():
        if field.object == "Contact":
            custom = field.name.endswith("__c")
            person = f"{field.name.removesuffix('__c')}__pc" if custom else f"Person{field.name}"
            if f"Account.{person}" in known:
                yield Step(field.key, f"Account.{person}", "a person account", "salesforce F11", same=True)
        if field.object in ACTIVITIES and field.name.endswith("__c"):
            for other in ACTIVITIES:
                if other != field.object and f"{other}.{field.name}" in known:
                    yield Step(field.key, f"{other}.{field.name}", "an activity", "salesforce F12", same=True)
