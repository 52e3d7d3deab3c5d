"""What a table is, whatever format renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reports.words import Mark


@dataclass(frozen=True, slots=True)
class Steps:
    """A cell of several lines that follow on one another; formats number them."""

    lines: tuple[str, ...]


Value = str | int | Mark | Steps
Row = tuple[Value, ...]


class Kind(StrEnum):
    """What a column holds, as far as it changes how the column looks."""

    TEXT = "text"
    COUNT = "count"
    DATE = "date"
    WORD = "word"
    SEVERITY = "severity"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `width` is in characters, `choices` are offered where people fill the column in."""

    name: str
    width: int
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The column's name in machine formats."""
        return "_".join("".join(c if c.isalnum() else " " for c in self.name.lower()).split())


@dataclass(frozen=True, slots=True)
class Table:
    """One table; consecutive tables of the same `sheet` share it, one below the other.

    `hidden` says which rows are left out; it and the `intro` lines stand above, `note` below. `rows` may be
    generated on each iteration and is never held whole. `printed` is how many leading columns go on paper
    (0: all); rows that are not `on_paper` are for the screen only. `totals` names rows whose count other programs
    may look up. `new_page` starts the table on a page of its own. `empty` is said when there are no rows.
    """

    sheet: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    intro: tuple[str, ...] = ()
    hidden: str = ""
    note: str = ""
    empty: str = "Nothing to list."
    printed: int = 0
    on_paper: bool = True
    totals: Mapping[int, str] = field(default_factory=dict)
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Lazy:
    """Rows made anew each time they are asked for."""

    make: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        return self.make()


def text(value: Value) -> str:
    """Show a value as people read it."""
    if isinstance(value, Steps):
        return " ".join(numbered(value))
    return value.text if isinstance(value, Mark) else str(value)


def numbered(value: Steps) -> tuple[str, ...]:
    """Give the lines their numbers, for formats that have no lists."""
    return tuple(f"{number}. {line}" for number, line in enumerate(value.lines, 1))


def code(value: Value) -> str:
    """Show a value as programs read it."""
    return value.code if isinstance(value, Mark) else text(value)
