"""Trouble on order: the ways a real server misbehaves, deterministic for a seed (salesforce 9).

A `Fault` names one kind of trouble, when it begins, how often it happens and which calls it is about. `Faults`
is a set of them with a seed; every server starts its own `FaultRun`, so one `Faults` serves many.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import ApiError, invalid_type
from sandbox.salesforce.resources import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """The kinds of trouble. Those of the last group lie: the answer looks fine and is not."""

    SESSION_EXPIRED = "401, with the session as good as before"
    SESSION_REVOKED = "401, until somebody logs in again"
    LOGIN_REFUSED = "the token endpoint says invalid_grant"
    REQUEST_LIMIT = "403 REQUEST_LIMIT_EXCEEDED"
    QUERY_TIMEOUT = "400 QUERY_TIMEOUT"
    CURSOR_EXPIRED = "400 INVALID_QUERY_LOCATOR for a query in progress"
    OBJECT_REFUSED = "400 INVALID_TYPE"
    OBJECT_FORBIDDEN = "403 INSUFFICIENT_ACCESS"
    DESCRIBE_FAILS = "500 UNKNOWN_EXCEPTION for a describe"
    SERVER_ERROR = "500 UNKNOWN_EXCEPTION"
    BAD_GATEWAY = "502 with a page of HTML"
    UNAVAILABLE = "503 with a page of HTML"
    TOO_MANY_REQUESTS = "429"
    SLOW = "an answer that takes its time"
    CLOSED_EARLY = "the connection closes before an answer"
    DROPPED_BODY = "the connection closes in the middle of the body"
    TRUNCATED_JSON = "a complete answer with half the JSON"
    WRONG_SHAPE = "an object where a list should be"
    SHORT_BATCHES = "pages of odd sizes"
    LOST_PAGE = "a page is skipped; totalSize still counts it"
    DONE_TOO_EARLY = "done:true with rows still to come; totalSize still counts them"
    NO_NEXT_URL = "done:false without nextRecordsUrl"
    REPEATED_PAGE = "nextRecordsUrl leads back to the same page"
    DUPLICATED_ROWS = "the next page begins with rows of this one"


PAGE_KINDS = frozenset(
    {Kind.LOST_PAGE, Kind.DONE_TOO_EARLY, Kind.NO_NEXT_URL, Kind.REPEATED_PAGE, Kind.DUPLICATED_ROWS}
)
PASSING = (
    Kind.SESSION_EXPIRED,
    Kind.SERVER_ERROR,
    Kind.BAD_GATEWAY,
    Kind.UNAVAILABLE,
    Kind.TOO_MANY_REQUESTS,
    Kind.SLOW,
    Kind.CLOSED_EARLY,
    Kind.DROPPED_BODY,
    Kind.TRUNCATED_JSON,
    Kind.SHORT_BATCHES,
)
"""Trouble a patient client gets over."""

LASTING = (
    Kind.SESSION_EXPIRED,
    Kind.REQUEST_LIMIT,
    Kind.QUERY_TIMEOUT,
    Kind.CURSOR_EXPIRED,
    Kind.OBJECT_REFUSED,
    Kind.OBJECT_FORBIDDEN,
    Kind.DESCRIBE_FAILS,
    Kind.WRONG_SHAPE,
    *sorted(PAGE_KINDS, key=lambda kind: kind.name),
)
"""Trouble a client can only report."""


@dataclass(frozen=True)
class Fault:
    """One kind of trouble.

    It leaves the first `after` calls it could strike alone, and strikes `times` of the following ones, each
    with `chance` (None strikes for ever). `on` is a pattern searched in the path and the query; `size` is a
    batch size, or a number of rows.
    """

    kind: Kind
    after: int = 0
    times: int | None = 1
    on: str | None = None
    chance: float = 1.0
    size: int | None = None


@dataclass(frozen=True)
class Faults:
    """A seed and the trouble it stands for."""

    seed: int
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, *faults: Fault | Kind, seed: int = 0) -> Faults:
        """Chosen trouble; a bare kind happens once, on the first call it can."""
        return cls(seed, tuple(each if isinstance(each, Fault) else Fault(each) for each in faults))

    @classmethod
    def random(cls, seed: int) -> Faults:
        """A mix: some trouble that passes, and sometimes one that lasts."""
        dice = random.Random(f"mix {seed}")  # noqa: S311 - repeatable, not secret
        faults = [
            Fault(
                kind, after=dice.randrange(12), times=dice.randint(1, 3), chance=dice.choice((0.3, 0.6, 1.0))
            )
            for kind in dice.sample(PASSING, dice.randint(2, 4))
        ]
        if dice.random() < 0.4:
            kind = dice.choice(LASTING)
            table = dice.choice(
                ("FieldPermissions", "ObjectPermissions", "PermissionSetAssignment", "User", "Contact")
            )
            aimed = kind not in {Kind.SESSION_EXPIRED, Kind.REQUEST_LIMIT}
            faults.append(
                Fault(kind, after=dice.randrange(8), times=None, on=rf"\b{table}\b" if aimed else None)
            )
        return cls(seed, tuple(faults))

    def start(self) -> FaultRun:
        """The trouble of one server, from the beginning."""
        return FaultRun(self)


@dataclass(frozen=True)
class Delivery:
    """How the connection treats an answer: after how long, how much of it, and whether it survives."""

    delay: float = 0.0
    truncate: bool = False
    drop: bool = False


class FaultRun:
    """Counts calls and decides, call by call, what goes wrong."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults.faults
        self._dice = [
            random.Random(f"{faults.seed} {place}")  # noqa: S311 - repeatable, not secret
            for place in range(len(self.faults))
        ]
        self._seen = [0] * len(self.faults)
        self._struck = [0] * len(self.faults)

    def strikes(self, kind: Kind, call: Call) -> Fault | None:
        """The fault of that kind that hits this call, if one does; asking counts as an opportunity."""
        for place, fault in enumerate(self.faults):
            if fault.kind is not kind or not _is_about(fault, call):
                continue
            self._seen[place] += 1
            if self._seen[place] <= fault.after:
                continue
            if fault.times is not None and self._struck[place] >= fault.times:
                continue
            if self._dice[place].random() < fault.chance:
                self._struck[place] += 1
                return fault
        return None

    def refusal(self, call: Call) -> ApiError | None:
        """An error in the API's own words instead of an answer."""
        for kind, status, code, message in _REFUSALS:
            if kind is Kind.DESCRIBE_FAILS and not call.path.rstrip("/").endswith("/describe"):
                continue
            if kind is Kind.QUERY_TIMEOUT and call.soql is None:
                continue
            if kind is Kind.CURSOR_EXPIRED and not _is_query_more(call):
                continue
            if self.strikes(kind, call):
                return ApiError(status, code, message)
        if self.strikes(Kind.OBJECT_REFUSED, call):
            return _object_refusal(call)
        return None

    def page_of_html(self, call: Call) -> Answer | None:
        """What a proxy in front of the API says when the API does not."""
        for kind, status, words in (
            (Kind.BAD_GATEWAY, 502, "Bad Gateway"),
            (Kind.UNAVAILABLE, 503, "Service Unavailable"),
        ):
            if self.strikes(kind, call):
                html = (
                    f"<html><head><title>{words}</title></head><body><h1>{status} {words}</h1></body></html>"
                )
                return Answer(status, html, {"Content-Type": "text/html; charset=UTF-8"})
        return None

    def closes_early(self, call: Call) -> bool:
        """Whether the connection closes instead of an answer."""
        return self.strikes(Kind.CLOSED_EARLY, call) is not None

    def with_short_batch(self, call: Call) -> Call:
        """The call with a page size of the server's own choice."""
        if call.soql is None and not _is_query_more(call):
            return call
        fault = self.strikes(Kind.SHORT_BATCHES, call)
        if fault is None:
            return call
        sizes = (fault.size,) if fault.size else (200, 1337, 3)
        return replace(call, batch=sizes[self._struck[self.faults.index(fault)] % len(sizes)])

    def bend(self, call: Call, answer: Answer) -> Answer:
        """The answer with the lies of this run in it."""
        if answer.status != 200:
            return answer
        body = answer.body
        if isinstance(body, dict) and isinstance(body.get("records"), list) and "nextRecordsUrl" in body:
            for kind in PAGE_KINDS_IN_ORDER:
                fault = self.strikes(kind, call)
                if fault is not None:
                    body = _bent_page(kind, body, fault.size)
                    break
        if _has_list(body) and self.strikes(Kind.WRONG_SHAPE, call):
            body = _reshaped(body)
        return replace(answer, body=body)

    def delivery(self, call: Call) -> Delivery:
        """What happens to the answer on its way."""
        slow = self.strikes(Kind.SLOW, call)
        delay = 0.0
        if slow is not None:
            delay = self._dice[self.faults.index(slow)].uniform(0.05, 0.3)
        return Delivery(
            delay=delay,
            truncate=self.strikes(Kind.TRUNCATED_JSON, call) is not None,
            drop=self.strikes(Kind.DROPPED_BODY, call) is not None,
        )


