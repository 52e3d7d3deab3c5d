"""The words the tagger knows, read from `vocabulary.yaml`; adding one needs no code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from auditor.phi import Coarse
from mappings.kinds import Kind
from mappings.located import Located, compose, read
from mappings.taxonomy import TIERS, Taxonomy, load_taxonomy
from mappings.words import Words, fold, singular, spelt, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


_LONGEST_ENDING = 3
_SHORTEST_GLUED, _SHORTEST_HEAD, _ABBREVIATION = 6, 3, 3
_CARE = "@care"
_LINKS = frozenset({"of", "for", "with", "to", "by", "de", "du", "da", "do", "der", "von", "para", "pour"})
LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Stem:
    """The beginning (`diagnos*`) or the ending (`*itis`) that many words share, in several languages at once."""

    starts: str = ""
    ends: str = ""

    @classmethod
    def of(cls, text: str) -> Stem | None:
        """Read a word with a star at one end; None if it has none."""
        if text.endswith("*"):
            return cls(starts=fold(text[:-1]))
        return cls(ends=fold(text[1:])) if text.startswith("*") else None

    def fits(self, word: str) -> bool:
        """Whether a word has this beginning and this ending."""
        return word.startswith(self.starts) and word.endswith(self.ends)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words, phrases and stems to look for; `longest` tells for each first word how long its longest phrase is."""

    phrases: frozenset[Words] = frozenset()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    longest: Mapping[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Phrases:
        """Cut each text into its words."""
        texts = list(texts)
        stems = [stem for text in texts if (stem := Stem.of(text))]
        return cls._with(
            frozenset(phrase for text in texts if not Stem.of(text) and (phrase := words(text))),
            tuple(sorted({stem.starts for stem in stems if stem.starts})),
            tuple(sorted({stem.ends for stem in stems if stem.ends})),
        )

    @classmethod
    def of_stems(cls, stems: Iterable[Stem]) -> Phrases:
        """All words that have one of these stems."""
        found = list(stems)
        return cls(
            starts=tuple(sorted({stem.starts for stem in found if stem.starts})),
            ends=tuple(sorted({stem.ends for stem in found if stem.ends})),
        )

    @classmethod
    def _with(cls, phrases: frozenset[Words], starts: tuple[str, ...], ends: tuple[str, ...]) -> Phrases:
        longest: dict[str, int] = {}
        for phrase in phrases:
            longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
        return cls(phrases, starts, ends, longest)

    def __bool__(self) -> bool:
        return bool(self.phrases or self.starts or self.ends)

    @property
    def has_stems(self) -> bool:
        """Whether more than whole words are looked for."""
        return bool(self.starts or self.ends)

    def __or__(self, other: Phrases) -> Phrases:
        starts = tuple(sorted({*self.starts, *other.starts}))
        return self._with(self.phrases | other.phrases, starts, tuple(sorted({*self.ends, *other.ends})))

    def without_parts_of(self, phrase: Words) -> Phrases:
        """Leave out what occurs within a phrase, so that the "order" of "lab order" cannot turn it off."""
        parts = {
            phrase[start:stop] for start in range(len(phrase)) for stop in range(start + 1, len(phrase) + 1)
        }
        return self._with(self.phrases - parts, self.starts, self.ends) if parts & self.phrases else self

    def first_in(self, text: Words) -> str:
        """Return the first phrase that occurs in the text, or an empty string."""
        longest, stems = self.longest, self.starts or self.ends
        if not stems and longest.keys().isdisjoint(text):
            return ""
        for start, word in enumerate(text):
            if word in longest:
                for size in range(1, longest[word] + 1):
                    if text[start : start + size] in self.phrases:
                        return " ".join(text[start : start + size])
            if stems and (word.startswith(self.starts) or word.endswith(self.ends)):
                return word
        return ""

    def may_be_in(self, bag: frozenset[str]) -> bool:
        """Whether a phrase can occur among these words at all; a quick look before `first_in`."""
        if not self.longest.keys().isdisjoint(bag):
            return True
        return bool(self.starts or self.ends) and any(
            word.startswith(self.starts) or word.endswith(self.ends) for word in bag
        )

    def ending(self, text: Words) -> str:
        """Return the phrase the text ends with, or an empty string; being the whole text does not count."""
        for size in range(1, len(text)):
            if text[-size:] in self.phrases:
                return " ".join(text[-size:])
            if size == _LONGEST_ENDING:
                break
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
    needs_care: bool = False
    kinds: frozenset[Kind] = frozenset()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Quiet:
    """What silences some classes: words, an ending, a kind of field, an object."""

    about: frozenset[str]
    but: frozenset[str]
    why: str
    words: Phrases
    ends: Phrases
    kinds: frozenset[Kind]
    objects: Phrases


@dataclass(frozen=True, slots=True)
class Role:
    """What an object's name says it holds."""

    why: str
    words: Phrases
    unless: Phrases
    ends: Phrases
    whole: Phrases
    fields: Phrases

    def in_name(self, text: Words) -> str:
        """The word of an object's name that gives the role away, or an empty string."""
        return "" if self.unless.first_in(text) else self.words.first_in(text) or self.ends.ending(text)


_Starting = tuple[dict[str, list[tuple[Words, Term]]], tuple[tuple[Words, Term], ...]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words, ready to be looked up by their first word.

    `tails` are words that names glue to others: `apptdate` is read as `appt date`.
    """

    types: Mapping[Kind, tuple[Term, ...]]
    contexts: Mapping[str, Phrases]
    quiet: tuple[Quiet, ...]
    roles: Mapping[str, Role]
    generic: Phrases
    workflow: Phrases
    tails: Phrases
    abbreviations: Phrases
    namespaces: frozenset[str]
    terms: Mapping[str, tuple[tuple[Words, Term], ...]] = field(default_factory=dict)
    stems: tuple[tuple[Stem, Term], ...] = ()
    stemmed: Phrases = Phrases()
    known: frozenset[str] = frozenset()
    _seen: dict[str, _Starting] = field(default_factory=dict, repr=False, compare=False)
    _cut: dict[str, Words] = field(default_factory=dict, repr=False, compare=False)

    def words(self, text: str) -> Words:
        """Cut a name or a label into words, those that are glued together included."""
        parts: list[str] = []
        for word in spelt(text):
            if word not in self._cut:
                self._cut[word] = self._split(singular(word))
            parts += self._cut[word]
        return tuple(parts)

    def _split(self, word: str) -> Words:
        """Split a word nobody knows if it is a known one with a tail."""
        if word in self.known or len(word) < _SHORTEST_GLUED:
            return (word,)
        heads = ((word[:at], word[at:]) for at in range(_SHORTEST_HEAD, len(word) - 1))
        found = next(
            ((head, tail) for head, tail in heads if (tail,) in self.tails.phrases and head in self.known),
            None,
        )
        return found or (word,)

    def head_of(self, text: Words) -> str:
        """The word that says what sort of thing is named: the last one, or that before "of"."""
        for at, word in enumerate(text):
            if at and word in _LINKS:
                return text[at - 1]
        return text[-1] if text else ""

    def find(self, text: Words, kind: Kind) -> Iterator[tuple[Term, str, int]]:
        """Find the longest terms from left to right, with their words and how many; no word is used twice."""
        start, last = 0, len(text) - 1
        while start <= last:
            longer, single = self._starting(text[start])
            size = 1
            for phrase, term in longer.get(text[start + 1], ()) if longer and start < last else ():
                if len(phrase) < size:
                    break
                if _stands(phrase, term, text, start, kind):
                    size = len(phrase)
                    yield term, " ".join(phrase), size
            if size == 1:
                for phrase, term in single:
                    if (not term.whole or phrase == text) and (not term.kinds or kind in term.kinds):
                        yield term, phrase[0], 1
            start += size

    def _starting(self, word: str) -> _Starting:
        """The phrases that begin with a word, by their second word and longest first, and the word by itself.

        A word that is a term of its own is not also looked up by its stem.
        """
        found = self._seen.get(word)
        if found is None:
            exact = self.terms.get(word, ())
            longer: dict[str, list[tuple[Words, Term]]] = defaultdict(list)
            for phrase, term in exact:
                if len(phrase) > 1:
                    longer[phrase[1]].append((phrase, term))
            single = tuple((phrase, term) for phrase, term in exact if len(phrase) == 1)
            if not single and self.stemmed.may_be_in(frozenset({word})):
                single = tuple(((word,), term) for stem, term in self.stems if stem.fits(word))
            found = self._seen[word] = (dict(longer), single)
        return found


def _stands(phrase: Words, term: Term, text: Words, start: int, kind: Kind) -> bool:
    """Whether a phrase stands in a text at this word, and its term may speak there."""
    if text[start : start + len(phrase)] != phrase:
        return False
    return (not term.whole or phrase == text) and (not term.kinds or kind in term.kinds)


def turned_off(term: Term, texts: Iterable[Words]) -> str:
    """Return the word that turns a term off, or an empty string."""
    if not term.unless:
        return ""
    return next((found for text in texts if (found := term.unless.first_in(text))), "")


_ROLES = ("workforce", "reference", "directory", "health", "person", "speaks")
_TERM_KEYS = ("strength", "whole", "unless", "needs", "kinds", "tier", "language")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts of a vocabulary file against the taxonomy and the contexts it defines."""

    taxonomy: Taxonomy
    contexts: Mapping[str, Phrases]
    abbreviations: Phrases

    def phrases(self, entry: Located | None) -> Phrases:
        """Read words; `@name` stands for all words of a context."""
        if entry is None:
            return Phrases()
        found = Phrases()
        plain: list[str] = []
        for item in entry.items():
            word = item.text()
            if word == _CARE:
                continue
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
        got = entry.mapping(required=("why", "words"), optional=("unless", "ends", "whole", "fields"))
        parts = (self.phrases(got.get(key)) for key in ("words", "unless", "ends", "whole", "fields"))
        return Role(got["why"].text(), *parts)

    def silence(self, entry: Located) -> Quiet:
        """Read one reason to keep quiet."""
        got = entry.mapping(required=("about", "why"), optional=("but", "words", "ends", "kinds", "objects"))
        known = {*self.taxonomy.classes, *self.taxonomy.generic}
        return Quiet(
            about=frozenset(item.one_of(known, "a class") for item in got["about"].items()),
            but=frozenset(item.one_of(known, "a class") for item in got["but"].items())
            if "but" in got
            else frozenset(),
            why=got["why"].text(),
            words=self.phrases(got.get("words")),
            ends=self.phrases(got.get("ends")),
            kinds=self.kinds(got.get("kinds")),
            objects=self.phrases(got.get("objects")),
        )

    def terms(self, entry: Located) -> tuple[list[tuple[Words, Term]], list[tuple[Stem, Term]]]:
        """Read one entry of terms: the same meaning for each of its words, and for each of its stems."""
        got = entry.mapping(required=("class", "why", "words"), optional=_TERM_KEYS)
        term = self._term(got)
        texts = [item.text() for item in got["words"].items()]
        phrases = [cut for text in texts if not Stem.of(text) and (cut := words(text))]
        stems = [(stem, term) for text in texts if (stem := Stem.of(text))]
        return [(cut, self._read_alone(term, cut)) for cut in phrases], stems

    def _read_alone(self, term: Term, phrase: Words) -> Term:
        """Give a term the strength of one of its phrases: an abbreviation needs health around it (phi-taxonomy 7)."""
        term = replace(term, unless=term.unless.without_parts_of(phrase))
        short = (
            len(phrase) == 1 and len(phrase[0]) <= _ABBREVIATION and phrase not in self.abbreviations.phrases
        )
        if not short or term.coarse not in (Coarse.CLINICAL, Coarse.PAYMENT):
            return term
        return replace(term, strong=False, needs=term.needs | self.contexts["health"], needs_health=True)

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
            needs_care="needs" in got and any(item.text() == _CARE for item in got["needs"].items()),
            kinds=self.kinds(got.get("kinds")),
            language=got["language"].one_of(LANGUAGES, "a language") if "language" in got else "en",
        )


def _check_version(entry: Located) -> None:
    if entry.integer() != 1:
        raise entry.error("Only version 1 of a vocabulary can be read.")


def _marked(contexts: Iterable[str]) -> set[str]:
    return {f"@{name}" for name in contexts}


def parse_vocabulary(text: str, file: str, taxonomy: Taxonomy, lists: Iterable[Located] = ()) -> Vocabulary:
    """Read a whole vocabulary from text; `lists` are further files of terms."""
    needed = (
        "version",
        "contexts",
        "objects",
        "quiet",
        "generic",
        "workflow",
        "abbreviations",
        "tails",
        "types",
        "terms",
        "namespaces",
    )
    top = compose(text, file).mapping(required=needed)
    _check_version(top["version"])
    contexts = {
        name: Phrases.of(item.text() for item in entry.mapping(required=("words",))["words"].items())
        for name, entry in top["contexts"].mapping(optional=None).items()
    }
    known = Phrases.of(
        item.text() for item in top["abbreviations"].mapping(required=("words",))["words"].items()
    )
    reader = _Reader(taxonomy, contexts, known)
    roles = top["objects"].mapping(required=_ROLES)
    empty = Vocabulary(
        quiet=tuple(reader.silence(entry) for entry in top["quiet"].items()),
        types=_by_kind(reader.type_term(entry) for entry in top["types"].items()),
        contexts=contexts,
        roles={name: reader.role(entry) for name, entry in roles.items()},
        generic=reader.phrases(top["generic"].mapping(required=("words",))["words"]),
        workflow=reader.phrases(top["workflow"].mapping(required=("words",))["words"]),
        abbreviations=known,
        tails=reader.phrases(top["tails"].mapping(required=("words",))["words"]),
        namespaces=frozenset(item.text().lower() for item in top["namespaces"].items()),
    )
    entries = [*top["terms"].items(), *(entry for one in lists for entry in _terms_of(one))]
    return _with_terms(empty, entries, reader)


def _terms_of(root: Located) -> list[Located]:
    """The entries of a file that holds terms alone."""
    top = root.mapping(required=("version", "terms"))
    _check_version(top["version"])
    return top["terms"].items()


def _with_terms(vocabulary: Vocabulary, entries: Iterable[Located], reader: _Reader) -> Vocabulary:
    """Put terms before those a vocabulary has."""
    pairs: list[tuple[Words, Term]] = []
    stems: list[tuple[Stem, Term]] = []
    for entry in entries:
        more, further = reader.terms(entry)
        pairs += more
        stems += further
    pairs += [pair for found in vocabulary.terms.values() for pair in found]
    contexts = (*vocabulary.contexts.values(), vocabulary.generic, vocabulary.tails)
    phrases = [*(phrase for phrase, _ in pairs), *(phrase for one in contexts for phrase in one.phrases)]
    return replace(
        vocabulary,
        terms=_index(pairs),
        stems=(*stems, *vocabulary.stems),
        stemmed=vocabulary.stemmed | Phrases.of_stems(stem for stem, _ in stems),
        known=frozenset(word for phrase in phrases for word in phrase),
        _seen={},
        _cut={},
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
    """Read the vocabulary that comes with the product: `vocabulary.yaml` and the lists of `terms/`."""
    here = files("mappings")
    lists = sorted(here.joinpath("terms").iterdir(), key=lambda one: one.name)
    return parse_vocabulary(
        here.joinpath("vocabulary.yaml").read_text("utf-8"),
        "vocabulary.yaml",
        load_taxonomy(),
        [compose(one.read_text("utf-8"), f"terms/{one.name}") for one in lists if one.name.endswith(".yaml")],
    )


def with_own_terms(vocabulary: Vocabulary, path: Path, taxonomy: Taxonomy) -> Vocabulary:
    """Add the terms of a customer's file (`version` and `terms`) to a vocabulary."""
    return _with_terms(
        vocabulary, _terms_of(read(path)), _Reader(taxonomy, vocabulary.contexts, vocabulary.abbreviations)
    )
