"""Calendar periods and absolute cut-offs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.retention import Overdue, RetentionPolicy, subtract


@pytest.mark.parametrize(
    ("moment", "period", "expected"),
    [
        ("2026-11-24", "P24M", "2024-11-24"),
        ("2026-11-24", "P2Y", "2024-11-24"),
        ("2026-11-24", "P1Y12M", "2024-11-24"),
        ("2026-01-31", "P1M", "2025-12-31"),
        ("2026-03-31", "P1M", "2026-02-28"),
        ("2024-03-31", "P1M", "2024-02-29"),
        ("2026-05-31", "P3M", "2026-02-28"),
        ("2026-12-31", "P18M", "2025-06-30"),
        ("2024-02-29", "P1Y", "2023-02-28"),  # no 29 February to go back to
        ("2024-02-29", "P4Y", "2020-02-29"),
        ("2025-02-28", "P1Y", "2024-02-28"),  # and none to grow into
        ("2000-02-29", "P100Y", "1900-02-28"),
        ("2026-01-15", "P1M", "2025-12-15"),
        ("2026-12-15", "P12M", "2025-12-15"),
        ("2026-11-24", "P30D", "2026-10-25"),
        ("2024-03-01", "P1D", "2024-02-29"),
        ("2026-11-24", "P2W", "2026-11-10"),
        ("2026-03-31", "P1M1D", "2026-02-27"),  # months first, then days
        ("2026-11-24", "P0D", "2026-11-24"),
    ],
)
def test_periods_are_calendar_periods(moment, period, expected):
    at = datetime.fromisoformat(moment).replace(hour=6, minute=30, tzinfo=UTC)
    assert subtract(at, period) == datetime.fromisoformat(expected).replace(hour=6, minute=30, tzinfo=UTC)


@given(st.integers(0, 150 * 366), st.integers(0, 86_399), st.integers(0, 40), st.integers(0, 30))
def test_a_maximum_never_grows(days, seconds, years, months):
    """The cut-off is in the month so many months back, on the same day or the last one of that month."""
    moment = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)
    found = subtract(moment, f"P{years}Y{months}M")
    assert (moment.year * 12 + moment.month) - (found.year * 12 + found.month) == years * 12 + months
    assert found.day == moment.day or (found.day < moment.day and (found + timedelta(days=1)).day == 1)
    assert found.timetz() == moment.timetz()


@pytest.mark.parametrize("period", ["", "24M", "two years", "P", "PX"])
def test_other_words_are_no_period(period):
    with pytest.raises(ValueError, match=r"."):
        subtract(datetime(2026, 11, 24, tzinfo=UTC), period)


EAST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("policy", "as_of", "expected"),
    [
        pytest.param(
            {"period": "P1D"}, datetime(2026, 11, 24, 6, tzinfo=UTC), "2026-11-23T06:00:00+00:00", id="utc"
        ),
        pytest.param(
            # In Tokyo it is already 1 March; in UTC still the last of February.
            {"period": "P1M"},
            datetime(2026, 3, 1, 6, tzinfo=EAST),
            "2026-01-28T21:00:00+00:00",
            id="the calendar is that of UTC",
        ),
        pytest.param(
            {"cutoff": datetime(2024, 1, 1, tzinfo=EAST)},
            datetime(2026, 11, 24, tzinfo=UTC),
            "2023-12-31T15:00:00+00:00",
            id="a fixed cut-off",
        ),
        pytest.param(
            {"period": "P1Y", "cutoff": datetime(2024, 1, 1, tzinfo=UTC)},
            datetime(2026, 11, 24, tzinfo=UTC),
            "2024-01-01T00:00:00+00:00",
            id="a fixed cut-off comes first",
        ),
    ],
)
def test_cutoffs_are_in_utc(policy, as_of, expected):
    cutoff = RetentionPolicy("leads", "Lead", "CreatedDate", **policy).cutoff_at(as_of)
    assert cutoff.isoformat() == expected


def test_overdue_records_are_counted_wherever_they_are():
    policy = RetentionPolicy("leads", "Lead", "CreatedDate", "P1Y")
    cutoff = datetime(2025, 11, 24, tzinfo=UTC)
    assert Overdue(policy, cutoff, 3, 4, 5, "", "", complete=True, by_month={}).total == 12
