"""Decisions about single fields: the file they stand in, and how far each is believed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ConfigError
from auditor.phi import Basis, Confidence, FieldFacts
from auditor.rulings import Standing
from mappings import Decision, Ledger, decide, evidence_of, load_ledger, load_taxonomy, parse_ledger, written
from mappings.decisions import parse_mapping
from mappings.fingerprints import PARTS

TODAY = dt.date(2026, 11, 24)
TAXONOMY = load_taxonomy()
GROUP = FieldFacts(
    "Contact",
    "Group__c",
    "Treatment group",
    "Picklist",
    picklist=("Chemotherapy", "Radiation therapy"),
    id="Contact.00N1",
)
SILENT = FieldFacts("Contact", "Q7__c", "Question 7", "Text", id="Contact.00N2")


def decision(facts: FieldFacts = GROUP, said: str = "none", **more) -> Decision:
    return Decision(
        **{
            "target": "clinic",
            "field": facts.key,
            "phi_class": TAXONOMY.exact(said),
            "by": "Ana Ruiz",
            "on": dt.date(2026, 1, 5),
            "why": "Asked.",
            "evidence": evidence_of(facts),
            "id": facts.id,
            **more,
        }
    )


def ledger(*decisions: Decision) -> Ledger:
    return Ledger(decisions, TODAY)


def unplaced(read: Ledger) -> Ledger:
    """The ledger without where its entries stand."""
    return replace(read, decisions=tuple(replace(one, file="", line=0) for one in read.decisions))


# -- how far a decision is believed


EXPIRED = {"expires": TODAY - dt.timedelta(days=1)}
OTHER = {"label": "Another label"}


@pytest.mark.parametrize(
    ("said", "entry", "now", "standing", "counts_as", "confidence"),
    [
        ("none", {}, {}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("allergy", {}, {}, Standing.IN_FORCE, "allergy", Confidence.HIGH),
        ("none", {"expires": TODAY}, {}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("none", {}, {"name": "New__c"}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("none", {"id": ""}, {"id": ""}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("none", {}, {"id": ""}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("none", {}, {"id": "Contact.Group__c"}, Standing.IN_FORCE, "none", Confidence.HIGH),
        ("none", {}, OTHER, Standing.REOPENED, "procedure_treatment", None),
        ("none", {}, {"picklist": ("A", "B")}, Standing.REOPENED, None, None),
        ("none", {}, {"id": "Contact.00N9"}, Standing.REOPENED, "procedure_treatment", None),
        ("allergy", {}, OTHER, Standing.REOPENED, "allergy", Confidence.MEDIUM),
        ("none", EXPIRED, {}, Standing.EXPIRED, "procedure_treatment", None),
        ("allergy", EXPIRED, {}, Standing.EXPIRED, "procedure_treatment", None),
        ("allergy", EXPIRED, OTHER, Standing.EXPIRED, "procedure_treatment", None),
    ],
    ids=[
        "cleared",
        "PHI",
        "the last day",
        "renamed",
        "by name",
        "id unread",
        "the name for an id",
        "cleared, another label",
        "cleared, other values",
        "cleared, made again",
        "PHI, another label",
        "cleared, expired",
        "PHI, expired",
        "PHI, expired and changed",
    ],
)
def test_a_decision_is_believed_as_long_as_it_holds(said, entry, now, standing, counts_as, confidence):
    facts = replace(GROUP, **now)
    decided = decide([facts], ledger=ledger(decision(said=said, **entry)))
    [ruling] = decided.rulings
    assert (ruling.standing, ruling.field) == (standing, facts.key)
    tags = {tag.field: tag for tag in (*decided.tags, *decided.cleared)}
    if counts_as is None:
        assert tags.get(facts.key) is None or tags[facts.key].phi_class != "none"
    else:
        assert tags[facts.key].phi_class == counts_as
    if confidence:
        assert (tags[facts.key].basis, tags[facts.key].confidence) == (Basis.DECISION, confidence)


def test_what_changed_is_named_with_the_digests_of_then_and_now():
    facts = replace(GROUP, label="Arm", help_text="Asked at intake.", id="Contact.00N9")
    [ruling] = decide([facts], ledger=ledger(decision())).rulings
    assert ruling.changed == ("field id", "label", "help")
    assert ruling.then != ruling.now
    assert ruling.lapsed


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("label", {"label": "x"}),
        ("type", {"type": "Text"}),
        ("type", {"length": 9}),
        ("description", {"description": "x"}),
        ("help", {"help_text": "x"}),
        ("picklist", {"picklist": ("Radiation therapy", "Chemotherapy")}),
        ("object", {"object": "Lead"}),
        ("object", {"object_label": "x"}),
    ],
)
def test_every_part_of_the_evidence_counts(part, change):
    before, after = evidence_of(GROUP), evidence_of(replace(GROUP, **change))
    assert [name for name in PARTS if before[name] != after[name]] == [part]


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["Diagnosis", "Group", ""]),
        "type": st.sampled_from(["Checkbox", "Text"]),
        "picklist": st.sampled_from([(), ("Asthma", "Diabetes")]),
        "compliance": st.sampled_from([("HIPAA",), ("PII",)]),
        "id": st.sampled_from(["Contact.00N9", ""]),
        "name": st.sampled_from(["Renamed__c", "Diagnosis__c"]),
    },
)


@given(
    st.sampled_from(["none", "allergy", "email"]), CHANGES, st.booleans(), st.sampled_from([GROUP, SILENT])
)
def test_a_decision_that_lapsed_never_takes_a_field_out_of_the_audit(said, changes, expired, facts):
    now = replace(facts, **changes)
    entry = decision(facts, said, **(EXPIRED if expired else {}))
    without, with_it = decide([now]), decide([now], ledger=ledger(entry))
    kept = {tag.field for tag in with_it.tags}
    if with_it.rulings[0].standing is not Standing.IN_FORCE:
        assert {tag.field for tag in without.tags} <= kept
        assert with_it.cleared == ()
    if said != "none" and with_it.rulings[0].standing is not Standing.UNSEEN:
        assert kept == {now.key}


def test_an_expired_decision_speaks_where_nothing_else_does_and_only_for_phi():
    phi = decide([SILENT], ledger=ledger(decision(SILENT, "allergy", **EXPIRED)))
    assert [(t.phi_class, t.confidence) for t in phi.tags] == [("allergy", Confidence.LOW)]
    none = decide([SILENT], ledger=ledger(decision(SILENT, **EXPIRED)))
    assert (none.tags, none.cleared, none.unreviewed) == ((), (), (SILENT.key,))


def test_the_tag_says_who_decided_when_and_where():
    read = parse_ledger(written(ledger(decision(said="allergy"))), "ledger.yaml", TODAY)
    [tag] = decide([GROUP], ledger=read).tags
    assert (tag.by, tag.on, tag.reasons, tag.file, tag.line) == (
        "Ana Ruiz",
        "2026-01-05",
        ("Ana Ruiz decided so on 2026-01-05: Asked.",),
        "ledger.yaml",
        4,
    )


def test_trust_goes_from_given_to_ledger_to_mapping_to_label():
    labelled = replace(GROUP, compliance=("HIPAA",))
    mapping = parse_mapping(
        "version: 1\ntags:\n  - match: {field: Group__c}\n    tag: name\n    why: Asked.\n", "phi.yaml"
    )
    said = ledger(decision(said="allergy"))
    given = decide([labelled], ledger=ledger(decision(said="symptom"))).tags[0]
    ways = {
        Basis.GIVEN: {"given": [replace(given, basis=Basis.GIVEN)], "ledger": said, "mapping": mapping},
        Basis.DECISION: {"ledger": said, "mapping": mapping},
        Basis.MAPPING: {"mapping": mapping},
        Basis.NATIVE: {},
    }
    found = {basis: decide([labelled], **told) for basis, told in ways.items()}
    assert {basis: one.tags[0].basis for basis, one in found.items()} == {basis: basis for basis in ways}
    assert found[Basis.DECISION].counts.decision == found[Basis.DECISION].counts.reviewed == 1


# -- which field a decision is about


def test_an_id_goes_before_a_name():
    moved, new = replace(GROUP, name="Moved__c"), replace(GROUP, id="Contact.00N3")
    rulings = decide([moved, new], ledger=ledger(decision())).rulings
    assert [(one.field, one.standing) for one in rulings] == [("Contact.Moved__c", Standing.IN_FORCE)]


def test_an_id_that_two_fields_have_is_none():
    twin = replace(GROUP, name="Twin__c")
    [ruling] = decide([GROUP, twin], ledger=ledger(decision())).rulings
    assert (ruling.field, ruling.standing) == (GROUP.key, Standing.IN_FORCE)


def test_a_decision_about_a_field_that_is_not_there_decides_nothing():
    decided = decide([SILENT], ledger=ledger(decision(said="allergy")))
    assert [one.standing for one in decided.rulings] == [Standing.UNSEEN]
    assert not decided.rulings[0].lapsed
    assert decided.tags == ()


def test_decisions_of_another_target_are_not_asked():
    both = ledger(decision(), decision(target="other", said="allergy"))
    assert [one.phi_class.name for one in both.of("other").decisions] == ["allergy"]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ({}, {}, 1),
        ({"field": "Contact.Old__c"}, {}, 1),
        ({"id": ""}, {}, 1),
        ({}, {"id": ""}, 1),
        ({"id": "Contact.00N9"}, {}, 2),
        ({"target": "other"}, {}, 2),
        ({"field": "Contact.Old__c", "id": ""}, {}, 2),
    ],
    ids=["same", "renamed", "id learnt", "id lost", "made again", "other target", "other field"],
)
def test_a_new_decision_takes_the_place_of_the_old_one_about_its_field(old, new, left):
    after = ledger(decision(**old)).with_all([decision(said="allergy", **new)])
    assert len(after.decisions) == left
    assert after.decisions[-1].phi_class.name == "allergy"
    assert parse_ledger(written(after), "x", TODAY).decisions


# -- where sources disagree


def sentences(facts: FieldFacts, *decisions: Decision) -> list[str]:
    return [one.sentence for one in decide([facts], ledger=ledger(*decisions)).disagreements]


def test_a_decision_settles_what_the_words_say_and_not_the_label():
    assert sentences(GROUP, decision()) == []
    labelled = replace(GROUP, compliance=("HIPAA",))
    [found] = sentences(labelled, decision())
    assert found == "Contact.Group__c: Ana Ruiz (:0) says none, but the CRM labels it HIPAA."


def test_a_public_field_whose_words_are_about_health_is_contradicted():
    [found] = sentences(replace(GROUP, sensitivity="Public"))
    assert "the CRM calls it Public, but its words suggest procedure_treatment" in found


# -- the file

TEXT = st.text(st.characters(exclude_categories=()), min_size=1).map(str.strip).filter(bool)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2199, 12, 31))
DIGESTS = st.text("0123456789abcdef", min_size=16, max_size=16)
NAMES = st.builds("{}.{}".format, TEXT.filter(lambda t: "." not in t), TEXT.filter(lambda t: "." not in t))
DECISIONS = st.builds(
    Decision,
    target=TEXT,
    field=NAMES,
    phi_class=st.sampled_from([TAXONOMY.exact(name) for name in ("none", "allergy", "clinical")]),
    by=TEXT,
    on=DAYS,
    why=TEXT,
    evidence=st.fixed_dictionaries(dict.fromkeys(PARTS, DIGESTS)),
    id=st.just("") | TEXT,
    expires=st.none() | DAYS,
)


@given(st.lists(DECISIONS, max_size=4, unique_by=(lambda d: d.field.casefold(), lambda d: d.id or d.field)))
def test_whatever_is_written_is_read_as_it_was(decisions):
    kept = ledger(*sorted(decisions, key=lambda one: (one.target, one.field, one.id)))
    text = written(kept)
    assert unplaced(parse_ledger(text.encode().decode(), "x", TODAY)) == kept
    assert written(parse_ledger(text, "x", TODAY)) == text


@pytest.mark.parametrize(
    "why", ["=1+1", "007", "שלום עולם", "a\nb\tc", 'a "b" \\ <c>', "no", "2027-01-01", "\U0001f600", "\u202e"]
)
def test_words_that_mean_something_elsewhere_stay_words(why):
    [read] = parse_ledger(written(ledger(decision(why=why))), "x", TODAY).decisions
    assert read.why == why


GOOD = written(ledger(decision()))
BAD = {
    "another version": ("version: 1", "version: 2", "Only version 1"),
    "no list": ("  - target", "    target", "Expected a list"),
    "unknown class": ("decision: none", "decision: nono", '"nono" is not a class'),
    "everyday word": ("decision: none", "decision: diagnosis", 'Did you mean "diagnosis_condition"?'),
    "no person": ('    by: "Ana Ruiz"\n', "", 'The key "by" is missing'),
    "blank person": ('by: "Ana Ruiz"', 'by: " "', "empty"),
    "no reason": ('    why: "Asked."\n', "", 'The key "why" is missing'),
    "misspelt key": ("    why:", "    whyy:", 'Did you mean "why"?'),
    "no day": ("on: 2026-01-05", "on: 5.1.2026", "not a day"),
    "no such day": ("on: 2026-01-05", "on: 2026-02-30", "not a day"),
    "a moment": ("on: 2026-01-05", "on: 2026-01-05T10:00:00Z", "not a day"),
    "no object": ('field: "Contact.Group__c"', 'field: "Group__c"', "not the name of a field"),
    "no digest": ("label ", "label x", "not the evidence"),
    "a part left out": (", help", ", halp", "not the evidence"),
    "evidence as a list": ("evidence: ", "evidence:\n    - ", "Expected a text"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_understood_is_told_by_line(case):
    before, after, said = BAD[case]
    assert before in GOOD
    with pytest.raises(ConfigError) as caught:
        parse_ledger(GOOD.replace(before, after, 1), "ledger.yaml", TODAY)
    assert said in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.message.startswith("ledger.yaml:")


@pytest.mark.parametrize(
    "second",
    [{}, {"field": "Contact.Old__c"}, {"id": ""}],
    ids=["the same", "of the same id", "of the same name"],
)
def test_two_decisions_about_one_field_are_refused(second):
    text = GOOD + "\n".join(written(ledger(decision(**second))).splitlines()[3:]) + "\n"
    with pytest.raises(ConfigError, match="two decisions about") as caught:
        parse_ledger(text, "ledger.yaml", TODAY)
    assert "on line 4" in caught.value.hint


def test_an_empty_ledger_can_be_read(tmp_path):
    path = tmp_path / "ledger.yaml"
    path.write_text(written(ledger()), encoding="utf-8")
    assert load_ledger(path, TODAY) == ledger()
