"""Who reaches which records: the named orgs, random orgs against an independent evaluator, and bounds."""

from __future__ import annotations

import json
import os
import random

import pytest

from auditor.reach import Span
from auditor.snapshot import Unread, Why
from connectors.salesforce import records
from connectors.salesforce.client import Refused
from connectors.salesforce.semantics import SEMANTICS
from sandbox.salesforce import load_fixture
from sandbox.salesforce.reach import Reach as Evaluator
from tests.conftest import SHARED
from tests.semantics.direct import Door, snapshot_of
from tests.semantics.reach_orgs import PREFIX, reach_org

FOLDER = SHARED / "data" / "scenarios" / "salesforce"
SCENARIOS = sorted(p.stem for p in FOLDER.glob("*.truth.json") if '"reach"' in p.read_text(encoding="utf-8"))
CAMPAIGN = int(os.environ.get("CRM_AUDIT_CAMPAIGN_ORGS", "1500"))
BATCH = 250


class Guarded(Door):
    """A door that refuses every query with one of some words in it."""

    def __init__(self, org, *refused):
        super().__init__(org)
        self._refused = refused

    def pages(self, soql, api, *, going_on=None):
        if any(word in soql for word in self._refused):
            raise Refused(Unread(Why.FORBIDDEN, f"Refused: {soql.partition(' FROM ')[2]}."), code="X")
        return super().pages(soql, api)

    def get(self, path, params=None):
        if any(word in path for word in self._refused):
            raise Refused(Unread(Why.FORBIDDEN, f"Refused: {path}."), code="X")
        return super().get(path, params)


def reach_of(door, org, names):
    snapshot, tags = snapshot_of(door, names, org.now)
    return SEMANTICS.reach(snapshot, SEMANTICS.compile(snapshot, tags, org.now)), snapshot


def tagged(seed):
    dice = random.Random(seed)
    return [f"{name}.Finding__c" for name in PREFIX if dice.random() < 0.7] or ["Contact.Finding__c"]


def disagreements(seed):
    org = load_fixture(reach_org(seed))
    evaluator = Evaluator(org)
    reach, _ = reach_of(Door(org), org, tagged(seed))
    assert {name.partition(".")[0] for name in tagged(seed)} <= reach.objects.keys()
    found = []
    for user in org.rows("User"):
        for name in reach.objects:
            said, expected = reach.of(user["Id"], name), evaluator.extent(user, name)
            ours = (said.span.value, said.at_least, said.at_most, said.restricted)
            theirs = (expected.word, expected.records, expected.records, evaluator.restricted(name))
            if ours != theirs:
                found.append(f"seed {seed}: {user['Id']} {name}: {ours} ({said.why}), evaluator {theirs}")
    return found


@pytest.mark.skipif(not SCENARIOS, reason="../shared is absent")
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name):
    stem = name.removesuffix(".truth")
    truth = json.loads((FOLDER / f"{stem}.truth.json").read_text(encoding="utf-8"))
    org = load_fixture(json.loads((FOLDER / f"{stem}.org.json").read_text(encoding="utf-8")))
    reach, _ = reach_of(Door(org), org, list(truth["phi"]))
    found = [
        {
            "user": user,
            "object": name,
            "reach": extent.span.value,
            "records": extent.at_least,
            "restricted": extent.restricted,
        }
        for name, everybody in reach.objects.items()
        for user, extent in everybody.items()
    ]
    assert [expected for expected in truth["reach"] if expected not in found] == []


@pytest.mark.parametrize("start", range(0, 80, 10))
def test_slice(start):
    assert [each for seed in range(start, start + 10) for each in disagreements(seed)] == []


@pytest.mark.campaign
@pytest.mark.parametrize("start", range(1000, 1000 + CAMPAIGN, BATCH))
def test_campaign(start):
    assert [each for seed in range(start, start + BATCH) for each in disagreements(seed)] == []


def test_the_slice_meets_every_word():
    words = set()
    for seed in range(8):
        org = load_fixture(reach_org(seed))
        reach, _ = reach_of(Door(org), org, tagged(seed))
        words |= {extent.span for each in reach.objects.values() for extent in each.values()}
    assert words == {Span.ALL, Span.SOME, Span.NONE}


