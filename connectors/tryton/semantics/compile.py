"""Tryton's rows compiled to the neutral planes: what opens a gate, what only mentions it, and what nothing mentions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from auditor.people import Person
from auditor.phi import Tag
from auditor.planes import (
    Bits,
    Editing,
    FieldColumn,
    Gate,
    Grantor,
    Grants,
    Holdings,
    ObjectGate,
    Strength,
    Unmentioned,
    Verb,
)
from auditor.snapshot import Snapshot
from auditor.wording import several
from connectors.tryton import tables as t
from connectors.tryton.semantics import powers
from connectors.tryton.semantics.people import people
from connectors.tryton.semantics.rules import EVERYBODY, Rights, Say

_KEPT_BY_TRYTON = frozenset({"id", "create_uid", "create_date", "write_uid", "write_date", "rec_name"})
_GROUP, _NO_GROUP = "group", "rows without a group"
_LOGIN = Grantor(
    "login",
    "login",
    "any login",
    "account",
    keeps=False,
    undo="Switch off the logins that nobody needs",
)

_Cell = tuple[Gate, int, int]
"""Gate, grantor and column."""


def compile_grants(snapshot: Snapshot, tags: Mapping[str, Tag], as_of: datetime) -> Grants:  # noqa: ARG001 - the protocol's
    """Who holds what, and what it opens, for every tagged field.

    A field that was not seen has a column all the same, with the reason why nobody can say how it is guarded.
    """
    rights = Rights(snapshot)
    names = sorted(tags)
    models = sorted({tags[name].object for name in names})
    found = people(snapshot, rights)
    drawing = _Drawing(rights, models, names)
    for person, groups in found:
        drawing.person(person, groups)
    listed = snapshot.unread(t.USERS)
    return drawing.grants(partial="" if listed is None else f"Not every user was read. {listed.detail}")


@dataclass
class _Drawing:
    """Grants as they are being put together; columns are those of the given models and fields."""

    rights: Rights
    models: Sequence[str]
    names: Sequence[str]
    grantors: dict[str, Grantor] = field(default_factory=dict)
    opens: dict[Verb, list[_Cell]] = field(default_factory=lambda: defaultdict(list))
    mentions: list[_Cell] = field(default_factory=list)
    closes: dict[tuple[Gate, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    of_group: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    people: list[Person] = field(default_factory=list)
    holdings: list[tuple[int, int]] = field(default_factory=list)
    blind: dict[int, str] = field(default_factory=dict)
    held_by: dict[tuple[int, str], str] = field(default_factory=dict)
    carried: dict[str, dict[str, Strength]] = field(default_factory=lambda: defaultdict(dict))
    default: dict[Gate, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._rows: dict[str, int] = {}
        login = self._add(_LOGIN)
        self.of_group[EVERYBODY].append(login)
        self.carried[_LOGIN.container] = {
            powers.CALL.key: Strength.LIVE,
            powers.EXPORT.key: Strength.LIVE,
        }
        for column, model in enumerate(self.models):
            self._gate(column, model)
        for column, name in enumerate(self.names):
            self._field(column, name)
        self._escalations()

    # -- what opens, and what closes

    def _gate(self, column: int, model: str) -> None:
        """The object gate of a model: rows of all models that count for it, or none at all (T1, T6, T8)."""
        said = any(self.rights.of_models.get(source) for source in self.rights.counting_for(model))
        self.default[Gate.OBJECT].append(self._add(_open_model(model, said=said)))
        exposed = self.rights.exposed
        if exposed is not None and model not in exposed:
            row = self._add(_not_exposed(model))
            self.of_group[EVERYBODY].append(row)
            self._say(Gate.OBJECT, row, column, Say())
            return
        for source in self.rights.counting_for(model):
            for group, say in self.rights.of_models.get(source, {}).items():
                if not self._known(group):
                    continue
                row = self._row(self._of_model(group, source), group)
                self._say(Gate.OBJECT, row, column, say)

    def _field(self, column: int, name: str) -> None:
        """The field gate: rows of this field, or none at all (T1)."""
        self.default[Gate.FIELD].append(self._add(_open_field(name.rpartition(".")[0])))
        if name not in self.rights.by_name:  # nothing is open that is not there
            self.mentions.append((Gate.FIELD, self._rows[_LOGIN.id], column))
        for group, say in self.rights.of_fields.get(name, {}).items():
            if self._known(group):
                self._say(Gate.FIELD, self._row(self._container(group), group), column, say)

    def _say(self, gate: Gate, row: int, column: int, say: Say) -> None:
        self.mentions.append((gate, row, column))
        if say.read:
            self.opens[Verb.READ].append((gate, row, column))
        else:
            self.closes[gate, column].append(row)
        if say.write:
            self.opens[Verb.EDIT].append((gate, row, column))

    def _known(self, group: int | None) -> bool:
        """Whether the rows of a group hold for anybody: it was read, and is not switched off (T7)."""
        return group is None or (group in self.rights.groups and self.rights.groups[group]["active"])

    def _label(self, group: int | None) -> str:
        return "everybody" if group is None else self.rights.groups[group]["name"]

    def _container(self, group: int | None) -> Grantor:
        """A group as a whole, which also stands for what it says of fields."""
        return Grantor(
            _id(group),
            _id(group),
            self._label(group),
            _NO_GROUP if group is EVERYBODY else _GROUP,
            "field access",
            keeps=False,
        )

    def _of_model(self, group: int | None, model: str) -> Grantor:
        """What the rows of a group say of one model."""
        if group is EVERYBODY:
            whose, row = "everybody", "without a group"
            less = "allow nothing, and add one for each group that needs it"
        else:
            whose, row = f"group {self._label(group)}", f"of {self._label(group)}"
            less = "allow less"
        return Grantor(
            f"{_id(group)}/{model}",
            _id(group),
            f"model access of {model} for {whose}",
            "row",
            keeps=False,
            undo=f"Let the row {row} for {model} {less}",
        )

    def _add(self, grantor: Grantor) -> int:
        self.grantors.setdefault(grantor.id, grantor)
        return self._rows.setdefault(grantor.id, len(self._rows))

    def _row(self, grantor: Grantor, group: int | None) -> int:
        """The row of a grantor that whoever is in the group holds; the group itself has one as well (a container)."""
        for one in (self._container(group), grantor):
            if one.id not in self.grantors:
                self.of_group[group].append(self._add(one))
        return self._rows[grantor.id]

    # -- rights as a whole

    def _escalations(self) -> None:
        """Groups whose rows let their members change rights; and where no row says anything, everybody."""
        for model, right in powers.ESCALATING.items():
            said = False
            for source in self.rights.counting_for(model):
                for group, say in self.rights.of_models.get(source, {}).items():
                    said = True
                    if say.write and self._known(group):
                        self._row(self._container(group), group)
                        self.carried[_id(group)][right.key] = Strength.LIVE
            if not said and self.rights.models:
                self.carried[_LOGIN.container][right.key] = (
                    Strength.UNSURE if self.rights.unread else Strength.LIVE
                )

    def _unsaid(self, groups: Iterable[int]) -> list[str]:
        """The models deciding about rights of which rows speak, but none of these groups' rows nor everybody's."""
        mine = {*groups, EVERYBODY}
        found = []
        for model in powers.ESCALATING:
            said = [
                group
                for source in self.rights.counting_for(model)
                for group in self.rights.of_models.get(source, {})
            ]
            if said and not mine.intersection(said):
                found.append(model)
        return found

    # -- people

    def person(self, who: Person, groups: Sequence[int]) -> None:
        """Let somebody hold what rows without a group say, and what their groups' rows do."""
        index = len(self.people)
        self.people.append(who)
        effective = self.rights.effective(groups)
        self.holdings += [(index, row) for row in self.of_group[EVERYBODY]]
        for group, chain in effective.items():
            self._row(self._container(group), group)
            self.holdings += [(index, row) for row in self.of_group[group]]
            if chain:
                through = " and ".join(f"“{self._label(one)}”" for one in chain)
                self.held_by[index, _id(group)] = f"inherited through {through}"
        for model in self._unsaid(effective):
            grantor = Grantor(
                f"no-row/{model}", f"no-row/{model}", model, "no model access row for", keeps=False
            )
            self.holdings.append((index, self._add(grantor)))
            right = powers.ESCALATING[model]
            self.carried[grantor.id][right.key] = Strength.UNSURE if self.rights.unread else Strength.LIVE
        unlisted = self.rights.unlisted(groups)
        if unlisted:
            shown = ", ".join(map(str, unlisted))
            self.blind[index] = (
                f"{several(len(unlisted), 'group')} that count for this user were not read: {shown}."
            )

    # -- packing

    def grants(self, *, partial: str) -> Grants:
        """Pack it."""
        count = len(self.grantors)
        width = {Gate.OBJECT: len(self.models), Gate.FIELD: len(self.names)}
        place = {model: i for i, model in enumerate(self.models)}
        who, what = np.array(self.holdings, dtype=np.int64).reshape(-1, 2).T
        return Grants(
            people=tuple(self.people),
            grantors=tuple(self.grantors.values()),
            gates=tuple(ObjectGate(model) for model in self.models),
            fields=tuple(self._column(name, place) for name in self.names),
            planes={
                (gate, verb, self._firmly(gate)): _bits(cells, gate, count, width[gate])
                for verb, cells in self.opens.items()
                for gate in Gate
            },
            holdings=Holdings(who, what, np.full(len(who), Strength.LIVE, dtype=np.uint8)),
            blind=self.blind,
            unread=self.rights.unread,
            held_by=self.held_by,
            rights={right.key: right for right in powers.ALL},
            carried={container: rights for container, rights in self.carried.items() if rights},
            labels={
                grantor.container: grantor.label for grantor in self.grantors.values() if _whole(grantor)
            },
            partial=partial,
            closes={key: tuple(rows) for key, rows in self.closes.items()},
            brings={
                _id(group): tuple(_id(one) for one in self.rights.effective([group]) if one != group)
                for group in self.of_group
                if group is not None
            },
            unmentioned={
                gate: Unmentioned(_bits(self.mentions, gate, count, width[gate]), tuple(self.default[gate]))
                for gate in Gate
            },
        )

    def _firmly(self, gate: Gate) -> Strength:
        """How firmly rows open a gate: what they allow may still be closed to every program (T8)."""
        return Strength.UNSURE if gate is Gate.OBJECT and self.rights.exposed is None else Strength.LIVE

    def _column(self, name: str, place: Mapping[str, int]) -> FieldColumn:
        model, _, field_ = name.rpartition(".")
        editing = Editing.NEVER if field_ in _KEPT_BY_TRYTON else Editing.JUDGED
        unknown = "" if name in self.rights.by_name else f"Tryton lists no field {field_} of {model}."
        return FieldColumn(name, (place[model],), editing, unknown=unknown)


