"""Units that systemd accepts and lines that cron can run, with hostile paths and without a secret."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from crm_audit import schedule
from crm_audit.config import ClientCredentials, Jwt, Org, Project, SfCli, default
from crm_audit.secrets import Secret
from tests.program.nights import configure
from tests.program.programs import crm_audit

NOWHERE = type("Nowhere", (), {"url": "https://acme.my.salesforce.com"})()
FILES = ["crm-audit-failed.service", "crm-audit.service", "crm-audit.timer"]
HOSTILE = "a \"b\" 'c' %n $HOME; ü \\ שלום"


@pytest.fixture(params=["plain", HOSTILE], ids=["plain", "hostile"])
def folder(tmp_path, request):
    """A folder with a configuration; the second has a name that quoting has to survive."""
    made = tmp_path / request.param
    made.mkdir()
    configure(made, NOWHERE, alerts=[{"url_from": {"env": "CRM_AUDIT_ALERT_URL"}}])
    return made


def printed(folder: Path, *words: str, **environ: str):
    ran = crm_audit(folder, "schedule", *words, "--config", "audit.yaml", **environ)
    assert ran.code == 0, ran.err
    return ran


def written(folder: Path, *words: str) -> dict[str, str]:
    (folder / "units").mkdir()
    printed(folder, "systemd", "--into", "units", *words)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "units").iterdir())}


def settings(unit: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string(unit)
    return {section: dict(parser[section]) for section in parser.sections()}


def test_systemd_accepts_the_units(folder):
    units = written(folder)
    assert list(units) == FILES
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is absent")
    done = subprocess.run(
        [analyze, "verify", *(folder / "units" / name for name in FILES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_says_what_a_job_needs(folder):
    service = settings(written(folder, "--at", "03:05", "--user", "auditor")["crm-audit.service"])
    run = service["Service"]
    assert service["Unit"]["OnFailure"] == "crm-audit-failed.service"
    assert run["ExecStart"].startswith("/")
    assert run["SuccessExitStatus"] == "11 12 13 14"
    assert run["User"] == "auditor"
    assert (run["Nice"], run["ProtectSystem"]) == ("10", "strict")
    assert run["EnvironmentFile"] == "-/etc/crm-audit/secrets.env"
    assert (
        settings((folder / "units" / "crm-audit.timer").read_text())["Timer"]["OnCalendar"]
        == "*-*-* 03:05:00 UTC"
    )


def test_no_secret_and_every_name_of_one(folder):
    for ran in (
        printed(folder, "systemd", SF_ACCESS_TOKEN="00Dhush!hush"),
        printed(folder, "cron", SF_ACCESS_TOKEN="00Dhush!hush"),
    ):
        assert "hush" not in ran.out + ran.err
        assert "SF_ACCESS_TOKEN=VALUE" in ran.out
        assert "CRM_AUDIT_ALERT_URL=VALUE" in ran.out


def test_cron_runs_what_it_prints(folder):
    lines = printed(folder, "cron", "--at", "22:15", "--environment-file", "secrets.env").out.splitlines()
    run, status = (line for line in lines if not line.startswith("#"))
    assert run.startswith("15 22 * * * ")
    assert status.startswith("15 3 * * * ")
    (folder / "secrets.env").write_text("SF_ACCESS_TOKEN=x\n", encoding="utf-8")
    command = status.split(" ", 5)[5].replace("\\%", "%")  # as cron does
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stdout) == (7, "clinic: There is no complete run.\n"), done.stderr
    assert shlex.split(run.split(" ", 5)[5].replace("\\%", "%"))[-3:] == [
        "--config",
        str(folder / "audit.yaml"),
        "--quiet",
    ]


def test_printed_units_are_those_that_are_written(folder):
    units = written(folder)
    assert printed(folder, "systemd").out == "".join(
        f"# {name}\n{units[name]}\n"
        for name in ("crm-audit.service", "crm-audit.timer", "crm-audit-failed.service")
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("systemd", "--at", "25:00"), "is not a time of day"),
        (("cron", "--at", "noon"), "is not a time of day"),
        (("systemd", "--user", "root\nExecStart=/x"), "is not the name of an account"),
        (("systemd", "--into", "missing"), "could not be written"),
        (("cron", "--environment-file", "a\nb"), "control character"),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, tuple) else "",
)
def test_what_cannot_stand_in_a_unit_is_refused(words, sentence, tmp_path):
    configure(tmp_path, NOWHERE)
    ran = crm_audit(tmp_path, "schedule", *words, "--config", "audit.yaml")
    assert ran.code in {1, 2}
    assert sentence in ran.err
    assert "hint: " in ran.err
    assert "Traceback" not in ran.err


def test_every_login_names_its_variables():
    def env(name):
        return Secret.from_environment(name, {})

    targets = (
        Org("a", "", Jwt(env("KEY"), "user", Secret.from_file(Path("key")))),
        Org("b", "", ClientCredentials(env("KEY"), env("SECRET"))),
        Org("c", "", SfCli("alias")),
        Project("d", Path()),
    )
    assert schedule.variables(replace(default(), targets=targets)) == ("KEY", "SECRET")
