"""Make text that others typed harmless where it is going: a spreadsheet cell, a CSV cell, a terminal.

A permission auditor prints labels and names it did not write, so it is a carrier for formulas, escape
sequences and characters that reverse the reading order (hipaa T13, peers 2.12). Nothing is dropped silently:
what cannot be shown as it is, is shown as a visible substitute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

CELL_LIMIT = 32_767
"""Characters a spreadsheet cell can hold."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def one_line(text: str) -> str:
    """Show line ends, control characters and reading-order marks instead of obeying them."""
    text = _LINE_ENDS.sub("⏎", text)
    return _DIRECTION.sub(_named, _CONTROL.sub(_visible, text))


def for_csv(text: str) -> str:
    """Make text fit for a CSV cell: one line, and never the beginning of a formula."""
    shown = one_line(text)
    starts = text.lstrip(" ").startswith(_FORMULA) or shown.lstrip(" ").startswith(_FORMULA)
    return f"'{shown}" if starts else shown


def for_cell(text: str) -> str:
    """Make text fit for a spreadsheet cell: as in CSV, within its limit, safe from the format's escapes."""
    shown = _ESCAPE.sub("_x005F_", for_csv(text))
    if len(shown) <= CELL_LIMIT:
        return shown
    rest = f" … and {len(shown) - CELL_LIMIT + 100:,} more characters: see audit.json"
    return shown[: CELL_LIMIT - len(rest)] + rest


def for_cell_lines(lines: Iterable[str]) -> str:
    """Make lines of our own fit for one spreadsheet cell; a line end within one of them stays a substitute."""
    shown: list[str] = []
    room = CELL_LIMIT
    for line in map(for_cell, lines):
        room -= len(line) + 1
        if room < 1:
            return "\n".join([*shown, "…"])
        shown.append(line)
    return "\n".join(shown)


def for_terminal(text: str) -> str:
    """Make text fit for a terminal: no escape sequence, no reordering; markup is never parsed there."""
    return one_line(text)


def _visible(match: re.Match[str]) -> str:
    character = ord(match[0])
    if character < 0x20:
        return chr(0x2400 + character)
    return "␡" if character == 0x7F else "\ufffd"


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"
