"""The rows the platform makes by itself: the schema catalogue and its kin (org-fixture 1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.salesforce.fixture import DEFAULT_STAMP, Entity, Org, Row, Table
from sandbox.salesforce.ids import numbered_id, short_id, to_18

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.salesforce.fields import Field

NULL_ID = "000000000000000AAA"
"""The id of rows that are not stored, synthetic ObjectPermissions rows among them (salesforce 3.2)."""


class ServedTables:
    """Every table as the API shows it: the stored rows, and what the platform derives from them."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._made: dict[str, Table] = {}
        self._makers: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
            "EntityDefinition": self._entity_definitions,
            "FieldDefinition": self._field_definitions,
            "EntityParticle": self._entity_particles,
            "CustomField": self._custom_fields,
            "CustomObject": self._custom_objects,
            "UserPermissionAccess": self._user_permission_access,
        }

    def table(self, name: str) -> Table:
        """The served rows of an object, made once."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Table:
        stored = self.org.tables[name]
        if name == "ObjectPermissions" and self.org.behaviour.synthetic_object_rows:
            return Table(stored.entity, stored.rows + self._synthetic_object_rows())
        if name == "FieldPermissions":
            return Table(stored.entity, self._flipped_field_rows())
        maker = self._makers.get(name)
        if maker is None:
            return stored
        return Table(stored.entity, [as_row(stored.entity, values) for values in maker()])

    # --- permission rows ------------------------------------------------------------------------------------

    def _synthetic_object_rows(self) -> list[Row]:
        """Modify All Data shows as rows nobody stored, for every object without one (salesforce 3.2)."""
        if "ModifyAllData" not in self.org.permission_columns:
            return []
        sets, stored = self.org.tables["PermissionSet"], self.org.tables["ObjectPermissions"]
        everything, set_id = sets.column("PermissionsModifyAllData"), sets.column("Id")
        parent, sobject = stored.column("ParentId"), stored.column("SobjectType")
        there = {(short_id(parent(row)), sobject(row)) for row in stored.rows if parent(row)}
        granted = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
        rows = []
        for permission_set in filter(everything, sets.rows):
            for entity in self.org.record_objects:
                if (
                    entity.has_object_permissions
                    and (short_id(set_id(permission_set)), entity.name) not in there
                ):
                    values = {"Id": NULL_ID, "ParentId": set_id(permission_set), "SobjectType": entity.name}
                    values |= {f"Permissions{right}": True for right in granted}
                    rows.append(as_row(stored.entity, values))
        return rows

    def _flipped_field_rows(self) -> list[Row]:
        """A set with View All Fields on an object reports all its rows there as readable (rule F5)."""
        fields, objects = self.org.tables["FieldPermissions"], self.org.tables["ObjectPermissions"]
        if self.org.max_version < 63:
            return fields.rows
        sees_all, parent, sobject = (
            objects.column(n) for n in ("PermissionsViewAllFields", "ParentId", "SobjectType")
        )
        opened = {
            (short_id(parent(row)), sobject(row))
            for row in objects.rows
            if sees_all(row) and parent(row).startswith("0PS")
        }
        if not opened:
            return fields.rows
        parent, sobject = fields.column("ParentId"), fields.column("SobjectType")
        read = fields.entity.positions["permissionsread"]
        return [
            (*row[:read], True, *row[read + 1 :])
            if not row[read] and (short_id(parent(row)), sobject(row)) in opened
            else row
            for row in fields.rows
        ]

    def _user_permission_access(self) -> list[dict[str, Any]]:
        held = self.org.running_user.permissions
        granted = {f"Permissions{name}": True for name in self.org.permission_columns if name in held}
        return [{"Id": NULL_ID, **granted}]

    # --- schema ---------------------------------------------------------------------------------------------

    def _entity_definitions(self) -> list[dict[str, Any]]:
        rows = [_entity_definition(entity) for entity in self.org.entities.values()]
        custom = sum(entity.custom for entity in self.org.entities.values())
        for number in range(1, self.org.behaviour.filler_entities + 1):
            name = f"Filler_{number:05d}"
            rows.append(
                {
                    "Id": NULL_ID,
                    "DurableId": f"01I{custom + number:012d}",
                    "QualifiedApiName": f"{name}__c",
                    "DeveloperName": name,
                    "Label": name.replace("_", " "),
                    "MasterLabel": name.replace("_", " "),
                    "PluralLabel": name.replace("_", " "),
                    "KeyPrefix": numbered_id("", number)[-3:],
                    "PublisherId": "<local>",
                    "InternalSharingModel": "ReadWrite",
                    "ExternalSharingModel": "Private",
                    "DeploymentStatus": "Deployed",
                    "IsQueryable": True,
                    "IsCustomizable": True,
                }
            )
        return rows

    def _field_definitions(self) -> list[dict[str, Any]]:
        return [
            _field_definition(entity, column)
            for entity in self.org.entities.values()
            for column in entity.fields
            if not column.setup.get("hiddenFromDefinition")
        ]

    def _entity_particles(self) -> list[dict[str, Any]]:
        return [
            _entity_particle(entity, column)
            for entity in self.org.entities.values()
            for column in entity.fields
        ]

    def _custom_fields(self) -> list[dict[str, Any]]:
        return [
            {
                "Id": to_18(column.id),
                "DeveloperName": column.api_suffix_free_name,
                "TableEnumOrId": entity.durable_id,
                "EntityDefinitionId": entity.durable_id,
                "ManageableState": "unmanaged",
                "FullName": f"{entity.name}.{column.name}",
                "Metadata": _field_metadata(column),
            }
            for entity in self.org.entities.values()
            for column in entity.fields
            if column.id
        ]

    def _custom_objects(self) -> list[dict[str, Any]]:
        return [
            {
                "Id": to_18(entity.durable_id[:15]),
                "DeveloperName": entity.name.rsplit("__", 1)[0],
                "ManageableState": "unmanaged",
                "SharingModel": entity.internal_sharing,
            }
            for entity in self.org.record_objects
            if entity.custom
        ]


def as_row(entity: Entity, values: Mapping[str, Any]) -> Row:
    """A row in column order from named values; what is not named is null, false, or the default stamp."""
    return tuple(
        values[column.name] if column.name in values else _absent(column) for column in entity.fields
    )


def _absent(column: Field) -> Any:
    if column.type == "boolean":
        return False
    return DEFAULT_STAMP if column.type == "datetime" and column.name.startswith("LastModified") else None


def durable_field_id(entity: Entity, column: Field) -> str:
    """How the catalogue names a field: object and field, by id where there is one (salesforce 2.9)."""
    return f"{entity.durable_id}.{column.id or column.name}"


def _entity_definition(entity: Entity) -> dict[str, Any]:
    return {
        "Id": NULL_ID,
        "DurableId": entity.durable_id,
        "QualifiedApiName": entity.name,
        "DeveloperName": entity.name.rsplit("__", 1)[0] if entity.custom else entity.name,
        "Label": entity.label,
        "MasterLabel": entity.label,
        "PluralLabel": entity.label_plural,
        "KeyPrefix": entity.key_prefix,
        "PublisherId": "<local>" if entity.custom else "System",
        "InternalSharingModel": entity.internal_sharing,
        "ExternalSharingModel": entity.external_sharing,
        "IsCustomSetting": entity.custom_setting,
        "IsQueryable": True,
        "IsSearchable": entity.is_record,
        "IsRetrieveable": True,
        "IsCustomizable": entity.is_record,
        "IsApexTriggerable": entity.is_record,
        "IsLayoutable": entity.is_record,
        "IsReplicateable": entity.is_record,
        "DeploymentStatus": "Deployed" if entity.custom else None,
    }


def _field_definition(entity: Entity, column: Field) -> dict[str, Any]:
    setup, described = column.setup, column.described
    return {
        "Id": NULL_ID,
        "DurableId": durable_field_id(entity, column),
        "EntityDefinitionId": entity.durable_id,
        "QualifiedApiName": column.name,
        "DeveloperName": column.api_suffix_free_name,
        "Label": described["label"],
        "MasterLabel": described["label"],
        "Description": setup.get("description"),
        "DataType": data_type_wording(column),
        "ValueTypeId": column.type,
        "ServiceDataTypeId": described["soapType"],
        "ExtraTypeInfo": described["extraTypeInfo"],
        "Length": described["length"],
        "Precision": described["precision"],
        "Scale": described["scale"],
        "IsCalculated": described["calculated"],
        "IsCompound": _is_compound(entity, column),
        "IsNameField": described["nameField"],
        "IsNillable": described["nillable"],
        "IsHtmlFormatted": described["htmlFormatted"],
        "IsIndexed": described["idLookup"] or described["externalId"] or column.type == "reference",
        "IsFieldHistoryTracked": bool(setup.get("isFieldHistoryTracked")),
        "IsPolymorphicForeignKey": described["polymorphicForeignKey"],
        "IsAiPredictionField": described["aiPredictionField"],
        "ReferenceTo": {"referenceTo": list(column.reference_to) or None},
        "RelationshipName": column.relationship,
        "PublisherId": "<local>" if column.custom else "System",
        "BusinessOwnerId": setup.get("businessOwnerId"),
        "BusinessStatus": setup.get("businessStatus"),
        "SecurityClassification": setup.get("securityClassification"),
        "ComplianceGroup": setup.get("complianceGroup"),
    }


def _entity_particle(entity: Entity, column: Field) -> dict[str, Any]:
    described = column.described
    return {
        "Id": NULL_ID,
        "DurableId": durable_field_id(entity, column),
        "EntityDefinitionId": entity.durable_id,
        "FieldDefinitionId": durable_field_id(entity, column),
        "QualifiedApiName": column.name,
        "Name": column.name,
        "DeveloperName": column.api_suffix_free_name,
        "FieldDefinitionName": column.name,
        "Label": described["label"],
        "MasterLabel": described["label"],
        "DataType": column.type,
        "ValueTypeId": column.type,
        "ExtraTypeInfo": described["extraTypeInfo"],
        "IsPermissionable": column.permissionable,
        "IsComponent": column.compound is not None,
        "IsCompound": _is_compound(entity, column),
        "IsEncrypted": described["encrypted"],
        "Mask": described["mask"],
        "MaskType": described["maskType"],
        "InlineHelpText": described["inlineHelpText"],
        "IsCalculated": described["calculated"],
        "IsAutonumber": described["autoNumber"],
        "IsNillable": described["nillable"],
        "IsCreatable": described["createable"],
        "IsUpdatable": described["updateable"],
        "IsFieldHistoryTracked": bool(column.setup.get("isFieldHistoryTracked")),
        "IsUnique": described["unique"],
        "IsNameField": described["nameField"],
        "IsDeprecatedAndHidden": described["deprecatedAndHidden"],
        "IsDependentPicklist": described["dependentPicklist"],
        "IsHtmlFormatted": described["htmlFormatted"],
        "IsIdLookup": described["idLookup"],
        "IsNamePointing": described["namePointing"],
        "IsWriteRequiresMasterRead": described["writeRequiresMasterRead"],
        "IsDefaultedOnCreate": described["defaultedOnCreate"],
        "IsApiFilterable": described["filterable"],
        "IsApiGroupable": described["groupable"],
        "IsApiSortable": described["sortable"],
        "Length": described["length"],
        "ByteLength": described["byteLength"],
        "Precision": described["precision"],
        "Scale": described["scale"],
        "Digits": described["digits"],
        "ReferenceTo": {"referenceTo": list(column.reference_to) or None},
        "RelationshipName": column.relationship,
        "RelationshipOrder": described["relationshipOrder"],
        "ReferenceTargetField": described["referenceTargetField"],
    }


def _is_compound(entity: Entity, column: Field) -> bool:
    """Whether other fields of the object are parts of this one."""
    if column.type in {"address", "location"}:
        return True
    return any(other.compound == column.name for other in entity.fields)


_WORDINGS = {
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "Date/Time",
    "time": "Time",
    "email": "Email",
    "phone": "Phone",
    "url": "URL",
    "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)",
    "address": "Address",
    "location": "Geolocation",
    "base64": "Base64",
    "id": "Lookup()",
}


def data_type_wording(column: Field) -> str:
    """The data type in the words of Setup, such as `Text(80)` or `Lookup(Account)` (salesforce 3.3)."""
    given: str | None = column.setup.get("dataType")
    if given:
        return given
    described = column.described
    if operation := column.setup.get("summaryOperation"):
        child = str(column.setup.get("summaryForeignKey", "")).partition(".")[0]
        return f"Roll-Up Summary ({str(operation).upper()} {child})"
    if described["calculatedFormula"]:
        return f"Formula ({_plain_wording(column).partition('(')[0].strip()})"
    if described["autoNumber"]:
        return "Auto Number"
    return _plain_wording(column)


def _plain_wording(column: Field) -> str:
    described = column.described
    if column.type == "reference":
        kind = "Master-Detail" if column.setup.get("masterDetail") else "Lookup"
        return f"{kind}({','.join(column.reference_to)})"
    if column.type == "encryptedstring":
        return f"Text (Encrypted)({described['length']})"
    if column.type == "textarea":
        return f"Long Text Area({described['length']})" if described["length"] > 255 else "Text Area"
    if column.type in {"int", "long", "double"}:
        return f"Number({described['precision'] or described['digits']}, {described['scale']})"
    if column.type in {"currency", "percent"}:
        return f"{column.type.title()}({described['precision']}, {described['scale']})"
    if column.type in _WORDINGS:
        return _WORDINGS[column.type]
    return f"Text({described['length']})"


_METADATA_TYPES = {
    "string": "Text",
    "boolean": "Checkbox",
    "double": "Number",
    "int": "Number",
    "currency": "Currency",
    "percent": "Percent",
    "date": "Date",
    "datetime": "DateTime",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "picklist": "Picklist",
    "multipicklist": "MultiselectPicklist",
    "reference": "Lookup",
    "textarea": "TextArea",
    "encryptedstring": "EncryptedText",
    "address": "Address",
    "location": "Location",
}


def _field_metadata(column: Field) -> dict[str, Any]:
    """The metadata of a custom field, as the tooling API unfolds it."""
    setup, described = column.setup, column.described
    kind = _METADATA_TYPES.get(column.type, "Text")
    if setup.get("masterDetail"):
        kind = "MasterDetail"
    elif setup.get("summaryOperation"):
        kind = "Summary"
    elif kind == "TextArea" and described["length"] > 255:
        kind = "LongTextArea"
    return {
        "label": described["label"],
        "type": kind,
        "length": described["length"] or None,
        "required": bool(setup.get("required")),
        "formula": described["calculatedFormula"],
        "description": setup.get("description"),
        "inlineHelpText": described["inlineHelpText"],
        "securityClassification": setup.get("securityClassification"),
        "complianceGroup": setup.get("complianceGroup"),
        "businessStatus": setup.get("businessStatus"),
        "trackHistory": bool(setup.get("isFieldHistoryTracked")),
        "referenceTo": column.reference_to[0] if column.reference_to else None,
        "summaryOperation": setup.get("summaryOperation"),
        "summarizedField": setup.get("summarizedField"),
        "summaryForeignKey": setup.get("summaryForeignKey"),
        "summaryFilterItems": setup.get("summaryFilterItems", []),
    }
