from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity, State
from auditor.people import Kind
from auditor.phi import Tag
from auditor.planes import Gate, Strength, Verb
from auditor.rule import Looked, View, rule
from auditor.scope import by_object, cells, health, held
from auditor.snapshot import Capability
from auditor.weight import found_by
from auditor.wording import several


def _labelled(view: View) -> list[Tag]:
    """Fields with health data that the vendor's own label calls sensitive."""
    facts = view.facts
    return [
        t
        for t in held(view, health)
        if t.field in facts and (facts[t.field].sensitivity or facts[t.field].compliance)
    ]


def _looked(view: View) -> Looked:
    labelled = _labelled(view)
    defined = [t for t in held(view, health) if t.field in view.facts and view.facts[t.field].defined]
    absent = "No field with health data carries a label." if defined and not labelled else ""
    unknown = sum(_openness(view, tag) is State.UNKNOWN for tag in labelled)
    return Looked(len(labelled), "labelled fields with health data", absent, unknown)


@rule(
    control="D10",
    title="A field is marked sensitive, and everybody who opens the record reads it",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.312(a)(1)", "45 CFR 164.514(d)(2)", "45 CFR 164.308(a)(4)(i)"),
    nist=("AC-3", "AC-6", "RA-2"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def labelled_field_open(view: View) -> Iterator[Observation]:
    """A field carries the vendor’s label for sensitive data, and no permission on the field tells anybody apart.

    ## Why it matters
    A label encrypts, or classifies; it closes nothing. Whoever set it may believe that the field is restricted, so
    nobody looks at who reads it.

    ## Remediation
    In HubSpot, open Settings > Properties > the property > More > Manage access, and choose the users and teams who
    need it; check what else they hold. In Salesforce, take Read on the field from each profile and set whose people do
    not need it.

    ## Limits
    Asks about the field alone: who opens the records is another gate. Accounts of programs, guests and outsiders are
    not counted. Where nobody attested who may view a property, it is unknown whether everybody does.

    ## Example
    contacts.hiv_status is highly sensitive, and its access was attested as “Available to everyone”.
    """
    judged = {tag.field: _openness(view, tag) for tag in _labelled(view)}
    wanted = [tag for tag in _labelled(view) if judged[tag.field] is not State.NO_GAP_OBSERVED]
    for name, tags in by_object(wanted).items():
        opened = [tag.field for tag in tags if judged[tag.field] is State.GAP_OBSERVED]
        unsure = [tag.field for tag in tags if judged[tag.field] is State.UNKNOWN]
        yield Observation(
            audience="",
            object=name,
            root=name,
            root_label=name,
            message=_message(name, len(opened), len(unsure)),
            state=State.GAP_OBSERVED if opened else State.UNKNOWN,
            found_by=found_by(view, (tag.field for tag in tags)),
            cells=cells(tags),
            facts=(
                *((("open to everybody who opens the record", ", ".join(opened)),) if opened else ()),
                *((("nobody could see", ", ".join(unsure)),) if unsure else ()),
            ),
            remedy=f"Restrict the listed fields of {name} to whoever needs them; a label alone restricts nobody.",
        )


def _message(name: str, opened: int, unsure: int) -> str:
    """What is open, and what nobody could see."""
    if not opened:
        fields, verb = several(unsure, "labelled field"), "is" if unsure == 1 else "are"
        return f"Nobody could see whether {fields} of {name} {verb} open to everybody who opens the record."
    fields, verb = several(opened, "labelled field"), "is" if opened == 1 else "are"
    more = f" Whether {unsure:,} more {'is' if unsure == 1 else 'are'}, nobody could see." if unsure else ""
    return f"{fields} of {name} {verb} open to everybody who opens the record.{more}"


def _openness(view: View, tag: Tag) -> State:
    """Whether every member of staff passes the field gate: a gap, unknown, or none seen."""
    access = view.access
    if view.facts[tag.field].archived:
        return State.NO_GAP_OBSERVED
    index = access.field_index(tag.field)
    firmness = Strength.LIVE
    staff = 0
    for signature, members in enumerate(access.signatures.members):
        found = sum(access.grants.people[member].kind is Kind.INTERNAL for member in members)
        if access.signatures.dormant[signature] or not found:
            continue
        staff += found
        opened = access.openers(Gate.FIELD, Verb.READ, signature, index)
        firmness = max(firmness, min((strength for _, strength in opened), default=Strength.NONE))
    if access.grants.fields[index].unknown:
        return State.UNKNOWN
    if firmness is Strength.LIVE and staff > 1:
        return State.GAP_OBSERVED
    return State.UNKNOWN if firmness is Strength.UNSURE else State.NO_GAP_OBSERVED
