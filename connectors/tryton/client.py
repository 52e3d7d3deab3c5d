"""The only door to Tryton: one login, an allow-list of calls, time-outs, bounded retries, and its ways to refuse.

Nothing leaves the process unless path, method and arguments are on the allow-list; everything else is refused before a
socket is opened. Passwords, sessions, bodies and messages of the server are never logged, since they may echo data.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import structlog
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from auditor.errors import AuditorError, AuthenticationFailed, CollectionError, ConfigError, RefusedCall
from auditor.snapshot import Unread, Why
from auditor.wording import several
from connectors.transport import CountedSession, Transport, unreachable
from connectors.tryton import catalogue as cat
from connectors.tryton.hosts import base_of, database_of

log = structlog.get_logger(__name__)

ATTEMPTS = 4
_RETRIED = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Password:
    """Log in by name and password."""

    login: str
    secret: Callable[[], str] = field(repr=False)


OWN_ERROR = "OWN_ERROR"
"""The code of a refusal that is an error inside a good answer, and neither a missing right nor a lost server."""


class Refused(Exception):
    """One call did not give what was asked for; `unread` says why."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(unread.detail)
        self.unread = unread


class _Answered(Exception):
    """The server answered with an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class ReadOnlySession(CountedSession):
    """A session that refuses whatever is not on the allow-list, follows no redirect and always has a time-out."""

    def __init__(self, transport: Transport, base: str, database: str) -> None:
        super().__init__(transport)
        self._base, self._database = base, database

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Let an allowed call out; raise RefusedCall for any other."""
        refuse_unless_allowed(
            request.method or "", request.url or "", request.body, self._base, self._database
        )
        return super().send(request, **kwargs)


def refuse_unless_allowed(method: str, url: str, body: object, base: str, database: str) -> None:
    """Raise RefusedCall unless address, method and arguments are on the allow-list."""
    path = url.removeprefix(base) if url.startswith(f"{base}/") else ""
    try:
        asked = json.loads(body) if isinstance(body, str | bytes) else None
    except ValueError:
        asked = None
    called = asked.get("method") if isinstance(asked, dict) else None
    params = asked.get("params") if isinstance(asked, dict) else None
    known = isinstance(called, str) and cat.may_leave(path, called, params, database)
    if method != "POST" or not known:
        parts = urllib.parse.urlsplit(url)
        what = called if isinstance(called, str) else "no method"
        raise RefusedCall(
            f"A call was stopped before it left: {method} {parts.scheme}://{parts.netloc}{parts.path} with {what} is "
            "not on the read-only allow-list.",
            hint="This is a defect of crm-audit.",
        )


