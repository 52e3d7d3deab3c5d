"""SOQL's named dates as ranges of time, seen from the org's clock (salesforce 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_UNITS = {"DAY": 0, "WEEK": 0, "MONTH": 1, "QUARTER": 3, "YEAR": 12}


@dataclass(frozen=True)
class Span:
    """The days from `start` up to, but not including, `end`."""

    start: date
    end: date

    def bounds(self, *, with_time: bool) -> tuple[str, str]:
        """Both ends in the text form the tables hold, so that text order is time order."""
        tail = "T00:00:00.000+0000" if with_time else ""
        return f"{self.start.isoformat()}{tail}", f"{self.end.isoformat()}{tail}"


def named_span(name: str, count: int | None, today: date) -> Span | None:
    """What `TODAY`, `LAST_N_YEARS:6` and the like mean today; None if there is no such name.

    `LAST_N_DAYS` runs to the end of today; weeks, months, quarters and years leave the current one out.
    """
    fixed = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    if name in fixed and count is None:
        return _shifted("DAY", fixed[name], 1, today)
    if name == "LAST_90_DAYS" and count is None:
        return Span(today - timedelta(days=90), today + timedelta(days=1))
    if name == "NEXT_90_DAYS" and count is None:
        return Span(today + timedelta(days=1), today + timedelta(days=91))
    words = name.split("_")
    if len(words) == 2 and words[1] in _UNITS and words[1] != "DAY" and count is None:
        shift = {"THIS": 0, "LAST": -1, "NEXT": 1}.get(words[0])
        return None if shift is None else _shifted(words[1], shift, 1, today)
    if count is None or len(words) != 3:
        return None
    if words[:2] == ["LAST", "N"] and words[2][:-1] in _UNITS and words[2].endswith("S"):
        unit = words[2][:-1]
        if unit == "DAY":
            return Span(today - timedelta(days=count), today + timedelta(days=1))
        return _shifted(unit, -count, count, today)
    if words[:2] == ["NEXT", "N"] and words[2][:-1] in _UNITS and words[2].endswith("S"):
        return _shifted(words[2][:-1], 1, count, today)
    if words[0] == "N" and words[2] == "AGO" and words[1][:-1] in _UNITS and words[1].endswith("S"):
        return _shifted(words[1][:-1], -count, 1, today)
    return None


def _shifted(unit: str, shift: int, length: int, today: date) -> Span:
    """`length` whole units, beginning `shift` units from the current one."""
    if unit == "DAY":
        start = today + timedelta(days=shift)
        return Span(start, start + timedelta(days=length))
    if unit == "WEEK":
        sunday = today - timedelta(days=today.isoweekday() % 7)
        start = sunday + timedelta(weeks=shift)
        return Span(start, start + timedelta(weeks=length))
    months = _UNITS[unit]
    current = today.year * 12 + (today.month - 1) // months * months
    return Span(_month(current + shift * months), _month(current + (shift + length) * months))


def _month(number: int) -> date:
    """The first day of a month counted from year zero, kept inside the years a date can have."""
    year, month = divmod(number, 12)
    return date(min(max(year, 1), 9998), month + 1, 1)
