from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.powers import powers, using
from auditor.rights import Use
from auditor.rule import Looked, View, rule
from auditor.scope import accounts, awake
from auditor.snapshot import Capability
from auditor.wording import several


def _looked(view: View) -> Looked:
    return accounts(view, Use.ESCALATION)


@rule(
    control="A07",
    title="An account can obtain access that nobody gave it",
    severity=Severity.CRITICAL,
    citations=(
        "45 CFR 164.308(a)(3)(ii)(A)",
        "45 CFR 164.308(a)(4)(ii)(B)-(C)",
        "45 CFR 164.312(a)(1)",
    ),
    nist=("AC-5", "AC-6(1)", "AC-6(9)", "AC-6(10)", "CM-5", "CM-3"),
    needs=(Capability.PEOPLE, Capability.ASSIGNMENTS, Capability.GRANTS),
    looked=_looked,
)
def can_grant_itself(view: View) -> Iterator[Observation]:
    """Somebody holds a right by which they can give themselves, or take through another account, access to anything.

    ## Why it matters
    What such a person reads today says little: they can take what they lack, use it, and put everything back before
    the next review, with only the setup log to tell. Their access has to be thought of as access to everything.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant > System Permissions, and clear the rights listed.
    Where a service desk has to assign sets, use delegated administration with a list of the sets it may assign. Mark
    the audience of your administrators with `administers: true`, and send the setup audit trail to somebody who is not
    among them.

    In HubSpot, give a permission set instead of Super Admin under Settings > Users & Teams > the user, and clear Add
    and edit users in the sets of whoever does not administer.

    ## Limits
    Only an audience that the configuration marks as administrators is expected to hold these rights, and is reported
    at a lower level, so that the list stays in sight. Ways through installed code, flows or a vendor's support login
    are not looked at, and neither is whether anybody used such a right.

    ## Example
    The set “User Support” lets a service desk of two assign any permission set, also to themselves: Critical.
    """
    administrators = {a.name for a in view.audiences.configured if a.administers and not a.marketing}
    for found in powers(view, awake(view), using(Use.ESCALATION)):
        expected = found.audience in administrators
        rights = found.labels(view)
        yield Observation(
            audience=found.audience,
            object="",
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'account')} of the audience {found.audience} can obtain access nobody "
                f"gave them, with {rights} from {found.through}."
            ),
            state=found.state,
            severity=Severity.MEDIUM if expected else Severity.CRITICAL,
            modifiers=("lowered to Medium: expected of an audience that administers",) if expected else (),
            people=tuple(sorted(found.people)),
            facts=(("rights", rights),),
            example=found.path(view),
            remedy=f"{found.remedy(view)}; or see to it that the accounts listed no longer hold it.",
        )
