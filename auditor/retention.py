"""How long records may be kept: policies, absolute cut-offs, and what was counted beyond them.

Retention of records is the organisation's own schedule and state law; HIPAA sets no maximum
(reference: 45 CFR 164.316(b)(2)(i) covers documentation only). Nothing here is a default.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import isodate


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """One class of records and how long it may be kept.

    `anchor` is the date field the clock starts from; `fallback` another field for records where it is empty,
    or empty to leave those records out (they are then undecided, never overdue). `period` is an ISO 8601
    calendar duration such as `P24M`; `cutoff`, if set, is used instead of it. `hold` names a condition under
    which records must be kept; the auditor cannot evaluate it and says so.
    """

    id: str
    object: str
    anchor: str
    period: str = ""
    cutoff: datetime | None = None
    fallback: str = ""
    hold: str = ""
    source: str = ""
    why: str = ""

    def cutoff_at(self, as_of: datetime) -> datetime:
        """The moment before which a record is overdue, in UTC.

        Raises ValueError for a period that is not an ISO 8601 duration.
        """
        if self.cutoff is not None:
            return self.cutoff.astimezone(UTC)
        return subtract(as_of.astimezone(UTC), self.period)


def subtract(moment: datetime, period: str) -> datetime:
    """Step back by calendar years and months, not by multiples of 365 days.

    29 February without a match rolls back to 28 February, which keeps a maximum from growing.
    """
    duration = isodate.parse_duration(period)
    if isinstance(duration, timedelta):
        return moment - duration
    months = moment.year * 12 + moment.month - 1 - int(duration.years) * 12 - int(duration.months)
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    shifted = moment.replace(year=year, month=month + 1, day=day)
    rest: timedelta = duration.tdelta
    return shifted - rest


@dataclass(frozen=True, slots=True)
class Overdue:
    """What was counted for one policy; counts and dates only, never a value.

    `oldest` and `newest` are anchor dates in the vendor's own notation. `complete` is False when the connected
    user sees only part of the records. `by_month` maps `YYYY-MM` to overdue live records.
    """

    policy: RetentionPolicy
    cutoff: datetime
    live: int
    archived: int
    recycle_bin: int
    oldest: str
    newest: str
    complete: bool
    by_month: Mapping[str, int]
    sample: tuple[str, ...] = ()
    undecided: int = 0
    visibility: str = ""
    queries: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All overdue records, wherever they are kept."""
        return self.live + self.archived + self.recycle_bin
