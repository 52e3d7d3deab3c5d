from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.attestation import Attestation, Standing
from auditor.findings import FoundBy, Observation, Severity, State
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.wording import several


def _looked(view: View) -> Looked:
    missing = sum(a.standing is Standing.MISSING for a in view.attestations)
    absent = (
        "" if view.attestations else "Access in this system rests on what was read, and on nobody’s word."
    )
    return Looked(len(view.attestations), "attestations that access rests on", absent, missing)


@rule(
    control="A14",
    title="Access rests on a review that is out of date, or was never made",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.308(a)(4)(ii)(C)", "45 CFR 164.308(a)(1)(ii)(D)", "45 CFR 164.308(a)(8)"),
    nist=("AC-2", "AC-6(7)", "CA-2", "CA-7"),
    needs=(Capability.SCHEMA, Capability.ASSIGNMENTS, Capability.GRANTS),
    looked=_looked,
)
def attestation_lapsed(view: View) -> Iterator[Observation]:
    """Somebody has to attest who may see a field or what a role gives, and has not, or not lately.

    ## Why it matters
    Where a system tells no program who may see what, the only evidence is a person who looked and signed. A review that
    is older than agreed, or than the last change of what it is about, says how things were.

    ## Remediation
    Make the list afresh: `crm-audit hubspot evidence-template` writes one that holds the fields, roles and teams of
    today, with the place to look for each. In HubSpot, look under Settings > Properties > the property > More > Manage
    access, and under Settings > Users & Teams > Permission sets. Date each line, and sign it.

    ## Limits
    Tells that nobody attested, not that access is wrong. What a stale line says is not believed in either direction:
    what rests on it is unknown.

    ## Example
    Access to contacts.primary_diagnosis was attested in May, and evidence may be ninety days old: one finding, and
    every verdict about the property is unknown but a super admin’s.
    """
    by_kind: dict[str, list[Attestation]] = defaultdict(list)
    for one in view.attestations:
        if one.standing is not Standing.FRESH:
            by_kind[one.kind].append(one)
    for kind, found in sorted(by_kind.items()):
        stale = [one for one in found if one.standing is Standing.STALE]
        yield Observation(
            audience="",
            object="",
            root=kind,
            root_label=kind,
            message=_message(kind, len(stale), len(found) - len(stale)),
            state=State.GAP_OBSERVED if stale else State.UNKNOWN,
            found_by=FoundBy.ATTESTATION,
            facts=tuple((one.subject, one.why) for one in sorted(found, key=lambda one: one.subject)),
            remedy="Have each of the listed subjects looked at, and attested with a date and a name.",
        )


def _message(kind: str, stale: int, missing: int) -> str:
    """What is out of date, and what nobody ever attested."""
    lapsed = f"what was attested of {several(stale, 'subject')} is out of date"
    never = f"nobody attested it of {several(missing, 'subject')}"
    return f"{kind}: {'; '.join([*([lapsed] if stale else []), *([never] if missing else [])])}."
