"""What may be written in a configuration file, one class for each kind of mapping in it.

The descriptions are the reference: `config-v1.schema.json` and the table in the documentation are made of them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from auditor.people import UNCLASSIFIED, Sign
from auditor.retention import Minimum
from connectors.hubspot.hosts import API
from connectors.salesforce.hosts import PRODUCTION_LOGIN, SANDBOX_LOGIN
from connectors.salesforce.ids import to18
from connectors.sampling import MOST_ROWS
from crm_audit.config_problems import refused
from crm_audit.config_values import (
    LEAST_API_VERSION,
    ApiName,
    ApiNameOrNothing,
    ApiVersion,
    AudienceName,
    BaseAddress,
    CliAlias,
    Count,
    Day,
    Edition,
    EmailAddress,
    EnvironmentName,
    HubSpotObject,
    HubSpotProperty,
    InstanceAddress,
    LoginAddress,
    MappingFile,
    Name,
    ObjectName,
    Pattern,
    Period,
    PhiClassName,
    PresentFile,
    PresentFolder,
    ProxyAddress,
    ReachLevel,
    SampledObject,
    Seconds,
    SecretPath,
    Text,
    TrytonAddress,
    TrytonDatabase,
)

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


def _first_version(value: object) -> object:
    if str(value) == "1":
        return 1
    raise refused("This is not a version of this file format that is known here.", "Write “version: 1”.")


FirstVersion = Annotated[
    Literal[1],
    BeforeValidator(_first_version),
    Field(description="Version of this file format; always 1."),
]


def _not_reserved(value: str) -> str:
    if value == UNCLASSIFIED:
        raise refused(
            f"“{UNCLASSIFIED}” is the name for everybody without an audience.", "Choose another name."
        )
    return value


class Entry(BaseModel):
    """A mapping in the file: unknown keys are errors, and what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class KeyringEntry(Entry):
    """An entry of the operating system's keyring."""

    service: Text = Field(description="Name of the service in the keyring.")
    user: Text = Field(description="User name in the keyring.")


class SecretEntry(Entry):
    """Where a secret is kept: an environment variable, a file, or the keyring."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [key]} for key in ("env", "file", "keyring")]}
    )

    env: EnvironmentName | None = Field(
        default=None, description="Name of an environment variable, in capitals."
    )
    file: SecretPath | None = Field(
        default=None, description="A file that holds the secret and nothing else."
    )
    keyring: KeyringEntry | None = Field(
        default=None, description="An entry of the operating system's keyring."
    )

    @model_validator(mode="before")
    @classmethod
    def _by_reference(cls, value: object) -> object:
        """Refuse anything else without repeating a word of it, keys included: it may be the secret itself."""
        advice = "Write {env: NAME}, {file: PATH} or {keyring: {service: …, user: …}}."
        if not isinstance(value, dict):
            raise refused("A secret must not be written into the configuration.", advice)
        if len(value) != 1 or not value.keys() <= cls.model_fields.keys():
            raise refused("A secret is named by exactly one of the keys env, file and keyring.", advice)
        return value


class SessionEntry(Entry):
    """Logging in with an access token somebody else obtained."""

    access_token: SecretEntry = Field(description="The access token.")


class JwtEntry(Entry):
    """Logging in with a signed assertion (OAuth 2.0 JWT bearer flow)."""

    consumer_key: SecretEntry = Field(description="Consumer key of the connected app.")
    username: Text = Field(description="The auditing user.")
    private_key: SecretEntry = Field(
        description="Private key (PEM) whose certificate the connected app holds."
    )
    audience: LoginAddress | None = Field(
        default=None, description=f"Login host. Without it {PRODUCTION_LOGIN}, for a sandbox {SANDBOX_LOGIN}."
    )


class ClientCredentialsEntry(Entry):
    """Logging in as an app, which runs as the user set on it (OAuth 2.0 client credentials flow)."""

    consumer_key: SecretEntry = Field(description="Consumer key of the external client app.")
    consumer_secret: SecretEntry = Field(description="Consumer secret of the external client app.")


class OAuthEntry(Entry):
    """Reading a portal as an OAuth app that somebody installed in it."""

    client_id: SecretEntry = Field(description="Client id of the app.")
    client_secret: SecretEntry = Field(description="Client secret of the app.")
    refresh_token: SecretEntry = Field(description="Refresh token of its installation in the portal.")


class PasswordEntry(Entry):
    """Logging in by name and password."""

    login: Text = Field(description="Login of the auditing user.")
    password: SecretEntry = Field(description="Password of the auditing user.")


_WAYS_OF = {
    "salesforce": ("session", "jwt", "client_credentials", "sf_cli"),
    "hubspot": ("token", "oauth"),
    "tryton": ("password",),
}


def _words(platform: str) -> str:
    *others, last = _WAYS_OF[platform]
    return f"{', '.join(others)} and {last}" if others else last


_WAYS = tuple(way for ways in _WAYS_OF.values() for way in ways)


class AuthEntry(Entry):
    """How to log in: exactly one way."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [way]} for way in _WAYS]})

    session: SessionEntry | None = Field(default=None, description="Logging in with an access token.")
    jwt: JwtEntry | None = Field(default=None, description="Logging in with a signed assertion; preferred.")
    client_credentials: ClientCredentialsEntry | None = Field(
        default=None, description="Logging in as an app, at the org's My Domain address."
    )
    sf_cli: CliAlias | None = Field(
        default=None, description="Alias or user name of an org that the sf command is logged in to."
    )
    token: SecretEntry | None = Field(
        default=None, description="HubSpot: a service key, or the token of a private app."
    )
    oauth: OAuthEntry | None = Field(default=None, description="HubSpot: reading as an installed OAuth app.")
    password: PasswordEntry | None = Field(default=None, description="Tryton: login and password.")

    @model_validator(mode="after")
    def _one(self) -> AuthEntry:
        if sum(getattr(self, way) is not None for way in _WAYS) != 1:
            raise refused(
                f"Exactly one of {_words('salesforce')} (HubSpot: {_words('hubspot')}; Tryton: "
                f"{_words('tryton')}) must be given.",
                "Keep the one this target logs in with.",
            )
        return self


