"""Records past absolute cut-offs, counted by HubSpot's search: counts, dates and ids, never a value (hubspot 6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.retention import RetentionPolicy
from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.hubspot import catalogue as cat
from connectors.hubspot import tables as t
from connectors.hubspot.client import Refused
from connectors.hubspot.reading import Reader, reading
from connectors.hubspot.records import NO_VALUES, found_by
from connectors.hubspot.semantics.moments import moment

Filter = dict[str, str]
Group = list[Filter]

PAGING_CAP = 10_000
"""As many results as one search pages through; a total of exactly so many may be the cap's, not the count (6.2)."""

MOST_GROUPS, MOST_FILTERS, MOST_IN_GROUP, MOST_CHARACTERS = 5, 18, 6, 3000
"""What one search may ask (hubspot 6.2)."""

_DAY = timedelta(days=1)


def iso(at: datetime) -> str:
    """An absolute moment in UTC, as the manifest writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if not at.microsecond else at.isoformat()


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, rounded up, so that `LT` still finds what lies before a fraction of one."""
    return -((datetime(1970, 1, 1, tzinfo=UTC) - at) // timedelta(milliseconds=1))


class RetentionCounts:
    """The counting for every policy of one plan."""

    def __init__(self, reader: Reader, snapshot: Snapshot, tagged: Sequence[str]) -> None:
        self._client = reader.client
        self._reader = reader
        self._tagged = frozenset(tagged)
        self._known = {
            f"{row['object']}.{row['name']}": row
            for name in snapshot.readings
            if t.kind(name) == t.PROPERTIES
            for row in snapshot.table(name).to_pylist()
        }

    def count(self, policy: RetentionPolicy, cutoff: datetime, sample: int) -> Reading:
        """Count one policy's overdue and undatable records, live and archived, with a bounded sample of ids."""
        name = f"{t.RETENTION}:{policy.id}"
        rows: list[dict[str, Any]] = []
        try:
            rows.append(self._live(policy, cutoff, sample))
            if not policy.having:  # of archived records nobody can be asked whether something is set
                rows.append(self._archived(policy, cutoff))
        except Refused as refused:
            return reading(name, rows, self._reason(policy, refused), cat.SEARCH.path)
        return reading(name, rows, None, cat.SEARCH.path)

    # -- live records

    def _live(self, policy: RetentionPolicy, cutoff: datetime, sample: int) -> dict[str, Any]:
        """What search counts; anchors that HubSpot does not know are set in no record and drop out (6.3)."""
        self._refuse_hidden(policy)
        anchors = policy.anchors
        while True:
            groups = self._chain(policy, anchors, cutoff)
            try:
                count, ids = self._found(policy.object, groups, sample)
                undatable, _ = self._found(policy.object, [self._missing(policy, anchors)], 0)
                break
            except Refused as refused:
                left = tuple(a for a in anchors if a not in refused.refusal.properties)
                if len(left) == len(anchors) or "PROPERTY_DOESNT_EXIST" not in refused.refusal.codes:
                    raise
                anchors = left
        oldest, newest = self._ends(policy, anchors, groups) if count else (None, None)
        return self._row(
            policy,
            cutoff,
            "live",
            count,
            undatable=undatable,
            oldest=oldest,
            newest=newest,
            sample=ids,
            query=_compact(groups),
        )

    def _chain(self, policy: RetentionPolicy, anchors: Sequence[str], cutoff: datetime) -> list[Group]:
        """Disjoint groups: each anchor before the cut-off where all anchors before it are missing (6.3)."""
        return [
            [
                *(_absent(earlier) for earlier in anchors[:place]),
                {
                    "propertyName": anchor,
                    "operator": "LT",
                    "value": str(self._bound(policy.object, anchor, cutoff)),
                },
                *_having(policy),
            ]
            for place, anchor in enumerate(anchors)
        ]

    @staticmethod
    def _missing(policy: RetentionPolicy, anchors: Sequence[str]) -> Group:
        return [*(_absent(anchor) for anchor in anchors), *_having(policy)]

    def _bound(self, object_: str, anchor: str, cutoff: datetime) -> int:
        """The value that `LT` compares with: a date counts as its midnight UTC, so part of a day includes that day."""
        utc = cutoff.astimezone(UTC)
        known = self._known.get(f"{object_}.{anchor}")
        if known is not None and known["type"] == "date":
            midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
            utc = midnight if midnight == utc else midnight + _DAY
        return milliseconds(utc)

    def _found(self, object_: str, groups: Sequence[Group], sample: int) -> tuple[int, list[str]]:
        """How many records answer any of these disjoint groups, and the first ids of them."""
        total, ids = 0, list[str]()
        for part in _askable(groups):
            count, found = self._search(object_, part, min(max(1, sample), 200))
            if count == PAGING_CAP:
                count = self._by_windows(object_, part)
            total, ids = total + count, ids + found
        return total, sorted(dict.fromkeys(ids), key=lambda id_: (len(id_), id_))[:sample]

    def _search(
        self,
        object_: str,
        groups: Sequence[Group],
        limit: int,
        sort: str = "hs_object_id",
        *,
        last: bool = False,
    ) -> tuple[int, list[str]]:
        answer = self._client.ask(
            cat.SEARCH, body=_body(groups, sort, NO_VALUES, limit, last=last), type=object_
        )
        return found_by(answer.content, "search")

    def _by_windows(self, object_: str, groups: Sequence[Group]) -> int:
        """The count where a search's total may be capped: of windows of ids, each halved until it is below the cap."""
        lowest, highest = (self._search(object_, groups, 1, last=last)[1] for last in (False, True))
        if not lowest or not highest or not (lowest[0].isdigit() and highest[0].isdigit()):
            detail = f"search of {object_}: the total may be capped, and no window of ids looks past it."
            raise Refused(Unread(Why.TRUNCATED, detail, "Run again.", "FAULT"))
        total, windows = 0, [(int(lowest[0]), int(highest[0]))]
        while windows:
            low, high = windows.pop()
            between = {
                "propertyName": "hs_object_id",
                "operator": "BETWEEN",
                "value": str(low),
                "highValue": str(high),
            }
            parts = _askable([[*group, between] for group in groups])
            counts = [self._search(object_, part, 1)[0] for part in parts]
            if any(count >= PAGING_CAP for count in counts) and low < high:
                middle = (low + high) // 2
                windows += [(low, middle), (middle + 1, high)]
            else:
                total += sum(counts)
        return total

    def _ends(
        self, policy: RetentionPolicy, anchors: Sequence[str], groups: Sequence[Group]
    ) -> tuple[str | None, str | None]:
        """The oldest and newest date, where a single one of HubSpot's own dates decides; others are not asked for."""
        if len(anchors) != 1 or not self._showable(policy.object, anchors[0]):
            return None, None
        found = []
        for last in (False, True):
            body = _body(groups, anchors[0], [anchors[0]], 1, last=last)
            content = self._client.ask(cat.SEARCH, body=body, type=policy.object).content
            found_by(content, "search")
            values = [row.get("properties") for row in content["results"]]
            found.append(
                str(values[0].get(anchors[0]) or "") if values and isinstance(values[0], dict) else ""
            )
        return found[0] or None, found[1] or None

    def _showable(self, object_: str, anchor: str) -> bool:
        """Whether asking for a date serves nothing about anybody's health: HubSpot's own, and nobody tagged it."""
        name = f"{object_}.{anchor}"
        known = self._known.get(name)
        return (
            name not in self._tagged
            and known is not None
            and known["hubspot_defined"]
            and known["sensitivity"] == "non_sensitive"
        )

    # -- archived records

    def _archived(self, policy: RetentionPolicy, cutoff: datetime) -> dict[str, Any]:
        """What the list of archived records holds, page by page; search never shows them (6.2)."""
        for anchor in policy.anchors:
            known = self._known.get(f"{policy.object}.{anchor}")
            level = known["sensitivity"] if known is not None else "non_sensitive"
            if f"{policy.object}.{anchor}" in self._tagged or level != "non_sensitive":
                detail = f"Archived records were not counted, since that would serve values of {anchor}."
                raise Refused(
                    Unread(Why.TRUNCATED, detail, "Let the policy start from another date.", "FAULT")
                )
        count = undatable = 0
        last = ""
        query = {"limit": 100, "archived": "true", "properties": ",".join(policy.anchors)}
        for page in self._reader.pages(cat.RECORDS, query, about=policy.object, type=policy.object):
            for id_, at in _dated(page, policy.anchors):
                if _numbered(id_) <= _numbered(last):
                    continue  # a page that came twice; the list is in the order of ids
                last = id_
                undatable += at is None
                count += at is not None and at < cutoff
        return self._row(policy, cutoff, "archived", count, undatable=undatable)

    # -- results

    def _refuse_hidden(self, policy: RetentionPolicy) -> None:
        """Raise Refused where HubSpot's search cannot look: at highly sensitive properties (6.2)."""
        for name in filter(None, (policy.having, *policy.anchors)):
            known = self._known.get(f"{policy.object}.{name}")
            if known is not None and known["sensitivity"] == "highly_sensitive" and not known["archived"]:
                raise Refused(_not_searchable(name))

    def _reason(self, policy: RetentionPolicy, refused: Refused) -> Unread:
        """Why a policy was not counted in full."""
        if "PROPERTY_DOESNT_EXIST" in refused.refusal.codes:
            lost = ", ".join(refused.refusal.properties) or policy.having
            detail = f"HubSpot lists no property {lost} of {policy.object}."
            return Unread(Why.FAILED, detail, "Look at the policy's properties.", "FAULT")
        return refused.unread

    @staticmethod
    def _row(
        policy: RetentionPolicy,
        cutoff: datetime,
        place: str,
        count: int,
        *,
        undatable: int,
        oldest: str | None = None,
        newest: str | None = None,
        sample: Sequence[str] = (),
        query: str = "",
    ) -> dict[str, Any]:
        return {
            "policy": policy.id,
            "object": policy.object,
            "cutoff": iso(cutoff),
            "place": place,
            "count": count,
            "undatable": undatable,
            "oldest": oldest,
            "newest": newest,
            "sample": list(sample),
            "query": query,
        }


def _absent(name: str) -> Filter:
    return {"propertyName": name, "operator": "NOT_HAS_PROPERTY"}


def _having(policy: RetentionPolicy) -> list[Filter]:
    return [{"propertyName": policy.having, "operator": "HAS_PROPERTY"}] if policy.having else []


def _body(
    groups: Sequence[Group], sort: str, properties: Sequence[str], limit: int, *, last: bool
) -> dict[str, Any]:
    """A search's body; it shows no property but those asked for and the dates HubSpot always adds."""
    return {
        "filterGroups": [{"filters": group} for group in groups if group],
        "sorts": [{"propertyName": sort, "direction": "DESCENDING" if last else "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }


def _askable(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Disjoint groups in as few searches as HubSpot's limits allow. Raises Refused for one that fits into none."""
    part: list[Group] = []
    for group in groups:
        if len(group) > MOST_IN_GROUP:
            raise Refused(
                Unread(
                    Why.NOT_EXPOSED,
                    f"HubSpot's search takes {MOST_IN_GROUP} conditions at most, and the policy needs {len(group)}.",
                    "Give the policy fewer dates.",
                    "NOT_SEARCHABLE",
                )
            )
        if part and not _fits([*part, group]):
            yield part
            part = []
        part.append(group)
    if part:
        yield part


def _fits(groups: Sequence[Group]) -> bool:
    return (
        len(groups) <= MOST_GROUPS
        and sum(map(len, groups)) <= MOST_FILTERS
        and len(_compact(groups)) < MOST_CHARACTERS - 300  # sort, properties and limit
    )


def _compact(groups: Sequence[Group]) -> str:
    return json.dumps(groups, separators=(", ", ": "))


def _dated(page: Sequence[Any], anchors: Sequence[str]) -> Iterator[tuple[str, datetime | None]]:
    """The id of each record of a page, and the first of its anchors that is set."""
    for raw in page:
        try:
            values, id_ = raw["properties"], str(raw["id"])
            written = next((values[a] for a in anchors if values.get(a)), None)
        except (KeyError, TypeError, AttributeError):
            detail = "An archived record came without what HubSpot documents."
            raise Refused(Unread(Why.TRUNCATED, detail, "", "FAULT")) from None
        yield id_, moment(written)


def _numbered(id_: str) -> tuple[int, str]:
    return len(id_), id_


def _not_searchable(name: str) -> Unread:
    return Unread(
        Why.NOT_EXPOSED,
        f"HubSpot's search never looks at highly sensitive properties such as {name}.",
        "Count these records in HubSpot, or let the policy depend on another property.",
        "NOT_SEARCHABLE",
    )
