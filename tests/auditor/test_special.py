"""Special categories: which fields belong to one, what that raises, and what is cited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.findings import Severity
from auditor.phi import Coarse
from auditor.rule import judge
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.special import CATEGORIES, category, raised
from tests.auditor.orgs import DIAGNOSIS, fact, marketer, org, tag

ANA = marketer("Ana")
ALCOHOL = "Contact.Alcohol_Use__c"
PSYCHOTHERAPY = "what may be psychotherapy notes"


@pytest.mark.parametrize(
    ("name", "phi_class", "label", "said"),
    [
        (ALCOHOL, "substance_use", "", "substance use"),
        ("Contact.Pregnant__c", "reproductive_health", "", "reproductive health"),
        ("Contact.Hiv__c", "hiv_sti", "", "HIV or another sexually transmitted infection"),
        ("Contact.Brca__c", "genetic", "", "genetic information"),
        ("Contact.Pronouns__c", "sogi", "", "sexual orientation or gender identity"),
        ("Contact.Session_Notes__c", "care_plan_notes", "", PSYCHOTHERAPY),
        ("Contact.Text__c", "mental_behavioral_health", "Psychotherapy notes", PSYCHOTHERAPY),
        ("Contact.Session_Count__c", "care_plan_notes", "", None),
        ("Contact.PT__c", "care_plan_notes", "Physical therapy notes", None),
        ("Contact.Session_Notes__c", "appointment_encounter", "", None),
        ("Contact.Abuse_History__c", "sdoh", "", "abuse or violence"),
        ("Contact.Drug_Abuse__c", "health_history_lifestyle", "", None),
        ("Child__c.Depression__c", "mental_behavioral_health", "", "mental health of minors"),
        ("Contact.Depression__c", "mental_behavioral_health", "Minor depression", None),
        ("Child__c.Height__c", "vitals_measurement", "", None),
        (DIAGNOSIS, "diagnosis", "", None),
    ],
)
def test_the_category_of_a_field(name, phi_class, label, said):
    one = tag(name, phi_class=phi_class)
    found = category(one, replace(fact(name), label=label))
    assert (found.name if found else None) == said
    [after] = raised({name: one}, {name: replace(fact(name), label=label)}).values()
    assert after.tier == ("T4" if said else "T3")
    assert after.reasons[len(one.reasons) :] == ((f"Specially protected: {said}.",) if said else ())


def test_words_of_abuse_mean_nothing_where_no_health_data_is():
    one = tag("Contact.Abuse_Report_Email__c", phi_class="email", coarse=Coarse.IDENTIFIER)
    assert category(one, None) is None


def test_a_tag_that_is_special_already_keeps_its_reasons():
    one = tag(ALCOHOL, phi_class="substance_use", tier="T4")
    assert raised({ALCOHOL: one}, {}) == {ALCOHOL: one}


def alcohol(**more):
    tags = {ALCOHOL: tag(ALCOHOL, phi_class="substance_use", tier="T4")}
    [finding] = judge(
        marketing_reads_clinical, org(ANA, holds={"ana": "R"}, R=f"Contact {ALCOHOL}", tags=tags, **more)
    ).findings
    return finding


def test_part_2_is_cited_only_by_an_organisation_that_says_so():
    before, after = alcohol(), alcohol(part2=True)
    category = "raised: a special category of health data is among the fields: substance use"
    assert before.seen.modifiers == (
        f"{category} (42 CFR Part 2 applies if you are a Part 2 programme or hold records of one)",
    )
    assert after.seen.modifiers == (f"{category} (42 CFR Part 2)",)
    assert "42 CFR Part 2" not in before.citations
    assert after.citations == (*before.citations, "42 CFR Part 2")
    assert (before.severity, after.severity) == (Severity.CRITICAL, Severity.CRITICAL)
    assert (before.id, before.digest) == (after.id, after.digest)


def test_psychotherapy_notes_are_relevant_to_their_own_authorisation():
    name = "Contact.Session_Notes__c"
    tags = {name: tag(name, phi_class="care_plan_notes", tier="T4")}
    [finding] = judge(
        marketing_reads_clinical, org(ANA, holds={"ana": "R"}, R=f"Contact {name}", tags=tags)
    ).findings
    assert finding.citations[-1] == "45 CFR 164.508(a)(2)"
    said = f"raised: a special category of health data is among the fields: {PSYCHOTHERAPY} (45 CFR 164.501)"
    assert finding.seen.modifiers == (said,)


def test_reproductive_health_cites_nothing():
    [one] = [c for c in CATEGORIES if c.name == "reproductive health"]
    assert (one.law, one.citation) == ("", "")
