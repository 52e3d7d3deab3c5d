"""HubSpot's moments: ISO 8601 text in UTC, or milliseconds since 1970 as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str | None) -> datetime | None:
    """Read a moment; a day alone is its midnight, UTC. None for what is none."""
    if not text:
        return None
    try:
        if text.isdigit() and len(text) > 8:
            return _START + timedelta(milliseconds=int(text))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
