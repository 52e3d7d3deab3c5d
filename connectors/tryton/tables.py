"""The readings of a Tryton snapshot: their names, columns and what each is good for.

Ids are Tryton's own numbers. A reading about one policy has it after a colon (`retention:leads`). No table has a value
of a record: all of them but the counts come from Tryton's models about models, rights and users.
"""

from __future__ import annotations

import pyarrow as pa

from auditor.snapshot import Capability

_TEXT = pa.string()
_FLAG = pa.bool_()
_ID = pa.int64()
_IDS = pa.list_(pa.int64())

SERVER, SESSION = "server", "session"
MODELS, FIELDS, METHODS, COMPUTED = "models", "fields", "methods", "computed"
GROUPS, USERS = "groups", "users"
MODEL_ACCESS, FIELD_ACCESS, RECORD_RULES = "model_access", "field_access", "record_rules"
RETENTION = "retention"

COLUMNS: dict[str, dict[str, pa.DataType]] = {
    SERVER: {"version": _TEXT},
    SESSION: {"login": _TEXT, "user_id": _ID, "groups": _IDS},
    MODELS: {"id": _ID, "model": _TEXT, "label": _TEXT},
    # `access` says that the rights of the model which the field leads to count for this one too.
    FIELDS: {
        "id": _ID,
        "model_id": _ID,
        "name": _TEXT,
        "label": _TEXT,
        "type": _TEXT,
        "relation": _TEXT,
        "access": _FLAG,
        "help": _TEXT,
        "in_scope": _FLAG,
    },
    # The models whose records programs can be given at all.
    METHODS: {"model": _TEXT},
    COMPUTED: {"field": _TEXT},
    GROUPS: {"id": _ID, "name": _TEXT, "parent": _ID, "active": _FLAG},
    USERS: {"id": _ID, "login": _TEXT, "name": _TEXT, "active": _FLAG, "groups": _IDS},
    # A row without a group holds for everybody.
    MODEL_ACCESS: {
        "id": _ID,
        "model_id": _ID,
        "group_id": _ID,
        "read": _FLAG,
        "write": _FLAG,
        "create": _FLAG,
        "delete": _FLAG,
        "active": _FLAG,
    },
    FIELD_ACCESS: {
        "id": _ID,
        "field_id": _ID,
        "group_id": _ID,
        "read": _FLAG,
        "write": _FLAG,
        "active": _FLAG,
    },
    # That there is a rule, of which model and for whom; what it says is never read.
    RECORD_RULES: {
        "id": _ID,
        "model_id": _ID,
        "everybody": _FLAG,
        "by_default": _FLAG,
        "read": _FLAG,
        "groups": _IDS,
    },
    RETENTION: {
        "policy": _TEXT,
        "object": _TEXT,
        "cutoff": _TEXT,
        "place": _TEXT,  # live, archived
        "count": _ID,
        "undatable": _ID,
        "query": _TEXT,
    },
}

CAPABILITY: dict[str, Capability] = {
    SERVER: Capability.IDENTITY,
    SESSION: Capability.CREDENTIAL,
    MODELS: Capability.SCHEMA,
    FIELDS: Capability.SCHEMA,
    METHODS: Capability.GRANTS,
    COMPUTED: Capability.LINEAGE,
    GROUPS: Capability.ASSIGNMENTS,
    USERS: Capability.PEOPLE,
    MODEL_ACCESS: Capability.GRANTS,
    FIELD_ACCESS: Capability.GRANTS,
    RECORD_RULES: Capability.REACH,
    RETENTION: Capability.RETENTION,
}


def kind(name: str) -> str:
    """The table a reading is one of: `retention` for `retention:leads`."""
    return name.partition(":")[0]


def schema(name: str) -> pa.Schema:
    """The Arrow schema of a reading. Raises KeyError for a name that is none."""
    return pa.schema(list(COLUMNS[kind(name)].items()))
