"""What is new, against which run, and what nothing may remove."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_audit.config import Runs
from crm_audit.runs import standing
from crm_audit.runs.chain import Event, Kind, Told
from crm_audit.runs.folder import removable
from crm_audit.runs.news import altered, news, told_of
from tests.runs.small_runs import FIRST, folder_with, made

SENT, NOBODY, FAILED = Told.SENT, Told.NOBODY, Told.FAILED


@pytest.mark.parametrize(
    ("earlier", "told", "new", "before"),
    [
        ([], {}, "ab", 0),
        ([made(0, "a")], {0: SENT}, "b", 0),
        ([made(0, "a", "b")], {0: SENT}, "", 0),
        ([made(0, "a"), made(1, "a", "b")], {0: SENT, 1: FAILED}, "b", 1),
        ([made(0, "a"), made(1, "a", "b")], {0: SENT}, "b", 1),  # killed before its alert
        ([made(0, "a", "b"), made(1, "a")], {0: SENT, 1: SENT}, "b", 1),  # re-opened
        ([made(0, "a")], {0: NOBODY}, "b", 0),  # alerts were configured later
        ([made(0, "a", "b", target="other")], {0: SENT}, "ab", 0),
    ],
)
def test_new_is_what_nobody_was_told(earlier, told, new, before):
    outcome = {earlier[n].run: what for n, what in told.items()}
    found = news(made(5, "a", "b"), earlier, outcome)
    assert "".join(seen.id for item in found for seen in item.new) == new
    assert sum(item.seen_before for item in found) == before


@pytest.mark.parametrize(
    ("was", "now", "said"), [(True, False, True), (False, False, False), (False, True, False)]
)
def test_becoming_incomplete_is_news_and_staying_so_is_not(was, now, said):
    earlier = [made(0, complete=was)]
    found = news(made(1, complete=now), earlier, {earlier[0].run: SENT})
    assert [item.became_incomplete for item in found] == [True] * said


def test_what_is_wider_is_told_beside_what_is_new_and_only_if_it_was_known():
    earlier = [made(0, "a", "b")]
    wider = {("clinic", "a"), ("clinic", "c"), ("other", "b")}
    [item] = news(made(1, "a", "b", "c"), earlier, {earlier[0].run: SENT}, wider)
    assert [[seen.id for seen in found] for found in (item.new, item.wider)] == [["c"], ["a"]]
    assert item.lines()[-1] == "  High: some-rule, 1"
    [alone] = news(made(1, "a", "b"), earlier, {earlier[0].run: SENT}, wider)
    assert alone.lines()[0].startswith("clinic: 1 finding wider than in the run before")
    assert news(made(1, "a", "b"), earlier, {earlier[0].run: SENT}) == []


def test_altered_is_what_both_have_in_another_state():
    before, after = made(0, "a", "b", "gone"), made(1, "a", "b", "new")
    first, *rest = after.findings
    after = replace(after, findings=(replace(first, digest="other"), *rest))
    assert altered(after, before, "clinic") == {"a"}
    assert altered(after, before, "other") == frozenset()


def test_lines_count_by_severity_then_rule():
    one = made(0, "a", "b", "c")
    low, *rest = one.findings
    [item] = news(replace(one, findings=(replace(low, severity=0, rule="other"), *rest)), [], {})
    assert item.lines() == [
        "clinic: 3 findings not in the run before. This is its first run.",
        "  High: some-rule, 2",
        "  Low: other, 1",
    ]


def test_only_alerts_say_who_was_told():
    events = [
        Event(Kind.RUN, "", run="20261124T023000Z"),
        Event(Kind.TOLD, "", run="20261125T023000Z", told=SENT),
    ]
    assert told_of(events) == {"20261125T023000Z": SENT}


def test_a_run_that_ended_before_its_alert_shows(tmp_path):
    folder = folder_with(tmp_path / "runs", [made(0)])
    found = standing.status(folder, Runs(folder.directory), ["clinic"], FIRST, alerting=True)
    assert found.problems == ("20261124T023000Z ended before its alert; the next run tells it.",)
    assert standing.status(folder, Runs(folder.directory), ["clinic"], FIRST, alerting=False).problems == ()


# ── What nothing may remove ───────────────────────────────────────────────────────────────────────

bounds = st.none() | st.integers(1, 12)


@given(st.lists(st.booleans(), min_size=1, max_size=12), bounds, bounds, st.sets(st.integers(0, 11)))
def test_the_newest_the_latest_complete_and_the_held_stay(complete, days, last, held):
    known = [made(n, complete=c) for n, c in enumerate(complete)]
    holds = {known[n].run for n in held if n < len(known)}
    gone = set(removable(known, days, last, holds.__contains__))
    assert known[-1].run not in gone
    assert not gone & holds
    good = [r.run for r in known if r.complete]
    assert not good or good[-1] not in gone
    if last is not None:
        assert not gone & {r.run for r in known[-last:]}
    if days is not None:
        newest = datetime.fromisoformat(known[-1].finished)
        assert all(
            newest - datetime.fromisoformat(r.finished) > timedelta(days=days) for r in known if r.run in gone
        )
    if days is None and last is None:
        assert gone == {r.run for r in known} - holds - {known[-1].run} - set(good[-1:])


def test_each_target_keeps_its_own_latest_complete_run():
    known = [made(0, target="a"), made(1, target="b"), made(2, target="b"), made(3, target="b")]
    assert removable(known, None, 1, lambda _: False) == [known[1].run, known[2].run]
