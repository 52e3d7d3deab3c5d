"""The only door to Salesforce: credentials, an allow-list of calls, time-outs, bounded retries and paging.

Nothing leaves the process unless (method, host, path) is on the allow-list; everything else is refused before a
socket is opened. Bodies, tokens and messages of the server are never logged, since they may echo data.
"""

from __future__ import annotations

import re
import urllib.parse
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import jwt
import requests
import structlog
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from auditor.errors import AuthenticationFailed, CollectionError, ConfigError, RefusedCall
from auditor.snapshot import Unread, Why
from auditor.wording import several
from connectors.salesforce.catalogue import HIGHEST_TESTED, LOWEST_VERSION, Api
from connectors.salesforce.hosts import is_shared_login
from connectors.transport import CountedSession, Transport, unreachable

T = TypeVar("T")
log = structlog.get_logger(__name__)

_V = r"/services/data/v\d{2,3}\.0"
ALLOWED: tuple[tuple[str, str], ...] = (
    ("GET", r"/services/data/?"),
    ("GET", rf"{_V}/query/?"),
    ("GET", rf"{_V}/queryAll/?"),
    ("GET", rf"{_V}/tooling/query/?"),
    ("GET", rf"{_V}/(tooling/)?query(All)?/[A-Za-z0-9-]{{1,80}}"),
    ("GET", rf"{_V}/sobjects/?"),
    ("GET", rf"{_V}/sobjects/[A-Za-z]\w*/describe/?"),
    ("GET", rf"{_V}/limits/recordCount"),
    ("GET", r"/services/oauth2/userinfo"),
    ("POST", r"/services/oauth2/token"),
)
"""Every (method, path) that may leave the process. The one POST exchanges an assertion or a secret for a token."""

_ALLOWED = tuple((method, re.compile(path)) for method, path in ALLOWED)
_RETRIED = frozenset({420, 429, 500, 502, 503, 504})
_NAME = re.compile(r"No such column '([\w.]+)'")
_TOKEN = re.compile(r"[!#-&(-~]+")
"""What may stand in a header, without blanks and quotation marks."""
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Session:
    """Log in with a session id or access token obtained elsewhere."""

    instance_url: str
    access_token: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Jwt:
    """Log in by OAuth 2.0 JWT bearer; `login_url` is the token host, whose name is also the audience."""

    username: str
    consumer_key: Callable[[], str] = field(repr=False)
    private_key: Callable[[], str] = field(repr=False)
    login_url: str = "https://login.salesforce.com"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Log in as an app, which runs as the user set on it; only the org's own My Domain host takes this (1.1)."""

    instance_url: str
    consumer_key: Callable[[], str] = field(repr=False)
    consumer_secret: Callable[[], str] = field(repr=False)


