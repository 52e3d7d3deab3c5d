"""The readings of a HubSpot snapshot: their names, columns and what each is good for.

A name is the area that coverage speaks of. Readings about one object, policy or asset have it after a colon
(`properties:contacts`). Ids and moments are text as HubSpot writes them. No table has a value of a record.
"""

from __future__ import annotations

import pyarrow as pa

from auditor.snapshot import Capability

_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_FLAG = pa.bool_()
_COUNT = pa.int64()

ACCOUNT, TOKEN, STATED, EXCEPTIONS = "account", "token", "stated", "exceptions"
USERS, ROLES, TEAMS, TEAM_TREE = "users", "roles", "teams", "team_tree"
CRM_USERS, OWNERS, SCHEMAS = "crm_users", "owners", "schemas"
PROPERTIES, RECORDS, RECORD_REACH, RETENTION = "properties", "records", "record_reach", "retention"
LISTS, FORMS, FLOWS, EMAILS = "lists", "forms", "flows", "emails"
FLOW, LIST, LIST_IDS = "flow", "list", "list_ids"
CALCULATIONS, DASHBOARDS = "calculations", "dashboards"
AUDIT_LOG, SUBSCRIPTIONS = "audit_log", "subscriptions"
PROPERTY_ACCESS, PERMISSION_SETS, USERS_EXPORT = "property-access.csv", "permission-sets.csv", "users.csv"

_ABOUT: dict[str, pa.DataType] = {
    # What an asset is about; a mention without an object only gives the property's name.
    "mentions": pa.list_(
        pa.struct(
            {
                "object": _TEXT,
                "property": _TEXT,
                "place": _TEXT,  # question, filter, comparison, token, value, code, event, string
                "leaks": _TEXT,  # value, presence, membership
                "step": _TEXT,  # the action of a workflow, or empty
                "generic": _FLAG,  # found by its name alone
                "asked": _TEXT,  # of forms: always, dependent, returning, hidden
                "question": _TEXT,  # of forms: as it is asked
            }
        )
    ),
    "links": pa.list_(pa.struct({"kind": _TEXT, "id": _TEXT, "how": _TEXT})),
    "signs": pa.list_(pa.struct({"place": _TEXT, "phi_class": _TEXT, "term": _TEXT})),
    "unparsed": _TEXTS,
}

