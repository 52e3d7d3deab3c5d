from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import Named, looked_at, named_by, ways
from auditor.findings import Observation, Severity
from auditor.leaks import End
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind
from auditor.wording import several


def _looked(view: View) -> Looked:
    return looked_at(view, "lists", AssetKind.LIST)


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
    whether something is known count, and those that leave people out. Lists made by hand have no filter and are told
    by where their members come from (form-feeds-list). Who may open a list is told by no API of HubSpot's.

    ## Example
    The list “Concern known” takes contacts whose primary concern is known, and the e-mail “Week two” goes to it.
    """
    for found in named_by(view, health, AssetKind.LIST):
        yield _observe(view, found)


def _observe(view: View, found: Named) -> Observation:
    asset = found.asset
    raises, facts = ways(view, found, (End.OUTSIDE, End.MESSAGE))
    return found.observation(
        view,
        Severity.HIGH,
        message=(
            f"The list “{asset.label}” is made from {several(len(found.fields), 'field')} with health data"
            + (f" and has {several(asset.size, 'member')}." if asset.size is not None else ".")
        ),
        raises=raises,
        facts=facts,
        remedy="Filter the list by something neutral that the clinical team decides, or limit who may open it.",
    )
