"""Alerts against a server on this machine: who hears of what, what a message holds, and what a failure changes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from structlog.testing import capture_logs

from crm_audit import alerts
from crm_audit.alerts import Alerts, Message
from crm_audit.config import Alert
from crm_audit.runs.chain import Told
from crm_audit.secrets import Secret
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.program.nights import asked, configure, events, night
from tests.program.planted_org import DRUG, REASON, SET, USER, planted
from tests.reports.audits import HOSTILE

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's
BLIND = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"\bSessionPermSetActivation\b"))


@pytest.fixture
def logged():
    """What is logged, as one text."""
    with capture_logs() as entries:
        yield lambda: json.dumps(entries, ensure_ascii=False)


@contextmanager
def mailbox(status=200, headers=()):
    """A service on this machine; yields its Apprise address and the messages it got."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the names that http.server calls

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"json://user:hush-hush@127.0.0.1:{server.server_port}/path", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def innocent():
    """The planted org in which the guest reads nothing."""
    org = planted()
    tables = org["tables"]
    tables["FieldPermissions"] = [row for row in tables["FieldPermissions"] if row["Field"] != REASON]
    return org


def one_field_more():
    """The planted org with the medication opened to the profile of marketing as well."""
    org = planted()
    row = {"ParentId": SET["marketing"], "SobjectType": "Contact", "Field": DRUG, "PermissionsRead": True}
    org["tables"]["FieldPermissions"].append(row)
    return org


def one_person_more():
    """The planted org with one more person in the profile of marketing."""
    org = planted()
    flyer, *_ = [row for row in org["tables"]["User"] if row["Id"] == USER["flyer"]]
    more = {"Id": "005x0000000000ZAAA", "Username": "late@clinic.example", "Name": "Latecomer"}
    org["tables"]["User"].append({**flyer, **more})
    login = {"Id": "0Ywx0000000000ZAAA", "UserId": more["Id"], "IsFrozen": False}
    org["tables"]["UserLogin"].append(login)
    return org


def told(monkeypatch, folder, org, number, url, *, faults=None, **alert):
    """One night of an org with one alert."""
    (folder / "alert.url").write_text(url, encoding="utf-8")
    (folder / "alert.url").chmod(0o600)
    with running(org, faults=faults) as served:
        configure(folder, served, alerts=[{"url_from": {"file": "alert.url"}, **alert}])
        return night(monkeypatch, folder, served, number), served


def test_only_new_exposure_is_told(tmp_path, monkeypatch):
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, innocent(), 0, url)
        assert len(got) == 1
        assert "This is its first run." in got[0]["message"]
        told(monkeypatch, tmp_path, innocent(), 1, url)
        assert len(got) == 1
        told(monkeypatch, tmp_path, planted(), 2, url)
        assert len(got) == 2
        told(monkeypatch, tmp_path, planted(), 3, url)
        told(monkeypatch, tmp_path, innocent(), 4, url)
        assert len(got) == 2
        told(monkeypatch, tmp_path, planted(), 5, url)
        assert len(got) == 3
    assert got[1]["title"] == got[2]["title"] == "crm-audit: new exposure in clinic"
    lines = got[1]["message"].splitlines()
    count = int(re.fullmatch(r"clinic: (\d+) findings? not in the run before\.", lines[0])[1])
    assert sum(int(line.rpartition(", ")[2]) for line in lines[1:-1]) == count
    assert "  Critical: guest-reads-phi, 1" in lines
    assert lines[-1] == "Run 20261126T023000Z, exit code 14."
    assert f"not in the run before, {count} of them seen before." in got[2]["message"]


@pytest.mark.parametrize("grown", [one_field_more, one_person_more])
def test_a_finding_that_grows_is_told_once_and_without_what_it_grew_by(grown, tmp_path, monkeypatch):
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, planted(), 0, url)
        ran, _ = told(monkeypatch, tmp_path, grown(), 1, url)
        assert ran.code == 14
        assert [m["title"] for m in got[1:]] == ["crm-audit: new exposure in clinic"]
        told(monkeypatch, tmp_path, grown(), 2, url)
        assert len(got) == 2
    before, after = (
        {(f["rule"], f["root"]["id"]): f for f in found(tmp_path, f"2026112{night}T023000Z")}
        for night in (4, 5)
    )
    widened = {key for key, f in after.items() if key in before and f["digest"] != before[key]["digest"]}
    assert ("marketing-reads-clinical", SET["marketing"]) in widened
    lines = got[1]["message"].splitlines()
    at = next(n for n, line in enumerate(lines) if " wider than in the run before: more people, " in line)
    assert "  High: marketing-reads-clinical, 1" in lines[at:]
    assert re.match(rf"clinic: {len(widened)} findings? wider", lines[at])
    for word in ("Latecomer", "005x", "Drug", "Diagnosis", "Contact", SET["marketing"]):
        assert word not in json.dumps(got)


def found(folder, run):
    """The findings of one kept run."""
    [system] = json.loads((folder / "runs" / run / "audit.json").read_text(encoding="utf-8"))["systems"]
    return system["findings"]


def test_a_message_holds_no_person_and_no_field(tmp_path, monkeypatch):
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, planted(), 0, url)
    text = json.dumps(got)
    users = planted()["tables"]["User"]
    labels = [user[key] for user in users for key in ("Id", "Username")] + ["Diagnosis", "Drug__c", "Contact"]
    assert not [label for label in labels if label in text]


