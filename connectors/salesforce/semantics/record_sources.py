"""The records of each object as columns: who owns them, with whom they are shared, which parents they follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.planes import Flags, Index
from auditor.snapshot import Snapshot
from connectors.salesforce import catalogue as cat

Postings = Mapping[str, Index]
"""Rows of an object by the user or group they belong to."""

_NOTHING: Flags = np.zeros(0, dtype=bool)


@dataclass(slots=True)
class Listed:
    """One object: what its records are, as far as they were read.

    `owners`, `staff` and `guests` lead from users and groups to rows: owned; owned or shared; owned or shared by a
    guest rule. `slots` are (parent object, rows, position of the parent or -1), `orphans` the rows without any
    parent, `unresolved` those with a parent of which nobody can say what it is.
    """

    name: str
    asked: bool
    prefix: str
    internal: str
    external: str
    master: bool
    follows: tuple[tuple[str, tuple[str, ...]], ...]
    listing: str
    total: int | None
    recorded: int | None
    shares: str
    problem: str
    rows: int = 0
    weights: Index | None = None
    ids: dict[str, int] = field(default_factory=dict)
    owners: Postings = field(default_factory=dict)
    staff: Postings = field(default_factory=dict)
    guests: Postings = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    slots: tuple[tuple[str, Index, Index], ...] = ()
    orphans: Flags = field(default_factory=lambda: _NOTHING)
    unresolved: Flags = field(default_factory=lambda: _NOTHING)

    @property
    def ready(self) -> bool:
        """Whether there are rows to judge by."""
        return self.listing in {"rows", "owners"}

    @property
    def grouped(self) -> bool:
        """Whether rows stand for all records of one owner."""
        return self.listing == "owners"

    @property
    def hidden(self) -> bool:
        """Whether the platform counts more records than the auditing user is shown."""
        return self.recorded is not None and self.total is not None and self.recorded > self.total

    @property
    def shares_unread(self) -> bool:
        """Whether shares could not be read."""
        return self.shares == "unread"

    def count(self, bits: Flags) -> int:
        """How many records these rows are."""
        return int(np.count_nonzero(bits) if self.weights is None else self.weights[bits].sum())


def listed(snapshot: Snapshot) -> dict[str, Listed]:
    """Every object of the reading `record sources`, with its rows."""
    found = {}
    for row in snapshot.table(cat.RECORD_SOURCES).to_pylist():
        found[str(row["object"])] = Listed(
            name=row["object"],
            asked=bool(row["asked"]),
            prefix=row["prefix"] or "",
            internal=row["internal"] or "",
            external=row["external"] or "",
            master=bool(row["master"]),
            follows=tuple((f["field"], tuple(f["targets"] or ())) for f in row["follows"] or ()),
            listing=row["listing"],
            total=row["total"],
            recorded=row["recorded"],
            shares=row["shares"],
            problem=row["problem"] or "",
        )
    records, shares = snapshot.table(cat.RECORDS), snapshot.table(cat.RECORD_SHARES)
    parents: dict[str, list[list[str | None]]] = {}
    for each in found.values():
        if each.ready:
            rows = _of(records, each.name)
            _own(each, rows)
            _share(each, _of(shares, each.name))
            parents[each.name] = rows.column("parents").to_pylist()
    for each in found.values():
        if each.ready and each.follows:
            _follow(each, parents[each.name], found)
    return found


def _of(table: pa.Table, name: str) -> pa.Table:
    if not table.num_rows:
        return table
    return table.filter(pc.equal(table.column("object").cast(pa.string()), name))


def _own(each: Listed, rows: pa.Table) -> None:
    each.rows = rows.num_rows
    if each.grouped:
        each.weights = np.array(rows.column("count").to_pylist(), dtype=np.int64)
    else:
        each.ids = {i: at for at, i in enumerate(rows.column("Id").to_pylist())}
    found: dict[str, list[int]] = defaultdict(list)
    for at, owner in enumerate(rows.column("OwnerId").to_pylist()):
        if owner:
            found[owner].append(at)
    each.owners = each.staff = each.guests = _postings(found)
    each.keys = frozenset(found)


def _share(each: Listed, rows: pa.Table) -> None:
    """R4, R6: staff by any share that gives something, guests by guest rules only."""
    staff: dict[str, list[int]] = {k: v.tolist() for k, v in each.owners.items()}
    guests = {k: list(v) for k, v in staff.items()}
    if not rows.num_rows:
        return
    columns = [rows.column(n).to_pylist() for n in ("RecordId", "UserOrGroupId", "RowCause", "AccessLevel")]
    for record, holder, cause, level in zip(*columns, strict=True):
        at = each.ids.get(record)
        if at is None or not holder:
            continue
        if level != "None":
            staff.setdefault(holder, []).append(at)
        if cause == "GuestRule":
            guests.setdefault(holder, []).append(at)
    each.staff, each.guests = _postings(staff), _postings(guests)
    each.keys = frozenset(staff) | frozenset(guests)


def _postings(rows: Mapping[str, Sequence[int]]) -> dict[str, Index]:
    return {key: np.unique(np.array(at, dtype=np.int64)) for key, at in rows.items()}


def _follow(each: Listed, parents: Sequence[Sequence[str | None]], found: Mapping[str, Listed]) -> None:
    """Where each row's parents are; a lookup with several targets is told by the prefix of the id."""
    each.orphans, each.unresolved = np.ones(each.rows, dtype=bool), np.zeros(each.rows, dtype=bool)
    by_prefix = {other.prefix: other.name for other in found.values() if other.prefix}
    at: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for row, keys in enumerate(parents):
        for (_, targets), key in zip(each.follows, keys, strict=True):
            if not key:
                continue
            each.orphans[row] = False
            target = targets[0] if len(targets) == 1 else by_prefix.get(key[:3], "")
            if target not in targets:
                each.unresolved[row] = True
                continue
            rows, places = at[target]
            rows.append(row)
            places.append(found[target].ids.get(key, -1) if target in found else -1)
    each.slots = tuple(
        (target, np.array(rows, dtype=np.int64), np.array(places, dtype=np.int64))
        for target, (rows, places) in at.items()
    )
