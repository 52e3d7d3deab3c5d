"""Who there is: accounts with a login. Tryton's own root, which nobody logs in as, is left out."""

from __future__ import annotations

from auditor.people import Person
from auditor.snapshot import Snapshot
from connectors.tryton import tables as t
from connectors.tryton.semantics.rules import Rights

ROOT = 0


def people(snapshot: Snapshot, rights: Rights) -> tuple[tuple[Person, tuple[int, ...]], ...]:
    """Every account, with the ids of its groups. What is inherited is a sign of an audience as well."""
    found = []
    for row in snapshot.table(t.USERS).to_pylist():
        if row["id"] == ROOT or not row["login"]:
            continue
        effective = rights.effective(row["groups"])
        person = Person(
            id=str(row["id"]),
            name=row["name"] or row["login"],
            username=row["login"],
            active=row["active"],
            sets=tuple(rights.groups[group]["name"] for group in effective),
            memberships=tuple(f"group:{group}" for group in effective),
        )
        found.append((person, tuple(row["groups"])))
    return tuple(found)
