"""The product's semantics and a plain second reading of the reference, on random portals: same verdict, rule, reach."""

from __future__ import annotations

import csv
import os

import pytest

from auditor.access import effective_access
from auditor.decision import decide
from auditor.phi import Basis, Coarse, Confidence, Tag
from connectors.hubspot.semantics import SEMANTICS
from connectors.hubspot.semantics.moments import moment
from sandbox.hubspot.oracle import truth
from tests.hubspot.direct import snapshot
from tests.hubspot.random_portals import make

SLICE = range(300)
CAMPAIGN = int(os.environ.get("CRM_AUDIT_CAMPAIGN_PORTALS", "5000"))
BATCH = 500
WORDS = {"yes": "ALLOW", "no": "DENY", "unknown": "UNKNOWN"}


def disagreements(seed):
    portal, given, evidence = make(seed)
    rows = {
        name.removesuffix(".csv"): list(csv.DictReader(text.splitlines())) for name, text in evidence.items()
    }
    wanted = truth(portal, given, rows)
    tags = {
        n: Tag(n, k, Coarse.CLINICAL, "T2", Confidence.HIGH, Basis.GIVEN, ()) for n, k in given["phi"].items()
    }
    grants = SEMANTICS.compile(snapshot(portal, given, evidence), tags, moment(given["asOf"]))
    access = effective_access(grants)
    who = {p.id: i for i, p in enumerate(grants.people)}
    theirs = {(r["user"], f"{r['object']}.{r['property']}"): r for r in wanted["expect"]}
    if theirs.keys() != {(p, c.name) for p in who for c in grants.fields}:
        return [(seed, "pairs")]
    found = []
    for (person, name), row in theirs.items():
        said = decide(access, who[person], access.field_index(name))
        ours = WORDS[said.read.value], WORDS[said.edit.value]
        agree = said.rule in row["rule"].split("|") and said.records == (row.get("reach") or said.records)
        if ours != (row["view"], row["edit"]) or not agree:
            found.append((seed, person, name, ours, said.rule, said.records, row))
    return found


def test_a_slice_of_random_portals_agrees():
    assert [one for seed in SLICE for one in disagreements(seed)] == []


@pytest.mark.campaign
@pytest.mark.parametrize("start", range(0, CAMPAIGN, BATCH))
def test_random_portals_agree(start):
    assert [one for seed in range(start, start + BATCH) for one in disagreements(seed)] == []
