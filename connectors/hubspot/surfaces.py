"""What marketing works with, and what was changed lately: listings of lists, forms, workflows, e-mails (hubspot 5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from auditor.snapshot import Reading, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import rows
from connectors.hubspot import tables as t
from connectors.hubspot.absent import no_audit_log
from connectors.hubspot.client import Refused
from connectors.hubspot.reading import Reader, missing

LISTS_PER_PAGE = 500
AUDIT_LOG_DAYS = 30
_SCOPE_REMEDY = "Give the token the sensitive read scope of the workflow's object, or look at it in HubSpot."


def surfaces(reader: Reader, taken_at: datetime, scopes: Collection[str] | None) -> Iterator[Reading]:
    """Every listing, and one more reading for each workflow whose detail was refused.

    `scopes` are those of the token, None if they could not be read.
    """
    body = {"query": "", "count": LISTS_PER_PAGE, "processingTypes": [], "additionalProperties": []}
    yield reader.gathered(t.LISTS, cat.LISTS, rows.list_row, reader.offsets(cat.LISTS, "lists", body))
    form_queries = [{"formTypes": "all", "limit": 100, "archived": gone} for gone in ("false", "true")]
    yield reader.listed(t.FORMS, cat.FORMS, rows.form, form_queries)
    flows = reader.listed(t.FLOWS, cat.FLOWS, rows.flow, [{"limit": 100}])
    yield flows
    yield from _hidden_flows(reader, flows)
    yield reader.listed(t.EMAILS, cat.EMAILS, rows.email, [{"limit": 100}])
    yield reader.listed(t.SUBSCRIPTIONS, cat.SUBSCRIPTIONS, rows.subscription)
    yield _audit_log(reader, taken_at, scopes)


def _hidden_flows(reader: Reader, flows: Reading) -> Iterator[Reading]:
    """A reading for each listed workflow that is not shown: probably one about sensitive data (hubspot 5.4)."""
    for row in flows.table.to_pylist():
        name = f"{t.FLOW}:{row['id']}"
        try:
            reader.client.ask(cat.FLOW, id=row["id"])
        except Refused as refused:
            unread = refused.unread
            if refused.refusal.status == 403:
                detail = "The workflow is listed but not shown: it probably uses sensitive data."
                unread = Unread(Why.FORBIDDEN, detail, _SCOPE_REMEDY, "SENSITIVE_FLOW")
            yield missing(name, unread, cat.FLOW.path)
        except ValueError:
            yield missing(name, Unread(Why.FAILED, "The workflow's id is none.", "", "FAULT"), cat.FLOW.path)


def _audit_log(reader: Reader, taken_at: datetime, scopes: Collection[str] | None) -> Reading:
    """Changes of the last weeks; below Enterprise there is no log (hubspot 1.5, 5.7)."""
    since = (taken_at.astimezone(UTC) - timedelta(days=AUDIT_LOG_DAYS)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    query = {"limit": 100, "occurredAfter": since}
    explained = partial(no_audit_log, scopes=scopes)
    log = reader.listed(t.AUDIT_LOG, cat.AUDIT_LOG, rows.change, [query], key="", explained=explained)
    return log if log.unread else replace(log, note=f"Entries of the last {AUDIT_LOG_DAYS} days.")
