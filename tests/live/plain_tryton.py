"""Tryton's rules of reading, as plainly as they can be written: a second reading to hold the product against.

Rules 1 to 3 of the reference (other-crms-and-scale 2.2), as the server's own source has them: rows of the model and of
every model reached through fields whose access is checked too; any row that allows wins; no row, no refusal; a group
brings its parents; rows and groups that are switched off do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tryton_rpc import Rpc


class Plain:
    """Who may read which field, from the tables alone."""

    def __init__(self, rpc: Rpc) -> None:
        self.models = {row["id"]: row["model"] for row in rpc.rows("ir.model", "model")}
        self.fields: dict[tuple[str, str], int] = {}
        self._reached: dict[str, list[str]] = defaultdict(list)
        for row in rpc.rows("ir.model.field", "name", "model", "relation", "access"):
            model = self.models[row["model"]]
            self.fields[model, row["name"]] = row["id"]
            if row["access"] and row["relation"]:
                self._reached[model].append(row["relation"])
        self._groups = {row["id"]: row for row in rpc.rows("res.group", "parent", "active")}
        self._users = {row["login"]: row["groups"] for row in rpc.rows("res.user", "login", "groups")}
        self._model_rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rpc.rows("ir.model.access", "model", "group", "perm_read", "active"):
            self._model_rows[self.models[row["model"]]].append(row)
        self._field_rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rpc.rows("ir.model.field.access", "field", "group", "perm_read", "active"):
            self._field_rows[row["field"]].append(row)

    def groups_of(self, login: str) -> set[int]:
        """The groups that count for a user."""
        waiting, found = list(self._users[login]), set()
        while waiting:
            group = waiting.pop()
            if group is not None and group not in found:
                found.add(group)
                waiting.append(self._groups[group]["parent"])
        return {group for group in found if self._groups[group]["active"]}

    def may_read(self, login: str, model: str, field: str) -> bool:
        """Whether a user may read a field."""
        groups = self.groups_of(login)
        rows = [row for reached in self._with_reached(model) for row in self._model_rows[reached]]
        return _open(rows, groups) and _open(self._field_rows[self.fields[model, field]], groups)

    def _with_reached(self, model: str, seen: set[str] | None = None) -> Iterator[str]:
        seen = set() if seen is None else seen
        if model not in seen:
            seen.add(model)
            yield model
            for reached in self._reached[model]:
                yield from self._with_reached(reached, seen)


def _open(rows: Iterable[dict[str, Any]], groups: set[int]) -> bool:
    matching = [
        row["perm_read"] for row in rows if row["active"] and (row["group"] is None or row["group"] in groups)
    ]
    return any(matching) or not matching
