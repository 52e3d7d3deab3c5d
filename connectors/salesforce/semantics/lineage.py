"""Which fields show what others hold: twins, formulas and roll-ups (salesforce F10 to F12, F14, F15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from auditor.lineage import Lineage, Step
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.fields import ACTIVITIES, Field, fields
from connectors.salesforce.semantics.formula import FormulaError, references

NOT_SHOWN = "its expression was not shown"

_TARGETS: Mapping[str, tuple[str, ...]] = {
    "createdby": ("User",),
    "lastmodifiedby": ("User",),
    "manager": ("User",),
    "owner": ("User", "Group"),
    "personcontact": ("Contact",),
    "reportsto": ("Contact",),
    "who": ("Contact", "Lead"),
}
"""Where standard lookups lead that are not called after their object, if the reading does not say."""

_OWN = frozenset({"masterrecord", "parent"})
"""Standard lookups to another record of the same object."""


def lineage(snapshot: Snapshot) -> Lineage:
    """Every single step of the org, from the field that holds the data to the one that shows it.

    An address and its parts are the same data (F10), but parts are not tagged on their own account: a formula over a
    part is a step from the whole as well, and one over the whole is a step from each part.
    """
    snapshot = _with_passed(snapshot)
    known = fields(snapshot)
    schema = _Schema(snapshot, known)
    steps = list(_twins(known))
    unresolved: dict[str, tuple[str, ...]] = {}
    unparsed: dict[str, str] = {}
    looked_at = 0
    for made in _computed(snapshot, known, schema):
        sources: dict[tuple[str, str, str], None] = {}
        lost = []
        for read in made.reads:
            found = schema.find(read.owner, read.path)
            held = (same for key in found.keys for same in schema.same_data(key))
            sources |= dict.fromkeys((key, read.how, read.rule) for key in held if key != made.carrier)
            if not found.named:
                lost.append(read.written)
        looked_at += len(made.reads)
        steps += [Step(source, made.carrier, how, rule) for source, how, rule in sources]
        if lost:
            unresolved[made.carrier] = tuple(dict.fromkeys(lost))
        if made.reason:
            unparsed[made.carrier] = made.reason
    return Lineage(tuple(steps), unresolved, unparsed, looked_at)


def between(snapshot: Snapshot) -> frozenset[str]:
    """The objects that computed fields read, or read through, and whose fields are not among the readings."""
    snapshot = _with_passed(snapshot)
    known = fields(snapshot)
    schema = _Schema(snapshot, known)
    reads = (read for made in _computed(snapshot, known, schema) for read in made.reads)
    return frozenset(name for read in reads for name in schema.find(read.owner, read.path).beyond)


def _with_passed(snapshot: Snapshot) -> Snapshot:
    """With the fields of objects that are not scanned but that formulas pass through."""
    passed = snapshot.readings.get(cat.PASSED_PARTICLES.name)
    particles = snapshot.readings.get(cat.PARTICLES.name)
    if passed is None or particles is None or not passed.table.num_rows:
        return snapshot
    table = pa.concat_tables([particles.table, passed.table])
    return Snapshot(snapshot.manifest, {**snapshot.readings, particles.name: replace(particles, table=table)})


def _twins(known: Mapping[str, Field]) -> Iterator[Step]:
    """A Contact field's person-account form, and a custom activity field on both activity objects."""
    for field in known.values():
        if field.object == "Contact":
            person = f"Account.{_person_form(field.name)}"
            if person in known:
                yield Step(field.key, person, "a person account", "salesforce F11", same=True)
        if field.object in ACTIVITIES and field.name.endswith("__c"):
            for other in ACTIVITIES:
                if other != field.object and f"{other}.{field.name}" in known:
                    yield Step(field.key, f"{other}.{field.name}", "an activity", "salesforce F12", same=True)


def _person_form(name: str) -> str:
    """How Account calls a Contact field (F11)."""
    return f"{name.removesuffix('__c')}__pc" if name.endswith("__c") else f"Person{name}"


# -- what computed fields read


