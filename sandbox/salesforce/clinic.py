"""Harborview Wellness, the demo org: a clinic group whose marketing and care share one Salesforce.

Sixty-eight people, twelve profiles, twenty-five permission sets, five groups, some five hundred fields and
twenty thousand records, all invented and always the same. ``PLANTED`` lists what an audit should find in it
and ``INNOCENT`` what it should leave alone.

Who is who (``AUDIENCES`` has the user ids):

- ``marketing``: campaigns, growth and the representatives who call enquiries back;
- ``care``: coordinators, nurses, physicians, therapists, technologists: they rightly read clinical fields;
- ``front_desk``: receptionists and schedulers;
- ``billing``: insurance and claims;
- ``administration``: CRM administrators, service desk, privacy officer, management;
- ``external``: the partner agency;
- ``guest``: the enquiry site's guest user;
- ``integration``: the auditor itself, the marketing connector and the clinical record sync.
"""

from dataclasses import dataclass
from typing import Any, Final

from sandbox.salesforce.clinic_grants import grant_tables, set_id, set_license_id
from sandbox.salesforce.clinic_ids import id_counter
from sandbox.salesforce.clinic_people import (
    AUDIENCES,
    active_with_profile,
    license_id,
    people_tables,
    user_id,
)
from sandbox.salesforce.clinic_records import CANARY, record_tables
from sandbox.salesforce.clinic_schema import CLINICAL_KINDS, FIELDS, objects

__all__ = ["AUDIENCES", "CANARY", "CLINICAL_FIELDS", "INNOCENT", "PLANTED", "Planted", "clinic_org"]

CLINICAL_FIELDS: Final = tuple(field.full_name for field in FIELDS if field.kind in CLINICAL_KINDS)
"""Every field of the demo org that says something about a person's health."""


@dataclass(frozen=True)
class Planted:
    """Something put into the demo org on purpose."""

    rule: str
    """The rule it is about, by its kebab-case name."""
    who: tuple[str, ...]
    """The users concerned; empty where it is about records or a field alone."""
    what: tuple[str, ...]
    """The fields concerned, as ``Object.Field``."""
    grantors: tuple[str, ...]
    """The permission sets (or licences) that give it, or seem to."""
    story: str
    """What happened, in one plain sentence."""
    verdict: str | None = "yes"
    """The read verdict of every user on every field; none where reading is not the question."""


def _users(*keys: str) -> tuple[str, ...]:
    return tuple(user_id(key) for key in keys)


def _sets(*keys: str) -> tuple[str, ...]:
    return tuple(set_id(key) for key in keys)


_MARKETERS: Final = active_with_profile("marketing_user")
_MANAGERS: Final = active_with_profile("marketing_manager")
_REPRESENTATIVES: Final = active_with_profile("growth_rep")
_OUTCOMES: Final = ("Contact.PHQ9_Score__c", "Contact.Sleep_Score_Band__c", "Contact.Hair_Loss_Stage__c")

