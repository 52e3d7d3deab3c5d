from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from auditor.access import WORDS, Codes, Word
from auditor.chains import joined
from auditor.combination import NEEDED, READS
from auditor.exposure import RANK, Spread, cells_of, explain, groups
from auditor.findings import STATE_OF, Observation, Severity
from auditor.people import Kind
from auditor.policy import Level
from auditor.quasi import QuasiIdentifier, quasi_identifiers
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.weight import found_by, weigh
from auditor.wording import several

_OUTSIDE = frozenset({Kind.EXTERNAL, Kind.GUEST})
_WHAT = "person × set of birth date, postal code and sex pairs"


def _people(view: View) -> tuple[str, ...]:
    """Marketing, and everybody outside."""
    outside = {p.id for p in view.access.grants.people if p.kind in _OUTSIDE}
    return tuple(sorted(outside.union(view.audiences.marketing)))


def _looked(view: View) -> Looked:
    """Count people × sets; where a part could not be told, the set is unknown unless another part is closed."""
    sets, people, read = _sets(view), _people(view), view.access.grants.people
    if not sets:
        said = "No record was recognised on which birth date, postal code and sex meet"
        return Looked(0, _WHAT, left_out=f"{said}, so who reads them together is not looked at.")
    if not people:
        untold = view.untold.get("external", "")
        absent = "" if untold or not read else f"None of the {len(read):,} people read belongs here."
        return Looked(0, _WHAT, absent, left_out=untold)
    unknown = 0
    for signature, _, members in groups(view, people):
        codes = view.access.words(signature)[0]
        unknown += sum(len(members) for one in sets if one.together(codes) is Word.UNKNOWN)
    return Looked(len(people) * len(sets), _WHAT, unknown=unknown)


@rule(
    control="D11",
    title="Birth date, postal code and sex can be read together",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.514(b)", "45 CFR 164.514(d)(2)", "45 CFR 164.502(b)"),
    nist=("AC-3", "AC-6", "SI-19", "PT-2"),
    needs=NEEDED,
    looked=_looked,
)
def quasi_identifier_set(view: View) -> Iterator[Observation]:
    """Somebody in marketing or outside can read birth date, postal code and sex of one person without an approval.

    ## Why it matters
    None of the three names anybody, and together they single out most people. A list without names is therefore not
    de-identified by that: birth date and postal code are both on the list of what has to be taken out of it, and
    whoever has a voter roll or a customer file can put the names back.

    ## Remediation
    One of the three is enough to close: the path of the finding says which grant gives which. Often something coarser
    does the job: an age band instead of the birth date, a state or a region instead of the postal code. If the audience
    needs all three, have each of their classes approved for it.

    ## Limits
    The three are recognised by their class and by the words of name and label. A year of birth, an age, a state or a
    city does not count, a whole address does. They count as read together on one object, or on records that a lookup of
    one leads to, and not across two records that only share a parent. Whether the records reached are the same ones is
    not looked at, nor are exports, lists and reports that join them. Text that shows masked counts as read. Where no
    set was recognised the rule is not assessed, and other combinations that single people out are not looked at.

    ## Example
    The partner profile opens Lead with Birthdate__c, PostalCode and Gender__c, and hides names and e-mail addresses:
    Critical, since the same profile shows Lead.Treatment_of_Interest__c.
    """
    sets = _sets(view)
    found: dict[tuple[str, str], _Found] = {}
    for signature, audience, members in groups(view, _people(view)):
        codes = view.access.words(signature)[0]
        for one in sets:
            word = one.together(codes)
            if word in READS and not _approved(view, audience, one.read(codes)):
                seen = found.setdefault((audience, one.quasi.object), _Found(audience, one))
                seen.add(view, members, word, codes)
    for key in sorted(found):
        yield _observe(view, found[key])


_ORDER = (Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.UNKNOWN, Word.NO)
_RANKS = np.array([_ORDER.index(word) if word in _ORDER else len(_ORDER) - 1 for word in WORDS])
"""By verdict code, firmest first; whatever else is not read today is closed."""


