"""Snapshots of a Salesforce org out of the few rows a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from connectors.salesforce import catalogue as cat

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SCHEMAS: dict[str, pa.Schema] = {query.name: query.schema for query in cat.QUERIES}
SCHEMAS |= {cat.DESCRIBE: cat.DESCRIBE_SCHEMA, cat.SECURABLE_OBJECTS: cat.SECURABLE_SCHEMA}
SCHEMAS |= {
    cat.aggregates_of(query): pa.schema([("ParentId", pa.string())])
    for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS)
}

Row = Mapping[str, Any]


def snapshot(
    rows: Mapping[str, Sequence[Row]] | None = None,
    *,
    unread: Sequence[str] = (),
    absent: Sequence[str] = (),
    objects: Sequence[str] = ("Account", "Contact", "Event", "Task"),
) -> Snapshot:
    """Every reading, empty where no rows are given; columns that a row leaves out are null."""
    given = {} if rows is None else dict(rows)
    readings = {}
    for name, schema in SCHEMAS.items():
        if name in absent:
            continue
        arrays = [pa.array([row.get(c.name) for row in given.get(name, ())], c.type) for c in schema]
        missing = Unread(Why.FORBIDDEN, f"{name} was refused.") if name in unread else None
        readings[name] = Reading(name, Capability.GRANTS, pa.table(arrays, schema=schema), missing)
    assert given.keys() <= SCHEMAS.keys()
    manifest = Manifest("salesforce", "test", "00D", "Test", NOW, "67.0", "0", objects=tuple(objects))
    return Snapshot(manifest, readings)


def particle(key: str, **more: Any) -> Row:
    """A row of EntityParticle: securable, writable and plain unless said otherwise."""
    owner, name = key.split(".")
    plain = {
        "DurableId": key,
        "QualifiedApiName": name,
        "EntityDefinition.QualifiedApiName": owner,
        "FieldDefinitionId": key,
        "Label": name,
        "DataType": "string",
        "IsPermissionable": True,
        "IsComponent": False,
        "IsCompound": False,
        "IsCalculated": False,
        "IsAutonumber": False,
        "IsUpdatable": True,
    }
    return {**plain, **more}


def described(key: str, **more: Any) -> Row:
    """A field as describe shows it."""
    owner, name = key.split(".")
    plain = {"object": owner, "name": name, "label": name, "type": "string", "permissionable": True}
    return {**plain, "updateable": True, "calculated": False, "autoNumber": False, **more}
