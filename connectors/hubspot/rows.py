"""Rows of the snapshot, made from HubSpot's JSON: ids as text, absent fields null, and no value of a record.

Each function raises KeyError or TypeError for a row without what HubSpot documents as always there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
Row = dict[str, Any]

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def text(value: Any) -> str | None:
    """An id or word as text; numbers are written out, everything else is absent."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def needed(raw: Json, name: str) -> str:
    """A text that must be there."""
    found = text(raw[name])
    if not found:
        raise KeyError(name)
    return found


def texts(value: Any) -> list[str]:
    """A list of ids or words as texts."""
    return [t for t in map(text, value) if t] if isinstance(value, list) else []


def flag(value: Any) -> bool | None:
    """A boolean, or absent."""
    return value if isinstance(value, bool) else None


def account(raw: Json) -> Row:
    """One portal."""
    return {
        "portal_id": needed(raw, "portalId"),
        "account_type": text(raw.get("accountType")),
        "time_zone": text(raw.get("timeZone")),
        "ui_domain": text(raw.get("uiDomain")),
    }


def token(kind: str, raw: Json) -> Row:
    """What a token is and opens, in either spelling of the two introspections (hubspot 1.3)."""
    scopes = raw["scopes"]
    if not isinstance(scopes, list):
        raise TypeError("scopes")
    return {
        "kind": kind,
        "hub_id": text(raw.get("hubId", raw.get("hub_id"))),
        "user_id": text(raw.get("userId", raw.get("user_id"))),
        "app_id": text(raw.get("appId", raw.get("app_id"))),
        "scopes": texts(scopes),
    }


def user(raw: Json) -> Row:
    """One user; `roleId` is the older form of `roleIds` (hubspot 3.1)."""
    admin = raw["superAdmin"]
    if not isinstance(admin, bool):
        raise TypeError("superAdmin")
    roles = texts(raw.get("roleIds"))
    return {
        "id": needed(raw, "id"),
        "email": text(raw.get("email")),
        "first_name": text(raw.get("firstName")),
        "last_name": text(raw.get("lastName")),
        "role_ids": roles or texts([raw.get("roleId")]),
        "super_admin": admin,
        "primary_team": text(raw.get("primaryTeamId")),
        "secondary_teams": texts(raw.get("secondaryTeamIds")),
        "seats": texts(raw.get("seatNames")),
    }


def role(raw: Json) -> Row:
    """One permission set: HubSpot tells no more than its name."""
    return {"id": needed(raw, "id"), "name": text(raw.get("name"))}


def team(raw: Json) -> Row:
    """One team with its members."""
    return {
        "id": needed(raw, "id"),
        "name": text(raw.get("name")),
        "user_ids": texts(raw.get("userIds")),
        "secondary_user_ids": texts(raw.get("secondaryUserIds")),
    }


def team_place(raw: Json) -> Row:
    """One team with the team above it."""
    return {
        "id": needed(raw, "id"),
        "name": text(raw.get("name")),
        "parent": text(raw.get("parentTeamId")),
    }


CRM_USER_PROPERTIES = ("hs_internal_user_id", "hs_email", "hs_job_title")


def crm_user(raw: Json) -> Row:
    """One user as a record of the CRM (hubspot 3.2)."""
    values = raw["properties"]
    return {
        "id": needed(raw, "id"),
        "user_id": text(values.get("hs_internal_user_id")),
        "email": text(values.get("hs_email")),
        "job_title": text(values.get("hs_job_title")),
    }


def owner(raw: Json) -> Row:
    """One owner of records; of archived ones only the second field still names the user (hubspot 3.2)."""
    return {
        "id": needed(raw, "id"),
        "user_id": text(raw.get("userId")) or text(raw.get("userIdIncludingInactive")),
        "email": text(raw.get("email")),
        "type": text(raw.get("type")),
        "archived": flag(raw.get("archived")),
    }


def schema(raw: Json) -> Row:
    """One custom object; only `archived: true` means archived (hubspot 2.6)."""
    labels = raw.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    return {
        "object": needed(raw, "objectTypeId"),
        "name": text(raw.get("name")),
        "label": text(labels.get("plural")) or text(labels.get("singular")) or text(raw.get("name")),
        "display_property": text(raw.get("primaryDisplayProperty")),
        "secondary_display_properties": texts(raw.get("secondaryDisplayProperties")),
        "archived": raw.get("archived") is True,
    }


def property_row(object_: str, level: str, raw: Json) -> Row:
    """One property's definition; its level is what it says, otherwise that of the list it was in (hubspot 2.2)."""
    metadata = raw.get("modificationMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    options = raw.get("options")
    return {
        "object": object_,
        "name": needed(raw, "name"),
        "label": text(raw.get("label")),
        "type": text(raw.get("type")),
        "field_type": text(raw.get("fieldType")),
        "description": text(raw.get("description")),
        "group": text(raw.get("groupName")),
        "options": _labels(options),
        "calculated": _calculated(raw),
        "named_in_formula": named_in(text(raw.get("calculationFormula")) or ""),
        "sensitivity": text(raw.get("dataSensitivity")) or level,
        "categories": texts(raw.get("sensitiveDataCategories")),
        "archived": raw.get("archived") is True,
        "hidden": raw.get("hidden") is True,
        "read_only_value": metadata.get("readOnlyValue") is True,
        "hubspot_defined": raw.get("hubspotDefined") is True,
        "created_at": text(raw.get("createdAt")),
        "updated_at": text(raw.get("updatedAt")),
    }


def _labels(options: Any) -> list[str]:
    found = (
        (text(option.get("label")) or text(option.get("value"))) if isinstance(option, dict) else text(option)
        for option in (options if isinstance(options, list) else ())
    )
    return [label for label in found if label]


def _calculated(raw: Json) -> bool:
    return (
        raw.get("calculated") is True
        or bool(raw.get("calculationFormula"))
        or str(raw.get("fieldType") or "").startswith("calculation_")
    )


def named_in(formula: str) -> list[str]:
    """The identifiers of a formula outside quoted text, each once, functions among them (portal-fixture 5.9)."""
    return list(dict.fromkeys(_IDENTIFIER.findall(_QUOTED.sub(" ", formula))))


def subscription(raw: Json) -> Row:
    """One thing people can subscribe to."""
    return {
        "id": needed(raw, "id"),
        "name": text(raw.get("name")),
        "active": flag(raw.get("isActive", raw.get("active"))),
    }


def change(raw: Json) -> Row:
    """One entry of the audit log, without what was changed."""
    actor = raw.get("actingUser")
    return {
        "category": text(raw.get("category")),
        "action": text(raw.get("action")),
        "user_id": text(actor.get("userId")) if isinstance(actor, dict) else None,
        "at": text(raw.get("occurredAt")),
    }
