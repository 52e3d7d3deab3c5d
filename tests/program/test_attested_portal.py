"""A portal whose configuration and evidence say everything, from the command line to the exit code."""

from __future__ import annotations

import pytest

from sandbox.hubspot.running import running
from tests.program.programs import crm_audit

SCOPES = (
    "oauth",
    "settings.users.read",
    "settings.users.teams.read",
    "crm.objects.users.read",
    "crm.objects.owners.read",
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.deals.read",
    "crm.schemas.custom.read",
    "crm.lists.read",
    "tickets",
    "forms",
    "automation",
    "content",
    "communication_preferences.read",
    "account-info.security.read",
)
PORTAL = {
    "format": "hubspot-portal/1",
    "tokens": [{"token": "pat-na1-1", "kind": "service_key", "scopes": list(SCOPES)}],
    "properties": {
        "deals": [{"name": "primary_diagnosis", "label": "Primary diagnosis", "dataSensitivity": "sensitive"}]
    },
    "users": [
        {"id": "1", "email": "gina@clinic.example", "roleIds": ["7"], "primaryTeamId": "55"},
        {"id": "2", "email": "carl@clinic.example", "roleIds": ["8"], "primaryTeamId": "61"},
    ],
    "roles": [{"id": "7", "name": "Desk"}, {"id": "8", "name": "Ward"}],
    "teams": [{"id": "55", "name": "Growth"}, {"id": "61", "name": "Ward"}],
}
CONFIGURATION = """\
version: 1
targets:
  - name: portal
    platform: hubspot
    base_url: {url}
    auth: {{token: {{env: HUBSPOT_ACCESS_TOKEN}}}}
    edition: ENTERPRISE
    evidence: evidence
mappings: [mapping.yaml]
audiences:
  - name: marketing
    marketing: true
    why: Finds patients.
    signs: {marketing}
  - name: care
    why: Treats patients.
    signs: {{permission_set: ward}}
  - name: programs
    why: The auditor’s own key.
    kinds: [system]
policy:
  version: "1"
  approved_by: Privacy officer
  approved_on: 2026-10-01
  matrix:
    care: {{clinical: edit}}
    marketing: {{clinical: none}}
    programs: {{clinical: read}}
retention:
  - {{id: deals, object: deals, anchor: closedate, period: P7Y, why: Our schedule.}}
"""
MAPPING = """\
version: 1
tags:
  - match: {object: deals, field: primary_diagnosis}
    tag: diagnosis_condition
    why: It says so.
  - match: {object: tickets, field: "*"}
    tag: none
    why: Tickets are about machines here.
"""
ACCESS = "object_type,property_name,mode,owner_user,view_users,view_teams,edit_users,edit_teams,observed_at,observed_by"
SETS = "role_name,object_type,view,view_unassigned,edit,export,add_users,observed_at,observed_by"
DAY = "2026-11-20"


def written(folder, access, sets, *, url, marketing="{permission_set: desk}"):
    """Write configuration and evidence into a folder."""
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / "property-access.csv").write_text(
        "\n".join([ACCESS, *access]) + "\n", encoding="utf-8"
    )
    (folder / "evidence" / "permission-sets.csv").write_text(
        "\n".join([SETS, *sets]) + "\n", encoding="utf-8"
    )
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    text = CONFIGURATION.format(url=url, marketing=marketing)
    (folder / "crm-audit.yaml").write_text(text, encoding="utf-8")


def ran(folder, as_of="2026-11-24T09:00:00Z"):
    """Run the audit, and give its exit code and its only system."""
    done = crm_audit(
        folder,
        *("run", "--config", "crm-audit.yaml", "--as-of", as_of, "--out", "out", "-q"),
        HUBSPOT_ACCESS_TOKEN="pat-na1-1",
    )
    assert done.report.exists(), done.err
    [system] = done.document()["systems"]
    return done.code, system


SIGNED = f"{DAY},Ana Ruiz"
OPEN = f"contacts,phone,EVERYONE,,,,,,{SIGNED}"
RESTRICTED = f"deals,primary_diagnosis,RESTRICTED,,,,,Ward,{SIGNED}"
EVERYONE = f"deals,primary_diagnosis,EVERYONE,,,,,,{SIGNED}"
EACH = [f"{role},{of},ALL,no,ALL,no,no,{SIGNED}" for role in ("Desk", "Ward") for of in ("contacts", "deals")]