PLANTED: Final[tuple[Planted, ...]] = (
    Planted(
        "marketing-reads-clinical",
        _MARKETERS,
        ("Lead.Treatment_of_Interest__c",),
        _sets("profile:marketing_user"),
        "The Marketing User profile shows the treatment every enquirer is interested in.",
    ),
    Planted(
        "marketing-reads-clinical",
        _MANAGERS,
        ("Contact.Primary_Concern__c",),
        _sets("profile:marketing_manager"),
        "The Marketing Manager profile shows what each patient mainly came for.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("mchen"),
        ("Contact.Diagnosis__c",),
        _sets("campaign_analytics"),
        "The permission set Campaign Analytics carries the diagnosis; a campaign analyst holds it.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("rcastellanos"),
        ("Contact.Diagnosis__c",),
        _sets("group:growth_analytics"),
        "One group mutes the diagnosis, but the same person is in a second group that does not.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("aoleary"),
        (
            "Contact.Diagnosis__c",
            "Contact.Current_Medications__c",
            "Contact.Sobriety_Date__c",
            "Contact.MRN__c",
        ),
        _sets("data_steward"),
        "View All Fields on Contact, left on after a clean-up, shows an analyst everything clinical.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("kadeyemi"),
        _OUTCOMES,
        _sets("contact_directory", "outcome_fields"),
        "One set opens Contact and another the outcome fields; together they show screening scores.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("sbrandt"),
        ("Contact.Fertility_Journey_Stage__c", "Contact.Last_Cycle_Date__c"),
        _sets("fertility_launch"),
        "A permission set for one mailing shows fertility fields and ends only next month.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("ymansour"),
        ("Contact.Diagnosis__c", "Contact.Current_Medications__c"),
        _sets("patient_lookup"),
        "A session-based set lets a marketing manager look up diagnoses after a second factor.",
        "activatable",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("hnguyen"),
        ("Contact.Fertility_Journey_Stage__c", "Contact.AMH_Level__c", "Intake__c.Previous_Losses__c"),
        _sets("group:fertility_outreach"),
        "The muting of fertility fields was added to a group that has not been recalculated since.",
        "possible",
    ),
    Planted(
        "marketing-reads-clinical",
        (*_MARKETERS, *_MANAGERS, *_REPRESENTATIVES),
        ("Lead.Reason_for_Visit__c",),
        _sets("profile:marketing_user", "profile:marketing_manager", "profile:growth_rep"),
        "The reason for the visit is universally required, so field security cannot hide it from marketing.",
    ),
    Planted(
        "latent-clinical-grant",
        _users("elindqvist"),
        _OUTCOMES,
        _sets("outcome_fields"),
        "A content strategist holds screening fields but may not open contacts: one grant from reading.",
        "latent",
    ),
    Planted(
        "marketing-edits-clinical",
        _REPRESENTATIVES,
        ("Lead.Treatment_of_Interest__c",),
        _sets("profile:growth_rep"),
        "Patient growth representatives may change the treatment an enquirer asked for.",
    ),
    Planted(
        "marketing-edits-clinical",
        (*_MARKETERS, *_MANAGERS, *_REPRESENTATIVES),
        ("Lead.Reason_for_Visit__c",),
        _sets("profile:marketing_user", "profile:marketing_manager", "profile:growth_rep"),
        "Whoever may edit leads may also change the reason for the visit, since the field cannot be secured.",
    ),
    Planted(
        "marketing-reads-derived",
        _MARKETERS,
        ("Contact.Segment_Hint__c",),
        _sets("profile:marketing_user"),
        "An audience formula repeats the concern and, two steps away, the diagnosis.",
    ),
    Planted(
        "marketing-reads-free-text",
        _REPRESENTATIVES,
        ("Lead.Call_Notes__c", "Lead.Description", "Event.Subject"),
        _sets("profile:growth_rep"),
        "Representatives read call notes, lead descriptions and the subjects of clinical appointments.",
    ),
    Planted(
        "guest-reads-phi",
        _users("guest"),
        ("Lead.Treatment_of_Interest__c", "Lead.Reason_for_Visit__c"),
        _sets("profile:guest"),
        "The enquiry site's guest user may read the treatment of interest and the reason for the visit.",
    ),
    Planted(
        "external-reads-phi",
        _users("agency"),
        ("Lead.Treatment_of_Interest__c", "Lead.Reason_for_Visit__c"),
        _sets("profile:partner"),
        "The partner agency reads which treatment each lead is interested in, and why they came.",
    ),
    Planted(
        "connector-reads-clinical",
        _users("connector"),
        ("Contact.Program_Status__c", "Lead.Treatment_of_Interest__c"),
        _sets("connector"),
        "The marketing connector copies programme status and treatment of interest into the mailing tool.",
    ),
    Planted(
        "front-desk-reads-clinical",
        active_with_profile("front_desk"),
        ("Intake__c.Substance_Use_History__c",),
        _sets("profile:front_desk"),
        "The Front Desk profile shows the substance use history of every intake.",
    ),
    Planted(
        "dormant-holder",
        _users("mkeane"),
        ("Contact.Diagnosis__c", "Contact.Embryos_Stored__c"),
        _sets("profile:clinical_staff"),
        "A fertility nurse left, but her inactive user would read clinical fields the day it is reactivated.",
        "dormant",
    ),
    Planted(
        "dormant-holder",
        _users("sdubois"),
        ("Contact.Diagnosis__c", "Lead.Treatment_of_Interest__c"),
        _sets("campaign_analytics", "profile:marketing_user"),
        "A campaign analyst left and still holds Campaign Analytics and the Marketing User profile.",
        "dormant",
    ),
    Planted(
        "dormant-holder",
        _users("jabbott"),
        ("Contact.PHQ9_Score__c", "Intake__c.Session_Notes__c"),
        _sets("behavioural_record", "group:care_team"),
        "A psychotherapist's user is frozen while every behavioural health grant stays in place.",
        "dormant",
    ),
    Planted(
        "unsecurable-phi",
        (),
        ("Lead.Reason_for_Visit__c",),
        (),
        "A field that holds health information is required everywhere, so no permission can hide it.",
        None,
    ),
    Planted(
        "self-grant",
        _users("opetrenko", "lbenami"),
        (),
        _sets("migration", "user_support"),
        "An engineer with Modify All Data and a service desk that assigns sets could grant themselves more.",
        None,
    ),
    Planted(
        "dashboard-runs-as-clinician",
        _users("drosenthal"),
        ("Contact.Fertility_Journey_Stage__c",),
        _sets("profile:clinical_staff"),
        "A public growth dashboard runs as a physician and shows viewers what the physician may read.",
    ),
    Planted(
        "record-past-retention",
        (),
        ("Lead.CreatedDate", "Lead.IsConverted", "Lead.LastActivityDate"),
        (),
        "Thousands of leads older than 24 months were never converted and never removed.",
        None,
    ),
    Planted(
        "record-past-retention",
        (),
        ("Intake__c.Closed_Date__c", "Intake__c.Status__c"),
        (),
        "About a hundred intakes were closed more than twelve years ago.",
        None,
    ),
    Planted(
        "record-past-retention",
        (),
        ("Task.ActivityDate", "Task.IsArchived"),
        (),
        "Archived tasks with call notes go back to 2014, where ordinary queries do not see them.",
        None,
    ),
    Planted(
        "record-past-retention",
        (),
        ("Contact.Last_Service_Date__c", "Contact.IsDeleted"),
        (),
        "Deleted contacts are still in the recycle bin.",
        None,
    ),
    Planted(
        "evidence-gap",
        _users("audit"),
        ("Appointment__c.Appointment_Date__c",),
        (),
        "The auditor may not read the date of appointments, so their age cannot be counted.",
        "no",
    ),
)
"""What an audit should find in the demo org."""

