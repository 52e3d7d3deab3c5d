"""Deciding about fields through the program: at a terminal, by way of a spreadsheet, and night after night."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import sys
from pathlib import Path
from unittest import mock

import openpyxl
import pytest

from crm_audit import new_files
from mappings import load_ledger
from reports import review_sheet as sheets
from sandbox import hubspot
from sandbox.hubspot.clinic import clinic_portal
from sandbox.salesforce import Running, running
from tests.program import programs
from tests.program.planted_org import DIAGNOSIS, NOW, inside, planted

TODAY = dt.date(2026, 11, 24)
GROUP = "Contact.Group__c"
CONFIGURATION = """\
version: 1
targets:
  - name: acme
    platform: salesforce
    instance_url: {url}
    ca_bundle: {ca}
    auth: {{session: {{access_token: {{env: SF_ACCESS_TOKEN}}}}}}
strict_credential: false
report: {{directory: out}}
"""
BY = ("--by", "Ana Ruiz")
SAID = "Ana Ruiz decided so on 2026-11-24: "


def org(**group) -> dict:
    """The planted clinic with a field whose words mean nothing certain; keywords change it."""
    made = planted()
    field = {"name": "Group__c", "label": "Condition", "type": "string", **group}
    made["objects"]["Contact"]["fields"].append(field)
    return made


@pytest.fixture(scope="module")
def served():
    with running(org()) as site:
        yield site
        assert site.writes() == []


@pytest.fixture
def folder(tmp_path, served) -> Path:
    return configured(tmp_path, served)


def configured(folder: Path, served: Running) -> Path:
    text = CONFIGURATION.format(url=served.url, ca=served.ca_file)
    (folder / "crm-audit.yaml").write_text(text, encoding="utf-8")
    return folder


def review(folder: Path, served: Running, *words: str, typed: str = ""):
    with mock.patch.object(sys, "stdin", io.StringIO(typed)):
        return inside(folder, served, "tags", "review", "-c", "crm-audit.yaml", "--as-of", NOW, *words)


def run(folder: Path, served: Running):
    ran = inside(folder, served, "run", "-c", "crm-audit.yaml", "--as-of", NOW, "-q")
    assert "Traceback" not in ran.err
    return ran.document()["systems"][0]


def decisions(folder: Path):
    return {one.field: one for one in load_ledger(folder / "tag-decisions.yaml", TODAY).decisions}


def decided(
    folder: Path, served: Running, field: str = GROUP, said: str = "none", why: str = "A test arm."
) -> None:
    ran = review(folder, served, "--field", field, *BY, typed=f"{said}\n{why}\n\n")
    assert (ran.code, ran.out.count("Recorded 1 decision")) == (0, 1), ran.err


# -- at a terminal


def test_a_person_is_asked_until_the_answer_can_be_used(folder, served):
    typed = "nono\nnone\n\nשלום =1\nsoon\n2020-01-01\n2027-03-31\n"
    ran = review(folder, served, "--field", GROUP, *BY, typed=typed)
    assert ran.code == 0, ran.err
    assert f"1 of 1. {GROUP} (Condition; string)" in ran.out
    assert "“nono” is no class." in ran.out
    assert ran.out.count("not a day that is still to come") == 2
    one = decisions(folder)[GROUP]
    assert (one.phi_class.name, one.by, one.on, one.why) == ("none", "Ana Ruiz", TODAY, "שלום =1")
    assert (one.target, one.expires) == ("acme", dt.date(2027, 3, 31))


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("", 0),
        ("stop\n", 0),
        ("\n" * 99, 0),
        ("none\n", 0),
        ("none\nAsked.\n", 0),
        ("none\nAsked.\n\nstop\n", 1),
    ],
    ids=["nobody there", "stop", "all skipped", "gone before why", "gone before the day", "one and stop"],
)
def test_what_is_not_answered_is_not_recorded(typed, recorded, folder, served):
    ran = review(folder, served, "--all", *BY, typed=typed)
    assert ran.code == 0, ran.err
    assert f"Recorded {recorded} decision" in ran.out
    assert (folder / "tag-decisions.yaml").exists() == bool(recorded)


@pytest.mark.parametrize("stands_there", ["folder", "dangling link"])
def test_what_is_no_ledger_is_not_taken_for_none(stands_there, folder, served):
    place = folder / "tag-decisions.yaml"
    place.mkdir() if stands_there == "folder" else place.symlink_to(folder / "gone.yaml")
    for ran in (
        review(folder, served, "--all", *BY),
        inside(folder, served, "run", "-c", "crm-audit.yaml", "--as-of", NOW, "-q"),
    ):
        assert ran.code == 2
        assert "is not a file with decisions about fields" in " ".join(ran.err.split())


def test_yes_takes_what_is_proposed(folder, served):
    decided(folder, served, DIAGNOSIS, "yes")
    assert decisions(folder)[DIAGNOSIS].phi_class.name == "diagnosis_condition"


def test_what_is_decided_is_not_asked_again_but_by_name(folder, served):
    decided(folder, served)
    assert GROUP not in review(folder, served, "--all", *BY, typed="\n" * 99).out
    decided(folder, served, said="symptom")
    [one] = decisions(folder).values()
    assert one.phi_class.name == "symptom"


def test_a_ledger_that_changed_meanwhile_is_not_overwritten(folder, served):
    decided(folder, served)
    path = folder / "tag-decisions.yaml"
    text = path.read_text(encoding="utf-8")

    class Typing(io.StringIO):
        def readline(self, *_):
            path.write_text(text.replace("A test arm.", "Somebody else."), encoding="utf-8")
            return super().readline()

    with mock.patch.object(sys, "stdin", Typing("none\nMine.\n\n")):
        words = ("tags", "review", "-c", "crm-audit.yaml", "--field", GROUP, "--as-of", NOW, *BY)
        ran = inside(folder, served, *words)
    assert (ran.code, ran.out.count("Recorded")) == (2, 0)
    assert "changed while this review went on" in ran.err
    assert decisions(folder)[GROUP].why == "Somebody else."


# -- what a run makes of it


def rule(system, name: str):
    return next(one["state"] for one in system["rules"] if one["id"] == name)


def findings(system, name: str = "tag-decision-lapsed"):
    return [one for one in system["findings"] if one["rule"] == name]


def test_a_decision_counts_in_the_next_run_and_the_report_says_whose_it_is(folder, served):
    decided(folder, served, said="symptom")
    system = run(folder, served)
    [tag] = [tag for tag in system["tags"] if tag["field"] == GROUP]
    assert (tag["phi_class"], tag["basis"], tag["by"], tag["on"]) == (
        "symptom",
        "decision",
        "Ana Ruiz",
        "2026-11-24",
    )
    assert (tag["reasons"], tag["confidence"]) == ([f"{SAID}A test arm."], "high")
    assert rule(system, "tag-decision-lapsed") == "no_gap_observed"
    book = openpyxl.load_workbook(folder / "out" / "audit.xlsx", read_only=True)
    rows = [row for row in book["Field dictionary"].iter_rows(values_only=True) if GROUP in row]
    assert [
        {"Ana Ruiz", "2026-11-24", f"{SAID}A test arm.", "decided by a person for this field"} - {*row}
        for row in rows
    ] == [set()]


@pytest.mark.parametrize(("said", "tier"), [("symptom", "clinical (T3)"), ("none", "none (T0)")])
def test_an_explanation_tells_whose_decision_it_is(said, tier, folder, served):
    decided(folder, served, said=said)
    ran = inside(folder, served, "tags", "explain", GROUP, "-c", "crm-audit.yaml", "--as-of", NOW)
    assert ran.code == 0, ran.err
    for line in (f"tier: {tier}", "decided by: a decision (tag-decisions.yaml:4)", f"{SAID}A test arm."):
        assert line in ran.out


@pytest.mark.parametrize(
    ("said", "label", "severity"),
    [("none", "Seven", "medium"), ("none", "Diagnosis group", "low"), ("symptom", "Seven", "low")],
    ids=["cleared, and nothing else knows", "cleared, and now words know", "PHI"],
)
def test_a_field_that_changed_is_asked_about_again(said, label, severity, folder, served):
    decided(folder, served, said=said)
    with running(org(label=label)) as after:
        configured(folder, after)
        [found] = findings(run(folder, after))
        asked = review(folder, after, *BY).out
    assert (found["severity"], found["message"].endswith("since then, it changed: label.")) == (
        severity,
        True,
    )
    assert f"{GROUP} ({label}; string): re-opened" in asked
    assert f"Ana Ruiz decided {said} on 2026-11-24: A test arm." in asked


def test_a_decision_follows_its_field_through_a_rename(folder, served):
    decided(folder, served, said="symptom")
    with running(org(name="Renamed__c")) as after:
        configured(folder, after)
        system = run(folder, after)
    assert findings(system) == []
    assert [tag["field"] for tag in system["tags"] if tag["basis"] == "decision"] == ["Contact.Renamed__c"]


def test_a_field_that_was_made_again_is_another_one(folder, served):
    decided(folder, served)
    path = folder / "tag-decisions.yaml"
    path.write_text(
        re.sub(r'id: "[^"]+"', 'id: "01I0.00N0"', path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    [found] = findings(run(folder, served))
    assert found["message"].endswith("since then, it changed: field id.")


def test_an_expired_decision_is_told(folder, served):
    ran = review(folder, served, "--field", GROUP, *BY, typed="none\nA test arm.\n2026-11-24\n")
    assert ran.code == 0
    words = ("-c", "crm-audit.yaml", "--as-of", "2026-11-25T00:00:00Z")
    ran = inside(folder, served, "run", *words, "-q")
    [found] = findings(ran.document()["systems"][0])
    assert "the last day of that decision was 2026-11-24" in found["message"]
    assert (
        f"{GROUP} (Condition; string): expired" in inside(folder, served, "tags", "review", *words, *BY).out
    )


def test_a_ledger_that_cannot_be_used_stops_a_run_before_anything_is_read(folder, served):
    decided(folder, served)
    path = folder / "tag-decisions.yaml"
    text = path.read_text(encoding="utf-8")
    for wrong, said in (
        (text.replace('target: "acme"', 'target: "acne"'), "has no target"),
        (text.replace("decision: none", "decision: nono"), "not a class"),
    ):
        path.write_text(wrong, encoding="utf-8")
        for command in (("run",), ("tags", "review", *BY), ("doctor",)):
            ran = inside(folder, served, *command, "-c", "crm-audit.yaml")
            assert ran.code == 2
            assert said in ran.err + ran.out
            assert "tag-decisions.yaml:4" in ran.err + ran.out or "tag-decisions.yaml:7" in ran.err + ran.out


def test_a_decision_about_a_field_that_is_gone_is_named(folder, served):
    decided(folder, served)
    with running(planted()) as after:
        configured(folder, after)
        ran = review(folder, after, *BY)
    assert f"Decided about, and not there: {GROUP}." in ran.err


def test_a_mapping_that_the_words_contradict_is_told_until_a_person_decides(folder, served):
    (folder / "phi.yaml").write_text(
        "version: 1\ntags:\n  - match: {field: Diagnosis__c}\n    tag: none\n    why: Asked.\n",
        encoding="utf-8",
    )
    with (folder / "crm-audit.yaml").open("a", encoding="utf-8") as file:
        file.write("mappings: [phi.yaml]\n")
    [found] = findings(run(folder, served), "tag-sources-disagree")
    assert (found["severity"], found["object"]) == ("medium", "Contact")
    assert "the mapping (" in found["message"]
    assert "but its words suggest diagnosis_condition" in found["message"]
    assert f"{DIAGNOSIS} (Diagnosis; string): disagreement" in review(folder, served, *BY).out
    decided(folder, served, DIAGNOSIS)
    assert findings(run(folder, served), "tag-sources-disagree") == []


# -- by way of a spreadsheet


def column(name: str) -> str:
    return openpyxl.utils.get_column_letter(sheets.COLUMNS.index(name) + 1)


def row_of(folder: Path, field: str) -> int:
    sheet = openpyxl.load_workbook(folder / "review.xlsx")[sheets.SHEET]
    return next(cell.row for cell in sheet[column("Field name")] if cell.value == field)


def exported(folder: Path, served: Running) -> Path:
    ran = review(folder, served, "--all", "--export", "review.xlsx")
    assert ran.code == 0, ran.err
    return folder / "review.xlsx"


def fill(folder: Path, **fields: dict[str, object]) -> None:
    """Type into the rows of fields, by the last part of their names."""
    book = openpyxl.load_workbook(folder / "review.xlsx")
    sheet = book[sheets.SHEET]
    for name, cells in fields.items():
        number = row_of(folder, f"Contact.{name}")
        for heading, value in cells.items():
            cell = sheet[f"{column(heading)}{number}"]
            cell.value = value
            if isinstance(value, str) and heading != "Formula":
                cell.data_type = "s"
    book.save(folder / "review.xlsx")


GOOD = {"Decision": "none", "Decided by": "Ana Ruiz", "Why": "A test arm."}


def test_what_a_sheet_decides_is_recorded_unharmed(folder, served):
    exported(folder, served)
    hard = '=שלום 007 <b> "x"\nצ'
    fill(
        folder,
        Group__c={**GOOD, "Why": hard, "Decided by": "אנה", "Expires": "2027-03-31"},
        Diagnosis__c={**GOOD, "Decision": "symptom", "Why": "007", "Expires": dt.date(2027, 1, 2)},
    )
    ran = review(folder, served, "--import", "review.xlsx")
    assert ran.code == 0, ran.err
    assert (
        "Recorded 2 decisions about fields of acme in tag-decisions.yaml: 1 as PHI, 1 as not PHI." in ran.out
    )
    found = decisions(folder)
    assert (found[GROUP].by, found[GROUP].why, found[GROUP].expires) == ("אנה", hard, dt.date(2027, 3, 31))
    assert (found[DIAGNOSIS].why, found[DIAGNOSIS].expires) == ("007", dt.date(2027, 1, 2))
    [mine] = [one for one in run(folder, served)["decisions"] if one["field"] == GROUP]
    assert (mine["phi_class"], mine["status"], mine["by"], mine["why"]) == ("none", "in force", "אנה", hard)


def test_an_empty_sheet_decides_nothing(folder, served):
    exported(folder, served)
    ran = review(folder, served, "--import", "review.xlsx")
    assert (ran.code, "Recorded 0 decisions" in ran.out) == (0, True)
    assert not (folder / "tag-decisions.yaml").exists()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"Decision": "nono"}, "“nono” is not a class."),
        ({"Decision": "diagnosis"}, 'Did you mean "diagnosis_condition"?'),
        ({"Decision": None}, "“Decision” is empty."),
        ({"Decided by": None}, "“Decided by” is empty."),
        ({"Why": "  "}, "“Why” is empty."),
        ({"Why": 7}, "Why is not text."),
        ({"Expires": "31.3.2027"}, "“31.3.2027” is not a day."),
        ({"Expires": "2026-02-30"}, "“2026-02-30” is not a day."),
        ({"Expires": "2026-11-23"}, "“2026-11-23” is over."),
        ({"Expires": 46112}, "Expires is not text."),
        ({"Key": "0" * 16}, "hidden key was changed"),
        ({"Target": "other"}, "It is about other, not acme."),
        ({"Target": None}, "It is about no target, not acme."),
        ({"Evidence": "x"}, "The hidden evidence was changed."),
        ({"Earlier": "0" * 16}, "Somebody decided about the field since the export."),
    ],
)
def test_what_cannot_be_taken_is_refused_by_row_and_field_and_nothing_is_recorded(
    cells, said, folder, served
):
    exported(folder, served)
    fill(folder, Group__c={**GOOD, **cells}, Diagnosis__c=GOOD)
    ran = review(folder, served, "--import", "review.xlsx")
    assert ran.code == 2
    assert f"row {row_of(folder, GROUP)} ({GROUP}): " in ran.err
    assert said in ran.err
    assert not (folder / "tag-decisions.yaml").exists()


def test_everything_that_is_wrong_is_told_at_once(folder, served):
    exported(folder, served)
    fill(folder, Group__c={"Decision": "nono"}, Diagnosis__c={"Why": "Asked."})
    ran = review(folder, served, "--import", "review.xlsx")
    assert ran.err.count("review.xlsx: row") == 3 + 2


def test_two_rows_about_one_field_are_refused(folder, served):
    exported(folder, served)
    fill(folder, Group__c=GOOD)
    book = openpyxl.load_workbook(folder / "review.xlsx")
    sheet, number = book[sheets.SHEET], row_of(folder, GROUP)
    last = sheet.max_row + 1
    for cell in sheet[number]:
        sheet.cell(last, cell.column, cell.value)
    book.save(folder / "review.xlsx")
    ran = review(folder, served, "--import", "review.xlsx")
    assert (ran.code, f"row {last} ({GROUP}): The field stands on row {number} too." in ran.err) == (2, True)


def test_a_sheet_is_taken_once_and_not_after_somebody_else_decided(folder, served):
    exported(folder, served)
    fill(folder, Group__c=GOOD)
    assert review(folder, served, "--import", "review.xlsx").code == 0
    kept = (folder / "tag-decisions.yaml").read_bytes()
    ran = review(folder, served, "--import", "review.xlsx")
    assert ran.code == 2
    assert "since the export. Ana Ruiz decided none on 2026-11-24: A test arm." in ran.err
    assert (folder / "tag-decisions.yaml").read_bytes() == kept


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "Diagnosis group"}, "The field changed since the export: label."),
        ({"name": "Renamed__c"}, "Its field is not there any more"),
    ],
)
def test_a_field_that_changed_since_the_export_is_refused(change, said, folder, served):
    exported(folder, served)
    fill(folder, Group__c=GOOD)
    with running(org(**change)) as after:
        configured(folder, after)
        ran = review(folder, after, "--import", "review.xlsx")
    assert (ran.code, said in ran.err) == (2, True), ran.err


# -- other ways to ask


def test_a_saved_snapshot_is_asked_as_the_org_is(folder, served):
    ran = inside(folder, served, "collect", "kept", "acme", "-c", "crm-audit.yaml", "-q")
    assert ran.code in {0, 4}, ran.err
    exported(folder, served)
    whole = (folder / "review.xlsx").read_bytes()
    ran = review(folder, served, "--all", "--snapshot", "kept", "--export", "again.xlsx")
    assert ran.code == 0, ran.err
    rows = [
        [list(row) for row in openpyxl.load_workbook(source)[sheets.SHEET].iter_rows(values_only=True)]
        for source in (io.BytesIO(whole), folder / "again.xlsx")
    ]
    kept = {row[2]: row for row in rows[1]}
    assert [row for row in rows[0] if row[2] in kept and kept[row[2]] != row] == []
    assert {GROUP, DIAGNOSIS} <= kept.keys()


PORTAL = """\
version: 1
targets:
  - name: portal
    platform: hubspot
    base_url: {url}
    auth: {{token: {{env: HUBSPOT_ACCESS_TOKEN}}}}
