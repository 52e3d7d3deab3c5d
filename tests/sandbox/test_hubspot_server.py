"""The portal over HTTP, point by point of what a HubSpot server does (hubspot 9)."""

from __future__ import annotations

import pytest
import requests
from hubspot_portals import APP, INTAKE, KEY, NARROW, OLD, Desk, HandClock, small_portal

from sandbox.hubspot import running


@pytest.fixture(scope="module")
def portal():
    clock = HandClock()
    with running(small_portal(limits={"tenSecondly": 10_000}), clock=clock) as served:
        yield served


@pytest.fixture
def desk(portal):
    portal.server.meter.clock.now += 100  # every test has its own window
    with Desk(portal.url) as asking:
        yield asking


# --- 1: tokens and scopes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "category"),
    [("", "INVALID_AUTHENTICATION"), ("nobody", "INVALID_AUTHENTICATION"), (OLD, "EXPIRED_AUTHENTICATION")],
)
def test_a_bad_token_opens_nothing(portal, token, category):
    with Desk(portal.url, token) as asking:
        answer = asking.get("/crm/v3/objects/contacts")
    assert answer.status_code == 401
    assert answer.json()["category"] == category
    assert answer.json()["status"] == "error"


def test_a_missing_scope_is_named_with_its_alternatives(portal):
    with Desk(portal.url, NARROW) as asking:
        answer = asking.get("/settings/v3/users/")
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    scopes = answer.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert scopes == ["crm.objects.users.read", "settings.users.read"]


def test_a_refusal_may_name_no_scope():
    with running(small_portal(switches={"scopeBody": "bare"})) as served, Desk(served.url, NARROW) as asking:
        body = asking.get("/settings/v3/users/").json()
    assert "category" not in body
    assert "errors" not in body


def test_a_token_says_what_it_opens(portal, desk):
    info = desk.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": KEY}).json()
    assert (info["hubId"], info["appId"], info["userId"]) == (4455001, 77, 201)
    assert "oauth" in info["scopes"]
    form = {"client_id": "c", "client_secret": "s", "access_token": APP, "token_type_hint": "access_token"}
    seen = requests.post(f"{portal.url}/oauth/v3/token/introspect", data=form, timeout=10).json()
    assert seen["active"] is True
    assert "crm.objects.contacts.read.v2" in seen["scopes"]
    other = requests.post(
        f"{portal.url}/oauth/2026-09/token/introspect", data={**form, "access_token": "x"}, timeout=10
    )
    assert other.json() == {"active": False}


def test_a_refresh_token_gives_a_new_token(portal):
    form = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    for path in ("/oauth/v3/token", "/oauth/2026-09/token"):
        fresh = requests.post(f"{portal.url}{path}", data=form, timeout=10).json()
        assert fresh["expires_in"] == 1800
        with Desk(portal.url, fresh["access_token"]) as asking:
            assert asking.get("/crm/v3/objects/contacts").status_code == 200
    refused = requests.post(f"{portal.url}/oauth/v3/token", data={**form, "client_secret": "no"}, timeout=10)
    assert refused.status_code == 400
    assert refused.json()["status"] == "BAD_REFRESH_TOKEN"