COLUMNS: dict[str, dict[str, pa.DataType]] = {
    ACCOUNT: {"portal_id": _TEXT, "account_type": _TEXT, "time_zone": _TEXT, "ui_domain": _TEXT},
    TOKEN: {"kind": _TEXT, "hub_id": _TEXT, "user_id": _TEXT, "app_id": _TEXT, "scopes": _TEXTS},
    # What somebody configured that decides how the rest is read: keys `edition`, `evidence_max_age_days`.
    STATED: {"key": _TEXT, "value": _TEXT},
    EXCEPTIONS: {"object": _TEXT, "property": _TEXT},
    USERS: {
        "id": _TEXT,
        "email": _TEXT,
        "first_name": _TEXT,
        "last_name": _TEXT,
        "role_ids": _TEXTS,
        "super_admin": _FLAG,
        "primary_team": _TEXT,
        "secondary_teams": _TEXTS,
        "seats": _TEXTS,
    },
    ROLES: {"id": _TEXT, "name": _TEXT},
    TEAMS: {"id": _TEXT, "name": _TEXT, "user_ids": _TEXTS, "secondary_user_ids": _TEXTS},
    TEAM_TREE: {"id": _TEXT, "name": _TEXT, "parent": _TEXT},
    CRM_USERS: {"id": _TEXT, "user_id": _TEXT, "email": _TEXT, "job_title": _TEXT},
    OWNERS: {
        "id": _TEXT,
        "user_id": _TEXT,  # `userId`, or `userIdIncludingInactive` of an archived owner
        "email": _TEXT,
        "type": _TEXT,
        "archived": _FLAG,
    },
    SCHEMAS: {
        "object": _TEXT,  # the object type id, such as 2-310
        "name": _TEXT,
        "label": _TEXT,
        "display_property": _TEXT,
        "secondary_display_properties": _TEXTS,
        "archived": _FLAG,
    },
    # One row for each property, of all sensitivity levels, archived ones included.
    PROPERTIES: {
        "object": _TEXT,
        "name": _TEXT,
        "label": _TEXT,
        "type": _TEXT,
        "field_type": _TEXT,
        "description": _TEXT,
        "group": _TEXT,
        "options": _TEXTS,  # labels
        "calculated": _FLAG,
        "named_in_formula": _TEXTS,  # identifiers outside quoted text; the formula itself is not kept
        "sensitivity": _TEXT,  # non_sensitive, sensitive, highly_sensitive
        "categories": _TEXTS,
        "archived": _FLAG,
        "hidden": _FLAG,
        "read_only_value": _FLAG,
        "hubspot_defined": _FLAG,
        "created_at": _TEXT,
        "updated_at": _TEXT,
    },
    # The calculated ones among the properties, and whether all properties were there to look among.
    CALCULATIONS: {"object": _TEXT, "name": _TEXT},
    DASHBOARDS: {"id": _TEXT},
    RECORDS: {"object": _TEXT, "live": _COUNT},
    # A row for each property and user who may view at least one sampled record, and one with no user that says how
    # many sampled records were answered for.
    RECORD_REACH: {
        "object": _TEXT,
        "property": _TEXT,
        "user_id": _TEXT,
        "viewed": _COUNT,
        "answered": _COUNT,
        "sampled": _COUNT,
    },
    # One row for each place: live and archived; `undatable` records have no anchor.
    RETENTION: {
        "policy": _TEXT,
        "object": _TEXT,
        "cutoff": _TEXT,
        "place": _TEXT,
        "count": _COUNT,
        "undatable": _COUNT,
        "oldest": _TEXT,
        "newest": _TEXT,
        "sample": _TEXTS,  # record ids
        "query": _TEXT,
    },
    LISTS: {
        "id": _TEXT,
        "name": _TEXT,
        "object": _TEXT,
        "kind": _TEXT,
        "status": _TEXT,
        "size": _COUNT,
        **_ABOUT,
    },
    FORMS: {
        "id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "archived": _FLAG,
        "consent": _TEXT,  # none, legitimate_interest, implicit, explicit, unknown
        "subscriptions": _TEXTS,
        "notified": _TEXTS,  # ids of users who get each submission by e-mail
        "notifies_owner": _FLAG,
        "prefilled": _FLAG,
        **_ABOUT,
    },
    FLOWS: {
        "id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "object": _TEXT,
        "enabled": _FLAG,
        "sinks": pa.list_(pa.struct({"step": _TEXT, "kind": _TEXT, "where": _TEXT})),
        "other_actions": _TEXTS,  # type ids of steps that nobody described
        **_ABOUT,
    },
    # One list or workflow that was not shown, or of which not all could be understood.
    LIST: {"id": _TEXT, "name": _TEXT},
    FLOW: {"id": _TEXT, "name": _TEXT},
    EMAILS: {
        "id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "state": _TEXT,
        "published": _FLAG,
        "subscription": _TEXT,
        "legacy_lists": _TEXTS,  # older ids of lists
        **_ABOUT,
    },
    # Ids of lists by their older ids.
    LIST_IDS: {"legacy_id": _TEXT, "id": _TEXT},
    AUDIT_LOG: {"category": _TEXT, "action": _TEXT, "user_id": _TEXT, "at": _TEXT},
    SUBSCRIPTIONS: {"id": _TEXT, "name": _TEXT, "active": _FLAG},
    # The evidence: `line` is the line in the file, cells are as written, lists are split at semicolons.
    PROPERTY_ACCESS: {
        "line": _COUNT,
        "object": _TEXT,
        "property": _TEXT,
        "mode": _TEXT,  # EVERYONE, PRIVATE, RESTRICTED
        "owner_user": _TEXT,
        "view_users": _TEXTS,
        "view_teams": _TEXTS,
        "edit_users": _TEXTS,
        "edit_teams": _TEXTS,
        "observed_at": _TEXT,
        "observed_by": _TEXT,
    },
    PERMISSION_SETS: {
        "line": _COUNT,
        "role_name": _TEXT,
        "object": _TEXT,
        "view": _TEXT,  # ALL, TEAM, OWNED, NONE, or empty: not known
        "edit": _TEXT,
        "view_unassigned": _TEXT,
        "export": _TEXT,
        "lists_view": _TEXT,
        "workflows_view": _TEXT,
        "reports_view": _TEXT,
        "marketing_access": _TEXT,
        "add_users": _TEXT,  # of the set as a whole, whatever the object of the row
        "observed_at": _TEXT,
        "observed_by": _TEXT,
    },
    # A row for each user and permission word; a user whose cell is empty has one row with an empty word. `object`,
    # `view` and `edit` are what the configured mapping says of the word; null where nobody mapped it.
    USERS_EXPORT: {
        "line": _COUNT,
        "user_id": _TEXT,
        "email": _TEXT,
        "word": _TEXT,
        "object": _TEXT,
        "view": _TEXT,
        "edit": _TEXT,
    },
}

CAPABILITY: dict[str, Capability] = {
    ACCOUNT: Capability.IDENTITY,
    TOKEN: Capability.CREDENTIAL,
    STATED: Capability.GRANTS,
    EXCEPTIONS: Capability.GRANTS,
    USERS: Capability.PEOPLE,
    ROLES: Capability.ASSIGNMENTS,
    TEAMS: Capability.ASSIGNMENTS,
    TEAM_TREE: Capability.ASSIGNMENTS,
    CRM_USERS: Capability.PEOPLE,
    OWNERS: Capability.PEOPLE,
    SCHEMAS: Capability.SCHEMA,
    PROPERTIES: Capability.SCHEMA,
    CALCULATIONS: Capability.LINEAGE,
    DASHBOARDS: Capability.SURFACES,
    RECORDS: Capability.REACH,
    RECORD_REACH: Capability.REACH,
    RETENTION: Capability.RETENTION,
    LISTS: Capability.ASSETS,
    LIST: Capability.ASSETS,
    LIST_IDS: Capability.ASSETS,
    FORMS: Capability.ASSETS,
    FLOWS: Capability.ASSETS,
    FLOW: Capability.ASSETS,
    EMAILS: Capability.ASSETS,
    AUDIT_LOG: Capability.CHANGES,
    SUBSCRIPTIONS: Capability.ASSETS,
    PROPERTY_ACCESS: Capability.GRANTS,
    PERMISSION_SETS: Capability.GRANTS,
    USERS_EXPORT: Capability.GRANTS,
}


def kind(name: str) -> str:
    """The table a reading is one of: `properties` for `properties:contacts`."""
    return name.partition(":")[0]


def schema(name: str) -> pa.Schema:
    """The Arrow schema of a reading. Raises KeyError for a name that is none."""
    return pa.schema(list(COLUMNS[kind(name)].items()))
