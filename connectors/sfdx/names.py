"""One spelling for each name: the platform compares API names without case and adds a project's own namespace."""

from __future__ import annotations

import re

from connectors.salesforce.semantics.fields import ACTIVITIES
from connectors.sfdx import standard_fields as standard

_TOKEN = re.compile(r"(%%%|___)(NAMESPACE|NAMESPACED_ORG|NAMESPACE_OR_C|NAMESPACED_ORG_OR_C|NAMESPACE_DOT)\1")
_STANDARD = {
    name.casefold(): name
    for name in (
        *("Activity", *standard.UNSECURABLE, *standard.NEVER_SECURABLE),
        *(*standard.SECURED_BY_OBJECT_PERMISSIONS, *standard.FOLLOWING),
    )
}
_STANDARD_FIELDS = {
    name.casefold(): name
    for name in (
        *(known.name for fields in standard.UNSECURABLE.values() for known in fields),
        *(*standard.SYSTEM, *standard.PERSON_NAMES, *standard.ADDRESSES),
    )
}


def plain(name: str) -> str:
    """A name without unresolved namespace tokens (salesforce 7.3.7)."""
    return _TOKEN.sub("", name)


def tokens(name: str) -> bool:
    """Whether a name holds unresolved namespace tokens."""
    return _TOKEN.search(name) is not None


def owners(name: str) -> tuple[str, ...]:
    """The objects a field shows up on: what is customised on Activity is on Task and Event (salesforce F12)."""
    return ACTIVITIES if name == "Activity" else (name,)


class Names:
    """Names as a project's definitions spell them, else as first seen; `namespace` is the project's own."""

    def __init__(self, namespace: str = "") -> None:
        own = re.escape(namespace)
        self._within = re.compile(rf"(?<!\w){own}__(?=\w+__[a-z])", re.IGNORECASE) if namespace else None
        self._before = re.compile(rf"{own}__", re.IGNORECASE) if namespace else None
        self._objects = dict(_STANDARD)
        self._fields: dict[tuple[str, str], str] = {}
        self._components: dict[tuple[str, str], str] = {}

    def text(self, text: str) -> str:
        """A name or formula without namespace tokens and without the project's own namespace."""
        text = plain(text)
        return self._within.sub("", text) if self._within else text

    def object(self, name: str) -> str:
        """One spelling of an object's name; the first one given stays."""
        name = self.text(name)
        return self._objects.setdefault(name.casefold(), name)

    def field(self, owner: str, name: str) -> str:
        """One spelling of a field's name; `owner` is an object as `object` spells it."""
        name = self.text(name)
        folded = name.casefold()
        return self._fields.setdefault((owner, folded), _STANDARD_FIELDS.get(folded, name))

    def key(self, key: str) -> str:
        """One spelling of `Object.Field`; anything without a dot is an object."""
        owner, _, name = key.partition(".")
        owner = self.object(owner)
        return f"{owner}.{self.field(owners(owner)[0], name)}" if name else owner

    def component(self, kind: str, name: str) -> str:
        """One spelling of the name of a profile, set, muting set or group."""
        name = plain(name)
        if self._before and (own := self._before.match(name)):
            name = name[own.end() :] or name
        return self._components.setdefault((kind, name.casefold()), name)
