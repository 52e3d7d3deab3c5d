"""What is seen through somebody else's eyes."""

from __future__ import annotations

import pytest

from auditor.doors import Door, DoorKind, Shown, shown_through
from tests.auditor.orgs import DIAGNOSIS, EMAIL, NOTES, nurse, org


def through(person):
    return Door(DoorKind.DASHBOARD, "load", "Load", person, "everyone")


def test_only_what_the_person_reads_with_certainty():
    rights = f"Contact {DIAGNOSIS} {NOTES}? {EMAIL}~"
    access = org(nurse("Ana"), holds={"ana": "Care"}, Care=rights).access
    assert shown_through(access, through("ana")) == Shown((DIAGNOSIS,))


def test_several_fields_come_by_name():
    access = org(nurse("Ana"), holds={"ana": "Care"}, Care=f"Contact {NOTES} {DIAGNOSIS} {EMAIL}").access
    assert shown_through(access, through("ana")) == Shown((DIAGNOSIS, EMAIL, NOTES))


@pytest.mark.parametrize("state", [{"active": False}, {"frozen": True}])
def test_nothing_through_an_account_that_is_switched_off(state):
    view = org(nurse("Ana", **state), holds={"ana": "Care"}, Care=f"Contact {DIAGNOSIS}")
    assert shown_through(view.access, through("ana")) == Shown()


def test_nothing_through_somebody_without_access_and_no_verdict_about_somebody_unknown():
    access = org(nurse("Ana"), Care=f"Contact {DIAGNOSIS}").access
    assert shown_through(access, through("ana")) == Shown()
    assert shown_through(access, through("nobody")) == Shown(undecided=True)


def test_what_could_not_be_read_is_not_nothing():
    view = org(
        nurse("Ana"), holds={"ana": "Care"}, blind={"ana": "A set is missing."}, Care=f"Contact {DIAGNOSIS}"
    )
    assert shown_through(view.access, through("ana")).undecided
