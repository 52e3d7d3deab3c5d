"""The kinds of value a configuration file holds: names, patterns, days, periods, addresses, files.

Some can only be judged by what is around them; a `Surroundings` as the validation's context says what that is.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import isodate
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from auditor.errors import ConfigError
from auditor.retention import RetentionPolicy
from connectors.hubspot.hosts import base_of
from connectors.salesforce.hosts import check_alias, instance_of, login_of
from connectors.tryton import hosts as tryton
from crm_audit.config_problems import did_you_mean, refused, shown
from mappings import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

LEAST_API_VERSION = 63


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is checked against: the folder of its paths, and the names its policy may use."""

    folder: Path
    audiences: Collection[str]
    phi_classes: Collection[str]


def _shaped(shape: str, sentence: str, hint: str) -> AfterValidator:
    """Accept text of one shape."""

    def check(value: str) -> str:
        if not re.fullmatch(shape, value):
            raise refused(sentence, hint)
        return value

    return AfterValidator(check)


def _searchable(value: str) -> str:
    """Accept a regular expression that says something."""
    with warnings.catch_warnings():
        # A pattern Python is unsure about is not one to judge people by.
        warnings.simplefilter("error")
        try:
            compiled = re.compile(value, re.IGNORECASE)
        except re.error as error:
            position = f" at character {error.pos + 1}" if error.pos is not None else ""
            raise refused(
                f"This is not a regular expression: {error.msg}{position}.",
                "Write \\ before a character meant as it stands, and keep the pattern in single quotes.",
            ) from None
        except (OverflowError, RecursionError, Warning):
            raise refused(
                "This is not a regular expression Python is sure about.", "Write it more simply."
            ) from None
    if compiled.search(""):
        raise refused(
            "This pattern matches everything.", "Look for an empty alternative, such as a “|” at the end."
        )
    return value


def _day(value: object) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise refused(
            "This is not a day of the calendar.", "Write year, month and day, as in 2027-03-31."
        ) from None


def _moment(value: object) -> dt.datetime:
    """Read a moment; a day without a time begins at midnight UTC."""
    hint = "Write it with its offset, as in 2020-11-24T00:00:00Z."
    try:
        moment = dt.datetime.fromisoformat(str(value))
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            moment = moment.replace(tzinfo=dt.UTC)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise refused("This is not a date and time.", hint) from None
    raise refused("This does not say in which time zone it is.", hint)


def _zoned_day(value: str) -> str:
    """Accept a day with the IANA time zone it is a day of, and write both in one way."""
    hint = "Write the day and its zone, as in 2027-02-22 Europe/Madrid."
    day, _, zone = value.partition(" ")
    try:
        found = f"{dt.date.fromisoformat(day)} {ZoneInfo(zone.strip()).key}"
    except (ValueError, OSError, ZoneInfoNotFoundError):
        found = ""
    # Far years have no moment in every zone.
    if not "2000" <= found[:4] < "2200":
        raise refused("This is not a day with the time zone it is in.", hint)
    return found


def day_begins(zoned: str, *, later: int = 0) -> dt.datetime:
    """Give the moment a `ZonedDay` begins (or one some days `later`), in UTC."""
    day, _, zone = zoned.partition(" ")
    begins = dt.datetime.combine(
        dt.date.fromisoformat(day) + dt.timedelta(days=later), dt.time(), ZoneInfo(zone)
    )
    return begins.astimezone(dt.UTC)


def _period(value: str) -> str:
    hint = "P24M is 24 months, P7Y seven years, P30D thirty days."
    if loose := re.fullmatch(r"[Pp]?\s*(\d{1,4})\s*([dwmyDWMY])[a-z]*\s*", value):
        hint = f"Did you mean “P{loose[1]}{loose[2].upper()}”? {hint}"
    moment = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    if not re.fullmatch(r"P[0-9YMWDTHS]+", value):
        raise refused("This is not an ISO 8601 duration.", hint)
    try:
        cutoff = RetentionPolicy("", "", "", value).cutoff_at(moment)
    except isodate.ISO8601Error:
        raise refused("This is not an ISO 8601 duration.", hint) from None
    except (ValueError, OverflowError):
        raise refused("This period is longer than the calendar.", hint) from None
    if cutoff >= moment:
        raise refused("A period of nothing would make every record overdue.", hint)
    return value


def _recent(value: str) -> str:
    if float(value) < LEAST_API_VERSION:
        raise refused(
            f"API versions before {LEAST_API_VERSION}.0 do not show who can view all fields of an object.",
            f"Give {LEAST_API_VERSION}.0 or later, or leave the key out.",
        )
    return value


def _as(convert: Callable[[str], str]) -> AfterValidator:
    """Accept what a connector accepts, and take it as the connector writes it."""

    def check(value: str) -> str:
        try:
            return convert(value)
        except ConfigError as error:
            raise refused(error.message, error.hint) from None

    return AfterValidator(check)


