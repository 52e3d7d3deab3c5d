"""Write tables as an Excel workbook: text that stays text, filters, frozen headers, paper that fits.

Cells are strings or numbers, never formulas (hipaa T13). The workbook is streamed, and the same tables give
the same bytes: the only moment in it is the one passed in.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ListObject
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reports import words
from reports.grid import Kind, Steps, Table, Value, numbered, text
from reports.inert import for_cell, for_cell_lines
from reports.words import Mark, Tone

if TYPE_CHECKING:
    from _typeshed import SizedBuffer

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LETTER = 1
_INK = "1F2933"
_FONT = "Calibri"
_FILLS = {
    Tone.CRITICAL: ("9B1C1C", "FFFFFF"),
    Tone.HIGH: ("F3B49F", _INK),
    Tone.MEDIUM: ("FBE3A8", _INK),
    Tone.LOW: ("DCE6F2", _INK),
    Tone.GOOD: ("CFE8D5", _INK),
    Tone.UNKNOWN: ("D9CCE8", _INK),
    Tone.QUIET: ("EEF0F2", _INK),
}
_LINE = Side(style="thin", color="C9D1D9")
_TEXT_TOP = Alignment(vertical="top", wrap_text=True, horizontal="left", readingOrder=1)
"""Left to right, whatever script a name at the beginning of a sentence is written in."""
_NUMBER_TOP = Alignment(vertical="top", horizontal="right", indent=1)
_HEADER = Alignment(vertical="center", wrap_text=True)
_COUNT_HEADER = Alignment(vertical="center", wrap_text=True, horizontal="right", indent=1)
LINE_HEIGHT = 15.0
TALLEST = 409.0
"""Points; Excel refuses taller rows."""


def write(tables: Sequence[Table], target: Path | IO[bytes], created: datetime) -> None:
    """Write the workbook. `created` is the moment of the audit, never that of the writing."""
    book = Workbook(write_only=True)
    moment = words.utc(created).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.creator = "crm-audit"
    book.properties.title = "Permission audit"
    book.properties.created = book.properties.modified = moment
    for name, group in itertools.groupby(tables, key=lambda table: table.sheet):
        _Sheet(book, name, tuple(group)).write()
    save(book, target)


def save(book: Workbook, target: Path | IO[bytes]) -> None:
    """Save a workbook so that the same content gives the same bytes."""
    with _Timeless(target, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).save()


class _Timeless(ZipFile):
    """An archive whose entries do not say when they were written, and by whom."""

    def writestr(
        self,
        zinfo_or_arcname: str | ZipInfo,
        data: SizedBuffer | str,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        super().writestr(_entry(name), data, compress_type, compresslevel)

    def write(
        self,
        filename: str | Path,  # type: ignore[override]
        arcname: str | Path | None = None,  # type: ignore[override]
        compress_type: int | None = None,  # noqa: ARG002
        compresslevel: int | None = None,  # noqa: ARG002
    ) -> None:
        with (
            Path(filename).open("rb") as source,
            self.open(_entry(str(arcname)), "w", force_zip64=True) as entry,
        ):
            while chunk := source.read(1 << 20):
                entry.write(chunk)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry


@dataclass
class _Sheet:
    """One sheet: a data table with filters, or several tables one below the other as a page to read."""

    book: Workbook
    name: str
    tables: tuple[Table, ...]
    row: int = 0
    sheet: Worksheet = field(init=False)
    styles: dict[tuple[object, ...], Cell] = field(default_factory=dict)

    def write(self) -> None:
        """Stream the sheet."""
        # A streamed sheet borrows everything used here from an ordinary one, and only that one has types.
        self.sheet = cast("Worksheet", self.book.create_sheet(self.name))
        self._set_up()
        for table in self.tables:
            self._write_table(table)
        last = self.row if self.tables[0].on_paper else self._header_row
        self.sheet.print_area = f"A1:{get_column_letter(self._printed)}{last}"

    @property
    def _alone(self) -> bool:
        return len(self.tables) == 1

    @property
    def _header_row(self) -> int:
        """Where the headings of a sheet's first table stand: below its title and introduction."""
        return 1 + len(self._lines(self.tables[0].hidden, *self.tables[0].intro)) + 1

    @property
    def _printed(self) -> int:
        return max(table.printed or len(table.columns) for table in self.tables)

    @cached_property
    def _widths(self) -> list[int]:
        width = max(len(table.columns) for table in self.tables)
        return [
            max((t.columns[i].width for t in self.tables if i < len(t.columns)), default=8)
            for i in range(width)
        ]

    def _set_up(self) -> None:
        sheet = self.sheet
        for index, width in enumerate(self._widths, 1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.sheet_view.showGridLines = False
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _LETTER
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.75
        sheet.page_margins.header = sheet.page_margins.footer = 0.3
        sheet.oddFooter = HeaderFooterItem(
            left=_HeaderFooterPart(words.CONFIDENTIAL),
            center=_HeaderFooterPart(self.name),
            right=_HeaderFooterPart("Page &P of &N"),
        )
        if self._alone:
            header = self._header_row
            sheet.freeze_panes = f"A{header + 1}"
            sheet.print_title_rows = f"{header}:{header}"

    def _lines(self, *sentences: str) -> list[str]:
        """Sentences broken to the printed width; they run across cells, so that nothing has to be merged."""
        width = int(sum(self._widths[: self._printed]) * 1.15)
        return [line for sentence in sentences for line in textwrap.wrap(sentence, width)]

    def _write_table(self, table: Table) -> None:
        if self.row:
            self._append([])
            if table.new_page:
                self.sheet.row_breaks.append(Break(id=self.row))
        size = 18 if self.row == 0 else 13
        self._append([self._plain(table.title, size=size, bold=True)], height=size * 1.6)
        for line in self._lines(table.hidden, *table.intro):
            self._append([self._plain(line)])
        header = self.row + 1
        names = _headings(table)
        self._append(
            [self._header(index, name, table.columns[index].kind) for index, name in enumerate(names)],
            height=self._height(names) + 4,
        )
        for row in table.rows:
            self._append(
                [self._cell(index, value) for index, value in enumerate(row)], height=self._height(row)
            )
        if self.row == header:
            self._append([self._plain(table.empty, italic=True)])
        elif self._alone:
            self._filter(table, header)
        self._look_up(table, header)
        self._offer(table, header)
        for line in self._lines(table.note):
            self._append([self._plain(line, italic=True)])

    def _append(self, cells: list[Cell], height: float = LINE_HEIGHT) -> None:
        """Stream one row; its measures are forgotten at once, or large sheets would fill the memory."""
        self.row += 1
        self.sheet.row_dimensions[self.row].height = height
        self.sheet.append(cells)
        del self.sheet.row_dimensions[self.row]

    def _height(self, row: Sequence[Value]) -> float:
        """Room for the longest cell. Said outright, since not every program works it out on opening."""
        lines = max(
            (_lines(value, width) for value, width in zip(row, self._widths, strict=False)), default=1
        )
        return min(lines * LINE_HEIGHT, TALLEST)

    def _filter(self, table: Table, header: int) -> None:
        area = f"A{header}:{get_column_letter(len(table.columns))}{self.row}"
        made = ListObject(
            displayName="".join(part.title() for part in table.sheet.replace(",", "").split()),
            ref=area,
            tableStyleInfo=TableStyleInfo(name="TableStyleLight1", showRowStripes=False),
        )
        made.tableColumns = [
            TableColumn(id=index, name=for_cell(name)) for index, name in enumerate(_headings(table), 1)
        ]
        made.autoFilter = AutoFilter(ref=area)
        # Not `add_table`, which warns whenever a sheet is streamed, with columns or without.
        self.sheet.tables.add(made)

    def _look_up(self, table: Table, header: int) -> None:
        counts = [index for index, column in enumerate(table.columns, 1) if column.kind is Kind.COUNT]
        for place, name in table.totals.items():
            cell = f"'{self.name}'!${get_column_letter(counts[0])}${header + 1 + place}"
            self.book.defined_names[name] = DefinedName(name, attr_text=cell)

    def _offer(self, table: Table, header: int) -> None:
        for index, column in enumerate(table.columns, 1):
            if column.choices:
                offer = DataValidation(
                    type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True
                )
                letter = get_column_letter(index)
                offer.add(f"{letter}{header + 1}:{letter}{self.row}")
                self.sheet.data_validations.append(offer)

    def _plain(self, value: str, *, size: int = 11, bold: bool = False, italic: bool = False) -> Cell:
        cell = self._style("plain", size, bold, italic)
        if not cell.has_style:
            cell.font = Font(name=_FONT, size=size, bold=bold, italic=italic, color=_INK)
            cell.alignment = Alignment(vertical="top", horizontal="left", readingOrder=1)
        return _filled(cell, value)

    def _header(self, index: int, name: str, kind: Kind) -> Cell:
        cell = self._style("header", index, kind)
        if not cell.has_style:
            cell.font = Font(name=_FONT, size=11, bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor="34495E")
            cell.alignment = _COUNT_HEADER if kind is Kind.COUNT else _HEADER
            cell.border = Border(bottom=_LINE)
        return _filled(cell, name)

    def _cell(self, index: int, value: Value) -> Cell:
        tone = value.tone if isinstance(value, Mark) else None
        cell = self._style("cell", index, tone, isinstance(value, int))
        if not cell.has_style:
            fill, ink = _FILLS[tone] if tone is not None else ("", _INK)
            cell.font = Font(name=_FONT, size=11, color=ink, bold=tone is Tone.CRITICAL)
            if fill:
                cell.fill = PatternFill("solid", fgColor=fill)
            cell.border = Border(bottom=_LINE)
            cell.alignment = _NUMBER_TOP if isinstance(value, int) else _TEXT_TOP
            if isinstance(value, int):
                cell.number_format = "#,##0"
        return _filled(cell, value)

    def _style(self, *key: object) -> Cell:
        """Give a cell to fill again and again, since styling one takes longer than writing it.

        The cells of one row must be different objects, so the column's place is part of the key.
        """
        found = self.styles.get(key)
        if found is None:
            found = self.styles[key] = WriteOnlyCell(self.sheet)
        return found


def _lines(value: Value, width: int) -> int:
    if isinstance(value, Steps):
        return sum(wrapped(line, width) for line in numbered(value))
    return wrapped(text(value), width)


@lru_cache(maxsize=8192)
def wrapped(value: str, width: int) -> int:
    """Count the lines that a text takes in a column; a unit of width holds a digit, and most letters are narrower."""
    if len(value) <= width and value.isascii():
        return 1
    wide = sum(1 for sign in value if sign > "\u2e7f")
    return max(1, len(textwrap.wrap(value + "x" * wide, int(width * 1.12))))


def _headings(table: Table) -> list[str]:
    """Make column names unique, whatever an audience is called: Excel wants that of a table."""
    found: list[str] = []
    for column in table.columns:
        name = column.name
        while name.casefold() in {other.casefold() for other in found}:
            name += " (again)"
        found.append(name)
    return found


def _filled(cell: Cell, value: Value) -> Cell:
    if isinstance(value, int):
        cell.value = value
        return cell
    cell.value = for_cell_lines(numbered(value)) if isinstance(value, Steps) else for_cell(text(value))
    # Without this the library takes a leading “=” for a formula, and “#REF!” for an error.
    cell.data_type = "s"
    return cell
