"""Searches over records: what is asked, whether it may be asked, and what it finds (hubspot 6.2)."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.hubspot.errors import ApiError, invalid, unknown_property
from sandbox.hubspot.moments import milliseconds
from sandbox.hubspot.portal import Row
from sandbox.hubspot.records import Mask, Table

MOST_GROUPS, MOST_FILTERS_PER_GROUP, MOST_FILTERS = 5, 6, 18
MOST_CHARACTERS, MOST_RESULTS, WINDOW = 3000, 200, 10_000


def _among(key: Any, words: Sequence[Any]) -> Any:
    return functools.reduce(operator.or_, (key == word for word in words))


_COMPARE: dict[str, Callable[[Any, Sequence[Any]], Any]] = {
    "LT": lambda key, given: key < given[0],
    "LTE": lambda key, given: key <= given[0],
    "GT": lambda key, given: key > given[0],
    "GTE": lambda key, given: key >= given[0],
    "EQ": lambda key, given: key == given[0],
    "NEQ": lambda key, given: key != given[0],
    "BETWEEN": lambda key, given: (key >= given[0]) & (key <= given[1]),
    "IN": _among,
    "NOT_IN": lambda key, given: np.logical_not(_among(key, given)),
}
_TOKENS = {"CONTAINS_TOKEN": True, "NOT_CONTAINS_TOKEN": False}
_PRESENCE = {"HAS_PROPERTY": True, "NOT_HAS_PROPERTY": False}


@dataclass(frozen=True)
class Filter:
    """One condition on one property. A value that is not set answers only NOT_HAS_PROPERTY."""

    name: str
    data_type: str
    operator: str
    given: tuple[Any, ...]

    def holds(self, word: str | None) -> bool:
        """Whether one value answers the condition."""
        if word is None or not word:
            return self.operator == "NOT_HAS_PROPERTY"
        if self.operator in _PRESENCE:
            return _PRESENCE[self.operator]
        if self.operator in _TOKENS:
            return _has_token(word, str(self.given[0])) is _TOKENS[self.operator]
        key = _key(self.data_type, word)
        return key is not None and bool(_COMPARE[self.operator](key, self.given))

    def holds_each(self, numbers: NDArray[np.int64]) -> Mask:
        """The same for numbers, all at once."""
        if self.operator in _PRESENCE or self.operator in _TOKENS:
            return np.full(len(numbers), self.operator == "HAS_PROPERTY")
        found: Mask = np.asarray(_COMPARE[self.operator](numbers, self.given), dtype=np.bool_)
        return found


@dataclass(frozen=True)
class Search:
    """What a search asks for."""

    groups: tuple[tuple[Filter, ...], ...]
    sort: str
    descending: bool
    limit: int
    after: int
    properties: list[str] | None

    def positions(self, table: Table, data_type: str) -> NDArray[np.int64]:
        """The positions of the records it finds, in the order it wants them."""
        found = table.indexed.copy()
        if self.groups:
            found &= functools.reduce(operator.or_, (self._group(table, group) for group in self.groups))
        positions: NDArray[np.int64] = np.flatnonzero(found)
        if self.sort == "hs_object_id":
            return positions[::-1] if self.descending else positions
        keys = table.sort_keys(self.sort, lambda word: _sort_key(data_type, word))
        order = sorted(positions.tolist(), key=lambda place: keys[place], reverse=self.descending)
        return np.array(order, dtype=np.int64)

    @staticmethod
    def _group(table: Table, group: tuple[Filter, ...]) -> Mask:
        masks = (table.where(each.name, each) for each in group)
        return functools.reduce(operator.and_, masks, np.ones(len(table), dtype=np.bool_))


def read_search(
    body: Row, characters: int, definitions: Mapping[str, Row], refuse_level: Callable[[str], ApiError | None]
) -> Search:
    """The search of a body. `refuse_level` says whether a property's sensitivity forbids to filter on it."""
    if characters > MOST_CHARACTERS:
        raise invalid(f"The request body is longer than {MOST_CHARACTERS} characters")
    groups = _objects(body, "filterGroups")
    filters = [_objects(group, "filters") for group in groups]
    if len(groups) > MOST_GROUPS:
        raise invalid(f"There may be at most {MOST_GROUPS} filterGroups, but there were {len(groups)}")
    if any(len(each) > MOST_FILTERS_PER_GROUP for each in filters):
        raise invalid(f"There may be at most {MOST_FILTERS_PER_GROUP} filters in a filterGroup")
    if sum(map(len, filters)) > MOST_FILTERS:
        raise invalid(f"There may be at most {MOST_FILTERS} filters in all")
    sort, descending = _sort(body)
    for name in [sort, *(str(each.get("propertyName")) for group in filters for each in group)]:
        if name not in definitions or definitions[name]["archived"]:
            raise unknown_property(name)
        refusal = refuse_level(name)
        if refusal is not None:
            raise refusal
    limit = _whole(body, "limit", 10)
    after = _whole(body, "after", 0)
    if not 1 <= limit <= MOST_RESULTS:
        raise invalid(f"The limit must be between 1 and {MOST_RESULTS}, but was {limit}")
    if after + limit > WINDOW:
        raise invalid(f"The paging offset and limit may not go beyond {WINDOW} results")
    properties = body.get("properties")
    if properties is not None and not isinstance(properties, list):
        raise invalid("properties must be an array")
    return Search(
        groups=tuple(
            tuple(_filter(each, str(definitions[each["propertyName"]]["type"])) for each in group)
            for group in filters
        ),
        sort=sort,
        descending=descending,
        limit=limit,
        after=after,
        properties=properties,
    )


