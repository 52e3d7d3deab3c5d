"""Who is believed when several sources speak, and what is said when they disagree."""

import random
from pathlib import Path

import pytest

from auditor.errors import ConfigError
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, digest
from mappings import decide, given_tags, load_taxonomy, load_vocabulary, parse_mapping, with_own_terms
from mappings.native import Label, from_native, label_of, with_twin_labels
from mappings.tagger import Tagger

TAGGER = Tagger(load_taxonomy(), load_vocabulary())


def facts(key: str, label: str = "", **more) -> FieldFacts:
    object_name, name = key.split(".")
    return FieldFacts(object=object_name, name=name, label=label, **more)


def mapping(*entries: tuple[str, str, str]):
    lines = [
        f"  - match: {{object: {name}, field: {field}}}\n    tag: {tag}\n    why: Asked.\n"
        for name, field, tag in entries
    ]
    return parse_mapping("version: 1\ntags:\n" + "".join(lines), "phi.yaml")


@pytest.mark.parametrize(
    ("compliance", "label"),
    [
        (("HIPAA",), Label.PHI),
        (("PII", "HIPAA"), Label.PHI),
        (("PII;HIPAA",), Label.PHI),
        (("hipaa",), Label.PHI),
        (("PII",), Label.PERSONAL),
        (("GDPR", "CCPA"), None),
        (("NotHIPAAish",), None),
        ((), None),
    ],
)
def test_label_of(compliance, label):
    assert label_of(facts("Contact.X__c", compliance=compliance)) is label


def test_hipaa_without_words_is_clinical():
    tag = from_native(facts("Contact.X__c", compliance=("HIPAA",)))
    assert (tag.phi_class, tag.coarse, tag.basis) == ("clinical", Coarse.CLINICAL, Basis.NATIVE)


def test_hipaa_takes_its_class_from_the_words():
    one = facts("Contact.Allergies__c", "Allergies", compliance=("HIPAA",))
    tag = from_native(one, TAGGER.tag(one))
    assert (tag.phi_class, tag.confidence, tag.basis) == ("allergy", Confidence.HIGH, Basis.NATIVE)
    assert tag.reasons[0] == "The CRM labels it HIPAA."


def test_pii_is_an_identifier_and_hides_no_health():
    assert from_native(facts("Contact.X__c", compliance=("PII",))).phi_class == "identifier"
    one = facts("Contact.Diagnosis__c", "Diagnosis", compliance=("PII",))
    assert from_native(one, TAGGER.tag(one)) is None
    decided = decide([one])
    assert decided.tags[0].phi_class == "diagnosis_condition"
    assert [found.sentence for found in decided.disagreements] == [
        "Contact.Diagnosis__c: the CRM labels it PII, but its words suggest diagnosis_condition (medium)."
    ]


def test_sensitivity_alone_says_nothing():
    assert from_native(facts("Contact.X__c", sensitivity="MissionCritical")) is None
    assert decide([facts("contacts.x", sensitivity="highly_sensitive")]).unreviewed == ("contacts.x",)


def test_the_copy_on_a_person_account_has_the_labels_of_the_contact_field():
    both = [facts("Account.X__pc"), facts("Contact.X__c", compliance=("HIPAA",)), facts("Lead.X__pc")]
    assert [one.compliance for one in with_twin_labels(both)] == [("HIPAA",), ("HIPAA",), ()]
    assert [tag.field for tag in decide(both).tags] == ["Account.X__pc", "Contact.X__c"]


def test_order_of_trust():
    one = facts("Contact.Allergies__c", "Allergies", compliance=("HIPAA",))
    rules = mapping(("Contact", "Allergies__c", "symptom"))
    told = given_tags({"contact.allergies__c": "medication"}, load_taxonomy())
    plain = facts("Contact.Allergies__c", "Allergies")
    assert decide([plain]).tags[0].basis is Basis.TAGGER
    assert decide([one]).tags[0].basis is Basis.NATIVE
    assert decide([one], rules).tags[0].phi_class == "symptom"
    settled = decide([one], rules, given=told).tags
    assert [(tag.field, tag.phi_class, tag.basis) for tag in settled] == [
        ("Contact.Allergies__c", "medication", Basis.GIVEN)
    ]


def test_undecided_is_unreviewed_and_cleared_is_not():
    fields = [
        facts("Contact.A__c", "A"),
        facts("Contact.B__c", "B"),
        facts("Contact.Diagnosis__c", "Diagnosis"),
    ]
    decided = decide(fields, mapping(("Contact", "B__c", "none")))
    assert decided.unreviewed == ("Contact.A__c",)
    assert [(tag.field, tag.line) for tag in decided.cleared] == [("Contact.B__c", 3)]
    assert [tag.field for tag in decided.tags] == ["Contact.Diagnosis__c"]
    counts = decided.counts
    assert (counts.fields, counts.reviewed, counts.inferred, counts.unreviewed) == (3, 1, 1, 1)


