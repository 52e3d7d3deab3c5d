"""Reading records: lists, single ones, batches and searches (hubspot 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.hubspot.asked import Answer, Call, Route, batch, paging, reads
from sandbox.hubspot.definitions import asked_type
from sandbox.hubspot.errors import ApiError, invalid, missing_scopes, not_found
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.portal import Portal, Row
from sandbox.hubspot.records import Record
from sandbox.hubspot.search import WINDOW, read_search

MOST_IN_LIST, MOST_WITH_HISTORY, MOST_IN_BATCH = 100, 50, 100


class Records:
    """The calls about records."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self) -> list[Route]:
        """Every call with its paths."""
        objects = r"/crm/(?:v3/objects|objects/DATE)/{type}"
        return [
            reads("records", objects, self.records),
            reads("record_batch", f"{objects}/batch/read", self.record_batch, post=True),
            reads("record_search", f"{objects}/search", self.search, post=True, search=True),
            reads("record", f"{objects}/{{id}}", self.record),
        ]

    def records(self, call: Call, path: Mapping[str, str]) -> Answer:
        """A page of records in the order of their ids; `after` is the id the next page begins with."""
        kind = self._kind(call, path["type"])
        history = call.many("propertiesWithHistory") or []
        limit = call.limit(10, MOST_WITH_HISTORY if history else MOST_IN_LIST)
        after = call.one("after", "0")
        if not after.isdigit():
            raise invalid(f"The after parameter {after!r} is not a record id")
        table = self.portal.tables[kind.key]
        if self._archived(call, kind):
            rows: Sequence[Record] = [each for each in table.archived if each.id >= int(after)][: limit + 1]
        else:
            start = table.position(int(after))
            rows = [table.record(place) for place in range(start, min(start + limit + 1, len(table)))]
        shown = _Shown(self.portal, kind, call, call.many("properties"), history)
        body: Row = {"results": [shown.row(each) for each in rows[:limit]]}
        if len(rows) > limit:
            body["paging"] = paging(call, str(rows[limit].id))
        return Answer(body, values=frozenset(shown.served), here=str(rows[0].id) if rows else after)

    def record(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One record, by its id or by a property with unique values."""
        kind = self._kind(call, path["type"])
        archived = self._archived(call, kind)
        found = self._find(kind, path["id"], call.one("idProperty"), archived=archived)
        if found is None:
            raise not_found(f"Object not found. objectId: {path['id']} objectTypeId: {kind.type_id}")
        history = call.many("propertiesWithHistory") or []
        shown = _Shown(self.portal, kind, call, call.many("properties"), history)
        return Answer(shown.row(found), values=frozenset(shown.served))

    def record_batch(self, call: Call, path: Mapping[str, str]) -> Answer:
        """Up to a hundred records; 207 if one of them is not there."""
        kind = self._kind(call, path["type"])
        archived = self._archived(call, kind)
        body, ids = call.body(), call.inputs("id", MOST_IN_BATCH)
        by = str(body.get("idProperty") or "")
        found = {each: self._find(kind, each, by, archived=archived) for each in ids}
        shown = _Shown(
            self.portal, kind, call, body.get("properties"), body.get("propertiesWithHistory") or []
        )
        rows = [shown.row(record) for record in found.values() if record is not None]
        missing = [each for each, record in found.items() if record is None]
        return batch(rows, missing, "Could not get some objects", values=frozenset(shown.served))

    def search(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The records that answer a condition, and how many there are."""
        kind = self._kind(call, path["type"])
        definitions = self.portal.properties[kind.key]
        characters = len(call.content.decode("utf-8", "replace"))
        asked = read_search(
            call.body(), characters, definitions, lambda name: self._filter_refusal(call, kind, name)
        )
        table = self.portal.tables[kind.key]
        positions = asked.positions(table, str(definitions[asked.sort]["type"]))
        chosen = positions[asked.after : asked.after + asked.limit].tolist()
        shown = _Shown(self.portal, kind, call, asked.properties, (), hide_highly=True)
        total = len(positions)
        if self.portal.switches.total_capped:
            total = min(total, WINDOW)
        body: Row = {"total": total, "results": [shown.row(table.record(place)) for place in chosen]}
        if asked.after + asked.limit < len(positions):
            body["paging"] = {"next": {"after": str(asked.after + asked.limit)}}
        return Answer(body, values=frozenset(shown.served), here=str(asked.after))

    def _kind(self, call: Call, text: str) -> ObjectType:
        kind = asked_type(self.portal, text)
        call.need(*kind.read_scopes)
        return kind

    @staticmethod
    def _archived(call: Call, kind: ObjectType) -> bool:
        archived = call.flag("archived")
        if archived and kind.key == "users":
            raise invalid("Archived users cannot be read")
        return archived

    def _find(self, kind: ObjectType, text: str, by: str, *, archived: bool) -> Record | None:
        table = self.portal.tables[kind.key]
        if by and by != "hs_object_id":
            if by not in self.portal.properties[kind.key]:
                raise invalid(f"{by} is not a property with unique values")
            rows: Iterable[Record] = table.archived if archived else table
            return next((each for each in rows if (each.values.get(by) or "").lower() == text.lower()), None)
        if not text.isdigit():
            return None
        return table.find_archived(int(text)) if archived else table.find(int(text))

    def _filter_refusal(self, call: Call, kind: ObjectType, name: str) -> ApiError | None:
        """Whether a property is too sensitive to search by (hubspot 6.2, and two switches)."""
        level = self.portal.level(kind, name)
        scopes = kind.level_scopes(level or "non_sensitive")
        if level == "highly_sensitive":
            if self.portal.switches.highly_search == 403:
                return missing_scopes(scopes, named=call.names_scopes)
            return invalid(f"Property {name} is highly sensitive and cannot be searched")
        if self.portal.switches.filter_denied and not call.credential.opens(scopes):
            return missing_scopes(scopes, named=call.names_scopes)
        return None


class _Shown:
    """Which properties of a record a request sees; `served` collects those whose values went out."""

    def __init__(
        self,
        portal: Portal,
        kind: ObjectType,
        call: Call,
        properties: object,
        history: object,
        *,
        hide_highly: bool = False,
    ) -> None:
        self.kind = kind
        self.served: set[str] = set()
        wanted = kind.defaults if properties is None else (*_names(properties), *kind.forced)
        self.names = [
            name for name in dict.fromkeys(wanted) if _open(portal, kind, call, name, hide_highly=hide_highly)
        ]
        self.history = [
            name for name in _names(history) if _open(portal, kind, call, name, hide_highly=hide_highly)
        ]

    def row(self, record: Record) -> Row:
        """One record as it is served."""
        values = {name: record.values.get(name) for name in self.names}
        self.served |= {f"{self.kind.key}.{name}" for name, value in values.items() if value is not None}
        row: Row = {
            "id": str(record.id),
            "properties": values,
            "createdAt": record.created_at,
            "updatedAt": record.updated_at,
            "archived": record.archived,
        }
        if record.archived:
            row["archivedAt"] = record.archived_at
        if self.history:
            row["propertiesWithHistory"] = {name: self._history(record, name) for name in self.history}
        return row

    def _history(self, record: Record, name: str) -> list[Row]:
        given = record.history.get(name)
        if given is None:
            value = record.values.get(name)
            given = [] if value is None else [{"value": value, "timestamp": record.updated_at}]
        if given:
            self.served.add(f"{self.kind.key}.{name}")
        return [{"sourceType": "CRM_UI", **entry} for entry in given]


def _names(given: object) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise invalid("properties must be an array")
    return [str(name) for name in given]


def _open(portal: Portal, kind: ObjectType, call: Call, name: str, *, hide_highly: bool) -> bool:
    """Whether a property is there to be served; a value above the token's scopes may be a refusal."""
    definition = portal.properties[kind.key].get(name)
    if definition is None or definition["archived"]:
        return False
    level = str(definition["dataSensitivity"])
    scopes = kind.level_scopes(level)
    if not call.credential.opens(scopes):
        if portal.switches.values_denied:
            raise missing_scopes(scopes, named=call.names_scopes)
        return False
    return not (hide_highly and level == "highly_sensitive")
