"""What the server was asked, so that a test can prove nothing was ever written (salesforce 9)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HARMLESS = (
    ("POST", re.compile(r"/services/oauth2/token")),
    ("POST", re.compile(r"/services/Soap/u/[^/]+")),
    ("POST", re.compile(r"/services/data/v[\d.]+/composite(/batch)?")),
    ("POST", re.compile(r"/services/data/v[\d.]+/jobs/query")),
    ("PATCH", re.compile(r"/services/data/v[\d.]+/jobs/query/\w+")),
    ("DELETE", re.compile(r"/services/data/v[\d.]+/jobs/query/\w+")),
)
"""The only requests beside GET that change nothing in the org: logging in, asking in bulk, tidying up."""


def is_write(method: str, path: str) -> bool:
    """Whether a request tries to change something."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return False
    return not any(method == verb and pattern.fullmatch(path.rstrip("/")) for verb, pattern in _HARMLESS)


@dataclass(frozen=True)
class Recorded:
    """One request and its answer; `soql` is the query it carried, `write` marks an attempt to change data.

    A status of 0 means the connection was dropped before an answer.
    """

    method: str
    path: str
    soql: str | None
    status: int
    write: bool = False


class RequestLog(list[Recorded]):
    """All requests in the order of their answers; the sub-requests of a composite come before it."""

    def writes(self) -> list[Recorded]:
        """The attempts to change something; every one was refused."""
        return [each for each in self if each.write]

    def queries(self) -> list[str]:
        """The SOQL texts, in order."""
        return [each.soql for each in self if each.soql is not None]
