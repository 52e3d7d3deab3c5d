"""Reads SOQL text into a tree (salesforce 9); what the tree means is decided in `engine`.

Every name keeps its offset in the text, because the platform's error messages point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from sandbox.salesforce.errors import ApiError, at, malformed_query

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_QUERY = 100_000


@dataclass(frozen=True)
class Path:
    """A column, or a walk through parents to one: `Profile.UserLicense.Name`."""

    names: tuple[str, ...]
    offset: int

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Function:
    """A function call: `COUNT()`, `MAX(CreatedDate)`, `CALENDAR_YEAR(CreatedDate)`."""

    name: str
    argument: Path | Function | None
    offset: int

    def __str__(self) -> str:
        return f"{self.name}({self.argument or ''})"

    @property
    def innermost(self) -> Path | None:
        """The column the call is about in the end."""
        return self.argument.innermost if isinstance(self.argument, Function) else self.argument


@dataclass(frozen=True)
class Literal:
    """A value written in the query; `kind` is string, number, boolean, null, date, datetime or named."""

    kind: str
    value: Any
    offset: int


@dataclass(frozen=True)
class SelectItem:
    """One entry of the SELECT list."""

    what: Path | Function | Query
    alias: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One test: `operator` is one of = != < > <= >= LIKE IN NOT IN INCLUDES EXCLUDES."""

    left: Path | Function
    operator: str
    right: Literal | tuple[Literal, ...] | Query


@dataclass(frozen=True)
class Negation:
    """NOT in front of a condition."""

    part: Condition


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND, or by OR."""

    operator: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Negation | Junction


@dataclass(frozen=True)
class Ordering:
    """One entry of ORDER BY; nulls come first unless the query says otherwise."""

    what: Path | Function
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Query:
    """A whole SELECT."""

    select: tuple[SelectItem, ...]
    entity: str
    entity_offset: int
    alias: str | None = None
    where: Condition | None = None
    group_by: tuple[Path | Function, ...] = ()
    having: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None


def conjuncts(condition: Condition | None) -> Iterator[Comparison]:
    """The comparisons that must all hold, as far as the top of the condition tells."""
    match condition:
        case Comparison():
            yield condition
        case Junction(operator="AND", parts=parts):
            for part in parts:
                yield from conjuncts(part)
        case _:
            return


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Every comparison anywhere in a condition."""
    match condition:
        case Comparison():
            yield condition
        case Junction(parts=parts):
            for part in parts:
                yield from comparisons(part)
        case Negation(part=part):
            yield from comparisons(part)
        case None:
            return


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unquote(text: str) -> str:
    """The value of a string literal."""

    def replaced(match: re.Match[str]) -> str:
        letter = match[1]
        return _ESCAPES.get(letter.lower(), letter)

    return re.sub(r"\\(.)", replaced, text[1:-1], flags=re.DOTALL)


