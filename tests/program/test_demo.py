"""The demo clinic: every planted story a rule exists for is told, and no innocent is accused."""

from __future__ import annotations

import json

import pytest

from auditor.rules import RULES
from sandbox.salesforce.clinic import INNOCENT, PLANTED
from sandbox.salesforce.clinic_people import user_id
from tests.program.programs import crm_audit

ALIAS = {
    "latent-clinical-grant": "marketing-reads-clinical",
    "connector-reads-clinical": "api-reads-phi",
    "marketing-reads-derived": "derived-copy-wider",
    "self-grant": "can-grant-itself",
    "unsecurable-phi": "unsecurable-phi-field",
}
"""Stories that are planted under a name of their own, and the rule that tells them."""
HEALTH = {"clinical", "payment", "freetext_risk"}
JUDGED = {
    "marketing-reads-clinical": {"clinical"},
    "marketing-edits-clinical": {"clinical"},
    "guest-reads-phi": HEALTH,
    "external-reads-phi": HEALTH,
    "api-reads-phi": HEALTH,
    "dormant-holder": HEALTH,
}
"""The coarse classes of the fields each rule about people speaks of."""
"""Fields whose words the tagger does not know yet."""
PEOPLE_RULES = set(JUDGED)


WORDS_OF = {
    "salesforce": ("Setup", "Object Settings", "Object Manager", "Salesforce"),
    "hubspot": ("HubSpot", "Settings > Properties", "Settings > Users & Teams", "Manage access"),
}
"""Words of each CRM's own settings, which mean nothing in the other."""
ANYWHERE = {
    "evidence-gap",
    "waiver-lapsed",
    "policy-below-minimum",
    "phi-object-without-policy",
    "clinical-on-marketing-object",
    "unsecurable-phi-field",
    "record-past-retention",
    "deleted-but-recoverable",
}
"""Rules whose remedy is decided or done outside the CRM's settings, or is said with the reading."""


@pytest.fixture(scope="module")
def systems(tmp_path_factory):
    ran = crm_audit(tmp_path_factory.mktemp("demo"), "demo", "-q", "--out", "out")
    assert ran.code == 0, ran.err
    return json.loads((ran.report / "audit.json").read_text(encoding="utf-8"))["systems"]


@pytest.fixture(scope="module")
def system(systems):
    return systems[0]


def triples(system):
    """Who is named with which field by which rule."""
    return {
        (f["rule"], person, cell["field"])
        for f in system["findings"]
        if f["state"] in {"gap_observed", "partial"}
        for person in f["people"]
        for cell in f["fields"]
    }


def stories(rules, planted):
    return [one for one in planted if ALIAS.get(one.rule, one.rule) in rules]


def test_every_planted_person_is_found_with_every_tagged_field(system):
    found, coarse = triples(system), {t["field"]: t["coarse"] for t in system["tags"]}
    wanted = stories(PEOPLE_RULES, PLANTED)
    assert len(wanted) >= 15
    missed = [
        (one.story, person, field)
        for one in wanted
        for person in one.who
        for field in one.what
        if coarse.get(field) in JUDGED[rule := ALIAS.get(one.rule, one.rule)]
        and (rule, person, field) not in found
    ]
    assert missed == []


def test_nearly_every_planted_field_is_tagged(system):
    tags = {t["field"] for t in system["tags"]}
    assert {field for one in stories(PEOPLE_RULES, PLANTED) for field in one.what} <= tags


def test_who_could_grant_themselves_more_is_found_with_the_sets(system):
    found = {
        (person, f["root"]["id"])
        for f in system["findings"]
        if f["rule"] == "can-grant-itself" and f["severity"] == "critical"
        for person in f["people"]
    }
    [story] = stories({"can-grant-itself"}, PLANTED)
    assert found == set(zip(story.who, story.grantors, strict=True))


