"""Filter trees: every place where a property, a list or a form hides, and no literal (hubspot 5.3)."""

from __future__ import annotations

import json

import pytest

from connectors.hubspot.filters import FORM_SUBMITTED, About, walk

DX, SCAN = "primary_diagnosis", "next_scan"
KNOWN = frozenset({DX, SCAN, "visit_reason"})
LITERAL = "CANARY-LITERAL"


def group(*filters, kind="AND", branches=(), **more):
    return {
        "filterBranchType": kind,
        "filterBranchOperator": "AND",
        "filters": list(filters),
        "filterBranches": list(branches),
        **more,
    }


def root(*branches):
    return group(kind="OR", branches=branches)


def has(name=DX, operator="IS_ANY_OF", **operation):
    compared = {"operationType": "ENUMERATION", "operator": operator, "values": [LITERAL], **operation}
    return {"filterType": "PROPERTY", "property": name, "operation": compared}


def about(tree, object_="contacts", signs=False):
    found = About()
    walk(
        tree,
        object_,
        found,
        known=KNOWN,
        recognise=lambda text: [("hiv_sti", "hiv")] if signs and "hiv" in text else [],
    )
    assert LITERAL not in json.dumps(found.rows())
    return found


def named(found):
    return {(row["object"], row["property"], row["place"], row["leaks"]) for row in found.mentions.values()}


