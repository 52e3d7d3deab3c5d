"""The program over two nights: waivers, a baseline, gates, and what changed."""

from __future__ import annotations

import json
import re

import openpyxl
import pytest

from sandbox.salesforce import Fault, Faults, Kind, running
from tests.program.planted_org import NOW, SET, USER, inside, planted, write_tags

BLIND = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"\bPermissionSetAssignment\b"))


def night(folder, name, org, *more, faults=None):
    """One run, and the document it wrote."""
    write_tags(folder)
    words = ("run", "salesforce", "--tags", "tags.json", "--as-of", NOW, "--out", name, *more)
    with running(org, faults=faults) as served:
        return inside(folder, served, *words)


def after(folder, *words):
    """A command that asks no CRM."""
    with running(planted()) as served:
        ran = inside(folder, served, *words)
        assert served.log.queries() == []
    return ran


def without(person):
    org = planted()
    rows = org["tables"]["PermissionSetAssignment"]
    org["tables"]["PermissionSetAssignment"] = [
        r for r in rows if r["AssigneeId"] != USER[person] or r["PermissionSetId"] == SET["audit"]
    ]
    assert len(org["tables"]["PermissionSetAssignment"]) < len(rows)
    return org


def test_two_equal_nights_do_not_differ_and_pass_the_gate(tmp_path):
    assert night(tmp_path, "one", planted()).code == 14
    ran = night(tmp_path, "two", planted(), "--baseline", "one", "--fail-on-new")
    assert ran.code == 0, ran.err
    assert "nothing differs" in ran.out
    assert json.loads((tmp_path / "two" / "audit.json").read_text())["exit_code"] == 14
    ran = after(tmp_path, "diff", "one", "two", "--json", "changes.json")
    assert (ran.code, ran.err) == (0, "")
    [system] = json.loads((tmp_path / "changes.json").read_text())["systems"]
    assert not any(found for key, found in system.items() if key != "target")


def test_taken_away_is_fixed_given_is_new_and_the_gate_sees_it(tmp_path):
    night(tmp_path, "with", planted())
    night(tmp_path, "without", without("session"))
    there = after(tmp_path, "diff", "with", "without", "--all")
    back = after(tmp_path, "diff", "without", "with", "--all")
    assert there.code == back.code == 9
    assert re.search(r"fixed: read \w+ → no: .*" + USER["session"], there.out)
    assert re.search(r"new: read no → \w+: .*" + USER["session"], back.out)
    assert night(tmp_path, "x", without("session"), "--baseline", "with", "--fail-on-new").code == 0
    ran = night(tmp_path, "y", planted(), "--baseline", "without", "--fail-on-new")
    assert ran.code in {11, 12, 13, 14}
    sheet = openpyxl.load_workbook(tmp_path / "y" / "audit.xlsx")["Changes"]
    assert {row[1].value for row in sheet.iter_rows()} >= {"Change", "New"}


def test_what_a_refused_table_hides_is_never_fixed_and_passes_no_gate(tmp_path):
    night(tmp_path, "one", planted())
    ran = night(
        tmp_path,
        "two",
        planted(),
        "--baseline",
        "one",
        "--fail-on-new",
        "--fail-on",
        "critical",
        faults=BLIND,
    )
    assert ran.code in {4, 24}
    found = after(tmp_path, "diff", "one", "two", "--json", "changes.json")
    assert found.code == 9
    [system] = json.loads((tmp_path / "changes.json").read_text())["systems"]
    assert "PermissionSetAssignment" in system["unread"]
    kinds = {one["kind"] for one in system["access"]}
    assert "unverified now" in kinds
    assert not kinds & {"fixed", "narrowed", "decided now"}


def refused(ran, said):
    assert ran.code == 2
    assert said in ran.err
    assert "\nhint: " in ran.err
    assert "Traceback" not in ran.err


