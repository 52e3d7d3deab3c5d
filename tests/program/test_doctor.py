"""What the doctor sees on a machine, and that it never shows a secret nor calls anybody unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_audit import doctor
from crm_audit.config import default
from crm_audit.doctor import Line, State
from sandbox.salesforce import running
from tests.program.planted_org import planted
from tests.program.programs import crm_audit, door

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECRET = "canary-of-the-doctor"
CONFIG = """\
version: 1
targets:
  - name: clinic
    platform: salesforce
    instance_url: {url}
    auth: {{session: {{access_token: {secret}}}}}
"""


def configured(folder: Path, secret: str, url: str = "https://acme.my.salesforce.com") -> None:
    (folder / "crm-audit.yaml").write_text(CONFIG.format(url=url, secret=secret), encoding="utf-8")


def lines(ran, state: State) -> list[str]:
    return [line for line in ran.out.splitlines() if line.startswith(state)]


def test_an_empty_directory_is_a_warning_that_says_what_to_do(tmp_path):
    ran = crm_audit(tmp_path, "doctor")
    assert ran.code == 0, ran.out + ran.err
    assert any("There is no crm-audit.yaml" in line for line in lines(ran, State.WARNING))
    assert "crm-audit init" in ran.out
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_is_there_is_not_shown_and_one_that_is_not_is_a_problem(tmp_path):
    configured(tmp_path, "{env: CLINIC_TOKEN}")
    there = crm_audit(tmp_path, "doctor", CLINIC_TOKEN=SECRET)
    missing = crm_audit(tmp_path, "doctor")
    assert (there.code, missing.code) == (0, 2), there.out + missing.out
    assert SECRET not in there.out + there.err
    assert any("env CLINIC_TOKEN holds something" in line for line in lines(there, State.OK))
    assert any("env CLINIC_TOKEN is empty or not set" in line for line in lines(missing, State.PROBLEM))


def test_a_secret_that_others_may_read_is_a_warning(tmp_path):
    (tmp_path / "token").write_text(SECRET, encoding="utf-8")
    (tmp_path / "token").chmod(0o644)
    configured(tmp_path, "{file: token}")
    ran = crm_audit(tmp_path, "doctor")
    assert any("can be read by everybody" in line for line in lines(ran, State.WARNING))
    assert SECRET not in ran.out


def test_a_configuration_that_cannot_be_used_is_a_problem_with_its_line(tmp_path):
    (tmp_path / "crm-audit.yaml").write_text("version: 1\ntarget: []\n", encoding="utf-8")
    ran = crm_audit(tmp_path, "doctor")
    assert ran.code == 2
    assert any("crm-audit.yaml:2:1" in line for line in lines(ran, State.PROBLEM))


def test_only_connect_calls_the_org(tmp_path):
    with running(planted()) as served:
        quiet = crm_audit(tmp_path, "doctor", **door(served))
        assert served.log == []
        loud = crm_audit(tmp_path, "doctor", "--connect", **door(served))
        token = served.token
    gone = crm_audit(tmp_path, "doctor", "--connect", **(door(served) | {"REQUESTS_CA_BUNDLE": ""}))
    assert (quiet.code, loud.code, gone.code) == (0, 0, 3), gone.out
    assert any("logged in at 127.0.0.1" in line for line in lines(loud, State.OK))
    assert any("connection to salesforce" in line for line in lines(gone, State.PROBLEM))
    assert token not in quiet.out + loud.out + gone.out
    assert "connection" not in quiet.out


def test_connecting_to_nothing_is_said(tmp_path):
    ran = crm_audit(tmp_path, "doctor", "--connect")
    assert ran.code == 3
    assert "nothing to log in to" in ran.out


@pytest.mark.parametrize(
    ("environ", "state", "seen"),
    [
        ({}, None, ""),
        ({"HTTPS_PROXY": "http://proxy.example:8080"}, State.OK, "through proxy.example:8080"),
        ({"https_proxy": "proxy.example:8080"}, State.OK, "through proxy.example:8080"),
        ({"HTTPS_PROXY": f"http://me:{SECRET}@proxy.example"}, State.WARNING, "through proxy.example"),
        ({"HTTPS_PROXY": "http://proxy:port"}, State.PROBLEM, "not an address"),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, State.PROBLEM, "/nowhere/ca.pem is not there"),
        ({"REQUESTS_CA_BUNDLE": __file__}, State.OK, __file__),
        ({"NO_PROXY": "localhost"}, State.OK, "localhost"),
    ],
)
def test_variables_a_run_would_see(environ, state, seen):
    found = list(doctor.surroundings(environ))
    assert [line.state for line in found] == ([state] if state else [])
    assert all(seen in line.seen and SECRET not in str(line) for line in found)


@pytest.mark.parametrize(("days", "state"), [(1, State.OK), (-1, State.PROBLEM)])
def test_a_clock_behind_the_installed_files_is_wrong(days, state):
    line = doctor.moment(NOON + timedelta(days=days), "UTC+02:00", NOON)
    assert line.state is state
    assert "UTC+02:00" in line.seen


@pytest.mark.parametrize(
    ("free", "states"),
    [(10**12, ["ok", "ok"]), (100 * 2**20, ["ok", "warning"]), (2**20, ["ok", "problem"])],
)
def test_little_room_is_said(tmp_path, monkeypatch, free, states):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free})())
    assert [line.state for line in doctor.disk(tmp_path / "new" / "report")] == states


def test_a_report_directory_that_is_a_file_is_a_problem(tmp_path):
    (tmp_path / "report").write_text("x", encoding="utf-8")
    for place in (tmp_path / "report", tmp_path / "report" / "below"):
        assert [line.state for line in doctor.disk(place)] == [State.PROBLEM]


@pytest.mark.parametrize(
    ("requirement", "state"),
    [
        ("typer>=0.1", State.OK),
        ("typer>=999.0", State.PROBLEM),
        ("no-such-package-here>=1", State.PROBLEM),
        ("pyjwt[crypto]>=2.9", State.OK),
        ("typer>=999; extra == 'demo'", State.WARNING),
        ("no-such-package-here>=1; extra == 'demo'", State.OK),
    ],
)
def test_packages_against_what_is_required(monkeypatch, requirement, state):
    monkeypatch.setattr("importlib.metadata.requires", lambda _: [requirement])
    python, packages = doctor.installation()
    assert python.state is State.OK
    assert packages.state is state, packages
    assert packages.hint or state is State.OK


def test_a_python_that_is_too_old_is_a_problem(monkeypatch):
    monkeypatch.setattr("sys.version_info", (3, 9, 1))
    assert next(doctor.installation()).state is State.PROBLEM


def test_not_installed_at_all_is_said(monkeypatch):
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-package-here")
    assert [line.state for line in doctor.installation()] == [State.PROBLEM]


def test_a_keyring_is_only_missed_where_one_is_named(monkeypatch, tmp_path):
    import keyring
    from keyring.backends.fail import Keyring

    monkeypatch.setattr(keyring, "get_keyring", Keyring)
    configured(tmp_path, "{keyring: {service: crm-audit, user: auditor}}")
    _, plan = doctor.configuration(None, {}, tmp_path)
    assert doctor.keyring(None).state is State.WARNING
    assert doctor.keyring(doctor.Plan(default(), ())).state is State.WARNING
    assert doctor.keyring(plan).state is State.PROBLEM


def test_counts():
    found = doctor.counted([Line(State.OK, "a", "b"), Line(State.OK, "c", "d")])
    assert (found[State.OK], found[State.PROBLEM]) == (2, 0)
