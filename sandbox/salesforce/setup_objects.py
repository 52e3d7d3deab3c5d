"""The standard setup objects of every org: their columns, versions and endpoints (salesforce 3).

Record objects (Contact, Visit__c …) come from the fixture; these do not, so they are written down here. A
column is `Name`, or `Name:type`, where the type is a describe type, or `>Target|Other` for a reference; `@63`
at the end is the first API version that knows it.
"""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Endpoint(Enum):
    """Which query endpoints answer for an object."""

    BOTH = "both"
    TOOLING = "tooling"


@dataclass(frozen=True)
class SetupColumn:
    """One column of a setup object as it is written in the table below."""

    name: str
    type: str
    reference_to: tuple[str, ...] = ()
    min_version: float = 0.0


@dataclass(frozen=True)
class SetupObject:
    """One setup object: its columns in the order describe lists them, and its place in the API."""

    name: str
    key_prefix: str | None
    columns: tuple[SetupColumn, ...]
    min_version: float = 0.0
    endpoint: Endpoint = Endpoint.BOTH
    catalogue: bool = False
    child_relationships: tuple[tuple[str, str, str], ...] = ()
    open_columns: re.Pattern[str] | None = None


PERMISSION_COLUMNS = tuple(
    """
    ViewAllData ModifyAllData ViewAllFieldsGlobal QueryAllFiles ViewAllUsers ViewAllActivities
    ViewAllForeignKeyNames ViewEncryptedData ViewUserPII PrivacyDataAccess AuthorApex CustomizeApplication
    ModifyMetadata ManageUsers ManageInternalUsers AssignPermissionSets ManageProfilesPermissionsets
    ManageSharing ManageRoles ResetPasswords ManageSessionPermissionSets ManageAuthProviders
    ManageCertificates ManageRemoteAccess InstallPackaging ManageCustomPermissions CanDoActAsUser
    DelegatedPortalUserAdmin ManageEncryptionKeys ManageDataMaskPolicies EditReadonlyFields
    ModifyDataClassification ActivateSystemModeFlows DataExport ExportReport RunReports
    CreateCustomizeReports ScheduleReports SubscribeReportToOtherUsers SubscribeReportsRunAsUser
    SubscribeDashboardToOtherUsers ManageReportsInPubFolders ManageDashbdsInPubFolders
    ManageDynamicDashboards ApiEnabled ApiUserOnly UseAnyApiAuth BulkApiHardDelete EmailMass
    ViewEventLogFiles ManageDataIntegrations ViewSetup ViewRoles MonitorLoginHistory ViewDeveloperName
    ViewAllProfiles ManageCampaigns B2BMarketingAnalyticsUser CanMarketingUserDebugFlow ImportLeads
    ActivitiesAccess ViewAllCustomSettings TransferAnyLead CanApproveUninstalledApps
    """.split()
)
"""The org's default `Permissions*` columns without the prefix (org-fixture 1, salesforce 3.2)."""

PERMISSION_MIN_VERSION = {"PermissionsViewAllFieldsGlobal": 63.0}

_AUDIT = (
    "CreatedById:>User CreatedDate:datetime LastModifiedById:>User LastModifiedDate:datetime "
    "SystemModstamp:datetime"
)
_CONTAINERS = ">PermissionSet|MutingPermissionSet"


def _column(text: str) -> SetupColumn:
    """Read one column of the notation above."""
    text, _, version = text.partition("@")
    name, _, kind = text.partition(":")
    min_version = float(version) if version else 0.0
    if kind.startswith(">"):
        return SetupColumn(name, "reference", tuple(kind[1:].split("|")), min_version)
    return SetupColumn(name, kind or "string", (), min_version)


def _object(
    name: str,
    key_prefix: str | None,
    columns: str,
    *,
    audit: bool = True,
    min_version: float = 0.0,
    tooling: bool = False,
    catalogue: bool = False,
    children: str = "",
    open_columns: str | None = None,
) -> SetupObject:
    """One entry of the table: `columns` in the notation above, `children` as `Relation=Child.Field`."""
    texts = ["Id:id", *columns.split(), *(_AUDIT.split() if audit else ())]
    relations = []
    for child in children.split():
        relation, _, target = child.partition("=")
        child_object, _, child_field = target.partition(".")
        relations.append((relation, child_object, child_field))
    return SetupObject(
        name=name,
        key_prefix=key_prefix,
        columns=tuple(_column(text) for text in texts),
        min_version=min_version,
        endpoint=Endpoint.TOOLING if tooling else Endpoint.BOTH,
        catalogue=catalogue,
        child_relationships=tuple(relations),
        open_columns=re.compile(open_columns) if open_columns else None,
    )


