"""The demo org is what its stories say: sizes, ids, references, aggregates, verdicts and canaries."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sandbox.salesforce.clinic import (
    AUDIENCES,
    CANARY,
    CLINICAL_FIELDS,
    INNOCENT,
    PLANTED,
    Planted,
    clinic_org,
)
from sandbox.salesforce.clinic_grants import GROUPS, PERMISSION_SETS, PROFILE_GRANTS
from sandbox.salesforce.clinic_people import PEOPLE, user_id
from sandbox.salesforce.clinic_records import RECORD_COUNTS
from sandbox.salesforce.clinic_schema import CARE_KINDS, FIELDS, HOSTILE_LABELS
from sandbox.salesforce.fixture import Org, load_fixture
from sandbox.salesforce.ids import to_18
from sandbox.salesforce.oracle import derived_phi, unreadable_fields, verdicts

ROOT = Path(__file__).parents[2]
Rows = list[dict[str, Any]]

PREFIXES = {
    "User": "005",
    "UserLogin": "0Yw",
    "UserRole": "00E",
    "UserLicense": "100",
    "Profile": "00e",
    "PermissionSet": "0PS",
    "PermissionSetGroup": "0PG",
    "PermissionSetGroupComponent": "0PM",
    "MutingPermissionSet": "0QM",
    "PermissionSetLicense": "0PL",
    "PermissionSetAssignment": "0Pa",
    "ObjectPermissions": "110",
    "FieldPermissions": "01k",
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Case": "500",
    "Opportunity": "006",
    "Campaign": "701",
    "CampaignMember": "00v",
    "Task": "00T",
    "Event": "00U",
}

REFERENCES = {
    ("User", "ProfileId"): ("Profile",),
    ("User", "UserRoleId"): ("UserRole",),
    ("UserRole", "ParentRoleId"): ("UserRole",),
    ("Profile", "UserLicenseId"): ("UserLicense",),
    ("UserLogin", "UserId"): ("User",),
    ("PermissionSet", "ProfileId"): ("Profile",),
    ("PermissionSet", "PermissionSetGroupId"): ("PermissionSetGroup",),
    ("PermissionSet", "LicenseId"): ("PermissionSetLicense",),
    ("PermissionSetAssignment", "AssigneeId"): ("User",),
    ("PermissionSetAssignment", "PermissionSetId"): ("PermissionSet",),
    ("PermissionSetAssignment", "PermissionSetGroupId"): ("PermissionSetGroup",),
    ("PermissionSetGroupComponent", "PermissionSetGroupId"): ("PermissionSetGroup",),
    ("PermissionSetGroupComponent", "PermissionSetId"): ("PermissionSet", "MutingPermissionSet"),
    ("PermissionSetLicenseAssign", "AssigneeId"): ("User",),
    ("PermissionSetLicenseAssign", "PermissionSetLicenseId"): ("PermissionSetLicense",),
    ("PermissionSetTabSetting", "ParentId"): ("PermissionSet",),
    ("FieldPermissions", "ParentId"): ("PermissionSet", "MutingPermissionSet"),
    # Licence rows are ceilings: they are there to be told apart from grants.
    ("ObjectPermissions", "ParentId"): (
        "PermissionSet",
        "MutingPermissionSet",
        "PermissionSetLicense",
        "UserLicense",
    ),
    ("Site", "GuestUserId"): ("User",),
    ("Dashboard", "FolderId"): ("Folder",),
    ("Dashboard", "RunningUserId"): ("User",),
    ("OauthToken", "UserId"): ("User",),
    ("SetupAuditTrail", "CreatedById"): ("User",),
    ("LeadShare", "LeadId"): ("Lead",),
    ("LeadShare", "UserOrGroupId"): ("User",),
}


def rows(org: Mapping[str, Any], table: str) -> Rows:
    listed = org["tables"].get(table, [])
    if isinstance(listed, dict):
        return [dict(zip(listed["columns"], row, strict=True)) for row in listed["rows"]]
    return list(listed)


@pytest.fixture(scope="module")
def org() -> dict[str, Any]:
    return clinic_org()


@pytest.fixture(scope="module")
def judge(org: dict[str, Any]) -> "Judge":
    return Judge(org)


# Sizes


def test_it_has_the_size_of_a_clinic_group(org: dict[str, Any]) -> None:
    kinds = Counter(row["Type"] for row in rows(org, "PermissionSet"))
    assert len(rows(org, "User")) >= 60
    assert kinds == {"Profile": 12, "Regular": 25, "Session": 1, "Group": 5}
    assert len(rows(org, "Profile")) == 12
    assert len(rows(org, "MutingPermissionSet")) == 4
    assert Counter(row["Status"] for row in rows(org, "PermissionSetGroup")) == {"Updated": 4, "Outdated": 1}
    assert sum(len(described["fields"]) for described in org["objects"].values()) >= 400
    assert sum(len(rows(org, table)) for table in RECORD_COUNTS) == 20_000


def test_every_user_is_in_one_audience(org: dict[str, Any]) -> None:
    placed = [user for users in AUDIENCES.values() for user in users]
    assert Counter(placed) == Counter(row["Id"] for row in rows(org, "User"))
    assert all(AUDIENCES.values())


def test_marketing_people_show_several_signs(org: dict[str, Any]) -> None:
    users = {row["Id"]: row for row in rows(org, "User")}
    for user in AUDIENCES["marketing"]:
        assert users[user]["Department"] in {"Marketing", "Growth"}
    assert any(users[user]["UserPermissionsMarketingUser"] for user in AUDIENCES["marketing"])
    assert not any(
        row["UserPermissionsMarketingUser"] for key, row in users.items() if key not in AUDIENCES["marketing"]
    )


def test_some_users_are_gone_frozen_or_not_staff(org: dict[str, Any]) -> None:
    users = rows(org, "User")
    assert sum(not row["IsActive"] for row in users) == 3
    assert sum(row["IsFrozen"] for row in rows(org, "UserLogin")) == 1
    assert Counter(row["UserType"] for row in users if row["UserType"] != "Standard") == {
        "Guest": 1,
        "PowerPartner": 1,
    }


def test_the_auditor_is_the_least_privileged_integration(org: dict[str, Any]) -> None:
    running = org["running_user"]
    assert running["id"] == user_id("audit")
    assert running["permissions"] == ["ApiEnabled", "ViewSetup", "ViewRoles"]
    assert running["computed"] is True


# The same every time


def _digest(org: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(org).encode()).hexdigest()


def test_two_calls_are_equal_and_share_nothing(org: dict[str, Any]) -> None:
    again = clinic_org()
    assert _digest(again) == _digest(org)
    again["tables"]["User"].clear()
    again["objects"]["Contact"]["fields"].clear()
    assert _digest(clinic_org()) == _digest(org)


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_makes_the_same(org: dict[str, Any], seed: str) -> None:
    script = (
        "import hashlib, json; from sandbox.salesforce.clinic import clinic_org; "
        "print(hashlib.sha256(json.dumps(clinic_org()).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == _digest(org)


# Ids and references


def test_ids_have_eighteen_characters_the_right_prefix_and_are_unique(org: dict[str, Any]) -> None:
    seen = Counter[str]()
    for table in org["tables"]:
        for row in rows(org, table):
            assert to_18(row["Id"][:15]) == row["Id"], row["Id"]
            assert row["Id"].startswith(PREFIXES.get(table, "")), (table, row["Id"])
            seen[row["Id"]] += 1
    assert [key for key, times in seen.items() if times > 1] == []


@pytest.mark.parametrize(("table", "column"), REFERENCES, ids=".".join)
def test_references_point_at_rows(org: dict[str, Any], table: str, column: str) -> None:
    known = {row["Id"] for target in REFERENCES[table, column] for row in rows(org, target)}
    pointed = [row[column] for row in rows(org, table) if row.get(column) is not None]
    assert pointed
    assert set(pointed) <= known


def test_record_references_point_at_records(org: dict[str, Any]) -> None:
    targets = {f.full_name: f.attributes["referenceTo"][0] for f in FIELDS if "referenceTo" in f.attributes}
    known = {table: {row["Id"] for row in rows(org, table)} for table in (*RECORD_COUNTS, "User")}
    for table in RECORD_COUNTS:
        for row in rows(org, table):
            for column, value in row.items():
                target = "User" if column == "OwnerId" else targets.get(f"{table}.{column}")
                assert target is None or value is None or value in known[target], (table, column, value)


def test_record_columns_are_fields(org: dict[str, Any]) -> None:
    automatic = {"Id", "Name", "OwnerId", "CreatedDate", "IsDeleted", "IsArchived"}
    listed = {field.full_name for field in FIELDS}
    for table in RECORD_COUNTS:
        for column in org["tables"][table]["columns"]:
            assert column in automatic or f"{table}.{column}" in listed, (table, column)


def test_permission_rows_name_grantable_fields_and_known_objects(org: dict[str, Any]) -> None:
    fields = {field.full_name: field for field in FIELDS}
    for row in rows(org, "FieldPermissions"):
        field = fields[row["Field"]]
        assert field.grantable, row["Field"]
        assert row["SobjectType"] == field.object
        assert not row["PermissionsEdit"] or field.writable
        assert row["PermissionsRead"] or row["ParentId"].startswith("0QM")
    gateless = {"Task", "Event", "User", "CampaignMember"}
    assert {row["SobjectType"] for row in rows(org, "ObjectPermissions")} == set(org["objects"]) - gateless


def test_object_rows_keep_salesforce_dependencies(org: dict[str, Any]) -> None:
    for row in rows(org, "ObjectPermissions"):
        if row["ParentId"].startswith("0PS"):
            assert row["PermissionsRead"]
            assert row["PermissionsEdit"] or not row["PermissionsDelete"]
            assert row["PermissionsViewAllRecords"] or not row["PermissionsModifyAllRecords"]


def test_activity_fields_are_mirrored_on_task_and_event(org: dict[str, Any]) -> None:
    custom = [row for row in rows(org, "FieldPermissions") if row["Field"].endswith("__c")]
    rights = {
        name: {
            (row["ParentId"], row["Field"].partition(".")[2], row["PermissionsEdit"])
            for row in custom
            if row["SobjectType"] == name
        }
        for name in ("Task", "Event")
    }
    assert rights["Task"] == rights["Event"]


def test_there_is_hostile_text_in_labels_and_names(org: dict[str, Any]) -> None:
    labels = {field["label"] for described in org["objects"].values() for field in described["fields"]}
    assert set(HOSTILE_LABELS.values()) <= labels
    names = {row["Name"] for row in rows(org, "User")}
    assert {"Dana\nWhitcombe", "=Robin Vale", "ליאור בן־עמי", "يوسف منصور", "陳美玲"} <= names
    assert {"=Web Lead Import (2019)", "🌱 Wellness Outcome Fields"} <= {
        r["Label"] for r in rows(org, "PermissionSet")
    }


def test_some_clinical_fields_are_classified_and_many_are_not() -> None:
    clinical = [field for field in FIELDS if field.full_name in CLINICAL_FIELDS]
    classified = [field for field in clinical if field.attributes.get("complianceGroup") == "HIPAA"]
    assert 15 <= len(classified) < len(clinical) / 2


def test_grants_name_fields_and_kinds_that_exist() -> None:
    grants = [*PROFILE_GRANTS.values(), *(spec.grant for spec in PERMISSION_SETS.values())]
    grants += [group.mutes for group in GROUPS.values() if group.mutes]
    grantable = {field.full_name for field in FIELDS if field.grantable}
    kinds = {field.kind for field in FIELDS} | {"health", "care", "all"}
    objects = {field.object for field in FIELDS} | {"Activity"}
    for word in " ".join(f"{grant.read} {grant.edit}" for grant in grants).split():
        owner, separator, names = word.partition(":")
        assert (owner in objects and set(names.split(",")) <= kinds) if separator else word in grantable, word


# Groups: the stored aggregate is the union of the components, less what is muted


class Rights:
    """What a container's rows give: field → letters, object → columns, system permissions."""

    def __init__(self, org: Mapping[str, Any], parent: str) -> None:
        self.fields = {
            row["Field"]: (row["PermissionsRead"], row["PermissionsEdit"])
            for row in rows(org, "FieldPermissions")
            if row["ParentId"] == parent
        }
        self.objects = {
            row["SobjectType"]: {key for key, given in row.items() if given is True}
            for row in rows(org, "ObjectPermissions")
            if row["ParentId"] == parent
        }
        table = "MutingPermissionSet" if parent.startswith("0QM") else "PermissionSet"
        row = next(row for row in rows(org, table) if row["Id"] == parent)
        self.system = {key for key, given in row.items() if key.startswith("Permissions") and given}


