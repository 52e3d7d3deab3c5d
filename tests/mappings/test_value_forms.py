"""Each form of a value: what has it, what fails its checksum, and what only looks like it."""

from __future__ import annotations

import socket
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import load_taxonomy
from mappings.values import FORMS

pytest.importorskip("presidio_analyzer", reason="needs the extra “values”")

from mappings.values import recognisers

HAVE = {
    "icd10": ["E11.9", "E11.90", "F32.1", "Z79.4", "C4A.21", "S72.001A", "E11.9; Z79.4", "F32.1,F41.1"],
    "snomed": ["73211009", "44054006", "900000000000207008"],
    "loinc": ["2160-0", "4548-4", "55284-4", "718-7"],
    "ndc": ["0002-8215-01", "50242-041-21", "12345-6789-1", "00002-8215-01"],
    "npi": ["1234567893", "1679576722"],
    "dea": ["AB1234563", "FA1234563"],
    "mbi": ["1EG4-TE5-MK73", "1EG4TE5MK73", "1eg4te5mk73"],
    "nhs": ["943 476 5919", "9434765919"],
    "ssn": ["536-90-4399", "536 90 4399"],
    "nir": ["2 95 10 99 126 111 93", "295109912611193"],
    "dni": ["54362315-K", "54362315K"],
    "cpf": ["390.533.447-05", "39053344705"],
    "codice_fiscale": ["RCCMNL83S18D969H"],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
    "card": ["4111 1111 1111 1111", "4111111111111111", "378282246310005"],
    "phone": ["(415) 555-2671", "+44 20 7946 0958", "415-555-2671", "+4930123456"],
    "email": ["ana@clinic.example", "o.brien+x@sub.clinic.example"],
    "ip": ["192.168.10.4", "2001:db8::8a2e:370:7334"],
}
LACK = {
    "icd10": [
        "E119",
        "A12",
        "A12.3",
        "B12.5",
        "X00.0000A",
        "V2.1",
        "B-12.5",
        "see E11.9",
        "E11.9 type 2",
        "E11.",
        "1E1.9",
        "E11.9; none",
    ],
    "snomed": ["73211008", "73211109", "12345", "0732110095", "7321100.9"],
    "loinc": ["2160-1", "2026-11-24", "12345678-9", "2160"],
    "ndc": ["0002821501", "00028215011", "415-555-2671", "0002-8215"],
    "npi": ["1234567890", "4155552671", "3234567893", "123456789"],
    "dea": ["AB1234567", "AB123456", "1B1234563", "INV1234563"],
    "mbi": ["1SG4-TE5-MK73", "EG41TE5MK73", "1EG4TE5MK7", "1EG4TE5MK731"],
    "nhs": ["943 476 5918", "943476591"],
    "ssn": ["536904399", "666-90-4399", "000-12-3456", "536-00-4399", "078-05-1120", "53-690-4399"],
    "nir": ["295109912611192", "29510991261119"],
    "dni": ["54362315-A", "5436231"],
    "cpf": ["390.533.447-06", "3905334470"],
    "codice_fiscale": ["RCCMNL83S18D969A"],
    "iban": ["DE88370400440532013000", "DE89"],
    "card": ["4111 1111 1111 1112", "4111"],
    "phone": ["4155552671", "2026-11-24", "1-2-3", "536-90-4399", "(415) 555-26", "E11.9"],
    "email": ["ana@clinic", "@clinic.example", "write to ana@clinic.example", "ana clinic.example"],
    "ip": ["1.2.3", "300.1.1.1", "v10.0.0.1"],
}


def test_every_form_has_rows_a_recogniser_and_a_class():
    names = [form.name for form in FORMS]
    assert len(set(names)) == len(names)
    assert set(names) == HAVE.keys() == LACK.keys() == recognisers._TESTS.keys()
    assert [form.name for form in FORMS if load_taxonomy().exact(form.phi_class) is None] == []


@pytest.mark.parametrize(("form", "value"), [(form, value) for form, all_ in HAVE.items() for value in all_])
def test_has_the_form(form, value):
    assert form in recognisers.forms_of(value)


@pytest.mark.parametrize(("form", "value"), [(form, value) for form, all_ in LACK.items() for value in all_])
def test_lacks_the_form(form, value):
    assert form not in recognisers.forms_of(value)


@pytest.mark.parametrize(
    "value",
    [
        *[
            "94110",
            "00501",
            "99213",
            "0001F",
            "J3490",
            "D0120",
            "207",
            "A12",
            "Yes",
            "New",
            "10 mg",
            "Room 12.4",
        ],
        *[
            "",
            "  ",
            ";",
            "Ana Ruiz",
            "12 Elm Street",
            "https://clinic.example/a",
            "2026-11-24T10:00:00Z",
            "x" * 101,
        ],
    ],
)
def test_postal_codes_procedure_codes_and_everyday_values_have_none(value):
    """CPT and CVX are never told by their form alone (phi-taxonomy 6)."""
    assert recognisers.forms_of(value) == frozenset()


def test_only_counts_come_out():
    assert dict(recognisers.count(["E11.9", "F32.1", "none", "536-90-4399"])) == {"icd10": 2, "ssn": 1}


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=120), st.from_regex(r"[0-9A-Z .;@+()\-]{1,40}", fullmatch=True)))
def test_no_text_makes_a_recogniser_fail(value):
    assert recognisers.forms_of(value) <= {form.name for form in FORMS}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(10**8, 10**10), min_size=100, max_size=100, unique=True))
def test_a_column_of_random_numbers_is_no_column_of_codes(numbers):
    hits = recognisers.count([str(number) for number in numbers])
    assert max(hits.values(), default=0) < 60


def test_nothing_asks_the_network_and_no_model_is_loaded(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a recogniser opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for values in HAVE.values():
        recognisers.count(values)
    assert not {"torch", "transformers", "en_core_web_sm", "en_core_web_lg"} & sys.modules.keys()
