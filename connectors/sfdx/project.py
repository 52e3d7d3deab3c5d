"""Files to one project: components of several files brought together, and what is not whole about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.sfdx.markup import Unusable
from connectors.sfdx.names import Names, owners, tokens
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
from connectors.sfdx.tree import ALONE, File, Kind, Problem, Tree

PARTIAL_PROFILE = (
    "A profile in source holds only what was retrieved together with it, so what it does not give is unknown."
)
PARTIAL_SET = (
    "Permission sets retrieved with an API version before 40.0, or with one that nothing states, may not hold "
    "everything."
)
WHOLE_SINCE = 40.0
"""The API version since which a retrieved permission set is complete (salesforce 7.3.1)."""

_OPENING = frozenset(
    {"activitiesaccess", "modifyalldata", "viewallcustomsettings", "viewalldata", "viewallfieldsglobal"}
)
"""System permissions that open objects or fields (salesforce F6, O4, O6, O7)."""

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

    @property
    def settled(self) -> bool:
        """Whether this is all of it, out of one file: of several nobody can say what a muting set still takes away."""
        return len(self.files) == 1 and not self.partial


@dataclass(slots=True)
class Group:
    """A permission set group: its parts by name, and those of its names that the project does not hold for sure."""

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
    """Everything a project says, by API name in one spelling: no namespace of its own, activities on both objects.

    `described` are the objects that a file of their own tells of, `unsettled` the fields of which nobody can say how
    they are defined: a file that may define them cannot be used, or two side by side disagree.
    """

    objects: dict[str, ObjectFact] = field(default_factory=dict)
    fields: dict[tuple[str, str], FieldFact] = field(default_factory=dict)
    profiles: dict[str, Container] = field(default_factory=dict)
    sets: dict[str, Container] = field(default_factory=dict)
    muting: dict[str, Container] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, RoleFact] = field(default_factory=dict)
    described: set[str] = field(default_factory=set)
    unsettled: set[tuple[str, str]] = field(default_factory=set)
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


def load(tree: Tree, watch: Callable[[int, int], None]) -> Project:
    """Read every file of a tree and bring its components together; a file that cannot be used is noted."""
    project = Project(problems=list(tree.problems))
    for count, file in enumerate(tree.files, 1):
        try:
            project.read.append((file, facts(file, tree.read(file))))
        except Unusable as error:
            problem = Problem(file.path, file.kind, file.component, error.problem, error.line, file.object)
            project.problems.append(problem)
        watch(count, len(tree.files))
    _Merging(project, Names(tree.namespace)).all()
    return project


class _Merging:
    """The facts of single files, added to a project in the order of its package directories (salesforce 7.3.8)."""

    def __init__(self, project: Project, names: Names) -> None:
        self._project = project
        self._names = names
        self._ranks: dict[tuple[str, ...], int] = {}

    def all(self) -> None:
        """Add everything, then see what is missing."""
        project = self._project
        self._spell()
        for file, fact in project.read:
            match fact:
                case FieldFact():
                    self._field(file, fact)
                case ObjectFact():
                    self._object(file, fact)
                case ContainerFact():
                    self._container(file, fact)
                case GroupFact():
                    self._group(file, fact)
                case RoleFact():
                    project.roles[fact.name] = fact
        for problem in project.problems:
            self._unread(problem)
        for group in project.groups.values():
            self._resolve(group)
        project.tokens = any(tokens(f"{f.component}.{f.object}") for f, _ in project.read)

    def _spell(self) -> None:
        """Learn every spelling from definitions, an object's own file first, before permissions name anything."""
        objects = [fact for _, fact in self._project.read if isinstance(fact, ObjectFact)]
        inner = [field for fact in objects for field in fact.fields]
        for fact in objects:
            self._names.object(fact.name)
        for each in (*inner, *(fact for _, fact in self._project.read if isinstance(fact, FieldFact))):
            for owner in owners(self._names.object(each.object)):
                self._names.field(owner, each.name)
        for file, held in self._project.read:
            if isinstance(held, ContainerFact | GroupFact):
                self._names.component(file.kind, held.name)

    def _object(self, file: File, fact: ObjectFact) -> None:
        name = self._names.object(fact.name)
        renamed = dataclasses.replace(fact, name=name, fields=())
        self._project.objects[name] = _later(self._project.objects.get(name), renamed)
        self._project.described.add(name)
        for inner in fact.fields:
            self._field(file, inner)

    def _field(self, file: File, fact: FieldFact) -> None:
        names = self._names
        for owner in owners(names.object(fact.object)):
            renamed = dataclasses.replace(
                fact,
                object=owner,
                name=names.field(owner, fact.name),
                formula=names.text(fact.formula),
                refers_to=names.object(fact.refers_to),
                summarized=names.key(fact.summarized),
                filters=tuple(names.key(f) for f in fact.filters),
            )
            key = (owner, renamed.name)
            before = self._project.fields.get(key)
            self._project.objects.setdefault(owner, ObjectFact(owner))
            self._project.fields[key] = _later(before, renamed)
            later = self._overrides(file.rank, Kind.FIELD, *key)
            if before and not later and _open_to_all(before) != _open_to_all(renamed):
                self._project.unsettled.add(key)

    def _container(self, file: File, fact: ContainerFact) -> None:
        known, names = self._of(fact.kind, fact.name), self._names
        known.label = fact.label or known.label
        known.files.append(file.path)
        if fact.licence:
            later = self._overrides(file.rank, known.kind, known.name, "licence")
            known.licence = fact.licence if later or fact.licence == known.licence else ""
        if fact.activation is not None:
            later = self._overrides(file.rank, known.kind, known.name, "activation")
            known.activation = fact.activation and (later or known.activation)
        for right in fact.objects:
            for owner in owners(names.object(right.object)):
                self._add(
                    known, file.rank, "object", owner, dataclasses.replace(right, object=owner), known.objects
                )
        for granted in fact.fields:
            owner, _, name = names.key(granted.field).partition(".")
            for each in owners(owner):
                key = f"{each}.{name}"
                self._add(
                    known, file.rank, "field", key, dataclasses.replace(granted, field=key), known.fields
                )
        for name, enabled in fact.system:
            self._switch(known, file.rank, "system", name.lower(), enabled, known.system)
        for name, enabled in fact.settings:
            self._switch(known, file.rank, "setting", names.object(name), enabled, known.settings)
        old = file.version < WHOLE_SINCE if file.version else not file.source_format
        if fact.kind is Kind.PERMISSION_SET and old:
            known.partial = known.partial or PARTIAL_SET

    def _of(self, kind: Kind, name: str) -> Container:
        where = {
            Kind.PROFILE: self._project.profiles,
            Kind.PERMISSION_SET: self._project.sets,
            Kind.MUTING: self._project.muting,
        }[kind]
        short = self._names.component(kind, name)
        whole = PARTIAL_PROFILE if kind is Kind.PROFILE else ""
        return where.setdefault(short, Container(kind, short, partial=whole))

    def _overrides(self, rank: int, *at: str) -> bool:
        """Whether this entry comes from a later package directory than the one before it, or is the first."""
        before = self._ranks.get(at, -1)
        self._ranks[at] = max(rank, before)
        return rank > before

    def _add(self, known: Container, rank: int, what: str, key: str, right: R, into: dict[str, R]) -> None:
        """A later package directory overrides; of two files side by side nobody knows the order, and both count."""
        later = self._overrides(rank, known.kind, known.name, what, key)
        into[key] = _instead(into.get(key), right) if later else _either(into[key], right)

    def _switch(
        self,
        known: Container,
        rank: int,
        what: str,
        key: str,
        enabled: bool,  # noqa: FBT001 - one entry's own bit
        into: dict[str, bool],
    ) -> None:
        later = self._overrides(rank, known.kind, known.name, what, key)
        into[key] = enabled if later else into[key] or enabled

    def _group(self, file: File, fact: GroupFact) -> None:
        """A group of a later package directory replaces the earlier one as a whole; two side by side are both read."""
        names = self._names
        name = names.component(Kind.GROUP, fact.name)
        sets = dict.fromkeys(names.component(Kind.PERMISSION_SET, s) for s in fact.sets)
        muting = dict.fromkeys(names.component(Kind.MUTING, m) for m in fact.muting)
        found = Group(name, fact.label or name, fact.activation, tuple(sets), tuple(muting))
        if not self._overrides(file.rank, Kind.GROUP, name):
            found = _both(self._project.groups[name], found)
        self._project.groups[name] = found

    def _unread(self, problem: Problem) -> None:
        """What a file that cannot be used may tell of is there, and nobody knows what it says."""
        if not problem.component:
            return
        if problem.kind in {Kind.PROFILE, Kind.PERMISSION_SET, Kind.MUTING}:
            known = self._of(Kind(problem.kind), problem.component)
            known.partial = f"{problem}."
        elif problem.kind == Kind.GROUP:
            name = self._names.component(Kind.GROUP, problem.component)
            group = self._project.groups.setdefault(name, Group(name, name, False, (), ()))
            group.partial = f"{problem}."
        elif problem.kind == Kind.FIELD:
            for owner in owners(self._names.object(problem.object)):
                self._project.unsettled.add((owner, self._names.field(owner, problem.component)))
        elif problem.kind == Kind.OBJECT and not problem.path.endswith(ALONE):
            for owner in owners(self._names.object(problem.component)):
                named = {*self._project.fields, *self._project.granted_fields}
                self._project.unsettled |= {(o, f) for o, f in named if o == owner and f.endswith("__c")}

    def _resolve(self, group: Group) -> None:
        """What a group names and the project does not hold: the group is incomplete then (salesforce 7.3.4)."""
        project = self._project
        group.missing = tuple(s for s in group.sets if s not in project.sets)
        group.missing_muting = tuple(
            m for m in group.muting if m not in project.muting or not project.muting[m].settled
        )
        if group.missing:
            group.partial = (
                f"The permission set group “{group.label}” contains {', '.join(group.missing)}, "
                "which the project does not hold."
            )
        inner = [project.sets[s] for s in group.sets if s in project.sets]
        group.partial = group.partial or next((part.partial for part in inner if part.partial), "")
        if group.missing_muting and any(_opens(part) for part in inner):
            group.partial = group.partial or (
                f"What {', '.join(group.missing_muting)} takes away from the permission set group “{group.label}” "
                "is not known, and its members hold rights beside object and field permissions."
            )


