"""One request as the resources read it, and what they answer."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

from sandbox.hubspot.errors import invalid, missing_scopes
from sandbox.hubspot.portal import Row, Token

DATED = r"20\d\d-0[39](?:-beta)?"
"""The version segment of date-based paths."""


@dataclass(frozen=True)
class Call:
    """One request. `query` keeps repeated parameters; `names_scopes` tells how talkative a refusal is."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    content: bytes
    base_url: str
    token: Token | None = None
    names_scopes: bool = True

    @property
    def credential(self) -> Token:
        """The token of the request; only called behind the door."""
        if self.token is None:
            raise RuntimeError("a resource was asked without a token")
        return self.token

    def need(self, *alternatives: str) -> None:
        """Refuse the request unless its token has one of the scopes."""
        if not self.credential.opens(alternatives):
            raise missing_scopes(alternatives, named=self.names_scopes)

    def one(self, name: str, default: str = "") -> str:
        """A query parameter, the last one if it is repeated."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def many(self, name: str) -> list[str] | None:
        """A parameter that may be repeated, joined by commas or both; None if it is not there."""
        given = [value for key, value in self.query if key == name]
        return [part for value in given for part in value.split(",") if part] if given else None

    def flag(self, name: str) -> bool:
        """A boolean parameter, false if it is not there."""
        text = self.one(name, "false").lower()
        if text not in {"true", "false"}:
            raise invalid(f"Invalid input JSON: {name} must be true or false")
        return text == "true"

    def limit(self, usual: int, most: int) -> int:
        """How many results a page may have. Asking for too many is refused."""
        return _limit(self.one("limit", str(usual)), most)

    def body(self) -> Row:
        """The JSON object of the body."""
        try:
            found = json.loads(self.content or b"{}")
        except ValueError:
            raise invalid("Invalid input JSON on line 1, column 1") from None
        if not isinstance(found, dict):
            raise invalid("Invalid input JSON: an object was expected")
        return found

    def inputs(self, key: str, most: int) -> list[str]:
        """The values of one key of `inputs` in a batch body."""
        inputs = self.body().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(row, dict) and key in row for row in inputs):
            raise invalid(f"Some required fields were not set: [inputs.{key}]")
        if len(inputs) > most:
            raise invalid(f"The maximum number of inputs supported in a batch request is {most}")
        return [str(row[key]) for row in inputs]


@dataclass(frozen=True)
class Answer:
    """What goes back. `values` are the properties whose values it shows, `here` the cursor of this page."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    values: frozenset[str] = frozenset()
    here: str | int | None = None


Handler: TypeAlias = Callable[[Call, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Route:
    """One thing that can be read. `public` needs no token; `search` has limits of its own."""

    name: str
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    public: bool = False
    search: bool = False


def reads(name: str, paths: str, handler: Handler, *, post: bool = False, **more: bool) -> Route:
    """A route; in `paths`, `DATE` stands for a date-based version and `{x}` for one segment named x."""
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", paths.replace("DATE", DATED))
    return Route(name, "POST" if post else "GET", re.compile(pattern), handler, **more)


def page(call: Call, rows: Sequence[Any], usual: int, most: int) -> Answer:
    """One page of rows, with an opaque cursor to the next (hubspot 3.1)."""
    limit = call.limit(usual, most)
    start = _from_cursor(call.one("after"))
    body: Row = {"results": list(rows[start : start + limit])}
    if start + limit < len(rows):
        body["paging"] = paging(call, _cursor(start + limit))
    return Answer(body, here=_cursor(start))


def paging(call: Call, after: str) -> Row:
    """The way to the next page of a GET."""
    query = [(key, value) for key, value in call.query if key != "after"]
    link = f"{call.base_url}{call.path}?{urlencode([*query, ('after', after)])}"
    return {"next": {"after": after, "link": link}}


def batch(results: Sequence[Any], missing: Sequence[str], problem: str, **more: Any) -> Answer:
    """The answer of a batch read; 207 if something was not there (hubspot 1.5)."""
    stamp = "2026-11-24T09:00:00.000Z"
    body: Row = {"status": "COMPLETE", "results": list(results), "startedAt": stamp, "completedAt": stamp}
    if missing:
        error = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": problem,
            "context": {"ids": list(missing)},
        }
        body |= {"numErrors": 1, "errors": [error]}
    return Answer(body, 207 if missing else 200, **more)


def _limit(text: str, most: int) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"The limit must be between 1 and {most}, but was {text}")
    return int(text)


def _cursor(place: int) -> str:
    return base64.b64encode(f"p{place}".encode()).decode().rstrip("=")


def _from_cursor(text: str) -> int:
    if not text:
        return 0
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except ValueError:
        found = ""
    if not re.fullmatch(r"p\d+", found):
        raise invalid(f"The after parameter {text!r} is not a paging cursor")
    return int(found[1:])
