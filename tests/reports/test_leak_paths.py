"""Leak paths in tables and sentences: understood without knowing the CRM, and nothing said that nobody looked for."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import audits
import openpyxl
import pyarrow as pa
import pytest
from rich.console import Console

from auditor.findings import State
from auditor.leaks import Hop, LeakGraph, NodeKind
from auditor.snapshot import Capability, Reading, Unread, Why
from auditor.surfaces import Consent, Leaks, Surfaces
from reports import chains, csv_files, excel, grid, outline, pictures, terminal, words
from reports.tables import Table, tables

FORM = Hop("form:1", NodeKind.SOURCE, "form “Intake”")
FIELD = Hop("field:C.D", NodeKind.FIELD, "Contact › Diagnosis", "asks, and stores the answer in", Leaks.VALUE)
MEMBERSHIP, PRESENCE, VALUE = Leaks.MEMBERSHIP, Leaks.PRESENCE, Leaks.VALUE


def sheet(*made) -> Table:
    return next(table for table in tables(made) if table.sheet == "Leak paths")


def shown(table: Table) -> list[dict[str, str]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, map(grid.text, row), strict=True)) for row in table.rows]


def printed(*made) -> str:
    stream = io.StringIO()
    terminal.render(made, Console(file=stream, width=100))
    return " ".join(stream.getvalue().split())


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
def test_where_nobody_looked_nothing_is_said(make):
    made = make()
    assert "Leak paths" not in {table.sheet for table in tables((made,))}
    assert "eak path" not in outline.headline(made)
    assert "eak path" not in printed(made)


def test_each_finding_with_a_chain_is_a_row_the_worst_first():
    made = audits.leaking()
    rows = shown(sheet(made))
    told = [finding for finding in made.findings if finding.seen.chain]
    assert len(rows) == len({(f.seen.state, tuple(hop.node for hop in f.seen.chain)) for f in told}) > 10
    assert sorted(", ".join(row["Finding ids"] for row in rows).split(", ")) == sorted(f.id for f in told)
    assert rows[0] == {
        "Severity": "Critical",
        "State": "Gap observed",
        "What was observed": (
            "From the people passed on to an address outside the CRM (ads.partner.example), something can be told "
            "about “Contact › Diagnosis”, which form “New patient intake” collects."
        ),
        "Step by step": (
            "1. form “New patient intake” "
            "2. asks “What brings you to us?”, and stores the answer in Contact › Diagnosis "
            "3. decides who belongs to list “Concern known”, with 1,204 members "
            "4. decides who gets into workflow “Sleep audience” "
            "5. passes the people on to an address outside the CRM (ads.partner.example)"
        ),
        "What passes on": "who belongs, from which it can be told",
        "Consent": "none is asked for",
        "Members": "1204",
        "Finding ids": ", ".join(one.id for one in outline.leak_groups((made,))[0][1]),
        "System": "lakeside",
        "Rule": ", ".join(one.rule for one in outline.leak_groups((made,))[0][1]),
    }
    assert [row["Severity"] for row in rows] == sorted(row["Severity"] for row in rows)
    assert rows[-1]["State"] == "Partial"


def test_what_is_not_observed_comes_last():
    made = audits.leaking()
    (audit_, first), (_, second), *_ = outline.leak_paths((made,))
    assert not replace(first, seen=replace(first.seen, state=State.UNKNOWN)).counts
    unknown = replace(first, seen=replace(first.seen, state=State.UNKNOWN))
    assert sorted((unknown, second), key=chains.order) == [second, unknown]
    assert audit_ is made


def test_a_list_whose_size_nobody_told_is_not_empty():
    rows = shown(sheet(audits.leaking()))
    assert {row["Members"] for row in rows} == {"1204", "1", "not told"}


def test_what_was_not_fully_read_is_named_and_systems_without_a_look_too():
    lines = " ".join(sheet(audits.leaking(), audits.clinic()).intro)
    assert (
        "In lakeside, workflow 903, e-mail “Sleep better” were not fully read, so there may be more" in lines
    )
    assert "Leak paths were not looked for in sunrise." in lines
    assert "sunrise" not in " ".join(sheet(audits.leaking()).intro)


def test_a_reading_that_was_refused_leaves_a_doubt_and_no_path_is_no_pass():
    refused = Reading.missing("forms", Capability.ASSETS, pa.schema([]), Unread(Why.FORBIDDEN, "403."))
    seen = replace(audits.view(missing=(refused,)), leaks=LeakGraph(Surfaces(), {}))
    table = sheet(audits.judged(seen))
    assert table.rows == ()
    assert "before relying on it" in table.empty
    assert "In sunrise, forms was not fully read" in " ".join(table.intro)


def test_everything_read_leaves_no_doubt():
    seen = replace(audits.view(missing=(audits.FORMULAS,)), leaks=LeakGraph(Surfaces(), {}))
    assert "fully read" not in " ".join(sheet(audits.judged(seen)).intro)
    assert "eak path" not in outline.headline(audits.judged(seen))


def test_the_worst_stands_in_the_headline_the_summary_and_the_terminal():
    made = audits.leaking()
    worst = chains.sentence(outline.leak_paths((made,))[0][1].seen.chain)
    said = f"Worst leak path: {worst}"
    assert said in outline.headline(made)
    assert said in grid.text(next(iter(tables((made,))[0].rows))[1])
    assert said in printed(made)


def test_the_headline_leaves_out_what_is_waived_and_a_question_that_leads_nowhere():
    made = audits.leaking()
    (result,) = (one for one in made.results if one.rule.id == "leaks-somewhere")
    waived = replace(
        result.findings[0], seen=replace(result.findings[0].seen, state=State.GAP_WAIVED), waiver="W1"
    )
    lowered = replace(made, results=(replace(result, findings=(waived,)),))
    assert "eak path" not in outline.headline(lowered)
    assert len(sheet(lowered).rows) == 1
    asked = replace(result.findings[0], seen=replace(result.findings[0].seen, chain=(FORM, FIELD)))
    only = replace(made, results=(replace(result, findings=(asked,)),))
    assert "eak path" not in outline.headline(only)
    assert len(sheet(only).rows) == 1


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        ((FORM, FIELD), "Form “Intake” collects “Contact › Diagnosis”."),
        ((FIELD,), "“Contact › Diagnosis” may hold health data."),
        (
            (FORM, FIELD, Hop("field:C.E", NodeKind.DERIVED, "Contact › Copy", "a", VALUE)),
            "“Contact › Copy” shows “Contact › Diagnosis”, which form “Intake” collects.",
        ),
        (
            (FORM, FIELD, Hop("email:1", NodeKind.ASSET, "e-mail “Hi”", "is printed in", VALUE)),
            "What “Contact › Diagnosis” holds, which form “Intake” collects, is used in e-mail “Hi”.",
        ),
        (
            (FIELD, Hop("sink:flow:1#1", NodeKind.APP, "a program run by the workflow", "a", VALUE)),
            "What “Contact › Diagnosis” holds is handed to a program run by the workflow.",
        ),
        (
            (FIELD, Hop("sink:flow:1#1", NodeKind.AUDIENCE, "a task for colleagues", "a", VALUE)),
            "What “Contact › Diagnosis” holds is put into a task for colleagues.",
        ),
        (
            (FIELD, Hop("list:1", NodeKind.ASSET, "list “Known”", "a", PRESENCE)),
            "From the people who are in list “Known”, it can be told whether “Contact › Diagnosis” is filled in.",
        ),
        (
            (FORM, FIELD, Hop("email:1", NodeKind.ASSET, "e-mail “Hi”", "a", MEMBERSHIP)),
            (
                "From the people who get e-mail “Hi”, something can be told about “Contact › Diagnosis”, which form "
                "“Intake” collects."
            ),
        ),
        (
            (FIELD, Hop("sink:flow:1#1", NodeKind.AUDIENCE, "a task for colleagues", "a", MEMBERSHIP)),
            (
                "From the people who get as far as a task for colleagues, something can be told about "
                "“Contact › Diagnosis”."
            ),
        ),
    ],
)
def test_a_chain_in_one_sentence(chain, said):
    assert chains.sentence(chain) == said


def test_a_chain_on_one_line_reads_on_over_its_arrows():
    made = audits.leaking()
    chain = (FORM, FIELD, Hop("list:3", NodeKind.ASSET, "list “שלום”", "decides who belongs to", PRESENCE))
    assert chains.in_a_row(made, chain) == (
        "form “Intake” asks, and stores the answer in → Contact › Diagnosis decides who belongs to → "
        "list “שלום”, with 1,204 members"
    )


def test_a_chain_of_any_length_is_told_by_its_beginning_and_its_end():
    hops = [
        Hop(f"list:n{n}", NodeKind.ASSET, f"list “{n}”", "decides who gets into", MEMBERSHIP)
        for n in range(5000)
    ]
    made, chain = audits.leaking(), (FORM, FIELD, *hops)
    lines = chains.steps(made, chain).lines
    assert len(lines) == chains.MOST
    assert lines[7] == "leads on over 4,989 further steps, which audit.json has"
    assert lines[6].endswith("list “4”")
    assert lines[8].endswith("list “4994”")
    assert lines[-1].endswith("list “4999”")
    assert "4,989 further steps" in chains.in_a_row(made, chain)
    assert pictures.picture(made, chain).count("<rect") == chains.MOST
    assert chains.shown(chain[: chains.MOST]) == chain[: chains.MOST]


def test_consent_is_told_of_the_form_and_of_nothing_else():
    made = audits.leaking()
    assert chains.consent(made, (FORM, FIELD)) == words.consent(Consent.NONE)
    assert chains.consent(made, (FIELD,)) == "no form asks for this"
    assert chains.consent(audits.clinic(), (FORM, FIELD)) == "could not be told"


def test_an_unknown_asset_keeps_its_name():
    made = audits.leaking()
    assert chains.called(made, "list:3") == "list “Concern known”"
    assert chains.called(made, "list:99") == "list 99"
    assert chains.called(audits.clinic(), "list:3") == "list 3"
    assert chains.called(made, "forms") == "forms"


def test_the_first_hop_alone_passes_nothing_on():
    assert chains.passes((replace(FIELD, leaks=None),)) == ""


def test_the_workbook_has_a_line_for_each_step_and_hostile_names_stay_names():
    stream = io.BytesIO()
    excel.write(tables((audits.hostile_leaks(),)), stream, audits.TAKEN)
    made = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))["Leak paths"]
    cells = [row[3].value for row in made.iter_rows(min_row=5) if row[3].value]
    for cell in cells[1:]:
        lines = cell.split("\n")
        assert [line.partition(". ")[0] for line in lines] == [str(n) for n in range(1, len(lines) + 1)]
    assert any("“two⏎lines”" in cell for cell in cells)
    assert any("⟨U+202E⟩" in cell for cell in cells)
    assert made.print_area.endswith(f"$H${made.max_row}")


def test_steps_that_no_cell_holds_end_with_a_mark():
    stream = io.BytesIO()
    steps = grid.Steps(tuple("x" * 20_000 for _ in range(4)))
    table = Table("One", "One", (grid.Column("Steps", 20),), ((steps,),))
    excel.write((table,), stream, audits.TAKEN)
    (*_, last) = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))["One"].iter_rows()
    assert len(last[0].value) < 32_767
    assert last[0].value.endswith("\n…")


def test_the_list_of_findings_gives_the_chain_as_its_example():
    made = audits.leaking()
    stream = io.StringIO()
    csv_files.write_findings((made,), stream)
    rows = {row["finding_id"]: row for row in csv.DictReader(io.StringIO(stream.getvalue()))}
    _, worst = outline.leak_paths((made,))[0]
    assert rows[worst.id]["example_path"] == chains.in_a_row(made, worst.seen.chain)
    assert "Mary Chen" in rows[made.findings[1].id]["example_path"] or made.findings[1].seen.example
