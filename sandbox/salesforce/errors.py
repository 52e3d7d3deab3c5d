"""How a Salesforce server says no: one exception that knows its status, code and message (salesforce 2.2)."""

from __future__ import annotations

SUFFIX_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."


class ApiError(Exception):
    """A refusal the client sees as a JSON array of one error object."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> list[dict[str, str]]:
        """The error array, as every REST resource except the token endpoint answers it."""
        return [{"message": self.message, "errorCode": self.code}]


def malformed_query(message: str) -> ApiError:
    """A query the server cannot make sense of."""
    return ApiError(400, "MALFORMED_QUERY", message)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """A path, object or record that is not there, or not there for this user."""
    return ApiError(404, "NOT_FOUND", message)


def at(text: str, offset: int, length: int, explanation: str) -> str:
    """The platform's way of pointing into a query: a fragment, a caret, the position, the explanation."""
    before = text[:offset]
    row = before.count("\n") + 1
    line_start = before.rfind("\n") + 1
    line_end = text.find("\n", offset)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    column = offset - line_start
    left = max(0, column - 40)
    fragment = line[left : column + length + 30]
    return f"\n{fragment}\n{' ' * (column - left)}^\nERROR at Row:{row}:Column:{column + 1}\n{explanation}"


def invalid_type(text: str, offset: int, name: str) -> ApiError:
    """The object does not exist, or the connected user may not see it: the platform makes no difference."""
    explanation = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        f"append the '__c' after the entity name. {SUFFIX_ADVICE}"
    )
    return ApiError(400, "INVALID_TYPE", at(text, offset, len(name), explanation))


def invalid_field(text: str, offset: int, name: str, entity: str) -> ApiError:
    """The column does not exist in this version, or field-level security hides it."""
    explanation = (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
        f"to append the '__c' after the custom field name. {SUFFIX_ADVICE}"
    )
    return ApiError(400, "INVALID_FIELD", at(text, offset, len(name), explanation))


def invalid_relationship(text: str, offset: int, name: str) -> ApiError:
    """A dotted path walks through a relationship that is not there."""
    explanation = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
        f"relationship, be sure to append the '__r' after the custom relationship name. {SUFFIX_ADVICE}"
    )
    return ApiError(400, "INVALID_FIELD", at(text, offset, len(name), explanation))
