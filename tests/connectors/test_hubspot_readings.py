"""A portal to a snapshot: what is read, what is not and why, and never a value (hubspot 1 to 3; portal-fixture 4)."""

from __future__ import annotations

import json

import pytest
from served_portals import AT, SCOPES, SECRET, TestClock, portal, read, scenario, served, unread

from auditor.errors import AuthenticationFailed, CollectionError
from auditor.retention import RetentionPolicy
from auditor.snapshot import Why
from connectors.hubspot import tables as t
from connectors.hubspot.catalogue import Version
from connectors.hubspot.client import Client, Token
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.preflight import preflight
from connectors.hubspot.rows import named_in
from connectors.protocol import Plan, Scope
from connectors.transport import Transport
from sandbox.hubspot.running import running
from tests.conftest import SHARED

SCENARIOS = SHARED / "data" / "scenarios" / "hubspot"


def column(snapshot, name, key):
    return snapshot.table(name).column(key).to_pylist()


@pytest.mark.parametrize("version", list(Version))
def test_a_portal_is_read_whole(version):
    with served(portal(), version=version) as (client, site, _):
        snapshot = read(client)
        assert site.writes() == []
        assert "contacts.primary_diagnosis" not in site.log.values()
    assert unread(snapshot) == {}
    assert snapshot.manifest.org_id == "4455001"
    assert column(snapshot, t.USERS, "id") == ["201", "202", "203"]
    assert column(snapshot, t.USERS, "role_ids") == [[], ["7"], ["8"]]
    assert column(snapshot, t.USERS, "super_admin") == [True, False, False]
    assert column(snapshot, t.TEAMS, "user_ids") == [["202"], []]
    assert column(snapshot, t.TEAM_TREE, "parent") == [None, "55"]
    assert column(snapshot, t.CRM_USERS, "job_title")[-1] == "Nurse"
    assert column(snapshot, t.OWNERS, "user_id") == ["201", "299"]
    assert column(snapshot, t.SCHEMAS, "object") == ["2-310"]
    assert set(SCOPES) <= set(column(snapshot, t.TOKEN, "scopes")[0])
    found = {r["name"]: r for r in snapshot.table(f"{t.PROPERTIES}:contacts").to_pylist()}
    assert found["allergies"]["sensitivity"] == "sensitive"
    assert found["allergies"]["categories"] == ["HIPAA"]
    assert found["hiv_status"]["sensitivity"] == "highly_sensitive"
    assert found["old_diagnosis"]["archived"] is True
    assert f"{t.PROPERTIES}:2-310" in snapshot.readings
    assert column(snapshot, f"{t.RECORDS}:contacts", "live") == [30]


def test_no_value_of_a_record_is_kept():
    with served(portal()) as (client, *_):
        snapshot = read(client)
    assert "CANARY-VALUE" not in json.dumps([r.table.to_pylist() for r in snapshot.readings.values()])
    assert SECRET not in repr(snapshot)


def test_record_reach_counts_sampled_records_that_were_answered_for():
    with served(portal()) as (client, *_):
        snapshot = read(client, record_sample=20)
    rows = snapshot.table(f"{t.RECORD_REACH}:contacts").to_pylist()
    assert [(r["user_id"], r["viewed"], r["answered"], r["sampled"]) for r in rows] == [
        (None, 0, 19, 20),
        ("202", 3, 19, 20),
    ]


@pytest.mark.parametrize("tagged", ["contacts.primary_diagnosis", "contacts.hiv_status"])
def test_record_reach_that_is_not_there_is_not_available(tagged):
    with served(portal(switches={"permittedUsers": "off"})) as (client, *_):
        assert unread(read(client, tagged=(tagged,))) == {"record_reach:contacts": "NOT_AVAILABLE"}


def test_records_of_custom_objects_have_no_reach():
    with served(portal()) as (client, *_):
        assert unread(read(client, tagged=("2-310.reason",))) == {"record_reach:2-310": "NOT_AVAILABLE"}


