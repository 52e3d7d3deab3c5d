"""The words the tagger knows, read from `vocabulary.yaml`; adding one needs no code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mappings.kinds import Kind
from mappings.located import Located, compose, read
from mappings.taxonomy import TIERS, Taxonomy, load_taxonomy
from mappings.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from auditor.phi import Coarse

LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list of words and phrases to look for, and the length of the longest."""

    phrases: frozenset[Words] = frozenset()
    longest: int = 0

    @classmethod
    def of(cls, texts: Iterable[str]) -> Phrases:
        """Cut each text into its words."""
        cut = frozenset(phrase for text in texts if (phrase := words(text)))
        return cls(cut, max(map(len, cut), default=0))

    def __or__(self, other: Phrases) -> Phrases:
        return Phrases(self.phrases | other.phrases, max(self.longest, other.longest))

    def without_parts_of(self, phrase: Words) -> Phrases:
        """Leave out what occurs within a phrase, so that the "order" of "lab order" cannot turn it off."""
        parts = {
            phrase[start:stop] for start in range(len(phrase)) for stop in range(start + 1, len(phrase) + 1)
        }
        return Phrases(self.phrases - parts, self.longest)

    def first_in(self, text: Words) -> str:
        """Return the first phrase that occurs in the text, or an empty string."""
        for start in range(len(text)):
            for stop in range(start + 1, min(len(text), start + self.longest) + 1):
                if text[start:stop] in self.phrases:
                    return " ".join(text[start:stop])
        return ""

    def ending(self, text: Words) -> str:
        """Return the phrase the text ends with, or an empty string; being the whole text does not count."""
        for size in range(1, min(self.longest, len(text) - 1) + 1):
            if text[-size:] in self.phrases:
                return " ".join(text[-size:])
        return ""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that point to a class, why they do, and what turns them off or must be there."""

    phi_class: str
    coarse: Coarse
    tier: str
    why: str
    strong: bool = True
    whole: bool = False
    unless: Phrases = Phrases()
    needs: Phrases = Phrases()
    needs_health: bool = False
    kinds: frozenset[Kind] = frozenset()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Quiet:
    """What silences some classes: words, an ending, a kind of field."""

    about: frozenset[str]
    why: str
    words: Phrases
    ends: Phrases
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Role:
    """What an object's name says it holds."""

    why: str
    words: Phrases
    unless: Phrases


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words, ready to be looked up by their first word."""

    terms: Mapping[str, tuple[tuple[Words, Term], ...]]
    types: Mapping[Kind, tuple[Term, ...]]
    contexts: Mapping[str, Phrases]
    quiet: tuple[Quiet, ...]
    roles: Mapping[str, Role]
    generic: Phrases
    namespaces: frozenset[str]

    def find(self, text: Words, kind: Kind) -> Iterator[tuple[Term, str, int]]:
        """Find the longest terms from left to right, with their words and how many; no word is used twice."""
        start = 0
        while start < len(text):
            size = 1
            for phrase, term in self.terms.get(text[start], ()):
                if len(phrase) < size:
                    break
                if text[start : start + len(phrase)] != phrase:
                    continue
                if (term.whole and phrase != text) or (term.kinds and kind not in term.kinds):
                    continue
                size = len(phrase)
                yield term, " ".join(phrase), size
            start += size


def turned_off(term: Term, texts: Iterable[Words]) -> str:
    """Return the word that turns a term off, or an empty string."""
    if not term.unless.phrases:
        return ""
    return next((found for text in texts if (found := term.unless.first_in(text))), "")


_ROLES = ("workforce", "reference", "directory", "health", "person", "speaks")
_TERM_KEYS = ("strength", "whole", "unless", "needs", "kinds", "tier", "language")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts of a vocabulary file against the taxonomy and the contexts it defines."""

    taxonomy: Taxonomy
    contexts: Mapping[str, Phrases]

    def phrases(self, entry: Located | None) -> Phrases:
        """Read words; `@name` stands for all words of a context."""
        if entry is None:
            return Phrases()
        found = Phrases()
        plain: list[str] = []
        for item in entry.items():
            word = item.text()
            if word.startswith("@"):
                found |= self.contexts[item.one_of(_marked(self.contexts), "a context")[1:]]
            else:
                plain.append(word)
        return found | Phrases.of(plain)

    def kinds(self, entry: Located | None) -> frozenset[Kind]:
        """Read kinds of field."""
        known = [kind.value for kind in Kind]
        return (
            frozenset(Kind(item.one_of(known, "a kind of field")) for item in entry.items())
            if entry
            else frozenset()
        )

    def role(self, entry: Located) -> Role:
        """Read what an object may hold."""
        got = entry.mapping(required=("why", "words"), optional=("unless",))
        return Role(got["why"].text(), self.phrases(got["words"]), self.phrases(got.get("unless")))

    def silence(self, entry: Located) -> Quiet:
        """Read one reason to keep quiet."""
        got = entry.mapping(required=("about", "why"), optional=("words", "ends", "kinds"))
        known = {*self.taxonomy.classes, *self.taxonomy.generic}
        return Quiet(
            about=frozenset(item.one_of(known, "a class") for item in got["about"].items()),
            why=got["why"].text(),
            words=self.phrases(got.get("words")),
            ends=self.phrases(got.get("ends")),
            kinds=self.kinds(got.get("kinds")),
        )

    def terms(self, entry: Located) -> list[tuple[Words, Term]]:
        """Read one entry of terms: the same meaning for each of its words."""
        got = entry.mapping(required=("class", "why", "words"), optional=_TERM_KEYS)
        term = self._term(got)
        phrases = [cut for item in got["words"].items() if (cut := words(item.text()))]
        return [(cut, replace(term, unless=term.unless.without_parts_of(cut))) for cut in phrases]

    def type_term(self, entry: Located) -> Term:
        """Read what a kind of field says by itself."""
        return self._term(entry.mapping(required=("class", "why", "kinds"), optional=_TERM_KEYS))

    def _term(self, got: Mapping[str, Located]) -> Term:
        phi_class = self.taxonomy.classes[got["class"].one_of(self.taxonomy.classes, "a class")]
        return Term(
            phi_class=phi_class.name,
            coarse=phi_class.coarse,
            tier=got["tier"].one_of(TIERS, "a tier") if "tier" in got else phi_class.tier,
            why=got["why"].text(),
            strong="strength" not in got
            or got["strength"].one_of(("strong", "weak"), "a strength") == "strong",
            whole="whole" in got and got["whole"].yes(),
            unless=self.phrases(got.get("unless")),
            needs=self.phrases(got.get("needs")),
            needs_health="needs" in got and any(item.text() == "@health" for item in got["needs"].items()),
            kinds=self.kinds(got.get("kinds")),
            language=got["language"].one_of(LANGUAGES, "a language") if "language" in got else "en",
        )