_ALL = (
    _object(
        "Organization",
        "00D",
        "Name OrganizationType:picklist InstanceName IsSandbox:boolean NamespacePrefix "
        "LanguageLocaleKey:picklist TimeZoneSidKey:picklist DefaultLocaleSidKey:picklist "
        "TrialExpirationDate:datetime Division Street:textarea City State PostalCode Country Phone:phone "
        "Fax:phone PrimaryContact ComplianceBccEmail:email DefaultAccountAccess:picklist "
        "DefaultContactAccess:picklist DefaultCaseAccess:picklist DefaultLeadAccess:picklist "
        "DefaultOpportunityAccess:picklist DefaultCampaignAccess:picklist DefaultCalendarAccess:picklist "
        "DefaultPricebookAccess:picklist FiscalYearStartMonth:int IsReadOnly:boolean "
        "MonthlyPageViewsUsed:int WebToCaseDefaultOrigin",
    ),
    _object(
        "User",
        "005",
        "Username Name FirstName LastName Email:email Alias IsActive:boolean UserType:picklist "
        "ProfileId:>Profile UserRoleId:>UserRole ManagerId:>User Department Division Title CompanyName "
        "EmployeeNumber ContactId:>Contact AccountId:>Account IndividualId:>Individual "
        "FederationIdentifier LastLoginDate:datetime LastPasswordChangeDate:datetime "
        "DelegatedApproverId:>Group|User IsPortalEnabled:boolean IsPartner:boolean SenderEmail:email "
        "SenderName Phone:phone MobilePhone:phone Fax:phone Extension:phone Street:textarea City State "
        "PostalCode Country AboutMe:textarea CommunityNickname TimeZoneSidKey:picklist "
        "LocaleSidKey:picklist LanguageLocaleKey:picklist EmailEncodingKey:picklist "
        "ReceivesInfoEmails:boolean Signature:textarea StayInTouchNote "
        "UserPermissionsMarketingUser:boolean UserPermissionsKnowledgeUser:boolean "
        "UserPermissionsInteractionUser:boolean UserPermissionsSFContentUser:boolean "
        "CallCenterId:>CallCenter LastViewedDate:datetime LastReferencedDate:datetime BadgeText "
        "FullPhotoUrl:url SmallPhotoUrl:url IsProfilePhotoActive:boolean IsExtIndicatorVisible:boolean "
        "PortalRole:picklist",
        open_columns=r"User(Preferences|Permissions)\w+",
    ),
    _object(
        "UserLogin",
        "0Yw",
        "UserId:>User IsFrozen:boolean IsPasswordLocked:boolean LastModifiedDate:datetime "
        "LastModifiedById:>User",
        audit=False,
    ),
    _object(
        "UserRole",
        "00E",
        "Name DeveloperName ParentRoleId:>UserRole RollupDescription PortalType:picklist PortalRole:picklist "
        "PortalAccountId:>Account PortalAccountOwnerId:>User OpportunityAccessForAccountOwner:picklist "
        "CaseAccessForAccountOwner:picklist ContactAccessForAccountOwner:picklist ForecastUserId:>User "
        "MayForecastManagerShare:boolean",
    ),
    _object(
        "Profile",
        "00e",
        "Name Description UserLicenseId:>UserLicense UserType:picklist IsSsoEnabled:boolean "
        "LastViewedDate:datetime LastReferencedDate:datetime",
    ),
    _object(
        "UserLicense",
        "100",
        "LicenseDefinitionKey Name MasterLabel Status:picklist TotalLicenses:int UsedLicenses:int "
        "UsedLicensesLastUpdated:datetime MonthlyLoginsUsed:int MonthlyLoginsEntitlement:int",
    ),
    _object(
        "PermissionSetLicense",
        "0PL",
        "DeveloperName MasterLabel Language:picklist PermissionSetLicenseKey Status:picklist "
        "TotalLicenses:int UsedLicenses:int ExpirationDate:date LicenseExpirationPolicy:picklist "
        "IsAvailableForIntegrations:boolean IsSupplementLicense:boolean IsDeleted:boolean",
        open_columns=r"MaximumPermissions\w+",
    ),
    _object(
        "PermissionSetLicenseAssign",
        "2LA",
        "AssigneeId:>User PermissionSetLicenseId:>PermissionSetLicense IsDeleted:boolean",
    ),
    _object(
        "PermissionSet",
        "0PS",
        "Name Label Description Type:picklist@46 IsCustom:boolean IsOwnedByProfile:boolean@25 "
        "ProfileId:>Profile@25 LicenseId:>PermissionSetLicense|UserLicense@38 "
        "PermissionSetGroupId:>PermissionSetGroup@45 HasActivationRequired:boolean@37 NamespacePrefix "
        "PsgCount:int",
        min_version=22.0,
        children="Assignments=PermissionSetAssignment.PermissionSetId FieldPerms=FieldPermissions.ParentId "
        "ObjectPerms=ObjectPermissions.ParentId SetupEntityAccessItems=SetupEntityAccess.ParentId "
        "PermissionSetGroupComponents=PermissionSetGroupComponent.PermissionSetId "
        "SessionActivations=SessionPermSetActivation.PermissionSetId",
    ),
    _object(
        "PermissionSetAssignment",
        "0Pa",
        "AssigneeId:>User PermissionSetId:>PermissionSet PermissionSetGroupId:>PermissionSetGroup@45 "
        "ExpirationDate:datetime@52 IsActive:boolean@52 IsRevoked:boolean@57 "
        "LastCreatedByChangeId:>UserAccessChange LastDeletedByChangeId:>UserAccessChange "
        "SystemModstamp:datetime",
        audit=False,
        min_version=22.0,
    ),
    _object(
        "PermissionSetGroup",
        "0PG",
        "DeveloperName MasterLabel Description Language:picklist NamespacePrefix Status:picklist "
        "HasActivationRequired:boolean@53 IsDeleted:boolean",
        min_version=45.0,
        children="PermissionSetGroupComponents=PermissionSetGroupComponent.PermissionSetGroupId "
        "Assignments=PermissionSetAssignment.PermissionSetGroupId",
    ),
    _object(
        "PermissionSetGroupComponent",
        "0PM",
        f"PermissionSetGroupId:>PermissionSetGroup PermissionSetId:{_CONTAINERS} IsDeleted:boolean",
        min_version=45.0,
    ),
    _object(
        "MutingPermissionSet",
        "0QM",
        "DeveloperName MasterLabel Description Language:picklist NamespacePrefix IsDeleted:boolean",
        min_version=46.0,
    ),
    _object(
        "SessionPermSetActivation",
        "0Pw",
        "AuthSessionId:>AuthSession PermissionSetId:>PermissionSet "
        "PermissionSetGroupId:>PermissionSetGroup@53 UserId:>User Description IsDeleted:boolean",
        min_version=37.0,
    ),
    _object(
        "SetupEntityAccess",
        "0J0",
        "ParentId:>PermissionSet SetupEntityId:>SetupEntity SetupEntityType:picklist SystemModstamp:datetime",
        audit=False,
    ),
    _object(
        "PermissionSetTabSetting",
        "01P",
        "ParentId:>PermissionSet Name Visibility:picklist SystemModstamp:datetime",
        audit=False,
        min_version=45.0,
    ),
    _object(
        "PermissionDependency",
        None,
        "DurableId Permission PermissionType RequiredPermission RequiredPermissionType",
        audit=False,
        min_version=46.0,
        tooling=True,
    ),
    _object("UserPermissionAccess", None, "LastCacheUpdate:datetime", audit=False, min_version=41.0),
    _object(
        "ObjectPermissions",
        "110",
        "ParentId:>PermissionSet|MutingPermissionSet|PermissionSetLicense|UserLicense SobjectType:picklist "
        "PermissionsRead:boolean PermissionsCreate:boolean PermissionsEdit:boolean "
        "PermissionsDelete:boolean PermissionsViewAllRecords:boolean PermissionsModifyAllRecords:boolean "
        "PermissionsViewAllFields:boolean@63",
        min_version=24.0,
    ),
    _object(
        "FieldPermissions",
        "01k",
        f"ParentId:{_CONTAINERS} SobjectType:picklist Field:picklist "
        "PermissionsRead:boolean PermissionsEdit:boolean "
        "SystemModstamp:datetime",
        audit=False,
        min_version=24.0,
    ),
    _object(
        "EntityDefinition",
        "4ie",
        "DurableId QualifiedApiName DeveloperName Label PluralLabel MasterLabel NamespacePrefix KeyPrefix "
        "PublisherId InternalSharingModel:picklist ExternalSharingModel:picklist IsCustomSetting:boolean "
        "IsQueryable:boolean IsSearchable:boolean IsRetrieveable:boolean IsCustomizable:boolean "
        "IsDeprecatedAndHidden:boolean IsSubtype:boolean IsApexTriggerable:boolean "
        "IsWorkflowEnabled:boolean IsEverCreatable:boolean IsEverUpdatable:boolean IsEverDeletable:boolean "
        "IsLayoutable:boolean IsReplicateable:boolean DeploymentStatus:picklist "
        "IsAutoActivityCaptureEnabled:boolean LastModifiedDate:datetime LastModifiedById:>User",
        audit=False,
        min_version=32.0,
        catalogue=True,
        children="Fields=FieldDefinition.EntityDefinitionId Particles=EntityParticle.EntityDefinitionId",
    ),
    _object(
        "FieldDefinition",
        "4fe",
        "DurableId EntityDefinitionId:>EntityDefinition QualifiedApiName DeveloperName NamespacePrefix "
        "Label MasterLabel Description DataType ValueTypeId ServiceDataTypeId ExtraTypeInfo Length:int "
        "Precision:int Scale:int IsCalculated:boolean IsCompound:boolean IsNameField:boolean "
        "IsNillable:boolean IsHtmlFormatted:boolean IsIndexed:boolean IsFieldHistoryTracked:boolean "
        "IsPolymorphicForeignKey:boolean IsAiPredictionField:boolean IsHighScaleNumber:boolean "
        "ReferenceTo:complexvalue RelationshipName ReferenceTargetField ControllingFieldDefinitionId "
        "PublisherId LastModifiedDate:datetime LastModifiedById:>User BusinessOwnerId:>User|Group "
        "BusinessStatus:picklist SecurityClassification:picklist ComplianceGroup:multipicklist "
        "RunningUserFieldAccessId",
        audit=False,
        min_version=32.0,
        catalogue=True,
    ),
    _object(
        "EntityParticle",
        "4eP",
        "DurableId EntityDefinitionId:>EntityDefinition FieldDefinitionId:>FieldDefinition "
        "QualifiedApiName Name DeveloperName Label MasterLabel NamespacePrefix DataType ValueTypeId "
        "ExtraTypeInfo IsPermissionable:boolean IsComponent:boolean IsCompound:boolean IsEncrypted:boolean "
        "Mask MaskType InlineHelpText IsCalculated:boolean IsAutonumber:boolean IsNillable:boolean "
        "IsCreatable:boolean IsUpdatable:boolean IsFieldHistoryTracked:boolean IsUnique:boolean "
        "IsNameField:boolean IsDeprecatedAndHidden:boolean IsDependentPicklist:boolean "
        "IsHtmlFormatted:boolean IsIdLookup:boolean IsNamePointing:boolean "
        "IsWriteRequiresMasterRead:boolean IsDefaultedOnCreate:boolean IsDisplayLocationInDecimal:boolean "
        "IsWorkflowFilterable:boolean IsCompactLayoutable:boolean IsApiFilterable:boolean "
        "IsApiGroupable:boolean IsApiSortable:boolean IsListFilterable:boolean IsListSortable:boolean "
        "IsListVisible:boolean Length:int ByteLength:int Precision:int Scale:int Digits:int "
        "ReferenceTo:complexvalue RelationshipName RelationshipOrder:int ReferenceTargetField "
        "DefaultValueFormula FieldDefinitionName",
        audit=False,
        min_version=34.0,
        catalogue=True,
    ),
    _object(
        "UserFieldAccess",
        None,
        "DurableId FieldDefinitionId:>FieldDefinition EntityDefinitionId:>EntityDefinition UserId:>User "
        "IsAccessible:boolean IsCreatable:boolean IsUpdatable:boolean",
        audit=False,
        min_version=33.0,
        catalogue=True,
    ),
    _object(
        "UserEntityAccess",
        None,
        "DurableId EntityDefinitionId:>EntityDefinition UserId:>User IsReadable:boolean IsEditable:boolean "
        "IsCreatable:boolean IsDeletable:boolean IsUpdatable:boolean IsUndeletable:boolean "
        "IsMergeable:boolean IsActivateable:boolean IsFlsUpdatable:boolean IsLayoutable:boolean",
        audit=False,
        min_version=33.0,
        catalogue=True,
    ),
    _object(
        "UserRecordAccess",
        None,
        "UserId:>User RecordId:id HasReadAccess:boolean HasEditAccess:boolean HasDeleteAccess:boolean "
        "HasTransferAccess:boolean HasAllAccess:boolean MaxAccessLevel:picklist",
        audit=False,
        min_version=24.0,
    ),
    _object(
        "FieldSecurityClassification",
        "0fs",
        "ApiName MasterLabel Description IsHighRiskLevel:boolean SortOrder:int",
        min_version=46.0,
    ),
    _object(
        "CustomField",
        "00N",
        "DeveloperName TableEnumOrId NamespacePrefix EntityDefinitionId:>EntityDefinition "
        "ManageableState:picklist FullName Metadata:complexvalue",
        tooling=True,
    ),
    _object(
        "CustomObject",
        "01I",
        "DeveloperName NamespacePrefix CustomHelpId ExternalName ManageableState:picklist "
        "SharingModel:picklist Language:picklist",
        tooling=True,
    ),
    _object(
        "MetadataComponentDependency",
        None,
        "MetadataComponentId MetadataComponentName MetadataComponentNamespace MetadataComponentType "
        "RefMetadataComponentId RefMetadataComponentName RefMetadataComponentNamespace "
        "RefMetadataComponentType",
        audit=False,
        tooling=True,
        min_version=43.0,
    ),
    _object(
        "Group",
        "00G",
        "Name DeveloperName Type:picklist RelatedId:>UserRole|User OwnerId:>User|Organization "
        "Email:email DoesSendEmailToMembers:boolean DoesIncludeBosses:boolean QueueRoutingConfigId",
        children="GroupMembers=GroupMember.GroupId QueueSobjects=QueueSobject.QueueId",
    ),
    _object(
        "GroupMember", "011", "GroupId:>Group UserOrGroupId:>User|Group SystemModstamp:datetime", audit=False
    ),
    _object(
        "QueueSobject",
        "03g",
        "QueueId:>Group SobjectType:picklist CreatedById:>User SystemModstamp:datetime",
        audit=False,
    ),
    _object(
        "RestrictionRule",
        "0xR",
        "DeveloperName MasterLabel Language:picklist NamespacePrefix TargetEntity:picklist "
        "EnforcementType:picklist UserCriteria:textarea RecordFilter:textarea IsActive:boolean Description "
        "Version:int FullName Metadata:complexvalue",
        tooling=True,
        min_version=52.0,
    ),
    _object(
        "Network",
        "0DB",
        "Name Status:picklist UrlPathPrefix OptionsGuestChatterEnabled:boolean "
        "OptionsSelfRegistrationEnabled:boolean OptionsGuestFileAccessEnabled:boolean "
        "SelfRegProfileId:>Profile Description",
    ),
    _object(
        "Site",
        "0DM",
        "Name MasterLabel Status:picklist SiteType:picklist Subdomain UrlPathPrefix "
        "GuestUserId:>User GuestRecordDefaultOwnerId:>User AdminId:>User Description "
        "OptionsAllowGuestSupportApi:boolean",
    ),
    _object(
        "Report",
        "00O",
        "Name DeveloperName FolderName OwnerId:>User|Folder|Organization Format:picklist Description "
        "NamespacePrefix LastRunDate:datetime LastViewedDate:datetime LastReferencedDate:datetime "
        "IsDeleted:boolean",
    ),
    _object(
        "Dashboard",
        "01Z",
        "Title DeveloperName FolderId:>Folder|Organization|User FolderName Description Type:picklist "
        "RunningUserId:>User NamespacePrefix LeftSize:picklist IsDeleted:boolean LastViewedDate:datetime "
        "LastReferencedDate:datetime DashboardResultRefreshedDate DashboardResultRunningUser",
    ),
    _object(
        "Folder",
        "00l",
        "Name DeveloperName AccessType:picklist Type:picklist ParentId:>Folder "
        "IsReadonly:boolean NamespacePrefix",
    ),
    _object(
        "ListView",
        "00B",
        "Name DeveloperName NamespacePrefix SobjectType:picklist IsSoqlCompatible:boolean "
        "LastViewedDate:datetime LastReferencedDate:datetime",
    ),
    _object(
        "EmailTemplate",
        "00X",
        "Name DeveloperName NamespacePrefix OwnerId:>User FolderId:>Folder|Organization|User FolderName "
        "Subject Body:textarea HtmlValue:textarea Markup:textarea IsActive:boolean TemplateType:picklist "
        "TemplateStyle:picklist RelatedEntityType:picklist UiType:picklist Description Encoding:picklist "
        "TimesUsed:int LastUsedDate:datetime ApiVersion:double BrandTemplateId",
    ),
    _object(
        "FlowDefinitionView",
        "3dd",
        "DurableId ApiName Label Description ProcessType:picklist TriggerType:picklist NamespacePrefix "
        "ActiveVersionId LatestVersionId LastModifiedBy IsActive:boolean IsOutOfDate:boolean "
        "LastModifiedDate:datetime IsTemplate:boolean TriggerObjectOrEventId TriggerObjectOrEventLabel "
        "RecordTriggerType:picklist ManageableState:picklist RunInMode",
        audit=False,
        min_version=44.0,
    ),
    _object(
        "ConnectedApplication",
        "0H4",
        "Name OptionsAllowAdminApprovedUsersOnly:boolean "
        "OptionsRefreshTokenValidityMetric:boolean OptionsHasSessionLevelPolicy:boolean "
        "OptionsIsInternal:boolean OptionsFullContentPushNotifications:boolean "
        "OptionsCodeCredentialGuestEnabled:boolean MobileSessionTimeout:picklist PinLength:picklist "
        "StartUrl:url MobileStartUrl:url RefreshTokenValidityPeriod:int UvidTimeout:int "
        "NamedUserUvidTimeout:int NamedUserMaxUvid:int",
    ),
    _object(
        "ExternalClientApplication",
        "0xI",
        "DeveloperName MasterLabel Language:picklist NamespacePrefix "
        "DistributionState:picklist ContactEmail:email Description IsProtected:boolean OrgScopedExternalApp",
    ),
    _object(
        "ExtlClntAppOauthPlcyCnfg",
        "0xO",
        "DeveloperName MasterLabel Language:picklist NamespacePrefix "
        "ExternalClientApplicationId:>ExternalClientApplication PermittedUsersPolicyType:picklist "
        "IsClientCredentialsFlowEnabled:boolean ClientCredentialsFlowUser IpRelaxationPolicyType:picklist "
        "RefreshTokenPolicyType:picklist RefreshTokenValidityPeriod:int SessionTimeoutInMinutes:int",
    ),
    _object(
        "OauthToken",
        "0CQ",
        "AppName UserId:>User LastUsedDate:datetime UseCount:int AppMenuItemId "
        "AccessToken RequestToken DeleteToken CreatedDate:datetime",
        audit=False,
    ),
    _object(
        "AuthSession",
        "0Ak",
        "UsersId:>User SessionType:picklist LoginType:picklist SourceIp NumSecondsValid:int LoginGeoId "
        "LoginHistoryId ParentId:>AuthSession UserType:picklist IsCurrent:boolean "
        "SessionSecurityLevel:picklist LogoutUrl CreatedDate:datetime LastModifiedDate:datetime",
        audit=False,
        min_version=29.0,
    ),
    _object(
        "LoginHistory",
        "0Ya",
        "UserId:>User LoginTime:datetime LoginType:picklist LoginSubType:picklist LoginUrl Application "
        "ApiType ApiVersion Browser Platform Status SourceIp CountryIso LoginGeoId AuthenticationServiceId "
        "ClientVersion CipherSuite TlsProtocol:picklist NetworkId OptionsIsGet:boolean "
        "OptionsIsPost:boolean ForwardedForIp@61 AuthMethodReference",
        audit=False,
    ),
    _object(
        "SetupAuditTrail",
        "0Ym",
        "Action Section Display CreatedById:>User CreatedDate:datetime "
        "CreatedByContext CreatedByIssuer DelegateUser ResponsibleNamespacePrefix",
        audit=False,
    ),
    _object(
        "FieldHistoryArchive",
        None,
        "FieldHistoryType ParentId Field OldValue NewValue HistoryId ArchiveParentType ArchiveParentName "
        "ArchiveFieldName ArchiveTimestamp:datetime CreatedById:>User CreatedDate:datetime "
        "BatchNumber:double",
        audit=False,
        min_version=29.0,
    ),
    _object(
        "EventLogFile",
        "0AT",
        "EventType LogDate:datetime Interval:picklist Sequence:int LogFileLength:double "
        "LogFileFieldNames LogFileFieldTypes LogFileContentType LogFile:base64 ApiVersion:double "
        "IsDeleted:boolean",
    ),
    _object("DuplicateRecordSet", "0GJ", "Name DuplicateRuleId RecordCount:int IsDeleted:boolean"),
    _object(
        "DuplicateRecordItem",
        "0GL",
        "Name DuplicateRecordSetId:>DuplicateRecordSet RecordId IsDeleted:boolean",
    ),
    _object(
        "SandboxInfo",
        "0GQ",
        "SandboxName Description LicenseType:picklist HistoryDays:int CopyChatter:boolean "
        "AutoActivate:boolean SourceId TemplateId ApexClassId IsDeleted:boolean",
        tooling=True,
    ),
    _object(
        "RecordType",
        "012",
        "Name DeveloperName NamespacePrefix Description BusinessProcessId "
        "SobjectType:picklist IsActive:boolean IsPersonType:boolean",
    ),
    _object(
        "CustomPermission",
        "0CP",
        "DeveloperName MasterLabel Language:picklist NamespacePrefix Description "
        "IsProtected:boolean IsLicensed:boolean",
    ),
)

