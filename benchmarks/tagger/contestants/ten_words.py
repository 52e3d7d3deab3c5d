"""A list of ten substrings, looked for in the name and the label."""

from __future__ import annotations

from benchmarks.tagger.contestants import Guess, Guesser
from benchmarks.tagger.contestants.word_lists import TEN

PACKAGE = ""


def ready() -> Guesser:
    """Nothing to load."""
    return lambda rows: [_guess(f"{row['field']} {row['label']}".lower()) for row in rows]


def _guess(text: str) -> Guess:
    return next((Guess(label) for word, label in TEN.items() if word in text), Guess())
