"""Bytes of one metadata file to facts: pure, and without a word about how components come together (salesforce 7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sfdx.markup import Element, Unusable, parse
from connectors.sfdx.tree import File, Kind


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One `CustomField`: what it says, None or empty for what it leaves out."""

    object: str
    name: str
    label: str = ""
    type: str = ""
    required: bool | None = None
    formula: str = ""
    length: int = 0
    description: str = ""
    help_text: str = ""
    security: str = ""
    compliance: str = ""
    status: str = ""
    tracked: bool | None = None
    encrypted: bool | None = None
    refers_to: str = ""
    operation: str = ""
    summarized: str = ""
    filters: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectFact:
    """One `CustomObject` with the fields inside it."""

    name: str
    label: str = ""
    sharing: str = ""
    external_sharing: str = ""
    setting: bool | None = None
    name_label: str = ""
    name_type: str = ""
    fields: tuple[FieldFact, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectRight:
    """One `objectPermissions` entry; `all_fields` is None where the file is older than View All Fields."""

    object: str
    read: bool
    create: bool
    edit: bool
    delete: bool
    view_all: bool
    modify_all: bool
    all_fields: bool | None


@dataclass(frozen=True, slots=True)
class FieldRight:
    """One `fieldPermissions` entry, or one of before API 23.0; in a muting set it is what is taken away."""

    field: str
    read: bool
    edit: bool


@dataclass(frozen=True, slots=True)
class ContainerFact:
    """One profile, permission set, part of one, or muting set."""

    kind: Kind
    name: str
    label: str = ""
    licence: str = ""
    activation: bool | None = None
    objects: tuple[ObjectRight, ...] = ()
    fields: tuple[FieldRight, ...] = ()
    system: tuple[tuple[str, bool], ...] = ()
    settings: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class GroupFact:
    """One permission set group; its status is a snapshot of another day and not kept."""

    name: str
    label: str = ""
    activation: bool = False
    sets: tuple[str, ...] = ()
    muting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleFact:
    """One role."""

    name: str
    label: str = ""
    parent: str = ""


Fact = FieldFact | ObjectFact | ContainerFact | GroupFact | RoleFact

_ROOTS = {
    Kind.PROFILE: "Profile",
    Kind.PERMISSION_SET: "PermissionSet",
    Kind.GROUP: "PermissionSetGroup",
    Kind.MUTING: "MutingPermissionSet",
    Kind.OBJECT: "CustomObject",
    Kind.FIELD: "CustomField",
    Kind.ROLE: "Role",
}
_ENTRIES = frozenset(
    {"objectPermissions", "fieldPermissions", "userPermissions", "customSettingAccesses", "classAccesses"}
    | {
        "applicationVisibilities",
        "customPermissions",
        "externalDataSourceAccesses",
        "flowAccesses",
        "pageAccesses",
    }
    | {"recordTypeVisibilities", "tabSettings", "customMetadataTypeAccesses", "objectSettings"}
)


def facts(file: File, data: bytes) -> Fact:
    """What one file says. Raises Unusable if it is not the kind of document its name promises."""
    root = parse(data)
    if file.kind is Kind.PERMISSION_SET and root.name in _ENTRIES:
        root = Element(_ROOTS[file.kind], "", root.line, (root, *root.children))  # a part on its own
    if root.name != _ROOTS[file.kind]:
        raise Unusable(f"is not a {_ROOTS[file.kind]}", root.line)
    match file.kind:
        case Kind.FIELD:
            return _field(root, file.object, file.component)
        case Kind.OBJECT:
            return _object(root, file.component)
        case Kind.GROUP:
            return GroupFact(
                name=file.component,
                label=root.get("label"),
                activation=bool(root.says("hasActivationRequired")),
                sets=tuple(e.text for e in root.all("permissionSets") if e.text),
                muting=tuple(e.text for e in root.all("mutingPermissionSets") if e.text),
            )
        case Kind.ROLE:
            return RoleFact(file.component, root.get("name"), root.get("parentRole"))
        case Kind.PROFILE | Kind.PERMISSION_SET | Kind.MUTING:
            return _container(root, file)


def _container(root: Element, file: File) -> ContainerFact:
    return ContainerFact(
        kind=file.kind,
        name=file.component,
        label=root.get("label"),
        licence=root.get("userLicense") or root.get("license"),
        activation=root.says("hasActivationRequired"),
        objects=tuple(
            ObjectRight(
                object=e.get("object"),
                read=bool(e.says("allowRead")),
                create=bool(e.says("allowCreate")),
                edit=bool(e.says("allowEdit")),
                delete=bool(e.says("allowDelete")),
                view_all=bool(e.says("viewAllRecords")),
                modify_all=bool(e.says("modifyAllRecords")),
                all_fields=e.says("viewAllFields"),
            )
            for e in root.all("objectPermissions")
            if e.get("object")
        ),
        fields=tuple(
            FieldRight(
                e.get("field"), bool(e.says("readable")) and not e.says("hidden"), bool(e.says("editable"))
            )
            for e in root.all("fieldPermissions", "fieldLevelSecurities")
            if "." in e.get("field")
        ),
        system=tuple(
            (e.get("name"), bool(e.says("enabled"))) for e in root.all("userPermissions") if e.get("name")
        ),
        settings=tuple(
            (e.get("name"), bool(e.says("enabled")))
            for e in root.all("customSettingAccesses")
            if e.get("name")
        ),
    )


def _object(root: Element, name: str) -> ObjectFact:
    naming = next(root.all("nameField"), Element("nameField", "", 0))
    return ObjectFact(
        name=name,
        label=root.get("label"),
        sharing=root.get("sharingModel"),
        external_sharing=root.get("externalSharingModel"),
        setting=None if root.stated("customSettingsType") is None else True,
        name_label=naming.get("label"),
        name_type=naming.get("type"),
        fields=tuple(_field(e, name, "") for e in root.all("fields") if e.get("fullName")),
    )


def _field(root: Element, owner: str, file_name: str) -> FieldFact:
    """A field; `fullName` is its name, the file's name where it is left out."""
    length, scheme = root.get("length"), root.get("encryptionScheme")
    return FieldFact(
        object=owner,
        name=root.get("fullName") or file_name,
        label=root.get("label"),
        type=root.get("type"),
        required=root.says("required"),
        formula=root.get("formula"),
        length=int(length) if length.isascii() and length.isdigit() and len(length) < 10 else 0,
        description=root.get("description"),
        help_text=root.get("inlineHelpText"),
        security=root.get("securityClassification"),
        compliance=root.get("complianceGroup"),
        status=root.get("businessStatus"),
        tracked=root.says("trackHistory"),
        encrypted=scheme != "None" if scheme else None,
        refers_to=root.get("referenceTo"),
        operation=root.get("summaryOperation"),
        summarized=root.get("summarizedField"),
        filters=tuple(e.get("field") for e in root.all("summaryFilterItems") if e.get("field")),
        values=tuple(_values(root)),
    )


def _values(root: Element) -> Iterator[str]:
    """The values of a picklist: a value set's own, or those of before API 38.0."""
    for value_set in root.all("valueSet"):
        for definition in value_set.all("valueSetDefinition"):
            yield from (e.get("fullName") for e in definition.all("value") if e.get("fullName"))
    for picklist in root.all("picklist"):
        yield from (e.get("fullName") for e in picklist.all("picklistValues") if e.get("fullName"))
