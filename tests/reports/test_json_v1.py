"""The JSON contract."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import audits
import pytest
from jsonschema import Draft202012Validator

from auditor.access import Word
from auditor.errors import AuditorError
from auditor.planes import Verb
from reports import json_v1

ALL = [audits.clinic, audits.clean, audits.unreadable, audits.hostile]


@pytest.mark.parametrize("make", ALL)
def test_documents_keep_the_contract(make):
    json_v1.check(json_v1.document((make(),)))


def test_the_schema_is_a_schema_and_strict_throughout():
    schema = json_v1.schema()
    Draft202012Validator.check_schema(schema)

    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    for node in objects(schema):
        assert node["additionalProperties"] is False
        if "feature_licence" not in node["properties"]:
            assert set(node["required"]) == set(node["properties"])


def test_a_document_that_breaks_the_contract_is_not_written():
    made = json_v1.document((audits.clinic(),))
    broken = copy.deepcopy(made)
    broken["systems"][0]["secret"] = 1
    stream = io.StringIO()
    with pytest.raises(AuditorError, match="would not keep its own format"):
        json_v1.write(broken, stream)
    assert not stream.getvalue()


@pytest.mark.parametrize("make", ALL)
def test_what_is_written_is_what_was_made_in_plain_ascii(make):
    made = json_v1.document((make(),))
    stream = io.StringIO()
    json_v1.write(made, stream)
    text = stream.getvalue()
    assert json.loads(text) == made
    assert text.isascii()
    assert all(c == "\n" or c.isprintable() for c in text)
    assert not set("<>&") & set(text)


def test_access_says_what_the_core_says():
    made = audits.clinic()
    system = json_v1.document((made,))["systems"][0]
    said = {}
    for group in system["access"]:
        for person in group["people"]:
            for opening in group["opens"]:
                for field in opening["fields"]:
                    said[person, field] = opening
    access = made.view.access
    for person in access.grants.people:
        for column in access.grants.fields:
            word = access.word(person.id, column.name)
            if word is Word.NO:
                assert (person.id, column.name) not in said
            else:
                opening = said[person.id, column.name]
                assert opening["read"] == word.value
                assert opening["edit"] == access.word(person.id, column.name, Verb.EDIT).value
                assert opening["paths"]
                assert opening["doubt"] == ""
    muted = said["005000000000001AAA", "Contact.Medication__c"]
    assert muted["mutes"] == [{"grantor": "0PS000000000002", "muted_by": ["0PS000000000006"]}]


def test_doubts_are_told_apart():
    system = json_v1.document((audits.unreadable(),))["systems"][0]
    assert {o["doubt"] for g in system["access"] for o in g["opens"]} == {
        "FieldPermissions could not be read."
    }
    assert all(not o["paths"] and not o["how"] for g in system["access"] for o in g["opens"])


def test_findings_keep_id_and_digest():
    made = audits.clinic()
    system = json_v1.document((made,))["systems"][0]
    assert [(f["id"], f["digest"]) for f in system["findings"]] == [(f.id, f.digest) for f in made.findings]
    assert system["marketing"] == sorted(system["marketing"])
    assert system["retention_not_counted"] == ["contacts"]


def test_answers_rename_and_compute_nothing():
    made = json_v1.document((audits.clinic(),))
    answers = json_v1.answers(made, {"feature_licence": True, "department": "marketing"})
    assert answers["classifier"] == {"feature_licence": True, "department": "marketing"}
    assert answers["marketing"] == [f"00500000000000{n}AAA" for n in (1, 2, 7, 8)]
    assert answers["retention"][1] == {
        "object": "Task",
        "date_field": "ActivityDate",
        "cutoff": "2020-11-24T00:00:00Z",
        "null_dates": "CreatedDate",
        "live": 1,
        "archived": 2,
        "recycle_bin": 0,
        "total": 3,
        "oldest": "2019-03-01",
        "newest": "2020-11-23",
        "complete": False,
    }
    assert answers["retention"][0]["null_dates"] == "skip"
    assert "classifier" not in json_v1.answers(made)


def test_a_decided_classifier_is_part_of_the_document():
    classifier = {"feature_licence": True, "title": "campaign"}
    made = json_v1.document((audits.judged(replace(audits.view(), classifier=classifier)),))
    json_v1.check(made)
    assert json_v1.answers(made)["classifier"] == classifier


def test_answers_want_one_system():
    both = json_v1.document((audits.judged(audits.view(), "east"), audits.judged(audits.view(), "west")))
    with pytest.raises(ValueError, match="east, west"):
        json_v1.answers(both)
    assert json_v1.answers(both, target="west")["marketing"]


def test_moments_are_utc_to_the_second():
    made = json_v1.document((audits.clinic(),))
    assert made["systems"][0]["judged_as_of"] == "2026-11-24T03:00:00Z"
    assert datetime.fromisoformat(made["systems"][0]["collected_at"]) == datetime(
        2026, 11, 24, 2, 30, tzinfo=UTC
    )
