"""Records of one object type: those a fixture lists, and those it only counts (portal-fixture 1, `bulk`).

A bulk of a million records is never written out. Each property of it is a constant, a few values in turn or
an even progression of times, so a search works on numbers and a record is made when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sandbox.hubspot.moments import DAY_MS, date_from_milliseconds, from_milliseconds
from sandbox.hubspot.object_types import ObjectType

Mask: TypeAlias = NDArray[np.bool_]
Positions: TypeAlias = NDArray[np.int64]
_Scalar = TypeVar("_Scalar", bound=np.generic)


class Condition(Protocol):
    """What a search asks of one property."""

    def holds(self, word: str | None) -> bool:
        """Whether one value answers the condition."""

    def holds_each(self, numbers: NDArray[np.int64]) -> Mask:
        """The same for numbers, all at once; every number is a value that is set."""


@dataclass(frozen=True)
class Record:
    """One record as it is read."""

    id: int
    values: Mapping[str, str | None]
    created_at: str
    updated_at: str
    archived_at: str | None = None
    history: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    indexed: bool = True

    @property
    def archived(self) -> bool:
        """Whether the record is in the recycle bin."""
        return self.archived_at is not None


@dataclass(frozen=True)
class Words:
    """A column of few different values: which value each record has."""

    words: Sequence[str | None]
    codes: NDArray[np.int32]

    def word(self, place: int) -> str | None:
        """The value of one record."""
        return self.words[int(self.codes[place])]

    def where(self, condition: Condition) -> Mask:
        """The records whose value answers a condition."""
        return np.array([condition.holds(word) for word in self.words], dtype=np.bool_)[self.codes]

    def sort_keys(self, read: Callable[[str | None], float | str]) -> list[float | str]:
        """What to sort the records by."""
        keys = [read(word) for word in self.words]
        return [keys[code] for code in self.codes]


@dataclass(frozen=True)
class Numbers:
    """A column of numbers or times with a value for every record."""

    numbers: NDArray[np.int64]
    write: Callable[[int], str]

    def word(self, place: int) -> str | None:
        """The value of one record."""
        return self.write(int(self.numbers[place]))

    def where(self, condition: Condition) -> Mask:
        """The records whose value answers a condition."""
        return condition.holds_each(self.numbers)

    def sort_keys(self, read: Callable[[str | None], float | str]) -> list[float | str]:  # noqa: ARG002
        """What to sort the records by."""
        return list(self.numbers.tolist())


Column: TypeAlias = Words | Numbers


@dataclass(frozen=True)
class Listed:
    """Records written out one by one."""

    records: tuple[Record, ...]

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def ids(self) -> Positions:
        """The record ids."""
        return np.array([record.id for record in self.records], dtype=np.int64)

    @cached_property
    def indexed(self) -> Mask:
        """Which records a search finds."""
        return np.array([record.indexed for record in self.records], dtype=np.bool_)

    def column(self, name: str) -> Column:
        """One property of all records."""
        codes: dict[str | None, int] = {}
        order = [codes.setdefault(record.values.get(name), len(codes)) for record in self.records]
        return Words(tuple(codes), np.array(order, dtype=np.int32))

    def record(self, place: int) -> Record:
        """One record."""
        return self.records[place]


@dataclass(frozen=True)
class Progression:
    """Times at an even distance: a first one and a step, in milliseconds."""

    start: int
    step: int


@dataclass(frozen=True)
class Bulk:
    """Records that are only counted: each value follows from the record's number."""

    kind: ObjectType
    count: int
    first_id: int
    properties: Mapping[str, tuple[str | None, ...] | Progression]
    dates: frozenset[str]
    default_moment: str

    def __len__(self) -> int:
        return self.count

    @cached_property
    def ids(self) -> Positions:
        """The record ids."""
        return np.arange(self.first_id, self.first_id + self.count, dtype=np.int64)

    @cached_property
    def indexed(self) -> Mask:
        """Which records a search finds: all."""
        return np.ones(self.count, dtype=np.bool_)

    def column(self, name: str) -> Column:
        """One property of all records."""
        if name == "hs_object_id":
            return Numbers(self.ids, str)
        source = self._source(name)
        if isinstance(source, Progression):
            numbers = source.start + source.step * np.arange(self.count, dtype=np.int64)
            if name in self.dates:  # a date is compared as its midnight
                return Numbers(numbers - numbers % DAY_MS, date_from_milliseconds)
            return Numbers(numbers, from_milliseconds)
        return Words(source, np.arange(self.count, dtype=np.int32) % len(source))

    def record(self, place: int) -> Record:
        """One record, made for the occasion."""
        names = (*self.properties, *self.kind.forced)
        values = {name: self._word(name, place) for name in names}
        created = values[self.kind.created] or self.default_moment
        return Record(self.first_id + place, values, created, values[self.kind.changed] or created)

    def _source(self, name: str) -> tuple[str | None, ...] | Progression:
        if name in self.properties:
            return self.properties[name]
        if name == self.kind.changed and self.kind.created in self.properties:
            return self.properties[self.kind.created]
        return (self.default_moment,) if name in self.kind.forced else (None,)

    def _word(self, name: str, place: int) -> str | None:
        if name == "hs_object_id":
            return str(self.first_id + place)
        source = self._source(name)
        if not isinstance(source, Progression):
            return source[place % len(source)]
        write = date_from_milliseconds if name in self.dates else from_milliseconds
        return write(source.start + source.step * place)


