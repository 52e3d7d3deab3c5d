"""Readings from pages of answers: whole, in part, or refused; what arrived stays, and what did not is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from auditor.snapshot import Reading, Unread, Why
from auditor.wording import several
from connectors.hubspot import tables as t
from connectors.hubspot.answers import Answer
from connectors.hubspot.catalogue import Call
from connectors.hubspot.client import Client, Refused
from connectors.protocol import Step, Watch, unwatched

Row = Mapping[str, Any]
MALFORMED = (KeyError, TypeError, AttributeError, ValueError)
"""What reading a row raises that does not have what HubSpot documents."""


def _as_said(refused: Refused) -> Unread:
    return refused.unread


class Reader:
    """Asks the catalogue's calls over one client."""

    def __init__(self, client: Client, watch: Watch = unwatched) -> None:
        self.client = client
        self._watch = watch

    def listed(
        self,
        name: str,
        call: Call,
        made: Callable[[Row], Row],
        queries: Sequence[Row] = ({},),
        *,
        key: str = "id",
        explained: Callable[[Refused], Unread] = _as_said,
        about: str = "",
        **parts: str,
    ) -> Reading:
        """A reading of all pages of a call, asked once for each query; rows with a known key are kept once.

        `explained` says why a call was refused where its status tells more about this one than about others.
        """
        batches = (page for query in queries for page in self.pages(call, query, about=about, **parts))
        return self.gathered(name, call, made, batches, key=key, explained=explained)

    def gathered(
        self,
        name: str,
        call: Call,
        made: Callable[[Row], Row],
        batches: Iterable[Sequence[Any]],
        *,
        key: str = "id",
        explained: Callable[[Refused], Unread] = _as_said,
    ) -> Reading:
        """A reading of batches of JSON rows; one that cannot be read makes it incomplete and is left out.

        Without a key every row is one of its own.
        """
        rows: dict[Any, Row] = {}
        unread, odd = None, 0
        try:
            for batch in batches:
                for raw in batch:
                    try:
                        row = made(raw)
                    except MALFORMED:
                        odd += 1
                        continue
                    rows.setdefault(row[key] if key else len(rows), row)
                self._watch(Step(name, len(rows), None, self.client.calls))
        except Refused as refused:
            unread = explained(refused)
        if odd and unread is None:
            detail = f"{name}: {several(odd, 'row')} came without what HubSpot documents."
            unread = Unread(Why.TRUNCATED, detail, "", "FAULT")
        return reading(name, list(rows.values()), unread, call.path)

    def pages(self, call: Call, query: Row, *, about: str = "", **parts: str) -> Iterator[list[Any]]:
        """All pages of a call by HubSpot's cursors; raises Refused where they are not whole.

        A cursor seen before is refused: a truncated list is never returned as if it were complete.
        """
        after, seen = "", set[str]()
        while True:
            asked = {**query, "after": after} if after else query
            answer = self.client.ask(call, asked, about=about, **parts)
            rows, after = page_of(answer, call.name)
            yield rows
            if not answer.whole:
                raise Refused(_cut(f"{call.name}: some rows failed on HubSpot's side."))
            if not after:
                return
            if after in seen:
                raise Refused(_cut(f"{call.name}: the cursor to the next page leads nowhere new."))
            seen.add(after)

    def offsets(self, call: Call, rows_in: str, body: Row) -> Iterator[list[Any]]:
        """All pages of a call that counts rows instead of using cursors (hubspot 5.3)."""
        offset = 0
        while True:
            content = self.client.ask(call, body={**body, "offset": offset}).content
            rows = content.get(rows_in) if isinstance(content, dict) else None
            if not isinstance(rows, list) or not isinstance(content.get("hasMore"), bool):
                raise Refused(_odd(call.name))
            yield rows
            if not content["hasMore"]:
                return
            following = content.get("offset")
            if not isinstance(following, int) or following <= offset:
                raise Refused(_cut(f"{call.name}: the offset of the next page leads nowhere new."))
            offset = following


def page_of(answer: Answer, what: str) -> tuple[list[Any], str]:
    """The rows of a page and the cursor to the next one, if any; raises Refused if it is no page."""
    content = answer.content
    if not isinstance(content, dict) or not isinstance(content.get("results"), list):
        raise Refused(_odd(what))
    paging = content.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    if not following:
        return content["results"], ""
    after = following.get("after") if isinstance(following, dict) else None
    if not isinstance(after, str | int) or after == "":
        raise Refused(_cut(f"{what}: a page says that there is more, but not where."))
    return content["results"], str(after)


def reading(
    name: str,
    rows: Sequence[Row],
    unread: Unread | None,
    source: str,
    *,
    note: str = "",
    expected: int | None = None,
) -> Reading:
    """The reading of these rows. Of a failed one some of which arrived, only part is missing."""
    table = pa.Table.from_pylist(list(rows), schema=t.schema(name))
    if unread is not None and unread.why is Why.FAILED and rows:
        unread = replace(unread, why=Why.TRUNCATED)
    return Reading(name, t.CAPABILITY[t.kind(name)], table, unread, expected, source, note)


def missing(name: str, unread: Unread, source: str = "") -> Reading:
    """A reading of which nothing arrived."""
    if unread.why is Why.TRUNCATED:
        unread = replace(unread, why=Why.FAILED)
    return Reading.missing(name, t.CAPABILITY[t.kind(name)], t.schema(name), unread, source)


def _cut(detail: str) -> Unread:
    return Unread(Why.TRUNCATED, detail, "Run again.", "FAULT")


def _odd(what: str) -> Unread:
    return Unread(Why.FAILED, f"{what}: the answer is not a page of rows.", "Run again.", "FAULT")
