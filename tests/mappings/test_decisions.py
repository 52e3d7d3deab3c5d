"""Mapping files: what they decide, and exactly where they are wrong."""

import os
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import ConfigError
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings.decisions import dead, given_tags, load_mapping, narrowest_entry, parse_mapping, shadowed
from mappings.taxonomy import load_taxonomy

GOOD = textwrap.dedent(
    """\
    version: 1
    tags:
      - match: {object: Contact, field: Diagnosis__c}
        tag: diagnosis_condition
        why: Collected on the intake form.
      - match: {object: "Contact", field: "*_Code__c"}
        tag: none
        why: Internal codes of the warehouse.
      - match: {label: "*befund*"}
        tag: lab_imaging
        why: German team.
      - match: {namespace: HealthCloudGA}
        tag: clinical
        why: All of the package.
    """
)


def facts(key: str, label: str = "") -> FieldFacts:
    object_name, name = key.split(".")
    return FieldFacts(object=object_name, name=name, label=label)


@pytest.mark.parametrize(
    ("key", "label", "expected", "line"),
    [
        ("Contact.Diagnosis__c", "", "diagnosis_condition", 3),
        ("contact.diagnosis__C", "", "diagnosis_condition", 3),
        ("Contact.Zip_Code__c", "", "none", 6),
        ("Lead.X__c", "Letzter Befund", "lab_imaging", 9),
        ("HealthCloudGA__CarePlan__c.Name", "", "clinical", 12),
        ("Contact.HealthCloudGA__Score__c", "", "clinical", 12),
    ],
)
def test_the_first_match_decides(key, label, expected, line):
    tag = parse_mapping(GOOD, "phi.yaml").decide(facts(key, label))
    assert tag is not None
    assert (tag.phi_class, tag.line, tag.file) == (expected, line, "phi.yaml")
    assert (tag.basis, tag.confidence, tag.field) == (Basis.MAPPING, Confidence.HIGH, key)


@pytest.mark.parametrize("key", ["Lead.Diagnosis__c", "Contact.Code__c", "Contact.Name"])
def test_what_no_entry_matches_is_undecided(key):
    assert parse_mapping(GOOD, "phi.yaml").decide(facts(key)) is None


def test_the_why_is_the_reason():
    tag = parse_mapping(GOOD, "phi.yaml").decide(facts("Contact.Diagnosis__c"))
    assert tag.reasons == ("Collected on the intake form.",)


def entry(match: str = "{object: A, field: b}", tag: str = "name", why: str = "Because.") -> str:
    return f"version: 1\ntags:\n  - match: {match}\n    tag: {tag}\n    why: {why}\n"


ERRORS = [
    ("", "m.yaml:1:1: The file is empty.", ""),
    ("# nothing\n", "m.yaml:1:1: The file is empty.", ""),
    ("- a\n", "m.yaml:1:1: Expected keys and values here.", ""),
    ("tags: []\n", 'm.yaml:1:1: The key "version" is missing.', ""),
    ("version: 1\n", 'm.yaml:1:1: The key "tags" is missing.', ""),
    (
        "version: 2\ntags: []\n",
        "m.yaml:1:10: Only version 1 of a mapping can be read.",
        "Write `version: 1`.",
    ),
    ('version: "1"\ntags: []\n', "m.yaml:1:10: Expected a whole number here.", ""),
    ("version: 1\ntags: x\n", "m.yaml:2:7: Expected a list here.", ""),
    (
        "version: 1\ntags: []\ntasg: []\n",
        'm.yaml:3:1: The key "tasg" is not known here.',
        'Did you mean "tags"?',
    ),
    (
        "version: 1\nversion: 1\ntags: []\n",
        'm.yaml:2:1: The key "version" is given twice; the first is on line 1.',
        "",
    ),
    (
        entry(match="{object: A, feild: b}"),
        'm.yaml:3:24: The key "feild" is not known here.',
        'Did you mean "field"?',
    ),
    (
        entry(match="{object: A, object: B}"),
        'm.yaml:3:24: The key "object" is given twice; the first is on line 3.',
        "",
    ),
    (
        entry(match="{}"),
        "m.yaml:3:12: This matches nothing in particular.",
        "Give one of: object, field, label, namespace.",
    ),
    (entry(match="{object: }"), "m.yaml:3:20: Expected a text here.", "Put quotes around a number"),
    (entry(match='{object: ""}'), "m.yaml:3:21: The text here is empty.", ""),
    (entry(match="{field: 12}"), "m.yaml:3:20: Expected a text here.", "Put quotes around a number"),
    (
        entry(tag="diagnosis_conditon"),
        'm.yaml:4:10: "diagnosis_conditon" is not a class of the taxonomy.',
        'Did you mean "diagnosis_condition"?',
    ),
    (
        entry(tag="diagnosis"),
        'm.yaml:4:10: "diagnosis" is not a class of the taxonomy.',
        'Did you mean "diagnosis_condition"?',
    ),
    (entry(tag="qqqq"), 'm.yaml:4:10: "qqqq" is not a class of the taxonomy.', "The classes are listed"),
    (entry(tag="~"), "m.yaml:4:10: Expected a text here.", "Put quotes around a number"),
    (entry(why='"  "'), "m.yaml:5:10: The text here is empty.", ""),
    (entry(why="!!python/object:os.system x"), "m.yaml:5:10: Expected a text here.", "Put quotes around"),
    (
        "version: 1\ntags:\n  - match: {object: A}\n    tag: name\n",
        'm.yaml:3:5: The key "why" is missing.',
        "",
    ),
    ("version: 1\ntags:\n  - <<: {why: x}\n", 'm.yaml:3:5: The key "<<" is not known here.', "Allowed here"),
    ("version: 1\ntags: [\n", "m.yaml:3:1: This is not valid YAML", ""),
    ("version: 1\ntags: *nowhere\n", "m.yaml:2:7: This is not valid YAML", ""),
    ("[" * 5000, "m.yaml:1:1: This is not valid YAML", ""),
    ("version: 1\n---\nversion: 1\n", "m.yaml:2:1: This is not valid YAML", ""),
    ("version: 1\ntags: \x07\n", "m.yaml:1:1: This is not valid YAML", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), ERRORS, ids=range(len(ERRORS)))
