"""HubSpot's forms, lists, workflows and e-mails as the neutral surfaces of the leak graph (portal-fixture 5.10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.phi import Tag
from auditor.snapshot import Snapshot
from auditor.surfaces import (
    ANY_FORM,
    Asked,
    Asset,
    AssetKind,
    Consent,
    Leaks,
    Link,
    Mention,
    Place,
    Sign,
    Sink,
    SinkKind,
    Surfaces,
    Told,
)
from connectors.hubspot import tables as t
from connectors.hubspot.assets import CUSTOM
from connectors.hubspot.filters import ANY
from connectors.hubspot.semantics.people import users

Row = Mapping[str, Any]
_TABLES = {
    AssetKind.FORM: t.FORMS,
    AssetKind.LIST: t.LISTS,
    AssetKind.FLOW: t.FLOWS,
    AssetKind.EMAIL: t.EMAILS,
}
_FEEDS = {"email": AssetKind.EMAIL, "to_list": AssetKind.LIST, "to_flow": AssetKind.FLOW}
"""Links that lead on from an asset; the others lead to it."""


def surfaces(snapshot: Snapshot, tags: Mapping[str, Tag]) -> Surfaces:
    """Every asset at work, paused or drafted, with the tagged properties it names and what it feeds.

    Archived forms and deleted lists are none. A name without an object is that of the asset's own object if one is
    tagged there, otherwise of every object where one is.
    """
    rows = [
        (kind, row)
        for kind, table in _TABLES.items()
        for row in snapshot.table(table).to_pylist()
        if not row.get("archived")
    ]
    called = _Called(snapshot)
    assets = {asset.key: asset for asset in (_asset(kind, row, called) for kind, row in rows)}
    by_name: dict[str, list[str]] = defaultdict(list)
    for name in sorted(tags):
        by_name[name.partition(".")[2]].append(name)
    return Surfaces(
        assets=assets,
        mentions=tuple(m for kind, row in rows for m in _mentions(f"{kind}:{row['id']}", row, tags, by_name)),
        links=tuple(dict.fromkeys(link for kind, row in rows for link in _links(kind, row, called))),
        sinks=tuple(
            Sink(f"{kind}:{row['id']}", one["step"], SinkKind(one["kind"]), one["where"])
            for kind, row in rows
            for one in row.get("sinks") or ()
        ),
        signs=tuple(
            Sign(f"{kind}:{row['id']}", one["place"], one["phi_class"], one["term"])
            for kind, row in rows
            for one in row["signs"] or ()
        ),
        unparsed=_unparsed(snapshot),
    )


class _Called:
    """What is known of users, subscriptions and older list ids by id."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.users = {user.id: user.name for user in users(snapshot)}
        self.subscriptions: dict[str, str] = {
            row["id"]: row["name"] or row["id"] for row in snapshot.table(t.SUBSCRIPTIONS).to_pylist()
        }
        self.lists = {row["legacy_id"]: row["id"] for row in snapshot.table(t.LIST_IDS).to_pylist()}


def _asset(kind: AssetKind, row: Row, called: _Called) -> Asset:
    told: list[Told] = []
    state, consent = "", Consent.UNKNOWN
    match kind:
        case AssetKind.FORM:
            consent = Consent(row["consent"] or "unknown")
            told += _about_form(row, called)
        case AssetKind.LIST:
            state = "paused" if row["status"] == "PAUSED" else ""
            state = "snapshot" if row["kind"] == "SNAPSHOT" else state
        case AssetKind.FLOW:
            state = "disabled" if row["enabled"] is False else ""
            if row["other_actions"]:
                others = tuple(sorted(row["other_actions"]))
                told.append(Told("other steps", ", ".join(others), others))
        case AssetKind.EMAIL:
            drafted = row["published"] is False or (row["state"] or "").startswith("DRAFT")
            state = "draft" if drafted else ""
            if row["subscription"]:
                sent = str(row["subscription"])
                told.append(Told("sent as", called.subscriptions.get(sent, sent), (sent,)))
    return Asset(
        kind,
        row["id"],
        row["name"] or row["id"],
        row.get("object") or "",
        state,
        row.get("size"),
        consent,
        tuple(told),
    )


def _about_form(row: Row, called: _Called) -> Iterator[Told]:
    # in the order of ids: what HubSpot lists in another order tonight is no other state of a finding
    ids = tuple(sorted(set(row["notified"] or ())))
    notified = [called.users.get(one, one) for one in ids]
    if row["notifies_owner"]:
        notified.append("the owner of the contact")
        ids = (*ids, "owner")
    if notified:
        yield Told("each answer is e-mailed to", ", ".join(notified), ids)
    if row["prefilled"]:
        yield Told("known answers", "are filled in again for whoever comes back")
    if row["subscriptions"]:
        ids = tuple(sorted(set(row["subscriptions"])))
        yield Told("one may subscribe to", ", ".join(called.subscriptions.get(one, one) for one in ids), ids)


def _mentions(
    asset: str, row: Row, tags: Mapping[str, Tag], by_name: Mapping[str, list[str]]
) -> Iterator[Mention]:
    for one in row["mentions"] or ():
        named = f"{one['object']}.{one['property']}"
        found = [named] if one["object"] and named in tags else []
        if one["object"] == CUSTOM:
            called = by_name.get(one["property"], [])
            found = [name for name in called if name.startswith(CUSTOM)] or called
        if not one["object"]:
            own = f"{row.get('object') or 'contacts'}.{one['property']}"
            found = [own] if own in tags else by_name.get(one["property"], [])
        for name in found:
            yield Mention(
                asset,
                name,
                Place(one["place"]),
                Leaks(one["leaks"]),
                one["step"] or "",
                bool(one["generic"]),
                Asked(one["asked"] or "always"),
                one["question"] or "",
            )


def _links(kind: AssetKind, row: Row, called: _Called) -> Iterator[Link]:
    key = f"{kind}:{row['id']}"
    for one in row["links"] or ():
        if one["kind"] in _FEEDS:
            other = _FEEDS[one["kind"]]
            yield Link(key, f"{other}:{one['id']}", one["how"], further=other is AssetKind.FLOW)
        elif one["kind"] == "form":
            yield Link(ANY_FORM if one["id"] == ANY else f"form:{one['id']}", key, one["how"])
        else:
            yield Link(f"list:{one['id']}", key, one["how"])
    for legacy in row.get("legacy_lists") or ():
        if legacy in called.lists:
            yield Link(f"list:{called.lists[legacy]}", key, "decides who is sent")


def _unparsed(snapshot: Snapshot) -> dict[str, str]:
    """Assets that were not shown or not fully understood, each with why."""
    found = {
        f"{t.kind(name)}:{name.partition(':')[2]}": one.unread.detail
        for name, one in snapshot.readings.items()
        if t.kind(name) in {t.LIST, t.FLOW} and one.unread is not None
    }
    for kind in (AssetKind.FORM, AssetKind.EMAIL):
        for row in snapshot.table(_TABLES[kind]).to_pylist():
            if row["unparsed"] and not row.get("archived"):
                found[f"{kind}:{row['id']}"] = f"There is {', '.join(row['unparsed'])}."
    return found
