"""Lay a path out as steps: from a person, over what was assigned, to the row that opens a field.

The words are those of the core's grantors; a format decides only how the steps look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.access import Access
from auditor.audit import Audit
from auditor.exposure import explain
from auditor.findings import Finding
from auditor.planes import Grantor, Verb

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One gate that has to be open: what it is about, and for each way through it the steps in words."""

    gate: str
    ways: tuple[Steps, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A path laid out: whose it is, which field it ends at, and the gates between, all of which are needed."""

    person: str
    field: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Paths:
    """The paths of one system, found by ids."""

    audit: Audit

    def of(self, person: str, field: str, verb: Verb = Verb.READ) -> Laid | None:
        """Lay out how a person comes to a field, both by their ids; None where no path is known."""
        who, column = self._people.get(person), self._fields.get(field)
        if who is None or column is None:
            return None
        access = self._access
        path = access.path(int(access.signatures.of[who]), column, verb)
        if path is None:
            return None
        gates = [
            Lane(f"opens {gate}", self._ways(who, grantors, None))
            for gate, grantors in zip(self._gates(column), path.objects, strict=False)
        ] or [Lane("opens the object", (("nothing does: the right to the field waits",),))]
        last = Lane(f"opens {self._label(field)}", self._ways(who, path.fields, column))
        return Laid(access.grants.people[who].name, self._label(field), (*gates, last))

    def of_finding(self, finding: Finding) -> Laid | None:
        """Lay out the very path that a finding gives as its example; None if that is no path to a field."""
        seen = finding.seen
        people = (person for person in seen.people if f"({person}) → object:" in seen.example)
        for person in people:
            for cell in seen.cells:
                for verb in (Verb.READ, Verb.EDIT):
                    if self._tells(person, cell.field, verb) == seen.example:
                        return self.of(person, cell.field, verb)
        return None

    def _tells(self, person: str, field: str, verb: Verb) -> str:
        who, column = self._people.get(person), self._fields.get(field)
        return "" if who is None or column is None else explain(self._access, who, column, verb)

    def _ways(self, person: int, grantors: tuple[Grantor, ...], field: int | None) -> tuple[Steps, ...]:
        return tuple(tuple(self._steps(person, grantor, field)) for grantor in grantors)

    def _steps(self, person: int, grantor: Grantor, field: int | None) -> Iterator[str]:
        grants = self._access.grants
        if not grantor.container:
            yield grantor.label
            return
        limit = grants.held_by.get((person, grantor.container), "")
        yield f"assigned, {limit}" if limit else "assigned"
        yield f"{grantor.kind} “{grantor.label}”"
        if field is not None:
            key = (self._access.grantor_index(grantor), field)
            if key in grants.via:
                yield f"set {self._named(grants.via[key])}"
            if key in grants.mutes:
                yield f"muted by {self._named(grants.mutes[key])}"
        yield grantor.right or ("field permission" if field is not None else "object permission")

    def _named(self, ids: tuple[str, ...]) -> str:
        return ", ".join(f"“{self._access.grants.labels.get(one, one)}”" for one in ids)

    def _label(self, field: str) -> str:
        facts = self.audit.view.facts.get(field)
        return f"{facts.label} ({field})" if facts is not None and facts.label else field

    def _gates(self, column: int) -> Iterator[str]:
        grants = self._access.grants
        return (grants.gates[gate].name for gate in grants.fields[column].gates)

    @property
    def _access(self) -> Access:
        return self.audit.view.access

    @cached_property
    def _people(self) -> Mapping[str, int]:
        return {person.id: place for place, person in enumerate(self._access.grants.people)}

    @cached_property
    def _fields(self) -> Mapping[str, int]:
        return {column.name: place for place, column in enumerate(self._access.grants.fields)}
