from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import exposures
from auditor.findings import Observation, Severity
from auditor.powers import powers, using
from auditor.rights import Use
from auditor.rule import Looked, View, rule
from auditor.scope import awake, by_object, cells, clinical, held
from auditor.snapshot import Capability
from auditor.weight import found_by
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})


def _looked(view: View) -> Looked:
    return Looked(len(list(held(view, clinical))) if view.marketing_objects else 0, "clinical fields")


@rule(
    control="D03",
    title="Clinical data stands on objects that marketing works with",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.502(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.308(a)(4)(i)"),
    nist=("AC-4", "AC-6", "PL-8", "SC-7(24)"),
    needs=(Capability.SCHEMA, Capability.LINEAGE),
    looked=_looked,
)
def clinical_on_marketing_object(view: View) -> Iterator[Observation]:
    """Clinical fields are kept on the same objects as marketing data: leads, contacts, accounts, campaigns.

    ## Why it matters
    Where both stand on one record, each export, report, sync and page is one setting away from carrying a diagnosis
    along. Field security is then the only thing between marketing and clinical data, and it has to be right in every
    container, every night.

    ## Remediation
    Move clinical fields to an object of their own with a private sharing default, linked to the person, and leave on
    the lead or contact a neutral status at most. Until then keep the fields in one permission set for care, and check
    each integration that reads the whole object.

    In HubSpot, the object of their own is a custom object that marketing's permission sets do not open.

    ## Limits
    Which objects are marketing's is known per platform and is not a setting of this organisation. Record types and
    separate systems are not looked at. This is about design: that nobody in marketing reads the fields today leaves
    it at Medium, and does not settle it.

    ## Example
    Contact has Diagnosis__c beside the email address that campaigns use. Two people in marketing read it: High.
    """
    kept = [tag for tag in held(view, clinical) if tag.object in view.marketing_objects]
    names = {tag.field for tag in kept}
    read = exposures(view, view.audiences.marketing, lambda tag: tag.field in names, _WORDS)
    taken = powers(view, awake(view), using(Use.EXPORT), lambda tag: tag.field in names)
    marketing = {name for found in read for name in found.words}
    exported = {name for found in taken for name in found.words}
    for name, tags in by_object(kept).items():
        fields = {tag.field for tag in tags}
        modifiers = []
        if fields & marketing:
            modifiers.append("raised: marketing reads some of them, so field security does not separate them")
        elif fields & exported:
            modifiers.append("raised: people without an approved need read some of them and can export")
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=f"{name}, which marketing works with, has {several(len(tags), 'clinical field')}.",
            severity=Severity.HIGH if modifiers else Severity.MEDIUM,
            modifiers=tuple(modifiers),
            found_by=found_by(view, sorted(fields)),
            cells=cells(tags),
            remedy=f"Move the listed fields from {name} to an object of their own.",
        )
