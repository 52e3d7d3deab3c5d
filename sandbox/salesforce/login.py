"""How a client gets a session: the OAuth token endpoint and SOAP login (salesforce 1.3, 1.5)."""

from __future__ import annotations

import base64
import binascii
import html
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.salesforce.fixture import Org

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_TOLERANCE = 300
"""Seconds a token may be valid for; other public clients use five minutes and work."""

SOAP_LOGIN_ENDS = 65.0


@dataclass(frozen=True)
class Credentials:
    """What the server accepts. Anything left out is not checked, so a test names only what it is about."""

    consumer_key: str | None = None
    consumer_secret: str | None = None
    public_key: str | bytes | None = None
    password: str | None = None
    approved: bool = True


@dataclass(frozen=True)
class TokenAnswer:
    """Status and body of the token endpoint, which has its own error shape."""

    status: int
    body: dict[str, Any]


class RefusedError(Exception):
    """A token request the endpoint turns down."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Site:
    """Who is logged in to: the org, its address, and the credentials it knows."""

    org: Org
    url: str
    known: Credentials


def token_answer(site: Site, token: str, form: Mapping[str, str], authorization: str) -> TokenAnswer:
    """Answer a POST to the token endpoint with that token, or refuse it."""
    org, url = site.org, site.url
    try:
        username = _granted_username(site, form, authorization)
    except RefusedError as refusal:
        return TokenAnswer(refusal.status, {"error": refusal.error, "error_description": refusal.description})
    user = _find_user(org, username) or org.user(org.running_user.id) or {}
    return TokenAnswer(
        200,
        {
            "access_token": token,
            "signature": base64.b64encode(b"sandbox").decode(),
            "scope": "api",
            "instance_url": url,
            "id": f"{url}/id/{org.organization_id}/{user.get('Id')}",
            "token_type": "Bearer",
            "issued_at": str(int(_now() * 1000)),
        },
    )


def _granted_username(site: Site, form: Mapping[str, str], authorization: str) -> str | None:
    """The user a grant is for; None is the user the app runs as."""
    grant = form.get("grant_type")
    if grant == JWT_GRANT:
        return _checked_assertion(site, form.get("assertion", ""))
    if grant == "client_credentials":
        _check_client(form, authorization, site.known)
        return None
    raise RefusedError("unsupported_grant_type", "grant type not supported")


def _checked_assertion(site: Site, assertion: str) -> str:
    """The username a JWT speaks for; `exp` may be a string of digits, as simple-salesforce writes it."""
    org, url, known = site.org, site.url, site.known
    options = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_sub": False}
    try:
        if known.public_key is None:
            claims = jwt.decode(assertion, options={**options, "verify_signature": False})  # type: ignore[arg-type]
        else:
            claims = jwt.decode(assertion, known.public_key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        raise RefusedError("invalid_grant", "invalid assertion") from None
    if known.consumer_key is not None and claims.get("iss") != known.consumer_key:
        raise RefusedError("invalid_client_id", "client identifier invalid")
    audience = str(claims.get("aud", ""))
    if audience != url and not re.fullmatch(r"https://[\w.-]+\.salesforce\.com/?", audience):
        raise RefusedError("invalid_grant", "audience is invalid")
    try:
        remaining = float(claims["exp"]) - _now()
    except (KeyError, TypeError, ValueError):
        raise RefusedError("invalid_grant", "invalid assertion") from None
    if not -JWT_TOLERANCE < remaining <= JWT_TOLERANCE + 60:
        raise RefusedError("invalid_grant", "invalid assertion")
    username = str(claims.get("sub", ""))
    if org.rows("User") and _find_user(org, username) is None:
        raise RefusedError("invalid_grant", "user hasn't approved this consumer")
    if not known.approved:
        raise RefusedError("invalid_grant", "user hasn't approved this consumer")
    return username


def _now() -> float:
    """The real time: a client signs its assertion by its own clock, not by the org's."""
    return time.time()  # noqa: TID251 - the other side of the wire has a clock of its own


def _check_client(form: Mapping[str, str], authorization: str, known: Credentials) -> None:
    """Client credentials come as HTTP Basic, or in the form."""
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        try:
            key, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise RefusedError("invalid_client", "invalid client credentials", 401) from None
    if not key or (known.consumer_key is not None and key != known.consumer_key):
        raise RefusedError("invalid_client_id", "client identifier invalid")
    if not secret or (known.consumer_secret is not None and secret != known.consumer_secret):
        raise RefusedError("invalid_client", "invalid client credentials")


def _find_user(org: Org, username: str | None) -> dict[str, Any] | None:
    if username is None:
        return None
    return next((u for u in org.rows("User") if str(u["Username"]).lower() == username.lower()), None)


def user_info(org: Org, url: str) -> dict[str, Any]:
    """`GET /services/oauth2/userinfo`."""
    user = org.user(org.running_user.id) or {}
    return {
        "sub": f"{url}/id/{org.organization_id}/{user.get('Id')}",
        "user_id": user.get("Id"),
        "organization_id": org.organization_id,
        "preferred_username": user.get("Username"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "active": user.get("IsActive", True),
        "user_type": "STANDARD",
        "urls": {
            "enterprise": f"{url}/services/Soap/c/{{version}}/{org.organization_id}",
            "rest": f"{url}/services/data/v{{version}}/",
            "sobjects": f"{url}/services/data/v{{version}}/sobjects/",
            "query": f"{url}/services/data/v{{version}}/query/",
            "tooling_rest": f"{url}/services/data/v{{version}}/tooling/",
        },
    }


_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" '
    'xmlns="urn:partner.soap.sforce.com"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)


def soap_login(site: Site, token: str, version: str, body: str) -> tuple[int, str]:
    """Answer a SOAP `login()`; API 65.0 and later have none."""
    org, url, known = site.org, site.url, site.known
    try:
        number = float(version)
    except ValueError:
        number = 0.0
    if version not in org.versions or number >= SOAP_LOGIN_ENDS:
        return _fault(
            "UNSUPPORTED_API_VERSION",
            f"UNSUPPORTED_API_VERSION: Invalid Api version specified on URL: {version}",
        )
    username, password = _element(body, "username"), _element(body, "password")
    user = _find_user(org, username)
    if user is None or not password or (known.password is not None and password != known.password):
        return _fault(
            "INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
        )
    result = (
        "<loginResponse><result>"
        f"<serverUrl>{html.escape(url)}/services/Soap/u/{version}/{org.organization_id[:15]}</serverUrl>"
        f"<sessionId>{html.escape(token)}</sessionId><userId>{user['Id']}</userId><sandbox>false</sandbox>"
        "</result></loginResponse>"
    )
    return 200, _ENVELOPE.format(result)


def _element(body: str, name: str) -> str:
    """The text of one element; a pattern is enough and cannot be talked into expanding entities."""
    found = re.search(rf"<(?:\w+:)?{name}>(.*?)</(?:\w+:)?{name}>", body, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _fault(code: str, message: str) -> tuple[int, str]:
    fault = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{message}</faultstring><detail>"
        f"<sf:fault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:fault></detail></soapenv:Fault>"
    )
    return 500, _ENVELOPE.format(fault)
