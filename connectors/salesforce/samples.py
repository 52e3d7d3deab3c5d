"""A bounded sample of an object's values, where somebody asked for it: one query for each chunk of fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.phi import FieldFacts
from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import Client, Refused
from connectors.salesforce.reading import NAMES_PER_QUERY, chunks
from connectors.salesforce.semantics.fields import facts
from connectors.sampling import (
    LONGEST_FIELD,
    Counted,
    Sampling,
    counted,
    nothing_to_read,
    sampled,
    together,
)

REMEDY = (
    "Give the auditing user Read on the object and on the fields, or take the object out of the sampling."
)
_TEXTS = frozenset({"string", "textarea", "phone", "email", "combobox"})
"""Types whose values are short texts; encrypted ones show masked, and picklists are known from the schema."""


def samples(client: Client, snapshot: Snapshot, wanted: Sampling) -> list[Reading]:
    """One reading for each object that may be sampled."""
    fields = fields_to_sample(snapshot, wanted)
    return [_sample(client, snapshot, object_, fields[object_], wanted) for object_ in wanted.objects]


def fields_to_sample(snapshot: Snapshot, wanted: Sampling) -> dict[str, list[str]]:
    """By object, its own short texts that nobody decided about; what standard fields hold, the vendor says."""
    fields: dict[str, list[str]] = {object_: [] for object_ in wanted.objects}
    for one in facts(snapshot):
        if one.object in fields and one.key in wanted.undecided and _is_short_text(one):
            fields[one.object].append(one.name)
    return fields


def _is_short_text(one: FieldFacts) -> bool:
    return one.custom and not one.calculated and one.type in _TEXTS and 0 < one.length <= LONGEST_FIELD


def _sample(
    client: Client, snapshot: Snapshot, object_: str, names: Sequence[str], wanted: Sampling
) -> Reading:
    source = f"{Api.QUERY.value}: {object_}"
    if not names:
        return nothing_to_read(object_, source, _unscanned(snapshot, object_))
    found = together(_part(client, object_, chunk, wanted) for chunk in chunks(names, NAMES_PER_QUERY))
    return sampled(object_, names, wanted, found, source, REMEDY)


def _unscanned(snapshot: Snapshot, object_: str) -> Unread | None:
    """Why nothing is known of an object's fields, if that is so."""
    unread = snapshot.unread(cat.PARTICLES.name)
    if unread is not None or object_ in snapshot.table("sobjects").column("name").to_pylist():
        return unread
    return Unread(Why.FORBIDDEN, f"{object_}: not among the objects that were scanned.", REMEDY)


def _part(client: Client, object_: str, names: Sequence[str], wanted: Sampling) -> Counted:
    """One query; fields that this user is not shown are left out of it one by one, and named."""
    hidden: list[str] = []
    while asked := [name for name in names if name not in hidden]:
        soql = f"SELECT {', '.join(asked)} FROM {object_} LIMIT {wanted.rows}"
        records: list[dict[str, Any]] = []
        try:
            for page in client.pages(soql, Api.QUERY):
                records += page.records
                if len(records) >= wanted.rows:
                    break
        except Refused as refused:
            if refused.column not in asked:
                return Counted(came=len(records), unread=refused.unread, hidden=tuple(hidden))
            hidden.append(refused.column)
            continue
        part = counted(object_, asked, records[: wanted.rows], wanted)
        return Counted(part.rows, part.came, part.unread, tuple(hidden))
    return Counted(hidden=tuple(hidden))
