"""The demo clinic's people: roles, profiles, users and the audience each user belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from sandbox.salesforce.clinic_ids import record_id

Audience = Literal[
    "marketing", "care", "front_desk", "billing", "administration", "external", "guest", "integration"
]
State = Literal["active", "inactive", "frozen"]


@dataclass(frozen=True)
class Person:
    """A user of the demo org."""

    id: str
    key: str
    name: str
    title: str
    department: str
    role: str
    profile: str
    audience: Audience
    licence: bool
    state: State


ROLES: Final[Mapping[str, tuple[str, str | None]]] = {
    "executive": ("Executive", None),
    "compliance": ("Compliance", "executive"),
    "systems": ("Information Systems", "executive"),
    "marketing": ("Marketing", "executive"),
    "campaigns": ("Campaigns", "marketing"),
    "growth": ("Patient Growth", "marketing"),
    "care": ("Care Operations", "executive"),
    "fertility": ("Fertility Care", "care"),
    "skin": ("Skin and Hair Care", "care"),
    "mind": ("Behavioural Health", "care"),
    "sleep": ("Sleep Medicine", "care"),
    "desk": ("Front Desk", "care"),
    "finance": ("Revenue Cycle", "executive"),
}
"""Role key → (name, key of the role above)."""

PROFILES: Final[Mapping[str, tuple[str, str, str]]] = {
    "admin": ("System Administrator", "Standard", "Salesforce"),
    "api": ("Minimum Access - API Only Integrations", "Standard", "Salesforce Integration"),
    "minimum": ("Minimum Access - Salesforce", "Standard", "Salesforce"),
    "marketing_user": ("Marketing User", "Standard", "Salesforce"),
    "marketing_manager": ("Marketing Manager", "Standard", "Salesforce"),
    "growth_rep": ("Patient Growth Representative", "Standard", "Salesforce"),
    "care_coordinator": ("Care Coordinator", "Standard", "Salesforce"),
    "clinical_staff": ("Clinical Staff", "Standard", "Salesforce"),
    "front_desk": ("Front Desk", "Standard", "Salesforce"),
    "billing": ("Billing and Insurance", "Standard", "Salesforce"),
    "guest": ("Harborview Enquiry Site Guest", "Guest", "Guest User License"),
    "partner": ("Partner Agency", "PowerPartner", "Partner Community"),
}
"""Profile key → (name, user type, user licence)."""

USER_LICENSES: Final[Mapping[str, str]] = {
    "Salesforce": "SFDC",
    "Salesforce Integration": "PID_Integration",
    "Guest User License": "PID_Guest_User",
    "Partner Community": "PID_Partner_Community",
}
"""Licence name → LicenseDefinitionKey."""

# key | name | title | department | role | profile | notes (marketing licence, inactive, frozen)
_STAFF: Final[Mapping[Audience, str]] = {
    "integration": """
audit | Audit Integration | Service account | Integrations | - | api
connector | Account Engagement Connector | Service account | Integrations | - | api
ehr | Clinical Record Sync | Service account | Integrations | - | api
""",
    "administration": """
nhaddad | Noor Haddad | CRM Platform Lead | Information Systems | systems | admin
twisniewski | Tomasz Wiśniewski | Salesforce Administrator | Information Systems | systems | admin
lbenami | ליאור בן־עמי | Service Desk Specialist | Information Systems | systems | minimum
hsolberg | Henrik Solberg | Data Warehouse Analyst | Information Systems | systems | minimum
gokonkwo | Grace Okonkwo-Bell | Privacy Officer | Compliance | compliance | minimum
praghunathan | Priya Raghunathan | Chief Operating Officer | Executive Office | executive | minimum
""",
    "marketing": """
