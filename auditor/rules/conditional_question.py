from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import Named, answers, called, facts_of, listed, looked_at, named_by, observation, told
from auditor.findings import Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import Asked, AssetKind

_WHEN = {
    Asked.DEPENDENT: "only after a certain answer to another question",
    Asked.RETURNING: "only of returning visitors",
    Asked.HIDDEN: "without showing the question",
}


def _looked(view: View) -> Looked:
    return looked_at(view, "forms", {AssetKind.FORM})


@rule(
    control="L08",
    title="A form asks about health only on some paths",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.308(a)(1)(ii)(A)"),
    nist=("PT-3", "SI-12(1)", "RA-3"),
    needs=(Capability.SCHEMA, Capability.ASSETS, Capability.LINEAGE),
    looked=_looked,
)
def conditional_question(view: View) -> Iterator[Observation]:
    """A form asks about health only after a certain answer, only of returning visitors, or without showing it.

    ## Why it matters
    Whoever tries the form out does not see the question, so an inventory made by looking at pages leaves it out, and so
    does the analysis of risks that rests on the inventory.

    ## Remediation
    Write down each path of the form: what starts the question, which field it fills, and where that goes. In HubSpot,
    open Marketing > Forms > the form, and look at the logic of each field, at progressive fields and at hidden ones.
    Move the question to a form of its own that everybody can see.

    ## Limits
    Which answer starts a question is not kept. Chats, and forms of other tools, are not looked at. A question asked
    both always and on some path counts as asked always. Boxes for free text do not count. That marketing may read the
    class changes nothing here: this is about an inventory.

    ## Example
    “New patient intake” asks for the diagnosis only of whoever says that there is one; a list is made from it: High.
    """
    routed = _routed(view)
    for found in named_by(view, AssetKind.FORM, answers):
        some: dict[str, Asked] = {m.field: m.asked for m in found.mentions if m.asked is not Asked.ALWAYS}
        if some:
            yield _observe(view, found, some, [name for name in some if name in routed])


def _routed(view: View) -> set[str]:
    """The fields that a list, a workflow or a message is about."""
    if view.leaks is None:
        return set()
    assets = view.leaks.surfaces.assets
    return {one.field for one in view.leaks.surfaced.values() if assets[one.asset].kind is not AssetKind.FORM}


def _observe(view: View, found: Named, some: dict[str, Asked], routed: list[str]) -> Observation:
    asset, fields = found.asset, tuple(sorted(some))
    raises = ["what is asked gets to a list, a workflow or a message"] if routed else []
    leak = told(view, found.leaks, Severity.MEDIUM, asset, fields, raises=raises)
    when = " or ".join(words for asked, words in _WHEN.items() if asked in some.values())
    return observation(
        view,
        leak,
        asset,
        fields,
        message=f"The {called(asset)} asks about {listed(view, fields)} {when}.",
        facts=facts_of([asset]),
        remedy=f"Write down the paths of the form “{asset.label}”, or ask the listed questions in a form of their own.",
    )
