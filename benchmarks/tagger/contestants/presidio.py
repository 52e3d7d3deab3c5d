"""presidio-analyzer on a field's name, label and description, with the recognisers it loads by itself.

Its recognisers look for values; a name holds none, so little is to be expected. The language is blank: no model is
needed for patterns.
"""

from __future__ import annotations

from typing import Any

from benchmarks.tagger.contestants import Guess, Guesser, said

PACKAGE = "presidio-analyzer"

LABELS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "PERSON": "name",
    "LOCATION": "geographic",
    "DATE_TIME": "date_birth_death",
    "IP_ADDRESS": "ip_address",
    "URL": "url",
    "CREDIT_CARD": "account_number",
    "US_BANK_NUMBER": "account_number",
    "IBAN_CODE": "account_number",
    "US_SSN": "ssn_national_id",
    "US_DRIVER_LICENSE": "license_certificate",
    "UK_NHS": "medical_record_number",
    "US_MBI": "health_plan_member_id",
    "MAC_ADDRESS": "device_id",
}
"""Its entities as classes; any other it knows is some unique number."""

IDENTIFIER = "other_unique_id"


def ready() -> Guesser:
    """Build the analyser as its documentation does, on a blank language."""
    import spacy  # type: ignore[import-not-found]
    from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found]
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # type: ignore[import-not-found]

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None:
            """Nothing: the blank language is there."""

    analyser = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
    return lambda rows: [
        _guess(analyser.analyze(said(row, "field", "label", "description"), language="en")) for row in rows
    ]


def _guess(found: list[Any]) -> Guess:
    if not found:
        return Guess()
    best = max(found, key=lambda one: one.score)
    return Guess(LABELS.get(best.entity_type, IDENTIFIER), best.score)
