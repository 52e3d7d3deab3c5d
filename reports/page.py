"""Write the tables as one page that needs no network: it reads without script, and searches with it.

What a person sees is the workbook's own tables, cut where a browser would not bear more; what is cut is counted.
Every script and style stands in the page and is allowed by its hash; the same audits give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined

from auditor.audit import Audit
from auditor.diff import Changes
from auditor.findings import Finding, Severity, State
from reports import outline, pictures, words
from reports.grid import Column, Kind, Row, Steps, Table, Value, code, text
from reports.inert import for_csv
from reports.paths import Laid, Paths
from reports.sheets import access, findings, leaks, summary
from reports.tables import tables
from reports.words import Mark

ROWS = 1_500
"""Rows a table shows; the workbook has all of them."""
FINDINGS = 400
"""Findings the page shows, with everything known of each."""
CELL = 2_000
"""Characters a cell shows."""

_LONG = 200
"""Rows beyond which a table is left off the paper."""
_DOUBTED = " that could not be read"
_BROAD = 40
_AMPLE = 30
"""Characters from which a column is one of sentences, or of lists."""
_SUMMARY_LINE = frozenset({"Severity", "State", "What was observed", "People"})
_FIRST = ("What to do", "Who", "Fields", "Example path")
"""What is said first of a finding that somebody opened."""
_TECHNICAL = frozenset(
    {
        "Base severity",
        "Control",
        "Finding id",
        "Finding ids",
        "NIST SP 800-53",
        "Root grant id",
        "Rule",
        "State digest",
        "Title",
    }
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell as the page shows it: harmless text, and how it looks.

    `rank` orders words of a closed list, `room` is said of sentences (`broad`), lists (`ample`) and days (`dated`).
    `steps` are the lines of a cell with several.
    """

    name: str
    text: str
    tone: str = ""
    number: bool = False
    technical: bool = False
    room: str = ""
    rank: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `about` is what filters go by; `path` the place of its path among those the page carries.

    `finding` is the id of the finding that it sums up, `laid` the example of the one that it is, `picture` its chain.
    """

    cells: tuple[Shown, ...]
    about: Mapping[str, str]
    path: str = ""
    finding: str = ""
    laid: Laid | None = None
    picture: str = ""

    @property
    def told(self) -> tuple[Shown, ...]:
        """The cells of a finding in the order somebody reads them who opened it."""
        first = [cell for name in _FIRST for cell in self.cells if cell.name == name]
        return (*first, *(cell for cell in self.cells if cell not in first))

    @property
    def of(self) -> Mapping[str, Shown]:
        """The cells by the names of their columns."""
        return {cell.name: cell for cell in self.cells}


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the workbook. `shape` is `table`, `systems` or `findings`; `cut` says what is not shown."""

    anchor: str
    title: str
    sheet: str
    intro: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str
    empty: str
    shape: str
    cut: str
    columns: tuple[Shown, ...]
    long: bool


def write(audits: Sequence[Audit], stream: TextIO, changed: Sequence[Changes] = ()) -> None:
    """Write the page piece by piece."""
    carried = _Carried(audits)
    sections = [_section(table, carried, audits) for table in tables(audits, limit=ROWS, changed=changed)]
    template = _templates().get_template("page.html")
    style, script = (_source(name) for name in ("page.css", "page.js"))
    stream.writelines(
        template.generate(
            title=summary.TITLE,
            systems=", ".join(for_csv(audit.target) for audit in audits),
            groups=[
                (name, list(group)) for name, group in itertools.groupby(sections, lambda one: one.sheet)
            ],
            choices=_choices(sections),
            island={"paths": carried.paths},
            style=style,
            script=script,
            style_hash=_allowed(style),
            script_hash=_allowed(script),
            summary_line=_SUMMARY_LINE,
            confidential=words.CONFIDENTIAL,
        )
    )
    stream.write("\n")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(name: str) -> str:
    """Give a file of the page as it stands; a template's own signs in it would mean nothing."""
    environment = _templates()
    assert environment.loader is not None  # noqa: S101 - given three lines above
    return environment.loader.get_source(environment, name)[0]


