"""What a refusal means where HubSpot's answer says more than that it is one (hubspot 1.5, 3)."""

from __future__ import annotations

from collections.abc import Collection

from auditor.snapshot import Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot.client import Refused


def no_roles(refused: Refused) -> Unread:
    """A portal whose edition has no permission sets answers 400."""
    if refused.refusal.status == 400 and "access to roles" in refused.refusal.said.lower():
        return Unread(Why.NOT_LICENSED, "The portal's edition has no permission sets.", "", "NOT_ON_TIER")
    return refused.unread


def no_tree(refused: Refused) -> Unread:
    """The tree of teams is a beta interface, which may not be there."""
    if refused.refusal.status == 404:
        detail = "HubSpot's beta interface for the tree of teams is not there."
        return Unread(Why.NOT_EXPOSED, detail, "", "NOT_AVAILABLE")
    return refused.unread


def no_permitted_users(refused: Refused) -> Unread:
    """So is the interface for who may open a record."""
    if refused.refusal.status == 404:
        detail = "HubSpot's interface for who may open a record is not there."
        return Unread(Why.NOT_EXPOSED, detail, "", "NOT_AVAILABLE")
    return refused.unread


def no_audit_log(refused: Refused, scopes: Collection[str] | None) -> Unread:
    """Portals below Enterprise have none; `scopes` are the token's, None if they could not be read."""
    status = refused.refusal.status
    if status == 400 or (status == 403 and not _lacks_scope(refused, scopes)):
        detail = "The audit log is kept for Enterprise portals only."
        return Unread(Why.NOT_LICENSED, detail, "", "NOT_ON_TIER")
    return refused.unread


def _lacks_scope(refused: Refused, scopes: Collection[str] | None) -> bool:
    """Whether a 403 is about scopes: as it says, as the token's own scopes tell, or as its message does."""
    if refused.refusal.category == "MISSING_SCOPES":
        return True
    if scopes is not None:
        return not set(cat.AUDIT_LOG.scopes) & set(scopes)
    return "scope" in refused.refusal.said.lower()
