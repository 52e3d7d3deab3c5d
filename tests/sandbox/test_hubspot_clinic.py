"""The demo portal: complete, always the same, and with something of everything in it."""

from __future__ import annotations

import collections
import csv
import io
import json

import pytest
from hubspot_portals import Desk, HandClock

from sandbox.hubspot import running
from sandbox.hubspot.clinic import CANARY, TOKEN, clinic_evidence, clinic_given, clinic_portal
from sandbox.hubspot.oracle import truth
from sandbox.salesforce.clinic import clinic_org


@pytest.fixture(scope="module")
def found():
    evidence = {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text)))
        for name, text in clinic_evidence().items()
    }
    return truth(clinic_portal(), clinic_given(), evidence)


def test_it_is_always_the_same():
    assert json.dumps(clinic_portal()) == json.dumps(clinic_portal())
    assert clinic_evidence() == clinic_evidence()
    assert CANARY in json.dumps(clinic_portal()["records"])
    # Literals of filters, forms, messages and code carry it too; nothing that an audit may keep does.
    hiding = {"records", "bulk", "forms", "lists", "flows", "emails"}
    everything_else = {key: value for key, value in clinic_portal().items() if key not in hiding}
    assert CANARY not in json.dumps(everything_else)
    assets = [one for kind in ("forms", "lists", "flows", "emails") for one in clinic_portal()[kind]]
    assert CANARY in json.dumps(assets)
    assert CANARY not in json.dumps([one["name"] for one in assets])


def test_it_is_served():
    with running(clinic_portal(), clock=HandClock()) as served, Desk(served.url, TOKEN) as asking:
        assert len(asking.get("/settings/v3/users").json()["results"]) == 24
        condition = {"propertyName": "primary_concern", "operator": "HAS_PROPERTY"}
        assert asking.search([condition], properties=["createdate"], limit=1).json()["total"] > 4_000
        assert asking.get("/automation/v4/flows/903").status_code == 403
        assert not [name for name in served.log.values() if not name.endswith(("date", "_id"))]


def test_some_people_are_those_of_the_other_demo():
    rows = clinic_org()["tables"]["User"]
    known = {row["Email"] for row in rows}
    shared = [
        user["email"] for user in clinic_portal()["users"] if user["email"].endswith("@harborview.example")
    ]
    assert len(shared) >= 10
    assert set(shared) <= known


def test_it_has_something_of_everything(found):
    verdicts = collections.Counter((row["view"], row["rule"]) for row in found["expect"])
    rules = {rule for _, rule in verdicts}
    assert {"R3", "R4", "R5", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R17"} <= rules
    assert any(row["reach"].startswith("SAMPLED") for row in found["expect"])
    assert found["archived_phi"] == ["contacts.old_condition"]
    assert found["republishes"] == [{"property": "contacts.care_segment", "from": "contacts.primary_concern"}]
    assert found["absent"] == ["390"]
    assert {"302", "304", "326", "329"} <= set(found["marketing"])
    assert [row["area"] for row in found["coverage"]] == ["flow:903", "list:112", "record_reach:2-701"]
    assert all(row["total"] for row in found["retention"])