# --- 2: definitions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ({}, {"primary_diagnosis", "email", "hs_object_id"}, {"allergies", "hiv_status", "old_field"}),
        ({"dataSensitivity": "sensitive"}, {"allergies"}, {"primary_diagnosis", "hiv_status"}),
        ({"dataSensitivity": "highly_sensitive"}, {"hiv_status"}, {"allergies"}),
        ({"archived": "True"}, {"old_field"}, {"email"}),
    ],
)
@pytest.mark.parametrize("path", ["/crm/v3/properties/contacts", "/crm/properties/2026-09/0-1/"])
def test_properties_come_level_by_level(desk, path, query, there, absent):
    rows = desk.get(path, **query).json()["results"]
    names = {row["name"] for row in rows}
    assert there <= names
    assert names.isdisjoint(absent)
    assert not any("ermission" in key or "access" in key.lower() for row in rows for key in row)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("contacts/primary_diagnosis", {}, 200),
        ("CONTACT/primary_diagnosis", {"dataSensitivity": "sensitive"}, 404),
        ("contacts/allergies", {}, 404),
        ("contacts/allergies", {"dataSensitivity": "sensitive"}, 200),
        ("contacts/nothing", {}, 404),
        ("p4455001_visit/visit_no", {}, 200),
        ("visit/visit_no", {}, 400),
        ("contacts", {"dataSensitivity": "secret"}, 400),
        ("contacts/groups/clinical", {}, 200),
        ("contacts/groups/none", {}, 404),
    ],
)
def test_single_definitions(desk, path, query, status):
    assert desk.get(f"/crm/v3/properties/{path}", **query).status_code == status


def test_definitions_in_a_batch(desk):
    path = "/crm/v3/properties/contacts/batch/read"
    body = {
        "archived": False,
        "dataSensitivity": "sensitive",
        "inputs": [{"name": "allergies"}, {"name": "email"}],
    }
    answer = desk.post(path, body)
    assert answer.status_code == 207
    assert [row["name"] for row in answer.json()["results"]] == ["allergies"]
    assert answer.json()["numErrors"] == 1
    assert desk.post(path, {"inputs": []}).status_code == 400


def test_categories_are_absent_or_empty():
    for switch, seen in ((False, False), (True, True)):
        changed = small_portal(switches={"emptyCategories": switch})
        with running(changed) as served, Desk(served.url) as asking:
            row = asking.get("/crm/v3/properties/contacts/primary_diagnosis").json()
        assert ("sensitiveDataCategories" in row) is seen


def test_schemas_and_labels(desk):
    for path in ("/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-09/schemas"):
        (schema,) = desk.get(path).json()["results"]
        assert schema["fullyQualifiedName"] == "p4455001_visit"
        assert schema["primaryDisplayProperty"] == "visit_no"
    assert desk.get("/crm-object-schemas/v3/schemas/2-310").status_code == 200
    assert desk.get("/crm-object-schemas/v3/schemas/2-311").status_code == 404
    labels = desk.get("/crm/associations/v4/contacts/2-310/labels").json()["results"]
    assert labels == [{"category": "USER_DEFINED", "typeId": 33, "label": None}]


# --- 3 to 5: people -----------------------------------------------------------------------------------------


def test_users_are_served_as_far_as_they_are_known(desk):
    users = {row["id"]: row for row in desk.get("/settings/v3/users/").json()["results"]}
    assert users.keys() == {"201", "202", "203", "205"}
    assert users["203"] == {
        "id": "203",
        "email": "sync@appserviceaccount.hubspot.com",
        "roleIds": [],
        "superAdmin": False,
    }
    assert desk.get("/settings/users/2026-03/204").json()["email"] == "late@clinic.example"
    assert desk.get("/settings/v3/users/205").status_code == 404
    assert desk.get("/settings/v3/users/ELI@clinic.example", idProperty="EMAIL").json()["id"] == "202"


def test_users_come_in_pages(desk):
    seen, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        body = desk.get("/settings/v3/users", **query).json()
        seen += [row["id"] for row in body["results"]]
        if "paging" not in body:
            break
        after = body["paging"]["next"]["after"]
        assert desk.session.get(body["paging"]["next"]["link"], timeout=10).status_code == 200
    assert seen == ["201", "202", "203", "205"]


@pytest.mark.parametrize(
    ("tier", "switch", "status"),
    [("ENTERPRISE", None, 200), ("PROFESSIONAL", None, 400), ("FREE", True, 200), ("ENTERPRISE", False, 400)],
)
def test_roles_exist_on_some_portals(tier, switch, status):
    changed = small_portal(tier=tier, switches={"rolesOnTier": switch})
    with running(changed) as served, Desk(served.url) as asking:
        answer = asking.get("/settings/v3/users/roles")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["results"] == [
            {"id": "11", "name": "Marketing Ops", "requiresBillingWrite": False}
        ]


