"""`check` says beforehand what a run will find: what is readable, what is too much, and how many calls it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.errors import CredentialTooStrong
from auditor.retention import RetentionPolicy
from connectors.salesforce import catalogue as cat
from crm_audit import checks, compose
from crm_audit.config import default
from crm_audit.targets import from_environment
from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.connectors.connector_orgs import LONG_AGO, NOW, SET_AUDIT, small_org

TAGS = {"Contact.Diagnosis__c": "diagnosis", "Clinic_Settings__c.Api_Notes__c": "diagnosis"}


def settings(*retention, tags=TAGS, strict=False):
    given = compose.settings(default({}), None, as_of=NOW, strict=strict)
    return replace(given, decided=tags, retention=retention)


def target(served):
    found = from_environment("salesforce", {"SF_INSTANCE_URL": served.url, "SF_ACCESS_TOKEN": served.token})
    return replace(found, ca_bundle=served.ca_file)


def checked(org, told=None):
    with running(org) as served:
        return checks.check(target(served), told or settings(), NOW)


def missing(found):
    return {p.name: p.unread.detail for p in found.probes if p.unread}


def test_everything_is_readable():
    found = checked(small_org(), settings(LONG_AGO))
    assert missing(found) == {}
    assert found.code == 0
    assert (found.org, found.api_version, found.tags) == ("Lindenhof Clinic", "67.0", 3)
    rows = {p.name: p.rows for p in found.probes}
    assert rows["User"] == 4
    assert rows["FieldPermissions"] == 5
    assert rows["SetupEntityAccess"] == 1
    assert rows["SessionPermSetActivation"] == rows["AuthSession"] == 1
    assert rows["retention: contact"] == 4
    assert all(p.needs for p in found.probes if p.name in {q.name for q in cat.QUERIES})


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"hidden_objects": ["FieldPermissions"]}, {"FieldPermissions"}),
        ({"hidden_objects": ["UserRole"]}, {"UserRole"}),
        ({"hidden_objects": ["SessionPermSetActivation"]}, {"SessionPermSetActivation"}),
        ({"hidden_objects": ["SetupEntityAccess"]}, {"SetupEntityAccess"}),
        ({"hidden_objects": ["UserPermissionAccess"]}, {"UserPermissionAccess"}),
        ({"hidden_fields": ["User.Department"]}, {"User"}),
        ({"hidden_objects": ["Contact"]}, {"retention: contact", "records"}),
        ({"hidden_fields": ["Contact.CreatedDate"]}, {"retention: contact"}),
        ({"permissions": ["ApiEnabled", "ViewSetup"]}, {"UserRole"}),
    ],
)
def test_what_a_run_could_not_read(change, names):
    """What the check finds missing is what a run then finds missing, and both say how to open it."""
    told = settings(LONG_AGO)
    with running(small_org(running_user=change)) as served:
        found = checks.check(target(served), told, NOW)
        run = compose.collect(compose.connect(target(served), NOW), told, target(served), NOW)
    assert missing(found).keys() == names
    assert all(p.unread.remedy for p in found.probes if p.unread)
    assert found.code == 4
    gaps = {name.partition(" of ")[0] for name, reading in run.readings.items() if reading.unread}
    assert gaps == {name.partition(":")[0] for name in names}


def test_rights_that_an_auditor_does_not_need():
    org = small_org(running_user={"permissions": ["ApiEnabled", "ViewSetup", "ViewRoles", "ModifyAllData"]})
    org["tables"]["PermissionSetAssignment"].append(
        {"Id": "0Pax00000000009AAA", "AssigneeId": org["running_user"]["id"], "PermissionSetId": SET_AUDIT}
    )
    org["tables"]["ObjectPermissions"][1] |= {"PermissionsEdit": True}
    found = checked(org)
    assert {(s.kind, s.right) for s in found.surplus} >= {
        ("write", "ModifyAllData"),
        ("write", "changing records of Contact"),
        ("phi", "Contact.Diagnosis__c"),
        ("phi", "Contact.Summary__c"),
    }
    assert found.code == 0
    with pytest.raises(CredentialTooStrong, match="ModifyAllData"):
        checked(org, settings(strict=True))


def test_a_credential_with_nothing_to_spare():
    hidden = ["Contact.Diagnosis__c", "Contact.Summary__c", "Clinic_Settings__c.Api_Notes__c"]
    found = checked(small_org(running_user={"hidden_fields": hidden}), settings(strict=True))
    assert found.surplus == ()


BUSY = RetentionPolicy("tasks", "Task", "ActivityDate", "P7Y", fallback="CreatedDate")


@pytest.mark.parametrize(
    ("org", "told"),
    [
        (small_org, settings()),
        (small_org, settings(LONG_AGO, BUSY, replace(BUSY, id="more"))),
        (lambda: small_org(running_user={"permissions": ["ApiEnabled"]}), settings()),
        (
            lambda: small_org(tables={"MutingPermissionSet": [], "PermissionSetGroupComponent": []}),
            settings(),
        ),
        (small_org, settings(tags={})),
        (clinic_org, settings(tags=None)),
        (clinic_org, settings(LONG_AGO, BUSY, tags=None)),
    ],
    ids=["small", "retention", "no view setup", "no muting", "no tags", "demo", "demo with retention"],
)
def test_the_estimate_is_close(org, told):
    with running(org()) as served:
        found = checks.check(target(served), told, NOW)
        before = len(served.log)
        compose.collect(compose.connect(target(served), NOW), told, target(served), NOW)
        needed = len(served.log) - before
        assert served.writes() == []
    assert abs(found.calls - needed) <= max(1, needed / 10), (found.calls, needed)


def test_what_a_person_sees(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    org = small_org(
        organization={"Name": "Clinic\x1b[31m \u202eevil"},
        running_user={"hidden_objects": ["UserRole"], "hidden_fields": ["User.Department"]},
    )
    checks.show(checked(org, settings(LONG_AGO)))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["UserRole", "NOT", "READABLE", "View", "Roles", "and", "Role", "Hierarchy"] in lines
    assert ["UserLogin", "readable", "4"] in [line[:3] for line in lines]
    assert ["User", "INCOMPLETE", "4"] in [line[:3] for line in lines]
    told = " ".join(shown.split())
    assert "User: Department hidden." in told
    assert "see all users and the fields Department and Title. (opens User)" in told
    assert "system permission View Roles and Role Hierarchy. (opens UserRole)" in told
    shown = "Clinic_Settings__c.Api_Notes__c, Contact.Diagnosis__c, Contact.Summary__c"
    assert f"it is shown health fields: {shown}." in told
    assert "PHI fields: 3. A run needs about " in told
    assert " readings are not whole. Exit code 4." in told


def test_one_remedy_for_many_readings_is_printed_once(capsys):
    checks.show(checked(small_org(running_user={"permissions": ["ApiEnabled", "ViewRoles"]})))
    told = " ".join(capsys.readouterr().out.split())
    assert told.count("system permission View Setup and Configuration.") == 1
    assert "EntityParticle: EntityParticle" not in told


def test_nothing_to_complain_about(capsys):
    hidden = ["Contact.Diagnosis__c", "Contact.Summary__c", "Clinic_Settings__c.Api_Notes__c"]
    checks.show(checked(small_org(running_user={"hidden_fields": hidden})))
    shown = capsys.readouterr().out
    assert "The credential holds no surplus rights that could be seen." in shown
    assert "Everything can be read. Exit code 0." in shown
