"""`tags classify`: whatever is odd about a list is told by its line, and a result is whole or not there."""

from __future__ import annotations

import csv
import io
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.program.programs import inside

HEADER = "row_id,phi,phi_class,confidence,reasons"


def ran(folder, text, *, out="out.csv"):
    (folder / "in.csv").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return inside(folder, "tags", "classify", "in.csv", out)


def rows(folder):
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("field\nDiagnosis__c\n", ["1"]),
        ("label\nDiagnosis\nEmail\n", ["1", "2"]),
        ("﻿row_id,field\r\nb,Diagnosis__c\r\na,Email\r\n", ["b", "a"]),
        ("row_id,field\n\n7,Diagnosis__c\n\n", ["7"]),
        ('row_id,field,description\n1,Diagnosis__c,"two\nlines, and a ""quote"""\n2,Email,\n', ["1", "2"]),
        (" Row_ID , FIELD ,phi,phi_class\n1,Diagnosis__c,none,none\n", ["1"]),
        ("field\n", []),
        ("row_id,field\n=1+1,Diagnosis__c\n@x,Email\n", ["'=1+1", "'@x"]),
    ],
)
def test_one_row_for_each_in_their_order(tmp_path, text, ids):
    assert ran(tmp_path, text).code == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0] == HEADER
    assert [row["row_id"] for row in rows(tmp_path)] == ids
    if ids:
        assert rows(tmp_path)[0]["phi"] == "clinical"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "in.csv: The file is empty."),
        ("\n\n", "in.csv: The file is empty."),
        ("row_id;field\n1;Email\n", "in.csv:1: The columns are separated by semicolons, not by commas."),
        ("row_id\tfield\n1\tEmail\n", "in.csv:1: The columns are separated by tabs, not by commas."),
        ("row_id,object\n1,Lead\n", "in.csv:1: There is no column “field” or “label”"),
        ("feild\nEmail\n", 'Did you mean "field"?'),
        ("field,Field\na,b\n", "in.csv:1: The column field is given twice."),
        (
            "row_id,field\n1,Email\n1,Phone\n",
            "in.csv:3: The row_id 1 is given twice; the first is on line 2.",
        ),
        (
            'row_id,field\n1,"E\nmail"\n1,Phone\n',
            "in.csv:4: The row_id 1 is given twice; the first is on line 2.",
        ),
        ("row_id,field\n,Email\n", "in.csv:2: This row has no row_id."),
        ("row_id,field\n1\n", "in.csv:2: This row has 1 cell, and the header has 2."),
        ("row_id,field\n1,Email,more\n", "in.csv:2: This row has 3 cells, and the header has 2."),
        (
            'row_id,field\n1,"Email\n',
            "in.csv:2: This row cannot be read as CSV: a quote is opened and never closed.",
        ),
        (
            'row_id,field\n1,"E"mail\n',
            "in.csv:2: This row cannot be read as CSV: a quote stands within a cell.",
        ),
        (
            "field\rEmail\r",
            "in.csv:1: This row cannot be read as CSV: lines end with a carriage return alone.",
        ),
        (
            "field\n" + "a" * 200_000,
            "in.csv:2: This row cannot be read as CSV: a cell is longer than 131,072",
        ),
        ("field\nDiagn\xf3stico\n".encode("latin-1"), "in.csv:2:6: The file is not UTF-8 text."),
        ("field\nEmail\n".encode("utf-16"), "in.csv:1:1: The file is not UTF-8 text."),
    ],
)
def test_what_is_no_list_is_refused_by_its_line(tmp_path, text, said):
    found = ran(tmp_path, text)
    assert found.code == 2
    assert said in found.err
    assert found.err.count("error: ") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothing.csv", "out.csv"), 2, "nothing.csv: The file cannot be read: No such file or directory."),
        (("folder", "out.csv"), 2, "folder: The file cannot be read: Is a directory."),
        (("pipe", "out.csv"), 2, "pipe: This is a pipe or a device, not a file."),
        (("in.csv", "folder"), 2, "folder is a folder."),
        (("in.csv", "pipe"), 2, "pipe is a pipe or a device, not a file."),
        (("in.csv", "in.csv"), 2, "in.csv is the list itself."),
        (("in.csv", "same.csv"), 2, "same.csv is the list itself."),
        (
            ("in.csv", "nowhere/out.csv"),
            1,
            "nowhere/out.csv could not be written: No such file or directory.",
        ),
    ],
)
def test_files_that_cannot_be_meant(tmp_path, words, code, said):
    (tmp_path / "in.csv").write_text("field\nEmail\n")
    (tmp_path / "same.csv").hardlink_to(tmp_path / "in.csv")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(path.name for path in tmp_path.iterdir())
    found = inside(tmp_path, "tags", "classify", *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "in.csv").read_text() == "field\nEmail\n"


def test_an_older_result_is_replaced_only_by_a_whole_one(tmp_path):
    (tmp_path / "out.csv").write_text("old")
    assert ran(tmp_path, "field\n1,2\n").code == 2
    assert (tmp_path / "out.csv").read_text() == "old"
    assert ran(tmp_path, "field\nEmail\n").out == "1 field: 1 identifier.\n"
    assert [row["phi_class"] for row in rows(tmp_path)] == ["email"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


ODD = ["=cmd", '"', "a,b", "x\ny", "Dx"]
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(ODD)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6))
def test_any_list_that_is_csv_comes_back_row_by_row(tmp_path, cells):
    text = io.StringIO()
    csv.writer(text).writerows([("object", "field", "label"), *cells])
    assert ran(tmp_path, text.getvalue()).code == 0
    found = rows(tmp_path)
    assert [row["row_id"] for row in found] == [str(number) for number in range(1, len(cells) + 1)]
    assert all(row["reasons"] and row["confidence"] in {"high", "medium", "low"} for row in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.binary(max_size=60) | st.text(alphabet='field,abel\n\r";\t\0é', max_size=40).map(str.encode))
def test_anything_else_is_one_sentence(tmp_path, content):
    found = ran(tmp_path, content)
    assert found.code in {0, 2}
    assert "Traceback" not in found.err
    assert found.err.count("error: ") == (found.code == 2)


def test_a_link_stays_and_what_it_leads_to_keeps_its_mode(tmp_path):
    (tmp_path / "kept.csv").write_text("old")
    (tmp_path / "kept.csv").chmod(0o600)
    (tmp_path / "out.csv").symlink_to("kept.csv")
    assert ran(tmp_path, "field\nEmail\n").code == 0
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "kept.csv").read_text().startswith(HEADER)
    assert (tmp_path / "kept.csv").stat().st_mode & 0o777 == 0o600
