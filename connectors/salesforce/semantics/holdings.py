"""Who holds which container, and how firmly: profile, assignments, groups, licences, sessions (A1 to A7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.people import Person
from auditor.planes import Strength
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18
from connectors.salesforce.semantics.moments import moment
from connectors.salesforce.semantics.rows import Container, Rows


@dataclass(frozen=True, slots=True)
class Held:
    """One person (by index) holds one container this firmly; `limits` says in words what limits the assignment."""

    person: int
    container: str
    strength: Strength
    limits: str = ""


class Holders:
    """Everybody's containers as of one moment, and about whom something could not be looked at."""

    def __init__(self, snapshot: Snapshot, rows: Rows, people: Sequence[Person], as_of: datetime) -> None:
        self._snapshot = snapshot
        self._rows = rows
        self._people = people
        self._index = {p.id: i for i, p in enumerate(people)}
        self._as_of = as_of
        self._aggregates = {c.group: c.id for c in rows.containers.values() if c.group}
        self._licences, self._running_out = _licences(snapshot, as_of)
        self._activated = _activated(snapshot)
        self._ends: dict[tuple[int, str], datetime | None] = {}
        self._over: dict[tuple[int, str], str] = {}
        self._limits: dict[tuple[int, str], str] = {}
        self._fading: dict[tuple[int, str], datetime] = {}
        self._partial = {
            to18(r["ParentId"]): str(r["reason"]) for r in snapshot.table(cat.PARTIAL_CONTAINERS).to_pylist()
        }
        self.blind: dict[int, str] = {}

    def expiring(self) -> dict[tuple[int, str], datetime]:
        """When assignments end that count today, by (person, container); one without an end outlasts the others."""
        return {key: ends for key, ends in self._ends.items() if ends is not None}

    def fading(self) -> dict[tuple[int, str], datetime]:
        """When the licences of assigned sets run out, by (person, container): from then on nobody can confirm them."""
        return dict(self._fading)

    def limits(self) -> dict[tuple[int, str], str]:
        """What limits each assignment, in words, by (person, container)."""
        found = {key: [limits] for key, limits in self._limits.items()}
        for key, ends in self.expiring().items():
            found.setdefault(key, []).append(f"expires {ends:%Y-%m-%d}")
        return {key: ", ".join(limits) for key, limits in found.items()}

    def firmness(self) -> dict[str, Strength]:
        """How firmly whoever is assigned a container holds it (A6, A7), where that is not live."""
        found = {c.id: self._firm(c) for c in self._rows.containers.values() if not c.profile}
        return {container: firm for container, firm in found.items() if firm is not Strength.LIVE}

    def activated(self) -> frozenset[tuple[int, str]]:
        """Who has which container activated in a session that still lives, by (person, container)."""
        return frozenset(
            (self._index[who], self._aggregates.get(key, key))
            for who, key in self._activated
            if who in self._index
        )

    def ended(self) -> dict[tuple[int, str], str]:
        """Why a stored assignment counts for nothing, where no other one of the same container counts."""
        return {key: why for key, why in self._over.items() if key not in self._ends}

    def held(self) -> Iterator[Held]:
        """Profiles first, then assignments that have not lapsed."""
        yield from self._profiles()
        for row in self._snapshot.table(cat.ASSIGNMENTS.name).to_pylist():
            who = self._index.get(to18(row["AssigneeId"] or ""))
            if who is None:
                continue
            container = self._container_of(row)
            lapsed = _lapsed(row, self._as_of)
            if lapsed:
                self._over[who, container] = lapsed
                continue
            target = self._rows.containers.get(container)
            if target is not None and target.profile:
                continue  # org-fixture 3.9: such a row adds nothing
            self._note(who, container, moment(row["ExpirationDate"]))
            found = self._assigned(who, row)
            if found is not None:
                if found.limits:
                    self._limits[who, found.container] = found.limits
                yield found

    def _container_of(self, row: Mapping[str, Any]) -> str:
        group = to18(row["PermissionSetGroupId"] or "")
        return self._aggregates.get(group, group) if group else to18(row["PermissionSetId"] or "")

    def _note(self, who: int, container: str, ends: datetime | None) -> None:
        """Note when a holding ends, and that what it does not give is unknown if it was only retrieved in part."""
        key = (who, container)
        if container in self._partial:
            self._doubt(who, self._partial[container])
        before = self._ends.get(key, ends)
        self._ends[key] = None if ends is None or before is None else max(ends, before)

    def _profiles(self) -> Iterator[Held]:
        """A2: the profile is the set it owns, taken from User.ProfileId and from nothing else."""
        owned = {c.profile: c.id for c in self._rows.containers.values() if c.profile}
        for row in self._snapshot.table(cat.USERS.name).to_pylist():
            who, profile = self._index[to18(row["Id"])], to18(row["ProfileId"] or "")
            if profile in owned:
                self._note(who, owned[profile], None)
                yield Held(who, owned[profile], Strength.LIVE)
            elif profile:
                self._doubt(who, f"The permission set of the profile {profile} was not returned.")

    def _assigned(self, who: int, row: Mapping[str, Any]) -> Held | None:
        direct, group = to18(row["PermissionSetId"] or ""), to18(row["PermissionSetGroupId"] or "")
        target = self._rows.containers.get(direct)
        if not group and target is not None:
            group = target.group
        if group:
            return self._through_group(who, group)
        if target is None:
            self._doubt(who, f"The assigned permission set {direct or 'without an id'} was not returned.")
            return None
        dead = self._licences.get(target.licence, "")
        kind = cat.SET_LICENCES if target.licence.startswith("0PL") else cat.LICENCES
        if target.licence and not dead and self._unread(kind.name):
            self._doubt(who, "The licence of an assigned permission set could not be read.")
        strength, session = self._session(who, target.activation, (direct,))
        if dead:
            strength = Strength.POSSIBLE
        if target.licence in self._running_out:
            self._fading[who, target.id] = self._running_out[target.licence]
        return Held(who, target.id, strength, ", ".join((*session, *((dead,) if dead else ()))))

    def _through_group(self, who: int, group_id: str) -> Held | None:
        """A4: a group is held through its aggregate; its parts are never held through it."""
        group, aggregate = self._rows.groups.get(group_id), self._aggregates.get(group_id)
        if group is None or aggregate is None:
            self._doubt(who, f"The permission set group {group_id} or its aggregate was not returned.")
            return None
        if self._unread(*_GROUP_READINGS):
            self._doubt(who, "What an assigned permission set group is made of could not be read.")
        needs = self._firm(self._rows.containers[aggregate]) is not Strength.LIVE
        strength, session = self._session(who, needs, (group_id, aggregate))
        status = () if group.updated else (f"the group's status is {group.status}",)
        return Held(who, aggregate, strength, ", ".join((*session, *status)))

    def _firm(self, container: Container) -> Strength:
        """How firmly a set is held while nothing of it is activated; A7 is for sets alone (org-fixture 3.12)."""
        group = self._rows.groups.get(container.group)
        if not container.group and container.licence in self._licences:
            return Strength.POSSIBLE
        needs = container.activation or (group is not None and group.activation)
        return Strength.ACTIVATABLE if needs else Strength.LIVE

    def _session(self, who: int, needs: bool, keys: Sequence[str]) -> tuple[Strength, tuple[str, ...]]:  # noqa: FBT001
        """A6: a session-based container counts as live only while the same person has it activated."""
        if not needs:
            return Strength.LIVE, ()
        if any((self._people[who].id, key) in self._activated for key in keys):
            return Strength.LIVE, ("activated in a live session",)
        for name in (cat.ACTIVATIONS.name, cat.SESSIONS.name):
            if name in self._snapshot.readings and self._unread(name):
                self._doubt(who, "Whether a session-based set is activated could not be read.")
        return Strength.ACTIVATABLE, ("session-based, not activated",)

    def _unread(self, *names: str) -> bool:
        return any(self._snapshot.unread(name) is not None for name in names)

    def _doubt(self, who: int, reason: str) -> None:
        self.blind.setdefault(who, reason)


