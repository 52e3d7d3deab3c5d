"""The workbook in which a person decides about fields: what is known of each, and four columns to fill in.

Cells to fill in are formatted as text, so that a spreadsheet keeps what is typed: a leading zero, a leading `=`, a
date as it was written. Everything else is locked, which keeps slips out and is no security (hipaa T13, T14).
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from auditor.errors import ConfigError
from reports import excel, words
from reports.inert import for_cell

SHEET, CLASSES = "Fields", "Classes"
SHOWN = {
    "Object": 18,
    "Field": 26,
    "Field name": 32,
    "Asked because": 14,
    "Proposed class": 24,
    "Confidence": 11,
    "Reasons": 60,
}
"""What is told of a field first, with the width of its column."""
FILLED = {"Decision": 24, "Decided by": 20, "Why": 44, "Expires": 13}
"""What a person fills in."""
FURTHER = {
    "Type": 14,
    "Values": 34,
    "Description": 40,
    "Label in the system": 18,
    "Decided before": 44,
}
"""What else is known of a field."""
HIDDEN = ("Target", "Key", "Evidence", "Earlier")
"""What says which field a row is about, what it was, and what had been decided, when the sheet was made."""
_WIDTHS = {**SHOWN, **FILLED, **FURTHER, **dict.fromkeys(HIDDEN, 18)}
COLUMNS = tuple(_WIDTHS)
_READ = ("Field name", *FILLED, *HIDDEN)

_LARGEST, _LARGEST_UNPACKED = 64 * 1024 * 1024, 512 * 1024 * 1024
_INK, _FONT = "1F2933", "Calibri"
_TO_FILL = PatternFill("solid", fgColor="FFF8E1")
_HEADING = PatternFill("solid", fgColor="34495E")
_LINE = Border(bottom=Side(style="thin", color="C9D1D9"))
_TOP = Alignment(vertical="top", wrap_text=True, horizontal="left")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a row says: the columns to fill in and the hidden ones, as text; `unfit` says of a cell why it is none."""

    row: int
    field: str
    said: Mapping[str, str]
    unfit: Mapping[str, str]

    @property
    def blank(self) -> bool:
        """Whether nobody filled in anything."""
        return not any(self.said[name] or name in self.unfit for name in FILLED)


def write(
    rows: Iterable[Mapping[str, str]],
    classes: Sequence[tuple[str, str]],
    target: Path | IO[bytes],
    created: dt.datetime,
) -> None:
    """Write the workbook: rows by the names of `COLUMNS`, and the classes with their meaning.

    The same rows and moment give the same bytes.
    """
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = "crm-audit", "Review of fields"
    moment = words.utc(created).astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = moment
    _write_fields(cast("Worksheet", book.create_sheet(SHEET)), rows, len(classes))
    legend = cast("Worksheet", book.create_sheet(CLASSES))
    meanings = ({"Class": name, "What it is": told} for name, told in classes)
    _write_table(legend, {"Class": 28, "What it is": 100}, meanings)
    excel.save(book, target)


def _write_fields(sheet: Worksheet, rows: Iterable[Mapping[str, str]], classes: int) -> None:
    sheet.freeze_panes = "D2"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.print_title_rows = "1:1"
    last = _write_table(sheet, _WIDTHS, rows)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{last}"
    letter = get_column_letter(COLUMNS.index("Decision") + 1)
    offer = DataValidation(
        type="list",
        formula1=f"{CLASSES}!$A$2:$A${classes + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Not a class",
        error=f"Choose a class of the sheet {CLASSES}, or none.",
    )
    offer.add(f"{letter}2:{letter}{last}")
    sheet.data_validations.append(offer)