PAGE_KINDS_IN_ORDER = tuple(kind for kind in Kind if kind in PAGE_KINDS)

_UNEXPECTED = (
    "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-1 (1)"
)
_REFUSALS = (
    (Kind.SESSION_EXPIRED, 401, "INVALID_SESSION_ID", "Session expired or invalid"),
    (Kind.REQUEST_LIMIT, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    (Kind.TOO_MANY_REQUESTS, 429, "TOO_MANY_REQUESTS", "Too many requests"),
    (Kind.SERVER_ERROR, 500, "UNKNOWN_EXCEPTION", _UNEXPECTED),
    (Kind.DESCRIBE_FAILS, 500, "UNKNOWN_EXCEPTION", _UNEXPECTED),
    (Kind.QUERY_TIMEOUT, 400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    (Kind.CURSOR_EXPIRED, 400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    (Kind.OBJECT_FORBIDDEN, 403, "INSUFFICIENT_ACCESS", "insufficient access rights on object"),
)


def _is_about(fault: Fault, call: Call) -> bool:
    return fault.on is None or re.search(fault.on, f"{call.path} {call.soql or ''}") is not None


def _is_query_more(call: Call) -> bool:
    return "/query/0r8" in call.path


def _object_refusal(call: Call) -> ApiError:
    """INVALID_TYPE for the object of a query, 404 for one in a path."""
    text = call.soql or ""
    found = re.search(r"\bFROM\s+(\w+)", text, re.IGNORECASE)
    if found is None:
        return ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return invalid_type(text, found.start(1), found[1])


def _bent_page(kind: Kind, body: Mapping[str, Any], size: int | None) -> dict[str, Any]:
    """One page of a query with something wrong about what comes next."""
    bent = dict(body)
    url, _, end = str(body["nextRecordsUrl"]).rpartition("-")
    following, length = int(end), max(1, len(body["records"]))
    match kind:
        case Kind.LOST_PAGE if following + length < body["totalSize"]:
            bent["nextRecordsUrl"] = f"{url}-{following + length}"
        case Kind.LOST_PAGE | Kind.DONE_TOO_EARLY:
            bent["done"] = True
            del bent["nextRecordsUrl"]
        case Kind.NO_NEXT_URL:
            del bent["nextRecordsUrl"]
        case Kind.REPEATED_PAGE:
            bent["nextRecordsUrl"] = f"{url}-{following - length}"
        case _:
            # At least one new row per page, or the client would never arrive.
            repeated = min(size or 1, length - 1)
            bent["nextRecordsUrl"] = f"{url}-{following - repeated}"
    return bent


def _has_list(body: Any) -> bool:
    if isinstance(body, list):
        return True
    return isinstance(body, dict) and any(isinstance(value, list) for value in body.values())


def _reshaped(body: Any) -> Any:
    """The same content with objects in place of the lists at the top."""
    if isinstance(body, list):
        return {"value": body}
    return {key: {"value": value} if isinstance(value, list) else value for key, value in body.items()}
