"""Names in any case, and with a project's own namespace, are the names of the same things."""

from __future__ import annotations

import json

import pytest

from connectors.salesforce import catalogue as cat
from connectors.sfdx.names import Names
from tests.sfdx.sfdx_projects import (
    SOURCE,
    document,
    element,
    field,
    fls,
    group,
    judge,
    muting,
    permission_set,
    profile,
    project,
    right,
    system,
    write,
)

DIAGNOSIS = "Contact.Diagnosis__c"
DEFINED = {f"{SOURCE}/objects/Contact/fields/Diagnosis__c.field-meta.xml": field("Diagnosis__c")}
SET = f"{SOURCE}/permissionsets/Care.permissionset-meta.xml"
GROUP = f"{SOURCE}/permissionsetgroups/Team.permissionsetgroup-meta.xml"
MUTING = f"{SOURCE}/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml"
CARE = permission_set(right("Contact"), fls(DIAGNOSIS))


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("contact", "contact.diagnosis__c"),
        ("Contact", "Contact.diagnosis__c"),
        ("CONTACT", DIAGNOSIS),
        ("Contact", "CONTACT.DIAGNOSIS__C"),
    ],
)
def test_permissions_name_things_in_any_case(tmp_path, owner, name):
    root = project(tmp_path, {**DEFINED, SET: permission_set(right(owner), fls(name))})
    assert judge(root, DIAGNOSIS).word("Care", DIAGNOSIS) == "yes"


@pytest.mark.parametrize("folder", ["Contact", "contact", "CONTACT"])
def test_a_folder_names_its_object_in_any_case(tmp_path, folder):
    path = f"{SOURCE}/objects/{folder}/fields/Diagnosis__c.field-meta.xml"
    files = {path: field("Diagnosis__c", required=True), SET: permission_set(right("Contact"))}
    judged = judge(project(tmp_path, files), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"
    assert (
        judged.snapshot.table(cat.ENTITIES.name).column("QualifiedApiName").to_pylist().count("contact") == 0
    )


def test_a_definition_says_how_a_custom_name_is_spelled(tmp_path):
    files = {
        f"{SOURCE}/objects/Visit__c/Visit__c.object-meta.xml": document("CustomObject"),
        f"{SOURCE}/objects/visit__c/fields/Reason__c.field-meta.xml": field("Reason__c"),
        SET: permission_set(right("VISIT__C"), fls("visit__C.reason__C")),
    }
    assert judge(project(tmp_path, files), "Visit__c.Reason__c").word("Care", "Visit__c.Reason__c") == "yes"


def test_standard_fields_and_activities_have_their_own_spelling(tmp_path):
    files = {
        f"{SOURCE}/objects/activity/fields/Note__c.field-meta.xml": field("Note__c"),
        SET: permission_set(
            right("contact"),
            fls("contact.mailingaddress"),
            fls("ACTIVITY.note__c"),
            system("ActivitiesAccess"),
        ),
    }
    judged = judge(project(tmp_path, files), "Contact.MailingStreet", "Task.Note__c", "Contact.LastName")
    assert {
        judged.word("Care", f) for f in ("Contact.MailingStreet", "Task.Note__c", "Contact.LastName")
    } == {"yes"}


def test_a_group_names_its_parts_in_any_case(tmp_path):
    files = {
        **DEFINED,
        SET: CARE,
        GROUP: group(["care"], ["QUIET"]),
        MUTING: muting(fls("contact.diagnosis__c")),
    }
    judged = judge(project(tmp_path, files), DIAGNOSIS)
    assert (judged.word("Care", DIAGNOSIS), judged.word("Team", DIAGNOSIS)) == ("yes", "no")


def test_a_custom_setting_is_named_in_any_case(tmp_path):
    files = {
        f"{SOURCE}/objects/Keys__c/Keys__c.object-meta.xml": document(
            "CustomObject", "<customSettingsType>List</customSettingsType>"
        ),
        f"{SOURCE}/objects/Keys__c/fields/Token__c.field-meta.xml": field("Token__c"),
        SET: permission_set(element("customSettingAccesses", enabled=True, name="keys__C")),
    }
    assert judge(project(tmp_path, files), "Keys__c.Token__c").word("Care", "Keys__c.Token__c") == "yes"


def test_files_of_one_container_may_spell_it_differently(tmp_path):
    later = "later/profiles/nurse.profile-meta.xml"
    files = {**DEFINED, f"{SOURCE}/profiles/Nurse.profile-meta.xml": profile(right("Contact"))}
    root = project(tmp_path, {**files, later: profile(fls(DIAGNOSIS))}, packages=("force-app", "later"))
    assert judge(root, DIAGNOSIS).word("Nurse", DIAGNOSIS) == "yes"


def test_a_projects_own_namespace_is_left_out(tmp_path):
    settings = {
        "packageDirectories": [{"path": "force-app"}],
        "namespace": "acme",
        "sourceApiVersion": "63.0",
    }
    copy = field("Copy__c", formula="ACME__Diagnosis__c & 'x'")
    files = {
        "sfdx-project.json": json.dumps(settings),
        **DEFINED,
        f"{SOURCE}/objects/Contact/fields/Copy__c.field-meta.xml": copy,
        SET: permission_set(right("Contact"), fls("Contact.acme__Diagnosis__c"), fls("Contact.Copy__c")),
        GROUP: group(["acme__Care"]),
    }
    judged = judge(write(tmp_path, files), DIAGNOSIS)
    assert {judged.word(who, f) for who in ("Care", "Team") for f in (DIAGNOSIS, "Contact.Copy__c")} == {
        "yes"
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("acme__Plan__c", "Plan__c"),
        ("acme__c", "acme__c"),
        ("Other_acme__Plan__c", "Other_acme__Plan__c"),
        ("Acme__Patient__r.acme__Plan__c", "Patient__r.Plan__c"),
        ("force__Plan__c", "force__Plan__c"),
    ],
)
def test_only_the_own_namespace_goes(given, expected):
    assert Names("acme").text(given) == expected
    assert Names().text(given) == given
