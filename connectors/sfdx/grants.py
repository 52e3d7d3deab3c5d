"""A project's profiles, permission sets and groups as the readings of a live org, each held by somebody made up.

Source knows no people. So that what a container gives can be judged at all, each is shown with one holder, who has
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from auditor.snapshot import Capability, Reading, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.people import HOLDER
from connectors.sfdx import ids
from connectors.sfdx.ids import made_up
from connectors.sfdx.parse import FieldRight, ObjectRight
from connectors.sfdx.project import Container, Group, Project
from connectors.sfdx.schema import setting_id, settings
from connectors.sfdx.tree import Kind

NO_PEOPLE = (
    "People are not part of a project's source: the accounts here stand for whoever holds one container."
)
NO_ASSIGNMENTS = (
    "Who is assigned what, until when and with which licence or session is not part of a project's source."
)
REAL_ASSIGNMENTS = "assignments to people"
"""The reading that source cannot give; its absence keeps a project from passing for an org."""

_OUTSIDE = re.compile(
    r"\b(Community|Portal|Channel Account|Authenticated Website|External (Apps|Identity)|Chatter External)\b"
    r"|^(Gold|Silver|Bronze) Partner",
    re.IGNORECASE,
)
"""Licences of partners, customers and other outsiders, by what their names have in common."""

_ONE_HOLDER = "One made-up assignment for each permission set and group, to its holder."
_COLUMNS = {name.lower(): f"Permissions{name}" for name in cat.SYSTEM_PERMISSIONS}


def set_id(kind: str, name: str) -> str:
    """The `0PS` id of a container: a permission set, the set a profile owns, or a group's aggregate."""
    return made_up(ids.SET, kind, name)


def readings(project: Project, objects: Sequence[str]) -> list[Reading]:
    """People, assignments and grants on these objects."""
    return [*_people(project), *_containers(project), *_rights(project, set(objects))]


# -- people


def _people(project: Project) -> Iterator[Reading]:
    profiles = sorted(project.profiles)
    holders = [
        _user(
            Kind.PROFILE,
            name,
            f"profile “{name}”",
            project.profiles[name].licence,
            made_up(ids.PROFILE, name),
        )
        for name in profiles
    ]
    holders += [
        _user(Kind.PERMISSION_SET, name, f"permission set “{one.label or name}”", one.licence)
        for name, one in sorted(project.sets.items())
    ]
    holders += [
        _user(Kind.GROUP, name, f"permission set group “{project.groups[name].label}”")
        for name in sorted(project.groups)
    ]
    yield _reading(cat.USERS, holders, "profiles, permissionsets", Unread(Why.NOT_COLLECTED, NO_PEOPLE))
    missing = Unread(Why.NOT_COLLECTED, NO_ASSIGNMENTS)
    yield Reading.missing(REAL_ASSIGNMENTS, Capability.ASSIGNMENTS, cat.ASSIGNMENTS.schema, missing)
    roles = [
        {
            "Id": made_up(ids.ROLE, name),
            "Name": role.label or name,
            "DeveloperName": name,
            "ParentRoleId": made_up(ids.ROLE, role.parent) if role.parent else None,
        }
        for name, role in sorted(project.roles.items())
    ]
    yield _reading(cat.ROLES, roles, "roles", note="Who has which role is not part of source.")
    licences = sorted({c.licence for c in project.profiles.values() if c.licence})
    yield _reading(
        cat.LICENCES,
        [{"Id": made_up(ids.LICENCE, n), "Name": n, "MasterLabel": n} for n in licences],
        "profiles",
        note="Names only: whether a licence is active is not part of source.",
    )
    yield _reading(
        cat.PROFILES,
        [
            {
                "Id": made_up(ids.PROFILE, name),
                "Name": name,
                "UserLicenseId": made_up(ids.LICENCE, licence) if licence else None,
            }
            for name, licence in ((name, project.profiles[name].licence) for name in profiles)
        ],
        "profiles",
    )


def _user(kind: Kind, name: str, what: str, licence: str = "", profile: str | None = None) -> dict[str, Any]:
    return {
        "Id": made_up(ids.USER, kind, name),
        "Name": f"whoever holds {what}",
        "UserType": _user_type(licence),
        "ProfileId": profile,
        "IsActive": True,
    }


def _user_type(licence: str) -> str:
    """What a licence makes of whoever has it: a guest, an outsider, or nobody in particular (salesforce 3.1)."""
    if licence.casefold().startswith("guest"):
        return "Guest"
    return "External holder" if _OUTSIDE.search(licence) else HOLDER


# -- containers


