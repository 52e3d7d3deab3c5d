"""What an audit is told: targets, audiences, policy, mappings and retention, out of one YAML file.

A flag wins over the environment, the environment over the file, the file over the defaults. A section that
the file gives replaces the default one as a whole.

config_entries     what may be written in the file
config_values      the kinds of value in it
config_source      what was written, where, and what was laid over it
config_validation  what is wrong with it
config_schema      what is published about it
decided            the file of `--tags`
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from auditor.errors import ConfigError
from auditor.people import UNCLASSIFIED, Audience, Kind, Sign
from auditor.phi import Coarse
from auditor.policy import Approval, Level, Policy
from auditor.retention import Minimum, RetentionPolicy
from connectors.hubspot.evidence import OBJECTS, Granted, Stated, UsersExport
from connectors.hubspot.hosts import API
from connectors.salesforce.hosts import PRODUCTION_LOGIN, login_for
from crm_audit.config_entries import (
    AcceptedUnknown,
    AudienceEntry,
    AuthEntry,
    CellEntry,
    ConfigurationFile,
    PolicyEntry,
    RunsEntry,
    SecretEntry,
    TargetEntry,
)
from crm_audit.config_problems import dotted
from crm_audit.config_schema import json_schema
from crm_audit.config_source import ENVIRONMENT, Source
from crm_audit.config_validation import validated
from crm_audit.config_values import Surroundings
from crm_audit.decided import Decided, load_decided
from crm_audit.secrets import Secret
from mappings import SHIPPED
from mappings.located import compose, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from crm_audit.config_problems import Route

__all__ = [
    "ENVIRONMENT",
    "AcceptedUnknown",
    "Alert",
    "ClientCredentials",
    "Config",
    "Database",
    "Decided",
    "Jwt",
    "OAuth",
    "Org",
    "Password",
    "Portal",
    "Project",
    "Runs",
    "Sampled",
    "Session",
    "SfCli",
    "Target",
    "Token",
    "default",
    "describe",
    "json_schema",
    "load",
    "load_decided",
    "of_text",
    "secrets_of",
    "warnings",
]

LARGEST_FILE = 256 * 1024
USUAL_FILE = Path("crm-audit.yaml")
USUAL_LEDGER = Path("tag-decisions.yaml")
SIX_YEARS = 2192
"""Days."""
TRYTONS_OWN = ("ir.*", "res.*")
"""Models about models, views, groups and users."""


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
    audience: str = PRODUCTION_LOGIN


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Logging in as an app (OAuth 2.0 client credentials flow), at the org's own address."""

    consumer_key: Secret
    consumer_secret: Secret


@dataclass(frozen=True, slots=True)
class SfCli:
    """Taking over the session of an org that the `sf` command is logged in to."""

    alias: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """Objects whose values may be looked at, and how many records of each."""

    objects: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Org:
    """A Salesforce org to audit, and how to reach it.

    Without an `api_version` the newest is used, without an `instance_url` the address the `sf` command knows.
    """

    platform: ClassVar[str] = "salesforce"

    name: str
    instance_url: str
    auth: Session | Jwt | ClientCredentials | SfCli
    api_version: str = ""
    ca_bundle: Path | None = None
    proxy: str = ""
    connect_timeout: float = 10
    read_timeout: float = 120
    budget_calls: int = 0
    daily_share: float = 0.8
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ("*__Feed",)
    sampling: Sampled | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with the source of an org: what would be deployed, without the people who use it."""

    platform: ClassVar[str] = "sfdx"

    name: str
    folder: Path
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ("*__Feed",)


@dataclass(frozen=True, slots=True)
class Token:
    """Reading a portal with a service key or the token of a private app, which hold until somebody rotates them."""

    token: Secret


@dataclass(frozen=True, slots=True)
class OAuth:
    """Reading a portal as an OAuth app; with an `access_token` nothing is refreshed until that has expired."""

    client_id: Secret
    client_secret: Secret
    refresh_token: Secret
    access_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """A HubSpot portal to audit: how to reach it, what somebody states of it, and the folder with evidence."""

    platform: ClassVar[str] = "hubspot"

    name: str
    auth: Token | OAuth
    base_url: str = API
    ca_bundle: Path | None = None
    proxy: str = ""
    connect_timeout: float = 10
    read_timeout: float = 120
    budget_calls: int = 0
    daily_share: float = 0.8
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    evidence: Path | None = None
    stated: Stated = field(default_factory=Stated)
    users_export: UsersExport | None = None
    sampling: Sampled | None = None


@dataclass(frozen=True, slots=True)
class Password:
    """Logging in by name and password."""

    login: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a Tryton server to audit, and how to reach it. Tryton's own models are not scanned for PHI."""

    platform: ClassVar[str] = "tryton"

    name: str
    url: str
    database: str
    auth: Password
    ca_bundle: Path | None = None
    proxy: str = ""
    connect_timeout: float = 10
    read_timeout: float = 120
    budget_calls: int = 0
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = TRYTONS_OWN


