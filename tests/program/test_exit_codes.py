"""Every documented exit code, from a run that deserves it, and errors a person can act on."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.salesforce import Fault, Faults, Kind, running
from tests.program.planted_org import (
    DIAGNOSIS,
    NOW,
    TAGS,
    USER,
    WRITERS,
    audited_inside,
    inside,
    planted,
    write_tags,
)
from tests.program.programs import crm_audit, door

BLIND = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"\bSessionPermSetActivation\b"))
"""One table the verdicts need is refused, for ever."""
OLD = {"object": "Visit__c", "date_field": "CreatedDate", "cutoff": "2020-01-01", "null_dates": "skip"}
CLEAN = {"phi": {"Visit__c.Reason__c": "diagnosis"}, "classifier": {"profile": "nobody"}, "retention": [OLD]}
MARKETING = {"phi": {DIAGNOSIS: "diagnosis"}, "classifier": {"profile": "^marketing"}}
OVERDUE = {**CLEAN, "retention": [OLD, *TAGS["retention"]]}


def innocent():
    """The planted org without anybody whose access could be a finding, and one field that is kept as it should be."""
    org = planted()
    field = {"name": "Reason__c", "securityClassification": "Restricted", "isFieldHistoryTracked": True}
    org["objects"]["Visit__c"] = {"fields": [field]}
    for name, key in (("User", "Id"), ("UserLogin", "UserId"), ("PermissionSetAssignment", "AssigneeId")):
        kept = {"005x00000000001AAA", "005x00000000006AAA"}
        org["tables"][name] = [row for row in org["tables"][name] if row[key] in kept]
    return org


@pytest.mark.parametrize(
    ("org", "tags", "faults", "code"),
    [
        (innocent(), CLEAN, None, 0),
        (innocent(), CLEAN, BLIND, 4),
        (innocent(), OVERDUE, None, 12),
        (innocent(), OVERDUE, BLIND, 22),
        (planted(), MARKETING, None, 13),
        (planted(), MARKETING, BLIND, 23),
        (planted(), TAGS, None, 14),
        (planted(), TAGS, BLIND, 24),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_what_was_found_decides_the_code(org, tags, faults, code, tmp_path):
    (tmp_path / "tags.json").write_text(json.dumps(tags), encoding="utf-8")
    words = ("run", "salesforce", "--tags", "tags.json", "--as-of", NOW, "--out", "out", "-q")
    with running(org, faults=faults) as served:
        ran = inside(tmp_path, served, *words)
        assert served.writes() == []
    assert ran.code == code, ran.err or [
        (f["rule"], f["severity"], f["message"]) for f in ran.document()["systems"][0]["findings"]
    ]
    assert ran.document()["exit_code"] == code


def refused(ran, code):
    assert ran.code == code, ran.err
    assert ran.err.startswith("error: "), ran.err
    assert "\nhint: " in ran.err, ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not ran.report.exists()


BAD_CONFIGS = {
    "not YAML": "targets: [",
    "unknown key": "version: 1\ntragets: []\n",
    "a secret in the file": "version: 1\ntargets:\n  - {name: a, platform: salesforce, access_token: abc}\n",
}


@pytest.mark.parametrize("text", BAD_CONFIGS.values(), ids=BAD_CONFIGS)
def test_a_bad_configuration_is_usage(text, tmp_path):
    (tmp_path / "audit.yaml").write_text(text, encoding="utf-8")
    refused(crm_audit(tmp_path, "run", "--config", "audit.yaml", "--out", "out"), 2)


BAD_TAGS = {
    "not JSON": "{",
    "no phi": "{}",
    "odd field": '{"phi": {"Diagnosis": "diagnosis"}}',
    "near miss": '{"phi": {"Contact.Diagnosis__c": "diagnosis"}, "classifiers": {}}',
    "odd pattern": '{"phi": {"Contact.Diagnosis__c": "diagnosis"}, "classifier": {"profile": "("}}',
}


@pytest.mark.parametrize("text", BAD_TAGS.values(), ids=BAD_TAGS)
def test_bad_tags_are_usage(text, tmp_path):
    (tmp_path / "tags.json").write_text(text, encoding="utf-8")
    environ = {"SF_INSTANCE_URL": "https://127.0.0.1:9", "SF_ACCESS_TOKEN": "x"}
    refused(crm_audit(tmp_path, "run", "salesforce", "--tags", "tags.json", "--out", "out", **environ), 2)


@pytest.mark.parametrize(
    "words",
    [("run", "hubspot"), ("run", "salesforce", "--as-of", "yesterday"), ("run", "salesforce")],
    ids=" ".join,
)
def test_a_bad_command_line_is_usage(words, tmp_path):
    refused(crm_audit(tmp_path, *words, "--out", "out"), 2)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SF_INSTANCE_URL": "https://127.0.0.1:9"}, 3),
        ({"SF_ACCESS_TOKEN": "00Dwrong!token"}, 3),
        ({"REQUESTS_CA_BUNDLE": "other"}, 3),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_org_that_cannot_be_read_is_three(changed, code, tmp_path):
    write_tags(tmp_path)
    with running(planted()) as served, running(planted()) as other:
        environ = {**door(served), **changed}
        if environ["REQUESTS_CA_BUNDLE"] == "other":
            environ["REQUESTS_CA_BUNDLE"] = other.ca_file
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.program.planted_org.door", lambda _: environ)
            ran = audited_inside(tmp_path, served)
        refused(ran, code)
        assert served.token not in ran.err
        assert environ["SF_ACCESS_TOKEN"] not in ran.err


@pytest.mark.parametrize(
    "surplus",
    [{"computed": False}, {"permissions": ["ApiEnabled", "ViewSetup", "ViewRoles", *WRITERS]}],
    ids=["reads PHI", "writes"],
)
def test_a_strong_credential_stops_before_anything_is_pulled(surplus, tmp_path):
    with running(planted(**surplus)) as served:
        refused(audited_inside(tmp_path, served, "--strict-credential"), 3)
        queries = served.log.queries()
    mine = f"AssigneeId = '{USER['auditor']}'"
    others = [query for query in queries if mine not in query]
    assert {re.search(r" FROM (\w+)", query)[1] for query in others} == {
        "Organization",
        "UserPermissionAccess",
        "EntityDefinition",
        "EntityParticle",
        "FieldDefinition",
    }


def test_a_modest_credential_passes_the_strict_mode(tmp_path):
    with running(planted()) as served:
        ran = audited_inside(tmp_path, served, "--strict-credential")
    assert ran.code == 14, ran.err
