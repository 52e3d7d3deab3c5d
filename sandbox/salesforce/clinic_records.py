"""The demo clinic's records: 20,000 invented rows whose every sensitive value can be recognised.

No value here may ever leave an audit. Each patient name, mailbox, clinical value and free text therefore
carries the marker ``CANARY-PHI`` and a number of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, Final

from sandbox.salesforce.clinic_ids import record_id
from sandbox.salesforce.clinic_people import PEOPLE

CANARY: Final = "CANARY-PHI"
"""What every sensitive record value contains."""

RECORD_COUNTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Account": 80,
        "Campaign": 40,
        "Lead": 6500,
        "Contact": 5000,
        "Task": 4000,
        "Intake__c": 2000,
        "Appointment__c": 800,
        "CampaignMember": 400,
        "Treatment_Plan__c": 300,
        "Case": 300,
        "Opportunity": 250,
        "Event": 150,
        "Consent__c": 120,
        "Insurance_Policy__c": 60,
    }
)
"""Object → number of its records, deleted and archived ones included."""

_PREFIXES: Final[Mapping[str, str]] = {
    "Account": "001",
    "Campaign": "701",
    "Lead": "00Q",
    "Contact": "003",
    "Task": "00T",
    "Intake__c": "a00",
    "Appointment__c": "a01",
    "CampaignMember": "00v",
    "Treatment_Plan__c": "a02",
    "Case": "500",
    "Opportunity": "006",
    "Event": "00U",
    "Consent__c": "a03",
    "Insurance_Policy__c": "a04",
}
_FIRST: Final = date(2014, 1, 2)
_DAYS: Final = tuple(
    (_FIRST + timedelta(days=offset)).isoformat() for offset in range((date(2026, 11, 24) - _FIRST).days)
)
"""Every day of the clinic's history; a day is drawn as an index into it."""

_YEAR: Final = 365
_TWELVE_YEARS_AGO: Final = _DAYS.index("2014-11-24")

_FAMILY_NAMES: Final = (
    *("Rivera", "Novak", "Haddad", "Lindgren", "Osei", "Marchetti", "Tanaka", "Sokolova", "Brennan", "Mbeki"),
    *("Cohen", "Yılmaz", "Duarte", "Petrov", "Nguyen", "Abara", "Castillo", "Weiss", "Moreau", "Kaur"),
    *("Iversen", "Park", "Delgado", "Farouk"),
)
_DIAGNOSES: Final = (
    "Androgenetic alopecia",
    "Atopic dermatitis",
    "Endometriosis",
    "Generalised anxiety",
    "Sleep apnoea",
    "migraine",
)
_MEDICINES: Final = (
    "finasteride 1 mg",
    "sertraline 50 mg",
    "letrozole 2.5 mg",
    "melatonin 2 mg",
    "isotretinoin 20 mg",
)
_REASONS: Final = (
    "Hair loss",
    "Trying to conceive",
    "Anxiety or low mood",
    "Sleep problems",
    "Skin condition",
)
_TREATMENTS: Final = (
    "IVF",
    "Egg freezing",
    "Hair transplant",
    "Isotretinoin",
    "Ketamine therapy",
    "CPAP",
    "CBT-I",
)
_REMARKS: Final = (
    "asked to be called after work",
    "worried about side effects",
    "partner will come along",
    "says it has been worse since spring",
    "wants a second opinion",
)
_CLINICS: Final = (
    "Harbor Street Fertility",
    "Northpoint Skin and Hair",
    "Elm House Behavioural",
    "Tidewater Sleep",
)
_SOURCES: Final = ("Web", "Phone", "Referral", "Event", "Partner agency")
_CAMPAIGNS: Final = (
    "Open day",
    "Spring webinar",
    "Newsletter",
    "Radio spots",
    "Search ads",
    "Referral mailing",
)

Row = list[Any]