def _allowed(source: str) -> str:
    """Name a source as a content security policy allows it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


class _Carried:
    """Paths the script may lay out, each once, and where the rows find them."""

    def __init__(self, audits: Sequence[Audit]) -> None:
        self.paths: list[list[list[object]]] = []
        self._of = {audit.target: Paths(audit) for audit in audits}
        self._places: dict[object, str] = {}

    def place(self, system: str, person: str, field: str) -> str:
        """Carry the path of a person to a field, and say where; empty when there is none."""
        laid = self._of[system].of(person, field)
        if laid is None:
            return ""
        if laid.lanes not in self._places:
            self._places[laid.lanes] = str(len(self.paths))
            lanes = _inert(laid).lanes
            self.paths.append([[lane.gate, [list(way) for way in lane.ways]] for lane in lanes])
        return self._places[laid.lanes]

    def of_findings(self, audits: Sequence[Audit]) -> Iterable[Laid | None]:
        """Lay out the example of every finding, in the order of the table."""
        return (
            None if laid is None else _inert(laid)
            for audit, finding in outline.findings(audits)
            for laid in (self._of[audit.target].of_finding(finding),)
        )


def _inert(laid: Laid) -> Laid:
    lanes = tuple(
        type(lane)(for_csv(lane.gate), tuple(tuple(map(for_csv, way)) for way in lane.ways))
        for lane in laid.lanes
    )
    return Laid(for_csv(laid.person), for_csv(laid.field), lanes)


def _section(table: Table, carried: _Carried, audits: Sequence[Audit]) -> Section:
    shape = _shape(table)
    rows = iter(table.rows)
    most = FINDINGS if shape == "findings" else ROWS
    shown = list(itertools.islice(rows, most))
    laid: Iterable[Laid | None] = (
        carried.of_findings(audits) if shape == "findings" else itertools.repeat(None)
    )
    lines = tuple(_line(table, row, carried, one) for row, one in zip(shown, laid, strict=False))
    if (summed_up := _SUMMED_UP.get(table.title)) is not None:
        found = (finding.id for _, finding in summed_up(audits))
        lines = tuple(replace(line, finding=one) for line, one in zip(lines, found, strict=False))
    if shape == "findings":
        drawn = (_picture(audit, finding) for audit, finding in outline.findings(audits))
        lines = tuple(replace(line, picture=one) for line, one in zip(lines, drawn, strict=False))
    return Section(
        anchor="-".join(table.title.casefold().replace(",", "").split()),
        title=for_csv(table.title),
        sheet=table.sheet,
        intro=tuple(map(for_csv, table.intro)),
        lines=lines,
        note=for_csv(table.note),
        empty=for_csv(table.empty),
        shape=shape,
        long=shape == "table" and (not table.on_paper or len(lines) > _LONG),
        cut=_cut(table, shape, len(shown), list(rows)),
        columns=tuple(
            Shown(
                column.name,
                for_csv(column.name),
                number=column.kind is Kind.COUNT,
                technical=_technical(table, place),
                room=_room(column),
            )
            for place, column in enumerate(table.columns)
        ),
    )


def _room(column: Column) -> str:
    if column.kind is Kind.DATE:
        return "dated"
    return "broad" if column.width >= _BROAD else "ample" if column.width >= _AMPLE else ""


_SUMMED_UP = {
    **dict.fromkeys(summary.TOP_TITLES, outline.findings),
    leaks.SHEET: outline.leak_paths,
}
"""The tables with a row for each of some findings, and which: their rows lead to all that is known of each."""


def _picture(audit: Audit, finding: Finding) -> str:
    return pictures.picture(audit, finding.seen.chain) if finding.seen.chain else ""


def _shape(table: Table) -> str:
    if table.sheet == findings.SHEET:
        return "findings"
    return "systems" if table.title == summary.TITLE else "table"


def _cut(table: Table, shape: str, shown: int, rest: Sequence[Row]) -> str:
    """Say how many rows are not shown, by severity where they have one, and where they are."""
    if not rest:
        return for_csv(table.hidden)
    total = shown + len(rest)
    said = f"{len(rest):,} of {total:,} rows are not shown on this page."
    if shape != "findings":
        return f"{said} All are in audit.xlsx, on the sheet {table.sheet}."
    hidden = Counter(f"{text(row[0])}{_DOUBTED if code(row[2]) == State.UNKNOWN else ''}" for row in rest)
    counts = ", ".join(f"{count:,} {level}" for level, count in hidden.items())
    return f"{len(rest):,} of {total:,} findings are not shown on this page: {counts}. All are in audit.json."


def _technical(table: Table, place: int) -> bool:
    if table.sheet == findings.SHEET:
        return table.columns[place].name in _TECHNICAL
    return bool(table.printed) and place >= table.printed


def _line(table: Table, row: Row, carried: _Carried, laid: Laid | None) -> Line:
    cells = tuple(_shown(table, place, value) for place, value in enumerate(row))
    of = {column.name: text(value) for column, value in zip(table.columns, row, strict=True)}
    about = {key: for_csv(of[name]) for name, key in _FILTERS.items() if name in of}
    if "Field name" in of:
        about["object"] = for_csv(of["Field name"].rpartition(".")[0])
    path = ""
    if table.sheet == access.DETAIL:
        path = carried.place(of["System"], of["Person id"], of["Field name"])
    return Line(cells, about, path, laid=laid)


_FILTERS = {"Severity": "severity", "State": "state", "Audience": "audience", "Object": "object"}


def _shown(table: Table, place: int, value: Value) -> Shown:
    column = table.columns[place]
    mark = value if isinstance(value, Mark) else None
    rank = _RANKS.get(mark.text, "") if mark is not None and column.kind is Kind.SEVERITY else ""
    return Shown(
        column.name,
        f"{value:,}" if isinstance(value, int) else _fit(for_csv(text(value))),
        tone=mark.tone.value if mark is not None else "",
        number=isinstance(value, int),
        technical=_technical(table, place),
        rank=rank,
        steps=tuple(map(_fit, map(for_csv, value.lines))) if isinstance(value, Steps) else (),
    )


_RANKS = {words.severity(level).text: str(int(level)) for level in Severity}


def _fit(shown: str) -> str:
    if len(shown) <= CELL:
        return shown
    return f"{shown[:CELL]} … and {len(shown) - CELL:,} more characters: see audit.json"


def _choices(sections: Sequence[Section]) -> Mapping[str, tuple[str, ...]]:
    """What each filter offers: severities and states as they first occur, the rest by name."""
    found: dict[str, dict[str, None]] = {key: {} for key in _FILTERS.values()}
    for section in sections:
        for line in section.lines if section.shape == "findings" or section.sheet == access.DETAIL else ():
            for key, value in line.about.items():
                if value:
                    found[key][value] = None
    return {
        key: tuple(values if key in {"severity", "state"} else sorted(values))
        for key, values in found.items()
    }