Target = Org | Portal | Database | Project


@dataclass(frozen=True, slots=True)
class Runs:
    """Where runs are kept, and for how long; `max_age` is an ISO 8601 duration."""

    directory: Path
    keep_days: int | None = None
    keep_last: int | None = None
    max_age: str = "P2D"


@dataclass(frozen=True, slots=True)
class Alert:
    """Whom to tell; `place` is where the configuration says so, `internal` allows names in the message."""

    url: Secret
    place: str
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an audit is told. `sources` says for each key that was set where; other keys are defaults.

    `digest` identifies what was decided, without secrets and without where reports go. `decisions` is where the ledger
    is, or would be; None where no file says so.
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
    runs: Runs | None = None
    alerts: tuple[Alert, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    waivers: Path | None = None
    decisions: Path | None = None
    part2: bool = False
    vocabulary_paths: tuple[Path, ...] = ()


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
    return _loaded(Source.of(read(path, largest=LARGEST_FILE)), path, environ, flags, classes)


def of_text(text: str, path: Path, environ: Mapping[str, str], classes: Collection[str] = ()) -> Config:
    """The same for a text that is not written yet; `path` says where it would be. Raises ConfigError."""
    return _loaded(Source.of(compose(text, str(path))), path, environ, classes=classes)


def _loaded(
    source: Source,
    path: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, object] | None = None,
    classes: Collection[str] = (),
) -> Config:
    source.lay_over(flags or {}, environ)
    if ("audiences",) in source.values:
        audiences = {name for _, name in source.texts("audiences", None, "name")}
    else:
        audiences = {audience.name for audience in _defaults().audiences or ()}
    coarse = {c.value for c in Coarse if c is not Coarse.NONE}
    surroundings = Surroundings(
        folder=path.parent,
        audiences={UNCLASSIFIED, *audiences},
        phi_classes={"*", *coarse, *classes},
    )
    found = _converted(source, validated(source, ConfigurationFile, surroundings), path.parent, environ)
    return found if found.decisions else replace(found, decisions=path.parent / USUAL_LEDGER)


def default(environ: Mapping[str, str] | None = None, *, flags: Mapping[str, object] | None = None) -> Config:
    """Give what applies without a file: no targets, no retention, and a draft of a policy nobody approved."""
    # Without places: what comes out of the built-in file shows as a default.
    source = Source("defaults.yaml", value=_written_defaults().value)
    source.lay_over(flags or {}, environ or {})
    return _converted(source, validated(source, ConfigurationFile), Path(), environ or {})


def _written_defaults() -> Source:
    text = resources.files("crm_audit").joinpath("defaults.yaml").read_text(encoding="utf-8")
    return Source.of(compose(text, "defaults.yaml"))


