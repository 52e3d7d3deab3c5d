"""One query to one reading: all pages, reconciled with the server's total, as columns.

A mismatch is asked once more and then stands as truncated, with the rows that came; a refusal is a reading too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from simple_salesforce import format_soql

from auditor.snapshot import Reading, Snapshot, Unread, Why
from connectors.protocol import Step, Watch, unwatched
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Query
from connectors.salesforce.client import Client, Page, Refused
from connectors.salesforce.ids import to18
from connectors.salesforce.journal import Journal

NAMES_PER_QUERY = 100
"""So many names fit into one IN list without pushing the address past 16,384 bytes (salesforce 2.1)."""

CATALOGUE_LIMIT = 2000
"""Catalogue objects know no second page (salesforce 2.9)."""


class Reader:
    """Asks the catalogue's queries over one client."""

    def __init__(self, client: Client, watch: Watch = unwatched, journal: Journal | None = None) -> None:
        self._client = client
        self._watch = watch
        self._journal = journal
        self._described: dict[str, list[dict[str, Any]]] = {}

    def each(self, query: Query, names: Sequence[str]) -> Reading:
        """A catalogue query over many objects: chunks of names, paged by DurableId, never by queryMore."""
        tables, unread = [], None
        for chunk in chunks(names, NAMES_PER_QUERY):
            after = ""
            while True:
                where = format_soql(query.where, names=list(chunk))
                if after:
                    where += format_soql(" AND DurableId > {after}", after=after)
                reading, _ = self.read(
                    query, f"{where} ORDER BY DurableId LIMIT {CATALOGUE_LIMIT}", limit=CATALOGUE_LIMIT
                )
                tables.append(reading.table)
                if reading.unread is not None:
                    unread = reading.unread
                    break
                if reading.table.num_rows < CATALOGUE_LIMIT:
                    break
                following = reading.table.column("DurableId")[-1].as_py()
                if following <= after:
                    unread = Unread(Why.TRUNCATED, f"{query.sobject}: a second page repeated the first.")
                    break
                after = following
        return self.joined(query, tables, unread)

    def listed(self, query: Query, names: Sequence[str]) -> Reading:
        """A permission query over a list of names, in chunks."""
        tables, unread, expected, notes = [], None, 0, []
        for chunk in chunks(names, NAMES_PER_QUERY):
            reading, _ = self.read(query, format_soql(query.where, names=list(chunk)))
            tables.append(reading.table)
            expected += reading.expected or 0
            unread = unread or reading.unread
            notes.append(reading.note)
        joined = self.joined(query, tables, unread)
        return replace(joined, expected=expected, note=" ".join(dict.fromkeys(n for n in notes if n)))

    def read(self, query: Query, where: str = "", *, limit: int = 0) -> tuple[Reading, Refused | None]:
        """Ask one query, all pages, and reconcile rows with the server's total.

        A mismatch or a lost cursor is asked once more from the start and then stands as truncated, with the rows
        that came. Where the platform documents hidden rows (salesforce 3.2, Q6), two equal readings from both
        ends count as complete, and the note says so. With `limit`, a full page is not reconciled.
        """
        try:
            columns = self._columns(query)
        except Refused as refused:
            return self.refused(query, refused.unread), refused
        first, refusal = self._once(query, columns, where)
        if _settled(first, refusal, limit):
            return first, refusal
        second, refusal, other_end = self._again(query, columns, where)
        if refusal is not None or _settled(second, refusal, limit):
            return second, refusal
        rows, expected = second.table.num_rows, second.expected or 0
        if other_end and expected > rows and _same_rows(first.table, second.table, query.key):
            note = f"{expected - rows:,} rows counted by the platform are shown to nobody (salesforce Q6)."
            return replace(second, note=note), None
        detail = f"{query.sobject}: {rows:,} of {expected:,} rows arrived."
        return replace(second, unread=Unread(Why.TRUNCATED, detail, "Run again.")), None

    def _again(
        self, query: Query, columns: tuple[cat.Column, ...], where: str
    ) -> tuple[Reading, Refused | None, bool]:
        """The second attempt, and whether it came from the other end.

        It does where rows may be hidden, so that an end that was lost twice cannot look like rows nobody is shown.
        """
        if query.hides_rows:
            asked, limit, most = where.partition(" LIMIT ")
            backwards = f"{asked} ORDER BY Id DESC{limit}{most}".strip()
            reading, refusal = self._once(query, columns, backwards, anew=True)
            if refusal is None:
                return reading, None, True
        return *self._once(query, columns, where, anew=True), False

    def _once(
        self, query: Query, columns: tuple[cat.Column, ...], where: str, *, anew: bool = False
    ) -> tuple[Reading, Refused | None]:
        """One attempt at all pages; columns the platform does not know are left out if they may be missing.

        Unless it is made `anew`, it goes on where a collection that was killed had come to.
        """
        left_out: set[str] = set()
        while True:
            asked = tuple(c for c in columns if c.name not in left_out)
            if not asked:
                return self.joined(query, [], None, 0), None
            if anew and self._journal is not None:
                self._journal.drop(_pull_name(query, _soql(query, asked, where)))
            tables, total, refusal = self._pull(query, asked, where)
            unknown = refusal.column if refusal else ""
            if not any(c.name == unknown and (c.optional or c.hideable) for c in asked):
                break
            left_out.add(unknown)
        hidden = [c.name for c in columns if c.hideable and c.name in left_out]
        unread = refusal.unread if refusal else None
        unread = unread or hidden_columns(query, hidden)
        reading = self.joined(query, tables, unread, total)
        if self._journal is not None:
            reading = replace(reading, note=self._journal.note(_pull_name(query, _soql(query, asked, where))))
        return reading, refusal

    def _pull(
        self, query: Query, asked: tuple[cat.Column, ...], where: str
    ) -> tuple[list[pa.Table], int, Refused | None]:
        """The pages that came, the total the server promised, and what cut the pull short, if anything did."""
        soql, tables, rows, total, mark = _soql(query, asked, where), list[pa.Table](), 0, 0, None
        name = _pull_name(query, soql)
        kept = self._journal.kept(name, query.schema) if self._journal is not None else None
        if kept is not None:
            tables, rows, total = [kept.table], kept.table.num_rows, kept.total
            mark = Page([], total, kept.following)
        try:
            for page in self._client.pages(soql, query.api, going_on=mark):
                tables.append(_table(page.records, asked, query.schema))
                total, rows = page.total, rows + len(page.records)
                if self._journal is not None:
                    self._journal.add(name, tables[-1], total, page.following)
                self._watch(Step(query.name, rows, total, self._client.calls))
        except Refused as refused:
            return tables, total, refused
        except (KeyError, TypeError, AttributeError, ValueError, pa.ArrowException):
            detail = f"{query.sobject}: a row does not have the columns that were asked for."
            return tables, total, Refused(Unread(Why.FAILED, detail))
        return tables, total, None

    def _columns(self, query: Query) -> tuple[cat.Column, ...]:
        """The columns to ask for: optional ones only as far as describe knows them (salesforce trap 15)."""
        if not query.described:
            return query.columns
        known = {f["name"] for f in self.describe_of(query.sobject)}
        return tuple(c for c in query.columns if not c.optional or c.name in known)

    def refused(self, query: Query, unread: Unread) -> Reading:
        """A reading of which nothing arrived, with the query's own remedy unless a better one is known."""
        unread = remedied(unread, query.remedy)
        return Reading.missing(query.name, query.capability, query.schema, unread, _source(query))

    def joined(
        self, query: Query, tables: Sequence[pa.Table], unread: Unread | None, expected: int | None = None
    ) -> Reading:
        """One table of all pages; a row that came twice is kept once, so that it cannot hide a lost one."""
        table = (
            pa.concat_tables([t.unify_dictionaries() for t in tables])
            if tables
            else query.schema.empty_table()
        )
        table = _without_repeats(table.unify_dictionaries(), query.key)
        if unread is not None:
            unread = remedied(unread, query.remedy)
        return Reading(query.name, query.capability, table, unread, expected, _source(query))

    def describe_of(self, sobject: str) -> list[dict[str, Any]]:
        """The fields of a setup object, asked for once."""
        if sobject not in self._described:
            answer = self._client.get(f"sobjects/{sobject}/describe")
            try:
                self._described[sobject] = described_fields(sobject, answer)
            except (KeyError, TypeError, AttributeError):
                raise Refused(
                    Unread(Why.FAILED, f"describe of {sobject}: the answer was not a describe.")
                ) from None
        return self._described[sobject]


