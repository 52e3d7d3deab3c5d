"""What is wrong with a file, in words: where, one sentence, and what to do about it.

What is not plainly a word of the file format stays out of every message; it may be a secret in the wrong place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from auditor.errors import ConfigError
from mappings.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

Route = tuple[str | int, ...]
"""The keys and indexes that lead to a value, from the top of the file."""

_MOST_LISTED = 40
_PLAIN_WORD = re.compile(r"[A-Za-z_<*][\w.<*-]{0,29}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; problems sort in the order of the file."""

    line: int
    column: int
    where: str
    sentence: str
    hint: str = ""


def refusal(problems: Iterable[Problem]) -> ConfigError:
    """Make one error of all problems: the first is its sentence, the others follow its hint."""
    first, *others = sorted(set(problems))
    lines = [first.hint] if first.hint else []
    lines += [f"{p.where}: {p.sentence} {p.hint}".rstrip() for p in others[:_MOST_LISTED]]
    if len(others) > _MOST_LISTED:
        lines.append(f"… and {len(others) - _MOST_LISTED} more.")
    return ConfigError(f"{first.where}: {first.sentence}", hint="\n".join(lines))


def refused(sentence: str, hint: str = "") -> PydanticCustomError:
    """Make the error a validator raises when pydantic has no words for what is wrong."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "hint": hint})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, or list them all."""
    known = sorted(known)
    if near := nearest(word, known):
        return f"Did you mean “{near}”?"
    return f"Known here: {', '.join(known)}." if known else ""


def shown(word: str) -> str:
    """Write a word as a message may repeat it."""
    return f"“{word}”" if _PLAIN_WORD.fullmatch(word) else "“…”"


def in_words(route: Route) -> str:
    """Write a route as a message may repeat it."""
    return dotted(tuple(s if isinstance(s, int) or _PLAIN_WORD.fullmatch(s) else "…" for s in route))


def dotted(route: Route) -> str:
    """Write a route as people do: `targets[0].auth.jwt`."""
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in route).removeprefix(".")