def _computed(org: Mapping[str, Any], group: str) -> Rights:
    parts = [
        row["PermissionSetId"]
        for row in rows(org, "PermissionSetGroupComponent")
        if row["PermissionSetGroupId"] == group
    ]
    total = Rights(org, parts[0])
    for part in parts[1:]:
        rights = Rights(org, part)
        if part.startswith("0QM"):
            total.system -= rights.system
            for name, (read, edit) in rights.fields.items():
                if read and name in total.fields:
                    del total.fields[name]
                elif edit and name in total.fields:
                    total.fields[name] = (total.fields[name][0], False)
            for name, columns in rights.objects.items():
                assert "PermissionsRead" not in columns, "a muted object read would need the wider rule"
                total.objects[name] = total.objects[name] - columns
        else:
            total.system |= rights.system
            for name, (read, edit) in rights.fields.items():
                before = total.fields.get(name, (False, False))
                total.fields[name] = (before[0] or read, before[1] or edit)
            for name, columns in rights.objects.items():
                total.objects[name] = total.objects.get(name, set()) | columns
    return total


def _aggregates(org: Mapping[str, Any]) -> dict[str, str]:
    return {
        row["PermissionSetGroupId"]: row["Id"] for row in rows(org, "PermissionSet") if row["Type"] == "Group"
    }


