"""presidio-analyzer, read generously: the context words of its recognisers, looked for in name and label.

Every recogniser of the package is asked, also those it does not load by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.tagger.contestants import Guess, Guesser, plain, said
from benchmarks.tagger.contestants.presidio import IDENTIFIER, LABELS

PACKAGE = "presidio-analyzer"


def ready() -> Guesser:
    """Collect the context words, the longest first."""
    words = sorted(set(_context()), key=lambda pair: (-len(pair[0]), pair))

    def guess(text: str) -> Guess:
        return next((Guess(label) for word, label in words if f" {word} " in text), Guess())

    return lambda rows: [guess(f" {said(row, 'field', 'label')} ") for row in rows]


def _context() -> Iterator[tuple[str, str]]:
    from presidio_analyzer import PatternRecognizer, predefined_recognizers  # type: ignore[import-not-found]

    for name in predefined_recognizers.__all__:
        kind = getattr(predefined_recognizers, name)
        if isinstance(kind, type) and issubclass(kind, PatternRecognizer):
            recogniser = kind()
            for word in recogniser.context or ():
                if plain(word):
                    yield plain(word), LABELS.get(recogniser.supported_entities[0], IDENTIFIER)