class _Draw:
    """Random choices in a fixed order, and canaries that never repeat."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - invented demo data; repeatable matters, secret does not
        self._canaries = 0

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    def pick(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def day(self, first: int = 0) -> int:
        """Draw a day from ``first`` to today, recent ones more often, as a growing clinic would have them."""
        return first + int((len(_DAYS) - first) * self._random.random() ** 0.75)

    def later(self, day: int, within: int) -> int:
        return min(day + self.below(within), len(_DAYS) - 1)

    def marker(self) -> str:
        self._canaries += 1
        return f"{CANARY}-{self._canaries:05d}"

    def secret(self, choices: Sequence[str]) -> str:
        """Draw a sensitive value, with its canary."""
        return f"{self.marker()} {self.pick(choices)}"

    def sometimes(self, share: float, choices: Sequence[str]) -> str | None:
        return self.secret(choices) if self.chance(share) else None


def _staff(*audiences: str) -> tuple[str, ...]:
    return tuple(person.id for person in PEOPLE if person.audience in audiences and person.state == "active")


_CARE: Final = _staff("care")
_DESK: Final = _staff("front_desk")
_BILLING: Final = _staff("billing")
_MARKETING: Final = _staff("marketing")


def _moment(day: int) -> str:
    return f"{_DAYS[day]}T10:15:00.000+0000"


def _other(draw: _Draw, object_name: str) -> str:
    return record_id(_PREFIXES[object_name], 1 + draw.below(RECORD_COUNTS[object_name]))


def _account(draw: _Draw) -> Row:
    kind = draw.pick(("Household", "Household", "Employer", "Supplier", "Referral practice"))
    return [
        f"{draw.marker()} {kind}",
        kind,
        draw.pick(("Net 15", "Net 30")),
        draw.pick(_BILLING),
        _moment(draw.day()),
    ]


def _campaign(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    name = f"{draw.pick(_CAMPAIGNS)} {_DAYS[day][:7]}"
    return [name, draw.pick(("Email", "Event", "Social")), _DAYS[day], draw.pick(_MARKETING), _moment(day)]


def _lead(draw: _Draw) -> Row:
    day = draw.day()
    name = f"{draw.pick(_FAMILY_NAMES)} {draw.marker()}"
    converted = draw.chance(0.22)
    return [
        name,
        name,
        f"{draw.marker()}@mail.example",
        "[not provided]",
        "Converted" if converted else draw.pick(("New", "Working", "Nurturing", "Unqualified")),
        converted,
        _DAYS[draw.later(day, 60)] if converted else None,
        draw.pick(_SOURCES),
        draw.secret(_REASONS),
        draw.sometimes(0.7, _TREATMENTS),
        draw.sometimes(0.2, _REMARKS),
        draw.pick(_MARKETING),
        _moment(day),
        _DAYS[draw.later(day, 400)] if draw.chance(0.7) else None,
        draw.chance(0.02),
    ]


def _contact(draw: _Draw) -> Row:
    day = draw.day()
    name = f"{draw.pick(_FAMILY_NAMES)} {draw.marker()}"
    return [
        name,
        name,
        f"{draw.marker()}@mail.example",
        _other(draw, "Account"),
        draw.marker(),
        draw.sometimes(0.8, _DIAGNOSES),
        draw.sometimes(0.5, _MEDICINES),
        draw.sometimes(0.2, _REMARKS),
        _DAYS[draw.later(day, 900)] if draw.chance(0.85) else None,
        draw.pick(_CARE),
        _moment(day),
        _DAYS[draw.later(day, 900)] if draw.chance(0.8) else None,
        draw.chance(0.03),
    ]


def _task(draw: _Draw) -> Row:
    day = draw.day()
    closed = draw.chance(0.85)
    # Salesforce archives closed activities that are more than a year old.
    archived = closed and day < len(_DAYS) - _YEAR
    return [
        draw.secret(("call back", "send form", "check results", "ask for photos")),
        draw.sometimes(0.4, _REMARKS),
        draw.sometimes(0.1, _DIAGNOSES),
        "Completed" if closed else "Open",
        closed,
        _DAYS[day] if draw.chance(0.93) else None,
        _other(draw, "Contact"),
        draw.pick(_CARE + _DESK),
        _moment(day),
        archived,
        draw.chance(0.01),
    ]


def _intake(draw: _Draw) -> Row:
    old = draw.chance(0.04)
    day = draw.below(_TWELVE_YEARS_AGO // 2) if old else draw.day()
    closed = old or draw.chance(0.7)
    closed_on = draw.later(day, _TWELVE_YEARS_AGO // 2 if old else 200)
    return [
        f"INT {draw.marker()}",
        _other(draw, "Contact"),
        "Closed" if closed else draw.pick(("Open", "In review", "Accepted")),
        draw.secret(("Fertility", "Dermatology", "Behavioural health", "Sleep")),
        draw.secret(_REASONS),
        draw.sometimes(0.3, ("none reported", "stopped last year", "weekend drinking")),
        draw.sometimes(0.4, _REMARKS),
        _DAYS[day],
        _DAYS[closed_on] if closed and draw.chance(0.97) else None,
        draw.pick(_CARE),
        _moment(day),
        draw.chance(0.01),
    ]


def _appointment(draw: _Draw) -> Row:
    day = draw.day()
    return [
        f"APT {draw.marker()}",
        _other(draw, "Contact"),
        _DAYS[day] if draw.chance(0.97) else None,
        draw.secret(("Booked", "Completed", "No-show", "Cancelled")),
        draw.secret(_CLINICS),
        draw.secret(_REASONS),
        draw.sometimes(0.6, _DIAGNOSES),
        draw.pick(_CARE),
        _moment(day),
    ]


def _campaign_member(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    areas = ("Fertility", "Skin and hair", "Mind", "Sleep")
    return [
        _other(draw, "Campaign"),
        _other(draw, "Lead"),
        draw.pick(("Sent", "Opened", "Responded")),
        draw.sometimes(0.5, areas),
        draw.sometimes(0.2, _REMARKS),
        _moment(day),
    ]


def _treatment_plan(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    return [
        f"PLAN {draw.marker()}",
        _other(draw, "Intake__c"),
        draw.secret(("Draft", "Active", "Completed", "Stopped")),
        draw.secret(("fewer bad nights", "regrowth at the crown", "one transfer", "less worry")),
        draw.sometimes(0.7, _MEDICINES),
        _DAYS[draw.later(day, 200)] if draw.chance(0.9) else None,
        _moment(day),
    ]


def _case(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    closed = draw.chance(0.8)
    return [
        draw.secret(("complaint", "tracker does not sync", "bill question")),
        draw.sometimes(0.8, _REMARKS),
        draw.sometimes(0.1, ("Reaction", "Infection")),
        _other(draw, "Contact"),
        "Closed" if closed else "Working",
        closed,
        _moment(draw.later(day, 90)) if closed else None,
        draw.pick(_DESK + _BILLING),
        _moment(day),
    ]


def _opportunity(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    return [
        f"{draw.marker()} package",
        _other(draw, "Account"),
        draw.pick(("Consult", "Quoted", "Won", "Lost")),
        _DAYS[draw.later(day, 120)],
        draw.secret(_TREATMENTS),
        draw.pick(_BILLING),
        _moment(day),
    ]


def _event(draw: _Draw) -> Row:
    day = draw.day(_YEAR)
    subject = draw.secret(("first consult", "follow-up", "embryo transfer", "therapy hour"))
    return [
        subject,
        draw.secret(_CLINICS),
        _DAYS[day],
        _other(draw, "Contact"),
        draw.pick(_CARE),
        _moment(day),
    ]


def _consent(draw: _Draw) -> Row:
    day = draw.day()
    kinds = ("Treatment", "Release of information", "Photo", "Marketing authorisation")
    return [
        f"CON {draw.marker()}",
        _other(draw, "Contact"),
        draw.secret(kinds),
        _DAYS[day],
        draw.sometimes(0.3, _REMARKS),
        draw.pick(_DESK),
        _moment(day),
    ]


def _insurance(draw: _Draw) -> Row:
    day = draw.day()
    return [
        f"INS {draw.marker()}",
        _other(draw, "Contact"),
        draw.secret(("Meridian Mutual", "Coastline Health", "Unity Cover")),
        draw.marker(),
        draw.sometimes(0.5, _DIAGNOSES),
        _DAYS[day],
        draw.pick(_BILLING),
        _moment(day),
    ]


_COLUMNS: Final[Mapping[str, str]] = {
    "Account": "Name Type Payment_Condition__c OwnerId CreatedDate",
    "Campaign": "Name Type StartDate OwnerId CreatedDate",
    "Lead": (
        "LastName Name Email Company Status IsConverted ConvertedDate LeadSource Reason_for_Visit__c "
        "Treatment_of_Interest__c Description OwnerId CreatedDate LastActivityDate IsDeleted"
    ),
    "Contact": (
        "LastName Name Email AccountId MRN__c Diagnosis__c Current_Medications__c Description "
        "Last_Service_Date__c OwnerId CreatedDate LastActivityDate IsDeleted"
    ),
    "Task": (
        "Subject Description Symptom_Reported__c Status IsClosed ActivityDate WhoId OwnerId CreatedDate "
        "IsArchived IsDeleted"
    ),
    "Intake__c": (
        "Name Patient__c Status__c Program__c Chief_Complaint__c Substance_Use_History__c Intake_Notes__c "
        "Received_Date__c Closed_Date__c OwnerId CreatedDate IsDeleted"
    ),
    "Appointment__c": (
        "Name Patient__c Appointment_Date__c Status__c Clinic__c Reason__c Visit_Diagnosis__c OwnerId "
        "CreatedDate"
    ),
    "CampaignMember": "CampaignId LeadId Status Interest_Area__c Webinar_Question__c CreatedDate",
    "Treatment_Plan__c": "Name Intake__c Plan_Status__c Goals__c Drug_1__c Last_Session_Date__c CreatedDate",
    "Case": (
        "Subject Description Adverse_Event_Type__c ContactId Status IsClosed ClosedDate OwnerId CreatedDate"
    ),
    "Opportunity": "Name AccountId StageName CloseDate Package__c OwnerId CreatedDate",
    "Event": "Subject Location ActivityDate WhoId OwnerId CreatedDate",
    "Consent__c": "Name Patient__c Consent_Type__c Signed_On__c Remarks__c OwnerId CreatedDate",
    "Insurance_Policy__c": (
        "Name Patient__c Payer__c Member_ID__c Billing_Diagnosis__c Effective_From__c OwnerId CreatedDate"
    ),
}
_MAKERS: Final[Mapping[str, Callable[[_Draw], Row]]] = {
    "Account": _account,
    "Campaign": _campaign,
    "Lead": _lead,
    "Contact": _contact,
    "Task": _task,
    "Intake__c": _intake,
    "Appointment__c": _appointment,
    "CampaignMember": _campaign_member,
    "Treatment_Plan__c": _treatment_plan,
    "Case": _case,
    "Opportunity": _opportunity,
    "Event": _event,
    "Consent__c": _consent,
    "Insurance_Policy__c": _insurance,
}


def record_tables() -> dict[str, Any]:
    """Return the fixture tables of the record objects; every call gives equal ones."""
    draw = _Draw(seed=20261124)
    return {name: _table(draw, name, count) for name, count in RECORD_COUNTS.items()}


def _table(draw: _Draw, name: str, count: int) -> dict[str, Any]:
    make, prefix = _MAKERS[name], _PREFIXES[name]
    rows: Iterable[Row] = ([record_id(prefix, number), *make(draw)] for number in range(1, count + 1))
    return {"columns": ["Id", *_COLUMNS[name].split()], "rows": list(rows)}
