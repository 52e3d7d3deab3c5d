"""Which attested rows may be believed today (hubspot 3.6; portal-fixture 5.5).

A row is stale by its age, by a change of the property after it was observed, or by naming somebody or something that
is not there. What could not be read makes no row stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics import rights
from connectors.hubspot.semantics.moments import moment

MAX_AGE_DAYS = 90

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attested:
    """The rows about one thing: the newest that is fresh, and why the newest of the others is not."""

    fresh: Row | None = None
    stale: str = ""

    @property
    def source(self) -> str:
        """Where the fresh row is written, when it was observed and by whom; or why there is none."""
        return told(self.fresh) if self.fresh is not None else self.stale


@dataclass(frozen=True, slots=True)
class Evidence:
    """All attested rows: of property access by field name, of permission sets by set name and object.

    `adds` has, by set name, whether a set lets its holders add and edit users, whatever the object of the row.
    """

    access: Mapping[str, Attested] = field(default_factory=dict)
    sets: Mapping[tuple[str, str], Attested] = field(default_factory=dict)
    adds: Mapping[str, Attested] = field(default_factory=dict)

    def of_property(self, name: str) -> Attested:
        """Who may see a property, as attested."""
        return self.access.get(name, Attested())

    def of_set(self, name: str, object: str) -> Attested:  # noqa: A002 - the CRM's own word
        """What a permission set gives on an object, as attested."""
        return self.sets.get((name, object), Attested())

    def of_adding(self, name: str) -> Attested:
        """Whether a permission set lets its holders add and edit users, as attested."""
        return self.adds.get(name, Attested())


@dataclass(frozen=True, slots=True)
class Directory:
    """Who and what is there, to resolve the cells of evidence: users by id and e-mail, teams by id and name.

    The flags say whether each list was read in full: only then is a name that is not in it gone.
    """

    users: Mapping[str, str]
    teams: Mapping[str, frozenset[str]]
    roles: frozenset[str]
    all_users: bool
    all_teams: bool
    all_roles: bool

    def user(self, cell: str) -> str:
        """The settings id of a user given by id or by e-mail in any case; empty if nobody is."""
        return self.users.get(cell, "") or self.users.get(cell.lower(), "")

    def team(self, cell: str) -> frozenset[str]:
        """The ids of the team with this id, or of those with exactly this name."""
        return self.teams.get(cell, frozenset())


def directory(snapshot: Snapshot) -> Directory:
    """Who and what a snapshot knows."""
    users: dict[str, str] = {}
    for row in snapshot.table(t.USERS).to_pylist():
        users[(row["email"] or "").lower()] = row["id"]
    users |= {row["id"]: row["id"] for row in snapshot.table(t.USERS).to_pylist()}
    users.pop("", None)
    teams: dict[str, frozenset[str]] = {}
    listed = snapshot.table(t.TEAMS).to_pylist() + snapshot.table(t.TEAM_TREE).to_pylist()
    for row in listed:
        if row["name"]:
            teams[row["name"]] = teams.get(row["name"], frozenset()) | {row["id"]}
    teams |= {row["id"]: frozenset({row["id"]}) for row in listed}
    return Directory(
        users,
        teams,
        frozenset(row["name"] or "" for row in snapshot.table(t.ROLES).to_pylist()),
        snapshot.unread(t.USERS) is None,
        snapshot.unread(t.TEAMS) is None,
        snapshot.unread(t.ROLES) is None,
    )


def evidence(snapshot: Snapshot, known: Directory, as_of: datetime) -> Evidence:
    """Sort the attested rows of a snapshot into fresh and stale ones at a moment."""
    oldest = as_of - timedelta(days=_max_age(snapshot))
    properties = {
        f"{row['object']}.{row['name']}": row
        for name in snapshot.readings
        if t.kind(name) == t.PROPERTIES
        for row in snapshot.table(name).to_pylist()
    }
    whole = {
        name.partition(":")[2]: reading.complete
        for name, reading in snapshot.readings.items()
        if t.kind(name) == t.PROPERTIES
    }
    access: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    for row in snapshot.table(t.PROPERTY_ACCESS).to_pylist():
        if not row["mode"]:  # a line of the template that nobody filled in
            continue
        name = f"{row['object']}.{row['property']}"
        why = _aged(row, oldest) or _changed(row, properties.get(name), whole.get(row["object"], False))
        access[name].append((row, why or _gone(row, known)))
    sets: dict[tuple[str, str], list[tuple[Row, str]]] = defaultdict(list)
    adds: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    for row in snapshot.table(t.PERMISSION_SETS).to_pylist():
        if not any((row["view"], row["edit"], row.get("add_users"), row["observed_at"])):
            continue
        gone = known.all_roles and row["role_name"] not in known.roles
        why = _aged(row, oldest) or ("there is no such permission set now" if gone else "")
        sets[row["role_name"], row["object"]].append((row, why))
        if row.get("add_users"):
            adds[row["role_name"]].append((row, why or _unsigned(row)))
    return Evidence(
        {name: _attested(rows, t.PROPERTY_ACCESS) for name, rows in access.items()},
        {key: _attested(rows, t.PERMISSION_SETS) for key, rows in sets.items()},
        {name: _attested(_firmest(rows), t.PERMISSION_SETS) for name, rows in adds.items()},
    )


def _firmest(rows: Sequence[tuple[Row, str]]) -> list[tuple[Row, str]]:
    """Of fresh rows about a set as a whole, those that say most: a yes beside a no still stands."""
    fresh = [row for row, why in rows if not why]
    if not fresh:
        return list(rows)
    firmest = min(rights.attested(row["add_users"]) for row in fresh)
    return [(row, "") for row in fresh if rights.attested(row["add_users"]) is firmest]


def _unsigned(row: Row) -> str:
    """A right that nothing in HubSpot shows rests on whoever looked, and so on their name."""
    return "" if (row["observed_by"] or "").strip() else "nobody signed it"


def _max_age(snapshot: Snapshot) -> int:
    stated = {row["key"]: row["value"] for row in snapshot.table(t.STATED).to_pylist()}
    return int(stated.get("evidence_max_age_days") or MAX_AGE_DAYS)


def _attested(rows: Iterable[tuple[Row, str]], file: str) -> Attested:
    """Of several fresh rows the one observed last counts; of those, the one written last."""
    ordered = sorted(rows, key=lambda pair: (_observed(pair[0]), pair[0]["line"]), reverse=True)
    fresh = next((row for row, why in ordered if not why), None)
    if fresh is not None:
        return Attested({**fresh, "file": file})
    row, why = ordered[0]
    return Attested(None, f"stale: {told({**row, 'file': file})}, {why}")


def told(row: Row) -> str:
    """Where a row is written, when it was observed, and by whom."""
    day = (row["observed_at"] or "")[:10]
    return f"{row['file']} line {row['line']}, observed {day} by {row['observed_by'] or 'nobody named'}"


def _observed(row: Row) -> float:
    at = moment(row["observed_at"])
    return at.timestamp() if at is not None else 0.0


def _aged(row: Row, oldest: datetime) -> str:
    at = moment(row["observed_at"])
    if at is None:
        return "it does not say when it was observed"
    return "older than evidence may be" if at < oldest else ""


def _changed(row: Row, known: Row | None, whole: bool) -> str:  # noqa: FBT001 - a plain fact
    if known is None:
        return "there is no such property now" if whole else ""
    if known["archived"]:
        return "the property is archived now"
    changed, seen = moment(known["updated_at"]), moment(row["observed_at"])
    if changed is not None and seen is not None and seen < changed:
        return f"the property was changed after it, on {changed.date().isoformat()}"
    return ""


def _gone(row: Row, known: Directory) -> str:
    people = [row["owner_user"] or "", *(row["view_users"] or ()), *(row["edit_users"] or ())]
    if known.all_users and (lost := [cell for cell in people if cell and not known.user(cell)]):
        return f"user {lost[0]} is not there now"
    teams = [*(row["view_teams"] or ()), *(row["edit_teams"] or ())]
    if known.all_teams and (lost := [cell for cell in teams if cell and not known.team(cell)]):
        return f"team {lost[0]} is not there now"
    return ""
