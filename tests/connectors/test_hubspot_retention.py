"""Counts past a cut-off: HubSpot's totals against records looked at one by one (hubspot 6; portal-fixture 5.11)."""

from __future__ import annotations

import itertools
import multiprocessing
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served_portals import AT, SECRET, TestClock, portal, read, served, unread

from auditor.retention import RetentionPolicy
from auditor.snapshot import Why
from connectors.hubspot.client import Budget, Client, Token
from connectors.hubspot.retention_counts import milliseconds
from sandbox.hubspot.running import running


def policy(*anchors, having="", days=365, object_="contacts"):
    return RetentionPolicy("p", object_, anchors[0], f"P{days}D", further=anchors[1:], having=having)


def counted(document, wanted, **more):
    with served(document) as (client, site, _):
        snapshot = read(client, retention=(wanted,), **more)
        served_values = site.log.values()
    rows = {row["place"]: row for row in snapshot.table("retention:p").to_pylist()}
    return rows, unread(snapshot).get("retention:p"), served_values, snapshot


DATES = [
    {"name": "discharged", "type": "date"},
    {"name": "seen", "type": "datetime"},
    {"name": "primary_diagnosis"},
]
_DAYS = st.sampled_from([None, "2025-11-23", "2025-11-24", "2025-11-25", "2019-02-28"])
_MOMENTS = st.sampled_from(
    [None, *(f"2025-11-24T{t}Z" for t in ("08:59:59.999", "09:00:00.000", "09:00:00.001"))]
)


def overdue(record, anchors, cutoff):
    """The rule, read record by record: None for no anchor."""
    set_ = [record["properties"][a] for a in anchors if record["properties"].get(a)]
    if not set_:
        return None
    at = datetime.fromisoformat(set_[0])
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) < cutoff


