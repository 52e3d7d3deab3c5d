"""Every call the product can send to HubSpot, as data.

The allow-list, the documentation and what `check` tells follow from this table, so nothing can be sent that is not
written here. Each call has two spellings, since HubSpot retires the numbered paths in 2027 (hubspot 1.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from connectors.hubspot import tables as t


class Version(StrEnum):
    """Which of its two path families HubSpot is asked with."""

    NUMBERED = "v3"
    DATED = "2026-09"


OBJECT_TYPES = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "products": "0-7",
    "line_items": "0-8",
    "quotes": "0-14",
    "communications": "0-18",
    "feedback_submissions": "0-19",
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
    "invoices": "0-53",
    "marketing_events": "0-54",
    "subscriptions": "0-69",
    "goals": "0-74",
    "discounts": "0-84",
    "fees": "0-85",
    "taxes": "0-86",
    "commerce_payments": "0-101",
    "users": "0-115",
    "postal_mail": "0-116",
    "orders": "0-123",
    "leads": "0-136",
    "carts": "0-142",
    "services": "0-162",
    "courses": "0-410",
    "listings": "0-420",
    "appointments": "0-421",
    "projects": "0-970",
}
"""HubSpot's own object types and their ids (hubspot 2.5)."""

ACTIVITIES = frozenset({"notes", "meetings", "calls", "emails", "tasks", "communications", "postal_mail"})
"""Whoever may read contacts may read these (hubspot 1.4)."""

PERMITTED_OBJECTS = frozenset({"contacts", "companies", "deals", "tickets"})
"""The only objects of whose records HubSpot says who may open them (hubspot 3.3)."""

LEVELS = ("non_sensitive", "sensitive", "highly_sensitive")
"""Sensitivity levels; the list of properties shows one of them at a time (hubspot 2.3)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked.

    `path` and `dated` are its spellings; `{type}` and `{id}` stand for one segment. Any one of `scopes` opens it;
    `{object}` in a scope stands for the object's word. `reading` is what the answer becomes, `lost` what is not known
    without it. A `search` has a limit of its own; a `form` is sent as one, and carries credentials.
    """

    name: str
    method: str
    path: str
    dated: str
    scopes: tuple[str, ...] = ()
    reading: str = ""
    lost: str = ""
    search: bool = False
    form: bool = False

    def at(self, version: Version, **parts: str) -> str:
        """The path in one family, with its segments filled in.

        Raises ValueError for a segment that could lead elsewhere.
        """
        for part in parts.values():
            if not _SEGMENT.fullmatch(part):
                raise ValueError(f"{part[:40]!r} cannot be part of a path")
        return (self.path if version is Version.NUMBERED else self.dated).format(**parts)


_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,199}")
_USERS = ("settings.users.read", "crm.objects.users.read")
_TEAMS = ("settings.users.teams.read",)
_CUSTOM = (
    "crm.schemas.custom.read",
    "crm.objects.custom.read",
    "crm.objects.custom.sensitive.read",
    "crm.objects.custom.highly_sensitive.read",
)
_RECORDS = ("crm.objects.{object}.read",)
_DEFINITIONS = (
    "crm.schemas.{object}.read",
    *_RECORDS,
    "crm.objects.{object}.sensitive.read",
    "crm.objects.{object}.highly_sensitive.read",
)
_EMAILS = ("content", "marketing.email.read", "marketing.email.write")
_CONSENT = ("communication_preferences.read", "communication_preferences.read_write")
_SECURITY = ("account-info.security.read",)
_OAUTH = ("oauth",)

