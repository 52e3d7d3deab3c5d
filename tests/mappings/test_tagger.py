"""The tagger, as tables: what it must see, what must not fool it, and what a type or a language changes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.phi import Basis, Coarse, Confidence, FieldFacts
from mappings.decisions import given_tags
from mappings.tagger import Tagger
from mappings.taxonomy import load_taxonomy
from mappings.vocabulary import load_vocabulary

TAGGER = Tagger(load_taxonomy(), load_vocabulary())


def field(where: str, label: str = "", type_name: str = "string", **more) -> FieldFacts:
    object_name, name = where.split(".")
    return FieldFacts(object=object_name, name=name, label=label, type=type_name, **more)


def class_of(facts: FieldFacts, neighbours=()) -> str:
    tag = TAGGER.tag(facts, neighbours)
    return tag.phi_class if tag else ""


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Contact.Primary_Diagnosis__c", "Primary Diagnosis"), "diagnosis_condition"),
        (field("contacts.primary_diagnosis", "Primary diagnosis", "enumeration"), "diagnosis_condition"),
        (field("Lead.ChiefComplaint__c", "Chief Complaint"), "symptom"),
        (field("Contact.Current_Medications__c", "Current Medications", "textarea"), "medication"),
        (field("Contact.Allergies__c", "Allergies"), "allergy"),
        (field("Contact.Surgery_Date__c", "Surgery Date", "date"), "procedure_treatment"),
        (field("Contact.Lab_Result__c", "Lab Result"), "lab_imaging"),
        (field("Contact.Blood_Pressure__c", "Blood Pressure"), "vitals_measurement"),
        (field("Contact.Vaccination_Status__c", "Vaccination Status", "picklist"), "immunization"),
        (field("Contact.PHQ9__c", "PHQ-9", "double"), "mental_behavioral_health"),
        (field("Contact.Sobriety_Date__c", "Sobriety Date", "date"), "substance_use"),
        (field("Contact.Embryos__c", "Embryos", "double"), "reproductive_health"),
        (field("Contact.HIVStatus__c", "HIV Status", "picklist"), "hiv_sti"),
        (field("Contact.Pronouns__c", "Pronouns", "picklist"), "sogi"),
        (field("Contact.BRCA__c", "BRCA", "picklist"), "genetic"),
        (field("Contact.Wheelchair__c", "Wheelchair", "boolean"), "disability_function"),
        (field("Contact.Care_Plan__c", "Care Plan", "textarea"), "care_plan_notes"),
        (field("Contact.Referring_Doctor__c", "Referring Doctor"), "provider_of_care"),
        (field("Lead.No_Show__c", "No-show", "boolean"), "appointment_encounter"),
        (field("Lead.Preferred_Clinic__c", "Preferred Clinic", "picklist"), "facility_department"),
        (field("Contact.Pacemaker__c", "Pacemaker", "boolean"), "medical_device"),
        (field("Contact.Smoking_Status__c", "Smoking Status", "picklist"), "health_history_lifestyle"),
        (field("Contact.Epworth__c", "Epworth", "double"), "assessment_screening"),
        (field("Contact.Food_Insecurity__c", "Food Insecurity", "boolean"), "sdoh"),
        (field("Lead.Reason_for_Visit__c", "Reason for visit", "picklist"), "lead_health_interest"),
        (field("Lead.Quiz_Score__c", "Quiz Score", "double"), "quiz_result"),
        (field("Contact.Patient_Status__c", "Patient Status", "picklist"), "patient_program_status"),
        (field("Contact.HIPAA_Authorization__c", "HIPAA Authorization", "boolean"), "health_consent"),
        (field("Lead.Insurance_Carrier__c", "Insurance Carrier"), "insurance_coverage"),
        (field("Contact.Prior_Authorization__c", "Prior Authorization"), "claim_billing"),
        (field("Contact.Treatment_Cost__c", "Treatment Cost", "currency"), "payment_for_care"),
        (field("Contact.MRN__c", "MRN"), "medical_record_number"),
        (field("Contact.Member_ID__c", "Member ID"), "health_plan_member_id"),
        (field("Contact.SSN__c", "SSN", "encryptedstring"), "ssn_national_id"),
        (field("Lead.GCLID__c", "GCLID"), "other_unique_id"),
        (field("Lead.Consent_IP__c", "Consent IP"), "ip_address"),
        (field("Contact.Emergency_Contact__c", "Emergency Contact"), "relative_or_contact"),
        (field("Contact.Race__c", "Race", "picklist"), "demographic"),
        (field("Lead.Description", "Description", "textarea", length=32000), "free_text_note"),
        (field("Task.Description", "Comments", "textarea", length=32000), "free_text_note"),
        (field("Lead.Call_Transcript__c", "Call Transcript", "textarea"), "communication_content"),
        (field("Allergy__c.Status__c", "Status", "picklist"), "allergy"),
        (field("Symptom_Log__c.Symptom__c", "Symptom"), "symptom"),
        (field("Contact.Medication_Error__c", "Medication error"), "medication"),
        (field("Contact.Immune_System_Disease__c", "Immune system disease"), "diagnosis_condition"),
        (field("HealthCloudGA__Foo__c.HealthCloudGA__Weight__c", "Weight", "double"), "vitals_measurement"),
    ],
)
def test_sees(facts, expected):
    assert class_of(facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (field("Contact.FirstName", "First Name"), "name"),
        (field("Lead.Name", "Full Name"), "name"),
        (field("Account.Name", "Account Name"), "name"),
        (field("Contact.Email", "Email", "email"), "email"),
        (field("Contact.MobilePhone", "Mobile Phone", "phone"), "phone"),
        (field("Contact.Fax", "Business Fax", "phone"), "fax"),
        (field("Contact.Birthdate", "Birthdate", "date"), "date_birth_death"),
        (field("Contact.MailingAddress", "Mailing Address", "address"), "geographic"),
        (field("Account.BillingAddress", "Billing Address", "address"), "geographic"),
        (field("Contact.Reach_Me__c", "Reach me", "email"), "email"),
        (field("contacts.zip", "Postal Code", "string"), "geographic"),
    ],
)
def test_standard_fields_are_known_by_name_or_type(facts, expected):
    assert class_of(facts) == expected


LOOK_ALIKES = [
    field("Product2.Condition__c", "Condition", "picklist", picklist=("New", "Used")),
    field("Asset.Condition__c", "Condition", "picklist", picklist=("New", "Used")),
    field("Contact.Payment_Condition__c", "Payment Condition"),
    field("Order.Terms_and_Conditions__c", "Terms and Conditions"),
    field("Campaign.Treatment__c", "Treatment", "picklist", picklist=("Control", "Variant A")),
    field("Contact.Treatment_Group__c", "Treatment", "picklist", picklist=("Control", "Variant")),
    field("Account.Tax_Treatment__c", "Tax Treatment"),
    field("Case.CaseNumber", "Case Number"),
    field("Contact.SSO_Provider__c", "SSO Provider"),
    field("Contact.Email_Provider__c", "Email Provider"),
    field("Lead.Payment_Provider__c", "Payment Provider"),
    field("Job__c.Stored_Procedure__c", "Stored Procedure"),
    field("Rollup__c.Operation__c", "Operation", "picklist", picklist=("Count", "Sum")),
    field("Order.Delivery_Date__c", "Delivery Date", "date"),
    field("Battery__c.Discharge__c", "Discharge", "double"),
    field("College_Application__c.Admission_Date__c", "Admission", "date"),
    field("Account.Health_Score__c", "Account Health", "double"),
    field("Server_Log__c.Log_Diagnosis__c", "Log Diagnosis"),
    field("Vehicle__c.Temperature__c", "Temperature", "double"),
    field("Parcel__c.Weight__c", "Weight", "double"),
    field("Contract.Termination_Date__c", "Termination Date", "date"),
    field("Banner__c.Orientation__c", "Orientation", "picklist", picklist=("Portrait", "Landscape")),
    field("Shipment__c.Carrier__c", "Carrier"),
    field("Contact.MI__c", "MI"),
    field("Contact.PT__c", "PT"),
    field("Practitioner_Credential__c.Residency__c", "Residency"),
    field("Vehicle__c.Insurance_Policy__c", "Insurance Policy"),
    field("Opportunity.Sales_Consultation__c", "Sales Consultation", "date"),
    field("Lead.LeadSource", "Lead Source", "picklist", picklist=("Doctor", "Web", "Radio")),
    field("Product2.Recall_Date__c", "Recall Date", "date"),
    field("Contact.Email_Type__c", "Email Type", "picklist"),
    field("Contact.Email_Verified__c", "Email Verified", "boolean"),
    field("Contact.HasOptedOutOfEmail", "Email Opt Out", "boolean"),
    field("Contact.EmailBouncedReason", "Email Bounced Reason"),
    field("Contact.Phone_Type__c", "Phone Type", "picklist"),
    field("Document__c.File_Name__c", "File Name"),
    field("EmailTemplate.Name", "Email Template Name"),
    field("Invoice__c.Aging__c", "Age", "double"),
    field("Drug_Catalog__c.Dose__c", "Dose"),
    field("Car_Service__c.Slots_Booked__c", "Appointments booked", "double"),
    field("Contact.Status__c", "Status", "picklist"),
    field("Contact.MailingState", "Mailing State/Province"),
    field("Contact.Confidential__c", "Confidential", "boolean"),
    field("Contact.hipaa_mail", "HIPAA mail allowed", "boolean"),
    field("Contact.HealthCloud_Version__c", "Health Cloud Version"),
    field("Contact.CreatedDate", "Created Date", "datetime"),
    field("Clinic__c.Phone__c", "Phone", "phone"),
    field("Contact.AccountId", "Account ID", "reference"),
    field("Contact.Id", "Contact ID", "id"),
    field("Diagnosis_Setting__mdt.Diagnosis__c", "Diagnosis"),
    field("Foo__mdt.Diagnosis__c", "Diagnosis"),
    field("Pricebook2.Patient_Related__c", "Patient related", "boolean"),
    field("Account.Number_of_Patients__c", "Number of Patients", "double"),
    field("Procedure_Catalog__c.Procedure__c", "Procedure"),
    field("Home_Policy__c.Policy_Number__c", "Home Policy Number"),
    field("Warranty__c.Claim__c", "Warranty Claim"),
    field("Contact.Phone_Carrier__c", "Phone Carrier"),
    field("Debt__c.Recovery_Date__c", "Recovery Date", "date"),
    field("Sensor__c.Pulse__c", "Pulse", "double"),
]


@pytest.mark.parametrize("facts", LOOK_ALIKES, ids=lambda facts: facts.key)
def test_look_alikes_are_left_alone(facts):
    assert class_of(facts) == ""


@pytest.mark.parametrize(
    ("name", "label", "type_name"),
    [("Email", "Email", "email"), ("FirstName", "First Name", "string"), ("AboutMe", "About Me", "textarea")],
)
def test_workforce_objects_are_left_alone(name, label, type_name):
    verdict = TAGGER.explain(field(f"User.{name}", label, type_name))
    assert verdict.tag is None
    assert "people who work here" in verdict.silenced[0]


@pytest.mark.parametrize(
    "where", ["Doctor_Note__c.Diagnosis__c", "Patient_Provider__c.Diagnosis__c", "Lab_Report__c.Result__c"]
)
def test_an_object_that_names_care_is_no_staff_or_reference_object(where):
    assert class_of(field(where))


@pytest.mark.parametrize(
    ("label", "type_name", "expected"),
    [
        ("Diabetes", "boolean", "diagnosis_condition"),
        ("Email", "boolean", ""),
        ("Phone", "double", ""),
        ("First Name", "boolean", ""),
        ("SSN", "boolean", ""),
        ("Notes", "boolean", ""),
        ("Notes", "double", ""),
        ("Notes", "textarea", "free_text_note"),
        ("Anything", "html", "free_text_note"),
        ("Anything", "string", ""),
        ("Number of Visits", "double", ""),
        ("Surgery", "Roll-Up Summary (COUNT Surgery)", ""),
    ],
)
def test_type_gates(label, type_name, expected):
    assert class_of(field("Contact.X__c", label, type_name)) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Diagnóstico", "diagnosis_condition"),
        ("Enfermedad", "diagnosis_condition"),
        ("Fecha de nacimiento", "date_birth_death"),
        ("Motivo de consulta", "lead_health_interest"),
        ("Embarazada", "reproductive_health"),
        ("Maladie", "diagnosis_condition"),
        ("Numéro de sécurité sociale", "ssn_national_id"),
        ("Médecin traitant", "provider_of_care"),
        ("Krankheit", "diagnosis_condition"),
        ("Krankenkasse", "insurance_coverage"),
        ("Straße", "geographic"),
        ("STRASSE", "geographic"),
        ("Doença", "diagnosis_condition"),
        ("Plano de saúde", "insurance_coverage"),
        ("Data de nascimento", "date_birth_death"),
        ("Gravidez", "reproductive_health"),
    ],
)
def test_languages(label, expected):
    assert class_of(field("Contact.Campo_1__c", label)) == expected


@pytest.mark.parametrize("label", ["Consulta", "Alta", "Cita", "Ordonnance", "Rezept", "Befehl", "Receita"])
def test_false_friends_need_a_health_object(label):
    assert class_of(field("Order.X__c", label)) == ""


def test_false_friends_count_on_a_health_object():
    assert class_of(field("Paciente__c.X__c", "Alta", "date")) == "appointment_encounter"
    assert class_of(field("Patient__c.X__c", "Rezept")) == "medication"


def test_one_word_elsewhere_is_medium_at_most():
    tag = TAGGER.tag(field("Thing__c.Diagnosis__c", "Diagnosis"))
    assert tag is not None
    assert tag.confidence is Confidence.MEDIUM


def test_signs_add_up():
    bare = field("Thing__c.Diagnosis__c", "Diagnosis", "picklist")
    full = field(
        "Patient__c.Diagnosis__c",
        "Diagnosis",
        "picklist",
        picklist=("Diabetes", "Asthma"),
        help_text="The patient's illness.",
    )
    tag = TAGGER.tag(full)
    assert tag is not None
    assert tag.confidence is Confidence.HIGH
    assert len(tag.reasons) > len(TAGGER.tag(bare).reasons)


def test_values_decide_where_the_name_is_silent():
    facts = field("Contact.Field_7__c", "Field 7", "picklist", picklist=("Diabetes", "Asthma", "Other"))
    assert class_of(facts) == "diagnosis_condition"


def test_one_value_does_not_turn_off_a_diagnosis():
    values = ("Car accident", "Payment dispute", "Asthma")
    assert class_of(field("Contact.Diagnosis__c", "Diagnosis", "picklist", picklist=values))


def test_neighbours_give_context():
    facts = field("Thing__c.Weight__c", "Weight", "double")
    siblings = [field("Thing__c.Diagnosis__c", "Diagnosis"), field("Thing__c.Allergies__c", "Allergies")]
    assert class_of(facts) == ""
    assert class_of(facts, siblings) == "vitals_measurement"
    assert class_of(facts, [field("Other__c.Diagnosis__c"), field("Other__c.Allergies__c")]) == ""


def test_reasons_name_the_evidence():
    tag = TAGGER.tag(field("Contact.Enf__c", "Enfermedad", description="The diagnosis."))
    assert tag is not None
    assert tag.reasons == (
        'The label "Enfermedad" says "enfermedad" (Spanish), which names a condition a person may have.',
        'The help text or description says "diagnosis".',
        'The object\'s name says "contact": it describes a person.',
    )
    assert (tag.basis, tag.coarse, tag.tier) == (Basis.TAGGER, Coarse.CLINICAL, "T3")


def test_what_was_silenced_is_said():
    verdict = TAGGER.explain(field("Contact.Email_Verified__c", "Email Verified"))
    assert verdict.tag is None
    assert "not the detail itself" in verdict.silenced[0]


def test_notes_of_a_session_are_specially_protected():
    assert TAGGER.tag(field("Contact.Session_Notes__c", "Session Notes", "textarea")).tier == "T4"


def test_a_lookup_is_never_more_than_low():
    link = TAGGER.tag(field("Visit__c.Patient__c", "Patient", "reference"))
    assert (link.phi_class, link.confidence) == ("person_link", Confidence.LOW)
    diagnosis = TAGGER.tag(field("Contact.Diagnosis__c", "Diagnosis", "reference"))
    assert (diagnosis.phi_class, diagnosis.confidence) == ("diagnosis_condition", Confidence.LOW)


# ------------------------------------------------------------------ properties

PARTS = st.sampled_from(
    [
        "Diagnosis",
        "Email",
        "Treatment",
        "Group",
        "Patient",
        "Condition",
        "Notes",
        "Type",
        "Visit",
        "Médico",
        "X",
    ]
)
NAMES = st.one_of(st.text(max_size=30), st.lists(PARTS, min_size=1, max_size=4).map("_".join))
FACTS = st.builds(
    FieldFacts,
    object=st.one_of(st.sampled_from(["Contact", "Patient__c", "User", "Product2", "contacts"]), NAMES),
    name=NAMES,
    label=NAMES,
    type=st.one_of(
        st.sampled_from(["string", "boolean", "picklist", "textarea", "email", "reference"]),
        st.text(max_size=12),
    ),
    description=st.text(max_size=60),
    help_text=NAMES,
    picklist=st.lists(NAMES, max_size=4).map(tuple),
    object_label=NAMES,
    length=st.integers(0, 40000),
)


@given(FACTS, st.lists(FACTS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_never_fails_and_always_the_same(facts, neighbours):
    first = TAGGER.tag(facts, neighbours)
    assert first == TAGGER.tag(facts, neighbours)
    assert first == TAGGER.tag(facts, neighbours[::-1])
    if first is not None:
        assert first.reasons
        assert first.is_phi
        assert first.phi_class in load_taxonomy().classes
        assert first.coarse is load_taxonomy().classes[first.phi_class].coarse


@given(st.lists(FACTS, max_size=8, unique_by=lambda facts: facts.key), st.integers())
@settings(max_examples=150, deadline=None)
def test_order_does_not_matter(facts, seed):
    shuffled = facts[:]
    random.Random(seed).shuffle(shuffled)
    by_key = {tag.field: tag for tag in TAGGER.tag_all(facts)}
    assert by_key == {tag.field: tag for tag in TAGGER.tag_all(shuffled)}
    for one in facts:
        assert TAGGER.tag(one, facts) == by_key.get(one.key)


@given(
    st.dictionaries(
        st.text(min_size=1).map(lambda text: f"A.{text}b"), st.text(min_size=1).map(lambda t: t + "x")
    )
)
def test_given_words_never_fail(doc):
    tags = given_tags(doc, load_taxonomy())
    assert [tag.field for tag in tags] == list(doc)
