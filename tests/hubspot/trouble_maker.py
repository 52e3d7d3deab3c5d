"""Seeded trouble for a small portal with a bit of everything, and what a run under trouble may say."""

from __future__ import annotations

import random

from tests.connectors.served_portals import portal

PHI = {
    "contacts.primary_diagnosis": "diagnosis",
    "contacts.hiv_status": "diagnosis",
    "contacts.allergies": "allergy",
    "contacts.old_diagnosis": "diagnosis",
    "contacts.score": "assessment",
}
PATHS = (
    "/users/?$",
    "/users/roles",
    "/users/teams",
    "/settings/teams",
    "/objects/users",
    "/properties/contacts",
    "/properties/",
    "/schemas",
    "/owners",
    "/search",
    "/objects/contacts",
    "permitted-users",
    "/lists",
    "/forms",
    "/flows",
    "/emails",
    "account-info",
    "access-token-info",
    "communication-preferences",
    ".",
)
TROUBLE = (
    {"status": 502, "body": "html"},
    {"status": 503, "body": "html"},
    {"status": 500},
    {"status": 423},
    {"status": 429, "policy": "TEN_SECONDLY_ROLLING"},
    {"status": 429, "policy": "SECONDLY"},
    {"status": 429, "policy": "DAILY"},
    {"status": 477, "headers": {"Retry-After": "60"}},
    {"status": 401},
    {"status": 403},
    {"status": 404, "body": "empty"},
    {"status": 400},
    {"status": 207},
    {"truncate": True},
    {"cut": True},
    {"reset": True},
    {"repeat_cursor": True},
    {"expire_token": True},
)
EVIDENCE = {
    "property-access.csv": (
        "object_type,property_name,mode,owner_user,view_users,view_teams,edit_users,edit_teams,observed_at,observed_by\n"
        "contacts,primary_diagnosis,RESTRICTED,,,North,,,2026-11-20T09:00:00Z,201\n"
        "contacts,allergies,EVERYONE,,,,,,2026-11-20T09:00:00Z,201\n"
        "contacts,score,PRIVATE,203,,,,,2026-11-20T09:00:00Z,201\n"
    ),
    "permission-sets.csv": (
        "role_name,object_type,view,view_unassigned,edit,export,lists_view,workflows_view,reports_view,"
        "marketing_access,observed_at,observed_by\n"
        "Marketing,contacts,ALL,yes,NONE,no,yes,yes,yes,yes,2026-11-20T09:00:00Z,201\n"
        "Care,contacts,NONE,yes,NONE,no,yes,yes,yes,yes,2026-11-20T09:00:00Z,201\n"
    ),
}


def document():
    made = portal(roles=[{"id": "7", "name": "Marketing"}, {"id": "8", "name": "Care"}])
    made["properties"]["contacts"].append(
        {"name": "score", "calculated": True, "calculationFormula": "concatenate(primary_diagnosis, 'x')"}
    )
    return made


def faults_of(seed):
    r = random.Random(seed)
    found = []
    for _ in range(r.randint(1, 3)):
        one = {"match": {"path": r.choice(PATHS)}, "do": r.choice(TROUBLE)}
        if r.random() < 0.6:
            one["on"] = sorted(r.sample(range(1, 9), r.randint(1, 4)))
        found.append(one)
    return {"faults": found}


def pairs(answers):
    return {(r["user"], r["object"], r["property"]): (r["view"], r["edit"]) for r in answers["expect"]}


def own(answers):
    """What is said of the auditor's own token: unknown where HubSpot did not tell its scopes, which is no area."""
    return [said for (user, *_), said in pairs(answers).items() if user == "token"]


def same_or_openly_less(seed, said, undisturbed):
    """Compare answers and exit code of a run under trouble with those of an undisturbed one."""
    (answers, ended), (true, code) = said, undisturbed
    if answers is None:
        assert ended == 3, seed
        return
    if not answers["coverage"] and "UNKNOWN" not in {view for view, _ in own(answers)}:
        assert (answers, ended) == (true, code), seed
        return
    assert ended == 4 or 21 <= ended <= 24, seed
    known = pairs(true)
    for pair, said in pairs(answers).items():
        for word, truth in zip(said, known[pair], strict=True):
            assert word in {truth, "UNKNOWN"}, (seed, pair)
    for row, whole in zip(answers["retention"], true["retention"], strict=False):
        for part in ("total", "undatable", "archived"):
            assert row[part] in {whole[part], None}, (seed, part)
    areas = {one["area"].partition(":")[0] for one in answers["coverage"]}
    if pairs(answers).keys() != known.keys():
        assert areas & {"users", "properties"}, seed
    if answers["absent"] != true["absent"]:
        assert areas & {"users", "owners"}, seed
    if answers["marketing"] != true["marketing"]:
        assert "users" in areas, seed
