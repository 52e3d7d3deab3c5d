"""The sections of the answers: what they say, and that nothing unread is given as empty."""

from __future__ import annotations

import json
from dataclasses import replace

import audits
import pyarrow as pa
import pytest

from auditor.access import effective_access
from auditor.doors import Change, Door, DoorKind
from auditor.lineage import Derived, Lineage, Step
from auditor.planes import Strength
from auditor.reach import Extent, Reach, Span
from auditor.rights import Right, Use
from auditor.snapshot import Capability, Reading, Unread, Why
from reports import json_v1

MARY, SAM, ANA, TOM, GUEST, INES, LEE, MAX = (person.id for person in audits.PEOPLE)
PROFILE, ANALYTICS, CARE, SITE = (f"0PS00000000000{n}" for n in range(1, 5))
DIAGNOSIS, HIV = "Contact.Diagnosis__c", "Contact.HIV_Status__c"

RIGHTS = {
    "ManageUsers": Right("ManageUsers", "Manage Users", frozenset({Use.ESCALATION})),
    "ModifyAllData": Right("ModifyAllData", "Modify All Data", frozenset({Use.ESCALATION, Use.OVERRIDE})),
    "ExportReport": Right(
        "ExportReport", "Export Reports", frozenset({Use.EXTRACTION, Use.EXPORT}), needs=("RunReports",)
    ),
    "QueryAllFiles": Right("QueryAllFiles", "Query All Files", frozenset()),
    "ViewAllData": Right("ViewAllData", "View All Data", frozenset({Use.OVERRIDE})),
    "ViewAllRecords:Contact": Right("ViewAllRecords", "View All", frozenset({Use.OVERRIDE}), "Contact"),
}
CARRIED = {
    PROFILE: {"ExportReport": Strength.LIVE, "ManageUsers": Strength.POSSIBLE},
    ANALYTICS: {"ModifyAllData": Strength.LIVE, "ManageUsers": Strength.LIVE},
    CARE: {
        "QueryAllFiles": Strength.LIVE,
        "ViewAllData": Strength.LIVE,
        "ViewAllRecords:Contact": Strength.LIVE,
    },
    SITE: {"QueryAllFiles": Strength.LIVE},
}
DOORS = (
    Door(DoorKind.DASHBOARD, "01Z2", "Load", ANA, "everyone"),
    Door(DoorKind.DASHBOARD, "01Z1", "Hidden load", ANA, "nobody"),
    Door(DoorKind.DASHBOARD, "01Z3", "Addresses", INES, "unknown"),
    Door(DoorKind.TOKEN, "Sync", "Sync", MARY, "app"),
    Door(DoorKind.TOKEN, "Sync", "Sync", TOM, "app"),
    Door(DoorKind.CLIENT_CREDENTIALS, "Nightly", "Nightly", "nobody@clinic.example", "app"),
)
CHANGES = (
    Change("0Ym2", "PermSetAssign", "Manage Users", "2026-11-23", MARY),
    Change("0Ym1", "PermSetCreate"),
)


def looked(capability, unread=None):
    return Reading(capability.value, capability, pa.table({"Id": ["1"]}), unread)


SEEN = tuple(looked(c) for c in (Capability.SURFACES, Capability.CHANGES, Capability.LINEAGE))
REFUSED = Unread(Why.FORBIDDEN, "The answer was 403.", "Give it.")
HIDDEN = Unread(Why.NOT_EXPOSED, "Shown to nobody.")


def system(*readings, **changes):
    grants = replace(audits.grants(audits.PEOPLE, audits.HOLDINGS), rights=RIGHTS, carried=CARRIED)
    grants = replace(grants, unread=changes.pop("unread", ""))
    view = replace(audits.view(missing=readings or SEEN), access=effective_access(grants), **changes)
    made = json_v1.document((audits.judged(view),))
    json_v1.check(made)
    return made["systems"][0], json_v1.answers(made)


