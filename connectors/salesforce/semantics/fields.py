"""Fields as the schema readings tell of them, and which stored permission a field follows (salesforce F10 to F12).

Pure, like everything that decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.phi import FieldFacts
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat

PERSON_UNSECURABLE = frozenset(
    {
        "PersonContactId",
        "PersonIndividualId",
        "PersonEmailBouncedDate",
        "PersonEmailBouncedReason",
        "PersonLastCURequestDate",
        "PersonLastCUUpdateDate",
    }
)
"""Person fields of Account without field-level security of their own or of Contact (salesforce F11)."""

_PERSON = re.compile(r"Person(?=[A-Z])(?!\w*__)\w+")
_PART = re.compile(
    r"(?P<compound>\w*?)(Street|City|State|PostalCode|Country|Latitude|Longitude|GeocodeAccuracy|StateCode|CountryCode)"
)
_CUSTOM_PART = re.compile(
    r"(?P<stem>\w+?)__(Street|City|State|PostalCode|Country|Latitude|Longitude|\w+Code)__s"
)
COMPOUND_TYPES = frozenset({"address", "location"})
ACTIVITIES = ("Task", "Event")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: EntityParticle says that it exists and whether it can be secured; describe adds what it shows.

    `compound` is the field whose permission this one follows, if any.
    """

    object: str
    name: str
    label: str
    type: str
    securable: bool
    calculated: bool
    auto_number: bool
    updateable: bool
    compound: str = ""

    @property
    def key(self) -> str:
        """`Object.Field`."""
        return f"{self.object}.{self.name}"


def fields(snapshot: Snapshot) -> dict[str, Field]:
    """All fields of the scanned objects by `Object.Field`.

    EntityParticle and FieldDefinition are independent of the connected user's own field security; describe is
    not, and only adds (salesforce 3.3, trap 19).
    """
    described = {f"{r['object']}.{r['name']}": r for r in snapshot.table(cat.DESCRIBE).to_pylist()}
    found: dict[str, Field] = {}
    compounds = {
        (str(r["EntityDefinition.QualifiedApiName"]), str(r["QualifiedApiName"]))
        for r in snapshot.table(cat.PARTICLES.name).to_pylist()
        if r["IsCompound"] or str(r["DataType"]).lower() in COMPOUND_TYPES
    }
    for row in snapshot.table(cat.PARTICLES.name).to_pylist():
        owner, name = str(row["EntityDefinition.QualifiedApiName"]), str(row["QualifiedApiName"])
        seen = described.get(f"{owner}.{name}", {})
        field = Field(
            object=owner,
            name=name,
            label=str(row["Label"] or seen.get("label") or name),
            type=str(seen.get("type") or row["DataType"] or "").lower(),
            securable=bool(row["IsPermissionable"]),
            calculated=bool(row["IsCalculated"]),
            auto_number=bool(row["IsAutonumber"]),
            updateable=bool(row["IsUpdatable"] if seen.get("updateable") is None else seen["updateable"]),
            compound=_compound(owner, name, row, seen, compounds),
        )
        found[field.key] = field
    if snapshot.unread(cat.PARTICLES.name) is not None:
        for key, row in described.items():
            found.setdefault(key, _from_describe(row))
    return found


def _from_describe(row: Mapping[str, Any]) -> Field:
    return Field(
        object=row["object"],
        name=row["name"],
        label=row["label"] or row["name"],
        type=row["type"] or "",
        securable=bool(row["permissionable"]),
        calculated=bool(row["calculated"]),
        auto_number=bool(row["autoNumber"]),
        updateable=bool(row["updateable"]),
        compound=row["compoundFieldName"] or "",
    )


def _compound(
    owner: str,
    name: str,
    row: Mapping[str, Any],
    seen: Mapping[str, Any],
    compounds: set[tuple[str, str]],
) -> str:
    """The address or location a component belongs to (salesforce F10).

    Describe names it; where this user cannot see the field, its FieldDefinition or its name tells. Name parts are
    not followed: they are not securable at all.
    """
    if seen.get("compoundFieldName"):
        named = str(seen["compoundFieldName"])
        return named if named != name and (owner, named) in compounds else ""
    if not row["IsComponent"]:
        return ""
    definition = str(row["FieldDefinitionId"] or "").rpartition(".")[2]
    if definition != name and (owner, definition) in compounds:
        return definition
    return next((c for c in candidates(name) if c != name and (owner, c) in compounds), "")


def candidates(name: str) -> tuple[str, ...]:
    """Compounds a component's name could belong to."""
    custom = _CUSTOM_PART.fullmatch(name)
    if custom:
        return (f"{custom['stem']}__c",)
    part = _PART.fullmatch(name)
    return (f"{part['compound']}Address",) if part else ()


