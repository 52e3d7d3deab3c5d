"""The folder of runs: staging, sealing, mending and removing. A run is in it whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from auditor.errors import AuditorError, ConfigError
from crm_audit.runs import record
from crm_audit.runs.chain import Chain, Event, Kind, flushed
from crm_audit.runs.locks import Note, folder_locked, targets_locked
from crm_audit.runs.record import Record

STAGING = ".staging-"
PRUNED = ".pruned-"
HOLD = ".hold"
_OWNER = "owner.json"

log = structlog.get_logger(__name__)


class Folder:
    """One folder of runs and its chain."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.chain = Chain(self.directory)

    # ── What is there ─────────────────────────────────────────────────────────────────────────────

    def entered(self) -> dict[str, Event]:
        """The runs that should be there, oldest first: those of the chain that were not pruned."""
        found: dict[str, Event] = {}
        for event in self.chain.events():
            if event.kind is Kind.RUN:
                found[event.run] = event
            elif event.kind is Kind.PRUNED:
                found.pop(event.run, None)
        return found

    def present(self) -> list[str]:
        """The names of all folders that look like runs."""
        if not self.directory.is_dir():
            return []
        return sorted(p.name for p in self.directory.iterdir() if p.is_dir() and not p.name.startswith("."))

    def records(self) -> list[Record]:
        """Every entered run that can be read, oldest first."""
        found = []
        for name in self.entered():
            try:
                one = record.read(self.directory / name)
            except ConfigError:
                continue  # `verify` and `status` say so
            found += [one] if one.run == name else []
        return found

    def held(self, name: str) -> bool:
        """Whether somebody put a hold beside a run."""
        return (self.directory / f"{name}{HOLD}").exists()

    # ── One run ───────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def opened(self, note: Note) -> Iterator[Path]:
        """Hold the note's targets, mend what earlier runs left, and yield a place to write a run in.

        Raises AlreadyRunning, and AuditorError with one sentence where the disk refuses.
        """
        with ExitStack() as held:
            with self._told():
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.enter_context(targets_locked(self.directory, note))
                with folder_locked(self.directory):
                    self._mend(note)
                    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=self.directory))
                    held.callback(shutil.rmtree, staging, ignore_errors=True)
                    note.write(staging / _OWNER)
            yield staging / "run"

    def seal(self, staged: Path, made: Record) -> Record:
        """Measure, chain and flush what was staged, and move it to its name.

        Returns the record with its name, files and link. Raises AuditorError: then no run has appeared, or it is whole
        and the next run enters it.
        """
        with self._told(), folder_locked(self.directory):
            name = self._free_name(made.run)
            runs = self._runs()
            made = replace(
                made,
                run=name,
                files=record.files(staged),
                previous=runs[-1].record if runs else "",
            )
            path = staged / record.FILE
            path.touch(mode=0o600)
            path.write_text(made.text(), encoding="ascii")
            for file in (*(staged / f.name for f in made.files), path):
                file.chmod(0o400)
                flushed(file)
            flushed(staged)
            digest = record.sha256(path)
            staged.rename(self.directory / name)
            self._enter(name, made.finished, digest)
        return made

    def note(self, event: Event) -> None:
        """Add an event to the chain. Raises AuditorError where the disk refuses."""
        with self._told(), folder_locked(self.directory):
            self.chain.append(event)

    # ── Retention ─────────────────────────────────────────────────────────────────────────────────

    def prune(self, keep_days: int | None, keep_last: int | None, at: datetime) -> list[str]:
        """Remove the runs that nothing keeps, and return their names; every removal is in the chain before.

        Age counts up to the run before the newest: one night with a wrong clock removes nothing.
        """
        if keep_days is None and keep_last is None:
            return []
        with self._told(), folder_locked(self.directory):
            entered = self.entered()
            known = self.records()
            gone = removable(known, keep_days, keep_last, self.held)
            for name in gone:
                self.chain.append(Event(Kind.PRUNED, at.isoformat(), run=name, record=entered[name].record))
                self._remove(name)
        return gone

    # ── Within the folder's lock ──────────────────────────────────────────────────────────────────

    def _runs(self) -> list[Event]:
        return [event for event in self.chain.events() if event.kind is Kind.RUN]

    def _free_name(self, name: str) -> str:
        taken = {event.run for event in self._runs()} | set(self.present())
        number = 2
        free = name
        while free in taken:
            free, number = f"{name}-{number}", number + 1
        return free

    def _enter(self, name: str, at: str, digest: str) -> None:
        try:
            (self.directory / name).chmod(0o500)
            flushed(self.directory)
            self.chain.append(Event(Kind.RUN, at, run=name, record=digest))
        except OSError as error:
            raise AuditorError(
                f"The run {name} is whole, but could not be entered in {self.chain.path}: {error.strerror}.",
                hint="Check free space and rights of that folder. The next run enters it.",
            ) from error

    def _mend(self, mine: Note) -> None:
        """Finish or clear what a run that was stopped left behind, and say so in the log."""
        if self.chain.mend():
            log.warning("mended the chain", detail="Its last line was not written to the end.")
        for path in self.directory.glob(f"{STAGING}*"):
            owner = Note.read(path / _OWNER)
            # Whoever ran one of my targets has ended, as I hold its lock.
            if owner is None or owner.dead or set(owner.targets) & set(mine.targets):
                self._clear(path)
                log.warning("cleared a run that was stopped", path=path.name, detail=str(owner or "no note"))
        for path in self.directory.glob(f"{PRUNED}*"):
            self._clear(path)
        self._adopt()
        pruned = {event.run for event in self.chain.events() if event.kind is Kind.PRUNED}
        for name in pruned.intersection(self.present()):
            if self.held(name):
                continue  # somebody brought it back, and wants it kept
            self._remove(name)
            log.warning("finished removing a run", path=name)

    def _adopt(self) -> None:
        """Enter a whole run that was stopped between its name and its line in the chain."""
        runs = self._runs()
        known, last = {event.run for event in runs}, runs[-1].record if runs else ""
        for name in self.present():
            path = self.directory / name
            if name in known or not (path / record.FILE).is_file():
                continue
            try:
                found = record.read(path)
            except ConfigError:
                continue  # not one of ours; `verify` says so
            if found.run == name and found.previous == last and found.files == record.files(path):
                self._enter(name, found.finished, record.sha256(path / record.FILE))
                log.warning("entered a run that was stopped at its last step", path=name)
                return

    def _remove(self, name: str) -> None:
        path = self.directory / name
        path.chmod(0o700)
        hidden = self.directory / f"{PRUNED}{name}"
        path.rename(hidden)
        self._clear(hidden)

    @staticmethod
    def _clear(path: Path) -> None:
        for inner in (path, *(p for p in path.rglob("*") if p.is_dir())):
            inner.chmod(0o700)
        shutil.rmtree(path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the file system says into one sentence."""
        try:
            yield
        except OSError as error:
            raise AuditorError(
                f"The run could not be kept in {self.directory}: {error.strerror or error}.",
                hint="Check free space and rights of that folder. Earlier runs are as they were.",
            ) from error


def removable(
    known: Sequence[Record], keep_days: int | None, keep_last: int | None, held: Callable[[str], bool]
) -> list[str]:
    """Name the runs that nothing keeps: neither age nor number, no hold, not a target's latest complete one.

    `known` is oldest first, and what one of two bounds keeps is kept.
    """
    if len(known) < 2:
        return []
    latest = {t.name: r.run for r in known for t in r.targets if t.complete}
    kept = set(latest.values()) | {known[-1].run}
    if keep_last is not None:
        kept |= {r.run for r in known[-keep_last:]}
    if keep_days is not None:
        until = datetime.fromisoformat(known[-2].finished) - timedelta(days=keep_days)
        kept |= {r.run for r in known if datetime.fromisoformat(r.finished) >= until}
    return [r.run for r in known if r.run not in kept and not held(r.run)]


def stamp(moment: datetime) -> str:
    """Name a run by the moment it began, in UTC."""
    return f"{moment:%Y%m%dT%H%M%SZ}"