def test_who_could_grant_themselves_more_and_take_data_out():
    _, answers = system()
    assert answers["escalation"] == {
        MARY: ["ManageUsers", "ModifyAllData"],
        SAM: ["ManageUsers", "ModifyAllData"],
        MAX: ["ManageUsers", "ModifyAllData"],
    }
    assert list(answers["extraction"]) == sorted([MARY, SAM, INES, LEE])
    assert set(map(tuple, answers["extraction"].values())) == {("ExportReport",)}


def test_who_reads_every_file_needs_both_rights_and_an_account_that_works():
    _, answers = system()
    assert answers["files"] == [ANA]


def test_rights_are_told_once_with_what_carries_them_and_people_grouped():
    told, _ = system()
    rights = {right["key"]: right for right in told["rights"]}
    assert rights.keys() == RIGHTS.keys()
    assert rights["ExportReport"]["needs"] == ["RunReports"]
    assert rights["ViewAllRecords:Contact"]["object"] == "Contact"
    assert rights["ManageUsers"]["carried_by"] == [
        {"container": PROFILE, "strength": "possible"},
        {"container": ANALYTICS, "strength": "live"},
    ]
    groups = told["held_rights"]
    assert {"people": [INES, LEE], "rights": ["ExportReport"]} in groups
    assert TOM not in {person for group in groups for person in group["people"]}
    assert len({tuple(group["rights"]) for group in groups}) == len(groups)


def test_side_doors_in_order_and_without_those_that_show_nothing():
    told, answers = system(doors=DOORS)
    everything = sorted(f for f, *_ in audits._TAGS)
    assert [(d["kind"], d["id"], d["through"], d["open_to"]) for d in answers["side_doors"]] == [
        ("dashboard", "01Z1", ANA, "nobody"),
        ("dashboard", "01Z2", ANA, "everyone"),
        ("dashboard", "01Z3", INES, "unknown"),
        ("token", "Sync", MARY, "app"),
    ]
    assert answers["side_doors"][0]["fields"] == everything
    assert answers["side_doors"][2]["fields"] == ["Contact.Email"]
    assert set(answers["side_doors"][0]) == {"kind", "id", "through", "fields", "open_to"}
    assert sum(len(group["doors"]) for group in told["doors"]) == len(DOORS)
    nothing = [group for group in told["doors"] if not group["fields"]]
    hidden = {door["through"]: group["undecided"] for group in nothing for door in group["doors"]}
    assert (hidden[TOM], hidden["nobody@clinic.example"]) == (False, True)


def test_changes_copies_and_derived_fields():
    view = audits.view()
    facts = dict(view.facts)
    facts[DIAGNOSIS] = replace(facts[DIAGNOSIS], tracked=True, history="ContactHistory")
    facts[HIV] = replace(facts[HIV], tracked=False, history="ContactHistory")
    facts["Lead.Rating__c"] = replace(facts["Lead.Rating__c"], tracked=True, history="LeadHistory")
    step = Step(DIAGNOSIS, HIV, "a formula", "salesforce F14")
    _, answers = system(changes=CHANGES, facts=facts, derived={HIV: Derived(step, DIAGNOSIS)})
    assert answers["changes"] == ["0Ym1", "0Ym2"]
    assert answers["copies"] == {DIAGNOSIS: "ContactHistory"}
    assert answers["derived_phi"] == {HIV: {"from": DIAGNOSIS, "rule": "F14"}}


def test_reach_that_is_counted_bounded_and_unknown():
    reach = Reach(
        {
            "Lead": {
                MARY: Extent(Span.ALL, 7, 7),
                ANA: Extent(Span.ALL, 7, 7),
                SAM: Extent(Span.ALL, 2, None),
            },
            "Contact": {
                MARY: Extent(Span.SOME, 2, 5, restricted=True),
                SAM: Extent(Span.UNKNOWN, why="Not looked at."),
                ANA: Extent(Span.NONE, 0, 0),
            },
        }
    )
    told, answers = system(reach=reach)
    assert answers["reach"] == [
        {
            "user": MARY,
            "object": "Contact",
            "reach": "some",
            "records": 2,
            "at_least": 2,
            "at_most": 5,
            "restricted": True,
        },
        {"user": MARY, "object": "Lead", "reach": "all", "records": 7, "restricted": False},
        {
            "user": SAM,
            "object": "Lead",
            "reach": "all",
            "records": 2,
            "at_least": 2,
            "at_most": None,
            "restricted": False,
        },
        {"user": ANA, "object": "Contact", "reach": "none", "records": 0, "restricted": False},
        {"user": ANA, "object": "Lead", "reach": "all", "records": 7, "restricted": False},
    ]
    assert [one["object"] for one in told["reach"]] == ["Contact", "Lead"]
    assert [len(one["groups"]) for one in told["reach"]] == [3, 2]


