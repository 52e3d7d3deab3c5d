"""What could not be seen is said: an org that is not there, people who are not shown."""

from __future__ import annotations

import csv

from sandbox.salesforce import running
from tests.program.planted_org import USER, audited_inside, finding_ids, inside, planted

TARGET = """
  - name: {name}
    platform: salesforce
    instance_url: {url}
    auth: {{session: {{access_token: {{env: SF_ACCESS_TOKEN}}}}}}
"""


def test_an_org_that_is_not_there_is_unknown_beside_the_others(tmp_path):
    with running(planted()) as served:
        targets = TARGET.format(name="here", url=served.url) + TARGET.format(
            name="gone", url="https://127.0.0.1:9"
        )
        text = f"version: 1\nstrict_credential: false\ntargets:{targets}"
        (tmp_path / "two.yaml").write_text(text, encoding="utf-8")
        ran = inside(tmp_path, served, "run", "--config", "two.yaml", "--out", "out")
    gone = next(s for s in ran.document()["systems"] if s["target"] == "gone")
    assert ran.code in {22, 23, 24}, ran.err
    assert "gone: NOTHING could be read" in " ".join(ran.out.split())
    assert ran.out.rstrip().endswith("report.html")
    assert (ran.report / "report.html").is_file()
    assert {r["state"] for r in gone["rules"]} == {"unknown_not_readable"}


def test_people_who_hold_sets_but_are_not_shown_are_a_gap(tmp_path):
    org = planted()
    everybody = org["tables"]["User"]
    org["tables"]["User"] = [u for u in everybody if u["Id"] != USER["flyer"]]
    assert len(org["tables"]["User"]) == len(everybody) - 1
    row = {
        "AssigneeId": USER["flyer"],
        "PermissionSetId": org["tables"]["PermissionSet"][0]["Id"],
        "IsActive": True,
    }
    org["tables"]["PermissionSetAssignment"].append({"Id": "0Pax00000000999AAA", **row})
    with running(org) as served:
        ran = audited_inside(tmp_path, served)
    readings = {r["name"]: r for r in ran.document()["systems"][0]["readings"]}
    assert readings["User"]["why"] == "forbidden"
    assert ran.code in {4, 21, 22, 23, 24}


def test_names_are_no_part_of_a_findings_identity(tmp_path):
    ids = []
    for number, name in enumerate(("Ann", "=HYPERLINK(1)")):
        org, folder = planted(), tmp_path / str(number)
        folder.mkdir()
        for user in org["tables"]["User"]:
            user["Name"] = name
        with running(org) as served:
            ran = audited_inside(folder, served)
        ids.append(finding_ids(ran))
        with (ran.report / "access.csv").open(encoding="utf-8", newline="") as file:
            assert {r["principal"] for r in csv.DictReader(file)} == {name if number == 0 else f"'{name}"}
    assert ids[0] == ids[1] != set()
