"""A bounded sample of an object's values, where somebody asked for it: one search for each chunk of properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import tables as t
from connectors.hubspot.client import Client, Refused
from connectors.hubspot.reading import MALFORMED
from connectors.sampling import Counted, Sampling, counted, nothing_to_read, sampled, together

PER_SEARCH = 20
"""Properties, whose names may be long; the body of a search may have 3,000 characters (hubspot 6.2)."""

_TEXTS = frozenset({"text", "phonenumber"})
"""How short texts are edited; choices are known from the schema, and free text never is one code."""


def samples(client: Client, snapshot: Snapshot, wanted: Sampling) -> list[Reading]:
    """One reading for each object that may be sampled."""
    return [_sample(client, snapshot, object_, wanted) for object_ in wanted.objects]


def remedy(object_: str) -> str:
    """What would open a sample."""
    return f"Give the token the scope {cat.scopes_of(cat.SEARCH, object_)[0]}, or take the object out of the sampling."


def fields_to_sample(snapshot: Snapshot, object_: str, undecided: frozenset[str]) -> list[str]:
    """The portal's own short texts that nobody decided about; sensitive ones are labelled, so they are decided."""
    return sorted(
        row["name"]
        for row in snapshot.table(f"{t.PROPERTIES}:{object_}").to_pylist()
        if f"{object_}.{row['name']}" in undecided and _is_short_text(row)
    )


def _is_short_text(row: Mapping[str, Any]) -> bool:
    kept_out = row["archived"] or row["calculated"] or row["hubspot_defined"]
    return not kept_out and row["field_type"] in _TEXTS and row["sensitivity"] == "non_sensitive"


def _sample(client: Client, snapshot: Snapshot, object_: str, wanted: Sampling) -> Reading:
    names = fields_to_sample(snapshot, object_, wanted.undecided)
    if not names:
        return nothing_to_read(object_, cat.SEARCH.path, snapshot.unread(f"{t.PROPERTIES}:{object_}"))
    parts = [names[at : at + PER_SEARCH] for at in range(0, len(names), PER_SEARCH)]
    found = together(_part(client, object_, part, wanted) for part in parts)
    return sampled(object_, names, wanted, found, cat.SEARCH.path, remedy(object_))


def _part(client: Client, object_: str, names: Sequence[str], wanted: Sampling) -> Counted:
    """One search. A property that HubSpot leaves out of its answers was not shown; an empty one is there as null."""
    body = {"filterGroups": [], "properties": list(names), "limit": wanted.rows}
    try:
        records = _properties(client.ask(cat.SEARCH, body=body, type=object_).content, object_)
    except Refused as refused:
        return Counted(unread=refused.unread)
    shown = [name for name in names if not records or any(name in record for record in records)]
    part = counted(object_, shown, records[: wanted.rows], wanted)
    return Counted(part.rows, part.came, part.unread, tuple(name for name in names if name not in shown))


def _properties(content: Any, object_: str) -> list[Mapping[str, Any]]:
    """The properties of each record on a page of a search; raises Refused if it is none."""
    try:
        return [dict(row["properties"]) for row in content["results"]]
    except MALFORMED:
        detail = f"{object_}: the answer is not that of a search."
        raise Refused(Unread(Why.FAILED, detail, "Run again.", "FAULT")) from None
