"""The labelled fields beside the checkout, and their scorer."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"
LABELS = SHARED / "data" / "phi-labels-dev.csv"
SCORER = SHARED / "tools" / "score_phi.py"

SET_ASIDE = ("PROD_COMPASS", "SleepReferralBackend", "hairsolutions")
"""Parts of the names of the repositories that no word of the vocabulary was written from."""

SEEN = ("source_repo", "object", "field", "label", "type", "description", "help_text", "picklist_sample")
"""The columns a tagger is given; all others are labels or speak of them."""

Row = Mapping[str, str]


def at_hand() -> bool:
    """Whether the labelled fields and their scorer are there."""
    return LABELS.is_file() and SCORER.is_file()


def scorer() -> Any:
    """The scorer that comes with the labelled fields, so that there is one way to count."""
    spec = importlib.util.spec_from_file_location("score_phi", SCORER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rest() -> list[Row]:
    """The labelled fields of every repository that is not set aside."""
    return [row for row in _rows() if not _is_set_aside(row)]


def set_aside() -> list[Row]:
    """The labelled fields of the repositories that are; for scores only."""
    return [row for row in _rows() if _is_set_aside(row)]


def seen(rows: Sequence[Row]) -> list[dict[str, str]]:
    """The same fields without their labels."""
    return [{column: row[column] for column in SEEN} for row in rows]


def core(rows: Sequence[Row]) -> list[Row]:
    """The fields whose label is sure (high or medium); the others are left out of the figures."""
    return [row for row in rows if row["confidence"] != "low"]


def _rows() -> list[Row]:
    with LABELS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _is_set_aside(row: Row) -> bool:
    return any(part in row["source_repo"] for part in SET_ASIDE)
