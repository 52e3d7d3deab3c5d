"""What is known of a property without reading one value of it, and what calculated ones show (hubspot 2, R19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.lineage import Lineage, Step
from auditor.phi import FieldFacts
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics.compile import by_name
from connectors.hubspot.semantics.properties import exceptions

MARKETING_OBJECTS = frozenset({"contacts", "leads", "marketing_events"})
CONTAINERS = frozenset(
    {
        "notes.hs_note_body",
        "calls.hs_call_body",
        "meetings.hs_meeting_body",
        "meetings.hs_internal_meeting_notes",
        "emails.hs_email_text",
        "tasks.hs_task_body",
        "communications.hs_communication_body",
        "tickets.content",
        "feedback_submissions.hs_content",
    }
)
"""Where HubSpot's own objects keep free text, one name for each text (hubspot 5.8)."""
_LEVELS = {"sensitive": "sensitive", "highly_sensitive": "highly sensitive"}
_ROLL_UP = "calculation_rollup"


def facts(snapshot: Snapshot) -> list[FieldFacts]:
    """Every property that was read, archived ones included.

    A property that cannot be restricted is not securable. HubSpot keeps old values of every property.
    """
    open_ = exceptions(snapshot)
    labels = {row["object"]: row["label"] or "" for row in snapshot.table(t.SCHEMAS).to_pylist()}
    asked = _questions(snapshot)
    return [
        FieldFacts(
            object=row["object"],
            name=row["name"],
            label=row["label"] or "",
            type=row["field_type"] or row["type"] or "",
            description=row["description"] or "",
            picklist=tuple(row["options"] or ()),
            object_label=labels.get(row["object"], ""),
            custom=not row["hubspot_defined"],
            calculated=bool(row["calculated"]),
            compliance=tuple(row["categories"] or ()),
            sensitivity=_LEVELS.get(row["sensitivity"] or "", ""),
            id=name,
            securable=name not in open_,
            tracked=True,
            history="the property’s history",
            archived=bool(row["archived"]),
            group=row["group"] or "",
            questions=tuple(sorted(asked[name] - {row["label"]})),
        )
        for name, row in by_name(snapshot).items()
    ]


def _questions(snapshot: Snapshot) -> defaultdict[str, set[str]]:
    """What forms ask to fill each property, once they were read."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for form in snapshot.table(t.FORMS).to_pylist():
        for one in form["mentions"] or ():
            if one["question"]:
                asked[f"{one['object']}.{one['property']}"].add(one["question"])
    return asked


def lineage(snapshot: Snapshot) -> Lineage:
    """Calculated properties and what their formulas name; a roll-up shows no formula, so nobody can say (2.2)."""
    known = by_name(snapshot)
    steps, unparsed, references = [], {}, 0
    for name, row in known.items():
        if row["archived"] or not row["calculated"]:
            continue
        if row["field_type"] == _ROLL_UP and not row["named_in_formula"]:
            if not row["hubspot_defined"]:
                unparsed[name] = "HubSpot does not show what a roll-up is computed from."
            continue
        for word in row["named_in_formula"] or ():
            source = f"{row['object']}.{word}"
            if source in known and source != name and not known[source]["archived"]:
                references += 1
                steps.append(Step(source, name, "a calculated property", "hubspot R19"))
    return Lineage(tuple(steps), {}, unparsed, references)


def related(objects: Sequence[str]) -> tuple[str, ...]:
    """The objects whose schema is needed to judge these: a formula names properties of its own object only (2.2)."""
    return tuple(objects)
