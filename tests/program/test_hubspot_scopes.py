"""What one missing scope, a smaller edition or a refused surface takes away, through the whole program.

The run ends, what was not read is named with the scope that opens it, and nothing that rests on it reads no.
"""

from __future__ import annotations

import pytest

from tests.connectors.served_portals import SCOPES, portal
from tests.hubspot.trouble_maker import PHI, document, pairs
from tests.program.portals import audited

LOST = {
    "settings.users.teams.read": {"teams", "team_tree"},
    "crm.objects.users.read": {"crm_users"},
    "crm.lists.read": {"lists"},
    "forms": {"forms"},
    "automation": {"flows"},
    "content": {"emails"},
    "account-info.security.read": {"audit_log"},
    "communication_preferences.read": {"subscriptions"},
    "crm.objects.contacts.read": {"records:contacts", "record_reach:contacts", "retention:old"},
    "crm.objects.tickets.read": {"properties:tickets"},
}
"""What each scope alone opens; the others of the table have a second scope beside them (hubspot 1.4)."""
BOTH = {
    ("settings.users.read", "crm.objects.users.read"): {
        "users",
        "roles",
        "crm_users",
        "record_reach:contacts",
    },
    ("crm.objects.owners.read", "automation"): {"owners", "flows"},
    ("crm.schemas.custom.read", "crm.objects.custom.read"): {"schemas"},
    ("crm.schemas.deals.read", "crm.objects.deals.read"): {"properties:deals"},
    ("crm.schemas.companies.read", "crm.objects.companies.read"): {"properties:companies"},
    ("crm.schemas.contacts.read", "crm.objects.contacts.read"): {
        "properties:contacts",
        "records:contacts",
        "record_reach:contacts",
        "retention:old",
    },
}
"""What is lost where both scopes that open it are missing."""
CASES = [((scope,), LOST.get(scope, set())) for scope in SCOPES] + [*BOTH.items()]
REFUSED = {
    "/settings/v3/users$": "users",
    "/users/roles$": "roles",
    "/users/teams$": "teams",
    "/settings/teams/": "team_tree",
    "/objects/users$": "crm_users",
    "/owners": "owners",
    "/lists/search": "lists",
    "/forms": "forms",
    "/v4/flows$": "flows",
    "/emails": "emails",
    "/definitions": "subscriptions",
    "/audit-logs": "audit_log",
    "/properties/contacts": "properties:contacts",
    "/schemas": "schemas",
    "/objects/contacts/search": "records:contacts",
    "/permitted-users": "record_reach:contacts",
    "/access-token-info": "token",
}


def plain(folder, **more):
    """A run in which everything needed is known: all are super admins, and every property is attested."""
    made = {**document(), **more}
    made["users"] = [{**user, "superAdmin": True} for user in made["users"]]
    return audited(folder, made, phi={name: kind for name, kind in PHI.items() if "hiv" not in name})


def without(*scopes):
    [token] = portal(scopes=[s for s in SCOPES if s not in scopes])["tokens"]
    return {"tokens": [token]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The two undisturbed runs that all others are compared with."""
    found = audited(tmp_path_factory.mktemp("whole"), document())
    known = plain(tmp_path_factory.mktemp("plain"))
    assert (found.unread, known.unread) == ({}, {})
    assert (found.ran.code, known.ran.code) == (24, 14)
    return found, known


def is_openly_less(found, whole, scopes=()):
    """No verdict is another one than it was, and none of a person is gone but with everybody.

    Of its own token a run knows that without the object's scope it reads nothing (R14).
    """
    known, said = pairs(whole.answers), pairs(found.answers)
    for pair, words in said.items():
        if pair[0] == "token" and "crm.objects.contacts.read" in scopes:
            assert words == ("DENY", "DENY")
            continue
        for word, truth in zip(words, known[pair], strict=True):
            assert word in {truth, "UNKNOWN"}, pair
    gone = known.keys() - said.keys()
    assert not gone or found.unread.keys() & {"users", "properties:contacts"}
    page = found.page_one()
    for name, reading in found.unread.items():
        assert name in page
        assert reading["detail"] in page


@pytest.mark.parametrize(("scopes", "lost"), CASES, ids=lambda v: "+".join(sorted(v)) or "nothing")
def test_without_a_scope(scopes, lost, whole, tmp_path):
    found = audited(tmp_path, document() | without(*scopes))
    assert found.unread.keys() - {"calculations"} == lost
    for name in lost:
        reading = found.unread[name]
        assert reading["why"] == "forbidden", name
        assert any(scope in reading["detail"] + reading["remedy"] for scope in scopes), name
    is_openly_less(found, whole[0], scopes)


@pytest.mark.parametrize(("scopes", "lost"), CASES, ids=lambda v: "+".join(sorted(v)) or "nothing")
def test_the_code_says_that_something_needed_is_missing(scopes, lost, whole, tmp_path):
    code = plain(tmp_path, **without(*scopes)).ran.code
    assert code == whole[1].ran.code if not lost else code in {4, 21, 22, 23, 24}


@pytest.mark.parametrize(
    ("tier", "stated"),
    [("FREE", ""), ("STARTER", ""), ("PROFESSIONAL", ""), ("PROFESSIONAL", "PROFESSIONAL")],
)
def test_without_enterprise(tier, stated, whole, tmp_path):
    found = audited(tmp_path, document() | {"tier": tier}, **({"edition": stated} if stated else {}))
    assert {name: r["code"] for name, r in found.unread.items()} == {
        "roles": "NOT_ON_TIER",
        "audit_log": "NOT_ON_TIER",
    }
    assert found.ran.code in {4, 21, 22, 23, 24}
    if not stated:
        is_openly_less(found, whole[0])


@pytest.mark.parametrize(("number", "path", "area"), [(n, *one) for n, one in enumerate(REFUSED.items())])
def test_a_refused_surface(number, path, area, whole, tmp_path):
    do = ({"status": 403}, {"status": 404, "body": "empty"})[number % 2]
    found = audited(tmp_path, document(), faults={"faults": [{"match": {"path": path}, "do": do}]})
    assert area in found.unread
    assert found.ran.code in {4, 21, 22, 23, 24}
    is_openly_less(found, whole[0])
