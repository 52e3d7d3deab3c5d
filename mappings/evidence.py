"""What speaks for a class on one field, how much it is worth, and how it is said in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.phi import Confidence
from mappings.vocabulary import LANGUAGES, Term

# What each sign is worth; from LOW up a field is tagged.
STRONG_WORD, WEAK_WORD, NEED_MET = 4, 1, 1
HEALTH_OBJECT, PERSON_OBJECT, HEALTH_SIBLINGS = 2, 1, 1
VALUES, HELP, DEFAULT = 4, 1, 1
HIGH, MEDIUM, LOW = 6, 4, 2


class Sign(Enum):
    """The parts of a field that can name a class; each counts once."""

    WORDS = "words"
    TYPE = "type"
    VALUES = "values"
    HELP = "help"
    OBJECT = "object"


_SIGNS = tuple(Sign)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in one part of a field; `where` and `phrase` are quoted in the reason.

    `head` is set where the name ends with the phrase, and so says what sort of thing the field holds.
    """

    term: Term
    sign: Sign
    worth: int
    where: str
    phrase: str = ""
    size: int = 0
    head: bool = False

    def reason(self) -> str:
        """Say in a sentence what was found where."""
        language = "" if self.term.language == "en" else f" ({LANGUAGES[self.term.language]})"
        if not self.phrase:
            return f"{self.where} {self.term.why}."
        return f'{self.where} says "{self.phrase}"{language}, which {self.term.why}.'


def worth(term: Term) -> int:
    """Count a strong word alone, a weak one with what it needed beside it."""
    return STRONG_WORD if term.strong else WEAK_WORD + (NEED_MET if term.needs else 0)


def points(hits: Sequence[Hit]) -> int:
    """Add up the signs of one class, each of them once (phi-taxonomy 5)."""
    if len(hits) == 1:
        return hits[0].worth
    return sum(max((hit.worth for hit in hits if hit.sign is sign), default=0) for sign in _SIGNS)


def confidence(total: int) -> Confidence:
    """Read points as a confidence; how often each is right is measured (docs/tagger.md)."""
    return Confidence.HIGH if total >= HIGH else Confidence.MEDIUM if total >= MEDIUM else Confidence.LOW


def reasons(hits: Iterable[Hit]) -> list[str]:
    """Tell each phrase once: of the label rather than the name, in the plainest sense, and in English if it is."""
    best: dict[tuple[Sign, str], Hit] = {}
    for hit in hits:
        other = best.get((hit.sign, hit.phrase))
        if other is None or _plainness(hit) > _plainness(other):
            best[hit.sign, hit.phrase] = hit
    return [hit.reason() for hit in best.values()]


def _plainness(hit: Hit) -> tuple[bool, bool]:
    return hit.term.strong, hit.term.language == "en"
