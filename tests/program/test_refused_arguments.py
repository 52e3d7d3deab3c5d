"""Arguments that cannot be meant are refused in one sentence, before anything is asked."""

from __future__ import annotations

import os

import pytest

from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.program.programs import crm_audit, door, inside


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lapses", "--as-of", "9999-12-31"), "lies outside of what can be judged"),
        (("run", "--as-of", "0001-01-01T00:00:00+14:00"), "lies outside of what can be judged"),
        (("sandbox", "--port", "99999"), "Invalid value for '--port'"),
        (("run", "sfdx", "--project", ""), "--project names no folder"),
        (("run", "--out", "taken"), "holds something other than a report"),
    ],
)
def test_what_cannot_be_meant(tmp_path, arguments, said):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("mine")
    ran = inside(tmp_path, *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert (tmp_path / "taken" / "letter.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ("doctor", "-c", "pipe"),
        ("run", "-c", "pipe"),
        ("run", "--tags", "pipe"),
        ("waivers", "check", "-c", "pipe"),
        ("config", "show", "-c", "pipe"),
        ("status", "-c", "pipe"),
    ],
)
def test_a_pipe_into_which_nobody_writes_holds_nobody_up(tmp_path, words):
    os.mkfifo(tmp_path / "pipe")
    ran = crm_audit(tmp_path, *words)
    assert ran.code == 2
    assert "pipe: This is a pipe or a device, not a file." in ran.out + ran.err
    assert "Write its content to a file, and name that." in ran.out + ran.err


def test_a_configuration_that_was_not_named_is_told_of_and_not_used(tmp_path):
    (tmp_path / "crm-audit.yaml").write_text("version: 1\nsurprise: 1\n")
    ran = crm_audit(tmp_path, "run", "salesforce")
    assert ran.code == 2
    line, *rest = ran.err.splitlines()
    assert (
        line
        == "warning: configuration detail=crm-audit.yaml is here and was not used; try: -c crm-audit.yaml"
    )
    assert "warning" not in "".join(rest)
    assert "surprise" not in ran.err
    (tmp_path / "crm-audit.yaml").unlink()
    assert "crm-audit.yaml" not in crm_audit(tmp_path, "run", "salesforce").err


def test_one_target_without_its_secret_leaves_the_others_alone(tmp_path):
    force = tmp_path / "src" / "force-app" / "main" / "default" / "permissionsets"
    force.mkdir(parents=True)
    (tmp_path / "src" / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    (force / "Care.permissionset-meta.xml").write_text(
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>Care</label></PermissionSet>'
    )
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntargets:\n"
        "  - {name: source, platform: sfdx, project: src}\n"
        "  - name: org\n    platform: salesforce\n    instance_url: https://acme.my.salesforce.com\n"
        "    auth: {session: {access_token: {env: NOT_SET_ANYWHERE}}}\n"
    )
    ran = inside(tmp_path, "run", "-c", "c.yaml", "--out", "out")
    assert ran.code in range(21, 25) or ran.code == 4, ran.err
    assert "NOT_SET_ANYWHERE" in (tmp_path / "out" / "audit.json").read_text()
    alone = inside(tmp_path, "run", "org", "-c", "c.yaml", "--out", "alone")
    assert alone.code == 2
    assert not (tmp_path / "alone").exists()


def test_a_run_on_a_budget_is_labelled_and_never_clean(tmp_path):
    with running(clinic_org()) as served:
        ran = inside(tmp_path, "run", "salesforce", "--budget-calls", "30", "--out", "out", **door(served))
        assert len(served.log) == 30
    assert ran.code in {4, 21, 22, 23, 24}
    assert "budget of 30 calls for one run" in ran.out