@dataclass(frozen=True, slots=True)
class _Read:
    """One name in an expression: from which object it starts, and how and by which rule its content shows."""

    owner: str
    path: tuple[str, ...]
    written: str
    how: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Computed:
    """One computed field with all it reads, or why that is not known."""

    carrier: str
    reads: tuple[_Read, ...] = ()
    reason: str = ""


def _computed(snapshot: Snapshot, known: Mapping[str, Field], schema: _Schema) -> Iterator[_Computed]:
    """Every computed field whose making was asked for, shown by describe, or ought to have been.

    A person-account form is made as its Contact field is, and a twin of it already (F11).
    """
    left = (key for key, field in known.items() if field.calculated and field.name.endswith("__c"))
    asked = {f"{row['object']}.{row['name']}": row for row in snapshot.table(cat.CALCULATIONS).to_pylist()}
    forms = {f"Account.{_person_form(field.name)}" for field in known.values() if field.object == "Contact"}
    shown = {}
    for row in _rows(snapshot, cat.DESCRIBE, "object", "name", "calculatedFormula"):
        name = f"{row['object']}.{row['name']}"
        if row["calculatedFormula"] and name not in forms:
            shown[name] = {"formula": row["calculatedFormula"]}
    for name in dict.fromkeys((*asked, *shown, *left)):
        row = asked.get(name, {})
        if not (row.get("formula") or row.get("summary_operation")):
            row = shown.get(name, {})
        yield _parsed(schema.field(name), row)


def _parsed(carrier: str, row: Mapping[str, Any]) -> _Computed:
    try:
        reads = (*_formula(carrier.partition(".")[0], row.get("formula") or ""), *_roll_up(row))
    except FormulaError as error:
        return _Computed(carrier, reason=f"its formula could not be read: {error}")
    made = row.get("formula") or row.get("summary_operation")
    return _Computed(carrier, reads, "" if made else NOT_SHOWN)


def _formula(owner: str, text: str) -> Iterator[_Read]:
    for reference in references(text) if text else ():
        yield _Read(owner, reference.path, str(reference), "a formula", "salesforce F14")


def _roll_up(row: Mapping[str, Any]) -> Iterator[_Read]:
    """What a roll-up summarises, unless it only counts, and always what it filters on (F15)."""
    operation = str(row.get("summary_operation") or "")
    summarised = row.get("summarized_field") if operation.lower() != "count" else None
    for name in (summarised, *(row.get("filter_fields") or ())) if operation else ():
        if name:
            owner, *path = str(name).split(".")
            yield _Read(owner, tuple(path), str(name), "a roll-up", "salesforce F15")


# -- where a name leads


@dataclass(frozen=True, slots=True)
class _Found:
    """The fields a path reads; `named` is False if its end is nothing known, `beyond` what would have to be."""

    keys: tuple[str, ...]
    named: bool
    beyond: tuple[str, ...]


