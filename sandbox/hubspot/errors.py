"""How a HubSpot server says no: one exception that knows its status and body (hubspot 1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class ApiError(Exception):
    """A refusal. `more` goes into the body beside the status, the message and the correlation id."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.more = more if category is None else {"category": category, **more}

    def body(self, correlation: str) -> dict[str, Any]:
        """The JSON object of the refusal."""
        return {"status": "error", "message": self.message, "correlationId": correlation, **self.more}


def unauthenticated() -> ApiError:
    """No token, or one nobody knows."""
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return ApiError(401, message, "INVALID_AUTHENTICATION")


def expired(since: str, seconds: int) -> ApiError:
    """A token whose time is over."""
    message = f"The OAuth token used to make this call expired {seconds} second(s) ago."
    return ApiError(401, message, "EXPIRED_AUTHENTICATION", context={"expire time": [since]})


def missing_scopes(alternatives: Iterable[str], *, named: bool) -> ApiError:
    """The token may not ask this; `named` tells whether the body says which scopes would do."""
    if not named:
        return ApiError(403, "This app hasn't been granted all required scopes to make this call.")
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES_PAGE}."
    )
    problem = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": sorted(alternatives)},
    }
    return ApiError(403, message, "MISSING_SCOPES", errors=[problem], links={"scopes": SCOPES_PAGE})


def not_found(message: str = "resource not found") -> ApiError:
    """Something that is not there."""
    return ApiError(404, message, "OBJECT_NOT_FOUND")


def invalid(message: str, **more: Any) -> ApiError:
    """A request that makes no sense."""
    return ApiError(400, message, "VALIDATION_ERROR", **more)


def unknown_property(name: str) -> ApiError:
    """A search over a property that is not there."""
    problem = {
        "message": f'Property "{name}" does not exist',
        "code": "PROPERTY_DOESNT_EXIST",
        "context": {"propertyName": [name]},
    }
    return invalid(f'Property "{name}" does not exist', errors=[problem])


def rate_limited(policy: str) -> ApiError:
    """Too many requests in some window; no `Retry-After` (hubspot 1.5)."""
    words = {"DAILY": "daily", "SECONDLY": "secondly"}.get(policy, policy.lower())
    return ApiError(429, f"You have reached your {words} limit.", errorType="RATE_LIMIT", policyName=policy)
