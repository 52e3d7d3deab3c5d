"""What an audit is told: targets, audiences, policy, mappings and retention, out of one YAML file.

A flag wins over the environment, the environment over the file, the file over the defaults. A section that
the file gives replaces the default one as a whole. `python -m crm_audit.config` prints its JSON Schema.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from auditor.errors import ConfigError
from auditor.people import EXTERNAL, GUEST, UNCLASSIFIED, Audience, Kind, Sign
from auditor.phi import Coarse
from auditor.policy import Approval, Level, Policy
from auditor.retention import RetentionPolicy
from crm_audit import config_file
from crm_audit.config_file import (
    LOGIN,
    SANDBOX_LOGIN,
    AudienceEntry,
    CellEntry,
    ConfigurationFile,
    Document,
    PolicyEntry,
    Problem,
    SecretEntry,
    TargetEntry,
    did_you_mean,
    dotted,
    in_words,
    nearest,
    pattern,
    refuse,
    shown,
)
from crm_audit.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from crm_audit.config_file import Route, Value


ENVIRONMENT: Mapping[str, str] = {
    "strict_credential": "CRM_AUDIT_STRICT_CREDENTIAL",
    "report.directory": "CRM_AUDIT_REPORT_DIRECTORY",
}
"""Settings that a flag or an environment variable may override, by their key in the file."""


# ── What the rest of the program sees ─────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Session:
    """Logging in with an access token somebody else obtained."""

    access_token: Secret


@dataclass(frozen=True, slots=True)
class Jwt:
    """Logging in with a signed assertion (OAuth 2.0 JWT bearer flow); `audience` is the login host."""

    consumer_key: Secret
    username: str
    private_key: Secret
    audience: str = LOGIN


@dataclass(frozen=True, slots=True)
class Target:
    """One CRM to audit, and how to reach it. Without an `api_version` the newest is used."""

    name: str
    platform: str
    instance_url: str
    auth: Session | Jwt
    api_version: str = ""
    ca_bundle: Path | None = None
    proxy: str = ""
    connect_timeout: float = 10
    read_timeout: float = 120
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ("*__Feed",)


@dataclass(frozen=True, slots=True)
class AcceptedUnknown:
    """A reading that an owner accepts not to have, until a day on which that has to be decided again."""

    reading: str
    reason: str
    owner: str
    expires: dt.date

    def in_force(self, day: dt.date) -> bool:
        """Whether the acceptance still holds on a day; it does on the last one."""
        return day <= self.expires


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an audit is told. `sources` says for each key that was set where; other keys are defaults.

    `digest` identifies what was decided, without secrets and without where reports go.
    """

    targets: tuple[Target, ...]
    audiences: tuple[Audience, ...]
    policy: Policy
    mapping_paths: tuple[Path, ...]
    retention: tuple[RetentionPolicy, ...]
    accepted_unknowns: tuple[AcceptedUnknown, ...]
    strict_credential: bool
    report_dir: Path
    digest: str
    sources: Mapping[str, str] = field(default_factory=dict)


# ── Loading ───────────────────────────────────────────────────────────────────────────────────────


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    flags: Mapping[str, object] | None = None,
    classes: Collection[str] = (),
) -> Config:
    """Read a configuration file, or raise one ConfigError that lists everything wrong with it.

    `flags` are values from the command line by their key in the file (None for a flag that was not given).
    `classes` are the taxonomy's PHI classes, which a policy may name beside the coarse ones.
    """
    given = _Given.of(config_file.read(path), environ, flags or {})
    return _convert(given, given.validated(path.parent, classes), path.parent, environ)


def default(environ: Mapping[str, str] | None = None, *, flags: Mapping[str, object] | None = None) -> Config:
    """Give what applies without a file: no targets, no retention, and a draft of a policy nobody approved."""
    environ = environ or {}
    given = replace(_Given.of(_default_document(), environ, flags or {}), defaults=True)
    return _convert(given, given.validated(Path(), None), Path(), environ)


@cache
def _default_document() -> Document:
    text = resources.files("crm_audit").joinpath("defaults.yaml").read_text(encoding="utf-8")
    return config_file.parse(text, "defaults.yaml")