def test_updated_groups_are_the_union_less_the_muted(org: dict[str, Any]) -> None:
    aggregates = _aggregates(org)
    for group in rows(org, "PermissionSetGroup"):
        stored, computed = Rights(org, aggregates[group["Id"]]), _computed(org, group["Id"])
        same = vars(stored) == vars(computed)
        assert same is (group["Status"] == "Updated"), group["DeveloperName"]


def test_only_one_muting_set_per_group_and_no_assignment_to_components(org: dict[str, Any]) -> None:
    parts = rows(org, "PermissionSetGroupComponent")
    muting = Counter(row["PermissionSetGroupId"] for row in parts if row["PermissionSetId"].startswith("0QM"))
    assert set(muting.values()) == {1}
    aggregates = set(_aggregates(org).values())
    for row in rows(org, "PermissionSetAssignment"):
        assert (row["PermissionSetGroupId"] is None) is (row["PermissionSetId"] not in aggregates)


# Verdicts, by the most obvious reading of the rules


STRENGTHS = {"yes": 0, "activatable": 1, "possible": 2}
INHERITED_GATES = {"CampaignMember": "Campaign"}


class Judge:
    """Decides who reads what, one pair at a time and without any cleverness."""

    def __init__(self, org: Mapping[str, Any]) -> None:
        self.org = org
        self.now = datetime.fromisoformat(org["now"])
        self.users = {row["Id"]: row for row in rows(org, "User")}
        self.sets = {row["Id"]: row for row in rows(org, "PermissionSet")}
        self.frozen = {row["UserId"] for row in rows(org, "UserLogin") if row["IsFrozen"]}
        self.fields = {field.full_name: field for field in FIELDS}
        self.rights = {parent: Rights(org, parent) for parent in self.sets}

    @cached_property
    def computed(self) -> dict[str, Rights]:
        status = {row["Id"]: row["Status"] for row in rows(self.org, "PermissionSetGroup")}
        return {s: _computed(self.org, g) for g, s in _aggregates(self.org).items() if status[g] != "Updated"}

    @cached_property
    def held(self) -> dict[str, list[str]]:
        profiles = {row["ProfileId"]: row["Id"] for row in self.sets.values() if row.get("ProfileId")}
        held = {user: [profiles[row["ProfileId"]]] for user, row in self.users.items()}
        for row in rows(self.org, "PermissionSetAssignment"):
            ends = row["ExpirationDate"]
            lapsed = ends is not None and datetime.fromisoformat(ends) <= self.now
            if row["IsActive"] and not lapsed:
                held[row["AssigneeId"]].append(row["PermissionSetId"])
        return held

    def granted(self, user: str, has: "Any") -> Iterator[tuple[str, int]]:
        """Every container of the user that has the right, with the strength it gives it at."""
        for container in dict.fromkeys(self.held[user]):
            readings = [
                has(rights) for rights in (self.rights[container], self.computed.get(container)) if rights
            ]
            if any(readings):
                session = self.sets[container]["HasActivationRequired"]
                yield container, 2 if not all(readings) else 1 if session else 0

    def object_gate(self, user: str, name: str, letter: str = "PermissionsRead") -> dict[str, int]:
        name = INHERITED_GATES.get(name, name)
        system = {"PermissionsModifyAllData"} | (
            {"PermissionsViewAllData"} if letter == "PermissionsRead" else set()
        )
        if name in {"Task", "Event"}:
            system.add("PermissionsActivitiesAccess")
        return dict(
            self.granted(user, lambda r: letter in r.objects.get(name, ()) or bool(system & r.system))
        )

    def field_gate(self, user: str, name: str, bit: int = 0) -> dict[str, int]:
        field = self.fields.get(name)
        if field is None or not (field.grantable or "compoundFieldName" in field.attributes):
            return {"unsecurable": 0}
        everything = {"PermissionsViewAllFields"} if bit == 0 else set()
        return dict(
            self.granted(
                user,
                lambda r: (
                    r.fields.get(name, (False, False))[bit]
                    or bool(everything & r.objects.get(name.partition(".")[0], set()))
                ),
            )
        )

    def reads(self, user: str, name: str) -> str:
        opened, shown = self.object_gate(user, name.partition(".")[0]), self.field_gate(user, name)
        if not opened:
            return "latent" if shown and "unsecurable" not in shown else "no"
        if not shown:
            return "no"
        if not self.users[user]["IsActive"] or user in self.frozen:
            return "dormant"
        strength = max(min(opened.values()), min(shown.values()))
        return next(word for word, value in STRENGTHS.items() if value == strength)

    def edits(self, user: str, name: str) -> bool:
        opened = self.object_gate(user, name.partition(".")[0], "PermissionsEdit")
        return bool(opened and self.field_gate(user, name, bit=1))


