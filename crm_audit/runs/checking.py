"""Whether the past is as it was: every file, run and link computed again, and a sentence for each that differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.errors import ConfigError
from crm_audit.runs import chain, record
from crm_audit.runs.chain import Event, Kind
from crm_audit.runs.folder import Folder
from reports.inert import one_line

CHANGED = 6
"""The exit code when something is not as it was written."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at and what differs. `head` is the digest everything before it depends on."""

    runs: int
    files: int
    pruned: int
    head: str
    problems: tuple[str, ...]


def check(folder: Folder, head: str = "") -> Checked:
    """Compute everything again; `head` is one that was noted earlier, in full or its beginning.

    Raises ConfigError for a folder that holds no runs.
    """
    if not folder.chain.path.is_file() and not any(_has_record(folder, name) for name in folder.present()):
        raise ConfigError(
            f"{folder.directory} holds no runs.", hint="Name the folder of `runs` in the configuration."
        )
    try:
        return _check(folder, head)
    except OSError as error:
        raise ConfigError(
            f"{error.filename or folder.directory} cannot be read: {error.strerror}.",
            hint="Run verify as the account that owns the runs.",
        ) from None


def _check(folder: Folder, head: str) -> Checked:
    lines = folder.chain.lines()
    entered = folder.entered()
    problems = [
        *_chain(folder, lines),
        *_links(folder, entered),
        *(one_line(p) for name, event in entered.items() for p in _run(folder, name, event)),
        *(one_line(p) for p in _strangers(folder)),
    ]
    if head and not any(line.digest.startswith(head.lower()) for line in lines):
        problems.append(
            f"The head {one_line(head)} is not part of the chain: its past was rewritten or cut off."
        )
    files = sum(p.is_file() for name in entered for p in (folder.directory / name).rglob("*"))
    pruned = sum(event.kind is Kind.PRUNED for event in folder.chain.events())
    return Checked(len(entered), files, pruned, lines[-1].digest if lines else "", tuple(problems))


def _chain(folder: Folder, lines: list[chain.Line]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line.event is None:
            yield f"{chain.FILE}:{line.number}: This line is not an event."
        elif line.previous != before:
            yield f"{chain.FILE}:{line.number}: The link to the line before is broken."
        before = line.digest
    yield from _removals(lines)
    if folder.chain.torn():
        yield f"{chain.FILE}: The last line was not written to its end; the next run mends it."


def _removals(lines: list[chain.Line]) -> Iterator[str]:
    """A removal names a run as the chain has it, and never the newest one: the program removes no other."""
    records: dict[str, str] = {}
    for line in lines:
        event = line.event
        if event is None:
            continue
        if event.kind is Kind.RUN:
            records[event.run] = event.record
        elif event.kind is Kind.PRUNED and (
            records.get(event.run) != event.record or event.run == next(reversed(records), "")
        ):
            yield f"{chain.FILE}:{line.number}: This program would not have removed {one_line(event.run)}."


def _links(folder: Folder, entered: dict[str, Event]) -> Iterator[str]:
    """Follow `previous` from run to run, over those that were removed: the chain knows their digests."""
    before = ""
    for event in folder.chain.events():
        if event.kind is not Kind.RUN:
            continue
        if event.run in entered:
            try:
                found = record.read(folder.directory / event.run)
                if found.previous != before:
                    yield f"{event.run}: The link to the run before is broken."
            except ConfigError:
                pass  # missing or changed, which has a sentence of its own
        before = event.record


def _run(folder: Folder, name: str, event: Event) -> Iterator[str]:
    path = folder.directory / name
    if not path.is_dir():
        yield f"{name}: The run is missing."
        return
    if not (path / record.FILE).is_file():
        yield f"{name}: {record.FILE} is missing."
        return
    if record.sha256(path / record.FILE) != event.record:
        yield f"{name}: {record.FILE} was changed."
    try:
        named = {file.name: file for file in record.read(path).files}
    except ConfigError as error:
        yield f"{name}: {error.message}"
        return
    found = {file.name: file for file in record.files(path)}
    for file in sorted(named.keys() | found.keys()):
        if file not in found:
            yield f"{name}: {file} is missing."
        elif file not in named:
            yield f"{name}: {file} is one too many."
        elif found[file] != named[file]:
            yield f"{name}: {file} was changed."


def _strangers(folder: Folder) -> Iterator[str]:
    """Find folders that the chain does not know, or knows as removed."""
    events = folder.chain.events()
    pruned = {event.run for event in events if event.kind is Kind.PRUNED}
    known = {event.run for event in events if event.kind is Kind.RUN}
    for name in folder.present():
        if name in pruned:
            yield f"{name}: The run was removed, and is still or again there; the next run removes it."
        elif name not in known:
            yield (
                f"{name}: The chain does not know this folder. A run that was stopped at its last step is entered by "
                "the next run."
            )


def _has_record(folder: Folder, name: str) -> bool:
    return (folder.directory / name / record.FILE).is_file()