# -- bounds: what is not known is never claimed


def check_bounds(org, reach, evaluator=None):
    """Whatever is said holds for what the evaluator, who sees everything, says."""
    evaluator = evaluator or Evaluator(org)
    unknown = 0
    for user in org.rows("User"):
        for name in filter(org.entity, reach.objects):  # Event comes with Task, but no org here has it
            said, truth = reach.of(user["Id"], name), evaluator.extent(user, name)
            where = (user["Id"], name, said, said.why, truth)
            assert said.at_least <= truth.records, where
            assert said.at_most is None or truth.records <= said.at_most, where
            assert said.span in {Span.UNKNOWN, Span(truth.word)}, where
            assert said.why, where
            unknown += said.span is Span.UNKNOWN
    return unknown


@pytest.mark.parametrize("limit", [0, 2, 4])
def test_more_records_than_are_listed_one_by_one(limit, monkeypatch):
    monkeypatch.setattr(records, "RECORD_LIMIT", limit)
    monkeypatch.setattr(records, "SIGN_LIMIT", limit)
    for seed in range(200, 212):
        org = load_fixture(reach_org(seed))
        for words in ((), ("recordCount",), ("GROUP BY",)):
            check_bounds(org, reach_of(Guarded(org, *words), org, tagged(seed))[0])


def test_more_shares_than_are_listed(monkeypatch):
    monkeypatch.setattr(records, "SHARE_LIMIT", 1)
    for seed in range(212, 224):
        org = load_fixture(reach_org(seed))
        check_bounds(org, reach_of(Door(org), org, tagged(seed))[0])


REFUSALS = {
    "records": ("FROM Contact ", "FROM Account ", "FROM Visit__c "),
    "a parent's records": ("FROM Account",),
    "shares": ("Share ",),
    "groups": ("FROM Group",),
    "group members": ("FROM GroupMember",),
    "roles": ("FROM UserRole",),
    "frozen": ("FROM ObjectPermissions",),
    "assignments": ("FROM PermissionSetAssignment",),
    "counts": ("recordCount",),
    "sharing models": ("FROM EntityDefinition",),
    "definitions": ("FROM FieldDefinition",),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refused_reading_is_never_taken_for_an_empty_one(what):
    unknown = gaps = 0
    for seed in range(300, 306):
        org = load_fixture(reach_org(seed))
        reach, snapshot = reach_of(Guarded(org, *REFUSALS[what]), org, tagged(seed))
        unknown += check_bounds(org, reach)
        gaps += sum(reading.unread is not None for reading in snapshot.readings.values())
    assert gaps
    assert unknown or what in {"counts", "definitions"}


def test_who_sees_own_records_only_knows_lower_bounds():
    for seed in range(400, 412):
        document = reach_org(seed)
        users = [row["Id"] for row in document["tables"]["User"]]
        running = {"id": users[0], "records": "own", "permissions": ["ApiEnabled", "ViewSetup", "ViewRoles"]}
        whole = Evaluator(load_fixture(document))
        org = load_fixture({**document, "running_user": running})
        check_bounds(org, reach_of(Door(org), org, tagged(seed))[0], whole)


def test_a_hidden_lookup_leaves_reach_unknown():
    unknown = 0
    for seed in range(420, 428):
        document = reach_org(seed)
        document["running_user"]["hidden_fields"] = ["Contact.AccountId", "Task.WhatId", "Dose__c.Visit__c"]
        org = load_fixture(document)
        unknown += check_bounds(org, reach_of(Door(org), org, tagged(seed))[0])
    assert unknown


def test_a_group_of_a_kind_nobody_can_expand_leaves_an_upper_bound():
    said = set()
    for seed in range(500, 512):
        document = reach_org(seed)
        for row in document["tables"].get("Group", ()):
            row["Type"] = "Territory"
        org = load_fixture(document)
        reach, _ = reach_of(Door(org), org, tagged(seed))
        check_bounds(org, reach)
        said |= {extent.why for each in reach.objects.values() for extent in each.values()}
    assert any("a group of type Territory" in why for why in said)
