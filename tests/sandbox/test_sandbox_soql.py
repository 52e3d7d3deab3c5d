"""SOQL: what it selects, and how it is refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_orgs import AUDITOR, MUTING, NURSE, SET_ADMIN, SET_CARE, Desk, small_org

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.soql import Function, Path, Query, conjuncts, parse

DESK = Desk()


def names(where, tail="ORDER BY Id"):
    return DESK.query(f"SELECT Name FROM Contact WHERE {where} {tail}").column("Name")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ADA'", ["Ada"]),
        ("Name != 'Ada'", ["bob", "Cyd", "dan"]),
        ("Name <> 'Ada'", ["bob", "Cyd", "dan"]),
        ("Name LIKE '%D%'", ["Ada", "Cyd", "dan"]),
        ("Name LIKE '_ob'", ["bob"]),
        ("NOT Name LIKE 'A%'", ["bob", "Cyd", "dan"]),
        ("Name IN ('ada', 'DAN')", ["Ada", "dan"]),
        ("Name NOT IN ('ada', 'DAN')", ["bob", "Cyd"]),
        ("Name > 'b' AND Name < 'd'", ["bob", "Cyd"]),
        ("Score__c = null", ["bob"]),
        ("Score__c != null", ["Ada", "Cyd", "dan"]),
        ("Score__c >= 3", ["Cyd", "dan"]),
        ("Score__c < 2", ["Ada"]),
        ("Score__c != 3", ["Ada", "bob", "Cyd"]),
        ("(Score__c = 7 OR Score__c = null) AND Name != 'x'", ["bob", "Cyd"]),
        ("NOT (Score__c = 7 OR Score__c = null)", ["Ada", "dan"]),
        ("Tags__c INCLUDES ('a')", ["Ada", "dan"]),
        ("Tags__c INCLUDES ('a;b', 'c')", ["Ada", "dan"]),
        ("Tags__c EXCLUDES ('b')", ["Cyd", "dan"]),
        ("Tags__c = null", ["Cyd"]),
        ("CreatedDate < 2020-01-01T00:00:00Z", ["Ada", "bob"]),
        ("CreatedDate <= 2016-05-05T12:00:00+02:00", ["Ada"]),
        ("Birthdate > 1952-01-01", ["Cyd", "dan"]),
        ("Birthdate = 1951-01-01", ["Ada"]),
        ("CreatedDate < LAST_N_YEARS:6", ["Ada", "bob"]),
        ("CreatedDate = LAST_N_YEARS:6", ["Cyd", "dan"]),
        ("CALENDAR_YEAR(CreatedDate) = 2018", ["bob"]),
        ("Account.Name = 'Acme'", ["Ada", "bob"]),
        ("Contact.Account.Owner.Name = 'nurse'", ["Ada", "bob"]),
        ("AccountId = '001x00000000001'", ["Ada", "bob"]),
        ("OwnerId IN (SELECT AssigneeId FROM PermissionSetAssignment WHERE IsActive = true AND ExpirationDate = null)",
         ["Ada", "bob", "Cyd"]),
        ("Id NOT IN (SELECT Patient__c FROM Visit__c)", ["bob", "Cyd", "dan"]),
        ("Id > '003x00000000002AAA'", ["Cyd", "dan"]),
    ],
)  # fmt: skip
def test_where(where, expected):
    assert names(where) == expected


def test_aliases_and_case_do_not_matter():
    asked = DESK.query(
        "select c.NAME from contact C where c.account.NAME = 'acme' order by c.name desc limit 1"
    )
    assert asked.records == [{"Name": "bob"}]


def test_order_by_puts_nulls_first_unless_told_otherwise():
    assert DESK.query("SELECT Score__c FROM Contact ORDER BY Score__c").column("Score__c") == [
        None,
        1.5,
        3,
        7,
    ]
    last = DESK.query("SELECT Score__c FROM Contact ORDER BY Score__c DESC NULLS LAST LIMIT 2 OFFSET 1")
    assert last.column("Score__c") == [3, 1.5]


def test_order_by_several_columns():
    asked = DESK.query("SELECT Name FROM Contact ORDER BY Owner.Name DESC, Name DESC")
    assert asked.column("Name") == ["dan", "Cyd", "bob", "Ada"]


def test_parents_and_children_are_nested():
    asked = DESK.query(
        "SELECT Name, Account.Name, Owner.Profile.Name, (SELECT Name FROM Visits__r) FROM Contact ORDER BY Id"
    )
    first, third = asked.body["records"][0], asked.body["records"][2]
    assert first["Account"]["attributes"] == {
        "type": "Account",
        "url": "/services/data/v63.0/sobjects/Account/001x00000000001AAA",
    }
    assert first["Owner"]["Profile"]["Name"] == "Staff"
    assert (first["Visits__r"]["totalSize"], first["Visits__r"]["done"]) == (2, True)
    assert [each["Name"] for each in first["Visits__r"]["records"]] == ["V1", "V2"]
    assert third["Account"] is None
    assert third["Visits__r"] is None


def test_count_and_aggregates():
    count = DESK.query("SELECT COUNT() FROM Contact WHERE Score__c > 1")
    assert count.body == {"totalSize": 3, "done": True, "records": []}
    one = DESK.query("SELECT COUNT(Score__c), MIN(CreatedDate) oldest, MAX(Score__c) FROM Contact").body
    assert one["totalSize"] == 1
    assert one["records"] == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 3,
            "oldest": "2016-05-05T10:00:00.000+0000",
            "expr1": 7,
        }
    ]


def test_group_by():
    years = DESK.query(
        "SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) c FROM Contact GROUP BY CALENDAR_YEAR(CreatedDate) "
        "ORDER BY CALENDAR_YEAR(CreatedDate) DESC"
    )
    assert years.records == [{"y": y, "c": 1} for y in (2022, 2020, 2018, 2016)]
    owners = DESK.query(
        "SELECT Owner.Name, COUNT_DISTINCT(AccountId) n FROM Contact GROUP BY Owner.Name HAVING COUNT(Id) > 1"
    )
    assert owners.records == [{"Name": "Nurse", "n": 1}]


def test_query_all_adds_deleted_and_archived():
    assert DESK.query("SELECT COUNT() FROM Contact", "queryAll").body["totalSize"] == 5
    assert DESK.query("SELECT COUNT() FROM Task WHERE IsArchived = true").body["totalSize"] == 0
    assert DESK.query("SELECT COUNT() FROM Task WHERE IsArchived = true", "queryAll").body["totalSize"] == 1


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported"),
        ("SELECT Nothing FROM Contact", "INVALID_FIELD", "No such column 'Nothing' on entity 'Contact'"),
        ("SELECT Id FROM Contact WHERE Nothing = 1", "INVALID_FIELD", "No such column 'Nothing'"),
        ("SELECT Id FROM Contact ORDER BY Nothing", "INVALID_FIELD", "No such column 'Nothing'"),
        ("SELECT Nothing.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Nothing'"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Contact", "INVALID_TYPE", "relationship 'Nothings'"),
        ("SELECT Id FROM Contact WHERE Score__c = 1 AND Name = 'a' OR Name = 'b'", "MALFORMED_QUERY", "token: 'OR'"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY", "token: 'ROWS'"),
        ("SELECT Id FROM Contact -- all", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM User WHERE IsActive = 'true'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE Name = 3", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2020-01-01", "INVALID_FIELD", "type dateTime"),
        ("SELECT Id FROM Contact WHERE Birthdate > 2020-01-01T00:00:00Z", "INVALID_FIELD", "type date"),
        ("SELECT Id FROM Contact WHERE Birthdate > LAST_WHENEVER:3", "MALFORMED_QUERY", "LAST_WHENEVER"),
        ("SELECT Id FROM Contact WHERE OwnerId LIKE '005%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Contact WHERE Notes__c = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Contact ORDER BY Notes__c", "MALFORMED_QUERY", "can not be sorted"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY Notes__c", "MALFORMED_QUERY", "can not be grouped"),
        ("SELECT Name, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT COUNT(Id) FROM ObjectPermissions GROUP BY PermissionsRead", "MALFORMED_QUERY", "can not be grouped"),
        ("SELECT COUNT(Id) FROM SetupAuditTrail", "MALFORMED_QUERY", "aggregate operator COUNT"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT QualifiedApiName FROM FieldDefinition", "MALFORMED_QUERY", "reified column is required"),
        ("SELECT QualifiedApiName FROM EntityParticle", "MALFORMED_QUERY", "reified column is required"),
        ("SELECT COUNT() FROM EntityDefinition", "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "not yet supported"),
        ("SELECT Id FROM EntityDefinition WHERE Label = 'a' OR Label = 'b'", "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
         "Disjunctions"),
        ("SELECT HasReadAccess FROM UserRecordAccess WHERE UserId = '005'", "MALFORMED_QUERY", "RecordId field"),
        ("SELECT Id FROM CustomField", "INVALID_TYPE", "CustomField"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT Id FROM Contact)", "MALFORMED_QUERY", "same object type"),
        ("SELECT Id FROM Contact WHERE Name = 'x' OR AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY",
         "top level"),
        ("", "MALFORMED_QUERY", "<EOF>"),
    ],
)  # fmt: skip
def test_refusals(soql, code, words):
    asked = DESK.query(soql)
    assert (asked.status, asked.code) == (400, code)
    assert words in asked.message


def test_the_caret_stands_under_the_culprit():
    lines = DESK.query("SELECT Id,\n Nothing FROM Contact").message.split("\n")
    assert lines[2].index("^") == lines[1].index("Nothing")
    assert lines[3] == "ERROR at Row:2:Column:2"


def test_strings_are_unescaped():
    (test,) = conjuncts(parse(r"SELECT Id FROM X WHERE a = 'it\'s \\ \n'").where)
    assert test.right.value == "it's \\ \n"


def test_the_tree_knows_paths_and_functions():
    query = parse(
        "SELECT Profile.Name, MAX(CreatedDate) m, (SELECT Id FROM Kids) FROM Group g WHERE g.Id != null"
    )
    path, function, child = query.select
    assert isinstance(path.what, Path)
    assert (str(path.what), path.what.offset) == ("Profile.Name", 7)
    assert isinstance(function.what, Function)
    assert (str(function.what), function.alias) == ("MAX(CreatedDate)", "m")
    assert isinstance(child.what, Query)
    assert (query.entity, query.alias) == ("Group", "g")


def test_permission_rows_are_served_as_the_platform_serves_them():
    objects = DESK.query("SELECT Id, ParentId, SobjectType FROM ObjectPermissions")
    synthetic = [each["SobjectType"] for each in objects.records if each["Id"].startswith("000")]
    assert synthetic == ["Account", "Contact", "Visit__c"]
    assert {each["ParentId"] for each in objects.records if each["Id"].startswith("000")} == {SET_ADMIN}
    flipped = DESK.query(
        "SELECT ParentId, Field, PermissionsRead FROM FieldPermissions WHERE Field = 'Contact.Account'"
    )
    assert flipped.records == [{"ParentId": SET_CARE, "Field": "Contact.AccountId", "PermissionsRead": True}]
    muting = DESK.query(
        f"SELECT PermissionsRead, Parent.Label FROM FieldPermissions WHERE ParentId = '{MUTING}'"
    )
    assert muting.body["records"][0]["PermissionsRead"] is False
    assert muting.body["records"][0]["Parent"]["attributes"]["type"] == "MutingPermissionSet"
    labels = DESK.query("SELECT Id FROM FieldPermissions WHERE Parent.Label = 'Care'")
    assert labels.body["totalSize"] == 2


def test_behaviours():
    desk = Desk(small_org(behaviour={
        "muting_rows": "filtered", "expired_assignments": "hidden", "synthetic_object_rows": False,
        "null_parents": [SET_CARE], "hidden_totals": {"FieldPermissions": 4}, "filler_entities": 2100,
        "reified_error": "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
    }))  # fmt: skip
    unfiltered = desk.query("SELECT ParentId, Parent.Name FROM FieldPermissions")
    assert MUTING not in unfiltered.column("ParentId")
    assert (unfiltered.body["totalSize"], len(unfiltered.records)) == (7, 3)
    assert [each for each in unfiltered.column("Parent") if each is None] == [None, None]
    assert MUTING in desk.query(f"SELECT ParentId FROM FieldPermissions WHERE ParentId = '{MUTING}'").column(
        "ParentId"
    )
    assert desk.query("SELECT Id FROM PermissionSetAssignment").body["totalSize"] == 1
    assert desk.query("SELECT Id FROM PermissionSetAssignment", "queryAll").body["totalSize"] == 2
    assert desk.query("SELECT Id FROM ObjectPermissions").body["totalSize"] == 1
    assert desk.query("SELECT Id FROM FieldDefinition").code == "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"
    many = desk.query("SELECT DurableId FROM EntityDefinition")
    assert many.code == "EXCEEDED_ID_LIMIT"
    assert "does not support queryMore()" in many.message
    seen = []
    while True:
        last = seen[-1] if seen else ""
        page = desk.query(
            f"SELECT DurableId FROM EntityDefinition WHERE DurableId > '{last}' ORDER BY DurableId LIMIT 2000"
        ).column("DurableId")
        if not page:
            break
        seen += page
    assert len(seen) == len(set(seen)) > 2100


def test_metadata_is_unfolded_one_row_at_a_time():
    many = DESK.query("SELECT FullName, Metadata FROM CustomField", "tooling/query")
    assert "no more than one row" in many.message
    one = DESK.query("SELECT Metadata FROM CustomField WHERE DeveloperName = 'Ref'", "tooling/query")
    assert one.body["entityTypeName"] == "CustomField"
    assert one.body["records"][0]["Metadata"]["formula"].startswith("Diagnosis__c")
    assert "/tooling/sobjects/CustomField/" in one.body["records"][0]["attributes"]["url"]


def test_the_catalogue_knows_classification_and_components():
    row = DESK.query(
        "SELECT DurableId, DataType, SecurityClassification, ComplianceGroup FROM FieldDefinition "
        "WHERE EntityDefinition.QualifiedApiName = 'Contact' AND QualifiedApiName = 'Diagnosis__c'"
    ).records[0]
    assert row["DurableId"].startswith("Contact.00N")
    assert (row["DataType"], row["SecurityClassification"]) == ("Text(255)", "Restricted")
    particles = DESK.query(
        "SELECT QualifiedApiName FROM EntityParticle WHERE EntityDefinition.QualifiedApiName IN ('Contact') "
        "AND IsPermissionable = TRUE AND IsComponent = FALSE ORDER BY DurableId LIMIT 2000"
    ).column("QualifiedApiName")
    assert "MailingAddress" in particles
    assert not {"MailingCity", "LastName", "Id"} & set(particles)


def test_record_access_is_worked_out():
    asked = DESK.query(
        "SELECT RecordId, HasReadAccess, MaxAccessLevel FROM UserRecordAccess "
        f"WHERE UserId = '{NURSE}' AND RecordId IN ('003x00000000001AAA', '003x00000000004AAA')"
    )
    assert [(each["RecordId"][14], each["MaxAccessLevel"]) for each in asked.records] == [
        ("1", "All"),
        ("4", "None"),
    ]


def test_own_permissions_are_visible():
    row = DESK.query(
        "SELECT PermissionsViewSetup, PermissionsModifyAllData FROM UserPermissionAccess"
    ).records[0]
    assert row == {"PermissionsViewSetup": True, "PermissionsModifyAllData": False}
    profile = DESK.query("SELECT PermissionsExportReport FROM Profile").records
    assert profile == [{"PermissionsExportReport": True}]
    assert DESK.query(f"SELECT Id FROM User WHERE Id = '{AUDITOR[:15]}'").body["totalSize"] == 1


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="SELECTFROMid ,.()='<>!:0123456789'\\%_\n", max_size=60))
def test_no_text_breaks_the_parser(text):
    with contextlib.suppress(ApiError):
        parse("SELECT Id FROM Contact WHERE " + text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_value_survives_quoting(value):
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    (test,) = conjuncts(parse(f"SELECT Id FROM Contact WHERE Name = '{quoted}'").where)
    assert test.right.value == value
