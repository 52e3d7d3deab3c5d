"""Rows of forms, lists, workflows and e-mails: what each asks for, filters by, prints or sends (hubspot 5.1 to 5.5).

Pure functions of HubSpot's JSON. Names of properties, ids and counts are kept, and questions as they are asked; no
default, no option, no literal of a filter, no text of a message, and of an outside address the host alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.catalogue import key_of
from connectors.hubspot.filters import (
    About,
    Recognise,
    mappings,
    recognises_nothing,
    strings,
    walk,
)
from connectors.hubspot.hosts import host_of
from connectors.hubspot.rows import Json, Row, flag, needed, text, texts

TOKEN_OBJECTS = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
CUSTOM = "2-"
"""Stands for whichever custom object has a property that a token names: a token has the object's name, not its id."""
_TOKEN = re.compile(
    r"(?<![\w.])(?:(contact|company|deal|ticket)(?:\.|\[\s*[\"'])(\w+)"
    r"|custom\w*(?:\.\w+)*?\.(\w+)(?!\w|\.\w))"
)
_PRINTED = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_FETCHED = re.compile(r"(?:\w+\.)*(\w+)")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_ENROLLED = re.compile(r"\benrolled_object\.(\w+)")

_ENROLMENTS = frozenset({"LIST_BASED", "EVENT_BASED", "MANUAL", "DATASET"})
_ACTIONS = frozenset(
    {"SINGLE_CONNECTION", "LIST_BRANCH", "STATIC_BRANCH", "AB_TEST_BRANCH", "CUSTOM_CODE", "WEBHOOK"}
)
_BY_TYPE = {
    "0-3": "task",
    "0-8": "staff_email",
    "0-9": "notification",
    "0-14": "record",
    "0-30": "ads",
    "0-46510720": "sequence",
    "0-40900952": "sms",
    "0-169425243": "note",
}
_OWN_PROPERTY = frozenset(
    {("propertyName", "OBJECT_PROPERTY"), ("appendPropertyName", "APPEND_OBJECT_PROPERTY")}
)
_SEND_EMAIL, _ADD_TO_LIST, _ENROL = "0-4", "0-63809083", "0-15"
_SILENT = frozenset(
    {"0-1", "0-2", "0-5", "0-11", "0-31", "0-35", "0-63863438", "0-43347357"}
)  # wait, go on, set, rotate, status, remove: nothing leaves by them
_CONSENT = {
    "none": "none",
    "legitimate_interest": "legitimate_interest",
    "implicit_consent_to_process": "implicit",
    "explicit_consent_to_process": "explicit",
}


