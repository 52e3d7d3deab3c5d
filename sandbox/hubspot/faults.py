"""Trouble on order: which requests go wrong, and how (portal-fixture 6)."""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.hubspot.asked import Answer, Call, paging
from sandbox.hubspot.errors import ApiError, rate_limited
from sandbox.hubspot.fixture import FixtureError

_ACTIONS = frozenset("status body headers policy truncate cut slow reset repeat_cursor expire_token".split())
_MESSAGES = {
    401: "Authentication credentials not found.",
    403: "This app hasn't been granted all required scopes to make this call.",
    404: "resource not found",
    423: "The resource is locked.",
    477: "The account is being moved to another data center.",
    500: "internal error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True)
class Fault:
    """What happens to some of the requests that match; `on` counts them from 1, None means all."""

    method: str
    path: re.Pattern[str]
    on: frozenset[int] | None
    do: Mapping[str, Any]

    def matches(self, call: Call) -> bool:
        """Whether the fault is about a request."""
        return self.method in {"*", call.method} and self.path.search(call.path) is not None

    @property
    def words(self) -> str:
        """The fault in a few words, for the log."""
        return " ".join(
            f"{name}={value}" if name in {"status", "policy"} else name for name, value in self.do.items()
        )

    def answer(self, correlation: str) -> Answer | None:
        """The answer that stands in for the real one, if the fault has a status."""
        status = self.do.get("status")
        if status is None:
            return None
        headers = {str(name): str(value) for name, value in self.do.get("headers", {}).items()}
        body = self.do.get("body")
        if body == "html":
            words = f"{status} {_MESSAGES.get(status, 'Error')}"
            page = f"<html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>"
            return Answer(page, status, {"Content-Type": "text/html; charset=utf-8", **headers})
        if body == "empty":
            return Answer(None, status, headers)
        if body is not None:
            return Answer(body, status, headers)
        if status == 429:
            error = rate_limited(self.do.get("policy", "TEN_SECONDLY_ROLLING"))
        else:
            error = ApiError(status, _MESSAGES.get(status, "error"))
        return Answer(error.body(correlation), status, headers)


def load_faults(source: str | Path | Mapping[str, Any]) -> tuple[Fault, ...]:
    """The faults of a `faults.json`, or of the parsed document. Raises FixtureError."""
    if isinstance(source, Mapping):
        return _read(source, "faults")
    path = Path(source)
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FixtureError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as problem:
        raise FixtureError(f"{path}: cannot be read as JSON ({problem})") from problem
    if not isinstance(document, dict):
        raise FixtureError(f"{path}: the document is not a JSON object")
    return _read(document, str(path))


def _read(document: Mapping[str, Any], source: str) -> tuple[Fault, ...]:
    rows = document.get("faults", [])
    if not isinstance(rows, list):
        raise FixtureError(f"{source}: faults: expected an array")
    return tuple(_fault(row, f"{source}: faults[{number}]") for number, row in enumerate(rows))


def _fault(row: Any, place: str) -> Fault:
    if not isinstance(row, Mapping):
        raise FixtureError(f"{place}: expected an object")
    match, do, on = row.get("match", {}), row.get("do", {}), row.get("on")
    if not isinstance(match, Mapping) or not isinstance(do, Mapping) or not do:
        raise FixtureError(f"{place}: match and do must be objects, and do must say something")
    for name in do.keys() - _ACTIONS:
        raise FixtureError(f"{place}.do.{name}: is not a known kind of trouble")
    if on is not None and not (isinstance(on, list) and all(type(each) is int for each in on)):
        raise FixtureError(f"{place}.on: expected an array of numbers")
    try:
        pattern = re.compile(match.get("path", ""))
    except (re.error, TypeError):
        raise FixtureError(f"{place}.match.path: {match.get('path')!r} is not a pattern") from None
    return Fault(str(match.get("method", "*")), pattern, None if on is None else frozenset(on), do)


class FaultRun:
    """The faults of one server: counts requests and says which fault strikes."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        self._seen = [0] * len(faults)

    def strikes(self, call: Call) -> Fault | None:
        """The first fault that hits this request; each counts every request it is about."""
        found = None
        for place, fault in enumerate(self.faults):
            if not fault.matches(call):
                continue
            self._seen[place] += 1
            if found is None and (fault.on is None or self._seen[place] in fault.on):
                found = fault
        return found


def with_repeated_cursor(call: Call, answer: Answer) -> Answer:
    """The answer with a cursor that leads to the same page again."""
    if answer.here is None or not isinstance(answer.body, dict):
        return answer
    if "hasMore" in answer.body:
        return replace(answer, body={**answer.body, "hasMore": True, "offset": answer.here})
    following = (
        paging(call, str(answer.here)) if call.method == "GET" else {"next": {"after": str(answer.here)}}
    )
    return replace(answer, body={**answer.body, "paging": following})
