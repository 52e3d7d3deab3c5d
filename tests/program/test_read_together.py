"""What is read together in each CRM, from its own rows to the finding, and where its settings mend it."""

from __future__ import annotations

import pytest

from auditor.audit import Audit
from auditor.findings import State
from auditor.people import Audience, Kind, Sign
from auditor.policy import Policy
from connectors.hubspot.semantics import SEMANTICS as HUBSPOT
from connectors.salesforce.semantics import SEMANTICS as SALESFORCE
from connectors.tryton.semantics import SEMANTICS as TRYTON
from crm_audit.compose import Settings, judge
from tests.hubspot import direct
from tests.tryton.clinics import AT as TRYTON_AT
from tests.tryton.clinics import Clinic, snapshot_of

RULE = "quasi-identifier-set"
MARKETING = Audience("marketing", (Sign("email", "mia@x.example"), Sign("sets", "Marketing")), marketing=True)
OUTSIDE = Audience("guest", (), kinds=frozenset({Kind.GUEST}))
SPECIAL = "a special category of health data is among the fields: substance use"


def settings(decided: dict[str, str], **more) -> Settings:
    return Settings((OUTSIDE, MARKETING), Policy(), decided=decided, **more)


def hubspot(decided: dict[str, str], **more) -> Audit:
    """A portal in which Mia of marketing is super admin."""
    properties = {}
    for key in decided:
        object_, _, name = key.partition(".")
        properties.setdefault(object_, []).append({"name": name})
    portal = {
        "tokens": [{"token": "t"}],
        "users": [{"id": "1", "email": "mia@x.example", "superAdmin": True}],
        "properties": properties,
    }
    return judge(direct.snapshot(portal), settings(decided, **more), direct.AT)


def tryton(decided: dict[str, str], *closed: tuple[str, str], **more) -> Audit:
    """A database in which a person's address is a record of its own, and Mia works in marketing."""
    clinic = Clinic()
    for name in ("ir.model", "res.user", "res.group", "ir.model.access", "ir.model.field.access"):
        clinic.add_model(name, "name")
    clinic.add_model("party.party", "dob", "gender", "addiction")
    clinic.add_model("party.address", "postal_code", ("party", "many2one", "party.party", False))
    marketing = clinic.add_group("Marketing")
    clinic.add_user("mia", marketing, name="Mia")
    for model, name in closed:
        clinic.allow_field(model, name, None, "")
    return judge(snapshot_of(clinic), settings(decided, **more), TRYTON_AT)


def found(audit: Audit, rule: str = RULE):
    return [finding for finding in audit.findings if finding.rule == rule]


def state(audit: Audit) -> State:
    return next(result.state for result in audit.results if result.rule.id == RULE)


CONTACT = {
    "contacts.date_of_birth": "date_birth_death",
    "contacts.zip": "geographic",
    "contacts.gender": "demographic",
}
PARTY = {"party.party.dob": "date_birth_death", "party.party.gender": "demographic"}
ADDRESS = {"party.address.postal_code": "geographic"}


def test_a_contact_of_hubspot():
    [finding] = found(hubspot(CONTACT))
    assert (finding.seen.audience, finding.seen.object, finding.seen.people) == (
        "marketing",
        "contacts",
        ("1",),
    )
    assert "In HubSpot, open Settings > Properties" in finding.seen.remedy
    assert state(hubspot({k: v for k, v in CONTACT.items() if not k.endswith("zip")})) is State.NOT_ASSESSED


def test_a_record_of_hubspot_may_be_associated_with_its_contact():
    audit = hubspot({"deals.dx": "diagnosis_condition", "contacts.email": "email"})
    [finding] = found(audit, "marketing-reads-clinical")
    assert finding.seen.message.endswith(
        "On a record linked through an association with contacts they read what identifies the person: contacts.email."
    )


def test_a_party_of_tryton_and_its_address():
    [finding] = found(tryton(PARTY | ADDRESS))
    assert finding.seen.root == "party.address+party.party"
    assert "Fields Access" in finding.seen.remedy
    closed = tryton(PARTY | ADDRESS, ("party.address", "postal_code"))
    assert (found(closed), state(closed)) == ([], State.NO_GAP_OBSERVED)
    shut = tryton(PARTY | ADDRESS | {"party.address.party": "person_link"}, ("party.address", "party"))
    assert (found(shut), state(shut)) == ([], State.NO_GAP_OBSERVED)


def test_a_decision_that_a_field_is_none_settles_whose_record_it_is():
    decided = {"party.party.addiction": "substance_use"}
    [open_] = found(tryton(decided), "marketing-reads-clinical")
    rest = {"party.party.dob": "none", "party.party.gender": "none", "party.address.party": "none"}
    [settled] = found(tryton(decided | rest), "marketing-reads-clinical")
    assert open_.seen.message.endswith("is not known.")
    assert settled.seen.message.endswith(
        "Nothing they read on the same or a linked record identifies the person."
    )
    assert settled.severity == open_.severity.raised(-1)


@pytest.mark.parametrize(("part2", "cited"), [(False, False), (True, True)])
def test_part_2_is_cited_where_the_organisation_says_so(part2, cited):
    [finding] = found(
        tryton({"party.party.addiction": "substance_use"}, part2=part2), "marketing-reads-clinical"
    )
    assert ("42 CFR Part 2" in finding.citations) is cited
    assert any(SPECIAL in modifier for modifier in finding.seen.modifiers)


def test_words_raise_a_field_to_the_special_tier():
    audit = hubspot({"contacts.abuse_history": "sdoh"})
    assert audit.view.tags["contacts.abuse_history"].tier == "T4"


@pytest.mark.parametrize("means", [SALESFORCE, HUBSPOT, TRYTON])
def test_each_crm_says_where_one_of_the_three_is_closed(means):
    assert means.steps[RULE].startswith("In ")
