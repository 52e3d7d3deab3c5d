"""From labels and guesses to figures. Whatever names a field stays out of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any

from benchmarks.tagger.contestants import Guess
from benchmarks.tagger.labelled import Row, core

CONFIDENCES = ("high", "medium", "low")
ROUNDS = 1000
"""How often repositories are drawn anew for the interval of F1."""
Z = NormalDist().inv_cdf(0.975)


class Scores:
    """The figures of one contestant on some labelled fields, counted by the scorer that comes with them."""

    def __init__(self, scorer: Any, rows: Sequence[Row], guesses: Sequence[Guess]) -> None:
        """`guesses` belong to `rows` one by one; only core rows count."""
        guessed = {row["row_id"]: guess for row, guess in zip(rows, guesses, strict=True)}
        self._scorer = scorer
        self._rows = core(rows)
        self._guesses = [guessed[row["row_id"]] for row in self._rows]
        self._coarse = {row_id: scorer.TO_COARSE[guess.label] for row_id, guess in guessed.items()}

    def headline(self) -> dict[str, Any]:
        """Precision, recall and F1 for each question, and how many hard negatives were flagged."""
        found = self._scorer.evaluate(self._rows, self._coarse, ROUNDS)
        return {**found, "hard_negatives": self._scorer.hard_negative_rate(self._rows, self._coarse)}

    def by_repository(self) -> dict[str, dict[str, Any]]:
        """The same for each repository, without intervals."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            groups[row["source_repo"]].append(row)
        return {
            name: {
                **self._scorer.evaluate(rows, self._coarse),
                "hard_negatives": self._scorer.hard_negative_rate(rows, self._coarse),
            }
            for name, rows in sorted(groups.items())
        }

    def confusions(self) -> list[tuple[str, str, int]]:
        """Pairs of classes, labelled and guessed, with how often; the coarse label differs in each."""
        pairs = Counter(
            (row["phi_class"], guess.label)
            for row, guess in zip(self._rows, self._guesses, strict=True)
            if row["phi"] != self._scorer.TO_COARSE[guess.label]
        )
        return sorted(((*pair, count) for pair, count in pairs.items()), key=lambda one: (-one[2], one))

    def calibration(self) -> dict[str, dict[str, Any]]:
        """For each confidence: how many tags, and what share has the right coarse label, or is PHI at all."""
        tags: dict[str, list[tuple[bool, bool]]] = {confidence: [] for confidence in CONFIDENCES}
        for row, guess in zip(self._rows, self._guesses, strict=True):
            if guess.label != "none":
                coarse = self._scorer.TO_COARSE[guess.label]
                tags[str(guess.sure)].append((row["phi"] == coarse, row["phi"] != "none"))
        return {confidence: _share(right) for confidence, right in tags.items()}

    def wrong(self) -> Iterator[tuple[Row, Guess]]:
        """Core fields whose coarse label was missed."""
        for row, guess in zip(self._rows, self._guesses, strict=True):
            if row["phi"] != self._scorer.TO_COARSE[guess.label]:
                yield row, guess


def tuned(scorer: Any, rows: Sequence[Row], guesses: Sequence[Guess]) -> float:
    """From which sureness on guesses count, so that clinical F1 on these very rows is best: a favour to a peer."""

    def clinical(least: float) -> float:
        coarse = {
            row["row_id"]: scorer.TO_COARSE[guess.label]
            for row, guess in zip(rows, sure_enough(guesses, least), strict=True)
        }
        return float(scorer.prf(*scorer.counts(core(rows), coarse, "clinical"))[2])

    return max((step / 100 for step in range(100)), key=clinical)


def sure_enough(guesses: Sequence[Guess], least: float) -> list[Guess]:
    """Take guesses that are less sure for none."""
    return [guess if float(guess.sure) >= least else Guess() for guess in guesses]


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's formula; all that is possible where there is nothing to count."""
    if not of:
        return 0.0, 1.0
    share, spread = right / of, Z**2 / of
    middle = share + spread / 2
    reach = Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def _share(right: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    coarse, phi = (sum(column) for column in zip(*right, strict=True)) if right else (0, 0)
    low, high = wilson(coarse, len(right))
    return {
        "tags": len(right),
        "right": coarse,
        "phi": phi,
        "share": round(coarse / len(right), 4) if right else None,
        "interval": [round(low, 4), round(high, 4)],
    }
