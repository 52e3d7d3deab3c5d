from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.phi import FieldFacts, Tag
from auditor.rule import Looked, View, rule
from auditor.scope import by_object, cells, health, held, originals
from auditor.snapshot import Capability
from auditor.weight import found_by
from auditor.wording import several


def _labels(view: View) -> Iterator[tuple[Tag, list[FieldFacts]]]:
    """Each field with its facts and those of what it is another name of; none where any of them was not read.

    Nothing where the CRM has no labels, as nobody could give one.
    """
    if "labels" in view.untold:
        return
    same = originals(view)
    for tag in held(view, health):
        facts = [view.facts.get(name) for name in (tag.field, *same.get(tag.field, ()))]
        known = [one for one in facts if one is not None and one.defined]
        yield tag, known if len(known) == len(facts) else []


def _looked(view: View) -> Looked:
    read = [bool(facts) for _, facts in _labels(view)]
    return Looked(len(read), "fields with health data", "", read.count(False), view.untold.get("labels", ""))


@rule(
    control="D01",
    title="PHI fields carry no data classification",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.514(d)(2)"),
    nist=("RA-2", "PM-5(1)", "CM-12"),
    needs=(Capability.SCHEMA, Capability.LINEAGE),
    looked=_looked,
)
def unclassified_phi_field(view: View) -> Iterator[Observation]:
    """A field with health data has neither a sensitivity level nor a category of regulation in the system itself.

    ## Why it matters
    An analysis of risks has to cover all health data, and a field without a label is passed over by people and by
    tools alike. The label is also where the next administrator sees that somebody decided about the field.

    ## Remediation
    In Salesforce’s Setup > Object Manager > the object > Fields & Relationships, open each field listed, then Edit
    under Data Sensitivity, and fill in the sensitivity level and the category (such as HIPAA); name an owner. Setup >
    Data Classification Upload takes a whole list at once.

    In HubSpot, the level is chosen when a property is created and stays: create one that is marked sensitive under
    Settings > Properties, move the values, and archive the old one.

    ## Limits
    A label enforces nothing, and one that is wrong counts as one. Identifiers alone are not asked for. A
    person-account form of a contact field cannot be labelled itself, so its contact field is looked at. One of the
    two labels suffices. Not assessed where the CRM has no labels to give.

    ## Example
    Contact.Diagnosis__c was decided to be clinical, and both labels are empty: one finding for Contact, with the field.
    """
    unlabelled = [
        tag
        for tag, facts in _labels(view)
        if facts and not any(one.compliance or one.sensitivity for one in facts)
    ]
    for name, tags in by_object(unlabelled).items():
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=f"No classification is recorded for {several(len(tags), 'field')} of {name} with health data.",
            found_by=found_by(view, (tag.field for tag in tags)),
            cells=cells(tags),
            remedy=f"Classify the listed fields of {name}, with an owner.",
        )
