"""The configuration file: what may be written in it, read so that every complaint names its line and column.

Only plain data is accepted: no tags, anchors, aliases or directives. Nothing but the file's own text decides
what it means, and no key can be given twice.
"""

from __future__ import annotations

import datetime as dt
import difflib
import io
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import isodate
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from auditor.errors import ConfigError
from auditor.people import Sign
from auditor.retention import RetentionPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema
    from ruamel.yaml.events import Event

LEAST_API_VERSION = 63
LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"

LARGEST_FILE = 256 * 1024
DEEPEST = 20
_MOST_LISTED = 40

Value = str | bool | None | list["Value"] | dict[str, "Value"]
Route = tuple[str | int, ...]

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_PLAIN_WORD = re.compile(r"[A-Za-z_<*][\w.<*-]{0,29}", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file, counted from 1 as editors do."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, in one sentence, and what to do about it."""

    where: str
    sentence: str
    hint: str = ""
    place: Place = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file, and where each key and value stands in it.

    Numbers stay the text they were written as: `67.0` is a version, and must not turn into another spelling.
    """

    file: str
    # Not in the repr: a secret in the wrong place must not get out through a traceback's locals.
    value: Value = field(repr=False)
    keys: Mapping[Route, Place] = field(repr=False)
    values: Mapping[Route, Place] = field(repr=False)
    problems: tuple[Problem, ...] = ()

    def place(self, route: Route, *, key: bool = False) -> Place:
        """Find where a value (or its key) stands; for something left out, where its parent stands."""
        if key and route in self.keys:
            return self.keys[route]
        while route and route not in self.values:
            route = route[:-1]
        return self.values.get(route, Place(1, 1))

    def problem(self, route: Route, sentence: str, hint: str = "", *, key: bool = False) -> Problem:
        """Say what is wrong with the value (or key) at a route."""
        place = self.place(route, key=key)
        return Problem(located(self.file, place), sentence, hint, place)


def located(file: str, place: Place) -> str:
    """Write `file:line:column`, which terminals and editors turn into a link."""
    return f"{file}:{place.line}:{place.column}"


def refuse(problems: Iterable[Problem]) -> ConfigError:
    """Make one error of all problems: the first is its sentence, the others follow its hint."""
    first, *others = _distinct(problems)
    lines = [first.hint] if first.hint else []
    lines += [" ".join(filter(None, (f"{p.where}: {p.sentence}", p.hint))) for p in others[:_MOST_LISTED]]
    if len(others) > _MOST_LISTED:
        lines.append(f"… and {len(others) - _MOST_LISTED} more.")
    return ConfigError(f"{first.where}: {first.sentence}", hint="\n".join(lines))


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems in the order of the file, each once."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.place, p.where, p.sentence))


def nearest(word: str, choices: Iterable[str]) -> str:
    """Find the choice that was probably meant, or an empty string."""
    folded = {choice.casefold(): choice for choice in sorted(choices)}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[near[0]] if near else ""


def did_you_mean(word: str, choices: Iterable[str], what: str) -> str:
    """Suggest the nearest choice, or list them all."""
    choices = sorted(choices)
    if near := nearest(word, choices):
        return f"Did you mean “{near}”?"
    return f"{what}: {', '.join(choices)}." if choices else ""


def shown(word: str) -> str:
    """Write a word as a message may repeat it: what could be a pasted secret stays out."""
    return f"“{word}”" if _PLAIN_WORD.fullmatch(word) else "“…”"


def in_words(route: Route) -> str:
    """Write a route as a message may repeat it."""
    return dotted(
        tuple(step if isinstance(step, int) or _PLAIN_WORD.fullmatch(step) else "…" for step in route)
    )


def dotted(route: Route) -> str:
    """Write a route as people do: `targets[0].auth.jwt`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".")


def read(path: Path) -> Document:
    """Read a file; every way in which that can fail is a `ConfigError`."""
    return parse(text_of(path, LARGEST_FILE), str(path))


