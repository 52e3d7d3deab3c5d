from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import FoundBy, Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.rulings import Ruling, Standing
from auditor.snapshot import Capability
from auditor.weight import in_doubt


def _looked(view: View) -> Looked:
    return Looked(
        len(view.rulings), "decisions about fields", left_out="No decision about a field was recorded."
    )


@rule(
    control="D12",
    title="A decision about what a field holds is out of date",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.308(a)(8)"),
    nist=("RA-3", "PM-5(1)", "CM-8"),
    needs=(Capability.SCHEMA,),
    looked=_looked,
)
def tag_decision_lapsed(view: View) -> Iterator[Observation]:
    """Somebody decided what a field holds, and its last day is over, or the field is no longer what they looked at.

    ## Why it matters
    A field that was rightly cleared may hold health data once its label, its list of values or its description is
    another. A new field of an old name is the usual way in which a decision becomes wrong without anybody taking one.

    ## Remediation
    Look at the field as it is now with `crm-audit tags review`, and decide again. Take a decision that nobody needs any
    more out of the ledger.

    ## Limits
    Such a decision is believed on the careful side only: a field that was called health data keeps its class where no
    other source has one, and a field that was cleared is judged by the other sources. Low in the first case. A part of
    the evidence that could not be read counts as changed.

    ## Example
    Contact.Group__c was cleared in May as the arm of a test; in June its list of values got “Chemotherapy”.
    """
    for one in view.rulings:
        if not one.lapsed:
            continue
        severity, modifiers = in_doubt(view, one.field)
        yield Observation(
            audience="",
            object=one.field.rpartition(".")[0],
            root=one.id or one.field,
            root_label=one.field,
            message=_message(one),
            severity=severity,
            modifiers=modifiers,
            found_by=FoundBy.ATTESTATION,
            facts=(
                ("decided", one.phi_class),
                ("by", one.by),
                ("on", one.on),
                ("why", one.why),
                *((("last day", one.expires),) if one.expires else ()),
                ("evidence then", one.then),
                ("evidence now", one.now),
                *((("changed", ", ".join(one.changed)),) if one.changed else ()),
            ),
            remedy=f"Look at {one.field} as it is now, and decide again.",
        )


def _message(one: Ruling) -> str:
    said = "not health data" if one.phi_class == "none" else one.phi_class
    told = f"{one.by} decided on {one.on} that {one.field} is {said}"
    if one.standing is Standing.EXPIRED:
        return f"{told}; the last day of that decision was {one.expires}."
    return f"{told}; since then, it changed: {', '.join(one.changed)}."
