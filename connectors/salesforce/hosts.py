"""Addresses of orgs, as people have them: from the browser, from an e-mail, from the CLI, with or without https.

What leaves here is always https://HOST or https://HOST:PORT, the host in small letters.
"""

from __future__ import annotations

import re
import urllib.parse

from auditor.errors import ConfigError

PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"

_ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,119}")
_EXAMPLE = "Write it as in https://acme.my.salesforce.com."
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_LOGIN = re.compile(r"(login|test|welcome)\.salesforce\.com")
_PAGES = re.compile(r"(?P<name>[a-z0-9.-]+)\.(lightning\.force|my\.salesforce-setup)\.com")
"""Hosts of the user interface. What stands before is the org's My Domain with the kind of org behind it."""
_SANDBOX = re.compile(
    r"test\.salesforce\.com"
    r"|.+\.(sandbox|scratch)\.my\.salesforce\.com"
    r"|(.+\.)?cs\d+(\.my)?\.salesforce\.com"
    r"|[^.]+--[^.]+\.my\.salesforce\.com"  # without enhanced domains: only sandboxes have two hyphens
)


def instance_of(text: str) -> str:
    """The address of an org's API, out of any address of that org (salesforce 1.1).

    Raises ConfigError, which does not repeat the text: a password may stand in it.
    """
    address = login_of(text)
    host = _host(address)
    if _LOGIN.fullmatch(host):
        raise ConfigError(
            "This is where people log in, not the address of an org.",
            hint="Give the org's My Domain address, such as https://acme.my.salesforce.com.",
        )
    return address


def login_of(text: str) -> str:
    """The address of a token host: an org's own, or one of Salesforce's. Raises ConfigError like `instance_of`."""
    parts, host, port = _parts(text)
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "An address must not carry a user name or password.", hint="Take out what stands before the “@”."
        )
    if parts.scheme == "http":
        raise ConfigError("A CRM is never spoken to without TLS.", hint="Write https:// instead of http://.")
    if parts.scheme != "https" or not _HOST.fullmatch(host):
        raise ConfigError("This is not a web address.", hint=_EXAMPLE)
    if found := _PAGES.fullmatch(host):
        return f"https://{found['name']}.my.salesforce.com"
    if host.endswith((".force.com", ".salesforce-setup.com")):
        raise ConfigError(
            "This is the address of a page, not of the API.",
            hint="Give the org's My Domain address, such as https://acme.my.salesforce.com.",
        )
    host = f"[{host}]" if ":" in host else host
    return f"https://{host}" if port in {None, 443} else f"https://{host}:{port}"


def login_for(instance: str) -> str:
    """Where users of this org log in unless told otherwise: sandboxes and scratch orgs have a host of their own.

    Salesforce takes nothing else, except the org's My Domain, as the audience of a JWT (salesforce 1.3).
    """
    return SANDBOX_LOGIN if instance and _SANDBOX.fullmatch(_host(instance)) else PRODUCTION_LOGIN


def check_alias(alias: str) -> str:
    """The alias or user name of an org that the CLI knows, fit for a command line. Raises ConfigError."""
    if not _ALIAS.fullmatch(alias):
        raise ConfigError(
            "This is not the alias or user name of an org.",
            hint="Give letters, digits and “_.@+-”, as `sf org list` shows it.",
        )
    return alias


def is_shared_login(address: str) -> bool:
    """Whether this host belongs to no org, so that it has no client credentials (salesforce 1.1)."""
    return _LOGIN.fullmatch(_host(address)) is not None


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).hostname or ""


def _parts(text: str) -> tuple[urllib.parse.SplitResult, str, int | None]:
    """Address, host and port. A host without https:// needs a dot, or any word would be one."""
    text = text.strip()
    bare = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text)
    try:
        parts = urllib.parse.urlsplit(f"https://{text}" if bare else text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return urllib.parse.SplitResult("", "", "", "", ""), "", None
    if bare and "." not in host and parts.username is None:
        host = ""
    return parts, host, port
