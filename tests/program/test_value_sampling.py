"""Sampling as a whole: nothing is read unless a target asks for it, and no value is in anything that is left behind."""

from __future__ import annotations

import importlib.util
import json
import re
import zipfile

import pyarrow.parquet as pq
import pytest

from sandbox.hubspot.running import running as portal_running
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.connectors.connector_orgs import small_org
from tests.connectors.served_portals import SECRET, TestClock, portal
from tests.program.programs import crm_audit, door, inside
from tests.program.test_canary import plain

pytest.importorskip("presidio_analyzer", reason="needs the extra “values”")

CANARIES = (b"V97.3CN", b"536-90-43", b"canary-sampled")
"""What every value below has: it has the form of a diagnosis, a social security number and an e-mail address."""

SAMPLES = r"SELECT (?!COUNT|Id\b).*__c.* FROM Contact LIMIT"


def org(**changes):
    """A clinic that keeps diagnoses, numbers and addresses in fields whose names do not tell."""
    made = small_org(**changes)
    made["objects"]["Contact"]["fields"] += [
        {"name": f"Custom_{n}__c", "label": f"Custom {n}", "length": 80} for n in (1, 2, 3, 4)
    ]
    made["tables"]["Contact"] = [
        {
            "Id": f"003x000000000{n:02}AAA",
            "LastName": f"canary-sampled {n}",
            "Diagnosis__c": "V97.3CN: canary-sampled",
            "Custom_1__c": f"V97.3CN{n % 10}",
            "Custom_2__c": f"536-90-43{n:02}",
            "Custom_3__c": f"canary-sampled-{n}@clinic.example",
            "Custom_4__c": f"V97.3CN{n % 10}" if n < 15 else "",
        }
        for n in range(10, 50)
    ]
    return made


def configure(folder, served, **target):
    told = {
        "version": 1,
        "targets": [
            {
                "name": "clinic",
                "platform": "salesforce",
                "instance_url": served.url,
                "auth": {"session": {"access_token": {"env": "SF_ACCESS_TOKEN"}}},
                **target,
            }
        ],
        "strict_credential": False,
    }
    (folder / "audit.yaml").write_text(json.dumps(told), encoding="utf-8")


def run(folder, served, *words, **environ):
    (folder / "tmp").mkdir(exist_ok=True)
    told = ("-c", "audit.yaml")
    if words[0] != "check":
        told = (*told, "--as-of", "2026-11-24T06:00:00Z", "--log-json")
    return crm_audit(folder, *words, *told, **door(served), TMPDIR=str(folder / "tmp"), **environ)


SAMPLED = {"sampling": {"objects": ["Contact"], "rows": 40}}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The clinic, audited and collected with sampling on."""
    folder = tmp_path_factory.mktemp("sampled")
    with running(org()) as served:
        configure(folder, served, **SAMPLED)
        ran = run(folder, served, "run", "--out", "out", "--answers", "answers.json")
        kept = run(folder, served, "collect", "kept")
        assert served.writes() == []
        asked = [soql for soql in served.log.queries() if re.match(SAMPLES, soql)]
    assert ran.code in range(11, 25), ran.err
    assert kept.code in {0, 4}, kept.err
    return folder, ran, kept, asked


def test_each_run_asks_once_for_the_undecided_short_texts(audited):
    _, _, _, asked = audited
    fields = ", ".join(f"Custom_{n}__c" for n in (1, 2, 3, 4))
    assert asked == [f"SELECT {fields} FROM Contact LIMIT 40"] * 2


def test_fields_are_tagged_by_what_their_values_are(audited):
    [system] = audited[1].document()["systems"]
    tags = {tag["field"]: (tag["phi_class"], *tag["reasons"]) for tag in system["tags"]}
    said = "40 of 40 sampled values have the form of"
    assert {name: tag for name, tag in tags.items() if "Custom" in name} == {
        "Contact.Custom_1__c": ("diagnosis_condition", f"{said} an ICD-10 code."),
        "Contact.Custom_2__c": ("ssn_national_id", f"{said} a social security number."),
        "Contact.Custom_3__c": ("email", f"{said} an e-mail address."),
    }  # and five values are too few to speak of the fourth


def test_a_kept_snapshot_tells_the_same_without_any_login(audited):
    folder, ran, _, _ = audited
    words = ("analyze", "kept", "-c", "audit.yaml", "--as-of", "2026-11-24T06:00:00Z", "--out", "again")
    again = inside(folder, *words, SF_ACCESS_TOKEN="none")
    assert again.code == ran.code, again.err
    [first], [second] = (
        json.loads((folder / name / "audit.json").read_text("utf-8"))["systems"] for name in ("out", "again")
    )
    assert second["tags"] == first["tags"]


def test_every_read_is_on_record(audited):
    _, ran, _, _ = audited
    lines = [json.loads(line) for line in ran.err.splitlines() if "values sampled" in line]
    [line] = lines
    assert (line["object"], line["asked"], line["rows"]) == ("Contact", 40, 40)
    assert line["fields"] == "Custom_1__c, Custom_2__c, Custom_3__c, Custom_4__c"
    assert line["timestamp"]
    [system] = ran.document()["systems"]
    [reading] = [one for one in system["readings"] if one["name"] == "samples:Contact"]
    assert reading["complete"]
    assert reading["note"].startswith("Values of Custom_1__c, Custom_2__c")


def leaks(folder, *texts):
    """Where a canary is: files of every kind, and texts."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += plain(pq.read_table(path))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        found += [(path.name, canary) for canary in CANARIES if canary in content]
    return found + [canary for canary in CANARIES for text in texts if canary.decode() in text]


