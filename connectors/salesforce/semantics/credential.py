"""What the auditing credential itself may do beyond its need."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.phi import Coarse, Tag
from auditor.rule import Surplus
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat

_HEALTH = frozenset({Coarse.CLINICAL, Coarse.PAYMENT, Coarse.FREETEXT_RISK})
_CHANGES = ("PermissionsCreate", "PermissionsEdit", "PermissionsDelete", "PermissionsModifyAllRecords")


def surplus(snapshot: Snapshot, tags: Mapping[str, Tag]) -> tuple[Surplus, ...]:
    """Rights of the auditing credential beyond its need: writing, and health fields its API calls would show.

    Identifiers alone do not count: names cannot be secured, so whoever sees an object's schema sees them.
    """
    if cat.OWN_PERMISSIONS.name not in snapshot.readings:
        return ()  # read from files: what they say of fields, no credential was shown
    found = []
    for row in snapshot.table(cat.OWN_PERMISSIONS.name).to_pylist():
        found += [Surplus("write", p) for p in cat.WRITE_PERMISSIONS if row.get(f"Permissions{p}")]
    for row in snapshot.table(cat.OWN_OBJECT_RIGHTS.name).to_pylist():
        if any(row[column] for column in _CHANGES):
            found.append(Surplus("write", f"changing records of {row['SobjectType']}"))
    visible = {f"{r['object']}.{r['name']}" for r in snapshot.table(cat.DESCRIBE).to_pylist()}
    found += [
        Surplus("phi", name) for name in sorted(visible) if name in tags and tags[name].coarse in _HEALTH
    ]
    return tuple(dict.fromkeys(found))
