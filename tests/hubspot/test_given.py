"""What is given of a portal through the tags, and a portal out of the environment."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from auditor.errors import ConfigError
from auditor.people import Person, classify
from connectors.hubspot.evidence import Granted, Stated, UsersExport
from connectors.hubspot.hosts import API, base_of
from crm_audit.config import OAuth, Portal, Token, load, load_decided, of_text
from crm_audit.targets import from_environment

WHOLE = {
    "format": "hubspot-scenario/1",
    "asOf": "2026-11-24T09:00:00.000Z",
    "token": "left alone",
    "phi": {"contacts.dx": "diagnosis", "2-310.notes": "free text"},
    "objects": ["contacts", "2-310"],
    "edition": "professional",
    "marketing": {
        "roleIds": ["7"],
        "roleNames": ["Ads (EU)"],
        "teamIds": ["55"],
        "teamNames": ["Growth"],
        "jobTitles": ["CMO"],
        "emails": ["A@x.example"],
    },
    "evidenceMaxAgeDays": 30,
    "recordSample": 5,
    "exceptions": {"tickets": ["subject"]},
    "usersExport": {
        "columns": {"id": "User ID", "permissions": "Rights"},
        "permissions": {"all": {"object": "contacts", "view": "ALL", "edit": "NONE"}},
    },
    "retention": [
        {"policy": "p", "object": "tickets", "anchors": ["a", "b", "c"], "olderThanDays": 365, "having": "dx"}
    ],
}


def decided(tmp_path, content):
    path = tmp_path / "given.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return load_decided(path)


def test_a_whole_file(tmp_path):
    found = decided(tmp_path, WHOLE)
    assert found.phi == WHOLE["phi"]
    assert found.as_of == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert found.portal.stated == Stated(
        "PROFESSIONAL", 30, {"tickets": ("subject",)}, 5, ("contacts", "2-310")
    )
    assert found.portal.users_export == UsersExport(
        {"id": "User ID", "permissions": "Rights"}, {"all": Granted("contacts", "ALL", "NONE")}
    )
    [policy] = found.retention
    assert (policy.anchors, policy.having) == (("a", "b", "c"), "dx")
    assert policy.cutoff_at(found.as_of) == datetime(2025, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("person", "marketing"),
    [
        (Person("1", "a", memberships=("role:7",)), True),
        (Person("1", "a", memberships=("team:7", "role:77")), False),
        (Person("1", "a", memberships=("team:55",)), True),
        (Person("1", "a", sets=("Ads (EU)",)), True),
        (Person("1", "a", sets=("ads (eu)",)), False),
        (Person("1", "a", sets=("Ads (EU) 2",)), False),
        (Person("1", "a", teams=("Growth",)), True),
        (Person("1", "a", teams=("Growth hormones",)), False),
        (Person("1", "a", title="cmo"), True),
        (Person("1", "a", title="CMO office"), False),
        (Person("1", "a", email="a@X.example"), True),
        (Person("1", "a", email="aa@x.example"), False),
        (Person("1", "a", title="marketing manager"), False),
    ],
)
def test_marketing_is_who_was_mapped(tmp_path, person, marketing):
    who = classify([person], decided(tmp_path, WHOLE).audiences)
    assert who.marketing == (("1",) if marketing else ())


def test_nobody_is_guessed(tmp_path):
    found = decided(tmp_path, {"format": "hubspot-scenario/1"})
    assert found.portal.stated == Stated()
    assert classify([Person("1", "a", title="Marketing")], found.audiences).marketing == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phi": {"diagnosis": "x"}}, "not a property of HubSpot"),
        ({"edition": "GOLD"}, "cannot be"),
        ({"asOf": "2026-11-24T09:00:00"}, "time zone"),
        ({"Marketing": {}}, "Unknown key"),
        ({"as_of": "2026-11-24T09:00:00Z"}, "Did you mean"),
        ({"objects": ["Contacts!"]}, "not an object type"),
        ({"retention": [{"policy": "p", "object": "tickets", "anchors": [], "olderThanDays": 1}]}, "anchors"),
        ({"retention": [{**WHOLE["retention"][0]}, {**WHOLE["retention"][0]}]}, "twice"),
        ({"usersExport": {"permissions": {"w": {"object": "contacts", "view": "SOME"}}}}, "cannot be"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, change, told):
    with pytest.raises(ConfigError) as caught:
        decided(tmp_path, {**WHOLE, **change})
    assert told in f"{caught.value.message} {caught.value.hint}"


# -- the environment

APP = {"HUBSPOT_CLIENT_ID": "i", "HUBSPOT_CLIENT_SECRET": "s", "HUBSPOT_REFRESH_TOKEN": "r"}


def test_a_token_is_enough():
    portal = from_environment("hubspot", {"HUBSPOT_ACCESS_TOKEN": "t"})
    assert isinstance(portal, Portal)
    assert isinstance(portal.auth, Token)
    assert (portal.name, portal.base_url, portal.auth.token.reveal()) == ("hubspot", API, "t")


def test_an_app_may_have_a_token_already(tmp_path):
    file = tmp_path / "secret"
    file.write_text("t\n", encoding="utf-8")
    first = from_environment("hubspot", APP).auth
    second = from_environment("hubspot", {**APP, "HUBSPOT_ACCESS_TOKEN_FILE": str(file)}).auth
    assert isinstance(first, OAuth)
    assert first.access_token is None
    assert isinstance(second, OAuth)
    assert second.access_token.reveal() == "t"
    assert [s.reveal() for s in (second.client_id, second.client_secret, second.refresh_token)] == [*"isr"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "no way to log in to HubSpot"),
        ({"HUBSPOT_CLIENT_ID": "i"}, "HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN are not"),
        ({**APP, "HUBSPOT_REFRESH_TOKEN": ""}, "HUBSPOT_REFRESH_TOKEN is not"),
        ({"HUBSPOT_ACCESS_TOKEN": "t", "HUBSPOT_ACCESS_TOKEN_FILE": "f"}, "are both set"),
        (
            {"HUBSPOT_ACCESS_TOKEN": "t", "HUBSPOT_BASE_URL": "http://api.hubapi.com"},
            "HUBSPOT_BASE_URL: A CRM",
        ),
    ],
)
def test_an_environment_that_is_not_enough(environ, told):
    with pytest.raises(ConfigError) as caught:
        from_environment("hubspot", environ)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://api.hubapi.com/", API),
        ("https://Gate.example:8443/hubspot/", "https://gate.example:8443/hubspot"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_addresses(text, base):
    assert base_of(text) == base


@pytest.mark.parametrize(
    "text",
    [
        "http://api.hubapi.com",
        "http://127.0.0.1.evil.example",
        "https://u:p@api.hubapi.com",
        "api.hubapi.com",
        "https://",
        "https://[::",
        "ftp://localhost",
        "https://a.example/?x=1",
        "https://app-eu1.hubspot.com/contacts",
        "https://a b.example",
    ],
)
def test_addresses_that_are_none(text):
    with pytest.raises(ConfigError) as caught:
        base_of(text)
    assert "u:p" not in f"{caught.value.message}{caught.value.hint}"


# -- a configuration

FILE = """\
version: 1
targets:
  - name: portal
    platform: hubspot
    auth: {oauth: {client_id: {env: I}, client_secret: {env: S}, refresh_token: {env: R}}}
    objects: {include: ["*", 2-310]}
    edition: enterprise
    exceptions: {tickets: [subject]}
    users_export:
      columns: {email: Mail, permissions: Rights}
      permissions: {"all": {object: contacts, view: all}}