class Table:
    """All records of one object type, in the order of their ids."""

    def __init__(self, blocks: Sequence[Listed | Bulk], archived: Sequence[Record]) -> None:
        self.blocks = tuple(block for block in blocks if len(block))
        self.archived = tuple(sorted(archived, key=lambda record: record.id))

    @cached_property
    def _order(self) -> Positions | None:
        """Which place of the blocks, one after the other, each position is; None if they are in order."""
        ids = self._ids_in_blocks
        return None if np.all(ids[1:] > ids[:-1]) else np.argsort(ids, kind="stable")

    @cached_property
    def _ids_in_blocks(self) -> Positions:
        return _joined([block.ids for block in self.blocks], np.int64)

    @cached_property
    def _starts(self) -> list[int]:
        lengths = np.cumsum([0, *(len(block) for block in self.blocks)])
        return [int(length) for length in lengths]

    @cached_property
    def ids(self) -> Positions:
        """The ids of the live records, ascending."""
        return self._sorted(self._ids_in_blocks)

    @cached_property
    def indexed(self) -> Mask:
        """Which live records a search finds."""
        return self._sorted(_joined([block.indexed for block in self.blocks], np.bool_))

    def where(self, name: str, condition: Condition) -> Mask:
        """The live records whose property answers a condition."""
        return self._sorted(_joined([block.column(name).where(condition) for block in self.blocks], np.bool_))

    def sort_keys(self, name: str, read: Callable[[str | None], float | str]) -> list[float | str]:
        """What to sort the live records by."""
        keys = [key for block in self.blocks for key in block.column(name).sort_keys(read)]
        return keys if self._order is None else [keys[place] for place in self._order]

    def record(self, position: int) -> Record:
        """The live record at a position."""
        place = position if self._order is None else int(self._order[position])
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        return self.blocks[number].record(place - self._starts[number])

    def position(self, record_id: int) -> int:
        """The first position with an id that is not smaller."""
        return int(np.searchsorted(self.ids, record_id))

    def find(self, record_id: int) -> Record | None:
        """The live record with an id."""
        position = self.position(record_id)
        if position == len(self.ids) or self.ids[position] != record_id:
            return None
        return self.record(position)

    def find_archived(self, record_id: int) -> Record | None:
        """The archived record with an id."""
        return next((record for record in self.archived if record.id == record_id), None)

    def __iter__(self) -> Iterator[Record]:
        return (self.record(position) for position in range(len(self)))

    def __len__(self) -> int:
        return len(self._ids_in_blocks)

    def _sorted(self, each: NDArray[_Scalar]) -> NDArray[_Scalar]:
        return each if self._order is None else each[self._order]


def _joined(parts: Sequence[NDArray[_Scalar]], kind: type[_Scalar]) -> NDArray[_Scalar]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)
