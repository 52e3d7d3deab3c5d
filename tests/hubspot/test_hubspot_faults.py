"""Seeded trouble on the wire to a portal: the same is said, or openly less; nothing is better than the truth."""

from __future__ import annotations

import random

import pytest

from auditor.audit import exit_code
from auditor.errors import CollectionError
from auditor.people import Audience, Sign
from auditor.policy import Policy
from auditor.retention import RetentionPolicy
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.evidence import Stated, load
from crm_audit import compose
from reports import hubspot_answers, json_v1
from tests.connectors.served_portals import AT, portal, served

SLICE, ALL = range(60), range(500)
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


@pytest.fixture(scope="module")
def attested(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    for name, text in EVIDENCE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load(folder, None)


def run(attested, faults=None):
    """The answers and the exit code of one audit; no answers where nothing could be read."""
    settings = compose.Settings(
        audiences=(Audience("marketing", (Sign("memberships", "role:7"),), "Asked.", marketing=True),),
        policy=Policy(),
        retention=(RetentionPolicy("old", "contacts", "createdate", "P1Y"),),
        decided=PHI,
    )
    with served(document(), faults=faults) as (client, site, _):
        connector = HubSpot(
            client, target="portal", taken_at=AT, tool_version="0", stated=Stated(), evidence=attested
        )
        try:
            schema = connector.schema(compose.scope(settings, None, "hubspot"))
            tags = list(compose.tag(schema, settings).tags.values())
            snapshot = connector.collect(schema, compose.plan(tags, settings, "hubspot", AT))
        except CollectionError:
            return None, 3
        finally:
            assert site.writes() == []
            assert not {name for name in site.log.values() if name in PHI}
    audit = compose.judge(snapshot, settings, AT)
    return hubspot_answers.answers(json_v1.document([audit])["systems"][0], PHI), exit_code([audit])


@pytest.fixture(scope="module")
def undisturbed(attested):
    return run(attested)


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


def test_the_undisturbed_run_says_something_of_every_kind(undisturbed):
    answers, code = undisturbed
    words = {word for pair in pairs(answers).values() for word in pair}
    assert words == {"ALLOW", "DENY", "UNKNOWN"}
    assert (answers["coverage"], answers["absent"], answers["marketing"]) == ([], ["299"], ["202"])
    assert answers["republishes"] == []
    assert code in {21, 22, 23, 24}


def same_or_openly_less(seed, attested, undisturbed):
    true, code = undisturbed
    answers, ended = run(attested, faults_of(seed))
    if answers is None:
        assert ended == 3
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


@pytest.mark.parametrize("seed", SLICE)
def test_slice(seed, attested, undisturbed):
    same_or_openly_less(seed, attested, undisturbed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [seed for seed in ALL if seed not in SLICE])
def test_rest(seed, attested, undisturbed):
    same_or_openly_less(seed, attested, undisturbed)