@dataclass(frozen=True, slots=True)
class _Set:
    """A set with its columns in the planes: of each part, of the lookups, and of the health data beside it."""

    quasi: QuasiIdentifier
    parts: tuple[tuple[int, ...], ...]
    lookups: tuple[int, ...]
    near: tuple[int, ...]
    names: Mapping[int, str]

    def together(self, codes: Codes) -> Word:
        """Of the fields of a part the firmest decides, and of the parts the weakest; what is closed beats unknown.

        Lookups that are all closed link nothing.
        """
        needed = [*self.parts, self.lookups] if self.lookups else self.parts
        firmest = [int(_RANKS[codes[list(columns)]].min()) for columns in needed]
        return _ORDER[max(firmest)]

    def read(self, codes: Codes) -> dict[str, Word]:
        """The fields of the set that are read, with their words."""
        words = {self.names[i]: WORDS[int(codes[i])] for columns in self.parts for i in columns}
        return {name: word for name, word in words.items() if word in READS}


def _sets(view: View) -> list[_Set]:
    index = {column.name: i for i, column in enumerate(view.access.grants.fields)}
    return [
        _Set(
            quasi=one,
            parts=tuple(tuple(index[name] for name in names) for names in one.parts.values()),
            lookups=tuple(index[name] for name in one.lookups),
            near=tuple(index[name] for name in _near(view, one) if name in index),
            names={index[name]: name for names in one.parts.values() for name in names},
        )
        for one in quasi_identifiers(view)
    ]


def _near(view: View, one: QuasiIdentifier) -> list[str]:
    """The health data on the objects of a set, less the set itself."""
    own = {name for names in one.parts.values() for name in names}
    return [n for n, tag in view.tags.items() if tag.object in one.objects and health(tag) and n not in own]


def _approved(view: View, audience: str, read: Iterable[str]) -> bool:
    """Whether the policy gives the audience every class of what it reads of the set."""
    return all(view.policy.allows(audience, view.tags[name], Level.READ) for name in read)


@dataclass(slots=True)
class _Found:
    """Everything one audience reads of one set."""

    audience: str
    set_: _Set
    words: dict[str, Word] = field(default_factory=dict)
    spread: Spread = field(default_factory=lambda: defaultdict(Counter))
    people: set[str] = field(default_factory=set)
    health: bool = False
    outside: bool = False
    firmest: Word = Word.UNKNOWN
    example: tuple[int, tuple[int, ...]] = (-1, ())

    def add(self, view: View, members: list[int], word: Word, codes: Codes) -> None:
        """Add people who hold the same, and read the set with this word."""
        for name, each in self.set_.read(codes).items():
            self.words[name] = min(self.words.get(name, Word.UNKNOWN), each, key=RANK.__getitem__)
            self.spread[name][each.value] += len(members)
        people = [view.access.grants.people[member] for member in members]
        self.people.update(person.id for person in people)
        self.outside |= any(person.kind in _OUTSIDE for person in people)
        self.health |= any(WORDS[int(codes[column])] in READS for column in self.set_.near)
        if RANK[word] < RANK[self.firmest]:
            first = tuple(
                min(columns, key=lambda column: _RANKS[codes[column]]) for columns in self.set_.parts
            )
            self.firmest, self.example = word, (members[0], first)


def _observe(view: View, found: _Found) -> Observation:
    raises = ["they also read health data on these records"] if found.health else []
    raises += ["they are outside the organisation"] if found.outside else []
    weight = weigh(view, Severity.MEDIUM, found.words, found.people, raises=raises, special=False)
    objects = found.set_.quasi.objects
    where = objects[0] if len(objects) == 1 else f"linked records of {joined(objects)}"
    person, columns = found.example
    return Observation(
        audience=found.audience,
        object=found.set_.quasi.object,
        root="+".join(objects),
        root_label=" + ".join(objects),
        message=(
            f"{several(len(found.people), 'account')} of the audience {found.audience} can read birth date, postal "
            f"code and sex together on {where}."
        ),
        state=STATE_OF[found.firmest],
        severity=weight.severity,
        modifiers=weight.modifiers,
        found_by=found_by(view, found.words),
        cells=cells_of(found.words, found.spread, view.tags.__getitem__),
        people=tuple(sorted(found.people)),
        facts=(weight.fact,),
        example=" | ".join(
            f"{part}: {explain(view.access, person, column)}"
            for part, column in zip(found.set_.quasi.parts, columns, strict=True)
        ),
        remedy=(
            "Close one of the three to the audience, or put something coarser in its place, such as an age band or a "
            "region; or have the audience's access to each class approved."
        ),
    )