Login = Session | Jwt | ClientCredentials


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls a run may make (0: no bound), and up to which share of the org's daily allowance it goes on.

    The share is of everybody's calls in 24 hours, as the org tells it with each answer (salesforce 5.3).
    """

    calls: int = 0
    daily_share: float = 0.8

    def spent(self, made: int, used: int, total: int) -> str:
        """Why nothing more may be asked, or an empty string."""
        if self.calls and made >= self.calls:
            return f"The budget of {several(self.calls, 'call')} for one run is used up"
        if total and used / total >= self.daily_share:
            return f"{used:,} of the {total:,} calls that the org has for 24 hours are used"
        return ""


class ReadOnlySession(CountedSession):
    """A session that refuses whatever is not on the allow-list."""

    def __init__(self, transport: Transport, hosts: set[str], login_url: str = "") -> None:
        super().__init__(transport)
        self.hosts = hosts
        self._login_url = login_url

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send one request; that for a token goes to the login's own host."""
        if self._login_url and url.endswith("/services/oauth2/token"):
            # The library can only spell token hosts that end in salesforce.com.
            url = f"{self._login_url}/services/oauth2/token"
        return super().request(method, url, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Let an allowed call out; raise RefusedCall for any other."""
        refuse_unless_allowed(request.method or "", request.url or "", self.hosts)
        return super().send(request, **kwargs)


def refuse_unless_allowed(method: str, url: str, hosts: set[str]) -> None:
    """Raise RefusedCall unless method, host and path are on the allow-list."""
    parts = urllib.parse.urlsplit(url)
    path_allowed = any(m == method and p.fullmatch(parts.path) for m, p in _ALLOWED)
    if parts.scheme != "https" or parts.netloc not in hosts or not path_allowed:
        raise RefusedCall(
            f"A call was stopped before it left: {method} {parts.scheme}://{parts.netloc}{parts.path} is not on "
            "the read-only allow-list.",
            hint="This is a defect of crm-audit, or a server that answered with an address of its own.",
        )


class _Client(Salesforce):  # type: ignore[misc]
    """The library's client, with one re-login per call instead of four."""

    _salesforce_login_partial: Callable[[], tuple[str, str]] | None

    def _call_salesforce(
        self, method: str, url: str, name: str = "", retries: int = 0, max_retries: int = 1, **kwargs: Any
    ) -> requests.Response:
        login = self._salesforce_login_partial
        if retries:
            self._salesforce_login_partial = None
        try:
            answer: requests.Response = super()._call_salesforce(
                method, url, name, retries, max_retries, **kwargs
            )
        finally:
            self._salesforce_login_partial = login
        return answer

    def _refresh_session(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library would print the consumer key
            super()._refresh_session()


class Refused(Exception):
    """One call did not give what was asked for; `unread` says why, `column` names a column nobody knows."""

    def __init__(self, unread: Unread, *, code: str = "", column: str = "") -> None:
        super().__init__(unread.detail)
        self.unread = unread
        self.code = code
        self.column = column


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query: its rows, the total the first page promised, and the link to the next one, if any."""

    records: list[dict[str, Any]]
    total: int
    following: str = ""


class Client:
    """Read-only calls to one org, through the real client library."""

    def __init__(
        self,
        login: Login,
        transport: Transport,
        *,
        api_version: str = "",
        budget: Budget = Budget(daily_share=1.0),
    ) -> None:
        self._login = login
        self._budget = budget
        self._transport = transport
        self._exhausted: Unread | None = None
        self._user = ""
        self.host = _host(login.login_url if isinstance(login, Jwt) else login.instance_url)
        if isinstance(login, ClientCredentials) and is_shared_login(f"https://{self.host}"):
            raise ConfigError(
                f"{self.host} does not take client credentials.",
                hint="Give the org's My Domain address, such as https://acme.my.salesforce.com.",
            )
        highest = highest_version(api_version)
        login_url = "" if isinstance(login, Session) else f"https://{self.host}"
        self._session = ReadOnlySession(transport, {self.host}, login_url)
        self._sf = self._connect(f"{LOWEST_VERSION:.1f}")
        self.api_version = self._choose_version(highest)
        self._sf = self._at_version(self.api_version)

    @property
    def calls(self) -> int:
        """How many requests have left so far."""
        return self._session.calls

    @property
    def usage(self) -> str:
        """The org's API usage after the last call, such as `18/5000`, or an empty string."""
        usage = self._sf.api_usage.get("api-usage")
        return f"{usage.used}/{usage.total}" if usage is not None else ""

    def pages(self, soql: str, api: Api, *, going_on: Page | None = None) -> Iterator[Page]:
        """All pages of a query, or those after one, by the server's links; raises Refused if they are not whole.

        A page that says there is more without a usable link, or a link seen before, is refused: a truncated
        result set is never returned as if it were complete.
        """
        if going_on is None:
            answer = self._call(lambda: self._query(soql, api), soql)
            total, records, done, following = _page(answer, soql)
            yield Page(records, total, following)
        else:
            total, done, following = going_on.total, not going_on.following, going_on.following
        seen: set[str] = set()
        while not done:
            if following in seen or not following.startswith("/services/data/"):
                raise Refused(
                    Unread(Why.TRUNCATED, f"{_object(soql)}: the link to the next page leads nowhere new.")
                )
            seen.add(following)
            link = following
            answer = self._call(partial(self._sf.query_more, link, identifier_is_url=True), soql)
            _, records, done, following = _page(answer, soql)
            yield Page(records, total, following)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """One resource below /services/data/vX.0/; raises Refused."""
        return self._call(lambda: self._sf.restful(path, params=dict(params or {})), path)

    def user_id(self) -> str:
        """The connected user's id, asked for once; raises Refused where the host does not tell."""
        if not self._user:
            self._user = self._asked_user()
        return self._user

    def _asked_user(self) -> str:
        answer = self._call(lambda: self._sf.oauth2("userinfo"), "oauth2/userinfo")
        user = answer.get("user_id") if isinstance(answer, dict) else None
        if not isinstance(user, str):
            raise Refused(Unread(Why.FAILED, "oauth2/userinfo did not name the connected user."))
        return user

    def _query(self, soql: str, api: Api) -> Any:
        if api is Api.TOOLING:
            return self._sf.toolingexecute("query", params={"q": soql})
        return self._sf.query(soql, include_deleted=api is Api.QUERY_ALL)

    def _connect(self, version: str) -> _Client:
        # dict instead of the library's OrderedDict: a third less CPU per page.
        common: dict[str, Any] = {"version": version, "session": self._session, "object_pairs_hook": None}
        if isinstance(self._login, Session):
            token = self._login.access_token()
            if not _TOKEN.fullmatch(token):
                raise ConfigError(
                    "The access token holds a character that no token has.",
                    hint="Look for a line end, a blank or a quotation mark that was copied with it.",
                )
            client = _Client(session_id=token, instance_url=f"https://{self.host}", **common)
        else:
            client = self._signed_in(self._login, common)
        self._session.hosts.add(client.sf_instance)
        self.host = client.sf_instance
        return client

    def _signed_in(self, login: Jwt | ClientCredentials, common: Mapping[str, Any]) -> _Client:
        given, advice = _grant(login)
        try:
            client = self._attempt(lambda: _Client(**given, **common))
            # The org may live elsewhere than where its users log in, and the library takes any text for a host.
            client.sf_instance = _host(f"https://{client.sf_instance}")
        except SalesforceAuthenticationFailed as error:
            if isinstance(error.code, int):
                raise CollectionError(
                    f"{self.host} answered HTTP {error.code} to the login.",
                    hint="Is this the token host? Try again later.",
                ) from None
            raise AuthenticationFailed(
                f"{self.host} refused the login ({_safe_code(error.code)}).", hint=advice
            ) from None
        except requests.RequestException as error:
            raise unreachable(self.host, error) from None
        except (ConfigError, ValueError, TypeError, AttributeError):
            raise CollectionError(
                f"{self.host} did not answer the login with a token.", hint="Is this the token host?"
            ) from None
        return client

    def _at_version(self, version: str) -> _Client:
        self._sf.sf_version = version
        self._sf.base_url = f"https://{self._sf.sf_instance}/services/data/v{version}/"
        self._sf.tooling_url = f"{self._sf.base_url}tooling/"
        self._sf.oauth2_url = f"https://{self._sf.sf_instance}/services/oauth2/"
        return self._sf

    def _choose_version(self, highest: float) -> str:
        """The highest version both sides know; below 63.0 only when the org has nothing newer."""
        try:
            offered = self._attempt(self._offered)
        except SalesforceError as error:
            raise CollectionError(
                f"{self.host} answered HTTP {error.status} to GET /services/data/.", hint="Try again later."
            ) from None
        except requests.exceptions.JSONDecodeError:
            raise self._no_versions() from None
        except requests.RequestException as error:
            raise unreachable(self.host, error) from None
        except (ValueError, KeyError, TypeError):
            raise self._no_versions() from None
        if not offered:
            raise CollectionError(f"{self.host} offers no API version.")
        return f"{max((v for v in offered if v <= highest), default=offered[0]):.1f}"

    def _offered(self) -> list[float]:
        answer = self._session.get(f"https://{self._sf.sf_instance}/services/data/")
        if answer.status_code != requests.codes.ok:
            raise SalesforceError(answer.url, answer.status_code, "versions", b"")
        return sorted(float(row["version"]) for row in answer.json())

    def _no_versions(self) -> CollectionError:
        return CollectionError(
            f"{self.host} does not list API versions at /services/data/.",
            hint="Is this the address of a Salesforce org?",
        )

    def _call(self, call: Callable[[], T], what: str) -> T:
        """Run one call with bounded retries; every failure becomes a Refused with a value-free reason."""
        self._keep_to_budget()
        if self._exhausted is not None:
            raise Refused(self._exhausted)
        try:
            return self._attempt(call)
        except SalesforceError as error:
            raise self._refused(error, what) from None
        except requests.RequestException as error:
            reason = type(error).__name__
            raise Refused(Unread(Why.FAILED, f"{_object(what)}: the connection failed ({reason}).")) from None
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise Refused(
                Unread(Why.FAILED, f"{_object(what)}: the answer was not what the API documents.")
            ) from None

    def _keep_to_budget(self) -> None:
        """Stop for good where the budget ends: what was read stays, what was not is named."""
        usage = self._sf.api_usage.get("api-usage")
        used, total = (usage.used, usage.total) if usage is not None else (0, 0)
        if self._exhausted is None and (why := self._budget.spent(self.calls, used, total)):
            self._exhausted = Unread(
                Why.TRUNCATED,
                f"{why}, so nothing more was asked.",
                "Raise the target's api_budget or --budget-calls, or run when the org has calls to spare.",
            )

    def _attempt(self, call: Callable[[], T]) -> T:
        retrying = Retrying(
            retry=retry_if_exception(_transient),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=self._transport.retry_wait, max=8),
            reraise=True,
        )
        try:
            return retrying(call)
        except RetryError as error:  # pragma: no cover - reraise=True makes tenacity raise the cause
            raise error.last_attempt.exception() or error from None

    def _refused(self, error: SalesforceError, what: str) -> Refused:
        code, message = _error(error)
        where = f"{_object(what)}: HTTP {error.status} {code}".rstrip()
        log.info("refused", object=_object(what), status=error.status, code=code)
        if code == "REQUEST_LIMIT_EXCEEDED":
            self._exhausted = Unread(
                Why.FAILED, "The org's API limit is used up, so nothing more was asked.", "Run again later."
            )
            return Refused(self._exhausted, code=code)
        if error.status == requests.codes.unauthorized:
            self._exhausted = Unread(
                Why.FAILED, "The session ended during the run.", "Log in again and run once more."
            )
            return Refused(self._exhausted, code=code)
        column = _NAME.search(message)
        if code == "INVALID_FIELD" and column:
            why = Unread(
                Why.FORBIDDEN, f"{where}: the column {column.group(1)} does not exist for this user."
            )
            return Refused(why, code=code, column=column.group(1))
        if code in {"INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS"} or error.status in {
            403,
            404,
        }:
            return Refused(Unread(Why.FORBIDDEN, f"{where}."), code=code)
        if code == "INVALID_QUERY_LOCATOR":
            return Refused(
                Unread(Why.TRUNCATED, f"{where}: the cursor expired before the last page."), code=code
            )
        return Refused(Unread(Why.FAILED, f"{where}."), code=code)


def _page(answer: Any, soql: str) -> tuple[int, list[dict[str, Any]], bool, str]:
    """Total, rows, whether it is the last page, and the link to the next one; Refused if it is not a page."""
    match answer:
        case {"totalSize": int(total), "records": list(records), "done": True}:
            return total, records, True, ""
        case {
            "totalSize": int(total),
            "records": list(records),
            "done": False,
            "nextRecordsUrl": str(following),
        }:
            return total, records, False, following
        case _:
            raise Refused(Unread(Why.FAILED, f"{_object(soql)}: the answer is not a page of a query."))


def _transient(error: BaseException) -> bool:
    if isinstance(error, RefusedCall):
        return False
    if isinstance(error, SalesforceAuthenticationFailed):
        return error.code in _RETRIED  # the status of an answer that was not JSON
    if isinstance(error, SalesforceError):
        return error.status in _RETRIED or _error(error)[0] in {"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT"}
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    if isinstance(error, requests.exceptions.MissingSchema | requests.exceptions.InvalidURL):
        return False
    # A body that is not JSON is a truncated one until it comes back the same.
    return isinstance(error, requests.RequestException | ValueError)


def _error(error: SalesforceError) -> tuple[str, str]:
    content = error.content
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict):
        return _safe_code(first.get("errorCode") or first.get("error")), str(first.get("message", ""))
    return "", ""


