"""Answers to an administrator's questions, in words."""

from __future__ import annotations

from difflib import get_close_matches

from auditor.access import WORDS, Access, Path, Word
from auditor.errors import ConfigError
from auditor.exposure import one_grantor
from auditor.people import Person
from auditor.planes import Grantor, Verb
from auditor.policy import Level
from auditor.rule import View
from reports.inert import for_terminal


def why(view: View, who: str, field: str) -> str:
    """The verdict about one person and one field, and every path that opens it.

    Raises ConfigError for a person or field this audit does not know.
    """
    access = view.access
    person = _person(access, who)
    index = _field(access, field)
    signature = int(access.signatures.of[person])
    read, edit = access.words(signature)
    subject = access.grants.people[person]
    tag = view.tags[access.grants.fields[index].name]
    word = WORDS[read[index]]
    member = view.audiences.of[subject.id]
    allowed = view.policy.allows(member.audience, tag, Level.READ)
    lines = [
        f"{_named(subject)}: {access.grants.fields[index].name}",
        f"  read: {word.value}    edit: {WORDS[edit[index]].value}",
        f"  audience: {member.audience} ({'; '.join(member.evidence) or 'nothing recognised this person'})",
        f"  field: {tag.phi_class} ({tag.coarse.value}), because {'; '.join(tag.reasons)}",
        f"  approved policy: reading is {'allowed' if allowed else 'not allowed'}",
    ]
    if word is Word.UNKNOWN:
        lines.append(f"  unknown, because {access.doubt(person, index)}")
    for verb in Verb:
        path = access.path(signature, index, verb)
        if path is not None:
            lines += [f"  {verb.value}:", *_path(access, person, index, path)]
    if access.path(signature, index) is None and word is Word.NO:
        lines.append("  Nothing this person holds opens the field.")
    return "\n".join(for_terminal(line) for line in lines)


def _path(access: Access, person: int, field: int, path: Path) -> list[str]:
    lines = []
    for gate, opened in zip(access.grants.fields[field].gates, path.objects, strict=False):
        lines += [f"    object {access.grants.gates[gate].name}: {_one(access, person, g)}" for g in opened]
    if not path.objects:
        lines.append("    object: nothing opens it, so the grant on the field is latent")
    lines += [f"    field: {_one(access, person, g, field)}" for g in path.fields]
    weaker = (*path.weaker_objects, *path.weaker_fields)
    lines += [f"    also, less firmly: {_one(access, person, g)}" for g in weaker]
    return lines


def _one(access: Access, person: int, grantor: Grantor, field: int | None = None) -> str:
    return f"{one_grantor(access, person, grantor, field)} [{grantor.id}]"


def _named(person: Person) -> str:
    state = "" if person.active and not person.frozen else " (frozen)" if person.active else " (inactive)"
    return f"{person.name} <{person.username or person.id}>{state}"


def _person(access: Access, who: str) -> int:
    people = access.grants.people
    found = [i for i, p in enumerate(people) if who in {p.id, p.id[:15], p.username}]
    found = found or [i for i, p in enumerate(people) if p.name.casefold() == who.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{people[i].username or people[i].id}" for i in found[:5])
        raise ConfigError(f"There are {len(found)} people called “{who}”.", hint=f"Use one of: {ids}.")
    near = get_close_matches(who, [p.username for p in people] + [p.name for p in people], n=3)
    raise ConfigError(
        f"Nobody here is called “{who}”.", hint=_near(near, "Use an id, user name or full name.")
    )


def _field(access: Access, field: str) -> int:
    names = [c.name for c in access.grants.fields]
    same = [i for i, n in enumerate(names) if n.casefold() == field.casefold()]
    if same:
        return same[0]
    near = get_close_matches(field, names, n=3)
    raise ConfigError(
        f"{field} is not a tagged field of this audit.", hint=_near(near, "Tag it in a mapping file.")
    )


def _near(near: list[str], otherwise: str) -> str:
    return f"Did you mean {' or '.join(near)}?" if near else otherwise
