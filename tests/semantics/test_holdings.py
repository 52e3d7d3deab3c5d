"""Who holds which container, and how firmly: A1 to A7."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auditor.people import Kind
from auditor.planes import Strength
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.holdings import Holders
from connectors.salesforce.semantics.moments import moment
from connectors.salesforce.semantics.people import people
from connectors.salesforce.semantics.rows import Rows
from tests.semantics.snapshots import NOW, snapshot

USER, OTHER_USER, PROFILE = "005x00000000001AAA", "005x00000000002AAA", "00ex00000000001AAA"
OWNED, DIRECT, SESSION = "0PSx00000000001GAA", "0PSx00000000002GAA", "0PSx00000000003GAA"
GROUP, AGGREGATE = "0PGx00000000001GAA", "0PSx00000000100GAA"
SESSION_GROUP, SESSION_AGGREGATE = "0PGx00000000002GAA", "0PSx00000000101GAA"
LICENSED = "0PSx00000000004GAA"
LIVE, ACTIVATABLE, POSSIBLE = Strength.LIVE, Strength.ACTIVATABLE, Strength.POSSIBLE

SETS = [
    {"Id": OWNED, "Name": "X00e", "IsOwnedByProfile": True, "ProfileId": PROFILE},
    {"Id": DIRECT, "Label": "Direct"},
    {"Id": SESSION, "Label": "Session", "HasActivationRequired": True},
    {"Id": LICENSED, "Label": "Licensed", "LicenseId": "0PLx00000000001AAA"},
    {"Id": AGGREGATE, "PermissionSetGroupId": GROUP},
    {"Id": SESSION_AGGREGATE, "PermissionSetGroupId": SESSION_GROUP},
]
GROUPS = [
    {"Id": GROUP, "MasterLabel": "Group", "Status": "Updated"},
    {"Id": SESSION_GROUP, "MasterLabel": "Session group", "Status": "Updated", "HasActivationRequired": True},
]


def assigned(container: str = "", group: str | None = None, **more):
    row = {"Id": "0Pa", "AssigneeId": USER, "PermissionSetId": container or None, "IsActive": True}
    return {**row, "PermissionSetGroupId": group, **more}


def holders(*assignments, profile: str | None = None, unread=(), absent=(), **tables) -> Holders:
    rows = {
        cat.USERS.name: [{"Id": USER, "Name": "Ana", "ProfileId": profile, "IsActive": True}],
        cat.PROFILES.name: [{"Id": PROFILE, "Name": "Nurse"}],
        cat.PERMISSION_SETS.name: SETS,
        cat.GROUPS.name: GROUPS,
        cat.ASSIGNMENTS.name: assignments,
    }
    read = snapshot({**rows, **tables}, unread=unread, absent=absent)
    return Holders(read, Rows(read, set()), people(read), NOW)


def held(*assignments, **more):
    """What Ana holds, and why we are blind about her, if we are."""
    found = holders(*assignments, **more)
    return {one.container: one.strength for one in found.held()}, found.blind.get(0, "")


@pytest.mark.parametrize(
    ("profile", "expected", "doubt"),
    [
        (PROFILE, {OWNED: LIVE}, ""),
        (PROFILE[:15], {OWNED: LIVE}, ""),
        (None, {}, ""),
        ("00ex00000000009AAA", {}, "The permission set of the profile 00ex00000000009AAA was not returned."),
    ],
)
def test_a2_the_profile_is_the_set_it_owns(profile, expected, doubt):
    assert held(profile=profile) == (expected, doubt)


@pytest.mark.parametrize(
    ("assignment", "expected", "doubt"),
    [
        pytest.param(assigned(DIRECT), {DIRECT: LIVE}, "", id="A3 direct"),
        pytest.param(assigned(DIRECT[:15]), {DIRECT: LIVE}, "", id="A3 with 15 characters"),
        pytest.param(assigned(OWNED), {}, "", id="3.9 a profile's set adds nothing"),
        pytest.param(assigned(AGGREGATE, GROUP), {AGGREGATE: LIVE}, "", id="A4 group"),
        pytest.param(assigned("", GROUP), {AGGREGATE: LIVE}, "", id="A4 group alone"),
        pytest.param(assigned(AGGREGATE), {AGGREGATE: LIVE}, "", id="A4 aggregate alone"),
        pytest.param(assigned(DIRECT, AssigneeId=OTHER_USER), {}, "", id="somebody else's"),
        pytest.param(
            assigned("0PSx00000000009GAA"),
            {},
            "The assigned permission set 0PSx00000000009GAA was not returned.",
            id="a missing set",
        ),
        pytest.param(
            assigned(""),
            {},
            "The assigned permission set without an id was not returned.",
            id="a set without id",
        ),
        pytest.param(
            assigned("", "0PGx00000000009GAA"),
            {},
            "The permission set group 0PGx00000000009GAA or its aggregate was not returned.",
            id="a missing group",
        ),
    ],
)
def test_a3_and_a4(assignment, expected, doubt):
    assert held(assignment) == (expected, doubt)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"ExpirationDate": None}, True),
        ({"ExpirationDate": "2026-11-24T03:00:01.000+0000"}, True),
        ({"ExpirationDate": "2026-11-24T03:00:00.000+0000"}, False),  # this very second has lapsed
        ({"ExpirationDate": "2026-11-24T02:59:59.000+0000"}, False),
        ({"ExpirationDate": "2026-11-24T05:00:00.000+0300"}, False),  # 02:00 in UTC
        ({"ExpirationDate": "2026-11-24T02:00:00.000-0300"}, True),
        ({"IsActive": False}, False),
        ({"IsActive": False, "ExpirationDate": "2030-01-01T00:00:00.000+0000"}, False),
        ({"IsActive": None}, True),  # an org without the column
        ({"IsRevoked": True}, False),
        ({"IsRevoked": None}, True),
    ],
)
@pytest.mark.parametrize(("target", "container"), [((DIRECT, None), DIRECT), ((None, GROUP), AGGREGATE)])
def test_a5_lapsed_assignments(row, counts, target, container):
    found, doubt = held(assigned(*target, **row))
    assert found == ({container: LIVE} if counts else {})
    assert doubt == ""


def test_a_missing_set_of_a_lapsed_assignment_is_no_doubt():
    assert held(assigned("0PSx00000000009GAA", IsActive=False)) == ({}, "")


def activation(key: str, user: str = USER, session: str = "0Akx00000000001AAA"):
    column = "PermissionSetGroupId" if key.startswith("0PG") else "PermissionSetId"
    return {"AuthSessionId": session, "UserId": user, column: key}


@pytest.mark.parametrize(
    ("target", "activations", "expected"),
    [
        ((SESSION, None), [], ACTIVATABLE),
        ((SESSION, None), [activation(SESSION)], LIVE),
        ((SESSION, None), [activation(SESSION[:15])], LIVE),
        ((SESSION, None), [activation(SESSION, user=OTHER_USER)], ACTIVATABLE),
        ((SESSION, None), [activation(SESSION, session="0Akx00000000009AAA")], ACTIVATABLE),  # it ended
        ((SESSION, None), [activation(DIRECT)], ACTIVATABLE),
        ((DIRECT, None), [], LIVE),
        ((None, SESSION_GROUP), [], ACTIVATABLE),
        ((None, SESSION_GROUP), [activation(SESSION_GROUP)], LIVE),
        ((None, SESSION_GROUP), [activation(SESSION_AGGREGATE)], LIVE),
        ((None, SESSION_GROUP), [activation(GROUP)], ACTIVATABLE),
        ((None, GROUP), [], LIVE),
    ],
)
def test_a6_activation(target, activations, expected):
    found, doubt = held(
        assigned(*target),
        **{
            cat.ACTIVATIONS.name: activations,
            cat.SESSIONS.name: [{"Id": "0Akx00000000001AAA", "UsersId": USER}],
        },
    )
    assert list(found.values()) == [expected]
    assert doubt == ""


def test_a6_a_session_based_part_of_a_group_needs_no_activation():
    part = {"PermissionSetGroupId": GROUP, "PermissionSetId": SESSION}
    assert held(assigned("", GROUP), **{cat.COMPONENTS.name: [part]}) == ({AGGREGATE: LIVE}, "")


@pytest.mark.parametrize("reading", [cat.ACTIVATIONS.name, cat.SESSIONS.name])
def test_an_activation_nobody_could_read_is_a_doubt(reading):
    found, doubt = held(assigned(SESSION), unread=[reading])
    assert found == {SESSION: ACTIVATABLE}
    assert doubt == "Whether a session-based set is activated could not be read."
    assert held(assigned(SESSION), absent=[reading]) == ({SESSION: ACTIVATABLE}, "")
    assert held(assigned(DIRECT), unread=[reading]) == ({DIRECT: LIVE}, "")


def licence(status: str | None, expires: str | None = None):
    row = {"Id": "0PLx00000000001AAA", "MasterLabel": "Health", "Status": status}
    return [{**row, "ExpirationDate": expires}]


@pytest.mark.parametrize(
    ("row", "expected", "limit"),
    [
        (licence("Active"), LIVE, ""),
        (licence(None), LIVE, ""),
        (licence("Disabled"), POSSIBLE, "its licence “Health” is Disabled"),
        (licence("Active", "2026-11-25"), LIVE, ""),
        (licence("Active", "2026-11-24"), POSSIBLE, "its licence “Health” expired 2026-11-24"),
        (licence("Active", "2020-01-01"), POSSIBLE, "its licence “Health” expired 2020-01-01"),
        ([], LIVE, ""),  # a licence that is not listed says nothing
    ],
)
def test_a7_a_dead_licence(row, expected, limit):
    [found] = holders(assigned(LICENSED), **{cat.SET_LICENCES.name: row}).held()
    assert (found.strength, found.limits) == (expected, limit)


def test_a7_is_not_about_parts_of_groups():
    part = {"PermissionSetGroupId": GROUP, "PermissionSetId": LICENSED}
    rows = {cat.COMPONENTS.name: [part], cat.SET_LICENCES.name: licence("Disabled")}
    assert held(assigned("", GROUP), **rows) == ({AGGREGATE: LIVE}, "")


def test_a_licence_nobody_could_read_is_a_doubt():
    reading = cat.SET_LICENCES.name
    assert held(assigned(LICENSED), unread=[reading])[1] == (
        "The licence of an assigned permission set could not be read."
    )
    assert held(assigned(LICENSED), unread=[cat.LICENCES.name])[1] == ""  # another kind of licence
    assert held(assigned(DIRECT), unread=[reading])[1] == ""


@pytest.mark.parametrize(
    "reading",
    [
        cat.GROUPS.name,
        cat.COMPONENTS.name,
        cat.MUTING_SETS.name,
        cat.OBJECT_MUTES.name,
        cat.FIELD_MUTES.name,
        cat.aggregates_of(cat.OBJECT_PERMISSIONS),
        cat.aggregates_of(cat.FIELD_PERMISSIONS),
    ],
)
def test_a_group_nobody_could_take_apart_is_a_doubt(reading):
    assert held(assigned("", GROUP), unread=[reading])[1] == (
        "What an assigned permission set group is made of could not be read."
    )
    assert held(assigned(DIRECT), unread=[reading])[1] == ""


def test_limits_are_said_in_words():
    rows = {cat.SET_LICENCES.name: licence("Disabled")}
    expiring = {"ExpirationDate": "2027-05-01T00:00:00.000+0000"}
    found = limits(assigned(LICENSED, **expiring), assigned(SESSION), assigned("", SESSION_GROUP), **rows)
    assert found == {
        LICENSED: "its licence “Health” is Disabled, expires 2027-05-01",
        SESSION: "session-based, not activated",
        SESSION_AGGREGATE: "session-based, not activated",
    }
    outdated = [{**GROUPS[0], "Status": "Outdated"}]
    assert limits(assigned("", GROUP), **{cat.GROUPS.name: outdated}) == {
        AGGREGATE: "the group's status is Outdated"
    }


SOON, LATER = "2026-12-01T00:00:00.000+0000", "2027-05-01T00:00:00.000+0000"


def limits(*assignments, **more):
    found = holders(*assignments, **more)
    list(found.held())
    return {container: said for (_, container), said in found.limits().items()}


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((SOON,), {DIRECT: "expires 2026-12-01"}),
        ((SOON, None), {}),
        ((None, SOON), {}),
        ((LATER, SOON), {DIRECT: "expires 2027-05-01"}),
    ],
)
def test_of_two_assignments_of_one_set_the_last_to_end_counts(ends, said):
    assert limits(*(assigned(DIRECT, ExpirationDate=end) for end in ends)) == said


@pytest.mark.parametrize(
    ("target", "container"),
    [
        (("0PSx00000000009GAA", None), "0PSx00000000009GAA"),
        (("", "0PGx00000000009GAA"), "0PGx00000000009GAA"),
        (("", None), ""),
    ],
)
def test_what_was_not_returned_ends_too(target, container):
    found = holders(assigned(*target, ExpirationDate=SOON))
    assert list(found.held()) == []
    assert found.expiring() == {(0, container): moment(SOON)}


def test_a_profiles_set_that_is_assigned_has_no_end():
    found = holders(assigned(OWNED, ExpirationDate=SOON))
    assert list(found.held()) == []
    assert found.expiring() == {}


@pytest.mark.parametrize(
    ("assignment", "row", "fading"),
    [
        (assigned(LICENSED), licence("Active", "2026-12-01"), {(0, LICENSED): moment("2026-12-01")}),
        (assigned(LICENSED), licence("Active"), {}),
        (assigned(LICENSED), licence("Disabled", "2026-12-01"), {}),
        (assigned(LICENSED), licence("Active", "2026-11-01"), {}),
        (assigned(DIRECT), licence("Active", "2026-12-01"), {}),
    ],
)
def test_a7_a_licence_will_run_out(assignment, row, fading):
    found = holders(assignment, **{cat.SET_LICENCES.name: row})
    list(found.held())
    assert found.fading() == fading


@pytest.mark.parametrize(
    ("row", "kind", "dormant"),
    [
        ({"UserType": "Standard"}, Kind.INTERNAL, False),
        ({"UserType": None}, Kind.INTERNAL, False),
        ({"UserType": "Guest"}, Kind.GUEST, False),
        ({"UserType": "PowerPartner"}, Kind.EXTERNAL, False),
        ({"UserType": "CspLitePortal"}, Kind.EXTERNAL, False),
        ({"UserType": "AutomatedProcess"}, Kind.SYSTEM, False),
        ({"IsActive": False}, Kind.INTERNAL, True),
        ({"Id": OTHER_USER}, Kind.INTERNAL, True),  # frozen
    ],
)
def test_a1_who_there_is(row, kind, dormant):
    tables = {
        cat.USERS.name: [{"Id": USER, "Username": "a@x.example", "IsActive": True, **row}],
        cat.USER_LOGINS.name: [
            {"UserId": OTHER_USER[:15], "IsFrozen": True},
            {"UserId": USER, "IsFrozen": False},
        ],
    }
    [person] = people(snapshot(tables))
    assert (person.kind, person.dormant, person.name) == (kind, dormant, "a@x.example")


def test_signs_of_an_audience():
    tables = {
        cat.USERS.name: [
            {
                "Id": USER,
                "Name": "Ana",
                "ProfileId": PROFILE,
                "UserRoleId": "00Ex",
                "Department": "Growth",
                "UserPermissionsMarketingUser": True,
                "LastLoginDate": "2026-11-23T22:10:00.000+0000",
            }
        ],
        cat.PROFILES.name: [{"Id": PROFILE, "Name": "Nurse", "UserLicenseId": "100x"}],
        cat.LICENCES.name: [{"Id": "100x", "Name": "SFDC", "MasterLabel": "Salesforce"}],
        cat.ROLES.name: [{"Id": "00Ex", "Name": "Lead"}],
        cat.PERMISSION_SETS.name: SETS,
        cat.GROUPS.name: GROUPS,
        cat.ASSIGNMENTS.name: [assigned(DIRECT, IsActive=False), assigned("", GROUP), assigned(OWNED)],
    }
    [person] = people(snapshot(tables))
    assert (person.profile, person.role, person.department, person.licence) == (
        "Nurse",
        "Lead",
        "Growth",
        "Salesforce",
    )
    assert person.sets == ("Direct", "Group")  # assigned, whether live or not (E5)
    assert person.marketing_flag
    assert person.last_login == datetime(2026, 11, 23, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T22:10:00.000+0000", datetime(2026, 11, 23, 22, 10, tzinfo=UTC)),
        ("2026-11-23T22:10:00.000+0200", datetime(2026, 11, 23, 20, 10, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(text, expected):
    assert moment(text) == expected


def test_how_firmly_each_container_would_be_held():
    found = holders(**{cat.SET_LICENCES.name: licence("Disabled")})
    assert found.firmness() == {
        SESSION: ACTIVATABLE,
        SESSION_AGGREGATE: ACTIVATABLE,
        LICENSED: POSSIBLE,
    }


def test_who_has_what_activated_goes_by_the_container():
    rows = [activation(SESSION), activation(SESSION_GROUP), activation(DIRECT, user=OTHER_USER)]
    sessions = [{"Id": "0Akx00000000001AAA", "UsersId": USER}]
    found = holders(**{cat.ACTIVATIONS.name: rows, cat.SESSIONS.name: sessions})
    assert found.activated() == {(0, SESSION), (0, SESSION_AGGREGATE)}
