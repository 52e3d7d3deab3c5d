"""Org-wide defaults, parents that decide instead of owners, and the names of share tables (salesforce R2, R4, 3.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.salesforce.semantics.gates import PARENTS

PUBLIC = frozenset({"Read", "ReadWrite", "ReadWriteTransfer", "FullAccess"})
"""Org-wide defaults under which everybody reaches every record (salesforce R2)."""

_BY_PARENT = frozenset({"ControlledByParent", "ControlledByCampaign", "ControlledByLeadOrContact"})

_PARENT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Asset": ("AccountId",),
    "Attachment": ("ParentId",),
    "CampaignMember": ("CampaignId",),
    "CaseComment": ("ParentId",),
    "Contact": ("AccountId",),
    "Contract": ("AccountId",),
    "EmailMessage": ("ParentId",),
    "Event": ("WhatId", "WhoId"),
    "Note": ("ParentId",),
    "OpportunityLineItem": ("OpportunityId",),
    "Order": ("AccountId",),
    "OrderItem": ("OrderId",),
    "Task": ("WhatId", "WhoId"),
}
"""The lookups through which standard objects are controlled by a parent (salesforce R2, R8, O4)."""

_NO_RECORDS = frozenset(
    {
        "BusinessHours",
        "BusinessProcess",
        "CallCenter",
        "Group",
        "Name",
        "Organization",
        "PermissionSet",
        "Profile",
        "RecordType",
        "User",
        "UserRole",
    }
)
"""What lookups point at that has no sharing of its own."""

_SHARELESS = frozenset({*ACTIVITIES, *PARENTS, "Attachment", "Note", "OpportunityContactRole", "User"})


def by_parent(models: Collection[str | None]) -> bool:
    """Whether one of an object's org-wide defaults leaves the decision to a parent record."""
    return not _BY_PARENT.isdisjoint(models)


def parent_fields(
    name: str,
    models: Collection[str | None],
    masters: Sequence[str],
    lookups: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The fields through which a record follows its parents; none if it stands alone (org-fixture 3.17).

    `lookups` are the object's reference fields with what each may point at. Master-detail children follow their
    master whatever their default says; another custom object follows its first lookup to an object with records.
    """
    if masters:
        return tuple(masters)
    if not by_parent(models):
        return ()
    if "ControlledByLeadOrContact" in models:
        return tuple(f for f in ("LeadId", "ContactId") if f in lookups)
    listed = tuple(f for f in _PARENT_FIELDS.get(name, ()) if f in lookups)
    if listed:
        return listed
    return next(((f,) for f, targets in lookups.items() if not _NO_RECORDS.issuperset(targets)), ())


def share_names(name: str) -> tuple[str, str, str] | None:
    """Share table, its column with the record's id and its column with the level; None where none can exist."""
    if name in _SHARELESS:
        return None
    if name.endswith("__c"):
        return f"{name.removesuffix('__c')}__Share", "ParentId", "AccessLevel"
    return f"{name}Share", f"{name}Id", f"{name}AccessLevel"


def audience(user_type: Any) -> str:
    """Which org-wide default holds for a user: `internal`, `external`, or none at all for a `guest` (salesforce R6)."""
    if user_type in (None, "", "Standard"):
        return "internal"
    return "guest" if user_type == "Guest" else "external"
