"""Checking a source against a model: pydantic finds what is wrong, and this says it at its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from crm_audit.config_problems import Problem, did_you_mean, in_words, refusal, shown
from crm_audit.config_schema import node_at, schema_of
from mappings.located import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crm_audit.config_problems import Route
    from crm_audit.config_source import Source

Model = TypeVar("Model", bound=BaseModel)

_MUST_BE = {
    "string_too_short": ("is empty", "Give it a value, or remove it."),
    "string_type": ("must be text", "Put it in quotes."),
    "tuple_type": ("must be a list", "Start each item with “- ”, or write [one, two]."),
    "dict_type": ("must be a mapping", "Write “key: value” lines, or {key: value}."),
    "model_type": ("must be a mapping", "Write “key: value” lines, or {key: value}."),
    "bool_parsing": ("must be true or false", ""),
    "bool_type": ("must be true or false", ""),
}


def validated(source: Source, model: type[Model], context: object = None) -> Model:
    """Turn a source into a model, or raise one ConfigError that lists everything wrong with it."""
    found, problems = _checked(source, model, context)
    if found is None or problems:
        raise refusal(problems)
    return found


def _checked(source: Source, model: type[Model], context: object) -> tuple[Model | None, list[Problem]]:
    """Find everything that is wrong. Apart from raising, so that no traceback keeps what was found where."""
    try:
        found, errors = model.model_validate(source.value, context=context), []
    except ValidationError as error:
        found, errors = None, error.errors(include_url=False)
    schema = schema_of(model)
    return found, [
        *source.problems,
        *(_explained(source, schema, error) for error in _telling(source, schema, errors)),
        *_given_twice(source),
    ]


def _telling(
    source: Source, schema: dict[str, Any], errors: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Leave out errors that only follow from another: a value already complained of, or a misspelt key."""
    follows = set(source.spoilt)
    for error in errors:
        if error["type"] == "extra_forbidden":
            parent, key = error["loc"][:-1], str(error["loc"][-1])
            if meant := nearest(key, node_at(schema, parent).get("properties", ())):
                follows.add((*parent, meant))
    return [error for error in errors if error["loc"] not in follows]


def _explained(source: Source, schema: dict[str, Any], error: Mapping[str, Any]) -> Problem:
    """Say one of pydantic's errors in our words."""
    route: Route = error["loc"]
    kind: str = error["type"]
    is_key = route[-1:] == ("[key]",)  # pydantic's way to say that the key itself is wrong
    route = route[:-1] if is_key else route
    parent, inside = route[:-1], f" in {in_words(route[:-1])}" if route[:-1] else ""
    name = f"“{in_words(route)}”" if route else "The file"
    if kind == "refused":
        sentence = error["ctx"]["sentence"]
        if route and source.where(route) is None:
            sentence = f"{name}: {sentence}"
        return source.problem(route, sentence, error["ctx"]["hint"], key=is_key)
    if kind == "extra_forbidden":
        key = str(route[-1])
        hint = did_you_mean(key, node_at(schema, parent).get("properties", ()))
        return source.problem(route, f"Unknown key {shown(key)}{inside}.", hint, key=True)
    if kind == "missing":
        meaning = node_at(schema, route).get("description", "")
        return source.problem(parent, f"“{route[-1]}” is missing{inside}.", f"{route[-1]}: {meaning}")
    if kind == "literal_error":
        word = str(error["input"])
        hint = did_you_mean(word, node_at(schema, route).get("enum", ()))
        return source.problem(route, f"{name} cannot be {shown(word)}.", hint)
    must_be, hint = _MUST_BE.get(
        kind, (str(error["msg"]).split(",")[0].replace("Input should be", "must be"), "")
    )
    return source.problem(route, f"{name} {must_be}.", hint)


def _given_twice(source: Source) -> Iterator[Problem]:
    """Find names that are given twice. On what was written, as a model may not come about."""
    for section, key in (
        ("targets", "name"),
        ("audiences", "name"),
        ("retention", "id"),
        ("waivers", "id"),
        ("logins", "login"),
    ):
        first: dict[str, Route] = {}
        for route, name in source.texts(section, None, key):
            if first.setdefault(name, route) == route:
                continue
            place = source.where(first[name])
            yield source.problem(
                route,
                f"The {key} {shown(name)} is used twice in {section}.",
                f"It already stands on line {place.line}." if place else "Reports need to tell them apart.",
            )
