from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.chains import (
    answers,
    beyond_policy,
    called,
    counted,
    facts_of,
    gravest,
    listed,
    looked_at,
    observation,
    passed,
    sent_to,
    told,
)
from auditor.findings import Observation, Severity
from auditor.leaks import END_OF, End, LeakGraph, Surfaced
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import Asset, AssetKind, Sink

_RAISES: Mapping[End | None, tuple[str, ...]] = {
    End.OUTSIDE: ("it leaves the CRM",),
    End.MESSAGE: ("it is used for messages",),
}


def _looked(view: View) -> Looked:
    return looked_at(view, "forms, lists, workflows and e-mails", set(AssetKind))


@rule(
    control="L07",
    title="What a form asks about health gets to a list or mailing",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.508(a)(3)", "RCW 19.373.030"),
    nist=("PT-2", "PT-3", "PT-4", "SI-12(1)", "SA-8(33)"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def form_feeds_list(view: View) -> Iterator[Observation]:
    """A form asks about health, and what it collects gets, hop by hop, to a list, a workflow or a message.

    ## Why it matters
    Whoever answers a clinic's question expects care, not a mailing. Each hop looks harmless to whoever made it: one
    made the form, another the list, a third the campaign, and nobody sees the whole way.

    ## Remediation
    Break the chain where it is easiest. Ask for contact details in the form that marketing uses, and for health in a
    form of its own whose answers go to fields that only care uses. In HubSpot, change the filter of the first list or
    workflow of the chain (CRM > Segments, Automation > Workflows), so that it no longer takes whoever sent the form or
    answered the question.

    ## Limits
    One finding for each form and end, with the shortest way that works today, otherwise the shortest at all; of several
    forms that ask for the same field the first by its id, with how many more there are. Lists and steps for colleagues
    are left out for classes that the policy lets all of marketing read; messages and what leaves the CRM never are.
    Boxes for free text are told by free-text-open-to-marketing. How many of a list's members came by the form is not
    counted, and whether somebody authorized the mailing is not seen.

    ## Example
    “New patient intake” asks for the main concern; the list “Concern known” takes whoever answered, and the e-mail
    “Week two” goes to that list: one finding, Critical.
    """
    leaks = view.leaks
    if leaks is None:
        return
    assets = leaks.surfaces.assets
    for (form, end), about in sorted(_chains(view, leaks).items(), key=lambda each: each[0]):
        yield _observe(view, leaks, assets[form], assets[end], about)


def _chains(view: View, leaks: LeakGraph) -> dict[tuple[str, str], list[Surfaced]]:
    """For each first form and end, by which fields one gets to the other."""
    beyond = beyond_policy(view)
    found: dict[tuple[str, str], list[Surfaced]] = {}
    for key, about in leaks.about.items():
        asset = leaks.surfaces.assets[key]
        ends = leaks.sinks(key) or asset.kind is AssetKind.EMAIL or key in leaks.last
        if asset.kind is AssetKind.FORM or not ends:
            continue
        for shortest in about:
            one = leaks.at_work.surfaced.get((key, shortest.field), shortest)
            tag, forms = view.tags[one.field], leaks.asking(one)
            inside = _end(asset, gravest(passed(leaks, [one]))) in {None, End.STAFF}
            if forms and answers(tag) and (not inside or beyond(tag)):
                found.setdefault((forms[0], key), []).append(one)
    return found


def _end(asset: Asset, sink: Sink | None) -> End | None:
    if asset.kind is AssetKind.EMAIL:
        return End.MESSAGE
    return END_OF[sink.kind] if sink is not None else None


def _observe(view: View, leaks: LeakGraph, form: Asset, end: Asset, about: list[Surfaced]) -> Observation:
    fields = [one.field for one in about]
    sink = gravest(passed(leaks, about))
    raises = _RAISES.get(_end(end, sink), ())
    leak = told(view, leaks, Severity.HIGH, end, fields, sink=sink, raises=raises)
    onward = [one for one in leak.through if one.kind is not AssetKind.FORM]
    by = f", by way of the {counted(onward[0])}" if len(onward) > 1 else ""
    sends = f", which passes it on to {sent_to(sink)}" if sink is not None else ""
    return observation(
        view,
        leak,
        end,
        fields,
        message=(
            f"What the {called(form)} asks about {listed(view, fields)} gets to the {counted(end)}{by}{sends}."
        ),
        facts=facts_of(leak.through),
        object_=form.key,
        remedy=(
            f"Change the {called(onward[0])} so that nothing in it depends on what the form “{form.label}” asks, "
            "or ask that in a form that marketing does not use."
        ),
    )
