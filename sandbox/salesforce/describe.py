"""The describe answers: what objects there are, and what one of them looks like (salesforce 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.fixture import Entity, Org
    from sandbox.salesforce.visibility import Visibility

_URL_KEYS = ("compactLayouts", "listviews", "quickActions", "approvalLayouts")


def global_describe(visibility: Visibility) -> dict[str, Any]:
    """`GET …/sobjects`: every object this user sees."""
    seen = [entity for entity in visibility.org.entities.values() if visibility.sees(entity)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [object_entry(e, visibility) for e in seen]}


def object_entry(entity: Entity, visibility: Visibility) -> dict[str, Any]:
    """One object as the global describe lists it."""
    path = f"{visibility.base_path}/sobjects/{entity.name}"
    record = entity.is_record
    urls = {"rowTemplate": f"{path}/{{ID}}", "describe": f"{path}/describe", "sobject": path}
    if record:
        urls["layouts"] = f"{path}/describe/layouts"
        urls |= {key: f"{path}/{key}" for key in _URL_KEYS}
    return {
        "activateable": False,
        "associateEntityType": entity.associate_type,
        "associateParentEntity": entity.associate_parent,
        "createable": record,
        "custom": entity.custom,
        "customSetting": entity.custom_setting,
        "deepCloneable": False,
        "deletable": record,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": entity.key_prefix,
        "label": entity.label,
        "labelPlural": entity.label_plural,
        "layoutable": record and not entity.custom_setting,
        "mergeable": entity.name in {"Account", "Contact", "Lead", "Case"},
        "mruEnabled": record,
        "name": entity.name,
        "queryable": True,
        "replicateable": record,
        "retrieveable": True,
        "searchable": record,
        "triggerable": record,
        "undeletable": record,
        "updateable": record,
        "urls": urls,
    }


def object_describe(entity: Entity, visibility: Visibility) -> dict[str, Any]:
    """`GET …/sobjects/X/describe`: the entry above with fields, children and record types."""
    return object_entry(entity, visibility) | {
        "actionOverrides": [],
        "childRelationships": _child_relationships(entity, visibility),
        "compactLayoutable": entity.is_record,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_described(entity, column, visibility.org) for column in visibility.fields(entity)],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_record_type(entity, visibility)] if entity.is_record else [],
        "searchLayoutable": entity.is_record,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {entity.label_plural.lower()}", "name": "everything"},
            {"label": f"My {entity.label_plural.lower()}", "name": "mine"},
        ],
    }


def _child_relationships(entity: Entity, visibility: Visibility) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": child.cascade,
            "childSObject": child.entity,
            "deprecatedAndHidden": False,
            "field": child.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.relationship,
            "restrictedDelete": False,
        }
        for child in visibility.org.children.get(entity.name, ())
        if visibility.entity(child.entity) is not None
    ]


def _master_record_type(entity: Entity, visibility: Visibility) -> dict[str, Any]:
    base = f"/services/data/v{visibility.version:.1f}/sobjects/{entity.name}/describe/layouts"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": f"{base}/012000000000000AAA"},
    }


def _described(entity: Entity, column: Field, org: Org) -> dict[str, Any]:
    """One field; the picklists of the permission objects are the org's own lists (salesforce 3.2)."""
    described = dict(column.described)
    values: list[str] = []
    match entity.name, column.name:
        case "ObjectPermissions", "SobjectType":
            values = [each.name for each in org.entities.values() if each.has_object_permissions]
        case "FieldPermissions", "SobjectType":
            values = [each.name for each in org.entities.values() if any(map(_settable, each.fields))]
        case "FieldPermissions", "Field":
            values = [
                f"{each.name}.{settable.name}"
                for each in org.entities.values()
                for settable in each.fields
                if _settable(settable)
            ]
        case _:
            pass
    if values:
        described["picklistValues"] = [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in values
        ]
    return described


def _settable(column: Field) -> bool:
    """Whether a FieldPermissions row can exist: securable, and not a part of a compound field."""
    return column.permissionable and column.compound is None
