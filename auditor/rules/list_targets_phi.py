from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import (
    beyond_policy,
    counted,
    facts_of,
    listed,
    looked_at,
    named_by,
    observation,
    told,
    way,
)
from auditor.findings import Observation, Severity
from auditor.leaks import End
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind


def _looked(view: View) -> Looked:
    return looked_at(view, "lists", {AssetKind.LIST})


@rule(
    control="L03",
    title="A list is made from health data",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.508(a)(3)", "45 CFR 164.514(d)(2)"),
    nist=("AC-3", "AC-4", "PT-3"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def list_targets_phi(view: View) -> Iterator[Observation]:
    """A list, segment or view is filtered by a field with health data, so that being in it tells what the field holds.

    ## Why it matters
    Whoever sees the list knows the condition of everybody in it, even where the field itself is hidden from them. To
    promote something to the people of such a list is a marketing use that needs an authorization, unless one of the
    definition's exceptions fits.

    ## Remediation
    Have the clinical team make the selection and hand over a neutral result (“may be written to: yes”), then filter the
    list by that. In HubSpot, open CRM > Segments > the segment > Edit filters. If the list must stay, limit who may
    open it, and record the authorization that the mailing rests on.

    ## Limits
    Speaks of what the filter is about, not of what it compares with: literals are never kept. Filters that ask only
    whether something is known count, and those that leave people out. A list by a class that the policy lets all of
    marketing read is left out, unless it goes on to a message or outside the CRM, of which that policy says nothing.
    Referrals count like any other class, on whatever object they are kept. Lists made by hand have no filter and are
    told by where their members come from (form-feeds-list). Who may open a list is told by no API of HubSpot's.

    ## Example
    The list “Concern known” takes contacts whose primary concern is known, and the e-mail “Week two” goes to it: one
    finding, Critical, with the way from the question to the e-mail.
    """
    beyond = beyond_policy(view)
    for found in named_by(view, AssetKind.LIST, health):
        ahead = way(found.leaks, found.asset.key, found.fields, (End.OUTSIDE, End.MESSAGE))
        fields = tuple(name for name in found.fields if ahead.end or beyond(view.tags[name]))
        if not fields:
            continue
        leak = told(view, found.leaks, Severity.HIGH, found.asset, fields, ahead=ahead)
        yield observation(
            view,
            leak,
            found.asset,
            fields,
            message=f"The {counted(found.asset)} is made from {listed(view, fields)}.",
            facts=facts_of(leak.through),
            remedy=(
                f"Filter the list “{found.asset.label}” by something neutral that the clinical team decides, or limit "
                "who may open it."
            ),
        )
