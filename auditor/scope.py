"""How much a rule looked at: the pairs behind a verdict, and how many of them could not be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from auditor.access import Word, code
from auditor.exposure import groups
from auditor.phi import Tag
from auditor.rule import Looked, View


def pairs(view: View, people: Iterable[str], wanted: Callable[[Tag], bool], what: str) -> Looked:
    """Count the pairs of people and wanted fields, and the unknown among them.

    Nobody among people who were all read is positive proof of absence; no field tagged is not.
    """
    people = tuple(people)
    columns = [
        i
        for i, c in enumerate(view.access.grants.fields)
        if c.name in view.tags and wanted(view.tags[c.name])
    ]
    count = unknown = 0
    for signature, _, members in groups(view, people):
        read, _ = view.access.words(signature)
        count += len(members) * len(columns)
        unknown += len(members) * int((read[columns] == code(Word.UNKNOWN)).sum())
    absent = ""
    if columns and not people and view.access.grants.people:
        absent = f"None of the {len(view.access.grants.people):,} people read belongs here."
    return Looked(count, what, absent, unknown)