def test_the_tree_of_teams_is_beta(desk):
    teams = {row["id"]: row for row in desk.get("/settings/v3/users/teams").json()["results"]}
    assert teams["61"] == {"id": "61", "name": "E-mail", "userIds": [], "secondaryUserIds": ["202"]}
    tree = desk.get("/settings/teams/2026-09-beta").json()["results"]
    assert {row["id"]: row.get("parentTeamId") for row in tree} == {"55": None, "61": "55"}
    members = desk.get("/settings/teams/2026-09-beta/61/members").json()["results"]
    assert members == [{"userId": "202", "type": "EXTRA"}]
    assert desk.get("/settings/teams/2026-09").status_code == 404
    with running(small_portal(switches={"teamTree": "off"})) as served, Desk(served.url) as asking:
        assert asking.get("/settings/teams/2026-09-beta").status_code == 404


def test_owners_remember_who_left(desk):
    live = desk.get("/crm/v3/owners/", limit=500).json()["results"]
    assert [(row["id"], row.get("userId"), row["type"]) for row in live] == [
        ("31", 201, "PERSON"),
        ("33", None, "QUEUE"),
    ]
    (gone,) = desk.get("/crm/owners/2026-09", archived="True").json()["results"]
    assert "userId" not in gone
    assert gone["userIdIncludingInactive"] == 299


def test_crm_users_have_job_titles(desk):
    query = {"properties": "hs_internal_user_id,hs_job_title"}
    (row,) = desk.get("/crm/v3/objects/users", **query).json()["results"]
    assert row["id"] == "90201"
    assert row["properties"]["hs_internal_user_id"] == "201"
    assert row["properties"]["hs_job_title"] == "Practice administrator"
    assert desk.get("/crm/v3/objects/users", archived="true").status_code == 400


def _record(kind: str, number: str) -> str:
    return f"hcrn:4455001:crm-object:{kind}:{number}"


def test_permitted_users_record_by_record(desk):
    path = "/resource-permissions/v3/permitted-users"
    asked = {"resource": [_record("0-1", "1"), _record("0-1", "2")]}
    assert desk.get(path, **asked).json() == {
        "resources": {
            _record("0-1", "1"): {
                "crm-object:VIEW": {"permittedUsers": [201, 202]},
                "crm-object:EDIT": {"permittedUsers": [201]},
            }
        }
    }
    one = desk.get(f"{path}/paged", resource=_record("0-1", "1"), limit=1).json()
    assert one["resources"][_record("0-1", "1")]["crm-object:VIEW"] == {"permittedUsers": [201]}
    two = desk.get(f"{path}/paged", resource=_record("0-1", "1"), after=one["paging"]["next"]["after"]).json()
    assert two["resources"][_record("0-1", "1")]["crm-object:VIEW"] == {"permittedUsers": [202]}
    for wrong in (
        {"resource": _record("2-310", "1")},
        {"resource": [_record("0-1", str(n)) for n in range(21)]},
        {},
    ):
        assert desk.get(path, **wrong).status_code == 400
    with running(small_portal(switches={"permittedUsers": "off"})) as served, Desk(served.url) as asking:
        assert asking.get(path, **asked).status_code == 404


# --- 6: records ---------------------------------------------------------------------------------------------


