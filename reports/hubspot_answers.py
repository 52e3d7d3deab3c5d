"""Rename what `audit.json` holds about one HubSpot portal to the sections of portal-fixture 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = dict[str, Any]

_WORDS = {"yes": "ALLOW", "no": "DENY"}
_WIDTH = {"DENY": 0, "UNKNOWN": 1, "ALLOW": 2}
_AREAS = frozenset(
    {
        "users",
        "roles",
        "teams",
        "team_tree",
        "crm_users",
        "owners",
        "schemas",
        "properties",
        "records",
        "record_reach",
        "lists",
        "list",
        "forms",
        "flows",
        "flow",
        "emails",
        "audit_log",
        "subscriptions",
        "retention",
    }
)
"""What coverage speaks of; what comes before the colon of an area about one thing."""

_REASONS = {
    "forbidden": "MISSING_SCOPES",
    "not_licensed": "NOT_ON_TIER",
    "not_exposed": "NOT_AVAILABLE",
}
_TOKEN = "token"  # noqa: S105 - the id under which the auditor's own token appears


def answers(system: Mapping[str, Any], kinds: Mapping[str, str] | None = None) -> Document:
    """The sections about one portal: what is PHI, who may see it, what was counted, and what was not read.

    `kinds` has the words of fields that were given with the tags; of others the class of the taxonomy is told.
    """
    derived = {one["field"] for one in system["derived"] or ()}
    judged = {row["field"] for row in system["verdicts"]}
    given = [tag for tag in system["tags"] if tag["field"] not in derived]
    told = kinds or {}
    active = [t for t in given if t["field"] in judged and not t["archived"]]
    phi = {t["field"]: told.get(t["field"], t["phi_class"]) for t in active}
    expect = [row for row in _expect(system) if f"{row['object']}.{row['property']}" in phi]
    return {
        "phi": phi,
        "archived_phi": sorted(tag["field"] for tag in given if tag["archived"]),
        "marketing": sorted(system["marketing"]),
        "absent": sorted(system["absent"]),
        "expect": expect,
        "republishes": list(_republishes(system, phi)),
        "retention": [_retention(one) for one in system["retention"]],
        "surfaces": list(_surfaces(system["surfaces"] or (), phi)),
        "signals": [_signal(one) for one in system["signs"] or ()],
        "coverage": list(_coverage(system)),
    }


def _expect(system: Mapping[str, Any]) -> Iterator[Document]:
    """One row for each listed user and property, and for the auditor's own token."""
    for row in system["verdicts"]:
        of, _, name = row["field"].partition(".")
        for person in row["people"]:
            yield {
                "user": person,
                "object": of,
                "property": name,
                "view": _word(row["read"]),
                "edit": _word(row["edit"]),
                "rule": row["rule"],
                "reach": row["records"],
                "path": row["path"],
            }


def _word(verdict: str) -> str:
    return _WORDS.get(verdict, "UNKNOWN")


def _republishes(system: Mapping[str, Any], phi: Mapping[str, str]) -> Iterator[Document]:
    """Properties computed from listed PHI that somebody may see more surely than what they are computed from (R19)."""
    views: dict[str, dict[str, int]] = {}
    for row in system["verdicts"]:
        for person in row["people"]:
            if person != _TOKEN:
                views.setdefault(row["field"], {})[person] = _WIDTH[_word(row["read"])]
    pairs = {(step["to"], step["from"]) for step in system["steps"] if step["from"] in phi}
    for carrier, source in sorted(pairs):
        seen, held = views.get(carrier, {}), views.get(source, {})
        if any(width > held.get(person, width) for person, width in seen.items()):
            yield {"property": carrier, "from": source}


def _surfaces(rows: Sequence[Document], phi: Mapping[str, str]) -> Iterator[Document]:
    """Every asset that is about listed PHI by documented hops, with the way back to one that names it (5.10)."""
    previous = {(row["asset"], row["field"]): row["previous"] for row in rows}
    for row in rows:
        if row["field"] not in phi or row["further"]:
            continue
        via, nearer = [], row["previous"]
        while nearer:
            via.append(nearer)
            nearer = previous[nearer, row["field"]]
        yield {"kind": row["kind"], "id": row["id"], "property": row["field"], "via": via}


def _signal(one: Mapping[str, Any]) -> Document:
    """A health word as the asset's name spells it, otherwise as the vocabulary does."""
    kind, _, id_ = one["asset"].partition(":")
    at = one["label"].casefold().find(one["term"].casefold())
    text = one["label"][at : at + len(one["term"])] if at >= 0 else one["term"]
    return {"kind": kind, "id": id_, "text": text}


def _retention(one: Mapping[str, Any]) -> Document:
    """Live records of one policy, and deleted ones that are still listed; a count that is not whole is no count."""
    whole = one["complete"]
    return {
        "policy": one["policy"],
        "total": one["live"] if whole else None,
        "undatable": one["undecided"] if whole else None,
        "archived": one["archived"] + one["recycle_bin"] if whole else None,
    }


def _coverage(system: Mapping[str, Any]) -> Iterator[Document]:
    """Every area that was not read in full, and why."""
    for reading in sorted(system["readings"], key=lambda one: str(one["name"])):
        if reading["complete"] or reading["name"].partition(":")[0] not in _AREAS:
            continue
        yield {
            "area": reading["name"],
            "status": "partial" if reading["why"] == "truncated" else "not_audited",
            "reason": reading["code"] or _REASONS.get(reading["why"], "FAULT"),
        }
