"""What a filter tree is about: the properties, lists and forms it names, wherever HubSpot hides them (hubspot 5.3).

Nothing of what a filter compares with is kept. Trees may be nested as deep as they like: nothing here calls itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.catalogue import key_of
from connectors.hubspot.rows import texts

Json = Mapping[str, Any]

FORM_SUBMITTED = "4-1639801"
"""The event of somebody sending a form (hubspot 5.4)."""

ANY = "*"
"""Stands for every form there is."""

_GROUPS = frozenset({"OR", "AND", "NOT_ALL", "NOT_ANY", "RESTRICTED"})
_EVENTS = "UNIFIED_EVENTS"
_BRANCHES = _GROUPS | {_EVENTS, "ASSOCIATION", "PROPERTY_ASSOCIATION"}
_OF_LIST = frozenset({"IN_LIST", "ASSOCIATION", "PROPERTY_ASSOCIATION"})
_OF_FORM = frozenset({"FORM_SUBMISSION", "FORM_SUBMISSION_ON_PAGE"})
_OF_EVENT = frozenset({_EVENTS, "EVENT", "INTEGRATION_EVENT"})
_FILTERS = (
    _OF_LIST
    | _OF_FORM
    | _OF_EVENT
    | {
        "PROPERTY",
        "PAGE_VIEW",
        "CTA",
        "EMAIL_SUBSCRIPTION",
        "COMMUNICATION_SUBSCRIPTION",
        "CAMPAIGN_INFLUENCED",
        "SURVEY_MONKEY",
        "SURVEY_MONKEY_VALUE",
        "WEBINAR",
        "EMAIL_EVENT",
        "PRIVACY",
        "ADS_SEARCH",
        "ADS_TIME",
        "NUM_ASSOCIATIONS",
        "CONSTANT",
    }
)
_FORM_IDS = frozenset({"hs_form_id", "hs_form_guid", "form_id", "form_guid", "formid", "formguid"})
"""Where the event of sending a form names it by its id; what else it says of a form are words that nobody keeps."""

_PRESENCE = frozenset({"IS_KNOWN", "IS_UNKNOWN", "IS_NOT_EMPTY", "IS_EMPTY"})
_WORDY = {"PAGE_VIEW": ("pageUrl", "page address"), "ADS_SEARCH": ("searchTerms", "search terms")}

Recognise = Callable[[str], list[tuple[str, str]]]
"""Health words in a text, as class and term of a vocabulary."""


def recognises_nothing(_text: str) -> list[tuple[str, str]]:
    """The vocabulary of somebody who has none."""
    return []


@dataclass(slots=True)
class About:
    """What an asset is about, in rows of the snapshot, each once and in order of appearance."""

    mentions: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    links: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    signs: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    unparsed: dict[str, None] = field(default_factory=dict)
    forms: set[str] = field(default_factory=set)

    def mention(
        self,
        object_: str,
        name: str,
        place: str,
        leaks: str,
        *,
        step: str = "",
        generic: bool = False,
        asked: str = "",
        question: str = "",
    ) -> None:
        """A property that is named; without an object only its name is known. A firmer mention replaces none."""
        row = {
            "object": object_,
            "property": name,
            "place": place,
            "leaks": leaks,
            "step": step,
            "generic": generic,
            "asked": asked,
            "question": question,
        }
        self.mentions.setdefault((object_, name, place, leaks, step), row)

    def link(self, kind: str, id_: str, how: str) -> None:
        """Another asset that this one is fed by, or feeds."""
        self.links.setdefault((kind, id_, how), {"kind": kind, "id": id_, "how": how})

    def sign(self, place: str, text: Any, recognise: Recognise) -> None:
        """The health words of a text, or of every one in a list; the text itself is not kept."""
        for one in strings(text):
            for phi_class, term in recognise(one):
                self.signs.setdefault((place, term), {"place": place, "phi_class": phi_class, "term": term})

    def not_parsed(self, what: str) -> None:
        """Something of a kind that nobody knows."""
        self.unparsed.setdefault(what)

    def rows(self) -> dict[str, Any]:
        """The columns of an asset's row."""
        return {
            "mentions": list(self.mentions.values()),
            "links": list(self.links.values()),
            "signs": list(self.signs.values()),
            "unparsed": list(self.unparsed),
        }


def walk(
    tree: Any, object_: str, about: About, *, known: frozenset[str] = frozenset(), recognise: Recognise
) -> None:
    """Note all that a filter tree of an object's records is about.

    `known` are the names of properties: only those are looked for in what an event is compared with.
    """
    waiting: list[tuple[Any, str, bool]] = [(tree, object_, False)]
    while waiting:
        branch, of, in_event = waiting.pop()
        if not isinstance(branch, Mapping):
            about.not_parsed("a branch that is none")
            continue
        kind = str(branch.get("filterBranchType") or "")
        filters, below = _rows(branch, "filters"), _rows(branch, "filterBranches")
        if kind not in _BRANCHES:
            about.not_parsed(f"a branch of the type {_word(kind)}")
        if kind == "RESTRICTED" and not filters and not below:
            about.not_parsed("a branch that HubSpot does not show")
        associated = kind in {"ASSOCIATION", "PROPERTY_ASSOCIATION"}
        inner = of
        if associated or kind not in _BRANCHES:
            inner = key_of(str(branch.get("objectTypeId") or "")) or of
        through = branch.get("propertyWithObjectId")
        if isinstance(through, str) and through:
            about.mention(of, through, "filter", "membership")
        _referenced(
            {key: value for key, value in branch.items() if key not in {"filters", "filterBranches"}},
            inner,
            about,
        )
        event = (in_event and not associated) or kind == _EVENTS
        if kind == _EVENTS:
            _event(branch, _lines(branch), about, known, recognise)
        for one in filters:
            _filter(one, inner, about, in_event=event, known=known, recognise=recognise)
        waiting += [(one, inner, event) for one in reversed(below)]


