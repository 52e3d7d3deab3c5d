"""Random small portals with evidence, as their documents: every rule of access meets every other."""

from __future__ import annotations

import csv
import io
import random

AS_OF = "2026-11-24T09:00:00.000Z"
_FRESH, _FRESHER, _STALE = "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z", "2026-03-01T09:00:00Z"
_OBJECTS = ("contacts", "deals", "tickets")
_BASE = [
    "settings.users.read",
    "settings.users.teams.read",
    "crm.objects.users.read",
    "crm.objects.owners.read",
]
_BASE += [f"crm.{kind}.{o}.read" for kind in ("objects", "schemas") for o in _OBJECTS]
_SCOPES = [f"crm.objects.{o}.sensitive.{verb}" for o in _OBJECTS for verb in ("read", "write")]
_SCOPES += [f"crm.objects.{o}.write" for o in _OBJECTS]
_TOOLS = "export,lists_view,workflows_view,reports_view,marketing_access"
_SETS = f"role_name,object_type,view,view_unassigned,edit,{_TOOLS},observed_at,observed_by"
_CELLS = "owner_user,view_users,view_teams,edit_users,edit_teams"
_ACCESS = f"object_type,property_name,mode,{_CELLS},observed_at,observed_by"


def make(seed):
    """A portal, what is given, and its evidence files as text."""
    r = random.Random(seed)
    teams = [{"id": str(70 + n), "name": f"Team {n}"} for n in range(r.randint(0, 5))]
    for place, team in enumerate(teams):
        if place and r.random() < 0.6:
            team["parentTeamId"] = teams[r.randrange(place)]["id"]
    roles = [{"id": str(n), "name": f"Role {n}"} for n in range(1, r.randint(1, 4) + 1)]
    users = [_user(r, n, roles, teams) for n in range(r.randint(1, 7))]
    properties = {o: [_property(r, n) for n in range(r.randint(1, 4))] for o in _OBJECTS if r.random() < 0.8}
    names = [f"{o}.{p['name']}" for o, found in properties.items() for p in found]
    portal = {
        "format": "hubspot-portal/1",
        "tokens": [
            {
                "token": "t",
                "kind": "service_key",
                "scopes": _BASE + r.sample(_SCOPES, r.randint(0, len(_SCOPES))),
            }
        ],
        "properties": properties,
        "users": users,
        "roles": roles,
        "teams": teams,
        "owners": [
            {"id": "1", "userId": "100"},
            {"id": "2", "archived": True, "userIdIncludingInactive": "999"},
        ],
        "records": {
            "contacts": [{"id": str(n), "properties": {"p0": "x"}} for n in range(1, r.randint(1, 5))]
        },
        "permittedUsers": {
            f"contacts/{n}": {"VIEW": r.sample([u["id"] for u in users], r.randint(0, len(users)))}
            for n in range(1, 4)
            if r.random() < 0.7
        },
    }
    given = {
        "format": "hubspot-scenario/1",
        "asOf": AS_OF,
        "token": "t",
        "phi": dict.fromkeys(names, "diagnosis"),
        "edition": r.choice(["ENTERPRISE", "PROFESSIONAL", None, None, None]),
        "usersExport": {
            "columns": {"id": "User ID", "email": "Email", "permissions": "Permissions"},
            "permissions": {
                f"{o} {view}": {"object": o, "view": view, "edit": r.choice(["ALL", "NONE"])}
                for o in _OBJECTS
                for view in ("ALL", "OWNED", "NONE")
            },
        },
        "exceptions": {"contacts": ["p1"]} if r.random() < 0.3 else {},
    }
    given = {key: value for key, value in given.items() if value is not None}
    evidence = {
        "permission-sets.csv": _text(_SETS, _set_rows(r, roles)),
        "property-access.csv": _text(_ACCESS, _access_rows(r, names, users, teams)),
        "users.csv": _text("User ID,Email,Permissions", _export_rows(r, users)),
    }
    return portal, given, {name: text for name, text in evidence.items() if r.random() < 0.85}


def _user(r, number, roles, teams):
    domain = "appserviceaccount.hubspot.com" if r.random() < 0.1 else "clinic.example"
    user = {"id": str(100 + number), "email": f"U{number}@{domain}", "superAdmin": r.random() < 0.15}
    user["roleIds"] = r.sample([x["id"] for x in roles] + ["404"], r.randint(0, 2))
    if teams and r.random() < 0.7:
        user["primaryTeamId"] = r.choice(teams)["id"]
    if teams and r.random() < 0.4:
        user["secondaryTeamIds"] = [r.choice(teams)["id"]]
    return user


def _property(r, number):
    return {
        "name": f"p{number}",
        "dataSensitivity": r.choice(["non_sensitive", "non_sensitive", "sensitive", "highly_sensitive"]),
        "archived": r.random() < 0.1,
        "updatedAt": r.choice(["2025-01-01T00:00:00.000Z", "2026-11-22T00:00:00.000Z"]),
        "modificationMetadata": {"readOnlyValue": r.random() < 0.15},
    }


def _set_rows(r, roles):
    for role in [*(x["name"] for x in roles), "Gone"]:
        for object_ in _OBJECTS:
            for when in r.sample([_FRESH, _FRESHER, _STALE], r.choice([0, 1, 1, 2])):
                view, edit = (r.choice(["ALL", "TEAM", "OWNED", "NONE", ""]) for _ in range(2))
                yield [role, object_, view, "", edit, "", "", "", "", "", when, "100"]


def _access_rows(r, names, users, teams):
    people = [cell for u in users for cell in (u["id"], u["email"].lower())]
    people += ["nobody@clinic.example"] * (r.random() < 0.2)
    groups = [cell for t in teams for cell in (t["id"], t["name"])] + ["Gone"] * (r.random() < 0.2)
    for name in names:
        if r.random() < 0.75:
            of, _, property_ = name.partition(".")
            mode = r.choice(["EVERYONE", "PRIVATE", "RESTRICTED", "RESTRICTED"])
            cells = ["", "", "", "", ""]
            if mode == "PRIVATE":
                cells[0] = r.choice(people)
            if mode == "RESTRICTED":
                # Somebody named to view whose team may edit is left open by the reference.
                places, pool = ((1, 3), people) if r.random() < 0.5 else ((2, 4), groups)
                for place in places:
                    cells[place] = ";".join(r.sample(pool, min(len(pool), r.randint(0, 2))))
            yield [of, property_, mode, *cells, r.choice([_FRESH, _FRESH, _FRESH, _STALE]), "100"]


def _export_rows(r, users):
    for user in users:
        if r.random() < 0.5:
            words = r.sample(
                [f"{o} {v}" for o in _OBJECTS for v in ("ALL", "OWNED", "NONE")] + ["?"], r.randint(0, 2)
            )
            yield [user["id"] if r.random() < 0.7 else "", user["email"], ";".join(words)]


def _text(header, rows):
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return stream.getvalue()