def test_records_show_what_is_asked_and_what_is_forced(desk):
    body = desk.get("/crm/v3/objects/contacts", properties="score,nothing", limit=1).json()
    (row,) = body["results"]
    assert row["properties"] == {
        "score": "5",
        "createdate": "2019-05-01T09:00:00.000Z",
        "lastmodifieddate": "2019-05-01T09:00:00.000Z",
        "hs_object_id": "1",
    }
    assert body["paging"]["next"]["after"] == "2"
    usual = desk.get("/crm/v3/objects/contacts/2").json()["properties"]
    assert usual.keys() == {
        "firstname",
        "lastname",
        "email",
        "createdate",
        "lastmodifieddate",
        "hs_object_id",
    }
    assert usual["firstname"] is None
    visit = desk.get("/crm/objects/2026-09/2-310/1", properties="visit_no").json()["properties"]
    assert visit == {
        "visit_no": "V1",
        "hs_createdate": "2020-01-01T00:00:00.000Z",
        "hs_lastmodifieddate": "2020-01-01T00:00:00.000Z",
        "hs_object_id": "1",
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["1", "2", "3", "10"]),
        ({"after": "3"}, ["3", "10"]),
        ({"archived": "true"}, ["11"]),
        ({"properties": ["score", "email"]}, ["1", "2", "3", "10"]),
    ],
)
def test_records_come_in_the_order_of_their_ids(desk, query, ids):
    rows = desk.get("/crm/v3/objects/contacts", **query).json()["results"]
    assert [row["id"] for row in rows] == ids
    assert all(row["archived"] is ("archived" in query) for row in rows)


@pytest.mark.parametrize(
    "query",
    [{"limit": 101}, {"limit": 51, "propertiesWithHistory": "score"}, {"after": "x"}, {"archived": "maybe"}],
)
def test_records_refuse_what_is_too_much(desk, query):
    assert desk.get("/crm/v3/objects/contacts", **query).status_code == 400


def test_records_in_a_batch(desk):
    path = "/crm/v3/objects/contacts/batch/read"
    answer = desk.post(path, {"inputs": [{"id": "1"}, {"id": "99"}], "properties": ["score"]})
    assert answer.status_code == 207
    assert [row["id"] for row in answer.json()["results"]] == ["1"]
    assert answer.json()["errors"][0]["context"]["ids"] == ["99"]
    by_mail = {"inputs": [{"id": "BOB@home.example"}], "properties": [], "idProperty": "email"}
    assert [row["id"] for row in desk.post(path, by_mail).json()["results"]] == ["2"]
    assert desk.post(path, {"inputs": [{"id": "1"}] * 101}).status_code == 400


def test_values_need_the_scope_of_their_level(portal, desk):
    path = "/crm/v3/objects/contacts"
    assert desk.get(path, properties="allergies").json()["category"] == "MISSING_SCOPES"
    with Desk(portal.url, APP) as reader:
        row = reader.get(f"{path}/1", properties="allergies", propertiesWithHistory="allergies").json()
        assert reader.get(path, properties="hiv_status").status_code == 403
    assert row["properties"]["allergies"] == "nuts"
    assert row["propertiesWithHistory"]["allergies"][0]["value"] == "bees"
    with running(small_portal(switches={"sensitiveValues": "omit"})) as served, Desk(served.url) as asking:
        assert "allergies" not in asking.get(f"{path}/1", properties="allergies").json()["properties"]


def test_a_url_may_be_too_long(desk):
    assert desk.get("/crm/v3/objects/contacts", properties=",".join(["score"] * 2000)).status_code == 414


# --- 7: searches --------------------------------------------------------------------------------------------


