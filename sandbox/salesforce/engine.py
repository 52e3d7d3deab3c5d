"""Runs a parsed query over the served tables, and refuses what the platform refuses (salesforce 2.2 to 2.9).

A query is compiled once into small functions over rows; running it is then one pass over the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sandbox.salesforce.dates import Span, named_span
from sandbox.salesforce.errors import (
    ApiError,
    at,
    invalid_field,
    invalid_relationship,
    invalid_type,
    malformed_query,
)
from sandbox.salesforce.fixture import Entity, Row, canonical_datetime
from sandbox.salesforce.ids import short_id
from sandbox.salesforce.restrictions import MAX_BATCH, check_query, check_result, no_query_more
from sandbox.salesforce.soql import (
    Comparison,
    Condition,
    Function,
    Junction,
    Literal,
    Negation,
    Path,
    Query,
    SelectItem,
    comparisons,
    parse,
)
from sandbox.salesforce.values import (
    AGGREGATES,
    DATE_PARTS,
    NUMBER_FIELD,
    TYPE_WORDS,
    Getter,
    Predicate,
    date_part,
    false,
    folding,
    identity,
    is_aggregate,
    joined,
    kind_of,
    multi,
    never,
    null,
    sorted_by,
)

if TYPE_CHECKING:
    from sandbox.salesforce.derived import ServedTables
    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.visibility import Visibility

SMALL_BATCHES = {"OauthToken": 500}

Lookup: TypeAlias = Callable[[Row], "tuple[int, Row] | None"]


class AccessRows(Protocol):
    """Whoever can work out UserFieldAccess and its kin for the literals of a query."""

    def rows(self, entity: Entity, query: Query) -> list[Row]:
        """The rows the conditions of the query ask about."""


@dataclass(frozen=True)
class Result:
    """The answer to a query: rows still to be rendered, page by page."""

    entity: Entity
    total: int
    rows: Sequence[Any]
    render: Callable[[Any], dict[str, Any]]
    max_batch: int = MAX_BATCH


@dataclass(frozen=True)
class _Column:
    """A resolved column: how to read it, and what it is."""

    get: Getter
    field: Field
    entity: Entity


class Engine:
    """Answers queries for one user, version and endpoint."""

    def __init__(self, served: ServedTables, visibility: Visibility, access: AccessRows) -> None:
        self.served = served
        self.visibility = visibility
        self.access = access
        self.org = served.org

    def run(self, text: str, *, all_rows: bool = False) -> Result:
        """The result of a query text; `all_rows` is what queryAll adds."""
        return _Run(self, text, all_rows=all_rows).run()

    def children_by_parent(self, entity: Entity, column: str, *, all_rows: bool) -> dict[str, list[Row]]:
        """The rows of a child object, grouped by the parent they point at."""
        place = entity.positions[column.lower()]
        grouped: dict[str, list[Row]] = {}
        for row in self.visible_rows(entity, self.served.table(entity.name).rows, all_rows=all_rows):
            if row[place] is not None:
                grouped.setdefault(short_id(row[place]), []).append(row)
        return grouped

    def visible_rows(self, entity: Entity, rows: list[Row], *, all_rows: bool) -> list[Row]:
        """The rows this user gets: own ones only perhaps, deleted and archived ones only through queryAll."""
        allowed = self.visibility.row_filter(entity)
        if allowed is not None:
            rows = [row for row in rows if allowed(row)]
        if not all_rows:
            for flag in ("isdeleted", "isarchived"):
                place = entity.positions.get(flag)
                if place is not None:
                    rows = [row for row in rows if not row[place]]
            if (
                entity.name == "PermissionSetAssignment"
                and self.org.behaviour.expired_assignments == "hidden"
            ):
                rows = [row for row in rows if not self._lapsed(entity, row)]
        return rows

    def _lapsed(self, entity: Entity, row: Row) -> bool:
        """Whether an assignment has ended, and so counts as deleted (behaviour `expired_assignments`)."""
        expires = row[entity.positions["expirationdate"]]
        now = canonical_datetime(self.org.now.isoformat())
        return not row[entity.positions["isactive"]] or (expires is not None and expires <= now)


class _Run:
    """One query on its way from text to rows."""

    def __init__(self, engine: Engine, text: str, *, all_rows: bool) -> None:
        self.engine = engine
        self.visibility = engine.visibility
        self.served = engine.served
        self.org = engine.org
        self.text = text
        self.all_rows = all_rows

    def run(self) -> Result:
        """Compile and execute."""
        query = parse(self.text)
        entity = self.entity(query)
        self.check(query, entity)
        rows = self.matching(query, entity)
        extra = self.org.behaviour.hidden_totals.get(entity.name, 0)
        if self.is_plain_count(query):
            count = len(rows) if query.limit is None else min(len(rows), query.limit)
            return Result(entity, count + extra, [], _nothing)
        if query.group_by or any(is_aggregate(item.what) for item in query.select):
            groups = self.aggregated(query, entity, rows)
            if len(groups) > MAX_BATCH:
                raise no_query_more("Aggregate query")
            return Result(entity, len(groups), groups, _as_is)
        rows = self.window(query, self.ordered(query, entity, rows))
        check_result(query, entity, len(rows))
        batch = SMALL_BATCHES.get(entity.name, MAX_BATCH)
        return Result(
            entity, len(rows) + extra, rows, self.renderer(query.select, entity, query.alias), batch
        )

    # --- what may be asked ----------------------------------------------------------------------------------

    def entity(self, query: Query) -> Entity:
        """The object of the FROM clause, if this user sees one of that name."""
        entity = self.visibility.entity(query.entity)
        if entity is None:
            raise invalid_type(self.text, query.entity_offset, query.entity)
        return entity

    def check(self, query: Query, entity: Entity) -> None:
        """Refuse what no query may ask."""
        check_query(self.text, query, entity, self.org.behaviour.reified_error)

    # --- rows -----------------------------------------------------------------------------------------------

    def matching(self, query: Query, entity: Entity) -> list[Row]:
        """The visible rows that pass the WHERE clause."""
        if entity.name in {"UserFieldAccess", "UserEntityAccess", "UserRecordAccess"}:
            rows = self.engine.access.rows(entity, query)
        else:
            rows = self.engine.visible_rows(
                entity, self.served.table(entity.name).rows, all_rows=self.all_rows
            )
        rows = self.without_muting(query, entity, rows)
        if query.where is None:
            return rows
        test = self.condition(query.where, entity, query.alias)
        return [row for row in rows if test(row)]

    def without_muting(self, query: Query, entity: Entity, rows: list[Row]) -> list[Row]:
        """Muting rows may stay out of sight until a query names ParentId (behaviour `muting_rows`)."""
        if self.org.behaviour.muting_rows != "filtered" or entity.name not in {
            "FieldPermissions",
            "ObjectPermissions",
        }:
            return rows
        if any(str(test.left).lower() == "parentid" for test in comparisons(query.where)):
            return rows
        place = entity.positions["parentid"]
        return [row for row in rows if not str(row[place]).startswith("0QM")]

    def ordered(self, query: Query, entity: Entity, rows: list[Row]) -> list[Row]:
        """The rows in the order asked for; table order otherwise."""
        for ordering in reversed(query.order_by):
            if isinstance(ordering.what, Function):
                raise malformed_query(at(self.text, ordering.what.offset, 1, "unexpected token: '('"))
            column = self.column(ordering.what, entity, query.alias)
            if not column.field.described["sortable"]:
                message = f"field '{ordering.what}' can not be sorted in a query call"
                raise ApiError(400, "MALFORMED_QUERY", at(self.text, ordering.what.offset, 1, message))
            rows = sorted_by(rows, column.get, ordering, kind_of(column.field))
        return rows

    def window(self, query: Query, rows: list[Row]) -> list[Row]:
        """LIMIT and OFFSET."""
        start = query.offset or 0
        return rows if query.limit is None and not start else rows[start:][: query.limit]

    # --- columns --------------------------------------------------------------------------------------------

    def column(self, path: Path, entity: Entity, alias: str | None) -> _Column:
        """The column a path leads to."""
        names = _without_prefix(path.names, entity, alias)
        return self.walk(names, entity, path)

    def walk(self, names: tuple[str, ...], entity: Entity, path: Path) -> _Column:
        """Follow parents to the last name, which is a column."""
        if len(names) == 1:
            place = entity.positions.get(names[0].lower())
            if place is None or not self.visibility.sees_field(entity, entity.fields[place]):
                raise invalid_field(self.text, path.offset, names[0], entity.name)
            return _Column(itemgetter(place), entity.fields[place], entity)
        lookup, targets = self.parent(names[0], entity, path)
        first = self.walk(names[1:], targets[0], path)
        getters: list[Getter] = [first.get]
        for target in targets[1:]:
            try:
                getters.append(self.walk(names[1:], target, path).get)
            except ApiError:
                # The column is only known to the first kind of parent; a row of another kind reads null.
                getters.append(false if first.field.type == "boolean" else null)

        def get(row: Row) -> Any:
            found = lookup(row)
            return None if found is None else getters[found[0]](found[1])

        return _Column(get, first.field, first.entity)

    def parent(self, relationship: str, entity: Entity, path: Path) -> tuple[Lookup, list[Entity]]:
        """A way from a row to its parent, and the kinds of parent there are."""
        place = entity.relationships.get(relationship.lower())
        if place is None or not self.visibility.sees_field(entity, entity.fields[place]):
            raise invalid_relationship(self.text, path.offset, relationship)
        column = entity.fields[place]
        targets = [seen for name in column.reference_to if (seen := self.visibility.entity(name)) is not None]
        if not targets:
            raise invalid_relationship(self.text, path.offset, relationship)
        tables = [self.served.table(target.name) for target in targets]
        nulls: frozenset[str] = frozenset()
        if entity.name in {"FieldPermissions", "ObjectPermissions"} and column.name == "ParentId":
            nulls = frozenset(self.org.behaviour.null_parents)

        def lookup(row: Row) -> tuple[int, Row] | None:
            key = row[place]
            if key is None or (nulls and short_id(key) in nulls):
                return None
            for kind, table in enumerate(tables):
                found = table.get(key)
                if found is not None:
                    return kind, found
            return None

        return lookup, targets

    # --- conditions -----------------------------------------------------------------------------------------

    def condition(self, condition: Condition, entity: Entity, alias: str | None) -> Predicate:
        """A condition as a function of a row."""
        match condition:
            case Negation(part=part):
                inner = self.condition(part, entity, alias)
                return lambda row: not inner(row)
            case Junction(operator=operator, parts=parts):
                return joined(operator, [self.condition(part, entity, alias) for part in parts])
            case Comparison(left=left, right=right):
                column = self.operand(left, entity, alias)
                if isinstance(right, Query):
                    return self.semi_join(condition, right, column)
                return self.comparison(condition, column)

    def operand(self, operand: Path | Function, entity: Entity, alias: str | None) -> _Column:
        """The left side of a comparison; a date function makes a number of a column."""
        if isinstance(operand, Path):
            column = self.column(operand, entity, alias)
            if not column.field.described["filterable"]:
                message = f"field '{operand.names[-1]}' can not be filtered in a query call"
                raise ApiError(400, "INVALID_FIELD", at(self.text, operand.offset, 1, message))
            return column
        inner = operand.innermost
        extract = DATE_PARTS.get(operand.name.upper())
        if extract is None or inner is None:
            raise malformed_query(
                at(self.text, operand.offset, len(operand.name), f"Invalid function: {operand.name}")
            )
        column = self.column(inner, entity, alias)
        return _Column(date_part(column.get, extract), NUMBER_FIELD, column.entity)

    def semi_join(self, test: Comparison, inner: Query, column: _Column) -> Predicate:
        """`X IN (SELECT Y FROM …)`: the inner rows become a set of ids."""
        if test.operator not in {"IN", "NOT IN"}:
            raise malformed_query("semi join sub-selects need IN or NOT IN")
        entity = self.entity(inner)
        self.check(inner, entity)
        item = inner.select[0]
        if len(inner.select) != 1 or not isinstance(item.what, Path):
            raise malformed_query(
                "The inner select of a semi join must select exactly one ID or reference field"
            )
        selected = self.column(item.what, entity, inner.alias)
        if selected.field.type not in {"id", "reference"}:
            raise malformed_query(f"The inner select field '{item.what}' must be an ID or reference field")
        rows = self.window(inner, self.ordered(inner, entity, self.matching(inner, entity)))
        found = {short_id(value) for row in rows if (value := selected.get(row)) is not None}
        get = column.get
        if test.operator == "IN":
            return lambda row: (value := get(row)) is not None and short_id(value) in found
        return lambda row: (value := get(row)) is None or short_id(value) not in found

    def comparison(self, test: Comparison, column: _Column) -> Predicate:
        """One comparison with values, by the kind of column it is about."""
        right = test.right if isinstance(test.right, tuple) else (test.right,)
        values = tuple(each for each in right if isinstance(each, Literal))
        kind = kind_of(column.field)
        self.check_operator(test, column, kind)
        operator = test.operator
        if operator == "LIKE":
            return self.like(values[0], column)
        if operator in {"INCLUDES", "EXCLUDES"}:
            return multi(operator, values, column.get)
        if operator in {"=", "IN"} or operator in {"!=", "NOT IN"}:
            equal = self.equal(values, column, kind)
            return equal if operator in {"=", "IN"} else (lambda row: not equal(row))
        return self.ordered_comparison(operator, values[0], column, kind)

    def check_operator(self, test: Comparison, column: _Column, kind: str) -> None:
        """Operators that the type of the field does not have."""
        less_or_more = test.operator in {"<", ">", "<=", ">="}
        bad = (
            (test.operator == "LIKE" and kind not in {"text", "exact"})
            or (test.operator in {"INCLUDES", "EXCLUDES"} and kind != "multi")
            or (less_or_more and kind in {"boolean", "multi"})
        )
        if bad:
            where = test.left.offset
            message = at(self.text, where, 1, f"invalid operator on {column.field.type} field")
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", message)

    def equal(self, literals: tuple[Literal, ...], column: _Column, kind: str) -> Predicate:
        """Equality with any of the values."""
        get = column.get
        wants_null = any(each.kind == "null" or each.value == "" for each in literals)
        spans: list[tuple[str, str]] = []
        wanted: set[Any] = set()
        for each in literals:
            if each.kind == "null":
                continue
            value = self.value(each, column, kind)
            if isinstance(value, Span):
                spans.append(value.bounds(with_time=kind == "datetime"))
            else:
                wanted.update(self.spellings(value, column))
        fold = folding(kind)
        if spans:
            return lambda row: (
                (v := get(row)) is not None and (v in wanted or any(start <= v < end for start, end in spans))
            )
        if fold is None:
            if wants_null:
                return lambda row: (v := get(row)) is None or v in wanted
            return lambda row: get(row) in wanted
        folded = {fold(value) for value in wanted}
        return lambda row: wants_null if (v := get(row)) is None else fold(v) in folded

    def spellings(self, value: Any, column: _Column) -> tuple[Any, ...]:
        """A lookup's row also answers to `Contact.Account` for `Contact.AccountId` (salesforce 3.2)."""
        if (
            column.entity.name == "FieldPermissions"
            and column.field.name == "Field"
            and self.visibility.version >= 50
        ):
            return (value, f"{value}Id")
        return (value,)

    def ordered_comparison(self, operator: str, literal: Literal, column: _Column, kind: str) -> Predicate:
        """`<`, `>`, `<=` and `>=`; null is never less nor more."""
        get = column.get
        if literal.kind == "null":
            return never
        value = self.value(literal, column, kind)
        if isinstance(value, Span):
            start, end = value.bounds(with_time=kind == "datetime")
            value, operator = {"<": (start, "<"), ">": (end, ">="), "<=": (end, "<"), ">=": (start, ">=")}[
                operator
            ]
        fold = folding(kind) or identity
        bound = fold(value)
        match operator:
            case "<":
                return lambda row: (v := get(row)) is not None and fold(v) < bound
            case ">":
                return lambda row: (v := get(row)) is not None and fold(v) > bound
            case "<=":
                return lambda row: (v := get(row)) is not None and fold(v) <= bound
            case _:
                return lambda row: (v := get(row)) is not None and fold(v) >= bound

    def like(self, literal: Literal, column: _Column) -> Predicate:
        """`%` is any text, `_` any one character; case does not matter."""
        if literal.kind != "string":
            raise self.wrong_type(literal, column, "string")
        pattern = "".join(
            ".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in literal.value
        )
        matches = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
        get = column.get
        return lambda row: (v := get(row)) is not None and matches(str(v)) is not None

    def value(self, literal: Literal, column: _Column, kind: str) -> Any:
        """The value of a literal for a column of some kind, or the complaint that it has the wrong type."""
        match kind, literal.kind:
            case ("text" | "exact" | "multi" | "id" | "any", "string"):
                return literal.value
            case ("boolean", "boolean") | ("number", "number") | ("date", "date"):
                return literal.value
            case ("any", _):
                return literal.value
            case ("datetime", "datetime"):
                try:
                    return canonical_datetime(literal.value)
                except ValueError:
                    message = at(
                        self.text, literal.offset, len(literal.value), f"invalid date: {literal.value}"
                    )
                    raise malformed_query(message) from None
            case ("date" | "datetime", "named"):
                name, count = literal.value
                span = named_span(name, count, self.org.now.date())
                if span is None:
                    raise malformed_query(
                        at(self.text, literal.offset, len(name), f"unexpected token: '{name}'")
                    )
                return span
            case _:
                raise self.misplaced(literal, column, kind)

    def misplaced(self, literal: Literal, column: _Column, kind: str) -> ApiError:
        """A literal that the type of the column cannot be compared with."""
        if literal.kind == "named":
            return malformed_query(
                at(self.text, literal.offset, 1, f"unexpected token: '{literal.value[0]}'")
            )
        return self.wrong_type(literal, column, TYPE_WORDS.get(kind, "string"))

    def wrong_type(self, literal: Literal, column: _Column, expected: str) -> ApiError:
        """A text where a number should be, or the other way round."""
        quotes = (
            "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
        )
        criterion = f"value of filter criterion for field '{column.field.name}'"
        message = f"{criterion} must be of type {expected} and {quotes}"
        return ApiError(400, "INVALID_FIELD", at(self.text, literal.offset, 1, message))

    # --- aggregates -----------------------------------------------------------------------------------------

    def is_plain_count(self, query: Query) -> bool:
        """`SELECT COUNT() FROM …`, which answers with totalSize alone."""
        match query.select:
            case (SelectItem(what=Function(name=name, argument=None)),):
                return name.upper() == "COUNT" and not query.group_by
            case _:
                return False

    def aggregated(self, query: Query, entity: Entity, rows: list[Row]) -> list[dict[str, Any]]:
        """One AggregateResult per group."""
        keys = [self.grouping(each, entity, query.alias) for each in query.group_by]
        groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): rows}
        if keys:
            for row in rows:
                groups.setdefault(tuple(key(row) for key in keys), []).append(row)
        grouped = {str(each).lower(): place for place, each in enumerate(query.group_by)}
        results = list(groups.items())
        if query.having is not None:
            passes = self.having(query.having, entity, query.alias, grouped)
            results = [group for group in results if passes(group)]
        for ordering in reversed(query.order_by):
            value, kind = self.group_value(ordering.what, entity, query.alias, grouped)
            results = sorted_by(results, value, ordering, kind)
        names: list[str] = []
        getters: list[Getter] = []
        for item in query.select:
            if isinstance(item.what, Query):
                raise malformed_query("Sub-selects cannot be combined with aggregates")
            names.append(item.alias or self.result_name(item.what, names))
            getters.append(self.group_value(item.what, entity, query.alias, grouped)[0])
        start = query.offset or 0
        return [
            {"attributes": {"type": "AggregateResult"}}
            | {name: get(group) for name, get in zip(names, getters, strict=True)}
            for group in results[start:][: query.limit]
        ]

    def result_name(self, what: Path | Function, names: list[str]) -> str:
        """An unnamed aggregate is `expr0`, `expr1` …; a grouped column keeps its name."""
        if isinstance(what, Path):
            return what.names[-1]
        return f"expr{sum(name.startswith('expr') for name in names)}"

    def grouping(self, what: Path | Function, entity: Entity, alias: str | None) -> Getter:
        """What rows are grouped by."""
        path = what if isinstance(what, Path) else what.innermost
        if path is None:
            raise malformed_query(at(self.text, what.offset, 1, "Invalid grouping"))
        column = self.column(path, entity, alias)
        if isinstance(what, Path):
            if not column.field.described["groupable"]:
                message = f"field '{path}' can not be grouped in a query call"
                raise malformed_query(at(self.text, what.offset, 1, message))
            return column.get
        extract = DATE_PARTS.get(what.name.upper())
        if extract is None:
            raise malformed_query(
                at(self.text, what.offset, len(what.name), f"Invalid function: {what.name}")
            )
        return date_part(column.get, extract)

    def group_value(
        self, what: Path | Function, entity: Entity, alias: str | None, grouped: dict[str, int]
    ) -> tuple[Getter, str]:
        """A value of a whole group: a key it is grouped by, or an aggregate of its rows."""
        place = grouped.get(str(what).lower())
        if place is not None:
            kind = kind_of(self.column(what, entity, alias).field) if isinstance(what, Path) else "number"
            return (lambda group: group[0][place]), kind
        if not isinstance(what, Function) or what.name.upper() not in AGGREGATES:
            if isinstance(what, Path):
                self.column(what, entity, alias)
            raise malformed_query(
                at(self.text, what.offset, 1, f"Field must be grouped or aggregated: {what}")
            )
        name = what.name.upper()
        if what.argument is None:
            return (lambda group: len(group[1])), "number"
        if not isinstance(what.argument, Path):
            raise malformed_query(at(self.text, what.offset, 1, f"Invalid aggregate: {what}"))
        column = self.column(what.argument, entity, alias)
        refused = not column.field.described["aggregatable"] or entity.name == "SetupAuditTrail"
        if refused or (name in {"SUM", "AVG"} and kind_of(column.field) != "number"):
            message = f"field {what.argument} does not support aggregate operator {name}"
            raise malformed_query(at(self.text, what.offset, 1, message))
        fold = AGGREGATES[name]
        get = column.get
        kind = "number" if name not in {"MIN", "MAX"} else kind_of(column.field)
        return (lambda group: fold([v for row in group[1] if (v := get(row)) is not None])), kind

    def having(
        self, condition: Condition, entity: Entity, alias: str | None, grouped: dict[str, int]
    ) -> Predicate:
        """HAVING: conditions on the values of groups."""
        match condition:
            case Negation(part=part):
                inner = self.having(part, entity, alias, grouped)
                return lambda group: not inner(group)
            case Junction(operator=operator, parts=parts):
                return joined(operator, [self.having(part, entity, alias, grouped) for part in parts])
            case Comparison(left=left):
                get, kind = self.group_value(left, entity, alias, grouped)
                field = NUMBER_FIELD
                path = left if isinstance(left, Path) else left.innermost
                if kind != "number" and path is not None:
                    field = self.column(path, entity, alias).field
                return self.comparison(condition, _Column(get, field, entity))

    # --- rendering ------------------------------------------------------------------------------------------

    def renderer(
        self, select: Iterable[SelectItem], entity: Entity, alias: str | None
    ) -> Callable[[Row], dict[str, Any]]:
        """A function from a row to the record the API shows, parents and children nested."""
        columns: dict[str, Getter] = {}
        parents: dict[str, list[tuple[tuple[str, ...], Path]]] = {}
        spelled: dict[str, str] = {}
        order: list[tuple[str, str]] = []
        children: dict[str, Getter] = {}
        for item in select:
            match item.what:
                case Query() as inner:
                    name, get = self.children(inner, entity)
                    children[name] = get
                    order.append(("child", name))
                case Function() as function:
                    for name, get in self.selected_function(function, item.alias, entity, alias):
                        columns[name] = get
                        order.append(("column", name))
                case Path() as path:
                    names = _without_prefix(path.names, entity, alias)
                    if len(names) == 1:
                        column = self.walk(names, entity, path)
                        columns[column.field.name] = column.get
                        order.append(("column", column.field.name))
                    else:
                        if names[0].lower() not in parents:
                            order.append(("parent", names[0].lower()))
                            spelled[names[0].lower()] = names[0]
                        parents.setdefault(names[0].lower(), []).append((names[1:], path))
        getters: list[tuple[str, Getter]] = []
        for kind, name in dict.fromkeys(order):
            if kind == "column":
                getters.append((name, columns[name]))
            elif kind == "child":
                getters.append((name, children[name]))
            else:
                getters.append(self.parent_renderer(spelled[name], parents[name], entity))
        attributes = self.attributes(entity)

        def render(row: Row) -> dict[str, Any]:
            record: dict[str, Any] = {"attributes": attributes(row)}
            for name, get in getters:
                record[name] = get(row)
            return record

        return render

    def parent_renderer(
        self, relationship: str, wanted: list[tuple[tuple[str, ...], Path]], entity: Entity
    ) -> tuple[str, Getter]:
        """The nested record of a parent; null when there is none."""
        path = wanted[0][1]
        lookup, targets = self.parent(relationship, entity, path)
        renderers = []
        for kind, target in enumerate(targets):
            items = [SelectItem(Path(names, path.offset)) for names, path in wanted]
            if kind:
                # Only the first kind of parent is sure to know every selected column.
                items = [item for item in items if self.knows(item, target)]
            renderers.append(self.renderer(items, target, None))

        def get(row: Row) -> Any:
            found = lookup(row)
            return None if found is None else renderers[found[0]](found[1])

        name = entity.fields[entity.relationships[relationship.lower()]].relationship
        return name or relationship, get

    def knows(self, item: SelectItem, entity: Entity) -> bool:
        """Whether an object has the column an item selects."""
        try:
            if isinstance(item.what, Path):
                self.walk(item.what.names, entity, item.what)
        except ApiError:
            return False
        return True

    def children(self, inner: Query, entity: Entity) -> tuple[str, Getter]:
        """A child sub-query: the rows that point at each parent."""
        child = next(
            (
                c
                for c in self.org.children.get(entity.name, ())
                if c.relationship.lower() == inner.entity.lower()
            ),
            None,
        )
        below = self.visibility.entity(child.entity) if child else None
        if child is None or below is None:
            message = f"Didn't understand relationship '{inner.entity}' in FROM part of query call."
            raise ApiError(
                400, "INVALID_TYPE", at(self.text, inner.entity_offset, len(inner.entity), message)
            )
        if any(isinstance(item.what, Query) for item in inner.select):
            raise malformed_query("Sub-selects cannot be nested")
        test = self.condition(inner.where, below, inner.alias) if inner.where is not None else None
        render = self.renderer(inner.select, below, inner.alias)
        grouped = self.engine.children_by_parent(below, child.field, all_rows=self.all_rows)
        key = entity.positions[entity.key_column.lower()]

        def get(row: Row) -> Any:
            rows = grouped.get(short_id(row[key]) if row[key] else "", [])
            if test is not None:
                rows = [each for each in rows if test(each)]
            rows = self.window(inner, self.ordered(inner, below, rows))
            if not rows:
                return None
            return {"totalSize": len(rows), "done": True, "records": [render(each) for each in rows]}

        return child.relationship, get

    def selected_function(
        self, function: Function, alias_name: str | None, entity: Entity, alias: str | None
    ) -> list[tuple[str, Getter]]:
        """`FIELDS(…)` and the formatting functions, which show the plain value here."""
        name = function.name.upper()
        path = function.innermost
        if name == "FIELDS" and path is not None and path.names[0].upper() in {"ALL", "STANDARD", "CUSTOM"}:
            which = path.names[0].upper()
            shown = [
                column
                for column in self.visibility.fields(entity)
                if which == "ALL" or column.custom == (which == "CUSTOM")
            ]
            if which != "STANDARD":
                limit = parse(self.text).limit
                if limit is None or limit > 200:
                    raise malformed_query("The SOQL FIELDS function must have a LIMIT of at most 200")
            return [(column.name, itemgetter(entity.positions[column.name.lower()])) for column in shown]
        if name in {"TOLABEL", "FORMAT", "CONVERTCURRENCY"} and path is not None:
            column = self.column(path, entity, alias)
            return [(alias_name or column.field.name, column.get)]
        raise malformed_query(
            at(self.text, function.offset, len(function.name), f"Invalid function: {function.name}")
        )

    def attributes(self, entity: Entity) -> Callable[[Row], dict[str, str]]:
        """The `attributes` of a record: its type and its address."""
        base = f"{self.visibility.base_path}/sobjects"
        key = entity.positions["id"]
        name = entity.name
        return lambda row: {"type": name, "url": f"{base}/{name}/{row[key]}"}


def _without_prefix(names: tuple[str, ...], entity: Entity, alias: str | None) -> tuple[str, ...]:
    """A path may begin with the alias or the name of the object it starts from."""
    if len(names) > 1:
        first = names[0].lower()
        own_name = first == entity.name.lower() and first not in entity.relationships
        if own_name or (alias is not None and first == alias.lower()):
            return names[1:]
    return names


def _nothing(_row: Any) -> dict[str, Any]:
    return {}


def _as_is(row: dict[str, Any]) -> dict[str, Any]:
    return row