_DECOYS: Final = (
    "Lead.Treatment_Group__c",
    "Lead.Carrier__c",
    "Lead.Email_Opt_Out__c",
    "Account.Payment_Condition__c",
    "Account.Service_Provider__c",
    "Account.Delivery_Date__c",
    "Account.Contract_Termination__c",
    "Account.Purchase_Order_Procedure__c",
    "Account.Account_Health__c",
    "Campaign.Treatment__c",
    "Campaign.Delivery_Date__c",
    "Campaign.Campaign_Health_Score__c",
    "Campaign.Admission_Price__c",
    "Campaign.Send_Provider__c",
    "Contact.HasOptedOutOfEmail",
    "Contact.Page_Orientation__c",
    "Opportunity.Quote_Condition__c",
    "Opportunity.Forecast_Operation__c",
)

INNOCENT: Final[tuple[Planted, ...]] = (
    Planted(
        "marketing-reads-clinical",
        _users("tmueller", "dmarsh"),
        ("Contact.Diagnosis__c",),
        _sets("campaign_analytics", "group:marketing_insights"),
        "The diagnosis is muted in the only group that brings these two the set.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("tmueller", "dmarsh", "rcastellanos"),
        _OUTCOMES,
        _sets("outcome_fields"),
        "The outcome fields reach these three only as part of a group that mutes all of them.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("opetrenko"),
        ("Contact.Diagnosis__c", "Contact.Current_Medications__c", "Lead.Treatment_of_Interest__c"),
        _sets("migration"),
        "Modify All Data opens every object but no secured field, and this engineer has no field grants.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("pnakamura"),
        ("Contact.Diagnosis__c", "Intake__c.Chief_Complaint__c"),
        _sets("nursing"),
        "The assignment ended last month, although its row still says active.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("wabara"),
        ("Contact.Diagnosis__c", "Intake__c.Chief_Complaint__c"),
        _sets("nursing"),
        "The assignment ended in August and is marked inactive.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("gmoreau"),
        ("Treatment_Plan__c.Goals__c", "Intake__c.Chief_Complaint__c", "Contact.Diagnosis__c"),
        (set_license_id("care_console"), license_id("Salesforce")),
        "Licence rows say what a holder could be given; the copywriter was given none of it.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _MARKETERS,
        ("Treatment_Plan__c.Goals__c", "Treatment_Plan__c.Drug_1__c"),
        _sets("profile:marketing_user"),
        "The treatment plan tab is on for the Marketing User profile, but a tab is not a permission.",
        "no",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("cbeaumont"),
        _DECOYS,
        _sets("profile:marketing_user"),
        "A/B tests, payment terms, phone carriers and opt-outs sound clinical and are not.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("njoshi", "drosenthal", "tnasser", "dvolkova"),
        ("Contact.Diagnosis__c", "Intake__c.Chief_Complaint__c"),
        _sets("profile:care_coordinator", "profile:clinical_staff"),
        "Coordinators, physicians and an outreach nurse read clinical fields to treat these patients.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("mbaptiste", "oduarte"),
        ("Contact.Diagnosis__c",),
        _sets("profile:care_coordinator"),
        "These coordinators work at the Market Street Clinic: an address, not a marketing department.",
    ),
    Planted(
        "marketing-reads-clinical",
        _users("cweiss", "hlarsen", "pstavros"),
        ("Contact.Diagnosis__c", "Treatment_Plan__c.Goals__c"),
        _sets("group:care_team"),
        "These clinicians have a bare profile and read clinical fields through the care team group.",
    ),
    Planted(
        "dormant-holder",
        _users("aporter"),
        ("Contact.Diagnosis__c", "Lead.Reason_for_Visit__c"),
        _sets("profile:minimum"),
        "The former intern's user is inactive and holds nothing.",
        "no",
    ),
    Planted(
        "billing-edits-coverage",
        _users("dkowalczyk", "miyer"),
        ("Insurance_Policy__c.Member_ID__c",),
        _sets("group:scheduling_and_claims"),
        "Claims specialists read the member number; only the right to change it is muted in their group.",
    ),
    Planted(
        "evidence-gap",
        _users("audit"),
        ("Contact.Last_Service_Date__c", "Intake__c.Closed_Date__c", "Task.ActivityDate"),
        _sets("audit_read_only"),
        "The auditor reads the dates that start a retention period and no other secured field.",
    ),
)
"""What looks like a finding in the demo org and is none."""


