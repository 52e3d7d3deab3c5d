"""What somebody can see: every tagged field, by object and class, and all else that a reviewer of one person asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.access import WORDS, Word
from auditor.lapses import lapses
from auditor.planes import SEEN, Strength
from auditor.rights import Use
from auditor.rule import View
from crm_audit.answers.lapses import lapse_lines
from crm_audit.answers.naming import allowed, grantor_named, named, person_named, printed, some

_USES = (
    (Use.ESCALATION, "could obtain more by"),
    (Use.EXTRACTION, "could take data out by"),
    (Use.OVERRIDE, "passes a control for everything by"),
    (Use.DECRYPT, "sees masked values in clear by"),
)
_HELD = {
    Strength.LIVE: "",
    Strength.ACTIVATABLE: ", once activated",
    Strength.POSSIBLE: ", possibly",
    Strength.UNSURE: ", which nobody could look at",
    Strength.NONE: "",
}


def what(view: View, who: str, *, everything: bool = False) -> str:
    """Everything one person can read or edit among the tagged fields, by object and class, with what gives it.

    Raises ConfigError for a person this audit does not know.
    """
    access, person = view.access, person_named(view.access, who)
    subject = access.grants.people[person]
    member = view.audiences.of[subject.id]
    lines = [
        named(subject),
        f"  audience: {member.audience} ({'; '.join(member.evidence) or 'nothing recognised this person'})",
        f"  account: {_account(view, person)}",
        *_doubts(view, person),
        *_fields(view, person, everything=everything),
        *_rights(view, person),
        *_ending(view, person),
    ]
    return printed(lines)


def _account(view: View, person: int) -> str:
    subject = view.access.grants.people[person]
    state = "frozen" if subject.frozen and subject.active else "active" if subject.active else "inactive"
    said = (
        f"profile “{subject.profile}”" if subject.profile else "",
        f"role “{subject.role}”" if subject.role else "",
        f"department “{subject.department}”" if subject.department else "",
        f"title “{subject.title}”" if subject.title else "",
        f"last login {subject.last_login:%Y-%m-%d}" if subject.last_login else "no login recorded",
    )
    return ", ".join([f"{subject.kind.value}, {state}", *(text for text in said if text)])


def _doubts(view: View, person: int) -> Iterator[str]:
    """What could not be looked at: everything that is not a yes may be more than it seems."""
    grants = view.access.grants
    for doubt in dict.fromkeys((grants.unread, grants.blind.get(person, ""))):
        if doubt:
            yield f"  not settled: {doubt}"


def _fields(view: View, person: int, *, everything: bool) -> Iterator[str]:
    access = view.access
    signature, grants = int(access.signatures.of[person]), view.access.grants
    read, edit = access.words(signature)
    audience = view.audiences.of[grants.people[person].id].audience
    found: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, column in enumerate(grants.fields):
        if WORDS[read[index]] is not Word.NO:
            tag = view.tags[column.name]
            found[tag.object][tag.coarse.value, tag.phi_class].append(index)
    count = sum(len(some_of) for by_class in found.values() for some_of in by_class.values())
    yield f"  {count:,} of {len(grants.fields):,} tagged fields are open in some way or unsettled:"
    for owner in sorted(found):
        yield f"    {owner}: {view.reach.of(grants.people[person].id, owner)}"
        roots: dict[str, list[str]] = defaultdict(list)
        for (coarse, phi_class), indexes in sorted(found[owner].items()):
            policy = allowed(view, audience, view.tags[grants.fields[indexes[0]].name])
            yield f"      {phi_class} ({coarse}), reading {policy}:"
            shown = []
            for index in indexes:
                name, word = grants.fields[index].name, WORDS[read[index]].value
                form = f", {clear}" if (clear := access.form(person, index)) else ""
                shown.append(f"{name}: read {word}, edit {WORDS[edit[index]].value}{form}")
                path = access.path(signature, index)
                for grantor in path.fields if path else ():
                    roots[grantor_named(grantor)].append(name.rpartition(".")[2])
            yield from (f"        {line}" for line in some(shown, everything=everything))
        given = [
            f"{root}: {', '.join(some(names, everything=everything))}"
            for root, names in sorted(roots.items())
        ]
        yield from (f"      through {line}" for line in some(given, everything=everything))


def _rights(view: View, person: int) -> Iterator[str]:
    """Rights that belong to a person as a whole, by what they are good for."""
    access, grants = view.access, view.access.grants
    held: dict[str, tuple[Strength, str]] = {}
    for strength in SEEN:
        for key, grantors in access.rights(person, strength).items():
            held.setdefault(key, (strength, " or ".join(grantor_named(g) for g in grantors)))
    for use, words in _USES:
        for key, (strength, by) in sorted(held.items()):
            right = grants.rights[key]
            if use in right.uses:
                idle = ", ".join(
                    grants.rights[n].label if n in grants.rights else n for n in right.needs if n not in held
                )
                note = f", good for nothing without {idle}" if idle else ""
                yield f"  {words}: {right.label}{_HELD[strength]}, through {by}{note}"


def _ending(view: View, person: int) -> Iterator[str]:
    """Assignments of the person that end, whenever that is."""
    found = lapses(view.access, people=(person,))
    if found:
        yield "  lapses:"
    for lapse in found:
        yield from (f"    {line}" for line in lapse_lines(view, lapse, everything=False))
    ended = sorted(why for (who, _), why in view.access.grants.ended.items() if who == person)
    if ended:
        yield f"  assignments that count for nothing: {len(ended):,} ({', '.join(dict.fromkeys(ended))})"
