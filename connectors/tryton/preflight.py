"""What an account can and cannot read, table by table, and how many calls a run would need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.snapshot import Snapshot, Unread
from auditor.wording import several
from connectors.protocol import Plan
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.client import Client, Refused
from connectors.tryton.hidden import hidden
from connectors.tryton.reading import Reader

NO_GROUP = (
    "An account with no group at all reads every one of these tables, and nothing is lent to it by a group."
)


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether one reading can be had: how many rows it has, how many calls that takes, or why not."""

    name: str
    needs: str
    rows: int | None
    calls: int
    unread: Unread | None
    note: str = ""


def preflight(client: Client, snapshot: Snapshot, plan: Plan) -> tuple[Probe, ...]:
    """Count the rows of each table. `snapshot` holds the schema step, which has already been made."""
    return tuple(_probes(client, snapshot, plan))


def expected_calls(made: int, probes: Sequence[Probe]) -> int:
    """Calls of a whole run: those of the schema step, and those of each further table."""
    return made + sum(probe.calls for probe in probes)


def _probes(client: Client, snapshot: Snapshot, plan: Plan) -> Iterator[Probe]:
    models = {question.reading: question.model for question in cat.QUESTIONS}
    for reading in snapshot.readings.values():
        note = _advice(snapshot) if reading.name == t.SESSION and reading.complete else reading.note
        yield Probe(
            reading.name, models.get(reading.name, ""), reading.table.num_rows, 0, reading.unread, note
        )
    reader = Reader(client)
    for question in cat.COLLECTED:
        try:
            rows = reader.count(question)
        except Refused as refused:
            yield Probe(question.reading, question.model, None, 0, refused.unread)
            continue
        calls = 2 + rows // cat.PAGE
        yield Probe(question.reading, question.model, rows, calls, hidden(snapshot, question))
    for policy, _ in plan.retention:
        calls = 2 * (1 + len(policy.anchors))
        yield Probe(f"{t.RETENTION}:{policy.id}", policy.object, None, calls, None)


def _advice(snapshot: Snapshot) -> str:
    """What the account could do without."""
    groups = snapshot.table(t.SESSION).to_pylist()[0]["groups"]
    return f"The account is in {several(len(groups), 'group')}. {NO_GROUP}" if groups else ""
