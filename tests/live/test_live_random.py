"""The same server with 200 random groups and 20,000 random rules about fields."""

from __future__ import annotations

import pytest
from asking import held_against
from live_project import Project

pytestmark = pytest.mark.live


def test_the_rules_say_what_the_server_does(tangled):
    seen = held_against(tangled, 250)
    assert seen[True] >= 300, seen
    assert seen[False] >= 300, seen


def test_every_prediction_is_what_the_server_says(tangled, tmp_path):
    """A sample over the fields of all models, clinical or not, as every test user."""
    project = Project(tmp_path, tangled, "*")
    ran, found = project.probe("--sample", "3500")
    assert ran.code == 0, (ran.out, ran.err)
    assert found["disagree"] == 0
    assert found["agree"] == found["compared"] >= 2_000, ran.out
    told = {word: sum(a["told"] == word for a in found["answers"]) for word in ("yes", "no")}
    assert min(told.values()) >= 300, told
