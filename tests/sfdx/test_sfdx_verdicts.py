"""What a project gives, judged as a live org is: words and paths of hand-made projects in both layouts."""

from __future__ import annotations

import pytest

from auditor.planes import Verb
from auditor.snapshot import Why
from connectors.protocol import Scope
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics import SEMANTICS
from connectors.sfdx.connector import SOURCE_FILES
from connectors.sfdx.grants import REAL_ASSIGNMENTS
from connectors.sfdx.project import PARTIAL_PROFILE, PARTIAL_SET
from connectors.sfdx.tree import recognised
from tests.semantics.direct import tags_of
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
    schema_of,
    system,
    write,
)

DIAGNOSIS, NOTES = "Contact.Diagnosis__c", "Contact.Notes__c"
FIELDS = {
    f"{SOURCE}/objects/Contact/fields/Diagnosis__c.field-meta.xml": field("Diagnosis__c", required=False),
    f"{SOURCE}/objects/Contact/fields/Notes__c.field-meta.xml": field("Notes__c", required=False),
}
SET = f"{SOURCE}/permissionsets/Care.permissionset-meta.xml"
OTHER = f"{SOURCE}/permissionsets/Other.permissionset-meta.xml"
GROUP = f"{SOURCE}/permissionsetgroups/Team.permissionsetgroup-meta.xml"
MUTING = f"{SOURCE}/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml"
PROFILE = f"{SOURCE}/profiles/Nurse.profile-meta.xml"
CARE = permission_set(right("Contact", allowEdit=True), fls(DIAGNOSIS, edit=True))


@pytest.fixture(params=["source", "mdapi"])
def layout(request, tmp_path):
    """Write the same files in one of the two layouts."""

    def make(files):
        return (project if request.param == "source" else mdapi)(tmp_path, {**FIELDS, **files})

    return make


# -- sets, profiles, groups


def test_a_set_gives_what_it_says_and_nothing_else(layout):
    judged = judge(layout({SET: CARE}), DIAGNOSIS, NOTES)
    assert judged.word("Care", DIAGNOSIS) == judged.word("Care", DIAGNOSIS, Verb.EDIT) == "yes"
    assert judged.path("Care", DIAGNOSIS) == (["Care"], ["Care"])
    assert judged.word("Care", NOTES) == "no"


def test_a_field_without_its_object_is_latent(layout):
    assert judge(layout({SET: permission_set(fls(DIAGNOSIS))}), DIAGNOSIS).word("Care", DIAGNOSIS) == "latent"


def test_what_a_profile_gives_is_proven_and_what_it_does_not_give_is_unknown(layout):
    judged = judge(layout({PROFILE: profile(right("Contact"), fls(DIAGNOSIS))}), DIAGNOSIS, NOTES)
    assert judged.word("Nurse", DIAGNOSIS) == "yes"
    assert judged.word("Nurse", NOTES) == "unknown"
    assert judged.doubt("Nurse", NOTES) == PARTIAL_PROFILE


def test_a_profile_without_field_permissions_proves_nothing(layout):
    judged = judge(layout({PROFILE: profile(), SET: CARE}), DIAGNOSIS)
    assert judged.word("Nurse", DIAGNOSIS) == "unknown"


def test_before_api_23_a_profile_said_it_in_other_words(tmp_path):
    old = [
        element("fieldLevelSecurities", editable=False, field=name, hidden=hidden, readable=True)
        for name, hidden in ((DIAGNOSIS, False), (NOTES, True))
    ]
    judged = judge(mdapi(tmp_path, {**FIELDS, PROFILE: profile(right("Contact"), *old)}), DIAGNOSIS, NOTES)
    assert (judged.word("Nurse", DIAGNOSIS), judged.word("Nurse", NOTES)) == ("yes", "unknown")


