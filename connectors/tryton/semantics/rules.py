"""Tryton's tables of rights, put together: groups with what they inherit, and rows by what they speak of.

The numbers T1 to T8 are the sentences of docs/tryton.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from auditor.snapshot import Snapshot
from connectors.tryton import tables as t

EVERYBODY: int | None = None
"""The group of a row without a group (T2)."""


@dataclass(frozen=True, slots=True)
class Say:
    """What the active rows of one group say of one thing, taken together: any row that allows wins (T3)."""

    read: bool = False
    write: bool = False

    def __or__(self, other: Say) -> Say:
        return Say(self.read or other.read, self.write or other.write)


Says = Mapping[int | None, Say]
"""By group: whoever belongs to none of these is told nothing (T4)."""


@dataclass(frozen=True)
class Rights:
    """Everything that decides, by names instead of ids, as far as it was read."""

    snapshot: Snapshot

    @cached_property
    def models(self) -> dict[int, str]:
        """Models by id."""
        return {row["id"]: row["model"] for row in self.snapshot.table(t.MODELS).to_pylist()}

    @cached_property
    def fields(self) -> dict[int, dict[str, Any]]:
        """Fields by id, each with its `model`; without those of models that were not read."""
        return {
            row["id"]: {**row, "model": self.models[row["model_id"]]}
            for row in self.snapshot.table(t.FIELDS).to_pylist()
            if row["model_id"] in self.models
        }

    @cached_property
    def by_name(self) -> dict[str, dict[str, Any]]:
        """Fields as `model.field`."""
        return {f"{row['model']}.{row['name']}": row for row in self.fields.values()}

    @cached_property
    def groups(self) -> dict[int, dict[str, Any]]:
        """Groups by id, those that are switched off too."""
        return {row["id"]: row for row in self.snapshot.table(t.GROUPS).to_pylist()}

    @cached_property
    def of_models(self) -> dict[str, Says]:
        """What rows say of models. Rows that are switched off say nothing (T5)."""
        return _gathered(self.snapshot.table(t.MODEL_ACCESS).to_pylist(), "model_id", self.models)

    @cached_property
    def of_fields(self) -> dict[str, Says]:
        """What rows say of fields."""
        names = {id_: f"{row['model']}.{row['name']}" for id_, row in self.fields.items()}
        return _gathered(self.snapshot.table(t.FIELD_ACCESS).to_pylist(), "field_id", names)

    @cached_property
    def _leads(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.fields.values():
            if row["access"] and row["relation"]:
                found[row["model"]].add(row["relation"])
        return {model: tuple(sorted(others)) for model, others in found.items()}

    def counting_for(self, model: str) -> tuple[str, ...]:
        """The models whose rows count for one: itself, and all that fields with relation access lead to (T6)."""
        found, waiting = {model: None}, [model]
        while waiting:
            for other in self._leads.get(waiting.pop(), ()):
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return tuple(found)

    def effective(self, groups: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """The groups that count for somebody in these, each with the chain it is inherited through (T7).

        One that is switched off gives nothing itself, and still hands on what it inherits.
        """
        found: dict[int, tuple[int, ...]] = {}
        for group in groups:
            chain: tuple[int, ...] = ()
            at: int | None = group
            while at is not None and at in self.groups and at not in chain:
                before = found.get(at)
                if before is None or len(chain) < len(before):
                    found[at] = chain
                chain = (*chain, at)
                at = self.groups[at]["parent"]
        return {id_: chain for id_, chain in found.items() if self.groups[id_]["active"]}

    def unlisted(self, groups: Iterable[int]) -> tuple[int, ...]:
        """Groups that somebody is in, or inherits from, and that were not among those read."""
        found = set()
        for group in groups:
            at: int | None = group
            seen: set[int] = set()
            while at is not None and at not in seen:
                seen.add(at)
                if at not in self.groups:
                    found.add(at)
                    break
                at = self.groups[at]["parent"]
        return tuple(sorted(found))

    @cached_property
    def exposed(self) -> frozenset[str] | None:
        """The models of which programs are given records; None where that was not read (T8)."""
        if self.snapshot.unread(t.METHODS) is not None:
            return None
        return frozenset(row["model"] for row in self.snapshot.table(t.METHODS).to_pylist())

    @property
    def unread(self) -> str:
        """Why rows may be missing that decide, in words; empty where all were read."""
        for name in (t.MODELS, t.FIELDS, t.METHODS, t.GROUPS, t.MODEL_ACCESS, t.FIELD_ACCESS):
            unread = self.snapshot.unread(name)
            if unread is not None:
                return f"Not all rights were read, and what was not may open or close this. {unread.detail}"
        return ""


class RecordRules:
    """For whom there are rules about reading records of a model, or of one whose rights count for it.

    A rule of a model that was not read may be about any.
    """

    def __init__(self, snapshot: Snapshot, rights: Rights, model: str) -> None:
        models = set(rights.counting_for(model))
        self._rows = [
            row
            for row in snapshot.table(t.RECORD_RULES).to_pylist()
            if row["read"] and rights.models.get(row["model_id"], model) in models
        ]
        self._all = any(row["everybody"] or row["by_default"] for row in self._rows)
        self._groups = frozenset(group for row in self._rows for group in row["groups"] or ())

    def hold_for(self, groups: frozenset[int]) -> bool:
        """Whether one holds for somebody in these groups."""
        return self._all or not self._groups.isdisjoint(groups)

    def may_hold_for(self, groups: frozenset[int] | None) -> bool:
        """The same, of somebody whose groups may be unknown."""
        return self.hold_for(self._groups if groups is None else groups)


def _gathered(rows: Iterable[Mapping[str, Any]], key: str, names: Mapping[int, str]) -> dict[str, Says]:
    found: dict[str, dict[int | None, Say]] = defaultdict(dict)
    for row in rows:
        name = names.get(row[key])
        if name is not None and row["active"]:
            says = found[name]
            says[row["group_id"]] = says.get(row["group_id"], Say()) | Say(row["read"], row["write"])
    return dict(found)
