"""What may leave the process for HubSpot: the reads of the catalogue, to its own host, and nothing else (trap 30)."""

from __future__ import annotations

import pytest

from auditor.errors import ConfigError, RefusedCall
from connectors.hubspot import catalogue as cat
from connectors.hubspot.catalogue import Version
from connectors.hubspot.client import refuse_unless_allowed, usable

BASE = "https://api.hubapi.com"

ALLOWED = [
    ("GET", "/crm/v3/properties/contacts"),
    ("GET", "/crm/properties/2026-09/2-310"),
    ("GET", "/crm-object-schemas/v3/schemas"),
    ("GET", "/settings/v3/users"),
    ("GET", "/settings/v3/users/"),
    ("GET", "/settings/v3/users/roles"),
    ("GET", "/settings/users/2026-03/teams"),
    ("GET", "/settings/teams/2026-09-beta"),
    ("GET", "/crm/v3/objects/contacts"),
    ("POST", "/crm/v3/objects/contacts/search"),
    ("POST", "/crm/objects/2026-09/contacts/search"),
    ("GET", "/resource-permissions/v3/permitted-users"),
    ("POST", "/crm/v3/lists/search"),
    ("POST", "/crm/v3/lists/idmapping"),
    ("GET", "/automation/v4/flows/811"),
    ("POST", "/oauth/v3/token"),
    ("POST", "/oauth/v3/token/introspect"),
    ("POST", "/oauth/v2/private-apps/get/access-token-info"),
]

REFUSED = [
    ("POST", "/crm/v3/objects/contacts"),
    ("POST", "/crm/v3/objects/contacts/batch/create"),
    ("POST", "/crm/v3/objects/contacts/gdpr-delete"),
    ("PATCH", "/crm/v3/objects/contacts/1"),
    ("DELETE", "/crm/v3/objects/contacts/1"),
    ("PUT", "/crm/v3/lists/1"),
    ("POST", "/crm/v3/lists"),
    ("POST", "/crm/v3/properties/contacts"),
    ("DELETE", "/crm/v3/properties/contacts/x"),
    ("POST", "/crm/v3/exports/export/async"),
    ("GET", "/crm/v3/exports/export/1"),
    ("POST", "/settings/v3/users"),
    ("PUT", "/automation/v4/flows/811"),
    ("POST", "/automation/v4/flows"),
    ("GET", "/crm/v3/objects/contacts/search"),
    ("GET", "/crm/v3/objects/contacts/1"),
    ("GET", "/crm/v3/properties/../objects/contacts"),
    ("GET", "/crm/v3/properties/contacts/%2e%2e"),
    ("GET", "//evil.example/crm/v3/owners"),
    ("GET", "/"),
    ("GET", ""),
]


@pytest.mark.parametrize(("method", "path"), ALLOWED)
def test_a_read_of_the_catalogue_may_leave(method, path):
    assert refuse_unless_allowed(method, f"{BASE}{path}?limit=1", BASE) is None


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_anything_else_is_stopped(method, path):
    with pytest.raises(RefusedCall):
        refuse_unless_allowed(method, f"{BASE}{path}", BASE)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.hubapi.com.evil.example/crm/v3/owners",
        "https://api.hubapi.com@evil.example/crm/v3/owners",
        "http://api.hubapi.com/crm/v3/owners",
        "https://evil.example/crm/v3/owners",
        "https://api.hubapi.com:8443/crm/v3/owners",
    ],
)
def test_no_other_host_is_asked(url):
    with pytest.raises(RefusedCall):
        refuse_unless_allowed("GET", url, BASE)


def test_a_gateway_with_a_path_is_asked_below_that_path_only():
    assert (
        refuse_unless_allowed("GET", "https://gw.example/hub/crm/v3/owners", "https://gw.example/hub") is None
    )
    with pytest.raises(RefusedCall):
        refuse_unless_allowed("GET", "https://gw.example/crm/v3/owners", "https://gw.example/hub")


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("call", cat.CALLS, ids=lambda call: call.name)
def test_every_call_may_leave_in_both_spellings(call, version):
    parts = {name: "2-310" for name in ("type", "id") if f"{{{name}}}" in call.path}
    assert refuse_unless_allowed(call.method, BASE + call.at(version, **parts), BASE) is None


@pytest.mark.parametrize("part", ["..", "a/b", "", "a?b", "a%2fb", "é", "a b", "-x", "."])
def test_no_segment_leads_elsewhere(part):
    with pytest.raises(ValueError, match="cannot be part of a path"):
        cat.PROPERTIES.at(Version.NUMBERED, type=part)


def test_the_only_posts_are_reads_and_logins():
    assert {call.name for call in cat.CALLS if call.method != "GET"} == {
        "app_token",
        "oauth_token",
        "introspection",
        "search",
        "lists",
        "list_ids",
        "flows_by_id",
    }


@pytest.mark.parametrize(
    ("call", "object_", "scopes"),
    [
        (cat.SEARCH, "contacts", {"crm.objects.contacts.read"}),
        (cat.SEARCH, "2-310", {"crm.objects.custom.read"}),
        (cat.SEARCH, "tickets", {"tickets", "crm.objects.tickets.read"}),
        (cat.SEARCH, "notes", {"crm.objects.notes.read", "crm.objects.contacts.read"}),
        (cat.USERS, "", {"settings.users.read", "crm.objects.users.read"}),
        (
            cat.PROPERTIES,
            "deals",
            {
                "crm.schemas.deals.read",
                "crm.objects.deals.read",
                "crm.objects.deals.sensitive.read",
                "crm.objects.deals.highly_sensitive.read",
            },
        ),
    ],
)
def test_scopes_name_the_object(call, object_, scopes):
    assert set(cat.scopes_of(call, object_)) == scopes


@pytest.mark.parametrize("token", ["", "  ", "pat\nX-Evil: 1", "pät", "x" * 5000])
def test_a_token_that_no_header_takes_is_refused_unseen(token):
    with pytest.raises(ConfigError) as caught:
        usable(token)
    assert token.strip() == "" or token not in str(caught.value)
