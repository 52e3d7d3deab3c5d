"""The only door to HubSpot: credentials, an allow-list of calls, time-outs, limits, bounded retries and paging.

Nothing leaves the process unless (method, host, path) is on the allow-list; everything else is refused before a socket
is opened. Bodies, tokens and messages of the server are never logged, since they may echo data.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import hubspot
import requests
import structlog
from hubspot.utils.requests.http_request_builder import Request
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from auditor.errors import AuthenticationFailed, CollectionError, ConfigError, RefusedCall
from auditor.snapshot import Unread, Why
from auditor.wording import several
from connectors.hubspot import catalogue as cat
from connectors.hubspot.answers import Answer, Refusal, read_refusal
from connectors.hubspot.catalogue import Call, Version
from connectors.hubspot.hosts import API, base_of
from connectors.hubspot.limits import Clock, Limiter
from connectors.transport import CountedSession, Transport, settled, unreachable

log = structlog.get_logger(__name__)

ATTEMPTS = 5
LONGEST_WAIT = 60.0
"""Seconds that one retry waits at most, whatever the server wishes."""

_ALLOWED = tuple((method, re.compile(pattern)) for method, pattern in cat.allowed())
_LOCKED = 423
_MOVING = 477
_RETRIED = frozenset({408, 423, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526})


@dataclass(frozen=True, slots=True)
class Token:
    """Log in with the token of a private app, or a service key."""

    secret: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuth:
    """Log in as an OAuth app; without an access token, or with one whose time is over, one is fetched (hubspot 1.3)."""

    client_id: Callable[[], str] = field(repr=False)
    client_secret: Callable[[], str] = field(repr=False)
    refresh_token: Callable[[], str] = field(repr=False)
    access_token: Callable[[], str] | None = field(default=None, repr=False)


Login = Token | OAuth


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls a run may make (0: no bound), up to which share of the day's calls, and how fast.

    The day's calls are those of all the customer's private apps and keys (hubspot 1.6, trap 22). The rates are those
    that every edition allows; a portal with a higher limit may be asked faster.
    """

    calls: int = 0
    daily_share: float = 0.8
    per_ten_seconds: int = 100
    searches_per_second: int = 4

    def spent(self, made: int, used: int, total: int) -> str:
        """Why nothing more may be asked, or an empty string."""
        if self.calls and made >= self.calls:
            return f"The budget of {several(self.calls, 'call')} for one run is used up"
        if total and self.daily_share < 1 and used / total >= self.daily_share:
            return f"{used:,} of the {total:,} calls that the portal has for a day are used"
        return ""


class Refused(Exception):
    """One call did not give what was asked for; `unread` says why, `refusal` what the server answered, if it did."""

    def __init__(self, unread: Unread, refusal: Refusal | None = None) -> None:
        super().__init__(unread.detail)
        self.unread = unread
        self.refusal = refusal or Refusal()


class _Answered(Exception):
    """The server answered with an error status."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.status))
        self.refusal = refusal


class ReadOnlySession(CountedSession):
    """A session that refuses whatever is not on the allow-list."""

    def __init__(self, transport: Transport, base: str) -> None:
        super().__init__(transport)
        self._base = base

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Let an allowed call out; raise RefusedCall for any other."""
        refuse_unless_allowed(request.method or "", request.url or "", self._base)
        return super().send(request, **kwargs)


def refuse_unless_allowed(method: str, url: str, base: str) -> None:
    """Raise RefusedCall unless method, host and path are on the allow-list (hubspot trap 30)."""
    path = url.removeprefix(base).split("?", 1)[0] if url.startswith(f"{base}/") else ""
    if not any(method == allowed and pattern.fullmatch(path) for allowed, pattern in _ALLOWED):
        parts = urllib.parse.urlsplit(url)
        raise RefusedCall(
            f"A call was stopped before it left: {method} {parts.scheme}://{parts.netloc}{parts.path} is not on "
            "the read-only allow-list.",
            hint="This is a defect of crm-audit.",
        )