def _where(name: str, operator: str, value: object = None, **more: object) -> dict[str, object]:
    given = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **given, **more}


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        (_where("score", "GT", "5"), ["2"]),
        (_where("score", "GTE", "5"), ["1", "2"]),
        (_where("score", "LT", "12"), ["1"]),
        (_where("score", "BETWEEN", "5", highValue="12"), ["1", "2"]),
        (_where("score", "NEQ", "5"), ["2"]),
        (_where("score", "HAS_PROPERTY"), ["1", "2"]),
        (_where("score", "NOT_HAS_PROPERTY"), ["3"]),
        (_where("last_visit", "NOT_HAS_PROPERTY"), ["2"]),
        (_where("last_visit", "LT", "1577923200000"), ["3"]),
        (_where("last_visit", "EQ", "2024-02-29"), ["1"]),
        (_where("createdate", "LT", "1577836800000"), ["1"]),
        (_where("hs_object_id", "GT", "1"), ["2", "3"]),
        (_where("email", "EQ", "ADA@home.example"), ["1"]),
        (_where("email", "IN", values=["ada@home.example"]), ["1"]),
        (_where("email", "IN", values=["ADA@home.example"]), []),
        (_where("email", "NOT_IN", values=["ada@home.example"]), ["2"]),
        (_where("email", "CONTAINS_TOKEN", "*@home.example"), ["1", "2"]),
        (_where("email", "NOT_CONTAINS_TOKEN", "bob*"), ["1"]),
        (_where("primary_diagnosis", "IN", values=["t2d", "RA"]), ["1"]),
    ],
)
def test_what_a_search_finds(desk, condition, ids):
    assert desk.ids(condition) == ids


def test_groups_are_or_and_filters_are_and(desk):
    a, b, c = (
        _where("score", "GT", "5"),
        _where("score", "HAS_PROPERTY"),
        _where("primary_diagnosis", "EQ", "ra"),
    )
    assert desk.search([a, b], [c]).json()["total"] == 2
    sort = [{"propertyName": "score", "direction": "DESCENDING"}]
    assert desk.ids(b, sorts=sort) == ["2", "1"]
    assert desk.ids(b, sorts=sort, limit=1, after="1") == ["1"]
    answer = desk.search([b], limit=1)
    assert answer.json()["paging"] == {"next": {"after": "1"}}
    assert not [name for name in answer.headers if "ratelimit" in name.lower()]


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [_where("score", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [_where("score", "HAS_PROPERTY")] * 5}] * 4},
        {"sorts": ["score", "email"]},
        {"limit": 201},
        {"limit": 100, "after": "9901"},
        {"query": "x" * 3001},
        {"filterGroups": [{"filters": [_where("nothing", "HAS_PROPERTY")]}]},
        {"filterGroups": [{"filters": [_where("old_field", "HAS_PROPERTY")]}]},
        {"filterGroups": [{"filters": [_where("score", "LIKE", "5")]}]},
        {"filterGroups": [{"filters": [_where("score", "EQ", "five")]}]},
        {"filterGroups": [{"filters": [_where("score", "EQ")]}]},
        {"filterGroups": [{"filters": [_where("score", "IN")]}]},
        {"filterGroups": [{"filters": [_where("hiv_status", "HAS_PROPERTY")]}]},
    ],
)
def test_what_a_search_refuses(desk, body):
    answer = desk.post("/crm/v3/objects/contacts/search", body)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_the_switches_of_searches():
    sensitive, highly = _where("allergies", "HAS_PROPERTY"), _where("hiv_status", "HAS_PROPERTY")
    bulk = [{"object": "contacts", "count": 12_000, "firstId": 100}]
    changed = small_portal(
        bulk=bulk, switches={"sensitiveFilter": "deny", "highlySearch": 403, "searchTotal": "capped"}
    )
    with running(changed) as served, Desk(served.url) as asking:
        assert asking.search([sensitive]).status_code == 403
        assert asking.search([highly]).json()["category"] == "MISSING_SCOPES"
        assert asking.search([]).json()["total"] == 10_000
    with running(small_portal(bulk=bulk)) as served, Desk(served.url) as asking:
        assert asking.search([]).json()["total"] == 12_003
        assert asking.ids(sensitive) == ["1"]


# --- 8 to 11: what marketing has ----------------------------------------------------------------------------


