"""Every named portal through the ad-hoc door, over real HTTP, compared with its hand-checked truth."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sandbox.hubspot.running import running
from tests.conftest import SHARED
from tests.connectors.served_portals import TestClock
from tests.program.programs import inside

FOLDER = SHARED / "data" / "scenarios" / "hubspot"
NAMES = sorted(p.parent.name for p in FOLDER.glob("*/truth.json"))
PLAIN = ("phi", "archived_phi", "marketing", "absent", "republishes")

pytestmark = pytest.mark.skipif(not NAMES, reason="../shared is absent")


@pytest.fixture(params=NAMES)
def audited(request, tmp_path):
    """The truth of one portal, its answers, and the requests that were made for them."""
    folder = FOLDER / request.param
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
    faults = folder / "faults.json"
    turned = TestClock()
    trouble = faults if faults.exists() else None
    with running(folder / "portal.json", faults=trouble, clock=turned.now) as served:
        words = [
            "run",
            "hubspot",
            "--tags",
            str(folder / "given.json"),
            "--as-of",
            given["asOf"],
            "--out",
            "out",
        ]
        if (folder / "evidence").is_dir():
            words += ["--evidence", str(folder / "evidence")]
        environ = {"HUBSPOT_ACCESS_TOKEN": given["token"], "HUBSPOT_BASE_URL": served.url}
        words += ["--answers", "answers.json", "-q"]
        ran = inside(tmp_path, *words, clock=turned.clock(), **environ)
        assert served.writes() == []
        phi = {name.partition(".")[2] for name in given["phi"]}
        assert [r for r in served.log if set(r.values) & phi] == []
    assert ran.code in {0, 4, 11, 12, 13, 14, 21, 22, 23, 24}, ran.err
    assert "Traceback" not in ran.err
    return truth, json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))


def test_scenario(audited):
    truth, answers = audited
    for section in PLAIN:
        assert answers[section] == truth[section], section
    told = {(row["user"], row["object"], row["property"]): row for row in answers["expect"]}
    asked = {(row["user"], row["object"], row["property"]): row for row in truth["expect"]}
    assert told.keys() == asked.keys()
    for key, expected in asked.items():
        row = told[key]
        assert (row["view"], row["edit"]) == (expected["view"], expected["edit"]), expected
        assert row["rule"] in expected.get("rule", row["rule"]).split("|"), (expected, row)
        assert row["reach"] == expected.get("reach", row["reach"]), (expected, row)
        for word in expected.get("path", ()):
            assert any(spelling in row["path"] for spelling in word.split("|")), (expected, row)
    retention = {row["policy"]: row for row in answers["retention"]}
    for expected in truth["retention"]:
        row = retention[expected["policy"]]
        for part in ("total", "undatable", "archived"):
            assert expected.get(part) in {None, row.get(part)}, expected
    surfaces = (
        sorted((one["kind"], one["id"], one["property"], one["via"]) for one in of["surfaces"])
        for of in (answers, truth)
    )
    assert next(surfaces) == next(surfaces)
    signals = {(one["kind"], one["id"], one["text"]) for one in answers["signals"]}
    assert signals >= {(one["kind"], one["id"], one["text"]) for one in truth.get("signals", ())}
    areas = (
        Counter((one["area"], one["status"], one["reason"]) for one in of["coverage"])
        for of in (answers, truth)
    )
    assert next(areas) == next(areas)
