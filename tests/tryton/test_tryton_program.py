"""The program against a small Tryton server, as a user runs it: exit codes, sentences, and the report."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
from clinics import PASSWORD, gnu, served

from tests.conftest import ROOT

POLICY = "policy: {matrix: {marketing: {'*': none}}}"


def configuration(site, **more):
    return f"""version: 1
targets:
  - name: clinic
    platform: tryton
    url: {more.get("url", site.url)}
    database: {more.get("database", "clinic")}
    auth: {{password: {{login: {more.get("login", "auditor")}, password: {{env: TRYTON_PASSWORD}}}}}}
mappings: [gnuhealth]
audiences:
  - {{name: marketing, marketing: true, signs: {{permission_set: ^Marketing$}}, why: Told by the group.}}
{POLICY}
retention:
  - {{id: patients, object: gnuhealth.patient, anchor: create_date, period: P5Y, why: Invented.}}
"""


def run(folder, *words, password=PASSWORD, **environ):
    return subprocess.run(
        [sys.executable, "-m", "crm_audit", *words],
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "TRYTON_PASSWORD": password,
            "COLUMNS": "200",
            **environ,
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with served(gnu()) as site:
        (folder / "c.yaml").write_text(configuration(site))
        done = run(folder, "run", "--config", "c.yaml", "--out", "out")
        bodies = list(site.bodies)
        kept = run(folder, "collect", "snap", "--config", "c.yaml")
        assert kept.returncode == 0, kept.stderr
        yield done, folder, bodies


def test_a_run_finds_what_marketing_reads_and_says_why(ran):
    done, folder, _ = ran
    assert done.returncode == 14, done.stderr
    audit = json.loads((folder / "out" / "audit.json").read_text())
    words = json.dumps(audit, ensure_ascii=False)
    assert "Tryton’s default (no field access row speaks to them)" in words
    assert "no model access row for gnuhealth.ecg: open to everybody" in words
    assert "Let the row without a group for gnuhealth.patient allow nothing" in words
    assert "CANARY-VALUE" not in words + done.stdout + done.stderr
    with (folder / "out" / "access.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["object"] for row in rows} >= {"gnuhealth.patient", "gnuhealth.lab"}


def test_the_password_is_nowhere_but_in_the_login(ran):
    done, folder, bodies = ran
    assert [PASSWORD in body for body in bodies].count(True) == 1
    assert PASSWORD not in done.stdout + done.stderr
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("why", "mia", "gnuhealth.patient.drug_usage"),
            "field: Tryton’s default (no field access row speaks to them)",
        ),
        (("why", "fred", "gnuhealth.patient.drug_usage"), "speaks of it, and does not open it"),
        (("why", "juno", "gnuhealth.patient.drug_usage"), "inherited through “Junior Doctor”"),
    ],
)
def test_questions_about_a_saved_snapshot(ran, words, said):
    _, folder, _ = ran
    done = run(folder, *words, "--snapshot", "snap", "--config", "c.yaml")
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_check_and_doctor(tmp_path):
    with served(gnu(), words=True) as site:
        (tmp_path / "c.yaml").write_text(configuration(site))
        checked = run(tmp_path, "check", "--config", "c.yaml")
        looked = run(tmp_path, "doctor", "--config", "c.yaml", "--connect")
        assert not site.sessions
    assert checked.returncode == 0, checked.stderr
    assert "Tryton database clinic" in checked.stdout
    assert "ir.model.field.access" in checked.stdout
    assert looked.returncode == 0, looked.stdout
    assert ", database clinic" in looked.stdout


@pytest.mark.parametrize(
    ("more", "password", "code", "said"),
    [
        ({}, "wrong", 3, "does not accept login and password of auditor"),
        ({"database": "nodb"}, PASSWORD, 3, "has no database nodb"),
        ({"url": "http://127.0.0.1:9"}, PASSWORD, 3, "could not be reached"),
        ({"url": "http://tryton.example.org"}, PASSWORD, 2, "without TLS"),
        ({"database": "a/b"}, PASSWORD, 2, "name of a database"),
        ({"login": "juno"}, PASSWORD, None, "more than an auditor needs"),
    ],
)
def test_trouble_is_one_sentence_and_a_code(tmp_path, more, password, code, said):
    with served(gnu()) as site:
        (tmp_path / "c.yaml").write_text(configuration(site, **more))
        done = run(tmp_path, "run", "--config", "c.yaml", password=password)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == code if code is not None else done.returncode not in {0, 1}


def test_a_refused_table_is_unknown_and_never_a_pass(tmp_path):
    with served(gnu()) as site:
        error = {"error": ["UserError", ["no", "", None]]}
        site.instead = lambda method, *_: (200, error) if "ir.model.field.access." in method else None
        (tmp_path / "c.yaml").write_text(configuration(site))
        done = run(tmp_path, "run", "--config", "c.yaml", "--out", "out")
    assert (
        "field_access: Tryton does not let this user read it."
        in (tmp_path / "out" / "audit.json").read_text()
    )
    document = json.loads((tmp_path / "out" / "audit.json").read_text())
    states = {rule["id"]: rule["state"] for rule in document["rules"]} if "rules" in document else {}
    assert "no_gap_observed" not in {
        states.get("marketing-reads-clinical"),
        states.get("marketing-edits-clinical"),
    }
    assert done.returncode not in {0, 1}


@pytest.mark.parametrize(
    ("environ", "code", "said"),
    [
        ({}, None, ""),
        ({"TRYTON_LOGIN": ""}, 2, "TRYTON_LOGIN is not set"),
        ({"TRYTON_URL": "", "TRYTON_DATABASE": ""}, 2, "TRYTON_URL and TRYTON_DATABASE are not set"),
        ({"TRYTON_URL": "nowhere"}, 2, "TRYTON_URL: This is not a web address"),
        ({"TRYTON_PASSWORD_FILE": "pw"}, 2, "both set"),
    ],
)
def test_the_environment_is_a_door_as_well(tmp_path, environ, code, said):
    with served(gnu()) as site:
        given = {"TRYTON_URL": site.url, "TRYTON_DATABASE": "clinic", "TRYTON_LOGIN": "auditor", **environ}
        done = run(tmp_path, "check", "tryton", **given)
    assert said in done.stderr
    assert done.returncode == (code if code is not None else 0), done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    database: clinic\n", "", "“database” is missing"),
        (
            "    database: clinic\n",
            "    database: clinic\n    edition: FREE\n",
            "A Tryton database has no “edition”",
        ),
        (
            "auth: {password: {login: auditor, password: {env: TRYTON_PASSWORD}}}",
            "auth: {sf_cli: x}",
            "not a way to log in to tryton",
        ),
        ("password: {env: TRYTON_PASSWORD}", "password: hunter2", "must not be written"),
        ("object: gnuhealth.patient", "object: gnuhealth/patient", "not an API name"),
    ],
)
def test_mistakes_in_the_configuration(tmp_path, old, new, said):
    with served(gnu()) as site:
        text = configuration(site)
    assert old in text
    (tmp_path / "c.yaml").write_text(text.replace(old, new))
    done = run(tmp_path, "run", "--config", "c.yaml")
    assert done.returncode == 2
    assert said in done.stderr
    assert "hunter2" not in done.stderr


def test_what_is_configured_can_be_shown_without_the_password(tmp_path):
    with served(gnu()) as site:
        (tmp_path / "c.yaml").write_text(configuration(site))
        done = run(tmp_path, "config", "show", "--config", "c.yaml")
    assert "environment TRYTON_PASSWORD" in done.stdout or "TRYTON_PASSWORD" in done.stdout
    assert PASSWORD not in done.stdout


def test_a_first_configuration_tells_audiences_by_group(tmp_path):
    with served(gnu()) as site:
        given = f"--name clinic --instance-url {site.url} --database clinic --username auditor".split()
        begun = run(tmp_path, "init", "drafted", "--platform", "tryton", "--yes", *given)
        assert begun.returncode == 0, begun.stderr
        ran = run(tmp_path, "run", "-c", "drafted/crm-audit.yaml", "-o", "out")
    assert {path.name for path in (tmp_path / "drafted").iterdir()} == {"crm-audit.yaml", "mapping.yaml"}
    text = (tmp_path / "drafted" / "crm-audit.yaml").read_text(encoding="utf-8")
    assert "password: {env: TRYTON_PASSWORD}" in text
    assert PASSWORD not in text
    assert "mappings: [gnuhealth, mapping.yaml]" in text
    assert "group “Marketing”: 2 active people, for the word “Marketing”" in text
    assert "anchor: create_date" in text
    assert ran.returncode in range(11, 15), ran.stderr
    [system] = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["systems"]
    members = {a["name"]: a["members"] for a in system["audiences"]}
    assert {name: len(who) for name, who in members.items() if who} == {
        "marketing": 2,
        "administration": 1,
        "front-desk": 1,
        "care": 3,
        "unclassified": 2,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--platform", "dynamics"), "no draft for this platform"),
        (
            ("--platform", "tryton", "--instance-url", "https://t.example"),
            "no answer to “Name of the database”",
        ),
    ],
)
def test_a_first_configuration_that_cannot_be_drafted(tmp_path, words, said):
    begun = run(tmp_path, "init", "--yes", *words)
    assert begun.returncode == 2
    assert said in begun.stderr