def _name(planted: Planted) -> str:
    return planted.story[:48]


@pytest.mark.parametrize("planted", [*PLANTED, *INNOCENT], ids=_name)
def test_stories_name_what_exists(org: dict[str, Any], planted: Planted) -> None:
    grantors = {
        row["Id"]
        for table in ("PermissionSet", "PermissionSetLicense", "UserLicense")
        for row in rows(org, table)
    }
    automatic = {
        f"{name}.{column}" for name in RECORD_COUNTS for column in ("CreatedDate", "IsDeleted", "IsArchived")
    }
    assert set(planted.who) <= {row["Id"] for row in rows(org, "User")}
    assert set(planted.what) <= automatic | {field.full_name for field in FIELDS}
    assert set(planted.grantors) <= grantors
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", planted.rule)
    assert planted.story.endswith(".")


@pytest.mark.parametrize("planted", [*PLANTED, *INNOCENT], ids=_name)
def test_stories_are_true(judge: Judge, planted: Planted) -> None:
    if planted.verdict is None:
        return
    said = {(user, field): judge.reads(user, field) for user in planted.who for field in planted.what}
    assert set(said.values()) == {planted.verdict}, said


@pytest.mark.parametrize("planted", [p for p in PLANTED if p.verdict not in {None, "no"}], ids=_name)
def test_each_planted_grantor_matters(judge: Judge, planted: Planted) -> None:
    paths = [
        set(judge.object_gate(user, field.partition(".")[0])) | set(judge.field_gate(user, field))
        for user in planted.who
        for field in planted.what
    ]
    assert set(planted.grantors) <= set().union(*paths)
    assert all(set(planted.grantors) & path for path in paths)


