"""What reaching a host takes, whichever CRM answers there: time-outs, a CA bundle, a proxy, and no surprises.

Each client adds its own allow-list; a session of this page alone refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from auditor.errors import CollectionError


@dataclass(frozen=True, slots=True)
class Transport:
    """How to reach the host: CA bundle, proxy, time-outs in seconds, and the pause that retries start from."""

    ca_bundle: str = ""
    proxy: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 120.0
    retry_wait: float = 0.5


class _Bearer(AuthBase):
    """Keep the Authorization header as it is; without this, requests would look for one in a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class CountedSession(requests.Session):
    """A session that follows no redirect, always has a time-out, retries nothing and counts what leaves."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self.auth = _Bearer()
        self.calls = 0
        self._timeout = (transport.connect_timeout, transport.read_timeout)
        self._ca_bundle = transport.ca_bundle
        self._proxies = {"https": transport.proxy, "http": transport.proxy} if transport.proxy else None
        self.mount("https://", HTTPAdapter(max_retries=0, pool_maxsize=1))
        self.mount("http://", HTTPAdapter(max_retries=0, pool_maxsize=1))

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send one request with our time-out and CA bundle."""
        kwargs.setdefault("timeout", self._timeout)
        kwargs["allow_redirects"] = False
        if self._ca_bundle:
            kwargs["verify"] = self._ca_bundle
        if self._proxies:
            kwargs["proxies"] = self._proxies  # per request, or HTTPS_PROXY would win over the configuration
        return super().request(method, url, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Let a call out, counted."""
        self.calls += 1
        return super().send(request, **kwargs)


def settled(host: str, error: requests.RequestException) -> CollectionError | None:
    """Trouble that no further call would be spared: certificates and proxies."""
    if isinstance(error, requests.exceptions.SSLError) and "certificate has expired" in str(error):
        return CollectionError(
            f"The certificate of {host} has expired.",
            hint="Look at this machine's clock first; whoever runs that host, or the proxy, has to renew it.",
        )
    if isinstance(error, requests.exceptions.SSLError):
        return CollectionError(
            f"The certificate of {host} is not trusted here.",
            hint="Set REQUESTS_CA_BUNDLE, or ca_bundle in the configuration, to the CA that signed it.",
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return CollectionError(
            f"{host} could not be reached through the proxy.",
            hint="Check HTTPS_PROXY, or proxy in the configuration.",
        )
    return None


def unreachable(host: str, error: requests.RequestException) -> CollectionError:
    """Why a host gave no answer at all, as a failure of the whole run."""
    if isinstance(error, requests.exceptions.Timeout):
        return CollectionError(
            f"{host} did not answer in time.", hint="Raise the time-outs, or try again later."
        )
    return settled(host, error) or CollectionError(
        f"{host} could not be reached ({type(error).__name__}).", hint="Check the address and the network."
    )
