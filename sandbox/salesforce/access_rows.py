"""Rows of UserFieldAccess, UserEntityAccess and UserRecordAccess, made on demand (salesforce 3.3, 3.4)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.derived import NULL_ID, as_row, durable_field_id
from sandbox.salesforce.ids import short_id
from sandbox.salesforce.oracle import Gate, Oracle, Strength
from sandbox.salesforce.reach import LEVELS, Reach
from sandbox.salesforce.soql import Literal, Query, conjuncts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.fixture import Entity, Org, Row


class OracleRows:
    """Asks the oracle about exactly the users, fields and records a query names."""

    def __init__(self, org: Org) -> None:
        self.org = org

    @cached_property
    def oracle(self) -> Oracle:
        """The platform's own view, which no missing permission clouds."""
        return Oracle(self.org)

    @cached_property
    def reach(self) -> Reach:
        """The record rules."""
        return Reach(self.org, self.oracle)

    @cached_property
    def fields_by_durable_id(self) -> dict[str, tuple[Entity, Field]]:
        """Every field under the name the catalogue gives it."""
        return {
            durable_field_id(entity, column): (entity, column)
            for entity in self.org.entities.values()
            for column in entity.fields
        }

    @cached_property
    def objects_by_durable_id(self) -> dict[str, Entity]:
        """Every object under the name the catalogue gives it."""
        return {entity.durable_id: entity for entity in self.org.entities.values()}

    def rows(self, entity: Entity, query: Query) -> list[Row]:
        """The rows the conditions of the query ask about."""
        pinned = _pinned(query)
        makers: dict[str, Callable[[dict[str, list[str]]], Iterable[dict[str, Any]]]] = {
            "UserFieldAccess": self._field_access,
            "UserEntityAccess": self._entity_access,
            "UserRecordAccess": self._record_access,
        }
        return [as_row(entity, values) for values in makers[entity.name](pinned)]

    def _field_access(self, pinned: dict[str, list[str]]) -> Iterable[dict[str, Any]]:
        for field_id, user_id in _subjects(pinned, "fielddefinitionid"):
            found, user = self.fields_by_durable_id.get(field_id), self.org.user(user_id)
            if found is None or user is None:
                continue
            entity, column = found
            verdict = self.oracle.verdict(self.oracle.person(user), entity, column)
            yield {
                "Id": NULL_ID,
                "DurableId": f"{field_id}.{user_id}",
                "FieldDefinitionId": field_id,
                "EntityDefinitionId": entity.durable_id,
                "UserId": user["Id"],
                "IsAccessible": verdict.read == "yes",
                "IsUpdatable": verdict.edit == "yes",
                "IsCreatable": verdict.edit == "yes" and bool(column.described["createable"]),
            }

    def _entity_access(self, pinned: dict[str, list[str]]) -> Iterable[dict[str, Any]]:
        for entity_id, user_id in _subjects(pinned, "entitydefinitionid"):
            entity, user = self.objects_by_durable_id.get(entity_id), self.org.user(user_id)
            if entity is None or user is None:
                continue
            person = self.oracle.person(user)
            rights = {
                right: person.awake and _live(self.oracle.object_gate(person, entity.name, right))
                for right in ("Read", "Edit", "Create", "Delete")
            }
            yield {
                "Id": NULL_ID,
                "DurableId": f"{entity_id}.{user_id}",
                "EntityDefinitionId": entity_id,
                "UserId": user["Id"],
                "IsReadable": rights["Read"],
                "IsEditable": rights["Edit"],
                "IsUpdatable": rights["Edit"],
                "IsCreatable": rights["Create"],
                "IsDeletable": rights["Delete"],
            }

    def _record_access(self, pinned: dict[str, list[str]]) -> Iterable[dict[str, Any]]:
        for user_id in pinned.get("userid", []):
            user = self.org.user(user_id)
            for record_id in pinned.get("recordid", []):
                entity = next((e for e in self.org.record_objects if e.key_prefix == record_id[:3]), None)
                record = self.reach.records(entity).get(short_id(record_id)) if entity is not None else None
                if user is None or entity is None or record is None:
                    continue
                level = self.reach.level(self.oracle.person(user), entity, record)
                rank = LEVELS.index(level)
                yield {
                    "Id": NULL_ID,
                    "UserId": user["Id"],
                    "RecordId": record["Id"],
                    "HasReadAccess": rank >= LEVELS.index("Read"),
                    "HasEditAccess": rank >= LEVELS.index("Edit"),
                    "HasDeleteAccess": rank >= LEVELS.index("Delete"),
                    "HasTransferAccess": rank >= LEVELS.index("Transfer"),
                    "HasAllAccess": rank >= LEVELS.index("All"),
                    "MaxAccessLevel": level,
                }


def _live(gate: Gate) -> bool:
    return gate.strength is Strength.LIVE


def _pinned(query: Query) -> dict[str, list[str]]:
    """The values a query fixes a column to, by lower-case column name."""
    pinned: dict[str, list[str]] = {}
    for test in conjuncts(query.where):
        if test.operator not in {"=", "IN"}:
            continue
        literals = test.right if isinstance(test.right, tuple) else (test.right,)
        values = [str(each.value) for each in literals if isinstance(each, Literal) and each.kind == "string"]
        pinned.setdefault(str(test.left).lower(), []).extend(values)
    return pinned


def _subjects(pinned: dict[str, list[str]], column: str) -> list[tuple[str, str]]:
    """The (thing, user) pairs asked about: by DurableId, which ends with the user, or by both columns."""
    pairs = []
    for durable_id in pinned.get("durableid", []):
        thing, _, user_id = durable_id.rpartition(".")
        pairs.append((thing, user_id))
    pairs += [(thing, user) for thing in pinned.get(column, []) for user in pinned.get("userid", [])]
    return pairs