class _Hub(hubspot.Client):  # type: ignore[misc]
    """The library's client; its requests leave through our session instead of one without time-outs."""

    def __init__(self, session: ReadOnlySession, base: str) -> None:
        super().__init__(base_url=base, host=base, user_agent="crm-audit")
        self._session = session

    def api_request(self, options: Mapping[str, Any]) -> requests.Response:
        """Send what the library makes of these options; a form carries its credentials itself."""
        config = {**self.config, "access_token": None} if "default_json" in options else self.config
        request = Request(config, dict(options))
        return self._session.request(
            request.get_method(), request.get_url(), **request.get_options_for_sending()
        )


class Client:
    """Read-only calls to one portal, through the official client library."""

    def __init__(
        self,
        login: Login,
        transport: Transport | None = None,
        budget: Budget | None = None,
        clock: Clock | None = None,
        *,
        base_url: str = API,
        version: Version = Version.NUMBERED,
    ) -> None:
        self._login = login
        self._transport = transport or Transport()
        self._budget = budget or Budget(daily_share=1.0)
        self._clock = clock or Clock()
        self._base = base_of(base_url)
        self.host = urllib.parse.urlsplit(self._base).netloc
        self.version = version
        self._limiter = Limiter(self._clock, self._budget.per_ten_seconds, self._budget.searches_per_second)
        self._session = ReadOnlySession(self._transport, self._base)
        self._hub = _Hub(self._session, self._base)
        self._used, self._total = 0, 0
        self.stopped: Unread | None = None
        """Why nothing more is asked, once that is so."""

    @property
    def calls(self) -> int:
        """How many requests have left so far."""
        return self._session.calls

    @property
    def usage(self) -> str:
        """The portal's calls of today after the last answer, such as `18/250000`, or an empty string."""
        return f"{self._used}/{self._total}" if self._total else ""

    def ask(
        self,
        call: Call,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        about: str = "",
        **parts: str,
    ) -> Answer:
        """One answer of one call. `about` is the object whose scopes open it; `parts` fill in the path.

        Raises Refused, after retries, if there is no answer that can be used.
        """
        self._keep_to_budget()
        self._log_in()
        options: dict[str, Any] = {"method": call.method, "path": call.at(self.version, **parts)}
        if query:
            options["qs"] = dict(query)
        if body is not None:
            options["body"] = body
        what = _what(call, parts)
        try:
            return self._with_fresh_token(call, options)
        except _Answered as error:
            raise self._refused(call, error.refusal, what, about or parts.get("type", "")) from None
        except requests.exceptions.JSONDecodeError:
            raise Refused(_not_json(what)) from None
        except requests.RequestException as error:
            if trouble := settled(self.host, error):
                self.stopped = Unread(Why.FAILED, trouble.message, trouble.hint, "FAULT")
                raise Refused(self.stopped) from None
            detail = f"{what}: the connection failed ({type(error).__name__})."
            raise Refused(Unread(Why.FAILED, detail, "Run again.", "FAULT")) from None
        except ValueError:
            raise Refused(_not_json(what)) from None
        except RecursionError:
            detail = f"{what}: the answer is nested deeper than can be read."
            raise Refused(Unread(Why.FAILED, detail, "", "FAULT")) from None

    def introspect(self) -> tuple[str, Mapping[str, Any]]:
        """The kind of the token, and what HubSpot says of it (hubspot 1.3); raises Refused."""
        self._log_in()
        if isinstance(self._login, OAuth):
            form = {
                "client_id": self._login.client_id(),
                "client_secret": self._login.client_secret(),
                "token_type_hint": "access_token",
                "access_token": self._hub.access_token,
            }
            return "oauth_token", _object(self.ask(cat.INTROSPECTION, body=form).content, "introspection")
        token = {"tokenKey": self._hub.access_token}
        return "access_token", _object(self.ask(cat.APP_TOKEN, body=token).content, "access-token-info")

    # -- sending

    def _log_in(self) -> None:
        """Have a token before the first call."""
        if self._hub.access_token:
            return
        if isinstance(self._login, Token):
            self._hub.access_token = usable(self._login.secret())
        elif self._login.access_token is not None and (token := self._login.access_token()):
            self._hub.access_token = usable(token)
        else:
            self._refresh(self._login)

    def _with_fresh_token(self, call: Call, options: Mapping[str, Any]) -> Answer:
        """Ask; if the token's time is over and it can be refreshed, refresh it once and ask again (hubspot 1.5)."""
        try:
            return self._patiently(call, options)
        except _Answered as error:
            status, category = error.refusal.status, error.refusal.category
            ended = status == requests.codes.unauthorized and category != "INVALID_AUTHENTICATION"
            if not (ended and isinstance(self._login, OAuth)) or call.form:
                raise
        try:
            self._refresh(self._login)
        except (CollectionError, ConfigError) as error:
            self.stopped = Unread(Why.FAILED, error.message, error.hint, "FAULT")
            raise Refused(self.stopped) from None
        return self._patiently(call, options)

    def _refresh(self, login: OAuth) -> None:
        """Fetch an access token. Raises AuthenticationFailed if the refresh token is no good, or CollectionError."""
        form = {
            "grant_type": "refresh_token",
            "client_id": login.client_id(),
            "client_secret": login.client_secret(),
            "refresh_token": login.refresh_token(),
        }
        options = {"method": "POST", "path": cat.OAUTH_TOKEN.at(self.version), "body": form}
        try:
            answer = self._patiently(cat.OAUTH_TOKEN, options)
        except _Answered as error:
            raise AuthenticationFailed(
                f"{self.host} gave no access token for the refresh token (HTTP {error.refusal.status}).",
                hint="Check client id, client secret and refresh token; connect the app to the portal again.",
            ) from None
        except requests.RequestException as error:
            raise unreachable(self.host, error) from None
        except ValueError:
            raise CollectionError(f"{self.host} did not answer the refresh with a token.") from None
        token = answer.content.get("access_token") if isinstance(answer.content, dict) else None
        if not isinstance(token, str) or not token:
            raise CollectionError(f"{self.host} did not answer the refresh with a token.")
        self._hub.access_token = usable(token)

    def _patiently(self, call: Call, options: Mapping[str, Any]) -> Answer:
        """Send until there is an answer, as often and as far apart as its trouble asks for (hubspot 1.5)."""
        retrying = Retrying(
            sleep=self._clock.sleep,
            retry=retry_if_exception(_transient),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            reraise=True,
        )
        return retrying(self._once, call, options)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds before the next attempt: what HubSpot's limits and locks want, otherwise a growing random pause."""
        error = state.outcome.exception() if state.outcome is not None else None
        pause = wait_random_exponential(multiplier=self._transport.retry_wait, max=8)(state)
        if isinstance(error, _Answered):
            pause = max(pause, error.refusal.pause)
        return min(pause, LONGEST_WAIT)

    def _once(self, call: Call, options: Mapping[str, Any]) -> Answer:
        """One request in its turn. Raises _Answered for an error status, ValueError for what is not JSON."""
        sent = dict(options)
        if call.form:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            sent |= {"default_json": False, "headers": headers}
        with self._limiter.turn(search=call.search):
            response = self._hub.api_request(sent)
        self._heed(response.headers)
        if response.status_code not in {requests.codes.ok, requests.codes.multi_status}:
            refusal = read_refusal(response.status_code, response.headers, response.content)
            log.info(
                "refused",
                object=call.name,
                status=refusal.status,
                code=refusal.category,
                correlation=refusal.correlation,
            )
            raise _Answered(refusal)
        return Answer(response.json(), whole=response.status_code == requests.codes.ok)

    def _heed(self, headers: Mapping[str, str]) -> None:
        self._limiter.told(headers)
        total, left = (headers.get(f"X-HubSpot-RateLimit-Daily{part}", "") for part in ("", "-Remaining"))
        if total.isdigit() and left.isdigit():
            self._total, self._used = int(total), int(total) - int(left)

    def _keep_to_budget(self) -> None:
        """Stop for good where the budget ends: what was read stays, what was not is named."""
        if self.stopped is None and (why := self._budget.spent(self.calls, self._used, self._total)):
            self.stopped = Unread(
                Why.TRUNCATED,
                f"{why}, so nothing more was asked.",
                "Raise the target's api_budget or --budget-calls, or run when the portal has calls to spare.",
                "FAULT",
            )
        if self.stopped is not None:
            raise Refused(self.stopped)

    # -- refusals

    def _refused(self, call: Call, refusal: Refusal, what: str, about: str) -> Refused:
        """Why a call did not give what was asked for, and whether that ends the run."""
        where = f"{what}: HTTP {refusal.status} {refusal.category}".rstrip()
        if refusal.status == requests.codes.unauthorized:
            self.stopped = Unread(
                Why.FAILED,
                "HubSpot does not accept the token, or no longer.",
                "Look whether the token was rotated or its app removed, and run again.",
                "FAULT",
            )
            return Refused(self.stopped, refusal)
        if refusal.status == _MOVING:
            self.stopped = Unread(
                Why.FAILED,
                "The portal is being moved to another data centre.",
                "Run again in a day.",
                "FAULT",
            )
            return Refused(self.stopped, refusal)
        if refusal.policy == "DAILY":
            self.stopped = Unread(
                Why.FAILED,
                "The portal's calls of today are used up, by all its private apps and keys together.",
                "Run again tomorrow, at a time when the portal's other integrations are quiet.",
                "FAULT",
            )
            return Refused(self.stopped, refusal)
        if refusal.status == requests.codes.forbidden:
            scopes = refusal.scopes or cat.scopes_of(call, about)
            return Refused(missing_scopes(what, scopes), replace(refusal, scopes=scopes))
        return Refused(Unread(Why.FAILED, f"{where}.", "Run again.", "FAULT"), refusal)


