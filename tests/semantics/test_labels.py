"""Which of a vendor's labels a tagged field should carry, case by case."""

from __future__ import annotations

import pytest

from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from connectors.hubspot.semantics.labels import label as hubspot
from connectors.protocol import Label
from connectors.salesforce.semantics.labels import label as salesforce

CLINICAL, PAYMENT, IDENTIFIER, FREE = Coarse.CLINICAL, Coarse.PAYMENT, Coarse.IDENTIFIER, Coarse.FREETEXT_RISK


def tag(coarse, phi_class="any"):
    return Tag("any", phi_class, coarse, "T3", Confidence.HIGH, Basis.GIVEN, ("why",))


def field(name="X__c", owner="Contact", **known):
    return FieldFacts(owner, name, **{"custom": True, **known})


@pytest.mark.parametrize(
    ("facts", "coarse", "proposed"),
    [
        (field(), CLINICAL, "HIPAA"),
        (field(), PAYMENT, "HIPAA"),
        (field(), IDENTIFIER, "PII"),
        (field(compliance=("GDPR", "PII")), CLINICAL, "GDPR;PII;HIPAA"),
        (field(compliance=("GDPR",)), IDENTIFIER, "GDPR;PII"),
        (field(compliance=("hipaa",)), CLINICAL, "carries the label already"),
        (field(compliance=("HIPAA",)), IDENTIFIER, "carries the label already"),
        (field(compliance=("pii",)), IDENTIFIER, "carries the label already"),
        (field(), FREE, "Free text of unknown content"),
        (field(defined=False), CLINICAL, "was not read"),
        (field("X__pc", "Account"), CLINICAL, "takes the label of that field"),
        (field("PersonEmail", "Account", custom=False), IDENTIFIER, "takes the label of that field"),
        (field("X__c", "User"), IDENTIFIER, "fields of User"),
    ],
)
def test_salesforce_categories(facts, coarse, proposed):
    found = salesforce(facts, tag(coarse))
    if isinstance(found, Label):
        assert (found.now, found.proposed) == (";".join(facts.compliance), proposed)
        assert f"<complianceGroup>{proposed}</complianceGroup>" in found.snippet
    else:
        assert proposed in found


@pytest.mark.parametrize(
    ("facts", "how", "snippet"),
    [
        (
            field("X__c", label="X", object_label="Person"),
            "Person > Fields & Relationships > X >",
            "objects/Contact/",
        ),
        (
            field("X__c", "Task"),
            "Activity > Fields & Relationships > X__c >",
            "objects/Activity/fields/X__c.",
        ),
        (field("Subject", "Task", custom=False), "Task > Fields & Relationships > Subject >", ""),
        (field("Email", custom=False), "Contact > Fields & Relationships > Email >", ""),
    ],
)
def test_where_salesforce_keeps_a_category(facts, how, snippet):
    found = salesforce(facts, tag(IDENTIFIER))
    assert f"Setup > Object Manager > {how} Edit > Compliance Categorization" in found.how
    assert found.snippet.startswith(snippet)
    assert bool(found.snippet) is facts.custom


@pytest.mark.parametrize(
    ("facts", "of", "proposed"),
    [
        (field("x", "contacts"), tag(CLINICAL), "sensitive; HIPAA"),
        (field("x", "2-701"), tag(PAYMENT), "sensitive; HIPAA"),
        (field("x", "deals"), tag(IDENTIFIER, "ssn_national_id"), "highly_sensitive"),
        (field("x", "contacts"), tag(IDENTIFIER, "email"), "no label for identifiers"),
        (field("x", "contacts"), tag(FREE), "free text of unknown content"),
        (
            field("x", "contacts", sensitivity="sensitive", compliance=("HIPAA",)),
            tag(CLINICAL),
            "carries the label",
        ),
        (field("x", "contacts", sensitivity="sensitive"), tag(CLINICAL), "without a category"),
        (
            field("x", "contacts", sensitivity="highly sensitive"),
            tag(IDENTIFIER, "ssn_national_id"),
            "carries the label already",
        ),
        (field("x", "contacts", archived=True), tag(CLINICAL), "archived"),
        (field("x", "contacts", calculated=True), tag(CLINICAL), "calculated"),
        (field("x", "contacts", custom=False), tag(CLINICAL), "HubSpot's own"),
        (field("x", "notes"), tag(CLINICAL), "custom objects only"),
    ],
)
def test_hubspot_levels(facts, of, proposed):
    found = hubspot(facts, of)
    if isinstance(found, Label):
        assert (found.now, found.proposed) == ("non_sensitive", proposed)
    else:
        assert proposed in found
