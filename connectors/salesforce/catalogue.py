"""Every query the product can send to Salesforce, as data.

The allow-list, the documentation page, the least-privilege permission set and the estimate of `check` follow from
this list, so nothing can be sent that is not written here. No column here holds a token or a record's value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import pyarrow as pa

from auditor.snapshot import Capability

LOWEST_VERSION = 63.0
"""The first API version with ObjectPermissions.PermissionsViewAllFields (salesforce, version calendar)."""

HIGHEST_TESTED = 67.0

SYSTEM_PERMISSIONS = (
    "ActivitiesAccess",
    "ApiEnabled",
    "ApiUserOnly",
    "AssignPermissionSets",
    "AuthorApex",
    "BulkApiHardDelete",
    "CanDoActAsUser",
    "CustomizeApplication",
    "DataExport",
    "DelegatedPortalUserAdmin",
    "EditReadonlyFields",
    "EmailMass",
    "ExportReport",
    "InstallPackaging",
    "ManageAuthProviders",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "ManageRemoteAccess",
    "ManageSessionPermissionSets",
    "ManageUsers",
    "ModifyAllData",
    "ModifyMetadata",
    "QueryAllFiles",
    "RunReports",
    "ScheduleReports",
    "SubscribeDashboardToOtherUsers",
    "SubscribeReportToOtherUsers",
    "SubscribeReportsRunAsUser",
    "ViewAllCustomSettings",
    "ViewAllData",
    "ViewAllFieldsGlobal",
    "ViewEncryptedData",
    "ViewEventLogFiles",
    "ViewRoles",
    "ViewSetup",
)
"""System permissions that decide about access, escalation or extraction (salesforce 3.2). Orgs differ in which
they have, so PermissionSet is described once and this list intersected with it."""

WRITE_PERMISSIONS = (
    "AssignPermissionSets",
    "AuthorApex",
    "BulkApiHardDelete",
    "CustomizeApplication",
    "InstallPackaging",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "ManageUsers",
    "ModifyAllData",
    "ModifyMetadata",
)
"""System permissions with which a credential could change data, people or settings."""


@dataclass(frozen=True, slots=True)
class Need:
    """A system permission of the auditing user: API name, label in Setup, and what is lost without it.

    `withheld` says why the permission set leaves it out all the same; it is empty for what the set holds.
    """

    name: str
    label: str
    lost: str
    withheld: str = ""


API_ENABLED = Need("ApiEnabled", "API Enabled", "Nothing can be read: the run ends with exit code 3.")
VIEW_SETUP = Need(
    "ViewSetup",
    "View Setup and Configuration",
    "Who holds what, and which fields exist, is unknown: nobody's access can be judged.",
)
VIEW_ROLES = Need(
    "ViewRoles",
    "View Roles and Role Hierarchy",
    "Roles are unread: audiences lose one sign, and record reach up the hierarchy is unknown.",
)
VIEW_ALL_USERS = Need(
    "ViewAllUsers",
    "View All Users",
    "Where the sharing of users is private, people are missing without a trace in the answer.",
)
MANAGE_SESSIONS = Need(
    "ManageSessionPermissionSets",
    "Manage Session Permission Set Activations",
    "Session-based sets that may be active are unknown for the people who hold them.",
    "It lets its holder activate sets for others.",
)
MANAGE_USERS = Need(
    "ManageUsers",
    "Manage Users",
    "Sessions cannot be told apart, which matters only where session-based sets are active.",
    "It lets its holder change people and what they hold.",
)
CUSTOMIZE = Need(
    "CustomizeApplication",
    "Customize Application",
    "Tokens of other people are not shown: look at Setup > Connected Apps OAuth Usage by hand.",
    "It lets its holder change setup.",
)
NEEDS = (
    API_ENABLED,
    VIEW_SETUP,
    VIEW_ROLES,
    VIEW_ALL_USERS,
    MANAGE_SESSIONS,
    MANAGE_USERS,
    CUSTOMIZE,
)
"""Every system permission that some query asks for; the permission set holds those that are not withheld."""


class Api(StrEnum):
    """Which query resource answers."""

    QUERY = "query"
    QUERY_ALL = "queryAll"
    TOOLING = "tooling/query"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a reading.

    `optional` columns exist only in some versions or editions, and are left out where the platform does not know
    them. `hideable` ones may be hidden from this user, which makes the reading incomplete but not useless.
    """

    name: str
    type: pa.DataType
    optional: bool = False
    hideable: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One reading: object, columns, and the rights it needs.

    `where` may hold `{names}`, filled with a quoted list. `key` identifies a row. `described` means that the object is
    described first and optional columns intersected with what it has. `rights` are all system permissions needed,
    `beyond` is what no permission gives.
    """

    name: str
    sobject: str
    capability: Capability
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rights: tuple[Need, ...]
    remedy: str
    beyond: str = ""
    api: Api = Api.QUERY
    where: str = ""
    described: bool = False
    hides_rows: bool = False

    @property
    def needs(self) -> str:
        """The rights in words: system permissions by their labels, then what no permission gives."""
        labels = [need.label for need in self.rights if need is not API_ENABLED] or [API_ENABLED.label]
        return ", ".join(labels) + (f"; {self.beyond}" if self.beyond else "")

    @property
    def schema(self) -> pa.Schema:
        """The declared Arrow schema of the reading."""
        return pa.schema([(c.name, c.type) for c in self.columns])


_S, _B = pa.string(), pa.bool_()
_CODE = pa.dictionary(pa.int32(), pa.string())

_ADD_API = "Give the auditing user the system permission API Enabled."
_CALL = (API_ENABLED,)
_SETUP = (API_ENABLED, VIEW_SETUP)
_ADD_SETUP = "Give the auditing user the system permission View Setup and Configuration."


def _text(*names: str, hideable: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, _S, hideable=hideable) for name in names)


def _flags(*names: str, optional: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, _B, optional=optional) for name in names)


def permission_columns() -> tuple[Column, ...]:
    """The `Permissions*` columns of PermissionSet and MutingPermissionSet that we ask for where they exist."""
    return _flags(*(f"Permissions{name}" for name in SYSTEM_PERMISSIONS), optional=True)


ORGANIZATION = Query(
    "Organization",
    "Organization",
    Capability.IDENTITY,
    (*_text("Id", "Name", "OrganizationType", "InstanceName"), *_flags("IsSandbox", optional=True)),
    ("Id",),
    _CALL,
    _ADD_API,
)
OWN_PERMISSIONS = Query(
    "UserPermissionAccess",
    "UserPermissionAccess",
    Capability.CREDENTIAL,
    (
        *_flags(
            *(f"Permissions{n}" for n in (*WRITE_PERMISSIONS, "ViewAllData", "ViewAllFieldsGlobal")),
            optional=True,
        ),
    ),
    (),
    _CALL,
    "Without it the auditor cannot tell which rights its own credential holds.",
)
OWN_OBJECT_RIGHTS = Query(
    "OwnObjectPermissions",
    "ObjectPermissions",
    Capability.CREDENTIAL,
    (
        *_text("Id", "ParentId", "SobjectType"),
        *_flags("PermissionsCreate", "PermissionsEdit", "PermissionsDelete", "PermissionsModifyAllRecords"),
    ),
    ("ParentId", "SobjectType"),
    _SETUP,
    _ADD_SETUP,
    where="ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {user})",
)
ENTITIES = Query(
    "EntityDefinition",
    "EntityDefinition",
    Capability.SCHEMA,
    (
        *_text("DurableId", "QualifiedApiName", "Label", "KeyPrefix", "NamespacePrefix"),
        *_text("InternalSharingModel", "ExternalSharingModel"),
        *_flags("IsCustomSetting"),
    ),
    ("DurableId",),
    _CALL,
    _ADD_API,
    api=Api.TOOLING,
    where="QualifiedApiName IN {names}",
)
PARTICLES = Query(
    "EntityParticle",
    "EntityParticle",
    Capability.SCHEMA,
    (
        *_text("DurableId", "QualifiedApiName", "Label", "FieldDefinitionId", "DataType"),
        Column("EntityDefinition.QualifiedApiName", _S),
        *_flags("IsPermissionable", "IsComponent", "IsCompound", "IsCalculated", "IsAutonumber"),
        *_flags("IsUpdatable", "IsEncrypted", "IsNillable"),
        Column("Length", pa.int64()),
        Column("InlineHelpText", _S, optional=True),
        Column("RelationshipName", _S, optional=True),
        Column("ReferenceTo", pa.struct([("referenceTo", pa.list_(_S))]), optional=True),
    ),
    ("DurableId",),
    _SETUP,
    _ADD_SETUP,
    api=Api.TOOLING,
    where="EntityDefinition.QualifiedApiName IN {names}",
)
COMPUTED_PARTICLES = replace(
    PARTICLES,
    name="EntityParticle of computed fields",
    capability=Capability.LINEAGE,
    columns=(*PARTICLES.columns[:2], Column("EntityDefinition.QualifiedApiName", _S)),
    where="EntityDefinition.QualifiedApiName IN {names} AND IsCalculated = true",
)
"""Which objects have computed fields at all: only these can show what another object's fields hold."""