ACCOUNT = Call(
    "account",
    "GET",
    "/account-info/v3/details",
    "/account-info/2026-09/details",
    _OAUTH,
    t.ACCOUNT,
    "Which portal this is.",
)
APP_TOKEN = Call(
    "app_token",
    "POST",
    "/oauth/v2/private-apps/get/access-token-info",
    "/oauth/v2/private-apps/get/access-token-info",
    (),
    t.TOKEN,
    "What the auditor's own token opens.",
)
OAUTH_TOKEN = Call("oauth_token", "POST", "/oauth/v3/token", "/oauth/2026-09/token", form=True)
INTROSPECTION = Call(
    "introspection",
    "POST",
    "/oauth/v3/token/introspect",
    "/oauth/2026-09/token/introspect",
    (),
    t.TOKEN,
    "What the auditor's own token opens.",
    form=True,
)
SCHEMAS = Call(
    "schemas",
    "GET",
    "/crm-object-schemas/v3/schemas",
    "/crm-object-schemas/2026-09/schemas",
    _CUSTOM,
    t.SCHEMAS,
    "Which custom objects there are: their properties are not judged.",
)
PROPERTIES = Call(
    "properties",
    "GET",
    "/crm/v3/properties/{type}",
    "/crm/properties/2026-09/{type}",
    _DEFINITIONS,
    t.PROPERTIES,
    "Which properties the object has: nobody's access to them can be judged.",
)
USERS = Call(
    "users",
    "GET",
    "/settings/v3/users",
    "/settings/users/2026-03",
    _USERS,
    t.USERS,
    "Who there is: nobody's access can be judged.",
)
ROLES = Call(
    "roles",
    "GET",
    "/settings/v3/users/roles",
    "/settings/users/2026-03/roles",
    _USERS,
    t.ROLES,
    "Names of permission sets: what was attested of them cannot be joined to people.",
)
TEAMS = Call(
    "teams",
    "GET",
    "/settings/v3/users/teams",
    "/settings/users/2026-03/teams",
    _TEAMS,
    t.TEAMS,
    "Who is in which team: a grant to a team cannot be ruled out for anybody.",
)
TEAM_TREE = Call(
    "team_tree",
    "GET",
    "/settings/teams/2026-09-beta",
    "/settings/teams/2026-09-beta",
    _TEAMS,
    t.TEAM_TREE,
    "Which team is above which: a grant to a team cannot be ruled out for members of others.",
)
CRM_USERS = Call(
    "crm_users",
    "GET",
    "/crm/v3/objects/users",
    "/crm/objects/2026-09/users",
    ("crm.objects.users.read",),
    t.CRM_USERS,
    "Job titles, one of the signs of who works in marketing.",
)
OWNERS = Call(
    "owners",
    "GET",
    "/crm/v3/owners",
    "/crm/owners/2026-09",
    ("crm.objects.owners.read", "automation"),
    t.OWNERS,
    "People who left and still own records.",
)
RECORDS = Call(
    "records",
    "GET",
    "/crm/v3/objects/{type}",
    "/crm/objects/2026-09/{type}",
    _RECORDS,
    t.RETENTION,
    "How many archived records are past their retention.",
)
SEARCH = Call(
    "search",
    "POST",
    "/crm/v3/objects/{type}/search",
    "/crm/objects/2026-09/{type}/search",
    _RECORDS,
    t.RECORDS,
    "How many records there are, how many are past their retention, and which could be sampled.",
    search=True,
)
PERMITTED_USERS = Call(
    "permitted_users",
    "GET",
    "/resource-permissions/v3/permitted-users",
    "/resource-permissions/v3/permitted-users",
    _USERS,
    t.RECORD_REACH,
    "Who may open sampled records.",
)
LISTS = Call(
    "lists",
    "POST",
    "/crm/v3/lists/search",
    "/crm/lists/2026-09/search",
    ("crm.lists.read",),
    t.LISTS,
    "Which lists are made from health data.",
)
LIST = Call("list", "GET", "/crm/v3/lists/{id}", "/crm/lists/2026-09/{id}", ("crm.lists.read",), t.LISTS)
LISTS_BY_ID = Call("lists_by_id", "GET", "/crm/v3/lists", "/crm/lists/2026-09", ("crm.lists.read",), t.LISTS)
LIST_IDS = Call(
    "list_ids",
    "POST",
    "/crm/v3/lists/idmapping",
    "/crm/lists/2026-09/idmapping",
    ("crm.lists.read",),
    t.LIST_IDS,
)
FORMS = Call(
    "forms",
    "GET",
    "/marketing/v3/forms",
    "/marketing/forms/2026-09-beta",
    ("forms",),
    t.FORMS,
    "Which forms collect health data.",
)
FLOWS = Call(
    "flows",
    "GET",
    "/automation/v4/flows",
    "/automation/flows/2026-09-beta",
    ("automation",),
    t.FLOWS,
    "Which workflows use health data.",
)
FLOW = Call(
    "flow",
    "GET",
    "/automation/v4/flows/{id}",
    "/automation/flows/2026-09-beta/{id}",
    ("automation",),
    t.FLOW,
    "What the workflow does.",
)
FLOWS_BY_ID = Call(
    "flows_by_id",
    "POST",
    "/automation/v4/flows/batch/read",
    "/automation/flows/2026-09-beta/batch/read",
    ("automation",),
    t.FLOWS,
    "What the workflows do.",
)
EMAILS = Call(
    "emails",
    "GET",
    "/marketing/v3/emails",
    "/marketing/emails/2026-09",
    _EMAILS,
    t.EMAILS,
    "Which marketing e-mails show health data.",
)
SUBSCRIPTIONS = Call(
    "subscriptions",
    "GET",
    "/communication-preferences/v4/definitions",
    "/communication-preferences/2026-09/definitions",
    _CONSENT,
    t.SUBSCRIPTIONS,
    "What people can subscribe to.",
)
AUDIT_LOG = Call(
    "audit_log",
    "GET",
    "/account-info/v3/activity/audit-logs",
    "/account-info/2026-09/activity/audit-logs",
    _SECURITY,
    t.AUDIT_LOG,
    "What was changed lately, and by whom.",
)