def test_a_baseline_that_cannot_be_compared_with_is_refused_before_anything_is_read(tmp_path):
    night(tmp_path, "one", planted())
    path = tmp_path / "one" / "audit.json"
    document = json.loads(path.read_text())
    for change, said in (
        ({"schema": "crm-audit/audit/0"}, "“crm-audit/audit/0” as its schema"),
        ({"schema": 7}, "no version as its schema"),
        ({"systems": [{**document["systems"][0], "target": "other"}]}, "of other targets: other, not"),
        ({"systems": [{"target": "other"}]}, "does not keep its own schema"),
        ({"digest": 7}, "does not keep its own schema"),
    ):
        path.write_text(json.dumps({**document, **change}), encoding="utf-8")
        write_tags(tmp_path)
        refused(
            after(tmp_path, "run", "salesforce", "--tags", "tags.json", "--baseline", "one", "--out", "two"),
            said,
        )
    path.write_text("{", encoding="utf-8")
    refused(after(tmp_path, "diff", "one", "one"), "not JSON")
    refused(after(tmp_path, "diff", "none", "one"), "cannot be read")
    refused(after(tmp_path, "run", "salesforce", "--fail-on-new"), "needs --baseline")
    assert not (tmp_path / "two").exists()


def test_another_org_is_no_baseline(tmp_path):
    night(tmp_path, "one", planted())
    path = tmp_path / "one" / "audit.json"
    document = json.loads(path.read_text())
    document["systems"][0]["org_id"] = "00Dx00000000999AAA"
    path.write_text(json.dumps(document), encoding="utf-8")
    ran = night(tmp_path, "two", planted(), "--baseline", "one")
    refused(ran, "was the org 00Dx00000000999AAA before")
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("blanks", [True, False], ids=["blank", "filled in"])
def test_every_draft_that_a_person_fills_in_waives_its_finding_and_hides_nothing(blanks, tmp_path):
    write_tags(tmp_path)
    with running(planted()) as served:
        inside(tmp_path, served, "collect", "saved", "salesforce", "--tags", "tags.json", "--as-of", NOW)
    judge = ("analyze", "saved", "--tags", "tags.json", "--as-of", NOW)
    assert after(tmp_path, *judge, "--out", "one").code == 14
    [system] = json.loads((tmp_path / "one" / "audit.json").read_text())["systems"]
    ids = [f["id"] for f in system["findings"] if f["state"] in {"gap_observed", "partial"}]
    drafts = [after(tmp_path, "waivers", "draft", "one", one) for one in ids]
    assert {ran.code for ran in drafts} == {0}
    text = "version: 1\nwaivers:\n" + "".join(ran.out for ran in drafts)
    if not blanks:
        people = {"owner": "Priya Nair", "approver": "Ana Ruiz"}
        text = re.sub(r'(\w+): ""', lambda m: f"{m[1]}: {people.get(m[1], 'Said and tested.')}", text)
    (tmp_path / "waivers.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "audit.yaml").write_text("version: 1\nwaivers: waivers.yaml\n", encoding="utf-8")
    checked = after(tmp_path, "waivers", "check", "-c", "audit.yaml", "--as-of", NOW)
    if blanks:
        refused(checked, "waivers.yaml:")
        return
    assert checked.code == 0, checked.err
    assert len(checked.out.splitlines()) == len(ids)
    ran = after(tmp_path, *judge, "-c", "audit.yaml", "--out", "two")
    assert ran.code == 8, ran.err
    assert "under a waiver" in ran.out
    [waived] = json.loads((tmp_path / "two" / "audit.json").read_text())["systems"]
    assert {f["id"] for f in waived["findings"] if f["state"] == "gap_waived"} == set(ids)
    assert {w["status"] for w in waived["waivers"]} == {"in force"}
    assert "Exceptions and waivers" in openpyxl.load_workbook(tmp_path / "two" / "audit.xlsx").sheetnames
    changed = after(tmp_path, "diff", "one", "two")
    assert changed.code == 9
    assert f"{len(ids)} waived" in changed.out
    for name in ("one", "two"):
        stands = after(tmp_path, "waivers", "check", "-c", "audit.yaml", "--run", name, "--as-of", NOW)
        assert (stands.code, stands.err) == (0, "")
        assert stands.out.splitlines()[-1] == f"{len(ids)} waivers: {len(ids)} in force."
    refused(after(tmp_path, "waivers", "check", "-c", "audit.yaml", "--run", "three"), "cannot be read")


def test_an_unknown_has_no_draft(tmp_path):
    night(tmp_path, "one", planted(), faults=BLIND)
    [system] = json.loads((tmp_path / "one" / "audit.json").read_text())["systems"]
    gap = next(f["id"] for f in system["findings"] if f["rule"] == "evidence-gap")
    refused(after(tmp_path, "waivers", "draft", "one", gap), "cannot be waived")
    refused(after(tmp_path, "waivers", "draft", "one", gap[:9]), "has no finding")