def test_no_value_is_left_behind(audited):
    folder, ran, kept, _ = audited
    assert len([path for path in folder.rglob("*") if path.is_file()]) > 20
    assert leaks(folder, ran.out, ran.err, kept.out, kept.err) == []


def test_a_canary_would_be_found(tmp_path):
    (tmp_path / "leak.json").write_text("canary-sampled", encoding="utf-8")
    assert leaks(tmp_path, "V97.3CN1") == [("leak.json", b"canary-sampled"), b"V97.3CN"]


@pytest.mark.parametrize("words", [("run", "--out", "out"), ("collect", "kept"), ("check",)])
def test_without_a_word_nothing_is_read(tmp_path, words):
    with running(org()) as served:
        configure(tmp_path, served)
        ran = run(tmp_path, served, *words)
        assert [soql for soql in served.log.queries() if re.match(SAMPLES, soql)] == []
    assert ran.code in {0, 4, *range(11, 25)}, ran.err
    assert "sampl" not in ran.out + ran.err


def test_a_check_tells_what_sampling_needs_and_reads_nothing(tmp_path):
    hidden = {"running_user": {"hidden_fields": ["Contact.Custom_2__c"]}}
    with running(org(**hidden)) as served:
        configure(tmp_path, served, **SAMPLED)
        ran = run(tmp_path, served, "check", COLUMNS="200")
        assert [soql for soql in served.log.queries() if re.match(SAMPLES, soql)] == []
    assert ran.code == 4
    assert "Read on Contact and on 4 fields of it" in ran.out
    assert "Contact: Custom_2__c not shown to this credential." in ran.out


def test_decided_tags_leave_nothing_to_sample(tmp_path):
    (tmp_path / "tags.json").write_text(
        json.dumps({"phi": {"Contact.Diagnosis__c": "diagnosis"}}), encoding="utf-8"
    )
    with running(org()) as served:
        configure(tmp_path, served, **SAMPLED)
        ran = run(tmp_path, served, "run", "--out", "out", "--tags", "tags.json")
        assert [soql for soql in served.log.queries() if re.match(SAMPLES, soql)] == []
    assert ran.code in {0, 4, *range(11, 25)}, ran.err


def test_a_refused_sample_is_unknown(tmp_path):
    faults = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=SAMPLES))
    with running(org(), faults=faults) as served:
        configure(tmp_path, served, **SAMPLED)
        ran = run(tmp_path, served, "run", "--out", "out")
    assert ran.code in {4, 21, 22, 23, 24}
    [system] = ran.document()["systems"]
    [missing] = [one for one in system["unread"] if one["name"] == "samples:Contact"]
    assert missing["remedy"].startswith("Give the auditing user Read on the object")


def fails(values):
    raise ValueError(f"cannot make anything of {[*values]}")


@pytest.mark.parametrize(
    "place", ["mappings.values.recognisers.count", "connectors.salesforce.samples.counted"]
)
def test_an_exception_that_quotes_values_shows_none(tmp_path, monkeypatch, place):
    """A recogniser that fails leaves an unread sample; a defect of ours ends the run in one line."""
    monkeypatch.setattr(place, lambda *args, **_: fails(str(args)))
    with running(org()) as served:
        configure(tmp_path, served, **SAMPLED)
        words = ("run", "-c", "audit.yaml", "--as-of", "2026-11-24T06:00:00Z", "--out", "out")
        ran = inside(tmp_path, *words, **door(served), CRM_AUDIT_TRACEBACK="1")
    assert ran.code in {1, 4, 21, 22, 23, 24}
    assert (ran.code == 1) is place.startswith("connectors")
    assert leaks(tmp_path, ran.out, ran.err) == []


def test_without_the_libraries_it_is_one_clear_sentence(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "mappings.values.forms.find_spec", lambda name: None if name == "stdnum" else found(name)
    )
    with running(org()) as served:
        configure(tmp_path, served, **SAMPLED)
        ran = inside(tmp_path, "run", "-c", "audit.yaml", "--out", "out", **door(served))
        assert served.log == []
    assert ran.code == 2
    assert "clinic asks for a sample of values, which takes what is not installed: stdnum." in ran.err
    assert "Install crm-audit[values], or take “sampling” out of the target." in ran.err


def test_a_portal_is_sampled_and_no_value_is_left_behind(tmp_path):
    document = portal()
    document["properties"]["contacts"] += [
        {"name": f"custom_{n}", "label": f"Custom {n}", "type": "string", "fieldType": "text"} for n in (1, 2)
    ]
    document["records"] = {
        "contacts": [
            {"id": str(n), "properties": {"custom_1": f"V97.3CN{n % 10}", "custom_2": f"536-90-43{n}"}}
            for n in range(10, 50)
        ]
    }
    turned = TestClock()
    with portal_running(document, clock=turned.now) as served:
        told = {
            "version": 1,
            "targets": [
                {
                    "name": "portal",
                    "platform": "hubspot",
                    "base_url": served.url,
                    "auth": {"token": {"env": "HUBSPOT_TOKEN"}},
                    "sampling": {"objects": ["contacts"], "rows": 30},
                }
            ],
            "strict_credential": False,
        }
        (tmp_path / "audit.yaml").write_text(json.dumps(told), encoding="utf-8")
        words = ("run", "-c", "audit.yaml", "--as-of", "2026-11-24T09:00:00Z", "--out", "out", "--log-json")
        ran = inside(tmp_path, *words, clock=turned.clock(), HUBSPOT_TOKEN=SECRET)
        assert served.writes() == []
    assert ran.code in range(11, 25), ran.err
    assert "30 of 30 sampled values have the form of an ICD-10 code." in json.dumps(ran.document())
    assert leaks(tmp_path, ran.out, ran.err) == []
