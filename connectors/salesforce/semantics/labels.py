"""What Salesforce should say a field holds: its compliance categories, which annotate and enforce nothing (F20)."""

from __future__ import annotations

from html import escape

from auditor.phi import Coarse, FieldFacts, Tag
from connectors.protocol import Label
from connectors.salesforce.semantics.fields import ACTIVITIES, contact_name

_HIPAA, _PII = "HIPAA", "PII"
_ACTIVITY = "Activity"
_SAYS = {Coarse.CLINICAL: _HIPAA, Coarse.PAYMENT: _HIPAA, Coarse.IDENTIFIER: _PII}


def label(facts: FieldFacts, tag: Tag) -> Label | str:
    """The categories a field should have, beside those it has; or why nothing is proposed.

    HIPAA says more than PII, so an identifier with it needs nothing. Custom fields of Task and Event are
    kept on Activity; the person-account form of a contact field cannot be labelled itself.
    """
    said = _SAYS.get(tag.coarse)
    has = {one.casefold() for one in facts.compliance}
    if said is None:
        return "Free text of unknown content has no category of its own."
    if not facts.defined:
        return "Its label was not read, so nobody can say what it should become."
    if {said.casefold(), _HIPAA.casefold()} & has:
        return "It carries the label already."
    if facts.object == "Account" and contact_name(facts.name):
        return "The form of a contact field on a person account takes the label of that field."
    if facts.object == "User":
        return "Salesforce does not let fields of User be classified in Object Manager."
    kept_on = _ACTIVITY if facts.object in ACTIVITIES and facts.custom else facts.object
    shown = kept_on if kept_on != facts.object else facts.object_label or facts.object
    proposed = ";".join((*facts.compliance, said))
    return Label(
        now=";".join(facts.compliance),
        proposed=proposed,
        how=(
            f"Setup > Object Manager > {shown} > Fields & Relationships > {facts.label or facts.name} > Edit > "
            "Compliance Categorization"
        ),
        snippet=_metadata(kept_on, facts.name, proposed) if facts.custom else "",
    )


def _metadata(owner: str, name: str, categories: str) -> str:
    """The line of a custom field's source file, behind the place of that file."""
    line = f"<complianceGroup>{escape(categories)}</complianceGroup>"
    return f"objects/{owner}/fields/{name}.field-meta.xml: {line}"
