"""How long records may be kept: policies, absolute cut-offs, and what was counted beyond them.

Retention of records is the organisation's own schedule and state law; HIPAA sets no maximum
(reference: 45 CFR 164.316(b)(2)(i) covers documentation only). Nothing here is a default.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import isodate


@dataclass(frozen=True, slots=True)
class Minimum:
    """A legal minimum that somebody configured for a class of records; nothing here knows the law.

    `verified_on` and `verified_by` say when and by whom the organisation's counsel had it checked.
    """

    jurisdiction: str
    period: str
    citation: str
    verified_on: date | None = None
    verified_by: str = ""

    def cutoff_at(self, as_of: datetime) -> datetime:
        """The moment before which a record has been kept long enough, in UTC."""
        return subtract(as_of.astimezone(UTC), self.period, forward=True)


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """One class of records and how long it may be kept.

    `anchor` is the date field the clock starts from; `fallback` another field for records where it is empty,
    or empty to leave those records out (they are then undecided, never overdue). `period` is an ISO 8601
    calendar duration such as `P24M`; `cutoff`, if set, is used instead of it. `hold` names a condition under
    which records must be kept; the auditor cannot evaluate it and says so. `minimums` are periods for which such
    records have to be kept, `recovery_window` how long after deletion they are known to be recoverable.
    `further` are more fallbacks, in order; with `having`, only records count in which that field is set.
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
    minimums: tuple[Minimum, ...] = ()
    recovery_window: str = ""
    further: tuple[str, ...] = ()
    having: str = ""

    @property
    def anchors(self) -> tuple[str, ...]:
        """The date fields of which the first that is set counts."""
        return (self.anchor, *(name for name in (self.fallback, *self.further) if name))

    def cutoff_at(self, as_of: datetime) -> datetime:
        """The moment before which a record is overdue, in UTC.

        Raises ValueError for a period that is not an ISO 8601 duration.
        """
        if self.cutoff is not None:
            return self.cutoff.astimezone(UTC)
        return subtract(as_of.astimezone(UTC), self.period)


def subtract(moment: datetime, period: str, *, forward: bool = False) -> datetime:
    """Step back by calendar years and months, not by multiples of 365 days.

    29 February without a match rolls back to 28 February, which keeps a maximum from growing; a minimum rolls
    `forward` to 1 March. The same goes for other days that a month does not have.
    """
    duration = isodate.parse_duration(period)
    if isinstance(duration, timedelta):
        return moment - duration
    months = moment.year * 12 + moment.month - 1 - int(duration.years) * 12 - int(duration.months)
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    shifted = moment.replace(year=year, month=month + 1, day=day)
    if forward and day < moment.day:
        shifted += timedelta(days=1)
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