def test_lists_show_filters_only_when_asked(desk):
    body = desk.post(
        "/crm/v3/lists/search", {"count": 2, "additionalProperties": ["hs_list_size", "hs_folder_name"]}
    )
    assert (body.json()["hasMore"], body.json()["offset"], body.json()["total"]) == (True, 2, 3)
    first = body.json()["lists"][0]
    assert first["additionalProperties"] == {"hs_list_size": "2", "hs_folder_name": "Care"}
    assert "filterBranch" not in first
    assert "filterBranch" not in desk.get("/crm/v3/lists/1").json()["list"]
    full = desk.get("/crm/lists/2026-09/1", includeFilters="True").json()["list"]
    assert full["filterBranch"]["filterBranchType"] == "OR"
    both = desk.get("/crm/v3/lists", listIds=["1", "2"], includeFilters="true").json()["lists"]
    assert ["filterBranch" in row for row in both] == [True, False]


def test_lists_of_all_states(desk):
    found = desk.post("/crm/lists/2026-09-beta/all", {"count": 500}).json()
    assert {row["listId"]: row["processingStatus"] for row in found["results"]} == {
        "1": "COMPLETE",
        "2": "COMPLETE",
        "3": "PAUSED",
    }
    assert desk.get("/crm/v3/lists/4", includeFilters="true").json()["list"]["deletedAt"]
    assert desk.get("/crm/v3/lists/99").status_code == 400
    members = desk.get("/crm/v3/lists/1/memberships", limit=1).json()
    assert (members["total"], members["results"][0]["recordId"]) == (2, "1")
    assert desk.get("/crm/v3/lists/idmapping", legacyListId=9).json()["listId"] == "1"
    assert desk.post("/crm/v3/lists/idmapping", ["9", "8"]).json() == {
        "legacyListIdsToIdsMapping": [{"legacyListId": "9", "listId": "1"}],
        "missingLegacyListIds": ["8"],
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, [INTAKE]),
        ({"formTypes": "all"}, [INTAKE, "f2"]),
        ({"formTypes": ["captured"]}, ["f2"]),
        ({"archived": "True"}, ["f3"]),
    ],
)
@pytest.mark.parametrize("path", ["/marketing/v3/forms/", "/marketing/forms/2026-09-beta"])
def test_forms_of_a_kind(desk, path, query, ids):
    assert [row["id"] for row in desk.get(path, **query).json()["results"]] == ids


def test_a_form_goes_as_deep_as_its_questions(desk):
    form = desk.get(f"/marketing/v3/forms/{INTAKE}").json()
    field = form["fieldGroups"][0]["fields"][0]
    inner = field["dependentFields"][0]["dependentField"]
    assert inner["name"] == "primary_diagnosis"
    assert inner["dependentFields"][0]["dependentField"]["objectTypeId"] == "0-1"
    assert form["legalConsentOptions"] == {"type": "none"}
    assert desk.get("/marketing/v3/forms/f3").status_code == 404
    assert desk.get("/marketing/v3/forms/f3", archived="true").status_code == 200


@pytest.mark.parametrize(
    "path", ["/automation/v4/flows", "/automation/2026-09-beta/flows", "/automation/flows/2026-09-beta"]
)
def test_a_sensitive_flow_is_listed_and_refused(desk, path):
    rows = desk.get(path, limit=100).json()["results"]
    assert [row["id"] for row in rows] == ["811", "812", "813"]
    assert "actions" not in rows[0]
    assert desk.get(f"{path}/811").json()["type"] == "CONTACT_FLOW"
    assert desk.get(f"{path}/813").json()["type"] == "PLATFORM_FLOW"
    refused = desk.get(f"{path}/812")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == [
        "crm.objects.contacts.sensitive.read"
    ]
    asked = {"inputs": [{"type": "FLOW_ID", "flowId": each} for each in ("811", "812", "899")]}
    answer = desk.post(f"{path}/batch/read", asked)
    assert answer.status_code == 207
    assert [row["id"] for row in answer.json()["results"]] == ["811"]
    assert answer.json()["numErrors"] == 2
    sends = desk.get(f"{path}/email-campaigns", flowId=811).json()["results"]
    assert sends == [{"emailCampaignId": "5501", "emailContentId": "5501", "flowId": "811"}]