@cache
def _default_file() -> ConfigurationFile:
    return ConfigurationFile.model_validate(_default_document().value)


@dataclass(frozen=True, slots=True)
class _Given:
    """A document with flags and environment laid over it; `origins` says which keys those gave."""

    document: Document
    value: Value = field(repr=False)
    origins: Mapping[Route, str]
    defaults: bool = False

    @classmethod
    def of(cls, document: Document, environ: Mapping[str, str], flags: Mapping[str, object]) -> _Given:
        value = document.value
        origins: dict[Route, str] = {}
        for key, variable in ENVIRONMENT.items():
            route: Route = tuple(key.split("."))
            flag = flags.get(key)
            if flag is not None:
                value, origins[route] = _laid_over(value, route, str(flag)), "command line"
            elif environ.get(variable):
                value, origins[route] = _laid_over(value, route, environ[variable]), f"environment {variable}"
        return cls(document, value, origins)

    def problem(self, route: Route, sentence: str, hint: str = "", *, key: bool = False) -> Problem:
        if route in self.origins:
            return Problem(self.origins[route], sentence, hint)
        return self.document.problem(route, sentence, hint, key=key)

    def validated(self, base: Path, classes: Collection[str] | None) -> ConfigurationFile:
        """Check everything and raise one error for all that is wrong; None leaves PHI classes unchecked."""
        file, problems = self.checked(base, classes)
        if problems or file is None:
            raise refuse(problems)
        return file

    def checked(
        self, base: Path, classes: Collection[str] | None
    ) -> tuple[ConfigurationFile | None, list[Problem]]:
        """Find everything that is wrong. Apart from raising, so that no traceback keeps what was found where."""
        if not isinstance(self.value, dict):
            sentence = "The file must be a mapping of keys to values." if self.value else "The file is empty."
            advice = "Start it with “version: 1”."
            return None, [*self.document.problems, self.problem((), sentence, advice)]
        file, errors = _validate(self.value)
        return file, [
            *self.document.problems,
            *_empty(self),
            *(_explain(self, error) for error in self.telling(errors)),
            *_doubled(self),
            *_absent_files(self, base),
            *(_matrix_problems(self, classes) if classes is not None else ()),
        ]

    def telling(self, errors: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Leave out errors that only follow from another: about nothing, bad YAML, or a misspelt key."""
        places = {problem.place for problem in self.document.problems}
        misspelt = {
            (*route[:-1], nearest(str(route[-1]), _schema_node(route[:-1]).get("properties", ())))
            for route in (tuple(error["loc"]) for error in errors if error["type"] == "extra_forbidden")
        }
        for error in errors:
            route: Route = tuple(error["loc"])
            if error["type"] == "missing":
                follows = route in misspelt
            elif error["type"] == "extra_forbidden":
                follows = False
            else:
                follows = _at(self.value, route, "") is None or self.document.values.get(route) in places
            if not follows:
                yield error

    def sources(self) -> dict[str, str]:
        """Say for each key that was set where it was set."""
        if self.defaults:
            places = {}
        else:
            name = self.document.file
            places = {r: config_file.located(name, p) for r, p in self.document.values.items()}
        return {dotted(route): where for route, where in {**places, **self.origins}.items() if route}


def _laid_over(value: Value, route: Route, text: str) -> Value:
    if not isinstance(value, dict):
        return value
    first, *rest = route
    inner = value.get(str(first), {}) if rest else None
    return {**value, str(first): _laid_over(inner, tuple(rest), text) if rest else text}


def _validate(value: Value) -> tuple[ConfigurationFile | None, list[Any]]:
    """Return the model, or pydantic's errors without their inputs."""
    try:
        return ConfigurationFile.model_validate(value), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


_ABSENT: Value = {}


def _at(value: Value, route: Route, default: Value) -> Value:
    """Return the value at a route, or the default where the file says nothing."""
    for step in route:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, _ABSENT)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else _ABSENT
        else:
            return default
        if value is _ABSENT:
            return default
    return value


def _leaves(value: Value, route: Route = ()) -> Iterator[tuple[Route, Value]]:
    if isinstance(value, dict | list) and value:
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*route, step))
    else:
        yield route, value


