"""An org of 100,000 fields that nobody has: names of the demo clinic and of the taxonomy, put together by chance.

About a third speak of care, as in a clinic's CRM that has grown for ten years. The same number gives the same org.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from auditor.phi import FieldFacts
from mappings import load_taxonomy
from sandbox.salesforce.clinic_schema import CARE_KINDS, FIELDS, FieldSpec

PER_OBJECT = 250
BEFORE = (
    "", "", "Primary", "Last", "Next", "First", "Previous", "Current", "Original", "Total", "Partner", "Web", "Legacy",
    "Secondary", "Regional", "Latest", "Initial", "Expected", "Synced", "Other",
)  # fmt: skip
AFTER = (
    "", "", "Date", "Code", "Notes", "Status", "Type", "Count", "Name", "Owner", "Source", "Reason", "Id", "Score",
    "Details", "Sent", "Amount", "Flag", "Rank", "Plan",
)  # fmt: skip
OBJECTS = (
    "Contact",
    "Lead",
    "Account",
    "Case",
    "Visit",
    "Order",
    "Survey",
    "Campaign",
    "Log",
    "Invoice",
    "Enrollment",
)
PACKAGES = ("", "", "", "hc", "mkt", "evt", "HealthCloudGA")
DESCRIBED, HELPED, GROUPED, CARE = 0.3, 0.2, 0.2, 0.35


def org(count: int, seed: int = 8) -> Iterator[FieldFacts]:
    """Fields of many objects, object by object."""
    chance = random.Random(seed)
    care = [one for one in FIELDS if one.kind in CARE_KINDS]
    other = [one for one in FIELDS if one.kind not in CARE_KINDS]
    topics = [name.replace("_", " ").title() for name in load_taxonomy().classes]
    object_name = ""
    for number in range(count):
        if number % PER_OBJECT == 0:
            object_name = _object(chance, number // PER_OBJECT)
        pattern = chance.choice(care if chance.random() < CARE else other)
        yield _field(chance, object_name, number, pattern, chance.choice(topics))


def _object(chance: random.Random, number: int) -> str:
    package, name = chance.choice(PACKAGES), chance.choice(OBJECTS)
    return f"{package}__{name}_{number}__c" if package else f"{name}_{number}__c"


def _field(
    chance: random.Random, object_name: str, number: int, pattern: FieldSpec, topic: str
) -> FieldFacts:
    """A field like one of the demo org, with a word before and after, and now and then of another topic."""
    known = pattern.attributes
    told = topic if chance.random() < 0.1 else known["label"]
    label = " ".join(part for part in (chance.choice(BEFORE), told, chance.choice(AFTER)) if part)
    name = re.sub(r"\W+", "_", label).strip("_")
    return FieldFacts(
        object=object_name,
        name=f"{name}_{number % PER_OBJECT}__c",
        label=label,
        type=known["type"],
        description=f"{known['label']}, kept for {topic.lower()}." if chance.random() < DESCRIBED else "",
        object_label=object_name.removesuffix("__c").replace("_", " "),
        help_text=f"Fill in {label.lower()} as the patient tells it." if chance.random() < HELPED else "",
        group=topic if chance.random() < GROUPED else "",
        targets=tuple(known.get("referenceTo", ())),
        picklist=tuple(value["label"] for value in known.get("picklistValues", ())),
    )
