"""`chain.jsonl`: what happened to a folder of runs, one line per event, each tied to the line before by its digest."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

FILE = "chain.jsonl"
_NAME = re.compile(r"(\d{8}T\d{6}Z(-\d+)?)?")


class Kind(StrEnum):
    """What happened."""

    RUN = "run"
    FAILED = "failed"
    TOLD = "told"
    PRUNED = "pruned"


class Told(StrEnum):
    """What became of a run's alert."""

    SENT = "sent"
    NOTHING = "nothing new"
    NOBODY = "nobody to tell"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line: what happened when (ISO 8601, UTC), to which run, and what `run.json` then had as its SHA-256.

    `targets` and `exit_code` tell of an attempt without a run, `told` of an alert.
    """

    kind: Kind
    at: str
    run: str = ""
    record: str = ""
    targets: tuple[str, ...] = ()
    exit_code: int = 0
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands: its event if it is one, the digest it names, and its own."""

    number: int
    event: Event | None
    previous: str
    digest: str


class Chain:
    """The file, read anew for each question; whoever appends holds the lock of the folder."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE

    def lines(self) -> list[Line]:
        """Every whole line, also those that are none of ours. A line without its end was never written."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        return [_line(number, raw) for number, raw in enumerate(content.split(b"\n")[:-1], 1)]

    def events(self) -> list[Event]:
        """What happened, oldest first."""
        return [line.event for line in self.lines() if line.event]

    def append(self, event: Event) -> None:
        """Write one line and wait until it is on the disk. Raises OSError; the file is then as it was."""
        lines = self.lines()
        row = {**asdict(event), "previous": lines[-1].digest if lines else ""}
        text = json.dumps({key: value for key, value in row.items() if value or key == "previous"})
        fresh = not self.path.exists()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            before = os.fstat(handle).st_size
            try:
                _write(handle, text.encode("ascii") + b"\n")
                os.fsync(handle)
            except OSError:
                with suppress(OSError):  # `mend` does it, if the disk does not even allow this
                    os.ftruncate(handle, before)
                raise
        finally:
            os.close(handle)
        if fresh:
            flushed(self.path.parent)

    def torn(self) -> bool:
        """Whether the last line was not written to its end."""
        content = self.path.read_bytes() if self.path.exists() else b""
        return bool(content) and not content.endswith(b"\n")

    def mend(self) -> bool:
        """Take off a last line that was not written to its end; True if there was one."""
        if not self.torn():
            return False
        with self.path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
            os.fsync(file.fileno())
        return True


def flushed(path: Path) -> None:
    """Wait until a file or a folder is on the disk; where folders cannot be opened, they need no waiting."""
    if os.name != "posix" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _line(number: int, raw: bytes) -> Line:
    digest = hashlib.sha256(raw).hexdigest()
    try:
        row = json.loads(raw)
        previous = row.pop("previous")
        told = row.pop("told", None)
        event = Event(
            Kind(row.pop("kind")),
            targets=tuple(row.pop("targets", ())),
            told=Told(told) if told else None,
            **row,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Line(number, None, "", digest)
    whole = all(isinstance(text, str) for text in (event.at, event.run, event.record, previous))
    if not whole or not isinstance(event.exit_code, int) or not _NAME.fullmatch(event.run):
        return Line(number, None, "", digest)
    return Line(number, event, previous, digest)
