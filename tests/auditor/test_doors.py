"""What is seen through somebody else's eyes."""

from __future__ import annotations

import pytest

from auditor.doors import Door, DoorKind, shown_through
from tests.auditor.orgs import DIAGNOSIS, EMAIL, NOTES, nurse, org


def through(person):
    return Door(DoorKind.DASHBOARD, "load", "Load", person, "everyone")


def test_only_what_the_person_reads_with_certainty():
    rights = f"Contact {DIAGNOSIS} {NOTES}? {EMAIL}~"
    access = org(nurse("Ana"), holds={"ana": "Care"}, Care=rights).access
    assert shown_through(access, through("ana")) == (DIAGNOSIS,)


def test_several_fields_come_by_name():
    access = org(nurse("Ana"), holds={"ana": "Care"}, Care=f"Contact {NOTES} {DIAGNOSIS} {EMAIL}").access
    assert shown_through(access, through("ana")) == (DIAGNOSIS, EMAIL, NOTES)


@pytest.mark.parametrize("state", [{"active": False}, {"frozen": True}])
def test_nothing_through_an_account_that_is_switched_off(state):
    view = org(nurse("Ana", **state), holds={"ana": "Care"}, Care=f"Contact {DIAGNOSIS}")
    assert shown_through(view.access, through("ana")) == ()


def test_nothing_through_somebody_without_access_or_unknown():
    access = org(nurse("Ana"), Care=f"Contact {DIAGNOSIS}").access
    assert shown_through(access, through("ana")) == ()
    assert shown_through(access, through("nobody")) == ()
