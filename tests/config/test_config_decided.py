"""Tags, classifier and cut-offs decided beforehand, from a JSON file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import ConfigError
from auditor.people import Kind, Person, Sign, classify
from auditor.retention import RetentionPolicy
from crm_audit import config

WHOLE = {
    "format": "salesforce-truth/1",
    "name": "everything",
    "about": "A truth file.",
    "expect": [{"user": "005", "field": "Contact.Diagnosis__c"}],
    "marketing": ["005"],
    "phi": {"Contact.Diagnosis__c": "diagnosis", "Lead.Reason__c": "any word at all"},
    "classifier": {"feature_licence": True, "profile": "^marketing", "role": "campaign"},
    "retention": [
        {
            "object": "Task",
            "date_field": "ActivityDate",
            "cutoff": "2020-11-24T00:00:00Z",
            "null_dates": "skip",
            "live": 1,
        },
        {
            "object": "Lead",
            "date_field": "LastActivityDate",
            "cutoff": "2020-11-24",
            "null_dates": "CreatedDate",
        },
        {
            "object": "Visit__c",
            "date_field": "Day__c",
            "cutoff": "2020-11-24T10:15:00+02:00",
            "null_dates": "skip",
        },
    ],
}


def decided(tmp_path: Path, content: object) -> config.Decided:
    path = tmp_path / "tags.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return config.load_decided(path)


def test_a_whole_truth_file(tmp_path):
    found = decided(tmp_path, WHOLE)
    assert found.phi == WHOLE["phi"]
    assert found.classifier == WHOLE["classifier"]
    assert [a.name for a in found.audiences] == ["marketing", "guest", "external"]
    assert found.audiences[0].marketing
    assert found.audiences[0].signs == (
        Sign("marketing_flag"),
        Sign("profile", "^marketing"),
        Sign("role", "campaign"),
    )
    midnight = dt.datetime(2020, 11, 24, tzinfo=dt.UTC)
    words = {"source": "tags.json", "why": "The cut-off was given with the tags."}
    assert found.retention == (
        RetentionPolicy("task-activitydate-2020-11-24", "Task", "ActivityDate", cutoff=midnight, **words),
        RetentionPolicy(
            "lead-lastactivitydate-2020-11-24",
            "Lead",
            "LastActivityDate",
            "",
            midnight,
            "CreatedDate",
            **words,
        ),
        RetentionPolicy(
            "visit__c-day__c-2020-11-24t081500",
            "Visit__c",
            "Day__c",
            cutoff=midnight.replace(hour=8, minute=15),
            **words,
        ),
    )


def test_what_is_not_said_is_not_decided(tmp_path):
    found = decided(tmp_path, {"phi": {}, "classifier": None, "retention": None})
    assert found == config.Decided({}, None, None, ())


def test_marketing_is_exactly_whom_the_classifier_finds(tmp_path):
    people = [
        Person("1", "", profile="Marketing User", active=False),
        Person("2", "", kind=Kind.GUEST, profile="Marketing Site"),
        Person("3", "", kind=Kind.GUEST, profile="Site"),
        Person("4", "", kind=Kind.EXTERNAL, marketing_flag=True),
        Person("5", "", profile="Standard"),
        Person("6", "", department="Marketing"),
    ]
    found = classify(people, decided(tmp_path, WHOLE).audiences)
    assert found.members("marketing") == ("1", "2", "4")
    assert found.marketing == ("1", "2", "4")
    assert found.members("guest") == ("3",)
    assert found.members("unclassified") == ("5", "6")


def test_a_classifier_without_signs_finds_nobody(tmp_path):
    found = decided(tmp_path, {"phi": {}, "classifier": {"feature_licence": False}})
    assert found.audiences[0].signs == ()


RULE = WHOLE["retention"][0]
BAD = [
    ('{"phi": {},}', "tags.json:1:12: This is not valid JSON", "commas"),
    ('{"phi": {}\n "x": 1}', "tags.json:2:2: This is not valid JSON", "commas"),
    ('{"phi": {}, "phi": {}}', "The key “phi” is given twice", "Remove"),
    ("[" * 100_000, "not JSON that can be read", "the file you meant"),
    ('{"phi": ' + "1" * 5000 + "}", "not JSON that can be read", "the file you meant"),
    ([], "The file must be a mapping", "key: value"),
    ({"classifier": {}}, "“phi” is missing", "Contact.MRN__c"),
    ({"phi": {}, "classifiers": {}}, "Unknown key “classifiers”", "Did you mean “classifier”?"),
    ({"PHI": {}}, "Unknown key “PHI”", "Did you mean “phi”?"),
    ({"phi": []}, "“phi” must be a mapping", "key: value"),
    ({"phi": {"Diagnosis__c": "x"}}, "“phi.Diagnosis__c”: This is not a field", "Object.Field"),
    ({"phi": {"Contact.X": 1}}, "“phi.Contact.X” must be text", "quotes"),
    ({"phi": {"Contact.X": " "}}, "“phi.Contact.X” is empty", "value"),
    ({"phi": {}, "classifier": "x"}, "“classifier” must be a mapping", "key: value"),
    ({"phi": {}, "classifier": {"profil": "x"}}, "Unknown key “profil”", "Did you mean “profile”?"),
    ({"phi": {}, "classifier": {"feature_license": True}}, "Unknown key", "Did you mean “feature_licence”?"),
    ({"phi": {}, "classifier": {"feature_licence": 1}}, "must be true or false", ""),
    ({"phi": {}, "classifier": {"title": 1}}, "“classifier.title” must be text", "quotes"),
    (
        {"phi": {}, "classifier": {"title": "("}},
        "“classifier.title”: This is not a regular expression",
        "quotes",
    ),
    ({"phi": {}, "retention": {}}, "“retention” must be a list", "["),
    ({"phi": {}, "retention": [1]}, "“retention[0]” must be a mapping", "key: value"),
    ({"phi": {}, "retention": [{"object": "Task"}]}, "“cutoff” is missing in retention[0]", "The moment"),
    ({"phi": {}, "retention": [{**RULE, "object": 5}]}, "“retention[0].object” must be text", "quotes"),
    ({"phi": {}, "retention": [{**RULE, "date_field": "a b"}]}, "“retention[0].date_field”", "API name"),
    ({"phi": {}, "retention": [{**RULE, "null_dates": None}]}, "“retention[0].null_dates”", "quotes"),
    (
        {"phi": {}, "retention": [{**RULE, "cutoff": "soon"}]},
        "“retention[0].cutoff”: This is not a date and time",
        "2020-11-24T00:00:00Z",
    ),
    (
        {"phi": {}, "retention": [{**RULE, "cutoff": "2020-11-24T00:00:00"}]},
        "time zone",
        "2020-11-24T00:00:00Z",
    ),
    ({"phi": {}, "retention": [{**RULE, "cutoff": "0001-01-01T00:00:00+09:00"}]}, "not a date and time", "Z"),
    ({"phi": {}, "retention": [RULE, RULE]}, "“retention[1]” repeats an earlier entry", "Remove"),
    ({"phi": {}, "retention": [RULE, {**RULE, "null_dates": "X"}]}, "repeats an earlier entry", "Remove"),
]


@pytest.mark.parametrize(("content", "sentence", "hint"), BAD)
def test_bad_files(tmp_path, content, sentence, hint):
    with pytest.raises(ConfigError) as caught:
        decided(tmp_path, content)
    assert str(tmp_path / "tags.json") in caught.value.message
    assert sentence in caught.value.message
    assert hint in caught.value.hint


def test_blanks_in_a_pattern_count(tmp_path):
    found = decided(tmp_path, {"phi": {}, "classifier": {"title": "^vp ", "role": None}})
    assert found.audiences[0].signs == (Sign("title", "^vp "),)
    assert found.classifier == {"title": "^vp "}


def test_everything_wrong_is_said_at_once(tmp_path):
    with pytest.raises(ConfigError) as caught:
        decided(tmp_path, {"phi": {"X": "y"}, "classifier": {"title": "("}, "retention": [{"object": 5}]})
    said = f"{caught.value.message}\n{caught.value.hint}"
    assert all(key in said for key in ("phi.X", "classifier.title", "retention[0].object", "date_field"))


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load_decided(tmp_path / "gone.json")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
keys = st.sampled_from(
    ["phi", "classifier", "retention", "object", "date_field", "cutoff", "title", "Contact.X"]
)
trees = st.recursive(
    scalars, lambda t: st.lists(t, max_size=3) | st.dictionaries(keys | st.text(max_size=5), t, max_size=5)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | trees | st.dictionaries(keys, trees).map(lambda d: {"phi": {}, **d}))
def test_anything_is_read_or_refused(tmp_path, content):
    path = tmp_path / "any.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        config.load_decided(path)
    except ConfigError as error:
        error.message.encode()