def test_errors_say_where_and_what(text, message, hint):
    with pytest.raises(ConfigError) as caught:
        parse_mapping(text, "m.yaml")
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
    assert "\n" not in caught.value.message


def test_a_file_is_read_or_named(tmp_path):
    path = tmp_path / "phi.yaml"
    with pytest.raises(ConfigError, match=r"phi\.yaml: The file cannot be read: No such file"):
        load_mapping(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"phi\.yaml:1:1: The file is not UTF-8 text"):
        load_mapping(path)
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert len(load_mapping(path).entries) == 4


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no named pipes here.")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    path = tmp_path / "phi.yaml"
    os.mkfifo(path)
    with pytest.raises(ConfigError, match=r"phi\.yaml: This is a pipe or a device, not a file\.") as caught:
        load_mapping(path)
    assert caught.value.hint == "Write its content to a file, and name that."
    with pytest.raises(ConfigError, match="a pipe or a device"):
        load_mapping(Path(os.devnull))


def test_dead_entries_are_reported():
    mapping = parse_mapping(GOOD, "phi.yaml")
    seen = [facts("Contact.Diagnosis__c"), facts("Lead.Name", "Name")]
    assert [one.place for one in dead(mapping.entries, seen)] == ["phi.yaml:6", "phi.yaml:9", "phi.yaml:12"]


def test_shadowed_entries_are_reported():
    text = GOOD.replace("tags:\n", 'tags:\n  - match: {object: "*"}\n    tag: none\n    why: Everything.\n')
    mapping = parse_mapping(text, "phi.yaml")
    assert [one.line for one in shadowed(mapping, [facts("Contact.Diagnosis__c")])] == [6]


def test_the_narrowest_entry_settles_one_field_and_no_other():
    tag = Tag("Contact.Odd*[x]__c", "name", Coarse.IDENTIFIER, "T1", Confidence.LOW, Basis.TAGGER, ())
    lines = "version: 1\ntags:\n" + narrowest_entry(tag, "none").replace("why: ", "why: Asked.")
    mapping = parse_mapping(lines, "m.yaml")
    assert mapping.decide(facts("Contact.Odd*[x]__c")).phi_class == "none"
    assert mapping.decide(facts("Contact.Oddity[x]__c")) is None


@given(
    st.text(min_size=1, max_size=20).filter(lambda name: name.strip() and "." not in name),
    st.text(min_size=1, max_size=20),
)
@settings(deadline=None)
def test_the_narrowest_entry_of_any_name_can_be_read_back(name, other):
    tag = Tag(f"A.{name}", "name", Coarse.IDENTIFIER, "T1", Confidence.LOW, Basis.TAGGER, ())
    text = "version: 1\ntags:\n" + narrowest_entry(tag).replace("why: \n", "why: Asked.\n")
    try:
        mapping = parse_mapping(text, "m.yaml")
    except ConfigError:
        assert not name.isprintable()
        return
    assert mapping.decide(FieldFacts(object="A", name=name)) is not None
    if other.strip().casefold() != name.strip().casefold():
        assert mapping.decide(FieldFacts(object="A", name=other)) is None


@given(st.text())
@settings(deadline=None)
def test_any_text_is_a_mapping_or_one_clear_error(text):
    with pytest.raises(ConfigError, match=r"^m\.yaml:\d+:\d+: "):
        parse_mapping(text, "m.yaml")


def test_given_fields():
    doc = {"Contact.Diagnosis__c": "diagnosis", "Contact.Aura__c": "aura", "Contact.X": "none"}
    diagnosis, aura, nothing = given_tags(doc, load_taxonomy())
    assert (diagnosis.phi_class, diagnosis.coarse, diagnosis.basis) == (
        "diagnosis_condition",
        Coarse.CLINICAL,
        Basis.GIVEN,
    )
    assert (aura.phi_class, aura.coarse, aura.confidence) == ("clinical", Coarse.CLINICAL, Confidence.HIGH)
    assert aura.reasons == ('Given as "aura", which the taxonomy does not know.',)
    assert not nothing.is_phi


@pytest.mark.parametrize("doc", [{"Contact": "name"}, {".x": "name"}, {"Contact.x": ""}, {"Contact.x": 3}])
def test_given_fields_must_be_fields(doc):
    with pytest.raises(ConfigError):
        given_tags(doc, load_taxonomy())
