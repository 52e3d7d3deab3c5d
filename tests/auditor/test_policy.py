"""The approved matrix: the narrowest entry decides, and what nobody decided is not approved."""

from __future__ import annotations

import pytest

from auditor.phi import Coarse
from auditor.policy import Approval, Level, Policy
from tests.auditor.orgs import DIAGNOSIS, EMAIL, tag

NONE, READ, EDIT = (Approval(level) for level in Level)


@pytest.mark.parametrize(
    ("row", "read", "edit"),
    [
        ({}, False, False),
        ({"diagnosis": READ}, True, False),
        ({"diagnosis": EDIT}, True, True),
        ({"diagnosis": NONE}, False, False),
        ({"clinical": READ}, True, False),
        ({"*": EDIT}, True, True),
        ({"email": EDIT}, False, False),
        ({"identifier": EDIT}, False, False),
        ({"diagnosis": NONE, "clinical": EDIT, "*": EDIT}, False, False),
        ({"clinical": NONE, "*": EDIT}, False, False),
        ({"diagnosis": EDIT, "clinical": NONE, "*": NONE}, True, True),
        ({"clinical": READ, "*": NONE}, True, False),
    ],
)
def test_the_narrowest_entry_wins(row, read, edit):
    policy = Policy({"care": row})
    assert policy.allows("care", tag(DIAGNOSIS), Level.READ) is read
    assert policy.allows("care", tag(DIAGNOSIS), Level.EDIT) is edit
    assert policy.allows("care", tag(DIAGNOSIS), Level.NONE) is bool(policy.approval("care", tag(DIAGNOSIS)))


def test_one_audience_says_nothing_about_another():
    policy = Policy({"care": {"*": EDIT}}, "3")
    assert policy.approval("marketing", tag(DIAGNOSIS)) is None
    assert not policy.allows("marketing", tag(DIAGNOSIS), Level.READ)
    assert Policy().approval("care", tag(EMAIL)) is None


def test_an_entry_keeps_who_approved_it():
    approval = Approval(Level.READ, "Privacy officer", "2026-01-05", "Discharge calls.")
    assert Policy({"care": {"clinical": approval}}).approval("care", tag(DIAGNOSIS)) is approval
    assert tag(DIAGNOSIS).coarse is Coarse.CLINICAL
