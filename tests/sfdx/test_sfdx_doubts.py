"""Where a project leaves two readings open: never a firm “no” by the narrower one."""

from __future__ import annotations

import pytest

from auditor.planes import Verb
from connectors.salesforce import catalogue as cat
from tests.sfdx.sfdx_projects import (
    SOURCE,
    document,
    element,
    field,
    fls,
    group,
    judge,
    mdapi,
    muting,
    package,
    permission_set,
    profile,
    project,
    right,
    system,
    write,
)

DIAGNOSIS, NOTES = "Contact.Diagnosis__c", "Contact.Notes__c"
FIELD = "objects/Contact/fields/Diagnosis__c.field-meta.xml"
CARE = "permissionsets/Care.permissionset-meta.xml"
TEAM = "permissionsetgroups/Team.permissionsetgroup-meta.xml"
QUIET = "mutingpermissionsets/Quiet.mutingpermissionset-meta.xml"
GIVES = permission_set(right("Contact"), fls(DIAGNOSIS))
OPENS = permission_set(right("Contact"))
MUTES, SILENT = muting(fls(DIAGNOSIS)), muting()
SESSION = permission_set(
    "<hasActivationRequired>true</hasActivationRequired>", right("Contact"), fls(DIAGNOSIS)
)
ALWAYS = SESSION.replace("true</hasAct", "false</hasAct")
TEAM_MUTED = group(["Care"], ["Quiet"])


def in_order(root, first, second):
    """Two package directories, the second one later."""
    files = {f"one/{k}": v for k, v in first.items()} | {f"two/{k}": v for k, v in second.items()}
    return project(root, files, packages=("one", "two"))


def side_by_side(root, first, second):
    """Two folders of which nothing says the order."""
    files = {f"one/{k}": v for k, v in first.items()} | {f"two/{k}": v for k, v in second.items()}
    return write(root, files)


BOTH = pytest.mark.parametrize("laid", [in_order, side_by_side])
DEFINED = {FIELD: field("Diagnosis__c"), "objects/Contact/fields/Notes__c.field-meta.xml": field("Notes__c")}


