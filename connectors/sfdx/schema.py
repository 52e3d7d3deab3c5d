"""A project's objects and fields as the readings of a live org: the same names and columns, nothing made up but ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from auditor.snapshot import Capability, Reading, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.sfdx import standard_fields as standard
from connectors.sfdx.ids import SETTING, made_up
from connectors.sfdx.names import plain
from connectors.sfdx.parse import FieldFact, ObjectFact
from connectors.sfdx.project import Project

_TYPES: Mapping[str, str] = {
    "Address": "address",
    "AutoNumber": "string",
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "EncryptedText": "encryptedstring",
    "ExternalLookup": "reference",
    "File": "base64",
    "Hierarchy": "reference",
    "Html": "textarea",
    "IndirectLookup": "reference",
    "Location": "location",
    "LongTextArea": "textarea",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "MetadataRelationship": "reference",
    "MultiselectPicklist": "multipicklist",
    "Number": "double",
    "Percent": "percent",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Time": "time",
    "Url": "url",
}
"""What describe calls each type of metadata (salesforce 7.2)."""

_SCHEMA_NOTE = (
    "Source holds the fields that somebody made, customised or named in a permission. Other standard fields, and "
    "fields of installed packages, are not in it."
)
_ENTITY_NOTE = "Sharing models are empty where the object's own file is not in the project."


def readings(project: Project, names: Iterable[str]) -> list[Reading]:
    """The schema readings of these objects."""
    wanted = sorted(set(names))
    fields = [field for name in wanted for field in _fields(project, name)]
    return [
        _table(cat.ENTITIES, [_entity(name, project) for name in wanted], note=_ENTITY_NOTE),
        _table(cat.PARTICLES, [f.particle for f in fields], Unread(Why.NOT_COLLECTED, _SCHEMA_NOTE)),
        _table(cat.DEFINITIONS, [f.definition for f in fields]),
        Reading(
            cat.DESCRIBE,
            Capability.SCHEMA,
            pa.Table.from_pylist([f.described for f in fields if f.described], schema=cat.DESCRIBE_SCHEMA),
            source="objects",
        ),
        Reading(
            cat.CALCULATIONS,
            Capability.LINEAGE,
            pa.Table.from_pylist(
                [f.calculation for f in fields if f.calculation], schema=cat.CALCULATIONS_SCHEMA
            ),
            source="objects",
        ),
        Reading(
            cat.SECURABLE_OBJECTS,
            Capability.GRANTS,
            pa.table({"SobjectType": securable(project)}, schema=cat.SECURABLE_SCHEMA),
            source="objects, profiles, permissionsets",
        ),
    ]


def known_objects(project: Project) -> set[str]:
    """Every object that the project defines, customises, or names in a permission."""
    containers = [*project.containers, *project.muting.values()]
    named = {owner for c in containers for owner in c.objects}
    named |= {owner for owner, _ in project.granted_fields} | {s for c in containers for s in c.settings}
    return {name for name in {*project.objects, *named} if name != "Activity"}


def settings(project: Project) -> set[str]:
    """The custom settings: objects that say so, and those that containers give access to as such (salesforce O7)."""
    return {name for name, fact in project.objects.items() if fact.setting} | {
        name for c in project.containers for name in c.settings
    }


def setting_id(name: str) -> str:
    """The id by which SetupEntityAccess names a custom setting."""
    return made_up(SETTING, name)


def securable(project: Project) -> list[str]:
    """Objects that have object permissions: custom ones, the common standard ones, and those a container names.

    A custom object without a file of its own that can be used is left out: it may be a custom setting.
    """
    containers = [*project.containers, *project.muting.values()]
    named = {owner for c in containers for owner in c.objects} | standard.SECURED_BY_OBJECT_PERMISSIONS
    custom = {name for name in project.described if name.endswith("__c")}
    return sorted((named | custom) - settings(project) - standard.FOLLOWING)


def _table(
    query: cat.Query, rows: list[dict[str, Any]], unread: Unread | None = None, note: str = ""
) -> Reading:
    table = pa.Table.from_pylist(rows, schema=query.schema)
    return Reading(query.name, query.capability, table, unread, None, "objects", note)


def _entity(name: str, project: Project) -> dict[str, Any]:
    fact = project.objects.get(name) or ObjectFact(name)
    return {
        "DurableId": setting_id(name) if name.endswith("__c") else name,
        "QualifiedApiName": name,
        "Label": fact.label or standard.spelled(name),
        "NamespacePrefix": name.split("__", maxsplit=1)[0] if name.count("__") > 1 else None,
        "InternalSharingModel": fact.sharing or None,
        "ExternalSharingModel": fact.external_sharing or None,
        "IsCustomSetting": name in settings(project),
    }


class _Field:
    """One field as rows of the schema readings."""

    def __init__(self, owner: str, name: str, **facts: Any) -> None:
        key = f"{owner}.{name}"
        self.particle: dict[str, Any] = {
            "DurableId": key,
            "QualifiedApiName": name,
            "EntityDefinition.QualifiedApiName": owner,
            "FieldDefinitionId": key,
            "Label": standard.spelled(name),
            "DataType": "",
            "IsPermissionable": True,
            "IsComponent": False,
            "IsCompound": False,
            "IsCalculated": False,
            "IsAutonumber": False,
            "IsUpdatable": True,
            **facts,
        }
        self.definition: dict[str, Any] = {
            "DurableId": key,
            "QualifiedApiName": name,
            "EntityDefinition.QualifiedApiName": owner,
            "Label": self.particle["Label"],
            "IsCalculated": self.particle["IsCalculated"],
        }
        self.described: dict[str, Any] = {}
        self.calculation: dict[str, Any] = {}


def _fields(project: Project, owner: str) -> Iterator[_Field]:
    """All fields of one object: defined ones, those only permissions name, standard ones nobody can secure, parts."""
    found: dict[str, _Field] = {}
    unsecurable = {s.name: s for s in standard.UNSECURABLE.get(owner, ())}
    in_setting = owner in settings(project)
    for name in sorted(n for o, n in project.fields if o == owner):
        found[name] = _defined(project.fields[owner, name], owner, unsecurable)
        if in_setting and (owner, name) not in project.granted_fields:
            found[name].particle["IsPermissionable"] = False  # as vendors show fields of custom settings
    for name in sorted(n for o, n in project.granted_fields if o == owner):
        found.setdefault(name, _named(owner, name))
    if owner not in {"Task", "Event"} or owner in unsecurable:
        for name, known in unsecurable.items():
            found.setdefault(name, _standard(owner, known))
    fact = project.objects.get(owner)
    if fact is not None and fact.name_type:
        found.setdefault("Name", _name_field(owner, fact))
    found = {name: field for name, field in found.items() if (owner, name) not in project.unsettled}
    for name, field in list(found.items()):
        for part, kind in standard.parts(name, str(field.particle["DataType"])):
            if field.particle["IsCompound"]:
                found.setdefault(part, _part(owner, part, kind, field))
    return iter(found[name] for name in sorted(found))


def _securable(owner: str, name: str, fact: FieldFact | None = None) -> bool:
    """The offline test: neither universally required, nor master-detail, nor a standard field nobody can secure."""
    if owner in standard.NEVER_SECURABLE or name in standard.SYSTEM:
        return False
    if owner == "Account" and name in standard.PERSON_NAMES:
        return False
    if any(known.name == name for known in standard.UNSECURABLE.get(owner, ())):
        return False
    if fact is None or not name.endswith("__c"):
        return True
    return not fact.required and fact.type != "MasterDetail"


def _defined(fact: FieldFact, owner: str, unsecurable: Mapping[str, standard.Standard]) -> _Field:
    known = unsecurable.get(fact.name)
    kind = _TYPES.get(fact.type) or (_summary_type(fact) if fact.type == "Summary" else fact.type.lower())
    kind = kind or (known.type if known else standard.guessed_type(fact.name))
    calculated = bool(fact.formula) or fact.type == "Summary"
    field = _Field(
        owner,
        fact.name,
        Label=fact.label or standard.spelled(fact.name),
        DataType=kind,
        IsPermissionable=_securable(owner, fact.name, fact),
        IsCompound=kind in {"address", "location"},
        IsCalculated=calculated,
        IsAutonumber=fact.type == "AutoNumber",
        IsUpdatable=not calculated and fact.type != "AutoNumber" and (known is None or known.updateable),
        IsEncrypted=bool(fact.encrypted),
        IsNillable=None if fact.required is None else not fact.required,
        Length=fact.length,
        InlineHelpText=fact.help_text or None,
        RelationshipName=_relationship(fact, kind),
        ReferenceTo={"referenceTo": [fact.refers_to]} if fact.refers_to else None,
    )
    groups = [g.strip() for g in fact.compliance.split(";")]
    field.definition |= {
        "DataType": fact.type or None,
        "Description": fact.description or None,
        "SecurityClassification": fact.security or None,
        "ComplianceGroup": ";".join(g for g in groups if g and g != "None") or None,
        "BusinessStatus": fact.status or None,
        "IsFieldHistoryTracked": fact.tracked,
    }
    if fact.values:
        field.described = {
            "object": owner,
            "name": fact.name,
            "label": field.particle["Label"],
            "type": kind,
            "permissionable": field.particle["IsPermissionable"],
            "calculated": calculated,
            "autoNumber": False,
            "updateable": field.particle["IsUpdatable"],
            "inlineHelpText": fact.help_text or None,
            "picklistValues": list(fact.values),
        }
    if calculated:
        field.calculation = {
            "object": owner,
            "name": fact.name,
            "formula": fact.formula or None,
            "summary_operation": fact.operation.lower() or None,
            "summarized_field": fact.summarized or None,
            "filter_fields": list(fact.filters),
        }
    return field


def _relationship(fact: FieldFact, kind: str) -> str | None:
    """The name by which formulas hop over this lookup: `Patient__r` of `Patient__c`, `Account` of `AccountId`."""
    if kind != "reference":
        return None
    if fact.name.endswith("__c"):
        return f"{plain(fact.name).removesuffix('__c')}__r"
    return fact.name.removesuffix("Id") or None


def _summary_type(fact: FieldFact) -> str:
    """A count is a number; what else a roll-up is depends on the field it sums, of which the value is a number too."""
    return "int" if fact.operation.lower() == "count" else "double"


def _named(owner: str, name: str) -> _Field:
    """A field of which only permissions are known: they prove that it exists."""
    kind = standard.guessed_type(name)
    field = _Field(
        owner,
        name,
        DataType=kind,
        IsPermissionable=_securable(owner, name),
        IsCompound=kind == "address",
    )
    if kind == "reference":
        field.particle["RelationshipName"] = name.removesuffix("Id")
    return field


def _standard(owner: str, known: standard.Standard) -> _Field:
    return _Field(
        owner, known.name, DataType=known.type, IsPermissionable=False, IsUpdatable=known.updateable
    )


def _name_field(owner: str, fact: ObjectFact) -> _Field:
    numbered = fact.name_type == "AutoNumber"
    return _Field(
        owner,
        "Name",
        Label=fact.name_label or "Name",
        DataType="string",
        IsPermissionable=False,
        IsAutonumber=numbered,
        IsUpdatable=not numbered,
    )


def _part(owner: str, name: str, kind: str, whole: _Field) -> _Field:
    return _Field(
        owner,
        name,
        Label=f"{whole.particle['Label']} ({standard.spelled(name.split('__')[1] if '__' in name else name)})",
        DataType=kind,
        IsComponent=True,
        FieldDefinitionId=whole.particle["DurableId"],
        IsPermissionable=whole.particle["IsPermissionable"],
    )