@dataclass(frozen=True, slots=True)
class Parser:
    """Makes rows; `known` are the names of the portal's properties, `recognise` finds health words in texts."""

    known: frozenset[str] = frozenset()
    recognise: Recognise = recognises_nothing

    # -- forms

    def form(self, raw: Json) -> Row:
        """One form with every field it can ask for, at any depth and to whomever (5.1)."""
        about = About()
        configuration = _object(raw.get("configuration"))
        consent = _object(raw.get("legalConsentOptions"))
        self._fields(raw, about)
        about.sign("name", raw.get("name"), self.recognise)
        return {
            "id": needed(raw, "id"),
            "name": text(raw.get("name")),
            "kind": text(raw.get("formType")),
            "archived": raw.get("archived") is True,
            "consent": _CONSENT.get(text(consent.get("type")) or "none", "unknown"),
            "subscriptions": _subscriptions(consent),
            "notified": texts(configuration.get("notifyRecipients")),
            "notifies_owner": flag(configuration.get("notifyContactOwner")),
            "prefilled": flag(configuration.get("prePopulateKnownValues")),
            **about.rows(),
        }

    def _fields(self, raw: Json, about: About) -> None:
        groups = raw.get("fieldGroups")
        if not isinstance(groups, list) or any(
            not isinstance(group, Mapping) or not isinstance(group.get("fields", []), list)
            for group in groups
        ):
            about.not_parsed("a group of questions that HubSpot does not show")
        waiting = [
            (one, "returning" if group.get("groupType") in {"progressive", "queued"} else "always")
            for group in _objects(groups)
            for one in _objects(group.get("fields"))
        ][::-1]
        while waiting:
            one, asked = waiting.pop()
            name = text(one.get("name"))
            if not name:
                about.not_parsed("a question without a field")
                continue
            hidden = one.get("hidden") is True
            about.mention(
                key_of(text(one.get("objectTypeId")) or "0-1"),
                name,
                "question",
                "value",
                asked="hidden" if hidden else asked,
                question=text(one.get("label")) or "",
            )
            if hidden:
                for default in strings([one.get("defaultValues"), one.get("defaultValue")]):
                    about.sign("hidden default", default, self.recognise)
            waiting += [
                (_object(below.get("dependentField")), "dependent")
                for below in reversed(_objects(one.get("dependentFields")))
            ]

    # -- lists

    def list_row(self, raw: Json, detail: Json | None) -> Row:
        """One list as the search shows it, with what its filters are about as far as they were shown (5.3)."""
        about = About()
        object_ = key_of(text(raw.get("objectTypeId")) or "0-1")
        tree = detail.get("filterBranch") if detail is not None else None
        if tree is not None:
            walk(tree, object_, about, known=self.known, recognise=self.recognise)
        more = _object(raw.get("additionalProperties"))
        folder = text(more.get("hs_folder_name")) or text(raw.get("hs_folder_name"))
        about.sign("name", raw.get("name"), self.recognise)
        about.sign("folder", folder, self.recognise)
        return {
            "id": needed(raw, "listId"),
            "name": text(raw.get("name")),
            "object": object_,
            "kind": text(raw.get("processingType")),
            "status": text(raw.get("processingStatus")),
            "size": _number(
                more.get("hs_list_size", raw.get("hs_list_size")), (detail or {}).get("size"), raw.get("size")
            ),
            **about.rows(),
        }

    # -- workflows

    def flow(self, raw: Json, detail: Json | None) -> Row:
        """One workflow as the listing has it, with what its steps use and send as far as that was shown (5.4)."""
        about = About()
        shown: Json = {**(detail or {}), **{key: value for key, value in raw.items() if value is not None}}
        object_ = key_of(text(shown.get("objectTypeId")) or "0-1")
        sinks: list[Row] = []
        others: dict[str, None] = {}
        if detail is not None:
            self._flow(detail, object_, about, sinks, others)
        about.sign("name", shown.get("name"), self.recognise)
        return {
            "id": needed(raw, "id"),
            "name": text(shown.get("name")),
            "kind": text(shown.get("flowType")),
            "object": object_,
            "enabled": flag(shown.get("isEnabled")),
            "sinks": sinks,
            "other_actions": list(others),
            **about.rows(),
        }

    def _flow(
        self, detail: Json, object_: str, about: About, sinks: list[Row], others: dict[str, None]
    ) -> None:
        enrolment = detail.get("enrollmentCriteria")
        kind = text(_object(enrolment).get("type"))
        if enrolment is not None and kind not in _ENROLMENTS:
            about.not_parsed("an enrolment of a type nobody knows")
        for listed in texts(detail.get("suppressionListIds")):
            about.link("list", listed, "decides who is left out of")
        actions = detail.get("actions")
        if not isinstance(actions, list) and (actions is not None or enrolment is None):
            about.not_parsed("a step that HubSpot does not show")
        rest = {key: value for key, value in detail.items() if key not in {"actions", "suppressionListIds"}}
        self._part(rest, object_, about, step="")
        for action in actions if isinstance(actions, list) else ():
            if not isinstance(action, Mapping):
                about.not_parsed("a step that is none")
                continue
            self._action(action, object_, about, sinks, others)

    def _action(
        self, action: Json, object_: str, about: About, sinks: list[Row], others: dict[str, None]
    ) -> None:
        kind, step = text(action.get("type")) or "", text(action.get("actionId")) or ""
        type_id = text(action.get("actionTypeId")) or ""
        fields = _object(action.get("fields"))
        sink, where = _BY_TYPE.get(type_id, ""), ""
        if kind not in _ACTIONS:
            about.not_parsed("a step of a type nobody knows")
        elif kind == "WEBHOOK":
            sink, where = "webhook", host_of(action.get("webhookUrl"))
            written = _PRINTED.sub(" ", text(action.get("webhookUrl")) or "")
            about.sign("web address", written, self.recognise)
        elif kind == "CUSTOM_CODE":
            sink = "code"
        if type_id == _SEND_EMAIL:
            for email in texts([fields.get("content_id")]):
                about.link("email", email, "sends")
        elif type_id == _ADD_TO_LIST:
            for listed in texts([fields.get("listId")]):
                about.link("to_list", listed, "adds people to")
        elif type_id == _ENROL:
            for flow in texts([fields.get("flow_id"), fields.get("flowId"), fields.get("workflow_id")]):
                about.link("to_flow", flow, "enrols people in")
        elif kind == "SINGLE_CONNECTION" and not sink and type_id not in _SILENT:
            others.setdefault(type_id)
        if sink:
            sinks.append({"step": step, "kind": sink, "where": where})
        for branch in _objects(action.get("listBranches")):
            about.sign("branch name", branch.get("branchName"), self.recognise)
        self._part(action, object_, about, step=step)

    def _part(self, part: Json, object_: str, about: About, *, step: str) -> None:
        """Filter trees, value objects, tokens and code of one part; as a net, each text that is a property's name."""
        waiting: list[Any] = [part]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                self._said(one, object_, about, step)
            elif isinstance(one, list):
                waiting += reversed(one)
            elif isinstance(one, Mapping):
                if "filterType" in one:
                    self._tree({"filterBranchType": "AND", "filters": [one]}, object_, about)
                    continue
                if "filterBranchType" in one or "filterBranches" in one:
                    self._tree(one, object_, about)
                    continue
                waiting += reversed(
                    [
                        value
                        for key, value in one.items()
                        if not self._typed(key, value, one, object_, about, step)
                    ]
                )

    def _tree(self, tree: Json, object_: str, about: About) -> None:
        """A filter tree; names that stand in it where nobody looks for any are caught by the net too."""
        walk(tree, object_, about, known=self.known, recognise=self.recognise)
        placed = {row["property"] for row in about.mentions.values()}
        for said in strings(tree):
            if said in self.known and said not in placed:
                about.mention("", said, "string", "membership", generic=True)

    def _typed(self, key: str, value: Any, within: Json, object_: str, about: About, step: str) -> bool:
        """Note a name at a place that is known to hold one; whether there was one."""
        if not isinstance(value, str) or not value:
            return False
        kind = within.get("type")
        if (key, kind) in _OWN_PROPERTY:
            about.mention(object_, value, "value", "value", step=step)
        elif key == "propertyToken" and kind == "FETCHED_OBJECT_PROPERTY":
            # what follows the name may be a default
            named = _FETCHED.findall(value)
            for name in named[:1]:
                about.mention("", name, "value", "value", step=step, generic=True)
        elif key == "sourceCode":
            for name in dict.fromkeys(_IDENTIFIER.findall(value)):
                if name in self.known:
                    about.mention("", name, "code", "value", step=step, generic=True)
        else:
            return False
        return True

    def _said(self, said: str, object_: str, about: About, step: str) -> None:
        leaks = "value" if step else "membership"
        if said in self.known:
            about.mention("", said, "string", leaks, step=step, generic=True)
        for name in _ENROLLED.findall(said):
            about.mention(object_, name, "token", "value", step=step)
        for object_of, name in tokens(said):
            about.mention(object_of, name, "token", "value", step=step, generic=object_of == CUSTOM)
        for printed in _PRINTED.findall(said):
            named = {row["property"] for row in about.mentions.values() if row["step"] == step}
            for name in dict.fromkeys(_IDENTIFIER.findall(printed)):
                if name in self.known and name not in named:
                    about.mention("", name, "token", "value", step=step, generic=True)

    # -- e-mails

    def email(self, raw: Json) -> Row:
        """One marketing e-mail: the properties it prints and the lists it goes to (5.5)."""
        about = About()
        for said in strings({key: value for key, value in raw.items() if key != "to"}):
            for object_, name in tokens(said):
                about.mention(object_, name, "token", "value", generic=object_ == CUSTOM)
        if not isinstance(raw.get("content"), Mapping):
            about.not_parsed("a text that HubSpot does not show")
        smart = _object(raw.get("content")).get("smartFields")
        for said in strings(smart):
            if said in self.known:
                about.mention("", said, "string", "membership", generic=True)
        to = _object(raw.get("to"))
        for listed in texts(_object(to.get("contactIlsLists")).get("include")):
            about.link("list", listed, "decides who is sent")
        for place in ("name", "subject"):
            about.sign(place, _PRINTED.sub(" ", text(raw.get(place)) or ""), self.recognise)
        about.sign("campaign", raw.get("campaignName"), self.recognise)
        subscription = _object(raw.get("subscriptionDetails"))
        return {
            "id": needed(raw, "id"),
            "name": text(raw.get("name")),
            "kind": text(raw.get("type")),
            "state": text(raw.get("state")),
            "published": flag(raw.get("isPublished")),
            "subscription": text(subscription.get("subscriptionId")),
            "legacy_lists": texts(_object(to.get("contactLists")).get("include")),
            **about.rows(),
        }


def tokens(said: str) -> Iterator[tuple[str, str]]:
    """The personalisation tokens of a text, as object (`CUSTOM` for one of the portal's own) and property."""
    for object_, name, last in _TOKEN.findall(said):
        yield TOKEN_OBJECTS.get(object_, CUSTOM), name or last


def _subscriptions(consent: Json) -> list[str]:
    """Ids of what somebody subscribes to by sending a form."""
    boxes = [one.get("subscriptionTypeId") for one in mappings(consent) if "subscriptionTypeId" in one]
    listed = consent.get("subscriptionTypeIds")
    return list(dict.fromkeys(texts([*boxes, *(listed if isinstance(listed, list) else ())])))


def _object(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _number(*candidates: Any) -> int | None:
    """The first that is a count; HubSpot writes some as text."""
    for value in candidates:
        if isinstance(value, bool):
            continue
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            return int(value)
    return None
