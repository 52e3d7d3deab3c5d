"""Tokens: which are good, what they open, and how a new one is had (hubspot 1.2, 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

from sandbox.hubspot.asked import DATED, Answer, Call, Route, reads
from sandbox.hubspot.errors import ApiError, expired, not_found, unauthenticated
from sandbox.hubspot.moments import written
from sandbox.hubspot.portal import Portal, Token

LIFETIME = 1800
"""Seconds that an access token of an OAuth app is good for."""


class Login:
    """The tokens of a portal, as they come and go while it is served."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._tokens = {token.token: token for token in portal.tokens}
        self._renewed = 0

    def routes(self) -> list[Route]:
        """Every call with its paths; none needs a token in its header."""
        token = rf"/oauth/(?:v[123]|{DATED})/token"
        info = r"/oauth/v2/private-apps/get/access-token-info"
        return [
            reads("token", token, self.renew, post=True, public=True),
            reads("token_introspection", f"{token}/introspect", self.introspect, post=True, public=True),
            reads("private_app_token", info, self.private_app, post=True, public=True),
        ]

    def token_of(self, authorization: str) -> Token:
        """The token in an Authorization header; 401 if it is none of ours, or its time is over."""
        scheme, _, text = authorization.partition(" ")
        token = self._tokens.get(text.strip())
        if scheme.lower() != "bearer" or token is None:
            raise unauthenticated()
        if token.expired:
            raise expired(written(self.portal.now), 60)
        return token

    def expire(self, authorization: str) -> None:
        """End the time of the token in a header."""
        text = authorization.partition(" ")[2].strip()
        if text in self._tokens:
            self._tokens[text] = replace(self._tokens[text], expired=True)

    def renew(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """A new access token for a refresh token; the old one stays what it was."""
        form = _form(call)
        for token in list(self._tokens.values()):
            keys = token.refresh
            if keys is None or form.get("refresh_token") != keys.refresh_token:
                continue
            if form.get("client_id") != keys.client_id or form.get("client_secret") != keys.client_secret:
                break
            if form.get("grant_type") != "refresh_token":
                break
            self._renewed += 1
            fresh = replace(token, token=f"{token.token}-{self._renewed}", expired=False)
            self._tokens[fresh.token] = fresh
            return Answer(
                {
                    "token_type": "bearer",
                    "refresh_token": keys.refresh_token,
                    "access_token": fresh.token,
                    "hub_id": self.portal.id,
                    "scopes": list(fresh.scopes),
                    "expires_in": LIFETIME,
                }
            )
        message = "missing or invalid refresh token"
        raise _BadRefresh(message)

    def introspect(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """What an OAuth token is and opens, told to the app that owns it."""
        form = _form(call)
        token = self._tokens.get(form.get("access_token", form.get("token", "")))
        if token is None or token.expired or token.refresh is None:
            return Answer({"active": False})
        keys = token.refresh
        if form.get("client_id") != keys.client_id or form.get("client_secret") != keys.client_secret:
            raise ApiError(401, "The client id and secret do not match", "INVALID_AUTHENTICATION")
        return Answer(
            {
                "active": True,
                "hub_id": self.portal.id,
                "hub_domain": f"portal-{self.portal.id}.example",
                "user_id": _number(token.user_id),
                "client_id": keys.client_id,
                "app_id": _number(token.app_id),
                "scopes": list(token.scopes),
                "token_use": "access_token",
                "token_type": "bearer",
                "expires_in": LIFETIME,
                "is_private_distribution": True,
            }
        )

    def private_app(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """What a private-app token or service key opens."""
        token = self._tokens.get(str(call.body().get("tokenKey")))
        if token is None or token.kind == "oauth":
            raise not_found("The token is not one of a private app")
        if token.expired:
            raise expired(written(self.portal.now), 60)
        return Answer(
            {
                "userId": _number(token.user_id),
                "hubId": self.portal.id,
                "appId": _number(token.app_id),
                "scopes": list(token.scopes),
                "isUserToken": False,
            }
        )


class _BadRefresh(ApiError):
    """The OAuth calls speak their own dialect."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)

    def body(self, correlation: str) -> dict[str, object]:
        """The JSON object of the refusal."""
        return {
            "status": "BAD_REFRESH_TOKEN",
            "message": self.message,
            "correlationId": correlation,
            "error": "invalid_grant",
            "error_description": self.message,
        }


def _form(call: Call) -> dict[str, str]:
    pairs = parse_qs(call.content.decode("utf-8", "replace"))
    return {name: values[-1] for name, values in pairs.items()}


def _number(text: str | None) -> int | str:
    """An id where the API has a number; an app nobody numbered is number 1."""
    if text is None:
        return 1
    return int(text) if str(text).isdigit() else text
