"""The field dictionary: what is treated as health or personal data, and why (hipaa 5.2 sheet 10)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.audit import Audit
from auditor.phi import FieldFacts, Tag
from reports import words
from reports.grid import Column, Kind, Row, Table


def table(audits: Sequence[Audit]) -> Table:
    """Every tagged field, by object and name."""
    return Table(
        "Field dictionary",
        "Field dictionary",
        (
            Column("Object", 16),
            Column("Field", 24),
            Column("Class", 18),
            Column("What it says", 22),
            Column("Tier", 7),
            Column("How it was decided", 24),
            Column("Confidence", 11),
            Column("Reasons", 44),
            Column("Field name", 28),
            Column("Type", 14),
            Column("Decided by", 18),
            Column("Decided on", 12, Kind.DATE),
            Column("Written at", 26),
            Column("Label in the system", 24),
            Column("System", 16),
        ),
        tuple(
            _row(audit, tag)
            for audit in audits
            for tag in sorted(audit.view.tags.values(), key=lambda t: t.field)
            if tag.is_phi
        ),
        intro=(
            (
                "Every field that this audit treats as health or personal data. A field that is not listed "
                "was not judged, so a missing field is worth reporting."
            ),
            "Tier T0 is the least sensitive and T4 the most: special categories of health data.",
            words.OFF_PAPER,
        ),
        empty="No field was classified as health data. Free text was not read.",
        printed=9,
        on_paper=False,
    )


def _row(audit: Audit, tag: Tag) -> Row:
    facts = audit.view.facts.get(tag.field) or FieldFacts(*tag.field.rpartition(".")[::2])
    return (
        facts.object_label or tag.object,
        facts.label or facts.name,
        words.phi_class(tag.phi_class),
        words.coarse(tag.coarse),
        tag.tier,
        words.basis(tag.basis),
        words.confidence(tag.confidence),
        "; ".join(tag.reasons),
        tag.field,
        facts.type,
        tag.by,
        tag.on,
        f"{tag.file}:{tag.line}" if tag.file else "",
        ", ".join((*facts.compliance, *((facts.sensitivity,) if facts.sensitivity else ()))),
        audit.target,
    )
