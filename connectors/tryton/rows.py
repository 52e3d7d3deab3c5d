"""Rows as Tryton sends them, made into rows of our tables.

Booleans are 0 and 1 where the database has no others, and true and false elsewhere. Every function raises KeyError,
TypeError or ValueError for a row that is not what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.tryton import tables as t

Row = Mapping[str, Any]
MALFORMED = (KeyError, TypeError, AttributeError, ValueError)


def model(raw: Row) -> Row:
    """One kind of record."""
    return {"id": number(raw["id"]), "model": name(raw["model"]), "label": text(raw["name"])}


def field(raw: Row) -> Row:
    """One field of a model."""
    return {
        "id": number(raw["id"]),
        "model_id": number(raw["model"]),
        "name": name(raw["name"]),
        "label": text(raw["field_description"]),
        "type": text(raw["ttype"]),
        "relation": text(raw["relation"]),
        "access": flag(raw["access"]),
        "help": text(raw["help"]),
        "in_scope": True,
    }


def group(raw: Row) -> Row:
    """One group."""
    return {
        "id": number(raw["id"]),
        "name": text(raw["name"]),
        "parent": reference(raw["parent"]),
        "active": flag(raw["active"]),
    }


def user(raw: Row) -> Row:
    """One account."""
    return {
        "id": number(raw["id"]),
        "login": text(raw["login"]),
        "name": text(raw["name"]),
        "active": flag(raw["active"]),
        "groups": [number(one) for one in raw["groups"]],
    }


def model_access(raw: Row) -> Row:
    """One row of what a group may do with a model."""
    return {
        "id": number(raw["id"]),
        "model_id": number(raw["model"]),
        "group_id": reference(raw["group"]),
        "read": flag(raw["perm_read"]),
        "write": flag(raw["perm_write"]),
        "create": flag(raw["perm_create"]),
        "delete": flag(raw["perm_delete"]),
        "active": flag(raw["active"]),
    }


def field_access(raw: Row) -> Row:
    """One row of what a group may do with a field."""
    return {
        "id": number(raw["id"]),
        "field_id": number(raw["field"]),
        "group_id": reference(raw["group"]),
        "read": flag(raw["perm_read"]),
        "write": flag(raw["perm_write"]),
        "active": flag(raw["active"]),
    }


def record_rule(raw: Row) -> Row:
    """That there is a group of rules about records, and for whom."""
    return {
        "id": number(raw["id"]),
        "model_id": number(raw["model"]),
        "everybody": flag(raw["global_p"]),
        "by_default": flag(raw["default_p"]),
        "read": flag(raw["perm_read"]),
        "groups": [number(one) for one in raw["groups"]],
    }


MADE: Mapping[str, Callable[[Row], Row]] = {
    t.MODELS: model,
    t.FIELDS: field,
    t.GROUPS: group,
    t.USERS: user,
    t.MODEL_ACCESS: model_access,
    t.FIELD_ACCESS: field_access,
    t.RECORD_RULES: record_rule,
}


def flag(value: object) -> bool:
    """A boolean in either way of writing it; what was never set allows nothing."""
    if value is None:
        return False
    if isinstance(value, bool | int) and value in {0, 1}:
        return bool(value)
    raise ValueError("not a boolean")


def number(value: object) -> int:
    """An id."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not an id")
    if not -1 <= value < 1 << 63:
        raise ValueError("not an id of any database")
    return value


def reference(value: object) -> int | None:
    """An id, or that there is none."""
    return None if value is None else number(value)


def text(value: object) -> str:
    """A text; empty for none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("not a text")
    value.encode()  # half a character can be written in JSON, and kept nowhere
    return value


def name(value: object) -> str:
    """A technical name, which is never empty."""
    found = text(value)
    if not found:
        raise ValueError("no name")
    return found
