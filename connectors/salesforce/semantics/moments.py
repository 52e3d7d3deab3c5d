"""Salesforce's dates and times."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """A Salesforce datetime (`2026-11-23T22:10:00.000+0000`) or date, in UTC; None for null or anything else."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
