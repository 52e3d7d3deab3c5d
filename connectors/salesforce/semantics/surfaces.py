"""Side doors and the log of permission changes (salesforce E3, E4, E7)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.doors import Change, Door, DoorKind
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat
from connectors.salesforce.ids import to18

_OPEN_TO = {"Public": "everyone", "PublicEdit": "everyone", "Hidden": "nobody"}
"""To whom a folder opens its dashboards (org-fixture 2.4); shares of any other folder are not shown by queries."""

_PERMISSION_CHANGES = ("PermSet", "changedprofileforuser")
"""How actions begin that change who holds what (org-fixture 2.4)."""


def doors(snapshot: Snapshot) -> tuple[Door, ...]:
    """Dashboards that run as somebody, tokens, and apps that log in as somebody; each door once, in stable order."""
    found = dict.fromkeys((*_dashboards(snapshot), *_tokens(snapshot), *_apps(snapshot)))
    kinds = list(DoorKind)
    return tuple(sorted(found, key=lambda d: (kinds.index(d.kind), d.id, d.through)))


def changes(snapshot: Snapshot) -> tuple[Change, ...]:
    """Entries of the setup audit trail that are about permission sets and profiles, oldest first."""
    found = [
        Change(
            id=to18(row["Id"]),
            action=row["Action"],
            section=row["Section"] or "",
            at=row["CreatedDate"] or "",
            by=to18(row["CreatedById"] or ""),
        )
        for row in snapshot.table(cat.SETUP_CHANGES.name).to_pylist()
        if (row["Action"] or "").startswith(_PERMISSION_CHANGES)
    ]
    return tuple(sorted(found, key=lambda c: (c.at, c.id)))


def _dashboards(snapshot: Snapshot) -> Iterator[Door]:
    """E3: a dashboard that runs as one person shows everybody what that person sees."""
    access = {to18(r["Id"]): r["AccessType"] for r in snapshot.table(cat.FOLDERS.name).to_pylist()}
    for row in snapshot.table(cat.DASHBOARDS.name).to_pylist():
        if row["Type"] != "SpecifiedUser" or not row["RunningUserId"]:
            continue
        dashboard = to18(row["Id"])
        yield Door(
            kind=DoorKind.DASHBOARD,
            id=dashboard,
            label=row["Title"] or dashboard,
            through=to18(row["RunningUserId"]),
            open_to=_OPEN_TO.get(access.get(to18(row["FolderId"] or "")) or "", "unknown"),
        )


def _tokens(snapshot: Snapshot) -> Iterator[Door]:
    """E4: an app with a token of somebody reads what that person reads; several tokens are one door."""
    for row in snapshot.table(cat.TOKENS.name).to_pylist():
        if row["UserId"]:
            app = row["AppName"] or ""
            yield Door(DoorKind.TOKEN, app, app or "an app without a name", to18(row["UserId"]), "app")


def _apps(snapshot: Snapshot) -> Iterator[Door]:
    """E4: an app with client credentials logs in as its user, whom the platform names by id or by username."""
    ids = {
        (row["Username"] or "").lower(): to18(row["Id"]) for row in snapshot.table(cat.USERS.name).to_pylist()
    }
    for row in snapshot.table(cat.CLIENT_CREDENTIALS.name).to_pylist():
        user = row["ClientCredentialsFlowUser"] or ""
        if row["IsClientCredentialsFlowEnabled"] and user:
            app = row["DeveloperName"] or row["Id"]
            through = ids.get(user.lower()) or to18(user)
            yield Door(DoorKind.CLIENT_CREDENTIALS, app, app, through, "app")