def _filter(
    one: Any, of: str, about: About, *, in_event: bool, known: frozenset[str], recognise: Recognise
) -> None:
    if not isinstance(one, Mapping):
        about.not_parsed("a filter that is none")
        return
    kind = str(one.get("filterType") or "")
    if kind not in _FILTERS:
        about.not_parsed(f"a filter of the type {_word(kind)}")
    name = one.get("property")
    if kind == "PROPERTY" and isinstance(name, str) and name and not in_event:
        operation = one.get("operation")
        operator = str(operation.get("operator") or "") if isinstance(operation, Mapping) else ""
        about.mention(of, name, "filter", "presence" if operator in _PRESENCE else "membership")
    if kind in _OF_LIST:
        _listed(one, about)
        through = one.get("propertyWithObjectId")
        if isinstance(through, str) and through:
            about.mention(of, through, "filter", "membership")
    if kind in _OF_FORM:
        _submitted([one.get("formId")], about)
    if kind in _OF_EVENT:
        _event(one, _rows(one, "filterLines"), about, known, recognise)
    if kind in _WORDY:
        key, place = _WORDY[kind]
        about.sign(place, one.get(key), recognise)
    _referenced(one, of, about)


def _listed(one: Json, about: About) -> None:
    listed = one.get("listId")
    if isinstance(listed, str | int) and not isinstance(listed, bool) and listed != "":
        about.link("list", str(listed), "decides who gets into")


def _submitted(forms: list[Any], about: About) -> None:
    """The forms whose senders are meant; without one, those of any form (hubspot 5.2)."""
    named = texts(forms)
    for form in named:
        about.link("form", form, "leads its senders into")
    if not named:
        about.link("form", ANY, "leads its senders, like those of any form, into")


def _lines(branch: Json) -> list[Any]:
    """The filters of an event's branch and of the groups in it, which are about the same event."""
    found: list[Any] = []
    waiting: list[Any] = [branch]
    while waiting:
        one = waiting.pop()
        found += _rows(one, "filters")
        waiting += [
            below
            for below in reversed(_rows(one, "filterBranches"))
            if isinstance(below, Mapping) and str(below.get("filterBranchType") or "") in _GROUPS
        ]
    return found


def _event(one: Json, lines: list[Any], about: About, known: frozenset[str], recognise: Recognise) -> None:
    """An event's own properties are none of the CRM's; what they are compared with may name one, or a form."""
    compared = [
        (str(line.get("property") or "").lower(), line.get("operation"))
        for line in lines
        if isinstance(line, Mapping)
    ]
    for text in sorted({text for _, operation in compared for text in strings(operation)} & known):
        about.mention("", text, "event", "membership", generic=True)
    for name, operation in compared:
        if "url" in name:
            about.sign("page address", _compared(operation), recognise)
    if str(one.get("eventTypeId") or "") == FORM_SUBMITTED:
        forms = [text for name, operation in compared if name in _FORM_IDS for text in _compared(operation)]
        _submitted(list(dict.fromkeys(forms)), about)


def _compared(operation: Any) -> list[str]:
    """The values that an operation compares with."""
    if not isinstance(operation, Mapping):
        return []
    values = operation.get("values")
    return texts([*(values if isinstance(values, list) else ()), operation.get("value")])


def _referenced(one: Json, of: str, about: About) -> None:
    """Properties that a filter compares with, or that give its moment in time, at any depth."""
    for part in mappings(one):
        compared = part.get("comparisonPropertyName")
        if isinstance(compared, str) and compared:
            about.mention(of, compared, "comparison", "membership")
        moment = part.get("property")
        if part.get("timeType") == "PROPERTY_REFERENCED" and isinstance(moment, str) and moment:
            about.mention(of, moment, "comparison", "membership")


def _rows(one: Json, key: str) -> list[Any]:
    found = one.get(key)
    return found if isinstance(found, list) else []


def _word(kind: str) -> str:
    """A type as a reader is told it: a word, cut short, for it comes from outside."""
    return kind[:40] if kind.replace("_", "").isalnum() else "(none)"


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys left out."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += reversed(list(one.values()))
        elif isinstance(one, list):
            waiting += reversed(one)


def mappings(value: Any) -> Iterator[Json]:
    """Every object in a JSON value, itself first."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield one
            waiting += reversed(list(one.values()))
        elif isinstance(one, list):
            waiting += reversed(one)
