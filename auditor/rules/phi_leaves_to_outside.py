from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import Sent, called, facts_of, listed, looked_at, observation, sent, sent_to, told
from auditor.findings import Observation, Severity
from auditor.leaks import END_OF, End
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind

_OUTSIDE = frozenset(kind for kind, end in END_OF.items() if end is End.OUTSIDE)


def _looked(view: View) -> Looked:
    return looked_at(view, "workflows", {AssetKind.FLOW})


@rule(
    control="L10",
    title="Health data leaves the CRM",
    severity=Severity.CRITICAL,
    citations=("45 CFR 164.502(a)", "45 CFR 164.508(a)(3)-(4)", "45 CFR 164.308(b)(1)", "16 CFR 318"),
    nist=("AC-4", "AC-21", "SA-9", "PT-3", "CA-3"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def phi_leaves_to_outside(view: View) -> Iterator[Observation]:
    """A workflow sends health data, or people whom health data chose, to advertising, a web address or a program.

    ## Why it matters
    Whoever receives it is another company or a program of one, and what has left cannot be called back. That somebody
    is on a list for a condition is health data too: advertising audiences made from intake answers were what the FTC's
    orders against GoodRx and BetterHelp are about.

    ## Remediation
    In HubSpot, open Automation > Workflows > the workflow, and remove the step, or the fields and filters that it gets
    its people by; disconnect advertising accounts from such lists. Otherwise record the agreement with the receiver.

    ## Limits
    Of a web address the host alone is kept, never its path or parameters. What a program does with what it reads is not
    seen, so it counts as outside. An agreement with the receiver is not seen. Tracking code on pages is not looked at,
    nor what connected apps read by themselves. What the policy approves is who inside may read a field, so it does not
    count here. Public pages that anybody may visit are another matter: part of a federal guideline on those was
    vacated.

    ## Example
    The workflow “Retarget” adds everybody on the list “Concern known” to an advertising audience: one finding, from the
    question of the form to the audience.
    """
    for found in sent(view, _OUTSIDE):
        fields = found.direct or found.chosen
        leak = told(view, found.leaks, Severity.CRITICAL, found.asset, fields, sink=found.sink)
        yield observation(
            view,
            leak,
            found.asset,
            found.fields,
            message=_message(view, found),
            facts=(*facts_of(leak.through), *((("receiver", found.sink.where),) if found.sink.where else ())),
            root=f"{found.asset.key}#{found.sink.step}",
            remedy=(
                f"Remove the step of the workflow “{found.asset.label}” that sends to {sent_to(found.sink)}, or record "
                "the agreement with whoever receives it."
            ),
        )


def _message(view: View, found: Sent) -> str:
    to = sent_to(found.sink)
    if found.direct:
        return f"The {called(found.asset)} sends {listed(view, found.direct)} to {to}."
    return f"The {called(found.asset)} passes people chosen by {listed(view, found.chosen)} on to {to}."
