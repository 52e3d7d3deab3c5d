"""The hardest confusions of a PHI tagger, each handled by a rule: what must be seen, and what must be left alone."""

import pytest

from auditor.phi import Confidence, FieldFacts
from mappings.tagger import Tagger
from mappings.taxonomy import load_taxonomy
from mappings.vocabulary import load_vocabulary

TAGGER = Tagger(load_taxonomy(), load_vocabulary())


def field(where: str, label: str = "", type_name: str = "string", **more) -> FieldFacts:
    object_name, name = where.rsplit(".", 1)
    return FieldFacts(object=object_name, name=name, label=label, type=type_name, **more)


def coarse_of(facts: FieldFacts, *others: FieldFacts) -> str:
    tag = TAGGER.tag(facts, others)
    return tag.coarse.value if tag else "none"


HEALTH_CRM = tuple(field(f"Patient__c.Diagnosis_{number}__c", "Diagnosis") for number in range(5))
SHOP = tuple(field(f"Order.Item_{number}__c", "Item") for number in range(30))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Allergy__c.Severity__c", "Severity", "picklist"), "clinical"),
        (field("Bug__c.Severity__c", "Severity", "picklist"), "none"),
        (field("Sleep_Questionnaire__c.Question_12__c", "Question 12", "picklist"), "clinical"),
        (field("Satisfaction_Survey__c.Question_12__c", "Question 12", "picklist"), "none"),
        (field("Immunization__c.Lot__c", "Lot"), "clinical"),
        (field("Parking__c.Lot__c", "Lot"), "none"),
        (field("conditions.csv.START", "", "csv column"), "clinical"),
        (field("campaigns.csv.START", "", "csv column"), "none"),
        (field("Untersuchungsergebnis.Datum", "", "date"), "clinical"),
    ],
)
def test_a_short_name_means_what_its_object_means(facts, expected):
    assert coarse_of(facts, *HEALTH_CRM) == expected


def test_a_question_without_a_health_word_is_read_by_its_form():
    answers = ("0 - never", "1 - slight", "2 - moderate", "3 - high")
    form = [
        field(f"Night__c.Q{number}__c", label, "picklist", picklist=answers)
        for number, label in enumerate(
            ("Snoring", "Daytime sleepiness", "Insomnia", "On the sofa", "As a guest")
        )
    ]
    tag = TAGGER.tag(form[3], form)
    assert tag is not None
    assert (tag.phi_class, tag.confidence) == ("symptom", Confidence.MEDIUM)
    assert tag.reasons == ("3 other questions with the same answers on this object are about health.",)


def test_a_form_with_other_answers_says_nothing_of_a_field():
    form = [
        field(f"Night__c.Q{number}__c", "Insomnia", "picklist", picklist=("0", "1", "2"))
        for number in range(4)
    ]
    assert (
        coarse_of(field("Night__c.Sofa__c", "On the sofa", "picklist", picklist=("red", "blue")), *form)
        == "none"
    )


@pytest.mark.parametrize(
    "facts",
    [
        field("Drug.Strength", "Strength"),
        field("Procedure__c.Recovery_Nights__c", "Recovery Nights", "double"),
        field("Procedure_Type.Code", "Code"),
        field("Medication_Catalog__c.Dose__c", "Dose"),
        field("Consent_Template__c.Treatment__c", "Treatment"),
        field("Appointment_Type__c.Duration__c", "Duration", "double"),
        field("Code_System__c.Diagnosis__c", "Diagnosis"),
        field("Layout_Setting__c.Diagnosis_Visible__c", "Diagnosis", "boolean"),
    ],
    ids=lambda facts: facts.key,
)
def test_catalogues_templates_and_code_tables_hold_no_people(facts):
    assert coarse_of(facts, *HEALTH_CRM) == "none"