class _Clause:
    """A clause on its way into a Query: which attribute, and its value."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value


class _Build(Transformer[Token, Query]):
    """Turns parse nodes into the tree above; method names are the rule names of the grammar."""

    def query(self, parts: list[Any]) -> Query:
        items = tuple(part for part in parts if isinstance(part, SelectItem))
        name = next(part for part in parts if isinstance(part, Token))
        clauses = {
            part.name: part.value for part in parts if isinstance(part, _Clause) and part.name != "scope"
        }
        return Query(items, str(name), name.start_pos or 0, **clauses)

    def path_item(self, parts: list[Any]) -> SelectItem:
        return SelectItem(parts[0], str(parts[1]) if len(parts) > 1 else None)

    function_item = path_item

    def child_query(self, parts: list[Any]) -> SelectItem:
        return SelectItem(parts[0])

    def path(self, parts: list[Token]) -> Path:
        return Path(tuple(str(part) for part in parts), parts[0].start_pos or 0)

    def function(self, parts: list[Any]) -> Function:
        return Function(str(parts[0]), parts[1], parts[0].start_pos or 0)

    def from_alias(self, parts: list[Token]) -> _Clause:
        return _Clause("alias", str(parts[0]))

    def scope(self, parts: list[Token]) -> _Clause:
        return _Clause("scope", str(parts[0]))

    def where(self, parts: list[Condition]) -> _Clause:
        return _Clause("where", parts[0])

    def having(self, parts: list[Condition]) -> _Clause:
        return _Clause("having", parts[0])

    def group_by(self, parts: list[Path | Function]) -> _Clause:
        return _Clause("group_by", tuple(parts))

    def order_by(self, parts: list[Ordering]) -> _Clause:
        return _Clause("order_by", tuple(parts))

    def ordering(self, parts: list[Any]) -> Ordering:
        words = [str(part).lower() for part in parts[1:]]
        return Ordering(parts[0], "desc" in words, not any(word.endswith("last") for word in words))

    def limit(self, parts: list[Token]) -> _Clause:
        return _Clause("limit", int(parts[0]))

    def offset(self, parts: list[Token]) -> _Clause:
        return _Clause("offset", int(parts[0]))

    def conjunction(self, parts: list[Condition]) -> Junction:
        return Junction("AND", tuple(parts))

    def disjunction(self, parts: list[Condition]) -> Junction:
        return Junction("OR", tuple(parts))

    def negation(self, parts: list[Condition]) -> Negation:
        return Negation(parts[0])

    def compare(self, parts: list[Any]) -> Comparison:
        operator = str(parts[1]).upper()
        return Comparison(parts[0], "!=" if operator == "<>" else operator, parts[2])

    def contained(self, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "IN", parts[1])

    def not_contained(self, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], "NOT IN", parts[1])

    def multi(self, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], str(parts[1]).upper(), parts[2])

    def set(self, parts: list[Literal]) -> tuple[Literal, ...]:
        return tuple(parts)

    def semi_join(self, parts: list[Query]) -> Query:
        return parts[0]

    def string(self, parts: list[Token]) -> Literal:
        return Literal("string", _unquote(parts[0]), parts[0].start_pos or 0)

    def datetime(self, parts: list[Token]) -> Literal:
        return Literal("datetime", str(parts[0]), parts[0].start_pos or 0)

    def date(self, parts: list[Token]) -> Literal:
        return Literal("date", str(parts[0]), parts[0].start_pos or 0)

    def number(self, parts: list[Token]) -> Literal:
        text = str(parts[0])
        return Literal("number", float(text) if "." in text else int(text), parts[0].start_pos or 0)

    def null(self, _parts: list[Token]) -> Literal:
        return Literal("null", None, 0)

    def boolean(self, parts: list[Token]) -> Literal:
        return Literal("boolean", parts[0].lower() == "true", parts[0].start_pos or 0)

    def named_date(self, parts: list[Any]) -> Literal:
        count = int(parts[1]) if parts[1] is not None else None
        return Literal("named", (str(parts[0]).upper(), count), parts[0].start_pos or 0)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """The parser, made when the first query arrives."""
    grammar = FilePath(__file__).with_suffix(".lark").read_text(encoding="utf-8")
    return Lark(grammar, start="query", parser="lalr", maybe_placeholders=True, transformer=_Build())


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """The query a text means, or MALFORMED_QUERY with a caret under the word that does not fit."""
    if len(text) > MAX_QUERY:
        raise malformed_query("SOQL statements cannot be longer than 100000 characters.")
    try:
        parsed = _parser().parse(text)
    except UnexpectedToken as problem:
        raise _unexpected(text, problem.token) from None
    except UnexpectedCharacters as problem:
        offset = problem.pos_in_stream or 0
        raise malformed_query(
            at(text, offset, 1, f"unexpected token: '{text[offset : offset + 1]}'")
        ) from None
    except UnexpectedInput:
        raise malformed_query(at(text, len(text), 1, "unexpected token: '<EOF>'")) from None
    return cast("Query", parsed)


def _unexpected(text: str, token: Token) -> ApiError:
    """The message for a word in the wrong place."""
    if token.type == "$END":
        return malformed_query(at(text, len(text), 1, "unexpected token: '<EOF>'"))
    return malformed_query(at(text, token.start_pos or 0, len(token), f"unexpected token: '{token}'"))
