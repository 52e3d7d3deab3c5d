from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import CONSENT, answers, called, facts_of, listed, looked_at, named_by, observation, told
from auditor.findings import Observation, Severity, State
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import AssetKind, Consent

_STATES = {
    Consent.NONE: State.GAP_OBSERVED,
    Consent.IMPLICIT: State.GAP_OBSERVED,
    Consent.UNKNOWN: State.UNKNOWN,
}


def _looked(view: View) -> Looked:
    return looked_at(view, "forms", {AssetKind.FORM})


@rule(
    control="P04",
    title="A form asks about health without asking for consent",
    severity=Severity.HIGH,
    citations=("RCW 19.373.020-.070", "NRS 603A.500-.525", "FTC Act s.5"),
    nist=("PT-2", "PT-4", "PT-5", "AC-3"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def question_without_consent(view: View) -> Iterator[Observation]:
    """A form asks about health, and has no box by which its sender agrees to that.

    ## Why it matters
    Somebody who is not a patient yet is often outside of HIPAA, and then laws of some states on consumer health data
    ask for consent, or that it is strictly necessary, before such data is collected, and for another before it is
    shared. A form without the question leaves nothing by which that could be shown later.

    ## Remediation
    In HubSpot, open Marketing > Forms > the form > Data privacy and consent options, and choose consent to process
    with a box of its own; keep the text and its version. Or show why the answers are strictly necessary for what the
    sender asks for.

    ## Limits
    Which law applies to whom is not decided here. A box to tick, or a claimed legitimate interest, is no finding, and
    says nothing on whether its text covers health data, on sharing, or on an authorization for marketing. Consent taken
    as given by sending the form counts as none. What a page says beside the form is not seen. Boxes for free text do
    not count.

    ## Example
    “New patient intake” asks for the main concern, and its option for consent is “none”: one finding.
    """
    for found in named_by(view, AssetKind.FORM, answers):
        asset = found.asset
        if asset.consent not in _STATES:
            continue
        leak = told(view, found.leaks, Severity.HIGH, asset, found.fields)
        yield observation(
            view,
            leak,
            asset,
            found.fields,
            message=(
                f"The {called(asset)} asks about {listed(view, found.fields)}. Consent: {CONSENT[asset.consent]}."
            ),
            facts=facts_of([asset]),
            state=_STATES[asset.consent],
            remedy=f"Ask for consent in the form “{asset.label}” with a box of its own, and keep its text and version.",
        )
