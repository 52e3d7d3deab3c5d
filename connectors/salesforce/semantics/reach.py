"""Which records somebody reaches (salesforce R1 to R9; org-fixture 3.16, 3.17).

People who are alike are judged once: same kind, role, groups and rights over all records, and whether something is
owned by them or shared with them by name. Records are columns of booleans, never walked one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.planes import Flags, Grants, Strength
from auditor.reach import Extent, Reach, Span
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.salesforce.semantics.gates import PARENTS
from connectors.salesforce.semantics.record_sources import Listed, listed
from connectors.salesforce.semantics.sharing import PUBLIC, audience
from connectors.salesforce.semantics.sharing_groups import Groups, Roles

_ALL_DATA = ("ModifyAllData", "ViewAllData")
_ALL_RECORDS = ("ModifyAllRecords", "ViewAllRecords")


def reach(snapshot: Snapshot, grants: Grants) -> Reach:
    """Everybody's reach of the objects whose records were read; nothing where they were not."""
    if cat.RECORD_SOURCES not in snapshot.readings:
        return Reach()
    judge = _Judge(snapshot, grants)
    found: dict[str, dict[str, Extent]] = {name: {} for name in judge.asked}
    for who, ids in sorted(judge.alike().items(), key=lambda item: item[0].order):
        for name, extent in judge.extents(who).items():
            found[name].update(dict.fromkeys(ids, extent))
    return Reach(found)


