"""What HubSpot answers, read with nothing taken for granted: every field of an error may be absent (hubspot 1.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_WAITS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
_LOCK_WAIT = 2.0
_SCOPE = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
_CODE = re.compile(r"[A-Za-z_0-9]{1,60}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of a good answer; `whole` is False for a batch of which some part failed (207)."""

    content: Any
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answer says.

    `policy` is the limit it ran into, `pause` how many seconds to wait before asking again, `scopes` those of which
    any one would do, `properties` names it does not know. `said` may repeat data and is never shown.
    """

    status: int = 0
    category: str = ""
    policy: str = ""
    pause: float = 0.0
    scopes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    correlation: str = ""
    said: str = ""


def read_refusal(status: int, headers: Mapping[str, str], content: bytes) -> Refusal:
    """Read an error answer; a body that is HTML, empty or half says nothing beyond its status."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    problems = [p for p in _listed(body.get("errors")) if isinstance(p, dict)]
    said = body.get("message")
    said = said if isinstance(said, str) else ""
    policy = _policy(status, body, said)
    return Refusal(
        status=status,
        category=_code(body.get("category")),
        policy=policy,
        pause=_pause(status, policy, headers),
        scopes=tuple(
            scope
            for scope in _context(body, problems, "requiredGranularScopes", "requiredScopes")
            if _SCOPE.fullmatch(scope)
        ),
        properties=tuple(name for name in _context(body, problems, "propertyName") if _CODE.fullmatch(name)),
        codes=frozenset(filter(None, (_code(p.get("code")) for p in problems))),
        correlation=_correlation(body.get("correlationId")),
        said=said,
    )


def _policy(status: int, body: Mapping[str, Any], said: str) -> str:
    """The limit that was reached: by its name, otherwise by the message."""
    if status != 429:
        return ""
    given = str(body.get("policyName") or "").upper()
    words = said.lower()
    for policy, word in (
        ("TEN_SECONDLY_ROLLING", "ten_secondly"),
        ("SECONDLY", "secondly"),
        ("DAILY", "daily"),
    ):
        if given == policy or (not given and word in words):
            return policy
    return given or "TEN_SECONDLY_ROLLING"


def _pause(status: int, policy: str, headers: Mapping[str, str]) -> float:
    wished = headers.get("Retry-After", "")
    seconds = float(wished) if re.fullmatch(r"\d{1,6}(\.\d+)?", wished) else 0.0
    if status == 423:
        return max(seconds, _LOCK_WAIT)
    return max(seconds, _WAITS.get(policy, 10.0)) if status == 429 else seconds


def _context(body: Mapping[str, Any], problems: list[dict[str, Any]], *names: str) -> Iterator[str]:
    """The texts that the contexts of an error body hold under these names."""
    for place in (*problems, body):
        context = place.get("context")
        if isinstance(context, dict):
            for name in names:
                yield from (text for text in _listed(context.get(name)) if isinstance(text, str))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _code(value: Any) -> str:
    """A code as far as it looks like one: servers may put anything there."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _correlation(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F-]{8,64}", value) else ""
