"""A report is a function of the snapshot: no clock, time zone, locale or hash seed changes a byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_audit import clock
from sandbox.salesforce import running
from tests.program.planted_org import NOW, audited_inside, finding_ids, inside, planted, verdicts, write_tags
from tests.program.programs import Ran, crm_audit

FILES = {"report.html", "audit.xlsx", "audit.json", "access.csv", "findings.csv"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with a snapshot, and the run that was made beside it."""
    folder = tmp_path_factory.mktemp("kept")
    with running(planted()) as served:
        ran = audited_inside(folder, served)
        words = ("collect", "snapshot", "salesforce", "--tags", "tags.json", "--as-of", NOW, "-q")
        assert inside(folder, served, *words).code == 0
    return folder, ran


def analyzed(folder, name, **world):
    words = ("analyze", "snapshot", "--tags", "tags.json", "--out", name, "-q")
    ran = crm_audit(folder, *words, **world)
    assert ran.code == 14, ran.err
    return {path.name: path.read_bytes() for path in (folder / name).iterdir()}


@pytest.mark.parametrize(
    "world",
    [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "COLUMNS": "20", "NO_COLOR": "1"},
    ],
    ids=lambda world: next(iter(world.values())).replace("/", "-"),
)
def test_another_world_gives_the_same_bytes(world, kept):
    folder, _ = kept
    plain = analyzed(folder, "plain", PYTHONHASHSEED="0", TZ="UTC")
    assert set(plain) == FILES
    assert analyzed(folder, "elsewhere", **world) == plain


def test_another_day_gives_the_same_bytes(kept, monkeypatch):
    folder, _ = kept
    write_tags(folder)
    days = (datetime(2026, 11, 25, tzinfo=UTC), datetime(2031, 2, 3, tzinfo=UTC))
    found = []
    for number, day in enumerate(days):
        monkeypatch.setattr(clock, "now", lambda day=day: day)
        nobody = type("Nobody", (), {"url": "", "token": "", "ca_file": ""})()
        words = ("analyze", "snapshot", "--tags", "tags.json", "--out", f"day{number}", "-q")
        assert inside(folder, nobody, *words).code == 14
        found.append({path.name: path.read_bytes() for path in (folder / f"day{number}").iterdir()})
    assert set(found[0]) == FILES
    assert found[0] == found[1]


def test_a_run_and_its_snapshot_agree(kept):
    folder, ran = kept
    analyzed(folder, "again")
    again = Ran(14, "", "", folder / "again")
    assert finding_ids(again) == finding_ids(ran) != set()
    assert verdicts(again) == verdicts(ran)
    assert (folder / "again" / "access.csv").read_bytes() == (ran.report / "access.csv").read_bytes()
