"""How names and labels are cut into words that can be compared.

`HealthCloudGA__PrimaryDiagnosis_2__c` becomes `primary diagnosis 2`; `Diagnóstico principal` becomes
`diagnostico principal`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

Words = tuple[str, ...]

_CUSTOM_ENDING = re.compile(r"__(?:c|pc|s|r|e|x|b|kav|ka|mdt|history|share|feed)$", re.IGNORECASE)
_NAMESPACE = re.compile(r"^([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__(?=.)", re.IGNORECASE)
_FILE_ENDING = re.compile(r"\.(?:csv|tsv|json|xml|xlsx?|sql|parquet)$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def split_name(api_name: str) -> tuple[str, str]:
    """Separate the namespace of a managed package from an API name, and drop endings such as `__c` and `.csv`."""
    api_name = _FILE_ENDING.sub("", api_name)
    bare = _CUSTOM_ENDING.sub("", api_name)
    if bare == api_name:
        return "", api_name
    found = _NAMESPACE.match(bare)
    return (found[1], bare[found.end() :]) if found else ("", bare)


def fold(text: str) -> str:
    """Lower the case and drop accents: `Größe` and `GROSSE` are the same word."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in spread if not unicodedata.combining(mark)).casefold()


@lru_cache(maxsize=65536)
def words(text: str) -> Words:
    """Cut a name, a label or a sentence into folded words in the singular; digits stand apart."""
    return tuple(singular(word) for word in spelt(text))


def spelt(text: str) -> list[str]:
    """Cut a text into folded words as they are spelt, plural endings and all."""
    return _WORD.findall(fold(_CAMEL.sub(" ", text)))


def spelled(text: str, phrase: Words) -> str:
    """A phrase of a text's words as the text spells it, or as it was cut where that cannot be told."""
    cut, whole = words(text), _WORD.findall(_CAMEL.sub(" ", text))
    for start in range(len(cut) - len(phrase) + 1):
        if cut[start : start + len(phrase)] == phrase and len(whole) == len(cut):
            return " ".join(whole[start : start + len(phrase)])
    return " ".join(phrase)


def singular(word: str) -> str:
    """Drop a plural ending; both sides of a comparison pass through here, so a stem need not be a word."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