# ── What is wrong with a file, in words ───────────────────────────────────────────────────────────

_MUST_BE = {
    "string_type": ("must be text", "Put it in quotes."),
    "string_too_short": ("is empty", "Give it a value, or remove it."),
    "string_too_long": ("is too long", "Say it in fewer words."),
    "tuple_type": ("must be a list", "Start each item with “- ”, or write [one, two]."),
    "dict_type": ("must be a mapping", "Write “key: value” lines, or {key: value}."),
    "model_type": ("must be a mapping", "Write “key: value” lines, or {key: value}."),
    "bool_parsing": ("must be true or false", ""),
    "bool_type": ("must be true or false", ""),
    "float_parsing": ("must be a number", ""),
    "float_type": ("must be a number", ""),
}


def _called(route: Route) -> str:
    return f"“{in_words(route)}”" if route else "The file"


def _explain(given: _Given, error: Mapping[str, Any]) -> Problem:
    """Say one of pydantic's errors in our words, at its place in the file."""
    route: Route = tuple(error["loc"])
    kind: str = error["type"]
    parent, inside = route[:-1], f" in {in_words(route[:-1])}" if route[:-1] else ""
    node = _schema_node(parent)
    if kind == "refused":
        return given.problem(route, error["ctx"]["sentence"], error["ctx"]["hint"])
    if kind == "extra_forbidden":
        key = str(route[-1])
        hint = did_you_mean(key, node.get("properties", ()), "Known keys here")
        return given.problem(route, f"Unknown key {shown(key)}{inside}.", hint, key=True)
    if kind == "missing":
        meaning = _schema_node(route).get("description", "")
        return given.problem(parent, f"“{route[-1]}” is missing{inside}.", f"{route[-1]}: {meaning}")
    if kind == "literal_error":
        word = _at(given.value, route, _at(given.value, parent, ""))  # the parent: a cell written as one word
        if isinstance(word, str):
            hint = did_you_mean(word, _schema_node(route).get("enum", ()), "It is one of")
            return given.problem(route, f"{_called(route)} cannot be {shown(word)}.", hint)
    must_be, hint = _MUST_BE.get(kind, (str(error["msg"]).replace("Input should be", "must be"), ""))
    return given.problem(route, f"{_called(route)} {must_be}.", hint)


def _empty(given: _Given) -> Iterator[Problem]:
    """Find keys without a value: a default may be meant, or something was forgotten."""
    for route, value in _leaves(given.value):
        if value is None and given.document.values[route] not in {p.place for p in given.document.problems}:
            yield given.problem(
                route, f"{_called(route)} is empty.", "Give it a value, or remove it.", key=True
            )


def _doubled(given: _Given) -> Iterator[Problem]:
    """Find names that are given twice."""
    for section, key in (("targets", "name"), ("audiences", "name"), ("retention", "id")):
        seen: dict[str, int] = {}
        for index, name in _names(given, section, key):
            if name in seen:
                first = given.document.place((section, seen[name], key)).line
                yield given.problem(
                    (section, index, key),
                    f"The {key} {shown(name)} is used twice in {section}.",
                    f"It already stands on line {first}; reports need to tell them apart.",
                )
            seen.setdefault(name, index)
            if section == "audiences" and name == UNCLASSIFIED:
                yield given.problem(
                    (section, index, key),
                    f"“{UNCLASSIFIED}” is the name for everybody without an audience.",
                    "Choose another name.",
                )


def _names(given: _Given, section: str, key: str) -> Iterator[tuple[int, str]]:
    entries = _at(given.value, (section,), None)
    for index in range(len(entries) if isinstance(entries, list) else 0):
        name = _at(given.value, (section, index, key), None)
        if isinstance(name, str):
            yield index, name


