"""Every named org through the ad-hoc door, over real HTTPS, compared with its hand-checked truth."""

from __future__ import annotations

import csv
import json
import re

import pytest

from sandbox.salesforce import running
from tests.conftest import SHARED
from tests.program.programs import door, inside

FOLDER = SHARED / "data" / "scenarios" / "salesforce"
NAMES = sorted(p.name.removesuffix(".truth.json") for p in FOLDER.glob("*.truth.json"))
SECTIONS = (
    "marketing",
    "escalation",
    "extraction",
    "files",
    "side_doors",
    "changes",
    "copies",
    "retention",
    "derived_phi",
)
LEFT_OUT = {"auditor-without-view-setup": {"derived_phi"}}
"""What must not be answered, since what it rests on is refused."""

pytestmark = pytest.mark.skipif(not NAMES, reason="../shared is absent")


@pytest.fixture(params=NAMES)
def audited(request, tmp_path):
    """The truth of one org, its access table by person and field, and its answers."""
    truth = json.loads((FOLDER / f"{request.param}.truth.json").read_text(encoding="utf-8"))
    org = json.loads((FOLDER / f"{request.param}.org.json").read_text(encoding="utf-8"))
    tags = {k: truth[k] for k in ("phi", "classifier") if k in truth}
    keys = ("object", "date_field", "cutoff", "null_dates")
    tags["retention"] = [{k: r[k] for k in keys} for r in truth.get("retention", ())]
    (tmp_path / "tags.json").write_text(json.dumps(tags), encoding="utf-8")
    with running(org, batch_size=200) as served:
        words = ["run", "salesforce", "--tags", "tags.json", "--as-of", org["now"], "--out", "out"]
        ran = inside(tmp_path, *words, "--answers", "answers.json", "-q", **door(served))
        assert served.writes() == []
        assert [q for q in served.log.queries() if re.search("(Access|Request|Delete)Token", q)] == []
    assert ran.code in {0, 4, 11, 12, 13, 14, 21, 22, 23, 24}, ran.err
    with (ran.report / "access.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["principal_id"], f"{r['object']}.{r['field']}"): r for r in csv.DictReader(file)}
    return truth, rows, json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))


def test_scenario(audited):
    truth, rows, answers = audited
    for expected in truth["expect"]:
        plain = {"read": "no", "edit": "no", "paths": "", "form": ""}
        row = rows.get((expected["user"], expected["field"]), plain)
        assert row["read"] == expected["read"], expected
        assert expected["edit"] in {"-", row["edit"]}, expected
        assert row["form"] == expected.get("form", ""), expected
        if "paths" in expected:
            pairs = [p.split(">") for p in row["paths"].split(" | ")]
            sides = [{g for p in pairs for g in p[side].split("+")} - {""} for side in (0, 1)]
            assert sides == [set(expected["paths"]["object"]), set(expected["paths"]["field"])], expected
    for section in SECTIONS:
        if section in LEFT_OUT.get(truth["name"], ()):
            assert section not in answers
        elif section in truth:
            assert answers[section] == truth[section], section
    # Reach is looked at for objects with PHI fields; a truth may also tell of others.
    objects = {name.partition(".")[0] for name in truth["phi"]}
    reach = {(r["user"], r["object"]): r for r in answers.get("reach", ())}
    for expected in truth.get("reach", ()):
        if expected["object"] in objects:
            assert reach[expected["user"], expected["object"]] == expected
