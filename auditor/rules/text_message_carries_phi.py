from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import Sent, called, facts_of, listed, looked_at, observation, sent, told
from auditor.findings import Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind, SinkKind


def _looked(view: View) -> Looked:
    return looked_at(view, "workflows", {AssetKind.FLOW})


@rule(
    control="L06",
    title="Text messages carry health data",
    severity=Severity.HIGH,
    citations=("45 CFR 164.312(e)(1)", "45 CFR 164.530(c)", "45 CFR 164.522(b)", "47 CFR 64.1200"),
    nist=("SC-8", "AC-4", "SA-9"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def text_message_carries_phi(view: View) -> Iterator[Observation]:
    """A workflow sends text messages that print health data, or sends them to people whom health data chose.

    ## Why it matters
    A text message is not encrypted on its way and shows on a locked screen. To get one because of a condition tells of
    the condition even if the text does not.

    ## Remediation
    In HubSpot, open Automation > Workflows > the workflow > the step that sends the message, and leave a time and a
    neutral name of the clinic. Ask whether the provider of the messages is covered by an agreement.

    ## Limits
    The words of the message are not kept; only the fields it prints and who gets it are looked at. Messages that are
    sent outside of workflows are not seen, nor is an agreement with the provider. What the policy approves is who
    inside may read a field, so it does not count here.

    ## Example
    The workflow “Reminder” texts everybody whose programme is known: one finding, with the way from the question.
    """
    for found in sent(view, {SinkKind.SMS}):
        fields = found.direct or found.chosen
        leak = told(view, found.leaks, Severity.HIGH, found.asset, fields, sink=found.sink)
        yield observation(
            view,
            leak,
            found.asset,
            found.fields,
            message=_message(view, found),
            facts=facts_of(leak.through),
            root=f"{found.asset.key}#{found.sink.step}",
            remedy=(
                f"Leave nothing in the message of the workflow “{found.asset.label}” but a time and a neutral name, "
                "and choose its people by something neutral."
            ),
        )


def _message(view: View, found: Sent) -> str:
    if found.direct:
        return f"The {called(found.asset)} prints {listed(view, found.direct)} in text messages."
    return f"The {called(found.asset)} sends text messages to people chosen by {listed(view, found.chosen)}."