@pytest.mark.parametrize("planted", [p for p in PLANTED if p.rule == "marketing-edits-clinical"], ids=_name)
def test_planted_editors_edit(judge: Judge, planted: Planted) -> None:
    assert all(judge.edits(user, field) for user in planted.who for field in planted.what)


def test_the_muted_member_number_is_read_but_not_edited(judge: Judge) -> None:
    for key in ("dkowalczyk", "miyer"):
        assert not judge.edits(user_id(key), "Insurance_Policy__c.Member_ID__c")
        assert judge.edits(user_id(key), "Insurance_Policy__c.Group_Number__c")


def test_outsiders_of_care_read_nothing_by_accident(judge: Judge) -> None:
    told = {(user, name.partition(".")[0]) for p in PLANTED for user in p.who for name in p.what}
    accidents = [
        (user, field.full_name)
        for audience in ("marketing", "guest", "external")
        for user in AUDIENCES[audience]
        for field in FIELDS
        if field.kind in CARE_KINDS
        and (user, field.object) not in told
        and judge.reads(user, field.full_name) != "no"
    ]
    # Modify All Data opens every object, and with it the fields that cannot be secured.
    engineer = user_id("opetrenko")
    assert accidents == [(engineer, "Lead.Reason_for_Visit__c"), (engineer, "Event.Subject")]


def test_care_staff_can_work(judge: Judge) -> None:
    working = [person.id for person in PEOPLE if person.audience == "care" and person.state == "active"]
    assert all(judge.reads(user, "Intake__c.Chief_Complaint__c") == "yes" for user in working)


