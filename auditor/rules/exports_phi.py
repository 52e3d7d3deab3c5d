from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.phi import Coarse
from auditor.powers import powers, using
from auditor.rights import Use
from auditor.rule import Looked, View, rule
from auditor.scope import awake, health, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several


def _looked(view: View) -> Looked:
    return pairs(view, awake(view), health, "working account × health field pairs", use=Use.EXPORT)


@rule(
    control="A03",
    title="PHI can be exported by people without an approved need for it",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.312(a)(1)"),
    nist=("AC-3", "AC-4", "AC-6", "MP-2", "SC-4"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def exports_phi(view: View) -> Iterator[Observation]:
    """Somebody reads health data beyond the approved policy and can also take it out as a file.

    ## Why it matters
    On a screen, data stays inside the system with its permissions and logs. One export turns all of it into a file
    that none of these controls follow, and whole populations leave in one click. For marketing this is the usual
    way by which health data reaches a mailing list.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant > System Permissions, and clear Export Reports,
    Schedule Reports or Weekly Data Export as listed; keep them in one set for a few named people. Closing the read
    access, which the rules about reading name, closes this too.

    In HubSpot, open Settings > Users & Teams > Permission sets > the set, and clear Export of the object; a super admin
    exports without asking anybody.

    ## Limits
    The policy approves reading and editing, not exporting, so people whose reading is approved are not reported
    here, whatever they may export. A right to schedule reports counts as exporting, since it mails them. Printing,
    screen copies, list views and connected tools are not looked at, and neither is whether anybody did export.

    ## Example
    The profile “Marketing Manager” gives Run Reports and Export Reports, and its nine holders read the main concern
    of each patient: Critical, as marketing reads clinical fields that nobody approved.
    """
    marketing = frozenset(view.audiences.marketing)
    for found in powers(view, awake(view), using(Use.EXPORT), health):
        sees = any(view.tags[name].coarse is Coarse.CLINICAL for name in found.words)
        unapproved = sees and not marketing.isdisjoint(found.people)
        raises = (
            ["marketing reads clinical fields beyond the policy, and can take them out"] if unapproved else []
        )
        weight = weigh(view, Severity.HIGH, found.words, found.people, raises=raises, masked=not found.clear)
        rights = found.labels(view)
        yield Observation(
            audience=found.audience,
            object="",
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'person', 'people')} of the audience {found.audience} can read "
                f"{several(len(found.words), 'field')} with health data beyond the policy{found.apiece}, "
                f"and take them out with {rights} from {found.through}."
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
