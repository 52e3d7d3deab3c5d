"""Which orgs to audit: named in a configuration, or one from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from auditor.errors import ConfigError
from connectors.hubspot.hosts import API, base_of
from connectors.salesforce.hosts import check_alias, instance_of, login_for, login_of
from connectors.tryton import hosts as tryton
from crm_audit.config import (
    ClientCredentials,
    Config,
    Database,
    Jwt,
    OAuth,
    Org,
    Password,
    Portal,
    Project,
    Session,
    SfCli,
    Target,
    Token,
)
from crm_audit.secrets import Secret

T = TypeVar("T")

ENVIRONMENT: Mapping[str, str] = {
    "SF_INSTANCE_URL": "address of the org, such as https://acme.my.salesforce.com",
    "SF_ACCESS_TOKEN": "session id or access token (with SF_INSTANCE_URL)",
    "SF_USERNAME": "user name for a JWT login",
    "SF_CONSUMER_KEY": "consumer key of the app, for a JWT login or client credentials",
    "SF_PRIVATE_KEY_FILE": "file with the RSA private key (PEM), for a JWT login",
    "SF_LOGIN_URL": "token host of a JWT login; default https://login.salesforce.com, for a sandbox test",
    "SF_CONSUMER_SECRET": "consumer secret of the app, for client credentials (with SF_INSTANCE_URL)",
    "SF_CONSUMER_SECRET_FILE": "file with the consumer secret, instead of SF_CONSUMER_SECRET",
    "SF_CLI_ALIAS": "alias or user name of an org that the sf command is logged in to",
    "SF_API_VERSION": "highest API version to use, at least 63.0",
    "HUBSPOT_ACCESS_TOKEN": "service key, token of a private app, or access token of an OAuth app",
    "HUBSPOT_ACCESS_TOKEN_FILE": "file with that, instead of HUBSPOT_ACCESS_TOKEN",
    "HUBSPOT_CLIENT_ID": "client id of an OAuth app, with its secret and a refresh token",
    "HUBSPOT_CLIENT_ID_FILE": "file with the client id, instead of HUBSPOT_CLIENT_ID",
    "HUBSPOT_CLIENT_SECRET": "client secret of the OAuth app",
    "HUBSPOT_CLIENT_SECRET_FILE": "file with the client secret, instead of HUBSPOT_CLIENT_SECRET",
    "HUBSPOT_REFRESH_TOKEN": "refresh token of the OAuth app's installation",
    "HUBSPOT_REFRESH_TOKEN_FILE": "file with the refresh token, instead of HUBSPOT_REFRESH_TOKEN",
    "HUBSPOT_BASE_URL": "gateway or sandbox to go through; default https://api.hubapi.com",
    "TRYTON_URL": "address of the Tryton server, such as https://tryton.example.org",
    "TRYTON_DATABASE": "name of the database",
    "TRYTON_LOGIN": "login of the auditing user",
    "TRYTON_PASSWORD": "password of the auditing user",
    "TRYTON_PASSWORD_FILE": "file with the password, instead of TRYTON_PASSWORD",
    "REQUESTS_CA_BUNDLE": "CA certificates to trust instead of the built-in ones",
    "HTTPS_PROXY": "proxy to go through",
}
"""Every variable the ad-hoc door reads; a test finds each in the documentation."""


def chosen(config: Config, wanted: str) -> tuple[Target, ...]:
    """The targets with this name or platform, or all of them. Raises ConfigError if there are none."""
    found = tuple(t for t in config.targets if wanted in {"", t.name, t.platform})
    if not found:
        names = ", ".join(t.name for t in config.targets) or "none"
        raise ConfigError(
            f"The configuration has no target “{wanted or 'at all'}”.", hint=f"It has: {names}."
        )
    return found


def from_environment(platform: str, environ: Mapping[str, str], project: Path | None = None) -> Target:
    """One target without a configuration: an org or portal out of environment variables, or a folder with source.

    Raises ConfigError for a folder that is not there, and for a platform that does not go with it.
    """
    if platform not in {"", "salesforce", "sfdx", "hubspot", "tryton"}:
        raise ConfigError(
            f"There is no platform “{platform}”.",
            hint="There are salesforce, sfdx, hubspot and tryton; the name of a target needs --config.",
        )
    if platform in _CALLED and project is not None:
        raise ConfigError(
            f"{_CALLED[platform]} is not read from a folder.",
            hint="Write sfdx for the source, or leave out --project.",
        )
    if platform == "hubspot":
        return _portal(environ)
    if platform == "tryton":
        return _database(environ)
    if platform != "sfdx" and project is None:
        return _org(environ)
    if project is None:
        raise ConfigError(
            "It is not said where the source is.", hint="Try: crm-audit run sfdx --project DIRECTORY."
        )
    if not project.is_dir():
        raise ConfigError(f"{project} is not a folder.", hint="Give the folder with sfdx-project.json in it.")
    return Project("sfdx", project)


def _org(environ: Mapping[str, str]) -> Org:
    """One org out of environment variables, which must give exactly one way to log in.

    Two are refused instead of ranked: a run as the wrong user, or of the wrong org, looks like any other. Raises
    ConfigError naming the variable that is missing, too much or unusable.
    """
    from connectors.salesforce.client import highest_version

    begun = [way for way in _WAYS if any(environ.get(name) for name in way.signs)]
    if not begun:
        raise ConfigError("The environment says no way to log in.", hint=_needs())
    if len(begun) > 1:
        names = [name for way in begun for name in way.signs if environ.get(name)]
        raise ConfigError(
            f"The environment says several ways to log in: {' and '.join(way.words for way in begun)}.",
            hint=f"Keep one, out of {', '.join(names)}.",
        )
    [way] = begun
    missing = [name for name in way.needs if not environ.get(name)]
    if missing:
        first = next(name for name in way.signs if environ.get(name))
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigError(f"{first} is set, but {' and '.join(missing)} {verb} not.", hint=_needs())
    version = environ.get("SF_API_VERSION", "")
    _said_by("SF_API_VERSION", highest_version, environ)
    instance = _said_by("SF_INSTANCE_URL", instance_of, environ) or ""
    return Org("salesforce", instance, way.login(environ, instance), api_version=version)


def _portal(environ: Mapping[str, str]) -> Portal:
    """One portal out of environment variables: a token that lasts, or an app whose token is refreshed.

    An access token beside an app's three variables is the app's, and used until it has expired. Raises ConfigError
    naming the variable that is missing, given twice or unusable.
    """
    base = _said_by("HUBSPOT_BASE_URL", base_of, environ) or API
    token = _kept("HUBSPOT_ACCESS_TOKEN", environ)
    app = {name: _kept(name, environ) for name in _OF_AN_APP}
    given = [name for name, secret in app.items() if secret]
    missing = [name for name, secret in app.items() if not secret]
    if given and missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigError(f"{given[0]} is set, but {' and '.join(missing)} {verb} not.", hint=_PORTAL_NEEDS)
    client_id, client_secret, refresh_token = app.values()
    if client_id and client_secret and refresh_token:
        return Portal("hubspot", OAuth(client_id, client_secret, refresh_token, token), base)
    if token is None:
        raise ConfigError("The environment says no way to log in to HubSpot.", hint=_PORTAL_NEEDS)
    return Portal("hubspot", Token(token), base)


def _database(environ: Mapping[str, str]) -> Database:
    """One Tryton database out of environment variables. Raises ConfigError naming the one that is missing."""
    url = _said_by("TRYTON_URL", tryton.base_of, environ)
    database = _said_by("TRYTON_DATABASE", tryton.database_of, environ)
    login, password = environ.get("TRYTON_LOGIN"), _kept("TRYTON_PASSWORD", environ)
    given = {
        "TRYTON_URL": url,
        "TRYTON_DATABASE": database,
        "TRYTON_LOGIN": login,
        "TRYTON_PASSWORD": password,
    }
    if not (url and database and login and password):
        missing = [name for name, value in given.items() if not value]
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigError(f"{' and '.join(missing)} {verb} not set.", hint=_DATABASE_NEEDS)
    return Database("tryton", url, database, Password(login, password))


def _kept(name: str, environ: Mapping[str, str]) -> Secret | None:
    """The secret in a variable, or in the file that its twin names; None where neither is set."""
    twin = _TWINS[name]
    if environ.get(name) and environ.get(twin):
        raise ConfigError(f"{name} and {twin} are both set.", hint="Keep one of them.")
    if environ.get(twin):
        return Secret.from_file(Path(environ[twin]))
    return Secret.from_environment(name, environ) if environ.get(name) else None


_OF_AN_APP = ("HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET", "HUBSPOT_REFRESH_TOKEN")
_TWINS = {
    "HUBSPOT_ACCESS_TOKEN": "HUBSPOT_ACCESS_TOKEN_FILE",
    "HUBSPOT_CLIENT_ID": "HUBSPOT_CLIENT_ID_FILE",
    "HUBSPOT_CLIENT_SECRET": "HUBSPOT_CLIENT_SECRET_FILE",
    "HUBSPOT_REFRESH_TOKEN": "HUBSPOT_REFRESH_TOKEN_FILE",
    "TRYTON_PASSWORD": "TRYTON_PASSWORD_FILE",
}
_CALLED = {"salesforce": "An org", "hubspot": "A portal", "tryton": "A database"}
_DATABASE_NEEDS = "Set TRYTON_URL, TRYTON_DATABASE, TRYTON_LOGIN and TRYTON_PASSWORD; or give --config."
_PORTAL_NEEDS = (
    "Set HUBSPOT_ACCESS_TOKEN; or HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN for an OAuth "
    "app; or give --config."
)


def _said_by(name: str, read: Callable[[str], T], environ: Mapping[str, str]) -> T | None:
    """What a variable says, or None where it is not set. Raises ConfigError with the variable's name."""
    try:
        return read(environ[name]) if environ.get(name) else None
    except ConfigError as error:
        raise ConfigError(f"{name}: {error.message}", hint=error.hint) from None


