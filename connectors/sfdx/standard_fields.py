"""What source does not say of standard objects: fields nobody can secure, compound parts, and who has object rights.

The fields are those of the reference sheet, section 4: real describes showed them with `permissionable` false. The
list is not exhaustive for every release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.salesforce.semantics.gates import PARENTS


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard field that cannot be secured: its type as describe words it, and whether people can change it."""

    name: str
    type: str
    updateable: bool = False


def _fields(kind: str, names: str, *, updateable: bool = False) -> tuple[Standard, ...]:
    return tuple(Standard(name, kind, updateable) for name in names.split())


_AUDIT = (
    *_fields("id", "Id"),
    *_fields("boolean", "IsDeleted"),
    *_fields("datetime", "CreatedDate LastModifiedDate SystemModstamp"),
    *_fields("reference", "CreatedById LastModifiedById"),
)
_VIEWED = _fields("datetime", "LastViewedDate LastReferencedDate")
_OWNER = _fields("reference", "OwnerId", updateable=True)
_PERSON = (
    *_fields("string", "LastName FirstName", updateable=True),
    *_fields("picklist", "Salutation", updateable=True),
    *_fields("string", "Name EmailBouncedReason"),
    *_fields("datetime", "EmailBouncedDate"),
    *_fields("boolean", "IsEmailBounced"),
    *_fields("url", "PhotoUrl"),
    *_fields("date", "LastActivityDate"),
    *_fields("reference", "MasterRecordId"),
    *_fields("reference", "IndividualId", updateable=True),
)

UNSECURABLE: dict[str, tuple[Standard, ...]] = {
    "Contact": (
        *_AUDIT,
        *_VIEWED,
        *_OWNER,
        *_PERSON,
        *_fields("datetime", "LastCURequestDate LastCUUpdateDate"),
        *_fields("string", "JigsawContactId"),
    ),
    "Lead": (
        *_AUDIT,
        *_VIEWED,
        *_OWNER,
        *_PERSON,
        *_fields("string", "Company", updateable=True),
        *_fields("picklist", "Status", updateable=True),
        *_fields("boolean", "IsConverted"),
        *_fields("boolean", "IsUnreadByOwner", updateable=True),
        *_fields("date", "ConvertedDate"),
        *_fields("reference", "ConvertedAccountId ConvertedContactId ConvertedOpportunityId"),
        *_fields("string", "JigsawContactId"),
    ),
    "Account": (
        *_AUDIT,
        *_VIEWED,
        *_OWNER,
        *_fields("string", "Name", updateable=True),
        *_fields("reference", "MasterRecordId"),
        *_fields("reference", "RecordTypeId", updateable=True),
        *_fields("url", "PhotoUrl"),
        *_fields("date", "LastActivityDate"),
        *_fields("boolean", "IsPartner IsCustomerPortal"),
        *_fields("string", "ChannelProgramName ChannelProgramLevelName JigsawCompanyId"),
    ),
    "Case": (
        *_AUDIT,
        *_VIEWED,
        *_OWNER,
        *_fields("reference", "MasterRecordId"),
        *_fields("string", "CaseNumber"),
        *_fields("picklist", "Status", updateable=True),
        *_fields("boolean", "IsClosed"),
        *_fields("phone", "ContactPhone ContactMobile ContactFax"),
        *_fields("email", "ContactEmail"),
        *_fields("textarea", "Comments", updateable=True),
    ),
    "Event": (
        *_AUDIT,
        *_OWNER,
        *_fields("string", "Subject", updateable=True),
        *_fields("date", "ActivityDate", updateable=True),
        *_fields("datetime", "ActivityDateTime StartDateTime EndDateTime", updateable=True),
        *_fields("int", "DurationInMinutes", updateable=True),
        *_fields("reference", "AccountId"),
        *_fields("boolean", "IsPrivate", updateable=True),
        *_fields("boolean", "IsChild IsGroupEvent"),
        *_fields("picklist", "ShowAs", updateable=True),
        *_fields("picklist", "EventSubtype"),
    ),
    "Opportunity": (
        *_AUDIT,
        *_VIEWED,
        *_OWNER,
        *_fields("string", "Name", updateable=True),
        *_fields("picklist", "StageName", updateable=True),
        *_fields("date", "CloseDate", updateable=True),
        *_fields("boolean", "IsClosed IsWon HasOpportunityLineItem HasOpenActivity HasOverdueTask"),
        *_fields("reference", "Pricebook2Id", updateable=True),
        *_fields("reference", "ContactId"),
        *_fields("date", "LastActivityDate"),
        *_fields("datetime", "LastStageChangeDate"),
    ),
}
"""The fields of the sheet's table (section 4) by object, which exist in every org that has the object."""