class TimeoutsEntry(Entry):
    """How long to wait for the CRM."""

    connect: Seconds = Field(default=10, description="Seconds to wait for a connection.")
    read: Seconds = Field(default=120, description="Seconds to wait for an answer.")


class BudgetEntry(Entry):
    """How much of the org's API allowance a run may use; what is not read for it is unknown."""

    calls: int = Field(default=0, ge=0, description="Most calls of one run; 0 is no bound.")
    daily_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="Stop when this share of the org's calls in 24 hours, by whomever, is used.",
    )


class ObjectsEntry(Entry):
    """Which objects' schema is scanned for fields that look like PHI, where no tags were decided."""

    include: tuple[Text, ...] = Field(
        default=("*",), description="Names of objects; * and ? stand for anything."
    )
    exclude: tuple[Text, ...] = Field(
        default=("*__Feed",), description="Names taken out again; for Tryton ir.* and res.*, unless given."
    )


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise refused("No object is named.", "Name those that may be sampled, or remove “sampling”.")
    return value


class SamplingEntry(Entry):
    """Whose values may be looked at to recognise codes; nothing is, unless this is written (see value-sampling.md)."""

    objects: Annotated[tuple[SampledObject, ...], AfterValidator(_some)] = Field(
        json_schema_extra={"minItems": 1},
        description="Names of objects, one by one; there is no pattern for all.",
    )
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS)] = Field(
        default=50, description=f"Records of each to look at, {MOST_ROWS} at most."
    )


class ExportColumnsEntry(Entry):
    """Headers of the users export, which differ by the language of HubSpot's interface."""

    id: Text | None = Field(default=None, description="Header of the column with the user's id.")
    email: Text | None = Field(default=None, description="Header of the column with the e-mail address.")
    role: Text | None = Field(default=None, description="Header of the column with the permission set.")
    teams: Text | None = Field(default=None, description="Header of the column with the teams.")
    permissions: Text | None = Field(default=None, description="Header of the column with the permissions.")


class ExportMeaningEntry(Entry):
    """What one permission word of the users export gives."""

    object: HubSpotObject = Field(description="Object type, such as contacts or 2-310.")
    view: ReachLevel | None = Field(
        default=None, description="Which records may be viewed; left out: not known."
    )
    edit: ReachLevel | None = Field(
        default=None, description="Which records may be edited; left out: not known."
    )


class UsersExportEntry(Entry):
    """How to read HubSpot's users export, `users.csv` in the evidence folder."""

    columns: ExportColumnsEntry = Field(
        default=ExportColumnsEntry(), description="Headers of the file; without any, the English ones."
    )
    permissions: dict[Text, ExportMeaningEntry] = Field(
        default={}, description="Words of the permissions column; a word that is not here could be anything."
    )


