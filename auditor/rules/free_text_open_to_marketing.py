from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.chains import joined
from auditor.combination import Combinations, Whose
from auditor.exposure import Exposure, explain, exposures
from auditor.findings import STATE_OF, Observation, Severity
from auditor.phi import Coarse, Tag
from auditor.rule import Looked, View, rule
from auditor.scope import pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT})


def _free_text(tag: Tag) -> bool:
    return tag.coarse is Coarse.FREETEXT_RISK


def _looked(view: View) -> Looked:
    """Count the pairs; where the CRM keeps free text that nobody tagged, that was not looked at, and nothing passes."""
    found = pairs(view, view.audiences.marketing, _free_text, "marketing person × free text pairs")
    left = view.containers - view.tags.keys()
    tagged = any(_free_text(tag) for tag in view.tags.values())
    if found.unknown or found.absent or (tagged and not left):
        return found
    objects = joined(sorted({name.partition(".")[0] for name in left}))
    said = f"Nobody tagged the free text of {objects}" if left else "No field is tagged as free text"
    return Looked(0, found.what, left_out=f"{said}, so who in marketing reads it is not looked at.")


@rule(
    control="L09",
    title="Marketing can read free text",
    severity=Severity.HIGH,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.312(a)(1)", "45 CFR 164.508(a)(2)"),
    nist=("AC-3", "AC-6", "CM-12", "SI-12(1)"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def free_text_open_to_marketing(view: View) -> Iterator[Observation]:
    """Somebody in marketing can read a field in which people write freely: notes, transcripts, messages, tickets.

    ## Why it matters
    What was written there is in no inventory: whoever took a call may have typed a diagnosis. A field whose content
    nobody knows is as open as the worst that stands in it.

    ## Remediation
    In HubSpot, open Settings > Users & Teams > the permission set > CRM, and set notes, calls, e-mails and meetings to
    those that somebody owns, for whoever does not work in care. In Salesforce, take Read on the field or on the object
    from the container named as root grant. If the access is needed, have it approved.

    ## Limits
    What the texts hold is not read, so a field that holds nothing about health counts too. HubSpot keeps free text in
    notes, calls, meetings, e-mails, tasks, messages, tickets and feedback, of which most are not part of a run unless
    the scope names them: while one is tagged by nobody, the rule passes nowhere and names it. Tag them in the mapping
    to have them looked at. Transcripts of calls, files and chats are not looked at in any CRM.

    ## Example
    Everybody in marketing can open tickets, and their content is free text: one finding for each grant that opens it.
    """
    combinations = Combinations(view)
    for found in exposures(view, view.audiences.marketing, _free_text, _WORDS):
        yield _observe(view, found, combinations.of(found.people, found.object))


def _observe(view: View, found: Exposure, whose: Whose) -> Observation:
    word = found.firmest
    weight = weigh(
        view, Severity.HIGH, found.words, found.people, latent=word is Word.LATENT, masked=not found.clear
    )
    return Observation(
        audience=found.audience,
        object=found.object,
        root=found.root.id,
        root_label=found.root.label,
        message=(
            f"{several(len(found.people), 'person', 'people')} of the audience {found.audience} can read "
            f"{several(len(found.words), 'field')} with free text of {found.object}"
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
        remedy=f"{found.remedy}, or have the audience's access to free text approved.",
    )
