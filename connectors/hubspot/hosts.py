"""Where HubSpot's API is: one host for every portal, or a gateway or sandbox in its place."""

from __future__ import annotations

import urllib.parse
from ipaddress import ip_address
from typing import Any

from auditor.errors import ConfigError

API = "https://api.hubapi.com"
_EXAMPLE = f"Write it as in {API}."


def base_of(text: str) -> str:
    """The address that every path is put behind, without a slash at its end (hubspot 1.1).

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
    if parts.scheme not in {"http", "https"} or not _is_host(host):
        raise ConfigError("This is not a web address.", hint=_EXAMPLE)
    if parts.query or parts.fragment:
        raise ConfigError("An address of the API has no “?” and no “#”.", hint=_EXAMPLE)
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigError("A CRM is never spoken to without TLS.", hint="Write https:// instead of http://.")
    if host.startswith("app") and host.endswith(".hubspot.com"):
        raise ConfigError("This is the address of a page, not of the API.", hint=f"The API is at {API}.")
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def _is_host(host: str) -> bool:
    return bool(host) and all(c.isalnum() or c in "-._:" for c in host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_of(address: Any) -> str:
    """The host of a web address, empty for anything else; what follows a host may state a condition."""
    try:
        host = urllib.parse.urlsplit(address).hostname or "" if isinstance(address, str) else ""
    except ValueError:
        return ""
    return host if _is_host(host) else ""  # a token in its place may have a default, which is a value
