"""How much a rule looked at: the pairs behind a verdict, and how many of them could not be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from auditor.access import Word, code
from auditor.exposure import groups
from auditor.findings import Cell
from auditor.phi import Coarse, Tag
from auditor.planes import SEEN, Strength, Verb
from auditor.rights import Use
from auditor.rule import Looked, View

_CLOSED = [code(word) for word in (Word.NO, Word.LATENT, Word.NOT_JUDGED)]
_HEALTH = frozenset({Coarse.CLINICAL, Coarse.PAYMENT, Coarse.FREETEXT_RISK})


def health(tag: Tag) -> bool:
    """Whether a field holds health data; an identifier alone does not."""
    return tag.coarse in _HEALTH


def clinical(tag: Tag) -> bool:
    """Whether a field says something about somebody's health or care."""
    return tag.coarse is Coarse.CLINICAL


def awake(view: View) -> tuple[str, ...]:
    """Everybody whose account works today."""
    return tuple(p.id for p in view.access.grants.people if not p.dormant)


def pairs(
    view: View,
    people: Iterable[str],
    wanted: Callable[[Tag], bool],
    what: str,
    verb: Verb = Verb.READ,
    *,
    use: Use | None = None,
    untold: str = "",
) -> Looked:
    """Count the pairs of people and wanted fields that are judged, and the unknown among them.

    Nobody among people who were all read is positive proof of absence; no field tagged is not, and neither is it where
    the CRM does not tell such people apart (`untold` says why). Where a rule asks for a right with some `use` too,
    whoever holds something unread is unknown whatever the field, and whoever may hold such a right for what they read.
    """
    people = tuple(people)
    columns = [
        i
        for i, c in enumerate(view.access.grants.fields)
        if c.name in view.tags and wanted(view.tags[c.name])
    ]
    count = unknown = 0
    for signature, _, members in groups(view, people):
        codes = view.access.words(signature)[0 if verb is Verb.READ else 1][columns]
        judged = int((codes != code(Word.NOT_JUDGED)).sum())
        doubted = int((codes == code(Word.UNKNOWN)).sum())
        if use is not None and _blind(view, signature):
            doubted = judged
        elif use is not None and _unsure(view, members[0], use):
            doubted = int((~np.isin(codes, _CLOSED)).sum())
        count += len(members) * judged
        unknown += len(members) * doubted
    absent = ""
    if columns and not people and view.access.grants.people and not untold:
        absent = f"None of the {len(view.access.grants.people):,} people read belongs here."
    return Looked(count, what, absent, unknown, untold if not people else "")


def accounts(view: View, use: Use) -> Looked:
    """Count the accounts that work, and those that hold something unread or may hold a right with this use."""
    count = unknown = 0
    for signature, _, members in groups(view, awake(view)):
        count += len(members)
        doubted = _blind(view, signature) or _unsure(view, members[0], use)
        unknown += len(members) if doubted else 0
    return Looked(count, "accounts that work today", "", unknown)


def _blind(view: View, signature: int) -> bool:
    return bool(view.access.signatures.blind[signature] or view.access.grants.unread)


def _unsure(view: View, person: int, use: Use) -> bool:
    """Whether somebody may hold a right with this use, of which nobody could look, and holds none for certain."""
    rights = view.access.grants.rights
    sure, unsure = (
        {key for key in view.access.rights(person, strength) if use in rights[key].uses}
        for strength in (SEEN[-1], Strength.UNSURE)
    )
    return bool(unsure) and not sure


def held(view: View, wanted: Callable[[Tag], bool]) -> Iterator[Tag]:
    """The wanted tags, less fields that only show another tagged field under a second name."""
    same = originals(view)
    for name in sorted(view.tags):
        tag = view.tags[name]
        if wanted(tag) and not any(source in view.tags for source in same.get(name, ())):
            yield tag


def originals(view: View) -> dict[str, tuple[str, ...]]:
    """For each field that is only a second name, the fields whose data it is."""
    same = {(step.source, step.carrier) for step in view.lineage.steps if step.same}
    found: dict[str, tuple[str, ...]] = {}
    for source, carrier in sorted(same):
        if (carrier, source) not in same:
            found[carrier] = (*found.get(carrier, ()), source)
    return found


def by_object(tags: Iterable[Tag]) -> dict[str, list[Tag]]:
    """Tags by the object they are on, in order."""
    found: dict[str, list[Tag]] = {}
    for tag in sorted(tags, key=lambda t: t.field):
        found.setdefault(tag.object, []).append(tag)
    return found


def cells(tags: Iterable[Tag]) -> tuple[Cell, ...]:
    """Fields for their own sake, whoever reads them: who does says nothing about such a finding."""
    word = Word.NOT_JUDGED.value
    return tuple(Cell(t.field, t.phi_class, word) for t in sorted(tags, key=lambda t: t.field))