@cache
def _defaults() -> ConfigurationFile:
    return validated(_written_defaults(), ConfigurationFile)


# ── From the file to what the program uses ────────────────────────────────────────────────────────


def _converted(source: Source, file: ConfigurationFile, folder: Path, environ: Mapping[str, str]) -> Config:
    audiences = file.audiences if file.audiences is not None else _defaults().audiences or ()
    policy = file.policy or _draft_for(audiences)
    report: Route = ("report", "directory")
    beside_file = report in source.values and report not in source.origins
    return Config(
        targets=tuple(_target(source, i, entry, folder, environ) for i, entry in enumerate(file.targets)),
        audiences=tuple(
            Audience(
                a.name,
                a.signs.signs(),
                a.why,
                a.marketing,
                frozenset(Kind(k) for k in a.kinds),
                a.administers,
                a.confirmed,
            )
            for a in audiences
        ),
        policy=_policy(policy),
        mapping_paths=tuple(_mapping(folder, name) for name in file.mappings),
        retention=tuple(
            RetentionPolicy(
                id=r.id,
                object=r.object,
                anchor=r.anchor,
                period=r.period,
                fallback=r.fallback,
                hold=r.hold,
                source=r.source,
                why=r.why,
                minimums=tuple(m.minimum() for m in r.minimums),
                recovery_window=r.recovery_window or "",
            )
            for r in file.retention
        ),
        accepted_unknowns=file.accepted_unknowns,
        strict_credential=file.strict_credential,
        report_dir=(folder if beside_file else Path()) / file.report.directory,
        digest=_digest(file.model_copy(update={"audiences": audiences, "policy": policy})),
        runs=_runs(file.runs, folder),
        alerts=tuple(
            Alert(
                secret_of(source, alert.url_from, ("alerts", i, "url_from"), folder, environ),
                f"alerts[{i}]",
                alert.detail == "internal",
            )
            for i, alert in enumerate(file.alerts)
        ),
        sources=source.sources(),
        waivers=folder / file.waivers if file.waivers else None,
        decisions=folder / file.decisions if file.decisions else None,
        part2=file.organisation.part2,
        vocabulary_paths=tuple(folder / name for name in file.vocabulary),
    )


def _mapping(folder: Path, name: str) -> Path:
    """A mapping file, which may have the name of one that comes with the program."""
    own = folder / name
    return own if own.is_file() else SHIPPED.get(name, own)


def _runs(entry: RunsEntry | None, folder: Path) -> Runs | None:
    if entry is None:
        return None
    return Runs(folder / entry.directory, entry.keep_days, entry.keep_last, entry.max_age)


def secret_of(
    source: Source, kept: SecretEntry, route: Route, folder: Path, environ: Mapping[str, str]
) -> Secret:
    """The secret an entry refers to, with its place; paths are relative to the folder."""
    place = source.where(route)
    where = place.place if place else source.file
    if kept.env is not None:
        return Secret.from_environment(kept.env, environ, where)
    if kept.keyring is not None:
        return Secret.from_keyring(kept.keyring.service, kept.keyring.user, where)
    return Secret.from_file(folder / (kept.file or ""), where)


