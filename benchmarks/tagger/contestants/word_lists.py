"""Two lists of words, as scanners of CRMs and guides to HIPAA have them; written anew, not taken from one."""

from __future__ import annotations

TEN = {
    "ssn": "ssn_national_id",
    "social": "ssn_national_id",
    "birth": "date_birth_death",
    "dob": "date_birth_death",
    "email": "email",
    "phone": "phone",
    "credit": "account_number",
    "passport": "other_unique_id",
    "medical": "clinical",
    "health": "clinical",
}
"""Ten substrings, two of them about health."""

HIPAA = {
    "name": "first name; last name; middle name; full name; patient name; maiden name; surname; nickname",
    "geographic": "address; street; city; county; zip; zip code; postal code; latitude; longitude",
    "date_birth_death": "birth date; birthdate; date of birth; dob; birthday; death date; date of death; deceased; age",
    "phone": "phone; telephone; mobile; cell; phone number",
    "fax": "fax; fax number",
    "email": "email; e mail; email address",
    "ssn_national_id": "ssn; social security; social security number; national id; tax id",
    "medical_record_number": "mrn; medical record; medical record number; chart number; patient id",
    "health_plan_member_id": "member id; subscriber id; beneficiary number; medicare; medicaid; policy number",
    "account_number": "account number; bank account; credit card; card number; iban; routing number",
    "license_certificate": "driver license; drivers license; license number; certificate number",
    "vehicle": "vin; license plate; vehicle id",
    "device_id": "device id; serial number; device identifier; udi",
    "url": "url; website; web address",
    "ip_address": "ip; ip address",
    "biometric": "biometric; fingerprint; voice print; retina",
    "photo": "photo; photograph; picture; image",
    "other_unique_id": "passport; unique id; identifier",
    "demographic": "gender; sex; race; ethnicity; marital status; language; religion; occupation",
    "clinical": (
        "health; medical; clinical; patient; diagnosis; condition; disease; illness; disorder; symptom; symptoms; "
        "medication; medications; drug; prescription; dose; allergy; allergies; treatment; therapy; procedure; "
        "surgery; lab; lab result; test result; blood; blood pressure; weight; height; bmi; pulse; pain; vaccine; "
        "immunization; mental health; depression; anxiety; substance; alcohol; smoking; tobacco; pregnancy; pregnant; "
        "hiv; genetic; disability; doctor; physician; provider; hospital; clinic; appointment; visit; admission; "
        "discharge; encounter; care plan; referral; icd; cpt; npi"
    ),
    "payment": "insurance; payer; plan; claim; copay; deductible; coverage; authorization; billing",
    "freetext_risk": "notes; comments; description; remarks; message; transcript",
}
"""The identifiers of the Safe Harbor list, and the words on health that go with it, separated by semicolons."""


def hipaa_words() -> dict[str, str]:
    """Each word of the longer list with its class."""
    return {word: label for label, words in HIPAA.items() for word in words.split("; ")}
