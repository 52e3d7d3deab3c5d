from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.combination import Combinations, Where
from auditor.exposure import explain, exposures
from auditor.findings import STATE_OF, Observation, Severity
from auditor.people import Kind
from auditor.rule import Looked, View, rule
from auditor.scope import health, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT})


def _outsiders(view: View) -> tuple[str, ...]:
    return tuple(p.id for p in view.access.grants.people if p.kind is Kind.EXTERNAL)


def _looked(view: View) -> Looked:
    what = "external account × health field pairs"
    return pairs(view, _outsiders(view), health, what, untold=view.untold.get("external", ""))


@rule(
    control="A16",
    title="An external account can read PHI fields",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(e)", "45 CFR 164.504(e)", "45 CFR 164.308(b)(1)"),
    nist=("PS-7", "AC-2", "AC-20", "SA-9"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def external_reads_phi(view: View) -> Iterator[Observation]:
    """An account of a partner, an agency or a portal can read a field with health data that nobody approved for it.

    ## Why it matters
    Whoever works for somebody else is outside the organisation's own workforce. An agency that handles health data
    for it needs an agreement that says so, and a patient in a portal needs to see one record, not a field on all.

    ## Remediation
    In Setup, open the container named as root grant, then Object Settings, and clear Read on the fields listed. Keep
    external people on a profile of their own with an end date on each assignment. Ask whoever owns the contract
    whether a business associate agreement covers this use, and have approved access put into the policy.

    ## Limits
    Which accounts are external is read from the kind of user; somebody from an agency with an ordinary account is
    not recognised by it. Agreements are not known here. Sharing sets and account relationships are not evaluated
    beyond what the records reachable say. Guests have a rule of their own.

    ## Example
    The partner profile gives Read on Lead and on Lead.Treatment_of_Interest__c to the three users of an agency.
    """
    combinations = Combinations(view)
    for found in exposures(view, _outsiders(view), health, _WORDS):
        word = found.firmest
        whose = combinations.of(found.people, found.object)
        weight = weigh(
            view,
            Severity.HIGH,
            found.words,
            found.people,
            latent=word is Word.LATENT,
            masked=not found.clear,
            unnamed=whose.where is Where.NOWHERE,
        )
        yield Observation(
            audience=found.audience,
            object=found.object,
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'external account')} can read "
                f"{several(len(found.words), 'field')} with health data on {found.object}"
                f"{found.apiece} through {found.through}. {whose}"
            ),
            state=STATE_OF[word],
            severity=weight.severity,
            modifiers=weight.modifiers,
            found_by=found_by(view, found.words),
            cells=found.cells(view.tags.__getitem__),
            people=tuple(sorted(found.people)),
            facts=(weight.fact,),
            example=explain(view.access, *found.example),
            remedy=f"{found.remedy}; or have the access approved after checking the agreement.",
        )
