"""How a new org is reached: what `init` was given or asks, as the target of a configuration file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import ConfigError
from connectors.salesforce.hosts import instance_of, login_of
from connectors.tryton.hosts import base_of, database_of

Ask = Callable[[str, str], str]
"""A question and what holds without an answer, to the answer."""

PLATFORMS = ("salesforce", "tryton")
WAYS = ("jwt", "client_credentials", "session", "sf_cli")

_PLACE = re.compile(r"(env):([A-Z_][A-Z0-9_]{0,63})|(file):(.{1,1024})|(keyring):([^/\s]+)/([^/\s]+)")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the command line gave; empty where it gave nothing. Secrets are places, never the secrets."""

    name: str = ""
    instance_url: str = ""
    login: str = ""
    username: str = ""
    audience_url: str = ""
    consumer_key_from: str = ""
    private_key_from: str = ""
    consumer_secret_from: str = ""
    access_token_from: str = ""
    sf_alias: str = ""
    platform: str = "salesforce"
    database: str = ""
    password_from: str = ""


def target(given: Answers, ask: Ask, environ: Mapping[str, str]) -> str:
    """The `targets` section of a file, as YAML, after asking for what was not given.

    Raises ConfigError for an answer that is missing, for a platform or way that is none, and for a secret in place of
    its place.
    """

    def answer(said: str, question: str, default: str = "") -> str:
        found = said or ask(question, default)
        if not found:
            raise ConfigError(
                f"There is no answer to “{question}”.", hint="Give it as an option; see: init --help."
            )
        return found

    if given.platform not in PLATFORMS:
        raise ConfigError("There is no draft for this platform.", hint=f"Known: {', '.join(PLATFORMS)}.")
    if given.platform == "tryton":
        return _tryton(given, answer, environ)
    login = answer(given.login, f"Way to log in ({', '.join(WAYS)})", _way(environ))
    login = login.strip().lower().replace("-", "_")
    if login not in WAYS:
        raise ConfigError("This is not a way to log in.", hint=f"Known: {', '.join(WAYS)}.")
    lines = [f"  - name: {_quoted(answer(given.name, 'What reports call the org', 'salesforce'))}"]
    lines += ["    platform: salesforce"]
    if login == "sf_cli":
        alias = answer(given.sf_alias, "Alias of the org in the sf command", environ.get("SF_CLI_ALIAS", ""))
        return "\n".join(["targets:", *lines, f"    auth: {{sf_cli: {_quoted(alias)}}}"])
    url = answer(given.instance_url, "Address of the org", environ.get("SF_INSTANCE_URL", ""))
    lines += [f"    instance_url: {_quoted(_address(instance_of, url))}", "    auth:", f"      {login}:"]
    for key, value in _login(login, given, answer, environ):
        lines.append(f"        {key}: {value}")
    return "\n".join(["targets:", *lines])


def _tryton(given: Answers, answer: Callable[..., str], environ: Mapping[str, str]) -> str:
    name = answer(given.name, "What reports call the database", "tryton")
    url = answer(given.instance_url, "Address of the server", environ.get("TRYTON_URL", ""))
    database = answer(given.database, "Name of the database", environ.get("TRYTON_DATABASE", ""))
    login = answer(given.username, "Login of the auditing user", environ.get("TRYTON_LOGIN", ""))
    in_file = environ.get("TRYTON_PASSWORD_FILE")
    usual = f"file:{Path(in_file).absolute()}" if in_file else "env:TRYTON_PASSWORD"
    password = answer(given.password_from, "Where the password is", usual)
    return "\n".join(
        (
            "targets:",
            f"  - name: {_quoted(name)}",
            "    platform: tryton",
            f"    url: {_quoted(_address(base_of, url))}",
            f"    database: {_quoted(database_of(database))}",
            f"    auth: {{password: {{login: {_quoted(login)}, password: {place(password)}}}}}",
        )
    )


def _login(
    login: str, given: Answers, answer: Callable[..., str], environ: Mapping[str, str]
) -> list[tuple[str, str]]:
    if login == "session":
        token = answer(given.access_token_from, "Where the access token is", "env:SF_ACCESS_TOKEN")
        return [("access_token", place(token))]
    key = answer(given.consumer_key_from, "Where the consumer key is", "env:SF_CONSUMER_KEY")
    if login == "client_credentials":
        in_file = environ.get("SF_CONSUMER_SECRET_FILE")
        usual = f"file:{Path(in_file).absolute()}" if in_file else "env:SF_CONSUMER_SECRET"
        secret = answer(given.consumer_secret_from, "Where the consumer secret is", usual)
        return [("consumer_key", place(key)), ("consumer_secret", place(secret))]
    username = answer(given.username, "User name of the auditing user", environ.get("SF_USERNAME", ""))
    in_file = environ.get("SF_PRIVATE_KEY_FILE")
    usual = f"file:{Path(in_file).absolute()}" if in_file else "file:sf.key"
    private = answer(given.private_key_from, "Where the private key is", usual)
    found = [("consumer_key", place(key)), ("username", _quoted(username)), ("private_key", place(private))]
    host = given.audience_url or environ.get("SF_LOGIN_URL", "")
    return [*found, ("audience", _quoted(_address(login_of, host)))] if host else found


def _address(read: Callable[[str], str], said: str) -> str:
    """The address alone: whatever else was copied with it, such as a session in its query, is not written."""
    try:
        return read(said)
    except ConfigError as error:
        raise ConfigError(f"The address cannot be used: {error.message}", hint=error.hint) from None


def _way(environ: Mapping[str, str]) -> str:
    """What the environment shows, as the ad-hoc door would read it."""
    if environ.get("SF_ACCESS_TOKEN"):
        return "session"
    if environ.get("SF_CONSUMER_SECRET") or environ.get("SF_CONSUMER_SECRET_FILE"):
        return "client_credentials"
    return "sf_cli" if environ.get("SF_CLI_ALIAS") else "jwt"


def place(said: str) -> str:
    """The reference to a secret as YAML. Raises ConfigError, without a word of it, for anything else."""
    match = _PLACE.fullmatch(said.strip())
    if match is None or "-----BEGIN" in said:
        raise ConfigError(
            "This does not say where a secret is.",
            hint="Write env:NAME, file:PATH or keyring:SERVICE/USER. If it was the secret itself, replace it.",
        )
    if match[1]:
        return f"{{env: {match[2]}}}"
    if match[3]:
        return f"{{file: {_quoted(match[4])}}}"
    return f"{{keyring: {{service: {_quoted(match[6])}, user: {_quoted(match[7])}}}}}"


def _quoted(text: str) -> str:
    """Text as a YAML scalar, whatever is in it."""
    return json.dumps(text, ensure_ascii=True)