FILTERED = ("contacts", DX, "filter", "membership")
MOMENT = {"timeType": "PROPERTY_REFERENCED", "property": SCAN, "referenceType": "VALUE"}
PLACES = {
    "plain": (root(group(has())), {FILTERED}),
    "is known": (root(group(has(operator="IS_KNOWN"))), {("contacts", DX, "filter", "presence")}),
    "not any": (root(group(kind="NOT_ANY", branches=[group(has())])), {FILTERED}),
    "not all": (root(group(has(), kind="NOT_ALL")), {FILTERED}),
    "restricted": (root(group(has(), kind="RESTRICTED")), {FILTERED}),
    "compared with": (
        root(group(has("createdate", comparisonPropertyName=SCAN))),
        {
            ("contacts", "createdate", "filter", "membership"),
            ("contacts", SCAN, "comparison", "membership"),
        },
    ),
    "time point": (
        root(group(has("createdate", timePoint=MOMENT))),
        {("contacts", "createdate", "filter", "membership"), ("contacts", SCAN, "comparison", "membership")},
    ),
    "time range": (
        root(group(has("createdate", lowerBoundTimePoint=MOMENT, upperBoundTimePoint={"timeType": "DATE"}))),
        {("contacts", "createdate", "filter", "membership"), ("contacts", SCAN, "comparison", "membership")},
    ),
    "refinement": (
        root(
            group(
                {
                    "filterType": "FORM_SUBMISSION",
                    "formId": "f",
                    "operator": "FILLED_OUT",
                    "coalescingRefineBy": {"type": "TIME_RANGED", "upperBoundTimePoint": MOMENT},
                }
            )
        ),
        {("contacts", SCAN, "comparison", "membership")},
    ),
    "refinement of a branch": (
        root(group(kind="UNIFIED_EVENTS", eventTypeId="4-1", pruningRefineBy={"timePoint": MOMENT})),
        {("contacts", SCAN, "comparison", "membership")},
    ),
    "association": (
        root(group(branches=[group(has("visit_reason"), kind="ASSOCIATION", objectTypeId="2-310")])),
        {("2-310", "visit_reason", "filter", "membership")},
    ),
    "within an association": (
        root(
            group(
                kind="ASSOCIATION",
                objectTypeId="0-3",
                branches=[group(branches=[group(has(), kind="ASSOCIATION", objectTypeId="0-1")])],
            )
        ),
        {FILTERED},
    ),
    "property with an id": (
        root(
            group(
                has("visit_reason"),
                kind="PROPERTY_ASSOCIATION",
                objectTypeId="2-310",
                propertyWithObjectId=DX,
            )
        ),
        {FILTERED, ("2-310", "visit_reason", "filter", "membership")},
    ),
    "property with an id in a filter": (
        root(group({"filterType": "PROPERTY_ASSOCIATION", "propertyWithObjectId": DX, "listId": "4"})),
        {FILTERED},
    ),
    "a property of an event": (
        root(group(kind="UNIFIED_EVENTS", eventTypeId="4-1", branches=[group(has())])),
        set(),
    ),
    "a property that an event is about": (
        root(group(has("hs_name", values=[DX]), kind="UNIFIED_EVENTS", eventTypeId="4-655002")),
        {("", DX, "event", "membership")},
    ),
    "a property that an event is about, further down": (
        root(
            group(
                kind="UNIFIED_EVENTS",
                eventTypeId="4-655002",
                branches=[group(branches=[group(has("hs_name", values=[DX]))])],
            )
        ),
        {("", DX, "event", "membership")},
    ),
    "associated with an event": (
        root(
            group(
                kind="UNIFIED_EVENTS",
                eventTypeId="4-1",
                branches=[group(has("visit_reason"), kind="ASSOCIATION", objectTypeId="2-310")],
            )
        ),
        {("2-310", "visit_reason", "filter", "membership")},
    ),
    "a line of an event": (
        root(
            group(
                {
                    "filterType": "UNIFIED_EVENTS",
                    "eventTypeId": "4-655002",
                    "filterLines": [{"property": "hs_name", "operation": {"value": DX}}],
                }
            )
        ),
        {("", DX, "event", "membership")},
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_a_property(place):
    tree, expected = PLACES[place]
    found = about(tree)
    assert named(found) == expected
    assert not found.unparsed


def test_the_list_is_about_companies_and_its_branch_about_contacts():
    tree = root(group(branches=[group(has(), kind="ASSOCIATION", objectTypeId="0-1")]))
    assert named(about(tree, "companies")) == {FILTERED}


LINKS = {
    "in list": ({"filterType": "IN_LIST", "listId": "42"}, ("list", "42")),
    "in list, as a number": ({"filterType": "IN_LIST", "listId": 42}, ("list", "42")),
    "associated list": ({"filterType": "ASSOCIATION", "listId": "42"}, ("list", "42")),
    "property association": ({"filterType": "PROPERTY_ASSOCIATION", "listId": "42"}, ("list", "42")),
    "form, as a number": ({"filterType": "FORM_SUBMISSION", "formId": 71}, ("form", "71")),
    "form": ({"filterType": "FORM_SUBMISSION", "formId": "f1"}, ("form", "f1")),
    "form on a page": (
        {"filterType": "FORM_SUBMISSION_ON_PAGE", "formId": "f1", "pageId": "9"},
        ("form", "f1"),
    ),
    "any form": ({"filterType": "FORM_SUBMISSION"}, ("form", "*")),
    "any form on a page": ({"filterType": "FORM_SUBMISSION_ON_PAGE", "pageId": "9"}, ("form", "*")),
    "submission event": (
        {
            "filterType": "UNIFIED_EVENTS",
            "eventTypeId": FORM_SUBMITTED,
            "filterLines": [{"property": "hs_form_id", "operation": {"values": ["f1"]}}],
        },
        ("form", "f1"),
    ),
    "submission event of forms by their words": (
        {
            "filterType": "UNIFIED_EVENTS",
            "eventTypeId": FORM_SUBMITTED,
            "filterLines": [{"property": "hs_form_title", "operation": {"values": [LITERAL]}}],
        },
        ("form", "*"),
    ),
    "any submission event": ({"filterType": "UNIFIED_EVENTS", "eventTypeId": FORM_SUBMITTED}, ("form", "*")),
}


@pytest.mark.parametrize("place", LINKS)
def test_every_way_from_another_asset(place):
    one, expected = LINKS[place]
    assert {(row["kind"], row["id"]) for row in about(root(group(one))).links.values()} == {expected}


def test_a_submission_event_as_a_branch_names_its_forms():
    branch = group(has("hs_form_id", values=["f1", "f2"]), kind="UNIFIED_EVENTS", eventTypeId=FORM_SUBMITTED)
    found = about(root(branch))
    assert {(row["kind"], row["id"]) for row in found.links.values()} == {("form", "f1"), ("form", "f2")}
    below = group(has("hs_form_id", values=["f1"]))
    within = group(kind="UNIFIED_EVENTS", eventTypeId=FORM_SUBMITTED, branches=[below])
    assert {row["id"] for row in about(root(within)).links.values()} == {"f1"}


def test_an_address_in_an_event_leaves_a_sign_and_not_itself():
    line = has("hs_url", values=["https://clinic.example/hiv-testing"])
    found = about(root(group(line, "x", kind="UNIFIED_EVENTS", eventTypeId="4-96000")), signs=True)
    assert {row["place"] for row in found.signs.values()} == {"page address"}
    assert "clinic.example" not in json.dumps(found.rows())


UNKNOWN = {
    "filter": (root(group({"filterType": "BUYING_INTENT"}, has())), "a filter of the type BUYING_INTENT"),
    "no filter": (root(group("x", has())), "a filter that is none"),
    "branch": (root(group(has(), kind="FUZZY")), "a branch of the type FUZZY"),
    "no branch": (group(has(), kind="AND", branches=[7]), "a branch that is none"),
    "no type": (root({"filters": [has()]}), "a branch of the type (none)"),
    "not shown": (root(group(has()), group(kind="RESTRICTED")), "a branch that HubSpot does not show"),
    "odd type": (root(group({"filterType": "<b>x"}, has())), "a filter of the type (none)"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_nobody_knows_is_said_and_the_rest_still_counts(case):
    tree, expected = UNKNOWN[case]
    found = about(tree)
    assert list(found.unparsed) == [expected]
    assert FILTERED in named(found)


def test_an_address_and_search_terms_leave_a_sign_and_not_themselves():
    tree = root(
        group(
            {"filterType": "PAGE_VIEW", "pageUrl": "https://clinic.example/hiv-testing", "operator": "X"},
            {"filterType": "ADS_SEARCH", "searchTerms": ["hiv test near me"]},
        )
    )
    found = about(tree, signs=True)
    assert {row["place"] for row in found.signs.values()} == {"page address", "search terms"}
    assert "clinic.example" not in json.dumps(found.rows())
    assert "near me" not in json.dumps(found.rows())


def test_a_tree_may_be_deeper_than_a_program_can_call_itself():
    tree = group(has())
    for _ in range(20_000):
        tree = group(branches=[tree])
    found = About()
    walk(tree, "contacts", found, recognise=lambda _: [])
    assert named(found) == {FILTERED}
    while tree["filterBranches"]:  # taken apart by hand: freeing it in one go would call itself as deep
        tree = tree["filterBranches"].pop()