def test_a_catalogue_that_names_people_is_none():
    link = field("Procedure.PATIENT", "", "csv column")
    assert (
        coarse_of(field("Procedure.Recovery_Nights", "Recovery Nights", "double"), link, *HEALTH_CRM)
        == "clinical"
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Patient__c.Doctor_Name__c", "Doctor Name"), "clinical"),
        (field("Patient__c.Referring_Provider_Phone__c", "Referring Provider Phone", "phone"), "clinical"),
        (field("Visit__c.Attending_Physician__c", "Attending Physician"), "clinical"),
        (field("Practitioner.Name", "Name"), "none"),
        (field("Doctor__c.Phone__c", "Phone", "phone"), "none"),
        (field("Physician_Directory__c.Specialty__c", "Specialty"), "none"),
        (field("medicos.nome_completo", "Nome completo"), "none"),
        (field("Lead.Broker_Phone__c", "Broker Phone", "phone"), "none"),
    ],
    ids=lambda value: value.key if isinstance(value, FieldFacts) else value,
)
def test_the_doctor_of_a_patient_is_not_the_doctor_in_a_directory(facts, expected):
    assert coarse_of(facts, *HEALTH_CRM) == expected


@pytest.mark.parametrize(
    "facts",
    [
        field("Appointment__c.Appointment_Date__c", "Appointment Date", "datetime"),
        field("Lead.Consult_Date__c", "Consult Date", "date"),
        field("Lead.Visit_Outcome__c", "Visit Outcome", "picklist"),
        field("Citas__c.Fecha__c", "Fecha", "date"),
    ],
    ids=lambda facts: facts.key,
)
def test_a_visit_is_one_of_care_where_the_crm_is_about_care(facts):
    assert coarse_of(facts, *HEALTH_CRM) == "clinical"
    assert coarse_of(facts, *SHOP) == "none"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Patient__c.Copay__c", "Copay", "currency"), "payment"),
        (field("Treatment__c.Total_Amount__c", "Total Amount", "currency"), "payment"),
        (field("Lead.Detox__c", "Detox", "currency"), "payment"),
        (field("Encounter__c.Cost__c", "Cost", "currency"), "payment"),
        (field("Opportunity.Amount", "Amount", "currency"), "none"),
        (field("Contact.Last_Gift_Amount__c", "Last Gift Amount", "currency"), "none"),
        (field("Fund__c.Amount__c", "Amount", "currency"), "none"),
        (field("Payment_Term__c.Payment_Condition__c", "Payment Condition"), "none"),
        (field("Car__c.Insurance_Policy__c", "Insurance Policy"), "none"),
        (field("Patient__c.Default_Price_List__c", "Default Price List"), "none"),
    ],
    ids=lambda value: value.key if isinstance(value, FieldFacts) else value,
)
def test_payment_for_care_is_not_other_money(facts, expected):
    assert coarse_of(facts, *HEALTH_CRM) == expected


@pytest.mark.parametrize(
    "facts",
    [
        field("Contact.Email_Opt_Out__c", "Email Opt Out", "boolean"),
        field("Contact.Emails_Sent__c", "Emails Sent", "double"),
        field("Contact.Phone_Calls__c", "Phone Calls", "double"),
        field("Contact.Email_Type__c", "Email Type", "picklist"),
        field("Contact.Phone_Verified__c", "Phone Verified", "boolean"),
        field("Contact.EmailPref_Families__c", "EmailPref_Families", "boolean"),
        field("Setting__c.Default_Email__c", "Default Email", "email"),
        field("Case.Reporting_6_Email__c", "Reporting 6 Email", "email"),
    ],
    ids=lambda facts: facts.key,
)
def test_flags_and_counters_named_after_a_contact_detail_hold_none(facts):
    assert coarse_of(facts, *HEALTH_CRM) == "none"


@pytest.mark.parametrize("short", ["Alt", "RH", "Sig", "Echo", "ROM", "PT", "ED", "MMR", "ROS", "Dx"])
def test_an_abbreviation_needs_health_around_it(short):
    assert coarse_of(field("Image__c.X__c", f"{short} Text"), *SHOP) == "none"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ALT", "lab_imaging"),
        ("Dx", "diagnosis_condition"),
        ("Rx", "medication"),
        ("A1c", "lab_imaging"),
        ("BP", "vitals_measurement"),
    ],
)
def test_an_abbreviation_speaks_on_a_patient(label, expected):
    tag = TAGGER.tag(field("Patient__c.X__c", label), HEALTH_CRM)
    assert tag is not None
    assert tag.phi_class == expected


@pytest.mark.parametrize(
    "label",
    [
        "Ozempic",
        "Wegovy",
        "Humira",
        "Lisinopril",
        "Atorvastatin",
        "Amoxicillin",
        "Sertraline",
        "Botox",
        "Adalimumab",
    ],
)
def test_medicines_are_known_by_brand_and_by_the_form_of_their_name(label):
    tag = TAGGER.tag(field("Contact.X__c", label, "boolean"), HEALTH_CRM)
    assert tag is not None
    assert tag.coarse.value == "clinical"


