"""The figures as the docs page has them, made of what a run kept, so that the two agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
FIGURES = "## Figures\n"
"""The heading below which the page is generated, up to the next of its level."""
MOST_CONFUSIONS = 25
PARTS = {"rest": "The rest", "set_aside": "Set aside"}

Figures = Mapping[str, Any]


def kept() -> dict[str, Any]:
    """The figures of the latest run that was kept."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def tagger_page(written: str) -> str:
    """The page: what people wrote before and after the figures, with those of the latest kept run between."""
    before, _, after = written.partition(FIGURES)
    _, heading, after = after.partition("\n## ")
    return f"{before}{FIGURES}\n{figures(kept())}{heading}{after}"


def figures(results: Figures) -> str:
    """Every table of a run."""
    return "\n".join(
        (
            _headline(results),
            _beside(results),
            _repositories(results["repositories"]),
            _calibration(results["calibration"]),
            _confusions(results["confusions"]),
            _speed(results["big_org"]),
        )
    )


def _headline(results: Figures) -> str:
    ours = results["contestants"][0]
    rows = [
        (
            f"{words} ({len(results['repositories'][part])} repositories)",
            f"{ours[part]['clinical']['n']:,}",
            *_prf(ours[part]["clinical"]),
            _interval(ours[part]["clinical"]["f1_ci95"]),
            _number(ours[part]["any_phi"]["f1"]),
            _number(ours[part]["identifier"]["f1"]),
            _flagged(ours[part]["hard_negatives"]),
        )
        for part, words in PARTS.items()
        if ours[part]
    ]
    clinical = ("clinical: precision", "recall", "F1", "95 % interval")
    text = _table(("", "fields", *clinical, "any PHI: F1", "identifier: F1", "hard negatives flagged"), rows)
    if not ours["set_aside"]:
        return f"### The tagger\n\n{text}\nThe repositories set aside have not been scored.\n"
    gap = ours["rest"]["clinical"]["f1"] - ours["set_aside"]["clinical"]["f1"]
    told = f"The gap in clinical F1 is {gap:.2f}: so much of the score is knowing the rest."
    return f"### The tagger\n\n{text}\n{told}\n"


def _beside(results: Figures) -> str:
    scored = [part for part in PARTS if results["contestants"][0][part]]
    rows = [
        (
            one["name"],
            *(_number(one[part]["clinical"]["f1"]) for part in scored),
            _number(one["rest"]["any_phi"]["f1"]),
            _number(one["rest"]["identifier"]["f1"]),
            _flagged(one["rest"]["hard_negatives"]),
            f"{one['load_seconds']:.1f}",
            f"{one['fields_per_second']:,.0f}",
        )
        for one in results["contestants"]
    ]
    head = [f"clinical F1, {PARTS[part].lower()}" for part in scored]
    text = _table(
        (
            "",
            *head,
            "any PHI F1",
            "identifier F1",
            "hard negatives flagged",
            "CPU s to load",
            "fields per CPU s",
        ),
        rows,
    )
    missing = "".join(f"\nNot compared: {one['name']}; {one['reason']}.\n" for one in results["missing"])
    return f"### Beside others, in the same run\n\n{text}{missing}"


def _repositories(repositories: Figures) -> str:
    rows = [
        (
            f"{name.partition('/')[2]}{', set aside' if part == 'set_aside' else ''}",
            str(cell["clinical"]["n"]),
            str(cell["clinical"]["positives"]),
            *(
                _number(cell[task]["f1"]) if cell[task]["positives"] else "–"
                for task in ("clinical", "any_phi")
            ),
            str(cell["any_phi"]["fp"]),
            _flagged(cell["hard_negatives"]),
        )
        for part in PARTS
        for name, cell in (repositories[part] or {}).items()
    ]
    head = (
        "repository",
        "fields",
        "clinical",
        "clinical F1",
        "any PHI F1",
        "false alarms",
        "hard negatives flagged",
    )
    return f"### By repository\n\n{_table(head, rows)}"


def _calibration(calibration: Figures) -> str:
    rows = [
        (
            confidence if part == "rest" else f"{confidence}, set aside",
            str(cell["tags"]),
            _share(cell["right"], cell["tags"]),
            _interval(cell["interval"]),
            _share(cell["phi"], cell["tags"]),
        )
        for part in PARTS
        for confidence, cell in (calibration[part] or {}).items()
    ]
    head = ("confidence", "tags", "right", "95 % interval", "PHI at all")
    picture = "![What share of the tags of each confidence is right.](pictures/tagger-calibration.svg)\n"
    return f"### What a confidence means\n\n{_table(head, rows)}\n{picture}"


def _confusions(confusions: Sequence[tuple[str, str, int]]) -> str:
    rows = [
        (labelled.replace("_", " "), guessed.replace("_", " "), str(count))
        for labelled, guessed, count in confusions[:MOST_CONFUSIONS]
    ]
    shown = f"The {len(rows)} most frequent of {len(confusions)} pairs, on the rest.\n"
    return (
        f"### What is taken for what\n\n{shown}\n{_table(('labelled', 'taken for', 'fields'), rows, words=2)}"
    )


def _speed(big_org: Figures) -> str:
    return (
        f"### Speed\n\nAn org of {big_org['fields']:,} fields takes {big_org['seconds']:.1f} s of processor time on "
        f"one core, {big_org['fields_per_second']:,.0f} fields a second, vocabulary loaded and no value read. The "
        f"process peaks at {big_org['peak_mb']:.0f} MB. The org is made up of names of the demo clinic and of the "
        "taxonomy, put together by chance.\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table whose first columns hold words and whose others hold figures."""
    lines = ["---" if at < words else "---:" for at in range(len(head))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, lines, *rows))


def _prf(cell: Figures) -> tuple[str, str, str]:
    return _number(cell["precision"]), _number(cell["recall"]), _number(cell["f1"])


def _number(value: float) -> str:
    return f"{value:.2f}"


def _interval(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.2f} to {bounds[1]:.2f}"


def _share(right: int, of: int) -> str:
    return f"{right / of:.0%}" if of else "–"


def _flagged(cell: Figures) -> str:
    return f"{cell['flagged']} of {cell['n']}"
