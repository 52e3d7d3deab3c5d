"""Who works with the portal: users, roles, teams, owners, and who may open a record (hubspot 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.hubspot.asked import Answer, Call, Route, page, paging, reads
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.object_types import PERMITTED_USERS_TYPES
from sandbox.hubspot.portal import Portal, Row

USER_SCOPES = ("settings.users.read", "crm.objects.users.read")
MOST_RESOURCES = 20
_RESOURCE = re.compile(r"hcrn:(\d+):crm-object:([^:]+):(\d+)")


class People:
    """The calls about people."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self) -> list[Route]:
        """Every call with its paths."""
        users = r"/settings/(?:v3/users|users/DATE)"
        teams = r"/settings/teams/DATE"
        owners = r"/crm/(?:v3/owners|owners/DATE)"
        permitted = r"/resource-permissions/v3/permitted-users"
        return [
            reads("users", users, self.users),
            reads("roles", f"{users}/roles", self.roles),
            reads("teams", f"{users}/teams", self.teams),
            reads("user", f"{users}/{{id}}", self.user),
            reads("team_tree", teams, self.team_tree),
            reads("team", f"{teams}/{{id}}", self.team),
            reads("team_members", f"{teams}/{{id}}/members", self.team_members),
            reads("owners", owners, self.owners),
            reads("owner", f"{owners}/{{id}}", self.owner),
            reads("permitted_users", permitted, self.permitted_users),
            reads("permitted_users_paged", f"{permitted}/paged", self.permitted_users_paged),
        ]

    def users(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The people and apps, but not those the list has yet to notice."""
        call.need(*USER_SCOPES)
        return page(call, [user.row for user in self.portal.users if user.listed], 100, 100)

    def user(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One user by id or e-mail."""
        call.need(*USER_SCOPES)
        by = call.one("idProperty", "USER_ID")
        if by not in {"USER_ID", "EMAIL"}:
            raise invalid(f"idProperty must be USER_ID or EMAIL, but was {by}")
        for user in self.portal.users:
            known = user.id if by == "USER_ID" else str(user.row["email"])
            if user.readable and known.lower() == path["id"].lower():
                return Answer(user.row)
        raise not_found(f"User {path['id']} not found")

    def roles(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The permission sets; a portal that has none says so with 400 (hubspot 1.5)."""
        call.need(*USER_SCOPES)
        if not self.portal.switches.roles_on_tier:
            raise invalid("Account doesn't have access to roles.")
        return Answer({"results": list(self.portal.roles)})

    def teams(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The teams with their members, without the tree."""
        call.need("settings.users.teams.read")
        return Answer({"results": [_without(team, "parentTeamId") for team in self.portal.teams]})

    def team_tree(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The teams with their parents, without members."""
        self._need_tree(call)
        rows = [_without(team, "userIds", "secondaryUserIds") for team in self.portal.teams]
        return page(call, rows, 100, 100)

    def team(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One team with its parent."""
        self._need_tree(call)
        return Answer(_without(self._team(path["id"]), "userIds", "secondaryUserIds"))

    def team_members(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The members of one team, and whether it is their main team."""
        self._need_tree(call)
        team = self._team(path["id"])
        members = [{"userId": user, "type": "DEFAULT"} for user in team["userIds"]]
        members += [{"userId": user, "type": "EXTRA"} for user in team["secondaryUserIds"]]
        return page(call, members, 100, 100)

    def owners(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The owners, or the archived ones."""
        call.need("crm.objects.owners.read", "automation")
        archived, email = call.flag("archived"), call.one("email").lower()
        rows = [owner for owner in self.portal.owners if owner["archived"] is archived]
        return page(
            call, [row for row in rows if not email or row.get("email", "").lower() == email], 100, 500
        )

    def owner(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One owner, by its own id or by that of its user."""
        call.need("crm.objects.owners.read", "automation")
        key = "userId" if call.one("idProperty", "id") == "userId" else "id"
        for owner in self.portal.owners:
            if str(owner.get(key)) == path["id"] and owner["archived"] is call.flag("archived"):
                return Answer(owner)
        raise not_found(f"Owner {path['id']} does not exist")

    # --- record by record -----------------------------------------------------------------------------------

    def permitted_users(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Who may do what with up to twenty records; records it cannot answer for are missing."""
        resources = self._resources(call)
        if len(resources) > MOST_RESOURCES:
            raise invalid(f"At most {MOST_RESOURCES} resources may be asked about at once")
        found: Row = {}
        for name, key in resources.items():
            actions = self.portal.permitted.get(key)
            if actions is not None:
                found[name] = {
                    f"crm-object:{action}": {"permittedUsers": [int(user) for user in users]}
                    for action, users in actions.items()
                }
        return Answer({"resources": found})

    def permitted_users_paged(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The same for one record with many people, so many of them at a time."""
        resources = self._resources(call)
        if len(resources) != 1:
            raise invalid("Exactly one resource may be asked about")
        limit, after = call.limit(100, 1000), call.one("after", "0")
        if not after.isdigit():
            raise invalid("after is not a paging cursor")
        ((name, key),) = resources.items()
        actions = self.portal.permitted.get(key)
        if actions is None:
            return Answer({"resources": {}}, here=after)
        start = int(after)
        shown = {
            f"crm-object:{action}": {"permittedUsers": [int(user) for user in users[start : start + limit]]}
            for action, users in actions.items()
        }
        body: Row = {"resources": {name: shown}}
        if start + limit < max(map(len, actions.values()), default=0):
            body["paging"] = paging(call, str(start + limit))
        return Answer(body, here=after)

    def _resources(self, call: Call) -> dict[str, str]:
        """The records asked about: their resource names, and what the fixture calls them."""
        if not self.portal.switches.permitted_users:
            raise not_found()
        call.need(*USER_SCOPES)
        found = {}
        for name in call.many("resource") or []:
            parts = _RESOURCE.fullmatch(name)
            kind = self.portal.type(parts[2]) if parts else None
            if parts is None or int(parts[1]) != self.portal.id:
                raise invalid(f"{name} is not a resource of this portal")
            if kind is None or kind.type_id not in PERMITTED_USERS_TYPES:
                raise invalid(f"Permissions of object type {parts[2]} cannot be looked up")
            call.need(*kind.read_scopes)
            found[name] = f"{kind.key}/{parts[3]}"
        if not found:
            raise invalid("Some required fields were not set: [resource]")
        return found

    def _need_tree(self, call: Call) -> None:
        if not self.portal.switches.team_tree or "-beta" not in call.path:
            raise not_found()
        call.need("settings.users.teams.read")

    def _team(self, team_id: str) -> Row:
        for team in self.portal.teams:
            if str(team["id"]) == team_id:
                return team
        raise not_found(f"Team {team_id} does not exist")


def _without(row: Row, *keys: str) -> Row:
    return {key: value for key, value in row.items() if key not in keys}