_CONNECTED = ("auth", "ca_bundle", "proxy", "timeouts", "api_budget")
_OF_AN_ORG = ("instance_url", "api_version")
_OF_A_PORTAL = (
    "base_url",
    "edition",
    "evidence",
    "evidence_max_age_days",
    "exceptions",
    "record_sample",
    "users_export",
)
_OF_A_DATABASE = ("url", "database")
_SAMPLED = ("sampling",)
_FOREIGN: dict[str, tuple[str, ...]] = {
    "salesforce": ("project", *_OF_A_PORTAL, *_OF_A_DATABASE),
    "hubspot": ("project", *_OF_AN_ORG, *_OF_A_DATABASE),
    "tryton": ("project", *_OF_AN_ORG, *_OF_A_PORTAL, *_SAMPLED),
    "sfdx": (*_OF_AN_ORG, *_CONNECTED, *_OF_A_PORTAL, *_OF_A_DATABASE, *_SAMPLED),
}
_CALLED = {
    "salesforce": "A Salesforce org",
    "hubspot": "A HubSpot portal",
    "tryton": "A Tryton database",
}
"""Keys that make no sense for a platform."""


def _only(platform: str, then: JsonDict) -> JsonDict:
    refused_keys: JsonDict = dict.fromkeys(_FOREIGN[platform], False)
    properties = {**refused_keys, **cast("JsonDict", then.pop("properties", {}))}
    return {
        "if": {"properties": {"platform": {"const": platform}}},
        "then": {**then, "properties": properties},
    }


def _ways(platform: str) -> JsonDict:
    others: JsonDict = {way: False for way in _WAYS if way not in _WAYS_OF[platform]}
    return {"auth": {"properties": others}}


_BY_PLATFORM: JsonDict = {
    "allOf": [
        _only(
            "salesforce",
            {
                "required": ["auth"],
                "properties": _ways("salesforce"),
                "if": {"properties": {"auth": {"required": ["sf_cli"]}}},
                "else": {"required": ["instance_url"]},
            },
        ),
        _only("hubspot", {"required": ["auth"], "properties": _ways("hubspot")}),
        _only("tryton", {"required": ["auth", *_OF_A_DATABASE], "properties": _ways("tryton")}),
        _only("sfdx", {"required": ["project"]}),
    ]
}
"""What `TargetEntry` checks, for editors."""


