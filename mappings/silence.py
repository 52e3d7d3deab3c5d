"""When a word does not mean what it seems to: look-alikes, missing context, and fields that cannot hold a class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.phi import Coarse
from mappings.surroundings import Scene
from mappings.vocabulary import Quiet, Term, Vocabulary, turned_off


class Silence:
    """Knows the rules of a vocabulary that keep a tagger quiet (phi-taxonomy 7)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._quiet = vocabulary.quiet
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, quiet in enumerate(vocabulary.quiet):
            if quiet.words.has_stems or not (quiet.words or quiet.ends):
                self._always.append(number)
            else:
                for word in {*quiet.words.longest, *quiet.ends.longest}:
                    self._by_word[word].append(number)

    def of(self, term: Term, scene: Scene) -> str:
        """Say why a term does not count here, or return an empty string.

        Values turn off weak words only: `New; Used` makes a condition that of goods, but a list of diagnoses
        may well hold "Car accident".
        """
        off = another_sense(term, scene) or ("" if term.strong else turned_off(term, scene.look.values))
        if off:
            return f'"{off}" gives the word another sense'
        around = scene.around
        if term.needs_care and around.no_care and not around.object:
            return "nothing in this CRM points to the care of people"
        if not _met(term, scene):
            return "nothing else here points to a person's care or identity"
        return self.rule(term, scene)

    def rule(self, term: Term, scene: Scene) -> str:
        """Say which rule of the vocabulary silences a class on this field, or return an empty string."""
        for quiet in self._near(scene.own_words):
            about = term.phi_class in quiet.about or term.coarse in quiet.about
            if about and term.phi_class not in quiet.but and _applies(quiet, scene):
                return quiet.why
        return ""

    def _near(self, own_words: frozenset[str]) -> Iterator[Quiet]:
        """The rules that can apply to a field with these words, or to any field."""
        numbers = set(self._always).union(*(self._by_word[word] for word in own_words & self._by_word.keys()))
        return (self._quiet[number] for number in sorted(numbers))


def another_sense(term: Term, scene: Scene) -> str:
    """The word of the field or its object that turns a term off, or an empty string."""
    return turned_off(term, scene.look.scope) if term.unless.may_be_in(scene.scope_words) else ""


def _met(term: Term, scene: Scene) -> bool:
    """Whether what a term needs is there; money needs an object about care, not just a person in such a CRM."""
    around = scene.around
    if not term.needs:
        return True
    health = around.object or around.siblings > 1 if term.coarse is Coarse.PAYMENT else around.health
    if term.needs_health and health:
        return True
    return term.needs.may_be_in(scene.scope_words) and any(
        term.needs.first_in(text) for text in scene.look.scope
    )


def _applies(quiet: Quiet, scene: Scene) -> bool:
    """Whether the name, its ending, the kind of field or the object is one that silences; all given must fit."""
    look = scene.look
    if quiet.kinds and look.kind not in quiet.kinds:
        return False
    if quiet.objects and not quiet.objects.first_in(look.place.text):
        return False
    if not (quiet.words or quiet.ends):
        return True
    return any(quiet.words.first_in(text) or quiet.ends.ending(text) for text in look.own)
