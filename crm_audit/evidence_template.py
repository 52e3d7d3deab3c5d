"""The evidence files of a HubSpot portal, with everything filled in that its API tells (hubspot 3.6).

What remains for a super admin to fill in is what no public API says: who may see a property, and what a permission set
gives.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from auditor.phi import Tag
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.evidence import HEADERS
from reports.inert import for_csv, one_line

INSTRUCTIONS = "INSTRUCTIONS.md"
KNOWN_PROPERTIES, KNOWN_TEAMS, KNOWN_USERS = "known-properties.csv", "known-teams.csv", "known-users.csv"
"""Lists to look names up in; not named as the users export is, which is evidence."""
NAMES = (t.PROPERTY_ACCESS, t.PERMISSION_SETS, KNOWN_PROPERTIES, KNOWN_TEAMS, KNOWN_USERS, INSTRUCTIONS)


def files(snapshot: Snapshot, tags: Iterable[Tag]) -> dict[str, bytes]:
    """The files by name: two to fill in, three lists to look names up in, and how to do it."""
    properties = _properties(snapshot, tags)
    roles = sorted({row["name"] for row in snapshot.table(t.ROLES).to_pylist() if row["name"]})
    objects = sorted({row[0] for row in properties})
    sets = [(role, name) for role in roles for name in objects]
    return {
        t.PROPERTY_ACCESS: _csv(
            HEADERS[t.PROPERTY_ACCESS],
            [{"object_type": row[0], "property_name": row[1]} for row in properties],
        ),
        t.PERMISSION_SETS: _csv(
            HEADERS[t.PERMISSION_SETS], [{"role_name": role, "object_type": name} for role, name in sets]
        ),
        KNOWN_PROPERTIES: _table(
            ("object_type", "property_name", "label", "group", "sensitivity", "kind"), properties
        ),
        KNOWN_TEAMS: _table(("id", "name", "parent"), _teams(snapshot)),
        KNOWN_USERS: _table(("id", "email", "name", "super_admin", "permission_sets"), _users(snapshot)),
        INSTRUCTIONS: _instructions(snapshot, len(properties), len(sets)).encode(),
    }


def _properties(snapshot: Snapshot, tags: Iterable[Tag]) -> list[tuple[str, ...]]:
    """The tagged properties in use that somebody could restrict, in the order of the product's own list."""
    kinds = {tag.field: tag.phi_class for tag in tags if tag.is_phi}
    fixed = {(row["object"], row["property"]) for row in snapshot.table(t.EXCEPTIONS).to_pylist()}
    rows = [
        row
        for name in snapshot.readings
        if t.kind(name) == t.PROPERTIES
        for row in snapshot.table(name).to_pylist()
        if not row["archived"] and (row["object"], row["name"]) not in fixed
    ]
    return sorted(
        (
            row["object"],
            row["name"],
            row["label"] or "",
            row["group"] or "",
            row["sensitivity"] or "",
            kinds[f"{row['object']}.{row['name']}"],
        )
        for row in rows
        if f"{row['object']}.{row['name']}" in kinds
    )


def _teams(snapshot: Snapshot) -> list[tuple[str, ...]]:
    tree = {row["id"]: row for row in snapshot.table(t.TEAM_TREE).to_pylist()}
    flat = {row["id"]: row for row in snapshot.table(t.TEAMS).to_pylist()}
    return [
        (team, row["name"] or "", tree.get(team, {}).get("parent") or "")
        for team, row in sorted({**tree, **flat}.items())
    ]


def _users(snapshot: Snapshot) -> list[tuple[str, ...]]:
    roles = {row["id"]: row["name"] or row["id"] for row in snapshot.table(t.ROLES).to_pylist()}
    return sorted(
        (
            row["id"],
            row["email"] or "",
            " ".join(part for part in (row["first_name"], row["last_name"]) if part),
            "yes" if row["super_admin"] else "",
            ";".join(roles.get(role, role) for role in row["role_ids"] or ()),
        )
        for row in snapshot.table(t.USERS).to_pylist()
    )


def _csv(headers: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    return _table(headers, [[row.get(header, "") for header in headers] for row in rows])


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as spreadsheets take it: marked as UTF-8, and no cell is a formula."""
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(headers)
    written.writerows([for_csv(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _instructions(snapshot: Snapshot, properties: int, sets: int) -> str:
    unread = [
        f"- {one_line(reading.name)}: {one_line(reading.unread.detail)}"
        for reading in snapshot.readings.values()
        if reading.unread and t.kind(reading.name) in {t.PROPERTIES, t.USERS, t.ROLES, t.TEAMS, t.SCHEMAS}
    ]
    told = _TEXT.format(properties=properties, sets=sets)
    if unread:
        told += "\n\n## What could not be read\n\nSo it is missing here:\n\n" + "\n".join(unread)
    return told + "\n"


_TEXT = """\
# What only a super admin can see

HubSpot tells no program who may see a property, or what a permission set gives. Its settings show both to a super
admin. Fill in the two tables beside this page; leave empty what you did not look at. Nothing is sent anywhere: the
auditor reads the files from this folder.

Write into every line that you fill in when you looked (`observed_at`, as in 2026-11-24) and who you are
(`observed_by`). Evidence grows old: after 90 days, or when a property is changed, look again.

## property-access.csv: {properties} lines

Settings > Data Management > Properties. Choose the object, find the property by its label (known-properties.csv has
it), and open More > Manage access (also called Assign users & teams).

| HubSpot shows | Write |
|---|---|
| Available to everyone | mode EVERYONE |
| Private to one user | mode PRIVATE, and the user in owner_user |
| Chosen users and teams | mode RESTRICTED, and who is shown in the four columns |

`view_users` and `view_teams` are those who may only view, `edit_users` and `edit_teams` those who may also edit. Name
users by e-mail or id, teams by name or id, several with `;` between them. known-users.csv and known-teams.csv have
them all. Only super admins on the list: leave the four columns empty.

## permission-sets.csv: {sets} lines

Settings > Users & Teams > Permission Sets. Open a set, then CRM, then the object.

| HubSpot shows | Write into view and edit |
|---|---|
| Everything, or all records | ALL |
| Records of their team | TEAM |
| Records they own | OWNED |
| None | NONE |

`export` is yes or no: CRM > the object > Export. `add_users` is yes or no for the set as a whole, once in any of its
lines: Account > Settings access > Add and edit users, or any right to edit permission sets. It is yes if either is on.
While one of the two is empty, it stays unknown who can take data out, or give themselves more access. Only a line that
somebody signed in `observed_by` counts for `add_users`. The other columns are yes or no, and may stay empty.

## users.csv, if people have permissions without a set

Settings > Users & Teams > Export users. Put the file here as users.csv. Its headers and permission words differ by the
language of HubSpot: `users_export` in the configuration says what they mean. A word that nobody mapped could be
anything, so it proves nothing.

## Then

crm-audit run hubspot --evidence THIS_FOLDER"""
