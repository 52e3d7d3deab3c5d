"""The sheet in which a person decides about fields: what may be typed into it, and that it comes back as typed."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import ConfigError
from reports import review_sheet as sheets

MOMENT = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
CLASSES = [("none", "Nothing."), ("allergy", "An allergy.")]
HOSTILE = {
    "Object": "=cmd|' /C calc'!A0",
    "Field": "+1\n<b>",
    "Field name": "Contact.A__c",
    "Reasons": "@SUM(1)",
}
ROW = {name: name.lower() for name in sheets.SHOWN} | {
    "Field name": "Contact.A__c",
    "Target": "clinic",
    "Key": "0" * 16,
    "Evidence": " ".join(["1" * 16] * 6),
    "Earlier": "",
}
LETTER = {name: openpyxl.utils.get_column_letter(at) for at, name in enumerate(sheets.COLUMNS, 1)}


def written(*rows) -> bytes:
    stream = io.BytesIO()
    sheets.write(rows or (ROW,), CLASSES, stream, MOMENT)
    return stream.getvalue()


def escape(text: str) -> str:
    """The text as a spreadsheet program stores it."""
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def filled(path, rows=(ROW,), row=2, **cells):
    """The sheet, with something typed into one of its rows."""
    book = openpyxl.load_workbook(io.BytesIO(written(*rows)))
    for name, value in cells.items():
        cell = book[sheets.SHEET][f"{LETTER[name.replace('_', ' ')]}{row}"]
        cell.value = value
        if isinstance(value, str) and not value.startswith("=="):
            cell.data_type = "s"  # as a cell does that is formatted as text
    book.save(path)
    return path


def test_only_what_is_to_be_filled_in_is_open():
    sheet = openpyxl.load_workbook(io.BytesIO(written()))[sheets.SHEET]
    assert sheet.protection.sheet
    for name in sheets.COLUMNS:
        cell = sheet[f"{LETTER[name]}2"]
        assert cell.protection.locked == (name not in sheets.FILLED), name
        assert (cell.number_format == "@") == (name in sheets.FILLED), name
        assert sheet.column_dimensions[LETTER[name]].hidden == (name in sheets.HIDDEN), name


def test_a_decision_is_chosen_from_the_classes():
    book = openpyxl.load_workbook(io.BytesIO(written(ROW, ROW)))
    [offer] = book[sheets.SHEET].data_validations.dataValidation
    assert (offer.type, str(offer.sqref)) == ("list", f"{LETTER['Decision']}2:{LETTER['Decision']}3")
    assert offer.formula1 == "Classes!$A$2:$A$3"
    assert [row[0].value for row in book["Classes"].iter_rows(min_row=2)] == ["none", "allergy"]
    assert book["Classes"].protection.sheet


def test_what_others_typed_is_harmless():
    book = openpyxl.load_workbook(io.BytesIO(written(HOSTILE)))
    values = [cell.value for cell in book[sheets.SHEET][2] if cell.value]
    assert "'=cmd|' /C calc'!A0" in values
    assert not [value for value in values if value[0] in "=+-@"]


def test_the_same_rows_give_the_same_bytes():
    assert written() == written()


@pytest.mark.parametrize(
    "why",
    [
        "=1+1",
        "@x",
        "007",
        "שלום",
        "line\nline",
        "<b>&amp;",
        "2027-03-31",
        "_x0041_",
        "'quoted",
        "\U0001f600",
        "#N/A",
    ],
)
def test_what_is_typed_comes_back(why, tmp_path):
    path = filled(tmp_path / "r.xlsx", Decision="none", Decided_by="Ana Ruiz", Why=escape(why))
    [row] = sheets.read(path)
    assert (row.row, row.field, row.said["Why"], row.unfit) == (2, "Contact.A__c", why, {})
    assert [row.said[name] for name in sheets.HIDDEN] == [ROW[name] for name in sheets.HIDDEN]


LEGAL = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=60
)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [("a_x000D_\nb", "a\r\nb"), ("_x005F_x0041_", "_x0041_"), ("_x0041_", "_x0041_"), ("_x005F_", "_x005F_")],
)
def test_escapes_of_the_format_are_read(stored, typed, tmp_path):
    [row] = sheets.read(filled(tmp_path / "r.xlsx", Why=stored))
    assert row.said["Why"] == typed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LEGAL, min_size=1, max_size=5))
def test_any_text_comes_back(tmp_path, texts):
    path = tmp_path / "r.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(written(*[ROW] * len(texts))))
    for number, text in enumerate(texts, 2):
        cell = book[sheets.SHEET][f"{LETTER['Why']}{number}"]
        cell.value, cell.data_type = escape(text), "s"
    book.save(path)
    assert {row.row: row.said["Why"] for row in sheets.read(path)} == {
        number: text.strip() for number, text in enumerate(texts, 2) if text.strip()
    }


@pytest.mark.parametrize(
    ("value", "said", "unfit"),
    [
        (dt.datetime(2027, 3, 31), "2027-03-31", None),  # noqa: DTZ001 - a cell has no zone
        (dt.date(2027, 3, 31), "2027-03-31", None),
        ("2027-03-31", "2027-03-31", None),
        (dt.datetime(2027, 3, 31, 12), "", "not text"),  # noqa: DTZ001
        (7, "", "not text"),
        (True, "", "not text"),
        ("==1+1", "", "a formula"),
    ],
    ids=["a date", "a day", "a text", "a moment", "a number", "a truth", "a formula"],
)
def test_what_is_no_text_is_told(value, said, unfit, tmp_path):
    [row] = sheets.read(filled(tmp_path / "r.xlsx", Expires=value))
    assert (row.said["Expires"], row.unfit.get("Expires")) == (said, unfit)
    assert not row.blank


def test_blank_rows_are_left_out_and_numbers_stay(tmp_path):
    path = filled(tmp_path / "r.xlsx", rows=(ROW, ROW, ROW), row=4, Decision="none")
    assert [row.row for row in sheets.read(path)] == [4]


def test_columns_may_be_moved(tmp_path):
    path = filled(tmp_path / "r.xlsx", Decision="none")
    book = openpyxl.load_workbook(path)
    book[sheets.SHEET].insert_cols(1)
    book.save(path)
    assert [row.said["Decision"] for row in sheets.read(path)] == ["none"]


def test_a_column_that_is_gone_is_told(tmp_path):
    path = filled(tmp_path / "r.xlsx", Decision="none")
    book = openpyxl.load_workbook(path)
    book[sheets.SHEET][f"{LETTER['Evidence']}1"].value = "Something"
    book.save(path)
    with pytest.raises(ConfigError, match="column “Evidence” is missing"):
        sheets.read(path)


def archive(**entries: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, text in entries.items():
            made.writestr(name, text)
    return stream.getvalue()


def broken() -> bytes:
    """A workbook whose sheet stops in the middle."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as whole, zipfile.ZipFile(stream, "w") as made:
        for name in whole.namelist():
            text = whole.read(name)
            made.writestr(name, text[: len(text) // 2] if name.endswith("sheet1.xml") else text)
    return stream.getvalue()


def other() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"Field,Decision\n", archive(a="b"), written()[:2000], broken(), other()],
    ids=["empty", "csv", "an archive", "cut off", "broken inside", "another workbook"],
)
def test_what_is_no_such_sheet_is_refused(content, tmp_path):
    path = tmp_path / "r.xlsx"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a sheet for a review"):
        sheets.read(path)


def test_what_cannot_be_read_or_is_far_too_large_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        sheets.read(tmp_path / "nothing.xlsx")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        sheets.read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="is not a sheet"):
        sheets.read(tmp_path / "pipe")
    monkeypatch.setattr(sheets, "_LARGEST_UNPACKED", 1000)
    with pytest.raises(ConfigError, match="is not a sheet"):
        sheets.read(filled(tmp_path / "r.xlsx"))