def _target(
    source: Source, index: int, entry: TargetEntry, folder: Path, environ: Mapping[str, str]
) -> Target:
    def secret(kept: SecretEntry, *keys: str) -> Secret:
        return secret_of(source, kept, ("targets", index, "auth", *keys), folder, environ)

    def access(auth: AuthEntry) -> Token | OAuth:
        if auth.token is not None:
            return Token(secret(auth.token, "token"))
        if auth.oauth is None:
            raise ConfigError(f"The target {entry.name} has no way to log in.")
        return OAuth(
            secret(auth.oauth.client_id, "oauth", "client_id"),
            secret(auth.oauth.client_secret, "oauth", "client_secret"),
            secret(auth.oauth.refresh_token, "oauth", "refresh_token"),
        )

    def login(auth: AuthEntry) -> Session | Jwt | ClientCredentials | SfCli:
        if auth.session is not None:
            return Session(secret(auth.session.access_token, "session", "access_token"))
        if auth.client_credentials is not None:
            return ClientCredentials(
                secret(auth.client_credentials.consumer_key, "client_credentials", "consumer_key"),
                secret(auth.client_credentials.consumer_secret, "client_credentials", "consumer_secret"),
            )
        if auth.sf_cli is not None:
            return SfCli(auth.sf_cli)
        if auth.jwt is None:
            raise ConfigError(f"The target {entry.name} has no way to log in.")
        return Jwt(
            secret(auth.jwt.consumer_key, "jwt", "consumer_key"),
            auth.jwt.username,
            secret(auth.jwt.private_key, "jwt", "private_key"),
            auth.jwt.audience or login_for(entry.instance_url or ""),
        )

    if entry.project is not None:
        return Project(entry.name, folder / entry.project, entry.objects.include, entry.objects.exclude)
    if entry.auth is None:
        raise ConfigError(f"The target {entry.name} has no way to log in.")
    if entry.platform == Portal.platform:
        return Portal(
            name=entry.name,
            auth=access(entry.auth),
            base_url=entry.base_url or API,
            ca_bundle=folder / entry.ca_bundle if entry.ca_bundle else None,
            proxy=entry.proxy or "",
            connect_timeout=entry.timeouts.connect,
            read_timeout=entry.timeouts.read,
            budget_calls=entry.api_budget.calls,
            daily_share=entry.api_budget.daily_share,
            include=entry.objects.include,
            exclude=entry.objects.exclude,
            evidence=folder / entry.evidence if entry.evidence else None,
            stated=_stated(entry),
            users_export=_users_export(entry),
            sampling=_sampled(entry),
        )
    if entry.platform == Database.platform:
        if entry.auth.password is None:
            raise ConfigError(f"The target {entry.name} has no way to log in.")
        chosen = "exclude" in entry.objects.model_fields_set
        return Database(
            name=entry.name,
            url=entry.url or "",
            database=entry.database or "",
            auth=Password(
                entry.auth.password.login, secret(entry.auth.password.password, "password", "password")
            ),
            ca_bundle=folder / entry.ca_bundle if entry.ca_bundle else None,
            proxy=entry.proxy or "",
            connect_timeout=entry.timeouts.connect,
            read_timeout=entry.timeouts.read,
            budget_calls=entry.api_budget.calls,
            include=entry.objects.include,
            exclude=entry.objects.exclude if chosen else TRYTONS_OWN,
        )
    return Org(
        name=entry.name,
        instance_url=entry.instance_url or "",
        auth=login(entry.auth),
        api_version=entry.api_version or "",
        ca_bundle=folder / entry.ca_bundle if entry.ca_bundle else None,
        proxy=entry.proxy or "",
        connect_timeout=entry.timeouts.connect,
        read_timeout=entry.timeouts.read,
        budget_calls=entry.api_budget.calls,
        daily_share=entry.api_budget.daily_share,
        include=entry.objects.include,
        exclude=entry.objects.exclude,
        sampling=_sampled(entry),
    )


def _sampled(entry: TargetEntry) -> Sampled | None:
    if entry.sampling is None:
        return None
    return Sampled(tuple(dict.fromkeys(entry.sampling.objects)), entry.sampling.rows)


def _stated(entry: TargetEntry) -> Stated:
    """What the entry of a portal states of it; `*` among the objects stands for the usual ones."""
    named = tuple(name for name in entry.objects.include if "*" not in name and "?" not in name)
    usual = OBJECTS if len(named) < len(entry.objects.include) else ()
    return Stated(
        edition=entry.edition or "",
        evidence_max_age_days=entry.evidence_max_age_days,
        exceptions=entry.exceptions,
        record_sample=entry.record_sample,
        objects=tuple(dict.fromkeys((*usual, *named))),
    )


