"""A column of an object: the 57 keys of describe, and the facts only Setup knows (salesforce 2.5)."""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.salesforce.setup_objects import SetupColumn

_FALSE_KEYS = (
    "aggregatable aiPredictionField autoNumber calculated cascadeDelete caseSensitive createable custom "
    "defaultedOnCreate dependentPicklist deprecatedAndHidden displayLocationInDecimal encrypted externalId "
    "filterable formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup nameField "
    "namePointing nillable permissionable polymorphicForeignKey queryByDistance restrictedDelete "
    "restrictedPicklist searchPrefilterable sortable unique updateable writeRequiresMasterRead"
).split()
_NULL_KEYS = (
    "calculatedFormula compoundFieldName controllerName defaultValue defaultValueFormula extraTypeInfo "
    "filteredLookupInfo inlineHelpText mask maskType referenceTargetField relationshipName relationshipOrder"
).split()
_ZERO_KEYS = "byteLength digits length precision scale".split()
_OTHER_KEYS = "label name picklistValues referenceTo soapType type".split()

DESCRIBE_KEYS = tuple(sorted([*_FALSE_KEYS, *_NULL_KEYS, *_ZERO_KEYS, *_OTHER_KEYS], key=str.lower))
"""The keys of one field in a describe answer; all of them are always there."""

SETUP_KEYS = frozenset(
    "description securityClassification complianceGroup businessStatus businessOwnerId required "
    "masterDetail dataType isFieldHistoryTracked childRelationshipName summaryOperation summarizedField "
    "summaryForeignKey "
    "summaryFilterItems hiddenFromDefinition".split()
)
"""What a fixture may say about a field beyond describe (org-fixture 1.2)."""

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "long": "xsd:long",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "base64": "xsd:base64Binary",
    "address": "urn:address",
    "location": "urn:location",
    "anyType": "xsd:anyType",
}
_LENGTHS = {
    "string": 255,
    "textarea": 255,
    "picklist": 255,
    "multipicklist": 255,
    "combobox": 255,
    "url": 255,
    "email": 80,
    "phone": 40,
    "encryptedstring": 175,
    "id": 18,
    "reference": 18,
}
_NEVER_WRITTEN = frozenset({"address", "location", "base64", "anyType", "complexvalue"})
_NEVER_FILTERED = frozenset({"address", "location", "base64", "encryptedstring"})
NUMBER_TYPES = frozenset({"int", "long", "double", "currency", "percent"})
FIELD_TYPES = frozenset(
    "string boolean int long double date datetime time base64 id reference currency percent phone email "
    "url textarea "
    "picklist multipicklist combobox address location encryptedstring anyType complexvalue "
    "junctionIdList".split()
)


@dataclass(frozen=True)
class Field:
    """One column, as describe shows it (`described`) and as Setup knows it (`setup`)."""

    name: str
    type: str
    described: Mapping[str, Any]
    setup: Mapping[str, Any]
    id: str | None = None
    min_version: float = 0.0

    @property
    def reference_to(self) -> tuple[str, ...]:
        """The objects a lookup may point at."""
        return tuple(self.described["referenceTo"])

    @property
    def relationship(self) -> str | None:
        """The name that walks to the parent in a dotted path."""
        name: str | None = self.described["relationshipName"]
        return name

    @property
    def permissionable(self) -> bool:
        """Whether field-level security applies at all (rule F2)."""
        return bool(self.described["permissionable"])

    @property
    def compound(self) -> str | None:
        """The compound field this one is a part of (rule F10)."""
        name: str | None = self.described["compoundFieldName"]
        return name

    @property
    def custom(self) -> bool:
        """Whether an admin made this field."""
        return bool(self.described["custom"])

    @property
    def case_sensitive(self) -> bool:
        """Whether comparisons mind the case, as they do for ids."""
        return bool(self.described["caseSensitive"])

    @property
    def api_suffix_free_name(self) -> str:
        """The developer name: the API name without `__c` and the like."""
        return self.name.rsplit("__", 1)[0] if self.custom else self.name


