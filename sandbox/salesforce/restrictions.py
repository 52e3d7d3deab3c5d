"""What a query may not ask, whatever the rows are (salesforce 2.4 and 2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce.errors import ApiError, at, malformed_query
from sandbox.salesforce.soql import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Negation,
    Path,
    Query,
    comparisons,
    conjuncts,
)
from sandbox.salesforce.values import is_aggregate

if TYPE_CHECKING:
    from sandbox.salesforce.fixture import Entity

MAX_BATCH = 2000
MAX_OFFSET = 2000
MAX_STRING = 4000
MAX_SEMI_JOINS = 2
MAX_RECORD_ACCESS = 200
REIFIED = {
    "FieldDefinition": ("EntityDefinitionId", "DurableId"),
    "EntityParticle": ("EntityDefinitionId", "FieldDefinitionId", "DurableId"),
    "UserFieldAccess": ("DurableId", "FieldDefinitionId", "EntityDefinitionId"),
    "UserEntityAccess": ("DurableId", "EntityDefinitionId"),
}
"""The columns one of which a query of a catalogue object must pin down."""

NO_QUERY_MORE = frozenset({"MetadataComponentDependency", "UserRecordAccess"})
"""The objects beside the catalogue that answer in one batch or not at all."""

ONE_AT_A_TIME = frozenset({"CustomField", "RestrictionRule"})


def check_query(text: str, query: Query, entity: Entity, reified_error: str) -> None:
    """Refuse a query for its shape; `reified_error` is the code for a missing reified filter."""
    if query.offset is not None and query.offset > MAX_OFFSET:
        message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    for test in comparisons(query.where):
        value = test.right
        if isinstance(value, Literal) and value.kind == "string" and len(value.value) > MAX_STRING:
            raise malformed_query(at(text, value.offset, 1, "string literal is too long"))
    check_semi_joins(query, entity)
    if entity.catalogue:
        check_catalogue(query, entity, reified_error)
    if entity.name == "UserRecordAccess":
        check_record_access(query)


def check_semi_joins(query: Query, entity: Entity) -> None:
    """Sub-selects stand at the top of the WHERE clause only, at most two of them."""
    everywhere = [test.right for test in comparisons(query.where) if isinstance(test.right, Query)]
    at_top = [test.right for test in conjuncts(query.where) if isinstance(test.right, Query)]
    if len(everywhere) > len(at_top):
        raise malformed_query(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
            "WHERE expressions."
        )
    if len(at_top) > MAX_SEMI_JOINS:
        raise malformed_query(f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed.")
    for inner in at_top:
        if any(isinstance(deeper.right, Query) for deeper in comparisons(inner.where)):
            raise malformed_query("Nesting of semi join sub-selects is not supported")
        if inner.entity.lower() == entity.name.lower():
            raise malformed_query("The inner and outer selects should not be on the same object type")


def check_catalogue(query: Query, entity: Entity, reified_error: str) -> None:
    """The metadata catalogue is not a database: what it cannot do (salesforce 2.9)."""
    if query.group_by or any(is_aggregate(item.what) for item in query.select):
        raise _unsupported(
            "The requested operation is not yet supported by this SObject storage type, contact "
            "salesforce.com support for more information."
        )
    if _has_disjunction(query.where):
        raise _unsupported("Disjunctions not supported")
    sets = any(test.operator in {"INCLUDES", "EXCLUDES"} for test in comparisons(query.where))
    if sets or _has_negation(query.where):
        raise _unsupported("Unsupported filter type")
    if any(isinstance(each.what, Path) and len(each.what.names) > 1 for each in query.order_by):
        raise _unsupported("Unsupported order by")
    reified = REIFIED.get(entity.name)
    if reified and not any(_pins_down(test, reified) for test in conjuncts(query.where)):
        message = f"{entity.name}: a filter on a reified column is required [{','.join(reified)}]"
        raise ApiError(400, reified_error, message)


def check_record_access(query: Query) -> None:
    """UserRecordAccess answers about named users and records only (salesforce 2.9)."""
    if "recordid" not in {str(item.what).lower() for item in query.select}:
        raise malformed_query("RecordId field must be selected")
    pinned = {
        str(test.left).lower(): test.right for test in conjuncts(query.where) if test.operator in {"=", "IN"}
    }
    if not {"userid", "recordid"} <= pinned.keys():
        raise malformed_query("Both UserId and RecordId must be filtered on UserRecordAccess")
    records = pinned["recordid"]
    if isinstance(records, tuple) and len(records) > MAX_RECORD_ACCESS:
        message = f"Can not query for more than {MAX_RECORD_ACCESS} record ids"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def check_result(query: Query, entity: Entity, count: int) -> None:
    """Refuse a result that is too large: no second batch, or metadata of more than one row (salesforce 2.2)."""
    if count > MAX_BATCH and (entity.catalogue or entity.name in NO_QUERY_MORE):
        raise no_query_more(entity.name)
    selected = {str(item.what).lower() for item in query.select}
    if count > 1 and entity.name in ONE_AT_A_TIME and selected & {"metadata", "fullname"}:
        raise malformed_query(
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify "
            f"no more than one row for retrieval. Result size: {count}"
        )


def no_query_more(name: str) -> ApiError:
    """More rows than one batch where there is no second batch."""
    message = f"{name} does not support queryMore(), use LIMIT to restrict the results to a single batch"
    return ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _unsupported(message: str) -> ApiError:
    """The catalogue's own way of saying no."""
    return ApiError(400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", message)


def _pins_down(test: Comparison, reified: tuple[str, ...]) -> bool:
    """Whether a comparison is the filter the catalogue needs."""
    if test.operator not in {"=", "IN"}:
        return False
    name = str(test.left).lower()
    if name in {column.lower() for column in reified}:
        return True
    return name in {"entitydefinition.qualifiedapiname", "entitydefinition.durableid"}


def _has_disjunction(condition: Condition | None) -> bool:
    match condition:
        case Junction(operator=operator, parts=parts):
            return operator == "OR" or any(_has_disjunction(part) for part in parts)
        case Negation(part=part):
            return _has_disjunction(part)
        case _:
            return False


def _has_negation(condition: Condition | None) -> bool:
    match condition:
        case Negation():
            return True
        case Junction(parts=parts):
            return any(_has_negation(part) for part in parts)
        case _:
            return False
