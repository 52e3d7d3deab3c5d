"""Readings from pages of rows: whole, in part, or refused; what arrived stays, and what did not is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from auditor.snapshot import Reading, Unread, Why
from auditor.wording import several
from connectors.protocol import Step, Watch, unwatched
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.catalogue import Question
from connectors.tryton.client import Client, Refused
from connectors.tryton.rows import MADE, MALFORMED, number

Row = Mapping[str, Any]

_NEVER_EMPTY = (cat.MODELS, cat.FIELDS, cat.USERS, cat.RECORD_RULES)
"""Tables that have rows in every database: the models that hold them, the user who asks, and Tryton's own rules."""


class Reader:
    """Asks the catalogue's questions over one client."""

    def __init__(self, client: Client, watch: Watch = unwatched) -> None:
        self.client = client
        self._watch = watch

    def table(self, question: Question) -> Reading:
        """A reading of every row of a table, compared with Tryton's own count of them."""
        rows: list[Row] = []
        unread, odd, expected = None, 0, None
        try:
            expected = self.count(question)
            for page in self._pages(question):
                for raw in page:
                    try:
                        rows.append(MADE[question.reading](raw))
                    except MALFORMED:
                        odd += 1
                self._watch(Step(question.reading, len(rows), expected, self.client.calls))
        except Refused as refused:
            unread = refused.unread
        if odd and unread is None:
            detail = f"{question.reading}: {several(odd, 'row')} came without what was asked for."
            unread = Unread(Why.TRUNCATED, detail)
        if unread is None and expected is not None and len(rows) < expected:
            detail = f"{question.reading}: {len(rows):,} of {expected:,} rows arrived."
            unread = Unread(Why.TRUNCATED, detail, "Run again, when nobody changes rights or users.")
        if unread is None and not rows and question in _NEVER_EMPTY:
            detail = f"{question.reading}: none is shown, and every database has some."
            unread = Unread(Why.FAILED, detail, "Look at what the auditing user is shown.")
        return reading(question.reading, rows, unread, question.model, expected=expected)

    def count(self, question: Question) -> int:
        """How many rows a table has. Raises Refused."""
        return self.counted(question.count, [], question.reading)

    def counted(self, method: str, conditions: Sequence[Any], what: str) -> int:
        """A count. Raises Refused where it is none."""
        found = self.client.ask(method, cat.count_of(conditions), what=what)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 1 << 62:
            raise Refused(Unread(Why.FAILED, f"{what}: the answer is not a count.", "Run again."))
        return found

    def _pages(self, question: Question) -> Iterator[list[Any]]:
        """All pages in the order of ids; raises Refused for one that is out of order, came twice or is too long.

        Each page begins after the last id of the one before, so that rows which come and go meanwhile shift nothing.
        """
        last = -1
        while True:
            page = self.client.ask(question.method, cat.read_page(question, last), what=question.reading)
            if not isinstance(page, list):
                raise Refused(_odd(question.reading))
            try:
                ids = [number(raw["id"]) for raw in page]
            except MALFORMED:
                raise Refused(_odd(question.reading)) from None
            if len(page) > cat.PAGE or any(b <= a for a, b in zip([last, *ids], ids, strict=False)):
                detail = f"{question.reading}: a page came twice or out of order."
                raise Refused(Unread(Why.FAILED, detail, "Run again."))
            yield page
            if len(page) < cat.PAGE:
                return
            last = ids[-1]


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


def _odd(what: str) -> Unread:
    return Unread(Why.FAILED, f"{what}: the answer is not a page of rows.", "Run again.")
