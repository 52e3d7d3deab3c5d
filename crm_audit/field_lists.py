"""Lists of fields as CSV files: read one, whatever is odd about it told by its line, and write what was found."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import ConfigError
from auditor.phi import FieldFacts
from auditor.wording import several
from crm_audit.new_files import refuse_special, replace
from mappings.classify import COLUMNS, Prediction, facts_of
from mappings.located import did_you_mean, text_of
from reports.inert import for_csv, for_terminal

OUT_COLUMNS = ("row_id", "phi", "phi_class", "confidence", "reasons")

_LARGEST = 256 * 1024 * 1024
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_ODD = {
    "unexpected end": "a quote is opened and never closed",
    "new-line": "lines end with a carriage return alone",
    "field larger": "a cell is longer than 131,072 characters, as behind a quote that is never closed",
}
_ADVICE = "Save it as CSV with commas, in UTF-8, and with quotes around cells that hold commas or line ends."


@dataclass(frozen=True, slots=True)
class Listed:
    """The fields of a list, each with its id and the CRM it is of."""

    ids: tuple[str, ...]
    fields: tuple[tuple[str, FieldFacts], ...]


def read(path: Path) -> Listed:
    """Read a list of fields. Raises ConfigError with file and line for whatever cannot be understood."""
    rows = _rows(path)
    line, names = next(rows, (1, []))
    if not names:
        raise ConfigError(
            f"{path}: The file is empty.", hint=f"Its first line names columns: {', '.join(COLUMNS)}."
        )
    header = _header(f"{path}:{line}", names)
    ids: dict[str, int] = {}
    fields: list[tuple[str, FieldFacts]] = []
    for line, cells in rows:
        if len(cells) != len(header):
            raise ConfigError(
                f"{path}:{line}: This row has {several(len(cells), 'cell')}, and the header has {len(header)}.",
                hint=_ADVICE,
            )
        row = {name: cell for name, cell in zip(header, cells, strict=True) if name}
        row_id = row.get("row_id", str(len(fields) + 1)).strip()
        if not row_id:
            raise ConfigError(
                f"{path}:{line}: This row has no row_id.",
                hint="Fill it in, or leave out the column: rows are numbered.",
            )
        if ids.setdefault(row_id, line) != line:
            raise ConfigError(
                for_terminal(
                    f"{path}:{line}: The row_id {row_id} is given twice; the first is on line {ids[row_id]}."
                ),
                hint="Give every row an id of its own, or leave out the column: rows are numbered then.",
            )
        fields.append((row.get("source_repo", "").strip(), facts_of(row)))
    return Listed(tuple(ids), tuple(fields))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with the line each begins on; lines with nothing on them are none."""
    text = text_of(path, largest=_LARGEST)
    reader = csv.reader((line[0] for line in _LINE.finditer(text)), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        said = next(
            (odd for word, odd in _ODD.items() if word in str(problem)), "a quote stands within a cell"
        )
    else:
        return
    raise ConfigError(f"{path}:{line}: This row cannot be read as CSV: {said}.", hint=_ADVICE)


def _header(place: str, cells: Sequence[str]) -> list[str]:
    """The known column of each cell, empty for others. Raises ConfigError if no field could be told by them."""
    names = [cell.strip().casefold() for cell in cells]
    for sign, word in _OTHER_SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            raise ConfigError(f"{place}: The columns are separated by {word}, not by commas.", hint=_ADVICE)
    known = [name if name in COLUMNS else "" for name in names]
    twice = [name for name, count in Counter(known).items() if name and count > 1]
    if twice:
        raise ConfigError(f"{place}: The column {twice[0]} is given twice.", hint="Remove one of them.")
    if not {"field", "label"} & set(known):
        meant = next((said for name in names if (said := did_you_mean(name, ("field", "label")))), "")
        raise ConfigError(
            f"{place}: There is no column “field” or “label”, so no row names a field.",
            hint=for_terminal(meant) or f"Columns that are read: {', '.join(COLUMNS)}.",
        )
    return known


def refuse(source: Path, out: Path) -> None:
    """Raise ConfigError, before anything is classified, if the result would take the place of what it is made from."""
    refuse_special(out)
    if out.exists() and source.exists() and out.samefile(source):
        raise ConfigError(f"{out} is the list itself.", hint="Name another file for the result.")


def write(path: Path, ids: Sequence[str], found: Iterable[Prediction]) -> None:
    """Write what was found, in place of what was there; raises AuditorError, with nothing changed, if it cannot be."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(OUT_COLUMNS)
    for row_id, one in zip(ids, found, strict=True):
        reasons = for_csv(" ".join(one.reasons))
        writer.writerow((for_csv(row_id), one.phi.value, one.phi_class, one.confidence.value, reasons))
    replace(path, text.getvalue().encode())
