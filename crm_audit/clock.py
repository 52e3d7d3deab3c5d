"""The only place that reads the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from auditor.errors import ConfigError

FIRST, LAST = 1970, 2199
"""Years that a moment may lie in, so that periods before and after it are moments too."""


def now() -> datetime:
    """This second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - this is the one place


def zone() -> str:
    """The local time zone, as `UTC` or its offset such as `UTC+02:00`."""
    offset = datetime.now().astimezone().strftime("%z")  # noqa: TID251 - the local zone is asked for
    return "UTC" if offset == "+0000" else f"UTC{offset[:3]}:{offset[3:]}"


def parse(text: str) -> datetime:
    """An ISO 8601 moment or date, in UTC; a moment without an offset counts as UTC.

    Raises ConfigError for anything else.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"“{text}” is not a moment.", hint="Write it as 2026-11-24 or 2026-11-24T03:00:00Z."
        ) from None
    if not FIRST <= moment.year <= LAST:
        raise ConfigError(
            f"“{text}” lies outside of what can be judged.", hint=f"Name a year from {FIRST} to {LAST}."
        )
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
