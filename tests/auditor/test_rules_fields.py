"""Rules about fields and objects: labels, history, securing, and clinical data beside marketing data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.access import effective_access
from auditor.attestation import Attestation, Standing
from auditor.findings import Severity, State
from auditor.lineage import Lineage, Step
from auditor.planes import Gate, Strength
from auditor.rule import judge
from auditor.rules.attestation_lapsed import attestation_lapsed
from auditor.rules.clinical_on_marketing_object import clinical_on_marketing_object
from auditor.rules.labelled_field_open import labelled_field_open
from auditor.rules.phi_field_without_history import phi_field_without_history
from auditor.rules.unclassified_phi_field import unclassified_phi_field
from auditor.rules.unsecurable_phi_field import unsecurable_phi_field
from auditor.snapshot import Why
from tests.auditor.orgs import (
    DIAGNOSIS,
    EMAIL,
    HIV,
    INSURANCE,
    NAME,
    NOTES,
    approve,
    fact,
    guest,
    marketer,
    nurse,
    org,
    tag,
    unread,
)

ANA, CARL = marketer("Ana"), nurse("Carl")
SITE = guest("Site")
PASS, GAP = State.NO_GAP_OBSERVED, State.GAP_OBSERVED
UNKNOWN, NOT_APPLICABLE = State.UNKNOWN, State.NOT_APPLICABLE
TWIN = "Account.Diagnosis__pc"
SAME = Lineage((Step(DIAGNOSIS, TWIN, "a person account", "salesforce F11", same=True),))
CARD = "Task.Note__c", "Event.Note__c"
MUTUAL = Lineage(
    (Step(*CARD, "an activity", "F12", same=True), Step(*reversed(CARD), "an activity", "F12", same=True))
)


def of(*names, people=(ANA,), facts=None, **more):
    """An org with these fields tagged, with facts in which nothing is wrong, unless given."""
    known = {name: fact(name) for name in names} | dict(facts or {})
    return org(*people, tags={n: tag(n) for n in names}, facts={n: f for n, f in known.items() if f}, **more)


def found(result):
    return {f.seen.object: (f.severity, [c.field for c in f.seen.cells]) for f in result.findings}


# -- unclassified-phi-field

BARE = {"sensitivity": "", "compliance": ()}


@pytest.mark.parametrize(
    ("view", "state", "fields"),
    [
        pytest.param(of(DIAGNOSIS), PASS, {}, id="a level"),
        pytest.param(
            of(DIAGNOSIS, facts={DIAGNOSIS: fact(DIAGNOSIS, sensitivity="", compliance=("HIPAA",))}),
            PASS,
            {},
            id="a category",
        ),
        pytest.param(
            of(
                DIAGNOSIS, NOTES, INSURANCE, facts={n: fact(n, **BARE) for n in (DIAGNOSIS, NOTES, INSURANCE)}
            ),
            GAP,
            {
                "Account": (Severity.MEDIUM, [INSURANCE]),
                "Contact": (Severity.MEDIUM, [DIAGNOSIS, NOTES]),
            },
            id="neither, by object",
        ),
        pytest.param(
            of(DIAGNOSIS, EMAIL, facts={EMAIL: fact(EMAIL, **BARE)}),
            PASS,
            {},
            id="an identifier is not asked",
        ),
        pytest.param(of(DIAGNOSIS, facts={DIAGNOSIS: None}), UNKNOWN, {}, id="a field nobody knows"),
        pytest.param(
            of(DIAGNOSIS, facts={DIAGNOSIS: fact(DIAGNOSIS, defined=False, **BARE)}),
            UNKNOWN,
            {},
            id="its definition was not read",
        ),
        pytest.param(of(DIAGNOSIS, gaps=unread(Why.FORBIDDEN, "fields")), UNKNOWN, {}, id="blind"),
        pytest.param(
            of(DIAGNOSIS, TWIN, lineage=SAME, facts={TWIN: fact(TWIN, **BARE)}),
            PASS,
            {},
            id="a twin is skipped",
        ),
        pytest.param(
            of(DIAGNOSIS, TWIN, lineage=SAME, facts={n: fact(n, **BARE) for n in (DIAGNOSIS, TWIN)}),
            GAP,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS])},
            id="and told with its source",
        ),
        pytest.param(
            of(TWIN, lineage=SAME, facts={TWIN: fact(TWIN, **BARE), DIAGNOSIS: fact(DIAGNOSIS)}),
            PASS,
            {},
            id="a twin alone: its source is labelled",
        ),
        pytest.param(
            of(TWIN, lineage=SAME, facts={n: fact(n, **BARE) for n in (DIAGNOSIS, TWIN)}),
            GAP,
            {"Account": (Severity.MEDIUM, [TWIN])},
            id="a twin alone: its source is not",
        ),
        pytest.param(
            of(TWIN, lineage=SAME, facts={TWIN: fact(TWIN, **BARE)}),
            UNKNOWN,
            {},
            id="a twin alone: its source is unknown",
        ),
        pytest.param(
            of(*CARD, lineage=MUTUAL, facts={n: fact(n, **BARE) for n in CARD}),
            GAP,
            {"Event": (Severity.MEDIUM, [CARD[1]]), "Task": (Severity.MEDIUM, [CARD[0]])},
            id="two names, neither the original",
        ),
        pytest.param(of(), UNKNOWN, {}, id="nothing tagged proves nothing"),
        pytest.param(
            of(DIAGNOSIS, facts={DIAGNOSIS: fact(DIAGNOSIS, **BARE)}, untold={"labels": "It has none."}),
            State.NOT_ASSESSED,
            {},
            id="no labels to give",
        ),
    ],
)
def test_unclassified_phi_field(view, state, fields):
    result = judge(unclassified_phi_field, view)
    assert result.state is state
    assert found(result) == fields


# -- phi-field-without-history

BLANK = {"tracked": False}


@pytest.mark.parametrize(
    ("view", "state", "fields"),
    [
        pytest.param(of(DIAGNOSIS), PASS, {}, id="tracked"),
        pytest.param(
            of(DIAGNOSIS, HIV, facts={n: fact(n, **BLANK) for n in (DIAGNOSIS, HIV)}),
            GAP,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS]), "Lead": (Severity.MEDIUM, [HIV])},
            id="not tracked, by object",
        ),
        pytest.param(
            of(DIAGNOSIS, HIV, facts={HIV: fact(HIV, tracked=None, calculated=True)}), PASS, {}, id="computed"
        ),
        pytest.param(
            of(HIV, facts={HIV: fact(HIV, tracked=None, calculated=True)}),
            NOT_APPLICABLE,
            {},
            id="nothing but computed",
        ),
        pytest.param(
            of(DIAGNOSIS, facts={DIAGNOSIS: fact(DIAGNOSIS, tracked=None, defined=False)}),
            UNKNOWN,
            {},
            id="its definition was not read",
        ),
        pytest.param(of(DIAGNOSIS, facts={DIAGNOSIS: None}), UNKNOWN, {}, id="a field nobody knows"),
        pytest.param(of(DIAGNOSIS, gaps=unread(Why.FAILED, "fields")), UNKNOWN, {}, id="blind"),
        pytest.param(of(), UNKNOWN, {}, id="nothing tagged proves nothing"),
    ],
)
def test_phi_field_without_history(view, state, fields):
    result = judge(phi_field_without_history, view)
    assert result.state is state
    assert found(result) == fields


def test_no_history_is_worse_where_marketing_edits():
    rights = f"Contact {DIAGNOSIS} {NOTES} +Contact +{NOTES}"
    facts = {n: fact(n, **BLANK) for n in (DIAGNOSIS, NOTES, HIV)}
    view = of(DIAGNOSIS, NOTES, HIV, facts=facts, holds={"ana": "R"}, R=rights)
    result = judge(phi_field_without_history, view)
    assert found(result) == {
        "Contact": (Severity.HIGH, [DIAGNOSIS, NOTES]),
        "Lead": (Severity.MEDIUM, [HIV]),
    }
    assert result.findings[0].seen.modifiers == (f"raised: marketing can change {NOTES}",)
    care = replace(view, policy=approve("marketing", "*", level=2))
    assert {f.severity for f in judge(phi_field_without_history, care).findings} == {Severity.MEDIUM}


# -- labelled-field-open


def labelled(*given, **more):
    """Two members of staff, and what they hold of a labelled field."""
    ana, carl = given
    rights = {"Reader": f"Contact {DIAGNOSIS}", "Blank": "Contact"}
    return of(DIAGNOSIS, people=(ANA, CARL), holds={"ana": ana, "carl": carl}, **{**rights, **more})


def unsure(view, name):
    """The same, where nobody could look whether a container opens the field."""
    grants = view.access.grants
    planes = {
        (g, v, Strength.UNSURE if g is Gate.FIELD else s): bits for (g, v, s), bits in grants.planes.items()
    }
    return replace(view, access=effective_access(replace(grants, planes=planes)))


@pytest.mark.parametrize(
    ("view", "state", "fields"),
    [
        pytest.param(labelled("Reader", "Blank"), PASS, {}, id="one is kept out"),
        pytest.param(
            labelled("Reader", "Reader"), GAP, {"Contact": (Severity.MEDIUM, [DIAGNOSIS])}, id="all pass"
        ),
        pytest.param(
            labelled("Reader", "Reader", facts={DIAGNOSIS: fact(DIAGNOSIS, **BARE)}),
            NOT_APPLICABLE,
            {},
            id="no label",
        ),
        pytest.param(
            unsure(labelled("Reader", "Reader"), DIAGNOSIS),
            UNKNOWN,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS])},
            id="nobody could look",
        ),
        pytest.param(
            labelled("Reader", "Reader", unknown_fields={DIAGNOSIS: "not shown"}),
            UNKNOWN,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS])},
            id="nobody knows the field",
        ),
        pytest.param(
            labelled("Reader", "Reader", facts={DIAGNOSIS: fact(DIAGNOSIS, archived=True)}),
            PASS,
            {},
            id="archived",
        ),
        pytest.param(
            of(DIAGNOSIS, people=(ANA,), holds={"ana": "R"}, R=f"Contact {DIAGNOSIS}"),
            PASS,
            {},
            id="one alone",
        ),
        pytest.param(
            of(DIAGNOSIS, people=(ANA, SITE), holds={"ana": "R", "site": "R"}, R=f"Contact {DIAGNOSIS}"),
            PASS,
            {},
            id="a guest is no staff",
        ),
        pytest.param(
            labelled("Reader", "Blank", gaps=unread(Why.FORBIDDEN, "grants")), UNKNOWN, {}, id="blind"
        ),
    ],
)
def test_labelled_field_open(view, state, fields):
    result = judge(labelled_field_open, view)
    assert (result.state, found(result)) == (state, fields)


def test_a_labelled_field_keeps_its_name_once_it_is_seen_to_be_open():
    open_view = labelled("Reader", "Reader")
    [before] = judge(labelled_field_open, unsure(open_view, DIAGNOSIS)).findings
    [after] = judge(labelled_field_open, open_view).findings
    assert (before.seen.state, after.seen.state) == (UNKNOWN, GAP)
    assert before.id == after.id
    assert before.digest != after.digest


def test_one_finding_tells_what_is_open_and_what_nobody_could_see():
    view = of(
        DIAGNOSIS,
        NOTES,
        people=(ANA, CARL),
        holds={"ana": "Reader", "carl": "Reader"},
        Reader=f"Contact {DIAGNOSIS} {NOTES}",
        unknown_fields={NOTES: "not shown"},
    )
    result = judge(labelled_field_open, view)
    [finding] = result.findings
    assert result.state is GAP
    assert finding.seen.message == (
        "1 labelled field of Contact is open to everybody who opens the record. "
        "Whether 1 more is, nobody could see."
    )
    assert [fields for _, fields in finding.seen.facts] == [DIAGNOSIS, NOTES]
    assert result.looked.unknown == 1


# -- attestation-lapsed


@pytest.mark.parametrize(
    ("standings", "state", "told"),
    [
        pytest.param((), NOT_APPLICABLE, [], id="nobody has to"),
        pytest.param((Standing.FRESH,), PASS, [], id="fresh"),
        pytest.param(
            (Standing.FRESH, Standing.STALE, Standing.STALE),
            GAP,
            ["What it gives: what was attested of 2 subjects is out of date."],
            id="stale",
        ),
        pytest.param(
            (Standing.MISSING,), UNKNOWN, ["What it gives: nobody attested it of 1 subject."], id="missing"
        ),
        pytest.param(
            (Standing.MISSING, Standing.STALE),
            GAP,
            [
                "What it gives: what was attested of 1 subject is out of date; nobody attested it of 1 subject."
            ],
            id="both",
        ),
    ],
)
def test_attestation_lapsed(standings, state, told):
    attestations = tuple(Attestation("What it gives", f"s{i}", one, "May") for i, one in enumerate(standings))
    result = judge(attestation_lapsed, of(DIAGNOSIS, attestations=attestations))
    assert (result.state, [f.seen.message for f in result.findings]) == (state, told)


def test_an_attestation_that_lapses_keeps_its_name():
    before, after = (
        judge(
            attestation_lapsed, of(DIAGNOSIS, attestations=(Attestation("What it gives", "s", one),))
        ).findings[0]
        for one in (Standing.MISSING, Standing.STALE)
    )
    assert before.id == after.id
    assert before.digest != after.digest


# -- unsecurable-phi-field


@pytest.mark.parametrize(
    ("view", "state", "fields"),
    [
        pytest.param(of(DIAGNOSIS), PASS, {}, id="securable"),
        pytest.param(
            of(DIAGNOSIS, NAME, unsecurable=(NAME,)), GAP, {"Contact": (Severity.MEDIUM, [NAME])}, id="not"
        ),
        pytest.param(
            of(NAME, unsecurable=(NAME,), holds={"ana": "R"}, R="Contact"),
            GAP,
            {"Contact": (Severity.HIGH, [NAME])},
            id="marketing opens it",
        ),
        pytest.param(
            of(NAME, unsecurable=(NAME,), holds={"carl": "R"}, R="Contact", people=(CARL,)),
            GAP,
            {"Contact": (Severity.MEDIUM, [NAME])},
            id="care opens it",
        ),
        pytest.param(
            of(NAME, unsecurable=(NAME,), holds={"ana": "R"}, R="Contact", policy=approve("marketing", "*")),
            GAP,
            {"Contact": (Severity.MEDIUM, [NAME])},
            id="marketing is approved",
        ),
        pytest.param(of(EMAIL, DIAGNOSIS, unsecurable=(EMAIL,)), PASS, {}, id="an identifier"),
        pytest.param(
            of(DIAGNOSIS, unsecurable=(DIAGNOSIS,), unknown_fields={DIAGNOSIS: "Not read."}),
            UNKNOWN,
            {},
            id="nobody knows how it is guarded",
        ),
        pytest.param(of(DIAGNOSIS, facts={DIAGNOSIS: None}), UNKNOWN, {}, id="a field nobody knows"),
        pytest.param(of(DIAGNOSIS, gaps=unread(Why.TRUNCATED, "fields")), UNKNOWN, {}, id="blind"),
    ],
)
def test_unsecurable_phi_field(view, state, fields):
    result = judge(unsecurable_phi_field, view)
    assert result.state is state
    assert found(result) == fields


# -- clinical-on-marketing-object

MARKETING = {"marketing_objects": frozenset({"Contact", "Lead"})}
READS = {"holds": {"ana": "R"}, "R": f"Contact {DIAGNOSIS}"}
EXPORTS = {"holds": {"carl": "R"}, "R": f"Contact {DIAGNOSIS} !Dump", "people": (CARL,)}


@pytest.mark.parametrize(
    ("view", "state", "fields"),
    [
        pytest.param(of("Intake__c.Diagnosis__c", **MARKETING), PASS, {}, id="on an object of its own"),
        pytest.param(
            of(NOTES, EMAIL, DIAGNOSIS, marketing_objects=frozenset({"Lead"})), PASS, {}, id="elsewhere"
        ),
        pytest.param(
            of(DIAGNOSIS, HIV, NOTES, **MARKETING),
            GAP,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS]), "Lead": (Severity.MEDIUM, [HIV])},
            id="beside marketing data",
        ),
        pytest.param(
            of(DIAGNOSIS, **MARKETING, **READS),
            GAP,
            {"Contact": (Severity.HIGH, [DIAGNOSIS])},
            id="marketing reads",
        ),
        pytest.param(
            of(DIAGNOSIS, **MARKETING, **READS, policy=approve("marketing", "*")),
            GAP,
            {"Contact": (Severity.MEDIUM, [DIAGNOSIS])},
            id="as approved",
        ),
        pytest.param(
            of(DIAGNOSIS, **MARKETING, **EXPORTS),
            GAP,
            {"Contact": (Severity.HIGH, [DIAGNOSIS])},
            id="others export",
        ),
        pytest.param(
            of(DIAGNOSIS, TWIN, lineage=SAME, marketing_objects=frozenset({"Account"})), PASS, {}, id="a twin"
        ),
        pytest.param(of(DIAGNOSIS), UNKNOWN, {}, id="nobody says which objects are marketing's"),
        pytest.param(of(EMAIL, **MARKETING), UNKNOWN, {}, id="nothing clinical tagged proves nothing"),
        pytest.param(
            of("Intake__c.Diagnosis__c", gaps=unread(Why.FORBIDDEN, "formulas"), **MARKETING),
            UNKNOWN,
            {},
            id="blind",
        ),
    ],
)
def test_clinical_on_marketing_object(view, state, fields):
    result = judge(clinical_on_marketing_object, view)
    assert result.state is state
    assert found(result) == fields


# -- who reads a field says nothing about these findings


@pytest.mark.parametrize("rule", [unclassified_phi_field, phi_field_without_history])
def test_the_state_of_a_finding_about_fields_does_not_change_with_who_reads_them(rule):
    facts = {DIAGNOSIS: fact(DIAGNOSIS, sensitivity="", tracked=False)}
    [before] = judge(rule, of(DIAGNOSIS, facts=facts)).findings
    [after] = judge(rule, of(DIAGNOSIS, facts=facts, **READS)).findings
    assert (before.id, before.digest) == (after.id, after.digest)
