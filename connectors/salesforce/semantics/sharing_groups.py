"""Who stands above whom, and who is in which public group or queue (salesforce R3, R4; org-fixture 3.16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18

_BY_ROWS = frozenset({"", "Regular", "Queue"})
_BY_KIND = frozenset(
    {"Organization", "AllCustomerPortal", "Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"}
)


class Roles:
    """The role hierarchy, which may even go round in a circle, and the users at each place in it.

    `unsettled` says why nobody can tell who is where in it, or is empty.
    """

    def __init__(self, snapshot: Snapshot, users: Mapping[str, str]) -> None:
        rows = snapshot.table(cat.ROLES.name).to_pylist()
        self._parents = {to18(r["Id"]): to18(r["ParentRoleId"] or "") for r in rows}
        self._users = users
        self._above: dict[str, frozenset[str]] = {}
        self._roles_below: dict[str, set[str]] = defaultdict(set)
        self._users_at: dict[str, set[str]] = defaultdict(set)
        for user, role in users.items():
            if role:
                self._users_at[role].add(user)
        for role in self._users_at:
            for above in self.above(role):
                self._roles_below[above].add(role)
        self._unread = snapshot.unread(cat.ROLES.name)
        self._users_unread = snapshot.unread(cat.USERS.name)
        self.unsettled = ""
        if self._unread is not None:
            self.unsettled = f"the role hierarchy could not be read. {self._unread.detail}"
        elif self._users_unread is not None and not self._users_at:
            self.unsettled = f"nobody's role could be read. {self._users_unread.detail}"

    def above(self, role: str) -> frozenset[str]:
        """The roles from the parent of one up to the top."""
        if role not in self._above:
            found: set[str] = set()
            at = self._parents.get(role, "")
            while at and at not in found:
                found.add(at)
                at = self._parents.get(at, "")
            self._above[role] = frozenset(found)
        return self._above[role]

    def users_below(self, role: str) -> frozenset[str]:
        """The users whose role is somewhere below one."""
        if not role:
            return frozenset()
        return frozenset().union(*(self._users_at[below] for below in self._roles_below.get(role, ())))

    def doubt(self, keys: Collection[str]) -> str:
        """Why somebody may stand above one of these users although nothing shows it; empty if that is settled."""
        if self._unread is not None and self._users_at:
            return self.unsettled
        unseen = any(k.startswith("005") and k not in self._users for k in keys)
        if self._users_unread is not None and (unseen or not self._users_at):
            return f"not everybody's role could be read. {self._users_unread.detail}"
        return ""


class Groups:
    """Public groups and queues with their members, however deep or circular they are nested."""

    def __init__(self, snapshot: Snapshot, roles: Roles) -> None:
        self._roles = roles
        self._types = {
            to18(r["Id"]): (r["Type"] or "", to18(r["RelatedId"] or ""))
            for r in snapshot.table(cat.PUBLIC_GROUPS.name).to_pylist()
        }
        self._containing: dict[str, list[str]] = defaultdict(list)
        for row in snapshot.table(cat.GROUP_MEMBERS.name).to_pylist():
            group = to18(row["GroupId"] or "")
            if group in self._types:
                self._containing[to18(row["UserOrGroupId"] or "")].append(group)
        self._by_kind: dict[tuple[str, str], frozenset[str]] = {}
        self._around: dict[str, frozenset[str]] = {}
        unread = [snapshot.unread(q.name) for q in (cat.PUBLIC_GROUPS, cat.GROUP_MEMBERS)]
        self._unread = next((u.detail for u in unread if u is not None), "")
        odd = [g for g, (kind, _) in self._types.items() if kind not in _BY_ROWS | _BY_KIND]
        by_role = [g for g, (kind, _) in self._types.items() if kind.startswith("Role")]
        self._by_role = self._union(by_role) if roles.unsettled else frozenset()
        self._odd = {outer: self._types[g][0] for g in odd for outer in self._outwards(g)}

    def of(self, user: str, kind: str, role: str) -> frozenset[str]:
        """Every group somebody is in: by a row, by role, as one of everybody, or through another group."""
        if (kind, role) not in self._by_kind:
            inside = [g for g, (type_, named) in self._types.items() if self._holds(type_, named, kind, role)]
            self._by_kind[kind, role] = self._union(inside)
        direct = self._containing.get(user, ())
        return self._by_kind[kind, role] | self._union(direct)

    def doubt(self, groups: Collection[str]) -> str:
        """Why somebody may be in one of these groups although nothing shows it; empty if that is settled."""
        if not groups:
            return ""
        if self._unread:
            return f"the members of public groups and queues could not be read. {self._unread}"
        if not self._by_role.isdisjoint(groups):
            return self._roles.unsettled
        odd = sorted({self._odd[g] for g in groups if g in self._odd})
        return f"nothing shows who is in a group of type {odd[0]}" if odd else ""

    def _holds(self, type_: str, named: str, kind: str, role: str) -> bool:
        """Groups that name a role, or everybody, have no member rows."""
        if type_ == "Organization":
            return kind == "internal"
        if type_ == "AllCustomerPortal":
            return kind == "external"
        if type_ not in _BY_KIND or not named:
            return False
        if type_ == "Role":
            return role == named
        beneath = role == named or named in self._roles.above(role)
        return beneath and (type_ != "RoleAndSubordinatesInternal" or kind == "internal")

    def _union(self, groups: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self._outwards(g) for g in groups))

    def _outwards(self, group: str) -> frozenset[str]:
        """A group and every group it is in."""
        if group not in self._around:
            found, open_ = {group}, [group]
            while open_:
                for outer in self._containing.get(open_.pop(), ()):
                    if outer not in found:
                        found.add(outer)
                        open_.append(outer)
            self._around[group] = frozenset(found)
        return self._around[group]
