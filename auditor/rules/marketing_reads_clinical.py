from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import Exposure, explain, exposures
from auditor.findings import STATE_OF, FoundBy, Observation, Severity
from auditor.phi import Basis, Coarse, Tag
from auditor.rule import Looked, View, rule
from auditor.scope import pairs
from auditor.snapshot import Capability
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT})


def _clinical(tag: Tag) -> bool:
    return tag.coarse is Coarse.CLINICAL


def _looked(view: View) -> Looked:
    return pairs(view, view.audiences.marketing, _clinical, "marketing person × clinical field pairs")


@rule(
    control="A01",
    title="Marketing can read clinical fields",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.308(a)(3)(i)"),
    nist=("AC-3", "AC-6", "AC-6(7)", "PT-2", "PT-3"),
    needs=(Capability.SCHEMA, Capability.PEOPLE, Capability.ASSIGNMENTS, Capability.GRANTS),
    looked=_looked,
)
def marketing_reads_clinical(view: View) -> Iterator[Observation]:
    """Somebody in marketing can read a clinical field that the approved policy does not give them.

    ## Why it matters
    The Privacy Rule expects an organisation to name which classes of its workforce need which categories of PHI,
    and to hold access to that list. A marketing role that can open diagnoses without an entry in the list is an
    undocumented use, whether or not anybody has looked.

    ## Remediation
    In Setup, open the container named as root grant (Users > Profiles, Permission Sets or Permission Set Groups),
    then Object Settings > the object > Edit, and clear Read Access for the fields listed. For a right such as
    View All Fields, clear that right instead. If the access is needed, have it approved: add the audience and the
    PHI class to the policy with approver and date. Check again with `crm-audit why PERSON FIELD`.

    ## Limits
    Speaks of permission to read a field, not of records: record reach is not evaluated, so somebody may hold the
    field and see no record that has it. Fields nobody tagged are not judged. Derived copies (formulas, roll-ups,
    history) are not followed.

    ## Example
    The permission set “Campaign Analytics” gives Read on Contact and on Contact.Diagnosis__c, and is assigned to
    eleven people in marketing: one finding, with the set as its root grant.
    """
    for found in exposures(view, view.audiences.marketing, _clinical, _WORDS):
        yield _observe(view, found)


def _observe(view: View, found: Exposure) -> Observation:
    word = found.firmest
    severity, modifiers = Severity.HIGH, []
    tags = [view.tags[name] for name in found.words]
    if any(tag.tier == "T4" for tag in tags):
        severity = severity.raised()
        modifiers.append("raised: a special category of health data is among the fields")
    if word is Word.LATENT:
        severity = severity.raised(-1)
        modifiers.append("lowered: latent, nothing opens the object today")
    inferred = all(tag.basis is Basis.TAGGER for tag in tags)
    return Observation(
        audience=found.audience,
        object=found.object,
        root=found.root.id,
        root_label=found.root.label,
        message=(
            f"{several(len(found.people), 'person', 'people')} of the audience {found.audience} can read "
            f"{several(len(found.words), 'clinical field')} of {found.object} through {found.through}."
        ),
        state=STATE_OF[word],
        severity=severity,
        modifiers=tuple(modifiers),
        found_by=FoundBy.INFERENCE if inferred else FoundBy.CONFIGURATION,
        cells=found.cells(view.tags.__getitem__),
        people=tuple(sorted(found.people)),
        facts=(("records reachable", "record reach not evaluated"),),
        example=explain(view.access, *found.example),
        remedy=f"{found.remedy}, or have the audience's access to the class approved.",
    )
