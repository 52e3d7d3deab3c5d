"""The shipped mapping of GNU Health's models: what it says of a few fields, and that it can be selected by name."""

from __future__ import annotations

import os

import pytest

import mappings
from auditor.phi import Coarse, FieldFacts
from crm_audit import config

FILE = mappings.load_mapping(mappings.SHIPPED["gnuhealth"])


def decided(key: str):
    model, _, name = key.rpartition(".")
    return FILE.decide(FieldFacts(model, name))


@pytest.mark.parametrize(
    ("key", "phi_class"),
    [
        ("gnuhealth.patient.puid", "medical_record_number"),
        ("gnuhealth.patient.domestic_violence", "sdoh"),
        ("gnuhealth.patient.drug_usage", "substance_use"),
        ("gnuhealth.patient.abortions", "reproductive_health"),
        ("gnuhealth.patient.crit_mental", "mental_behavioral_health"),
        ("gnuhealth.patient.crit_cancer", "diagnosis_condition"),
        ("gnuhealth.patient.id", "patient_program_status"),
        ("gnuhealth.patient.disease.allergy_type", "allergy"),
        ("gnuhealth.patient.disease.pathology", "diagnosis_condition"),
        ("gnuhealth.patient.ecg.rhythm", "lab_imaging"),
        ("gnuhealth.patient.pregnancy.fetuses", "reproductive_health"),
        ("gnuhealth.insurance.number", "health_plan_member_id"),
        ("gnuhealth.pathology.name", "none"),
        ("gnuhealth.pathology.group.members", "none"),
        ("gnuhealth.sequences.patient_sequence", "none"),
        ("party.party.is_patient", "patient_program_status"),
    ],
)
def test_fields(key, phi_class):
    assert decided(key).phi_class == phi_class


def test_every_field_of_a_patient_is_somebody_s():
    assert decided("gnuhealth.patient.whatever").coarse is Coarse.CLINICAL
    assert FILE.decide(FieldFacts("sale.opportunity", "description")) is None


def test_it_is_selected_by_its_name(tmp_path):
    file = tmp_path / "crm-audit.yaml"
    file.write_text("version: 1\nmappings: [gnuhealth]\n")
    assert config.load(file, os.environ).mapping_paths == (mappings.SHIPPED["gnuhealth"],)
    own = tmp_path / "gnuhealth"
    own.write_text("version: 1\ntags: []\n")
    assert config.load(file, os.environ).mapping_paths == (own,)
