from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability

_KINDS = {
    "write": "can change data or settings",
    "phi": "can read PHI values",
}


def _looked(view: View) -> Looked:
    read = [
        r for r in view.snapshot.readings.values() if r.capability is Capability.CREDENTIAL and r.complete
    ]
    return Looked(len(read), "questions about the credential")


@rule(
    control="V04",
    title="The auditing credential holds more rights than it needs",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.312(a)(1)", "45 CFR 164.308(a)(4)(ii)(C)"),
    nist=("AC-6", "CM-7", "CM-11", "CA-3"),
    needs=(Capability.CREDENTIAL,),
    looked=_looked,
)
def credential_exceeds_need(view: View) -> Iterator[Observation]:
    """The credential this audit ran with can write, or can read PHI values.

    ## Why it matters
    The auditor sends no write and asks for no PHI value, whatever it is allowed. But a credential that could is a
    risk of its own: whoever takes it holds those rights.

    ## Remediation
    Give the auditing user its own permission set with only the read rights of the documentation page “Connect
    Salesforce with least privilege”, and take the rights listed away. Run `crm-audit check`. In nightly configurations
    keep `strict_credential: true`, which stops such a run before anything is pulled.

    In HubSpot, clear the scopes listed under Development > Keys > Service keys, or make a key with those of the page
    “Connect HubSpot”.

    ## Limits
    PHI reading is seen from the fields the API shows to this user; writing from the user's own permissions. Rights
    that arrive through sessions of other applications are not seen.

    ## Example
    The audit runs as a system administrator: it may modify all data, and sees Contact.Diagnosis__c.
    """
    for kind, sentence in _KINDS.items():
        rights = sorted({s.right for s in view.surplus if s.kind == kind})
        if not rights:
            continue
        yield Observation(
            audience="",
            object="",
            root=f"credential:{kind}",
            root_label="the auditing credential",
            message=f"The auditing credential {sentence}: {', '.join(rights)}.",
            severity=Severity.HIGH,
            facts=tuple(("right", right) for right in rights),
            remedy="Use a credential of its own, with read rights on setup and schema only.",
        )