@given(
    st.lists(st.tuples(_DAYS, _MOMENTS, st.booleans(), st.booleans()), max_size=12),
    st.sampled_from([("discharged",), ("seen",), ("discharged", "seen"), ("seen", "discharged")]),
    st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_counts_agree_with_records_looked_at_one_by_one(rows, anchors, having):
    records = [
        {
            "id": str(number),
            "archived": archived,
            "properties": {
                k: v
                for k, v in {
                    "discharged": day,
                    "seen": moment,
                    "primary_diagnosis": "x" if diagnosed else None,
                }.items()
                if v is not None
            },
        }
        for number, (day, moment, diagnosed, archived) in enumerate(rows, 1)
    ]
    wanted = policy(*anchors, having="primary_diagnosis" if having else "")
    document = portal(properties={"contacts": DATES}, records={"contacts": records}, permittedUsers={})
    found, reason, values, _ = counted(document, wanted)
    cutoff = AT - timedelta(days=365)
    live = [
        r for r in records if not r["archived"] and (r["properties"].get("primary_diagnosis") or not having)
    ]
    assert reason is None
    assert found["live"]["count"] == sum(overdue(r, anchors, cutoff) is True for r in live)
    assert found["live"]["undatable"] == sum(overdue(r, anchors, cutoff) is None for r in live)
    assert ("archived" in found) is not having
    if not having:
        gone = [r for r in records if r["archived"]]
        assert found["archived"]["count"] == sum(overdue(r, anchors, cutoff) is True for r in gone)
    assert "contacts.primary_diagnosis" not in values


@pytest.mark.parametrize("total", ["exact", "capped"])
def test_a_total_at_the_cap_is_counted_in_windows_of_ids(total):
    bulk = [
        {
            "object": "contacts",
            "count": 34_567,
            "firstId": 1001,
            "properties": {"createdate": {"start": "2015-01-01T00:00:00.000Z", "stepSeconds": 3600}},
        }
    ]
    document = portal(records={}, bulk=bulk, switches={"searchTotal": total})
    found, reason, *_ = counted(document, policy("createdate", days=3000))
    hours = (AT - timedelta(days=3000) - datetime(2015, 1, 1, tzinfo=UTC)) / timedelta(hours=1)
    assert reason is None
    assert found["live"]["count"] == int(hours)
    assert found["live"]["oldest"] == "2015-01-01T00:00:00.000Z"
    assert found["live"]["sample"] == ["1001", "1002", "1003", "1004", "1005"]


def serve_apart(document, told, over):
    """Serve a portal until told that it is over; for a process of its own, whose memory is not the client's."""
    with running(document, clock=itertools.count(0, 10).__next__) as site:  # nobody waits for windows here
        told.put(site.url)
        over.wait()


@pytest.mark.campaign
def test_a_million_contacts_take_no_more_memory_than_a_few():
    bulk = [
        {
            "object": "contacts",
            "count": 1_000_000,
            "firstId": 1,
            "properties": {"createdate": {"start": "2015-01-01T00:00:00.000Z", "stepSeconds": 60}},
        }
    ]
    document = portal(records={}, bulk=bulk, switches={"searchTotal": "capped"})
    apart = multiprocessing.get_context("spawn")
    told, over = apart.Queue(), apart.Event()
    server = apart.Process(target=serve_apart, args=(document, told, over))
    server.start()
    try:
        budget = Budget(daily_share=1.0, per_ten_seconds=100_000, searches_per_second=100_000)
        client = Client(
            Token(lambda: SECRET), None, budget, TestClock().clock(), base_url=told.get(timeout=60)
        )
        tracemalloc.start()
        snapshot = read(client, retention=(policy("createdate"),))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        over.set()
        server.join()
    assert snapshot.table("retention:p").to_pylist()[0]["count"] == 1_000_000
    assert peak < 32 << 20
    assert client.calls < 1500


@pytest.mark.parametrize(
    "wanted", [policy("createdate", having="hiv_status"), policy("hiv_status")], ids=["having", "anchor"]
)
@pytest.mark.parametrize("refusal", [400, 403])
def test_what_is_highly_sensitive_is_not_searchable(wanted, refusal):
    found, reason, _, snapshot = counted(portal(switches={"highlySearch": refusal}), wanted)
    assert (found, reason) == ({}, "NOT_SEARCHABLE")
    assert snapshot.unread("retention:p").why is Why.NOT_EXPOSED


def test_a_sensitive_condition_may_need_a_scope():
    document = portal(switches={"sensitiveFilter": "deny"})
    found, reason, *_ = counted(document, policy("createdate", having="allergies"))
    assert (found, reason) == ({}, "MISSING_SCOPES")


def test_an_anchor_that_is_not_there_is_set_in_no_record():
    found, reason, *_ = counted(portal(), policy("never_made", "createdate"))
    assert reason is None
    assert found["live"]["undatable"] == 0


def test_a_condition_that_is_not_there_is_no_count():
    found, reason, _, snapshot = counted(portal(), policy("createdate", having="never_made"))
    assert (found, reason) == ({}, "FAULT")
    assert "never_made" in snapshot.unread("retention:p").detail


def test_dates_that_somebody_tagged_are_never_asked_for():
    document = portal(
        properties={"contacts": DATES},
        records={"contacts": [{"id": "1", "archived": True, "properties": {"discharged": "2019-01-01"}}]},
        permittedUsers={},
    )
    found, reason, values, _ = counted(document, policy("discharged"), tagged=("contacts.discharged",))
    assert reason == "FAULT"
    assert found["live"]["count"] == 0
    assert "contacts.discharged" not in values


def test_more_dates_than_a_search_takes_are_said_to_be_too_many():
    names = [f"d{n}" for n in range(8)]
    document = portal(properties={"contacts": [{"name": n, "type": "datetime"} for n in names]}, records={})
    found, reason, _, snapshot = counted(document, policy(*names), tagged=("contacts.d0",))
    assert (found, reason) == ({}, "NOT_SEARCHABLE")
    assert "6 conditions" in snapshot.unread("retention:p").detail


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), 1),
        (datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), 1),
        (datetime(2024, 2, 29, tzinfo=UTC), 1709164800000),
    ],
)
def test_moments_are_written_in_milliseconds_rounded_up(moment, number):
    assert milliseconds(moment) == number