@pytest.mark.parametrize(
    "label", ["Appendectomy", "Gastroscopy", "Bronchitis", "Neuropathy", "Rhinoplasty", "Hyperlipidemia"]
)
def test_diseases_and_operations_are_known_by_the_form_of_their_name(label):
    assert coarse_of(field("Contact.X__c", label, "boolean"), *HEALTH_CRM) == "clinical"


@pytest.mark.parametrize(
    "label", ["Trophy", "Taxonomy", "Person", "Milestone", "Hospitality Suite", "Surge Pricing"]
)
def test_words_that_only_look_like_medical_ones_are_left_alone(label):
    assert coarse_of(field("Order.X__c", label), *SHOP) == "none"


@pytest.mark.parametrize(
    "facts",
    [
        field("Pet__c.Diagnosis__c", "Diagnosis"),
        field("Repair__c.Diagnosis__c", "Diagnosis"),
        field("Horse__c.Vaccination_Date__c", "Vaccination Date", "date"),
        field("Contact.Experience_with_Autism__c", "Experience with autism", "picklist"),
        field("Lead.Treatment_Referral_Source__c", "Treatment Referral Source"),
        field("Patient__c.Time_Zone__c", "Time Zone", "picklist"),
    ],
    ids=lambda facts: facts.key,
)
def test_health_words_about_something_else_are_left_alone(facts):
    assert coarse_of(facts, *HEALTH_CRM) == "none"


# ------------------------------------------------------------------ signs beside the name


def test_the_section_of_a_field_counts_as_its_object_does():
    assert coarse_of(field("contacts.weight", "Weight", "number", group="patient_intake")) == "clinical"
    assert coarse_of(field("companies.weight", "Weight", "number", group="shipping_information")) == "none"


def test_the_question_of_a_form_names_a_field():
    facts = field("contacts.field_7", "Field 7", questions=("Which medication do you take?",))
    tag = TAGGER.tag(facts)
    assert tag is not None
    assert tag.phi_class == "medication"
    assert tag.reasons[0].startswith('The question "Which medication do you take?" says "medication"')


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Care_Plan__c.Item__c", "Item", "reference", targets=("Diagnosis__c",)), "clinical"),
        (field("Care_Plan__c.Item__c", "Item", "Lookup(Diagnosis__c)"), "clinical"),
        (field("Care_Plan__c.Visit__c", "Visit", "Lookup(Encounter__c)"), "none"),
        (field("Charge__c.Treatment__c", "Treatment", "MasterDetail(Treatment__c)"), "none"),
        (field("Visit__c.Doctor__c", "Doctor", "Lookup(User)"), "clinical"),
        (field("Visit__c.Medication_Desk__c", "Medication Desk", "Lookup(User)"), "none"),
        (field("Visit__c.External_Contact__c", "External Contact", "Lookup(External_Contact__c)"), "none"),
    ],
    ids=lambda value: value.key if isinstance(value, FieldFacts) else value,
)
def test_a_lookup_says_what_its_target_says(facts, expected):
    assert coarse_of(facts, *HEALTH_CRM) == expected


def test_a_column_called_like_an_object_is_its_key():
    table = (field("encounters.csv.START", "", "csv column"), *HEALTH_CRM)
    assert coarse_of(field("allergies.csv.ENCOUNTER", "", "csv column"), *table) == "none"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("apptdate", "clinical"),
        ("guardianphone", "identifier"),
        ("reasoncode", "clinical"),
        ("update", "none"),
    ],
)
def test_words_that_are_glued_together_are_read_apart(name, expected):
    assert coarse_of(field(f"patient_data.{name}", "", "varchar(255)"), *HEALTH_CRM) == expected


def test_a_field_on_a_record_of_care_is_left_to_a_person_where_nothing_else_speaks():
    tag = TAGGER.tag(field("Substance_Use__c.Alcopops__c", "Alcopops", "boolean"), HEALTH_CRM)
    assert tag is not None
    assert (tag.phi_class, tag.confidence) == ("substance_use", Confidence.LOW)
    assert (
        coarse_of(field("Substance_Use__c.Sync_Status__c", "Sync Status", "boolean"), *HEALTH_CRM) == "none"
    )
