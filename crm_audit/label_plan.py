"""Which labels to set in the CRM, as a plan for a person to carry out: nothing here writes to a CRM."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from auditor.errors import ConfigError
from auditor.phi import Basis, Confidence, FieldFacts, Tag
from auditor.snapshot import Manifest, Snapshot
from auditor.wording import several
from connectors.protocol import Label
from crm_audit import compose
from crm_audit.answers.explain import decided_by, unread
from crm_audit.answers.naming import printed, reasons_of
from crm_audit.new_files import refuse_special, replace
from reports.inert import for_csv

_UNSURE = "Nobody decided it, and the words alone are of {} confidence."
_GUESSED = frozenset({Basis.TAGGER, Basis.VALUES, Basis.LINEAGE})


@dataclass(frozen=True, slots=True)
class Proposal:
    """One label to set, in the columns of the plan."""

    field: str
    id: str
    label_now: str
    label_proposed: str
    phi_class: str
    confidence: str
    decided_by: str
    why: str
    how: str
    snippet: str


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """All labels to set in one CRM, by field, and how many tagged fields were left out for what reason.

    `unread` says what of the fields could not be read: there may be more to label.
    """

    of: Manifest
    proposals: tuple[Proposal, ...]
    left_out: tuple[tuple[str, int], ...]
    unread: tuple[str, ...]


def refuse(path: Path) -> None:
    """Raise ConfigError, before a CRM is asked, for a plan that could not be written."""
    if path.suffix not in {".json", ".csv"}:
        raise ConfigError(f"{path} is neither JSON nor CSV.", hint="Name a file that ends in .json or .csv.")
    refuse_special(path)


def plan(snapshot: Snapshot, settings: compose.Settings, *, medium: bool = False) -> LabelPlan:
    """Propose labels for the fields that a person decided or that are surely PHI; `medium` asks for less.

    Raises ConfigError for a platform without labels.
    """
    means = compose.semantics(snapshot.manifest.platform)
    if means.label is None:
        raise ConfigError(
            f"{snapshot.manifest.platform.capitalize()} has no label that says what a field holds: nothing to plan.",
            hint="What was decided stays in the mapping file.",
        )
    facts = {one.key: one for one in means.facts(snapshot)}
    proposals: list[Proposal] = []
    left_out: Counter[str] = Counter()
    for key, tag in sorted(compose.tag(snapshot, settings).tags.items()):
        found = _proposed(facts.get(key), tag, means.label, medium=medium)
        if isinstance(found, str):
            left_out[found] += 1
        else:
            proposals.append(found)
    return LabelPlan(snapshot.manifest, tuple(proposals), tuple(sorted(left_out.items())), unread(snapshot))


def _proposed(
    facts: FieldFacts | None, tag: Tag, label: Callable[[FieldFacts, Tag], Label | str], *, medium: bool
) -> Proposal | str:
    """What to set on one field, or why nothing."""
    if facts is None:
        return "The field was not read."
    enough = {Confidence.HIGH, Confidence.MEDIUM} if medium else {Confidence.HIGH}
    if tag.basis in _GUESSED and tag.confidence not in enough:
        return _UNSURE.format(tag.confidence.value)
    found = label(facts, tag)
    if isinstance(found, str):
        return found
    return Proposal(
        field=facts.key,
        id=facts.id,
        label_now=found.now,
        label_proposed=found.proposed,
        phi_class=tag.phi_class,
        confidence=tag.confidence.value,
        decided_by=decided_by(tag),
        why=reasons_of(tag),
        how=found.how,
        snippet=found.snippet,
    )


def write(path: Path, made: LabelPlan) -> None:
    """Write a plan as JSON or CSV by the ending of its name, in place of what was there."""
    replace(path, (_as_json if path.suffix == ".json" else _as_csv)(made).encode())


def _as_json(made: LabelPlan) -> str:
    plain = {
        "format": "crm-audit-labels/1",
        "platform": made.of.platform,
        "target": made.of.target,
        "org_id": made.of.org_id,
        "read_at": made.of.taken_at.isoformat(),
        "proposals": [asdict(one) for one in made.proposals],
        "left_out": [{"why": why, "fields": count} for why, count in made.left_out],
        "unread": list(made.unread),
    }
    return json.dumps(plain, indent=1, ensure_ascii=True) + "\n"


def _as_csv(made: LabelPlan) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in fields(Proposal)])
    for one in made.proposals:
        writer.writerow([for_csv(cell) for cell in asdict(one).values()])
    return text.getvalue()


def told(made: LabelPlan, path: Path) -> str:
    """What the plan holds and what it leaves out, for the terminal."""
    count = len(made.proposals)
    return printed(
        [
            f"{several(count, 'label')} to set, written to {path}. Nothing was written to the CRM.",
            *(f"  left out: {several(number, 'field')}. {why}" for why, number in made.left_out),
            *(f"  not everything was read: {gap}" for gap in made.unread),
        ]
    )