def _absent_files(given: _Given, base: Path) -> Iterator[Problem]:
    """Find files that the configuration names and that are not there."""
    routes: list[Route] = [("targets", index, "ca_bundle") for index, _ in _names(given, "targets", "name")]
    mappings = _at(given.value, ("mappings",), None)
    routes += [("mappings", index) for index in range(len(mappings) if isinstance(mappings, list) else 0)]
    for route in routes:
        name = _at(given.value, route, None)
        if isinstance(name, str) and name and not _is_file(base / name):
            hint = f"Paths are relative to this file, so {base / name} was looked for."
            yield given.problem(route, f"{_called(route)} is a file that is not there.", hint)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _matrix_problems(given: _Given, classes: Collection[str]) -> Iterator[Problem]:
    """Find audiences and PHI classes nobody knows, and long cells that give no reason."""
    matrix = _at(given.value, ("policy", "matrix"), None)
    if not isinstance(matrix, dict):
        return
    listed = _at(given.value, ("audiences",), None)
    own = {name for _, name in _names(given, "audiences", "name")}
    audiences = {UNCLASSIFIED} | (
        own if listed is not None else {a.name for a in _default_file().audiences or ()}
    )
    known = {"*"} | {c.value for c in Coarse if c is not Coarse.NONE} | set(classes)
    for audience, row in matrix.items():
        route: Route = ("policy", "matrix", audience)
        if audience not in audiences:
            hint = did_you_mean(audience, audiences, "Audiences")
            yield given.problem(
                route, f"The policy names an unknown audience, {shown(audience)}.", hint, key=True
            )
        for phi_class, cell in row.items() if isinstance(row, dict) else ():
            if phi_class not in known:
                hint = did_you_mean(phi_class, known, "PHI classes")
                sentence = f"The policy names an unknown PHI class, {shown(phi_class)}."
                yield given.problem((*route, phi_class), sentence, hint, key=True)
            if isinstance(cell, dict) and "why" not in cell:
                hint = "Say why the audience needs this, or write the level alone."
                yield given.problem(
                    (*route, phi_class), f"“why” is missing in {in_words((*route, phi_class))}.", hint
                )


# ── From the file to what the program uses ────────────────────────────────────────────────────────


def _convert(given: _Given, file: ConfigurationFile, base: Path, environ: Mapping[str, str]) -> Config:
    audiences = file.audiences if file.audiences is not None else _default_file().audiences or ()
    policy = file.policy or _policy_for(audiences)
    directory = Path(file.report.directory)
    decided = file.model_copy(update={"audiences": audiences, "policy": policy})
    beside_file = ("report", "directory") in given.document.values and not given.defaults
    if beside_file and ("report", "directory") not in given.origins:
        directory = base / directory
    return Config(
        targets=tuple(_target(given, i, entry, base, environ) for i, entry in enumerate(file.targets)),
        audiences=tuple(
            Audience(a.name, a.signs.signs(), a.why, a.marketing, frozenset(Kind(k) for k in a.kinds))
            for a in audiences
        ),
        policy=_policy(policy),
        mapping_paths=tuple(base / name for name in file.mappings),
        retention=tuple(
            RetentionPolicy(r.id, r.object, r.anchor, r.period, None, r.fallback, r.hold, r.source, r.why)
            for r in file.retention
        ),
        accepted_unknowns=tuple(
            AcceptedUnknown(u.reading, u.reason, u.owner, u.expires) for u in file.accepted_unknowns
        ),
        strict_credential=file.strict_credential,
        report_dir=directory,
        digest=_digest(decided),
        sources=given.sources(),
    )


def _auth(
    given: _Given, index: int, entry: TargetEntry, base: Path, environ: Mapping[str, str]
) -> Session | Jwt:
    def secret(reference: SecretEntry, *keys: str) -> Secret:
        place = given.document.place(("targets", index, "auth", *keys))
        where = config_file.located(given.document.file, place)
        if reference.env is not None:
            return Secret.from_environment(reference.env, environ, where)
        if reference.keyring is not None:
            return Secret.from_keyring(reference.keyring.service, reference.keyring.user, where)
        return Secret.from_file(base / (reference.file or ""), where)

    if (session := entry.auth.session) is not None:
        return Session(secret(session.access_token, "session", "access_token"))
    if (jwt := entry.auth.jwt) is not None:
        sandbox = (urlsplit(entry.instance_url).hostname or "").endswith(".sandbox.my.salesforce.com")
        return Jwt(
            secret(jwt.consumer_key, "jwt", "consumer_key"),
            jwt.username,
            secret(jwt.private_key, "jwt", "private_key"),
            jwt.audience or (SANDBOX_LOGIN if sandbox else LOGIN),
        )
    raise ConfigError(f"The target {entry.name} has no way to log in.")


