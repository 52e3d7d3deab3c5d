"""The administrator's questions, asked of a planted clinic through the program: why, why not, who, what, lapses."""

from __future__ import annotations

import json

import pytest

from sandbox.salesforce import running
from tests.program.planted_org import DIAGNOSIS, DRUG, GROUP, NOW, SET, USER, inside, planted, write_tags
from tests.program.programs import crm_audit, door

HOSTILE = "=cmd\n\x1b[31mred\u202e"
LASTNAME, ALLERGY = "Contact.LastName", "Contact.Allergy__c"
ADDED = {"hostile": "0PSx00000000009AAA", "edit": "0PSx0000000000AAAA", "everything": "0PSx0000000000BAAA"}


def asked_org() -> dict:
    """The planted clinic with an end to one assignment, one that ended, and a hostile label."""
    org = planted()
    org["objects"]["Contact"]["fields"] += [
        {"name": "LastName", "permissionable": False},
        {"name": "Allergy__c"},
    ]
    tables = org["tables"]
    for key, more in (
        ("hostile", {"Label": HOSTILE}),
        ("edit", {"Label": "Editors", "PermissionsExportReport": True, "PermissionsManageUsers": True}),
        ("everything", {"Label": "See all", "PermissionsViewAllData": True}),
    ):
        tables["PermissionSet"].append(
            {"Id": ADDED[key], "Name": key, "Label": key, "Type": "Regular", "IsCustom": True, **more}
        )
    tables["ObjectPermissions"].append(
        {
            "ParentId": ADDED["edit"],
            "SobjectType": "Contact",
            "PermissionsRead": True,
            "PermissionsEdit": True,
        }
    )
    tables["FieldPermissions"] += [
        {
            "ParentId": ADDED[key],
            "SobjectType": "Contact",
            "Field": field,
            "PermissionsRead": True,
            "PermissionsEdit": key == "edit",
        }
        for key, field in (("hostile", DRUG), ("edit", DRUG), ("hostile", ALLERGY))
    ]

    def assign(number: int, user: str, container: str, **more: object) -> None:
        tables["PermissionSetAssignment"].append(
            {
                "Id": f"0Pax000000000{number}AAA",
                "AssigneeId": USER[user],
                "PermissionSetId": container,
                "IsActive": True,
                **more,
            }
        )

    assign(10, "flyer", SET["field"], ExpirationDate="2026-11-22T00:00:00Z")
    assign(11, "flyer", ADDED["edit"], ExpirationDate="2026-12-01T00:00:00Z")
    assign(12, "nurse", ADDED["edit"], ExpirationDate="2026-12-20T00:00:00Z")
    assign(13, "auditor", ADDED["everything"])
    return org


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """Questions about one saved snapshot of the clinic."""
    folder = tmp_path_factory.mktemp("clinic")
    tags = {DIAGNOSIS: "diagnosis", DRUG: "medication", LASTNAME: "diagnosis", ALLERGY: "diagnosis"}
    write_tags(folder, phi=tags)
    with running(asked_org()) as served:
        ran = inside(folder, served, "collect", "kept", "salesforce", "--tags", "tags.json", "-q")
        assert ran.code in {0, 4}, ran.err  # what no question needs may be out of reach

        def ask(*words: str, at: str = NOW):
            return inside(folder, served, *words, "--snapshot", "kept", "--tags", "tags.json", "--as-of", at)

        yield ask
        assert served.writes() == []


def why(clinic, who: str, field: str, **more) -> str:
    ran = clinic("why", f"{who}@clinic.example", field, **more)
    assert ran.code == 0, ran.err
    return ran.out


