"""Which values have which form: pure functions over strings, with the checksums of libraries wherever one has them.

Importing this module needs the extra `values`. No language model is loaded, and nothing is asked of the network:
presidio's recogniser of e-mail addresses would fetch a list of domains, so only its patterns are used.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import phonenumbers
import simple_icd_10_cm
from presidio_analyzer import PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    MedicalLicenseRecognizer,
    UsMbiRecognizer,
    UsNpiRecognizer,
)
from stdnum import luhn, verhoeff
from stdnum.br import cpf
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.us import ssn

LONGEST = 100
"""Characters; no code is longer, and what is longer is a text, which nobody here reads."""

Test = Callable[[str], bool]

_SEVERAL = re.compile(r"[;,|]")
_ICD10 = re.compile(r"[A-Z][0-9][0-9AB]\.[0-9A-Z]{1,4}")
_NDC = re.compile(r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}", re.ASCII)
_LOINC = re.compile(r"\d{1,7}-\d", re.ASCII)
_SNOMED = re.compile(r"[1-9]\d{2,14}[01][012]\d", re.ASCII)
_SSN = re.compile(r"\d{3}([- ])\d{2}\1\d{4}", re.ASCII)
_DIALLED = re.compile(r"\+|[0-9)][ ().-]+[0-9(]")


def count(values: Iterable[str]) -> Mapping[str, int]:
    """How many of the values have each form; forms that none has are left out."""
    return Counter(form for value in values for form in forms_of(value))


def forms_of(value: str) -> frozenset[str]:
    """The forms of a value; of one that lists several codes, the forms that all of them have."""
    if len(value) > LONGEST:
        return frozenset()
    parts = [part for each in _SEVERAL.split(value) if (part := each.strip())]
    found = [{name for name, has in _TESTS.items() if has(part)} for part in parts]
    return frozenset(set.intersection(*found)) if found else frozenset()


def _by_presidio(recognizer: PatternRecognizer) -> Test:
    """Whether a recogniser finds the value as a whole, rather than something in it."""
    entities = recognizer.supported_entities

    def test(value: str) -> bool:
        found = recognizer.analyze(value, entities)
        return any((one.start, one.end) == (0, len(value)) for one in found)

    return test


def _icd10(value: str) -> bool:
    """ICD-10 with its dot, whose first four characters are in the code table, since part numbers look alike.

    What follows them differs by country (`E11.90` is German), so it is not looked up.
    """
    return _ICD10.fullmatch(value) is not None and bool(simple_icd_10_cm.is_valid_item(value[:5]))


def _ndc(value: str) -> bool:
    """A National Drug Code with its hyphens."""
    return _NDC.fullmatch(value) is not None


def _loinc(value: str) -> bool:
    """LOINC: a number, a hyphen and its Luhn digit."""
    return _LOINC.fullmatch(value) is not None and bool(luhn.is_valid(value.replace("-", "")))


def _snomed(value: str) -> bool:
    """A SNOMED CT identifier: its last digits but one say what kind it is, the last is Verhoeff's."""
    return _SNOMED.fullmatch(value) is not None and bool(verhoeff.is_valid(value))


def _ssn(value: str) -> bool:
    """A social security number with its separators; nine bare digits may be anything."""
    return _SSN.fullmatch(value) is not None and bool(ssn.is_valid(value.replace(" ", "-")))


def _ip(value: str) -> bool:
    """An address of the internet, of either version."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _phone(value: str) -> bool:
    """A telephone number as people write it, of the United States unless it says otherwise; bare digits may be ids."""
    if not _DIALLED.search(value):
        return False
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, "US")))
    except phonenumbers.NumberParseException:
        return False


_EMAIL = PatternRecognizer("EMAIL_ADDRESS", patterns=EmailRecognizer.PATTERNS)

_TESTS: Mapping[str, Test] = {
    "icd10": _icd10,
    "snomed": _snomed,
    "loinc": _loinc,
    "ndc": _ndc,
    "npi": _by_presidio(UsNpiRecognizer()),
    "dea": _by_presidio(MedicalLicenseRecognizer()),
    "mbi": _by_presidio(UsMbiRecognizer()),
    "nhs": nhs.is_valid,
    "ssn": _ssn,
    "nir": nir.is_valid,
    "dni": dni.is_valid,
    "cpf": cpf.is_valid,
    "codice_fiscale": codicefiscale.is_valid,
    "iban": _by_presidio(IbanRecognizer()),
    "card": _by_presidio(CreditCardRecognizer()),
    "phone": _phone,
    "email": _by_presidio(_EMAIL),
    "ip": _ip,
}
