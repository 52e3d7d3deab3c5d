"""The real client against the HubSpot sandbox: trailing slashes, capital booleans, repeated parameters."""

from __future__ import annotations

import pytest
from hubspot import HubSpot
from hubspot.crm.properties.exceptions import ForbiddenException, NotFoundException, UnauthorizedException
from hubspot_portals import INTAKE, KEY, NARROW, HandClock, small_portal

from sandbox.hubspot import running


@pytest.fixture(scope="module")
def portal():
    with running(small_portal(), clock=HandClock()) as served:
        yield served


def _client(portal, token: str = KEY) -> HubSpot:
    return HubSpot(access_token=token, host=portal.url, base_url=portal.url)


@pytest.fixture(scope="module")
def client(portal):
    return _client(portal)


def test_definitions(client):
    names = {row.name for row in client.crm.properties.core_api.get_all("contacts", archived=False).results}
    assert "primary_diagnosis" in names
    assert "allergies" not in names
    assert client.crm.properties.core_api.get_by_name("contacts", "email").hubspot_defined is True
    assert [row.name for row in client.crm.schemas.core_api.get_all(archived=False).results] == ["visit"]
    assert "clinical" in {row.name for row in client.crm.properties.groups_api.get_all("contacts").results}


def test_people(client):
    assert len(client.settings.users.users_api.get_page(limit=100).results) == 4
    assert client.settings.users.users_api.get_by_id("201", id_property="USER_ID").super_admin is True
    assert [row.name for row in client.settings.users.roles_api.get_all().results] == ["Marketing Ops"]
    assert [row.id for row in client.settings.users.teams_api.get_all().results] == ["55", "61"]
    owners = client.crm.owners.owners_api.get_page(limit=500, archived=True).results
    assert [row.user_id_including_inactive for row in owners] == [299]


def test_records(client):
    assert [row.id for row in client.crm.contacts.get_all()] == ["1", "2", "3", "10"]
    found = client.crm.contacts.search_api.do_search(
        {"filterGroups": [], "properties": ["createdate"], "limit": 1, "after": "0", "sorts": []}
    )
    assert (found.total, found.paging.next.after) == (3, "1")
    visits = client.crm.objects.basic_api.get_page("2-310", properties=["visit_no", "hs_createdate"]).results
    assert visits[0].properties["visit_no"] == "V1"


def test_assets(client):
    lists = client.crm.lists.lists_api.do_search({"query": "", "count": 500, "offset": 0})
    assert [row.list_id for row in lists.lists] == ["1", "2", "3"]
    assert client.crm.lists.lists_api.get_by_id("1", include_filters=True).list.filter_branch is not None
    forms = client.marketing.forms.forms_api.get_page(form_types=["all"], limit=50).results
    assert forms[0].id == INTAKE
    assert client.marketing.emails.marketing_emails_api.get_page().results[0].name == "Hello"
    flows = client.api_request({"method": "GET", "path": "/automation/v4/flows", "qs": {"limit": 100}})
    assert [row["id"] for row in flows.json()["results"]] == ["811", "812", "813"]


@pytest.mark.parametrize(
    ("token", "kind", "error"),
    [(NARROW, "deals", ForbiddenException), ("x", "contacts", UnauthorizedException)],
)
def test_refusals(portal, token, kind, error):
    with pytest.raises(error):
        _client(portal, token).crm.properties.core_api.get_all(kind)


def test_what_is_not_there(client):
    with pytest.raises(NotFoundException):
        client.crm.properties.core_api.get_by_name("contacts", "nothing")


def test_nothing_was_written(portal):
    assert portal.writes() == []
