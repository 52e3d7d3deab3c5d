"""Who there is: users, with what recognises an audience (salesforce 3.1, A1, E5)."""

from __future__ import annotations

from collections import defaultdict

from auditor.people import Kind, Person
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.moments import moment

HOLDER = "Holder"
"""The user type under which an offline source shows each container as somebody who holds just that."""


def people(snapshot: Snapshot) -> tuple[Person, ...]:
    """Every user, with what recognises an audience (salesforce 3.1, E5)."""
    profiles = {to18(r["Id"]): r for r in snapshot.table(cat.PROFILES.name).to_pylist()}
    roles = {to18(r["Id"]): r["Name"] or "" for r in snapshot.table(cat.ROLES.name).to_pylist()}
    licences = {
        to18(r["Id"]): r["MasterLabel"] or r["Name"] or ""
        for r in snapshot.table(cat.LICENCES.name).to_pylist()
    }
    frozen = {to18(r["UserId"]) for r in snapshot.table(cat.USER_LOGINS.name).to_pylist() if r["IsFrozen"]}
    sets = _held_labels(snapshot)
    found = []
    for row in snapshot.table(cat.USERS.name).to_pylist():
        user = to18(row["Id"])
        profile = profiles.get(to18(row["ProfileId"] or ""), {})
        found.append(
            Person(
                id=user,
                name=row["Name"] or row["Username"] or user,
                username=row["Username"] or "",
                kind=_kind(row["UserType"]),
                active=bool(row["IsActive"]),
                frozen=user in frozen,
                profile=profile.get("Name") or "",
                role=roles.get(to18(row["UserRoleId"] or ""), ""),
                department=row["Department"] or "",
                title=row["Title"] or "",
                licence=licences.get(to18(profile.get("UserLicenseId") or ""), ""),
                marketing_flag=bool(row["UserPermissionsMarketingUser"]),
                last_login=moment(row["LastLoginDate"]),
                sets=sets.get(user, ()),
                posts=(f"profile “{profile['Name']}”",) if profile.get("Name") else (),
                email=row.get("Email") or "",
            )
        )
    return tuple(found)


def _held_labels(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Labels of the permission sets and groups assigned to each user, whether live or not: a sign of audience."""
    names = {
        to18(r["Id"]): r["Label"] or r["Name"] or ""
        for r in snapshot.table(cat.PERMISSION_SETS.name).to_pylist()
        if not r["IsOwnedByProfile"]
    }
    names |= {to18(r["Id"]): r["MasterLabel"] or "" for r in snapshot.table(cat.GROUPS.name).to_pylist()}
    held: dict[str, set[str]] = defaultdict(set)
    for row in snapshot.table(cat.ASSIGNMENTS.name).to_pylist():
        container = names.get(to18(row["PermissionSetGroupId"] or row["PermissionSetId"] or ""), "")
        if container:
            held[to18(row["AssigneeId"])].add(container)
    return {user: tuple(sorted(labels)) for user, labels in held.items()}


def _kind(user_type: str | None) -> Kind:
    if user_type in (None, "", "Standard"):
        return Kind.INTERNAL
    if user_type == "Guest":
        return Kind.GUEST
    if user_type == HOLDER:
        return Kind.HOLDER
    if user_type in {"AutomatedProcess", "CloudIntegrationUser"}:
        return Kind.SYSTEM
    return Kind.EXTERNAL