# ── Ways to log in ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to log in: variables that are a sign of it, all that it needs, and what becomes of them."""

    words: str
    signs: tuple[str, ...]
    needs: tuple[str, ...]
    login: Callable[[Mapping[str, str], str], Session | Jwt | ClientCredentials | SfCli]


def _session(environ: Mapping[str, str], _: str) -> Session:
    return Session(Secret.from_environment("SF_ACCESS_TOKEN", environ))


def _jwt(environ: Mapping[str, str], instance: str) -> Jwt:
    return Jwt(
        Secret.from_environment("SF_CONSUMER_KEY", environ),
        environ["SF_USERNAME"],
        Secret.from_file(Path(environ["SF_PRIVATE_KEY_FILE"])),
        _said_by("SF_LOGIN_URL", login_of, environ) or login_for(instance),
    )


def _client_credentials(environ: Mapping[str, str], _: str) -> ClientCredentials:
    file, direct = environ.get("SF_CONSUMER_SECRET_FILE"), environ.get("SF_CONSUMER_SECRET")
    if file and direct:
        raise ConfigError(
            "SF_CONSUMER_SECRET and SF_CONSUMER_SECRET_FILE are both set.", hint="Keep one of them."
        )
    secret = Secret.from_file(Path(file)) if file else Secret.from_environment("SF_CONSUMER_SECRET", environ)
    return ClientCredentials(Secret.from_environment("SF_CONSUMER_KEY", environ), secret)


