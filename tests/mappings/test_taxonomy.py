"""The taxonomy: complete, cited, and forgiving where people name classes by hand."""

import pytest

from auditor.errors import ConfigError
from auditor.phi import Coarse
from mappings.taxonomy import load_taxonomy, parse_taxonomy

EIGHTEEN = {
    "A": "name",
    "B": "geographic",
    "C": "date_birth_death",
    "D": "phone",
    "E": "fax",
    "F": "email",
    "G": "ssn_national_id",
    "H": "medical_record_number",
    "I": "health_plan_member_id",
    "J": "account_number",
    "K": "license_certificate",
    "L": "vehicle",
    "M": "device_id",
    "N": "url",
    "O": "ip_address",
    "P": "biometric",
    "Q": "photo",
    "R": "other_unique_id",
}


@pytest.mark.parametrize(("letter", "name"), EIGHTEEN.items())
def test_every_identifier_cites_its_letter(letter, name):
    phi_class = load_taxonomy().classes[name]
    assert phi_class.citation == f"45 CFR 164.514(b)(2)(i)({letter})"
    assert phi_class.coarse is Coarse.IDENTIFIER


def test_only_the_eighteen_cite_the_list():
    cited = {name for name, phi_class in load_taxonomy().classes.items() if phi_class.citation}
    assert cited == set(EIGHTEEN.values())


def test_every_class_says_in_one_sentence_what_it_is():
    for phi_class in load_taxonomy().classes.values():
        assert phi_class.means.endswith(".")
        assert phi_class.means.count(". ") == 0


def test_counts_by_coarse_label():
    counts = {
        coarse: sum(one.coarse is coarse for one in load_taxonomy().classes.values()) for coarse in Coarse
    }
    assert counts == {
        Coarse.IDENTIFIER: 21,
        Coarse.CLINICAL: 28,
        Coarse.PAYMENT: 3,
        Coarse.FREETEXT_RISK: 3,
        Coarse.NONE: 1,
    }


@pytest.mark.parametrize(
    ("word", "name", "coarse"),
    [
        ("diagnosis_condition", "diagnosis_condition", Coarse.CLINICAL),
        ("diagnosis", "diagnosis_condition", Coarse.CLINICAL),
        ("Diagnosis", "diagnosis_condition", Coarse.CLINICAL),
        ("health", "clinical", Coarse.CLINICAL),
        ("free text", "free_text_note", Coarse.FREETEXT_RISK),
        ("person-link", "person_link", Coarse.IDENTIFIER),
        ("address", "geographic", Coarse.IDENTIFIER),
        ("name", "name", Coarse.IDENTIFIER),
        ("identifier", "identifier", Coarse.IDENTIFIER),
        ("payment", "payment", Coarse.PAYMENT),
        ("visit", "appointment_encounter", Coarse.CLINICAL),
        ("referral", "lead_health_interest", Coarse.CLINICAL),
        ("pregnancy", "reproductive_health", Coarse.CLINICAL),
        ("none", "none", Coarse.NONE),
    ],
)
def test_everyday_words_find_their_class(word, name, coarse):
    found = load_taxonomy().get(word)
    assert found is not None
    assert (found.name, load_taxonomy().coarse_of(word)) == (name, coarse)


def test_an_unknown_word_is_clinical_but_no_class():
    assert load_taxonomy().get("aura") is None
    assert load_taxonomy().coarse_of("aura") is Coarse.CLINICAL


def test_files_must_use_the_real_names():
    assert load_taxonomy().exact("diagnosis") is None
    assert load_taxonomy().suggest("diagnosis") == 'Did you mean "diagnosis_condition"?'


def test_an_alias_must_lead_somewhere():
    text = (
        "version: 1\n"
        "generic: {}\n"
        "classes:\n"
        "  name: {coarse: identifier, tier: T1, means: A name.}\n"
        "aliases:\n"
        "  moniker: nmae\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse_taxonomy(text, "own.yaml")
    assert caught.value.message == 'own.yaml:6:12: "nmae" is not a class.'
    assert caught.value.hint == 'Did you mean "name"?'
