"""What is published about the configuration file: its JSON Schema, and a table of every key.

`crm-audit config schema` prints the schema, `make docs` writes the table.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from crm_audit.config_entries import ConfigurationFile, SecretEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from crm_audit.config_problems import Route

Node = dict[str, Any]


def json_schema() -> Node:
    """Publish the JSON Schema of a configuration file, for editors and for whoever generates one."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema_of(ConfigurationFile),
        "title": "crm-audit configuration, version 1",
    }


@cache
def schema_of(model: type[BaseModel]) -> Node:
    """Describe a model as its file is written."""
    schema: Node = _as_written(model.model_json_schema())
    return schema


def _as_written(node: Any) -> Any:
    """Drop what pydantic adds for Python's sake: titles made of names, null where a key may be left out."""
    if isinstance(node, list):
        return [_as_written(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _as_written(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept


def node_at(schema: Node, route: Route) -> Node:
    """Return what a schema says about the value at a route."""
    node = schema
    for step in route:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = _resolved(inner or node.get("additionalProperties") or {}, schema)
    return node


def _resolved(node: Node, schema: Node) -> Node:
    """Follow a node's reference; of a short and a long form, take the long one."""
    if "$ref" in node:
        target = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return {**_resolved(target, schema), **{key: value for key, value in node.items() if key != "$ref"}}
    return {**node, **node["anyOf"][-1]} if "anyOf" in node else node


def reference() -> str:
    """Write every key of the file into a Markdown table: its type, its default, its meaning."""
    rows = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    rows += [f"| `{key}` | {' | '.join(cells)} |" for key, *cells in _rows(schema_of(ConfigurationFile), "")]
    return "\n".join(rows) + "\n"


def _rows(parent: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for key, unresolved in parent.get("properties", {}).items():
        node, name = _here(unresolved), f"{prefix}{key}"
        if key in parent.get("required", ()):
            default = "required"
        elif "default" in node and "properties" not in node:
            default = f"`{json.dumps(node['default'], ensure_ascii=False)}`"
        else:
            default = "–"
        yield name, _type_in_words(node), default, node.get("description", "")
        suffix = "."
        while "items" in node or isinstance(node.get("additionalProperties"), dict):
            suffix = f"[]{suffix}" if "items" in node else f".NAME{suffix}"
            node = _here(node.get("items") or node["additionalProperties"])
        if not _is_secret(node):  # all secrets are named alike; the prose says how
            yield from _rows(node, f"{name}{suffix}")


def _here(node: Node) -> Node:
    return _resolved(node, schema_of(ConfigurationFile))


def _is_secret(node: Node) -> bool:
    return set(node.get("properties", ())) == SecretEntry.model_fields.keys()


def _type_in_words(node: Node) -> str:
    if "const" in node or "enum" in node:
        return ", ".join(f"`{word}`" for word in node.get("enum", [node.get("const")]))
    if "items" in node:
        item = _type_in_words(_here(node["items"]))
        return f"list of {'mappings' if item == 'mapping' else item}"
    if _is_secret(node):
        return "secret"
    names = {"string": "text", "regex": "pattern", "object": "mapping", "boolean": "`true`, `false`"}
    word = str(node.get("format", node["type"]))
    return names.get(word, word)