def _write_table(sheet: Worksheet, widths: Mapping[str, int], rows: Iterable[Mapping[str, str]]) -> int:
    """Stream a heading and rows, locked but for what is to be filled in; return the last row's number."""
    protection = sheet.protection
    protection.sheet = True
    protection.autoFilter = protection.formatColumns = protection.formatRows = False
    for index, (name, width) in enumerate(widths.items(), 1):
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width, dimension.hidden = width, name in HIDDEN
    sheet.append([_heading(sheet, name) for name in widths])
    # Filled again and again, since styling a cell takes longer than writing it.
    cells = {name: _styled(sheet, open_=name in FILLED) for name in widths}
    last = 1
    for row in rows:
        last += 1
        texts = {name: for_cell(row.get(name, "")) for name in widths}
        for name, cell in cells.items():
            cell.value = texts[name]
            cell.data_type = "s"  # else a leading “=” is a formula to the library
        lines = max(excel.wrapped(text, widths[name]) for name, text in texts.items() if name not in HIDDEN)
        sheet.row_dimensions[last].height = min(lines * excel.LINE_HEIGHT, excel.TALLEST)
        sheet.append(list(cells.values()))
        del sheet.row_dimensions[last]  # forgotten at once, or large sheets would fill the memory
    return last


def _heading(sheet: Worksheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(name=_FONT, size=11, bold=True, color="FFFFFF")
    cell.fill, cell.alignment = _HEADING, _TOP
    return cell


def _styled(sheet: Worksheet, *, open_: bool) -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.font, cell.alignment, cell.border = Font(name=_FONT, size=11, color=_INK), _TOP, _LINE
    if open_:
        cell.number_format, cell.fill, cell.protection = "@", _TO_FILL, Protection(locked=False)
    return cell


def read(path: Path) -> list[Filled]:
    """Read the rows that somebody filled in, in the order of the sheet.

    Raises ConfigError for a file that cannot be read, is no such workbook, or lacks a column.
    """
    try:
        return _rows(path, BytesIO(_content(path)))
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", hint="Is this the file you meant?"
        ) from None
    except _NO_WORKBOOK:
        raise ConfigError(
            f"{path} is not a sheet for a review.", hint="Make one: crm-audit tags review --export FILE.xlsx"
        ) from None


_NO_WORKBOOK = (
    BadZipFile,
    zlib.error,
    EOFError,
    SyntaxError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What the library raises for files that are none; broken XML is a SyntaxError."""


def _content(path: Path) -> bytes:
    """The file, if it is of a size that a review has, packed and unpacked. Raises OSError or ValueError."""
    if not path.is_file() and path.exists() and not path.is_dir():
        raise ValueError  # a pipe, into which nobody may ever write
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    with ZipFile(BytesIO(content[:_LARGEST])) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
            raise ValueError
    return content


def _rows(path: Path, content: BytesIO) -> list[Filled]:
    sheet = load_workbook(content, read_only=True)[SHEET]
    sheet.reset_dimensions()
    rows = sheet.iter_rows()
    places = {cell.value: index for index, cell in enumerate(next(rows, ()))}
    if missing := [name for name in _READ if name not in places]:
        raise ConfigError(
            f"{path}: The column “{missing[0]}” is missing in the sheet {SHEET}.",
            hint="Export again, and fill in the columns that are there.",
        )
    return [found for number, row in enumerate(rows, 2) if not (found := _filled(number, row, places)).blank]


def _filled(number: int, row: Sequence[Any], places: Mapping[Any, int]) -> Filled:
    cells = {name: row[places[name]] if places[name] < len(row) else None for name in _READ}
    texts = {name: _text(cell) for name, cell in cells.items()}
    unfit = {
        name: "a formula" if getattr(cells[name], "data_type", "") == "f" else "not text"
        for name, text in texts.items()
        if text is None
    }
    said = {name: text or "" for name, text in texts.items()}
    return Filled(number, said["Field name"], said, unfit)


def _text(cell: Any) -> str | None:
    """What stands in a cell, as it was typed; None for what is no text, or lost its form as a number does."""
    if cell is None or cell.value is None:
        return ""
    if isinstance(cell.value, dt.datetime):
        return cell.value.date().isoformat() if cell.value.time() == dt.time() else None
    return _unescaped(cell.value).strip() if cell.data_type in {"s", "inlineStr"} else None


def _unescaped(text: str) -> str:
    """Text without the format's escapes: of control characters, and of what looks like an escape and is none."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "_", text)


_ESCAPED = re.compile("_x005[Ff]_(?=x[0-9A-Fa-f]{4}_)|_x(00[01][0-9A-Fa-f])_")
"""Not the other escapes, which no program writes, so that they are what somebody typed."""
