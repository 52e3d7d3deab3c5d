"""The workbook, read back."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import audits
import openpyxl
import pytest

from reports import excel
from reports.grid import Column, Kind, Table
from reports.tables import tables

ROOT = Path(__file__).parents[2]


def written(made, created=audits.TAKEN) -> bytes:
    stream = io.BytesIO()
    excel.write(tables((made,)), stream, created)
    return stream.getvalue()


def opened(made):
    return openpyxl.load_workbook(io.BytesIO(written(made)))


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
def test_every_sheet_opens_with_text_and_numbers_only(make):
    book = opened(make())
    assert len(book.sheetnames) == 10
    for sheet in book:
        assert sheet.max_row > 2
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "inlineStr"}, (sheet.title, cell.coordinate, cell.value)
                if isinstance(cell.value, str):
                    assert cell.value[:1] not in set("=+-@\t\r"), cell.value


def test_data_sheets_have_filters_frozen_headers_and_paper_that_fits():
    book = opened(audits.clinic())
    for name in book.sheetnames[1:]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        header = int("".join(c for c in table.ref.split(":")[0] if c.isdigit()))
        assert sheet.freeze_panes == f"A{header + 1}"
        assert sheet.print_title_rows == f"${header}:${header}"
        assert (
            sheet.page_margins.bottom - sheet.page_margins.footer >= 0.4
        )  # room for the footer below the rows
        assert table.autoFilter.ref == table.ref
        titles = [cell.value for cell in sheet[header] if cell.value is not None]
        assert titles == [column.name for column in table.tableColumns]
        assert not sheet.merged_cells.ranges
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area


def test_long_lists_stay_off_the_paper():
    book = opened(audits.clinic())
    for name, last in (("Effective access", "J"), ("Field dictionary", "I"), ("Retention by month", "E")):
        (table,) = book[name].tables.values()
        header = int("".join(c for c in table.ref.split(":")[0] if c.isdigit()))
        assert book[name].print_area == f"'{name}'!$A$1:${last}${header}"
    assert book["Findings"].print_area.endswith(f"${book['Findings'].max_row}")


def test_named_totals_point_at_their_counts():
    book = opened(audits.clinic())
    found = {}
    for name, defined in book.defined_names.items():
        if "_" in name and not name.startswith("_"):
            ((sheet, cell),) = defined.destinations
            found[name] = book[sheet][cell].value
    assert found["Findings_Critical"] == 2
    assert found["Findings_Medium"] == 4
    assert found["State_gap_observed"] == 6
    assert found["State_unknown_not_readable"] == 14
    assert found["Pairs_Yes"] == audits.clinic().pair_counts()["yes"]


def test_decisions_are_offered_where_people_sign():
    (offer,) = opened(audits.clinic())["Summary"].data_validations.dataValidation
    assert offer.formula1 == '"accept,accept with actions,reject"'


def test_an_audience_called_like_another_column_keeps_the_workbook_whole():
    table = Table(
        "T", "T", (Column("System", 9), Column("system", 9), Column("n", 5, Kind.COUNT)), (("a", "b", 1),)
    )
    stream = io.BytesIO()
    excel.write((table,), stream, audits.TAKEN)
    sheet = openpyxl.load_workbook(stream)["T"]
    assert [cell.value for cell in sheet[2]] == ["System", "system (again)", "n"]
    assert [cell.value for cell in sheet[3]] == ["a", "b", 1]


def test_hostile_labels_are_readable_and_inert():
    book = opened(audits.hostile())
    values = {cell.value for row in book["People"].iter_rows() for cell in row}
    assert {'\'=HYPERLINK("http://x.test","ok")', "'+1+1", "'@SUM(A1)", "'-2+3", "two⏎lines"} <= values
    assert "<script>alert(1)</script>" in values
    assert "שלום עולם" in values
    assert "#REF!" in values
    with zipfile.ZipFile(io.BytesIO(written(audits.hostile()))) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in archive.read(n) or b"<f " in archive.read(n) for n in sheets)
        assert not any("externalLink" in n or "vba" in n for n in archive.namelist())


def test_same_audit_same_bytes():
    first = written(audits.clinic())
    elsewhere = audits.TAKEN.astimezone(timezone(timedelta(hours=-9)))
    assert written(audits.clinic(), elsewhere) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-24T02:30:00Z" in archive.read("docProps/core.xml")


_REPORT = """
import hashlib, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/reports"]
import audits
from pathlib import Path
from reports.directory import write_report
for path in write_report((audits.clinic(), audits.hostile()), Path(sys.argv[2])):
    print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_same_bytes_in_another_zone_language_and_hash_seed(tmp_path):
    said = set()
    for number, (zone, language, seed) in enumerate(
        [("UTC", "C", "0"), ("Asia/Kolkata", "tr_TR.UTF-8", "1"), ("America/St_Johns", "C.UTF-8", "77")]
    ):
        run = subprocess.run(
            [sys.executable, "-c", _REPORT, str(ROOT), str(tmp_path / str(number))],
            env={**os.environ, "TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        said.add(run.stdout)
    assert len(said) == 1


def test_a_moment_without_a_zone_is_utc():
    assert written(audits.clinic(), datetime(2026, 11, 24, 2, 30)) == written(audits.clinic())  # noqa: DTZ001
