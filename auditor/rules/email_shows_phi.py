from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import called, counted, facts_of, joined, listed, looked_at, named_by, observation, told
from auditor.findings import Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind, Leaks

_FEW = 3


def _looked(view: View) -> Looked:
    return looked_at(view, "e-mails", {AssetKind.EMAIL})


@rule(
    control="L05",
    title="A marketing e-mail shows health data",
    severity=Severity.HIGH,
    citations=("45 CFR 164.312(e)(1)", "45 CFR 164.530(c)", "45 CFR 164.508(a)(3)", "45 CFR 164.522(b)"),
    nist=("SC-8", "AC-4", "PT-3", "PT-4"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def email_shows_phi(view: View) -> Iterator[Observation]:
    """A marketing e-mail prints a field with health data, or chooses by one what it shows to whom.

    ## Why it matters
    Others at home may read the e-mail, and it passes through systems that the organisation does not control. An
    appointment, the name of a clinician or a clinic's department tells about care as a diagnosis does.

    ## Remediation
    In HubSpot, open Marketing > Email > the e-mail, and take the personalisation token and the rule for smart content
    out of subject, preview and text. Refer to the patient portal for whatever is about somebody's care.

    ## Limits
    Speaks of tokens and rules, not of what the text says in its own words; words in the subject and name are told by
    health-word-in-name. Every class of health data counts, also appointments, providers, facilities and referrals. The
    policy says who inside may read a field, and nothing of what may be sent, so approvals do not count here. Whether
    somebody authorized the mailing is not seen. Drafts count, one level lower.

    ## Example
    The e-mail “See you soon” prints the next appointment in its subject: one finding, with the question it came from.
    """
    for found in named_by(view, AssetKind.EMAIL, health):
        asset = found.asset
        leak = told(view, found.leaks, Severity.HIGH, asset, found.fields)
        prints = any(mention.leaks is Leaks.VALUE for mention in found.mentions)
        lists = [one for one in found.leaks.before(asset.key) if one.kind is AssetKind.LIST]
        to = f" It goes to the {joined([counted(one) for one in lists[:_FEW]])}" if lists else ""
        more = f" and {len(lists) - _FEW:,} more" if len(lists) > _FEW else ""
        yield observation(
            view,
            leak,
            asset,
            found.fields,
            message=(
                f"The {called(asset)} {'prints' if prints else 'chooses what it shows by'} "
                f"{listed(view, found.fields)}.{to}{more}{'.' if to else ''}"
            ),
            facts=facts_of(leak.through),
            remedy=f"Take the listed fields out of the e-mail “{asset.label}”, and refer to the patient portal.",
        )