@pytest.fixture(scope="module")
def served():
    with running(PORTAL) as portal:
        yield portal


def states(system):
    """How each rule ended."""
    return {rule["id"]: rule["state"] for rule in system["rules"]}


def of_rule(system, rule):
    """The findings of one rule."""
    return [found for found in system["findings"] if found["rule"] == rule]


def test_what_somebody_signed_can_end_complete(served, tmp_path):
    written(tmp_path, [OPEN, RESTRICTED], EACH, url=served.url)
    code, system = ran(tmp_path)
    assert system["findings"] == []
    assert states(system)["can-grant-itself"] == "no_gap_observed"
    assert code == 0


def test_it_is_incomplete_again_once_it_lapses(served, tmp_path):
    written(tmp_path, [OPEN, RESTRICTED], EACH, url=served.url)
    assert ran(tmp_path, as_of="2027-02-18T00:00:00Z")[0] == 0
    code, system = ran(tmp_path, as_of="2027-03-01T09:00:00Z")
    assert code == 22  # the lapsed attestations are a finding, and what rests on them is unknown
    assert states(system)["can-grant-itself"] == "unknown_not_readable"
    assert {
        (fact["name"], found["state"])
        for found in of_rule(system, "attestation-lapsed")
        for fact in found["facts"]
    } >= {("Desk", "gap_observed"), ("Ward on deals", "gap_observed")}


@pytest.mark.parametrize(
    ("line", "code", "state"),
    [
        ("Desk,deals,ALL,no,ALL,no,yes,2026-11-20,Ana Ruiz", 14, "gap_observed"),
        ("Desk,deals,ALL,no,ALL,no,no,2026-11-20,", 22, "unknown_not_readable"),  # nobody signed it
        ("Desk,deals,ALL,no,ALL,no,no,2026-07-20,Ana Ruiz", 22, "unknown_not_readable"),
        ("Desk,deals,ALL,no,ALL,no,ask IT,2026-11-20,Ana Ruiz", 4, "unknown_not_readable"),
        ("Desk,deals,ALL,no,ALL,no,,2026-11-20,Ana Ruiz", 4, "unknown_not_readable"),
    ],
)
def test_only_a_signed_yes_or_no_tells_who_can_give_themselves_more(served, tmp_path, line, code, state):
    untold = "Desk,contacts,ALL,no,ALL,no,,2026-11-20,Ana Ruiz"
    written(tmp_path, [OPEN, RESTRICTED], [untold, line, *EACH[2:]], url=served.url)
    ended, system = ran(tmp_path)
    assert states(system)["can-grant-itself"] == state
    assert ended == code


def test_a_yes_stands_beside_a_no(served, tmp_path):
    line = "Desk,deals,ALL,no,ALL,no,yes,2026-11-02,Ana Ruiz"
    written(tmp_path, [OPEN, RESTRICTED], [line, *EACH], url=served.url)
    [found] = of_rule(ran(tmp_path)[1], "can-grant-itself")
    assert found["root"]["label"] == "Desk"


@pytest.mark.parametrize(
    "signs",
    [
        "{team: '^growth$'}",
        "{team_ids: [55]}",
        "{permission_set_ids: [7]}",
        "{emails: [GINA@clinic.example]}",
    ],
)
def test_a_team_sign_in_the_configuration_makes_somebody_marketing(served, tmp_path, signs):
    written(tmp_path, [OPEN, EVERYONE], EACH, url=served.url, marketing=signs)
    code, system = ran(tmp_path)
    [found] = of_rule(system, "marketing-reads-clinical")
    assert found["people"] == ["1"]
    assert of_rule(system, "unclassified-role") == []
    assert code == 13


def test_whoever_no_sign_fits_is_listed_by_permission_set(served, tmp_path):
    written(tmp_path, [OPEN, EVERYONE], EACH, url=served.url, marketing="{team: nobody}")
    code, system = ran(tmp_path)
    [found] = of_rule(system, "unclassified-role")
    assert found["facts"] == [{"name": "permission set “Desk”", "value": "1 person, 1 reads health data"}]
    assert of_rule(system, "marketing-reads-clinical") == []
    assert code == 12
