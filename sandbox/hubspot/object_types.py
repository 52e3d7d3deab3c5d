"""The kinds of records a portal has: names, type ids, built-in properties and scopes (hubspot 1.4, 2.5, 6.2)."""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

TYPE_IDS = {
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
"""HubSpot's own object types, by the plural name a fixture uses."""

ACTIVITIES = frozenset("notes meetings calls emails tasks communications postal_mail".split())
"""What people did: stamped like custom objects, and open to whoever may read contacts."""

CUSTOM = re.compile(r"2-\d+")

PERMITTED_USERS_TYPES = ("0-1", "0-2", "0-3", "0-5")
"""The only types for which HubSpot says who may open a record (hubspot 3.3)."""

_SINGULAR = {"companies": "company", "taxes": "tax", "emails": "email", "postal_mail": "postal_mail"}

_BUILT_IN = {
    "contacts": "email firstname lastname phone lifecyclestage hubspot_owner_id notes_last_contacted "
    "notes_last_updated hs_email_last_send_date hs_email_last_open_date hs_last_sales_activity_timestamp",
    "companies": "name domain lifecyclestage hubspot_owner_id notes_last_contacted",
    "deals": "dealname dealstage pipeline amount closedate hubspot_owner_id notes_last_contacted",
    "tickets": "subject content hs_pipeline hs_pipeline_stage hs_ticket_priority closed_date hubspot_owner_id",
    "products": "name description price",
    "line_items": "name price quantity",
    "notes": "hs_timestamp hs_note_body hs_attachment_ids hubspot_owner_id",
    "calls": "hs_timestamp hs_call_title hs_call_body hs_call_recording_url hubspot_owner_id",
    "meetings": "hs_timestamp hs_meeting_title hs_meeting_body hs_internal_meeting_notes hubspot_owner_id",
    "emails": "hs_timestamp hs_email_subject hs_email_text hs_email_html hubspot_owner_id",
    "tasks": "hs_timestamp hs_task_subject hs_task_body hubspot_owner_id",
    "communications": "hs_timestamp hs_communication_body hubspot_owner_id",
    "postal_mail": "hs_timestamp hs_postal_mail_body hubspot_owner_id",
    "feedback_submissions": "hs_submission_name hs_content",
    "users": "hs_internal_user_id hs_email hs_given_name hs_family_name hs_job_title",
}
_CUSTOM_BUILT_IN = "hs_pipeline hs_pipeline_stage hubspot_owner_id"
_DEFAULTS = {
    "contacts": "firstname lastname email",
    "companies": "name domain",
    "deals": "dealname amount closedate pipeline dealstage",
    "tickets": "content subject hs_pipeline hs_pipeline_stage hs_ticket_priority",
}
_TIMES = frozenset(
    "createdate lastmodifieddate hs_createdate hs_lastmodifieddate closedate closed_date hs_timestamp "
    "notes_last_contacted notes_last_updated hs_email_last_send_date hs_email_last_open_date "
    "hs_last_sales_activity_timestamp".split()
)
_NUMBERS = frozenset("hs_object_id amount price quantity".split())
_CHOICES = frozenset(
    "lifecyclestage dealstage pipeline hs_pipeline hs_pipeline_stage hs_ticket_priority".split()
)


@dataclass(frozen=True)
class ObjectType:
    """One kind of record. `key` is the fixture's name for it, `scope` the word that scopes use."""

    key: str
    type_id: str
    name: str

    @property
    def custom(self) -> bool:
        """Whether the portal made this object itself."""
        return self.type_id.startswith("2-")

    @property
    def created(self) -> str:
        """The property with the moment of creation."""
        return "hs_createdate" if self.custom or self.key in ACTIVITIES else "createdate"

    @property
    def changed(self) -> str:
        """The property with the moment of the last change."""
        return "lastmodifieddate" if self.key == "contacts" else "hs_lastmodifieddate"

    @property
    def forced(self) -> tuple[str, str, str]:
        """The properties that every record shows, whatever was asked for."""
        return (self.created, self.changed, "hs_object_id")

    @property
    def defaults(self) -> tuple[str, ...]:
        """The properties a record shows when none were asked for."""
        return (*_DEFAULTS.get(self.key, "").split(), *self.forced)

    @property
    def built_in(self) -> tuple[str, ...]:
        """The properties HubSpot defines on every portal."""
        own = _CUSTOM_BUILT_IN if self.custom else _BUILT_IN.get(self.key, "hubspot_owner_id")
        return (*self.forced, *own.split())

    @cached_property
    def scope_word(self) -> str:
        """The object's name in scopes."""
        return "custom" if self.custom else self.key

    @cached_property
    def read_scopes(self) -> tuple[str, ...]:
        """Any one of these opens the records."""
        own = f"crm.objects.{self.scope_word}.read"
        if self.key == "tickets":
            return ("tickets", own)
        return ("crm.objects.contacts.read", own) if self.key in ACTIVITIES else (own,)

    def level_scopes(self, sensitivity: str) -> tuple[str, ...]:
        """Any one of these opens, beside a read scope, the values of a level; none for plain properties."""
        if sensitivity == "non_sensitive":
            return ()
        own = f"crm.objects.{self.scope_word}.{sensitivity}.read"
        return (f"tickets.{sensitivity}", own) if self.key == "tickets" else (own,)

    @cached_property
    def definition_scopes(self) -> tuple[str, ...]:
        """Any one of these opens the property definitions."""
        return (
            f"crm.schemas.{self.scope_word}.read",
            *self.read_scopes,
            *self.level_scopes("sensitive"),
            *self.level_scopes("highly_sensitive"),
        )


def standard_types() -> dict[str, ObjectType]:
    """HubSpot's own types by key."""
    return {key: ObjectType(key, type_id, _singular(key)) for key, type_id in TYPE_IDS.items()}


def custom_type(type_id: str, name: str) -> ObjectType:
    """The type of a custom object."""
    return ObjectType(type_id, type_id, name)


def type_of_built_in(name: str) -> str:
    """The data type of one of HubSpot's own properties."""
    if name in _TIMES:
        return "datetime"
    if name in _NUMBERS:
        return "number"
    return "enumeration" if name in _CHOICES else "string"


def find_type(types: Mapping[str, ObjectType], portal_id: int, text: str) -> ObjectType | None:
    """The type a path or a body means: plural or singular name in any case, a type id, or `p{portal}_{name}`.

    The bare name of a custom object is not enough (hubspot 2.1).
    """
    wanted = text.lower()
    for each in types.values():
        if wanted in {each.key, each.type_id}:
            return each
        if each.custom and wanted == f"p{portal_id}_{each.name}".lower():
            return each
        if not each.custom and wanted == each.name:
            return each
    return None


def _singular(key: str) -> str:
    return _SINGULAR.get(key, key.removesuffix("s"))
