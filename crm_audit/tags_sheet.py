"""Reviewing fields by way of a spreadsheet: what a person is shown, and what of the answers is believed."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from auditor.wording import several
from crm_audit.config_problems import Problem, refusal
from crm_audit.tags_review import before, label, values
from mappings import Decision, load_taxonomy
from mappings.fingerprints import changed_parts, from_line, in_one_line
from mappings.ledger import day_of
from reports import review_sheet, words
from reports.inert import for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crm_audit.tags_review import Review
    from mappings.review import Item
    from reports.review_sheet import Filled


def sheet(review: Review, asked: Sequence[Item]) -> bytes:
    """The workbook in which a person decides about these fields."""
    made = BytesIO()
    review_sheet.write(_rows(review, asked), classes(), made, review.moment)
    return made.getvalue()


def _rows(review: Review, asked: Sequence[Item]) -> Iterator[Mapping[str, str]]:
    """The rows of the sheet, with the columns to fill in left blank."""
    for item in asked:
        facts, tag = item.facts, item.tag
        yield {
            "Object": facts.object_label or facts.object,
            "Field": facts.label or facts.name,
            "Field name": facts.key,
            "Asked because": item.wants.value,
            "Proposed class": item.proposed,
            "Confidence": tag.confidence.value if tag else "",
            "Reasons": " ".join(item.reasons),
            "Type": facts.type,
            "Values": values(facts.picklist),
            "Description": " ".join(filter(None, (facts.help_text, facts.description))),
            "Label in the system": label(item),
            "Decided before": before(item),
            "Target": review.target,
            "Key": item.key(review.target),
            "Evidence": in_one_line(item.evidence),
            "Earlier": item.earlier,
        }


def classes() -> list[tuple[str, str]]:
    """The classes that a person may choose, `none` first, with their meaning."""
    taxonomy = load_taxonomy()
    known = {**taxonomy.generic, **taxonomy.classes}
    order = sorted(known.values(), key=lambda one: (one.name != "none", one.coarse.value, one.name))
    return [(one.name, f"{one.means} ({words.coarse(one.coarse)})") for one in order]


def decisions(review: Review, path: Path) -> list[Decision]:
    """Read what a sheet decides: all of it, or one ConfigError that lists by row and field what cannot be taken."""
    filled = review_sheet.read(path)
    known = {item.key(review.target): item for item in review.items}
    first: dict[str, int] = {}
    found: list[Decision] = []
    problems: list[Problem] = []
    for row in filled:
        told = _told(review, row, known, first)
        if isinstance(told, Decision):
            found.append(told)
        else:
            where = for_terminal(f"{path}: row {row.row} ({row.field or 'no field'})")
            problems += [Problem(row.row, 0, where, for_terminal(sentence), hint) for sentence, hint in told]
    if problems:
        raise refusal(problems)
    return found


def _told(
    review: Review, row: Filled, known: Mapping[str, Item], first: dict[str, int]
) -> Decision | list[tuple[str, str]]:
    """What one row decides, or everything that is wrong with it, each with a hint."""
    said = row.said
    wrong = [(f"{name} is {what}.", "Type it as text.") for name, what in row.unfit.items()]
    wrong += [
        (f"“{name}” is empty.", "A decision needs a class, a person and a reason.")
        for name in ("Decision", "Decided by", "Why")
        if not said[name] and name not in row.unfit
    ]
    taxonomy = load_taxonomy()
    phi_class = taxonomy.exact(said["Decision"])
    if said["Decision"] and phi_class is None:
        hint = taxonomy.suggest(said["Decision"]) or "The sheet Classes lists them; none means not PHI."
        wrong.append((f"“{said['Decision']}” is not a class.", hint))
    expires = day_of(said["Expires"])
    if said["Expires"] and (expires is None or expires < review.today):
        what = "is over" if expires else "is not a day"
        wrong.append((f"“{said['Expires']}” {what}.", "Write a day to come, as in 2027-03-31, or nothing."))
    item = known.get(said["Key"])
    wrong += _stale(review, row, item, first)
    if wrong or item is None or phi_class is None:
        return wrong
    return review.decision(item, phi_class, said["Decided by"], said["Why"], expires)


def _stale(
    review: Review, row: Filled, item: Item | None, first: dict[str, int]
) -> Iterator[tuple[str, str]]:
    """Why a row is not about a field as it is now, or not about it alone."""
    said, again = row.said, "Export again, and decide by what is there now."
    if said["Target"] != review.target:
        yield (
            f"It is about {said['Target'] or 'no target'}, not {review.target}.",
            "Name the target of the sheet.",
        )
    elif item is None:
        yield "Its field is not there any more, or the hidden key was changed.", again
    elif (earlier := first.setdefault(said["Key"], row.row)) != row.row:
        yield f"The field stands on row {earlier} too.", "Leave one of the rows empty."
    elif said["Earlier"] != item.earlier:
        yield f"Somebody decided about the field since the export. {before(item)}".rstrip(), again
    elif (then := from_line(said["Evidence"])) is None:
        yield "The hidden evidence was changed.", again
    elif changed := changed_parts(then, item.evidence):
        yield f"The field changed since the export: {', '.join(changed)}.", again


def summary(review: Review, found: Sequence[Decision]) -> str:
    """Say what was recorded, and where."""
    cleared = sum(one.phi_class.name == "none" for one in found)
    told = f"Recorded {several(len(found), 'decision')} about fields of {review.target} in {review.config.decisions}"
    return f"{told}: {len(found) - cleared:,} as PHI, {cleared:,} as not PHI."
