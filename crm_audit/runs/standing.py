"""Whether the nightly job still works: per target the last run, the last complete one, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.retention import RetentionPolicy
from auditor.wording import several
from crm_audit.config import Runs
from crm_audit.runs.chain import Event, Kind, Told
from crm_audit.runs.folder import Folder
from crm_audit.runs.news import told_of
from crm_audit.runs.record import Record

OVERDUE = 7
"""The exit code when there is no recent complete run, or the last attempt or alert failed."""

SLACK = timedelta(minutes=5)
"""How far the clock may be behind the last run: machines agree no better than that."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target stands: its last run and its last complete one, None where there is none."""

    target: str
    last: Record | None
    complete: Record | None


@dataclass(frozen=True, slots=True)
class Status:
    """How everything stands; `problems` are sentences, and without any all is as it should be."""

    standings: tuple[Standing, ...]
    kept: int
    held: int
    head: str
    problems: tuple[str, ...]


def status(folder: Folder, runs: Runs, targets: Sequence[str], now: datetime, *, alerting: bool) -> Status:
    """Look at the folder of runs, without computing digests."""
    known = folder.records()
    events = folder.chain.events()
    standings = tuple(_standing(known, target) for target in targets)
    problems = [p for standing in standings for p in _wrong(standing, runs, events, now)]
    problems += [f"{name} is in the chain, and cannot be read." for name in _lost(folder, known)]
    if alerting and known:
        problems += _untold(known[-1], told_of(events))
    lines = folder.chain.lines()
    held = sum(folder.held(record.run) for record in known)
    return Status(standings, len(known), held, lines[-1].digest if lines else "", tuple(problems))


def told(record: Record | None, now: datetime) -> str:
    """Say which run it was, how it ended and how long ago, in days and hours."""
    if record is None:
        return "none"
    hours = int((now - datetime.fromisoformat(record.finished)).total_seconds() // 3600)
    age = f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h"
    return f"{record.run}, exit code {record.exit_code}, {age} ago"


def _standing(known: Sequence[Record], target: str) -> Standing:
    own = [(record, read) for record in known if (read := record.target(target))]
    complete = [record for record, read in own if read.complete]
    return Standing(target, own[-1][0] if own else None, complete[-1] if complete else None)


def _wrong(standing: Standing, runs: Runs, events: Sequence[Event], now: datetime) -> Iterator[str]:
    name, last, complete = standing.target, standing.last, standing.complete
    if attempt := _failure_since(last, name, events):
        yield (
            f"{name}: The last attempt, {attempt.at}, ended with exit code {attempt.exit_code} and without a run."
        )
    if last and (read := last.target(name)) and not read.complete:
        yield f"{name}: The last run, {last.run}, could not read everything ({several(read.unread, 'reading')})."
    if complete is None:
        yield f"{name}: There is no complete run."
        return
    finished = datetime.fromisoformat(complete.finished)
    if finished > now + SLACK:
        yield f"{name}: The clock is behind {complete.run}, so nobody can say how old it is."
    elif finished < RetentionPolicy("", "", "", runs.max_age).cutoff_at(now):
        yield f"{name}: The last complete run, {complete.run}, is older than {runs.max_age}."


def _failure_since(last: Record | None, target: str, events: Sequence[Event]) -> Event | None:
    """The last attempt without a run, if no run of the target came after it."""
    own = [
        e
        for e in events
        if (e.kind is Kind.FAILED and target in e.targets)
        or (e.kind is Kind.RUN and last is not None and e.run == last.run)
    ]
    return own[-1] if own and own[-1].kind is Kind.FAILED else None


def _untold(last: Record, told: dict[str, Told]) -> Iterator[str]:
    outcome = told.get(last.run)
    if outcome is Told.FAILED:
        yield f"The alert of {last.run} could not be sent; the next run tries again."
    elif outcome is None:
        yield f"{last.run} ended before its alert; the next run tells it."


def _lost(folder: Folder, known: Sequence[Record]) -> list[str]:
    readable = {record.run for record in known}
    return [name for name in folder.entered() if name not in readable]
