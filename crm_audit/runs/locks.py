"""One run per target at a time: a lock that the system takes from a process that died, and a note of who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from auditor.errors import AlreadyRunning

FOLDER = ".locks"
PATIENCE = 30
"""Seconds to wait for the folder itself, which a run holds for moments only."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """Who runs: machine, process, since when (ISO 8601, UTC), and of what."""

    host: str
    pid: int
    since: str
    targets: tuple[str, ...]

    @classmethod
    def of(cls, since: str, targets: Sequence[str]) -> Note:
        """Note this process."""
        return cls(socket.gethostname(), os.getpid(), since, tuple(targets))

    @classmethod
    def read(cls, path: Path) -> Note | None:
        """Read a note; None where there is none, or none that can be read."""
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(row["host"]), int(row["pid"]), str(row["since"]), tuple(row["targets"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Leave the note; it appears whole. Raises OSError."""
        fresh = path.with_name(f"{path.name}.{self.pid}")
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        fresh.replace(path)

    @property
    def here(self) -> bool:
        """Whether the process is one of this machine."""
        return self.host == socket.gethostname()

    @property
    def dead(self) -> bool:
        """Whether the process is known to have ended; of another machine's, nothing is known."""
        if not self.here or os.name != "posix":  # elsewhere, asking would end the process
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


@contextmanager
def targets_locked(directory: Path, note: Note) -> Iterator[None]:
    """Hold every target of the note while the block runs.

    Raises AlreadyRunning with the holder's name, OSError where locks cannot be written.
    """
    folder = directory / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:
        for target in sorted(note.targets):
            held.enter_context(_locked(folder, target, note))
        yield


@contextmanager
def folder_locked(directory: Path) -> Iterator[None]:
    """Hold the folder itself, for the moments in which its runs and its chain change."""
    folder = directory / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with FileLock(folder / "folder.lock", timeout=PATIENCE, mode=0o600):
            yield
    except Timeout:
        raise AlreadyRunning(
            f"Another process has held {directory} for more than {PATIENCE} seconds.",
            hint="Look for a crm-audit that hangs.",
        ) from None


@contextmanager
def _locked(folder: Path, target: str, note: Note) -> Iterator[None]:
    path = folder / f"{target}.json"
    lock = FileLock(folder / f"{target}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(
            f"A run of {target} is under way: {Note.read(path) or 'its holder left no note'}.",
            hint="Wait until it has ended, or end it. Nothing was read and nothing was changed.",
        ) from None
    try:
        _look_at(Note.read(path), target, path)
        note.write(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        lock.release()


def _look_at(left: Note | None, target: str, path: Path) -> None:
    """Take over what a process of this machine left; of another machine's, nothing can be known from here."""
    if left is None:
        return
    if not left.here:
        raise AlreadyRunning(
            f"A run of {target} was begun by {left}, and whether it has ended cannot be seen from here.",
            hint=f"Look on {left.host}. If nothing runs there, remove {path} and run again.",
        )
    log.warning("took over a lock", target=target, detail=f"{left} ended without giving it back.")
