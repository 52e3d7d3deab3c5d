"""`kill -9` at random moments: never half a folder, and the next run is what a clean one is."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from crm_audit.runs import record
from crm_audit.runs.checking import check
from crm_audit.runs.folder import Folder
from crm_audit.runs.locks import Note
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


SEAL = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from crm_audit.runs.folder import Folder
from crm_audit.runs.locks import Note
from crm_audit.runs.record import Read, Record
from crm_audit.runs.chain import Event, Kind
directory, name, last, target = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
steps, waited = 0, os.fsync
def fsync(handle):
    global steps
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)
    steps += 1
    waited(handle)
os.fsync = fsync
at = "2026-11-24T02:30:00+00:00"
folder = Folder(directory)
with folder.opened(Note.of(at, (target,))) as staged:
    staged.mkdir()
    for number in range(3):
        (staged / f"{number}.txt").write_text(name)
    read = Read(target, "salesforce", True, 0, 0)
    folder.seal(staged, Record(name, (read,), at, at, at, 0, "", "", (), (), ""))
if last < 0:
    sys.exit()
folder.prune(None, 1, datetime.fromisoformat(at))
"""


def sealing(folder, name, last=-1, target="clinic"):
    """Keep a small run in a process of its own, which dies before it waits for the disk the nth time."""
    words = [sys.executable, "-c", SEAL, str(folder), name, str(last), target]
    return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL)


def sealed(folder, name, last=-1):
    return sealing(folder, name, last).wait(timeout=60)


def test_killed_before_each_step(tmp_path):
    """Sealing, entering and removing are steps; whatever the last one was, the next run makes the folder whole."""
    first, second = "20261121T023000Z", "20261122T023000Z"
    assert sealed(tmp_path / "before", first) == 0
    codes, had_second = [], []
    while 0 not in codes:
        runs = tmp_path / str(len(codes))
        shutil.copytree(tmp_path / "before", runs)
        codes.append(sealed(runs, second, len(codes)))
        with Folder(runs).opened(Note.of("2026-11-23T02:30:00+00:00", ("clinic",))):
            pass  # what the next run does before it reads anything
        assert check(Folder(runs)).problems == ()
        assert set(kept(runs)) <= {first, second}
        had_second.append(second in kept(runs))
        assert had_second[-1] or first in kept(runs)
        if had_second[-1]:
            assert (runs / second / "2.txt").read_text() == second
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 7
    assert had_second == sorted(had_second)  # once it is there, it stays


def test_runs_of_several_targets_at_once_share_one_chain(tmp_path):
    name = "20261121T023000Z"
    begun = [sealing(tmp_path / "runs", name, target=f"org{number}") for number in range(5)]
    assert [process.wait(timeout=60) for process in begun] == [0] * 5
    assert kept(tmp_path / "runs") == [name, *(f"{name}-{number}" for number in range(2, 6))]
    checked = check(Folder(tmp_path / "runs"))
    assert (checked.runs, checked.problems) == (5, ())


def test_killed_now_and_then(tmp_path, org):
    assert stumbles(tmp_path, org, 5) > 0


@pytest.mark.campaign
def test_killed_a_hundred_times(tmp_path, org):
    assert stumbles(tmp_path, org, 100) > 50
