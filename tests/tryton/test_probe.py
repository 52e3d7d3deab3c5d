"""`crm-audit probe` against a small server: agreement, contradiction with its path, and what is no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from clinics import DATABASE, PASSWORD, gnu, served
from typer.testing import CliRunner

from auditor.errors import AuthenticationFailed, ConfigError
from connectors.protocol import Told
from crm_audit.cli import app
from crm_audit.probe_logins import load_logins

LOGINS = "version: 1\nlogins:\n" + "".join(
    f"  - login: {login}\n    password: {{env: {login.upper()}}}\n" for login in ("mia", "fred", "juno")
)


def tags(folder, *, extra=()):
    clinic = gnu()
    names = {m["id"]: m["model"] for m in clinic.models}
    health = [f for f in clinic.fields if names[f["model"]].startswith("gnuhealth.")]
    phi = {f"{names[f['model']]}.{f['name']}": "diagnosis_condition" for f in health}
    phi |= dict.fromkeys(extra, "diagnosis_condition")
    (folder / "tags.json").write_text(json.dumps({"phi": phi}), encoding="utf-8")
    return str(folder / "tags.json"), len(phi)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Probe a served clinic, and give the exit code, what was printed, and the written answers."""

    def run(site, *words, logins=LOGINS, passwords=(), **more):
        kept = dict.fromkeys(("MIA", "FRED", "JUNO"), PASSWORD) | {
            "TRYTON_URL": site.url,
            "TRYTON_DATABASE": DATABASE,
            "TRYTON_LOGIN": "auditor",
            "TRYTON_PASSWORD": PASSWORD,
        }
        for name, value in {**kept, **dict(passwords)}.items():
            monkeypatch.setenv(name, value)
        where = str(tmp_path / "logins.yaml")
        Path(where).write_text(logins, encoding="utf-8")
        written = tmp_path / "probe.json"
        given, _ = tags(tmp_path, **more)
        done = CliRunner().invoke(
            app,
            ["probe", "tryton", "--logins", where, "--json", str(written), "--tags", given, *words],
        )
        found = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
        return done, found

    return run


def test_a_server_that_says_the_same(ask, tmp_path):
    _, fields = tags(tmp_path)
    with served(gnu()) as site:
        done, found = ask(site, "--all")
    assert done.exit_code == 0, done.output
    assert (found["asked"], found["disagree"]) == (3 * fields, 0)
    assert found["agree"] == found["compared"] == found["asked"] - 3
    assert found["missed"] == [
        {
            "told": "not comparable",
            "why": "Tryton gives records of this model to no program",
            "count": 3,
        }
    ]
    assert "disagree: 0" in done.output
    assert "Mia <mia>: reads" in done.output


def test_no_record_is_asked_for(ask):
    """Of all calls, only empty reads are about clinical models; a model given to no program is asked for once."""
    with served(gnu()) as site:
        ask(site, "--all")
    about = [(method, params) for method, params in site.asked if "gnuhealth." in method]
    assert about
    assert all(
        method.endswith(".read") and params[0] == [] and len(params[1]) == 1 for method, params in about
    )
    assert [method for method, _ in about].count("model.gnuhealth.patient-disease.read") == 1
    assert site.methods.count("common.db.login") == site.methods.count("common.db.logout") == 4


def test_a_contradiction_is_told_with_what_was_predicted_from(ask):
    def instead(method, params, _):
        if method == "model.gnuhealth.ecg.read":
            return 200, {"error": ["UserError", ["No.", "", None]]}
        return (200, {"result": []}) if params[1:2] == [["drug_usage"]] else None

    with served(gnu()) as site:
        site.instead = instead
        done, found = ask(site, "--all")
    assert done.exit_code == 10
    assert found["disagree"] == 3 + 1
    assert "Mia <mia>: gnuhealth.ecg.diagnosis: predicted yes, the CRM says no" in done.output
    assert "no model access row for gnuhealth.ecg: open to everybody" in done.output
    assert "Fred <fred>: gnuhealth.patient.drug_usage: predicted no, the CRM says yes" in done.output
    assert "predicted because nothing this person holds opens it" in done.output
    paths = {a["field"]: a["path"] for a in found["answers"] if a["person"] == "mia" and a["path"]}
    assert paths == {"gnuhealth.ecg.diagnosis": "no-row/gnuhealth.ecg>no-row/gnuhealth.ecg.*"}


def test_an_error_of_the_server_is_no_answer(ask):
    with served(gnu()) as site:
        site.instead = lambda method, *_: (
            (200, {"error": ["list index out of range", ""]})
            if method == "model.gnuhealth.ecg.read"
            else None
        )
        done, found = ask(site, "--all")
    assert done.exit_code == 0
    assert found["missed"][0]["count"] == 3
    assert "an error of its own" in found["missed"][0]["why"]


ODD = {
    "another result": (200, {"result": None}),
    "rows": (200, {"result": [{"id": 1}]}),
    "a status": (404, "<html>Not found</html>"),
    "half an answer": (200, '{"result": ['),
}


@pytest.mark.parametrize("case", ODD)
def test_an_answer_that_is_none_is_no_yes_and_leaves_the_question_open(ask, case):
    with served(gnu()) as site:
        site.instead = lambda method, *_: ODD[case] if method == "model.gnuhealth.ecg.read" else None
        done, found = ask(site, "--all")
    assert done.exit_code == 4, done.output
    open_ = [one for one in found["answers"] if one["field"].startswith("gnuhealth.ecg.")]
    assert open_
    assert {one["told"] for one in open_} == {"not asked"}
    assert found["disagree"] == 0


