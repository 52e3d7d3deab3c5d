"""The forms of codes and identifiers that values can have, and the class that each speaks of (phi-taxonomy 6).

CPT, HCPCS, CDT, CVX and RxCUI have no line here: their form alone is that of postal codes, article numbers or counters.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

EXTRA = "crm-audit[values]"
LIBRARIES = ("phonenumbers", "presidio_analyzer", "simple_icd_10_cm", "stdnum")
"""What the extra brings."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a value, and what it is called in a sentence.

    `near` are words of which the field's own name, label, help or description has to bear one, where too many other
    things have this form.
    """

    name: str
    words: str
    phi_class: str
    near: frozenset[str] = frozenset()


_PROVIDER = frozenset({"npi", "provider", "prescriber", "physician", "doctor"})

FORMS = (
    Form("icd10", "an ICD-10 code", "diagnosis_condition"),
    Form("snomed", "a SNOMED CT code", "clinical"),
    Form("loinc", "a LOINC code", "lab_imaging"),
    Form("ndc", "a drug code (NDC)", "medication"),
    Form("npi", "a provider number (NPI)", "provider_of_care", _PROVIDER),
    Form("dea", "a prescriber's DEA number", "provider_of_care"),
    Form("mbi", "a Medicare number (MBI)", "health_plan_member_id"),
    Form("nhs", "an NHS number", "ssn_national_id"),
    Form("ssn", "a social security number", "ssn_national_id"),
    Form("nir", "a French social security number", "ssn_national_id"),
    Form("dni", "a Spanish identity number", "ssn_national_id"),
    Form("cpf", "a Brazilian taxpayer number (CPF)", "ssn_national_id"),
    Form("codice_fiscale", "an Italian tax code", "ssn_national_id"),
    Form("iban", "an account number (IBAN)", "account_number"),
    Form("card", "a payment card number", "account_number"),
    Form("phone", "a telephone number", "phone"),
    Form("email", "an e-mail address", "email"),
    Form("ip", "an IP address", "ip_address", frozenset({"ip", "address"})),
)
"""Those that say more about a person's health come first."""


def absent_libraries() -> tuple[str, ...]:
    """The libraries of the extra that are not installed."""
    return tuple(name for name in LIBRARIES if find_spec(name) is None)