def _check_version(entry: Located) -> None:
    if entry.integer() != 1:
        raise entry.error("Only version 1 of a vocabulary can be read.")


def _marked(contexts: Iterable[str]) -> set[str]:
    return {f"@{name}" for name in contexts}


def parse_vocabulary(text: str, file: str, taxonomy: Taxonomy) -> Vocabulary:
    """Read a whole vocabulary from text."""
    needed = ("version", "contexts", "objects", "quiet", "generic", "types", "terms", "namespaces")
    top = compose(text, file).mapping(required=needed)
    _check_version(top["version"])
    contexts = {
        name: Phrases.of(item.text() for item in entry.mapping(required=("words",))["words"].items())
        for name, entry in top["contexts"].mapping(optional=None).items()
    }
    reader = _Reader(taxonomy, contexts)
    roles = top["objects"].mapping(required=_ROLES)
    return Vocabulary(
        terms=_index(pair for entry in top["terms"].items() for pair in reader.terms(entry)),
        quiet=tuple(reader.silence(entry) for entry in top["quiet"].items()),
        types=_by_kind(reader.type_term(entry) for entry in top["types"].items()),
        contexts=contexts,
        roles={name: reader.role(entry) for name, entry in roles.items()},
        generic=reader.phrases(top["generic"].mapping(required=("words",))["words"]),
        namespaces=frozenset(item.text().lower() for item in top["namespaces"].items()),
    )


def _index(pairs: Iterable[tuple[Words, Term]]) -> dict[str, tuple[tuple[Words, Term], ...]]:
    """Group terms by their first word, longer phrases first."""
    by_first: dict[str, list[tuple[Words, Term]]] = defaultdict(list)
    for phrase, term in pairs:
        if (phrase, term) not in by_first[phrase[0]]:
            by_first[phrase[0]].append((phrase, term))
    return {first: tuple(sorted(found, key=lambda pair: -len(pair[0]))) for first, found in by_first.items()}


def _by_kind(terms: Iterable[Term]) -> dict[Kind, tuple[Term, ...]]:
    by_kind: dict[Kind, list[Term]] = defaultdict(list)
    for term in terms:
        for kind in term.kinds:
            by_kind[kind].append(term)
    return {kind: tuple(found) for kind, found in by_kind.items()}


@cache
def load_vocabulary() -> Vocabulary:
    """Read the vocabulary that comes with the product."""
    text = files("mappings").joinpath("vocabulary.yaml").read_text("utf-8")
    return parse_vocabulary(text, "vocabulary.yaml", load_taxonomy())


def with_own_terms(vocabulary: Vocabulary, path: Path, taxonomy: Taxonomy) -> Vocabulary:
    """Add the terms of a customer's file (`version` and `terms`) to a vocabulary."""
    top = read(path).mapping(required=("version", "terms"))
    _check_version(top["version"])
    reader = _Reader(taxonomy, vocabulary.contexts)
    own = [pair for entry in top["terms"].items() for pair in reader.terms(entry)]
    known = [pair for found in vocabulary.terms.values() for pair in found]
    return replace(vocabulary, terms=_index([*own, *known]))