def _target(given: _Given, index: int, entry: TargetEntry, base: Path, environ: Mapping[str, str]) -> Target:
    return Target(
        name=entry.name,
        platform=entry.platform,
        instance_url=entry.instance_url,
        auth=_auth(given, index, entry, base, environ),
        api_version=entry.api_version or "",
        ca_bundle=base / entry.ca_bundle if entry.ca_bundle else None,
        proxy=entry.proxy or "",
        connect_timeout=entry.timeouts.connect,
        read_timeout=entry.timeouts.read,
        include=entry.objects.include,
        exclude=entry.objects.exclude,
    )


def _policy_for(audiences: Sequence[AudienceEntry]) -> PolicyEntry:
    """Take the built-in draft, without rows for audiences that do not exist here."""
    draft = _default_file().policy or PolicyEntry(matrix={})
    names = {audience.name for audience in audiences}
    return draft.model_copy(update={"matrix": {a: row for a, row in draft.matrix.items() if a in names}})


def _policy(entry: PolicyEntry) -> Policy:
    def approval(cell: CellEntry) -> Approval:
        own = cell.approver is not None
        approver, date = (cell.approver, cell.date) if own else (entry.approved_by, entry.approved_on)
        return Approval(
            Level[cell.level.upper()], approver or "", date.isoformat() if date else "", cell.why or ""
        )

    matrix = {
        audience: {phi_class: approval(cell) for phi_class, cell in row.items()}
        for audience, row in entry.matrix.items()
    }
    return Policy(matrix, entry.version)


_SECRET_KEYS = {"access_token", "consumer_key", "private_key"}


def _digest(file: ConfigurationFile) -> str:
    """Identify what was decided, whatever its layout. Where secrets are and reports go decides nothing."""

    def public(value: object) -> object:
        if isinstance(value, dict):
            return {key: public(inner) for key, inner in value.items() if key not in _SECRET_KEYS}
        return [public(inner) for inner in value] if isinstance(value, list) else value

    content = public(file.model_dump(mode="json", exclude={"report"}))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# ── Showing it ────────────────────────────────────────────────────────────────────────────────────


def describe(config: Config) -> list[tuple[str, str, str]]:
    """List the settings in force: key, value, and where it was set. Secrets show as references."""
    return [(key, value, config.sources.get(key, "default")) for key, value in _settings(config)]


def _settings(config: Config) -> Iterator[tuple[str, str]]:
    for index, target in enumerate(config.targets):
        yield from _target_settings(f"targets[{index}]", target)
    for index, audience in enumerate(config.audiences):
        yield from _audience_settings(f"audiences[{index}]", audience)
    yield "policy.version", config.policy.version
    for name, row in config.policy.matrix.items():
        for phi_class, cell in row.items():
            by = f"approved by {cell.approver} on {cell.date}" if cell.approver else "nobody approved this"
            words = f"{cell.level.name.lower()} ({by})"
            yield f"policy.matrix.{name}.{phi_class}", f"{words}: {cell.why}" if cell.why else words
    for index, path in enumerate(config.mapping_paths):
        yield f"mappings[{index}]", str(path)
    for index, policy in enumerate(config.retention):
        for key in ("id", "object", "anchor", "period", "fallback", "hold", "source", "why"):
            yield f"retention[{index}].{key}", getattr(policy, key)
    for index, unknown in enumerate(config.accepted_unknowns):
        for key in ("reading", "reason", "owner", "expires"):
            yield f"accepted_unknowns[{index}].{key}", str(getattr(unknown, key))
    yield "strict_credential", _word(config.strict_credential)
    yield "report.directory", str(config.report_dir)


