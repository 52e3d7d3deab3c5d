"""Sampling values, where somebody asked for it: what is wanted, and from a page of records to counts.

A value lives as long as the page it came with. Counts leave this module, and the names of fields; whatever a recogniser
raises is reported by its type, since its message may repeat a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa
import structlog

from auditor.snapshot import Capability, Reading, Snapshot, Unread, Why
from auditor.wording import several

log = structlog.get_logger(__name__)

SAMPLES = "samples"
"""The readings' name before the colon; after it stands the object."""

SCHEMA = pa.schema(
    [
        ("object", pa.string()),
        ("field", pa.string()),
        ("form", pa.string()),  # empty in the row that says how many values there were
        ("hits", pa.int64()),
        ("seen", pa.int64()),
    ]
)

MOST_ROWS = 200
LONGEST_FIELD = 255
"""Characters; a field that holds more is for free text, which never is one code, so it is not read."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What may be sampled: objects one by one, how many records of each, and the fields nobody decided about.

    `count` tells how many of some values have each form; `now` is the clock.
    """

    objects: tuple[str, ...]
    rows: int
    undecided: frozenset[str]
    count: Callable[[Sequence[str]], Mapping[str, int]]
    now: Callable[[], datetime]


@runtime_checkable
class Sampler(Protocol):
    """A connector that can sample values."""

    def sample(self, snapshot: Snapshot, wanted: Sampling) -> Snapshot:
        """Add one reading of counts for each object, complete or with the reason why not."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a sample of one object came to: rows of counts, how many records came, and what was missing."""

    rows: tuple[Mapping[str, Any], ...] = ()
    came: int = 0
    unread: Unread | None = None
    hidden: tuple[str, ...] = ()


def name_of(object_: str) -> str:
    """The name of the reading about one object."""
    return f"{SAMPLES}:{object_}"


def counted(
    object_: str, fields: Sequence[str], records: Sequence[Mapping[str, Any]], wanted: Sampling
) -> Counted:
    """Look through records, and keep of them how many values each field had, and how many had which form."""
    rows = []
    try:
        for name in fields:
            values = [text for record in records if (text := str(record.get(name) or "").strip())]
            hits = {"": 0, **wanted.count(values)}
            rows += [
                {"object": object_, "field": name, "form": form, "hits": found, "seen": len(values)}
                for form, found in hits.items()
            ]
    except Exception as error:  # noqa: BLE001 - whatever it is, its message may repeat a value
        detail = f"{object_}: the sampled values could not be looked through ({type(error).__name__})."
        return Counted(came=len(records), unread=Unread(Why.FAILED, detail))
    return Counted(tuple(rows), len(records))


def together(parts: Iterable[Counted]) -> Counted:
    """Several parts of one object, each with other fields of about the same records."""
    whole = Counted()
    for part in parts:
        whole = Counted(
            (*whole.rows, *part.rows),
            max(whole.came, part.came),
            whole.unread or part.unread,
            (*whole.hidden, *part.hidden),
        )
    return whole


def sampled(
    object_: str, fields: Sequence[str], wanted: Sampling, found: Counted, source: str, remedy: str
) -> Reading:
    """The reading of one object, whose note is the record of what was read; logged as well."""
    unread = found.unread or not_shown(object_, found.hidden)
    if unread is not None and not unread.remedy:
        unread = replace(unread, remedy=remedy)
    read = [name for name in fields if name not in found.hidden]
    log.info("values sampled", object=object_, fields=", ".join(read), asked=wanted.rows, rows=found.came)
    note = (
        f"Values of {', '.join(read)} were looked at in {several(found.came, 'record')}, of up to {wanted.rows} that "
        f"were asked for at {wanted.now():%Y-%m-%d %H:%M} UTC. Only counts were kept."
        if read
        else ""
    )
    table = pa.Table.from_pylist(list(found.rows), schema=SCHEMA)
    return Reading(name_of(object_), Capability.VALUES, table, unread, None, source, note)


def not_shown(object_: str, hidden: Sequence[str], remedy: str = "") -> Unread | None:
    """Why a sample lacks fields that this credential is not shown."""
    if not hidden:
        return None
    return Unread(Why.FORBIDDEN, f"{object_}: {', '.join(hidden)} not shown to this credential.", remedy)


def with_samples(snapshot: Snapshot, samples: Iterable[Reading]) -> Snapshot:
    """A snapshot with more readings."""
    return replace(snapshot, readings={**snapshot.readings, **{one.name: one for one in samples}})


def nothing_to_read(object_: str, source: str, unread: Unread | None) -> Reading:
    """The reading of an object without fields to sample, for a reason or because all are decided or of other types."""
    note = (
        ""
        if unread is not None
        else f"{object_} has no undecided field that could hold a code; nothing was read."
    )
    return Reading(name_of(object_), Capability.VALUES, SCHEMA.empty_table(), unread, None, source, note)