def _opens(part: Container) -> bool:
    """Whether a set opens anything by a system permission or as a custom setting, which have no rows to weigh."""
    return any(part.settings.values()) or any(on and n in _OPENING for n, on in part.system.items())


def _open_to_all(fact: FieldFact) -> bool:
    """Whether this definition leaves field permissions no say."""
    return bool(fact.required) or fact.type == "MasterDetail"


def _both(one: Group, other: Group) -> Group:
    """Two files of one group side by side: the members of either, less what both mute, and nothing proven closed."""
    return Group(
        name=one.name,
        label=one.label,
        activation=one.activation and other.activation,
        sets=tuple(dict.fromkeys((*one.sets, *other.sets))),
        muting=tuple(m for m in one.muting if m in other.muting),
        partial=f"The permission set group “{one.label}” is in several files, and nothing says their order.",
    )


def _instead(before: R | None, right: R) -> R:
    """The entry of a later package directory; one that does not mention View All Fields leaves it as it was."""
    if isinstance(before, ObjectRight) and isinstance(right, ObjectRight) and right.all_fields is None:
        return dataclasses.replace(right, all_fields=before.all_fields)
    return right


def _later(before: F | None, fact: F) -> F:
    """The same component again: what the later one says, and what only the earlier one says."""
    if before is None:
        return fact
    every = {f.name: getattr(fact, f.name) for f in dataclasses.fields(fact)}
    stated: dict[str, Any] = {name: value for name, value in every.items() if value or value is False}
    return dataclasses.replace(before, **stated)


def _either(one: R, other: R) -> R:
    """Two entries about the same thing: whatever either of them gives."""
    found: dict[str, Any] = {}
    for column in dataclasses.fields(one):
        a, b = getattr(one, column.name), getattr(other, column.name)
        found[column.name] = a if isinstance(a, str) else b if a is None else a or bool(b)
    return dataclasses.replace(one, **found)


def _by_name(containers: Mapping[str, Container]) -> Iterable[Container]:
    return (containers[name] for name in sorted(containers))
