from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import exposures
from auditor.findings import Observation, Severity
from auditor.phi import FieldFacts, Tag
from auditor.planes import Verb
from auditor.rule import Looked, View, rule
from auditor.scope import by_object, cells, health, held
from auditor.snapshot import Capability
from auditor.weight import found_by
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})


def _stored(view: View) -> list[tuple[Tag, FieldFacts | None]]:
    """Health fields that hold something of their own, with what is known of them."""
    found = [(tag, view.facts.get(tag.field)) for tag in held(view, health)]
    return [
        (tag, facts) for tag, facts in found if facts is None or not (facts.defined and facts.tracked is None)
    ]


def _looked(view: View) -> Looked:
    stored = _stored(view)
    unknown = sum(1 for _, facts in stored if facts is None or not facts.defined)
    absent = "No field with health data stores anything of its own." if any(held(view, health)) else ""
    return Looked(len(stored), "fields that store health data", absent, unknown)


@rule(
    control="D05",
    title="PHI fields keep no change history",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.312(b)", "45 CFR 164.312(c)(1)", "45 CFR 164.316(b)(2)(i)"),
    nist=("AU-2", "AU-3", "AU-11", "AU-12", "SI-7"),
    needs=(Capability.SCHEMA, Capability.LINEAGE),
    looked=_looked,
)
def phi_field_without_history(view: View) -> Iterator[Observation]:
    """A field with health data does not keep what it held before and who changed it.

    ## Why it matters
    If a value is wrong, nobody can tell when it became so, by whose hand, or what stood there. The less an audience
    should be able to change a field, the more its history is worth.

    ## Remediation
    In Salesforce’s Setup > Object Manager > the object > Fields & Relationships > Set History Tracking, switch the
    fields on; an object has room for 20, or 60 with Field Audit Trail. Put history on the page layout and decide how
    long it is kept: the platform's own 18 to 24 months are short of six years.

    ## Limits
    Computed fields store nothing and are left out; their sources are looked at. Some kinds of field and of object
    cannot keep a history at all and are listed with the others. How long history is kept, and whether anybody
    reads it, is not seen. A history holds old values itself: close it like the field.

    ## Example
    Lead.Treatment_of_Interest__c is not tracked, and a profile in marketing may edit it: High, since nobody could tell
    who changed it.
    """
    untracked = [
        tag for tag, facts in _stored(view) if facts is not None and facts.defined and not facts.tracked
    ]
    edited = {
        name
        for found in exposures(view, view.audiences.marketing, health, _WORDS, verb=Verb.EDIT)
        for name in found.words
    }
    for name, tags in by_object(untracked).items():
        changed = sorted(tag.field for tag in tags if tag.field in edited)
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=f"No history of changes is kept for {several(len(tags), 'field')} of {name} with health data.",
            severity=Severity.HIGH if changed else Severity.MEDIUM,
            modifiers=(f"raised: marketing can change {', '.join(changed)}",) if changed else (),
            found_by=found_by(view, (tag.field for tag in tags)),
            cells=cells(tags),
            remedy=f"Track the history of the listed fields of {name}, as far as their kind allows.",
        )
