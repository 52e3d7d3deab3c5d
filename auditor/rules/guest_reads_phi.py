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


def _guests(view: View) -> tuple[str, ...]:
    return tuple(p.id for p in view.access.grants.people if p.kind is Kind.GUEST)


def _looked(view: View) -> Looked:
    return pairs(view, _guests(view), health, "guest account × health field pairs")


@rule(
    control="A05",
    title="A guest account can read PHI fields",
    severity=Severity.CRITICAL,
    citations=("45 CFR 164.502(a)", "45 CFR 164.312(a)(1)", "45 CFR 164.312(d)"),
    nist=("AC-3", "AC-14", "AC-22", "SC-7"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def guest_reads_phi(view: View) -> Iterator[Observation]:
    """A guest account, which anybody on the internet uses without logging in, can read a field with health data.

    ## Why it matters
    A guest has no identity, so nobody can be held to a need. Whatever a guest may read is one sharing rule or one
    page away from the open internet.

    ## Remediation
    In Setup, open Sites (or Digital Experiences > All Sites > Builder > Guest User Profile), open the guest
    profile's Object Settings, and clear Read on the object and on the fields listed. Keep the external
    organisation-wide default private, and remove guest sharing rules on the object. Tell the privacy officer.

    ## Limits
    Which records show is told where it could be worked out; code that runs without sharing may show more. Derived
    copies are followed as far as formulas could be read. Public links, files and forms are not looked at.

    ## Example
    The guest profile of the booking site holds Read on Lead and on Lead.Treatment_of_Interest__c.
    """
    combinations = Combinations(view)
    for found in exposures(view, _guests(view), health, _WORDS):
        word = found.firmest
        whose = combinations.of(found.people, found.object)
        weight = weigh(
            view,
            Severity.CRITICAL,
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
                f"{several(len(found.people), 'guest account')} can read "
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
            remedy=f"{found.remedy}; and tell the privacy officer.",
        )