def text_of(path: Path, largest: int) -> str:
    """Return the text of a file of limited size, in UTF-8 with or without a byte order mark."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise ConfigError(f"{path} cannot be read: {reason}.", hint=_neighbour(path)) from None
    if len(content) > largest:
        raise ConfigError(
            f"{path} is larger than {largest // 1024} KiB.", hint="Is this the file you meant to give?"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
    raise ConfigError(f"{located(str(path), place)}: This is not UTF-8 text.", hint="Save the file as UTF-8.")


def _neighbour(path: Path) -> str:
    """Suggest a file beside the missing one that has nearly its name."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return f"There is no folder {path.parent}." if not path.parent.is_dir() else ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return (
        f"Did you mean “{path.with_name(near[0])}”?"
        if near
        else "Paths are relative to the working directory."
    )


def parse(text: str, file: str) -> Document:
    """Turn YAML text into a document; `file` is only for messages."""
    try:
        return _Builder(file).document(YAML(typ="safe", pure=True).parse(io.StringIO(text)))
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        problem = Problem(located(file, place), "A control character cannot stand here.", "Remove it.", place)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)
        problem = Problem(located(file, place), f"This is not valid YAML: {_reason(error)}.", _ADVICE, place)
    except (YAMLError, ValueError, OverflowError):
        problem = Problem(file, "This is not valid YAML.", _ADVICE)
    raise refuse([problem])


_ADVICE = "Look at the indentation, the colons and the quotes on this line and the one before."


def _reason(error: MarkedYAMLError) -> str:
    """Say what the parser says, less what it quotes: that may be a secret in the wrong place."""
    reason = (error.problem or error.context or "it cannot be parsed").strip().rstrip(".")
    return re.sub(r"""(['"])(?!(?:<[a-z ]+>|[^\w\s])\1).*\1""", "…", reason)


@dataclass(slots=True)
class _Builder:
    """Builds values out of the parser's events, keeping places and collecting what must not be there."""

    file: str
    keys: dict[Route, Place] = field(default_factory=dict)
    values: dict[Route, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def document(self, events: Iterator[Event]) -> Document:
        value: Value = None
        documents = 0
        for event in events:
            if isinstance(event, StreamStartEvent | StreamEndEvent | DocumentEndEvent):
                continue
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.complain(event, "A second YAML document starts here.", "Keep one document per file.")
                    break
                if event.version or event.tags:
                    self.complain(
                        event, "YAML directives are not accepted.", "Remove the lines that start with %."
                    )
                continue
            value = self.node(event, events, ())
        return Document(self.file, value, self.keys, self.values, tuple(self.problems))

    def complain(self, event: Event, sentence: str, hint: str) -> None:
        place = _place(event)
        self.problems.append(Problem(located(self.file, place), sentence, hint, place))

    def node(self, event: Any, events: Iterator[Event], route: Route) -> Value:
        self.values[route] = _place(event)
        if len(route) > DEEPEST:
            self.complain(
                event, "This is nested too deeply.", f"Nothing here needs more than {DEEPEST} levels."
            )
            raise refuse(self.problems)
        if isinstance(event, AliasEvent):
            self.complain(
                event, "YAML aliases (*name) are not accepted.", "Write the value out, or put it in quotes."
            )
            return None
        if event.anchor is not None:
            self.complain(
                event, "YAML anchors (&name) are not accepted.", "Write the value where it is needed."
            )
        if event.tag is not None:
            self.complain(
                event, "YAML tags (!name) are not accepted.", "Remove the tag, or put the value in quotes."
            )
        if isinstance(event, SequenceStartEvent):
            return self.sequence(events, route)
        if isinstance(event, MappingStartEvent):
            return self.mapping(events, route)
        return self.scalar(event)

    def sequence(self, events: Iterator[Event], route: Route) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self.node(event, events, (*route, len(items))))
        return items

    def mapping(self, events: Iterator[Event], route: Route) -> dict[str, Value]:
        pairs: dict[str, Value] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                self.complain(event, "A key must be one word.", "A list or mapping cannot be a key.")
                raise refuse(self.problems)
            self.scalar(event)
            key = event.value
            if key in pairs:
                first = self.keys[*route, key]
                self.complain(
                    event,
                    f"The key {shown(key)} is given twice.",
                    f"It already stands on line {first.line}; remove one of them.",
                )
                # Read apart, so that the first value and its place stay what the rest of the check sees.
                _Builder(self.file).node(next(events), events, (*route, key))
                continue
            self.keys[*route, key] = _place(event)
            pairs[key] = self.node(next(events), events, (*route, key))
        return pairs

    def scalar(self, event: ScalarEvent) -> Value:
        text: str = event.value
        if _UNPRINTABLE.search(text):
            self.complain(
                event, "A control character cannot stand here.", "Remove it, or its escape sequence."
            )
            return ""
        plain = event.implicit[0]
        if plain and text in _NULL:
            return None
        return _BOOLEAN.get(text, text) if plain else text


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