def _settled(reading: Reading, refusal: Refused | None, limit: int) -> bool:
    """Whether there is nothing to gain from asking again."""
    if refusal is not None:
        return refusal.code != "INVALID_QUERY_LOCATOR"
    rows = reading.table.num_rows
    return rows == reading.expected or (limit > 0 and rows >= limit)


def hidden_columns(query: Query, names: Sequence[str]) -> Unread | None:
    """Why a reading is not whole when these columns of it are hidden from this user."""
    if not names:
        return None
    return Unread(Why.FORBIDDEN, f"{query.sobject}: {', '.join(names)} hidden.", query.remedy)


def remedied(unread: Unread, remedy: str) -> Unread:
    """With a remedy, unless it has a better one."""
    return unread if unread.remedy else replace(unread, remedy=remedy)


def stored(table: pa.Table) -> pa.Table:
    """Rows that are stored: Modify All Data makes up others, with ids from 000 (salesforce 3.2)."""
    return table.filter(pc.invert(pc.starts_with(table.column("Id"), "000")))


def _pull_name(query: Query, soql: str) -> str:
    return f"{query.api.value} {soql}"


def _source(query: Query) -> str:
    return f"{query.api.value}: {query.sobject}"


def _soql(query: Query, columns: Iterable[cat.Column], where: str) -> str:
    names = ", ".join(c.name for c in columns)
    tail = (
        f" WHERE {where}"
        if where and not where.startswith(("ORDER BY", "LIMIT"))
        else f" {where}"
        if where
        else ""
    )
    return f"SELECT {names} FROM {query.sobject}{tail}"