@dataclass(frozen=True, slots=True)
class _Who:
    """What decides somebody's reach. `own` is their id where a record is theirs or shared with them by name."""

    kind: str
    role: str = ""
    groups: frozenset[str] = frozenset()
    own: str = ""
    over: frozenset[str] = frozenset()
    blind: str = ""
    asleep: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """Those with a base in common stand together."""
        return (
            self.asleep,
            self.kind,
            self.role,
            sorted(self.groups),
            sorted(self.over),
            self.own,
            self.blind,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """Which records of one object somebody reaches.

    Either `everything`, with the reason; or `bits`, and in `doubt` those that may be reached as well; or neither,
    and then nothing is known. `why` is the reason of any doubt.
    """

    everything: str = ""
    bits: Flags | None = None
    doubt: Flags | None = None
    why: str = ""


class _Judge:
    """Everything the rules need, once, and the answer for one kind of person after another."""

    def __init__(self, snapshot: Snapshot, grants: Grants) -> None:
        self._snapshot = snapshot
        self._grants = grants
        self._objects = listed(snapshot)
        self.asked = tuple(name for name, each in self._objects.items() if each.asked)
        users = {to18(r["Id"]): r for r in snapshot.table(cat.USERS.name).to_pylist()}
        self._kinds = {user: audience(r["UserType"]) for user, r in users.items()}
        self._user_roles = {user: to18(r["UserRoleId"] or "") for user, r in users.items()}
        self._roles = Roles(snapshot, self._user_roles)
        self._groups = Groups(snapshot, self._roles)
        self._named = {key for each in self._objects.values() for key in each.keys}
        self._rules = {
            str(r["TargetEntity"])
            for r in snapshot.table(cat.RESTRICTION_RULES.name).to_pylist()
            if r["IsActive"] and r["EnforcementType"] != "Scoping"
        }
        rows = snapshot.table(cat.OBJECT_PERMISSIONS.name)
        self._securable = {r["SobjectType"] for r in snapshot.table(cat.SECURABLE_OBJECTS).to_pylist()}
        self._securable |= set(rows.column("SobjectType").unique().to_pylist()) if rows.num_rows else set()
        self._doubts = {name: self._doubt(each) for name, each in self._objects.items()}
        self._queues = {name: self._queue_doubt(each) for name, each in self._objects.items()}
        self._base: dict[str, tuple[tuple[str, str], Flags]] = {}
        self._below: tuple[str, frozenset[str]] = ("", frozenset())

    # -- people

    def alike(self) -> dict[_Who, list[str]]:
        """People by what decides their reach."""
        over = self._over_everything()
        unread = next(
            (
                u.detail
                for name in (cat.PERMISSION_SETS.name, cat.ASSIGNMENTS.name, cat.OBJECT_PERMISSIONS.name)
                if (u := self._snapshot.unread(name)) is not None
            ),
            "",
        )
        found: dict[_Who, list[str]] = {}
        for index, person in enumerate(self._grants.people):
            kind = self._kinds.get(person.id, "external")
            if person.dormant:
                who = _Who(kind, asleep=True)
            else:
                role = self._user_roles.get(person.id, "")
                guest = kind == "guest"
                who = _Who(
                    kind,
                    role,
                    self._groups.of(person.id, kind, role) & self._named,
                    person.id if person.id in self._named else "",
                    frozenset() if guest else over.get(index, frozenset()),
                    "" if guest else unread or self._grants.blind.get(index, ""),
                )
            found.setdefault(who, []).append(person.id)
        return found

    def _over_everything(self) -> dict[int, frozenset[str]]:
        """R1: rights over every record that people surely hold, by the person's index."""
        wanted = {*_ALL_DATA, *(f"{right}:{name}" for right in _ALL_RECORDS for name in self._objects)}
        keys: dict[int, frozenset[str]] = {}
        for index, grantor in enumerate(self._grants.grantors):
            if grantor.id == grantor.container:
                carried = self._grants.carried.get(grantor.container, {})
                live = frozenset(k for k, s in carried.items() if s is Strength.LIVE and k in wanted)
                if live:
                    keys[index] = live
        held = self._grants.holdings
        surely = (held.strength == Strength.LIVE) & np.isin(
            held.grantor, np.array(list(keys), dtype=np.int64)
        )
        found: dict[int, frozenset[str]] = {}
        for person, grantor in zip(held.person[surely].tolist(), held.grantor[surely].tolist(), strict=True):
            found[person] = found.get(person, frozenset()) | keys[grantor]
        return found

    # -- one kind of person

    def extents(self, who: _Who) -> dict[str, Extent]:
        """Their reach of each object in question."""
        seen: dict[str, _Seen] = {}
        return {name: self._extent(name, who, seen) for name in self.asked}

    def _extent(self, name: str, who: _Who, seen: dict[str, _Seen]) -> Extent:
        listing = self._objects[name]
        restricted = name in self._rules
        if who.asleep:
            return Extent(Span.NONE, 0, 0, restricted, "the account is inactive or frozen")
        found = self._seen(name, who, seen)
        most = None if listing.hidden else listing.total
        if found.everything:
            return Extent(Span.ALL, listing.total or 0, most, restricted, found.everything)
        if found.bits is None:
            return Extent(Span.UNKNOWN, 0, most, restricted, found.why)
        least = listing.count(found.bits)
        possible = found.bits if found.doubt is None else found.bits | found.doubt
        known = listing.count(possible)
        why = " ".join(part for part in (self._basis(listing), who.blind or found.why) if part)
        if who.blind:
            return Extent(Span.UNKNOWN, least, most, restricted, who.blind)
        every = known == listing.total and self._all_parents(listing, who)
        if listing.hidden or known > least:
            word = Span.SOME if least and not every else Span.UNKNOWN
            return Extent(word, least, None if listing.hidden else known, restricted, why)
        word = Span.ALL if every else Span.SOME if least else Span.NONE
        if who.kind == "external" and not who.role:
            why += "; sharing sets, which no interface shows, are not counted"
        return Extent(word, least, known, restricted, why)

    def _basis(self, listing: Listed) -> str:
        """What a count rests on."""
        ways = "parent records" if listing.follows else "owner, role hierarchy and shares"
        records = f"{listing.total or 0:,} listed record{'' if listing.total == 1 else 's'}"
        if listing.grouped:
            records = f"{listing.total or 0:,} records counted by owner"
        hidden = (
            f" of {listing.recorded:,}; the others are not shown to the auditing user"
            if listing.hidden
            else ""
        )
        return f"{ways} over {records}{hidden}"

    def _all_parents(self, listing: Listed, who: _Who) -> bool:
        """R2: a child all of whose possible parents are reached without exception."""
        targets = [t for _, each in listing.follows for t in each if t in self._objects]
        return bool(targets) and all(self._everything(self._objects[t], who) for t in targets)

    def _seen(self, name: str, who: _Who, seen: dict[str, _Seen]) -> _Seen:
        if name not in seen:
            seen[name] = _Seen(why="its records follow themselves")  # where parents go round in a circle
            seen[name] = self._look(self._objects[name], who, seen)
        return seen[name]

    def _look(self, listing: Listed, who: _Who, seen: dict[str, _Seen]) -> _Seen:
        everything = self._everything(listing, who)
        if everything:
            return _Seen(everything=everything)
        if listing.problem or not listing.ready:
            return _Seen(why=listing.problem or "its records were counted, not listed")
        if listing.follows:
            return self._by_parents(listing, who, seen)
        bits = self._directly(listing, who)
        why = self._doubts[listing.name]
        return _Seen(bits=bits, doubt=np.ones(listing.rows, dtype=bool) if why else None, why=why)

    def _everything(self, listing: Listed, who: _Who) -> str:
        """R1 and R2: why somebody reaches every record, or empty. Guests never do (R6)."""
        if who.kind == "guest":
            return ""
        rights = [*_ALL_DATA]
        if self._has_permissions(listing.name):
            rights += [f"{right}:{listing.name}" for right in _ALL_RECORDS]
        for key in rights:
            if key in who.over:
                return self._grants.rights[key].label
        model = listing.internal if who.kind == "internal" else listing.external
        return "public default" if model in PUBLIC and not listing.master else ""

    def _has_permissions(self, name: str) -> bool:
        if name in ACTIVITIES or name in PARENTS or name == "User":
            return False
        return name in self._securable or self._snapshot.unread(cat.SECURABLE_OBJECTS) is not None

    def _directly(self, listing: Listed, who: _Who) -> Flags:
        """R3, R4, R6: what is theirs, belongs to somebody below them, or is shared with them; guests by guest rules."""
        postings = listing.guests if who.kind == "guest" else listing.staff
        alike = (who.kind, who.role)
        before = self._base.get(listing.name)
        if before is None or before[0] != alike:
            below = np.zeros(listing.rows, dtype=bool)
            for key in self._users_below(who.role) & postings.keys():
                below[postings[key]] = True
            before = self._base[listing.name] = (alike, below)
        found = before[1].copy()
        for key in (who.own, *who.groups):
            if key in postings:
                found[postings[key]] = True
        return found

    def _users_below(self, role: str) -> frozenset[str]:
        if self._below[0] != role:
            self._below = (role, self._roles.users_below(role))
        return self._below[1]

    def _by_parents(self, listing: Listed, who: _Who, seen: dict[str, _Seen]) -> _Seen:
        """R2: as open as its parent; without one, open to its owner only (org-fixture 3.17)."""
        bits, doubt = np.zeros(listing.rows, dtype=bool), listing.unresolved.copy()
        why = "a parent's object could not be told" if doubt.any() else ""
        for target, rows, at in listing.slots:
            parent = self._objects.get(target)
            there = (
                self._seen(target, who, seen) if parent is not None else _Seen(why=f"{target} was not read")
            )
            if there.everything:
                bits[rows] = True
            elif there.bits is None or parent is None or parent.grouped:
                doubt[rows] = True
                why = why or f"{target}: {there.why or 'its records were counted, not listed'}"
            else:
                found = at >= 0
                bits[rows[found][there.bits[at[found]]]] = True
                if there.doubt is not None:
                    doubt[rows[found][there.doubt[at[found]]]] = True
                    why = why or f"{target}: {there.why}"
                if parent.hidden and not found.all():
                    doubt[rows[~found]] = True
                    why = why or f"{target}: not every record is shown to the auditing user"
        for key in (who.own, *filter(_group, who.groups)):
            if key in listing.owners:
                own = listing.owners[key]
                bits[own[listing.orphans[own]]] = True
        queued = self._queues[listing.name]
        if queued:
            doubt |= listing.orphans
            why = why or queued
        doubt &= ~bits
        return _Seen(bits=bits, doubt=doubt if doubt.any() else None, why=why if doubt.any() else "")

    def _queue_doubt(self, listing: Listed) -> str:
        """Why a record without a parent may belong to somebody through a queue although nothing shows it."""
        if not listing.follows or not listing.ready:
            return ""
        queues = {k for k, rows in listing.owners.items() if _group(k) and listing.orphans[rows].any()}
        return self._groups.doubt(queues)

    def _doubt(self, listing: Listed) -> str:
        """Why more records may be reached than owners, roles, groups and shares show; empty if nothing is missing."""
        if listing.grouped:
            return "there are more records than are listed one by one, so shares are not counted"
        if listing.shares_unread:
            return "its shares could not be read"
        groups = {k for k in listing.keys if _group(k)}
        return self._roles.doubt(listing.keys) or self._groups.doubt(groups)


def _group(key: str) -> bool:
    """Whether an id names a public group or queue rather than a user."""
    return key.startswith("00G")
