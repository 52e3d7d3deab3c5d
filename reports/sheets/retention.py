"""Records past the organisation's own maximum: counts and dates, never a value (hipaa 5.2 sheet 14)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from auditor.audit import Audit
from reports import outline, words
from reports.grid import Column, Kind, Table


def table(audits: Sequence[Audit]) -> Table:
    """One row for each policy that was counted, and one for each that was not."""
    counted = tuple(
        (
            one.policy.id,
            one.policy.object,
            one.policy.anchor + (f" (where empty: {one.policy.fallback})" if one.policy.fallback else ""),
            one.policy.period or "fixed cut-off",
            words.moment(one.cutoff),
            one.total,
            one.live,
            one.archived,
            one.recycle_bin,
            _day(one.oldest),
            _day(one.newest),
            words.yes_no(one.complete),
            one.undecided,
            f"not evaluated: {one.policy.hold}" if one.policy.hold else "not evaluated",
            one.policy.source or "none given",
            one.visibility,
            one.policy.why,
            ", ".join(one.sample),
            audit.target,
        )
        for audit, one in outline.overdue(audits)
    )
    uncounted = tuple(
        (
            policy.id,
            policy.object,
            policy.anchor,
            policy.period or "fixed cut-off",
            words.moment(policy.cutoff_at(audit.view.as_of)),
            *("not counted",) * 6,
            words.yes_no(False),
            "not counted",
            f"not evaluated: {policy.hold}" if policy.hold else "not evaluated",
            policy.source or "none given",
            "",
            policy.why,
            "",
            audit.target,
        )
        for audit in audits
        for policy in audit.view.retention
        if policy.id not in {one.policy.id for one in audit.view.overdue}
    )
    return Table(
        "Retention",
        "Retention",
        (
            Column("Policy", 18),
            Column("Object", 14),
            Column("Clock starts at", 18),
            Column("Kept for", 11),
            Column("Cut-off", 20, Kind.DATE),
            Column("Past maximum", 11, Kind.COUNT),
            Column("Live", 9, Kind.COUNT),
            Column("Archived", 9, Kind.COUNT),
            Column("Recycle bin", 9, Kind.COUNT),
            Column("Oldest", 11, Kind.DATE),
            Column("Newest", 11, Kind.DATE),
            Column("Counted completely", 11),
            Column("No date, undecided", 11, Kind.COUNT),
            Column("Hold", 20),
            Column("Legal source", 24),
            Column("What the count could see", 34),
            Column("Reason for the policy", 34),
            Column("Sample record ids", 40),
            Column("System", 16),
        ),
        (*counted, *uncounted),
        intro=(
            (
                "Records older than the organisation's own schedule allows. Past the policy maximum does "
                "not mean that they may be removed: check minimum periods, legal holds and approval first."
            ),
            (
                "“Kept for” is written as years, months or days: P24M is 24 months. Where a count is not "
                "complete, read it as “at least”. Columns to the right of “Legal source” are for the "
                "screen."
            ),
        ),
        empty="No retention policy is configured, so nothing was counted.",
        printed=15,
    )


def _day(date: str) -> str:
    """Shorten the vendor's own date to the day; audit.json has it as it was read."""
    return date[:10] if re.match(r"\d{4}-\d\d-\d\d", date) else date or "none"


def by_month(audits: Sequence[Audit]) -> Table:
    """Live records past the maximum, by the month of the date the clock starts at."""
    return Table(
        "Retention by month",
        "Retention by month",
        (
            Column("Policy", 28),
            Column("Object", 20),
            Column("Month", 12, Kind.DATE),
            Column("Live records past maximum", 18, Kind.COUNT),
            Column("System", 20),
        ),
        tuple(
            (one.policy.id, one.policy.object, month, count, audit.target)
            for audit, one in outline.overdue(audits)
            for month, count in sorted(one.by_month.items())
        ),
        intro=(
            "How the live records past their maximum spread over the months their clock started in.",
            words.OFF_PAPER,
        ),
        on_paper=False,
    )
