from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import (
    Named,
    beyond_policy,
    called,
    facts_of,
    fields_of,
    joined,
    listed,
    looked_at,
    marketing,
    named_by,
    observation,
    sent_to,
    told,
    way,
)
from auditor.findings import Observation, Severity, State
from auditor.leaks import END_OF, End
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.snapshot import Capability, Why
from auditor.surfaces import AssetKind, Mention, SinkKind


def _looked(view: View) -> Looked:
    return looked_at(view, "workflows", {AssetKind.FLOW})


@rule(
    control="L04",
    title="A workflow works with health data",
    severity=Severity.HIGH,
    citations=("45 CFR 164.312(e)(1)", "45 CFR 164.530(c)", "45 CFR 164.502(b)"),
    nist=("AC-4", "SC-8", "SI-11", "CA-3"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def workflow_carries_phi(view: View) -> Iterator[Observation]:
    """A workflow is started or steered by health data, or puts it into e-mails, tasks and notes for colleagues.

    ## Why it matters
    A workflow moves data at volume, and nobody decides each time. What it prints in a notification or an e-mail to
    colleagues is read in mailboxes and on telephones, past every permission on the field.

    ## Remediation
    In HubSpot, open Automation > Workflows > the workflow. Replace the value in each notification, task or e-mail by a
    link to the record, and start the workflow by something neutral that the clinical team decides.

    ## Limits
    Steps that send outside the CRM and text messages are told by phi-leaves-to-outside and text-message-carries-phi.
    Classes that the policy lets all of marketing read are left out, unless the workflow goes on to a message, of which
    that policy says nothing. HubSpot lists a workflow and does not show it where it probably uses sensitive data: that
    is told as unknown. A name that only stands in a text of the workflow counts, as an inference. Who reads the
    mailboxes is not known.

    ## Example
    The workflow “New inquiry” sends colleagues an e-mail in which the primary concern is printed.
    """
    beyond = beyond_policy(view)
    for found in named_by(view, AssetKind.FLOW, health):
        ahead = way(found.leaks, found.asset.key, found.fields, (End.MESSAGE,))
        kinds = {sink.step: sink.kind for sink in found.leaks.sinks(found.asset.key)}
        kept = [
            mention
            for mention in found.mentions
            if not _told_elsewhere(kinds.get(mention.step))
            and (
                ahead.end is not None
                or kinds.get(mention.step) is SinkKind.SEQUENCE
                or beyond(view.tags[mention.field])
            )
        ]
        if kept:
            yield _observe(view, found, kept)
    yield from _refused(view)


def _told_elsewhere(kind: SinkKind | None) -> bool:
    return kind is not None and (kind is SinkKind.SMS or END_OF[kind] is End.OUTSIDE)


def _observe(view: View, found: Named, kept: list[Mention]) -> Observation:
    asset, fields = found.asset, fields_of(kept)
    ahead = way(found.leaks, asset.key, fields, (End.MESSAGE, End.STAFF))
    leak = told(view, found.leaks, Severity.HIGH, asset, fields, ahead=ahead)
    steps = {mention.step for mention in kept if mention.step}
    into = [sent_to(sink) for sink in found.leaks.sinks(asset.key) if sink.step in steps]
    uses = (
        f"puts {{}} into {joined(list(dict.fromkeys(into)))}"
        if into
        else "decides by {} what happens to whom"
    )
    return observation(
        view,
        leak,
        asset,
        fields,
        message=f"The {called(asset)} {uses.format(listed(view, fields))}.",
        facts=facts_of(leak.through),
        remedy=(
            f"Take the value out of what the workflow “{asset.label}” sends, and start and steer it by something "
            "neutral."
        ),
    )


def _refused(view: View) -> Iterator[Observation]:
    """Workflows that are listed and that nobody may look into."""
    if view.leaks is None:
        return
    assets = view.leaks.surfaces.assets
    for key, why in sorted(view.leaks.surfaces.unparsed.items()):
        unread = view.snapshot.unread(key)
        if key in assets and assets[key].kind is AssetKind.FLOW and unread and unread.why is Why.FORBIDDEN:
            yield Observation(
                audience=marketing(view),
                object=assets[key].object or assets[key].kind.value,
                root=key,
                root_label=assets[key].label,
                message=f"What the {called(assets[key])} does is not known. {why}",
                state=State.UNKNOWN,
                facts=facts_of([assets[key]]),
                remedy=unread.remedy or f"Look at the workflow “{assets[key].label}” in the CRM.",
            )
