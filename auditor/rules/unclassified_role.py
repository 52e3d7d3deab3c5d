from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from auditor.access import Word, code
from auditor.exposure import groups
from auditor.findings import Observation, Severity, State
from auditor.people import UNCLASSIFIED, Kind
from auditor.policy import Level
from auditor.rule import Looked, View, rule
from auditor.scope import health
from auditor.snapshot import Capability
from auditor.wording import several

_READS = [code(word) for word in (Word.YES, Word.ACTIVATABLE, Word.POSSIBLE)]
_NOWHERE = "no profile or permission set"


def _staff(view: View) -> tuple[str, ...]:
    return tuple(p.id for p in view.access.grants.people if p.kind is Kind.INTERNAL and not p.dormant)


def _unplaced(view: View) -> tuple[set[str], set[str]]:
    """The staff of no audience who read health data beyond the policy, and those of whom that is unknown."""
    columns = [
        i
        for i, column in enumerate(view.access.grants.fields)
        if (tag := view.tags.get(column.name)) is not None
        and health(tag)
        and not view.policy.allows(UNCLASSIFIED, tag, Level.READ)
    ]
    reads, may = set[str](), set[str]()
    for signature, audience, members in groups(view, _staff(view)):
        codes = view.access.words(signature)[0][columns]
        if audience != UNCLASSIFIED:
            continue
        people = {view.access.grants.people[member].id for member in members}
        if np.isin(codes, _READS).any():
            reads |= people
        elif (codes == code(Word.UNKNOWN)).any():
            may |= people
    return reads, may


def _looked(view: View) -> Looked:
    what = "members of staff, and whether each has an audience or reads no health data"
    if not any(health(tag) for tag in view.tags.values()):
        return Looked(0, what)
    staff, (_, may), read = _staff(view), _unplaced(view), len(view.access.grants.people)
    absent = f"None of the {read:,} accounts read is a member of staff’s." if read and not staff else ""
    return Looked(len(staff), what, absent, len(may))


@rule(
    control="G02",
    title="Nobody decided what people in some roles need, and they reach health data",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.514(d)(2)(i)-(ii)", "45 CFR 164.308(a)(4)(i)"),
    nist=("AC-2", "AC-3", "PS-9", "PT-3"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def unclassified_role(view: View) -> Iterator[Observation]:
    """People who read health data, or may, belong to no audience: no sign in the configuration fits them.

    ## Why it matters
    The first step of the minimum-necessary standard is to name the classes of people who need health data. Whoever is
    in none counts neither as marketing nor as care, so no rule about an audience asks about them: that they are not
    found among marketing says only that nobody looked at their role.

    ## Remediation
    Go through the list with whoever knows the jobs, and give each profile or permission set to an audience: under
    `audiences` in the configuration, by signs such as `profile`, `permission_set`, `team` or `title`. An audience for
    people who need no health data is one too. If everybody else may read a class of fields, have that approved in the
    policy for `unclassified`.

    ## Limits
    Whoever provably reads no health data is not listed, and neither are accounts of programs, guests and outsiders,
    of whom other rules ask. A role is not listed while its people are told apart by another sign, such as their team.

    ## Example
    Nine people hold the permission set “Growth”, which no sign mentions, and may open contacts.primary_diagnosis.
    """
    reads, may = _unplaced(view)
    posts: dict[str, set[str]] = defaultdict(set)
    found = reads | may
    for person in view.access.grants.people:
        for post in (person.posts or (_NOWHERE,)) if person.id in found else ():
            posts[post].add(person.id)
    if not found:
        return
    yield Observation(
        audience=UNCLASSIFIED,
        object="",
        root="",
        root_label="audiences of the configuration",
        message=(
            f"{several(len(found), 'person', 'people')} in {several(len(posts), 'role')} "
            f"{'belongs' if len(found) == 1 else 'belong'} to no audience: {_split(len(reads), len(may))}."
        ),
        state=State.GAP_OBSERVED if reads else State.UNKNOWN,
        people=tuple(sorted(found)),
        facts=tuple(
            (post, f"{several(len(ids), 'person', 'people')}, {_split(len(ids & reads), len(ids & may))}")
            for post, ids in sorted(posts.items())
        ),
        remedy="Decide to which audience each of the listed roles belongs, and write its sign into the configuration.",
    )


def _split(reads: int, may: int) -> str:
    """How many read health data, and of how many that is unknown."""
    certain = f"{reads:,} read{'s' if reads == 1 else ''} health data"
    unsure = f"of {may:,} it is unknown whether they read health data"
    if reads and may:
        return f"{certain}, {unsure.removesuffix(' whether they read health data')}"
    return certain if reads else unsure
