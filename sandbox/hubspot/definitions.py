"""What a portal's objects are: properties, groups, schemas, association labels (hubspot 2)."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.hubspot.asked import Answer, Call, Route, batch, reads
from sandbox.hubspot.errors import invalid, missing_scopes, not_found
from sandbox.hubspot.fixture import LEVELS
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.portal import Portal, Row

SCHEMA_SCOPES = (
    "crm.schemas.custom.read",
    "crm.objects.custom.read",
    "crm.objects.custom.sensitive.read",
    "crm.objects.custom.highly_sensitive.read",
)


def asked_type(portal: Portal, text: str) -> ObjectType:
    """The object type a request names; 400 if the portal has none of that name."""
    kind = portal.type(text)
    if kind is None:
        raise invalid(f"Unable to infer object type from: {text}")
    return kind


class Definitions:
    """The calls about definitions."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self) -> list[Route]:
        """Every call with its paths."""
        properties = r"/crm/(?:v3/properties|properties/DATE)/{type}"
        schemas = r"/(?:crm-object-schemas/(?:v3|DATE)/schemas|crm/v3/schemas)"
        labels = r"/crm/(?:associations/v4|v4/associations|associations/DATE)/{from}/{to}/labels"
        return [
            reads("properties", properties, self.properties),
            reads("property_groups", f"{properties}/groups", self.property_groups),
            reads("property_group", f"{properties}/groups/{{name}}", self.property_group),
            reads("properties_batch", f"{properties}/batch/read", self.properties_batch, post=True),
            reads("property", f"{properties}/{{name}}", self.property),
            reads("schemas", schemas, self.schemas),
            reads("schema", f"{schemas}/{{type}}", self.schema),
            reads("association_labels", labels, self.association_labels),
        ]

    def properties(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The definitions of one level; plain ones unless another level is asked for."""
        rows = self._of_type(call, path["type"])
        archived, level = call.flag("archived"), _level(call.one("dataSensitivity"))
        return Answer({"results": [row for row in rows.values() if _matches(row, level, archived=archived)]})

    def property(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One definition. Whether it must be asked for at its own level is a switch (hubspot 2.3)."""
        rows = self._of_type(call, path["type"])
        row = rows.get(path["name"])
        asked = call.one("dataSensitivity")
        if row is None or bool(row["archived"]) != call.flag("archived"):
            raise _no_property(path["name"])
        chosen = asked or self.portal.switches.single_hides_sensitive
        if chosen and row["dataSensitivity"] != _level(asked):
            raise _no_property(path["name"])
        if not row.get("hubspotDefined"):
            return Answer(row)
        return Answer({key: value for key, value in row.items() if key != "archived"})

    def properties_batch(self, call: Call, path: Mapping[str, str]) -> Answer:
        """Several definitions of one level; 207 if one is not there."""
        rows = self._of_type(call, path["type"])
        body = call.body()
        absent = [key for key in ("archived", "dataSensitivity", "inputs") if key not in body]
        if absent:
            raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
        level, archived = _level(str(body["dataSensitivity"])), body["archived"] is True
        names = call.inputs("name", 100)
        found = {
            name: rows[name]
            for name in names
            if name in rows and _matches(rows[name], level, archived=archived)
        }
        missing = [name for name in names if name not in found]
        return batch(list(found.values()), missing, "Could not get some properties")

    def property_groups(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The groups of an object's properties."""
        self._of_type(call, path["type"])
        return Answer({"results": list(self.portal.groups[asked_type(self.portal, path["type"]).key])})

    def property_group(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One group."""
        self._of_type(call, path["type"])
        for row in self.portal.groups[asked_type(self.portal, path["type"]).key]:
            if row["name"] == path["name"]:
                return Answer(row)
        raise not_found(f"Group {path['name']} does not exist")

    def schemas(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The custom objects; with `archived` the archived ones come too (hubspot 2.6)."""
        call.need(*SCHEMA_SCOPES)
        archived = call.flag("archived")
        return Answer({"results": [row for row in self.portal.schemas if archived or not row["archived"]]})

    def schema(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One custom object."""
        call.need(*SCHEMA_SCOPES)
        kind = self.portal.type(path["type"])
        for row in self.portal.schemas:
            if kind is not None and row["objectTypeId"] == kind.type_id:
                return Answer(row)
        raise not_found(f"Unable to find object schema {path['type']}")

    def association_labels(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The labels between two objects; any CRM scope will do."""
        kinds = [asked_type(self.portal, path[end]) for end in ("from", "to")]
        if not any(
            scope.startswith(("crm.objects.", "crm.schemas.", "tickets")) for scope in call.credential.granted
        ):
            raise missing_scopes(kinds[0].definition_scopes, named=call.names_scopes)
        labels = self.portal.association_labels.get((kinds[0].key, kinds[1].key), ())
        return Answer({"results": list(labels)})

    def _of_type(self, call: Call, text: str) -> Mapping[str, Row]:
        kind = asked_type(self.portal, text)
        call.need(*kind.definition_scopes)
        return self.portal.properties[kind.key]


def _level(text: str) -> str:
    level = text or LEVELS[0]
    if level not in LEVELS:
        raise invalid(f"dataSensitivity must be one of {', '.join(LEVELS)}, but was {text}")
    return level


def _matches(row: Row, level: str, *, archived: bool) -> bool:
    return row["dataSensitivity"] == level and bool(row["archived"]) is archived


def _no_property(name: str) -> Exception:
    return not_found(f"Property {name} does not exist")
