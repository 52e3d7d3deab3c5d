"""The CSV files, read back."""

from __future__ import annotations

import csv
import io

import audits
import pytest

from auditor.access import Word
from auditor.planes import Verb
from reports import csv_files

ALL = [audits.clinic, audits.clean, audits.unreadable, audits.hostile]


def access_of(*made) -> list[dict[str, str]]:
    stream = io.StringIO()
    csv_files.write_access(made, stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize("make", ALL)
def test_access_says_what_the_core_says(make):
    made = make()
    access = made.view.access
    rows = {(r["principal_id"], f"{r['object']}.{r['field']}"): r for r in access_of(made)}
    for person in access.grants.people:
        for column in access.grants.fields:
            read = access.word(person.id, column.name)
            edit = access.word(person.id, column.name, Verb.EDIT)
            row = rows.pop((person.id, column.name), None)
            if read is Word.NO and edit in {Word.NO, Word.NOT_JUDGED}:
                assert row is None
                continue
            assert (row["read"], row["edit"]) == (read.value, edit.value)
            path = access.path(access.signature_of(person.id), access.field_index(column.name))
            assert row["paths"] == ("" if read in {Word.NO, Word.UNKNOWN} else str(path))
            assert row["phi_class"] == made.view.tags[column.name].phi_class
            assert row["audience"] == made.view.audiences.of[person.id].audience
    assert not rows


def test_a_latent_path_has_an_empty_object_side():
    latent = [r for r in access_of(audits.clinic()) if r["read"] == "latent"]
    assert {r["paths"] for r in latent} == {">0PS000000000002"}


def test_header_and_line_ends():
    stream = io.StringIO(newline="")
    csv_files.write_access((audits.hostile(),), stream)
    assert stream.getvalue().startswith(
        "principal_id,object,field,read,edit,paths,principal,audience,phi_class\n"
    )
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("write", [csv_files.write_access, csv_files.write_findings])
def test_no_cell_starts_a_formula_or_breaks_a_line(write):
    stream = io.StringIO(newline="")
    write((audits.hostile(),), stream)
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert len(rows) == stream.getvalue().count("\n")
    for row in rows:
        assert len(row) == len(rows[0])
        for cell in row:
            assert cell[:1] not in set("=+@\t\r")
            assert cell == "-" or cell[:1] != "-"
            assert not any(c < " " for c in cell)


def test_findings_hold_codes_for_programs():
    stream = io.StringIO(newline="")
    csv_files.write_findings((audits.clinic(),), stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert [row["finding_id"] for row in rows] == [f.id for f in audits.clinic().findings]
    assert {row["state"] for row in rows} == {"gap_observed", "unknown_not_readable"}
    assert rows[0]["severity"] == "critical"
    assert len(set(rows[0])) == len(rows[0])
