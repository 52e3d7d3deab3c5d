from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word
from auditor.exposure import exposures
from auditor.findings import Observation, Severity
from auditor.rule import Looked, View, rule
from auditor.scope import by_object, cells, health, held
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE})


def _looked(view: View) -> Looked:
    tags = [t for t in held(view, health) if t.field not in view.facts or not view.facts[t.field].archived]
    known = {c.name for c in view.access.grants.fields if not c.unknown} & view.facts.keys()
    return Looked(len(tags), "fields with health data", "", sum(1 for t in tags if t.field not in known))


@rule(
    control="D09",
    title="PHI is in fields that no permission can hide",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.312(a)(1)", "45 CFR 164.308(a)(4)(i)", "45 CFR 164.514(d)(2)"),
    nist=("AC-3", "AC-6", "AC-4"),
    needs=(Capability.SCHEMA, Capability.GRANTS, Capability.LINEAGE),
    looked=_looked,
)
def unsecurable_phi_field(view: View) -> Iterator[Observation]:
    """A field with health data is of a kind that field security does not cover, so whoever opens the object reads it.

    ## Why it matters
    A field that is required everywhere, a name, or a link to a parent record shows to everybody who may open the
    object. No profile and no permission set can take it away from one audience and leave it to another, so the
    minimum that each audience needs cannot be set.

    ## Remediation
    In Salesforce’s Setup > Object Manager > the object > Fields & Relationships, open the field and clear Required
    (“Always require a value in this field”); ask for it on the page layout instead, which keeps the field securable.
    Move what stands in a name or a subject to a field of its own. Then close the field to whoever does not need it.

    In HubSpot, names, stages and the display property of a custom object cannot be restricted: keep what stands there
    in another property, and restrict that one under Settings > Properties > the property > More > Manage access.

    ## Limits
    Tells that a field cannot be hidden, not that somebody reads it; that is told by the rules about reading. Which of
    the causes it is has to be looked up in the field.

    ## Example
    Lead.Reason_for_Visit__c is universally required. Marketing opens leads, so it reads why each person came: High.
    """
    open_to_all = {c.name for c in view.access.grants.fields if not c.securable and not c.unknown}
    tagged = [tag for tag in held(view, health) if tag.field in open_to_all]
    readers: dict[str, set[str]] = {}
    for found in exposures(view, view.audiences.marketing, lambda tag: tag.field in open_to_all, _WORDS):
        readers.setdefault(found.object, set()).update(found.people)
    for name, tags in by_object(tagged).items():
        fields = [tag.field for tag in tags]
        people = sorted(readers.get(name, ()))
        raises = [f"marketing opens {name} and reads them"] if people else []
        weight = weigh(view, Severity.MEDIUM, fields, people, raises=raises)
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=f"{several(len(tags), 'field')} with health data on {name} cannot be hidden by any permission.",
            severity=weight.severity,
            modifiers=weight.modifiers,
            found_by=found_by(view, fields),
            cells=cells(tags),
            facts=(("people in marketing who read them", f"{len(people):,}"),),
            remedy=f"Make the listed fields of {name} securable, or move what they hold to fields that are.",
        )
