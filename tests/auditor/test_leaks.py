"""The leak graph: shortest and stable chains, against a second, obvious reading of the rules (portal-fixture 5.10)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.leaks import END_OF, SINK_WORDS, End, LeakGraph, NodeKind
from auditor.lineage import Derived, Step
from auditor.surfaces import (
    ANY_FORM,
    Asked,
    Asset,
    AssetKind,
    Leaks,
    Link,
    Mention,
    Place,
    Sink,
    SinkKind,
    Surfaces,
)

DX, HINT = "contacts.dx", "contacts.hint"


def asset(key, **more):
    kind, _, of = key.partition(":")
    return Asset(AssetKind(kind), of, f"{kind} {of}", **more)


def mention(key, field=DX, place=Place.FILTER, leaks=Leaks.MEMBERSHIP, **more):
    return Mention(key, field, place, leaks, **more)


def asks(key, field=DX, **more):
    return mention(key, field, Place.QUESTION, Leaks.VALUE, **more)


def graph(keys, mentions=(), links=(), sinks=(), fields=(DX,), derived=None, **more):
    assets = {key: asset(key, **more) for key in keys.split()}
    made = tuple(link if isinstance(link, Link) else Link(*link, "feeds") for link in links)
    return LeakGraph(Surfaces(assets, tuple(mentions), made, tuple(sinks)), fields, derived)


def vias(leaks):
    return {key: [one.asset for one in leaks.via(found)] for key, found in leaks.surfaced.items()}


def test_an_asset_that_names_the_field_is_its_own_origin():
    leaks = graph("form:a list:1", [asks("form:a"), mention("list:1")], [("form:a", "list:1")])
    assert vias(leaks) == {("form:a", DX): [], ("list:1", DX): []}


def test_the_nearest_hop_comes_first_and_of_equal_chains_the_first_by_name():
    leaks = graph(
        "form:a form:b list:1 list:2 email:9",
        [asks("form:a"), asks("form:b")],
        [("form:b", "list:1"), ("form:a", "list:2"), ("list:2", "email:9"), ("list:1", "email:9")],
    )
    assert vias(leaks)["email:9", DX] == ["list:1", "form:b"]
    assert leaks.surfaced["email:9", DX].hops == 2
    assert leaks.surfaced["email:9", DX].origin == "form:b"


def test_circles_end():
    leaks = graph(
        "list:1 list:2 list:3",
        [mention("list:1")],
        [("list:1", "list:2"), ("list:2", "list:3"), ("list:3", "list:2"), ("list:2", "list:2")],
    )
    assert vias(leaks)["list:3", DX] == ["list:2", "list:1"]


def test_a_filter_for_any_form_is_fed_by_the_first_form_that_asks():
    leaks = graph(
        "form:a form:b flow:1",
        [asks("form:b")],
        [(ANY_FORM, "flow:1")],
    )
    assert vias(leaks)["flow:1", DX] == ["form:b"]
    assert leaks.onward("form:a", End.MESSAGE) == ()


def test_what_is_only_concluded_never_shortens_a_chain():
    leaks = graph(
        "flow:1 flow:2 list:1 email:1",
        [mention("flow:1")],
        [
            Link("flow:1", "flow:2", "enrols people in", further=True),
            ("flow:1", "list:1"),
            ("list:1", "flow:2"),
            Link("flow:2", "email:1", "sends"),
        ],
    )
    assert vias(leaks)["flow:2", DX] == ["list:1", "flow:1"]
    assert not leaks.surfaced["flow:2", DX].further
    alone = graph(
        "flow:1 flow:2 email:1",
        [mention("flow:1")],
        [Link("flow:1", "flow:2", "enrols people in", further=True), Link("flow:2", "email:1", "sends")],
    )
    assert alone.surfaced["flow:2", DX].further
    assert alone.surfaced["email:1", DX].further


def test_unknown_ends_of_links_and_mentions_are_left_out():
    leaks = graph(
        "list:1",
        [mention("list:1"), mention("list:404"), mention("list:1", "contacts.size")],
        [("list:1", "list:404"), ("list:404", "list:1")],
    )
    assert list(leaks.surfaced) == [("list:1", DX)]
    assert not leaks.goes_on("list:1")


# -- where it goes on to


def test_onward_is_the_nearest_end_of_its_sort_and_the_worst_comes_first():
    leaks = graph(
        "form:a list:1 list:2 flow:1 email:1 email:2",
        [asks("form:a")],
        [
            ("form:a", "list:1"),
            ("list:1", "list:2"),
            ("list:2", "email:2"),
            ("list:1", "email:1"),
            ("list:2", "flow:1"),
        ],
        [Sink("flow:1", "1", SinkKind.ADS)],
    )
    assert leaks.onward("list:1", End.MESSAGE) == ("list:1", "email:1")
    assert leaks.onward("list:1", End.OUTSIDE) == ("list:1", "list:2", "flow:1")
    assert leaks.onward("email:1", End.MESSAGE) == ("email:1",)
    assert leaks.onward("list:1", End.STAFF) == ()
    assert (leaks.worst("form:a"), leaks.worst("email:2")) == (End.OUTSIDE, End.MESSAGE)
    assert leaks.worst("form:a") is End.OUTSIDE
    assert leaks.sinks("flow:1") == (Sink("flow:1", "1", SinkKind.ADS),)
    assert leaks.goes_on("list:1")
    assert leaks.goes_on("flow:1")


def test_any_form_leads_onward_for_every_form():
    leaks = graph("form:a form:b flow:1 email:1", [], [(ANY_FORM, "flow:1"), ("flow:1", "email:1")])
    assert leaks.onward("form:a", End.MESSAGE) == ("form:a", "flow:1", "email:1")
    assert leaks.worst("form:b") is End.MESSAGE
    assert leaks.worst("nothing") is None


def test_every_sink_has_an_end_and_words():
    assert set(END_OF) == set(SINK_WORDS) == set(SinkKind)


# -- in words


def said(hops):
    return [(hop.label, hop.how, hop.leaks) for hop in hops]


def test_a_chain_from_a_question_to_outside():
    leaks = graph(
        "form:a list:1 flow:1",
        [asks("form:a", asked=Asked.DEPENDENT, question="Which one?")],
        [Link("form:a", "list:1", "leads its senders into"), ("list:1", "flow:1")],
        [Sink("flow:1", "7", SinkKind.WEBHOOK, "ads.example")],
    )
    hops = leaks.chain(leaks.surfaced["flow:1", DX], sink=leaks.sinks("flow:1")[0])
    assert said(hops) == [
        ("form “form a”", "", None),
        (
            DX,
            "asks “Which one?”, after a certain answer to another question, and stores the answer in",
            Leaks.VALUE,
        ),
        ("list “list 1”", "stands on the form, which leads its senders into", Leaks.MEMBERSHIP),
        ("workflow “flow 1”", "feeds", Leaks.MEMBERSHIP),
        ("an address outside the CRM (ads.example)", "passes the people on to", Leaks.MEMBERSHIP),
    ]
    assert [hop.kind for hop in hops] == [
        NodeKind.SOURCE,
        NodeKind.FIELD,
        NodeKind.ASSET,
        NodeKind.ASSET,
        NodeKind.OUTSIDE,
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked.ALWAYS, "asks, and stores"),
        (Asked.RETURNING, "asks, of returning visitors"),
        (Asked.HIDDEN, "fills in without showing it"),
    ],
)
def test_when_a_question_is_asked(asked, words):
    leaks = graph("form:a", [asks("form:a", asked=asked)])
    assert leaks.chain(leaks.surfaced["form:a", DX])[1].how.startswith(words)


def test_a_list_by_the_field_begins_with_the_forms_that_ask_for_it():
    leaks = graph(
        "form:a form:b list:1 email:1",
        [asks("form:b"), asks("form:a"), mention("list:1")],
        [("list:1", "email:1")],
    )
    hops = leaks.chain(leaks.surfaced["list:1", DX], leaks.onward("list:1", End.MESSAGE))
    assert [hop.label for hop in hops] == [
        "form “form a” (and 1 more)",
        DX,
        "list “list 1”",
        "e-mail “email 1”",
    ]
    assert hops[2].how == "decides who belongs to"


def test_a_field_nobody_asks_for_begins_the_chain_and_a_computed_one_tells_its_source():
    step = Step(DX, HINT, "a calculated property", "hubspot R19")
    derived = {HINT: Derived(step, DX)}
    alone = graph("list:1", [mention("list:1", HINT)], fields=(HINT,), derived=derived)
    hops = alone.chain(alone.surfaced["list:1", HINT])
    assert [(hop.label, hop.kind) for hop in hops] == [
        (DX, NodeKind.FIELD),
        (HINT, NodeKind.DERIVED),
        ("list “list 1”", NodeKind.ASSET),
    ]
    asked = graph(
        "form:a list:1", [asks("form:a"), mention("list:1", HINT)], fields=(DX, HINT), derived=derived
    )
    assert asked.chain(asked.surfaced["list:1", HINT])[0].label == "form “form a”"


def test_a_form_that_asks_for_a_computed_field_itself():
    step = Step(DX, HINT, "a calculated property", "hubspot R19")
    leaks = graph("form:a", [asks("form:a", HINT)], fields=(DX, HINT), derived={HINT: Derived(step, DX)})
    assert [hop.label for hop in leaks.chain(leaks.surfaced["form:a", HINT])] == ["form “form a”", HINT]


def test_what_a_step_sends_and_how_far_an_app_is_one():
    leaks = graph(
        "flow:1",
        [mention("flow:1", place=Place.CODE, leaks=Leaks.VALUE, step="3")],
        sinks=[Sink("flow:1", "3", SinkKind.CODE), Sink("flow:1", "4", SinkKind.SMS)],
    )
    ends = [leaks.chain(leaks.surfaced["flow:1", DX], sink=sink)[-1] for sink in leaks.sinks("flow:1")]
    assert [(end.kind, end.leaks) for end in ends] == [
        (NodeKind.APP, Leaks.VALUE),
        (NodeKind.AUDIENCE, Leaks.MEMBERSHIP),
    ]


def test_a_state_is_told_with_the_name():
    leaks = graph("flow:1", [mention("flow:1")], state="disabled")
    assert leaks.chain(leaks.surfaced["flow:1", DX])[-1].label == "workflow “flow 1”, disabled"


def test_mentions_of_an_asset_and_of_one_field():
    leaks = graph("list:1", [mention("list:1"), mention("list:1", HINT)], fields=(DX, HINT))
    assert {m.field for m in leaks.mentions("list:1")} == {DX, HINT}
    assert [m.field for m in leaks.mentions("list:1", HINT)] == [HINT]
    assert leaks.mentions("list:1", "x.y") == ()


# -- against the obvious


KEYS = [f"{kind}:{n}" for kind, n in product(("form", "list", "flow", "email"), "123")]
FED = [key for key in KEYS if not key.startswith("form")]
sources = st.sampled_from([*KEYS, ANY_FORM])


def obvious(mentioned, links):
    """All chains of growing length; of each asset the first by name among its shortest."""
    forms = [key for key in KEYS if key.startswith("form")]
    into = {key: set() for key in KEYS}
    for source, target in links:
        into[target] |= set(forms) if source == ANY_FORM else {source}
    found = {key: [] for key in mentioned}
    for length in range(1, len(KEYS)):
        grown = {}
        for key in KEYS:
            if key in found:
                continue
            chains = [
                [before, *found[before]]
                for before in into[key]
                if before in found and len(found[before]) == length - 1
            ]
            if chains:
                grown[key] = min(chains)
        found |= grown
    return found


@settings(deadline=None)
@given(
    st.sets(st.sampled_from(KEYS), max_size=4),
    st.lists(st.tuples(sources, st.sampled_from(FED)), max_size=25, unique=True),
)
def test_chains_equal_those_of_a_second_reading(mentioned, links):
    leaks = graph(" ".join(KEYS), [mention(key) for key in sorted(mentioned)], links)
    assert {key: chain for (key, _), chain in vias(leaks).items()} == obvious(mentioned, links)


@settings(deadline=None)
@given(
    st.sets(st.sampled_from(KEYS), min_size=1, max_size=4),
    st.lists(st.tuples(sources, st.sampled_from(FED)), max_size=20, unique=True),
    st.tuples(sources, st.sampled_from(FED)),
)
def test_one_link_more_takes_nothing_away_and_makes_no_chain_longer(mentioned, links, more):
    mentions = [mention(key) for key in sorted(mentioned)]
    before = graph(" ".join(KEYS), mentions, links).surfaced
    after = graph(" ".join(KEYS), mentions, [*links, more]).surfaced
    assert all(after[key].hops <= one.hops for key, one in before.items())


@settings(deadline=None)
@given(
    st.permutations(range(12)), st.lists(st.tuples(sources, st.sampled_from(FED)), min_size=12, max_size=12)
)
def test_the_order_in_which_facts_come_decides_nothing(order, links):
    mentions = [mention("form:1"), mention("list:2")]
    one = graph(" ".join(KEYS), mentions, links)
    other = graph(" ".join(reversed(KEYS)), mentions[::-1], [links[i] for i in order])
    assert vias(one) == vias(other)
    assert all(one.onward(key, End.MESSAGE) == other.onward(key, End.MESSAGE) for key in KEYS)