def section(text: str, heading: str) -> list[str]:
    """The lines under a heading, without their indentation."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip() == heading)
    depth = len(lines[at]) - len(lines[at].lstrip())
    found = []
    for line in lines[at + 1 :]:
        if len(line) - len(line.lstrip()) <= depth:
            break
        found.append(line.strip())
    return found


def test_yes_comes_with_its_path(clinic):
    text = why(clinic, "flyer", DIAGNOSIS)
    assert "Flyer <flyer@clinic.example>: Contact.Diagnosis__c\n  read: yes    edit: no\n" in text
    assert section(text, "read:") == [
        f"object Contact: profile “marketing” [{SET['marketing']}]",
        f"object Contact: permission set “Editors” [expires 2026-12-01] [{ADDED['edit']}]",
        f"field: profile “marketing” [{SET['marketing']}]",
    ]
    assert "why not read" not in text
    assert "records of Contact within reach: " in text
    assert section(text, "why not edit:") == [
        "field Contact.Diagnosis__c: closed",
        "nobody can: no container in this org opens it",
    ]


def test_what_ends_and_what_remains(clinic):
    text = why(clinic, "flyer", DRUG)
    assert "  read: yes    edit: yes\n" in text
    editors = f"permission set “Editors” [{ADDED['edit']}]"
    assert f"  lapses 2026-12-01 00:00 UTC: {editors}; read yes becomes no, edit yes becomes no\n" in text
    text = why(clinic, "flyer", DIAGNOSIS)
    assert f"{editors}; nothing changes: what remains opens it too\n" in text


def test_judged_on_another_day_the_assignment_has_ended(clinic):
    text = why(clinic, "flyer", DRUG, at="2026-12-01")
    assert "  read: no    edit: no\n" in text
    found = section(text, "why not read:")
    assert found[0] == "field Contact.Drug__c: closed"
    assert (
        f"permission set “Editors” [{ADDED['edit']}], held by 1 person: assignment ended: expired 2026-12-01"
        in found
    )
    assert "  read: yes" in why(clinic, "flyer", DRUG, at="2026-11-30")


def test_latent_lacks_the_object_alone(clinic):
    text = why(clinic, "latent", DRUG)
    assert "  read: latent    edit: no\n" in text
    assert "    object: nothing opens it, so the grant on the field is latent\n" in text
    found = section(text, "why not read:")
    assert found[0] == "object Contact: closed"
    assert not any(line.startswith("field ") for line in found)
    all_data = f"permission set “See all” (View All Data) [{ADDED['everything']}:ViewAllData]"
    assert f"{all_data}, held by 1 person: not assigned to Latent" in found
    assert (
        f"assigning permission set “See all” [{ADDED['everything']}] (1 person holds it) would open object"
        " Contact; read would be yes" in found
    )


def test_muted_in_the_group_is_told(clinic):
    text = why(clinic, "muted", DIAGNOSIS)
    found = section(text, "why not read:")
    assert found[:2] == [
        "field Contact.Diagnosis__c: closed",
        f"permission set group “Insights” [{SET['group']}]: muted in the group by “Quiet”, though “care” carries it",
    ]
    assert any(line.startswith("taking Contact.Diagnosis__c out of “Quiet” would let") for line in found)
    assert GROUP not in text  # a group goes by the id of its aggregate everywhere


def test_session_based_needs_activation(clinic):
    text = why(clinic, "session", DRUG)
    assert "  read: activatable    edit: no\n" in text
    found = section(text, "why not read:")
    lookup = f"permission set “lookup” [{SET['lookup']}]"
    assert found[0] == "field Contact.Drug__c: open only once activated"
    assert f"{lookup}, held by 2 people: needs activation (session-based, not activated)" in found
    assert f"activating {lookup} would open field Contact.Drug__c; read would be yes" in found


def test_what_was_assigned_and_ended(clinic):
    found = section(why(clinic, "flyer", DRUG, at="2026-12-02"), "why not read:")
    field = f"permission set “field” [{SET['field']}]"
    assert f"{field}, held by 1 person: assignment ended: expired 2026-11-22" in found


def test_what_cannot_be_secured_needs_the_object_alone(clinic):
    text = why(clinic, "latent", LASTNAME)
    assert "  read: no    edit: no\n" in text
    found = section(text, "why not read:")
    assert found[:2] == [
        "the field cannot be secured: it is open to whoever passes the object gate",
        "object Contact: closed",
    ]


def test_an_object_that_is_open_with_a_field_that_is_not(clinic):
    found = section(why(clinic, "auditor", DRUG), "why not read:")
    assert found[0] == "field Contact.Drug__c: closed"
    editors = f"permission set “Editors” [{ADDED['edit']}]"
    assert (
        f"assigning {editors} (2 people hold it) would open field Contact.Drug__c; read would be yes" in found
    )
    lookup = f"permission set “lookup” [{SET['lookup']}], held by 2 people"
    assert f"{lookup}: not assigned to Auditor; it would need activation too" in found
    care = f"giving the profile “care” [{SET['care']}] (1 person holds it) in place of profile “audit”"
    assert any(line.startswith(care) for line in found)


def test_no_single_container_but_two_together(clinic):
    found = section(why(clinic, "latent", ALLERGY), "why not read:")
    hostile = f"permission set “=cmd⏎␛[31mred⟨U+202E⟩” [{ADDED['hostile']}]"
    editors = f"permission set “Editors” [{ADDED['edit']}]"
    assert found[-1] == f"together, {editors} and {hostile} would make it yes"
    assert (
        f"assigning {hostile} (nobody holds it) would open field Contact.Allergy__c; read would be latent,"
        " since object Contact would still be closed" in found
    )


def test_each_gate_that_would_stay_closed_is_named(clinic):
    found = section(why(clinic, "latent", DIAGNOSIS), "why not read:")
    assert "object Contact: closed" in found
    assert "field Contact.Diagnosis__c: closed" in found
    assert any(line.endswith("since field Contact.Diagnosis__c would still be closed") for line in found)


def test_dormant_is_back_at_once(clinic):
    text = why(clinic, "gone", DRUG)
    assert text.startswith("Gone <gone@clinic.example> (inactive): Contact.Drug__c\n  read: dormant")
    assert section(text, "why not read:") == [
        "the account is inactive; switched on again, all it holds is back at once"
    ]


def test_hostile_labels_are_inert(clinic):
    text = why(clinic, "muted", LASTNAME) + why(clinic, "auditor", DRUG) + clinic("who", DRUG).out
    assert "“=cmd⏎␛[31mred⟨U+202E⟩”" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_who_counts_first_then_tells_by_path(clinic):
    ran = clinic("who", DRUG)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("Contact.Drug__c: medication (clinical). Given as ")
    assert lines[1] == "  8 people looked at: 3 yes, 1 activatable, 1 latent, 2 no, 1 dormant"
    assert section(ran.out, "by audience:") == [
        "guest (reading is not allowed): 1 no",
        "marketing (reading is not allowed): 1 yes, 1 activatable",
        "unclassified (reading is not allowed): 2 yes, 1 latent, 1 no, 1 dormant",
    ]
    assert f"profile “care” [{SET['care']}]: 2 people" in section(ran.out, "by what opens the field itself:")
    paths = section(ran.out, "by path:")
    assert "1 person, marketing: read yes (not allowed), edit yes (not allowed)" in paths
    assert "Gone (inactive)" in paths


def test_who_of_one_audience_with_one_word(clinic):
    ran = clinic("who", DRUG, "--audience", "marketing", "--word", "activatable", "--all")
    assert "  2 people looked at: 1 yes, 1 activatable\n" in ran.out
    assert [line for line in section(ran.out, "by path:") if line.startswith("- ")] == [
        "- Session <session@clinic.example>"
    ]
    ran = clinic("who", DRUG, "--word", "no", "--all")
    people = {line for line in section(ran.out, "by path:") if line.startswith("- ")}
    assert people == {"- Auditor <auditor@clinic.example>", "- Guest <guest@clinic.example>"}
    assert clinic("who", DRUG, "--word", "never").code == 2
    ran = clinic("who", DRUG, "--audience", "sales")
    assert (ran.code, "marketing" in ran.err) == (2, True)


def test_what_somebody_can_see(clinic):
    text = clinic("what", "flyer@clinic.example").out
    assert "  audience: marketing (profile “marketing”)\n" in text
    assert "  3 of 4 tagged fields are open in some way or unsettled:\n" in text
    assert section(text, "medication (clinical), reading not allowed:") == [
        "Contact.Drug__c: read yes, edit yes"
    ]
    editors = f"permission set “Editors” [{ADDED['edit']}]"
    assert f"      through {editors}: Drug__c\n" in text
    assert f"  could obtain more by: Manage Users, through {editors}\n" in text
    exports = "  could take data out by: Export Reports"
    assert f"{exports}, through {editors}, good for nothing without RunReports\n" in text
    assert section(text, "lapses:") == [
        f"2026-12-01 00:00 UTC: {editors}",
        "read yes becomes no: Contact.Drug__c",
        "edit yes becomes no: Contact.Drug__c, Contact.LastName",
        "rights that end: Export Reports, Manage Users",
    ]
    assert "  assignments that count for nothing: 1 (expired 2026-11-22)\n" in text


def test_what_lapses(clinic):
    ran = clinic("lapses")
    assert ran.out.splitlines() == [
        "2 assignments end between 2026-11-24 03:00 UTC and 2026-12-24 03:00 UTC, of 2 people.",
        "A verdict about a tagged field changes for 2 people.",
        "Rights, or how values show, change for 2 people.",
        "2026-12-01 00:00 UTC  Flyer <flyer@clinic.example>",
        f"  permission set “Editors” [{ADDED['edit']}]",
        "    read yes becomes no: Contact.Drug__c",
        "    edit yes becomes no: Contact.Drug__c, Contact.LastName",
        "    rights that end: Export Reports, Manage Users",
        "2026-12-20 00:00 UTC  Nurse <nurse@clinic.example>",
        f"  permission set “Editors” [{ADDED['edit']}]",
        "    edit yes becomes no: Contact.Drug__c, Contact.LastName",
        "    rights that end: Export Reports, Manage Users",
    ]
    assert "Nurse" not in clinic("lapses", "--days", "10").out
    assert clinic("lapses", "--days", "3").out == (
        "0 assignments end between 2026-11-24 03:00 UTC and 2026-11-27 03:00 UTC.\n"
    )


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("why", "nurs@clinic.example", DRUG), "hint: Did you mean nurse@clinic.example"),
        (("why", "nurse@clinic.example", "Contact.Drag__c"), "hint: Did you mean Contact.Drug__c"),
        (("what", "\x1b[2Jnobody"), "error: Nobody here is called “␛[2Jnobody”."),
        (("who", "Nothing.Like__it"), "hint: Tag it in a mapping file."),
    ],
)
def test_whatever_is_not_there_is_a_usage_error(clinic, words, hint):
    ran = clinic(*words)
    assert ran.code == 2
    assert hint in ran.err
    assert "\x1b" not in ran.err


def test_unknown_because_it_was_refused(tmp_path):
    org = planted(computed=False, permissions=["ApiEnabled"])
    write_tags(tmp_path)
    with running(org) as served:
        words = ("salesforce", "--tags", "tags.json", "--as-of", NOW)
        text = inside(tmp_path, served, "why", USER["latent"], DRUG, *words).out
        who = inside(tmp_path, served, "who", DRUG, *words).out
        what = inside(tmp_path, served, "what", USER["latent"], *words).out
        ends = inside(tmp_path, served, "lapses", *words).out
    assert "  read: unknown    edit: unknown\n" in text
    assert any(line.startswith("it could not be settled: ") for line in section(text, "why not read:"))
    assert "nobody can" not in text
    assert "unknown" in who.splitlines()[1]
    assert "      not settled: " in who
    assert "  not settled: " in what
    assert "Not everything could be read, so there may be more: " in ends


LICENCE, CLEAR, ABSENT = "0PLx00000000001AAA", "0PSx0000000000CAAA", "0PSx0000000000DAAA"


def test_every_kind_of_end_and_of_loss_is_told(tmp_path):
    """A right to decrypt, a licence, and a set that was not returned; of a field that is not there nobody can say."""
    org = planted()
    org["objects"]["Contact"]["fields"].append({"name": "Ssn__c", "type": "encryptedstring"})
    tables = org["tables"]
    more = {"Name": "clear", "Label": "Clear", "Type": "Regular", "IsCustom": True}
    tables["PermissionSet"].append({"Id": CLEAR, **more, "PermissionsViewEncryptedData": True})
    (field,) = [row for row in tables["PermissionSet"] if row["Id"] == SET["field"]]
    field["LicenseId"] = LICENCE
    tables["PermissionSetLicense"] = [
        {"Id": LICENCE, "MasterLabel": "Health", "Status": "Active", "ExpirationDate": "2026-12-03"}
    ]
    tables["FieldPermissions"].append(
        {
            "ParentId": SET["care"],
            "SobjectType": "Contact",
            "Field": "Contact.Ssn__c",
            "PermissionsRead": True,
        }
    )
    for number, user, container, day in ((20, "nurse", CLEAR, 1), (21, "flyer", ABSENT, 2)):
        tables["PermissionSetAssignment"].append(
            {
                "Id": f"0Pax000000000{number}AAA",
                "AssigneeId": USER[user],
                "PermissionSetId": container,
                "IsActive": True,
                "ExpirationDate": f"2026-12-0{day}T00:00:00Z",
            }
        )
    write_tags(tmp_path, phi={DRUG: "medication", "Contact.Ssn__c": "ssn", "Contact.Gone__c": "diagnosis"})
    with running(org) as served:
        words = ("salesforce", "--tags", "tags.json", "--as-of", NOW)
        ends = inside(tmp_path, served, "lapses", *words).out.splitlines()
        blind = inside(tmp_path, served, "why", USER["flyer"], DRUG, *words).out
        text = inside(tmp_path, served, "why", USER["nurse"], "Contact.Ssn__c", *words).out
    unsettled = "what is lost of 1 field that is unknown anyway could not be settled: The org shows no field"
    days = "2026-11-24 03:00 UTC and 2026-12-24 03:00 UTC"
    assert ends == [
        f"2 assignments end and 1 assignment loses its licence between {days}, of 3 people.",
        "A verdict about a tagged field changes for nobody.",
        "Rights, or how values show, change for 1 person.",
        "Not everything that is lost could be settled for 3 people.",
        "2026-12-01 00:00 UTC  Nurse <nurse@clinic.example>",
        f"  permission set “Clear” [{CLEAR}]",
        "    values show masked instead of clear: Contact.Ssn__c",
        "    rights that end: View Encrypted Data",
        f"    {unsettled} Contact.Gone__c.",
        "2026-12-02 00:00 UTC  Flyer <flyer@clinic.example>",
        f"  a set that was not looked at [{ABSENT}]",
        f"    what is lost could not be settled: The assigned permission set {ABSENT} was not returned.",
        "2026-12-03 00:00 UTC  Latent <latent@clinic.example>",
        f"  the licence of permission set “field” [{SET['field']}]",
        f"    {unsettled} Contact.Gone__c.",
        "    no other loss: no verdict about a tagged field changes, nor any right",
    ]
    absent = f"a set that was not looked at [{ABSENT}]"
    assert f"  lapses 2026-12-02 00:00 UTC: {absent}; what is lost could not be settled\n" in blind
    clear = f"permission set “Clear” [{CLEAR}]"
    assert f"  lapses 2026-12-01 00:00 UTC: {clear}; values show masked instead of clear\n" in text


def test_possible_says_what_is_not_settled_and_derived_where_it_comes_from(tmp_path):
    """The group is out of date: its stored row gives what its parts less its mutes do not."""
    org = planted()
    org["objects"]["Contact"]["fields"].append({"name": "Copy__c", "calculatedFormula": "Diagnosis__c"})
    (group,) = org["tables"]["PermissionSetGroup"]
    group["Status"] = "Outdated"
    stored = {"ParentId": SET["group"], "SobjectType": "Contact", "Field": DIAGNOSIS, "PermissionsRead": True}
    org["tables"]["FieldPermissions"].append(stored)
    write_tags(tmp_path)
    with running(org) as served:
        words = ("salesforce", "--tags", "tags.json", "--as-of", NOW)
        text = inside(tmp_path, served, "why", USER["muted"], DIAGNOSIS, *words).out
        copy = inside(tmp_path, served, "why", USER["muted"], "contact.copy__C", *words).out
    assert "  read: possible    edit: no\n" in text
    found = section(text, "why not read:")
    insights = f"permission set group “Insights” [{SET['group']}], held by 1 person"
    assert found[0] == "field Contact.Diagnosis__c: open only possibly"
    status = "[the group's status is Outdated]"
    assert f"{insights}: possible only: the same group mutes the field by “Quiet” {status}" in found
    derived = "  derived: Contact.Copy__c shows what Contact.Diagnosis__c holds: a formula (salesforce F14)\n"
    assert derived in copy
    assert "  why not edit: it is computed, and nobody can edit it\n" in copy


def test_nobody_can_is_not_said_where_a_container_was_not_returned(tmp_path):
    org = planted()
    tables = org["tables"]
    tables["PermissionSet"] = [r for r in tables["PermissionSet"] if r["Id"] != SET["ideas"]]
    write_tags(tmp_path)
    with running(org) as served:
        words = (DIAGNOSIS, "salesforce", "--tags", "tags.json", "--as-of", NOW)
        blind = inside(tmp_path, served, "why", USER["muted"], *words).out
        other = inside(tmp_path, served, "why", USER["nurse"], *words).out
    assert "    it could not be settled: The permission set of the profile" in blind
    assert "nothing that was read opens it" in other
    assert "nobody can" not in blind + other


def test_several_orgs_need_one_name(tmp_path):
    targets = [
        {
            "name": name,
            "platform": "salesforce",
            "instance_url": "https://acme.my.salesforce.com",
            "auth": {"session": {"access_token": {"env": "SF_ACCESS_TOKEN"}}},
        }
        for name in ("acme", "beta")
    ]
    (tmp_path / "crm-audit.yaml").write_text(json.dumps({"version": 1, "targets": targets}), encoding="utf-8")
    ran = crm_audit(tmp_path, "why", "a", DRUG, "-c", "crm-audit.yaml", SF_ACCESS_TOKEN="00Dx!abc")
    assert ran.code == 2, ran.err
    assert "error: A question is about one org, and this configuration has 2.\n" in ran.err
    assert "hint: Name one after the question: acme, beta.\n" in ran.err


def test_asked_of_the_org_itself_as_its_own_process(tmp_path):
    write_tags(tmp_path)
    with running(planted()) as served:
        words = ("why", USER["nurse"], DRUG, "salesforce", "--tags", "tags.json", "--as-of", NOW)
        ran = crm_audit(tmp_path, *words, **door(served))
        assert served.writes() == []
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Nurse <nurse@clinic.example>: Contact.Drug__c\n  read: yes")


def test_many_sources_are_cut_short_unless_all_are_asked_for(tmp_path):
    org = planted()
    for number in range(15):
        key = f"0PSx000000001{number:02}AAA"
        org["tables"]["PermissionSet"].append(
            {
                "Id": key,
                "Name": f"more{number}",
                "Label": f"More {number}",
                "Type": "Regular",
                "IsCustom": True,
            }
        )
        org["tables"]["FieldPermissions"].append(
            {"ParentId": key, "SobjectType": "Contact", "Field": DRUG, "PermissionsRead": True}
        )
    write_tags(tmp_path)
    with running(org) as served:
        inside(tmp_path, served, "collect", "kept", "salesforce", "--tags", "tags.json", "-q")
        words = ("why", USER["flyer"], DRUG, "--snapshot", "kept", "--tags", "tags.json")
        short, long = inside(tmp_path, served, *words).out, inside(tmp_path, served, *words, "--all").out
    assert short.count("      and 9 more (use --all)\n") == 2
    assert "more (use --all)" not in long
    assert long.count("“More ") == 30
