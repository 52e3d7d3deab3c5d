"""A portal and its evidence as a snapshot, without a wire between: what semantics are told when all reading works."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pyarrow as pa

from auditor.snapshot import Manifest, Reading, Snapshot, Unread, Why
from connectors.hubspot import tables as t

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
OBJECTS = ("contacts", "companies", "deals", "tickets")
LISTS = ("view_users", "view_teams", "edit_users", "edit_teams")
BUILT_IN = {"contacts": ("email", "firstname"), "deals": ("dealname",), "tickets": ("subject",)}


def reading(name, rows, unread=None):
    """A reading of plain rows; columns that a row does not have are null."""
    schema = t.schema(name)
    full = [{column: row.get(column) for column in schema.names} for row in rows]
    return Reading(name, t.CAPABILITY[t.kind(name)], pa.Table.from_pylist(full, schema=schema), unread)


def refused(name):
    """A reading the token may not make."""
    return reading(name, [], Unread(Why.FORBIDDEN, f"{name} was refused.", code="MISSING_SCOPES"))


def snapshot(portal, given=None, evidence=None, *, without=()):
    """The snapshot of a portal document; `without` names readings that were refused."""
    given, evidence = given or {}, evidence or {}
    readings = {
        t.STATED: [
            {"key": "edition", "value": given.get("edition", "")},
            {"key": "evidence_max_age_days", "value": str(given.get("evidenceMaxAgeDays", 90))},
        ],
        t.EXCEPTIONS: [
            {"object": o, "property": p}
            for o, names in (given.get("exceptions") or BUILT_IN).items()
            for p in names
        ],
        t.TOKEN: [_token(portal, given)],
        t.USERS: [_user(u) for u in portal.get("users", ())],
        t.ROLES: list(portal.get("roles", ())),
        t.TEAMS: [_team(one, portal) for one in portal.get("teams", ())],
        t.TEAM_TREE: [
            {"id": one["id"], "name": one["name"], "parent": one.get("parentTeamId")}
            for one in portal.get("teams", ())
        ],
        t.CRM_USERS: [
            {"id": u["crm"]["id"], "user_id": u["id"], "email": u["email"], "job_title": u["crm"]["jobTitle"]}
            for u in portal.get("users", ())
            if "crm" in u
        ],
        t.OWNERS: [
            {"id": o["id"], "user_id": o.get("userId") or o.get("userIdIncludingInactive")}
            for o in portal.get("owners", ())
        ],
        t.SCHEMAS: [
            {
                "object": s["objectTypeId"],
                "name": s["name"],
                "display_property": s.get("primaryDisplayProperty", "hs_object_id"),
            }
            for s in portal.get("schemas", ())
        ],
        t.PROPERTY_ACCESS: [
            {**row, **{key: _split(row[key]) for key in LISTS}, "property": row["property_name"]}
            for row in _lines(evidence, t.PROPERTY_ACCESS)
        ],
        t.PERMISSION_SETS: _lines(evidence, t.PERMISSION_SETS),
        t.USERS_EXPORT: list(_export(evidence, given)),
    }
    for object_ in {*OBJECTS, *portal.get("properties", ())}:
        rows = [_property(object_, p) for p in portal.get("properties", {}).get(object_, ())]
        built_in = [
            {"object": object_, "name": n, "sensitivity": "non_sensitive"} for n in BUILT_IN.get(object_, ())
        ]
        readings[f"{t.PROPERTIES}:{object_}"] = rows + [
            b for b in built_in if b["name"] not in {r["name"] for r in rows}
        ]
        readings[f"{t.RECORD_REACH}:{object_}"] = list(_sampled(portal, given, object_))
    made = {name: reading(name, rows) for name, rows in readings.items()}
    made |= {name: refused(name) for name in without}
    return Snapshot(Manifest("hubspot", "portal", "4455001", "", AT, "", ""), made)


def _token(portal, given):
    for one in portal["tokens"]:
        if one["token"] == given.get("token", one["token"]):
            return {"kind": one.get("kind", ""), "scopes": [*one.get("scopes", ()), "oauth"]}
    raise AssertionError("no such token")


def _user(user):
    return {
        "id": user["id"],
        "email": user["email"],
        "role_ids": user.get("roleIds") or ([user["roleId"]] if user.get("roleId") else []),
        "super_admin": user.get("superAdmin", False),
        "primary_team": user.get("primaryTeamId"),
        "secondary_teams": user.get("secondaryTeamIds", []),
    }


def _team(team, portal):
    users = portal.get("users", ())
    first = [u["id"] for u in users if u.get("primaryTeamId") == team["id"]]
    second = [u["id"] for u in users if team["id"] in u.get("secondaryTeamIds", ())]
    return {
        "id": team["id"],
        "name": team["name"],
        "user_ids": team.get("userIds", first),
        "secondary_user_ids": team.get("secondaryUserIds", second),
    }


def _property(object_, one):
    formula = one.get("calculationFormula", "")
    outside = "".join(part for i, part in enumerate(formula.split("'")) if i % 2 == 0)
    words = "".join(c if c.isalnum() or c == "_" else " " for c in outside).split()
    return {
        "object": object_,
        "name": one["name"],
        "label": one.get("label", one["name"]),
        "field_type": one.get("fieldType", "text"),
        "calculated": one.get("calculated", False),
        "named_in_formula": words,
        "sensitivity": one.get("dataSensitivity", "non_sensitive"),
        "archived": one.get("archived", False),
        "read_only_value": one.get("modificationMetadata", {}).get("readOnlyValue", False),
        "updated_at": one.get("updatedAt", "2025-01-01T00:00:00.000Z"),
    }


def _lines(evidence, name):
    text = evidence.get(name)
    if text is None:
        return []
    found = csv.DictReader(text.splitlines())
    return [{**row, "line": n, "object": row.get("object_type")} for n, row in enumerate(found, 2)]


def _split(cell):
    return [part.strip() for part in (cell or "").split(";") if part.strip()]


def _export(evidence, given):
    told = given.get("usersExport", {})
    columns, words = told.get("columns", {}), told.get("permissions", {})
    for row in _lines(evidence, t.USERS_EXPORT):
        who = {"line": row["line"], "user_id": row[columns["id"]], "email": row[columns["email"]]}
        for word in _split(row[columns["permissions"]]) or [""]:
            yield {**who, "word": word, **words.get(word, {})}


def _sampled(portal, given, object_):
    may = portal.get("permittedUsers", {})
    live = [r for r in portal.get("records", {}).get(object_, ()) if not r.get("archived")]
    for name in given.get("phi", {}):
        of, _, property_ = name.partition(".")
        known = {p["name"]: p for p in portal.get("properties", {}).get(object_, ())}
        hidden = (
            known.get(property_, {}).get("dataSensitivity") == "highly_sensitive"
        )  # no search finds by it
        if of != object_ or object_ not in OBJECTS or hidden:
            continue
        found = sorted(
            (r for r in live if r.get("properties", {}).get(property_)), key=lambda r: int(r["id"])
        )
        keys = [f"{object_}/{r['id']}" for r in found[: given.get("recordSample", 20)]]
        answered = [may[key]["VIEW"] for key in keys if key in may]
        common = {"object": object_, "property": property_, "answered": len(answered), "sampled": len(keys)}
        yield common
        for user in sorted({u for users in answered for u in users}):
            yield {**common, "user_id": user, "viewed": sum(user in users for users in answered)}
