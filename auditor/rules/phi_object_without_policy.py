from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.phi import Coarse, Tag
from auditor.rule import Looked, View, rule
from auditor.scope import by_object, cells, health
from auditor.snapshot import Capability
from auditor.weight import found_by
from auditor.wording import several

_LONG = 255
"""A text field longer than this is made for sentences."""
_FEW = 6
"""So many objects are named in a sentence."""


def _tags(view: View) -> dict[str, list[Tag]]:
    return by_object(tag for tag in view.tags.values() if health(tag))


def _looked(view: View) -> Looked:
    absent = "No field of the objects that were read was classified as health data." if view.facts else ""
    return Looked(len(_tags(view)), "objects with health data", absent)


@rule(
    control="R02",
    title="An object with PHI has no retention policy",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.316(a)-(b)", "45 CFR 164.310(d)(2)(i)", "45 CFR 164.530(i)-(j)"),
    nist=("SI-12", "PM-22", "AU-11"),
    needs=(Capability.SCHEMA, Capability.LINEAGE),
    looked=_looked,
)
def phi_object_without_policy(view: View) -> Iterator[Observation]:
    """No line of the retention schedule names an object that holds health data.

    ## Why it matters
    Without a rule, records are kept for ever or removed as somebody sees fit, and neither can be explained later. A
    schedule is also where a minimum period and a hold are written down before anything is deleted.

    ## Remediation
    Decide with whoever owns the records, and with counsel, how long this class of records is kept and from which date
    on. Add a line for the object under `retention` in the configuration, with its source and reason.

    ## Limits
    Looks at the schedule in the configuration, not at one that is kept elsewhere; where there is none at all, that
    is one finding. One line counts for the whole
    object, though different record types may need different periods. Files, logs, lists and copies outside the
    system are not looked at.

    ## Example
    Intake__c holds session notes, and the schedule has lines for Lead and Task only: High, since notes are among it.
    """
    covered = {policy.object for policy in view.retention}
    if not covered:
        yield from _no_schedule(view)
        return
    for name, tags in _tags(view).items():
        if name in covered:
            continue
        notes = [tag.field for tag in tags if _notes(view, tag)]
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=f"{name} has {several(len(tags), 'field')} with health data and no line in the schedule.",
            severity=Severity.HIGH if notes else Severity.MEDIUM,
            modifiers=(f"raised: it holds notes or free text ({', '.join(notes)})",) if notes else (),
            found_by=found_by(view, (tag.field for tag in tags)),
            cells=cells(tags),
            remedy=f"Add a retention policy for {name}, with source, reason and approval.",
        )


def _no_schedule(view: View) -> Iterator[Observation]:
    """One cause, one finding: there is no schedule at all."""
    objects = _tags(view)
    tags = [tag for each in objects.values() for tag in each]
    notes = any(_notes(view, tag) for tag in tags)
    named = ", ".join(list(objects)[:_FEW])
    more = f" and {len(objects) - _FEW:,} more" if len(objects) > _FEW else ""
    if tags:
        yield Observation(
            audience="",
            object="",
            root="retention",
            root_label="retention schedule",
            message=(
                f"No retention schedule is configured; {several(len(objects), 'object')} "
                f"{'has' if len(objects) == 1 else 'have'} fields with health data: {named}{more}."
            ),
            severity=Severity.HIGH if notes else Severity.MEDIUM,
            modifiers=("raised: notes or free text are among them",) if notes else (),
            found_by=found_by(view, (tag.field for tag in tags)),
            cells=cells(tags),
            remedy="Write a retention schedule, with source, reason and approval for each object.",
        )


def _notes(view: View, tag: Tag) -> bool:
    facts = view.facts.get(tag.field)
    long = facts is not None and facts.length > _LONG
    return tag.coarse is Coarse.FREETEXT_RISK or (tag.coarse is Coarse.CLINICAL and long)
