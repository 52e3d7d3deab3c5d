"""What the auditing credential itself may do beyond its need."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.phi import Tag
from auditor.rule import Surplus
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat

_CHANGES = ("PermissionsCreate", "PermissionsEdit", "PermissionsDelete", "PermissionsModifyAllRecords")


def surplus(snapshot: Snapshot, tags: Mapping[str, Tag]) -> tuple[Surplus, ...]:
    """Rights of the auditing credential beyond its need: writing, and PHI fields its API calls would show."""
    found = []
    for row in snapshot.table(cat.OWN_PERMISSIONS.name).to_pylist():
        found += [Surplus("write", p) for p in cat.WRITE_PERMISSIONS if row.get(f"Permissions{p}")]
    for row in snapshot.table(cat.OWN_OBJECT_RIGHTS.name).to_pylist():
        if any(row[column] for column in _CHANGES):
            found.append(Surplus("write", f"changing records of {row['SobjectType']}"))
    visible = {f"{r['object']}.{r['name']}" for r in snapshot.table(cat.DESCRIBE).to_pylist()}
    found += [Surplus("phi", name) for name in sorted(visible) if name in tags and tags[name].is_phi]
    return tuple(dict.fromkeys(found))
