"""Which fields show what another holds: formulas, roll-ups and twins (salesforce 4: F11, F12, F14, F15)."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.fixture import Entity, Org


@dataclass(frozen=True)
class Derived:
    """Where a field gets its content from, one step back, and by which rule."""

    source: str
    rule: str


def derived_phi(org: Org, phi: Iterable[str]) -> dict[str, Derived]:
    """Every field that carries the content of one of these, step by step until nothing new turns up."""
    known = set(phi)
    steps = list(direct_steps(org))
    found: dict[str, Derived] = {}
    queue = deque(phi)
    while queue:
        source = queue.popleft()
        for step_source, carrier, rule in steps:
            if step_source == source and carrier not in known:
                known.add(carrier)
                found[carrier] = Derived(source, rule)
                queue.append(carrier)
    return found


def direct_steps(org: Org) -> Iterator[tuple[str, str, str]]:
    """All single steps of the org: (source, carrier, rule)."""
    for entity in org.record_objects:
        for column in entity.fields:
            name = f"{entity.name}.{column.name}"
            for source in f14_formula_sources(org, entity, column):
                yield source, name, "F14"
            for source in f15_roll_up_sources(column):
                yield source, name, "F15"
            twin = f12_twin(org, entity, column)
            if twin is not None:
                yield name, twin, "F12"
            if entity.name == "Account":
                for contact_field in f11_contact_fields(org, column):
                    yield contact_field, name, "F11"


def f11_contact_fields(org: Org, column: Field) -> Iterator[str]:
    """F11: the Contact field a person-account field shows."""
    contact = org.entity("Contact")
    if contact is None:
        return
    if column.name.endswith("__pc"):
        wanted = f"{column.name.removesuffix('__pc')}__c"
    elif column.name.startswith("Person") and "__" not in column.name:
        wanted = column.name.removeprefix("Person")
    else:
        return
    found = contact.field(wanted)
    if found is not None:
        yield f"Contact.{found.name}"


def f12_twin(org: Org, entity: Entity, column: Field) -> str | None:
    """F12: a custom field of Task is a field of Event too, and the other way round."""
    other = {"Task": "Event", "Event": "Task"}.get(entity.name)
    there = org.entity(other) if other and column.custom else None
    twin = there.field(column.name) if there is not None else None
    return f"{other}.{twin.name}" if twin is not None else None


def f14_formula_sources(org: Org, entity: Entity, column: Field) -> Iterator[str]:
    """F14: the fields a formula reads, through lookups as well."""
    formula = column.described["calculatedFormula"]
    if not formula:
        return
    for path in formula_names(formula):
        source = _walk(org, entity, path)
        if source is not None:
            yield source


def f15_roll_up_sources(column: Field) -> Iterator[str]:
    """F15: what a roll-up summarises, unless it only counts, and what it filters on."""
    operation = column.setup.get("summaryOperation")
    if not operation:
        return
    summarised = column.setup.get("summarizedField")
    if summarised and str(operation).lower() != "count":
        yield summarised
    for item in column.setup.get("summaryFilterItems", ()):
        yield item["field"]


_TOKEN = re.compile(
    r"""
    /\*.*?\*/                         # a comment
  | "(?:\\.|[^"\\])*"                 # a text
  | '(?:\\.|[^'\\])*'
  | \$\w+(?:\s*\.\s*\w+)*             # a global such as $Label.X
  | (?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(?P<call>\s*\()?
  | .
    """,
    re.VERBOSE | re.DOTALL,
)


def formula_names(formula: str) -> Iterator[tuple[str, ...]]:
    """The field paths of a formula; texts, comments, globals and function names are none."""
    for token in _TOKEN.finditer(formula):
        if token["name"] and not token["call"]:
            yield tuple(part.strip() for part in token["name"].split("."))


def _walk(org: Org, entity: Entity, path: tuple[str, ...]) -> str | None:
    """The field at the end of a path of relationships."""
    if len(path) == 1:
        column = entity.field(path[0])
        return f"{entity.name}.{column.name}" if column is not None else None
    place = entity.relationships.get(path[0].lower())
    if place is None:
        return None
    for target in entity.fields[place].reference_to:
        there = org.entity(target)
        found = _walk(org, there, path[1:]) if there is not None else None
        if found is not None:
            return found
    return None