def _target_settings(at: str, target: Target) -> Iterator[tuple[str, str]]:
    yield f"{at}.name", target.name
    yield f"{at}.platform", target.platform
    yield f"{at}.instance_url", target.instance_url
    match target.auth:
        case Session(access_token):
            yield f"{at}.auth.session.access_token", access_token.reference
        case Jwt(consumer_key, username, private_key, audience):
            yield f"{at}.auth.jwt.consumer_key", consumer_key.reference
            yield f"{at}.auth.jwt.username", username
            yield f"{at}.auth.jwt.private_key", private_key.reference
            yield f"{at}.auth.jwt.audience", audience
    yield f"{at}.api_version", target.api_version or "the org's newest"
    yield f"{at}.ca_bundle", str(target.ca_bundle or "the usual certificates")
    yield f"{at}.proxy", target.proxy or "none"
    yield f"{at}.timeouts.connect", f"{target.connect_timeout:g}"
    yield f"{at}.timeouts.read", f"{target.read_timeout:g}"
    yield f"{at}.objects.include", ", ".join(target.include)
    yield f"{at}.objects.exclude", ", ".join(target.exclude)


def _audience_settings(at: str, audience: Audience) -> Iterator[tuple[str, str]]:
    yield f"{at}.name", audience.name
    yield f"{at}.marketing", _word(audience.marketing)
    if audience.kinds:
        yield f"{at}.kinds", ", ".join(sorted(audience.kinds))
    people = [sign.pattern for sign in audience.signs if sign.attribute == "id"]
    for sign in audience.signs:
        if sign.attribute == "marketing_flag":
            yield f"{at}.signs.marketing_user", "true"
        elif sign.attribute != "id":
            key = "permission_set" if sign.attribute == "sets" else sign.attribute
            yield f"{at}.signs.{key}", sign.pattern
    if people:
        yield f"{at}.signs.people", ", ".join(people)
    yield f"{at}.why", audience.why


def _word(value: bool) -> str:
    return "true" if value else "false"


def warnings(config: Config) -> tuple[str, ...]:
    """List what is legal and still worth a word: readable secrets, a policy with holes or no approval."""
    secrets = [
        secret
        for target in config.targets
        for secret in (
            (target.auth.access_token,)
            if isinstance(target.auth, Session)
            else (target.auth.consumer_key, target.auth.private_key)
        )
    ]
    found = [secret.warning for secret in secrets]
    cells = [cell for row in config.policy.matrix.values() for cell in row.values()]
    draft = sum(not cell.approver for cell in cells)
    if draft:
        found.append(f"{draft} of the {len(cells)} entries of the policy were approved by nobody.")
    found += [
        f"The policy says nothing about the audience “{audience.name}”, so nothing is approved for it."
        for audience in config.audiences
        if not config.policy.matrix.get(audience.name)
    ]
    return tuple(filter(None, found))


# ── The published schema, and the reference page made of it ───────────────────────────────────────


def json_schema() -> dict[str, Any]:
    """Publish the JSON Schema of a configuration file, for editors and for whoever generates one."""
    schema = _plain(ConfigurationFile.model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "crm-audit configuration, version 1",
    }


def _plain(node: Any) -> Any:
    """Drop what pydantic adds for Python's sake: titles made of names, null where a key may be left out."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _plain(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _resolved(node: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a node's reference; of a short and a long form, take the long one."""
    if "$ref" in node:
        target = _schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return {**_resolved(target), **{key: value for key, value in node.items() if key != "$ref"}}
    return {**node, **node["anyOf"][-1]} if "anyOf" in node else dict(node)


def _schema_node(route: Route) -> dict[str, Any]:
    """Return what the schema says about the value at a route."""
    node = _schema()
    for step in route:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = _resolved(inner or node.get("additionalProperties") or {})
    return node


def reference() -> str:
    """Write every key of the file into a Markdown table: its type, its default, its meaning."""
    rows = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    rows += [
        f"| `{key}` | {kind} | {default} | {meaning} |"
        for key, kind, default, meaning in _rows(_schema(), "")
    ]
    return "\n".join(rows) + "\n"


