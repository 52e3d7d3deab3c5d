"""What the doctor says of a portal: its evidence, and whether it answers."""

from __future__ import annotations

import pytest

from crm_audit import config, doctor
from crm_audit.doctor import Plan, State
from sandbox import hubspot

FILE = """\
version: 1
targets:
  - name: portal
    platform: hubspot
    base_url: {url}
    auth: {{token: {{env: HUBSPOT_ACCESS_TOKEN}}}}
    evidence: .
"""
PORTAL = {
    "format": "hubspot-portal/1",
    "tokens": [{"token": "pat-na1-1", "kind": "private_app", "scopes": []}],
}


@pytest.fixture(scope="module")
def served():
    with hubspot.running(PORTAL) as portal:
        yield portal


def plan(folder, served, token):
    text = FILE.format(url=served.url)
    found = config.of_text(text, folder / "c.yaml", {"HUBSPOT_ACCESS_TOKEN": token})
    return Plan(found, found.targets)


@pytest.mark.parametrize(
    ("token", "state", "told"), [("pat-na1-1", State.OK, "logged in at"), ("wrong", State.PROBLEM, "")]
)
def test_whether_it_answers(tmp_path, served, token, state, told):
    [line] = doctor.connections(plan(tmp_path, served, token))
    assert (line.state, line.what) == (state, "connection to portal")
    assert told in line.seen


def test_evidence_is_looked_at(tmp_path, served):
    [line] = doctor.sources(plan(tmp_path, served, "t"))
    assert line.state is State.WARNING
    header = "role_name,object_type,view,edit,observed_at,observed_by"
    file = tmp_path / "permission-sets.csv"
    file.write_text(f"{header}\nCare,contacts,ALL,,2026-11-02,me\n", encoding="utf-8")
    [line] = doctor.sources(plan(tmp_path, served, "t"))
    assert (line.state, line.seen) == (State.OK, "permission-sets.csv: 1 rows")
    file.write_text(f"{header}\nCare,contacts,MINE,,,\n", encoding="utf-8")
    [line] = doctor.sources(plan(tmp_path, served, "t"))
    assert line.state is State.PROBLEM
    assert "permission-sets.csv:2" in line.seen
