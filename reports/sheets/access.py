"""Who can see what: every pair that is not a plain no, and the matrix of audiences and classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from auditor.access import WORDS, Word
from auditor.audit import Audit
from auditor.exposure import groups
from auditor.people import UNCLASSIFIED, Membership
from auditor.phi import Tag
from auditor.policy import Level
from reports import words
from reports.alike import Opening, Walk
from reports.grid import Column, Kind, Lazy, Row, Table
from reports.words import Mark, Tone

DETAIL = "Effective access"
MATRIX = "Access matrix"

_COLUMNS = (
    Column("Person or account", 24),
    Column("Audience", 16),
    Column("Object", 14),
    Column("Field", 24),
    Column("Class of health data", 18),
    Column("Can read", 11, Kind.WORD),
    Column("Can change", 11, Kind.WORD),
    Column("Approved by policy", 10),
    Column("How, in words", 64),
    Column("Record reach", 14),
    Column("System", 16),
    Column("Field name", 26),
    Column("Person id", 20),
    Column("Why in this audience", 30),
    Column("Path by ids", 44),
)

_WORST_FIRST = (
    Word.YES,
    Word.ACTIVATABLE,
    Word.POSSIBLE,
    Word.LATENT,
    Word.DORMANT,
    Word.UNKNOWN,
    Word.NO,
    Word.NOT_JUDGED,
)
_CAN = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT, Word.DORMANT})
_RANK = {word: rank for rank, word in enumerate(_WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class _Order:
    """What is shown first when not everything fits: access nobody approved, by how firm it is."""

    approved: bool
    word: Word


_ORDERS = tuple(_Order(approved, word) for approved in (False, True) for word in _WORST_FIRST)


def detail(audits: Sequence[Audit], limit: int) -> Table:
    """One row for each person and field that is not a plain no; at most `limit`, the worst of them."""
    total = sum(_count(audit) for audit in audits)
    hidden = max(0, total - limit)
    intro: tuple[str, ...] = (
        (
            "One row for each person or account and each field, gathered so that people with identical "
            "access follow one another. A pair that is a plain no is left out: if somebody or some field "
            "is missing here, nothing gives that access."
        ),
        (
            "“How, in words” names what opens the object (the kind of record) and what opens the field; "
            "both are needed. “Record reach” says on how many records somebody would find the field."
        ),
        words.OFF_PAPER,
    )
    left_out = (
        f"{hidden:,} of {total:,} rows are hidden, since more would not fit here. Shown are the worst: access "
        "nobody approved first, the firmest first. The full list is in access.csv."
    )
    return Table(
        DETAIL,
        DETAIL,
        _COLUMNS,
        Lazy(partial(_worst, audits, limit) if hidden else partial(_all, audits)),
        intro=intro,
        hidden=left_out if hidden else "",
        empty="No access to a tagged field was found in what could be read.",
        printed=10,
        on_paper=False,
    )


def _all(audits: Sequence[Audit]) -> Iterator[Row]:
    for audit in audits:
        yield from _rows(audit)


def _worst(audits: Sequence[Audit], limit: int) -> Iterator[Row]:
    left = limit
    for order in _ORDERS:
        for audit in audits:
            for row in _rows(audit, order):
                if not left:
                    return
                left -= 1
                yield row


def _count(audit: Audit) -> int:
    walk = Walk(audit.view.access)
    found = 0
    tags = [audit.view.tags.get(column.name) for column in walk.access.grants.fields]
    shown = np.array([tag is None or tag.is_phi for tag in tags], dtype=bool)
    for signature, members in enumerate(walk.access.signatures.members):
        read, edit = walk.access.words(signature)
        found += len(members) * int(np.count_nonzero(shown & ~(walk.silent[read] & walk.silent[edit])))
    return found


def _rows(audit: Audit, only: _Order | None = None) -> Iterator[Row]:
    walk = Walk(audit.view.access)
    people = walk.access.grants.people
    members = audit.view.audiences.of
    for alikes, openings in walk.signatures(only.word if only is not None else None):
        for alike in alikes if openings else ():
            told = [(opening, walk.why(alike, opening)) for opening in openings]
            tails: dict[str, list[Row]] = {}
            for person in (people[p] for p in alike.people):
                membership = members.get(person.id, Membership(UNCLASSIFIED, ()))
                audience = membership.audience
                if audience not in tails:
                    tails[audience] = list(_tails(audit, audience, told, only))
                why = "; ".join(membership.evidence) or "no sign of any audience was seen"
                for obj, label, phi_class, read, edit, approved, how, name, paths in tails[audience]:
                    yield (
                        person.name,
                        audience,
                        obj,
                        label,
                        phi_class,
                        read,
                        edit,
                        approved,
                        how,
                        words.reach(audit.view.reach.of(person.id, str(name).rpartition(".")[0])),
                        audit.target,
                        name,
                        person.id,
                        why,
                        paths,
                    )


def _tails(
    audit: Audit, audience: str, told: Sequence[tuple[Opening, str]], only: _Order | None
) -> Iterator[Row]:
    view = audit.view
    fields = [(index, opening, how) for opening, how in told for index in opening.fields]
    fields.sort(key=lambda one: one[0])
    for index, opening, how in fields:
        key = view.access.grants.fields[index].name
        tag = view.tags.get(key)
        if tag is not None and not tag.is_phi:
            continue
        read, edit = _approved(audit, audience, tag, opening)
        approved = read and edit
        if only is not None and approved is not only.approved:
            continue
        obj, _, name = key.rpartition(".")
        facts = view.facts.get(key)
        yield (
            (facts.object_label if facts is not None else "") or obj,
            (facts.label if facts is not None else "") or name,
            words.phi_class(tag.phi_class) if tag is not None else "not tagged",
            words.word(opening.read, approved=read),
            words.word(opening.edit, approved=edit),
            words.yes_no(approved),
            how,
            key,
            opening.paths,
        )


def _approved(audit: Audit, audience: str, tag: Tag | None, opening: Opening) -> tuple[bool, bool]:
    """Say whether the policy approves what was found of reading, and of changing."""
    if tag is None:
        return False, False
    may = audit.view.policy.allows
    edits = opening.edit in _CAN
    return may(audience, tag, Level.READ), not edits or may(audience, tag, Level.EDIT)


def matrix(audits: Sequence[Audit]) -> Table:
    """Show the strongest access anybody of an audience has to a class, beside what is approved."""
    names = _audiences(audits)
    return Table(
        MATRIX,
        MATRIX,
        (
            Column("System", 16),
            Column("Class of health data", 24),
            *(Column(name, 20, Kind.WORD) for name in names),
        ),
        tuple(row for audit in audits for row in _matrix(audit, names)),
        intro=(
            (
                "The strongest access that anybody in an audience has to any field of a class, and what "
                "the policy approves. “Some unknown” means that for some pairs nothing could be decided."
            ),
        ),
        empty="No field is tagged.",
    )


def _audiences(audits: Sequence[Audit]) -> tuple[str, ...]:
    found = dict.fromkeys(name for audit in audits for name in audit.view.audiences.names)
    found.pop(UNCLASSIFIED, None)
    return (*found, UNCLASSIFIED)


def _matrix(audit: Audit, names: Sequence[str]) -> Iterator[Row]:
    tags = {tag.phi_class: tag for tag in audit.view.tags.values() if tag.is_phi}
    observed = _strongest(audit)
    for phi_class in sorted(
        tags, key=lambda name: (list(type(tags[name].coarse)).index(tags[name].coarse), name)
    ):
        tag = tags[phi_class]
        cells = (_cell(audit, name, tag, observed.get((name, phi_class))) for name in names)
        yield (audit.target, f"{words.phi_class(phi_class)} ({words.coarse(tag.coarse)})", *cells)


def _strongest(audit: Audit) -> Mapping[tuple[str, str], tuple[int, int, bool]]:
    """Audience × class → ranks of the strongest read and edit words, and whether anything is unknown."""
    view = audit.view
    columns = view.access.grants.fields
    rank = np.array([_RANK[word] for word in WORDS])
    best: dict[str, np.typing.NDArray[np.int64]] = {}
    for signature, audience, _ in groups(view, (p.id for p in view.access.grants.people)):
        read, edit = (rank[codes] for codes in view.access.words(signature))
        seen = np.stack([read, edit, np.where(read == _RANK[Word.UNKNOWN], 0, 1)])
        best[audience] = np.minimum(best[audience], seen) if audience in best else seen
    if not best or not columns:
        return {}
    classes = [view.tags[c.name].phi_class if c.name in view.tags else "" for c in columns]
    table = pd.concat(
        pd.DataFrame({"audience": audience, "class": classes, "read": read, "edit": edit, "decided": decided})
        for audience, (read, edit, decided) in best.items()
    ).pivot_table(index=["audience", "class"], values=["read", "edit", "decided"], aggfunc="min")
    return {
        (str(audience), str(phi_class)): (int(read), int(edit), not decided)
        for (audience, phi_class), read, edit, decided in zip(
            table.index, table["read"], table["edit"], table["decided"], strict=True
        )
    }


def _cell(audit: Audit, audience: str, tag: Tag, observed: tuple[int, int, bool] | None) -> Mark:
    approval = audit.view.policy.approval(audience, tag)
    level = approval.level if approval is not None else Level.NONE
    approved = f"approved: {words.level(level)}" if approval is not None else "nobody decided"
    if observed is None:
        return Mark("nobody is in this audience", Tone.QUIET, Word.NO.value)
    read, edit = _WORST_FIRST[observed[0]], _WORST_FIRST[observed[1]]
    if read is Word.NO and edit in {Word.NO, Word.NOT_JUDGED} and not observed[2]:
        return words.word(Word.NO)
    found = f"read {words.word(read).text}, change {words.word(edit).text}"
    if observed[2] and read is not Word.UNKNOWN:
        found += ", some unknown"
    tone = words.word(read).tone
    if read in _CAN and level >= (Level.EDIT if edit in _CAN else Level.READ):
        tone, approved = Tone.GOOD, "approved"
    return Mark(f"{found}; {approved}", tone, read.value)
