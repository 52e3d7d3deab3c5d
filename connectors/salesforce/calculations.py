"""What computes each computed field: formulas from describe, the rest from the tooling interface, one by one.

Describe shows formulas only of fields this user may see, and never how a roll-up is made (salesforce 2.5, 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from simple_salesforce import format_soql

from auditor.snapshot import Capability, Reading, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.reading import Reader


def calculations(reader: Reader, names: Sequence[str], particles: Reading, described: Reading) -> Reading:
    """One row for each computed custom field of the given objects; what was not shown makes the reading incomplete.

    Standard computed fields are the platform's own and not asked for; person-account forms follow Contact (F11).
    """
    wanted = set(names)
    formulas = {f"{r['object']}.{r['name']}": r["calculatedFormula"] for r in described.table.to_pylist()}
    rows: list[dict[str, Any]] = []
    hidden: list[str] = []
    unread = particles.unread
    for particle in particles.table.to_pylist():
        owner, name = str(particle["EntityDefinition.QualifiedApiName"]), str(particle["QualifiedApiName"])
        if owner not in wanted or not particle["IsCalculated"] or not name.endswith("__c"):
            continue
        formula = formulas.get(f"{owner}.{name}")
        row = {"object": owner, "name": name, "formula": formula}
        if not formula:
            made, reason = _made(reader, particle)
            if not made:
                hidden.append(f"{owner}.{name}")
                unread = unread or reason
            row |= made
        rows.append(row)
    if hidden and unread is None:
        unread = Unread(Why.FORBIDDEN, f"How {_some(hidden)} is made was not shown.", cat.CUSTOM_FIELD.remedy)
    table = pa.Table.from_pylist(rows, schema=cat.CALCULATIONS_SCHEMA)
    source = "sobjects/*/describe, tooling/query: CustomField"
    return Reading(cat.CALCULATIONS, Capability.LINEAGE, table, unread, None, source)


def _made(reader: Reader, particle: Mapping[str, Any]) -> tuple[dict[str, Any], Unread | None]:
    """How one field is made; nothing when the platform does not say."""
    key = str(particle["FieldDefinitionId"] or particle["DurableId"] or "").rpartition(".")[2]
    if not key.startswith("00N"):
        return {}, None
    reading, _ = reader.read(cat.CUSTOM_FIELD, format_soql(cat.CUSTOM_FIELD.where, id=key))
    rows = reading.table.to_pylist()
    metadata = rows[0]["Metadata"] if rows else None
    if not metadata:
        return {}, reading.unread
    found = {
        "formula": metadata["formula"],
        "summary_operation": metadata["summaryOperation"],
        "summarized_field": metadata["summarizedField"],
        "filter_fields": [f["field"] for f in metadata["summaryFilterItems"] or () if f["field"]],
    }
    return (found if found["formula"] or found["summary_operation"] else {}), None


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
