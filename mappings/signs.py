"""Health words in plain texts: names of lists and workflows, web addresses, values that a form fills in."""

from __future__ import annotations

from auditor.phi import Coarse
from mappings.kinds import Kind
from mappings.vocabulary import Vocabulary, turned_off
from mappings.words import spelled, words


class Signs:
    """Finds the terms of a vocabulary that state a condition or a treatment by themselves."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, text: str) -> list[tuple[str, str]]:
        """The clinical terms of a text, each as class and words as they are spelled, in order of appearance.

        Weak terms say nothing without a field or an object around them and are left out.
        """
        cut = words(text)
        found = {
            phrase: term.phi_class
            for term, phrase, _ in self._vocabulary.find(cut, Kind.ANY)
            if term.coarse is Coarse.CLINICAL
            and term.strong
            and not turned_off(term, (cut,))
            and (not term.needs or term.needs.first_in(cut))
        }
        return [(phi_class, spelled(text, tuple(phrase.split()))) for phrase, phi_class in found.items()]
