"""What the doctor sees on a machine, and that it never shows a secret nor calls anybody unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_audit import doctor
from crm_audit.config import Config, default, load
from crm_audit.doctor import Line, State
from sandbox.salesforce import running
from tests.program.planted_org import planted
from tests.program.programs import crm_audit, door, inside

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


def settings(folder: Path, more: str = "") -> Config:
    """What a file with these lines says."""
    (folder / "crm-audit.yaml").write_text(f"version: 1\n{more}", encoding="utf-8")
    return load(folder / "crm-audit.yaml", {})


def test_an_empty_directory_is_a_warning_that_says_what_to_do(tmp_path):
    ran = inside(tmp_path, "doctor")
    assert ran.code == 0, ran.out + ran.err
    assert any("There is no crm-audit.yaml" in line for line in lines(ran, State.WARNING))
    assert "crm-audit init" in ran.out
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_is_there_is_not_shown_and_one_that_is_not_is_a_problem(tmp_path):
    configured(tmp_path, "{env: CLINIC_TOKEN}")
    there = inside(tmp_path, "doctor", CLINIC_TOKEN=SECRET)
    missing = inside(tmp_path, "doctor")
    assert (there.code, missing.code) == (0, 2), there.out + missing.out
    assert SECRET not in there.out + there.err
    assert any("env CLINIC_TOKEN holds something" in line for line in lines(there, State.OK))
    assert any("env CLINIC_TOKEN is empty or not set" in line for line in lines(missing, State.PROBLEM))


def test_a_secret_that_others_may_read_is_a_warning(tmp_path):
    (tmp_path / "token").write_text(SECRET, encoding="utf-8")
    (tmp_path / "token").chmod(0o644)
    configured(tmp_path, "{file: token}")
    ran = inside(tmp_path, "doctor")
    assert any("can be read by everybody" in line for line in lines(ran, State.WARNING))
    assert SECRET not in ran.out
    assert ran.out.count("can be read by everybody") == 1


def test_a_configuration_that_cannot_be_used_is_a_problem_with_its_line(tmp_path):
    (tmp_path / "crm-audit.yaml").write_text("version: 1\ntarget: []\n", encoding="utf-8")
    ran = inside(tmp_path, "doctor")
    assert ran.code == 2
    assert any("crm-audit.yaml:2:1" in line for line in lines(ran, State.PROBLEM))


def test_only_connect_calls_the_org(tmp_path):
    with running(planted()) as served:
        quiet = inside(tmp_path, "doctor", **door(served))
        assert served.log == []
        loud = inside(tmp_path, "doctor", "--connect", **door(served))
        token = served.token
    gone = inside(tmp_path, "doctor", "--connect", **(door(served) | {"REQUESTS_CA_BUNDLE": ""}))
    assert (quiet.code, loud.code, gone.code) == (0, 0, 3), gone.out
    assert any("logged in at 127.0.0.1" in line for line in lines(loud, State.OK))
    assert any("connection to salesforce" in line for line in lines(gone, State.PROBLEM))
    assert token not in quiet.out + loud.out + gone.out
    assert "connection" not in quiet.out


def test_connecting_to_nothing_is_said(tmp_path):
    ran = inside(tmp_path, "doctor", "--connect")
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
        ({"REQUESTS_CA_BUNDLE": __file__, "CURL_CA_BUNDLE": "/nowhere/ca.pem"}, State.OK, __file__),
        ({"CURL_CA_BUNDLE": "/nowhere/ca.pem"}, State.PROBLEM, "/nowhere/ca.pem is not there"),
        ({"SSL_CERT_FILE": "/nowhere/ca.pem"}, None, ""),
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
    assert [
        line.state for line in doctor.disk(settings(tmp_path, "report: {directory: new/report}"))
    ] == states


def test_a_report_directory_that_is_a_file_is_a_problem(tmp_path):
    (tmp_path / "report").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in ("report", "report/below", "link"):
        for section in (f"report: {{directory: {place}}}", f"runs: {{directory: {place}}}"):
            found = list(doctor.disk(settings(tmp_path, section)))
            assert [line.state for line in found] == [State.PROBLEM], place
            assert "is not a folder" in found[0].seen


def test_a_folder_that_a_report_would_not_replace_is_a_problem_and_runs_may_hold_anything(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter.txt").write_text("x", encoding="utf-8")
    report, _ = doctor.disk(settings(tmp_path, "report: {directory: kept}"))
    runs, _ = doctor.disk(settings(tmp_path, "runs: {directory: kept}"))
    assert (report.state, runs.state) == (State.PROBLEM, State.OK)
    assert "will not be replaced" in report.seen
    assert runs.what == "folder of runs"


def test_a_report_needs_the_folder_above_it(tmp_path, monkeypatch):
    (tmp_path / "above" / "report").mkdir(parents=True)
    monkeypatch.setattr("os.access", lambda place, _: Path(place).name != "above")
    report, _ = doctor.disk(settings(tmp_path, "report: {directory: above/report}"))
    runs, _ = doctor.disk(settings(tmp_path, "runs: {directory: above/report}"))
    assert (report.state, runs.state) == (State.PROBLEM, State.OK)


@pytest.mark.parametrize(
    ("more", "state", "seen"),
    [
        ("", State.PROBLEM, "names no target"),
        ("targets: []", State.PROBLEM, "names no target"),
        ("waivers: w.yaml", State.PROBLEM, "w.yaml:2:1"),
        (
            "targets: [{name: p, platform: sfdx, project: empty}]",
            State.PROBLEM,
            "holds no Salesforce metadata",
        ),
        ("targets: [{name: p, platform: sfdx, project: full}]", State.OK, "holds metadata"),
    ],
)
def test_what_a_run_would_stop_at_is_a_problem(tmp_path, more, state, seen):
    (tmp_path / "w.yaml").write_text("version: 1\nwaiver: []\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    profiles = tmp_path / "full" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "Nurse.profile-meta.xml").write_text(
        '<Profile xmlns="http://soap.sforce.com/2006/04/metadata"></Profile>', encoding="utf-8"
    )
    (tmp_path / "crm-audit.yaml").write_text(f"version: 1\n{more}\n", encoding="utf-8")
    ran = inside(tmp_path, "doctor")
    assert ran.code == (2 if state is State.PROBLEM else 0), ran.out
    assert any(seen in line for line in lines(ran, state)), ran.out


def test_a_login_begun_in_the_environment_is_no_beginning(tmp_path):
    half = inside(tmp_path, "doctor", SF_USERNAME="auditor@clinic.example")
    wrong = inside(tmp_path, "doctor", "--connect", SF_INSTANCE_URL="garbage", SF_ACCESS_TOKEN=SECRET)
    assert (half.code, wrong.code) == (2, 2)
    assert any("SF_CONSUMER_KEY" in line for line in lines(half, State.PROBLEM))
    assert SECRET not in wrong.out + wrong.err


@pytest.mark.parametrize(
    ("token", "seen"),
    [("00D000000000001!wrong", "does not accept the access token"), ("zwei Wörter", "that no token has")],
)
def test_a_token_that_the_org_does_not_take_is_no_login(tmp_path, token, seen):
    with running(planted()) as served:
        ran = inside(tmp_path, "doctor", "--connect", **(door(served) | {"SF_ACCESS_TOKEN": token}))
    assert ran.code == (3 if token.isascii() else 2), ran.out
    assert any(seen in line for line in lines(ran, State.PROBLEM)), ran.out
    assert token not in ran.out + ran.err


def test_an_alert_that_cannot_be_sent_is_a_warning_that_does_not_show_its_address(tmp_path):
    configured(tmp_path, "{env: CLINIC_TOKEN}")
    with (tmp_path / "crm-audit.yaml").open("a", encoding="utf-8") as file:
        file.write("runs: {directory: runs}\nalerts: [{url_from: {env: CLINIC_ALERT}}]\n")
    told = {
        url: crm_audit(tmp_path, "doctor", CLINIC_TOKEN=SECRET, CLINIC_ALERT=url)
        for url in ("", f"nobody://{SECRET}@here", f"json://me:{SECRET}@localhost")
    }
    states = [
        next(line.split()[0] for line in ran.out.splitlines() if "alert to env CLINIC_ALERT" in line)
        for ran in told.values()
    ]
    assert states == [State.WARNING, State.WARNING, State.OK]
    assert {ran.code for ran in told.values()} == {0}
    assert SECRET not in "".join(ran.out + ran.err for ran in told.values())


def test_source_needs_no_connection(tmp_path):
    (tmp_path / "src").mkdir()
    found = settings(tmp_path, "targets: [{name: p, platform: sfdx, project: src}]")
    [line] = doctor.connections(doctor.Plan(found, found.targets))
    assert (line.state, line.seen) == (State.OK, "not needed: source is read from folders")


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


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], ("0 problems, 0 warnings.", 0)),
        ([Line(State.WARNING, "a", "b")], ("0 problems, 1 warning.", 0)),
        ([Line(State.PROBLEM, "a", "b", code=3)], ("1 problem, 0 warnings.", 3)),
        (
            [Line(State.PROBLEM, "a", "b", code=3), Line(State.PROBLEM, "c", "d")],
            ("2 problems, 0 warnings.", 2),
        ),
    ],
)
def test_the_verdict(found, said):
    assert doctor.verdict(found) == said
