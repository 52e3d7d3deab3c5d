"""Files to one project: components of several files brought together, and what is not whole about them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.sfdx.markup import Unusable
from connectors.sfdx.parse import (
    ContainerFact,
    Fact,
    FieldFact,
    FieldRight,
    GroupFact,
    ObjectFact,
    ObjectRight,
    RoleFact,
    facts,
)
from connectors.sfdx.tree import File, Kind, Problem, Tree

PARTIAL_PROFILE = (
    "A profile in source holds only what was retrieved together with it, so what it does not give is unknown."
)
PARTIAL_SET = (
    "Permission sets retrieved with an API version before 40.0, or with one that nothing states, may not hold "
    "everything."
)
WHOLE_SINCE = 40.0
"""The API version since which a retrieved permission set is complete (salesforce 7.3.1)."""

_TOKEN = re.compile(r"(%%%|___)(NAMESPACE|NAMESPACED_ORG|NAMESPACE_OR_C|NAMESPACED_ORG_OR_C|NAMESPACE_DOT)\1")

F = TypeVar("F", FieldFact, ObjectFact)
R = TypeVar("R", ObjectRight, FieldRight)


@dataclass(slots=True)
class Container:
    """A profile, permission set or muting set out of all its files; `partial` says why it may not be whole."""

    kind: Kind
    name: str
    label: str = ""
    licence: str = ""
    activation: bool = False
    objects: dict[str, ObjectRight] = field(default_factory=dict)
    fields: dict[str, FieldRight] = field(default_factory=dict)
    system: dict[str, bool] = field(default_factory=dict)
    settings: dict[str, bool] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    partial: str = ""


@dataclass(slots=True)
class Group:
    """A permission set group: its parts by name, and those of its names that the project does not hold."""

    name: str
    label: str
    activation: bool
    sets: tuple[str, ...]
    muting: tuple[str, ...]
    missing: tuple[str, ...] = ()
    missing_muting: tuple[str, ...] = ()
    partial: str = ""


@dataclass(slots=True)
class Project:
    """Everything a project says, by plain API name: namespace tokens resolved to none, activities on both objects."""

    objects: dict[str, ObjectFact] = field(default_factory=dict)
    fields: dict[tuple[str, str], FieldFact] = field(default_factory=dict)
    profiles: dict[str, Container] = field(default_factory=dict)
    sets: dict[str, Container] = field(default_factory=dict)
    muting: dict[str, Container] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, RoleFact] = field(default_factory=dict)
    read: list[tuple[File, Fact]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    tokens: bool = False

    @property
    def containers(self) -> list[Container]:
        """Profiles and permission sets, in the order of their names."""
        return [*_by_name(self.profiles), *_by_name(self.sets)]

    @property
    def granted_fields(self) -> set[tuple[str, str]]:
        """Fields that some permission names, granted or not: a permission for a field proves the field."""
        holders = [*self.profiles.values(), *self.sets.values(), *self.muting.values()]
        return {(owner, name) for c in holders for owner, _, name in (key.partition(".") for key in c.fields)}


def plain(name: str) -> str:
    """A name without unresolved namespace tokens (salesforce 7.3.7)."""
    return _TOKEN.sub("", name)


def owners(name: str) -> tuple[str, ...]:
    """The objects a field shows up on: what is customised on Activity is on Task and Event (salesforce F12)."""
    return ACTIVITIES if name == "Activity" else (name,)


def load(tree: Tree, watch: Callable[[int, int], None]) -> Project:
    """Read every file of a tree and bring its components together; a file that cannot be used is noted."""
    project = Project(problems=list(tree.problems))
    for count, file in enumerate(tree.files, 1):
        try:
            project.read.append((file, facts(file, tree.read(file))))
        except Unusable as error:
            project.problems.append(Problem(file.path, file.kind, file.component, error.problem, error.line))
        watch(count, len(tree.files))
    _Merging(project).all()
    return project


class _Merging:
    """The facts of single files, added to a project in the order of its package directories (salesforce 7.3.8)."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ranks: dict[tuple[Kind, str, str, str], int] = {}

    def all(self) -> None:
        """Add everything, then see what is missing."""
        project = self._project
        for file, fact in project.read:
            match fact:
                case FieldFact():
                    self._field(fact)
                case ObjectFact():
                    self._object(fact)
                case ContainerFact():
                    self._container(file, fact)
                case GroupFact():
                    self._group(fact)
                case RoleFact():
                    project.roles[fact.name] = fact
        for problem in project.problems:
            self._unread(problem)
        for group in project.groups.values():
            self._resolve(group)
        project.tokens = any(_TOKEN.search(f"{f.component}.{f.object}") for f, _ in project.read)

    def _object(self, fact: ObjectFact) -> None:
        name = plain(fact.name)
        renamed = dataclasses.replace(fact, name=name, fields=())
        self._project.objects[name] = _later(self._project.objects.get(name), renamed)
        for inner in fact.fields:
            self._field(inner)

    def _field(self, fact: FieldFact) -> None:
        for owner in owners(plain(fact.object)):
            renamed = dataclasses.replace(
                fact,
                object=owner,
                name=plain(fact.name),
                formula=plain(fact.formula),
                refers_to=plain(fact.refers_to),
                summarized=plain(fact.summarized),
                filters=tuple(plain(f) for f in fact.filters),
            )
            key = (owner, renamed.name)
            self._project.objects.setdefault(owner, ObjectFact(owner))
            self._project.fields[key] = _later(self._project.fields.get(key), renamed)

    def _container(self, file: File, fact: ContainerFact) -> None:
        known = self._of(fact.kind, fact.name)
        known.label = fact.label or known.label
        known.licence = fact.licence or known.licence
        known.activation = known.activation if fact.activation is None else fact.activation
        known.files.append(file.path)
        for right in fact.objects:
            for owner in owners(plain(right.object)):
                self._add(
                    known, file.rank, "object", owner, dataclasses.replace(right, object=owner), known.objects
                )
        for granted in fact.fields:
            owner, _, name = plain(granted.field).partition(".")
            for each in owners(owner):
                key = f"{each}.{name}"
                self._add(
                    known, file.rank, "field", key, dataclasses.replace(granted, field=key), known.fields
                )
        for name, enabled in fact.system:
            self._switch(known, file.rank, "system", name.lower(), enabled, known.system)
        for name, enabled in fact.settings:
            self._switch(known, file.rank, "setting", plain(name), enabled, known.settings)
        old = file.version < WHOLE_SINCE if file.version else not file.source_format
        if fact.kind is Kind.PERMISSION_SET and old:
            known.partial = known.partial or PARTIAL_SET

    def _of(self, kind: Kind, name: str) -> Container:
        where = {
            Kind.PROFILE: self._project.profiles,
            Kind.PERMISSION_SET: self._project.sets,
            Kind.MUTING: self._project.muting,
        }[kind]
        short = plain(name)
        whole = PARTIAL_PROFILE if kind is Kind.PROFILE else ""
        return where.setdefault(short, Container(kind, short, partial=whole))

    def _later(self, known: Container, rank: int, what: str, key: str) -> bool:
        """Whether this entry comes from a later package directory than the one before it, or is the first."""
        at = (known.kind, known.name, what, key)
        before = self._ranks.get(at, -1)
        self._ranks[at] = max(rank, before)
        return rank > before

    def _add(self, known: Container, rank: int, what: str, key: str, right: R, into: dict[str, R]) -> None:
        """A later package directory overrides; of two files side by side nobody knows the order, and both count."""
        into[key] = right if self._later(known, rank, what, key) else _either(into[key], right)

    def _switch(
        self,
        known: Container,
        rank: int,
        what: str,
        key: str,
        enabled: bool,  # noqa: FBT001 - one entry's own bit
        into: dict[str, bool],
    ) -> None:
        into[key] = enabled if self._later(known, rank, what, key) else into[key] or enabled

    def _group(self, fact: GroupFact) -> None:
        """A group of a later package directory replaces the earlier one as a whole."""
        self._project.groups[plain(fact.name)] = Group(
            name=plain(fact.name),
            label=fact.label or plain(fact.name),
            activation=fact.activation,
            sets=tuple(dict.fromkeys(plain(s) for s in fact.sets)),
            muting=tuple(dict.fromkeys(plain(m) for m in fact.muting)),
        )

    def _unread(self, problem: Problem) -> None:
        """A container of which a file cannot be used is there, and nobody knows what it gives."""
        if not problem.component:
            return
        if problem.kind in {Kind.PROFILE, Kind.PERMISSION_SET, Kind.MUTING}:
            known = self._of(Kind(problem.kind), problem.component)
            known.partial = f"{problem}."
        elif problem.kind == Kind.GROUP:
            name = plain(problem.component)
            group = self._project.groups.setdefault(name, Group(name, name, False, (), ()))
            group.partial = f"{problem}."

    def _resolve(self, group: Group) -> None:
        """What a group names and the project does not hold: the group is incomplete then (salesforce 7.3.4)."""
        project = self._project
        group.missing = tuple(s for s in group.sets if s not in project.sets)
        group.missing_muting = tuple(
            m for m in group.muting if m not in project.muting or project.muting[m].partial
        )
        if group.missing:
            group.partial = (
                f"The permission set group “{group.label}” contains {', '.join(group.missing)}, "
                "which the project does not hold."
            )
        inner = (project.sets[s].partial for s in group.sets if s in project.sets)
        group.partial = group.partial or next((reason for reason in inner if reason), "")


def _later(before: F | None, fact: F) -> F:
    """The same component again: what the later one says, and what only the earlier one says."""
    if before is None:
        return fact
    said = {f.name: getattr(fact, f.name) for f in dataclasses.fields(fact)}
    return dataclasses.replace(before, **{k: v for k, v in said.items() if v not in (None, "", 0, ())})


def _either(one: R, other: R) -> R:
    """Two entries about the same thing: whatever either of them gives."""
    found: dict[str, Any] = {}
    for column in dataclasses.fields(one):
        a, b = getattr(one, column.name), getattr(other, column.name)
        found[column.name] = a if isinstance(a, str) else b if a is None else a or bool(b)
    return dataclasses.replace(one, **found)


def _by_name(containers: Mapping[str, Container]) -> Iterable[Container]:
    return (containers[name] for name in sorted(containers))
