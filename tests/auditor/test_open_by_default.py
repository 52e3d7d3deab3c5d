"""Where a CRM opens what nothing mentions: the words of findings, of why not, and of what closes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from auditor.access import Word, effective_access
from auditor.closed import why_not
from auditor.exposure import Exposure, exposures
from auditor.planes import Bits, Gate, Grantor, Unmentioned
from auditor.rules.dormant_holder import dormant_holder
from auditor.rules.marketing_edits_clinical import marketing_edits_clinical
from reports.alike import Walk
from tests.auditor.orgs import DIAGNOSIS, NOTES, marketer, org, tag

NO_ROW = Grantor("no-row", label="the default", keeps=False, undo="Add a row")
MIA = marketer("Mia")
NO_MODEL = Grantor("no-model", label="no row for Contact", keeps=False, undo="Add a row for Contact")


def open_by_default(said=(), also=(), people=(MIA,), **containers):
    """An org in which the field side, and perhaps the object, is open unless `said` (container, column) mentions it."""
    names = (DIAGNOSIS, NOTES)
    view = org(*people, tags={n: tag(n) for n in names}, **containers)
    grants = view.access.grants
    rows = {g.id: i for i, g in enumerate(grants.grantors)}
    count = len(grants.grantors)
    grantors = (*grants.grantors, NO_MODEL, NO_ROW)
    found = {}
    for gate, width, row in ((Gate.OBJECT, 1, count), (Gate.FIELD, 2, count + 1)):
        flags = np.zeros((count + 2, width), dtype=bool)
        for where, container, column in said:
            if where is gate:
                flags[rows[container], column] = True
        found[gate] = Unmentioned(Bits.pack(flags), (row,) * width)
    planes = {
        key: Bits(bits.columns, np.pad(bits.words, ((0, 2), (0, 0)))) for key, bits in grants.planes.items()
    }
    closes = {(where, column): (rows[container],) for where, container, column in said}
    made = replace(grants, grantors=grantors, planes=planes, unmentioned=found, closes=closes, **dict(also))
    return replace(view, access=effective_access(made))


def test_a_finding_names_what_nobody_said_and_how_to_say_it():
    view = open_by_default()
    [found] = exposures(view, ("mia",), lambda _: True, frozenset({Word.YES}))
    assert found.through == "the default, behind “no row for Contact”"
    assert found.remedy == "Add a row for Contact; or add a row"
    assert set(found.words) == {DIAGNOSIS, NOTES}


def test_why_not_names_what_speaks_of_the_field():
    view = open_by_default([(Gate.FIELD, "Desk", 0)], holds={"mia": "Desk"}, Desk="Contact")
    access = view.access
    assert access.word("mia", DIAGNOSIS) is Word.NO
    assert access.word("mia", NOTES) is Word.YES
    found = why_not(access, 0, access.field_index(DIAGNOSIS))
    [gate] = found.closed
    assert [g.id for g in gate.told_no] == ["Desk"]
    assert not gate.sources
    assert not found.remedies


def test_a_container_comes_with_what_it_brings():
    said = [(Gate.FIELD, "Desk", 0), (Gate.FIELD, "Closing", 0)]
    containers = {"Desk": "Contact", "Doctor": DIAGNOSIS, "Closing": "Contact"}
    view = open_by_default(said, {"brings": {"Doctor": ("Closing",)}}, holds={"mia": "Desk"}, **containers)
    access = view.access
    [remedy] = why_not(access, 0, access.field_index(DIAGNOSIS)).remedies
    assert remedy.word is Word.YES  # what opens it wins over what only mentions it


def test_fields_that_different_defaults_open_are_told_apart():
    view = open_by_default()
    grants = view.access.grants
    field = grants.unmentioned[Gate.FIELD]
    other = len(grants.grantors)
    split = replace(
        grants,
        grantors=(*grants.grantors, replace(NO_ROW, id="another")),
        planes={key: Bits(b.columns, np.pad(b.words, ((0, 1), (0, 0)))) for key, b in grants.planes.items()},
        unmentioned={
            gate: Unmentioned(
                Bits(one.mentions.columns, np.pad(one.mentions.words, ((0, 1), (0, 0)))), one.by
            )
            for gate, one in grants.unmentioned.items()
        }
        | {
            Gate.FIELD: Unmentioned(
                Bits(2, np.pad(field.mentions.words, ((0, 1), (0, 0)))), (field.by[0], other)
            )
        },
    )
    access = effective_access(split)
    paths = {opening.paths for opening in Walk(access).openings(0)}
    assert paths == {"no-model>no-row", "no-model>another"}


def test_what_opens_an_object_has_to_be_closed_all_of_it():
    exposure = Exposure("marketing", "Contact", NO_ROW, fixes=Counter(["Clear one", "Clear another"]))
    assert exposure.remedy == "Clear another, and clear one; or add a row"
    assert Exposure("marketing", "Contact", NO_ROW).remedy == "Add a row"


def test_rules_about_editing_and_dormant_accounts_name_the_row_to_add():
    edits = org(marketer("Mia"), tags={DIAGNOSIS: tag(DIAGNOSIS)})
    grants = replace(
        edits.access.grants,
        people=(replace(edits.access.grants.people[0], active=False), *edits.access.grants.people[1:]),
    )
    count = len(grants.grantors)
    width = {
        gate: Unmentioned(Bits.empty(count + 2, 1), (row,))
        for gate, row in ((Gate.OBJECT, count), (Gate.FIELD, count + 1))
    }
    open_ = replace(
        edits.access.grants, grantors=(*grants.grantors, NO_MODEL, NO_ROW), planes={}, unmentioned=width
    )
    [found] = marketing_edits_clinical.check(replace(edits, access=effective_access(open_)))
    assert found.remedy == "Add a row for Contact; or add a row; or have editing approved for the audience."
    gone = replace(open_, people=grants.people)
    [found] = dormant_holder.check(replace(edits, access=effective_access(gone)))
    assert found.root == "every-account"
    assert "read 1 field with health data through what is “open to every account”." in found.message
    assert found.remedy.startswith("Give the objects listed rules")


def test_dormant_accounts_are_listed_by_the_group_to_take_from_them():
    """Whatever nothing speaks of is one finding, however many objects there are; a group is another."""
    view = open_by_default([(Gate.OBJECT, "Desk", 0)], holds={"mia": "Desk"}, Desk="Contact")
    grants = view.access.grants
    gone = [replace(who, active=False, memberships=("Desk",)) for who in grants.people]
    [found] = dormant_holder.check(
        replace(view, access=effective_access(replace(grants, people=tuple(gone))))
    )
    assert found.root == "Desk"
    assert found.remedy.startswith("Remove")


def test_a_finding_says_where_one_person_has_less_than_another():
    """Mia's group speaks of one of the two fields, and of it alone."""
    people = (marketer("Mia"), marketer("Moe"))
    view = open_by_default([(Gate.FIELD, "Desk", 0)], people=people, holds={"mia": "Desk"}, Desk="Contact")
    [found] = exposures(view, ("mia", "moe"), lambda _: True, frozenset({Word.YES}))
    assert len(found.words) == 2
    assert found.apiece == " (1 to 2 each)"