@dataclass(frozen=True, slots=True)
class Guard:
    """Where a field's permission rows are: `rows` names fields of stored rows, `objects` the gates to pass.

    `view_all_on` is the object whose View All Fields counts, `securable` whether that field can be secured at all;
    `edit_judged` is False where the reference does not settle editing.
    """

    rows: tuple[str, ...]
    objects: tuple[str, ...]
    view_all_on: str
    rules: tuple[str, ...] = ()
    securable: bool = True
    edit_judged: bool = True


def guard(field: Field, known: Mapping[str, Field]) -> Guard:
    """Which stored rows secure this field, and behind which objects it stands."""
    if field.object == "Account" and field.name in PERSON_UNSECURABLE:
        return Guard((field.key,), ("Account",), "Account", ("F2", "F11"), securable=False)
    whole = known.get(f"{field.object}.{field.compound}", field) if field.compound else field
    twin = contact_name(whole.name) if field.object == "Account" else ""
    if twin:
        inner = known.get(f"Contact.{twin}")
        name = inner.compound if inner and inner.compound else twin
        if inner is None and candidates(twin):
            name = candidates(twin)[0]
        follows = known.get(f"Contact.{name}", inner)
        return Guard(
            (f"Contact.{name}",),
            ("Account", "Contact"),
            "Contact",
            ("F11", "F10") if name != twin or whole is not field else ("F11",),
            securable=follows is None or follows.securable,
            edit_judged=False,
        )
    name = field.compound or field.name
    rules: tuple[str, ...] = ("F10",) if field.compound else ()
    rows: tuple[str, ...] = (f"{field.object}.{name}",)
    securable = whole.securable
    if field.object in ACTIVITIES and name.endswith("__c"):
        rows, rules = (stored_key(f"{field.object}.{name}"),), (*rules, "F12")
    return Guard(rows, (field.object,), field.object, rules, securable)


def stored_key(key: str) -> str:
    """The name under which a row counts: a custom activity field is one field on Task and Event (salesforce F12)."""
    owner, _, name = key.partition(".")
    return f"{ACTIVITIES[0]}.{name}" if owner in ACTIVITIES and name.endswith("__c") else key


def contact_name(name: str) -> str:
    """The Contact field that a person-account field of Account stands for, or empty (salesforce F11)."""
    if name.endswith("__pc"):
        return f"{name.removesuffix('__pc')}__c"
    return name.removeprefix("Person") if _PERSON.fullmatch(name) else ""


def related(objects: Sequence[str]) -> tuple[str, ...]:
    """Objects whose schema is needed to judge fields of the given ones: twins across objects."""
    extra = set(objects)
    if extra & {"Account", "Contact"}:
        extra |= {"Account", "Contact"}
    if extra & set(ACTIVITIES):
        extra |= set(ACTIVITIES)
    return tuple(sorted(extra))


def facts(snapshot: Snapshot) -> list[FieldFacts]:
    """What mappings may know of each field: names, labels, help, picklists and the vendor's own labels."""
    described = {f"{r['object']}.{r['name']}": r for r in snapshot.table(cat.DESCRIBE).to_pylist()}
    particles = {_key(r): r for r in snapshot.table(cat.PARTICLES.name).to_pylist()}
    labels = {r["QualifiedApiName"]: r["Label"] for r in snapshot.table(cat.ENTITIES.name).to_pylist()}
    definitions = {_key(r): r for r in snapshot.table(cat.DEFINITIONS.name).to_pylist()}
    found = []
    for key, field in sorted(fields(snapshot).items()):
        seen, particle = described.get(key, {}), particles.get(key, {})
        definition = definitions.get(key, {})
        found.append(
            FieldFacts(
                object=field.object,
                name=field.name,
                label=field.label,
                type=field.type,
                description=str(definition.get("Description") or ""),
                help_text=str(particle.get("InlineHelpText") or seen.get("inlineHelpText") or ""),
                picklist=tuple(seen.get("picklistValues") or ()),
                object_label=str(labels.get(field.object) or seen.get("object_label") or ""),
                length=int(particle.get("Length") or seen.get("length") or 0),
                custom=field.name.endswith(("__c", "__pc", "__s")),
                calculated=field.calculated,
                compliance=tuple(c for c in str(definition.get("ComplianceGroup") or "").split(";") if c),
                sensitivity=str(definition.get("SecurityClassification") or ""),
                id=str(particle.get("DurableId") or key),
                securable=field.securable,
                masked=field.type == "encryptedstring",
                tracked=None
                if field.calculated or field.auto_number
                else definition.get("IsFieldHistoryTracked"),
                history=history_object(field.object) if definition.get("IsFieldHistoryTracked") else "",
                defined=key in definitions,
                targets=tuple((particle.get("ReferenceTo") or {}).get("referenceTo") or ()),
            )
        )
    return found


def history_object(owner: str) -> str:
    """The object that keeps old and new values of an object's tracked fields (salesforce F16)."""
    if owner == "Opportunity":
        return "OpportunityFieldHistory"
    return f"{owner.removesuffix('__c')}__History" if owner.endswith("__c") else f"{owner}History"


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['EntityDefinition.QualifiedApiName']}.{row['QualifiedApiName']}"
