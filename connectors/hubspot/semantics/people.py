"""Who there is: users, app accounts, and the auditor's own token (hubspot R1, R2, R14, R20; 3.1, 3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.people import Kind, Person
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t

TOKEN = "token"  # noqa: S105 - the id under which the auditor's own token appears
_APP_DOMAIN = "appserviceaccount."


@dataclass(frozen=True, slots=True)
class User:
    """One listed user: roles by id, and teams by id with how they belong (`primary` or `secondary`)."""

    id: str
    email: str
    name: str
    title: str = ""
    super_admin: bool = False
    app: bool = False
    roles: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """Names of roles and teams by id, as far as they were read."""

    roles: Mapping[str, str]
    teams: Mapping[str, str]


def names(snapshot: Snapshot) -> Names:
    """Every name a snapshot has."""
    teams = snapshot.table(t.TEAM_TREE).to_pylist() + snapshot.table(t.TEAMS).to_pylist()
    return Names(
        {row["id"]: row["name"] or row["id"] for row in snapshot.table(t.ROLES).to_pylist()},
        {row["id"]: row["name"] or row["id"] for row in teams},
    )


def is_app(email: str) -> bool:
    """Whether an address is an app's: its domain, not its local part, begins with HubSpot's word (hubspot 3.1)."""
    return email.rpartition("@")[2].lower().startswith(_APP_DOMAIN)


def users(snapshot: Snapshot) -> tuple[User, ...]:
    """Every listed user once; teams are the union of their own fields and the teams' lists (portal-fixture 5.7)."""
    titles = _titles(snapshot)
    belongs = _memberships(snapshot)
    found: dict[str, User] = {}
    for row in snapshot.table(t.USERS).to_pylist():
        email = row["email"] or ""
        name = " ".join(part for part in (row["first_name"], row["last_name"]) if part)
        teams = {**belongs.get(row["id"], {})}
        teams |= {team: "secondary" for team in row["secondary_teams"] or () if teams.get(team) != "primary"}
        if row["primary_team"]:
            teams[row["primary_team"]] = "primary"
        found.setdefault(
            row["id"],
            User(
                row["id"],
                email,
                name or email or row["id"],
                titles.get(row["id"]) or titles.get(email.lower()) or "",
                bool(row["super_admin"]),
                is_app(email),
                tuple(dict.fromkeys(row["role_ids"] or ())),
                teams,
            ),
        )
    return tuple(found.values())


def _titles(snapshot: Snapshot) -> dict[str, str]:
    """Job titles by settings id, and by e-mail for records that have no such id (hubspot 3.2)."""
    found: dict[str, str] = {}
    for row in snapshot.table(t.CRM_USERS).to_pylist():
        key = row["user_id"] or (row["email"] or "").lower()
        if key and row["job_title"]:
            found[key] = row["job_title"]
    return found


def _memberships(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in snapshot.table(t.TEAMS).to_pylist():
        for user in row["secondary_user_ids"] or ():
            found[user].setdefault(row["id"], "secondary")
        for user in row["user_ids"] or ():
            found[user][row["id"]] = "primary"
    return found


def person(user: User, known: Names) -> Person:
    """A user in neutral words."""
    sets = tuple(known.roles.get(role, role) for role in user.roles)
    return Person(
        id=user.id,
        name=user.name,
        username=user.email,
        email=user.email,
        kind=Kind.SYSTEM if user.app else Kind.INTERNAL,
        title=user.title,
        profile="super admin" if user.super_admin else "",
        sets=sets,
        teams=tuple(known.teams.get(team, team) for team in sorted(user.teams)),
        memberships=tuple(
            [f"role:{role}" for role in user.roles] + [f"team:{team}" for team in sorted(user.teams)]
        ),
        posts=(
            *(["super admin"] if user.super_admin else []),
            *(f"permission set “{name}”" for name in sets),
        ),
    )


def own_token(snapshot: Snapshot) -> Person:
    """The credential that reads, as a principal of its own."""
    rows: list[dict[str, Any]] = snapshot.table(t.TOKEN).to_pylist()
    kind = (rows[0]["kind"] if rows else "") or "access token"
    return Person(id=TOKEN, name=f"The auditor's own {kind.replace('_', ' ')}", kind=Kind.SYSTEM)


def absent(snapshot: Snapshot) -> tuple[str, ...]:
    """People known only as owners of records, of whom no access is said (hubspot R1; portal-fixture 5.12)."""
    if snapshot.unread(t.USERS) is not None:
        return ()
    listed = {row["id"] for row in snapshot.table(t.USERS).to_pylist()}
    owners = {row["user_id"] for row in snapshot.table(t.OWNERS).to_pylist() if row["user_id"]}
    return tuple(sorted(owners - listed))
