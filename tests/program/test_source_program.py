"""A folder with the source of an org, through the program itself: no address, no credential, no people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program.programs import inside

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
FILES = {
    "sfdx-project.json": '{"packageDirectories": [{"path": "app", "default": true}], "sourceApiVersion": "64.0"}',
    "app/objects/Contact/Contact.object-meta.xml": f"<CustomObject {NAMESPACE}/>",
    "app/objects/Contact/fields/Diagnosis__c.field-meta.xml": (
        f"<CustomField {NAMESPACE}><fullName>Diagnosis__c</fullName><label>Diagnosis</label>"
        "<type>Text</type><length>80</length></CustomField>"
    ),
    "app/permissionsets/Care.permissionset-meta.xml": (
        f"<PermissionSet {NAMESPACE}><label>Care</label>"
        "<fieldPermissions><field>Contact.Diagnosis__c</field><readable>true</readable><editable>false</editable>"
        "</fieldPermissions><objectPermissions><object>Contact</object><allowRead>true</allowRead>"
        "<allowCreate>false</allowCreate><allowEdit>false</allowEdit><allowDelete>false</allowDelete>"
        "<viewAllRecords>false</viewAllRecords><modifyAllRecords>false</modifyAllRecords></objectPermissions>"
        "</PermissionSet>"
    ),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_folder_is_judged(source):
    ran = inside(source.parent, "run", "sfdx", "--project", "source", "--out", "out")
    assert ran.code not in {1, 2, 3}, ran.err
    assert "Traceback" not in ran.err
    assert '"sfdx"' in (ran.report / "audit.json").read_text(encoding="utf-8")
    assert "Contact.Diagnosis__c" in (ran.report / "audit.json").read_text(encoding="utf-8")


def test_an_org_in_the_environment_is_not_asked_for(source):
    """Nothing listens at this address: reading a folder leaves the process in no way."""
    environ = {"SF_INSTANCE_URL": "https://127.0.0.1:9", "SF_ACCESS_TOKEN": "token"}
    ran = inside(source.parent, "run", "sfdx", "--project", "source", "--out", "out", **environ)
    assert ran.code not in {1, 2, 3}, ran.err


def test_a_check_says_what_the_tree_holds_and_what_it_cannot(source):
    ran = inside(source.parent, "check", "sfdx", "--project", "source")
    assert ran.code in {0, 4}, ran.err
    assert "PermissionSet" in ran.out
    assert "not which people hold them" in ran.out
    assert "PHI fields: " in ran.out
    assert "credential holds" not in ran.out
    assert "calls" not in ran.out


def test_a_snapshot_of_source_is_judged_again(source):
    words = ("sfdx", "--project", "source", "--as-of", "2026-11-24T00:00:00Z")
    ran = inside(source.parent, "collect", "kept", *words)
    assert ran.code in {0, 4}, ran.err
    again = inside(source.parent, "analyze", "kept", "--out", "out")
    assert again.code not in {1, 2, 3}, again.err
    assert "Contact.Diagnosis__c" in (again.report / "audit.json").read_text(encoding="utf-8")


def test_a_target_of_a_configuration(source):
    """The folder is relative to the file, and strictness does not stop what has no credential."""
    (source.parent / "c").mkdir()
    text = "version: 1\ntargets:\n  - {name: source, platform: sfdx, project: ../source}\n"
    (source.parent / "c" / "c.yaml").write_text(text, encoding="utf-8")
    for wanted in ("source", "sfdx"):
        ran = inside(source.parent, "run", wanted, "--config", "c/c.yaml", "--out", f"out-{wanted}")
        assert ran.code not in {1, 2, 3}, ran.err
    shown = inside(source.parent, "config", "show", "--config", "c/c.yaml")
    assert "targets[0].project" in shown.out
    assert "instance_url" not in shown.out


def test_a_folder_without_source_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    ran = inside(tmp_path, "run", "sfdx", "--project", "empty")
    assert ran.code in {2, 3}
    assert "Traceback" not in ran.err


def test_a_question_about_source(source):
    ran = inside(source.parent, "who", "Contact.Diagnosis__c", "sfdx", "--project", "source")
    assert ran.code == 0, ran.err
    assert "Care" in ran.out
    both = inside(source.parent, "who", "Contact.Diagnosis__c", "--project", "source", "--snapshot", "kept")
    assert both.code == 2
    assert "Leave out one" in both.err


def test_that_source_has_no_assignments_is_said_where_none_end(source):
    ran = inside(source.parent, "lapses", "sfdx", "--project", "source", "--as-of", "2026-11-24")
    assert ran.code == 0, ran.err
    first, second = ran.out.splitlines()
    assert first.startswith("0 assignments end between ")
    assert second.startswith("Not everything could be read, so there may be more: Who is assigned what,")


def test_made_up_holders_are_not_counted(source):
    """“Care” opens both gates; whoever holds “Desk” lacks them."""
    care = (source / "app/permissionsets/Care.permissionset-meta.xml").read_text(encoding="utf-8")
    desk = (
        care.replace("Care", "Desk")
        .replace("<readable>true", "<readable>false")
        .replace("Read>true", "Read>false")
    )
    (source / "app/permissionsets/Desk.permissionset-meta.xml").write_text(desk, encoding="utf-8")
    asked = (
        "why",
        "whoever holds permission set “Desk”",
        "Contact.Diagnosis__c",
        "sfdx",
        "--project",
        "source",
    )
    ran = inside(source.parent, *asked, "--as-of", "2026-11-24")
    assert ran.code == 0, ran.err
    assert "]: not assigned to whoever holds permission set “Desk”" in ran.out
    assert "assigning permission set “Care” [" in ran.out
    assert "held by" not in ran.out
    assert "holds it" not in ran.out
    assert "nothing that was read opens it" in ran.out  # source has no assignments: there may be more