CALLS: tuple[Call, ...] = (
    ACCOUNT,
    APP_TOKEN,
    OAUTH_TOKEN,
    INTROSPECTION,
    SCHEMAS,
    PROPERTIES,
    USERS,
    ROLES,
    TEAMS,
    TEAM_TREE,
    CRM_USERS,
    OWNERS,
    RECORDS,
    SEARCH,
    PERMITTED_USERS,
    LISTS,
    LIST,
    LISTS_BY_ID,
    LIST_IDS,
    FORMS,
    FLOWS,
    FLOW,
    FLOWS_BY_ID,
    EMAILS,
    SUBSCRIPTIONS,
    AUDIT_LOG,
)


def allowed() -> Iterator[tuple[str, str]]:
    """Method and path pattern of everything that may leave, in both families."""
    for call in CALLS:
        for path in dict.fromkeys((call.path, call.dated)):
            yield call.method, re.sub(r"\\{\w+\\}", _SEGMENT.pattern, re.escape(path)) + "/?"


def scopes_of(call: Call, object: str = "") -> tuple[str, ...]:  # noqa: A002 - the CRM's own word
    """The scopes of which any one opens a call, about one object where it is about one (hubspot 1.4)."""
    if not object:
        return call.scopes
    word = "custom" if object.startswith("2-") else object
    found = [scope.format(object=word) for scope in call.scopes]
    if object == "tickets":
        # Tickets have their older scopes still: `tickets`, `tickets.sensitive`.
        records = [scope for scope in found if scope.startswith("crm.objects.")]
        found += [scope.removeprefix("crm.objects.").removesuffix(".read") for scope in records]
    if object in ACTIVITIES:
        found.append("crm.objects.contacts.read")
    return tuple(dict.fromkeys(found))


def key_of(type_id: str) -> str:
    """An object by its usual name, from the id of its type; a custom object is its id."""
    return _NAMES.get(type_id, type_id)


_NAMES = {type_id: name for name, type_id in OBJECT_TYPES.items()}