def label_from(name: str) -> str:
    """A readable label made of an API name."""
    return name.rsplit("__", 1)[0].replace("_", " ") if "__" in name else name.replace("_", " ")


def make_field(given: Mapping[str, Any], *, field_id: str | None = None, min_version: float = 0.0) -> Field:
    """A field out of what a fixture says of it, with every default of org-fixture 1.2 filled in."""
    name: str = given["name"]
    kind: str = given.get("type", "string")
    required = bool(given.get("required"))
    master_detail = bool(given.get("masterDetail"))
    calculated = bool(
        given.get("calculatedFormula") or given.get("summaryOperation") or given.get("calculated")
    )
    length = int(given.get("length", _LENGTHS.get(kind, 0)))
    long_text = kind in {"textarea", "multipicklist"} and length > 255
    searchable = kind not in _NEVER_FILTERED
    written = not (calculated or given.get("autoNumber") or kind in _NEVER_WRITTEN)
    described: dict[str, Any] = dict.fromkeys(DESCRIBE_KEYS, False)
    described.update(dict.fromkeys(_NULL_KEYS, None))
    described.update(dict.fromkeys(_ZERO_KEYS, 0))
    described.update(
        name=name,
        type=kind,
        label=label_from(name),
        custom=name.endswith(("__c", "__pc", "__s")),
        soapType=_SOAP_TYPES.get(kind, "xsd:string"),
        length=length,
        byteLength=length if kind in {"id", "reference"} else length * 3,
        precision=18 if kind in NUMBER_TYPES - {"int", "long"} else 0,
        digits=9 if kind in {"int", "long"} else 0,
        permissionable=not (required or master_detail or kind == "id"),
        nillable=not (required or master_detail or kind == "boolean" or calculated),
        calculated=calculated,
        createable=written,
        updateable=written,
        encrypted=kind == "encryptedstring",
        caseSensitive=kind in {"id", "reference"},
        filterable=searchable and (not long_text or kind == "multipicklist"),
        sortable=searchable and not long_text,
        groupable=searchable and not long_text,
        aggregatable=searchable and not long_text and kind != "boolean",
        idLookup=kind == "id",
        queryByDistance=kind in {"address", "location"},
        restrictedDelete=False,
        cascadeDelete=master_detail,
        writeRequiresMasterRead=master_detail,
        relationshipOrder=0 if master_detail else None,
        referenceTo=[],
        picklistValues=[],
        relationshipName=_relationship_name(name) if kind == "reference" else None,
    )
    described.update({key: value for key, value in given.items() if key in described})
    described["polymorphicForeignKey"] = given.get("polymorphicForeignKey", len(described["referenceTo"]) > 1)
    setup = {key: value for key, value in given.items() if key in SETUP_KEYS}
    return Field(name, kind, described, setup, field_id, min_version)


def _relationship_name(name: str) -> str:
    """`Patient__c` is walked as `Patient__r`, `AccountId` as `Account`."""
    if name.endswith("__c"):
        return f"{name[:-3]}__r"
    return name.removesuffix("Id")


@lru_cache(maxsize=4096)
def setup_field(column: SetupColumn, owner: str) -> Field:
    """The field of a setup object; these carry no field-level security of their own."""
    given: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "permissionable": False,
        "nillable": column.type not in {"boolean", "id"},
        "createable": False,
        "updateable": False,
        "referenceTo": list(column.reference_to),
        "nameField": column.name in {"Name", "MasterLabel"},
    }
    if column.name in {"DurableId", "EntityDefinitionId", "FieldDefinitionId"}:
        given["caseSensitive"] = True
    if owner == "ObjectPermissions" and column.type == "boolean":
        given["groupable"] = False
    if owner == "LoginHistory" and column.name == "Status":
        given["filterable"] = False
    if column.name in {"SobjectType", "Field"}:
        given["restrictedPicklist"] = True
    return make_field(given, min_version=column.min_version)
