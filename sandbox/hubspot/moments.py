"""Times as HubSpot writes them: ISO 8601 in UTC with milliseconds, and epoch milliseconds in searches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def read(text: str) -> datetime:
    """The moment a text means; a date alone is its midnight in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def milliseconds(text: str) -> int:
    """Epoch milliseconds of an ISO text, or of a text that is already a number. Raises ValueError."""
    if text.lstrip("-").isdigit() and not _DATE.fullmatch(text):
        return int(text)
    return (read(text) - _EPOCH) // timedelta(milliseconds=1)


def written(moment: datetime) -> str:
    """A moment the way the API writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def from_milliseconds(value: int) -> str:
    """The ISO text of epoch milliseconds."""
    return written(_EPOCH + timedelta(milliseconds=value))


def date_from_milliseconds(value: int) -> str:
    """The date, in UTC, of epoch milliseconds."""
    return from_milliseconds(value)[:10]
