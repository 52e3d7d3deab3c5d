from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import explain, exposures
from auditor.findings import STATE_OF, Observation, Severity
from auditor.people import Kind
from auditor.phi import Coarse, Tag
from auditor.rule import Looked, View, rule
from auditor.scope import pairs
from auditor.snapshot import Capability
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT})


def _health(tag: Tag) -> bool:
    return tag.coarse in {Coarse.CLINICAL, Coarse.PAYMENT, Coarse.FREETEXT_RISK}


def _guests(view: View) -> tuple[str, ...]:
    return tuple(p.id for p in view.access.grants.people if p.kind is Kind.GUEST)


def _looked(view: View) -> Looked:
    return pairs(view, _guests(view), _health, "guest account × health field pairs")


@rule(
    control="A05",
    title="A guest account can read PHI fields",
    severity=Severity.CRITICAL,
    citations=("45 CFR 164.502(a)", "45 CFR 164.312(a)(1)", "45 CFR 164.312(d)"),
    nist=("AC-3", "AC-14", "AC-22", "SC-7"),
    needs=(Capability.SCHEMA, Capability.PEOPLE, Capability.ASSIGNMENTS, Capability.GRANTS),
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
    Record reach is not evaluated: guest sharing rules and code that runs without sharing decide which records
    show. Public links, files and forms are not looked at.

    ## Example
    The guest profile of the booking site holds Read on Lead and on Lead.Treatment_of_Interest__c.
    """
    for found in exposures(view, _guests(view), _health, _WORDS):
        word = found.firmest
        latent = word is Word.LATENT
        yield Observation(
            audience=found.audience,
            object=found.object,
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'guest account')} can read "
                f"{several(len(found.words), 'field')} with health data on {found.object} through {found.through}."
            ),
            state=STATE_OF[word],
            severity=Severity.CRITICAL.raised(-1 if latent else 0),
            modifiers=("lowered: latent, nothing opens the object today",) if latent else (),
            cells=found.cells(view.tags.__getitem__),
            people=tuple(sorted(found.people)),
            facts=(("records reachable", "record reach not evaluated"),),
            example=explain(view.access, *found.example),
            remedy=f"{found.remedy}, and tell the privacy officer.",
        )