def _safe_code(code: object) -> str:
    """An error code as far as it looks like one: servers may put anything there."""
    return str(code) if re.fullmatch(r"[A-Za-z_0-9]{1,60}", str(code)) else "unknown error"


def _object(what: str) -> str:
    """The object of a query, or the path without its parameters: never a value."""
    found = re.search(r"\bFROM (\w+)", what)
    return found.group(1) if found else what.split("?", 1)[0][:120]


def _grant(login: Jwt | ClientCredentials) -> tuple[dict[str, Any], str]:
    """What the library logs in with, and what to look at if that is refused. Raises ConfigError for a bad key."""
    if isinstance(login, ClientCredentials):
        given: dict[str, Any] = {
            "consumer_key": login.consumer_key(),
            "consumer_secret": login.consumer_secret(),
            "domain": _domain(login.instance_url, "private"),
        }
        return given, (
            "Check consumer key and secret, that the app has the client credentials flow switched on, and that "
            "it names a user to run as."
        )
    given = {
        "username": login.username,
        "consumer_key": login.consumer_key(),
        "privatekey": _signing_key(login.private_key()),
        "domain": _domain(login.login_url, "login"),
    }
    return given, "Check consumer key, user name and key, and that the app is pre-authorised for this user."


def _domain(url: str, otherwise: str) -> str:
    """The host as the library spells it. It ends in the audience of a JWT; where to post is up to the session."""
    host = urllib.parse.urlsplit(url).hostname or ""
    return host.removesuffix(".salesforce.com") if host.endswith(".salesforce.com") else otherwise