def _objects(body: Row, key: str) -> list[Row]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise invalid(f"{key} must be an array of objects")
    return found


def _whole(body: Row, key: str, default: int) -> int:
    text = str(body.get(key) or default)
    if not text.isdigit():
        raise invalid(f"{key} must be a number, but was {text!r}")
    return int(text)


def _sort(body: Row) -> tuple[str, bool]:
    sorts = body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("There may be at most 1 sort")
    if not sorts:
        return "hs_object_id", False
    if isinstance(sorts[0], str):
        return sorts[0].removeprefix("-"), sorts[0].startswith("-")
    if not isinstance(sorts[0], dict) or "propertyName" not in sorts[0]:
        raise invalid("A sort needs a propertyName")
    return str(sorts[0]["propertyName"]), sorts[0].get("direction") == "DESCENDING"


def _filter(row: Row, data_type: str) -> Filter:
    """One filter with its operands read in the property's type."""
    asked = str(row.get("operator"))
    if asked in _PRESENCE:
        return Filter(row["propertyName"], data_type, asked, ())
    if asked not in _COMPARE and asked not in _TOKENS:
        raise invalid(f"{asked} is not a search operator")
    if asked in {"IN", "NOT_IN"}:
        words = row.get("values")
        if not isinstance(words, list) or not words:
            raise invalid(f"{asked} needs values")
    else:
        needed = ("value", "highValue") if asked == "BETWEEN" else ("value",)
        words = [row.get(name) for name in needed]
        if None in words:
            raise invalid(f"{asked} needs {' and '.join(needed)}")
    if asked in _TOKENS:
        return Filter(row["propertyName"], data_type, asked, (str(words[0]),))
    # IN compares strings without changing the case of what was asked, so that only lower case is ever found.
    raw = asked in {"IN", "NOT_IN"} and data_type == "string"
    given = [str(word) if raw else _key(data_type, str(word)) for word in words]
    if None in given:
        raise invalid(f"A value of {row['propertyName']} is not a {data_type}")
    return Filter(row["propertyName"], data_type, asked, tuple(given))


def _key(data_type: str, word: str) -> Any:
    """What values of a type are compared by; None if the text is not of the type."""
    try:
        if data_type in {"date", "datetime"}:
            return milliseconds(word)
        if data_type == "number":
            return float(word)
    except ValueError:
        return None
    return word if data_type in {"enumeration", "bool"} else word.lower()


def _sort_key(data_type: str, word: str | None) -> Any:
    """A key of one type for every value, those that are not set first."""
    key = _key(data_type, word) if word else None
    if data_type in {"date", "datetime", "number"}:
        return float("-inf") if key is None else key
    return key or ""


def _has_token(word: str, wanted: str) -> bool:
    """Whether one of the words of a text is the wanted one, in any case; `*` stands for anything."""
    pattern = re.compile(".*".join(map(re.escape, wanted.lower().split("*"))))
    return any(pattern.fullmatch(each) for each in re.split(r"[^\w@.+-]+", word.lower()))
