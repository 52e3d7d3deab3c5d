"""Every question to Tryton as data, and the allow-list of what may leave: path, method and the shape of its arguments.

`search_read` is for the models below and for the columns named here only, since it serves values. Any model may be
counted by dates and by nothing else, and may be asked for one field of no record at all, which tells whether that
field may be read and serves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.tryton import tables as t

PAGE = 1000
"""Rows of one answer."""

LOGIN, LOGOUT = "common.db.login", "common.db.logout"
VERSION = "common.server.version"
METHODS = "system.listMethods"


@dataclass(frozen=True, slots=True)
class Question:
    """One table to read: its model in Tryton, the columns that are asked for, and what is not known without it."""

    reading: str
    model: str
    columns: tuple[str, ...]
    lost: str

    @property
    def method(self) -> str:
        """The method that reads it."""
        return f"model.{self.model}.search_read"

    @property
    def count(self) -> str:
        """The method that counts its rows."""
        return f"model.{self.model}.search_count"


MODELS = Question(t.MODELS, "ir.model", ("model", "name"), "Which kinds of records there are.")
FIELDS = Question(
    t.FIELDS,
    "ir.model.field",
    ("model", "name", "field_description", "ttype", "relation", "access", "help"),
    "Which fields there are, and which models' rights count for others.",
)
GROUPS = Question(t.GROUPS, "res.group", ("name", "parent", "active"), "What people get through groups.")
USERS = Question(
    t.USERS, "res.user", ("login", "name", "active", "groups"), "Who there is, and in which groups."
)
MODEL_ACCESS = Question(
    t.MODEL_ACCESS,
    "ir.model.access",
    ("model", "group", "perm_read", "perm_write", "perm_create", "perm_delete", "active"),
    "Who may read and change records of a model.",
)
FIELD_ACCESS = Question(
    t.FIELD_ACCESS,
    "ir.model.field.access",
    ("field", "group", "perm_read", "perm_write", "active"),
    "Who may read and change a field.",
)
RECORD_RULES = Question(
    t.RECORD_RULES,
    "ir.rule.group",
    ("model", "global_p", "default_p", "perm_read", "groups"),
    "Whether rules take records away.",
)

QUESTIONS = (MODELS, FIELDS, GROUPS, USERS, MODEL_ACCESS, FIELD_ACCESS, RECORD_RULES)
COLLECTED = (USERS, FIELD_ACCESS)
"""Those that are read once the others are."""
_BY_METHOD = {one.method: one for one in QUESTIONS}

_MODEL = r"[a-z0-9_]+(?:[.-][a-z0-9_]+)*"
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,127}")
_COUNT = re.compile(rf"model\.{_MODEL}\.search_count")
_READ = re.compile(rf"model\.{_MODEL}\.read")
_EVERY_ROW = {"active_test": False}
"""The context in which rows that are switched off are shown too."""


def read_page(question: Question, last: int) -> list[Any]:
    """The arguments of one page of a table: the rows after one, in the order of ids."""
    return [[["id", ">", last]], 0, PAGE, [["id", "ASC"]], list(question.columns), dict(_EVERY_ROW)]


def read_one(question: Question, id_: int) -> list[Any]:
    """The arguments that ask for one row of a table."""
    return [[["id", "=", id_]], 0, 1, [["id", "ASC"]], list(question.columns), dict(_EVERY_ROW)]


def count_of(conditions: Sequence[Any]) -> list[Any]:
    """The arguments of a count."""
    return [list(conditions), dict(_EVERY_ROW)]


def nothing_of(field: str) -> list[Any]:
    """The arguments that ask for one field of no record at all."""
    return [[], [field], {}]


def may_leave(path: str, method: str, params: object, database: str) -> bool:
    """Whether a call is on the allow-list. `path` is what follows the server's address."""
    if path == "/":
        return method == VERSION and params == []
    if path != f"/{database}/" or not isinstance(params, list):
        return False
    if method == LOGIN:
        return len(params) == 2 and isinstance(params[0], str) and _is_password(params[1])
    if method in {LOGOUT, METHODS}:
        return params == []
    if method in _BY_METHOD:
        return _is_page(params, _BY_METHOD[method])
    if _COUNT.fullmatch(method):
        return len(params) == 2 and params[1] == _EVERY_ROW and _are_dates(params[0])
    return (
        _READ.fullmatch(method) is not None
        and len(params) == 3
        and params[0] == []
        and params[2] == {}
        and isinstance(params[1], list)
        and len(params[1]) == 1
        and _is_field(params[1][0])
    )


def _is_password(given: object) -> bool:
    return isinstance(given, dict) and given.keys() == {"password"} and isinstance(given["password"], str)


def _is_page(params: list[Any], question: Question) -> bool:
    match params:
        case [[["id", ">", int(last)]], *_]:
            return not isinstance(last, bool) and params == read_page(question, last)
        case [[["id", "=", int(id_)]], *_]:
            return not isinstance(id_, bool) and params == read_one(question, id_)
        case _:
            return False


def _are_dates(conditions: object) -> bool:
    """Whether conditions only compare dates, ask whether something is set, or whether a record is switched off.

    No other condition may leave: by counting, one could find out any value.
    """
    return isinstance(conditions, list) and all(map(_is_about_dates, conditions))


def _is_about_dates(condition: object) -> bool:
    match condition:
        case ["active", "=", bool()]:
            return True
        case [name, "=" | "!=", None]:
            return _is_field(name)
        case [name, "<", {"__class__": "date" | "datetime", **parts}]:
            return _is_field(name) and all(type(part) is int for part in parts.values())
        case _:
            return False


def _is_field(name: object) -> bool:
    return isinstance(name, str) and _FIELD.fullmatch(name) is not None


def is_model(name: str) -> bool:
    """Whether this may be the name of a model."""
    return re.fullmatch(_MODEL, name) is not None


def is_field(name: str) -> bool:
    """Whether this may be the name of a field."""
    return _is_field(name)