cbeaumont | Chloé Beaumont | Marketing Coordinator | Marketing | campaigns | marketing_user | licence
dmarsh | Delphine Marsh | Email Marketing Specialist | Marketing | campaigns | marketing_user | licence
jferreira | João Ferreira-Pinto | Paid Media Specialist | Marketing | campaigns | marketing_user | licence
mchen | 陳美玲 | Campaign Analyst | Marketing | campaigns | marketing_user | licence
rcastellanos | Rafael Castellanos | Automation Specialist | Marketing | campaigns | marketing_user | licence
aoleary | Aisling O'Leary | CRM Marketing Analyst | Growth | campaigns | marketing_user
sbrandt | Sofie Brandt | Fertility Campaign Lead | Marketing | campaigns | marketing_user | licence
ymansour | يوسف منصور | Lifecycle Marketing Manager | Growth | campaigns | marketing_user
hnguyen | Nguyễn Thị Hạnh | Events Marketing Specialist | Marketing | campaigns | marketing_user | licence
tmueller | Torben Müller | Marketing Coordinator | Marketing | campaigns | marketing_user | licence
pnakamura | Pia Nakamura | SEO Specialist | Marketing | campaigns | marketing_user
wabara | Wanjiru Abara | Social Media Manager | Marketing | campaigns | marketing_user
gmoreau | Gaël Moreau | Copywriter | Marketing | campaigns | marketing_user
kadeyemi | Kemi Adeyemi | Growth Analyst | Growth | - | minimum
elindqvist | Ebba Lindqvist | Content Strategist | Growth | - | minimum
opetrenko | Olena Petrenko | Marketing Operations Engineer | Marketing | campaigns | minimum
vkaur | Virpal Kaur | Director of Marketing | Marketing | marketing | marketing_manager | licence
bthornton | Beau Thornton | Brand Manager | Marketing | campaigns | marketing_manager | licence
izaldivar | Inés Zaldívar | Head of Growth | Growth | marketing | marketing_manager
fkoroma | Fatou Koroma | Patient Growth Representative | Growth | growth | growth_rep
lherrera | Lucía Herrera | Patient Growth Representative | Growth | growth | growth_rep
dwhitcombe | Dana\\nWhitcombe | Patient Growth Representative | Growth | growth | growth_rep
rvale | =Robin Vale | Patient Growth Team Lead | Growth | growth | growth_rep
sdubois | Séverine Dubois | Campaign Analyst | Marketing | campaigns | marketing_user | licence, inactive
aporter | Alex Porter | Marketing Intern | Marketing | - | minimum | inactive
""",
    "care": """
mbaptiste | Marguerite Baptiste | Care Coordinator | Market Street Clinic | fertility | care_coordinator
oduarte | Otávio Duarte | Care Coordinator | Market Street Clinic | skin | care_coordinator
njoshi | Nandini Joshi | Senior Care Coordinator | Care Operations | care | care_coordinator
ehartley | Eleanor Hartley | Care Coordinator | Elm House | mind | care_coordinator
kbakker | Koen Bakker | Care Coordinator | Tidewater Sleep | sleep | care_coordinator
drosenthal | Dr Dafna Rosenthal | Fertility Physician | Harbor Street Fertility | fertility | clinical_staff
dmensah | Dr Kwabena Mensah | Dermatologist | Northpoint Skin and Hair | skin | clinical_staff
dvolkova | Dr Irina Volkova | Psychiatrist | Elm House | mind | clinical_staff
dsaito | Dr 齋藤健 | Sleep Physician | Tidewater Sleep | sleep | clinical_staff
jmcallister | Jean McAllister | Fertility Nurse | Harbor Street Fertility | fertility | clinical_staff
aquispe | Amaru Quispe | Registered Nurse | Northpoint Skin and Hair | skin | clinical_staff
bfarrow | Bridget Farrow | Nurse Practitioner | Elm House | mind | clinical_staff
tnasser | Tariq Nasser | Patient Outreach Nurse | Care Operations | care | clinical_staff
cweiss | Clara Weiß | Psychotherapist | Elm House | mind | minimum
lokafor | Lotanna Okafor | Psychotherapist | Elm House | mind | minimum
pstavros | Petros Stavros | Sleep Technologist | Tidewater Sleep | sleep | minimum
hlarsen | Hedda Larsen | Embryologist | Harbor Street Fertility | fertility | minimum
ygutierrez | Yolanda Gutiérrez | Physician Assistant | Northpoint Skin and Hair | skin | minimum
mkeane | Maeve Keane | Fertility Nurse | Harbor Street Fertility | fertility | clinical_staff | inactive
jabbott | Jonah Abbott | Psychotherapist | Elm House | mind | minimum | frozen
""",
    "front_desk": """
stran | Sơn Trần | Front Desk Lead | Market Street Clinic | desk | front_desk
aclarke | Aaliyah Clarke | Receptionist | Harbor Street Fertility | desk | front_desk
mpetersen | Mads Petersen | Receptionist | Northpoint Skin and Hair | desk | front_desk
rkhoury | Rima Khoury | Receptionist | Elm House | desk | front_desk
jvandam | Joost van Dam | Night Receptionist | Tidewater Sleep | desk | front_desk
ebianchi | Elisa Bianchi | Scheduling Specialist | Care Operations | desk | minimum
obrennan | Orla Brennan | Scheduling Specialist | Care Operations | desk | minimum
""",
    "billing": """
wgrant | Winston Grant | Revenue Cycle Manager | Revenue Cycle | finance | billing
zyilmaz | Zeynep Yılmaz | Insurance Verification Specialist | Revenue Cycle | finance | billing
pcosta | Paula Costa | Billing Specialist | Revenue Cycle | finance | billing
dkowalczyk | Darek Kowalczyk | Claims Specialist | Revenue Cycle | finance | minimum
miyer | Meera Iyer | Claims Specialist | Revenue Cycle | finance | minimum
""",
    "external": """
agency | Bright Harbor Media (Casey Lund) | Account Executive | Partner agency | - | partner
""",
    "guest": """