def clinic_org() -> dict[str, Any]:
    """Return the demo org as a ``salesforce-org/1`` document; every call returns an equal, fresh one."""
    return {
        "format": "salesforce-org/1",
        "name": "harborview-wellness",
        "description": "A clinic group that runs marketing and care on one org. Everything is invented.",
        "now": "2026-11-24T06:00:00Z",
        "api_versions": {"min": "31.0", "max": "67.0"},
        "organization": {
            "Name": "Harborview Wellness",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "HV1",
            "IsSandbox": False,
        },
        "running_user": {
            "id": user_id("audit"),
            "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"],
            "records": "all",
            "computed": True,
        },
        "objects": objects(),
        "tables": {**people_tables(), **grant_tables(), **_surroundings(), **record_tables()},
    }


def _surroundings() -> dict[str, Any]:
    """Return the doors beside the permissions: site, dashboards, tokens, and the trail of recent changes."""
    next_id = id_counter()
    growth, care = next_id("00l"), next_id("00l")
    return {
        "Site": [
            {
                "Id": next_id("0DM"),
                "Name": "Enquiries",
                "MasterLabel": "Enquiries",
                "Status": "Active",
                "GuestUserId": user_id("guest"),
            }
        ],
        "Folder": [
            _folder(growth, "Growth Dashboards", "Public"),
            _folder(care, "Care Dashboards", "Hidden"),
        ],
        "Dashboard": [
            _dashboard(next_id("01Z"), "Fertility Funnel", growth, "drosenthal"),
            _dashboard(next_id("01Z"), "Clinic Load", care, "njoshi"),
            {**_dashboard(next_id("01Z"), "My Campaigns", growth, "vkaur"), "Type": "LoggedInUser"},
        ],
        "OauthToken": [
            _token(next_id("0CQ"), "Account Engagement", "connector", 41_200),
            _token(next_id("0CQ"), "Clinical Record Sync", "ehr", 9_800),
        ],
        "SetupAuditTrail": [
            {"Id": next_id("0Ym"), "CreatedById": user_id("twisniewski"), **change} for change in _CHANGES
        ],
        "LeadShare": [
            {
                "Id": next_id("00r"),
                "LeadId": next_id("00Q"),
                "UserOrGroupId": user_id("guest"),
                "LeadAccessLevel": "Read",
                "RowCause": "GuestRule",
            }
            for _ in range(12)
        ],
    }