PASSED_PARTICLES = replace(
    PARTICLES, name="EntityParticle of objects that formulas pass through", capability=Capability.LINEAGE
)
"""Fields of objects that are not scanned themselves; they only tell where a formula leads."""

CUSTOM_FIELD = Query(
    "CustomField",
    "CustomField",
    Capability.LINEAGE,
    (
        *_text("Id"),
        Column(
            "Metadata",
            pa.struct(
                [
                    ("formula", _S),
                    ("summaryOperation", _S),
                    ("summarizedField", _S),
                    ("summaryFilterItems", pa.list_(pa.struct([("field", _S)]))),
                ]
            ),
        ),
    ),
    ("Id",),
    _SETUP,
    "Let the auditing user view setup, so that the tooling interface shows how a computed field is made.",
    api=Api.TOOLING,
    where="Id = {id}",
)
"""How one computed field is made, where describe does not say; the platform gives Metadata of one row at a time."""

DEFINITIONS = Query(
    "FieldDefinition",
    "FieldDefinition",
    Capability.SCHEMA,
    (
        *_text("DurableId", "QualifiedApiName", "Label", "DataType", "Description"),
        Column("EntityDefinition.QualifiedApiName", _S),
        *_text("SecurityClassification", "ComplianceGroup", "BusinessStatus"),
        *_flags("IsFieldHistoryTracked", "IsCalculated"),
    ),
    ("DurableId",),
    _CALL,
    _ADD_API,
    api=Api.TOOLING,
    where="EntityDefinition.QualifiedApiName = {name}",
)
PROFILES = Query(
    "Profile",
    "Profile",
    Capability.ASSIGNMENTS,
    _text("Id", "Name", "UserType", "UserLicenseId"),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
PERMISSION_SETS = Query(
    "PermissionSet",
    "PermissionSet",
    Capability.GRANTS,
    (
        *_text(
            "Id", "Name", "Label", "Type", "ProfileId", "LicenseId", "PermissionSetGroupId", "NamespacePrefix"
        ),
        *_flags("IsOwnedByProfile", "HasActivationRequired"),
        *permission_columns(),
    ),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
    described=True,
)
GROUPS = Query(
    "PermissionSetGroup",
    "PermissionSetGroup",
    Capability.GRANTS,
    (
        *_text("Id", "DeveloperName", "MasterLabel", "Status"),
        Column("HasActivationRequired", _B, optional=True),
    ),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
COMPONENTS = Query(
    "PermissionSetGroupComponent",
    "PermissionSetGroupComponent",
    Capability.GRANTS,
    _text("Id", "PermissionSetGroupId", "PermissionSetId"),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
MUTING_SETS = Query(
    "MutingPermissionSet",
    "MutingPermissionSet",
    Capability.GRANTS,
    (*_text("Id", "DeveloperName", "MasterLabel"),),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
_OBJECT_RIGHTS = (
    *_text("Id"),
    Column("ParentId", _CODE),
    Column("SobjectType", _CODE),
    *_flags("PermissionsRead", "PermissionsCreate", "PermissionsEdit", "PermissionsDelete"),
    *_flags("PermissionsViewAllRecords", "PermissionsModifyAllRecords"),
    Column("PermissionsViewAllFields", _B, optional=True),
)
OBJECT_PERMISSIONS = Query(
    "ObjectPermissions",
    "ObjectPermissions",
    Capability.GRANTS,
    _OBJECT_RIGHTS,
    ("ParentId", "SobjectType"),
    _SETUP,
    _ADD_SETUP,
    where="SobjectType IN {names}",
    described=True,
)
OBJECT_MUTES = Query(
    "ObjectPermissions of muting sets",
    "ObjectPermissions",
    Capability.GRANTS,
    _OBJECT_RIGHTS,
    ("ParentId", "SobjectType"),
    _SETUP,
    _ADD_SETUP,
    where="ParentId IN {names}",
)
_FIELD_RIGHTS = (
    *_text("Id"),
    Column("ParentId", _CODE),
    Column("SobjectType", _CODE),
    Column("Field", _CODE),
    *_flags("PermissionsRead", "PermissionsEdit"),
)
FIELD_PERMISSIONS = Query(
    "FieldPermissions",
    "FieldPermissions",
    Capability.GRANTS,
    _FIELD_RIGHTS,
    ("ParentId", "Field"),
    _SETUP,
    _ADD_SETUP,
    where="SobjectType IN {names}",
    hides_rows=True,
)
FIELD_MUTES = Query(
    "FieldPermissions of muting sets",
    "FieldPermissions",
    Capability.GRANTS,
    _FIELD_RIGHTS,
    ("ParentId", "Field"),
    _SETUP,
    _ADD_SETUP,
    where="ParentId IN {names}",
    hides_rows=True,
)
SETUP_ACCESS = Query(
    "SetupEntityAccess",
    "SetupEntityAccess",
    Capability.GRANTS,
    _text("Id", "ParentId", "SetupEntityId", "SetupEntityType"),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
    where="SetupEntityId IN {names}",
)
USERS = Query(
    "User",
    "User",
    Capability.PEOPLE,
    (
        *_text("Id", "Username", "Name", "UserType", "ProfileId"),
        *_text("UserRoleId", "Department", "Title", "Email", hideable=True),
        *_flags("IsActive"),
        Column("UserPermissionsMarketingUser", _B, hideable=True),
        Column("LastLoginDate", _S, hideable=True),
    ),
    ("Id",),
    (*_SETUP, VIEW_ALL_USERS),
    "Let the auditing user see all users and the fields Department and Title.",
)
USER_LOGINS = Query(
    "UserLogin",
    "UserLogin",
    Capability.PEOPLE,
    (*_text("UserId"), *_flags("IsFrozen")),
    ("UserId",),
    _SETUP,
    "Without it nobody can tell which accounts are frozen.",
)
ROLES = Query(
    "UserRole",
    "UserRole",
    Capability.PEOPLE,
    _text("Id", "Name", "DeveloperName", "ParentRoleId"),
    ("Id",),
    (*_CALL, VIEW_ROLES),
    "Give the auditing user the system permission View Roles and Role Hierarchy.",
)
LICENCES = Query(
    "UserLicense",
    "UserLicense",
    Capability.ASSIGNMENTS,
    (*_text("Id", "Name", "MasterLabel"), Column("Status", _S, optional=True)),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
SET_LICENCES = Query(
    "PermissionSetLicense",
    "PermissionSetLicense",
    Capability.ASSIGNMENTS,
    _text("Id", "DeveloperName", "MasterLabel", "Status", "ExpirationDate"),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
ASSIGNMENTS = Query(
    "PermissionSetAssignment",
    "PermissionSetAssignment",
    Capability.ASSIGNMENTS,
    (
        *_text("Id", "AssigneeId", "PermissionSetId", "PermissionSetGroupId"),
        Column("ExpirationDate", _S, optional=True),
        *_flags("IsActive", "IsRevoked", optional=True),
    ),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
    described=True,
)
ACTIVATIONS = Query(
    "SessionPermSetActivation",
    "SessionPermSetActivation",
    Capability.ASSIGNMENTS,
    (
        *_text("Id", "AuthSessionId", "PermissionSetId", "UserId"),
        Column("PermissionSetGroupId", _S, optional=True),
    ),
    ("Id",),
    (*_CALL, MANAGE_SESSIONS),
    "Without it a session-based set cannot be told from an activated one.",
)
SESSIONS = Query(
    "AuthSession",
    "AuthSession",
    Capability.ASSIGNMENTS,
    _text("Id", "UsersId"),
    ("Id",),
    (*_CALL, MANAGE_USERS),
    "Without it a session-based set cannot be told from an activated one.",
)

DASHBOARDS = Query(
    "Dashboard",
    "Dashboard",
    Capability.SURFACES,
    _text("Id", "Title", "FolderId", "Type", "RunningUserId"),
    ("Id",),
    _CALL,
    "Share the dashboard folders with the auditing user, with the right to view only.",
    beyond="a share of every dashboard folder",
    where="Type = 'SpecifiedUser'",
)
FOLDERS = Query(
    "Folder",
    "Folder",
    Capability.SURFACES,
    _text("Id", "AccessType", "Type"),
    ("Id",),
    _CALL,
    "Let the auditing user see folders: without them it is unknown to whom a dashboard is open.",
    where="Id IN {names}",
)
TOKENS = Query(
    "OauthToken",
    "OauthToken",
    Capability.SURFACES,
    (*_text("Id", "AppName", "UserId", "LastUsedDate"), Column("UseCount", pa.int64())),
    ("Id",),
    (*_CALL, CUSTOMIZE),
    "Look at Setup > Connected Apps OAuth Usage by hand: the permission that shows all tokens can change setup.",
)
"""Which app holds a token of whom; the token itself is in columns that nothing here may name."""

CLIENT_CREDENTIALS = Query(
    "ExtlClntAppOauthPlcyCnfg",
    "ExtlClntAppOauthPlcyCnfg",
    Capability.SURFACES,
    (
        *_text("Id", "DeveloperName", "ClientCredentialsFlowUser"),
        *_flags("IsClientCredentialsFlowEnabled"),
    ),
    ("Id",),
    _CALL,
    "Look at Setup > External Client App Manager by hand.",
    beyond="an org that shows external client apps",
)
"""As whom external client apps log in."""

SETUP_CHANGES = Query(
    "SetupAuditTrail",
    "SetupAuditTrail",
    Capability.CHANGES,
    _text("Id", "Action", "Section", "CreatedDate", "CreatedById"),
    ("Id",),
    _SETUP,
    _ADD_SETUP,
)
"""The platform's own log, which keeps 180 days; it filters little (salesforce 3.5), so it is read whole."""

PUBLIC_GROUPS = Query(
    "Group",
    "Group",
    Capability.REACH,
    _text("Id", "Type", "RelatedId"),
    ("Id",),
    _CALL,
    "Let the auditing user see public groups and queues: without them shares and queues reach nobody by name.",
)
"""Public groups and queues, and the groups the platform keeps for each role; asked for only where needed."""

GROUP_MEMBERS = Query(
    "GroupMember",
    "GroupMember",
    Capability.REACH,
    _text("Id", "GroupId", "UserOrGroupId"),
    ("Id",),
    _CALL,
    "Let the auditing user see who is in which public group: without it shares to groups reach nobody by name.",
)
"""Direct members only; groups within groups are followed by us (salesforce R4)."""

RESTRICTION_RULES = Query(
    "RestrictionRule",
    "RestrictionRule",
    Capability.REACH,
    (*_text("Id", "TargetEntity", "EnforcementType"), *_flags("IsActive")),
    ("Id",),
    _SETUP,
    "Look at the restriction rules in Setup by hand: they take records away from some of those who reach them.",
    api=Api.TOOLING,
)
"""Which objects have rules that take records away (salesforce R5); whom they concern is not evaluated."""

QUERIES: tuple[Query, ...] = (
    ORGANIZATION,
    OWN_PERMISSIONS,
    OWN_OBJECT_RIGHTS,
    ENTITIES,
    PARTICLES,
    COMPUTED_PARTICLES,
    PASSED_PARTICLES,
    CUSTOM_FIELD,
    DEFINITIONS,
    PROFILES,
    PERMISSION_SETS,
    GROUPS,
    COMPONENTS,
    MUTING_SETS,
    OBJECT_PERMISSIONS,
    OBJECT_MUTES,
    FIELD_PERMISSIONS,
    FIELD_MUTES,
    SETUP_ACCESS,
    USERS,
    USER_LOGINS,
    ROLES,
    LICENCES,
    SET_LICENCES,
    ASSIGNMENTS,
    ACTIVATIONS,
    SESSIONS,
    DASHBOARDS,
    FOLDERS,
    TOKENS,
    CLIENT_CREDENTIALS,
    SETUP_CHANGES,
    PUBLIC_GROUPS,
    GROUP_MEMBERS,
    RESTRICTION_RULES,
)
"""Every reading that is a query, in the order it is asked for."""


def aggregates_of(query: Query) -> str:
    """The reading that tells whether group aggregates have stored rows of this kind at all (org-fixture 3.1)."""
    return f"{query.name} of group aggregates"


DESCRIBE = "describe"
"""The reading of sObject describes: it has no query of its own."""

DESCRIBE_SCHEMA = pa.schema(
    [
        ("object", _S),
        ("object_label", _S),
        ("name", _S),
        ("label", _S),
        ("type", _S),
        ("length", pa.int64()),
        ("custom", _B),
        ("calculated", _B),
        ("calculatedFormula", _S),
        ("autoNumber", _B),
        ("permissionable", _B),
        ("updateable", _B),
        ("encrypted", _B),
        ("compoundFieldName", _S),
        ("inlineHelpText", _S),
        ("picklistValues", pa.list_(_S)),
        ("filterable", _B),
    ]
)

SECURABLE_OBJECTS = "ObjectPermissions describe"
"""The reading of objects that have object permissions: the picklist of ObjectPermissions.SobjectType."""

SECURABLE_SCHEMA = pa.schema([("SobjectType", _S)])

CALCULATIONS = "calculated fields"
"""The reading of what computes each computed field: formulas from describe, the rest from CustomField.Metadata."""

CALCULATIONS_SCHEMA = pa.schema(
    [
        ("object", _S),
        ("name", _S),
        ("formula", _S),
        ("summary_operation", _S),
        ("summarized_field", _S),
        ("filter_fields", pa.list_(_S)),
    ]
)
"""Either `formula`, or `summary_operation` with its fields as `Object.Field`; both null where neither was shown."""

PARTIAL_CONTAINERS = "containers not fully retrieved"
"""Containers of which the reading does not hold everything, so that what they do not give is unknown."""

PARTIAL_SCHEMA = pa.schema([("ParentId", _S), ("reason", _S)])

RETENTION = "retention"
RETENTION_REMEDY = (
    "Give the auditing user Read and View All Records on the object, and Read on the date fields."
)
RETENTION_SCHEMA = pa.schema(
    [
        ("policy", _S),
        ("object", _S),
        ("anchor", _S),
        ("fallback", _S),
        ("cutoff", _S),
        ("place", _S),
        ("count", pa.int64()),
        ("oldest", _S),
        ("newest", _S),
        ("query", _S),
    ]
)
RETENTION_MONTHS = "retention by month"
RETENTION_MONTHS_SCHEMA = pa.schema([("policy", _S), ("month", _S), ("count", pa.int64())])
RETENTION_SAMPLE = "retention sample"
RETENTION_SAMPLE_SCHEMA = pa.schema([("policy", _S), ("id", _S)])
RETENTION_SIGHT = "retention visibility"
RETENTION_SIGHT_SCHEMA = pa.schema([("object", _S), ("visible", pa.int64()), ("recorded", pa.int64())])

RECORD_SOURCES = "record sources"
"""What is known of the records of each object whose reach is asked for, or through which another's is decided."""

RECORD_REMEDY = (
    "Give the auditing user Read and View All Records on the object, and Read on its lookups to parents."
)
RECORD_SOURCES_SCHEMA = pa.schema(
    [
        ("object", _S),
        ("asked", _B),
        ("prefix", _S),
        ("internal", _S),
        ("external", _S),
        ("master", _B),
        ("follows", pa.list_(pa.struct([("field", _S), ("targets", pa.list_(_S))]))),
        ("listing", _S),
        ("total", pa.int64()),
        ("recorded", pa.int64()),
        ("shares", _S),
        ("problem", _S),
    ]
)
"""`listing` is `rows` (every record), `owners` (so many records of each owner), `count` (only how many) or `none`;
`shares` is `read`, `none` (there can be none), `absent` (the org shows no such table) or `unread`. `total` counts the
records this credential sees, `recorded` is the platform's own count. `follows` are the lookups that decide in place of
owners; `problem` says what could not be read."""

RECORDS = "records"
RECORDS_SCHEMA = pa.schema(
    [
        ("object", pa.dictionary(pa.int32(), _S)),
        ("Id", _S),
        ("OwnerId", pa.dictionary(pa.int32(), _S)),
        ("parents", pa.list_(_S)),
        ("count", pa.int64()),
    ]
)
"""Ids of records, of their owners and, in the order of `follows`, of their parents. Rows of the listing `owners` stand
for `count` records of one owner and have no id."""

RECORD_SHARES = "record shares"
RECORD_SHARES_SCHEMA = pa.schema(
    [
        ("object", pa.dictionary(pa.int32(), _S)),
        ("RecordId", _S),
        ("UserOrGroupId", _S),
        ("RowCause", pa.dictionary(pa.int32(), _S)),
        ("AccessLevel", pa.dictionary(pa.int32(), _S)),
    ]
)
"""Share rows (salesforce R4), less those that only repeat the owner."""
