"""The people and accounts of a CRM, in neutral words, and which audience each belongs to.

Only what a reviewer needs is kept of a member of staff: id, name, role, department, title, last login.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

UNCLASSIFIED = "unclassified"
GUEST = "guest"
EXTERNAL = "external"


class Kind(StrEnum):
    """What sort of principal this is, as far as gates differ for it.

    A `HOLDER` is nobody in particular: whoever would hold one container and nothing else.
    """

    INTERNAL = "internal"
    EXTERNAL = "external"
    GUEST = "guest"
    SYSTEM = "system"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class Person:
    """One principal. `active` is False for deactivated accounts, `frozen` for those barred from logging in.

    `teams` are names, `memberships` ids of sets and teams with their kind (`team:55`). `posts` say in the CRM's words
    as what somebody works in it, such as a profile: by these whoever decides about audiences knows people.
    """

    id: str
    name: str
    username: str = ""
    kind: Kind = Kind.INTERNAL
    active: bool = True
    frozen: bool = False
    profile: str = ""
    role: str = ""
    department: str = ""
    title: str = ""
    licence: str = ""
    marketing_flag: bool = False
    last_login: datetime | None = None
    sets: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    memberships: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    email: str = ""

    @property
    def dormant(self) -> bool:
        """Whether this account cannot log in now but would be back, with all it holds, once reactivated."""
        return self.frozen or not self.active


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign by which an audience is recognised; `attribute` is an attribute of `Person`.

    `pattern` is searched, case ignored. For `marketing_flag` it is unused; for `id` and `memberships` it must be
    the whole, as it is, and for `email` the whole in any case.
    """

    attribute: str
    pattern: str = ""

    def hit(self, person: Person) -> str:
        """What was seen, in words, or an empty string."""
        if self.attribute == "marketing_flag":
            return "has the Marketing User feature licence" if person.marketing_flag else ""
        if self.attribute == "id":
            return "is listed by id" if person.id == self.pattern else ""
        if self.attribute == "memberships":
            return f"belongs to {self.pattern}" if self.pattern in person.memberships else ""
        if self.attribute == "email":
            same = person.email and person.email.casefold() == self.pattern.casefold()
            return "is listed by e-mail address" if same else ""
        values = getattr(person, self.attribute)
        for value in values if isinstance(values, tuple) else (values,):
            if value and re.search(self.pattern, value, re.IGNORECASE):
                return f"{_WORDS[self.attribute]} “{value}”"
        return ""


_WORDS = {
    "profile": "profile",
    "role": "role",
    "department": "department",
    "title": "title",
    "licence": "licence",
    "sets": "permission set",
    "teams": "team",
    "username": "username",
    "kind": "account kind",
}


@dataclass(frozen=True, slots=True)
class Audience:
    """A named class of people with one set of needs (45 CFR 164.514(d)(2)(i)).

    `marketing` says whether the rules about marketing apply to it, `administers` whether its people are expected to
    hand out rights. Any sign suffices; `why` is the reason the configuration gives. `confirmed` is False while the
    audience is a proposal that nobody decided: it classifies all the same, and reports say so.
    """

    name: str
    signs: tuple[Sign, ...]
    why: str = ""
    marketing: bool = False
    kinds: frozenset[Kind] = frozenset()
    administers: bool = False
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """Why a person counts as part of an audience."""

    audience: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audiences:
    """Everybody's audience: the first configured one with a hit; everybody else is unclassified."""

    configured: tuple[Audience, ...]
    of: Mapping[str, Membership] = field(default_factory=dict)

    def members(self, name: str) -> tuple[str, ...]:
        """Ids of an audience's people, sorted."""
        return tuple(sorted(p for p, m in self.of.items() if m.audience == name))

    @property
    def marketing(self) -> tuple[str, ...]:
        """Ids of everybody in an audience marked as marketing, sorted."""
        names = {a.name for a in self.configured if a.marketing}
        return tuple(sorted(p for p, m in self.of.items() if m.audience in names))

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Names of the audiences that nobody confirmed, in order of precedence."""
        return tuple(a.name for a in self.configured if not a.confirmed)

    @property
    def names(self) -> tuple[str, ...]:
        """All audience names in order of precedence, the unclassified last."""
        return (*(a.name for a in self.configured), UNCLASSIFIED)


def classify(people: Iterable[Person], configured: tuple[Audience, ...]) -> Audiences:
    """Give every person an audience, with the evidence. Inactive people are classified too (salesforce E5)."""
    found = {}
    for person in people:
        for audience in configured:
            evidence = tuple(seen for sign in audience.signs if (seen := sign.hit(person)))
            if person.kind in audience.kinds:
                article = "an" if person.kind.value[0] in "aeiou" else "a"
                evidence = (f"is {article} {person.kind.value} account", *evidence)
            if evidence:
                found[person.id] = Membership(audience.name, evidence)
                break
        else:
            found[person.id] = Membership(UNCLASSIFIED, ())
    return Audiences(configured, found)
