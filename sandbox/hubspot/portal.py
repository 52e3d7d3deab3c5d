"""A portal in memory, as the loader makes it and the server reads it (portal-fixture 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

from sandbox.hubspot.object_types import ObjectType, find_type
from sandbox.hubspot.records import Table

Row: TypeAlias = dict[str, Any]
"""Something as the API serves it."""


@dataclass(frozen=True)
class Refresh:
    """What a client must show to get a new token."""

    client_id: str
    client_secret: str
    refresh_token: str


@dataclass(frozen=True)
class Token:
    """A credential of the portal and what it opens."""

    token: str
    kind: str
    scopes: tuple[str, ...]
    expired: bool = False
    user_id: str | None = None
    app_id: str | None = None
    refresh: Refresh | None = None

    @cached_property
    def granted(self) -> frozenset[str]:
        """The scopes without version suffixes, `oauth` always among them (hubspot 1.3)."""
        return frozenset(scope.removesuffix(".v2") for scope in self.scopes) | {"oauth"}

    def opens(self, alternatives: tuple[str, ...]) -> bool:
        """Whether the token has one of the scopes; no alternatives means that none is needed."""
        return not alternatives or not self.granted.isdisjoint(alternatives)


@dataclass(frozen=True)
class User:
    """A person or app of the settings API; `row` is what is served."""

    row: Row
    job: Row | None
    listed: bool
    readable: bool

    @property
    def id(self) -> str:
        """The settings user id."""
        return str(self.row["id"])


@dataclass(frozen=True)
class Limits:
    """Requests per ten seconds and per day, and how many of the day's are gone."""

    ten_secondly: int
    daily: int
    daily_used: int


@dataclass(frozen=True)
class Switches:
    """Behaviour that nobody has confirmed (portal-fixture 1)."""

    roles_on_tier: bool
    names_scopes: bool
    single_hides_sensitive: bool
    values_denied: bool
    filter_denied: bool
    highly_search: int
    total_capped: bool
    empty_categories: bool
    permitted_users: bool
    team_tree: bool
    max_url: int


@dataclass(frozen=True)
class Portal:
    """Everything one portal holds."""

    source: str
    now: datetime
    tier: str
    account: Row
    tokens: tuple[Token, ...]
    types: Mapping[str, ObjectType]
    properties: Mapping[str, Mapping[str, Row]]
    groups: Mapping[str, tuple[Row, ...]]
    schemas: tuple[Row, ...]
    users: tuple[User, ...]
    roles: tuple[Row, ...]
    teams: tuple[Row, ...]
    owners: tuple[Row, ...]
    lists: tuple[Row, ...]
    list_id_map: Mapping[str, str]
    forms: tuple[Row, ...]
    flows: tuple[Row, ...]
    emails: tuple[Row, ...]
    subscriptions: tuple[Row, ...]
    files: tuple[Row, ...]
    imports: tuple[Row, ...]
    tables: Mapping[str, Table]
    permitted: Mapping[str, Mapping[str, tuple[str, ...]]]
    association_labels: Mapping[tuple[str, str], tuple[Row, ...]]
    activity: Mapping[str, tuple[Row, ...]]
    limits: Limits
    switches: Switches

    @property
    def id(self) -> int:
        """The portal's number."""
        return int(self.account["portalId"])

    def type(self, text: str) -> ObjectType | None:
        """The object type that a path, a body or another row means."""
        return find_type(self.types, self.id, text)

    def level(self, kind: ObjectType, name: str) -> str | None:
        """How sensitive a property is; None if there is no such property."""
        found = self.properties[kind.key].get(name)
        return None if found is None else str(found["dataSensitivity"])
