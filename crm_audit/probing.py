"""Hold predictions against what the CRM itself says: which pairs are asked, and what came of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.access import WORDS, Word
from auditor.errors import ConfigError
from auditor.rule import View
from auditor.wording import several
from connectors.protocol import Answer, Prober, Step, Told, Watch, unwatched
from crm_audit.answers.naming import named, path_lines, person_named, printed, some
from reports.inert import for_terminal

DISAGREES = 10
UNSETTLED = 4

_PREDICTED = {Word.YES: Told.YES, Word.NO: Told.NO, Word.LATENT: Told.NO}
"""The verdicts that a CRM can contradict; of the others nothing is predicted."""

Pair = tuple[int, int]
"""Person and field, by index."""


@dataclass(frozen=True, slots=True)
class Probed:
    """One pair, the verdict about it, and what the CRM told."""

    person: int
    field: int
    word: Word
    answer: Answer

    @property
    def compared(self) -> bool:
        """Whether there is a prediction and an answer; that nobody is given the object contradicts a yes alone."""
        if self.answer.told is Told.NOBODY:
            return self.word is Word.YES
        return self.word in _PREDICTED and self.answer.told in {Told.YES, Told.NO}

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.compared and _PREDICTED[self.word] is self.answer.told


@dataclass(frozen=True, slots=True)
class Result:
    """What a probe found, in the order of people and fields. `possible` counts the pairs there were to ask."""

    view: View
    probed: tuple[Probed, ...]
    possible: int
    seed: int

    @property
    def compared(self) -> tuple[Probed, ...]:
        """The pairs with a prediction and an answer."""
        return tuple(one for one in self.probed if one.compared)

    @property
    def disagreements(self) -> tuple[Probed, ...]:
        """The pairs about which the CRM says otherwise."""
        return tuple(one for one in self.compared if not one.agrees)

    @property
    def missed(self) -> Counter[tuple[Told, str]]:
        """The pairs that were not compared, by reason."""
        return Counter(_reason(one) for one in self.probed if not one.compared)

    @property
    def code(self) -> int:
        """The exit code: a contradiction weighs most, then a question that should have been answered and was not."""
        if self.disagreements:
            return DISAGREES
        unasked = any(one.answer.told is Told.NOT_ASKED for one in self.probed)
        return UNSETTLED if unasked or not self.compared else 0


def sample(view: View, people: Sequence[int], size: int | None, seed: int) -> list[Pair]:
    """Choose pairs of these people and the tagged fields, the same ones for the same seed and names; None is all.

    A pair is in or out by its own digest, so that a field more or less changes little of the sample.
    """
    grants = view.access.grants
    pairs = [(person, field) for person in people for field in range(len(grants.fields))]
    if size is None or size >= len(pairs):
        return pairs

    def lot(pair: Pair) -> bytes:
        text = f"{seed}\n{grants.people[pair[0]].username}\n{grants.fields[pair[1]].name}"
        return hashlib.sha256(text.encode()).digest()

    return sorted(sorted(pairs, key=lot)[:size])


def people_of(view: View, logins: Sequence[str]) -> list[int]:
    """The people with these user names. Raises ConfigError for one that the audit does not know."""
    people, found = view.access.grants.people, set()
    for login in logins:
        person = person_named(view.access, login)
        if people[person].username != login:
            raise ConfigError(
                for_terminal(f"Nobody logs in as “{login}”."),
                hint=for_terminal(f"Did you mean {people[person].username}?"),
            )
        found.add(person)
    return sorted(found)


def probe(
    view: View,
    prober: Prober,
    people: Sequence[int],
    *,
    size: int | None,
    seed: int,
    watch: Watch = unwatched,
) -> Result:
    """Ask about a sample of pairs of these people."""
    access = view.access
    pairs = sample(view, people, size, seed)
    probed = []
    for person, field in pairs:
        word = WORDS[int(access.words(int(access.signatures.of[person]))[0][field])]
        answer = prober.ask(access.grants.people[person].username, access.grants.fields[field].name)
        probed.append(Probed(person, field, word, answer))
        watch(Step("pairs asked", len(probed), len(pairs), len(probed)))
    return Result(view, tuple(probed), len(people) * len(access.grants.fields), seed)


def _reason(one: Probed) -> tuple[Told, str]:
    if one.answer.told in {Told.YES, Told.NO}:
        return Told.NOT_COMPARABLE, f"nothing is predicted: the verdict is {one.word.value}"
    if one.answer.told is Told.NOBODY:
        return Told.NOT_COMPARABLE, one.answer.why
    return one.answer.told, one.answer.why


def told(result: Result, *, everything: bool = False) -> str:
    """The result in words: numbers first, then every contradiction with what it was predicted from."""
    access, org = result.view.access, result.view.snapshot.manifest.org_name
    asked, compared, no = len(result.probed), len(result.compared), len(result.disagreements)
    lines = [
        f"{org}: {asked:,} of {several(result.possible, 'pair')} of a person and a field (seed {result.seed}).",
        f"  compared: {compared:,}    agree: {compared - no:,}    disagree: {no:,}",
    ]
    for (kind, why), count in sorted(result.missed.items()):
        lines.append(f"  {kind.value}: {count:,}. {why.rstrip('.')}.")
    by_person: dict[int, list[Probed]] = {}
    for one in result.probed:
        by_person.setdefault(one.person, []).append(one)
    for person, asked_of in by_person.items():
        who = named(access.grants.people[person])
        said = Counter(one.answer.told for one in asked_of)
        lines.append(f"  {who}: reads {said[Told.YES]:,}, is refused {said[Told.NO]:,}, of {len(asked_of):,}")
    blocks = ["\n".join(_contradiction(result.view, one)) for one in result.disagreements]
    lines += some(blocks, everything=everything)
    return printed("\n".join(lines).split("\n"))


def _contradiction(view: View, one: Probed) -> list[str]:
    access = view.access
    signature = int(access.signatures.of[one.person])
    who, field = named(access.grants.people[one.person]), access.grants.fields[one.field].name
    lines = [f"  {who}: {field}: predicted {one.word.value}, the CRM says {one.answer.told.value}"]
    path = access.path(signature, one.field)
    if path is None:
        return [*lines, "    predicted because nothing this person holds opens it"]
    return [*lines, *path_lines(access, one.person, one.field, path)]


def document(result: Result) -> dict[str, Any]:
    """The result as data: names of people and fields, verdicts and answers, and no value of any record."""
    grants, manifest = result.view.access.grants, result.view.snapshot.manifest
    return {
        "version": 1,
        "platform": manifest.platform,
        "target": manifest.target,
        "org": manifest.org_id,
        "taken_at": manifest.taken_at.isoformat(),
        "seed": result.seed,
        "pairs": result.possible,
        "asked": len(result.probed),
        "compared": len(result.compared),
        "agree": len(result.compared) - len(result.disagreements),
        "disagree": len(result.disagreements),
        "missed": [
            {"told": kind.value, "why": why, "count": count}
            for (kind, why), count in sorted(result.missed.items())
        ],
        "answers": [
            {
                "person": grants.people[one.person].username,
                "field": grants.fields[one.field].name,
                "predicted": one.word.value,
                "told": one.answer.told.value,
                "path": _path(result.view, one) if one.compared and not one.agrees else "",
            }
            for one in result.probed
        ],
        "exit_code": result.code,
    }


def _path(view: View, one: Probed) -> str:
    path = view.access.path(int(view.access.signatures.of[one.person]), one.field)
    return str(path) if path else ""
