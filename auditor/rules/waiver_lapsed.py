from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import FoundBy, Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability


def _looked(view: View) -> Looked:
    return Looked(len(view.waivers), "waivers", left_out="No register of waivers was configured.")


@rule(
    control="G04",
    title="A waiver has lapsed and is still in the register",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.306(d)(3)", "45 CFR 164.308(a)(1)(ii)(B)", "45 CFR 164.316(b)"),
    nist=("CA-5", "PM-4", "RA-7"),
    needs=(Capability.IDENTITY,),
    looked=_looked,
)
def waiver_lapsed(view: View) -> Iterator[Observation]:
    """The last day of a waiver is over, and nobody decided what comes next.

    ## Why it matters
    A waiver is a decision with an end. One that nobody looks at again becomes the policy, without the written
    reasoning that the policy would need. The finding it covered is back at its full severity.

    ## Remediation
    Close the access, or have the approver decide again: a new entry with a new last day, reason and ticket. Take
    the lapsed entry out of the register, whose history its version control keeps.

    ## Limits
    Waivers without owner, approver or end are refused before anything is read, so they never get here. Whether
    the compensating control works is not tested.

    ## Example
    Waiver W-12 of the Campaign Analytics set ended on 30 September 2026; nobody renewed it, and the set still
    opens Contact.Diagnosis__c.
    """
    for waiver in view.waivers:
        if not waiver.ended(view.as_of):
            continue
        yield Observation(
            audience="",
            object="",
            root=waiver.id,
            root_label=f"waiver {waiver.id}",
            message=f"Waiver {waiver.id} for {waiver.rule} lapsed: its last day was {waiver.expires}.",
            found_by=FoundBy.ATTESTATION,
            facts=(
                ("owner", waiver.owner),
                ("approver", waiver.approver),
                ("ticket", waiver.ticket),
                ("last day", waiver.expires),
            ),
            remedy="Close what it covered, or decide again and write a new entry; then take this one out.",
        )