def _table(records: Sequence[Mapping[str, Any]], asked: Iterable[cat.Column], schema: pa.Schema) -> pa.Table:
    """One page as columns; what was not asked for is null."""
    present = {c.name: c for c in asked}
    arrays = []
    for column in schema:
        if column.name not in present:
            arrays.append(pa.nulls(len(records), column.type))
            continue
        parts = column.name.split(".")
        values = (
            [_at(record, parts) for record in records]
            if len(parts) > 1
            else [r[column.name] for r in records]
        )
        if pa.types.is_dictionary(column.type):
            arrays.append(pa.array(values, pa.string()).dictionary_encode().cast(column.type))
        else:
            arrays.append(pa.array(values, column.type))
    return pa.table(arrays, schema=schema)


def _at(record: Mapping[str, Any], parts: Sequence[str]) -> Any:
    value: Any = record
    for part in parts:
        value = value[part] if value is not None else None
    return value


def _without_repeats(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The first row of each key, in order; keys are compared as numbers, which keeps millions of rows small."""
    if not key or table.num_rows < 2:
        return table
    codes = np.zeros(table.num_rows, dtype=np.int64)
    for name in key:
        column = table.column(name).combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        place = column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)
        codes = codes * (len(column.dictionary) + 1) + place
    first = np.unique(codes, return_index=True)[1]
    return table if len(first) == table.num_rows else table.take(pa.array(np.sort(first)))


def _same_rows(one: pa.Table, other: pa.Table, key: Sequence[str]) -> bool:
    def keys(table: pa.Table) -> set[tuple[Any, ...]]:
        return set(zip(*(table.column(k).to_pylist() for k in key), strict=True))

    return keys(one) == keys(other)


def setting_ids(objects: Sequence[str], snapshot: Snapshot) -> list[str]:
    """The ids of the custom settings among these objects, in both lengths."""
    ids = [
        r["DurableId"]
        for r in snapshot.table(cat.ENTITIES.name).to_pylist()
        if r["IsCustomSetting"] and r["QualifiedApiName"] in objects and r["DurableId"]
    ]
    return sorted({i for full in ids for i in (full, full[:15], to18(full))})


def chunks(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The names in order, so many at a time."""
    for at in range(0, len(names), size):
        yield names[at : at + size]


def described_fields(name: str, answer: Any) -> list[dict[str, Any]]:
    """The parts of a describe we keep; attributes that an older cache or API lacks are null."""
    label = answer.get("label")
    rows = []
    for field in answer["fields"]:
        if not field.get("name"):
            continue
        values = [v["value"] for v in field.get("picklistValues") or [] if v.get("value") is not None]
        row = {c.name: field.get(c.name) for c in cat.DESCRIBE_SCHEMA}
        rows.append({**row, "object": name, "object_label": label, "picklistValues": values})
    return rows
