"""`kill -9` at random moments: never half a folder, and the next run is what a clean one is."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from crm_audit.runs import record
from crm_audit.runs.checking import check
from crm_audit.runs.folder import Folder
from sandbox.salesforce import running
from tests.program.nights import SUBJECT, configure, kept
from tests.program.planted_org import planted
from tests.program.programs import ROOT, crm_audit, door

SEED = 20261124


@pytest.fixture(scope="module")
def org():
    with running(planted()) as served:
        yield served


def clean(folder, served):
    """One undisturbed night: what was found, the rows of access, and how long it took."""
    folder.mkdir()
    runs = configure(folder, served)
    begun = time.monotonic()
    ran = crm_audit(folder, *SUBJECT, **door(served))
    took = time.monotonic() - begun
    assert ran.code == 14, ran.err
    return found(runs, kept(runs)[0]), took


def found(runs, name):
    made = record.read(runs / name)
    return (
        made.findings,
        (runs / name / "access.csv").read_bytes(),
        (runs / name / "findings.csv").read_bytes(),
    )


def killed(folder, served, after):
    """Begin a night and kill it after so many seconds; True if it was still going."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crm_audit", *SUBJECT],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **door(served)},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def stumbles(folder, served, times):
    """Kill that many nights at random moments, and look at the folder after each; then one clean night."""
    expected, took = clean(folder / "clean", served)
    (folder / "killed").mkdir()
    runs = configure(folder / "killed", served)
    moments, hits = random.Random(SEED), 0
    for _ in range(times):
        # Most of a night is start-up and reading; half of the moments fall into the writing at its end.
        part = moments.choice((moments.uniform(0, 1), moments.uniform(0.7, 1)))
        hits += killed(folder / "killed", served, part * took)
        for name in kept(runs) if runs.is_dir() else ():
            if not name.startswith("."):
                assert found(runs, name) == expected
                assert record.read(runs / name).files == record.files(runs / name)
    ran = crm_audit(folder / "killed", *SUBJECT, **door(served))
    assert ran.code == 14, ran.err
    names = kept(runs)
    assert not [name for name in names if name.startswith(".")]
    assert found(runs, names[-1]) == expected
    assert check(Folder(runs)).problems == ()
    assert {json.loads(line)["kind"] for line in (runs / "chain.jsonl").read_text().splitlines()} <= {
        "run",
        "told",
    }
    return hits


def test_killed_now_and_then(tmp_path, org):
    assert stumbles(tmp_path, org, 5) > 0


@pytest.mark.campaign
def test_killed_a_hundred_times(tmp_path, org):
    assert stumbles(tmp_path, org, 100) > 50