def _rows(parent: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for key, unresolved in parent.get("properties", {}).items():
        node, name = _resolved(unresolved), f"{prefix}{key}"
        leaf = "properties" not in node
        if key in parent.get("required", ()):
            default = "required"
        elif leaf and "default" in node:
            default = f"`{json.dumps(node['default'], ensure_ascii=False)}`"
        else:
            default = "–"
        yield name, _type_in_words(node), default, node.get("description", "")
        inner, suffix = node, "."
        while "properties" not in inner and (
            "items" in inner or isinstance(inner.get("additionalProperties"), dict)
        ):
            suffix = f"[]{suffix}" if "items" in inner else f".NAME{suffix}"
            inner = _resolved(inner.get("items") or inner["additionalProperties"])
        if key not in _SECRET_KEYS:  # all secrets are named alike; the prose says how
            yield from _rows(inner, f"{name}{suffix}")


def _type_in_words(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return ", ".join(f"`{word}`" for word in node["enum"])
    if "properties" in node:
        return "secret" if "keyring" in node["properties"] else "mapping"
    if "items" in node:
        item = _resolved(node["items"])
        return "list of mappings" if "properties" in item else f"list of {_type_in_words(item)}"
    words = {"regex": "pattern", "date": "date", "duration": "duration"}
    plain = {
        "string": "text",
        "boolean": "`true`, `false`",
        "integer": "`1`",
        "number": "number",
        "object": "mapping",
    }
    return words.get(node.get("format", ""), plain[node["type"]])


# ── Tags decided beforehand ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Decided:
    """What a `--tags` file decides: which fields are PHI, who is marketing, which records are overdue.

    `audiences` is None when the file says nothing about people.
    """

    phi: dict[str, str]
    audiences: tuple[Audience, ...] | None = None
    classifier: dict[str, bool | str] | None = None
    retention: tuple[RetentionPolicy, ...] = ()


_LARGEST_DECIDED = 64 * 1024 * 1024
_CLASSIFIER_PATTERNS = ("profile", "role", "department", "title")


def load_decided(path: Path) -> Decided:
    """Read a JSON file of decided tags. A scenario's truth file will do: its other keys are left alone."""
    content = _json_object(path)
    for key in content:
        for meant in ("phi", "classifier", "retention"):
            # Other keys are ignored, so a slip of the pen would silently switch a section off.
            if key != meant and key.casefold().rstrip("s") == meant.rstrip("s"):
                raise _undecided(path, f"unknown key {shown(key)}", f"Did you mean “{meant}”?")
    if "phi" not in content:
        raise _undecided(
            path, "“phi” is missing", 'It maps fields to classes, as in {"phi": {"Contact.MRN__c": "mrn"}}.'
        )
    classifier = content.get("classifier")
    retention = content.get("retention")
    return Decided(
        phi=_decided_phi(path, content["phi"]),
        audiences=None if classifier is None else _decided_audiences(path, classifier),
        classifier=None if classifier is None else dict(classifier),
        retention=() if retention is None else _decided_retention(path, retention),
    )


def _undecided(path: Path, fault: str, hint: str) -> ConfigError:
    return ConfigError(f"{path}: {fault}.", hint=hint)


def _json_object(path: Path) -> dict[str, Any]:
    text = config_file.text_of(path, _LARGEST_DECIDED)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in found if names.count(key) > 1)
            raise _undecided(path, f"the key {shown(twice)} is given twice", "Remove one of them.")
        return found

    try:
        content = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        place = config_file.Place(error.lineno, error.colno)
        where = config_file.located(str(path), place)
        raise ConfigError(
            f"{where}: This is not valid JSON: {error.msg}.", hint="Look at the commas and quotes here."
        ) from None
    except (RecursionError, ValueError):
        raise _undecided(
            path, "this is not JSON that can be read", "Is this the file you meant to give?"
        ) from None
    if not isinstance(content, dict):
        raise _undecided(path, "the file must hold one JSON object", 'Begin it with {"phi": {…}}.')
    return content


def _decided_phi(path: Path, phi: object) -> dict[str, str]:
    if not isinstance(phi, dict):
        raise _undecided(path, "“phi” must be an object", 'Write {"Contact.Diagnosis__c": "diagnosis"}.')
    for name, phi_class in phi.items():
        if not re.fullmatch(r"\w+(\.\w+)+", name):
            raise _undecided(path, f"{shown(name)} in “phi” is not a field", "Write Object.Field.")
        if not isinstance(phi_class, str) or not phi_class.strip():
            raise _undecided(
                path, f"the class of {shown(name)} must be a word", "Give the PHI class as text."
            )
    return dict(phi)


def _decided_audiences(path: Path, classifier: object) -> tuple[Audience, ...]:
    if not isinstance(classifier, dict):
        raise _undecided(path, "“classifier” must be an object", 'Write {"profile": "^marketing"}.')
    for key, value in classifier.items():
        known = ("feature_licence", *_CLASSIFIER_PATTERNS)
        if key not in known:
            raise _undecided(
                path, f"unknown key {shown(key)} in “classifier”", did_you_mean(key, known, "Known keys")
            )
        if key == "feature_licence" and not isinstance(value, bool):
            raise _undecided(
                path, "“classifier.feature_licence” must be true or false", "Write it without quotes."
            )
        if key != "feature_licence" and not isinstance(value, str):
            raise _undecided(path, f"“classifier.{key}” must be text", "Give a regular expression.")
    signs = [Sign("marketing_flag")] if classifier.get("feature_licence") else []
    for key in _CLASSIFIER_PATTERNS:
        if key in classifier:
            try:
                signs.append(Sign(key, pattern(classifier[key])))
            except PydanticCustomError as error:
                context = error.context or {}
                raise _undecided(
                    path, f"“classifier.{key}”: {str(context['sentence']).rstrip('.')}", str(context["hint"])
                ) from None
    return (
        # First, so that marketing is exactly whom the classifier finds, guests and partners included.
        Audience("marketing", tuple(signs), "The classifier given with the tags finds them.", marketing=True),
        Audience(GUEST, (), "Anybody on the internet uses this account.", kinds=frozenset({Kind.GUEST})),
        Audience(EXTERNAL, (), "Works for somebody else.", kinds=frozenset({Kind.EXTERNAL})),
    )


def _decided_retention(path: Path, entries: object) -> tuple[RetentionPolicy, ...]:
    if not isinstance(entries, list):
        raise _undecided(path, "“retention” must be a list", "Write [{…}, {…}].")
    found: dict[str, RetentionPolicy] = {}
    for index, entry in enumerate(entries):
        policy = _decided_policy(path, f"retention[{index}]", entry)
        if policy.id in found:
            raise _undecided(path, f"“retention[{index}]” repeats an earlier entry", "Remove one of them.")
        found[policy.id] = policy
    return tuple(found.values())


def _decided_policy(path: Path, at: str, entry: object) -> RetentionPolicy:
    if not isinstance(entry, dict):
        raise _undecided(
            path, f"“{at}” must be an object", "It has object, date_field, cutoff and null_dates."
        )
    for key in ("object", "date_field", "cutoff", "null_dates"):
        value = entry.get(key, "skip" if key == "null_dates" else None)
        if not isinstance(value, str) or (key != "cutoff" and not re.fullmatch(r"[A-Za-z]\w*", value)):
            raise _undecided(path, f"“{at}.{key}” is missing or not a name", "It is the API name, as text.")
    cutoff = _moment(path, f"{at}.cutoff", entry["cutoff"])
    moment = cutoff.isoformat().removesuffix("+00:00").removesuffix("T00:00:00")
    slug = re.sub(r"[^a-z0-9_-]", "", f"{entry['object']}-{entry['date_field']}-{moment}".lower())
    fallback = entry.get("null_dates", "skip")
    return RetentionPolicy(
        id=slug,
        object=entry["object"],
        anchor=entry["date_field"],
        cutoff=cutoff,
        fallback="" if fallback == "skip" else fallback,
        source=path.name,
        why="The cut-off was given with the tags.",
    )


def _moment(path: Path, at: str, text: str) -> dt.datetime:
    """Read a moment; a day without a time begins at midnight UTC."""
    hint = "Write it with its offset, as in 2020-11-24T00:00:00Z."
    try:
        moment = dt.datetime.fromisoformat(text)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            moment = moment.replace(tzinfo=dt.UTC)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _undecided(path, f"“{at}” is not a date and time", hint) from None
    raise _undecided(path, f"“{at}” does not say in which time zone it is", hint)


def _main() -> None:
    what = (
        reference()
        if sys.argv[1:] == ["--reference"]
        else json.dumps(json_schema(), indent=2, ensure_ascii=False)
    )
    sys.stdout.write(what.rstrip("\n") + "\n")


if __name__ == "__main__":
    _main()