def test_an_internal_message_says_what_was_found(tmp_path, monkeypatch):
    with mailbox() as (url, got):
        ran, _ = told(monkeypatch, tmp_path, planted(), 0, url, detail="internal")
    report = json.loads((tmp_path / "runs" / "20261124T023000Z" / "audit.json").read_text(encoding="utf-8"))
    found = [f["message"] for f in report["systems"][0]["findings"] if f["state"] == "gap_observed"]
    assert ran.code == 14
    assert found[0][:200] in got[0]["message"]


def test_a_run_that_became_incomplete_is_told_once(tmp_path, monkeypatch):
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, planted(), 0, url)
        told(monkeypatch, tmp_path, planted(), 1, url, faults=BLIND)
        told(monkeypatch, tmp_path, planted(), 2, url, faults=BLIND)
    assert [m["title"] for m in got[1:]] == ["crm-audit: clinic could not be read completely"]
    assert "something needed could not be read any more (1 reading)" in got[1]["message"]


def test_an_attempt_without_a_run_is_told_once(tmp_path, monkeypatch):
    faults = Faults.of(Fault(Kind.SERVER_ERROR, times=None))
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, planted(), 0, url)
        for number in (1, 2):
            ran, _ = told(monkeypatch, tmp_path, planted(), number, url, faults=faults)
            assert ran.code == 3
        told(monkeypatch, tmp_path, planted(), 3, url)
        told(monkeypatch, tmp_path, planted(), 4, url, faults=faults)
    assert [m["title"] for m in got[1:]] == ["crm-audit: clinic: no run"] * 2
    assert "exit code 3" in got[1]["message"]
    assert events(tmp_path / "runs").count("failed") == 3


def test_a_failing_service_changes_nothing_and_is_told_the_next_night(tmp_path, monkeypatch):
    with mailbox() as (url, got):
        told(monkeypatch, tmp_path, innocent(), 0, url)
        with mailbox(status=500) as (broken, _):
            ran, served = told(monkeypatch, tmp_path, planted(), 1, broken)
        assert ran.code == 14
        assert "alert not sent" in ran.err
        assert "hush-hush" not in ran.err
        assert (tmp_path / "runs" / "20261125T023000Z" / "audit.xlsx").is_file()
        status = asked(monkeypatch, tmp_path, served, 1.1, "status", "--config", "audit.yaml", "-q")
        assert status.code == 7
        assert status.out == "The alert of 20261125T023000Z could not be sent; the next run tries again.\n"
        assert len(got) == 1
        told(monkeypatch, tmp_path, planted(), 2, url)
        assert "guest-reads-phi, 1" in got[1]["message"]
    assert asked(monkeypatch, tmp_path, served, 2.1, "verify", "runs").code == 0


def test_a_redirect_is_not_followed(tmp_path, monkeypatch):
    with (
        mailbox() as (elsewhere, got),
        mailbox(307, [("Location", elsewhere.replace("json", "http"))]) as (url, first),
    ):
        ran, _ = told(monkeypatch, tmp_path, planted(), 0, url)
    assert (len(first), got) == (1, [])
    assert ran.code == 14
    assert "alert not sent" in ran.err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "is empty or not set"),
        ("hush://hush-hush@x", "is not one that Apprise knows"),
        ("jsons://hush-hush@127.0.0.1/?verify=no", "switches the check of certificates off"),
    ],
)
def test_a_bad_address_is_said_every_night_without_repeating_it(url, sentence, logged):
    alert = Alert(Secret.from_environment("ALERT", {"ALERT": url}), "alerts[0]")
    assert Alerts([alert]).tell(None) is Told.FAILED
    assert sentence in logged()
    assert "hush" not in logged()


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch, logged):
    monkeypatch.setitem(sys.modules, "apprise", None)
    alert = Alert(Secret.from_environment("ALERT", {"ALERT": "json://127.0.0.1"}), "alerts[0]")
    assert Alerts([alert]).tell(Message("t", ("x",))) is Told.FAILED
    assert "pip install 'crm-audit[alerts]'" in logged()


def test_labels_cannot_forge_a_line():
    body = Message("t", ("clinic: 1 finding",), HOSTILE).body(internal=True)
    assert len(body.splitlines()) == 1 + len(HOSTILE)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", body)
    assert Message("t", ("x",), HOSTILE).body(internal=False) == "x"


def test_a_plugin_that_breaks_is_a_warning(monkeypatch, logged):
    class Service:
        def notify(self, *_, **__):
            raise RuntimeError("hush-hush")

    monkeypatch.setattr(alerts, "service_of", lambda _: Service())
    alert = Alert(Secret.from_environment("ALERT", {}), "alerts[0]")
    assert Alerts([alert]).tell(Message("t", ("x",))) is Told.FAILED
    assert "RuntimeError" in logged()
    assert "hush" not in logged()


def test_apprise_is_not_loaded_unless_somebody_is_to_be_told():
    code = "import sys, crm_audit.runs.night as n; n.Alerts(()).tell(None); print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_alerts_need_runs(tmp_path, monkeypatch):
    (tmp_path / "bare.yaml").write_text("version: 1\nalerts:\n  - url_from: {env: X}\n", encoding="utf-8")
    with running(planted()) as served:
        ran = asked(monkeypatch, tmp_path, served, 0, "run", "--config", "bare.yaml")
    assert ran.code == 2
    assert "“alerts” need “runs”" in ran.err