def test_emails_and_consent(desk):
    for path in ("/marketing/v3/emails", "/marketing/emails/2026-09"):
        (row,) = desk.get(path).json()["results"]
        assert row["subject"] == "{{ contact.firstname }}"
        assert row["to"]["contactLists"] == {"include": [], "exclude": []}
    assert desk.get("/marketing/v3/emails/5501").status_code == 200
    assert desk.get("/marketing/v3/emails/1").status_code == 404
    assert desk.get("/communication-preferences/v4/definitions").json()["results"][0]["name"] == "Newsletter"
    (status,) = desk.get("/communication-preferences/v4/statuses/a@b.example", channel="EMAIL").json()[
        "results"
    ]
    assert status["status"] == "NOT_SPECIFIED"
    many = desk.post("/communication-preferences/v4/statuses/batch/read", {"inputs": ["a@b.example"]}).json()
    assert many["results"][0]["statuses"] == [status]


# --- 12: activity -------------------------------------------------------------------------------------------


def test_activity_of_an_enterprise_portal(desk):
    events = desk.get("/account-info/v3/activity/audit-logs").json()["results"]
    assert [row["id"] for row in events] == ["2", "1"]
    only = desk.get("/account-info/v3/activity/audit-logs", actingUserId=201).json()["results"]
    assert [row["id"] for row in only] == ["1"]
    since = desk.get("/account-info/2026-09/activity/audit-logs", occurredAfter="2026-11-01T12:00:00Z").json()
    assert [row["id"] for row in since["results"]] == ["2"]
    assert [row["id"] for row in desk.get("/account-info/v3/activity/login").json()["results"]] == ["1"]
    (row,) = desk.get("/account-info/v3/activity/security", limit=200).json()["results"]
    assert row["type"] == "SENSITIVE_DATA_ENABLED"
    assert desk.get("/account-info/v3/activity/security", fromTimestamp="soon").status_code == 400


def test_other_portals_have_no_audit_log():
    with running(small_portal(tier="PROFESSIONAL")) as served, Desk(served.url) as asking:
        assert asking.get("/account-info/v3/activity/audit-logs").status_code == 403
        assert "tier" not in asking.get("/account-info/v3/details").text.lower()


def test_the_rest_of_what_can_be_read(desk):
    assert desk.get("/account-info/v3/details").json()["portalId"] == 4455001
    assert desk.get("/account-info/v3/api-usage/daily/private-apps").json()[0]["usageLimit"] == 1_000_000
    assert desk.get("/crm/v3/imports").json()["results"][0]["state"] == "DONE"
    assert desk.get("/files/v3/files/search").json()["results"][0]["access"] == "PRIVATE"
    assert desk.get("/automation/v4/sequences").status_code == 400
    assert desk.get("/automation/v4/sequences", userId=201).json() == {"total": 0, "results": []}


# --- 15: nothing is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/crm/v3/objects/contacts"),
        ("POST", "/crm/v3/objects/contacts/batch/update"),
        ("PATCH", "/crm/v3/objects/contacts/1"),
        ("DELETE", "/crm/v3/objects/contacts/1"),
        ("POST", "/crm/v3/objects/contacts/gdpr-delete"),
        ("POST", "/crm/v3/exports/export/async"),
        ("POST", "/crm/v3/properties/contacts"),
        ("PUT", "/crm/v3/lists/1/memberships/add"),
        ("POST", "/settings/v3/users/"),
        ("POST", "/somewhere/else"),
    ],
)
def test_every_write_is_refused_and_noted(portal, desk, method, path):
    before = len(portal.writes())
    answer = desk.session.request(method, f"{portal.url}{path}", json={}, timeout=10)
    assert answer.status_code == 405
    (seen,) = portal.writes()[before:]
    assert (seen.method, seen.status, seen.violation) == (method, 405, True)


def test_an_unknown_path_is_not_a_write(portal, desk):
    before = len(portal.writes())
    assert desk.get("/somewhere/else").status_code == 404
    assert len(portal.writes()) == before