def test_a_model_given_to_nobody_contradicts_a_yes(ask):
    forbidden = (403, "<html>Forbidden</html>")
    with served(gnu()) as site:
        site.instead = lambda method, *_: forbidden if method == "model.gnuhealth.ecg.read" else None
        done, found = ask(site, "--all")
    assert done.exit_code == 10, done.output
    assert found["disagree"] == sum(
        one["field"].startswith("gnuhealth.ecg.") and one["predicted"] == "yes" for one in found["answers"]
    )
    assert "predicted yes, the CRM says given to nobody" in done.output


def test_one_refused_login_leaves_that_person_unasked(ask):
    with served(gnu()) as site:
        done, found = ask(site, "--all", passwords={"FRED": "wrong"}.items())
    assert done.exit_code == 4
    assert {a["person"] for a in found["answers"] if a["told"] == "not asked"} == {"fred"}
    assert "does not accept login and password of fred" in done.output
    assert found["disagree"] == 0


def test_nobody_who_can_log_in_leaves_nothing_to_compare(ask):
    """An error as for any login, before anything is asked."""
    with served(gnu()) as site:
        wrong = dict.fromkeys(("MIA", "FRED", "JUNO"), "wrong").items()
        done, found = ask(site, passwords=wrong)
        assert not any(method.endswith(".read") for method in site.methods)
    assert isinstance(done.exception, AuthenticationFailed)
    assert found == {}


def test_a_server_that_is_lost_leaves_the_rest_unasked(ask):
    with served(gnu()) as site:

        def instead(method, _params, _count):
            if method.endswith(".read") and sum(m.endswith(".read") for m in site.methods) > 5:
                site.dead = True
            return

        site.instead = instead
        done, found = ask(site, "--all")
    assert done.exit_code == 4, done.output
    assert found["compared"] >= 4
    lost = [one for one in found["missed"] if one["told"] == Told.NOT_ASKED]
    assert lost
    assert all("could not be reached" in one["why"] for one in lost)


def test_a_verdict_that_predicts_nothing_is_not_compared(ask):
    """The field is not there, so its verdict is unknown, and the server has no answer either."""
    with served(gnu()) as site:
        site.instead = lambda method, params, _: (200, {"result": []}) if params[1:2] == [["gone"]] else None
        done, found = ask(site, "--all", extra=["gnuhealth.patient.gone"])
    assert done.exit_code == 0
    assert {
        "told": "not comparable",
        "why": "nothing is predicted: the verdict is unknown",
        "count": 3,
    } in found["missed"]


def test_a_sample_depends_on_its_seed_alone(ask):
    with served(gnu()) as site:
        first, again, other = (
            [(a["person"], a["field"]) for a in ask(site, "--sample", "8", "--seed", seed)[1]["answers"]]
            for seed in ("1", "1", "2")
        )
    assert len(first) == 8
    assert first == again != other


def test_answers_from_a_snapshot_of_another_database_are_refused(ask, tmp_path, monkeypatch):
    with served(gnu()) as site, served(gnu()) as elsewhere:
        ask(site, "--sample", "1")
        given, _ = tags(tmp_path)
        out = tmp_path / "snapshot"
        done = CliRunner().invoke(app, ["collect", str(out), "tryton", "--tags", given, "--quiet"])
        assert done.exit_code == 0, done.output
        taken = next(path.parent for path in out.rglob("manifest.json"))
        same, found = ask(site, "--snapshot", str(taken), "--sample", "3")
        assert (same.exit_code, found["asked"]) == (0, 3), same.output
        other, _ = ask(elsewhere, "--snapshot", str(taken))
    assert isinstance(other.exception, ConfigError)
    assert "would be asked" in other.exception.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\nlogins: []\n", "There is nobody to ask as."),
        ("version: 1\nlogins:\n  - login: mia\n    password: x\n", "must not be written"),
        ("version: 1\nlogins:\n  - login: mia\n", "“password” is missing"),
        (LOGINS + "  - login: mia\n    password: {env: M}\n", "used twice"),
        ("version: 2\nlogins: []\n", "not a version"),
    ],
)
def test_a_file_of_logins_that_cannot_be_used(tmp_path, text, message):
    path = tmp_path / "logins.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_logins(path, {})


@pytest.mark.parametrize(
    ("login", "message"), [("mio", "Nobody here is called “mio”"), ("Mia", "Nobody logs in as “Mia”")]
)
def test_a_login_that_nobody_has(ask, login, message):
    with served(gnu()) as site:
        done, _ = ask(site, logins=f"version: 1\nlogins:\n  - login: {login}\n    password: {{env: MIA}}\n")
    assert isinstance(done.exception, ConfigError)
    assert message in done.exception.message
    assert "mio" not in site.bodies[-1]


def test_passwords_that_are_not_there(ask):
    with served(gnu()) as site:
        done, _ = ask(site, passwords={"JUNO": ""}.items())
    assert isinstance(done.exception, ConfigError)
    assert "JUNO" in done.exception.message


@pytest.mark.parametrize("platform", ["salesforce", "hubspot"])
def test_crms_that_cannot_be_probed(ask, platform, monkeypatch, tmp_path):
    for name, value in {
        "SF_INSTANCE_URL": "https://acme.my.salesforce.com",
        "SF_ACCESS_TOKEN": "x",
        "HUBSPOT_ACCESS_TOKEN": "x",
        "MIA": PASSWORD,
    }.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "logins.yaml"
    path.write_text("version: 1\nlogins:\n  - login: mia\n    password: {env: MIA}\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["probe", platform, "--logins", str(path)])
    assert isinstance(done.exception, ConfigError)
    assert "cannot be probed" in done.exception.message