class TargetEntry(Entry):
    """One CRM to audit: an org, portal or database, which has a login, or the folder of an org's source."""

    model_config = ConfigDict(json_schema_extra=_BY_PLATFORM)

    name: Name = Field(description="What reports call this CRM; also part of file names.")
    platform: Literal["salesforce", "sfdx", "hubspot", "tryton"] = Field(description="The kind of CRM.")
    instance_url: InstanceAddress | None = Field(
        default=None,
        description="The org's My Domain address. A Salesforce org needs it, except with sf_cli.",
    )
    base_url: BaseAddress | None = Field(
        default=None, description=f"HubSpot: a gateway to go through instead of {API}."
    )
    url: TrytonAddress | None = Field(
        default=None, description="Tryton: the server's address, without the database. Needed for tryton."
    )
    database: TrytonDatabase | None = Field(
        default=None, description="Tryton: the name of the database. Needed for tryton."
    )
    auth: AuthEntry | None = Field(
        default=None,
        description=f"How to log in: exactly one of {_words('salesforce')} for Salesforce, of {_words('hubspot')} for "
        f"HubSpot, {_words('tryton')} for Tryton. Needed except for sfdx.",
    )
    project: PresentFolder | None = Field(
        default=None, description="Folder with the source of an org, for platform sfdx, which needs it."
    )
    api_version: ApiVersion | None = Field(
        default=None,
        description=f"Highest API version to use, {LEAST_API_VERSION}.0 or later; else the org's newest.",
    )
    ca_bundle: PresentFile | None = Field(
        default=None, description="Certificates (PEM) to trust instead of the usual ones."
    )
    proxy: ProxyAddress | None = Field(default=None, description="Proxy to go through.")
    timeouts: TimeoutsEntry = Field(default=TimeoutsEntry(), description="How long to wait.")
    api_budget: BudgetEntry = Field(default=BudgetEntry(), description="How many calls a run may make.")
    objects: ObjectsEntry = Field(
        default=ObjectsEntry(), description="Which objects' schema is scanned without tags."
    )
    sampling: SamplingEntry | None = Field(
        default=None,
        description="Salesforce and HubSpot: whose values may be looked at; without it, nobody's.",
    )
    edition: Edition | None = Field(
        default=None,
        description="HubSpot: the edition you state. Below ENTERPRISE no property can be restricted.",
    )
    evidence: PresentFolder | None = Field(
        default=None,
        description="HubSpot: folder with property-access.csv, permission-sets.csv and users.csv, or some of them.",
    )
    evidence_max_age_days: Annotated[int, Field(ge=1, le=3660)] = Field(
        default=90, description="HubSpot: evidence observed longer ago than this counts no more."
    )
    exceptions: dict[HubSpotObject, tuple[HubSpotProperty, ...]] | None = Field(
        default=None,
        description="HubSpot: the properties that cannot be restricted, instead of the built-in list.",
    )
    record_sample: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=20, description="HubSpot: of how many records per PHI property to ask who may open them."
    )
    users_export: UsersExportEntry | None = Field(
        default=None, description="HubSpot: how to read the users export, users.csv."
    )

    @model_validator(mode="after")
    def _whole(self) -> TargetEntry:
        odd = [key for key in _FOREIGN.get(self.platform, ()) if key in self.model_fields_set]
        if self.platform == "sfdx":
            if self.project is None:
                raise refused("“project” is missing.", "Name the folder that holds the source.")
            if odd:
                raise refused(
                    f"A folder with source has no {odd[0]}.", "Remove it, or audit the org: salesforce."
                )
            return self
        if self.project is not None:
            raise refused("An org has no “project”.", "Remove it, or audit the folder: sfdx.")
        if odd:
            raise refused(
                f"{_CALLED[self.platform]} has no “{odd[0]}”.", "Remove it, or correct the platform."
            )
        ways = _WAYS_OF[self.platform]
        if self.auth is None:
            raise refused("“auth” is missing.", f"It says how to log in: one of {', '.join(ways)}.")
        if all(getattr(self.auth, way) is None for way in ways):
            raise refused(
                f"This is not a way to log in to {self.platform}.", f"Give one of {', '.join(ways)}."
            )
        if self.platform == "hubspot":
            return self
        if self.platform == "tryton":
            for key in _OF_A_DATABASE:
                if getattr(self, key) is None:
                    raise refused(
                        f"“{key}” is missing.", "Give the server's url and the name of the database."
                    )
            return self
        if self.instance_url is None and self.auth.sf_cli is None:
            raise refused("“instance_url” is missing.", "Give the org's My Domain address.")
        return self


class SignsEntry(Entry):
    """Signs by which people are recognised; one hit suffices. Patterns are searched, case ignored."""

    profile: Pattern | None = Field(default=None, description="Pattern for the profile's name.")
    department: Pattern | None = Field(default=None, description="Pattern for the department.")
    role: Pattern | None = Field(default=None, description="Pattern for the role's name.")
    title: Pattern | None = Field(default=None, description="Pattern for the job title.")
    licence: Pattern | None = Field(default=None, description="Pattern for the user licence's name.")
    permission_set: Pattern | None = Field(
        default=None, description="Pattern for the name of a permission set held."
    )
    permission_set_ids: tuple[Name, ...] = Field(
        default=(), description="HubSpot: ids of permission sets (roles), one by one."
    )
    team: Pattern | None = Field(
        default=None, description="HubSpot: pattern for the name of a team, main or additional."
    )
    team_ids: tuple[Name, ...] = Field(default=(), description="HubSpot: ids of teams, one by one.")
    emails: tuple[EmailAddress, ...] = Field(
        default=(), description="E-mail addresses, one by one and whole, in any case."
    )
    marketing_user: bool = Field(
        default=False, description="Whether the Marketing User feature licence is a sign."
    )
    people: tuple[Name, ...] = Field(default=(), description="User ids, one by one.")

    def signs(self) -> tuple[Sign, ...]:
        """Say the same as the core does, in the order in which evidence is listed."""
        patterns = {
            "profile": self.profile,
            "department": self.department,
            "role": self.role,
            "title": self.title,
            "licence": self.licence,
            "sets": self.permission_set,
            "teams": self.team,
        }
        return (
            *(Sign(attribute, pattern) for attribute, pattern in patterns.items() if pattern),
            *(Sign("memberships", f"role:{role}") for role in self.permission_set_ids),
            *(Sign("memberships", f"team:{team}") for team in self.team_ids),
            *(Sign("email", address) for address in self.emails),
            *((Sign("marketing_flag"),) if self.marketing_user else ()),
            *(Sign("id", to18(person)) for person in self.people),
        )