"""


def test_a_configured_portal(tmp_path):
    [portal] = of_text(FILE, tmp_path / "c.yaml", {"I": "i", "S": "s", "R": "r"}).targets
    assert isinstance(portal, Portal)
    assert portal.stated.edition == "ENTERPRISE"
    assert portal.stated.objects == ("contacts", "companies", "deals", "tickets", "2-310")
    assert portal.stated.exceptions == {"tickets": ("subject",)}
    assert portal.users_export == UsersExport(
        {"email": "Mail", "permissions": "Rights"}, {"all": Granted("contacts", "ALL", "")}
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    edition: enterprise\n", "    api_version: '67.0'\n", "A HubSpot portal has no “api_version”"),
        ("    edition: enterprise\n", "    edition: gold\n", "cannot be"),
        ("    edition: enterprise\n", "    base_url: http://x.example\n", "without TLS"),
        ("    edition: enterprise\n", "    evidence: gone\n", "not there"),
        (
            "{oauth: {client_id: {env: I}, client_secret: {env: S}, refresh_token: {env: R}}}",
            "{sf_cli: me}",
            "not a way to log in to hubspot",
        ),
    ],
)
def test_a_portal_that_cannot_be(tmp_path, old, new, told):
    path = tmp_path / "c.yaml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert told in caught.value.message
