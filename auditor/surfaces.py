"""What a CRM does with fields beside showing records: forms, lists, workflows, messages, and what links them.

The neutral facts of the leak graph. An asset's key is `kind:id`; names of fields are `object.property`. Nothing here
has a literal of a filter, a formula or a form: only which field it is about, and how much passes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ANY_FORM = "form:*"
"""Stands as the source of a link for every form there is."""


class AssetKind(StrEnum):
    """What sort of asset it is."""

    FORM = "form"
    LIST = "list"
    FLOW = "flow"
    EMAIL = "email"


class Leaks(StrEnum):
    """How much passes on: the value itself, that there is one, or membership from which it can be told."""

    VALUE = "value"
    PRESENCE = "presence"
    MEMBERSHIP = "membership"


class Place(StrEnum):
    """Where in an asset a field is named."""

    QUESTION = "question"
    FILTER = "filter"
    COMPARISON = "comparison"
    TOKEN = "token"  # noqa: S105 - a personalisation token, no secret
    VALUE = "value"
    CODE = "code"
    EVENT = "event"
    STRING = "string"


class Asked(StrEnum):
    """When a form asks a question: who only tries the form out does not see those that are not asked always."""

    ALWAYS = "always"
    DEPENDENT = "dependent"
    RETURNING = "returning"
    HIDDEN = "hidden"


class SinkKind(StrEnum):
    """Where a step of a workflow sends what it is given, beside e-mails and lists of the CRM."""

    WEBHOOK = "webhook"
    CODE = "code"
    ADS = "ads"
    SMS = "sms"
    STAFF_EMAIL = "staff_email"
    NOTIFICATION = "notification"
    TASK = "task"
    NOTE = "note"
    RECORD = "record"
    SEQUENCE = "sequence"


class Consent(StrEnum):
    """What a form asks its sender to agree to."""

    NONE = "none"
    LEGITIMATE_INTEREST = "legitimate_interest"
    IMPLICIT = "implicit"
    EXPLICIT = "explicit"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """A fact for a reader in words, and the ids of what it names: only these are part of a finding's state."""

    name: str
    value: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """One form, list, workflow or e-mail, as people know it.

    `state` is empty for one at work (otherwise “disabled”, “draft”, “paused”, “snapshot”); `size` is how many records a
    list has, None if nobody said. `consent` is of forms; `told` are further facts for a reader (who is notified, what
    one subscribes to).
    """

    kind: AssetKind
    id: str
    label: str
    object: str = ""
    state: str = ""
    size: int | None = None
    consent: Consent = Consent.UNKNOWN
    told: tuple[Told, ...] = ()

    @property
    def key(self) -> str:
        """What mentions and links call it."""
        return f"{self.kind.value}:{self.id}"

    @property
    def idle(self) -> bool:
        """Whether it does nothing today and would again once somebody switches it on; a snapshot has its members."""
        return self.state in _IDLE


_IDLE = frozenset({"disabled", "draft", "paused"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One field named by one asset.

    `step` is the workflow's action that names it, empty outside of actions. `generic` tells that only a string was
    equal to the field's name. `asked` and `question` are of forms: when it is asked, and in which words.
    """

    asset: str
    field: str
    place: Place
    leaks: Leaks
    step: str = ""
    generic: bool = False
    asked: Asked = Asked.ALWAYS
    question: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What gets into one asset gets into another by some means.

    `how` names it in words that are read from the source on to the target (“decides who gets into”). `further` marks a
    means by which only more is concluded, after every other: it never shortens a chain.
    """

    source: str
    target: str
    how: str
    further: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """A step of a workflow by which data leaves the CRM or reaches staff; `where` is a host, an app, or nothing."""

    asset: str
    step: str
    kind: SinkKind
    where: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A health word in an asset's own words: where it stands, its class, and the vocabulary's term, never the text."""

    asset: str
    place: str
    phi_class: str
    term: str


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Every asset of one CRM with what it names and feeds; `unparsed` says of which ones not all could be read."""

    assets: Mapping[str, Asset] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    links: tuple[Link, ...] = ()
    sinks: tuple[Sink, ...] = ()
    signs: tuple[Sign, ...] = ()
    unparsed: Mapping[str, str] = field(default_factory=dict)
