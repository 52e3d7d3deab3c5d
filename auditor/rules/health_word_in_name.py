from __future__ import annotations

from collections.abc import Iterator

from auditor.chains import called, joined, looked_at, marketing
from auditor.findings import FoundBy, Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.surfaces import Asset, AssetKind, Sign
from auditor.wording import several

_FEW = 3


def _looked(view: View) -> Looked:
    return looked_at(view, "forms, lists, workflows and e-mails", set(AssetKind), fields=False)


@rule(
    control="L14",
    title="A name, address or hidden answer states a condition",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.530(c)", "45 CFR 164.502(b)", "45 CFR 164.312(e)(1)"),
    nist=("AC-4", "SI-11", "SI-12(1)"),
    needs=(Capability.ASSETS,),
    looked=_looked,
)
def health_word_in_name(view: View) -> Iterator[Observation]:
    """The name, folder, subject, web address or hidden answer of a list, form, workflow or e-mail has a health word.

    ## Why it matters
    Names and addresses go where no permission on a field reaches: into logs, browser histories, reports to other
    companies and the subject lines of mailboxes. Whoever is on a list called after an illness is marked by it.

    ## Remediation
    Rename it to something that tells nobody anything, and keep the meaning in a register that care can read. In
    HubSpot, rename under CRM > Segments, Marketing > Forms and Email, or Automation > Workflows; take health words out
    of page addresses and hidden answers.

    ## Limits
    Compares with the vocabulary of the built-in recogniser, in the languages it knows, so it is an inference, and a
    word it does not know is not found. The word alone is told, never the text around it. A harmless use of a word
    (“heart of the city”) is told too. Page addresses count as far as a filter or a step names them.

    ## Example
    The list “Diabetes newsletter” is named after a condition: one finding, with the word and its class.
    """
    if view.leaks is None:
        return
    signs: dict[str, list[Sign]] = {}
    for sign in view.leaks.surfaces.signs:
        signs.setdefault(sign.asset, []).append(sign)
    for key, found in sorted(signs.items()):
        if key in view.leaks.surfaces.assets:
            yield _observe(view, view.leaks.surfaces.assets[key], found)


def _observe(view: View, asset: Asset, signs: list[Sign]) -> Observation:
    said = sorted({(one.place, f"“{one.term}” ({one.phi_class.replace('_', ' ')})") for one in signs})
    words = [f"{word} in its {place}" for place, word in said[:_FEW]]
    more = [f"{several(len(said) - _FEW, 'more word')}"] if len(said) > _FEW else []
    return Observation(
        audience=marketing(view),
        object=asset.object or asset.kind.value,
        root=asset.key,
        root_label=asset.label,
        message=f"The {called(asset)} has {joined([*words, *more])}.",
        found_by=FoundBy.INFERENCE,
        facts=tuple((f"word in its {place}", word) for place, word in said),
        remedy=f"Name the {called(asset)} after something that tells of no condition, and reword what else is listed.",
    )