def _users_export(entry: TargetEntry) -> UsersExport | None:
    export = entry.users_export
    if export is None:
        return None
    words = {word: Granted(m.object, m.view or "", m.edit or "") for word, m in export.permissions.items()}
    columns = export.columns.model_dump(exclude_none=True)
    return UsersExport(columns, words) if columns else UsersExport(permissions=words)


def _draft_for(audiences: Sequence[AudienceEntry]) -> PolicyEntry:
    """Take the built-in draft, without rows for audiences that do not exist here."""
    draft = _defaults().policy or PolicyEntry(matrix={})
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


def _digest(file: ConfigurationFile) -> str:
    """Identify what was decided, whatever its layout. Where secrets are and reports go decides nothing."""
    secrets = {
        "session": {"access_token"},
        "jwt": {"consumer_key", "private_key"},
        "client_credentials": {"consumer_key", "consumer_secret"},
        "token": {"env", "file", "keyring"},
        "oauth": {"client_id", "client_secret", "refresh_token"},
    }
    content = file.model_dump(
        mode="json",
        exclude={"report": True, "runs": True, "alerts": True, "targets": {"__all__": {"auth": secrets}}},
    )
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# ── Showing it ────────────────────────────────────────────────────────────────────────────────────


def describe(config: Config) -> list[tuple[str, str, str]]:
    """List the settings in force: key, value, and where it was set. Secrets show as references."""
    rows = ((dotted(route), text) for route, text in _flat(_settings(config)))
    return [(key, text, config.sources.get(key, "default")) for key, text in rows]