def _host(url: str) -> str:
    """Host and port of an https address. Raises ConfigError, without showing a user name or password in it."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urllib.parse.SplitResult("", "", "", "", ""), None, None
    if parts.scheme != "https" or not host or parts.username is not None:
        shown = re.sub(r"[^/]*@", "…@", url.split("?", 1)[0])[:80]
        raise ConfigError(
            f"“{shown}” is not an https address of an org.",
            hint="Give the address of the org, such as https://acme.my.salesforce.com.",
        )
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, 443} else f"{host}:{port}"


def highest_version(wanted: str) -> float:
    """The highest version to use. Raises ConfigError for none, and for one that hides View All Fields.

    63.0 is the first whose object permissions show that right (salesforce version calendar).
    """
    if not wanted:
        return HIGHEST_TESTED
    if not re.fullmatch(r"[1-9][0-9]{1,2}(\.0)?", wanted):
        raise ConfigError(
            f"“{wanted[:20]}” is not an API version.", hint=f"Give one such as {HIGHEST_TESTED:.1f}."
        )
    if float(wanted) < LOWEST_VERSION:
        raise ConfigError(
            f"API versions before {LOWEST_VERSION:.1f} do not show who can view all fields of an object.",
            hint=f"Give {LOWEST_VERSION:.1f} or later, or nothing for the org's newest.",
        )
    return min(float(wanted), HIGHEST_TESTED)


def _signing_key(pem: str) -> str:
    """The key, tried out. Raises ConfigError if it cannot sign, without a word of it."""
    try:
        jwt.encode({}, pem, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ConfigError(
            "The private key cannot be used to sign a login.", hint="Give an RSA private key in PEM form."
        ) from None
    return pem
