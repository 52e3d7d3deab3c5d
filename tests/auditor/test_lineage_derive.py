"""Derived tags: the gravest and nearest source wins, decisions stay, chains tell where a class comes from."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.lineage import Derived, Lineage, Step, chain, derive
from auditor.phi import Basis, Coarse
from tests.auditor.orgs import tag

GRAVEST_FIRST = [Coarse.CLINICAL, Coarse.PAYMENT, Coarse.FREETEXT_RISK, Coarse.IDENTIFIER, Coarse.NONE]
FIELDS = [f"Contact.F{number}__c" for number in range(8)]


def name(number: int) -> str:
    return f"Contact.F{number}__c"


def formula(source: int, carrier: int) -> Step:
    return Step(name(source), name(carrier), "a formula", "salesforce F14")


def lines(*pairs: tuple[int, int]) -> Lineage:
    return Lineage(tuple(formula(*pair) for pair in pairs))


def inferred(number: int, coarse: Coarse = Coarse.CLINICAL, **more):
    return tag(name(number), **{"coarse": coarse, "phi_class": coarse.value, "basis": Basis.TAGGER, **more})


def test_a_chain_is_told_step_by_step():
    tags, derived = derive(
        [tag("Contact.F0__c", reasons=("Says the label.",))], lines((0, 1), (1, 2), (2, 3))
    )
    [last] = [t for t in tags if t.field == "Contact.F3__c"]
    assert last.reasons == (
        "A formula that shows Contact.F2__c (salesforce F14).",
        "A formula that shows Contact.F1__c (salesforce F14).",
        "A formula that shows Contact.F0__c (salesforce F14).",
        "Says the label.",
    )
    assert (last.basis, last.phi_class, last.tier) == (Basis.LINEAGE, "diagnosis", "T3")
    assert derived["Contact.F3__c"] == Derived(formula(2, 3), "Contact.F0__c")
    assert chain(derived, "Contact.F3__c") == (formula(0, 1), formula(1, 2), formula(2, 3))
    assert chain(derived, "Contact.F0__c") == chain(derived, "Contact.Unheard__c") == ()


def test_twins_are_told_as_the_same_data():
    twin = Step("Task.F__c", "Event.F__c", "an activity", "salesforce F12", same=True)
    tags, _ = derive([tag("Task.F__c")], Lineage((twin,)))
    assert tags[1].reasons[0] == "The same data as Task.F__c under another name (salesforce F12)."


def test_the_gravest_source_wins_however_far():
    near = inferred(3, Coarse.IDENTIFIER)
    tags, derived = derive([near, inferred(0)], lines((3, 2), (0, 1), (1, 2)))
    assert {t.field: t.coarse for t in tags}["Contact.F2__c"] is Coarse.CLINICAL
    assert derived["Contact.F2__c"] == Derived(formula(1, 2), "Contact.F0__c")


def test_then_the_nearest_and_then_the_first_by_name():
    _, derived = derive([inferred(5), inferred(0)], lines((0, 1), (1, 2), (5, 2)))
    assert derived["Contact.F2__c"].origin == "Contact.F5__c"
    _, derived = derive([inferred(5), inferred(0)], lines((5, 2), (0, 2)))
    assert derived["Contact.F2__c"].origin == "Contact.F0__c"
    _, derived = derive([inferred(0)], lines((0, 3), (0, 2), (3, 4), (2, 4)))
    assert derived["Contact.F4__c"].step == formula(2, 4)


@pytest.mark.parametrize("basis", [Basis.GIVEN, Basis.DECISION, Basis.MAPPING])
def test_what_a_person_decided_stays(basis):
    decided = inferred(1, Coarse.IDENTIFIER, basis=basis)
    tags, derived = derive([inferred(0), decided], lines((0, 1), (1, 2)))
    found = {t.field: t for t in tags}
    assert found["Contact.F1__c"] is decided
    assert found["Contact.F2__c"].coarse is Coarse.IDENTIFIER
    assert derived.keys() == {"Contact.F2__c"}


@pytest.mark.parametrize("basis", [Basis.NATIVE, Basis.TAGGER])
@pytest.mark.parametrize("coarse", list(Coarse))
def test_what_was_only_inferred_yields_to_a_graver_source(basis, coarse):
    tags, derived = derive([inferred(0, Coarse.PAYMENT), inferred(1, coarse, basis=basis)], lines((0, 1)))
    graver = GRAVEST_FIRST.index(Coarse.PAYMENT) < GRAVEST_FIRST.index(coarse)
    assert tags[1].coarse is (Coarse.PAYMENT if graver else coarse)
    assert (name(1) in derived) is graver


def test_nothing_passes_a_cleared_field():
    tags, derived = derive([inferred(0)], lines((0, 1), (1, 2)), cleared=[name(1)])
    assert ([t.field for t in tags], derived) == ([name(0)], {})


def test_what_is_no_phi_is_carried_nowhere():
    assert derive([inferred(0, Coarse.NONE)], lines((0, 1)))[1] == {}


def test_cycles_end():
    tags, derived = derive([inferred(0)], lines((0, 1), (1, 2), (2, 0), (2, 1), (1, 1)))
    assert len(tags) == 3
    assert chain(derived, name(2)) == (formula(0, 1), formula(1, 2))


def test_a_lineage_of_nothing():
    assert derive([], Lineage()) == ([], {})
    assert (Lineage().unresolved, Lineage().unparsed) == ({}, {})


# -- laws over any graph

pairs = st.tuples(st.integers(0, 7), st.integers(0, 7))
graphs = st.lists(pairs, max_size=20)
tagged = st.dictionaries(
    st.integers(0, 7), st.tuples(st.sampled_from(list(Coarse)), st.sampled_from(list(Basis)[:4])), max_size=5
).map(lambda found: [inferred(n, coarse, basis=basis) for n, (coarse, basis) in found.items()])
sometimes_cleared = st.lists(st.sampled_from(FIELDS), max_size=2)


def decided(tags):
    return {t.field: (t.coarse, t.phi_class) for t in tags}


@settings(deadline=None)
@given(tagged, graphs, sometimes_cleared, st.randoms(use_true_random=False))
def test_the_order_of_tags_and_steps_makes_no_difference(tags, graph, cleared, dice: random.Random):
    first, derived = derive(tags, lines(*graph), cleared)
    shuffled, steps = list(tags), list(graph)
    dice.shuffle(shuffled)
    dice.shuffle(steps)
    again, derived_again = derive(shuffled, lines(*steps), cleared)
    assert decided(again) == decided(first)
    assert derived_again == derived


@settings(deadline=None)
@given(tagged, graphs, sometimes_cleared)
def test_every_field_has_the_gravest_class_that_can_reach_it(tags, graph, cleared):
    fixed = {t.field for t in tags if t.basis in {Basis.GIVEN, Basis.DECISION, Basis.MAPPING}} | set(cleared)
    rank = {t.field: GRAVEST_FIRST.index(t.coarse) for t in tags}
    changed = True
    while changed:
        changed = False
        for source, carrier in ((name(a), name(b)) for a, b in graph):
            reached = rank.get(source, 4)
            if carrier not in fixed and reached < rank.get(carrier, 4):
                rank[carrier], changed = reached, True
    found, _ = derive(tags, lines(*graph), cleared)
    assert {t.field: GRAVEST_FIRST.index(t.coarse) for t in found if t.is_phi} == {
        field: grade for field, grade in rank.items() if grade < 4
    }


@settings(deadline=None)
@given(tagged, graphs, sometimes_cleared)
def test_every_derived_tag_has_its_chain(tags, graph, cleared):
    found, derived = derive(tags, lines(*graph), cleared)
    before, after = {t.field: t for t in tags}, {t.field: t for t in found}
    assert {field for field, t in after.items() if before.get(field) != t} == derived.keys()
    for field, origin in derived.items():
        steps = chain(derived, field)
        assert steps[0].source == origin.origin
        assert steps[0].source not in derived
        assert steps[-1] == origin.step
        assert steps[-1].carrier == field
        assert all(a.carrier == b.source for a, b in pairwise(steps))
        start = before[origin.origin]
        assert len(after[field].reasons) == len(steps) + len(start.reasons)
        assert (after[field].coarse, after[field].phi_class) == (start.coarse, start.phi_class)


@settings(deadline=None)
@given(tagged, graphs)
def test_without_the_last_step_the_tag_is_lost_or_another_one_brings_it(tags, graph):
    _, derived = derive(tags, lines(*graph))
    for field, origin in derived.items():
        left = [pair for pair in graph if formula(*pair) != origin.step]
        _, again = derive(tags, lines(*left))
        assert field not in again or again[field].step != origin.step
        alone = [pair for pair in left if name(pair[1]) != field]
        assert field not in derive(tags, lines(*alone))[1]