class _Schema:
    """Fields, lookups and compounds of all objects that were read; names are found whatever their case."""

    def __init__(self, snapshot: Snapshot, known: Mapping[str, Field]) -> None:
        self._fields: dict[str, dict[str, str]] = defaultdict(dict)
        self._lookups: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._targets: dict[str, tuple[str, ...]] = {}
        self._parts: dict[str, list[str]] = defaultdict(list)
        for key, field in known.items():
            self._fields[field.object.lower()][field.name.lower()] = key
            if field.compound:
                self._part(key, f"{field.object}.{field.compound}")
        # Name parts follow no permission of the whole, and so are no parts to the rules about permissions.
        for row in _rows(snapshot, cat.DESCRIBE, "object", "name", "compoundFieldName"):
            key, whole = f"{row['object']}.{row['name']}", f"{row['object']}.{row['compoundFieldName']}"
            if key != whole and whole in known and key in known and not known[key].compound:
                self._part(key, whole)
        columns = ("EntityDefinition.QualifiedApiName", "QualifiedApiName", "RelationshipName", "ReferenceTo")
        for row in _rows(snapshot, cat.PARTICLES.name, *columns):
            owner, name, relationship, refers = (row[column] for column in columns)
            if relationship:
                self._lookups[owner.lower(), relationship.lower()].append(f"{owner}.{name}")
            if refers and refers["referenceTo"]:
                self._targets[f"{owner}.{name}"] = tuple(refers["referenceTo"])
        # A person-account form has no life of its own: where Account was read without it, it is the Contact field.
        if "account" in self._fields:
            for key in self._fields.get("contact", {}).values():
                self._fields["account"].setdefault(_person_form(known[key].name).lower(), key)

    def _part(self, part: str, whole: str) -> None:
        self._parts[part].append(whole)
        self._parts[whole].append(part)

    def field(self, name: str) -> str:
        """The field of this name as the org writes it, or the name itself."""
        owner, _, rest = name.partition(".")
        return self._fields.get(owner.lower(), {}).get(rest.lower(), name)

    def same_data(self, key: str) -> tuple[str, ...]:
        """The field itself, its parts, and the whole it is a part of."""
        return (key, *self._parts.get(key, ()))

    def find(self, owner: str, path: Sequence[str]) -> _Found:
        """What a path of relationships and a field reads.

        The name and the id of a parent are what its lookup shows, and so is a record type: these read the lookup too.
        """
        places: Sequence[str] = (owner,)
        lookups: Sequence[str] = ()
        passed = [owner]
        for step in path[:-1]:
            lookups, places = self._follow(places, step)
            passed += places
        end = path[-1].lower() if path else ""
        keys = [key for place in places for key in self._end(place, end)]
        record_type = bool(lookups) and {place.lower() for place in places} == {"recordtype"}
        named = bool(keys) or record_type
        if record_type or end in {"id", "name"}:
            keys += lookups
        beyond = () if record_type else (place for place in passed if place.lower() not in self._fields)
        return _Found(tuple(dict.fromkeys(keys)), named, tuple(beyond))

    def _end(self, place: str, name: str) -> Sequence[str]:
        """A field, or a lookup that is called by its relationship."""
        field = self._fields.get(place.lower(), {}).get(name)
        return (field,) if field else self._leading(place, name)

    def _follow(self, places: Sequence[str], step: str) -> tuple[list[str], list[str]]:
        """The lookups that a relationship's name stands for, and the objects behind them."""
        name, _, narrowed = step.partition(":")
        lookups: list[str] = []
        targets: list[str] = []
        for place in places:
            found = self._leading(place, name)
            lookups += found
            for lookup in found:
                targets += self._behind(lookup, name)
            # A merge field may begin with the record's own object.
            if not found and name.lower() == place.lower():
                targets.append(place)
        if narrowed:
            targets = ["Group" if narrowed.lower() == "queue" else narrowed]
        return lookups, list(dict.fromkeys(targets))

    def _leading(self, place: str, name: str) -> Sequence[str]:
        """The lookups of one object that go by this relationship name; without one, `X__r` is that of `X__c`."""
        place, relationship = place.lower(), name.lower()
        if (place, relationship) in self._lookups:
            return self._lookups[place, relationship]
        custom = relationship.endswith(("__r", "__pr"))
        field = self._fields.get(place, {}).get(f"{relationship[:-1]}c" if custom else f"{relationship}id")
        return (field,) if field else ()

    def _behind(self, lookup: str, name: str) -> Sequence[str]:
        """The objects a lookup leads to, as the reading says or, where it does not, as the names do."""
        owner, _, field = lookup.partition(".")
        twin = f"Contact.{field.removesuffix('__pc')}__c" if field.endswith("__pc") else ""
        declared = self._targets.get(lookup) or self._targets.get(twin)
        if declared:
            return declared
        relationship = name.lower()
        for suffix in ("__r", "__pr"):
            if relationship.endswith(suffix):
                return (f"{name[: -len(suffix)]}__c",)
        return (owner,) if relationship in _OWN else _TARGETS.get(relationship, (name,))


def _rows(snapshot: Snapshot, reading: str, *columns: str) -> list[dict[str, Any]]:
    """Some columns of a reading; those it does not have are null."""
    table = snapshot.table(reading)
    there = table.select([name for name in columns if name in table.column_names]).to_pylist()
    return [{name: row.get(name) for name in columns} for row in there]
