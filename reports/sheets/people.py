"""Who belongs to which audience, and what was seen that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.audit import Audit
from auditor.people import UNCLASSIFIED, Membership, Person
from reports import words
from reports.grid import Column, Kind, Lazy, Row, Table


def table(audits: Sequence[Audit]) -> Table:
    """List everybody by audience; people without one come first, since somebody has to decide about them."""
    return Table(
        "People",
        "People and accounts",
        (
            Column("Audience", 16),
            Column("Person or account", 26),
            Column("Why in this audience", 40),
            Column("Account", 22),
            Column("Profile", 22),
            Column("Department", 16),
            Column("Last login", 21, Kind.DATE),
            Column("Person id", 21),
            Column("Title", 22),
            Column("Role", 22),
            Column("System", 16),
        ),
        Lazy(lambda: _rows(audits)),
        intro=(
            (
                "An audience is a class of people with the same needs. Those whom no sign places anywhere "
                "are “unclassified” and come first: nothing is approved for them."
            ),
        ),
        empty="Nobody was read.",
        printed=8,
    )


def _rows(audits: Sequence[Audit]) -> Iterator[Row]:
    for audit in audits:
        audiences = audit.view.audiences
        order = {name: place for place, name in enumerate((UNCLASSIFIED, *audiences.names))}
        order[UNCLASSIFIED] = 0
        nobody = Membership(UNCLASSIFIED, ())
        placed = [(audiences.of.get(p.id, nobody), p) for p in audit.view.access.grants.people]
        placed.sort(key=lambda one: (order.get(one[0].audience, len(order)), one[1].name, one[1].id))
        for membership, person in placed:
            proposed = membership.audience in audiences.unconfirmed
            yield (
                f"{membership.audience} (not confirmed)" if proposed else membership.audience,
                person.name,
                "; ".join(membership.evidence) or "no sign of any audience was seen",
                account(person),
                person.profile,
                person.department,
                words.moment(person.last_login) if person.last_login is not None else "",
                person.id,
                person.title,
                person.role,
                audit.target,
            )


def account(person: Person) -> str:
    """Say what sort of account this is, and whether it can log in."""
    if not person.active:
        return f"{person.kind.value}, switched off"
    return f"{person.kind.value}, {'frozen' if person.frozen else 'active'}"