guest | Enquiry Site Guest User | - | - | - | guest
""",
}


def _person(number: int, audience: Audience, line: str) -> Person:
    key, name, title, department, role, profile, *notes = (cell.strip() for cell in line.split(" | "))
    words = notes[0].split(", ") if notes else []
    state = next((word for word in words if word in get_args(State)), "active")
    return Person(
        id=record_id("005", 1000 + number),
        key=key,
        name=name.replace("\\n", "\n"),
        title=title,
        department=department,
        role=role,
        profile=profile,
        audience=audience,
        licence="licence" in words,
        state=cast("State", state),
    )


def _people() -> tuple[Person, ...]:
    lines = [(audience, line) for audience, table in _STAFF.items() for line in table.strip().splitlines()]
    return tuple(_person(number, audience, line) for number, (audience, line) in enumerate(lines, start=1))


PEOPLE: Final = _people()
_BY_KEY: Final = {person.key: person for person in PEOPLE}
_PROFILE_IDS: Final = {key: record_id("00e", number) for number, key in enumerate(PROFILES, start=1)}
_ROLE_IDS: Final = {key: record_id("00E", number) for number, key in enumerate(ROLES, start=1)}
_LICENSE_IDS: Final = {name: record_id("100", number) for number, name in enumerate(USER_LICENSES, start=1)}

AUDIENCES: Final[dict[str, tuple[str, ...]]] = {
    audience: tuple(person.id for person in PEOPLE if person.audience == audience)
    for audience in get_args(Audience)
}
"""Audience → ids of its users, inactive and frozen ones included."""


def user_id(key: str) -> str:
    """Return the id of the user with this key."""
    return _BY_KEY[key].id


def profile_id(key: str) -> str:
    """Return the Profile id of a profile key."""
    return _PROFILE_IDS[key]


def license_id(name: str) -> str:
    """Return the UserLicense id of a licence name."""
    return _LICENSE_IDS[name]


def active_with_profile(*profiles: str) -> tuple[str, ...]:
    """Return the ids of the active users who hold one of these profiles."""
    return tuple(person.id for person in PEOPLE if person.profile in profiles and person.state == "active")


def people_tables() -> dict[str, Any]:
    """Return the fixture tables that say who works here."""
    return {
        "UserLicense": [_license_row(name) for name in USER_LICENSES],
        "UserRole": [_role_row(key) for key in ROLES],
        "Profile": [_profile_row(key) for key in PROFILES],
        "User": [_user_row(person) for person in PEOPLE],
        "UserLogin": [_login_row(number, person) for number, person in enumerate(PEOPLE, start=1)],
    }


def _license_row(name: str) -> dict[str, Any]:
    key = USER_LICENSES[name]
    return {
        "Id": license_id(name),
        "Name": name,
        "MasterLabel": name,
        "LicenseDefinitionKey": key,
        "Status": "Active",
        "TotalLicenses": 100,
        "UsedLicenses": sum(PROFILES[person.profile][2] == name for person in PEOPLE),
    }


def _role_row(key: str) -> dict[str, Any]:
    name, parent = ROLES[key]
    return {
        "Id": _ROLE_IDS[key],
        "Name": name,
        "DeveloperName": name.replace(" ", "_"),
        "ParentRoleId": None if parent is None else _ROLE_IDS[parent],
        "PortalType": "None",
    }


def _profile_row(key: str) -> dict[str, Any]:
    name, user_type, licence = PROFILES[key]
    return {"Id": profile_id(key), "Name": name, "UserType": user_type, "UserLicenseId": license_id(licence)}


def _user_row(person: Person) -> dict[str, Any]:
    given, _, family = person.name.replace("\n", " ").rpartition(" ")
    mailbox = f"{person.key}@harborview.example"
    return {
        "Id": person.id,
        "Username": mailbox,
        "Email": mailbox,
        "Alias": person.key[:8],
        "Name": person.name,
        "FirstName": given or None,
        "LastName": family,
        "Title": None if person.title == "-" else person.title,
        "Department": None if person.department == "-" else person.department,
        "CompanyName": "Bright Harbor Media" if person.audience == "external" else "Harborview Wellness",
        "IsActive": person.state != "inactive",
        "UserType": PROFILES[person.profile][1],
        "ProfileId": profile_id(person.profile),
        "UserRoleId": _ROLE_IDS.get(person.role),
        "UserPermissionsMarketingUser": person.licence,
        "LastLoginDate": _last_login(person),
    }


def _last_login(person: Person) -> str | None:
    if person.audience == "guest":
        return None
    day = "2025-03-14" if person.state == "inactive" else "2026-11-20"
    return f"{day}T09:30:00.000+0000"


def _login_row(number: int, person: Person) -> dict[str, Any]:
    return {
        "Id": record_id("0Yw", number),
        "UserId": person.id,
        "IsFrozen": person.state == "frozen",
        "IsPasswordLocked": False,
    }