def missing_scopes(what: str, scopes: tuple[str, ...]) -> Unread:
    """Why something was not read that a scope would open."""
    if not scopes:
        return Unread(Why.FORBIDDEN, f"{what}: the token may not read this.", "", "MISSING_SCOPES")
    lacks = (
        f"lacks the scope {scopes[0]}" if len(scopes) == 1 else f"has none of the scopes {', '.join(scopes)}"
    )
    return Unread(
        Why.FORBIDDEN,
        f"{what}: the token {lacks}.",
        f"Give the token the scope {scopes[0]}.",
        "MISSING_SCOPES",
    )


def usable(token: str) -> str:
    """A token as a header takes it. Raises ConfigError, without showing it."""
    token = token.strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,4096}", token):
        raise ConfigError(
            "The HubSpot token is empty or has characters that no token has.",
            hint="Copy the token of the private app, or the service key, once more.",
        )
    return token


def _transient(error: BaseException) -> bool:
    if isinstance(error, _Answered):
        return error.refusal.status in _RETRIED and error.refusal.policy != "DAILY"
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    if isinstance(error, requests.exceptions.MissingSchema | requests.exceptions.InvalidURL):
        return False
    # A body that is not JSON is a truncated one until it comes back the same.
    return isinstance(error, requests.RequestException | ValueError)


def _what(call: Call, parts: Mapping[str, str]) -> str:
    """What was asked, for a sentence: never a value."""
    return " ".join([call.name.replace("_", " "), *parts.values()])


def _not_json(what: str) -> Unread:
    return Unread(Why.FAILED, f"{what}: the answer was not whole JSON.", "Run again.", "FAULT")


def _object(content: Any, what: str) -> Mapping[str, Any]:
    if isinstance(content, dict):
        return content
    raise Refused(Unread(Why.FAILED, f"{what}: the answer was not a JSON object.", "", "FAULT"))