@BOTH
@pytest.mark.parametrize(("one", "two"), [(MUTES, SILENT), (SILENT, MUTES), (MUTES, MUTES), (MUTES, "<")])
def test_nobody_can_say_what_a_muting_set_in_two_files_mutes(tmp_path, laid, one, two):
    first = {**DEFINED, CARE: GIVES, TEAM: TEAM_MUTED, QUIET: one}
    judged = judge(laid(tmp_path, first, {QUIET: two}), DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == ("possible", "no")


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (group(["Care"]), group(["Empty"]), ("yes", "unknown")),
        (group(["Empty"]), group(["Care"]), ("yes", "unknown")),
        (TEAM_MUTED, group(["Care"]), ("yes", "unknown")),
        (TEAM_MUTED, TEAM_MUTED, ("unknown", "unknown")),
    ],
)
def test_of_two_files_of_a_group_side_by_side_neither_proves_anything_closed(tmp_path, one, two, words):
    sets = {CARE: GIVES, "permissionsets/Empty.permissionset-meta.xml": permission_set(label="Empty")}
    first = {**DEFINED, **sets, QUIET: MUTES, TEAM: one}
    judged = judge(side_by_side(tmp_path, first, {TEAM: two}), DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == words
    assert "is in several files, and nothing says their order" in judged.doubt("Team", NOTES)


def test_a_group_of_a_later_package_directory_still_replaces_the_earlier_one(tmp_path):
    first = {**DEFINED, CARE: GIVES, QUIET: MUTES, TEAM: TEAM_MUTED}
    judged = judge(in_order(tmp_path, first, {TEAM: group(["Care"])}), DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == ("yes", "no")


@pytest.mark.parametrize(
    ("laid", "one", "two", "word"),
    [
        (side_by_side, ALWAYS, SESSION, "yes"),
        (side_by_side, SESSION, ALWAYS, "yes"),
        (side_by_side, SESSION, SESSION, "activatable"),
        (in_order, SESSION, ALWAYS, "yes"),
        (in_order, ALWAYS, SESSION, "activatable"),
        (in_order, SESSION, OPENS, "activatable"),
    ],
)
def test_whether_a_set_waits_for_a_session(tmp_path, laid, one, two, word):
    judged = judge(laid(tmp_path, {**DEFINED, CARE: one}, {CARE: two}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == word


@pytest.mark.parametrize(
    ("later", "word"), [({}, "yes"), ({"viewAllFields": True}, "yes"), ({"viewAllFields": False}, "no")]
)
def test_a_later_entry_without_view_all_fields_leaves_it(tmp_path, later, word):
    first = {**DEFINED, CARE: permission_set(right("Contact", viewAllFields=True))}
    root = in_order(tmp_path, first, {CARE: permission_set(right("Contact", **later))})
    assert judge(root, DIAGNOSIS).word("Care", DIAGNOSIS) == word


# -- definitions


@pytest.mark.parametrize(
    ("laid", "one", "two", "word"),
    [
        (in_order, {"required": True}, {"required": False}, "no"),
        (in_order, {"required": False}, {"required": True}, "yes"),
        (in_order, {"required": True}, {}, "yes"),
        (side_by_side, {"required": True}, {"required": True}, "yes"),
        (side_by_side, {"required": True}, {"required": False}, "unknown"),
        (side_by_side, {}, {"kind": "MasterDetail", "referenceTo": "Account"}, "unknown"),
    ],
)
def test_whether_a_field_is_required_is_what_the_later_file_says(tmp_path, laid, one, two, word):
    first = {FIELD: field("Diagnosis__c", **one), CARE: OPENS}
    judged = judge(laid(tmp_path, first, {FIELD: field("Diagnosis__c", **two)}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == word


@pytest.mark.parametrize(
    ("first", "later", "encrypted"),
    [
        ("ProbabilisticEncryption", "None", False),
        ("None", "ProbabilisticEncryption", True),
        ("None", "", False),
    ],
)
def test_a_later_file_may_end_encryption(tmp_path, first, later, encrypted):
    more = {"encryptionScheme": later} if later else {}
    files = {FIELD: field("Diagnosis__c", encryptionScheme=first), CARE: OPENS}
    judged = judge(in_order(tmp_path, files, {FIELD: field("Diagnosis__c", **more)}), DIAGNOSIS)
    rows = judged.snapshot.table(cat.PARTICLES.name).to_pylist()
    assert [r["IsEncrypted"] for r in rows if r["QualifiedApiName"] == "Diagnosis__c"] == [encrypted]


@BOTH
def test_a_field_with_a_file_that_cannot_be_used_is_unknown(tmp_path, laid):
    first = {**DEFINED, CARE: permission_set(right("Contact"), fls(NOTES, read=False))}
    judged = judge(laid(tmp_path, first, {FIELD: "<CustomField>"}), DIAGNOSIS, NOTES)
    assert (judged.word("Care", DIAGNOSIS), judged.word("Care", NOTES)) == ("unknown", "no")


def test_what_every_reading_of_a_broken_field_gives_is_proven(tmp_path):
    judged = judge(in_order(tmp_path, {FIELD: "<", CARE: GIVES}, {}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"


def test_a_permission_does_not_settle_a_field_with_a_broken_file(tmp_path):
    files = {FIELD: "<", CARE: permission_set(right("Contact"), fls(DIAGNOSIS, read=False))}
    assert judge(in_order(tmp_path, files, {}), DIAGNOSIS).word("Care", DIAGNOSIS) == "unknown"


def test_a_broken_object_with_its_fields_inside_leaves_them_all_unknown(tmp_path):
    root = mdapi(tmp_path, {f"{SOURCE}/{FIELD}": field("Diagnosis__c"), f"{SOURCE}/{CARE}": OPENS})
    write(root, {"src/objects/more/Contact.object": "<CustomObject>"})
    judged = judge(root, DIAGNOSIS, "Contact.LastName")
    assert (judged.word("Care", DIAGNOSIS), judged.word("Care", "Contact.LastName")) == ("unknown", "yes")


# -- muting sets that are not there, and what they mute beside fields

KEYS = "objects/Keys__c"
SETTING = {
    f"{KEYS}/Keys__c.object-meta.xml": document(
        "CustomObject", "<customSettingsType>List</customSettingsType>"
    ),
    f"{KEYS}/fields/Token__c.field-meta.xml": field("Token__c"),
}
TOKEN = "Keys__c.Token__c"
ACCESS = element("customSettingAccesses", enabled=True, name="Keys__c")


@pytest.mark.parametrize("mute", [None, "<"])
@pytest.mark.parametrize("name", ["ViewAllData", "ModifyAllData", "ViewAllFieldsGlobal"])
def test_a_system_permission_beside_an_unknown_muting_set_is_not_sure(tmp_path, mute, name):
    first = {
        **DEFINED,
        CARE: permission_set(right("Contact"), system(name), fls(DIAGNOSIS)),
        TEAM: TEAM_MUTED,
    }
    judged = judge(in_order(tmp_path, first, {QUIET: mute} if mute else {}), DIAGNOSIS, NOTES)
    assert judged.word("Team", DIAGNOSIS) == judged.word("Team", NOTES) == "unknown"
    assert "What Quiet takes away from the permission set group “Team” is not known" in judged.doubt(
        "Team", NOTES
    )
    row = next(r for r in judged.snapshot.table(cat.PERMISSION_SETS.name).to_pylist() if r["Type"] == "Group")
    assert not row[f"Permissions{name}"]


def test_a_system_permission_that_opens_nothing_leaves_the_rest_as_it_is(tmp_path):
    first = {**DEFINED, CARE: permission_set(right("Contact"), system("ExportReport"), fls(DIAGNOSIS))}
    judged = judge(in_order(tmp_path, {**first, TEAM: TEAM_MUTED}, {}), DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == ("possible", "no")


@pytest.mark.parametrize(
    ("mute", "word"),
    [
        (muting(ACCESS), "no"),
        (muting(ACCESS.replace("true", "false")), "yes"),
        (muting(system("ViewAllCustomSettings")), "yes"),
        (None, "unknown"),
        ("<", "unknown"),
    ],
)
def test_access_to_a_custom_setting_can_be_muted(tmp_path, mute, word):
    first = {**SETTING, CARE: permission_set(ACCESS), TEAM: TEAM_MUTED}
    judged = judge(in_order(tmp_path, first, {QUIET: mute} if mute else {}), TOKEN)
    assert (judged.word("Care", TOKEN), judged.word("Team", TOKEN)) == ("yes", word)


@pytest.mark.parametrize(
    ("described", "word"),
    [
        (document("CustomObject", "<customSettingsType>List</customSettingsType>"), "yes"),
        (document("CustomObject"), "latent"),
        ("<CustomObject>", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_custom_object_without_a_file_of_its_own_may_be_a_setting(tmp_path, described, word):
    first = {k: v for k, v in SETTING.items() if "fields" in k}
    first |= {f"{KEYS}/Keys__c.object-meta.xml": described} if described else {}
    judged = judge(
        in_order(tmp_path, {**first, CARE: permission_set(system("ViewAllCustomSettings"), fls(TOKEN))}, {}),
        TOKEN,
    )
    assert judged.word("Care", TOKEN) == word
    if word == "unknown":
        assert judged.doubt("Care", TOKEN) == "Whether Keys__c has object permissions could not be read."


def test_object_permissions_prove_that_a_custom_object_is_no_setting(tmp_path):
    path = "objects/Visit__c/fields/Reason__c.field-meta.xml"
    judged = judge(
        in_order(tmp_path, {path: field("Reason__c"), CARE: permission_set(right("Visit__c"))}, {}),
        "Visit__c.Reason__c",
    )
    assert judged.word("Care", "Visit__c.Reason__c") == "no"


# -- who a licence is for


@pytest.mark.parametrize(
    ("licence", "kind", "user_field", "activity"),
    [
        ("Salesforce", "holder", "yes", "yes"),
        ("Partner App Subscription", "holder", "yes", "yes"),
        ("Guest User License", "guest", "unknown", "unknown"),
        ("Customer Community Plus Login", "external", "yes", "unknown"),
        ("Partner Community", "external", "yes", "unknown"),
        ("High Volume Customer Portal", "external", "yes", "unknown"),
        ("External Identity", "external", "yes", "unknown"),
    ],
)
def test_a_licence_makes_a_guest_or_an_outsider(tmp_path, licence, kind, user_field, activity):
    files = {
        "objects/User/fields/Number__c.field-meta.xml": field("Number__c", required=True),
        "objects/Activity/fields/Note__c.field-meta.xml": field("Note__c"),
        "profiles/Site.profile-meta.xml": profile(
            system("ActivitiesAccess"), fls("Activity.Note__c")
        ).replace("<userLicense>Salesforce<", f"<userLicense>{licence}<"),
    }
    judged = judge(in_order(tmp_path, files, {}), "User.Number__c", "Task.Note__c")
    assert judged.word("Site", "User.Number__c") == user_field
    assert judged.word("Site", "Task.Note__c") == activity
    assert {(p.kind.value, p.licence) for p in judged.access.grants.people} == {(kind, licence)}


@pytest.mark.parametrize(("laid", "kind"), [(side_by_side, "holder"), (in_order, "guest")])
def test_of_two_licences_side_by_side_neither_counts(tmp_path, laid, kind):
    path, staff = "profiles/Site.profile-meta.xml", profile()
    guests = staff.replace("<userLicense>Salesforce<", "<userLicense>Guest User License<")
    judged = judge(laid(tmp_path, {**DEFINED, path: staff}, {path: guests}), DIAGNOSIS)
    assert [p.kind.value for p in judged.access.grants.people] == [kind]


def test_a_set_that_only_guests_can_hold_is_held_by_a_guest(tmp_path):
    text = permission_set(
        "<license>Guest User License</license>", system("ActivitiesAccess"), fls("Task.Note__c")
    )
    files = {CARE: text, "objects/Activity/fields/Note__c.field-meta.xml": field("Note__c")}
    judged = judge(in_order(tmp_path, files, {}), "Task.Note__c")
    assert judged.word("Care", "Task.Note__c", Verb.READ) == "possible"
    assert [p.kind.value for p in judged.access.grants.people] == ["guest"]


def test_sets_of_one_manifest_each_are_read_side_by_side(tmp_path):
    files = {f"{x}/package.xml": package("63.0") for x in ("one", "two")}
    files |= {
        "one/objects/Contact.object": document(
            "CustomObject", element("fields", fullName="A__c", type="Text")
        )
    }
    files |= {
        f"{x}/permissionsets/Care.permissionset": SESSION if x == "one" else ALWAYS for x in ("one", "two")
    }
    judged = judge(write(tmp_path, files), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"
