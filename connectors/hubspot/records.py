"""How many records there are, and who may open a sample of those that hold something: ids only (hubspot 3.3, 6.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import tables as t
from connectors.hubspot.absent import no_permitted_users
from connectors.hubspot.client import Refused
from connectors.hubspot.reading import Reader, missing, reading
from connectors.hubspot.rows import text

PER_CALL = 20
"""Records that permitted-users answers for at once (hubspot 3.3)."""

MOST_SAMPLED = 200
"""Records that one search shows."""

NO_VALUES = ["hs_object_id"]
"""The properties every search asks for: without a list, HubSpot serves names and ticket texts (hubspot 6.2)."""


def found_by(content: Any, what: str) -> tuple[int, list[str]]:
    """The total of a search and the ids on its page; raises Refused if it is none."""
    match content:
        case {"total": int(total), "results": list(results)} if total >= 0:
            ids = [text(row.get("id")) if isinstance(row, dict) else None for row in results]
            if all(ids):
                return total, [id_ for id_ in ids if id_]
    raise Refused(Unread(Why.FAILED, f"{what}: the answer is not that of a search.", "Run again.", "FAULT"))


class RecordReadings:
    """The readings about the records of tagged objects."""

    def __init__(self, reader: Reader, snapshot: Snapshot, tagged: Sequence[str], sample: int) -> None:
        self._reader = reader
        self._client = reader.client
        self._portal = snapshot.manifest.org_id
        self._tagged = tagged
        self._sample = min(sample, MOST_SAMPLED)
        self._snapshot = snapshot

    def read(self, objects: Sequence[str]) -> Iterator[Reading]:
        """The count and the sampled reach of each object."""
        for object_ in sorted(objects):
            count = self._count(object_)
            yield count
            yield self._reach(object_, count.unread)

    def _count(self, object_: str) -> Reading:
        name = f"{t.RECORDS}:{object_}"
        body = {"filterGroups": [], "properties": NO_VALUES, "limit": 1}
        try:
            answer = self._client.ask(cat.SEARCH, body=body, type=object_)
            total, _ = found_by(answer.content, name)
        except Refused as refused:
            return missing(name, refused.unread, cat.SEARCH.path)
        return reading(name, [{"object": object_, "live": total}], None, cat.SEARCH.path, expected=total)

    def _reach(self, object_: str, uncounted: Unread | None) -> Reading:
        """Who may open sampled records; where records cannot be looked up, there is nothing to sample."""
        name = f"{t.RECORD_REACH}:{object_}"
        if object_ not in cat.PERMITTED_OBJECTS:
            detail = "HubSpot tells who may open a record for contacts, companies, deals and tickets only."
            return missing(name, Unread(Why.NOT_EXPOSED, detail, "", "NOT_AVAILABLE"))
        if uncounted is not None and uncounted.why is Why.FORBIDDEN:
            return missing(name, uncounted, cat.PERMITTED_USERS.path)
        rows: list[Mapping[str, Any]] = []
        unread, hidden = None, []
        try:
            sampled = {}
            for property_ in self._properties(object_):
                try:
                    sampled[property_] = self._holding(object_, property_)
                except Refused as refused:
                    if self._client.stopped or refused.refusal.status not in {400, 403}:
                        raise
                    hidden.append(property_)
                    unread = refused.unread if refused.refusal.status == 403 else unread
            viewers = self._viewers(
                object_, sorted({id_ for ids in sampled.values() for id_ in ids}, key=_number)
            )
            for property_, ids in sampled.items():
                rows += _reached(object_, property_, ids, viewers)
        except Refused as refused:
            unread = no_permitted_users(refused)
        note = f"Not sampled, since HubSpot does not search by them: {', '.join(hidden)}." if hidden else ""
        return reading(name, rows, unread, cat.PERMITTED_USERS.path, note=note)

    def _properties(self, object_: str) -> list[str]:
        """The tagged properties by which records can be looked up; highly sensitive ones never can (6.2)."""
        return [
            row["name"]
            for row in self._snapshot.table(f"{t.PROPERTIES}:{object_}").to_pylist()
            if f"{object_}.{row['name']}" in self._tagged
            and not row["archived"]
            and row["sensitivity"] != "highly_sensitive"
        ]

    def _holding(self, object_: str, property_: str) -> list[str]:
        """The first live records by id that hold something in a property."""
        if not self._sample:
            return []
        holds = {"propertyName": property_, "operator": "HAS_PROPERTY"}
        body = {
            "filterGroups": [{"filters": [holds]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": NO_VALUES,
            "limit": self._sample,
        }
        return found_by(self._client.ask(cat.SEARCH, body=body, type=object_).content, property_)[1]

    def _viewers(self, object_: str, ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Who may view each record; a record HubSpot cannot answer for is not there.

        Without any record, one question is asked all the same, which tells whether there would be answers.
        """
        type_id = cat.OBJECT_TYPES[object_]
        found: dict[str, frozenset[str]] = {}
        for at in range(0, max(len(ids), 1), PER_CALL):
            chunk = ids[at : at + PER_CALL] or ["1"]
            names = {f"hcrn:{self._portal}:crm-object:{type_id}:{id_}": id_ for id_ in chunk}
            answer = self._client.ask(cat.PERMITTED_USERS, {"resource": list(names)}, about="")
            resources = answer.content.get("resources") if isinstance(answer.content, dict) else None
            if not isinstance(resources, dict):
                detail = "permitted users: the answer names no resources."
                raise Refused(Unread(Why.FAILED, detail, "Run again.", "FAULT"))
            for name, actions in resources.items():
                if name in names and isinstance(actions, dict):
                    found[names[name]] = _may_view(actions)
        return found


def _may_view(actions: Mapping[str, Any]) -> frozenset[str]:
    """The users under the action that views; HubSpot's actions are not a closed list (hubspot 3.3)."""
    return frozenset(
        user
        for action, said in actions.items()
        if action.rpartition(":")[2].upper() == "VIEW" and isinstance(said, dict)
        for user in map(text, said.get("permittedUsers") or ())
        if user
    )


def _reached(
    object_: str, property_: str, ids: Sequence[str], viewers: Mapping[str, frozenset[str]]
) -> Iterator[Mapping[str, Any]]:
    """One row that says how many records were answered for, and one for each user who may view any of them."""
    answered = [id_ for id_ in ids if id_ in viewers]
    views = Counter(user for id_ in answered for user in viewers[id_])
    counts: list[tuple[str | None, int]] = [(None, 0), *sorted(views.items())]
    for user, viewed in counts:
        yield {
            "object": object_,
            "property": property_,
            "user_id": user,
            "viewed": viewed,
            "answered": len(answered),
            "sampled": len(ids),
        }


def _number(id_: str) -> tuple[int, str]:
    return len(id_), id_
