"""What the auditing account holds beyond its need: whatever its groups give, and everybody else does not have."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.doors import Change, Door
from auditor.phi import Tag
from auditor.rule import Surplus
from auditor.snapshot import Snapshot
from connectors.tryton import tables as t
from connectors.tryton.semantics.rules import EVERYBODY, Rights


def surplus(snapshot: Snapshot, tags: Mapping[str, Tag]) -> tuple[Surplus, ...]:
    """Groups of the account that let it change records, or read records that hold tagged fields.

    What is open to every login cannot be taken from this one alone, so it is no surplus of it.
    """
    rights = Rights(snapshot)
    rows = snapshot.table(t.SESSION).to_pylist()
    mine = rights.effective(rows[0]["groups"]) if rows else {}
    names = {group: f"group {rights.groups[group]['name']}" for group in mine}
    objects = {tag.object for tag in tags.values()}
    writes, reads = set(), set()
    for row in snapshot.table(t.MODEL_ACCESS).to_pylist():
        if not row["active"] or row["group_id"] not in names:
            continue
        if row["write"] or row["create"] or row["delete"]:
            writes.add(names[row["group_id"]])
    for model in objects:
        says = [
            (group, say)
            for source in rights.counting_for(model)
            for group, say in rights.of_models.get(source, {}).items()
            if say.read
        ]
        if not any(group is EVERYBODY for group, _ in says):
            reads |= {names[group] for group, _ in says if group in names}
    return (
        *(Surplus("write", right) for right in sorted(writes)),
        *(Surplus("phi", right) for right in sorted(reads)),
    )


def doors(snapshot: Snapshot) -> tuple[Door, ...]:  # noqa: ARG001 - the protocol's
    """Reports run as whoever asks for them."""
    return ()


def changes(snapshot: Snapshot) -> tuple[Change, ...]:  # noqa: ARG001 - the protocol's
    """Tryton keeps no audit log of rights by itself."""
    return ()