def _sf_cli(environ: Mapping[str, str], _: str) -> SfCli:
    return SfCli(_said_by("SF_CLI_ALIAS", check_alias, environ) or "")


_WAYS = (
    _Way("an access token", ("SF_ACCESS_TOKEN",), ("SF_ACCESS_TOKEN", "SF_INSTANCE_URL"), _session),
    _Way(
        "a JWT login",
        ("SF_USERNAME", "SF_PRIVATE_KEY_FILE"),
        ("SF_USERNAME", "SF_CONSUMER_KEY", "SF_PRIVATE_KEY_FILE"),
        _jwt,
    ),
    _Way(
        "client credentials",
        ("SF_CONSUMER_SECRET", "SF_CONSUMER_SECRET_FILE"),
        ("SF_CONSUMER_KEY", "SF_INSTANCE_URL"),
        _client_credentials,
    ),
    _Way("the sf command's session", ("SF_CLI_ALIAS",), ("SF_CLI_ALIAS",), _sf_cli),
)


def _needs() -> str:
    return (
        "Set SF_INSTANCE_URL and SF_ACCESS_TOKEN; or SF_USERNAME, SF_CONSUMER_KEY and SF_PRIVATE_KEY_FILE for a JWT "
        "login; or SF_INSTANCE_URL, SF_CONSUMER_KEY and SF_CONSUMER_SECRET for client credentials; or SF_CLI_ALIAS; "
        "or give --config."
    )