def _containers(project: Project) -> Iterator[Reading]:
    sets = [_profile_set(project.profiles[name]) for name in sorted(project.profiles)]
    sets += [_set(project.sets[name]) for name in sorted(project.sets)]
    sets += [_aggregate(project.groups[name], project) for name in sorted(project.groups)]
    yield _reading(cat.PERMISSION_SETS, sets, "profiles, permissionsets, permissionsetgroups")
    groups = [project.groups[name] for name in sorted(project.groups)]
    yield _reading(cat.GROUPS, [_group(g) for g in groups], "permissionsetgroups")
    yield _reading(
        cat.COMPONENTS,
        [
            {
                "Id": made_up(ids.COMPONENT, group.name, kind, part),
                "PermissionSetGroupId": made_up(ids.GROUP, group.name),
                "PermissionSetId": part,
            }
            for group in groups
            for kind, part in (
                *((Kind.PERMISSION_SET, set_id(Kind.PERMISSION_SET, s)) for s in group.sets),
                *((Kind.MUTING, made_up(ids.MUTING, m)) for m in group.muting),
            )
        ],
        "permissionsetgroups",
    )
    yield _reading(
        cat.MUTING_SETS,
        [
            {"Id": made_up(ids.MUTING, name), "DeveloperName": name, "MasterLabel": muting.label or name}
            for name, muting in sorted(project.muting.items())
        ],
        "mutingpermissionsets",
    )
    yield _reading(cat.ASSIGNMENTS, list(_assignments(project)), "made up", note=_ONE_HOLDER)
    partial = [(set_id(c.kind, c.name), c.partial) for c in project.containers]
    partial += [(set_id(Kind.GROUP, g.name), g.partial) for g in groups]
    table = pa.Table.from_pylist(
        [{"ParentId": parent, "reason": reason} for parent, reason in partial if reason],
        schema=cat.PARTIAL_SCHEMA,
    )
    yield Reading(cat.PARTIAL_CONTAINERS, Capability.GRANTS, table, source="profiles, permissionsets")


def _profile_set(profile: Container) -> dict[str, Any]:
    return {
        "Id": set_id(Kind.PROFILE, profile.name),
        "Name": profile.name,
        "Label": profile.name,
        "Type": "Profile",
        "ProfileId": made_up(ids.PROFILE, profile.name),
        "IsOwnedByProfile": True,
        "HasActivationRequired": False,
        **_system({name for name, enabled in profile.system.items() if enabled}),
    }


def _set(one: Container) -> dict[str, Any]:
    return {
        "Id": set_id(Kind.PERMISSION_SET, one.name),
        "Name": one.name,
        "Label": one.label or one.name,
        "Type": "Session" if one.activation else "Regular",
        "IsOwnedByProfile": False,
        "HasActivationRequired": one.activation,
        **_system({name for name, enabled in one.system.items() if enabled}),
    }


def _aggregate(group: Group, project: Project) -> dict[str, Any]:
    """The set of the whole group, which source does not have: its parts' system permissions less what is muted.

    Object and field rows are left to the semantics, which computes them the same way (salesforce M4, 7.3.4). While
    nobody can say what is muted, none is sure.
    """
    parts = [project.sets[s] for s in group.sets if s in project.sets]
    mutes = [project.muting[m] for m in group.muting if m in project.muting]
    given = {name for part in parts for name, enabled in part.system.items() if enabled}
    given -= {name for mute in mutes for name, enabled in mute.system.items() if enabled}
    if group.missing_muting:
        given = set()
    return {
        "Id": set_id(Kind.GROUP, group.name),
        "Name": group.name,
        "Label": group.label,
        "Type": "Group",
        "PermissionSetGroupId": made_up(ids.GROUP, group.name),
        "IsOwnedByProfile": False,
        "HasActivationRequired": group.activation,
        **_system(given),
    }


def _system(given: Collection[str]) -> dict[str, bool]:
    """The system permissions as columns; only enabled ones are retrieved (salesforce 7.2)."""
    return {column: name in given for name, column in _COLUMNS.items()}


def _group(group: Group) -> dict[str, Any]:
    """A group is as its parts make it; with a muting set that is not there nobody can say what it leaves."""
    status = "Updated"
    if group.missing_muting:
        status = f"unknown, as its muting set {', '.join(group.missing_muting)} is not there, or not for sure"
    return {
        "Id": made_up(ids.GROUP, group.name),
        "DeveloperName": group.name,
        "MasterLabel": group.label,
        "Status": status,
        "HasActivationRequired": group.activation,
    }


def _assignments(project: Project) -> Iterator[dict[str, Any]]:
    for kind, names in ((Kind.PERMISSION_SET, project.sets), (Kind.GROUP, project.groups)):
        for name in sorted(names):
            yield {
                "Id": made_up(ids.ASSIGNMENT, kind, name),
                "AssigneeId": made_up(ids.USER, kind, name),
                "PermissionSetId": set_id(kind, name),
                "PermissionSetGroupId": made_up(ids.GROUP, name) if kind is Kind.GROUP else None,
                "IsActive": True,
            }


# -- rights


@dataclass(slots=True)
class _Parent:
    """Whose rows these are."""

    id: str
    container: Container