class AudienceEntry(Entry):
    """One class of people with one set of needs; the first audience with a hit is a person's audience."""

    name: Annotated[Name, AfterValidator(_not_reserved)] = Field(
        description="What the policy and reports call this audience."
    )
    why: Text = Field(description="Why these people form an audience, for whoever reads a report.")
    marketing: bool = Field(default=False, description="Whether the rules about marketing apply.")
    confirmed: bool = Field(
        default=True,
        description="false for a proposal that nobody decided yet: it counts, and page one says so.",
    )
    administers: bool = Field(
        default=False,
        description="Whether these people are expected to hand out rights; without effect on marketing.",
    )
    kinds: tuple[Literal["internal", "external", "guest", "system"], ...] = Field(
        default=(), description="Kinds of account that belong here whatever their signs."
    )
    signs: SignsEntry = Field(default=SignsEntry(), description="Signs by which people are recognised.")

    @model_validator(mode="after")
    def _recognisable(self) -> AudienceEntry:
        if not self.kinds and not self.signs.signs():
            raise refused(
                "This audience has no signs, so nobody can belong to it.", "Give it signs or kinds."
            )
        return self


class CellEntry(Entry):
    """What an audience may do with a class of PHI: a word, or the word with who approved it and why."""

    level: Literal["none", "read", "edit"] = Field(description="none, read or edit; edit includes read.")
    approver: Text | None = Field(
        default=None, description="Who approved it, if not whoever approved the policy."
    )
    date: Day | None = Field(default=None, description="When that was approved; needed with an approver.")
    why: Text | None = Field(description="Why the audience needs this (required in the long form).")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"level": value, "why": None} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole_approval(self) -> CellEntry:
        if (self.approver is None) != (self.date is None):
            raise refused("An approval needs both approver and date.", "Give both, or neither.")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both ways of writing a cell."""
        long = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [long["properties"]["level"], long]}


class PolicyEntry(Entry):
    """The minimum-necessary matrix, and who approved it."""

    version: Text = Field(default="draft", description="What reports call this version of the policy.")
    approved_by: Text | None = Field(
        default=None, description="Who approved the matrix. Without it, it is a draft."
    )
    approved_on: Day | None = Field(default=None, description="When it was approved.")
    matrix: dict[AudienceName, dict[PhiClassName, CellEntry]] = Field(
        description="For each audience, what it may do with each class of PHI: fine class, coarse class or *."
    )

    @model_validator(mode="after")
    def _whole_approval(self) -> PolicyEntry:
        if (self.approved_by is None) != (self.approved_on is None):
            raise refused(
                "An approval needs both approved_by and approved_on.", "Give both, or neither for a draft."
            )
        return self


class MinimumEntry(Entry):
    """A legal minimum for a class of records, as your counsel tells it. There are no built-in ones."""

    jurisdiction: Text = Field(description="Where the minimum applies, such as TX.")
    period: Period = Field(description="ISO 8601 duration, such as P7Y.")
    citation: Text = Field(description="The law that says so.")
    verified_on: Day | None = Field(
        default=None,
        description="When counsel verified it. Without it, results say that it was not verified by your counsel.",
    )
    verified_by: Text | None = Field(default=None, description="Who verified it; needed with verified_on.")

    @model_validator(mode="after")
    def _whole_verification(self) -> MinimumEntry:
        if (self.verified_on is None) != (self.verified_by is None):
            raise refused("A verification needs both verified_on and verified_by.", "Give both, or neither.")
        return self

    def minimum(self) -> Minimum:
        """Say the same as the core does."""
        return Minimum(
            self.jurisdiction, self.period, self.citation, self.verified_on, self.verified_by or ""
        )


class RetentionEntry(Entry):
    """How long one class of records may be kept: your own schedule."""

    id: Name = Field(description="What reports call this policy; keep it stable.")
    object: ObjectName = Field(description="API name of the object.")
    anchor: ApiName = Field(description="Date field from which the period runs.")
    period: Period = Field(description="ISO 8601 duration, such as P24M.")
    fallback: ApiNameOrNothing = Field(
        default="", description="Date field for records whose anchor is empty."
    )
    hold: str = Field(
        default="", description="Condition under which records must be kept. It is printed, not evaluated."
    )
    source: str = Field(default="", description="Schedule, notice or law the period comes from.")
    minimums: tuple[MinimumEntry, ...] = Field(
        default=(), description="Legal minimums for these records; a period that ends sooner is reported."
    )
    recovery_window: Period | None = Field(
        default=None,
        description="How long deleted records are known to be recoverable, such as P15D for the recycle bin.",
    )
    why: Text = Field(description="Why this class of records has this period.")


class AcceptedUnknown(Entry):
    """A reading that an owner accepts not to have, until a day on which that has to be decided again."""

    reading: Text = Field(description="Name of the reading that is missing, as reports print it.")
    reason: Text = Field(description="Why it is acceptable not to have it.")
    owner: Text = Field(description="Who accepts it.")
    expires: Day = Field(description="Last day on which the acceptance holds.")

    def in_force(self, day: dt.date) -> bool:
        """Whether the acceptance still holds on a day; it does on the last one."""
        return day <= self.expires


class ReportEntry(Entry):
    """Where reports go."""

    directory: Text = Field(
        default="crm-audit-report", description="Folder for reports; created when needed."
    )


class RunsEntry(Entry):
    """Where the runs of every night are kept, for how long, and how old the last complete one may be."""

    directory: Text = Field(description="Folder with one read-only folder per run; created when needed.")
    keep_days: Count | None = Field(
        default=None, description="Runs younger than this many days are kept. Without it, age removes none."
    )
    keep_last: Count | None = Field(
        default=None, description="This many of the latest runs are kept. Without it, number removes none."
    )
    max_age: Period = Field(
        default="P2D", description="How old the last complete run of a target may be for `crm-audit status`."
    )


class AlertEntry(Entry):
    """Where a message goes when a run brings new exposure, or could no longer read everything."""

    url_from: SecretEntry = Field(
        description="The service's address in Apprise's form, which holds its credential."
    )
    detail: Literal["counts", "internal"] = Field(
        default="counts",
        description="counts, or internal: also what was found, with names of people and fields.",
    )


class OrganisationEntry(Entry):
    """What the organisation is, as far as no system tells."""

    part2: bool = Field(
        default=False,
        description="Whether it is a federally assisted programme for substance use disorders (42 CFR Part 2), or "
        "holds records of one. Findings about such data then cite the rule.",
    )


class ConfigurationFile(Entry):
    """A crm-audit configuration file, version 1."""

    version: FirstVersion
    targets: tuple[TargetEntry, ...] = Field(default=(), description="The CRMs to audit.")
    audiences: tuple[AudienceEntry, ...] | None = Field(
        default=None,
        description="Who is who. The first audience with a hit wins. Without it the built-in audiences.",
    )
    policy: PolicyEntry | None = Field(
        default=None, description="Who may do what. Without it the built-in draft, for audiences that exist."
    )
    mappings: tuple[MappingFile, ...] = Field(
        default=(),
        description="Files that decide which fields are PHI; “gnuhealth” is one that comes with the program.",
    )
    vocabulary: tuple[PresentFile, ...] = Field(
        default=(),
        description="Files with words of your own by which fields with health data are recognised.",
    )
    retention: tuple[RetentionEntry, ...] = Field(
        default=(), description="Your retention schedule; there is no default."
    )
    organisation: OrganisationEntry = Field(
        default=OrganisationEntry(), description="What the organisation is, as far as no system tells."
    )
    accepted_unknowns: tuple[AcceptedUnknown, ...] = Field(
        default=(),
        description="Gaps that an owner accepts: readings that were not collected, or that the vendor exposes "
        "to nobody. What was refused, cut short or failed always counts.",
    )
    waivers: PresentFile | None = Field(
        default=None, description="File with the waivers: findings that somebody accepts until a day."
    )
    decisions: PresentFile | None = Field(
        default=None,
        description="File with what people decided about single fields; without it, tag-decisions.yaml beside this "
        "file, if it is there.",
    )
    strict_credential: bool = Field(
        default=True, description="Stop before reading when the credential could write, or read PHI values."
    )
    report: ReportEntry = Field(default=ReportEntry(), description="Where reports go.")
    runs: RunsEntry | None = Field(
        default=None, description="Where runs are kept, night after night, instead of one report."
    )
    alerts: tuple[AlertEntry, ...] = Field(
        default=(), description="Who hears of new exposure; needs runs to compare with."
    )

    @model_validator(mode="after")
    def _comparable(self) -> ConfigurationFile:
        if self.alerts and self.runs is None:
            raise refused(
                "“alerts” need “runs”: what is new shows against the run before.",
                "Write runs: {directory: …}, or remove the alerts.",
            )
        return self