def _flat(value: Any, route: Route = ()) -> Iterator[tuple[Route, str]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(inner, (*route, step))
    else:
        yield route, str(value).lower() if isinstance(value, bool) else str(value)


def _settings(config: Config) -> dict[str, Any]:
    """Lay the settings out as a file has them."""
    return {
        "targets": [_target_settings(target) for target in config.targets],
        "audiences": [_audience_settings(audience) for audience in config.audiences],
        "policy": {
            "version": config.policy.version,
            "matrix": {
                name: {phi_class: _in_words(cell) for phi_class, cell in row.items()}
                for name, row in config.policy.matrix.items()
            },
        },
        "mappings": list(config.mapping_paths),
        **({"vocabulary": list(config.vocabulary_paths)} if config.vocabulary_paths else {}),
        "retention": [
            {
                **{
                    key: getattr(policy, key)
                    for key in ("id", "object", "anchor", "period", "fallback", "hold", "source", "why")
                },
                **({"recovery_window": policy.recovery_window} if policy.recovery_window else {}),
                **({"minimums": [_minimum_settings(m) for m in policy.minimums]} if policy.minimums else {}),
            }
            for policy in config.retention
        ],
        "organisation": {"part2": config.part2},
        "accepted_unknowns": [unknown.model_dump() for unknown in config.accepted_unknowns],
        **({"waivers": config.waivers} if config.waivers else {}),
        **({"decisions": config.decisions} if "decisions" in config.sources else {}),
        "strict_credential": config.strict_credential,
        "report": {"directory": config.report_dir},
        **({"runs": _runs_settings(config.runs)} if config.runs else {}),
        "alerts": [
            {"url_from": alert.url.reference, "detail": "internal" if alert.internal else "counts"}
            for alert in config.alerts
        ],
    }


def _runs_settings(runs: Runs) -> dict[str, Any]:
    return {
        "directory": runs.directory,
        "keep_days": runs.keep_days or "all",
        "keep_last": runs.keep_last or "all",
        "max_age": runs.max_age,
    }


def _target_settings(target: Target) -> dict[str, Any]:
    objects = {"include": ", ".join(target.include), "exclude": ", ".join(target.exclude)}
    if isinstance(target, Project):
        return {
            "name": target.name,
            "platform": target.platform,
            "project": target.folder,
            "objects": objects,
        }
    if isinstance(target, Portal):
        return _portal_settings(target, objects)
    if isinstance(target, Database):
        return _database_settings(target, objects)
    auth: dict[str, Any]
    match target.auth:
        case Session(access_token):
            auth = {"session": {"access_token": access_token.reference}}
        case Jwt(consumer_key, username, private_key, audience):
            auth = {
                "jwt": {
                    "consumer_key": consumer_key.reference,
                    "username": username,
                    "private_key": private_key.reference,
                    "audience": audience,
                }
            }
        case ClientCredentials(consumer_key, consumer_secret):
            auth = {
                "client_credentials": {
                    "consumer_key": consumer_key.reference,
                    "consumer_secret": consumer_secret.reference,
                }
            }
        case SfCli(alias):
            auth = {"sf_cli": alias}
    return {
        "name": target.name,
        "platform": target.platform,
        "instance_url": target.instance_url or "what the sf command knows",
        "auth": auth,
        "api_version": target.api_version or "the org's newest",
        "ca_bundle": target.ca_bundle or "the usual certificates",
        "proxy": target.proxy or "none",
        "timeouts": {"connect": f"{target.connect_timeout:g}", "read": f"{target.read_timeout:g}"},
        "api_budget": {"calls": target.budget_calls or "no bound", "daily_share": f"{target.daily_share:g}"},
        "objects": objects,
        **_sampling_settings(target.sampling),
    }


def _sampling_settings(sampling: Sampled | None) -> dict[str, Any]:
    return {"sampling": {"objects": ", ".join(sampling.objects), "rows": sampling.rows}} if sampling else {}


def _portal_settings(portal: Portal, objects: dict[str, str]) -> dict[str, Any]:
    match portal.auth:
        case Token(token):
            auth: dict[str, Any] = {"token": token.reference}
        case OAuth(client_id, client_secret, refresh_token):
            auth = {
                "oauth": {
                    "client_id": client_id.reference,
                    "client_secret": client_secret.reference,
                    "refresh_token": refresh_token.reference,
                }
            }
    stated = portal.stated
    return {
        "name": portal.name,
        "platform": portal.platform,
        "base_url": portal.base_url,
        "auth": auth,
        "ca_bundle": portal.ca_bundle or "the usual certificates",
        "proxy": portal.proxy or "none",
        "timeouts": {"connect": f"{portal.connect_timeout:g}", "read": f"{portal.read_timeout:g}"},
        "api_budget": {"calls": portal.budget_calls or "no bound", "daily_share": f"{portal.daily_share:g}"},
        "objects": objects,
        "edition": stated.edition or "not stated",
        "evidence": portal.evidence or "none",
        "evidence_max_age_days": stated.evidence_max_age_days,
        "exceptions": "the built-in list"
        if stated.exceptions is None
        else {name: ", ".join(names) for name, names in stated.exceptions.items()},
        "record_sample": stated.record_sample,
        **_sampling_settings(portal.sampling),
        **({"users_export": _export_settings(portal.users_export)} if portal.users_export else {}),
    }


def _database_settings(database: Database, objects: dict[str, str]) -> dict[str, Any]:
    return {
        "name": database.name,
        "platform": database.platform,
        "url": database.url,
        "database": database.database,
        "auth": {"password": {"login": database.auth.login, "password": database.auth.password.reference}},
        "ca_bundle": database.ca_bundle or "the usual certificates",
        "proxy": database.proxy or "none",
        "timeouts": {"connect": f"{database.connect_timeout:g}", "read": f"{database.read_timeout:g}"},
        "api_budget": {"calls": database.budget_calls or "no bound"},
        "objects": objects,
    }


def _export_settings(export: UsersExport) -> dict[str, Any]:
    return {
        "columns": dict(export.columns),
        "permissions": {
            word: {"object": m.object, "view": m.view or "not known", "edit": m.edit or "not known"}
            for word, m in export.permissions.items()
        },
    }


def _audience_settings(audience: Audience) -> dict[str, Any]:
    signs: dict[str, Any] = {}
    for sign in audience.signs:
        key, value = _sign_setting(sign)
        signs[key] = f"{signs[key]}, {value}" if key in signs else value
    kinds = {"kinds": ", ".join(sorted(audience.kinds))} if audience.kinds else {}
    return {
        "name": audience.name,
        "marketing": audience.marketing,
        **({"administers": True} if audience.administers else {}),
        **({} if audience.confirmed else {"confirmed": False}),
        **kinds,
        "signs": signs,
        "why": audience.why,
    }


def _sign_setting(sign: Sign) -> tuple[str, Any]:
    """The key under which a configuration has a sign, and what it says there."""
    kind, _, member = sign.pattern.partition(":")
    if sign.attribute == "memberships":
        return {"role": "permission_set_ids", "team": "team_ids"}[kind], member
    keys = {
        "marketing_flag": "marketing_user",
        "sets": "permission_set",
        "teams": "team",
        "email": "emails",
        "id": "people",
    }
    return keys.get(sign.attribute, sign.attribute), sign.pattern or True


def _minimum_settings(minimum: Minimum) -> dict[str, Any]:
    by = (
        f"verified by {minimum.verified_by} on {minimum.verified_on}"
        if minimum.verified_on
        else "not verified"
    )
    return {
        "jurisdiction": minimum.jurisdiction,
        "period": minimum.period,
        "citation": f"{minimum.citation} ({by})",
    }


def _in_words(cell: Approval) -> str:
    by = f"approved by {cell.approver} on {cell.date}" if cell.approver else "nobody approved this"
    return f"{cell.level.name.lower()} ({by})" + (f": {cell.why}" if cell.why else "")


def secrets_of(target: Target) -> tuple[Secret, ...]:
    """The secrets a target logs in with; none for source, or where the `sf` command keeps them."""
    match target:
        case Org(auth=Session(access_token)):
            return (access_token,)
        case Org(auth=Jwt(consumer_key, _, private_key)):
            return consumer_key, private_key
        case Org(auth=ClientCredentials(consumer_key, consumer_secret)):
            return consumer_key, consumer_secret
        case Portal(auth=Token(token)):
            return (token,)
        case Portal(auth=OAuth(client_id, client_secret, refresh_token, access_token)):
            return client_id, client_secret, refresh_token, *([access_token] if access_token else [])
        case Database(auth=Password(_, password)):
            return (password,)
        case _:
            return ()


def warnings(config: Config) -> tuple[str, ...]:
    """List what is legal and still worth a word: readable secrets, a policy with holes or no approval."""
    found = [secret.warning for target in config.targets for secret in secrets_of(target)]
    found += [alert.url.warning for alert in config.alerts]
    if (runs := config.runs) and (runs.keep_days or runs.keep_last) and (runs.keep_days or 0) < SIX_YEARS:
        found.append(
            "Runs may be removed before the six years of 45 CFR 164.316(b)(2)(i) for what documents a required "
            f"activity; runs.keep_days: {SIX_YEARS} keeps them."
        )
    cells = [cell for row in config.policy.matrix.values() for cell in row.values()]
    if draft := sum(not cell.approver for cell in cells):
        found.append(f"{draft} of the {len(cells)} entries of the policy were approved by nobody.")
    found += [
        f"The audience “{audience.name}” is a proposal that nobody confirmed."
        for audience in config.audiences
        if not audience.confirmed
    ]
    found += [
        f"The policy says nothing about the audience “{audience.name}”, so nothing is approved for it."
        for audience in config.audiences
        if not config.policy.matrix.get(audience.name)
    ]
    return tuple(filter(None, found))