# ── Words, and what is wrong with them ────────────────────────────────────────────────────────────


def _wrong(sentence: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "hint": hint})


def _name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise _wrong("This is not a name.", "Use letters, digits, “-”, “_” and “.”, at most 64 of them.")
    return value


def pattern(value: str) -> str:
    """Accept a regular expression that says something."""
    with warnings.catch_warnings():
        # A pattern Python is unsure about is not one to judge people by.
        warnings.simplefilter("error")
        try:
            compiled = re.compile(value, re.IGNORECASE)
        except re.error as error:
            position = f" at character {error.pos + 1}" if error.pos is not None else ""
            raise _wrong(
                f"This is not a regular expression: {error.msg}{position}.",
                "Write \\ before a character meant as it stands, and keep the pattern in single quotes.",
            ) from None
        except (OverflowError, RecursionError, Warning):
            raise _wrong(
                "This is not a regular expression Python is sure about.", "Write it more simply."
            ) from None
    if compiled.search(""):
        raise _wrong(
            "This pattern matches everything.", "Look for an empty alternative, such as a “|” at the end."
        )
    return value


def _day(value: object) -> dt.date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise _wrong(
                "This day is not in the calendar.", "Write year, month and day, as in 2027-03-31."
            ) from None
    raise _wrong("This is not a date.", "Write year, month and day, as in 2027-03-31.")


def _period(value: str) -> str:
    hint = "P24M is 24 months, P7Y seven years, P30D thirty days."
    if loose := re.fullmatch(r"[Pp]?\s*(\d{1,4})\s*([dwmyDWMY])[a-z]*\s*", value):
        hint = f"Did you mean “P{loose[1]}{loose[2].upper()}”? {hint}"
    if not re.fullmatch(r"P[0-9YMWDTHS]+", value):
        raise _wrong("This is not an ISO 8601 duration.", hint)
    try:
        isodate.parse_duration(value)
        moment = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        cutoff = RetentionPolicy("", "", "", value).cutoff_at(moment)
    except isodate.ISO8601Error:
        raise _wrong("This is not an ISO 8601 duration.", hint) from None
    except (ValueError, OverflowError):
        raise _wrong("This period is longer than the calendar.", hint) from None
    if cutoff >= moment:
        raise _wrong("A period of nothing would make every record overdue.", hint)
    return value


def _api_version(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{1,2}\.0", value):
        raise _wrong("This is not an API version.", "Write it as in “67.0”.")
    if float(value) < LEAST_API_VERSION:
        raise _wrong(
            f"API versions before {LEAST_API_VERSION}.0 do not show who can view all fields of an object.",
            f"Give {LEAST_API_VERSION}.0 or later, or leave the key out.",
        )
    return value


def _api_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,119}", value):
        raise _wrong("This is not an API name.", "Give the API name, such as LastActivityDate or Stage__c.")
    return value


def _api_name_if_any(value: str) -> str:
    return _api_name(value) if value else ""


def _supported(value: str) -> str:
    if value != "salesforce":
        raise _wrong(f"The platform {value} cannot be audited yet.", "Only salesforce can, so far.")
    return value


