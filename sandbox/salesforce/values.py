"""How values compare: what makes two equal, which comes first, and what many make together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import short_id
from sandbox.salesforce.soql import Function, Literal, Ordering, Path, Query

Getter: TypeAlias = Callable[[Any], Any]
Predicate: TypeAlias = Callable[[Any], bool]

NUMBER_FIELD = Field("", "double", {"caseSensitive": False, "filterable": True}, {})
TYPE_WORDS = {"boolean": "boolean", "number": "double", "date": "date", "datetime": "dateTime"}
DATE_PARTS: dict[str, Callable[[str], Any]] = {
    "CALENDAR_YEAR": lambda text: int(text[:4]),
    "CALENDAR_MONTH": lambda text: int(text[5:7]),
    "CALENDAR_QUARTER": lambda text: (int(text[5:7]) + 2) // 3,
    "DAY_IN_MONTH": lambda text: int(text[8:10]),
    "DAY_ONLY": lambda text: text[:10],
    "HOUR_IN_DAY": lambda text: int(text[11:13]),
}
AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
}


def kind_of(field: Field) -> str:
    """How values of a field compare: id, exact, text, number, boolean, date, datetime, multi or any."""
    match field.type:
        case "id" | "reference":
            # A catalogue reference holds a name like Contact.Email, which must not be cut to 15 characters.
            return "exact" if field.name in {"EntityDefinitionId", "FieldDefinitionId"} else "id"
        case "boolean" | "date" | "datetime":
            return field.type
        case "int" | "long" | "double" | "currency" | "percent":
            return "number"
        case "multipicklist":
            return "multi"
        case "anyType" | "complexvalue" | "time":
            return "any"
        case _:
            return "exact" if field.case_sensitive else "text"


def _lower(value: Any) -> str:
    return str(value).lower()


def folding(kind: str) -> Callable[[Any], Any] | None:
    """What makes two spellings of one value equal."""
    if kind in {"text", "multi", "any"}:
        return _lower
    return short_id if kind == "id" else None


def sorted_by(items: list[Any], get: Getter, ordering: Ordering, kind: str) -> list[Any]:
    """A stable sort with nulls on the side asked for."""
    nulls = [item for item in items if get(item) is None]
    present = [item for item in items if get(item) is not None]
    fold = folding(kind) or identity
    present.sort(key=lambda item: fold(get(item)), reverse=ordering.descending)
    return nulls + present if ordering.nulls_first else present + nulls


def joined(operator: str, parts: list[Predicate]) -> Predicate:
    """AND or OR of predicates, with the common case of two kept flat."""
    if len(parts) == 2:
        first, second = parts
        if operator == "AND":
            return lambda row: first(row) and second(row)
        return lambda row: first(row) or second(row)
    if operator == "AND":
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def multi(operator: str, literals: tuple[Literal, ...], get: Getter) -> Predicate:
    """INCLUDES and EXCLUDES: each text is a `;`-joined set that must be there as a whole."""
    wanted = [frozenset(str(each.value).lower().split(";")) for each in literals]

    def includes(row: Any) -> bool:
        value = get(row)
        held = frozenset(str(value).lower().split(";")) if value else frozenset()
        return any(each <= held for each in wanted)

    return includes if operator == "INCLUDES" else (lambda row: not includes(row))


def date_part(get: Getter, extract: Callable[[str], Any]) -> Getter:
    """A reader of a part of a date; null stays null."""
    return lambda row: None if (value := get(row)) is None else extract(value)


def identity(value: Any) -> Any:
    """The value as it is."""
    return value


def never(_row: Any) -> bool:
    """No row at all."""
    return False


def null(_row: Any) -> None:
    """A column that is not there."""


def false(_row: Any) -> bool:
    """A boolean column that is not there."""
    return False


def is_aggregate(what: Path | Function | Query) -> bool:
    """Whether a selected thing is made of many rows."""
    return isinstance(what, Function) and what.name.upper() in AGGREGATES