def _proxy(value: str) -> str:
    """Accept a proxy without TLS too: the tunnel through it has its own."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise refused("This is not a web address.", "Write it as in http://proxy.example:8080.")
    if parts.username is not None or parts.password is not None:
        raise refused(
            "An address must not carry a user name or password.", "Take out what stands before the “@”."
        )
    return value.rstrip("/")


def _present(kind: str, is_there: Callable[[Path], bool], shipped: Collection[str] = ()) -> AfterValidator:
    """Accept the path of something that is there, or the name of one that comes with the program."""

    def check(value: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Surroundings) and value not in shipped:
            path = info.context.folder / value
            try:
                found = is_there(path)
            except (OSError, ValueError):
                found = False
            if not found:
                raise refused(
                    f"This is a {kind} that is not there.",
                    f"Paths are relative to this file, so {path} was looked for.",
                )
        return value

    return AfterValidator(check)


def _known(names: str, what: str) -> AfterValidator:
    """Accept a name that the surroundings know."""

    def check(value: str, info: ValidationInfo) -> str:
        known = getattr(info.context, names, None)
        if known is not None and value not in known:
            raise refused(f"The policy names an unknown {what}, {shown(value)}.", did_you_mean(value, known))
        return value

    return AfterValidator(check)


def _level(value: object) -> object:
    """Accept a level in any case."""
    return value.upper() if isinstance(value, str) else value


_API_NAME = "[A-Za-z][A-Za-z0-9_]{0,119}"
_NOT_AN_API_NAME = ("This is not an API name.", "Give the API name, such as LastActivityDate or Stage__c.")

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
EnvironmentName = Annotated[
    str,
    _shaped(
        "[A-Z_][A-Z0-9_]{0,63}",
        "This is not the name of an environment variable.",
        "Write {env: NAME}, in capitals.",
    ),
]
SecretPath = Annotated[
    str,
    # A key that was pasted here must not become part of a path, which messages show.
    _shaped("(?!.*-----BEGIN).{1,1024}", "This is not the path of a file.", "Write {file: PATH}."),
]
Name = Annotated[
    Text,
    _shaped(
        "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        "This is not a name.",
        "Use letters, digits, “-”, “_” and “.”, at most 64 of them.",
    ),
]
EmailAddress = Annotated[
    Text,
    _shaped(
        r"[^@\s]+@[^@\s]+",
        "This is not an e-mail address.",
        "Write it whole, as in ana.ruiz@clinic.example; for a pattern use another sign.",
    ),
]
ApiName = Annotated[Text, _shaped(_API_NAME, *_NOT_AN_API_NAME)]
FieldName = Annotated[str, _shaped(r"\w+([.-]\w+)*\.\w+", "This is not a field.", "Write Object.Field.")]
ApiNameOrNothing = Annotated[str, _shaped(f"({_API_NAME})?", *_NOT_AN_API_NAME)]
ApiVersion = Annotated[
    Text,
    _shaped(r"[1-9][0-9]{1,2}\.0", "This is not an API version.", "Write it as in “67.0”."),
    AfterValidator(_recent),
]
ExactPattern = Annotated[str, AfterValidator(_searchable)]  # blanks around it count
Pattern = Annotated[Text, AfterValidator(_searchable), Field(json_schema_extra={"format": "regex"})]
Day = Annotated[dt.date, BeforeValidator(_day)]
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
ZonedDay = Annotated[Text, AfterValidator(_zoned_day)]
Digest = Annotated[
    Text,
    _shaped("[0-9a-f]{16}", "This is not an id or digest.", "Copy its sixteen characters from a report."),
]
Period = Annotated[Text, AfterValidator(_period), Field(json_schema_extra={"format": "duration"})]
Count = Annotated[int, Field(ge=1, le=100_000)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
LoginAddress = Annotated[Text, _as(login_of)]
InstanceAddress = Annotated[Text, _as(instance_of)]
BaseAddress = Annotated[Text, _as(base_of)]
TrytonAddress = Annotated[Text, _as(tryton.base_of)]
TrytonDatabase = Annotated[Text, _as(tryton.database_of)]
ObjectName = Annotated[
    Text,
    _shaped(rf"{_API_NAME}|[a-z0-9_]+([.-][a-z0-9_]+)+", *_NOT_AN_API_NAME),
]
SampledObject = Annotated[
    Text,
    _shaped(
        rf"{_API_NAME}|\d{{1,3}}-\d{{1,12}}",
        "Objects are sampled by name, one by one.",
        "Write Contact or Intake__c; for HubSpot contacts, or the id of a custom object, such as 2-310.",
    ),
]
HubSpotObject = Annotated[
    Text,
    _shaped(
        r"[a-z][a-z0-9_]{0,79}|\d{1,3}-\d{1,12}",
        "This is not an object type of HubSpot.",
        "Write its plural name, such as contacts, or the id of a custom object, such as 2-310.",
    ),
]
HubSpotProperty = Annotated[
    Text,
    _shaped(
        r"[a-z0-9_]{1,120}", "This is not a property.", "Give its internal name, such as lifecyclestage."
    ),
]
HubSpotField = Annotated[
    str,
    _shaped(
        r"([a-z][a-z0-9_]{0,79}|\d{1,3}-\d{1,12})\.[A-Za-z0-9_-]{1,120}",
        "This is not a property of HubSpot.",
        "Write object.property, as in contacts.primary_diagnosis or 2-310.notes.",
    ),
]
Edition = Annotated[Literal["FREE", "STARTER", "PROFESSIONAL", "ENTERPRISE"], BeforeValidator(_level)]
ReachLevel = Annotated[Literal["ALL", "TEAM", "OWNED", "NONE"], BeforeValidator(_level)]
CliAlias = Annotated[Text, _as(check_alias)]
ProxyAddress = Annotated[Text, AfterValidator(_proxy)]
PresentFile = Annotated[Text, _present("file", lambda path: path.is_file())]
MappingFile = Annotated[Text, _present("file", lambda path: path.is_file(), SHIPPED)]
PresentFolder = Annotated[Text, _present("folder", lambda path: path.is_dir())]
AudienceName = Annotated[str, _known("audiences", "audience")]
PhiClassName = Annotated[str, _known("phi_classes", "PHI class")]
