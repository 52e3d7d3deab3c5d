"""Every formula that real orgs published is understood, and each of its references leads to a field or is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
import yaml

from auditor.snapshot import Capability, Reading, Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics.formula import FormulaError, references
from connectors.salesforce.semantics.lineage import lineage
from tests.conftest import SHARED
from tests.semantics.snapshots import particle, snapshot

REAL = SHARED / "data" / "real"
TREES = ("bcgov-moh-sat", "ita-sfdcci", "npsp", "ombudsman-cloudcare")
STANDARD = ("Id", "Name", "CreatedDate", "LastModifiedDate", "OwnerId", "RecordTypeId")
"""Fields of nearly every object, which no source tree writes down."""

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared is absent")


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def told(element: ET.Element, name: str) -> str:
    return next(((child.text or "") for child in element if local(child) == name), "")


@cache
def documents(tree: str) -> list[tuple[str, ET.Element]]:
    """Every object or field file of a source tree, with the object's name."""
    found = []
    for path in sorted((REAL / "sfdx" / tree).rglob("*")):
        of_field = path.name.endswith(".field-meta.xml")
        if not of_field and not path.name.endswith(
            (".object", ".object-meta.xml", ".validationRule-meta.xml")
        ):
            continue
        try:
            root = ET.parse(path).getroot()
        except ET.ParseError:
            continue  # published broken
        inside = path.parent.parent.name if path.parent.name in {"fields", "validationRules"} else ""
        found.append((inside or path.name.partition(".")[0], root))
    return found


def defined(tree: str) -> Iterator[tuple[str, ET.Element]]:
    """The fields a tree defines; those of Activity are on both activity objects (F12)."""
    for owner, root in documents(tree):
        elements = [root] if local(root) == "CustomField" else [e for e in root if local(e) == "fields"]
        for element in elements:
            for name in ("Task", "Event") if owner == "Activity" else (owner,):
                yield name, element


def all_formulas(tree: str) -> list[str]:
    """The text of every formula of a tree, those of validation rules included."""
    wanted = {"formula", "errorConditionFormula"}
    return [e.text or "" for _, root in documents(tree) for e in root.iter() if local(e) in wanted]


@cache
def recorded() -> list[tuple[str, dict[str, Any]]]:
    """Object and field of every recorded describe."""
    return [
        (str(body.get("name") or path.stem), field)
        for path in sorted((REAL / "salesforce").rglob("*"))
        if path.suffix in {".yaml", ".json"} and (text := path.read_text(encoding="utf-8")).strip()
        for body in bodies(yaml.load(text, yaml.CSafeLoader) if path.suffix == ".yaml" else json.loads(text))
        if isinstance(body.get("fields"), list)
        for field in body["fields"]
        if isinstance(field, dict) and field.get("name") and "type" in field and "label" in field
    ]


def bodies(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object inside a recording, also where it is kept as text."""
    match value:
        case dict():
            yield value
            for inner in value.values():
                yield from bodies(inner)
        case list():
            for inner in value:
                yield from bodies(inner)
        case str() if value.lstrip().startswith(("{", "[")):
            try:
                yield from bodies(json.loads(value))
            except ValueError:
                return


def of_tree(tree: str) -> Snapshot:
    """What a tree tells of its fields, and what the recordings tell of the standard ones."""
    particles = {
        f"{owner}.{field['name']}": {
            "RelationshipName": field.get("relationshipName"),
            "ReferenceTo": {"referenceTo": field.get("referenceTo") or None},
        }
        for owner, field in recorded()
    }
    calculations: dict[str, dict[str, Any]] = {}
    owners = {owner for owner, _ in documents(tree)} | {told(e, "referenceTo") for _, e in defined(tree)}
    for key in (f"{owner}.{name}" for owner in sorted(owners - {""}) for name in STANDARD):
        particles.setdefault(key, {})
    for owner, element in defined(tree):
        key = f"{owner}.{told(element, 'fullName')}"
        target = told(element, "referenceTo")
        if told(element, "type") or key not in particles:
            particles[key] = {"ReferenceTo": {"referenceTo": [target] if target else None}}
        formula, operation = told(element, "formula"), told(element, "summaryOperation")
        if formula or operation:
            particles[key] = {"IsCalculated": True}
            calculations[key] = {
                "formula": formula or None,
                "summary_operation": operation or None,
                "summarized_field": told(element, "summarizedField") or None,
                "filter_fields": [told(e, "field") for e in element if local(e) == "summaryFilterItems"],
            }
    return as_snapshot(particles, calculations)


def as_snapshot(particles: dict[str, Any], calculations: dict[str, dict[str, Any]]) -> Snapshot:
    found = snapshot({cat.PARTICLES.name: [particle(key, **more) for key, more in particles.items()]})
    rows = [
        {"object": key.partition(".")[0], "name": key.partition(".")[2], **row}
        for key, row in calculations.items()
    ]
    table = pa.Table.from_pylist(rows, schema=cat.CALCULATIONS_SCHEMA)
    reading = Reading(cat.CALCULATIONS, Capability.LINEAGE, table)
    return Snapshot(found.manifest, {**found.readings, cat.CALCULATIONS: reading})


def test_every_published_formula_is_one():
    texts = [text for tree in TREES for text in all_formulas(tree)]
    texts += [field["calculatedFormula"] for _, field in recorded() if field.get("calculatedFormula")]
    refused = []
    for text in texts:
        try:
            references(text)
        except FormulaError as error:
            refused.append(str(error))
    assert refused == []
    assert len(texts) >= 360


@pytest.mark.parametrize(
    ("tree", "computed", "looked_at", "unresolved"),
    [
        ("bcgov-moh-sat", 60, 85, 8),
        ("ita-sfdcci", 170, 253, 30),
        ("npsp", 19, 41, 9),
        ("ombudsman-cloudcare", 5, 75, 2),
    ],
)
def test_every_reference_of_a_tree_leads_to_a_field_or_is_named(tree, computed, looked_at, unresolved):
    org = of_tree(tree)
    rows = org.table(cat.CALCULATIONS).to_pylist()
    found = lineage(org)
    assert found.unparsed == {}
    lost = sum(len(names) for names in found.unresolved.values())
    assert (len(rows), found.references, lost) == (computed, looked_at, unresolved)
    carried = {step.carrier for step in found.steps}
    for row in rows:
        key = f"{row['object']}.{row['name']}"
        read = {str(reference) for reference in references(row["formula"])} if row["formula"] else set()
        if read - set(found.unresolved.get(key, ())):
            assert key in carried


def test_formulas_that_describes_recorded_are_followed():
    particles = {
        f"{owner}.{field['name']}": {
            "RelationshipName": field.get("relationshipName"),
            "ReferenceTo": {"referenceTo": field.get("referenceTo") or None},
        }
        for owner, field in recorded()
    }
    formulas = {
        f"{owner}.{field['name']}": {"formula": field["calculatedFormula"]}
        for owner, field in recorded()
        if field.get("calculatedFormula")
    }
    found = lineage(as_snapshot(particles, formulas))
    assert found.unparsed == {}
    lost = [name for names in found.unresolved.values() for name in names]
    assert (len(formulas), found.references, len(lost)) == (16, 70, 8)
    # All but one lead through lookups of a person account to packaged objects that nobody recorded.
    assert sum("__pr." in name for name in lost) == 7