def _address(value: str) -> str:
    """Accept an https address; http only to this machine, where nothing travels over a wire."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _wrong("This is not a web address.", "Write it as in https://acme.my.salesforce.com.") from None
    if parts.username is not None or parts.password is not None:
        raise _wrong(
            "An address must not carry a user name or password.", "Take out what stands before the “@”."
        )
    if not host or parts.scheme not in {"http", "https"}:
        raise _wrong("This is not a web address.", "Write it as in https://acme.my.salesforce.com.")
    if parts.scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise _wrong("A CRM is never spoken to without TLS.", "Write https:// instead of http://.")
    return value.rstrip("/")


def _instance(value: str) -> str:
    value = _address(value)
    parts = urlsplit(value)
    host = parts.hostname or ""
    if host.endswith((".lightning.force.com", ".salesforce-setup.com")):
        name = host.split(".", 1)[0]
        raise _wrong(
            "This is the address of the user interface, not of the API.",
            f"Did you mean “https://{name}.my.salesforce.com”?",
        )
    if parts.path or parts.query or parts.fragment:
        raise _wrong("Only the host belongs here.", f"Did you mean “{parts.scheme}://{parts.netloc}”?")
    return value


def _proxy(value: str) -> str:
    """Accept a proxy without TLS too: the tunnel through it has its own."""
    _address(value.replace("http://", "https://", 1))
    return value.rstrip("/")


def _first_version(value: object) -> object:
    if value in ("1", 1):
        return 1
    raise _wrong("This is not a version of the configuration that is known here.", "Write “version: 1”.")


def _long_id(person: str) -> str:
    """Write a Salesforce user id with 18 characters, as people are read; leave other ids as they are."""
    if not re.fullmatch(r"005[A-Za-z0-9]{12}", person):
        return person
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    thirds = (person[i : i + 5] for i in (0, 5, 10))
    return person + "".join(
        letters[sum(1 << place for place, c in enumerate(third) if c.isupper())] for third in thirds
    )


# ── The file, as it may be written ────────────────────────────────────────────────────────────────

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Name = Annotated[Text, AfterValidator(_name)]
Pattern = Annotated[Text, AfterValidator(pattern), Field(json_schema_extra={"format": "regex"})]
Day = Annotated[dt.date, BeforeValidator(_day)]
Period = Annotated[Text, AfterValidator(_period), Field(json_schema_extra={"format": "duration"})]
ApiName = Annotated[Text, AfterValidator(_api_name)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
LevelWord = Literal["none", "read", "edit"]


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

    env: str | None = Field(default=None, description="Name of an environment variable, in capitals.")
    file: str | None = Field(default=None, description="A file that holds the secret and nothing else.")
    keyring: KeyringEntry | None = Field(
        default=None, description="An entry of the operating system's keyring."
    )

    @model_validator(mode="before")
    @classmethod
    def _by_reference(cls, value: object) -> object:
        """Check the shape in one step and without repeating a word: any of it may be the secret itself."""
        advice = "Write {env: NAME}, {file: PATH} or {keyring: {service: …, user: …}}."
        if not isinstance(value, dict):
            raise _wrong("A secret must not be written into the configuration.", advice)
        if len(value) != 1 or not value.keys() <= cls.model_fields.keys():
            raise _wrong("A secret is named by exactly one of the keys env, file and keyring.", advice)
        [(kind, place)] = value.items()
        match kind, place:
            case "env", str() if re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", place):
                return value
            case "env", _:
                raise _wrong(
                    "This is not the name of an environment variable.", "Write {env: NAME}, in capitals."
                )
            case "file", str() if 0 < len(place) <= 1024 and "-----BEGIN" not in place:
                return value
            case "file", _:
                raise _wrong("This is not the path of a file.", "Write {file: PATH}.")
            case "keyring", {"service": str(), "user": str()} if len(place) == 2:
                return value
        raise _wrong("A keyring entry has a service and a user.", "Write {keyring: {service: …, user: …}}.")


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
    audience: Annotated[Text, AfterValidator(_address)] | None = Field(
        default=None, description=f"Login host. Without it {LOGIN}, for a sandbox {SANDBOX_LOGIN}."
    )


class AuthEntry(Entry):
    """How to log in: exactly one way."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["session"]}, {"required": ["jwt"]}]})

    session: SessionEntry | None = Field(default=None, description="Logging in with an access token.")
    jwt: JwtEntry | None = Field(default=None, description="Logging in with a signed assertion; preferred.")

    @model_validator(mode="after")
    def _one(self) -> AuthEntry:
        if (self.session is None) == (self.jwt is None):
            raise _wrong(
                "Exactly one of session and jwt must be given.", "Keep the one this target logs in with."
            )
        return self


