"""The calibration as a picture: for each confidence the share of right tags, with its interval, on a scale to 100 %."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import drawsvg as svg

LEFT, WIDTH, RIGHT, ROW, TOP, BOTTOM = 190, 400, 90, 44, 12, 40
NAMES = {"rest": "", "set_aside": ", set aside"}
COLOURS = """
svg { color: #1f2933; } .ground { fill: #fff; } .line { stroke: #cbd2d9; } .rest { color: #2c4563; }
.set_aside { color: #a34a1f; }
@media (prefers-color-scheme: dark) {
  svg { color: #e4e7eb; } .ground { fill: #14181d; } .line { stroke: #3e4c59; } .rest { color: #9fb8d6; }
  .set_aside { color: #f3b49f; }
}
"""

Calibration = Mapping[str, Mapping[str, Mapping[str, Any]] | None]


def calibration_picture(calibration: Calibration) -> str:
    """Draw it; the same figures give the same bytes."""
    rows = list(_rows(calibration))
    height = TOP + ROW * len(rows) + BOTTOM
    drawing = svg.Drawing(LEFT + WIDTH + RIGHT, height, role="img", font_family="system-ui, sans-serif")
    drawing.append_title("What share of the tags of each confidence is right")
    drawing.append_css(COLOURS)
    drawing.append(svg.Rectangle(0, 0, LEFT + WIDTH + RIGHT, height, class_="ground", fill="#fff"))
    for share in (0, 0.25, 0.5, 0.75, 1):
        across = _across(share)
        drawing.append(svg.Line(across, TOP, across, height - BOTTOM, class_="line", stroke="#cbd2d9"))
        drawing.append(_text(f"{share:.0%}", across, height - BOTTOM + 20, "middle"))
    for number, (part, confidence, cell) in enumerate(rows):
        drawing.append(_row(part, confidence, cell, TOP + ROW * number + ROW / 2))
    return str(drawing.as_svg(header='<?xml version="1.0" encoding="UTF-8"?>\n')) + "\n"


def _rows(calibration: Calibration) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for confidence in calibration["rest"] or ():
        for part in NAMES:
            if cell := (calibration[part] or {}).get(confidence):
                yield part, confidence, cell


def _row(part: str, confidence: str, cell: Mapping[str, Any], middle: float) -> svg.Group:
    """One confidence: its name, the interval as a bar, the share as a dot, and how many tags it rests on."""
    low, high = (_across(bound) for bound in cell["interval"])
    group = svg.Group(class_=part)
    group.append(_text(f"{confidence}{NAMES[part]}", LEFT - 14, middle + 5, "end"))
    group.append(svg.Line(low, middle, high, middle, stroke="currentColor", stroke_width=3))
    if cell["share"] is not None:
        group.append(svg.Circle(_across(cell["share"]), middle, 6, fill="currentColor"))
    group.append(_text(f"{cell['tags']} tags", LEFT + WIDTH + 14, middle + 5, "start"))
    return group


def _across(share: float) -> float:
    return round(LEFT + share * WIDTH, 1)


def _text(words: str, left: float, top: float, anchor: str) -> svg.Text:
    return svg.Text(words, 14, left, top, text_anchor=anchor, fill="currentColor")
