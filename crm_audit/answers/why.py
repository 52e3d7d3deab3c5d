"""Why somebody can, or cannot, see a field."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.access import WORDS, Word
from auditor.lapses import lapses
from auditor.planes import Verb
from auditor.rule import View
from crm_audit.answers.closed import closed_lines
from crm_audit.answers.lapses import ending_named
from crm_audit.answers.naming import (
    allowed,
    field_named,
    named,
    on,
    path_lines,
    person_named,
    printed,
    reasons_of,
)


def why(view: View, who: str, field: str, *, everything: bool = False) -> str:
    """The verdict about one person and one field, every path that opens it, when each ends, and why not otherwise.

    Raises ConfigError for a person or field this audit does not know.
    """
    access = view.access
    person, index = person_named(access, who), field_named(access, field)
    signature = int(access.signatures.of[person])
    words = dict(zip(Verb, (WORDS[codes[index]] for codes in access.words(signature)), strict=True))
    subject, column = access.grants.people[person], access.grants.fields[index]
    tag, member = view.tags[column.name], view.audiences.of[subject.id]
    lines = [
        f"{named(subject)}: {column.name}",
        f"  read: {words[Verb.READ].value}    edit: {words[Verb.EDIT].value}",
        f"  audience: {member.audience} ({'; '.join(member.evidence) or 'nothing recognised this person'})",
        f"  field: {tag.phi_class} ({tag.coarse.value}). {reasons_of(tag)}",
        *_chain(view, column.name),
        f"  approved policy: reading is {allowed(view, member.audience, tag)}",
        f"  records of {tag.object} within reach: {view.reach.of(subject.id, tag.object)}",
    ]
    if form := access.form(person, index):
        lines.append(f"  values show: {form}")
    for verb in Verb:
        path = access.path(signature, index, verb)
        if path is not None and words[verb] is not Word.NOT_JUDGED:
            lines += [f"  {verb.value}:", *path_lines(access, person, index, path)]
    if access.path(signature, index) is None and words[Verb.READ] is Word.NO:
        lines.append("  Nothing this person holds opens the field.")
    lines += _ends(view, person, index)
    for verb in Verb:
        if words[verb] is not Word.YES:
            lines += closed_lines(access, person, index, verb, everything=everything)
    return printed(lines)


def _chain(view: View, field: str) -> Iterator[str]:
    """The steps by which a field came to hold what another holds, from the field back to where it is kept."""
    seen = {field}
    while field in view.derived:
        step = view.derived[field].step
        verb = "is the same data as" if step.same else "shows what"
        holds = "" if step.same else " holds"
        yield f"  derived: {field} {verb} {step.source}{holds}: {step.how} ({step.rule})"
        if step.source in seen:
            return
        field = step.source
        seen.add(field)


def _ends(view: View, person: int, field: int) -> Iterator[str]:
    """When assignments that this field rests on end, and what each leaves.

    Of a masked field, rights to decrypt count too.
    """
    access = view.access
    signature = int(access.signatures.of[person])
    on_path = {
        grantor.container
        for verb in Verb
        if (path := access.path(signature, field, verb)) is not None
        for side in (*path.objects, path.fields, path.weaker_objects, path.weaker_fields)
        for grantor in side
    }
    for lapse in lapses(access, people=(person,)):
        left = [
            f"{c.verb.value} {c.before.value} becomes {c.after.value}"
            for c in lapse.changes
            if c.field == field
        ]
        left += [f"values show {s.after} instead of {s.before}" for s in lapse.shown if s.field == field]
        unsettled = field in lapse.unsettled
        if not left and not unsettled and not on_path & {*lapse.containers, *lapse.fading}:
            continue
        if unsettled:
            left.append("what is lost could not be settled")
        what = ", ".join(left) or "nothing changes: what remains opens it too"
        yield f"  lapses {on(lapse.at)}: {ending_named(access, lapse)}; {what}"