_CHANGES: Final[tuple[dict[str, str], ...]] = (
    {
        "Action": "PermSetAssign",
        "Section": "Manage Users",
        "Display": "Permission set Campaign Analytics: assigned to user mchen@harborview.example",
        "CreatedDate": "2026-11-12T14:03:00.000+0000",
    },
    {
        "Action": "PermSetGroupAssign",
        "Section": "Manage Users",
        "Display": "Permission set group Fertility Outreach: assigned to user hnguyen@harborview.example",
        "CreatedDate": "2026-11-18T09:41:00.000+0000",
    },
    {
        "Action": "changedpassword",
        "Section": "Manage Users",
        "Display": "Changed password for user stran@harborview.example",
        "CreatedDate": "2026-11-20T08:12:00.000+0000",
    },
    {
        "Action": "changedprofileforuser",
        "Section": "Manage Users",
        "Display": "Changed profile for user rvale@harborview.example to Patient Growth Representative",
        "CreatedDate": "2026-11-23T22:10:00.000+0000",
    },
)


def _folder(folder_id: str, name: str, access: str) -> dict[str, Any]:
    return {
        "Id": folder_id,
        "Name": name,
        "DeveloperName": name.replace(" ", "_"),
        "AccessType": access,
        "Type": "Dashboard",
    }


def _dashboard(dashboard_id: str, title: str, folder: str, runs_as: str) -> dict[str, Any]:
    return {
        "Id": dashboard_id,
        "Title": title,
        "DeveloperName": title.replace(" ", "_"),
        "FolderId": folder,
        "Type": "SpecifiedUser",
        "RunningUserId": user_id(runs_as),
    }


def _token(token_id: str, app: str, user: str, uses: int) -> dict[str, Any]:
    return {
        "Id": token_id,
        "AppName": app,
        "UserId": user_id(user),
        "UseCount": uses,
        "LastUsedDate": "2026-11-23T23:55:00.000+0000",
    }
