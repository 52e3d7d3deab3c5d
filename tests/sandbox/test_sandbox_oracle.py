"""The oracle agrees with the truth files: read, edit, paths, copies and reach."""

import json

import pytest
from sandbox_orgs import SCENARIOS, Desk, small_org

from sandbox.salesforce.fixture import load_fixture
from sandbox.salesforce.lineage import formula_names
from sandbox.salesforce.oracle import derived_phi, unreadable_fields, verdicts
from sandbox.salesforce.reach import Reach

if not SCENARIOS.is_dir():
    pytest.skip("../shared is absent", allow_module_level=True)

NAMES = sorted(path.name.removesuffix(".truth.json") for path in SCENARIOS.glob("*.truth.json"))


def load(name):
    truth = json.loads((SCENARIOS / f"{name}.truth.json").read_text(encoding="utf-8"))
    return truth, load_fixture(SCENARIOS / f"{name}.org.json")


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_are_the_truth(name):
    truth, org = load(name)
    found = verdicts(org, [*truth["phi"], *truth["derived_phi"]])
    for entry in truth["expect"]:
        verdict = found[entry["user"], entry["field"]]
        expected = entry.get("paths", {"object": [], "field": []})
        assert (verdict.read, verdict.edit) == (entry["read"], entry["edit"]), entry
        assert verdict.object_grantors == set(expected["object"]), entry
        assert verdict.field_grantors == set(expected["field"]), entry
        if "also" in entry:
            assert verdict.weaker_object_grantors == set(entry["also"]["object"]), entry
            assert verdict.weaker_field_grantors == set(entry["also"]["field"]), entry
        if "via" in entry:
            assert verdict.via == {group: set(parts) for group, parts in entry["via"].items()}, entry
        if "form" in entry:
            assert verdict.form == entry["form"], entry


@pytest.mark.parametrize("name", NAMES)
def test_copies_are_found(name):
    truth, org = load(name)
    found = {
        carrier: {"from": step.source, "rule": step.rule}
        for carrier, step in derived_phi(org, truth["phi"]).items()
    }
    assert found == truth["derived_phi"]


@pytest.mark.parametrize("name", [name for name in NAMES if "reach" in name or name == "guest-and-portal"])
def test_reach_is_the_truth(name):
    truth, org = load(name)
    reach = Reach(org)
    for entry in truth["reach"]:
        extent = reach.extent(org.user(entry["user"]), entry["object"])
        assert (extent.word, extent.records) == (entry["reach"], entry["records"]), entry
        assert reach.restricted(entry["object"]) == entry["restricted"], entry


@pytest.mark.parametrize("name", NAMES)
def test_the_server_answers_user_field_access_with_the_oracle(name):
    truth, org = load(name)
    desk = Desk(
        json.loads((SCENARIOS / f"{name}.org.json").read_text(encoding="utf-8")), version=org.versions[-1]
    )
    ids = {}
    for entry in truth["expect"]:
        sobject, _, field = entry["field"].partition(".")
        if entry["field"] not in ids:
            asked = desk.query(
                f"SELECT DurableId FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = '{sobject}' "
                f"AND QualifiedApiName = '{field}'"
            )
            ids[entry["field"]] = asked.column("DurableId")[0]
        rows = desk.query(
            "SELECT IsAccessible FROM UserFieldAccess "
            f"WHERE DurableId = '{ids[entry['field']]}.{entry['user']}'"
        )
        if entry["read"] != "unknown":
            assert rows.column("IsAccessible") == [entry["read"] == "yes"], entry


def test_formula_names_leave_out_texts_comments_globals_and_functions():
    formula = 'IF(A__c, "B__c \\" C__c", /* D__c */ $Label.E__c & \'F__c\' & G__r . H__c)'
    assert list(formula_names(formula)) == [("A__c",), ("G__r", "H__c")]


def test_computed_hides_what_the_own_containers_do_not_open():
    hidden = unreadable_fields(load_fixture(small_org()), "005x00000000002AAA")
    assert "Contact.Diagnosis__c" not in hidden
    assert "Account.Phone" in hidden
    assert "Contact.LastName" not in hidden
    desk = Desk(small_org(running_user={"computed": True}))
    assert desk.query("SELECT Diagnosis__c FROM Contact").code == "INVALID_FIELD"