def test_given_fields_nobody_saw_keep_their_tag():
    decided = decide([], given=given_tags({"Contact.Gone__c": "health"}, load_taxonomy()))
    assert decided.unseen == ("Contact.Gone__c",)
    assert [tag.field for tag in decided.tags] == ["Contact.Gone__c"]
    assert decided.counts.fields == 0


def test_dead_and_shadowed_entries_are_told():
    rules = mapping(("Contact", "A__c", "none"), ("Contact", "A__c", "name"), ("Contact", "Gone__c", "name"))
    decided = decide([facts("Contact.A__c")], rules)
    assert [entry.line for entry in decided.dead] == [9]
    assert [entry.line for entry in decided.shadowed] == [6]


@pytest.mark.parametrize(
    ("one", "tag", "sentences"),
    [
        (
            facts("Contact.X__c", compliance=("HIPAA",)),
            "none",
            ["Contact.X__c: the mapping (phi.yaml:3) says none, but the CRM labels it HIPAA."],
        ),
        (
            facts("Contact.Diagnosis__c", "Diagnosis"),
            "none",
            [
                (
                    "Contact.Diagnosis__c: the mapping (phi.yaml:3) says none, "
                    "but its words suggest diagnosis_condition (medium)."
                )
            ],
        ),
        (
            facts("Contact.X__c", compliance=("PII",)),
            "symptom",
            ["Contact.X__c: the mapping (phi.yaml:3) says symptom, but the CRM labels it PII."],
        ),
        (
            facts("Contact.X__c", sensitivity="Public"),
            "symptom",
            ["Contact.X__c: the mapping (phi.yaml:3) says symptom, but the CRM calls it Public."],
        ),
        (facts("Contact.X__c", compliance=("HIPAA",)), "name", []),
        (facts("Contact.Diagnosis__c", "Diagnosis"), "symptom", []),
        (facts("Contact.X__c"), "none", []),
    ],
)
def test_disagreements(one, tag, sentences):
    decided = decide([one], mapping(("Contact", one.name, tag)))
    assert [found.sentence for found in decided.disagreements] == sentences


def test_the_answer_does_not_depend_on_the_order_of_facts():
    fields = [
        facts(f"{name}.{field}__c", field.replace("_", " "))
        for name in ("Contact", "Patient__c", "User", "Thing__c")
        for field in ("Diagnosis", "Weight", "Allergies", "Email", "Notes", "Colour")
    ]
    shuffled = fields[:]
    random.Random(3).shuffle(shuffled)
    assert decide(fields) == decide(shuffled)
    assert digest(decide(fields).tags) == digest(decide(shuffled).tags)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("{class: symptom, why: x, words: [y], strength: loud}", 'w.yaml:3:52: "loud" is not a strength.'),
        ("{class: symptom, why: x, words: [y], whole: maybe}", "w.yaml:3:49: Expected true or false here."),
        ("{class: symptom, why: x, words: [y], tier: T9}", 'w.yaml:3:48: "T9" is not a tier.'),
        (
            "{class: symptom, why: x, words: [y], needs: ['@helth']}",
            'w.yaml:3:50: "@helth" is not a context.',
        ),
        ("{class: symptom, why: x, words: y}", "w.yaml:3:37: Expected a list here."),
        ("{class: sympton, why: x, words: [y]}", 'w.yaml:3:13: "sympton" is not a class.'),
    ],
)
def test_own_words_are_read_as_strictly_as_a_mapping(tmp_path, monkeypatch, term, message):
    monkeypatch.chdir(tmp_path)
    path = Path("w.yaml")
    path.write_text(f"version: 1\nterms:\n  - {term}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        with_own_terms(load_vocabulary(), path, load_taxonomy())
    assert caught.value.message == message


def test_a_customer_can_add_words(tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text(
        "version: 1\n"
        "terms:\n"
        "  - class: lead_health_interest\n"
        "    why: is the name of our programme\n"
        "    words: [fresh start]\n"
        '    unless: ["@it"]\n',
        encoding="utf-8",
    )
    own = with_own_terms(load_vocabulary(), path, load_taxonomy())
    one = facts("Lead.Fresh_Start__c", "Fresh Start")
    assert decide([one]).tags == ()
    tag = decide([one], vocabulary=own).tags[0]
    assert tag.reasons[0] == 'The label "Fresh Start" says "fresh start", which is the name of our programme.'