class TimeoutsEntry(Entry):
    """How long to wait for the CRM."""

    connect: Seconds = Field(default=10, description="Seconds to wait for a connection.")
    read: Seconds = Field(default=120, description="Seconds to wait for an answer.")


class ObjectsEntry(Entry):
    """Which objects' schema is scanned for fields that look like PHI, where no tags were decided."""

    include: tuple[Text, ...] = Field(
        default=("*",), description="Names of objects; * and ? stand for anything."
    )
    exclude: tuple[Text, ...] = Field(default=("*__Feed",), description="Names taken out again.")


class TargetEntry(Entry):
    """One CRM to audit."""

    name: Name = Field(description="What reports call this CRM; also part of file names.")
    platform: Annotated[Literal["salesforce", "sfdx", "hubspot", "tryton"], AfterValidator(_supported)] = (
        Field(description="The kind of CRM; only salesforce is supported so far.")
    )
    instance_url: Annotated[Text, AfterValidator(_instance)] = Field(
        description="The org's My Domain address."
    )
    auth: AuthEntry = Field(description="How to log in: exactly one of session and jwt.")
    api_version: Annotated[Text, AfterValidator(_api_version)] | None = Field(
        default=None,
        description=f"Highest API version to use, {LEAST_API_VERSION}.0 or later; else the org's newest.",
    )
    ca_bundle: Text | None = Field(
        default=None, description="Certificates (PEM) to trust instead of the usual ones."
    )
    proxy: Annotated[Text, AfterValidator(_proxy)] | None = Field(
        default=None, description="Proxy to go through."
    )
    timeouts: TimeoutsEntry = Field(default=TimeoutsEntry(), description="How long to wait.")
    objects: ObjectsEntry = Field(
        default=ObjectsEntry(), description="Which objects' schema is scanned without tags."
    )


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
    marketing_user: bool = Field(
        default=False, description="Whether the Marketing User feature licence is a sign."
    )
    people: tuple[Annotated[Text, AfterValidator(_name)], ...] = Field(
        default=(), description="User ids, one by one."
    )

    def signs(self) -> tuple[Sign, ...]:
        """Say the same as the core does, in the order in which evidence is listed."""
        patterns = {
            "profile": self.profile,
            "department": self.department,
            "role": self.role,
            "title": self.title,
            "licence": self.licence,
            "sets": self.permission_set,
        }
        return (
            *(Sign(attribute, pattern) for attribute, pattern in patterns.items() if pattern),
            *((Sign("marketing_flag"),) if self.marketing_user else ()),
            *(Sign("id", _long_id(person)) for person in self.people),
        )


class AudienceEntry(Entry):
    """One class of people with one set of needs; the first audience with a hit is a person's audience."""

    name: Name = Field(description="What the policy and reports call this audience.")
    why: Text = Field(description="Why these people form an audience, for whoever reads a report.")
    marketing: bool = Field(default=False, description="Whether the rules about marketing apply.")
    kinds: tuple[Literal["internal", "external", "guest", "system"], ...] = Field(
        default=(), description="Kinds of account that belong here whatever their signs."
    )
    signs: SignsEntry = Field(default=SignsEntry(), description="Signs by which people are recognised.")

    @model_validator(mode="after")
    def _recognisable(self) -> AudienceEntry:
        if not self.kinds and not self.signs.signs():
            raise _wrong("This audience has no signs, so nobody can belong to it.", "Give it signs or kinds.")
        return self


