"""Draw a chain of the leak graph as a picture: boxes from left to right, and on each arrow by which means and how much.

An SVG of elements and presentation attributes only, so that a page whose policy forbids styles in attributes shows it.
It has the colour of the text around it; a page may give its classes colours, and `alone` gives it some of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import drawsvg as svg

from auditor.audit import Audit
from auditor.leaks import Hop, NodeKind
from auditor.surfaces import Leaks
from reports import chains
from reports.inert import one_line

_PER_ROW = 3
_BOX, _GAP, _MARGIN, _PADDING = 216, 172, 6, 12
_BIG, _SMALL = 14, 12
_LINE, _SMALL_LINE = 18, 15
_AIR, _HEAD = 6, 8
_MOST_NAMED, _MOST_SAID = 4, 7
"""Lines of a name, and of the words on an arrow; whatever is left out stands in the title of its element."""

_KINDS = {
    NodeKind.SOURCE: "Asked on",
    NodeKind.FIELD: "Kept in the field",
    NodeKind.DERIVED: "Computed into the field",
    NodeKind.ASSET: "Used by",
    NodeKind.AUDIENCE: "Seen through",
    NodeKind.APP: "Read by",
    NodeKind.OUTSIDE: "Outside the CRM",
}
_PASSED = {Leaks.VALUE: "the value", Leaks.PRESENCE: "filled in or not", Leaks.MEMBERSHIP: "who belongs"}
_DASHES = {Leaks.VALUE: None, Leaks.PRESENCE: "9 4", Leaks.MEMBERSHIP: "2 4"}

_COLOURS = """
svg { color: #1f2933; } .ground { fill: #fff; } .quiet { fill: #52606d; }
.box { fill: #f4f6f8; } .source .box, .field .box, .derived .box { fill: #dce6f2; }
.audience .box { fill: #fbe3a8; } .app .box, .outside .box { fill: #f3b49f; }
@media (prefers-color-scheme: dark) {
  svg { color: #e4e7eb; } .ground { fill: #14181d; } .quiet { fill: #b3bcc5; }
  .box { fill: #1e252c; } .source .box, .field .box, .derived .box { fill: #2c4563; }
  .audience .box { fill: #66500f; } .app .box, .outside .box { fill: #7a3521; }
}
.outside .quiet, .app .quiet, .audience .quiet { fill: currentColor; }
"""


class _Description(svg.Title):  # type: ignore[misc]
    """What a screen reader says of a picture beyond its title."""

    TAG_NAME = "desc"


@dataclass(frozen=True, slots=True)
class _Box:
    """One hop as it is drawn: its name in lines, and the words on the arrow that leads to it."""

    hop: Hop
    number: int
    named: tuple[str, ...]
    size: str
    said: tuple[str, ...]

    @property
    def height(self) -> int:
        """How high the box itself is."""
        return 2 * _PADDING + _SMALL_LINE + _LINE * len(self.named) + (_SMALL_LINE if self.size else 0)

    @property
    def above(self) -> int:
        """How much the words above the arrow need."""
        return len(self.said) * _SMALL_LINE + _AIR

    @property
    def below(self) -> int:
        """How much the words below it need."""
        return _SMALL_LINE + 2 * _AIR


def picture(audit: Audit, chain: Sequence[Hop], *, alone: bool = False) -> str:
    """Draw a chain; the same one gives the same bytes. `alone` is for a file of its own, with colours and a ground."""
    boxes = [_box(audit, hop, number) for number, hop in enumerate(chains.shown(chain), 1)]
    rows = [boxes[start : start + _PER_ROW] for start in range(0, len(boxes), _PER_ROW)]
    middles, height = _middles(rows)
    width = _left(len(rows[0])) - _GAP + _MARGIN
    drawing = svg.Drawing(
        width,
        height,
        role="img",
        class_="picture",
        font_family="system-ui, sans-serif",
        direction="ltr",
    )
    drawing.append_title(one_line(chains.sentence(chain)))
    drawing.append(_Description(one_line(chains.in_a_row(audit, chain))))
    if alone:
        drawing.append_css(_COLOURS)
        drawing.append(svg.Rectangle(0, 0, width, height, class_="ground", fill="#fff"))
    for row, middle in zip(rows, middles, strict=True):
        for place, box in enumerate(row):
            drawing.append(_drawn(box, _left(place), middle))
            if place:
                drawing.append(_across(box, _left(place), middle))
    for (before, row), (from_middle, middle) in zip(pairwise(rows), pairwise(middles), strict=True):
        drawing.append(_down(before[-1], row[0], from_middle, middle))
    return str(drawing.as_svg(header='<?xml version="1.0" encoding="UTF-8"?>\n' if alone else ""))


def _box(audit: Audit, hop: Hop, number: int) -> _Box:
    begins_row = number % _PER_ROW == 1
    room = _left(_PER_ROW - 1) - _left(0) - 4 * _AIR if begins_row else _GAP - 4 * _AIR
    return _Box(
        hop,
        number,
        _wrapped(one_line(hop.label), _BOX - 2 * _PADDING, _BIG, _MOST_NAMED),
        chains.size_in_words(audit, hop),
        _wrapped(one_line(hop.how), room, _SMALL, _MOST_SAID) if number > 1 else (),
    )


def _left(place: int) -> int:
    return _MARGIN + place * (_BOX + _GAP)


def _middles(rows: Sequence[Sequence[_Box]]) -> tuple[list[int], int]:
    """The height of each row's arrows, and of the whole."""
    found: list[int] = []
    bottom = _MARGIN
    for place, row in enumerate(rows):
        if place:
            bottom += row[0].above + row[0].below + _HEAD
        half = max(-(-box.height // 2) for box in row)
        found.append(bottom + max(half, *(box.above for box in row[1:]), 0))
        bottom = found[-1] + max(half, *(box.below for box in row[1:]), 0)
    return found, bottom + _MARGIN


def _drawn(box: _Box, left: int, middle: int) -> svg.Group:
    """The box with its words; its title has the whole name."""
    group = svg.Group(class_=box.hop.kind.value)
    group.append_title(one_line(box.hop.label))
    top = middle - box.height // 2
    outside = box.hop.kind in {NodeKind.OUTSIDE, NodeKind.APP}
    group.append(
        svg.Rectangle(
            left,
            top,
            _BOX,
            box.height,
            rx=0 if outside else 6,
            class_="box",
            fill="none",
            stroke="currentColor",
            stroke_width=3 if outside else 1,
        )
    )
    head = f"{box.number}. {_KINDS[box.hop.kind]}"
    lines = [(head, _SMALL, _SMALL_LINE), *((line, _BIG, _LINE) for line in box.named)]
    if box.size:
        lines.append((box.size, _SMALL, _SMALL_LINE))
    at = top + _PADDING
    for text, size, step in lines:
        at += step
        group.append(_text(text, size, left + _PADDING, at - 4, quiet=size == _SMALL))
    return group


def _across(box: _Box, left: int, middle: int) -> svg.Group:
    """The arrow from the box before, in the same row."""
    group = _arrow(box)
    start, end = left - _GAP + 4, left - 3
    group.append(_line(box, [start, middle, end - _HEAD, middle]))
    group.append(_head([end, middle, end - _HEAD, middle - 5, end - _HEAD, middle + 5]))
    group.extend(_said(box, (start + end) // 2, middle))
    return group


def _down(before: _Box, box: _Box, from_middle: int, middle: int) -> svg.Group:
    """The arrow from the end of a row to the beginning of the next."""
    group = _arrow(box)
    first, last = _left(0) + _BOX // 2, _left(_PER_ROW - 1) + _BOX // 2
    start = from_middle + -(-before.height // 2) + 3
    end = middle - box.height // 2 - 3
    turn = end - _HEAD - box.below
    group.append(_line(box, [last, start, last, turn, first, turn, first, end - _HEAD]))
    group.append(_head([first, end, first - 5, end - _HEAD, first + 5, end - _HEAD]))
    group.extend(_said(box, (first + last) // 2, turn))
    return group


def _arrow(box: _Box) -> svg.Group:
    group = svg.Group(class_="arrow")
    if box.hop.how:
        group.append_title(one_line(box.hop.how))
    return group


def _line(box: _Box, points: list[int]) -> svg.Lines:
    leaks = box.hop.leaks
    return svg.Lines(
        *points,
        fill="none",
        stroke="currentColor",
        stroke_width=2 if leaks is Leaks.VALUE else 1.5,
        stroke_dasharray=_DASHES[leaks] if leaks is not None else None,
    )


def _head(points: list[int]) -> svg.Lines:
    return svg.Lines(*points, close=True, fill="currentColor")


def _said(box: _Box, centre: int, middle: int) -> Iterator[svg.Text]:
    """The words on an arrow: by which means above it, how much below."""
    first = middle - _AIR - (len(box.said) - 1) * _SMALL_LINE
    for place, line in enumerate(box.said):
        yield _text(line, _SMALL, centre, first + place * _SMALL_LINE, centred=True)
    if box.hop.leaks is not None:
        yield _text(
            _PASSED[box.hop.leaks], _SMALL, centre, middle + _SMALL_LINE + 1, quiet=True, centred=True
        )


def _text(words: str, size: int, x: int, y: int, *, quiet: bool = False, centred: bool = False) -> svg.Text:
    return svg.Text(
        words,
        size,
        x,
        y,
        fill="currentColor",
        class_="quiet" if quiet else None,
        text_anchor="middle" if centred else None,
    )


def _wrapped(text: str, room: int, size: int, most: int) -> tuple[str, ...]:
    """Break a text into lines that fit, at most so many, the last of which says that something is left out."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        rest = word
        while rest:
            joined = f"{line} {rest}" if line else rest
            if _width(joined, size) <= room:
                line, rest = joined, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                fits = _fitting(rest, room, size)
                lines.append(rest[:fits])
                rest = rest[fits:]
    lines += [line] if line else []
    if len(lines) <= most:
        return tuple(lines)
    last = lines[most - 1]
    while last and _width(f"{last}…", size) > room:
        last = last[:-1]
    return (*lines[: most - 1], f"{last.rstrip()}…")


def _fitting(word: str, room: int, size: int) -> int:
    """How many characters of a long word fit into a line, at least one."""
    fits = 1
    while fits < len(word) and _width(word[: fits + 1], size) <= room:
        fits += 1
    return fits


def _width(text: str, size: int) -> float:
    return size * sum(map(_share, text))


def _share(sign: str) -> float:
    """How wide a character is at most in the usual fonts, as a share of its height: the font itself is the reader's."""
    if unicodedata.combining(sign):
        return 0.0
    if unicodedata.east_asian_width(sign) in {"W", "F"}:
        return 1.3 if ord(sign) > 0xFFFF else 1.05
    if sign in "MWmw@%—…":
        return 0.92
    if sign in " .,:;'|!ijlftrI()[]“”‘’-":
        return 0.4
    return 0.72 if sign.isupper() else 0.6
