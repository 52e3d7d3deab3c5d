"""Find what a question names, and name what an answer speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches

from auditor.access import WORDS, Access, Path, Word
from auditor.errors import ConfigError
from auditor.exposure import one_grantor
from auditor.people import Person
from auditor.phi import Tag
from auditor.planes import Gate, Grantor
from auditor.policy import Level
from auditor.rule import View
from reports.inert import for_terminal

FEW = 10
"""How many of anything are shown unless all are asked for."""


def printed(lines: Iterable[str]) -> str:
    """The lines of an answer, none of which can do anything to a terminal."""
    return "\n".join(for_terminal(line) for line in lines)


def person_named(access: Access, who: str) -> int:
    """The index of a person by id, user name or full name. Raises ConfigError with near matches."""
    people = access.grants.people
    found = [i for i, p in enumerate(people) if who in {p.id, p.id[:15], p.username}]
    found = found or [i for i, p in enumerate(people) if p.name.casefold() == who.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(for_terminal(people[i].username or people[i].id) for i in found[:5])
        raise ConfigError(
            for_terminal(f"There are {len(found)} people called “{who}”."), hint=f"Use one of: {ids}."
        )
    if any(c.name.casefold() == who.casefold() for c in access.grants.fields):
        raise ConfigError(for_terminal(f"{who} is a field."), hint="The person comes first: PERSON FIELD.")
    near = _people_like(access, who)
    raise ConfigError(
        for_terminal(f"Nobody here is called “{who}”."),
        hint=_near(near, "Use an id, user name or full name."),
    )


def _people_like(access: Access, who: str) -> list[str]:
    """User names of people whose name holds the text, or comes close to it."""
    people, part = access.grants.people, who.casefold()
    near = [p.username or p.id for p in people if part in p.name.casefold() or part in p.username.casefold()]
    return near[:3] or get_close_matches(who, [p.username for p in people] + [p.name for p in people], n=3)


def field_named(access: Access, field: str) -> int:
    """The index of a tagged field, case ignored. Raises ConfigError with near matches."""
    names = [c.name for c in access.grants.fields]
    same = [i for i, n in enumerate(names) if n.casefold() == field.casefold()]
    if same:
        return same[0]
    near = get_close_matches(field, names, n=3)
    raise ConfigError(
        for_terminal(f"{field} is not a tagged field of this audit."),
        hint=_near(near, "Tag it in a mapping file."),
    )


def audience_named(view: View, audience: str) -> str:
    """An audience of the configuration. Raises ConfigError with the names there are."""
    if audience in view.audiences.names:
        return audience
    raise ConfigError(
        for_terminal(f"There is no audience “{audience}”."),
        hint=for_terminal(f"The configuration has: {', '.join(view.audiences.names)}."),
    )


def word_named(word: str) -> Word:
    """A verdict word. Raises ConfigError with the words there are."""
    try:
        return Word(word)
    except ValueError:
        raise ConfigError(
            for_terminal(f"“{word}” is not a verdict."), hint=f"Verdicts are: {', '.join(WORDS)}."
        ) from None


def _near(near: list[str], otherwise: str) -> str:
    return for_terminal(f"Did you mean {' or '.join(near)}?") if near else otherwise


def named(person: Person) -> str:
    """A person as answers print one: name, user name, and whether the account is switched off."""
    return f"{person.name} <{person.username or person.id}>{off(person)}"


def off(person: Person) -> str:
    """Whether an account is switched off, as a note."""
    return "" if not person.dormant else " (frozen)" if person.active else " (inactive)"


def container_named(access: Access, container: str) -> str:
    """A container as answers print one: kind, label and id, or why it has no name."""
    try:
        return grantor_named(access.grants.grantors[access.grantor_index(Grantor(container))])
    except KeyError:
        return f"a set that was not looked at [{container or 'without an id'}]"


def grantor_named(grantor: Grantor) -> str:
    """A grantor whoever holds it: what it is, which right of it, and its id."""
    text = f"{grantor.kind} “{grantor.label}”" if grantor.container else grantor.label
    return f"{text} ({grantor.right}) [{grantor.id}]" if grantor.right else f"{text} [{grantor.id}]"


def gate_named(gate: Gate, name: str) -> str:
    """A gate as answers print one."""
    return f"object {name}" if gate is Gate.OBJECT else f"field {name}"


def path_lines(access: Access, person: int, field: int, path: Path, indent: str = "    ") -> list[str]:
    """Every way a path names, gate by gate, then the ones that are less firm."""
    lines = []
    for gate, opened in zip(access.grants.fields[field].gates, path.objects, strict=False):
        lines += [
            f"{indent}object {access.grants.gates[gate].name}: {held_named(access, person, g)}"
            for g in opened
        ]
    if not path.objects:
        lines.append(f"{indent}object: nothing opens it, so the grant on the field is latent")
    lines += [f"{indent}field: {held_named(access, person, g, field)}" for g in path.fields]
    weaker = dict.fromkeys((*path.weaker_objects, *path.weaker_fields))
    lines += [f"{indent}also, less firmly: {held_named(access, person, g)}" for g in weaker]
    return lines


def held_named(access: Access, person: int, grantor: Grantor, field: int | None = None) -> str:
    """A grantor as one person holds it."""
    return f"{one_grantor(access, person, grantor, field)} [{grantor.id}]"


def reasons_of(tag: Tag) -> str:
    """Why a field has its class, as sentences."""
    return " ".join(reason if reason.endswith(".") else f"{reason}." for reason in tag.reasons)


def allowed(view: View, audience: str, tag: Tag, level: Level = Level.READ) -> str:
    """What the policy says about an audience and a tag."""
    return "allowed" if view.policy.allows(audience, tag, level) else "not allowed"


def on(moment: datetime) -> str:
    """A moment, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def people_counted(count: int) -> str:
    """So many people."""
    return counted(count, "person", "people")


def counted(count: int, one: str, many: str) -> str:
    """So many of anything."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def some(found: Sequence[str], *, everything: bool, few: int = FEW) -> list[str]:
    """The first few, and how many more there are."""
    if everything or len(found) <= few:
        return list(found)
    return [*found[:few], f"and {len(found) - few:,} more (use --all)"]
