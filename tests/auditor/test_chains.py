"""Chains of the leak graph: where they begin, how they go on, and what is told of a way."""

from __future__ import annotations

import pytest

from auditor.chains import gravest, way
from auditor.leaks import End
from auditor.lineage import Derived, Step
from auditor.surfaces import Asked, SinkKind
from tests.auditor.orgs import DIAGNOSIS, HIV, INSURANCE
from tests.auditor.portals import asks, email, filters, flow, form, graph, link, listing, prints, sends

FIELDS = (DIAGNOSIS, HIV, INSURANCE)
DERIVED = {
    HIV: Derived(Step(DIAGNOSIS, HIV, "a formula", "F14"), DIAGNOSIS),
    INSURANCE: Derived(Step(HIV, INSURANCE, "a roll-up", "F15"), DIAGNOSIS),
}


def nodes(leaks, asset, field):
    return [hop.node.removeprefix("field:") for hop in leaks.chain(leaks.surfaced[asset, field])]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), [DIAGNOSIS, HIV, INSURANCE, "list:1"]),
        ((DIAGNOSIS,), ["form:1", DIAGNOSIS, HIV, INSURANCE, "list:1"]),
        ((HIV,), ["form:1", HIV, INSURANCE, "list:1"]),
        ((INSURANCE,), ["form:1", INSURANCE, "list:1"]),
        ((DIAGNOSIS, INSURANCE), ["form:1", INSURANCE, "list:1"]),
    ],
)
def test_a_computed_field_begins_at_the_nearest_field_that_a_form_asks_for(asked, expected):
    leaks = graph(
        form("1", *(asks(name) for name in asked)),
        listing("1", filters(INSURANCE)),
        fields=FIELDS,
        derived=DERIVED,
    )
    assert nodes(leaks, "list:1", INSURANCE) == expected
    assert leaks.asking(leaks.surfaced["list:1", INSURANCE]) == (("form:1",) if asked else ())


def test_a_form_that_asks_for_a_computed_field_is_where_it_begins():
    leaks = graph(
        form("1", asks(HIV)), listing("1"), link("form:1", "list:1"), fields=FIELDS, derived=DERIVED
    )
    assert nodes(leaks, "list:1", HIV) == ["form:1", HIV, "list:1"]


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        (asks(HIV), "asks “What is it?”, and stores the answer in"),
        (asks(HIV, question=""), "asks, and stores the answer in"),
        (asks(HIV, Asked.RETURNING, ""), "asks, of returning visitors, and stores the answer in"),
    ],
)
def test_the_first_hop_says_what_is_asked_and_when(asked, how):
    leaks = graph(form("1", asked), fields=FIELDS)
    assert leaks.chain(leaks.surfaced["form:1", HIV])[1].how == how


def test_the_graph_tells_what_follows_and_what_names():
    leaks = graph(
        listing("1", filters(HIV), filters(DIAGNOSIS)),
        flow("1", sends(SinkKind.TASK)),
        email("1"),
        link("list:1", "flow:1"),
        fields=FIELDS,
    )
    assert [m.field for m in leaks.mentions("list:1")] == [HIV, DIAGNOSIS]
    assert [key for key in leaks.surfaces.assets if leaks.goes_on(key)] == ["list:1", "flow:1"]
    assert (leaks.worst("list:1"), leaks.worst("email:1")) == (End.STAFF, End.MESSAGE)
    assert leaks.last == {"flow:1", "email:1"}


def test_what_does_not_work_today_is_left_out_of_what_does():
    leaks = graph(
        listing("1", filters(HIV), state="paused"),
        listing("2", state="snapshot"),
        link("list:1", "list:2"),
        fields=FIELDS,
    )
    assert {asset for asset, _ in leaks.surfaced} == {"list:1", "list:2"}
    assert dict(leaks.at_work.surfaced) == {}
    assert leaks.at_work.last == {"list:2"}


@pytest.mark.parametrize(
    ("ends", "end", "path", "step"),
    [
        ((End.STAFF,), End.STAFF, ("flow:1",), "1"),
        ((End.STAFF, End.MESSAGE), End.MESSAGE, ("flow:1", "email:1"), None),
        ((End.OUTSIDE, End.MESSAGE), End.OUTSIDE, ("flow:1", "list:1", "flow:2"), "7"),
        ((), None, (), None),
    ],
)
def test_the_way_on_is_the_one_to_the_gravest_end_asked_for(ends, end, path, step):
    leaks = graph(
        flow("1", filters(HIV), sends(SinkKind.TASK)),
        email("1"),
        listing("1"),
        flow("2", sends(SinkKind.SMS, "6"), sends(SinkKind.ADS, "7")),
        link("flow:1", "email:1"),
        link("flow:1", "list:1"),
        link("list:1", "flow:2"),
        fields=FIELDS,
    )
    found = way(leaks, "flow:1", (HIV,), ends)
    assert (found.end, found.assets, found.sink.step if found.sink else None) == (end, path, step)


def test_of_equally_grave_steps_one_that_sends_the_field_is_told():
    leaks = graph(
        flow(
            "1",
            filters(HIV),
            prints(HIV, "2"),
            sends(SinkKind.TASK),
            sends(SinkKind.NOTE, "2"),
            sends(SinkKind.SMS, "3"),
        ),
        fields=FIELDS,
    )
    assert way(leaks, "flow:1", (HIV,), (End.STAFF,)).sink.step == "2"
    assert gravest(leaks.sinks("flow:1")).step == "3"
    assert gravest(leaks.sinks("flow:1"), End.OUTSIDE) is None


def test_a_large_portal_in_circles_is_walked_once():
    """Chains are found for every asset, however long and however lists refer to each other."""
    lists = [listing(f"{n:04}") for n in range(3000)]
    links = [link(f"list:{n:04}", f"list:{(n + 1) % 3000:04}") for n in range(3000)]
    leaks = graph(form("1", asks(HIV)), *lists, *links, link("form:1", "list:0001"), fields=FIELDS)
    last = leaks.surfaced["list:0000", HIV]
    assert last.hops == 3000
    assert len(leaks.chain(last)) == 3002
    assert leaks.last == {"list:0000"}
