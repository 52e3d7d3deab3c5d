"""Readings of marketing's assets: in batches, in part, refused, odd, and very many (hubspot 5)."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest
from big_marketing import DX, big, obvious_hops
from served_portals import SCOPES, SECRET, portal, read, served, unread
from servers import odd_server

from auditor.leaks import LeakGraph
from auditor.phi import Basis, Coarse, Confidence, Tag
from connectors.hubspot import catalogue as cat
from connectors.hubspot import tables as t
from connectors.hubspot.client import Client, Refused, Token, Transport
from connectors.hubspot.semantics.surfaces import surfaces

FIELD = f"contacts.{DX}"
TAGS = {
    FIELD: Tag(FIELD, "diagnosis_condition", Coarse.CLINICAL, "T3", Confidence.HIGH, Basis.GIVEN, ("given",))
}


def graph(snapshot):
    return LeakGraph(surfaces(snapshot, TAGS), TAGS)


def lists(count):
    return [{"listId": str(n), "name": f"List {n}"} for n in range(1, count + 1)]


def flows(count, **more):
    return [{"id": str(n), "name": f"Flow {n}", **more.get(str(n), {})} for n in range(1, count + 1)]


def calls(site, route):
    return [r for r in site.log if r.route == route]


@pytest.mark.parametrize(("count", "single", "many"), [(3, 3, 0), (20, 20, 0), (21, 0, 1), (230, 0, 3)])
def test_details_are_asked_one_by_one_where_there_are_few(count, single, many):
    with served(portal(lists=lists(count), flows=flows(count))) as (client, site, _):
        snapshot = read(client)
        assert (len(calls(site, "list")), len(calls(site, "lists"))) == (single, many)
        batches = 0 if count <= 20 else -(-count // 100)
        assert (len(calls(site, "flow")), len(calls(site, "flows_batch"))) == (single, batches)
        assert site.writes() == []
    assert unread(snapshot) == {}
    assert snapshot.table(t.LISTS).num_rows == snapshot.table(t.FLOWS).num_rows == count


def test_a_hidden_workflow_among_many_is_named_with_its_reason():
    hidden = flows(30, **{"7": {"requiresSensitive": ["contacts"]}})
    with served(portal(flows=hidden)) as (client, site, _):
        assert unread(read(client)) == {"flow:7": "SENSITIVE_FLOW"}
        assert len(calls(site, "flow")) == 1


FAULTS = {
    "a batch that fails is asked one by one": (
        {"path": "/automation/v4/flows/batch/read"},
        {"status": 500},
        {},
    ),
    "a workflow that fails": ({"path": "/automation/v4/flows/3$"}, {"status": 500}, {"flow:3": "FAULT"}),
    "a list that fails": ({"path": "/crm/v3/lists/2$"}, {"status": 500}, {"list:2": "FAULT"}),
    "a list that is none": ({"path": "/crm/v3/lists/2$"}, {"status": 200, "body": {}}, {"list:2": "FAULT"}),
    "a workflow that is none": (
        {"path": "/automation/v4/flows/3$"},
        {"status": 200, "body": {"results": []}},
        {"flow:3": "UNPARSED_FILTER"},
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_fails_is_named(case):
    match, do, expected = FAULTS[case]
    few = 30 if "batch" in case else 5
    document = portal(flows=flows(few), lists=lists(5))
    with served(document, faults={"faults": [{"match": match, "do": do}]}) as (client, *_):
        assert unread(read(client)) == expected


def test_a_list_that_a_batch_leaves_out_is_asked_for_by_itself():
    shown = [{"listId": str(n)} for n in range(1, 22) if n not in {4, 9}]
    faults = [
        {"match": {"path": "/crm/v3/lists$"}, "do": {"status": 200, "body": {"lists": shown}}},
        {"match": {"path": "/crm/v3/lists/9$"}, "do": {"status": 500}},
    ]
    with served(portal(lists=lists(21)), faults={"faults": faults}) as (client, site, _):
        assert unread(read(client)) == {"list:9": "FAULT"}
        assert {call.path.rpartition("/")[2] for call in calls(site, "list")} == {"4", "9"}


def test_lists_that_an_answer_leaves_out_or_refuses_are_named():
    left_out = {
        "match": {"path": "/crm/v3/lists$"},
        "do": {"status": 200, "body": {"lists": []}},
    }
    with served(portal(lists=lists(21)), faults={"faults": [left_out]}) as (client, *_):
        assert set(unread(read(client))) == {f"list:{n}" for n in range(1, 22)}
    for do in ({"status": 500}, {"status": 200, "body": {"lists": 7}}):
        faults = {"faults": [{"match": {"path": "/crm/v3/lists$"}, "do": do}]}
        with served(portal(lists=lists(21)), faults=faults) as (client, *_):
            assert set(unread(read(client))) == {f"list:{n}" for n in range(1, 22)}


OLD_STYLE = {
    "lists": [{"listId": "41", "name": "Recall"}],
    "listIdMap": [{"legacyListId": "7", "listId": "41"}],
    "emails": [{"id": "70", "name": "News", "to": {"contactLists": {"include": ["7", "8"]}}}],
}


def test_older_ids_of_lists_are_translated_and_one_that_is_gone_leads_nowhere():
    with served(portal(**OLD_STYLE)) as (client, *_):
        snapshot = read(client)
    assert unread(snapshot) == {}
    assert [(link.source, link.target) for link in surfaces(snapshot, TAGS).links] == [
        ("list:41", "email:70")
    ]


@pytest.mark.parametrize("do", [{"status": 500}, {"status": 200, "body": {}}])
def test_older_ids_that_cannot_be_translated_are_missed(do):
    faults = {"faults": [{"match": {"path": "/crm/v3/lists/idmapping"}, "do": do}]}
    with served(portal(**OLD_STYLE), faults=faults) as (client, *_):
        assert unread(read(client)) == {"list_ids": "FAULT"}


def test_a_token_of_a_custom_object_is_none_of_the_people():
    said = {"id": "70", "name": "News", "subject": "{{ custom.p1_visit.reason }} {{ custom.p1_visit.stage }}"}
    with served(portal(emails=[said])) as (client, *_):
        snapshot = read(client)
    tagged = ("2-310.reason", "contacts.reason", "companies.stage")
    tags = {name: replace(TAGS[FIELD], field=name) for name in tagged}
    assert [m.field for m in surfaces(snapshot, tags).mentions] == ["2-310.reason", "companies.stage"]


def test_whom_a_form_tells_does_not_hang_on_the_order_in_which_they_are_listed():
    told = []
    for notified in (["202", "201"], ["201", "202", "201"]):
        kinds = [{"subscriptionTypeId": one} for one in notified]
        form = {
            "id": "f1",
            "name": "Intake",
            "configuration": {"notifyRecipients": notified},
            "legalConsentOptions": {"type": "explicit_consent_to_process", "communicationsCheckboxes": kinds},
        }
        with served(portal(forms=[form])) as (client, *_):
            told.append(surfaces(read(client), TAGS).assets["form:f1"].told)
    assert told[0] == told[1]
    assert {one.name for one in told[0]} >= {"each answer is e-mailed to", "one may subscribe to"}


def test_without_the_right_to_lists_the_lists_are_missed():
    kept = [s for s in SCOPES if s != "crm.lists.read"]
    with served(portal(scopes=kept, **OLD_STYLE)) as (client, *_):
        assert set(unread(read(client))) == {"lists", "list_ids"}


def test_an_answer_nested_deeper_than_can_be_read_is_a_failure_and_no_traceback(tmp_path):
    deep = '{"results":[{"id":"f1","fieldGroups":' + "[" * 200_000 + "]" * 200_000 + "}]}"
    with odd_server(tmp_path, lambda *_: (200, deep, {})) as server:
        client = Client(Token(lambda: SECRET), Transport(ca_bundle=server.ca_file), base_url=server.url)
        with pytest.raises(Refused) as refused:
            client.ask(cat.FORMS)
    assert "nested" in refused.value.unread.detail


def big_portal(size):
    return portal(limits={"tenSecondly": 100, "daily": 1_000_000}, emails=[], **big(*size))


def check(size):
    with served(big_portal(size)) as (client, site, clock):
        snapshot = read(client)
        assert site.writes() == []
        assert not [r for r in site.log if r.status == 429]
        made = client.calls
    assert unread(snapshot) == {}
    leaks = graph(snapshot)
    assert {key: one.hops for (key, _), one in leaks.surfaced.items()} == obvious_hops(*size)
    return snapshot, made, clock.slept


def test_a_portal_in_circles_is_walked_whole_and_every_chain_is_shortest():
    _, made, _ = check((200, 400, 300))
    assert made < 70


@pytest.mark.campaign
def test_a_very_large_portal_is_walked_within_the_windows_and_flat():
    size = (2_000, 5_000, 3_000)
    snapshot, made, slept = check(size)
    assert made < 300
    assert slept <= made / 10 + 10
    tracemalloc.start()
    found = graph(snapshot).surfaced
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 1 + 5_000 + 3_000
    assert peak < 100 * 2**20
