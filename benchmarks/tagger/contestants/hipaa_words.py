"""The longer list: whole words in the name and the label, else in the object; of several the longest speaks."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.tagger.contestants import Guess, Guesser, said
from benchmarks.tagger.contestants.word_lists import hipaa_words

PACKAGE = ""


def ready() -> Guesser:
    """Sort the list, longest first."""
    words = sorted(hipaa_words().items(), key=lambda pair: -len(pair[0]))

    def find(text: str) -> Guess:
        return next((Guess(label) for word, label in words if f" {word} " in f" {text} "), Guess())

    def guess(row: Mapping[str, str]) -> Guess:
        own = find(said(row, "field", "label"))
        return own if own.label != "none" else find(said(row, "object"))

    return lambda rows: [guess(row) for row in rows]