class Client:
    """Read-only calls to one database of one Tryton server. It logs in with the first call that needs it."""

    def __init__(
        self,
        login: Password,
        base_url: str,
        database: str,
        transport: Transport | None = None,
        *,
        budget_calls: int = 0,
    ) -> None:
        self._login = login
        self._transport = transport or Transport()
        self._base, self.database = base_of(base_url), database_of(database)
        self.host = urllib.parse.urlsplit(self._base).netloc
        self._budget = budget_calls
        self._session = ReadOnlySession(self._transport, self._base, self.database)
        self._authorization = ""
        self.user_id = -1
        """The account's own id, once logged in."""
        self.stopped: Unread | None = None
        """Why nothing more is asked, once that is so."""

    @property
    def calls(self) -> int:
        """How many requests have left so far."""
        return self._session.calls

    @property
    def login(self) -> str:
        """The name that is logged in with."""
        return self._login.login

    def log_in(self) -> None:
        """Open a session. Raises AuthenticationFailed, CollectionError or ConfigError."""
        secret = usable(self._login.secret())
        try:
            params = [self._login.login, {"password": secret}]
            result = self._patiently(f"/{self.database}/", cat.LOGIN, params)
        except _Answered as error:
            raise self._no_login(error.status) from None
        except _Error as error:
            raise self._asked_for_more() if error.kind == "LoginException" else self._no_login(500) from None
        except requests.RequestException as error:
            raise unreachable(self.host, error) from None
        except (ValueError, RecursionError):
            raise CollectionError(
                f"{self.host} did not answer the login as Tryton does.",
                hint="Check the address: it is that of the Tryton server, without the database.",
            ) from None
        match result:
            case [int(user), str(session), *_] if session.isascii():
                self.user_id = user
                words = f"{self._login.login}:{user}:{session}".encode()
                self._authorization = f"Session {base64.b64encode(words).decode()}"
            case _:
                raise self._no_login(401)

    def log_out(self) -> None:
        """End the session, if there is one; a server that does not answer ends it by itself in time."""
        if not self._authorization:
            return
        try:
            self._once(f"/{self.database}/", cat.LOGOUT, [])
        except (_Answered, _Error, requests.RequestException, ValueError, RecursionError):
            log.debug("not logged out", host=self.host)
        self._authorization = ""

    def ask(self, method: str, params: Sequence[Any], *, what: str) -> Any:
        """The result of one call. `what` names it in sentences. Raises Refused, after retries, if there is none."""
        self._keep_to_budget()
        try:
            if not self._authorization:
                self.log_in()
            return self._with_fresh_session(method, params)
        except _Error as error:
            raise Refused(_refusal(error, what)) from None
        except _Answered as error:
            raise Refused(self._status(error.status, what)) from None
        except AuditorError as error:
            if isinstance(error, RefusedCall):
                raise
            self.stopped = Unread(Why.FAILED, error.message, error.hint)
            raise Refused(self.stopped) from None
        except requests.RequestException as error:
            lost = unreachable(self.host, error)
            self.stopped = Unread(Why.FAILED, f"{what}: {lost.message}", lost.hint)
            raise Refused(self.stopped) from None
        except (ValueError, RecursionError):
            raise Refused(
                Unread(Why.FAILED, f"{what}: the answer was not one of Tryton's.", "Run again.")
            ) from None

    def version(self) -> str:
        """The server's version; nobody has to be logged in for it. Raises Refused."""
        self._keep_to_budget()
        try:
            found = self._patiently("/", cat.VERSION, [])
        except _Answered as error:
            raise Refused(Unread(Why.FAILED, f"server: HTTP {error.status}.", "Run again.")) from None
        except requests.RequestException as error:
            lost = unreachable(self.host, error)
            raise Refused(Unread(Why.FAILED, lost.message, lost.hint)) from None
        except (ValueError, RecursionError, _Error):
            found = None
        if not isinstance(found, str) or not found.isascii():
            raise Refused(Unread(Why.FAILED, "server: it did not tell its version.", ""))
        return found

    def may_read(self, model: str, field: str) -> bool:
        """Whether the server lets this account read a field, asked of no record at all.

        Raises Refused where there is no answer to compare: a model that programs cannot read, or an error.
        """
        try:
            rows = self.ask(f"model.{model}.read", cat.nothing_of(field), what=f"{model}.{field}")
        except Refused as refused:
            if refused.unread.why is Why.FORBIDDEN:
                return False
            raise
        if rows != []:
            detail = f"{model}.{field}: the answer was not the empty one that was asked for."
            raise Refused(Unread(Why.FAILED, detail, "Run again."))
        return True

    # -- sending

    def _with_fresh_session(self, method: str, params: Sequence[Any]) -> Any:
        """Ask; if the session is over, open another one once and ask again."""
        path = f"/{self.database}/"
        try:
            return self._patiently(path, method, params)
        except _Answered as error:
            if error.status != requests.codes.unauthorized:
                raise
        self._authorization = ""
        self.log_in()
        return self._patiently(path, method, params)

    def _patiently(self, path: str, method: str, params: Sequence[Any]) -> Any:
        """Send until there is an answer, a few times and ever farther apart."""
        retrying = Retrying(
            retry=retry_if_exception(_transient if method != cat.LOGIN else _transient_for_login),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=self._transport.retry_wait, max=8),
            reraise=True,
        )
        return retrying(self._once, path, method, params)

    def _once(self, path: str, method: str, params: Sequence[Any]) -> Any:
        """One request. Raises _Answered for an error status, _Error for Tryton's own, ValueError for anything else."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._authorization and path != "/":
            headers["Authorization"] = self._authorization
        body = json.dumps({"id": self.calls + 1, "method": method, "params": list(params)})
        response = self._session.request("POST", f"{self._base}{path}", data=body, headers=headers)
        if response.status_code != requests.codes.ok:
            log.debug("refused", method=method, status=response.status_code)
            raise _Answered(response.status_code)
        answer = json.loads(response.content)
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise ValueError("not an answer")
        if "error" in answer:
            raise _Error(answer["error"])
        return answer["result"]

    def _keep_to_budget(self) -> None:
        """Stop for good where the budget ends: what was read stays, what was not is named."""
        if self.stopped is None and self._budget and self.calls >= self._budget:
            self.stopped = Unread(
                Why.TRUNCATED,
                f"The budget of {several(self._budget, 'call')} for one run is used up, so nothing more was asked.",
                "Raise the target's api_budget or --budget-calls.",
            )
        if self.stopped is not None:
            raise Refused(self.stopped)

    # -- refusals

    def _asked_for_more(self) -> CollectionError:
        return AuthenticationFailed(
            f"{self.host}, database {self.database}, asks {self._login.login} for more than a password.",
            hint="Use an account that logs in by password alone, from this machine's address.",
        )

    def _no_login(self, status: int) -> CollectionError:
        where = f"{self.host}, database {self.database}"
        if status == requests.codes.unauthorized:
            return AuthenticationFailed(
                f"{where} does not accept login and password of {self._login.login}.",
                hint="Check both in Tryton, and that the user is active.",
            )
        if status == requests.codes.too_many_requests:
            return AuthenticationFailed(
                f"{where} takes no more logins for now, after too many that failed.",
                hint="Wait some minutes, then check the password before the next try.",
            )
        if status == requests.codes.not_found:
            return CollectionError(
                f"{self.host} has no database {self.database}.",
                hint="Check “database”, and that “url” is the server's address alone.",
            )
        return CollectionError(f"{where} answered the login with HTTP {status}.", hint="Run again later.")

    def _status(self, status: int, what: str) -> Unread:
        if status == requests.codes.unauthorized:
            self.stopped = Unread(
                Why.FAILED, "Tryton ended the session, and does not take up a new one.", "Run again."
            )
            return self.stopped
        if status == requests.codes.forbidden:
            return Unread(Why.NOT_EXPOSED, f"{what}: Tryton gives this to no program.")
        return Unread(Why.FAILED, f"{what}: HTTP {status}.", "Run again.")


class _Error(Exception):
    """Tryton's refusal inside an answer that says 200; `kind` is its first word and nothing else is kept."""

    def __init__(self, error: object) -> None:
        kind = error[0] if isinstance(error, list) and error and isinstance(error[0], str) else ""
        super().__init__("refused")
        self.kind = (
            kind if kind in {"UserError", "UserWarning", "ConcurrencyException", "LoginException"} else ""
        )