def _whole(grantor: Grantor) -> bool:
    return bool(grantor.container) and grantor.id == grantor.container


def _id(group: int | None) -> str:
    return "everybody" if group is EVERYBODY else f"group:{group}"


def _open_model(model: str, *, said: bool) -> Grantor:
    """What opens a model of which no row speaks, or none that holds for somebody, though others do."""
    if said:
        return Grantor(
            f"other-rows/{model}",
            label=f"no model access row of {model} for them, only for others: open to them",
            keeps=False,
            undo=f"Add a row for {model} without a group that allows nothing",
        )
    return Grantor(
        f"no-row/{model}",
        label=f"no model access row for {model}: open to everybody",
        keeps=False,
        undo=f"Add rows for {model}: one without a group that allows nothing, and one for each group that "
        "needs it",
    )


def _open_field(model: str) -> Grantor:
    """The same for a field; fields of one model are closed in one go, so they share what stands for it."""
    return Grantor(
        f"no-row/{model}.*",
        label="Tryton’s default (no field access row speaks to them)",
        keeps=False,
        undo="Add rows for the listed fields: one without a group that allows nothing, and one for each "
        "group that needs it",
    )


def _not_exposed(model: str) -> Grantor:
    id_ = f"not-exposed/{model}"
    return Grantor(id_, id_, model, "model that Tryton gives to no program", keeps=False)


def _bits(cells: Iterable[_Cell], gate: Gate, rows: int, columns: int) -> Bits:
    row, column = (
        np.array([(r, c) for where, r, c in cells if where is gate], dtype=np.int64).reshape(-1, 2).T
    )
    return Bits.build(rows, columns, row, column)
