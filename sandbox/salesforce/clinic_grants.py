"""The demo clinic's grants: profiles, permission sets, groups with their muting sets, and who holds them.

Grants are written in words and spelled out into permission rows: ``Contact:directory,health`` means every
field of these kinds, ``Contact.Email`` means one field, and ``Lead:rce`` means read, create and edit leads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox.salesforce.clinic_ids import id_counter, record_id
from sandbox.salesforce.clinic_people import PEOPLE, PROFILES, license_id, profile_id, user_id
from sandbox.salesforce.clinic_schema import CARE_KINDS, CLINICAL_KINDS, FIELDS, OBJECT_NAMES

_KIND_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "health": CLINICAL_KINDS,
    "care": CARE_KINDS,
    "all": (*CARE_KINDS, "directory", "marketing", "ops", "link"),
}
_OBJECT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {"Activity": ("Task", "Event")}
_GATELESS: Final = ("CampaignMember", "Task", "Event", "User")
"""Objects that have no ObjectPermissions rows: another object or a system permission opens them."""

_LETTERS: Final[Mapping[str, str]] = {
    "PermissionsRead": "r",
    "PermissionsCreate": "c",
    "PermissionsEdit": "e",
    "PermissionsDelete": "d",
    "PermissionsViewAllRecords": "v",
    "PermissionsModifyAllRecords": "m",
    "PermissionsViewAllFields": "f",
}
_MUTED_ALONG: Final[Mapping[str, str]] = {"r": "rcedvmf", "e": "edm"}


@dataclass(frozen=True)
class Grant:
    """What a container gives, or what a muting set takes, in words."""

    objects: str = ""
    read: str = ""
    edit: str = ""
    system: str = ""


@dataclass(frozen=True)
class PermissionSet:
    """A permission set that can be assigned."""

    label: str
    grant: Grant
    description: str = ""
    session: bool = False
    licence: str | None = None


@dataclass(frozen=True)
class Group:
    """A permission set group: its components, what it mutes, and whether its aggregate is up to date."""

    label: str
    components: tuple[str, ...]
    mutes: Grant | None = None
    status: str = "Updated"
    description: str = ""


@dataclass(frozen=True)
class _Rights:
    """A grant spelled out: letters per object, ``r`` or ``re`` per field, system permissions."""

    objects: Mapping[str, str]
    fields: Mapping[str, str]
    system: tuple[str, ...]


_EVERY_OBJECT: Final = tuple(name for name in OBJECT_NAMES if name not in _GATELESS)
_MARKETING_READ: Final = (
    "Contact:directory,marketing,ops Lead:directory,marketing,ops Account:directory,marketing,ops "
    "Campaign:marketing,link CampaignMember:marketing Opportunity:marketing,ops"
)

PROFILE_GRANTS: Final[Mapping[str, Grant]] = {
    "admin": Grant(
        objects=" ".join(f"{name}:rcedvm" for name in _EVERY_OBJECT),
        edit=" ".join(f"{name}:all" for name in OBJECT_NAMES),
        system="ViewAllData ModifyAllData ViewSetup ViewRoles ManageUsers CustomizeApplication AuthorApex "
        "ModifyMetadata AssignPermissionSets ManageProfilesPermissionsets ApiEnabled RunReports ExportReport "
        "DataExport ViewEncryptedData ActivitiesAccess",
    ),
    "api": Grant(system="ApiEnabled ApiUserOnly"),
    "minimum": Grant(),
    "marketing_user": Grant(
        objects="Contact:r Lead:rce Account:r Campaign:rce Opportunity:r",
        read=f"{_MARKETING_READ} Lead.Treatment_of_Interest__c Contact.Segment_Hint__c",
        edit="Lead:marketing Campaign:marketing CampaignMember:marketing",
        system="ManageCampaigns RunReports",
    ),
    "marketing_manager": Grant(
        objects="Contact:r Lead:rce Account:r Campaign:rced Opportunity:r",
        read=f"{_MARKETING_READ} Contact.Primary_Concern__c",
        edit="Lead:marketing Campaign:marketing CampaignMember:marketing",
        system="ManageCampaigns RunReports ExportReport ScheduleReports",
    ),
    "growth_rep": Grant(
        objects="Contact:r Lead:rce Account:r Campaign:r",
        read="Contact:directory,marketing Account:directory Campaign:marketing CampaignMember:marketing "
        "Lead.Call_Notes__c Activity:marketing",
        edit="Lead:directory,marketing,ops Lead.Treatment_of_Interest__c Lead.Description Activity:ops",
        system="ActivitiesAccess RunReports",
    ),
    "care_coordinator": Grant(
        objects="Contact:rce Lead:rce Account:rce Case:rce Opportunity:r Intake__c:rce Appointment__c:rce "
        "Treatment_Plan__c:r Consent__c:rce Insurance_Policy__c:r",
        read="Contact:all Lead:all Account:all Opportunity:all Treatment_Plan__c:all "
        "Insurance_Policy__c:coverage,link",
        edit="Contact:directory,health,scheduling,note Lead:directory,care Case:all Intake__c:all "
        "Appointment__c:all Consent__c:all Activity:all",
        system="ActivitiesAccess RunReports",
    ),
    "clinical_staff": Grant(
        objects="Contact:re Lead:r Case:re Intake__c:re Appointment__c:re Treatment_Plan__c:rce Consent__c:r",
        read="Contact:all Lead:health,directory,note Case:all Intake__c:all Appointment__c:all "
        "Consent__c:all",
        edit="Contact:health,note Intake__c:health,note Appointment__c:health,note Treatment_Plan__c:all "
        "Activity:all",
        system="ActivitiesAccess",
    ),
    "front_desk": Grant(
        objects="Contact:re Lead:re Account:r Intake__c:r Appointment__c:rced Consent__c:r "
        "Insurance_Policy__c:rce",
        read="Contact:directory,scheduling,consent Lead:directory,scheduling Account:directory "
        "Consent__c:consent Intake__c:scheduling,consent,ops Intake__c.Substance_Use_History__c",
        edit="Contact:directory Appointment__c:scheduling,note,ops,link Insurance_Policy__c:coverage,link "
        "Activity:ops,scheduling,note",
        system="ActivitiesAccess",
    ),
    "billing": Grant(
        objects="Contact:r Account:re Case:re Opportunity:re Appointment__c:r Insurance_Policy__c:rce",
        read="Contact:directory,coverage Appointment__c:scheduling,coverage",
        edit="Account:all Case:coverage,ops,note Opportunity:coverage,ops Insurance_Policy__c:all "
        "Activity:ops,note",
        system="ActivitiesAccess ViewEncryptedData RunReports ExportReport",
    ),
    "guest": Grant(
        objects="Lead:rc",
        read="Lead.Treatment_of_Interest__c Lead.Language_Form__c Lead.Landing_Page__c",
    ),
    "partner": Grant(
        objects="Campaign:r Lead:r",
        read="Campaign:marketing Lead:marketing Lead.Treatment_of_Interest__c",
    ),
}

_FERTILITY_FIELDS: Final = "Contact:fertility Intake__c:fertility"
_OUTCOME_FIELDS: Final = "Contact.PHQ9_Score__c Contact.Sleep_Score_Band__c Contact.Hair_Loss_Stage__c"

PERMISSION_SETS: Final[Mapping[str, PermissionSet]] = {
    "campaign_analytics": PermissionSet(
        "Campaign Analytics",
        Grant(
            objects="Campaign:re Lead:r Opportunity:r Contact:r",
            read="Campaign:marketing Opportunity:marketing Contact.Diagnosis__c",
            edit="Campaign.Patient_Count__c Campaign.Campaign_Health_Score__c",
            system="RunReports",
        ),
        "Response and conversion reporting for campaigns.",
    ),
    "email_sender": PermissionSet(
        "Email Studio Sender",
        Grant("Campaign:r Contact:r", "Contact:marketing Campaign:marketing", system="EmailMass"),
    ),
    "data_steward": PermissionSet(
        "Data Quality Steward",
        Grant("Contact:rf Lead:r", "Lead:ops"),
        "Finds duplicates. View All Fields was switched on for a clean-up in 2025.",
    ),
    "lead_import": PermissionSet(
        "=Web Lead Import (2019)",
        Grant("Lead:rce", edit="Lead:directory,marketing", system="ImportLeads"),
    ),
    "audience_segments": PermissionSet(
        "Audience Segments", Grant("Lead:r Contact:r", "Lead:marketing Contact:marketing")
    ),
    "contact_directory": PermissionSet("Contact Directory", Grant("Contact:r", "Contact:directory")),
    "outcome_fields": PermissionSet(
        "🌱 Wellness Outcome Fields",
        Grant(read=_OUTCOME_FIELDS),
        "Field access only. Was meant to be combined with a care profile.",
    ),
    "fertility_launch": PermissionSet(
        "Spring Fertility Launch",
        Grant("Contact:r", "Contact.Fertility_Journey_Stage__c Contact.Last_Cycle_Date__c"),
        "Temporary, for the open-day mailing.",
    ),
    "care_core": PermissionSet(
        "Care Coordination Core",
        Grant(
            objects="Contact:rce Lead:re Case:rce Intake__c:rce Appointment__c:rced "
            "Treatment_Plan__c:r Consent__c:r",
            read="Treatment_Plan__c:all Consent__c:all",
            edit="Contact:directory,scheduling,note Lead:care Case:all Intake__c:all "
            "Appointment__c:all Activity:all",
            system="ActivitiesAccess",
        ),
    ),
    "nursing": PermissionSet(
        "Nursing Clinical Access",
        Grant(
            objects="Contact:re Intake__c:re Treatment_Plan__c:re",
            edit="Contact:clinical,note,scheduling Intake__c:clinical,note Treatment_Plan__c:clinical",
        ),
    ),
    "fertility_record": PermissionSet(
        "Fertility Clinical Record", Grant("Contact:r Intake__c:r", _FERTILITY_FIELDS)
    ),
    "behavioural_record": PermissionSet(
        "Behavioural Health Record",
        Grant(
            "Contact:re Intake__c:re Consent__c:r",
            "Consent__c:behavioural",
            "Contact:behavioural Intake__c:behavioural",
        ),
        "Includes substance use records; assign to the treating team only.",
    ),
    "derm_record": PermissionSet(
        "Dermatology and Hair Record", Grant("Contact:re Intake__c:re", edit="Contact:skin Intake__c:skin")
    ),
    "sleep_record": PermissionSet(
        "Sleep Study Record",
        Grant("Contact:re Intake__c:re", edit="Contact:sleep Intake__c:sleep"),
        licence="care_console",
    ),
    "plan_author": PermissionSet(
        "Treatment Plan Author", Grant("Treatment_Plan__c:rce Intake__c:r", edit="Treatment_Plan__c:all")
    ),
    "consent_manager": PermissionSet(
        "Consent Manager",
        Grant("Consent__c:rce Contact:r", "Contact:directory,consent", "Consent__c:consent,note,ops"),
    ),
    "scheduling": PermissionSet(
        "Appointment Scheduling",
        Grant(
            "Appointment__c:rce Contact:r", "Contact:directory,scheduling", "Appointment__c:scheduling,ops"
        ),
    ),
    "billing_view": PermissionSet(
        "Insurance and Billing View",
        Grant("Insurance_Policy__c:r Contact:r", "Insurance_Policy__c:coverage Contact:coverage,directory"),
    ),
    "claims": PermissionSet(
        "Claims Follow-up",
        Grant(
            objects="Insurance_Policy__c:red Case:rce Opportunity:r",
            read="Opportunity:coverage",
            edit="Insurance_Policy__c:coverage,clinical,note Case:coverage,ops,note",
            system="ViewEncryptedData",
        ),
    ),
    "reporting": PermissionSet(
        "Reporting and Dashboards",
        Grant(system="RunReports ExportReport CreateCustomizeReports ScheduleReports"),
    ),
    "migration": PermissionSet(
        "Data Migration Toolkit",
        Grant(system="ModifyAllData ViewAllData ApiEnabled"),
        "Bulk loads. Holds no field permissions.",
    ),
    "audit_read_only": PermissionSet(
        "CRM Audit Read Only",
        Grant(
            objects="Contact:rv Lead:rv Intake__c:rv",
            read="Contact.Last_Service_Date__c Intake__c.Closed_Date__c Intake__c.Received_Date__c "
            "Task.ActivityDate",
            system="ViewSetup ViewRoles ApiEnabled ActivitiesAccess",
        ),
        "What the nightly permission audit needs: setup, and the dates that start a retention period.",
    ),
    "connector": PermissionSet(
        "Account Engagement Connector",
        Grant(
            objects="Account:rev Campaign:rev Contact:rev Lead:rcev Opportunity:rev",
            read="Contact.Program_Status__c Lead.Treatment_of_Interest__c Campaign:marketing",
            edit="Contact:directory,marketing Lead:directory,marketing CampaignMember:marketing",
            system="ApiEnabled",
        ),
    ),
    "ehr_sync": PermissionSet(
        "Clinical Record Sync",
        Grant(
            objects="Contact:rcev Intake__c:rcev Appointment__c:rcev Treatment_Plan__c:rcev",
            edit="Contact:directory,health,scheduling Intake__c:all Appointment__c:all Treatment_Plan__c:all",
            system="ApiEnabled",
        ),
    ),
    "user_support": PermissionSet(
        "User Support Desk",
        Grant(system="ManageUsers AssignPermissionSets ResetPasswords ViewSetup"),
        "Password resets and onboarding.",
    ),
    "patient_lookup": PermissionSet(
        "Patient Lookup (step-up)",
        Grant("Contact:r", "Contact.Diagnosis__c Contact.Current_Medications__c"),
        "Granted for one session after a second factor.",
        session=True,
    ),
}

GROUPS: Final[Mapping[str, Group]] = {
    "care_team": Group("Care Team", ("care_core", "nursing", "plan_author", "consent_manager")),
    "marketing_insights": Group(
        "Marketing Insights",
        ("campaign_analytics", "outcome_fields", "email_sender", "reporting"),
        mutes=Grant(read=f"Contact.Diagnosis__c {_OUTCOME_FIELDS}", system="ExportReport"),
        description="Campaign reporting without clinical fields.",
    ),
    "growth_analytics": Group(
        "Growth Analytics",
        ("campaign_analytics", "reporting"),
        mutes=Grant(edit="Campaign.Campaign_Health_Score__c", system="ScheduleReports"),
    ),
    "fertility_outreach": Group(
        "Fertility Outreach",
        ("email_sender", "fertility_record"),
        mutes=Grant(read=_FERTILITY_FIELDS),
        status="Outdated",
        description="Muting added on 23 November; recalculation is pending.",
    ),
    "scheduling_and_claims": Group(
        "Scheduling and Claims",
        ("scheduling", "billing_view", "claims"),
        mutes=Grant(objects="Insurance_Policy__c:d", edit="Insurance_Policy__c.Member_ID__c"),
    ),
}

_HOLDERS: Final[Mapping[str, str]] = {
    "campaign_analytics": "mchen sdubois",
    "email_sender": "sbrandt dmarsh",
    "data_steward": "aoleary",
    "lead_import": "jferreira",
    "audience_segments": "cbeaumont gmoreau",
    "contact_directory": "kadeyemi praghunathan",
    "outcome_fields": "kadeyemi elindqvist",
    "fertility_launch": "sbrandt",
    "patient_lookup": "ymansour",
    "nursing": "tnasser pnakamura wabara",
    "fertility_record": "hlarsen",
    "behavioural_record": "cweiss lokafor jabbott",
    "derm_record": "ygutierrez aquispe",
    "sleep_record": "pstavros",
    "plan_author": "dvolkova",
    "consent_manager": "gokonkwo",
    "scheduling": "ebianchi obrennan",
    "reporting": "gokonkwo hsolberg praghunathan",
    "migration": "opetrenko",
    "audit_read_only": "audit",
    "connector": "connector",
    "ehr_sync": "ehr",
    "user_support": "lbenami",
}
_GROUP_HOLDERS: Final[Mapping[str, str]] = {
    "care_team": "cweiss lokafor pstavros hlarsen ygutierrez jabbott",
    "marketing_insights": "tmueller dmarsh rcastellanos",
    "growth_analytics": "rcastellanos",
    "fertility_outreach": "hnguyen",
    "scheduling_and_claims": "dkowalczyk miyer",
}
_ENDS: Final[Mapping[tuple[str, str], tuple[str, bool]]] = {
    ("fertility_launch", "sbrandt"): ("2026-12-18T23:00:00.000+0000", True),
    ("nursing", "pnakamura"): ("2026-10-31T23:00:00.000+0000", True),
    ("nursing", "wabara"): ("2026-08-31T23:00:00.000+0000", False),
}
"""(set, user) → when the assignment ends and what its IsActive says; a lapsed row may claim to be active."""

_SET_LICENSES: Final[Mapping[str, str]] = {
    "care_console": "Care Console",
    "crm_integration": "API Integration",
}
_SET_LICENSE_HOLDERS: Final[Mapping[str, str]] = {
    "care_console": "pstavros gmoreau",
    "crm_integration": "audit connector ehr",
}
_SET_LICENSE_IDS: Final = {key: record_id("0PL", number) for number, key in enumerate(_SET_LICENSES, start=1)}
_SET_IDS: Final = {
    key: record_id("0PS", number)
    for number, key in enumerate(
        [*(f"profile:{key}" for key in PROFILES), *PERMISSION_SETS, *(f"group:{key}" for key in GROUPS)],
        start=1,
    )
}
_GROUP_IDS: Final = {key: record_id("0PG", number) for number, key in enumerate(GROUPS, start=1)}
_MUTING_IDS: Final = {
    key: record_id("0QM", number)
    for number, key in enumerate((key for key, group in GROUPS.items() if group.mutes), start=1)
}


def set_id(key: str) -> str:
    """Return the PermissionSet id of ``campaign_analytics``, ``profile:guest`` or ``group:care_team``."""
    return _SET_IDS[key]


def set_license_id(key: str) -> str:
    """Return the PermissionSetLicense id of a licence key."""
    return _SET_LICENSE_IDS[key]


def grant_tables() -> dict[str, Any]:
    """Return the fixture tables that say who may do what."""
    rights = dict(_rights_by_parent())
    next_id = id_counter()
    return {
        "PermissionSetLicense": [_set_license_row(key) for key in _SET_LICENSES],
        "PermissionSetLicenseAssign": list(_set_license_assignments()),
        "PermissionSet": list(_permission_set_rows(rights)),
        "MutingPermissionSet": [_muting_row(key, rights[_MUTING_IDS[key]]) for key in _MUTING_IDS],
        "PermissionSetGroup": [_group_row(key, group) for key, group in GROUPS.items()],
        "PermissionSetGroupComponent": list(_component_rows()),
        "PermissionSetAssignment": [{"Id": next_id("0Pa"), **row} for row in _assignments()],
        "PermissionSetTabSetting": list(_tab_settings()),
        "ObjectPermissions": {
            "columns": ["Id", "ParentId", "SobjectType", *_LETTERS],
            "rows": [[next_id("110"), *row] for row in _object_rows(rights)],
        },
        "FieldPermissions": {
            "columns": ["Id", "ParentId", "SobjectType", "Field", "PermissionsRead", "PermissionsEdit"],
            "rows": [[next_id("01k"), *row] for row in _field_rows(rights)],
        },
    }


def _spell_out(grant: Grant) -> _Rights:
    readable = _named_fields(grant.read)
    editable = _named_fields(grant.edit)
    return _Rights(
        objects=dict(token.split(":") for token in grant.objects.split()),
        fields={
            field.full_name: "re" if field.full_name in editable and field.writable else "r"
            for field in FIELDS
            if field.grantable and field.full_name in readable | editable
        },
        system=tuple(grant.system.split()),
    )


def _named_fields(words: str) -> frozenset[str]:
    """Return the fields meant by ``Object:kind,kind`` and ``Object.Field`` words."""
    kinds = dict[str, set[str]]()
    single = set[str]()
    for word in words.split():
        owner, separator, names = word.partition(":")
        if not separator:
            single.add(word)
        for object_name in _OBJECT_WORDS.get(owner, (owner,)) if separator else ():
            spelled = (_KIND_WORDS.get(name, (name,)) for name in names.split(","))
            kinds.setdefault(object_name, set()).update(kind for group in spelled for kind in group)
    return frozenset(single) | {f.full_name for f in FIELDS if f.kind in kinds.get(f.object, ())}


def _union(parts: tuple[_Rights, ...]) -> _Rights:
    objects = dict[str, str]()
    fields = dict[str, str]()
    for part in parts:
        for name, letters in part.objects.items():
            objects[name] = _merge(objects.get(name, ""), letters)
        for name, letters in part.fields.items():
            fields[name] = _merge(fields.get(name, ""), letters)
    system = dict.fromkeys(permission for part in parts for permission in part.system)
    return _Rights(objects, fields, tuple(system))


def _merge(first: str, second: str) -> str:
    return "".join(letter for letter in "rcedvmf" if letter in first + second)


def _mute(rights: _Rights, mutes: Grant) -> _Rights:
    taken = _spell_out(mutes)
    no_read = _named_fields(mutes.read)
    no_edit = no_read | _named_fields(mutes.edit)
    objects = {
        name: _without(letters, taken.objects.get(name, "")) for name, letters in rights.objects.items()
    }
    fields = {
        name: letters.replace("e", "") if name in no_edit else letters
        for name, letters in rights.fields.items()
        if name not in no_read
    }
    system = tuple(permission for permission in rights.system if permission not in taken.system)
    return _Rights({name: letters for name, letters in objects.items() if letters}, fields, system)


def _without(letters: str, muted: str) -> str:
    gone = "".join(_MUTED_ALONG.get(letter, letter) for letter in muted)
    return "".join(letter for letter in letters if letter not in gone)


def _muting_rights(mutes: Grant) -> _Rights:
    """Spell a muting set out as its rows do: a muted read is read and edit, a muted edit is edit alone."""
    spelled = _spell_out(mutes)
    no_read = _named_fields(mutes.read)
    return replace(spelled, fields={name: "re" if name in no_read else "e" for name in spelled.fields})


def _rights_by_parent() -> Iterator[tuple[str, _Rights]]:
    sets = {key: _spell_out(spec.grant) for key, spec in PERMISSION_SETS.items()}
    for key, grant in PROFILE_GRANTS.items():
        yield set_id(f"profile:{key}"), _spell_out(grant)
    for key, rights in sets.items():
        yield set_id(key), rights
    for key, group in GROUPS.items():
        stored = _union(tuple(sets[component] for component in group.components))
        # The aggregate of an Outdated group is still the one from before its muting set.
        muted = group.mutes if group.status == "Updated" else None
        yield set_id(f"group:{key}"), _mute(stored, muted) if muted else stored
        if group.mutes:
            yield _MUTING_IDS[key], _muting_rights(group.mutes)


def _object_rows(rights: Mapping[str, _Rights]) -> Iterator[list[Any]]:
    for parent, given in rights.items():
        for name, letters in given.objects.items():
            yield [parent, name, *(letter in letters for letter in _LETTERS.values())]
    # Licence rows are ceilings: they say what a holder could be given, and grant nothing.
    for name in ("Contact", "Intake__c", "Treatment_Plan__c"):
        yield [set_license_id("care_console"), name, *(True for _ in _LETTERS)]
    for name in _EVERY_OBJECT:
        yield [license_id("Salesforce"), name, *(True for _ in _LETTERS)]


def _field_rows(rights: Mapping[str, _Rights]) -> Iterator[list[Any]]:
    for parent, given in rights.items():
        for name, letters in given.fields.items():
            yield [parent, name.partition(".")[0], name, "r" in letters, "e" in letters]


def _permission_set_rows(rights: Mapping[str, _Rights]) -> Iterator[dict[str, Any]]:
    for number, key in enumerate(PROFILES, start=1):
        generated = f"00ex{number:011d}"
        yield {
            **_set_row(set_id(f"profile:{key}"), f"X{generated}", generated, "Profile", rights),
            "IsOwnedByProfile": True,
            "ProfileId": profile_id(key),
        }
    for key, spec in PERMISSION_SETS.items():
        yield {
            **_set_row(
                set_id(key), key.title(), spec.label, "Session" if spec.session else "Regular", rights
            ),
            "Description": spec.description or None,
            "HasActivationRequired": spec.session,
            "LicenseId": set_license_id(spec.licence) if spec.licence else None,
        }
    for key, group in GROUPS.items():
        yield {
            **_set_row(set_id(f"group:{key}"), key.title(), group.label, "Group", rights),
            "PermissionSetGroupId": _GROUP_IDS[key],
        }


def _set_row(parent: str, name: str, label: str, kind: str, rights: Mapping[str, _Rights]) -> dict[str, Any]:
    return {
        "Id": parent,
        "Name": name,
        "Label": label,
        "Type": kind,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "HasActivationRequired": False,
        **{f"Permissions{permission}": True for permission in rights[parent].system},
    }


def _muting_row(key: str, rights: _Rights) -> dict[str, Any]:
    return {
        "Id": _MUTING_IDS[key],
        "DeveloperName": f"{key.title()}_Mutes",
        "MasterLabel": f"{GROUPS[key].label} (muted)",
        "Language": "en_US",
        **{f"Permissions{permission}": True for permission in rights.system},
    }


def _group_row(key: str, group: Group) -> dict[str, Any]:
    return {
        "Id": _GROUP_IDS[key],
        "DeveloperName": key.title(),
        "MasterLabel": group.label,
        "Description": group.description or None,
        "Language": "en_US",
        "Status": group.status,
        "HasActivationRequired": False,
    }


def _component_rows() -> Iterator[dict[str, Any]]:
    next_id = id_counter()
    for key, group in GROUPS.items():
        parts = [set_id(component) for component in group.components]
        for part in [*parts, *([_MUTING_IDS[key]] if group.mutes else [])]:
            yield {"Id": next_id("0PM"), "PermissionSetGroupId": _GROUP_IDS[key], "PermissionSetId": part}


def _assignments() -> Iterator[dict[str, Any]]:
    for person in PEOPLE:
        yield _assignment(person.id, set_id(f"profile:{person.profile}"))
    for key, holders in _HOLDERS.items():
        for holder in holders.split():
            ends, active = _ENDS.get((key, holder), (None, True))
            yield _assignment(user_id(holder), set_id(key), ends=ends, active=active)
    for key, holders in _GROUP_HOLDERS.items():
        for holder in holders.split():
            yield _assignment(user_id(holder), set_id(f"group:{key}"), group=_GROUP_IDS[key])


def _assignment(
    user: str, container: str, *, group: str | None = None, ends: str | None = None, active: bool = True
) -> dict[str, Any]:
    return {
        "AssigneeId": user,
        "PermissionSetId": container,
        "PermissionSetGroupId": group,
        "ExpirationDate": ends,
        "IsActive": active,
    }


def _set_license_row(key: str) -> dict[str, Any]:
    return {
        "Id": set_license_id(key),
        "DeveloperName": key.title(),
        "MasterLabel": _SET_LICENSES[key],
        "Status": "Active",
        "TotalLicenses": 25,
        "UsedLicenses": len(_SET_LICENSE_HOLDERS[key].split()),
        "ExpirationDate": "2028-01-31",
    }


def _set_license_assignments() -> Iterator[dict[str, Any]]:
    next_id = id_counter()
    for key, holders in _SET_LICENSE_HOLDERS.items():
        for holder in holders.split():
            yield {
                "Id": next_id("2LA"),
                "AssigneeId": user_id(holder),
                "PermissionSetLicenseId": set_license_id(key),
            }


def _tab_settings() -> Iterator[dict[str, Any]]:
    next_id = id_counter()
    for profile, tab, visibility in (
        ("marketing_user", "Treatment_Plan__c", "DefaultOn"),
        ("marketing_user", "standard-Contact", "DefaultOn"),
        ("clinical_staff", "Treatment_Plan__c", "DefaultOff"),
    ):
        yield {
            "Id": next_id("01P"),
            "ParentId": set_id(f"profile:{profile}"),
            "Name": tab,
            "Visibility": visibility,
        }
