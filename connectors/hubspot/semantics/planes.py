"""Collect grantors, what they open and who holds them, and pack it into planes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from auditor.people import Person
from auditor.planes import Bits, FieldColumn, Gate, Grantor, Grants, Holdings, ObjectGate, Strength, Verb
from auditor.rights import Right


@dataclass(slots=True)
class Drawing:
    """Access as it is being put together: by names, until everything is known.

    `opens` has a strength for each gate, verb, grantor and column name; `source` says where a grantor's say about a
    field is written, `limits` how somebody belongs to a container.
    """

    grantors: dict[str, Grantor] = field(default_factory=dict)
    opens: dict[tuple[Gate, Verb, str, str], Strength] = field(default_factory=dict)
    closes: dict[tuple[Gate, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    source: dict[tuple[str, str], str] = field(default_factory=dict)
    held: dict[str, dict[str, Strength]] = field(default_factory=lambda: defaultdict(dict))
    limits: dict[tuple[str, str], str] = field(default_factory=dict)
    carried: dict[str, dict[str, Strength]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, grantor: Grantor) -> str:
        """Know a grantor; the first of an id stays. Returns the id.

        A property grant behind a closed object is no grant in HubSpot's words, so nothing is kept (R17).
        """
        self.grantors.setdefault(grantor.id, replace(grantor, keeps=False))
        return grantor.id

    def open(self, gate: Gate, verb: Verb, grantor: str, column: str, strength: Strength) -> None:
        """Let a grantor open a column so firmly; of several the firmest counts, and none is left out."""
        key = gate, verb, grantor, column
        if strength is not Strength.NONE:
            self.opens[key] = min(strength, self.opens.get(key, Strength.NONE))

    def carry(self, container: str, right: Right, strength: Strength) -> None:
        """Let a container give a right as a whole so firmly; of several the firmest counts."""
        before = self.carried[container].get(right.key, Strength.NONE)
        if min(strength, before) is not Strength.NONE:
            self.carried[container][right.key] = min(strength, before)

    def hold(self, person: str, grantor: str, limit: str = "") -> None:
        """Let a person hold a grantor."""
        self.held[person][grantor] = Strength.LIVE
        if limit:
            self.limits[person, self.grantors[grantor].container] = limit

    def doubt(self, person: str, gate: Gate, column: str) -> None:
        """Hold whatever opens a column no more firmly than unsure."""
        for grantor in self.held.get(person, ()):
            if any((gate, verb, grantor, column) in self.opens for verb in Verb):
                self.held[person][grantor] = Strength.UNSURE

    def firmest(self, person: str, gate: Gate, verb: Verb, column: str) -> Strength:
        """How firmly a column is open to somebody by what was drawn so far."""
        found = (self.opens.get((gate, verb, g, column), Strength.NONE) for g in self.held.get(person, ()))
        return min(found, default=Strength.NONE)

    def grants(
        self,
        people: tuple[Person, ...],
        gates: tuple[ObjectGate, ...],
        fields: tuple[FieldColumn, ...],
        *,
        joined: str,
        absent: tuple[str, ...],
        rights: Iterable[Right],
    ) -> Grants:
        """Pack it. What is said of columns that do not exist is left out."""
        rows = {id_: i for i, id_ in enumerate(self.grantors)}
        columns = {
            Gate.OBJECT: {gate.name: i for i, gate in enumerate(gates)},
            Gate.FIELD: {column.name: i for i, column in enumerate(fields)},
        }
        who = {person.id: i for i, person in enumerate(people)}
        return Grants(
            people=people,
            grantors=tuple(self.grantors.values()),
            gates=gates,
            fields=fields,
            planes=self._planes(rows, columns),
            holdings=self._holdings(rows, who),
            via={
                (rows[grantor], columns[Gate.FIELD][name]): (place,)
                for (grantor, name), place in self.source.items()
                if name in columns[Gate.FIELD]
            },
            held_by={(who[p], c): limit for (p, c), limit in self.limits.items() if p in who},
            closes={
                (gate, columns[gate][name]): tuple(rows[grantor] for grantor in found)
                for (gate, name), found in self.closes.items()
                if name in columns[gate]
            },
            rights={right.key: right for right in rights},
            carried={container: rights for container, rights in self.carried.items() if rights},
            labels={g.container: g.label for g in self.grantors.values()},
            joined=joined,
            absent=absent,
        )

    def _planes(
        self, rows: Mapping[str, int], columns: Mapping[Gate, Mapping[str, int]]
    ) -> dict[tuple[Gate, Verb, Strength], Bits]:
        found: dict[tuple[Gate, Verb, Strength], list[tuple[int, int]]] = defaultdict(list)
        for (gate, verb, grantor, name), strength in self.opens.items():
            if name in columns[gate]:
                found[gate, verb, strength].append((rows[grantor], columns[gate][name]))
        return {
            (gate, verb, strength): Bits.build(len(rows), len(columns[gate]), *_parallel(pairs))
            for (gate, verb, strength), pairs in found.items()
        }

    def _holdings(self, rows: Mapping[str, int], who: Mapping[str, int]) -> Holdings:
        pairs = [
            (who[p], rows[grantor], firm)
            for p, held in self.held.items()
            if p in who
            for grantor, firm in held.items()
        ]
        person, grantor, strength = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
        return Holdings(person, grantor, strength.astype(np.uint8))


def _parallel(pairs: Iterable[tuple[int, int]]) -> tuple[np.typing.NDArray[np.int64], ...]:
    row, column = np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T
    return row, column
