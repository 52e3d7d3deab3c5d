"""Overdue records are counted at the server, wherever they are: live, archived, in the recycle bin."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from auditor.retention import RetentionPolicy
from auditor.snapshot import Why
from connectors.salesforce.semantics.retention import overdue
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.connectors.connector_orgs import CANARY, LONG_AGO, NOW, collected, connected, small_org


def task(number, activity, created="2024-01-01", **more):
    return {
        "Id": f"00Tx0000000000{number}AAA",
        "Subject": CANARY,
        "ActivityDate": activity,
        "CreatedDate": f"{created}T00:00:00.000+0000",
        **more,
    }


TASKS = [
    task(1, "2018-05-05"),
    task(2, "2019-12-31", IsArchived=True),
    task(3, "2020-01-01"),
    task(4, "2020-01-02"),
    task(5, None, "2017-03-01"),
    task(6, None, "2023-03-01"),
    task(7, "2016-01-01", IsDeleted=True),
    task(8, "2016-01-01", IsDeleted=True, IsArchived=True),
    task(9, None, "2016-02-01", IsArchived=True),
]


def policy(cutoff="2020-01-01T00:00:00+00:00", name="Task", anchor="ActivityDate", **more):
    return RetentionPolicy("p", name, anchor, cutoff=datetime.fromisoformat(cutoff), **more)


def counted(*policies, org=None, faults=None, sample=20, objects=("Contact", "Task")):
    """What a collection with these policies gives, and what the org was asked for it."""
    with running(org or small_org(tables={"Task": TASKS}), faults=faults) as served:
        snapshot = collected(connected(served), objects, policies, sample)
        asked = [
            e.soql or e.path
            for e in served.log
            if re.search(r"FROM (Task|Contact)\b|recordCount", f"{e.path} {e.soql}")
        ]
    return snapshot, asked


def judged(snapshot, *policies):
    return overdue(snapshot, [(p, p.cutoff_at(NOW)) for p in policies])


@pytest.mark.parametrize(
    ("given", "live", "archived", "recycle_bin"),
    [
        (policy(), 1, 1, 2),
        (policy("2020-01-01T12:00:00+00:00"), 2, 1, 2),
        (policy("2020-01-02T00:00:00+00:00"), 2, 1, 2),
        (policy("2020-01-01T01:00:00+02:00"), 1, 1, 2),
        (policy("2019-12-31T00:00:00+00:00"), 1, 0, 2),
        (policy("2019-12-31T23:59:59+00:00"), 1, 1, 2),
        (policy("2010-01-01T00:00:00+00:00"), 0, 0, 0),
        (policy(fallback="CreatedDate"), 2, 2, 2),
        (policy("2017-01-01T00:00:00+00:00", fallback="CreatedDate"), 0, 1, 2),
        (policy(anchor="CreatedDate"), 1, 1, 0),
        (policy(name="Contact", anchor="CreatedDate"), 3, 0, 1),
        (policy("2019-06-01T12:00:00+00:00", name="Contact", anchor="CreatedDate"), 1, 0, 1),
        (policy("2019-06-01T12:00:01+00:00", name="Contact", anchor="CreatedDate"), 3, 0, 1),
    ],
)
def test_counts(given, live, archived, recycle_bin):
    """A date counts as midnight UTC, a deleted record is in the bin even if it was archived."""
    snapshot, _ = counted(given)
    (found,) = judged(snapshot, given)
    assert (found.live, found.archived, found.recycle_bin) == (live, archived, recycle_bin)
    assert found.complete
    assert snapshot.unread("retention") is None


def test_months_dates_and_queries():
    given = policy("2020-02-01T00:00:00+00:00", fallback="CreatedDate")
    snapshot, _ = counted(given)
    (found,) = judged(snapshot, given)
    assert found.by_month == {"2018-05": 1, "2020-01": 2}
    assert found.oldest.startswith("2016-01-01")
    assert found.newest.startswith("2020-01-02")
    assert found.sample == tuple(t["Id"] for t in TASKS if t["Id"][14] in "1345")
    assert len(found.queries) == 6
    assert all(re.search(r"< 2020-02-01(T00:00:00Z)?\b", q) for q in found.queries)
    assert "LAST_N" not in " ".join(found.queries)


@pytest.mark.parametrize(("sample", "ids"), [(0, 0), (1, 1), (2, 2), (20, 3)])
def test_the_sample_is_bounded(sample, ids):
    snapshot, asked = counted(policy("2020-02-01T00:00:00+00:00"), sample=sample)
    table = snapshot.table("retention sample")
    assert table.num_rows == ids
    assert table.column_names == ["policy", "id"]
    assert any("ORDER BY Id" in q for q in asked) is (sample > 0)


def test_only_counts_dates_and_ids_are_asked_for():
    snapshot, asked = counted(policy(fallback="CreatedDate"), LONG_AGO)
    shapes = (
        r"SELECT (((IsDeleted, )?(IsArchived, )?COUNT\(Id\) n(, MIN\(\w+\) oldest, MAX\(\w+\) newest)?)|"
        r"CALENDAR_YEAR\(\w+\) y, .* n|Id) FROM "
    )
    assert [q for q in asked if not re.match(shapes, q) and "recordCount" not in q] == []
    assert CANARY not in str([r.table.to_pylist() for r in snapshot.readings.values()])


def test_an_object_is_sized_up_once():
    _, asked = counted(policy(), policy("2015-01-01T00:00:00+00:00"))
    assert sum("recordCount" in q for q in asked) == 2  # one of them for record reach


def test_the_manifest_keeps_absolute_cutoffs():
    given = RetentionPolicy("p", "Contact", "CreatedDate", "P6Y")
    snapshot, _ = counted(given)
    assert [dict(p) for p in snapshot.manifest.retention] == [
        {
            "id": "p",
            "object": "Contact",
            "anchor": "CreatedDate",
            "fallback": "",
            "cutoff": "2020-11-24T03:00:00Z",
        }
    ]


def test_another_cutoff_than_was_counted_is_not_judged():
    snapshot, _ = counted(policy())
    assert judged(snapshot, policy("2021-01-01T00:00:00+00:00")) == ()
    assert judged(snapshot, policy(name="Contact")) == ()


def test_nothing_is_asked_without_a_policy():
    snapshot, asked = counted()
    reach = {f"SELECT COUNT(Id) n FROM {name}" for name in ("Contact", "Task")}  # not about retention
    assert {q for q in asked if "recordCount" not in q} == reach
    assert {snapshot.table(n).num_rows for n in ("retention", "retention by month", "retention sample")} == {
        0
    }


def test_a_user_who_sees_only_own_records_does_not_see_all():
    org = small_org(running_user={"records": "own"})
    snapshot, _ = counted(LONG_AGO, org=org)
    (found,) = judged(snapshot, LONG_AGO)
    assert not found.complete
    assert found.visibility == "The connected user sees 2 of 4 records."


def test_without_the_platforms_own_count_nobody_knows():
    faults = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on="limits/recordCount"))
    snapshot, _ = counted(LONG_AGO, faults=faults)
    (found,) = judged(snapshot, LONG_AGO)
    assert found.live == 3
    assert not found.complete
    assert "could not be established" in found.visibility
    unread = snapshot.unread("retention visibility")
    assert (unread.why, bool(unread.remedy)) == (Why.FORBIDDEN, True)


@pytest.mark.parametrize(
    ("on", "reading"),
    [(r"CALENDAR_YEAR", "retention by month"), (r"ORDER BY Id LIMIT", "retention sample")],
)
def test_a_part_that_is_refused_leaves_the_count(on, reading):
    snapshot, _ = counted(LONG_AGO, faults=Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=on)))
    (found,) = judged(snapshot, LONG_AGO)
    assert (found.live, found.recycle_bin) == (3, 1)
    unread = snapshot.unread(reading)
    assert (unread.why, bool(unread.remedy)) == (Why.FORBIDDEN, True)
    assert snapshot.unread("retention") is None


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (LONG_AGO, {"hidden_objects": ["Contact"]}),
        (policy(name="Nothing__c"), {}),
        (policy(anchor="Discharged__c"), {}),
        (policy(fallback="Discharged__c"), {}),
        (policy(), {"hidden_fields": ["Task.ActivityDate"]}),
    ],
)
def test_what_cannot_be_counted_is_unknown_not_zero(given, change):
    org = small_org(tables={"Task": TASKS}, running_user=change)
    snapshot, _ = counted(given, org=org)
    assert judged(snapshot, given) == ()
    unread = snapshot.unread("retention")
    assert unread.why is Why.FORBIDDEN
    assert "View All Records" in unread.remedy


def test_one_policy_that_fails_leaves_the_other():
    broken = RetentionPolicy("broken", "Contact", "Discharged__c", cutoff=LONG_AGO.cutoff)
    snapshot, _ = counted(broken, LONG_AGO)
    (found,) = judged(snapshot, broken, LONG_AGO)
    assert found.policy is LONG_AGO
    assert found.live == 3
    assert snapshot.unread("retention").why is Why.FORBIDDEN


def test_a_count_that_fails_makes_the_policy_unknown():
    faults = Faults.of(Fault(Kind.SERVER_ERROR, times=None, on=r"/queryAll/ .*FROM Contact WHERE"))
    snapshot, _ = counted(LONG_AGO, faults=faults)
    assert judged(snapshot, LONG_AGO) == ()
    assert snapshot.unread("retention").why is Why.FAILED


@pytest.mark.parametrize("fallback", ["", "CreatedDate"])
def test_a_platform_that_does_not_group_is_asked_place_by_place(fallback):
    faults = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"GROUP BY IsDeleted"))
    given = policy(fallback=fallback)
    apart, asked = counted(given, faults=faults)
    together, fewer = counted(given)
    assert numbers(apart, given) == numbers(together, given)
    assert len(asked) > len(fewer)


def numbers(snapshot, given):
    [found] = judged(snapshot, given)
    return found.live, found.archived, found.recycle_bin, found.oldest, found.newest
