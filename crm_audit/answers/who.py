"""Who can see a field, by the path they see it through."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.access import WORDS, Path, Word
from auditor.exposure import groups
from auditor.policy import Level
from auditor.rule import View
from crm_audit.answers.naming import (
    FEW,
    allowed,
    audience_named,
    field_named,
    grantor_named,
    named,
    off,
    path_lines,
    people_counted,
    printed,
    reasons_of,
    word_named,
)

_RANK = {word: rank for rank, word in enumerate(WORDS)}


@dataclass(slots=True)
class _Same:
    """People of one audience with the same verdicts by the same path."""

    audience: str
    read: Word
    edit: Word
    lines: tuple[str, ...]
    people: list[int] = field(default_factory=list)


def who(view: View, name: str, *, audience: str = "", word: str = "", everything: bool = False) -> str:
    """Everybody who can read a field, counted first, then by audience and path; by default all but `no`.

    Raises ConfigError for a field, audience or word this audit does not know.
    """
    access, index = view.access, field_named(view.access, name)
    only_audience = audience_named(view, audience) if audience else ""
    only_word = word_named(word) if word else None
    tag = view.tags[access.grants.fields[index].name]
    counts: Counter[Word] = Counter()
    by_audience: dict[str, Counter[Word]] = defaultdict(Counter)
    roots: dict[str, set[int]] = defaultdict(set)
    same: dict[tuple[object, ...], _Same] = {}
    words: dict[int, tuple[Word, Word, Path | None]] = {}
    for signature, member_of, members in groups(view, (p.id for p in access.grants.people)):
        if only_audience and member_of != only_audience:
            continue
        if signature not in words:
            read, edit = (WORDS[codes[index]] for codes in access.words(signature))
            words[signature] = read, edit, access.path(signature, index)
        read, edit, path = words[signature]
        counts[read] += len(members)
        by_audience[member_of][read] += len(members)
        if read is not only_word if only_word else read is Word.NO:
            continue
        for grantor in path.fields if path else ():
            roots[grantor_named(grantor)].update(members)
        for member in members:
            lines = _lines(view, member, index, path, read)
            key = (member_of, read, edit, lines)
            same.setdefault(key, _Same(member_of, read, edit, lines)).people.append(member)
    lines_out = [
        f"{tag.field}: {tag.phi_class} ({tag.coarse.value}). {reasons_of(tag)}",
        f"  {people_counted(counts.total())} looked at: {_counted(counts)}",
        "  by audience:",
    ]
    for one in sorted(by_audience):
        reading = f"reading is {allowed(view, one, tag)}"
        lines_out.append(f"    {one} ({reading}): {_counted(by_audience[one])}")
    if roots:
        lines_out.append("  by what opens the field itself:")
        ranked = sorted(roots.items(), key=lambda item: (-len(item[1]), item[0]))
        shown = ranked if everything else ranked[:FEW]
        lines_out += [f"    {root}: {people_counted(len(members))}" for root, members in shown]
        if len(ranked) > len(shown):
            lines_out.append(f"    and {len(ranked) - len(shown):,} more (use --all)")
    lines_out += _paths(view, list(same.values()), tag.field, everything=everything)
    return printed(lines_out)


def _counted(counts: Counter[Word]) -> str:
    found = [f"{counts[word]:,} {word.value}" for word in WORDS if counts[word]]
    return ", ".join(found) or "nobody"


def _lines(view: View, person: int, index: int, path: Path | None, read: Word) -> tuple[str, ...]:
    """One person's path in words, which people share unless an assignment of theirs is limited in its own way."""
    doubt = view.access.doubt(person, index) if read is Word.UNKNOWN else ""
    lines = [f"      not settled: {doubt}"] if doubt else []
    if path is not None:
        lines += path_lines(view.access, person, index, path, "      ")
    return tuple(lines)


def _paths(view: View, found: list[_Same], field_name: str, *, everything: bool) -> Iterator[str]:
    """The groups, firmest and largest first, each with its people."""
    access, tag = view.access, view.tags[field_name]
    found.sort(key=lambda s: (_RANK[s.read], -len(s.people), s.audience, s.lines))
    if found:
        yield "  by path:"
    shown = found if everything else found[:FEW]
    for one in shown:
        approved = allowed(view, one.audience, tag)
        edit = f", edit {one.edit.value}"
        if one.edit in {Word.YES, Word.ACTIVATABLE, Word.POSSIBLE}:
            edit += f" ({allowed(view, one.audience, tag, Level.EDIT)})"
        yield f"    {people_counted(len(one.people))}, {one.audience}: read {one.read.value} ({approved}){edit}"
        yield from one.lines
        people = sorted((access.grants.people[p] for p in one.people), key=lambda p: (p.name, p.id))
        if everything:
            yield from (f"      - {named(person)}" for person in people)
        else:
            names = ", ".join(f"{p.name}{off(p)}" for p in people[:5])
            more = f" and {len(people) - 5:,} more (use --all)" if len(people) > 5 else ""
            yield f"      {names}{more}"
    if len(found) > len(shown):
        yield f"    and {len(found) - len(shown):,} more paths (use --all)"