# -- nothing unread is given as empty

SECTIONS = ("escalation", "extraction", "files", "side_doors", "changes", "copies", "derived_phi")


def test_what_was_read_and_is_empty_is_given_as_empty():
    grants = audits.grants(audits.PEOPLE, audits.HOLDINGS)
    view = replace(audits.view(missing=SEEN), access=effective_access(grants))
    answers = json_v1.answers(json_v1.document((audits.judged(view),)))
    assert {name: answers[name] for name in SECTIONS} == {
        "escalation": {},
        "extraction": {},
        "files": [],
        "side_doors": [],
        "changes": [],
        "copies": {},
        "derived_phi": {},
    }
    assert "reach" not in answers


@pytest.mark.parametrize(
    ("capability", "section"),
    [
        (Capability.SURFACES, "side_doors"),
        (Capability.CHANGES, "changes"),
        (Capability.SCHEMA, "copies"),
        (Capability.LINEAGE, "derived_phi"),
    ],
)
def test_what_was_refused_is_left_out(capability, section):
    readings = [r for r in SEEN if r.capability is not capability]
    _, answers = system(*readings, looked(capability, REFUSED))
    assert section not in answers
    _, accepted = system(*readings, looked(capability, HIDDEN))
    assert (section in accepted) is (section != "side_doors"), (
        "where nobody is shown a door, none is no answer"
    )


@pytest.mark.parametrize("section", ["side_doors", "changes", "derived_phi"])
def test_what_was_never_looked_at_is_left_out(section):
    _, answers = system(looked(Capability.CREDENTIAL))
    assert section not in answers


def test_doors_that_are_known_are_told_although_others_may_be_missing():
    _, answers = system(looked(Capability.SURFACES, REFUSED), doors=DOORS)
    assert answers["side_doors"]


def test_formulas_that_could_not_be_read_leave_derived_fields_open():
    _, answers = system(lineage=Lineage(unparsed={HIV: "Odd."}))
    assert "derived_phi" not in answers


def test_rights_are_left_out_where_grants_could_not_be_read():
    told, answers = system(unread="PermissionSet could not be read.")
    assert told["held_rights"] is None
    assert not {"escalation", "extraction", "files"} & answers.keys()


def test_an_org_that_never_answered_has_no_answers():
    answers = json_v1.answers(json_v1.document((audits.judged(audits.unreached()),)))
    assert not set(SECTIONS) & answers.keys()


# -- the contract


def test_the_schema_knows_every_word():
    schema = json_v1.schema()["$defs"]
    assert set(schema["right"]["properties"]["uses"]["items"]["enum"]) == {use.value for use in Use}
    assert set(schema["extent"]["properties"]["reach"]["enum"]) == {span.value for span in Span}
    assert set(schema["door"]["properties"]["kind"]["enum"]) == {kind.value for kind in DoorKind}


def test_names_of_apps_and_dashboards_are_inert():
    doors = tuple(Door(DoorKind.TOKEN, name, name, ANA, "app") for name in audits.HOSTILE)
    told, _ = system(doors=doors)
    text = "".join(json_v1._lines(told, 0))
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == told


def test_masked_fields_are_marked():
    view = audits.view()
    facts = {**view.facts, HIV: replace(view.facts[HIV], masked=True)}
    told, _ = system(facts=facts)
    assert [tag["field"] for tag in told["tags"] if tag["masked"]] == [HIV]