_GROUP_READINGS = (
    cat.GROUPS.name,
    cat.COMPONENTS.name,
    cat.MUTING_SETS.name,
    cat.OBJECT_MUTES.name,
    cat.FIELD_MUTES.name,
    cat.aggregates_of(cat.OBJECT_PERMISSIONS),
    cat.aggregates_of(cat.FIELD_PERMISSIONS),
)


def _lapsed(row: Mapping[str, Any], as_of: datetime) -> str:
    """A5: why an assignment counts for nothing, or empty; a column the org lacks is no reason."""
    expires = moment(row["ExpirationDate"])
    if expires is not None and expires <= as_of:
        return f"expired {str(row['ExpirationDate'])[:10]}"
    if row["IsRevoked"]:
        return "revoked"
    return "inactive" if row["IsActive"] is False else ""


def _licences(snapshot: Snapshot, as_of: datetime) -> tuple[dict[str, str], dict[str, datetime]]:
    """A7: licences that are disabled or have run out leave assignments that nobody can confirm; others will."""
    dead: dict[str, str] = {}
    running_out: dict[str, datetime] = {}
    for name in (cat.LICENCES.name, cat.SET_LICENCES.name):
        for row in snapshot.table(name).to_pylist():
            label, expires = row["MasterLabel"] or row["Id"], moment(row.get("ExpirationDate"))
            if row["Status"] not in (None, "Active"):
                dead[to18(row["Id"])] = f"its licence “{label}” is {row['Status']}"
            elif expires is not None and expires <= as_of:
                dead[to18(row["Id"])] = f"its licence “{label}” expired {str(row['ExpirationDate'])[:10]}"
            elif expires is not None:
                running_out[to18(row["Id"])] = expires
    return dead, running_out


def _activated(snapshot: Snapshot) -> set[tuple[str, str]]:
    """A6: (person, set, group or aggregate) activated in a session that still lives."""
    live = {to18(r["Id"]) for r in snapshot.table(cat.SESSIONS.name).to_pylist()}
    return {
        (to18(row["UserId"]), to18(key))
        for row in snapshot.table(cat.ACTIVATIONS.name).to_pylist()
        if to18(row["AuthSessionId"] or "") in live
        for key in (row["PermissionSetId"], row["PermissionSetGroupId"])
        if key
    }
