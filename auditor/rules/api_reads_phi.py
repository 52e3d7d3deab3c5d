from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.powers import powers, using
from auditor.rights import Use
from auditor.rule import Looked, View, rule
from auditor.scope import awake, health, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several


def _looked(view: View) -> Looked:
    return pairs(view, awake(view), health, "working account × health field pairs", use=Use.API)


@rule(
    control="A04",
    title="PHI can be read by program without an approved need for it",
    severity=Severity.HIGH,
    citations=("45 CFR 164.308(a)(4)(i)", "45 CFR 164.312(a)(1)", "45 CFR 164.312(d)"),
    nist=("AC-3", "AC-4", "AC-6", "CA-3"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def api_reads_phi(view: View) -> Iterator[Observation]:
    """An account reads health data beyond the approved policy and may do so by program.

    ## Why it matters
    Access control covers software as well as people. A program reads in minutes what a person reads in years, and a
    token that is stolen from a connected tool works without a login page. Every account with this right is such a
    door, whether it was made for a tool or for a person.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant > System Permissions, and clear API Enabled for
    people who do not need it. Give each connected tool one account of its own, with a permission set that holds only
    the fields it works with, and let administrators approve which apps may connect (App Manager > OAuth policies).

    In HubSpot, look at each key's scopes under Development > Keys and Settings > Integrations, and clear those that
    read the objects listed.

    ## Limits
    Speaks of the right to use the API, not of tools that are connected. Accounts that no sign classifies count as
    not approved. The account this audit runs with is judged like any other. People whose reading is approved are
    not reported here.

    ## Example
    The account “Marketing Connector” holds API Enabled and reads Lead.Treatment_of_Interest__c, and no audience was
    approved for it: one finding, with its permission set as root grant.
    """
    for found in powers(view, awake(view), using(Use.API), health):
        weight = weigh(view, Severity.HIGH, found.words, found.people, masked=not found.clear)
        rights = found.labels(view)
        yield Observation(
            audience=found.audience,
            object="",
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'account')} of the audience {found.audience} can read "
                f"{several(len(found.words), 'field')} with health data beyond the policy{found.apiece} by program, "
                f"with {rights} from {found.through}."
            ),
            state=found.state,
            severity=weight.severity,
            modifiers=weight.modifiers,
            found_by=found_by(view, found.words),
            cells=found.cells(view),
            people=tuple(sorted(found.people)),
            facts=(("rights", rights), weight.fact),
            example=found.path(view),
            remedy=f"{found.remedy(view)}; or close the read access to the listed fields.",
        )
