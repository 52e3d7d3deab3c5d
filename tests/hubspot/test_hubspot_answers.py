"""Answers about a portal, out of a document made by hand (portal-fixture 4)."""

from __future__ import annotations

from reports.hubspot_answers import answers

DX, BAND, OLD = "contacts.dx", "contacts.band", "contacts.old"


def verdict(people, field, read, edit="no"):
    told = {"rule": "R8", "records": "ALL", "path": "open"}
    return {"people": people, "field": field, "read": read, "edit": edit, **told}


def reading(name, why="", code=""):
    return {"name": name, "complete": not why, "why": why, "code": code}


def surface(asset, field, previous="", *, further=False):
    kind, _, of = asset.partition(":")
    return {
        "asset": asset,
        "kind": kind,
        "id": of,
        "field": field,
        "previous": previous,
        "further": further,
    }


SYSTEM = {
    "tags": [
        {"field": DX, "phi_class": "diagnosis", "archived": False},
        {"field": OLD, "phi_class": "diagnosis", "archived": True},
        {"field": "contacts.unseen", "phi_class": "diagnosis", "archived": False},
        {"field": BAND, "phi_class": "diagnosis", "archived": False},
    ],
    "derived": [{"field": BAND}],
    "verdicts": [
        verdict(["1", "2"], DX, "unknown"),
        verdict(["token"], DX, "no"),
        verdict(["1"], BAND, "yes"),
        verdict(["2"], BAND, "unknown"),
        verdict(["token"], BAND, "no"),
    ],
    "marketing": ["2", "1"],
    "absent": ["9"],
    "steps": [{"from": DX, "to": BAND, "how": "formula", "rule": "R19"}],
    "surfaces": [
        surface("list:41", DX, "form:a"),
        surface("email:5", DX, "list:41"),
        surface("flow:7", DX, "list:41", further=True),
        surface("form:a", DX),
        surface("form:a", OLD),
    ],
    "signs": [
        {"asset": "list:20", "label": "HIV support", "place": "name", "term": "hiv", "phi_class": "hiv_sti"},
        {
            "asset": "list:21",
            "label": "Spring",
            "place": "page address",
            "term": "hiv",
            "phi_class": "hiv_sti",
        },
    ],
    "retention": [
        {"policy": "p", "live": 3, "undecided": 1, "archived": 0, "recycle_bin": 2, "complete": True},
        {"policy": "q", "live": 3, "undecided": 1, "archived": 0, "recycle_bin": 2, "complete": False},
    ],
    "readings": [
        reading("users"),
        reading("token", "failed", "FAULT"),
        reading("property-access.csv", "failed"),
        reading("lists", "forbidden", "MISSING_SCOPES"),
        reading("flow:9", "forbidden", "SENSITIVE_FLOW"),
        reading("list:4", "truncated", "UNPARSED_FILTER"),
        reading("roles", "not_licensed"),
        reading("owners", "failed"),
    ],
}


def test_the_sections():
    found = answers(SYSTEM)
    assert found["phi"] == {DX: "diagnosis"}
    assert found["archived_phi"] == [OLD]
    assert (found["marketing"], found["absent"]) == (["1", "2"], ["9"])
    row = {"object": "contacts", "property": "dx", "rule": "R8", "reach": "ALL", "path": "open"}
    assert found["expect"] == [
        {"user": "1", "view": "UNKNOWN", "edit": "DENY", **row},
        {"user": "2", "view": "UNKNOWN", "edit": "DENY", **row},
        {"user": "token", "view": "DENY", "edit": "DENY", **row},
    ]
    assert found["republishes"] == [{"property": BAND, "from": DX}]
    assert found["retention"] == [
        {"policy": "p", "total": 3, "undatable": 1, "archived": 2},
        {"policy": "q", "total": None, "undatable": None, "archived": None},
    ]
    assert [(c["area"], c["status"], c["reason"]) for c in found["coverage"]] == [
        ("flow:9", "not_audited", "SENSITIVE_FLOW"),
        ("list:4", "partial", "UNPARSED_FILTER"),
        ("lists", "not_audited", "MISSING_SCOPES"),
        ("owners", "not_audited", "FAULT"),
        ("roles", "not_audited", "NOT_ON_TIER"),
    ]


def test_a_copy_that_nobody_sees_better_is_none():
    narrow = [
        verdict(["1", "2"], DX, "unknown"),
        verdict(["1", "2"], BAND, "no"),
        verdict(["token"], BAND, "yes"),
    ]
    assert answers({**SYSTEM, "verdicts": narrow})["republishes"] == []


def test_surfaces_are_told_with_the_way_back_and_what_is_only_concluded_is_left_out():
    assert answers(SYSTEM)["surfaces"] == [
        {"kind": "list", "id": "41", "property": DX, "via": ["form:a"]},
        {"kind": "email", "id": "5", "property": DX, "via": ["list:41", "form:a"]},
        {"kind": "form", "id": "a", "property": DX, "via": []},
    ]


def test_a_sign_is_spelled_as_in_the_name():
    assert answers(SYSTEM)["signals"] == [
        {"kind": "list", "id": "20", "text": "HIV"},
        {"kind": "list", "id": "21", "text": "hiv"},
    ]
