"""Where a Tryton server is, and what the name of a database may look like."""

from __future__ import annotations

import re
import urllib.parse
from ipaddress import ip_address

from auditor.errors import ConfigError

_EXAMPLE = "Write it as in https://tryton.example.org."
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
_DATABASE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")


def base_of(text: str) -> str:
    """The address that the name of a database is put behind, without a slash at its end.

    Raises ConfigError, which does not repeat the text: a password may stand in it.
    """
    try:
        parts = urllib.parse.urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError("This is not a web address.", hint=_EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "An address must not carry a user name or password.", hint="Take out what stands before the “@”."
        )
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ConfigError("This is not a web address.", hint=_EXAMPLE)
    if parts.query or parts.fragment:
        raise ConfigError("An address of the server has no “?” and no “#”.", hint=_EXAMPLE)
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigError("A CRM is never spoken to without TLS.", hint="Write https:// instead of http://.")
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def database_of(text: str) -> str:
    """The name of a database, which becomes part of the path. Raises ConfigError."""
    if not _DATABASE.fullmatch(text):
        raise ConfigError(
            "This is not the name of a database.",
            hint="Give letters, digits and “_.-”, as the login shows it.",
        )
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
