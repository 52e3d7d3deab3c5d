"""Fixtures: defaults, both table forms, and errors that say where."""

import gzip
import json

import pytest
from sandbox_orgs import SCENARIOS, small_org

from sandbox.salesforce import FixtureError, load_fixture
from sandbox.salesforce.fields import DESCRIBE_KEYS
from sandbox.salesforce.ids import short_id, to_18


def test_defaults_of_a_record_object():
    org = load_fixture(small_org())
    contact = org.entity("contact")
    assert contact.names[:3] == ("Id", "IsDeleted", "OwnerId")
    assert contact.field("Name").permissionable is False
    assert contact.field("Email").described["length"] == 80
    assert contact.field("Notes__c").described["filterable"] is False
    assert contact.field("MailingAddress").described["updateable"] is False
    assert contact.field("Ref__c").described["calculated"] is True
    assert contact.key_prefix == "003"
    visit = org.entity("Visit__c")
    assert (visit.label, visit.key_prefix, visit.durable_id) == ("Visit", "a03", "01I000000000001")
    assert visit.field("OwnerId") is None
    assert visit.field("Patient__c").permissionable is False
    assert visit.field("Patient__c").relationship == "Patient__r"
    assert org.entity("Task").field("Name") is None
    assert org.entity("Task").field("IsArchived") is not None
    assert org.entity("Task").has_object_permissions is False
    assert len(contact.field("Email").described) == len(DESCRIBE_KEYS) == 57


def test_defaults_of_rows():
    org = load_fixture(small_org())
    task = org.rows("Task")[0]
    assert len(task["Id"]) == 18
    assert (task["IsDeleted"], task["CreatedDate"]) == (False, "2024-01-01T00:00:00.000+0000")
    assert org.rows("User")[0]["LastLoginDate"] == "2026-11-23T00:00:00.000+0000"
    assert org.rows("Profile")[0]["PermissionsExportReport"] is True
    assert org.entity("PermissionSetAssignment").field("IsRevoked") is None


def test_revoked_exists_once_a_row_has_it():
    org = load_fixture(small_org(tables={"PermissionSetAssignment": [{"IsRevoked": True}]}))
    assert org.entity("PermissionSetAssignment").field("IsRevoked") is not None


def test_share_and_history_tables_exist_if_listed():
    assert load_fixture(small_org()).entity("ContactShare") is None
    org = load_fixture(small_org(tables={
        "ContactShare": [{"ContactId": "003", "ContactAccessLevel": "Read"}],
        "Visit__History": [{"ParentId": "a03", "Field": "Name", "OldValue": "a"}],
    }))  # fmt: skip
    assert org.entity("ContactShare").associate_parent == "Contact"
    assert org.entity("Visit__History").associate_type == "History"


def test_files_plain_and_packed(tmp_path):
    document = json.dumps(small_org()).encode()
    (tmp_path / "a.org.json").write_bytes(document)
    (tmp_path / "a.org.json.gz").write_bytes(gzip.compress(document))
    assert (
        load_fixture(tmp_path / "a.org.json").name == load_fixture(tmp_path / "a.org.json.gz").name == "small"
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"format": "other/1"}, "fixture: format: expected"),
        (small_org(now="soon"), "now: 'soon' is not"),
        (small_org(now="2026-11-24T03:00:00"), "now: needs an offset"),
        (
            small_org(objects={"Lead": {"fields": [{"name": "A", "colour": 1}]}}),
            "objects.Lead.fields[0].colour: is not",
        ),
        (
            small_org(objects={"Lead": {"fields": [{"name": "A", "type": "text"}]}}),
            "objects.Lead.fields[0].type: 'text'",
        ),
        (small_org(objects={"Lead": {"color": 1}}), "objects.Lead.color: is not a known object key"),
        (small_org(tables={"User": [{"Shoe": 1}]}), "tables.User[0].Shoe: is not a column of User"),
        (
            small_org(tables={"User": {"columns": ["Shoe"], "rows": []}}),
            "tables.User.columns[0]: 'Shoe' is not",
        ),
        (
            small_org(tables={"User": {"columns": ["Id"], "rows": [[1, 2]]}}),
            "tables.User.rows[0]: has 2 values",
        ),
        (small_org(tables={"PermissionSet": [{"PermissionsFly": True}]}), "PermissionsFly: is not a column"),
        (small_org(tables={"Contact": [{"CreatedDate": "soon"}]}), "tables.Contact[0].CreatedDate: 'soon'"),
        (
            small_org(tables={"Contact": [{"Birthdate": "2020-1-1"}]}),
            "tables.Contact[0].Birthdate: '2020-1-1'",
        ),
        (
            small_org(tables={"Contact": [{"Score__c": "9"}]}),
            "tables.Contact[0].Score__c: '9' is no double value",
        ),
        (
            small_org(tables={"User": [{"IsActive": "yes"}]}),
            "tables.User[0].IsActive: 'yes' is no boolean value",
        ),
        (small_org(tables={"User": [{"ProfileId": 7}]}), "tables.User[0].ProfileId: 7 is no reference value"),
        (small_org(tables={"Nothing": []}), "tables.Nothing: belongs to no object"),
        (small_org(behaviour={"mood": 1}), "behaviour.mood: is not a known switch"),
        (small_org(running_user={"shoe": 1}), "running_user.shoe: is not a known key"),
    ],
)
def test_errors_say_where(document, words):
    with pytest.raises(FixtureError) as caught:
        load_fixture(document)
    assert words in str(caught.value)


def test_an_unreadable_file_is_one_sentence(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    for name in ("bad.json", "absent.json"):
        with pytest.raises(FixtureError, match=name):
            load_fixture(tmp_path / name)


def test_unknown_top_level_keys_are_ignored():
    assert load_fixture(small_org(weather="fine")).name == "small"


def test_ids():
    assert to_18("00Dx00000000001") == "00Dx00000000001EAA"
    assert short_id(to_18("003xABCdefGHIjk")) == "003xABCdefGHIjk"


def test_every_scenario_loads(shared):
    for path in SCENARIOS.glob("*.org.json"):
        load_fixture(path)