NEVER_SECURABLE = frozenset({"OpportunityContactRole"})
"""Objects of which no field has field-level security (salesforce, section 4)."""

SYSTEM = frozenset(
    {
        "Id",
        "Name",
        "OwnerId",
        "IsDeleted",
        "CreatedById",
        "CreatedDate",
        "LastModifiedById",
        "LastModifiedDate",
    }
    | {"SystemModstamp"}
)
"""Fields without permission rows on every object (salesforce 3.2)."""

PERSON_NAMES = frozenset({"FirstName", "LastName", "Salutation"})
"""Name fields that Account shows of person accounts, not securable either (salesforce F11)."""

SECURED_BY_OBJECT_PERMISSIONS = frozenset(
    [
        "Account",
        "AccountContactRelation",
        "Asset",
        "Campaign",
        "Case",
        "Contact",
        "Contract",
        "Idea",
        "Individual",
        "Lead",
        "Opportunity",
        "Order",
        "Pricebook2",
        "Product2",
        "Quote",
        "Solution",
    ]
)
"""Common standard objects that have object permissions, so that having no row means having no access."""

FOLLOWING = frozenset({"Task", "Event", "User", "Attachment", "Note", *PARENTS})
"""Objects without object permissions, whose access follows something else (salesforce O4)."""

ADDRESSES = frozenset(
    [
        "Address",
        "BillingAddress",
        "MailingAddress",
        "OtherAddress",
        "PersonMailingAddress",
        "PersonOtherAddress",
        "ShippingAddress",
    ]
)
"""Standard compound fields: field-level security lies on the whole (salesforce F10)."""

_STANDARD_PARTS = [
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
    "StateCode",
    "CountryCode",
]
_ADDRESS_PARTS = [
    "Street",
    "City",
    "PostalCode",
    "StateCode",
    "CountryCode",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
]
_LOCATION_PARTS = ("Latitude", "Longitude")
_NUMERIC = frozenset(_LOCATION_PARTS)


def parts(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """Name and type of every part of a compound field (salesforce F10)."""
    if name.endswith("__c"):
        stem = name.removesuffix("__c")
        for part in _LOCATION_PARTS if kind == "location" else _ADDRESS_PARTS:
            yield f"{stem}__{part}__s", "double" if part in _NUMERIC else "string"
    elif name in ADDRESSES:
        for part in _STANDARD_PARTS:
            kind_of = "double" if part in _NUMERIC else "textarea" if part == "Street" else "string"
            yield f"{name.removesuffix('Address')}{part}", kind_of


def guessed_type(name: str) -> str:
    """The type of a field of which only a permission is known: from a name that leaves no choice, else empty."""
    if name in ADDRESSES:
        return "address"
    return "reference" if re.fullmatch(r"(?!\w*__)\w*[a-z]Id", name) else ""


def spelled(name: str) -> str:
    """A label out of an API name, for what has none: `Date_of_Birth__c` is “Date of Birth”."""
    stem = re.sub(r"__(c|pc|s|mdt|e|x|b|kav)$", "", name)
    stem = re.sub(r"^\w+?__(?=\w)", "", stem) if stem != name else stem
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", stem.replace("_", " "))
    return " ".join(words.split()) or name
