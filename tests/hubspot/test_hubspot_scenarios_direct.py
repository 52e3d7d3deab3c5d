"""Each named portal's hand-checked verdicts, from facts to word, rule, reach and path, without a wire between."""

from __future__ import annotations

import json

import pytest

from auditor.access import effective_access
from auditor.decision import decide
from auditor.exposure import explain
from auditor.phi import Basis, Coarse, Confidence, Tag
from connectors.hubspot.semantics import SEMANTICS
from connectors.hubspot.semantics.moments import moment
from tests.conftest import SHARED
from tests.hubspot.direct import snapshot

FOLDER = SHARED / "data" / "scenarios" / "hubspot"
NAMES = sorted(p.parent.name for p in FOLDER.glob("*/truth.json"))
WORDS = {"yes": "ALLOW", "no": "DENY", "unknown": "UNKNOWN"}

pytestmark = pytest.mark.skipif(not NAMES, reason="../shared is absent")


@pytest.mark.parametrize("name", NAMES)
def test_verdicts(name):
    folder = FOLDER / name
    portal, given, truth = (
        json.loads((folder / f"{part}.json").read_text(encoding="utf-8"))
        for part in ("portal", "given", "truth")
    )
    evidence = {p.name: p.read_text(encoding="utf-8") for p in folder.glob("evidence/*.csv")}
    without = [one["area"] for one in truth["coverage"] if one["area"] in {"teams", "team_tree", "roles"}]
    taken = snapshot(portal, given, evidence, without=without)
    tags = {
        n: Tag(n, k, Coarse.CLINICAL, "T2", Confidence.HIGH, Basis.GIVEN, ()) for n, k in given["phi"].items()
    }
    grants = SEMANTICS.compile(taken, tags, moment(given["asOf"]))
    access = effective_access(grants)
    who = {p.id: i for i, p in enumerate(grants.people)}
    judged = {(row["user"], f"{row['object']}.{row['property']}") for row in truth["expect"]}
    assert judged == {(p, c.name) for p in who for c in grants.fields if not c.unknown}
    for row in truth["expect"]:
        field = access.field_index(f"{row['object']}.{row['property']}")
        found = decide(access, who[row["user"]], field)
        assert WORDS[found.read.value] == row["view"], row
        assert WORDS[found.edit.value] == row["edit"], row
        assert found.rule in row.get("rule", found.rule).split("|"), (found, row)
        assert found.records == row.get("reach", found.records), (found, row)
        path = explain(access, who[row["user"]], field)
        for word in row.get("path", ()):
            assert any(spelling in path for spelling in word.split("|")), (path, row)
    assert sorted(grants.absent) == sorted(truth["absent"])