SETUP_OBJECTS: dict[str, SetupObject] = {each.name: each for each in _ALL}

RECORD_KEY_PREFIXES = {
    "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Case": "500", "Task": "00T",
    "Event": "00U", "Campaign": "701", "CampaignMember": "00v", "CaseComment": "00a",
    "EmailMessage": "02s", "Attachment": "00P", "Note": "002", "ContentVersion": "068",
    "ContentDocument": "069", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u",
    "OpportunityLineItem": "00k", "Order": "801", "OrderItem": "802", "Contract": "800", "Asset": "02i",
    "Solution": "501", "OpportunityContactRole": "00K", "FeedItem": "0D5", "Individual": "0PK",
    "Idea": "087", "ContentDocumentLink": "06A", "FeedComment": "0D7", "Quote": "0Q0",
}  # fmt: skip
"""The key prefixes of the standard record objects a fixture is likely to describe."""

NO_OBJECT_PERMISSIONS = frozenset(
    "Task Event User OpportunityLineItem OrderItem PricebookEntry CampaignMember CaseComment EmailMessage "
    "Attachment "
    "Note".split()
)
"""The objects whose gate is another object's, or nobody's (rule O4)."""

NO_NAME_FIELD = frozenset(
    "Task Event Case CampaignMember CaseComment EmailMessage OpportunityContactRole".split()
)

SHARE_COLUMNS = (
    "UserOrGroupId:>User|Group RowCause:picklist IsDeleted:boolean LastModifiedDate:datetime "
    "LastModifiedById:>User"
)
HISTORY_COLUMNS = (
    "Field:picklist DataType:picklist OldValue:anyType NewValue:anyType IsDeleted:boolean CreatedById:>User "
    "CreatedDate:datetime"
)


def companion_object(table: str, base: str, kind: str) -> SetupObject:
    """The share or history object of a record object: `ContactShare`, `Visit__History` (org-fixture 1.3)."""
    custom = base.endswith("__c")
    parent = f"ParentId:>{base}" if custom else f"{base}Id:>{base}"
    if kind == "History":
        return _object(table, "017", f"{parent} {HISTORY_COLUMNS}", audit=False)
    level = "AccessLevel:picklist" if custom else f"{base}AccessLevel:picklist"
    if base == "Account":
        level += " ContactAccessLevel:picklist CaseAccessLevel:picklist OpportunityAccessLevel:picklist"
    return _object(table, "00r", f"{parent} {SHARE_COLUMNS} {level}", audit=False)