EACH_SCOPE = {
    "settings.users.teams.read": {"teams", "team_tree"},
    "crm.objects.users.read": {"crm_users"},
    "crm.lists.read": {"lists"},
    "forms": {"forms"},
    "automation": {"flows"},
    "content": {"emails"},
    "account-info.security.read": {"audit_log"},
    "communication_preferences.read": {"subscriptions"},
    "crm.objects.contacts.read": {"records:contacts", "record_reach:contacts"},
    "crm.objects.tickets.read": {"properties:tickets"},
}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("scope", SCOPES)
def test_without_a_scope_its_surface_is_not_audited_and_names_it(scope, bare):
    document = portal(
        scopes=[s for s in SCOPES if s != scope], switches={"scopeBody": "bare" if bare else "granular"}
    )
    with served(document) as (client, *_):
        snapshot = read(client)
    lost = EACH_SCOPE.get(scope, set())
    assert unread(snapshot) == dict.fromkeys(lost, "MISSING_SCOPES")
    for name in lost:
        found = snapshot.readings[name].unread
        assert scope in found.detail
        assert found.why is Why.FORBIDDEN


def test_without_either_scope_there_are_no_people():
    kept = [s for s in SCOPES if s not in {"settings.users.read", "crm.objects.users.read"}]
    with served(portal(scopes=kept)) as (client, *_):
        snapshot = read(client)
    assert unread(snapshot) == dict.fromkeys(
        ["users", "roles", "crm_users", "record_reach:contacts"], "MISSING_SCOPES"
    )


@pytest.mark.parametrize("tier", ["FREE", "STARTER", "PROFESSIONAL"])
@pytest.mark.parametrize("bare", [False, True])
def test_a_smaller_edition_has_no_roles_and_no_audit_log(tier, bare):
    document = portal(tier=tier, switches={"scopeBody": "bare" if bare else "granular"})
    with served(document) as (client, *_):
        snapshot = read(client)
    assert unread(snapshot) == {"roles": "NOT_ON_TIER", "audit_log": "NOT_ON_TIER"}


def test_a_team_tree_that_is_not_there_is_not_available():
    with served(portal(switches={"teamTree": "off"})) as (client, *_):
        assert unread(read(client)) == {"team_tree": "NOT_AVAILABLE"}


def test_a_workflow_about_sensitive_data_is_listed_and_not_shown():
    flows = [
        {"id": "811", "name": "Open"},
        {"id": "900", "name": "Hidden", "requiresSensitive": ["contacts"]},
    ]
    with served(portal(flows=flows)) as (client, *_):
        snapshot = read(client)
    assert column(snapshot, t.FLOWS, "id") == ["811", "900"]
    assert unread(snapshot) == {"flow:900": "SENSITIVE_FLOW"}


def test_scopes_may_carry_a_suffix():
    held = [*SCOPES, "crm.objects.contacts.sensitive.read.v2"]
    with served(portal(scopes=held)) as (client, *_):
        snapshot = read(client)
    assert "crm.objects.contacts.sensitive.read.v2" in column(snapshot, t.TOKEN, "scopes")[0]


# -- faults

PATHS = {
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
    "/permitted-users": "record_reach:contacts",
}


@pytest.mark.parametrize(
    "do", [{"status": 502, "body": "html"}, {"truncate": True}, {"status": 500}], ids=str
)
@pytest.mark.parametrize(("path", "area"), PATHS.items())
def test_a_surface_that_keeps_failing_is_a_fault_and_the_others_are_read(path, area, do):
    faults = {"faults": [{"match": {"path": path}, "do": do}]}
    with served(portal(), faults=faults) as (client, *_):
        snapshot = read(client)
    assert unread(snapshot).pop(area) == "FAULT"
    assert snapshot.readings[area].unread.why in {Why.FAILED, Why.TRUNCATED}
    assert snapshot.readings["subscriptions" if area != "subscriptions" else "forms"].complete


@pytest.mark.parametrize("area", ["users", "team_tree", "owners", "lists", "forms", "flows", "emails"])
def test_a_cursor_that_repeats_leaves_the_reading_in_part(area):
    path = next(p for p, name in PATHS.items() if name == area)
    faults = {"faults": [{"match": {"path": path}, "do": {"repeat_cursor": True}}]}
    with served(portal(), faults=faults) as (client, *_):
        snapshot = read(client)
    found = snapshot.readings[area]
    assert (found.unread.why, found.unread.code) == (Why.TRUNCATED, "FAULT")
    assert found.table.num_rows >= 1
    assert len(set(column(snapshot, area, "id"))) == found.table.num_rows


@pytest.mark.parametrize(
    "do", [{"status": 429, "policy": "DAILY"}, {"status": 477}, {"status": 401, "body": "empty"}], ids=str
)
def test_a_run_that_ends_keeps_what_it_had_read(do):
    faults = {"faults": [{"match": {"path": "/owners"}, "do": do}]}
    with served(portal(), faults=faults) as (client, site, _):
        snapshot = read(client)
        routes = [entry.route for entry in site.log]
    assert routes[-1] == "owners"
    assert snapshot.readings[t.USERS].complete
    lost = unread(snapshot)
    assert set(lost.values()) == {"FAULT"}
    assert {"owners", "lists", "forms", "flows", "records:contacts", "record_reach:contacts"} <= set(lost)


