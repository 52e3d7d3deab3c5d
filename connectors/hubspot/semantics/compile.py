"""HubSpot's facts and what was attested, compiled to the neutral planes (hubspot 4.2; portal-fixture 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from auditor.phi import Tag
from auditor.planes import Editing, FieldColumn, Grants, ObjectGate
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics import accounts, properties, reach, rights
from connectors.hubspot.semantics.evidence import directory, evidence
from connectors.hubspot.semantics.people import absent, names, own_token, person, users
from connectors.hubspot.semantics.planes import Drawing

JOINED = "R17"


def compile_grants(snapshot: Snapshot, tags: Mapping[str, Tag], as_of: datetime) -> Grants:
    """Who holds what, and what it opens, for every tagged property that is not archived.

    A property that was not seen has a column all the same, with the reason why nobody can say how it is guarded.
    """
    known = by_name(snapshot)
    columns = sorted(name for name in tags if not known.get(name, {}).get("archived"))
    fields = [name for name in columns if name in known]
    listed, called = users(snapshot), names(snapshot)
    there = directory(snapshot)
    attested = evidence(snapshot, there, as_of)
    gates = reach.columns(snapshot, columns)
    drawing = Drawing()
    reach.draw(drawing, snapshot, listed, called, attested, gates)
    properties.draw(drawing, listed, fields, properties.guards(snapshot, attested, there, called))
    accounts.draw(drawing, listed, fields, gates)
    people = tuple(person(user, called) for user in listed)
    levels = {name: known[name]["sensitivity"] for name in fields}
    accounts.draw_token(drawing, snapshot, fields, levels, gates)
    people = (*people, own_token(snapshot))
    place = {name: i for i, name in enumerate(gates.all)}
    return drawing.grants(
        people,
        tuple(ObjectGate(name) for name in gates.all),
        tuple(_column(snapshot, name, known.get(name), place[gates.gate(name)]) for name in columns),
        joined=JOINED,
        absent=absent(snapshot),
        rights=rights.ALL,
    )


def by_name(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Every property that was read, as `object.name`."""
    return {
        f"{row['object']}.{row['name']}": row
        for name in snapshot.readings
        if t.kind(name) == t.PROPERTIES
        for row in snapshot.table(name).to_pylist()
    }


def _column(snapshot: Snapshot, name: str, row: Mapping[str, Any] | None, gate: int) -> FieldColumn:
    if row is None:
        return FieldColumn(name, (gate,), unknown=_unseen(snapshot, name))
    editing = Editing.NEVER if row["read_only_value"] else Editing.JUDGED
    return FieldColumn(name, (gate,), editing)


def _unseen(snapshot: Snapshot, name: str) -> str:
    unread = snapshot.unread(f"{t.PROPERTIES}:{name.partition('.')[0]}")
    if unread is not None:
        return f"The properties of {name.partition('.')[0]} could not be read. {unread.detail}"
    return f"HubSpot lists no property {name}."
