"""Thirty nights of an org that changes, some of them with trouble: `diff` says what was planted, and no more."""

from __future__ import annotations

import itertools
import json
from random import Random

import pytest

from sandbox.salesforce import Fault, Faults, Kind, running
from sandbox.salesforce.fixture import load_fixture
from sandbox.salesforce.oracle import verdicts
from tests.program.nights import asked, configure, kept, night
from tests.program.planted_org import PEOPLE, SET, TAGS, USER, planted

NIGHTS = 30
FIELDS = tuple(TAGS["phi"])
REFUSED = ("FieldPermissions", "ObjectPermissions", "PermissionSetAssignment", "FROM User$")
CLOSED = {"no", "-"}
BETTER = {"fixed", "narrowed", "decided now"}


def change(org, random, number):
    """One thing an administrator does by day."""
    tables = org["tables"]
    what = random.choice(("give", "take", "show", "hide", "switch", "nothing"))
    container = SET[random.choice(("lookup", "field", "care"))]
    field = random.choice(FIELDS)
    if what == "give":
        row = {"Id": f"0Pax000000010{number:02}AAA", "IsActive": True, "PermissionSetId": SET["lookup"]}
        tables["PermissionSetAssignment"].append({**row, "AssigneeId": USER[random.choice(PEOPLE[1:6])]})
    elif what == "take" and len(tables["PermissionSetAssignment"]) > 1:
        tables["PermissionSetAssignment"].pop(random.randrange(len(tables["PermissionSetAssignment"])))
    elif what == "show":
        tables["FieldPermissions"] = [r for r in tables["FieldPermissions"] if not same(r, container, field)]
        row = {"ParentId": container, "SobjectType": field.partition(".")[0], "Field": field}
        tables["FieldPermissions"].append({**row, "PermissionsRead": True})
    elif what == "hide":
        tables["FieldPermissions"] = [r for r in tables["FieldPermissions"] if not same(r, container, field)]
    elif what == "switch":
        user = random.choice(tables["User"][1:])
        user["IsActive"] = not user.get("IsActive", True)


def same(row, container, field):
    return (row["ParentId"], row["Field"]) == (container, field)


def truth(org):
    return {pair: verdict.read for pair, verdict in verdicts(load_fixture(org), FIELDS).items()}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """What was true each night, what was in the way, and the folder of runs."""
    folder, random, org = tmp_path_factory.mktemp("thirty"), Random(30), planted()
    told = []
    with pytest.MonkeyPatch.context() as patch:
        for number in range(NIGHTS):
            change(org, random, number)
            refused = random.choice(REFUSED) if random.random() < 0.3 else ""
            faults = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=refused)) if refused else None
            with running(org, faults=faults) as served:
                configure(folder, served)
                ran = night(patch, folder, served, number)
                assert served.writes() == []
            assert "Traceback" not in ran.err
            assert (ran.code in {4, 21, 22, 23, 24}) is bool(refused), (number, refused, ran.code, ran.err)
            told.append((truth(org), refused))
        with running(org) as served:
            runs = kept(folder / "runs")
            assert len(runs) == NIGHTS
            changes = []
            for before, after in itertools.pairwise(runs):
                words = ("diff", f"runs/{before}", f"runs/{after}", "--json", "changes.json")
                assert asked(patch, folder, served, NIGHTS, *words).code in {0, 9}
                [system] = json.loads((folder / "changes.json").read_text())["systems"]
                changes.append(system)
            assert asked(patch, folder, served, NIGHTS, "verify", "runs").code == 0
    return told, changes


def reading(system):
    """Every pair of which `diff` says something about reading: what kind of change, from what, to what."""
    return {
        (person, field): (one["kind"], one["before"], one["after"])
        for one in system["access"]
        if one["verb"] == "read"
        for person in one["people"]
        for field in one["fields"]
    }


def test_the_plan_has_clear_and_troubled_nights_and_changes(history):
    told, changes = history
    assert 5 <= sum(bool(refused) for _, refused in told) <= 15
    assert sum(bool(reading(system)) for system in changes) > 10
    assert {kind for system in changes for kind, *_ in reading(system).values()} >= {
        "new",
        "fixed",
        "unverified now",
    }


@pytest.mark.parametrize("number", range(NIGHTS - 1))
def test_from_one_night_to_the_next(history, number):
    told, changes = history
    (was, hidden_before), (now, hidden_now) = told[number], told[number + 1]
    found = reading(changes[number])
    planted_changes = {pair: (was[pair], now[pair]) for pair in was if was[pair] != now[pair]}
    if not hidden_before and not hidden_now:
        assert {pair: words for pair, (_, *words) in found.items()} == {
            pair: list(words) for pair, words in planted_changes.items()
        }
        return
    for pair, (kind, _, after) in found.items():
        if kind in BETTER:
            assert not hidden_now or now[pair] == after, "lost sight is never an improvement"
        if after not in {"unknown", *CLOSED}:
            assert after == now[pair], "what is said to be open is open"
    if hidden_now:
        assert not [pair for pair, (kind, *_) in found.items() if kind == "fixed" and now[pair] not in CLOSED]
        assert changes[number]["unread"] or hidden_before