# Records


def test_every_sensitive_value_carries_a_canary(org: dict[str, Any]) -> None:
    kinds = {field.full_name: field.kind for field in FIELDS}
    texts = {
        field.full_name
        for field in FIELDS
        if field.attributes["type"] not in {"date", "datetime", "reference"}
    }
    named = {"LastName", "Email", "Name"}
    marked = 0
    for table in RECORD_COUNTS:
        for row in rows(org, table):
            for column, value in row.items():
                full = f"{table}.{column}"
                sensitive = kinds.get(full) in CARE_KINDS or (column in named and table != "Campaign")
                if sensitive and isinstance(value, str) and (full in texts or column in named):
                    assert re.search(rf"{CANARY}-\d{{5}}", value), (full, value)
                    marked += 1
    assert marked > 40_000


def test_canaries_are_in_records_and_nowhere_else(org: dict[str, Any]) -> None:
    elsewhere = {key: value for key, value in org["tables"].items() if key not in RECORD_COUNTS}
    assert CANARY not in json.dumps({**org, "tables": elsewhere})


def test_dates_reach_from_2014_to_the_day_before(org: dict[str, Any]) -> None:
    created = [row["CreatedDate"] for table in RECORD_COUNTS for row in rows(org, table)]
    assert min(created) < "2014-02"
    assert "2026-11-20" < max(created) < "2026-11-24"
    for table, column in (
        ("Lead", "LastActivityDate"),
        ("Task", "ActivityDate"),
        ("Contact", "Last_Service_Date__c"),
    ):
        values = [row[column] for row in rows(org, table)]
        assert None in values
        assert min(filter(None, values)) < "2015"


def test_there_are_records_past_their_time(org: dict[str, Any]) -> None:
    stale = [
        r
        for r in rows(org, "Lead")
        if not r["IsConverted"] and r["CreatedDate"] < "2024-11-24" and not r["IsDeleted"]
    ]
    old = [
        r
        for r in rows(org, "Intake__c")
        if r["Status__c"] == "Closed" and (r["Closed_Date__c"] or "9") < "2014-11-24"
    ]
    archived = [r for r in rows(org, "Task") if r["IsArchived"]]
    binned = [r for r in rows(org, "Contact") if r["IsDeleted"]]
    assert len(stale) > 2000
    assert 50 < len(old) < 200
    assert len(archived) > 2000
    assert any((row["ActivityDate"] or "9") < "2014-04" for row in archived)
    assert len(binned) > 100


# The sandbox agrees


@pytest.fixture(scope="module")
def loaded(org: dict[str, Any]) -> Org:
    return load_fixture(org)


def test_the_sandbox_loads_it(loaded: Org) -> None:
    assert loaded.running_user.id == user_id("audit")


@pytest.mark.parametrize("planted", [*PLANTED, *INNOCENT], ids=_name)
def test_the_oracle_confirms_the_stories(loaded: Org, planted: Planted) -> None:
    if planted.verdict is None or not planted.who:
        return
    answers = verdicts(loaded, planted.what)
    for user in planted.who:
        for field in planted.what:
            answer = answers[user, field]
            assert answer.read == planted.verdict, (user, field)
            if planted.rule == "marketing-edits-clinical":
                assert answer.edit == "yes"


def test_the_oracle_and_the_obvious_reading_agree_everywhere(loaded: Org, judge: Judge) -> None:
    names = [field.full_name for field in FIELDS if field.kind in CARE_KINDS]
    for (user, name), answer in verdicts(loaded, names).items():
        assert answer.read == judge.reads(user, name), (user, name)


def test_formulas_and_roll_ups_repeat_what_they_are_made_of(loaded: Org) -> None:
    entered = [f.full_name for f in FIELDS if f.kind in CARE_KINDS and f.writable]
    derived = derived_phi(loaded, entered)
    assert {"Contact.Segment_Hint__c", "Contact.Care_Snapshot__c", "Intake__c.Latest_Session__c"} <= set(
        derived
    )
    assert "Intake__c.Visit_Count__c" not in derived


def test_the_auditor_sees_the_retention_dates_and_no_other_secured_field(loaded: Org) -> None:
    hidden = unreadable_fields(loaded, user_id("audit"))
    assert {field.full_name for field in FIELDS if field.grantable} - hidden == {
        "Contact.Last_Service_Date__c",
        "Intake__c.Closed_Date__c",
        "Intake__c.Received_Date__c",
        "Task.ActivityDate",
    }
