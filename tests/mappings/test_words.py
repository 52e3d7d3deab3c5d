"""Names and labels cut into comparable words, and type names translated."""

import pytest

from mappings.kinds import Kind, kind_of
from mappings.words import split_name, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PrimaryDiagnosis", ("primary", "diagnosis")),
        ("primary_diagnosis", ("primary", "diagnosis")),
        ("HIVStatus", ("hiv", "status")),
        ("PHQ9", ("phq", "9")),
        ("Allergies", ("allergy",)),
        ("Größe der Narbe", ("grosse", "der", "narbe")),
        ("Diagnóstico", ("diagnostico",)),
        ("Straße", ("strasse",)),
        ("Диагноз пациента", ("диагноз", "пациента")),
        ("", ()),
        ("__", ()),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("api_name", "expected"),
    [
        ("Diagnosis__c", ("", "Diagnosis")),
        ("Diagnosis__pc", ("", "Diagnosis")),
        ("HealthCloudGA__Diagnosis__c", ("HealthCloudGA", "Diagnosis")),
        ("vlocity_ins__Plan__c", ("vlocity_ins", "Plan")),
        ("Home__Latitude__s", ("Home", "Latitude")),
        ("FirstName", ("", "FirstName")),
        ("a__d", ("", "a__d")),
    ],
)
def test_split_name(api_name, expected):
    assert split_name(api_name) == expected


@pytest.mark.parametrize(
    ("type_name", "length", "kind"),
    [
        ("string", 255, Kind.TEXT),
        ("Text(255)", 0, Kind.TEXT),
        ("textarea", 32000, Kind.LONG_TEXT),
        ("textarea", 255, Kind.TEXT),
        ("Long Text Area(32768)", 0, Kind.LONG_TEXT),
        ("LongTextArea", 0, Kind.LONG_TEXT),
        ("html", 0, Kind.LONG_TEXT),
        ("Formula (Checkbox)", 0, Kind.FLAG),
        ("Formula(Text)", 0, Kind.TEXT),
        ("tinyint(1)", 0, Kind.FLAG),
        ("enumeration", 0, Kind.CHOICE),
        ("enum('Y','N')", 0, Kind.CHOICE),
        ("phone_number", 0, Kind.PHONE),
        ("Lookup(Contact)", 0, Kind.LINK),
        ("reference", 0, Kind.LINK),
        ("Roll-Up Summary (COUNT Visit)", 0, Kind.COUNT),
        ("", 0, Kind.ANY),
        ("((((", 0, Kind.ANY),
        ("csv column", 0, Kind.ANY),
    ],
)
def test_kind_of(type_name, length, kind):
    assert kind_of(type_name, length) is kind
