"""One run per target at a time: who is named, what is taken over, and what is only explained."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from auditor.errors import AlreadyRunning
from crm_audit.runs.locks import Note, folder_locked, targets_locked
from sandbox.salesforce import running
from tests.program.nights import FIRST, SUBJECT, configure, events, night
from tests.program.planted_org import planted
from tests.program.programs import ROOT, crm_audit, door

HOLD = """
import sys, pathlib
from crm_audit.runs.locks import Note, targets_locked
with targets_locked(pathlib.Path(sys.argv[1]), Note.of("2026-11-24T02:30:00+00:00", sys.argv[2:])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Start another process that holds targets of a folder."""
    begun = []

    def start(folder, *targets):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder), *targets],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        begun.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def mine(*targets):
    return Note.of(FIRST.isoformat(), targets)


def test_a_second_run_stops_and_names_the_first(tmp_path, holder):
    with running(planted()) as served:
        runs = configure(tmp_path, served)
        runs.mkdir()
        process = holder(runs, "clinic")
        ran = crm_audit(tmp_path, *SUBJECT, **door(served))
        assert served.log.queries() == []
    assert ran.code == 5
    who = f"process {process.pid} on {socket.gethostname()} since 2026-11-24T02:30:00+00:00"
    error, hint = ran.err.splitlines()[-2:]
    assert error == f"error: A run of clinic is under way: {who}."
    assert hint.startswith("hint: Wait until it has ended")
    assert [p.name for p in runs.iterdir()] == [".locks"]


def test_another_target_is_another_lock(tmp_path, holder):
    holder(tmp_path, "clinic")
    with targets_locked(tmp_path, mine("other")):
        pass
    with pytest.raises(AlreadyRunning), targets_locked(tmp_path, mine("another", "clinic")):
        pass
    with targets_locked(tmp_path, mine("another")):
        pass


def test_what_a_killed_process_held_is_taken_over_and_said(tmp_path, holder, monkeypatch):
    with running(planted()) as served:
        runs = configure(tmp_path, served)
        runs.mkdir()
        process = holder(runs, "clinic")
        process.send_signal(signal.SIGKILL)
        process.wait()
        ran = night(monkeypatch, tmp_path, served)
    assert ran.code == 14
    assert "took over a lock" in ran.err
    assert f"process {process.pid} on" in ran.err
    assert events(runs) == ["run", "told"]
    assert not (runs / ".locks" / "clinic.json").exists()


def test_a_note_of_another_machine_is_only_explained(tmp_path, monkeypatch):
    with running(planted()) as served:
        runs = configure(tmp_path, served)
        note = {"host": "elsewhere", "pid": 7, "since": FIRST.isoformat(), "targets": ["clinic"]}
        (runs / ".locks").mkdir(parents=True)
        (runs / ".locks" / "clinic.json").write_text(json.dumps(note), encoding="utf-8")
        ran = night(monkeypatch, tmp_path, served)
        assert ran.code == 5
        assert "begun by process 7 on elsewhere" in ran.err
        assert "cannot be seen from here" in ran.err
        assert str(runs / ".locks" / "clinic.json") in ran.err
        (runs / ".locks" / "clinic.json").unlink()
        assert night(monkeypatch, tmp_path, served).code == 14


@pytest.mark.parametrize("text", ["", "[]", "{", '{"host": 1}'])
def test_a_note_that_cannot_be_read_is_no_note(text, tmp_path):
    (tmp_path / "note").write_text(text, encoding="utf-8")
    assert Note.read(tmp_path / "note") is None
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "clinic.json").write_text(text, encoding="utf-8")
    with targets_locked(tmp_path, mine("clinic")):
        assert Note.read(tmp_path / ".locks" / "clinic.json").pid == os.getpid()


def test_only_a_process_of_this_machine_is_known_to_be_dead():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert Note(socket.gethostname(), gone.pid, "", ()).dead
    assert not mine().dead
    assert not Note("elsewhere", gone.pid, "", ()).dead


def test_who_waits_for_the_folder_in_vain_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("crm_audit.runs.locks.PATIENCE", 0)
    with folder_locked(tmp_path), pytest.raises(AlreadyRunning, match="held"), folder_locked(tmp_path):
        pass