def test_a_formula_over_two_steps_is_found_for_whoever_cannot_read_its_sources(system):
    [story] = stories({"derived-copy-wider"}, PLANTED)
    [finding] = [f for f in system["findings"] if f["rule"] == "derived-copy-wider"]
    assert [cell["field"] for cell in finding["fields"]] == list(story.what)
    reads_the_source = {p for p in story.who if p not in finding["people"]}
    assert set(finding["people"]) < set(story.who)
    assert reads_the_source == {user_id("aoleary")}


def test_a_field_that_no_permission_hides_is_found(system):
    found = {
        c["field"] for f in system["findings"] if f["rule"] == "unsecurable-phi-field" for c in f["fields"]
    }
    assert found >= {field for one in stories({"unsecurable-phi-field"}, PLANTED) for field in one.what}


def test_what_the_demo_schedule_shows(system):
    found = {(f["rule"], f["root"]["id"]): f["severity"] for f in system["findings"]}
    assert found["policy-below-minimum", "appointment"] == "high"
    assert ("policy-below-minimum", "intake") not in found
    assert found["deleted-but-recoverable", "lead-never-patient"] == "low"
    assert found["deleted-but-recoverable", "contact"] == "medium"
    [short] = [f for f in system["findings"] if f["rule"] == "policy-below-minimum"]
    assert "not verified by your counsel" in short["message"]


def test_overdue_records_are_found_on_every_planted_object(system):
    found = {f["object"] for f in system["findings"] if f["rule"] == "record-past-retention"}
    planted = {
        field.partition(".")[0] for p in PLANTED if p.rule == "record-past-retention" for field in p.what
    }
    assert planted - found == set()


def test_no_innocent_is_accused(system):
    found = triples(system)
    innocent = [one for one in INNOCENT if one.rule in PEOPLE_RULES]
    assert len(innocent) >= 10
    accused = [
        (one.story, person, field)
        for one in innocent
        for person in one.who
        for field in one.what
        if (one.rule, person, field) in found
    ]
    assert accused == []


def test_every_remedy_is_in_the_words_of_its_own_crm(systems):
    assert {one["platform"] for one in systems} == WORDS_OF.keys()
    for one in systems:
        own = WORDS_OF[one["platform"]]
        foreign = [word for name, words in WORDS_OF.items() if name != one["platform"] for word in words]
        told = [f for f in one["findings"] if f["rule"] != "evidence-gap"]
        strange = [(f["rule"], f["remedy"]) for f in told if any(word in f["remedy"] for word in foreign)]
        assert strange == []
        asked = [f for f in told if f["rule"] not in ANYWHERE]
        assert [(f["rule"], f["remedy"]) for f in asked if not any(word in f["remedy"] for word in own)] == []


def test_every_story_names_a_rule_that_exists_or_is_known_to_come(system):
    rules = {rule.id for rule in RULES}
    assert rules >= PEOPLE_RULES
    assert {r["id"] for r in system["rules"]} == rules


def test_the_portal_tells_how_an_intake_question_gets_to_a_mailing(systems):
    chains = {
        (f["object"], f["root"]["id"]): [hop["node"].partition("#")[0] for hop in f["chain"]]
        for f in systems[1]["findings"]
        if f["rule"] == "form-feeds-list"
    }
    intake = next(form for form, end in chains if end == "email:7002")
    assert chains[intake, "email:7002"] == [
        intake,
        "field:contacts.current_medications",
        "list:101",
        "flow:901",
        "list:104",
        "email:7002",
    ]
    told = {
        (f["rule"], f["root"]["id"]) for f in systems[1]["findings"] if f["state"] != "unknown_not_readable"
    }
    assert told >= {
        ("phi-leaves-to-outside", "flow:902#1"),
        ("phi-leaves-to-outside", "flow:907#1"),
        ("workflow-carries-phi", "flow:905"),
        ("email-shows-phi", "email:7004"),
    }
    refused = [f["root"]["id"] for f in systems[1]["findings"] if f["rule"] == "workflow-carries-phi"]
    assert "flow:903" in refused