def _rights(project: Project, objects: set[str]) -> Iterator[Reading]:
    givers = [_Parent(set_id(c.kind, c.name), c) for c in project.containers]
    mutes = [_Parent(made_up(ids.MUTING, name), c) for name, c in sorted(project.muting.items()) if c.settled]
    source = "profiles, permissionsets"
    silent = sum(r.all_fields is None for p in givers for o, r in p.container.objects.items() if o in objects)
    note = ""
    if silent:
        note = (
            f"{silent:,} entries do not say whether they give View All Fields, as files from before API 63.0 do not; "
            "it is taken as not given."
        )
    yield _reading(cat.OBJECT_PERMISSIONS, _object_rows(givers, objects), source, note=note)
    yield _reading(cat.OBJECT_MUTES, _object_rows(mutes, objects), "mutingpermissionsets")
    yield _reading(cat.FIELD_PERMISSIONS, _field_rows(givers, objects), source)
    yield _reading(cat.FIELD_MUTES, _field_rows(mutes, objects), "mutingpermissionsets")
    for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS):
        schema = pa.schema([("ParentId", pa.string())])
        note = "Source has no rows of a group as a whole: its parts less its muting set count."
        name = cat.aggregates_of(query)
        yield Reading(name, Capability.GRANTS, schema.empty_table(), source=source, note=note)
    within = settings(project) & objects
    access = [
        {
            "Id": made_up(ids.ACCESS, parent.id, name),
            "ParentId": parent.id,
            "SetupEntityId": setting_id(name),
            "SetupEntityType": "CustomEntityDefinition",
        }
        for parent in givers
        for name, enabled in sorted(parent.container.settings.items())
        if enabled and name in within
    ]
    access += [
        {**row, "Id": made_up(ids.ACCESS, aggregate, str(row["SetupEntityId"])), "ParentId": aggregate}
        for group in project.groups.values()
        for aggregate in (set_id(Kind.GROUP, group.name),)
        for row in _of_parts(group, project, access)
    ]
    yield _reading(cat.SETUP_ACCESS, access, source)


def _of_parts(group: Group, project: Project, access: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a group's parts open as custom settings, less what is muted; nothing while nobody can say what is."""
    if group.missing_muting:
        return []
    parts = {set_id(Kind.PERMISSION_SET, s) for s in group.sets}
    muted = {
        setting_id(name)
        for m in group.muting
        for name, enabled in project.muting[m].settings.items()
        if enabled
    }
    rows = {row["SetupEntityId"]: row for row in access if row["ParentId"] in parts}
    return [rows[name] for name in sorted(rows.keys() - muted)]


def _object_rows(parents: Sequence[_Parent], objects: set[str]) -> list[dict[str, Any]]:
    return [
        _object_row(parent.id, right)
        for parent in parents
        for owner, right in sorted(parent.container.objects.items())
        if owner in objects and _gives(right)
    ]


def _gives(right: ObjectRight) -> bool:
    return (
        any((right.read, right.create, right.edit, right.delete, right.view_all, right.modify_all))
        or right.all_fields is True
    )


def _object_row(parent: str, right: ObjectRight) -> dict[str, Any]:
    return {
        "Id": made_up(ids.OBJECT_ROW, parent, right.object),
        "ParentId": parent,
        "SobjectType": right.object,
        "PermissionsRead": right.read,
        "PermissionsCreate": right.create,
        "PermissionsEdit": right.edit,
        "PermissionsDelete": right.delete,
        "PermissionsViewAllRecords": right.view_all,
        "PermissionsModifyAllRecords": right.modify_all,
        "PermissionsViewAllFields": right.all_fields,
    }


def _field_rows(parents: Sequence[_Parent], objects: set[str]) -> list[dict[str, Any]]:
    """Entries that give something; an entry that says no is how source spells a missing row."""
    return [
        _field_row(parent.id, right)
        for parent in parents
        for key, right in sorted(parent.container.fields.items())
        if key.partition(".")[0] in objects and (right.read or right.edit)
    ]


def _field_row(parent: str, right: FieldRight) -> dict[str, Any]:
    return {
        "Id": made_up(ids.FIELD_ROW, parent, right.field),
        "ParentId": parent,
        "SobjectType": right.field.partition(".")[0],
        "Field": right.field,
        "PermissionsRead": right.read,
        "PermissionsEdit": right.edit,
    }


def _reading(
    query: cat.Query,
    rows: Sequence[dict[str, Any]],
    source: str,
    unread: Unread | None = None,
    note: str = "",
) -> Reading:
    """Rows under the query's declared columns; what source does not say is null."""
    arrays = []
    for column in query.schema:
        values = [row.get(column.name) for row in rows]
        if pa.types.is_dictionary(column.type):
            arrays.append(pa.array(values, pa.string()).dictionary_encode().cast(column.type))
        else:
            arrays.append(pa.array(values, column.type))
    table = pa.table(arrays, schema=query.schema)
    return Reading(query.name, query.capability, table, unread, None, source, note)