strict_credential: false
"""


def test_a_portal_is_reviewed_too(tmp_path):
    with hubspot.running(clinic_portal()) as site:
        (tmp_path / "crm-audit.yaml").write_text(PORTAL.format(url=site.url), encoding="utf-8")
        words = ("tags", "review", "portal", "-c", "crm-audit.yaml", "--as-of", NOW)
        with mock.patch.object(sys, "stdin", io.StringIO("none\nAsked.\n\n")):
            environ = {"HUBSPOT_ACCESS_TOKEN": site.token}
            ran = programs.inside(tmp_path, *words, "--field", "contacts.email", *BY, **environ)
        assert ran.code == 0, ran.err
        assert site.writes() == []
    [one] = load_ledger(tmp_path / "tag-decisions.yaml", TODAY).decisions
    assert (one.field, one.id, one.target) == ("contacts.email", "", "portal")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "It is not said who decides."),
        (("--export", "a.xlsx", "--import", "b.xlsx"), "exported or imported"),
        (("--export", "crm-audit.yaml"), "is there already"),
        (("--import", "nothing.xlsx"), "cannot be read"),
        (("--import", "crm-audit.yaml"), "is not a sheet for a review"),
        (("--field", "Contact.Nothing__c", *BY), "has no field “Contact.Nothing__c”"),
        (("other", *BY), "other"),
    ],
)
def test_what_cannot_be_asked_is_refused(words, said, folder, served):
    ran = review(folder, served, *words)
    assert (ran.code, said in ran.err) == (2, True), ran.err


# -- the file itself


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    path, link = tmp_path / "kept", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link.symlink_to(path)
    new_files.replace(link, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o600, True)
    with (
        mock.patch.object(os, "fsync", side_effect=OSError(28, "No space left on device")),
        pytest.raises(new_files.AuditorError, match="No space left"),
    ):
        new_files.replace(path, b"newer")
    assert (path.read_bytes(), sorted(one.name for one in tmp_path.iterdir())) == (b"new", ["kept", "link"])