class CellEntry(Entry):
    """What an audience may do with a class of PHI: a word, or the word with who approved it and why."""

    level: LevelWord = Field(description="none, read or edit; edit includes read.")
    approver: Text | None = Field(
        default=None, description="Who approved it, if not whoever approved the policy."
    )
    date: Day | None = Field(default=None, description="When that was approved; needed with an approver.")
    why: Text | None = Field(
        default=None, description="Why the audience needs this (required in the long form)."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"level": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole_approval(self) -> CellEntry:
        if (self.approver is None) != (self.date is None):
            raise _wrong("An approval needs both approver and date.", "Give both, or neither.")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both ways of writing a cell."""
        long = handler.resolve_ref_schema(handler(core))
        long["required"] = ["level", "why"]
        return {"anyOf": [{"enum": ["none", "read", "edit"], "type": "string"}, long]}


class PolicyEntry(Entry):
    """The minimum-necessary matrix, and who approved it."""

    version: Text = Field(default="draft", description="What reports call this version of the policy.")
    approved_by: Text | None = Field(
        default=None, description="Who approved the matrix. Without it, it is a draft."
    )
    approved_on: Day | None = Field(default=None, description="When it was approved.")
    matrix: dict[str, dict[str, CellEntry]] = Field(
        description="For each audience, what it may do with each class of PHI: fine class, coarse class or *."
    )

    @model_validator(mode="after")
    def _whole_approval(self) -> PolicyEntry:
        if (self.approved_by is None) != (self.approved_on is None):
            raise _wrong(
                "An approval needs both approved_by and approved_on.", "Give both, or neither for a draft."
            )
        return self


class RetentionEntry(Entry):
    """How long one class of records may be kept: your own schedule."""

    id: Name = Field(description="What reports call this policy; keep it stable.")
    object: ApiName = Field(description="API name of the object.")
    anchor: ApiName = Field(description="Date field from which the period runs.")
    period: Period = Field(description="ISO 8601 duration, such as P24M.")
    fallback: Annotated[str, AfterValidator(_api_name_if_any)] = Field(
        default="", description="Date field for records whose anchor is empty."
    )
    hold: str = Field(
        default="", description="Condition under which records must be kept. It is printed, not evaluated."
    )
    source: str = Field(default="", description="Schedule, notice or law the period comes from.")
    why: Text = Field(description="Why this class of records has this period.")


class AcceptedUnknownEntry(Entry):
    """A gap in the evidence that somebody accepts for a while."""

    reading: Text = Field(description="Name of the reading that is missing, as reports print it.")
    reason: Text = Field(description="Why it is acceptable not to have it.")
    owner: Text = Field(description="Who accepts it.")
    expires: Day = Field(description="Last day on which the acceptance holds.")


class ReportEntry(Entry):
    """Where reports go."""

    directory: Text = Field(
        default="crm-audit-report", description="Folder for reports; created when needed."
    )


class ConfigurationFile(Entry):
    """A crm-audit configuration file, version 1."""

    version: Annotated[Literal[1], BeforeValidator(_first_version)] = Field(
        description="Version of this file format; always 1."
    )
    targets: tuple[TargetEntry, ...] = Field(default=(), description="The CRMs to audit.")
    audiences: tuple[AudienceEntry, ...] | None = Field(
        default=None,
        description="Who is who. The first audience with a hit wins. Without it the built-in audiences.",
    )
    policy: PolicyEntry | None = Field(
        default=None, description="Who may do what. Without it the built-in draft, for audiences that exist."
    )
    mappings: tuple[Text, ...] = Field(default=(), description="Files that decide which fields are PHI.")
    retention: tuple[RetentionEntry, ...] = Field(
        default=(), description="Your retention schedule; there is no default."
    )
    accepted_unknowns: tuple[AcceptedUnknownEntry, ...] = Field(
        default=(), description="Gaps that an owner accepts."
    )
    strict_credential: bool = Field(
        default=True, description="Stop before reading when the credential could write, or read PHI values."
    )
    report: ReportEntry = Field(default=ReportEntry(), description="Where reports go.")