@pytest.mark.parametrize(
    ("do", "error"),
    [
        ({"status": 401, "body": "empty"}, AuthenticationFailed),
        ({"status": 477}, CollectionError),
        ({"status": 429, "policy": "DAILY"}, CollectionError),
    ],
)
def test_nothing_is_audited_where_nothing_can_be_read(do, error):
    with (
        served(portal(), faults={"faults": [{"match": {}, "do": do}]}) as (client, *_),
        pytest.raises(error) as caught,
    ):
        read(client)
    assert SECRET not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize(
    "body",
    [
        {"results": [{"id": "201"}]},
        {"results": [None]},
        {"results": {}},
        {},
        [],
        {"results": [], "paging": {"next": {"link": "x"}}},
    ],
    ids=str,
)
def test_an_answer_that_is_not_as_documented_is_never_read_as_complete(body):
    faults = {"faults": [{"match": {"path": "/settings/v3/users$"}, "do": {"status": 200, "body": body}}]}
    with served(portal(), faults=faults) as (client, *_):
        snapshot = read(client)
    assert unread(snapshot)["users"] == "FAULT"


# -- scenarios


@pytest.mark.skipif(not SCENARIOS.is_dir(), reason="../shared is absent")
@pytest.mark.parametrize(
    "folder", sorted(SCENARIOS.iterdir()) if SCENARIOS.is_dir() else [], ids=lambda folder: folder.name
)
def test_coverage_and_retention_of_every_scenario(folder):
    if not folder.is_dir():
        return
    given, truth, policies, stated = scenario(folder)
    faults = folder / "faults.json"
    clock = TestClock()
    with running(folder / "portal.json", faults=faults if faults.exists() else None, clock=clock.now) as site:
        client = Client(Token(lambda: given["token"]), Transport(), clock=clock.clock(), base_url=site.url)
        snapshot = read(client, tagged=tuple(given["phi"]), retention=policies, **stated)
        assert site.writes() == []
        assert not site.log.values() & set(given["phi"])
    found = {(area, code) for area, code in unread(snapshot).items() if area not in {t.ACCOUNT, t.TOKEN}}
    wanted = {(row["area"], row["reason"]) for row in truth["coverage"]}
    assert found == wanted
    for row in truth["retention"]:
        counted = {r["place"]: r for r in snapshot.table(f"retention:{row['policy']}").to_pylist()}
        assert counted["live"]["count"] == row["total"]
        assert counted["live"]["undatable"] == row["undatable"]
        assert row.get("archived") is None or counted["archived"]["count"] == row["archived"]


# -- preflight and formulas


def test_preflight_names_every_surface_that_a_run_would_not_read():
    kept = [s for s in SCOPES if s not in {"forms", "crm.lists.read"}]
    policy = RetentionPolicy("p", "contacts", "createdate", "P1Y")
    with served(portal(scopes=kept, tier="STARTER")) as (client, *_):
        connector = HubSpot(client, target="portal", taken_at=AT, tool_version="0")
        schema = connector.schema(Scope(objects=("contacts",), tagged=("contacts.primary_diagnosis",)))
        plan = Plan(("contacts",), "digest", ((policy, AT),), 5, ("contacts.primary_diagnosis",))
        probes = {p.name: p for p in preflight(client, schema, plan)}
    assert {name: p.unread.code for name, p in probes.items() if p.unread} == {
        "dashboards": "NOT_AVAILABLE",
        "lists": "MISSING_SCOPES",
        "forms": "MISSING_SCOPES",
        "roles": "NOT_ON_TIER",
        "audit_log": "NOT_ON_TIER",
    }
    assert probes["records:contacts"].rows == 30
    assert probes["forms"].needs == "forms"


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("", []),
        ("if is_known(primary_diagnosis) then 'primary_diagnosis' else \"x\"", None),
        ("concatenate('a \\' b', allergies)", ["concatenate", "allergies"]),
        ("a + a + b_2", ["a", "b_2"]),
    ],
)
def test_a_formula_names_what_stands_outside_quotes(formula, names):
    expected = names if names is not None else ["if", "is_known", "primary_diagnosis", "then", "else"]
    assert named_in(formula) == expected
