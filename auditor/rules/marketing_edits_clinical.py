from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import Exposure, explain, exposures
from auditor.findings import STATE_OF, Observation, Severity
from auditor.planes import Verb
from auditor.rule import Looked, View, rule
from auditor.scope import clinical, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})


def _looked(view: View) -> Looked:
    what = "marketing person × clinical field pairs judged for editing"
    return pairs(view, view.audiences.marketing, clinical, what, Verb.EDIT)


@rule(
    control="A02",
    title="Marketing can edit clinical fields",
    severity=Severity.HIGH,
    citations=("45 CFR 164.312(c)(1)", "45 CFR 164.312(a)(1)", "45 CFR 164.514(d)(2)"),
    nist=("AC-3", "AC-5", "AC-6", "SI-7", "SI-10"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def marketing_edits_clinical(view: View) -> Iterator[Observation]:
    """Somebody in marketing can change a clinical field without an approval that covers changing it.

    ## Why it matters
    Whoever can change a value can also read it, and an answer that a patient gave may later steer an appointment or
    a treatment. A change by somebody without a clinical task is a risk to the patient, not only to privacy. Where
    the field keeps no history, nobody could tell afterwards that it was changed.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant, then Object Settings > the object > Edit, and clear
    Edit Access for the fields listed; or clear Edit on the object. If changing is part of the job, have it approved:
    give the audience the level edit for the class. Turn on field history for the fields meanwhile.

    In HubSpot, open Settings > Properties > the property > More > Manage access, and let marketing view only, or choose
    who needs it.

    ## Limits
    Judges stored permissions to edit. Imports, mass updates, flows and forms that write with rights of their own
    are not looked at. Where the platform does not settle who may edit (person-account forms of a contact field,
    parts of addresses), the pair is not judged and not counted.

    ## Example
    The profile “Growth Representative” gives Edit on Lead and on Lead.Treatment_of_Interest__c, and the field keeps
    no history: Critical, with the profile as root grant.
    """
    for found in exposures(view, view.audiences.marketing, clinical, _WORDS, verb=Verb.EDIT):
        facts = [view.facts[name] for name in sorted(found.words) if name in view.facts]
        untracked = [fact.name for fact in facts if fact.tracked is False]
        raises = [f"changes keep no history: {', '.join(untracked)}"] if untracked else []
        weight = weigh(view, Severity.HIGH, found.words, found.people, raises=raises)
        yield Observation(
            audience=found.audience,
            object=found.object,
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'person', 'people')} of the audience {found.audience} can change "
                f"{several(len(found.words), 'clinical field')} of {found.object}"
                f"{found.apiece} through {found.through}."
            ),
            state=STATE_OF[found.firmest],
            severity=weight.severity,
            modifiers=weight.modifiers,
            found_by=found_by(view, found.words),
            cells=found.cells(view.tags.__getitem__),
            people=tuple(sorted(found.people)),
            facts=(weight.fact,),
            example=explain(view.access, *found.example, Verb.EDIT),
            remedy=_remedy(found),
        )


def _remedy(found: Exposure) -> str:
    if found.root.undo:
        return f"{found.remedy}; or have editing approved for the audience."
    if found.root.container:
        return f"Take Edit on the listed fields out of {found.through}, or have editing approved for the audience."
    opened = ", ".join(f"“{label}”" for label in sorted(found.openers))
    return f"Take Edit on {found.object} from {opened}: the fields themselves cannot be secured."
