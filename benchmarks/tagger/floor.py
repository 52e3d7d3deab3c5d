"""Below which figures the tagger is not good enough. One table; the tests and the benchmark read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Floor(NamedTuple):
    """A figure of `Scores.headline`, or of a confidence, and the bounds it has to keep."""

    what: str
    figure: str
    least: float = 0.0
    most: float = 1.0


REST = (
    Floor("clinical", "f1", least=0.85),
    Floor("any_phi", "f1", least=0.80),
    Floor("high", "share", least=0.90),
)
SET_ASIDE = (
    Floor("clinical", "f1", least=0.75),
    Floor("hard_negatives", "rate", most=0.05),
)
LEAD = 0.20
"""By how much clinical F1 is above that of every peer in the same run."""
FIELDS_PER_SECOND, BIG_ORG_SECONDS, BIG_ORG_MB = 20_000, 10, 300
"""Of the big org, value-free, on one core."""


def unmet(floors: Sequence[Floor], figures: Mapping[str, Any]) -> list[str]:
    """The floors that these figures do not keep, in words; a figure that is not there keeps none."""
    return [
        f"{floor.what} {floor.figure} is {found}, not {floor.least} to {floor.most}"
        for floor in floors
        if (found := figures[floor.what][floor.figure]) is None or not floor.least <= found <= floor.most
    ]


def too_near(ours: Mapping[str, Any], peers: Sequence[Mapping[str, Any]], part: str) -> list[str]:
    """The peers that are nearer than the lead, on a set of fields (`rest`, `set_aside`) if it was scored."""
    return [
        f"{peer['name']} is nearer than {LEAD} in clinical F1 ({part})"
        for peer in peers
        if ours[part] and ours[part]["clinical"]["f1"] - peer[part]["clinical"]["f1"] < LEAD
    ]


def too_slow(big_org: Mapping[str, float]) -> list[str]:
    """What the big org took too much of."""
    bounds = (
        ("fields per second", big_org["fields_per_second"] >= FIELDS_PER_SECOND),
        ("seconds", big_org["seconds"] < BIG_ORG_SECONDS),
        ("memory", big_org["peak_mb"] < BIG_ORG_MB),
    )
    return [f"{what} of the big org" for what, kept in bounds if not kept]
