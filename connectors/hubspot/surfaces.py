"""What marketing works with, and what was changed lately: lists, forms, workflows, e-mails, the log (hubspot 5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from auditor.snapshot import Reading, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import rows
from connectors.hubspot import tables as t
from connectors.hubspot.absent import no_audit_log
from connectors.hubspot.assets import Parser
from connectors.hubspot.catalogue import Call
from connectors.hubspot.client import Refused
from connectors.hubspot.reading import MALFORMED, Reader, missing, reading

LISTS_PER_PAGE = 500
IDS_PER_CALL = 100
AUDIT_LOG_DAYS = 30
_FEW = 20
"""So many details are asked one by one, where each answer says most; more are asked a hundred at a time."""
_LIST_FACTS = ["hs_list_size", "hs_folder_name"]
_SCOPE_REMEDY = "Give the token the sensitive read scope of the workflow's object, or look at it in HubSpot."

Row = Mapping[str, Any]
Details = dict[str, "Row | Unread"]


def detail_calls(count: int) -> int:
    """How many calls the details of so many lists or workflows take."""
    return count if count <= _FEW else -(-count // IDS_PER_CALL)


def surfaces(
    reader: Reader, parser: Parser, taken_at: datetime, scopes: Collection[str] | None
) -> Iterator[Reading]:
    """Every asset with what it is about, and one more reading for each that was not shown or not understood.

    `scopes` are those of the token, None if they could not be read.
    """
    yield from _lists(reader, parser)
    queries = [{"formTypes": "all", "limit": 100, "archived": gone} for gone in ("false", "true")]
    yield reader.listed(t.FORMS, cat.FORMS, parser.form, queries)
    yield from _flows(reader, parser)
    emails = reader.listed(t.EMAILS, cat.EMAILS, parser.email, [{"limit": 100}])
    yield emails
    yield _list_ids(reader, emails)
    yield reader.listed(t.SUBSCRIPTIONS, cat.SUBSCRIPTIONS, rows.subscription)
    yield _audit_log(reader, taken_at, scopes)


def _lists(reader: Reader, parser: Parser) -> Iterator[Reading]:
    """The lists with their filters: the search tells which there are, and shows no filter (hubspot 5.3)."""
    body = {"query": "", "count": LISTS_PER_PAGE, "processingTypes": [], "additionalProperties": _LIST_FACTS}
    yield from _with_details(
        reader,
        (t.LISTS, t.LIST),
        cat.LISTS,
        reader.offsets(cat.LISTS, "lists", body),
        ("listId", parser.list_row, partial(_list_details, reader)),
    )


def _flows(reader: Reader, parser: Parser) -> Iterator[Reading]:
    """The workflows with their steps; listed and not shown means probably one about sensitive data (hubspot 5.4)."""
    yield from _with_details(
        reader,
        (t.FLOWS, t.FLOW),
        cat.FLOWS,
        reader.pages(cat.FLOWS, {"limit": 100}),
        ("id", parser.flow, partial(_flow_details, reader)),
    )


def _with_details(
    reader: Reader,
    names: tuple[str, str],
    call: Call,
    batches: Iterable[Sequence[Any]],
    made: tuple[str, Callable[[Row, Row | None], Row], Callable[[Sequence[str]], Details]],
) -> Iterator[Reading]:
    """A listing, page by page with details of what it lists; an asset not wholly known gets a reading of its own."""
    lost: dict[str, Unread] = {}
    key, row_of, details_of = made

    def with_details() -> Iterator[list[Row]]:
        for batch in batches:
            listed = [raw for raw in batch if isinstance(raw, dict)]
            ids = list(dict.fromkeys(filter(None, (rows.text(raw.get(key)) for raw in listed))))
            found = details_of(ids)
            page: list[Row] = [{} for raw in batch if not isinstance(raw, dict)]
            for raw in listed:
                detail = found.get(rows.text(raw.get(key)) or "")
                page.append({"listed": raw, "detail": None if isinstance(detail, Unread) else detail})
                if isinstance(detail, Unread):
                    lost[rows.text(raw.get(key)) or ""] = detail
            yield page

    listing = reader.gathered(
        names[0], call, lambda one: row_of(one["listed"], one["detail"]), with_details(), key="id"
    )
    yield listing
    for row in listing.table.select(["id", "name", "unparsed"]).to_pylist():
        name, known = f"{names[1]}:{row['id']}", {"id": row["id"], "name": row["name"]}
        if row["id"] in lost:
            yield missing(name, lost[row["id"]], call.path)
        elif row["unparsed"]:
            detail = (
                f"Not fully parsed: there is {', '.join(row['unparsed'])}. What is known of it still counts."
            )
            yield reading(name, [known], Unread(Why.TRUNCATED, detail, "", "UNPARSED_FILTER"), call.path)


def _batched(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + IDS_PER_CALL] for start in range(0, len(ids), IDS_PER_CALL))


def _one_list(reader: Reader, id_: str) -> Row | Unread:
    return _detail(reader, cat.LIST, id_, {"includeFilters": "true"}, lambda content: content["list"])


def _list_details(reader: Reader, ids: Sequence[str]) -> Details:
    """The filters of lists; one that an answer leaves out is asked for by itself, for that answer says why."""
    found: Details = {}
    if len(ids) <= _FEW:
        for one in ids:
            found[one] = _one_list(reader, one)
        return found
    for some in _batched(ids):
        query = {"listIds": list(some), "includeFilters": "true"}
        try:
            shown = reader.client.ask(cat.LISTS_BY_ID, query).content["lists"]
            found |= {str(one["listId"]): one for one in shown if isinstance(one, dict) and "listId" in one}
            if found.keys() & set(some):
                found |= {one: _one_list(reader, one) for one in some if one not in found}
        except Refused as refused:
            found |= dict.fromkeys(some, refused.unread)
        except MALFORMED:
            found |= dict.fromkeys(some, _odd("lists"))
        found |= dict.fromkeys(set(some) - found.keys(), _left_out("list"))
    return found


def _flow_details(reader: Reader, ids: Sequence[str]) -> Details:
    """The steps of workflows; one that a batch leaves out is asked for by itself, for that answer says why."""
    found: Details = {}
    if len(ids) > _FEW:
        for some in _batched(ids):
            body = {"inputs": [{"type": "FLOW_ID", "flowId": one} for one in some]}
            try:
                shown = reader.client.ask(cat.FLOWS_BY_ID, body=body).content["results"]
                found |= {str(one["id"]): one for one in shown if isinstance(one, dict) and "id" in one}
            except (Refused, *MALFORMED):
                continue
    for one in ids:
        if one not in found:
            found[one] = _hidden(_detail(reader, cat.FLOW, one, None, lambda content: content))
    return found


def _detail(
    reader: Reader, call: Call, id_: str, query: Row | None, part: Callable[[Any], Any]
) -> Row | Unread:
    try:
        shown = part(reader.client.ask(call, query, id=id_).content)
    except Refused as refused:
        return refused.unread
    except MALFORMED:
        return _odd(call.name)
    return shown if isinstance(shown, dict) else _odd(call.name)


def _hidden(found: Row | Unread) -> Row | Unread:
    """A workflow that is listed and forbidden probably uses sensitive data (hubspot 5.4)."""
    if not isinstance(found, Unread) or found.why is not Why.FORBIDDEN:
        return found
    detail = "The workflow is listed but not shown: it probably uses sensitive data."
    return Unread(Why.FORBIDDEN, detail, _SCOPE_REMEDY, "SENSITIVE_FLOW")


def _odd(what: str) -> Unread:
    return Unread(Why.FAILED, f"{what}: the answer is not what HubSpot documents.", "Run again.", "FAULT")


def _left_out(what: str) -> Unread:
    return Unread(Why.FAILED, f"The {what} was listed, but not shown when asked for.", "Run again.", "FAULT")


def _list_ids(reader: Reader, emails: Reading) -> Reading:
    """The ids of lists that e-mails name by their older ones; without the right to lists nothing hangs on them."""
    legacy = sorted({one for row in emails.table.column("legacy_lists").to_pylist() for one in row or ()})
    found: list[Row] = []
    for some in _batched(legacy):
        try:
            shown = reader.client.ask(cat.LIST_IDS, body=list(some)).content["legacyListIdsToIdsMapping"]
            found += [
                {"legacy_id": rows.needed(one, "legacyListId"), "id": rows.needed(one, "listId")}
                for one in shown
            ]
        except Refused as refused:
            return reading(t.LIST_IDS, found, refused.unread, cat.LIST_IDS.path)
        except MALFORMED:
            return reading(t.LIST_IDS, found, _odd("ids of lists"), cat.LIST_IDS.path)
    return reading(t.LIST_IDS, found, None, cat.LIST_IDS.path)


def _audit_log(reader: Reader, taken_at: datetime, scopes: Collection[str] | None) -> Reading:
    """Changes of the last weeks; below Enterprise there is no log (hubspot 1.5, 5.7)."""
    since = (taken_at.astimezone(UTC) - timedelta(days=AUDIT_LOG_DAYS)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    query = {"limit": 100, "occurredAfter": since}
    explained = partial(no_audit_log, scopes=scopes)
    log = reader.listed(t.AUDIT_LOG, cat.AUDIT_LOG, rows.change, [query], key="", explained=explained)
    return log if log.unread else replace(log, note=f"Entries of the last {AUDIT_LOG_DAYS} days.")
