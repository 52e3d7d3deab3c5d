"""The same on PostgreSQL, whose booleans look otherwise: a database of its own, initialised here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import postgres
import pytest
from asking import held_against
from live_project import Project
from live_server import STAFF, Server, initialise, install

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def clinic_on_postgres(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    with postgres.running() as uri:
        initialise(install(), folder, uri)
        server = Server(folder, uri)
        try:
            server.start()
            server.hire(STAFF)
            yield server
        finally:
            server.stop()


def test_the_rules_say_what_the_server_does(clinic_on_postgres):
    seen = held_against(clinic_on_postgres, 100)
    assert seen[True] >= 200, seen
    assert seen[False] >= 80, seen


def test_every_prediction_is_what_the_server_says(clinic_on_postgres, tmp_path):
    ran, found = Project(tmp_path, clinic_on_postgres).probe("--sample", "2400")
    assert ran.code == 0, (ran.out, ran.err)
    assert found["disagree"] == 0
    assert found["agree"] == found["compared"] >= 2_000


def test_no_data_outlives_whoever_started_it():
    """Killed without a chance to clean up, as a test run may be."""
    begin = (
        "import postgres, time\n"
        "with postgres.lent() as folder, postgres.serving(folder):\n"
        "    print(folder, flush=True)\n"
        "    time.sleep(300)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", begin],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    folder = Path(parent.stdout.readline().strip())
    assert (folder / "data" / "postmaster.pid").exists()
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 20
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
