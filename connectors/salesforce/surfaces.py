"""Catalogue + client → what shows data past field security, and the log of changes: five queries at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.salesforce import catalogue as cat
from connectors.salesforce.client import Refused
from connectors.salesforce.ids import to18
from connectors.salesforce.reading import Reader

TOKEN_LIMIT = 2500
"""The platform gives so many tokens at most, and calls that everything (salesforce 2.9)."""

TOKEN_BATCH = 500

_SEES_ALL_TOKENS = "CustomizeApplication"


def surfaces(reader: Reader, snapshot: Snapshot) -> Iterator[Reading]:
    """Everything that may be a side door, and the log of setup changes."""
    yield from side_doors(reader, snapshot)
    yield reader.read(cat.SETUP_CHANGES)[0]


def side_doors(reader: Reader, snapshot: Snapshot) -> Iterator[Reading]:
    """Dashboards that run as somebody, the folders they are in, tokens, and apps that log in as somebody."""
    dashboards, _ = reader.read(cat.DASHBOARDS, cat.DASHBOARDS.where)
    yield dashboards
    folders = _folder_ids(dashboards)
    if folders:
        yield reader.listed(cat.FOLDERS, folders)
    yield _tokens(reader.read(cat.TOKENS)[0], snapshot)
    yield _apps(*reader.read(cat.CLIENT_CREDENTIALS))


def pages(reading: Reading) -> int:
    """How many calls a reading takes."""
    rows: int = reading.table.num_rows
    return max(1, -(-rows // (TOKEN_BATCH if reading.name == cat.TOKENS.name else 2000)))


def _folder_ids(dashboards: Reading) -> list[str]:
    """Where the dashboards are; those in a person's or the org's own place are in no folder, and none will come."""
    return sorted({i for i in dashboards.table.column("FolderId").to_pylist() if i})


def _tokens(tokens: Reading, snapshot: Snapshot) -> Reading:
    """The tokens, incomplete where the platform shows only some of them without saying so."""
    if tokens.unread is not None:
        return tokens
    if tokens.table.num_rows == TOKEN_LIMIT:
        detail = f"OauthToken: the platform gives {TOKEN_LIMIT:,} tokens at most, and so many came."
        return replace(tokens, unread=Unread(Why.TRUNCATED, detail, cat.TOKENS.remedy))
    if _shown_to_others(tokens, snapshot):
        return tokens
    # A user without Customize Application gets its own tokens only (salesforce 1.2), and no credential that an
    # auditor should hold has that permission, for it changes setup. Calling this forbidden would mark every
    # run with the right credential as incomplete, and its remedy would be the wrong one. So it is listed as
    # what a read-only user cannot see, and nothing that depends on it passes; whoever does hold the
    # permission, or is shown somebody else's token, has seen them all.
    detail = (
        "OauthToken: a user without the permission Customize Application, which changes setup, is shown only "
        "its own tokens."
    )
    return replace(tokens, unread=Unread(Why.NOT_EXPOSED, detail, cat.TOKENS.remedy))


def _shown_to_others(tokens: Reading, snapshot: Snapshot) -> bool:
    """Whether this user is shown tokens that are not its own: by its permission, or as the rows prove."""
    for row in snapshot.table(cat.OWN_PERMISSIONS.name).to_pylist():
        if row.get(f"Permissions{_SEES_ALL_TOKENS}"):
            return True
    own = to18(snapshot.manifest.connected_user)
    return bool(own) and any(to18(u) != own for u in tokens.table.column("UserId").to_pylist() if u)


def _apps(apps: Reading, refused: Refused | None) -> Reading:
    """The apps; where the platform knows no such object, nobody can say whether it is not there or not shown.

    External client apps can be switched off for an org, and are shown to people who may also edit their policies:
    either way, no read-only user could be given them.
    """
    if refused is None or refused.code != "INVALID_TYPE":
        return apps
    detail = (
        "ExtlClntAppOauthPlcyCnfg: this org has no external client apps, or shows them only to users who may "
        "change them."
    )
    return replace(apps, unread=Unread(Why.NOT_EXPOSED, detail, cat.CLIENT_CREDENTIALS.remedy))
