from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.combination import Combinations, Where, Whose
from auditor.exposure import Exposure, explain, exposures
from auditor.findings import STATE_OF, Observation, Severity
from auditor.powers import holders, using
from auditor.rights import Use
from auditor.rule import Looked, View, rule
from auditor.scope import clinical, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT})


def _looked(view: View) -> Looked:
    return pairs(view, view.audiences.marketing, clinical, "marketing person × clinical field pairs")


@rule(
    control="A01",
    title="Marketing can read clinical fields",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.308(a)(3)(i)"),
    nist=("AC-3", "AC-6", "AC-6(7)", "PT-2", "PT-3"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def marketing_reads_clinical(view: View) -> Iterator[Observation]:
    """Somebody in marketing can read a clinical field that the approved policy does not give them.

    ## Why it matters
    The Privacy Rule expects an organisation to name which classes of its workforce need which categories of PHI,
    and to hold access to that list. A marketing role that can open diagnoses without an entry in the list is an
    undocumented use, whether or not anybody has looked.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant (Users > Profiles, Permission Sets or Permission Set
    Groups), then Object Settings > the object > Edit, and clear Read Access for the fields listed. For a right such as
    View All Fields, clear that right instead. If the access is needed, have it approved: add the audience and the PHI
    class to the policy with approver and date. Check again with `crm-audit why PERSON FIELD`.

    In HubSpot, open Settings > Properties > the property > More > Manage access, and choose who needs it, or take Super
    Admin from the user named.

    ## Limits
    Speaks of permission to read a field. How many records the people listed reach is told where it could be worked
    out. Whoever can also export, or read by program, raises the level (A03, A04). The finding says whether the same
    people also read who the records are about; where they certainly do not, that lowers it by one level. Derived
    copies are followed: a formula or roll-up over a clinical field is one too, as far as its text could be read.
    History, files and copies that flows make are not. Fields nobody tagged are not judged.

    ## Example
    The permission set “Campaign Analytics” gives Read on Contact and on Contact.Diagnosis__c, and is assigned to
    eleven people in marketing: one finding, with the set as its root grant.
    """
    marketing = view.audiences.marketing
    out = {
        "export what they read": holders(view, marketing, using(Use.EXPORT)),
        "read it by program": holders(view, marketing, using(Use.API)),
    }
    combinations = Combinations(view)
    for found in exposures(view, marketing, clinical, _WORDS):
        whose = combinations.of(found.people, found.object)
        ways = [way for way, people in out.items() if not found.people.isdisjoint(people)]
        yield _observe(view, found, whose, [f"some of them can {' and '.join(ways)}"] if ways else [])


def _observe(view: View, found: Exposure, whose: Whose, raises: list[str]) -> Observation:
    word = found.firmest
    weight = weigh(
        view,
        Severity.HIGH,
        found.words,
        found.people,
        raises=raises,
        latent=word is Word.LATENT,
        masked=not found.clear,
        unnamed=whose.where is Where.NOWHERE,
    )
    return Observation(
        audience=found.audience,
        object=found.object,
        root=found.root.id,
        root_label=found.root.label,
        message=(
            f"{several(len(found.people), 'person', 'people')} of the audience {found.audience} can read "
            f"{several(len(found.words), 'clinical field')} of {found.object}"
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
        remedy=f"{found.remedy}; or have the audience's access to the class approved.",
    )
