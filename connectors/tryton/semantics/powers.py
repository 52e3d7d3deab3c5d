"""Rights of people as a whole: to change who may do what, and to take data out, which every login may."""

from __future__ import annotations

from auditor.rights import Right, Use

DECIDING = {
    "res.user": "Change users and their groups",
    "res.group": "Change groups and what they inherit",
    "ir.model.access": "Change model access",
    "ir.model.field.access": "Change field access",
}
"""Models by which somebody can give themselves access, and the right in words."""

ESCALATING = {
    model: Right(f"write:{model}", label, frozenset({Use.ESCALATION})) for model, label in DECIDING.items()
}
CALL = Right("json-rpc", "Reading by program", frozenset({Use.API, Use.EXTRACTION}))
EXPORT = Right("export_data", "Exporting lists", frozenset({Use.EXPORT, Use.EXTRACTION}))

ALL = (*ESCALATING.values(), CALL, EXPORT)