def _refusal(error: _Error, what: str) -> Unread:
    """Why a call was refused; the server's message is left out, since it may quote what a record holds."""
    if error.kind == "UserError":
        return Unread(
            Why.FORBIDDEN,
            f"{what}: Tryton does not let this user read it.",
            "Let the auditing user read it by a group of its own.",
        )
    return Unread(
        Why.FAILED,
        f"{what}: Tryton answered with an error of its own.",
        "Look at the server's log.",
        OWN_ERROR,
    )


def usable(password: str) -> str:
    """A password as it is sent, without the line end of its file. Raises ConfigError, without showing it."""
    found = password.rstrip("\r\n")
    if not found:
        raise ConfigError("The password for Tryton is empty.", hint="Look at what its reference leads to.")
    return found


def _transient(error: BaseException) -> bool:
    if isinstance(error, _Answered):
        return error.status in _RETRIED
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return False
    if isinstance(error, requests.exceptions.MissingSchema | requests.exceptions.InvalidURL):
        return False
    # A body that is not JSON is a truncated one until it comes back the same.
    return isinstance(error, requests.RequestException | ValueError)


def _transient_for_login(error: BaseException) -> bool:
    """Too many failed logins only grow by another."""
    too_many = isinstance(error, _Answered) and error.status == requests.codes.too_many_requests
    return not too_many and _transient(error)