def test_a_group_gives_what_its_parts_give_less_what_is_muted(layout):
    both = permission_set(right("Contact"), fls(DIAGNOSIS), fls(NOTES), system("ExportReport"))
    root = layout(
        {
            SET: both,
            GROUP: group(["Care"], ["Quiet"]),
            MUTING: muting(fls(DIAGNOSIS), system("ExportReport")),
        }
    )
    judged = judge(root, DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == ("no", "yes")
    assert judged.word("Care", DIAGNOSIS) == "yes"
    assert judged.path("Team", NOTES) == (["Team"], ["Team"])
    rows = judged.snapshot.table(cat.PERMISSION_SETS.name).to_pylist()
    assert {r["Name"]: r["PermissionsExportReport"] for r in rows} == {"Care": True, "Team": False}
    assert judged.snapshot.table(cat.GROUPS.name).column("Status").to_pylist() == ["Updated"]


def test_muting_edit_alone_leaves_reading(layout):
    root = layout(
        {
            SET: CARE,
            GROUP: group(["Care"], ["Quiet"]),
            MUTING: muting(fls(DIAGNOSIS, read=False, edit=True)),
        }
    )
    judged = judge(root, DIAGNOSIS)
    assert judged.word("Team", DIAGNOSIS) == "yes"
    assert judged.word("Team", DIAGNOSIS, Verb.EDIT) == "no"


def test_muting_an_object_closes_its_gate(layout):
    root = layout({SET: CARE, GROUP: group(["Care"], ["Quiet"]), MUTING: muting(right("Contact"))})
    assert judge(root, DIAGNOSIS).word("Team", DIAGNOSIS) == "latent"


def test_a_group_with_a_member_that_is_not_there_is_incomplete(layout):
    judged = judge(
        layout({SET: CARE, GROUP: group(["Care", "force__HealthCloudFoundation"])}), DIAGNOSIS, NOTES
    )
    assert judged.word("Team", DIAGNOSIS) == "yes"
    assert judged.word("Team", NOTES) == "unknown"
    assert "contains force__HealthCloudFoundation, which the project does not hold" in judged.doubt(
        "Team", NOTES
    )
    assert judged.word("Care", NOTES) == "no"


def test_what_a_group_gives_beside_an_absent_muting_set_is_only_possible(layout):
    judged = judge(layout({SET: CARE, GROUP: group(["Care"], ["Elsewhere"])}), DIAGNOSIS, NOTES)
    assert (judged.word("Team", DIAGNOSIS), judged.word("Team", NOTES)) == ("possible", "no")


def test_a_set_of_before_api_40_is_not_complete(tmp_path):
    judged = judge(mdapi(tmp_path, {**FIELDS, SET: CARE}, version="39.0"), DIAGNOSIS, NOTES)
    assert (judged.word("Care", DIAGNOSIS), judged.word("Care", NOTES)) == ("yes", "unknown")
    assert judged.doubt("Care", NOTES) == PARTIAL_SET


@pytest.mark.parametrize(("layout_of", "word"), [(mdapi, "unknown"), (project, "no")])
def test_without_a_version_only_source_format_is_known_to_be_young(tmp_path, layout_of, word):
    root = layout_of(tmp_path, {**FIELDS, SET: CARE}, version="")
    assert judge(root, NOTES).word("Care", NOTES) == word


def test_the_nearest_manifest_says_which_version(tmp_path):
    files = {"a/package.xml": package("58.0"), "b/package.xml": package("31.0")}
    files |= {f"{x}/permissionsets/{x.upper()}.permissionset": permission_set(label=x.upper()) for x in "ab"}
    files["a/objects/Contact.object"] = document(
        "CustomObject", element("fields", fullName="Notes__c", type="Text")
    )
    judged = judge(write(tmp_path, files), NOTES)
    assert (judged.word("A", NOTES), judged.word("B", NOTES)) == ("no", "unknown")


def test_a_session_based_set_can_be_activated(layout):
    text = permission_set(
        "<hasActivationRequired>true</hasActivationRequired>", right("Contact"), fls(DIAGNOSIS)
    )
    assert judge(layout({SET: text}), DIAGNOSIS).word("Care", DIAGNOSIS) == "activatable"


@pytest.mark.parametrize("name", ["ViewAllData", "viewalldata", "VIEWALLDATA"])
def test_system_permissions_are_found_in_any_case(layout, name):
    judged = judge(layout({SET: permission_set(system(name), fls(DIAGNOSIS))}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"


@pytest.mark.parametrize("text", ["ture", "True ", "TRUE", "1", "yes", "", "false"])
def test_only_the_word_true_is_a_grant(layout, text):
    root = layout({SET: permission_set(right("Contact"), fls(DIAGNOSIS, read=text))})
    expected = "yes" if text.strip().lower() == "true" else "no"
    assert judge(root, DIAGNOSIS).word("Care", DIAGNOSIS) == expected


def test_view_all_fields_that_a_file_does_not_mention_is_null_and_noted(layout):
    judged = judge(layout({SET: permission_set(right("Contact"))}), DIAGNOSIS)
    reading = judged.snapshot.readings[cat.OBJECT_PERMISSIONS.name]
    assert reading.table.column("PermissionsViewAllFields").to_pylist() == [None]
    assert "1 entries do not say whether they give View All Fields" in reading.note
    assert judged.word("Care", DIAGNOSIS) == "no"


def test_view_all_fields_shows_every_field(layout):
    judged = judge(layout({SET: permission_set(right("Contact", viewAllFields=True))}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"


# -- fields


@pytest.mark.parametrize(
    ("more", "securable"),
    [
        ({"required": True}, False),
        ({"required": False}, True),
        ({}, True),
        ({"kind": "MasterDetail", "referenceTo": "Account"}, False),
        ({"kind": "Lookup", "referenceTo": "Account"}, True),
    ],
)
def test_a_field_that_cannot_be_secured_is_open_to_whoever_sees_the_object(layout, more, securable):
    path = f"{SOURCE}/objects/Contact/fields/Plan__c.field-meta.xml"
    judged = judge(
        layout({path: field("Plan__c", **more), SET: permission_set(right("Contact"))}),
        "Contact.Plan__c",
    )
    assert judged.word("Care", "Contact.Plan__c") == ("no" if securable else "yes")


def test_a_permission_proves_a_field_that_nothing_defines(layout):
    root = layout(
        {SET: permission_set(right("Contact"), fls("Contact.Birthdate"), fls("Contact.Email", read=False))}
    )
    judged = judge(root, "Contact.Birthdate", "Contact.Email", "Contact.Phone")
    assert (judged.word("Care", "Contact.Birthdate"), judged.word("Care", "Contact.Email")) == ("yes", "no")
    assert judged.word("Care", "Contact.Phone") == "unknown"
    assert judged.doubt("Care", "Contact.Phone").startswith(
        "The definition of Contact.Phone could not be read."
    )
    assert {f.key: f.label for f in SEMANTICS.facts(judged.snapshot)}["Contact.Birthdate"] == "Birthdate"


def test_standard_fields_nobody_can_secure_are_there_without_a_file(layout):
    judged = judge(layout({SET: permission_set(right("Case"))}), "Case.ContactEmail", "Case.Comments")
    assert (
        judged.word("Care", "Case.ContactEmail") == judged.word("Care", "Case.Comments", Verb.READ) == "yes"
    )


def test_an_activity_field_is_on_tasks_and_events(layout):
    path = f"{SOURCE}/objects/Activity/fields/Reason__c.field-meta.xml"
    text = permission_set(system("ActivitiesAccess"), fls("Activity.Reason__c"))
    judged = judge(layout({path: field("Reason__c"), SET: text}), "Task.Reason__c")
    assert judged.word("Care", "Task.Reason__c") == judged.word("Care", "Event.Reason__c") == "yes"
    assert all(f.object != "Activity" for f in SEMANTICS.facts(judged.snapshot))


def test_parts_follow_their_address(layout):
    where = f"{SOURCE}/objects/Contact/fields/Home__c.field-meta.xml"
    text = permission_set(right("Contact"), fls("Contact.MailingAddress"))
    judged = judge(
        layout({where: field("Home__c", "Address"), SET: text}),
        "Contact.MailingStreet",
        "Contact.Home__Street__s",
    )
    assert judged.word("Care", "Contact.MailingStreet") == "yes"
    assert judged.word("Care", "Contact.Home__Street__s") == "no"


def test_what_a_definition_says_reaches_the_mapping(layout):
    path = f"{SOURCE}/objects/Contact/fields/Blood__c.field-meta.xml"
    text = document(
        "CustomField",
        "<fullName>Blood__c</fullName><label>Blood &lt;group&gt; = דם</label><type>Picklist</type>",
        "<description>As typed</description><inlineHelpText>A, B, O</inlineHelpText>",
        "<complianceGroup>HIPAA;PII</complianceGroup><securityClassification>Restricted</securityClassification>",
        "<trackHistory>true</trackHistory>",
        "<valueSet><valueSetDefinition><value><fullName>AB</fullName></value></valueSetDefinition></valueSet>",
    )
    found = {f.name: f for f in SEMANTICS.facts(schema_of(layout({path: text})))}["Blood__c"]
    assert (found.label, found.type, found.description) == ("Blood <group> = דם", "picklist", "As typed")
    assert (found.help_text, found.picklist) == ("A, B, O", ("AB",))
    assert (found.compliance, found.sensitivity, found.tracked) == (("HIPAA", "PII"), "Restricted", True)


def test_nothing_that_files_say_counts_as_a_right_of_a_credential(layout):
    path = f"{SOURCE}/objects/Contact/fields/Blood__c.field-meta.xml"
    values = (
        "<valueSet><valueSetDefinition><value><fullName>AB</fullName></value></valueSetDefinition></valueSet>"
    )
    text = document("CustomField", f"<fullName>Blood__c</fullName><type>Picklist</type>{values}")
    judged = judge(layout({path: text}), "Contact.Blood__c")
    assert judged.snapshot.table(cat.DESCRIBE).num_rows == 1
    assert SEMANTICS.surplus(judged.snapshot, {t.field: t for t in tags_of(["Contact.Blood__c"])}) == ()


@pytest.mark.parametrize(
    ("kind", "masked", "type_of"),
    [
        ("EncryptedText", True, "encryptedstring"),
        ("Text", False, "string"),
        ("LongTextArea", False, "textarea"),
    ],
)
def test_types_are_those_of_describe(layout, kind, masked, type_of):
    path = f"{SOURCE}/objects/Contact/fields/X__c.field-meta.xml"
    found = {f.name: f for f in SEMANTICS.facts(schema_of(layout({path: field("X__c", kind)})))}["X__c"]
    assert (found.type, found.masked) == (type_of, masked)


def test_formulas_and_roll_ups_are_calculated(layout):
    rollup = document(
        "CustomField",
        "<fullName>Worst__c</fullName><type>Summary</type><summaryOperation>max</summaryOperation>",
        "<summarizedField>Visit__c.Score__c</summarizedField>",
        element("summaryFilterItems", field="Visit__c.Open__c", operation="equals", value="True"),
    )
    root = layout(
        {
            f"{SOURCE}/objects/Contact/fields/Copy__c.field-meta.xml": field(
                "Copy__c", formula="Diagnosis__c & '<'"
            ),
            f"{SOURCE}/objects/Contact/fields/Worst__c.field-meta.xml": rollup,
        }
    )
    rows = {r["name"]: r for r in schema_of(root).table(cat.CALCULATIONS).to_pylist()}
    assert rows["Copy__c"]["formula"] == "Diagnosis__c & '<'"
    assert rows["Worst__c"]["summary_operation"] == "max"
    assert rows["Worst__c"]["summarized_field"] == "Visit__c.Score__c"
    assert rows["Worst__c"]["filter_fields"] == ["Visit__c.Open__c"]


def test_a_custom_setting_is_opened_by_its_own_access(layout):
    owner = document("CustomObject", "<label>Keys</label><customSettingsType>Hierarchy</customSettingsType>")
    text = permission_set(element("customSettingAccesses", enabled=True, name="Keys__c"))
    files = {SET: text, GROUP: group(["Care"]), OTHER: permission_set(label="Other")}
    files[f"{SOURCE}/objects/Keys__c/Keys__c.object-meta.xml"] = owner.replace(
        "</CustomObject>", element("fields", fullName="Token__c", type="Text") + "</CustomObject>"
    )
    judged = judge(layout(files), "Keys__c.Token__c")
    assert judged.word("Care", "Keys__c.Token__c") == judged.word("Team", "Keys__c.Token__c") == "yes"
    assert judged.word("Other", "Keys__c.Token__c") == "no"


# -- several files


def test_a_later_package_directory_overrides_entry_by_entry(tmp_path):
    first = profile(right("Contact"), fls(DIAGNOSIS), fls(NOTES))
    second = profile(fls(DIAGNOSIS, read=False), fls("Contact.Email"))
    files = {PROFILE: first, "later/profiles/Nurse.profile-meta.xml": second}
    root = project(tmp_path, {**FIELDS, **files}, packages=("force-app", "later"))
    judged = judge(root, DIAGNOSIS, NOTES, "Contact.Email")
    assert judged.word("Nurse", NOTES) == judged.word("Nurse", "Contact.Email") == "yes"
    assert judged.word("Nurse", DIAGNOSIS) == "unknown"
    assert len(judged.access.grants.people) == 1
    rows = judged.snapshot.table(SOURCE_FILES).to_pylist()
    assert [r["package_directory"] for r in rows if r["component"] == "Nurse"] == ["force-app", "later"]
    assert any("a later one overriding" in note for note in judged.snapshot.manifest.notes)


def test_of_two_files_side_by_side_both_count(tmp_path):
    files = {
        f"{x}/profiles/Nurse.profile": profile(right("Contact"), fls(DIAGNOSIS, read=x == "a")) for x in "ab"
    }
    files["a/objects/Contact.object"] = document(
        "CustomObject", element("fields", fullName="Diagnosis__c", type="Text")
    )
    assert judge(write(tmp_path, files), DIAGNOSIS).word("Nurse", DIAGNOSIS) == "yes"


def test_one_object_may_be_split_between_package_directories(tmp_path):
    files = {
        "a/objects/Contact/fields/A__c.field-meta.xml": field("A__c"),
        "b/objects/Contact/fields/B__c.field-meta.xml": field("B__c"),
        "b/objects/Contact/Contact.object-meta.xml": document(
            "CustomObject", "<sharingModel>Private</sharingModel>"
        ),
        "c/objects/Contact/fields/C__c.field-meta.xml": field("C__c"),
    }
    snapshot = schema_of(project(tmp_path, files, packages=("a", "b")))
    names = {f.name for f in SEMANTICS.facts(snapshot) if f.name.endswith("__c")}
    assert names == {"A__c", "B__c"}
    assert snapshot.table(cat.ENTITIES.name).column("InternalSharingModel").to_pylist() == ["Private"]
    assert "1 metadata file outside the package directories were not read." in snapshot.manifest.notes


def test_a_decomposed_set_is_one_set(tmp_path):
    folder = f"{SOURCE}/permissionsets/Care"
    files = {
        f"{folder}/Care.permissionset-meta.xml": permission_set(system("ExportReport")),
        f"{folder}/objectSettings/Contact.objectSettings-meta.xml": document(
            "PermissionSet", right("Contact"), fls(DIAGNOSIS)
        ),
        f"{folder}/ExportReport.userPermission-meta.xml": document(
            "userPermissions", "<enabled>true</enabled>", "<name>RunReports</name>"
        ),
    }
    judged = judge(project(tmp_path, {**FIELDS, **files}), DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"
    row = judged.snapshot.table(cat.PERMISSION_SETS.name).to_pylist()[0]
    assert (row["PermissionsExportReport"], row["PermissionsRunReports"], row["Label"]) == (
        True,
        True,
        "Care",
    )


@pytest.mark.parametrize(
    ("path", "kind", "component"),
    [
        ("permissionsets/Care.permissionset-meta.xml", "permissionset", "Care"),
        ("permissionsets/nurses/Care.permissionset-meta.xml", "permissionset", "Care"),
        ("permissionsets/Care/Care.permissionset-meta.xml", "permissionset", "Care"),
        ("permissionsets/nurses/Care/objectSettings/A.objectSettings-meta.xml", "permissionset", "Care"),
        ("permissionsets/Care/X.userPermission-meta.xml", "permissionset", "Care"),
        ("permissionsets/main/objects/A/fields/F__c.field-meta.xml", "field", "F__c"),
        ("x/Marketing %26 Ops.profile", "profile", "Marketing & Ops"),
        ("permissionsets/Care.tab-meta.xml", None, ""),
        ("permissionsets/objectSettings/A.objectSettings-meta.xml", None, ""),
        ("layouts/A.layout-meta.xml", None, ""),
        ("fields/F__c.field-meta.xml", None, ""),
        ("Care.permissionset-meta.xml.bak", None, ""),
    ],
)
def test_a_path_says_what_a_file_is(path, kind, component):
    found = recognised(path)
    assert (found.kind if found else None) == kind
    assert (found.component if found else "") == component


def test_namespace_tokens_stand_for_no_namespace(tmp_path):
    name = "%%%NAMESPACE%%%Visit__c"
    inner = element("fields", fullName="%%%NAMESPACE%%%Reason__c", type="Text")
    files = {
        "src/objects/___NAMESPACE___Visit__c.object": document("CustomObject", inner),
        "src/permissionsets/Care.permissionset": permission_set(
            right(name), fls(f"{name}.%%%NAMESPACE%%%Reason__c")
        ),
        "src/package.xml": package("60.0"),
    }
    judged = judge(write(tmp_path, files), "Visit__c.Reason__c")
    assert judged.word("Care", "Visit__c.Reason__c") == "yes"
    assert any("%%%NAMESPACE%%%" in note for note in judged.snapshot.manifest.notes)


# -- people and honesty


def test_every_container_is_somebody(layout):
    files = {SET: CARE, GROUP: group(["Care"]), PROFILE: profile()}
    judged = judge(layout(files), DIAGNOSIS)
    people = judged.access.grants.people
    assert sorted(p.name for p in people) == [
        "whoever holds permission set group “Team”",
        "whoever holds permission set “Care”",
        "whoever holds profile “Nurse”",
    ]
    assert {p.kind.value for p in people} == {"holder"}
    nurse = next(p for p in people if p.profile)
    assert (nurse.profile, nurse.licence) == ("Nurse", "Salesforce")
    assert {s for p in people for s in p.sets} == {"Care", "Team"}


def test_ids_have_the_right_form_and_stay_the_same(tmp_path):
    files = {**FIELDS, SET: CARE, GROUP: group(["Care"], ["Quiet"]), MUTING: muting(), PROFILE: profile()}
    one = judge(project(tmp_path / "one", files), DIAGNOSIS).snapshot
    other = judge(project(tmp_path / "other", files), DIAGNOSIS).snapshot
    for name, prefix in (
        (cat.USERS, "005"),
        (cat.PROFILES, "00e"),
        (cat.PERMISSION_SETS, "0PS"),
        (cat.GROUPS, "0PG"),
        (cat.MUTING_SETS, "0QM"),
    ):
        ids = one.table(name.name).column("Id").to_pylist()
        assert ids
        assert all(len(i) == 18 and i.startswith(prefix) and i.isalnum() for i in ids)
    assert one.manifest.org_id == other.manifest.org_id
    assert {n: r.table for n, r in one.readings.items()} == {n: r.table for n, r in other.readings.items()}


def test_columns_are_those_of_a_live_org(layout):
    judged = judge(layout({SET: CARE}), DIAGNOSIS)
    for query in cat.QUERIES:
        if query.name in judged.snapshot.readings:
            assert judged.snapshot.table(query.name).schema == query.schema


def test_source_does_not_pass_for_an_org(layout):
    judged = judge(layout({SET: CARE}), DIAGNOSIS)
    for name in (cat.USERS.name, REAL_ASSIGNMENTS, cat.PARTICLES.name):
        unread = judged.snapshot.unread(name)
        assert unread is not None
        assert unread.why is Why.NOT_COLLECTED
    assert "people, assignments" in judged.snapshot.manifest.notes[0]


def test_an_object_nobody_names_may_have_object_permissions(layout):
    path = f"{SOURCE}/objects/CareProgram/fields/X__c.field-meta.xml"
    judged = judge(layout({path: field("X__c"), SET: CARE}), "CareProgram.X__c")
    assert judged.word("Care", "CareProgram.X__c") == "unknown"
    assert judged.doubt("Care", "CareProgram.X__c") == (
        "Whether CareProgram has object permissions could not be read."
    )


def test_names_are_decoded_and_kept_as_they_are(tmp_path):
    name = "Marketing %26 Ops %3D שיווק"
    label = "צוות <Care> = & “x”"
    files = {
        f"{SOURCE}/profiles/{name}.profile-meta.xml": profile(right("Contact"), fls(DIAGNOSIS)),
        SET: permission_set(label=label),
    }
    judged = judge(project(tmp_path, {**FIELDS, **files}), DIAGNOSIS)
    assert judged.word("Marketing & Ops = שיווק", DIAGNOSIS) == "yes"
    assert judged.person(label)


def test_scope_patterns_choose_objects(layout):
    path = f"{SOURCE}/objects/Visit__c/fields/X__c.field-meta.xml"
    root = layout({path: field("X__c"), SET: CARE})

    def names(scope):
        return schema_of(root, scope).table(cat.ENTITIES.name).column("QualifiedApiName").to_pylist()

    assert names(Scope()) == ["Contact", "Visit__c"]
    assert names(Scope(include=("*__c",))) == ["Visit__c"]
    assert names(Scope(exclude=("Con*",))) == ["Visit__c"]
    assert names(Scope(objects=("Contact", "Lead"))) == ["Contact"]
