"""The pages of long pulls, kept on disk until the collection is whole, so that one that was killed goes on.

A cursor lives two days on the platform (salesforce 2.1). What is kept is what a snapshot holds: metadata, ids and
permissions, never a value.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import structlog

log = structlog.get_logger(__name__)

LIFE = timedelta(hours=6)
"""How old a pull may be and still be continued: within the life of its cursors, and never the night before."""

PAGES_AT_ONCE = 10
"""So many pages are written together; at most these are asked again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The part of a pull that was read: its rows, the total promised, and the link to go on (empty: all of it)."""

    table: pa.Table
    total: int
    following: str


class Journal:
    """The long pulls of one collection by their queries, in a folder of its own that only this user may read.

    A journal of another org, user, version or of long ago is thrown away. What cannot be written is not kept, and
    stops nothing.
    """

    def __init__(self, folder: Path, identity: str, now: datetime) -> None:
        self._folder = folder
        self._began = now
        self._parts: dict[str, int] = {}
        self._held: dict[str, list[pa.Table]] = {}
        self._continued: set[str] = set()
        self._usable = True
        if not self._continues(identity, now):
            self.close()
            self._write(folder / "journal.json", {"identity": identity, "began": now.isoformat()})

    def _continues(self, identity: str, now: datetime) -> bool:
        try:
            told = json.loads((self._folder / "journal.json").read_text(encoding="utf-8"))
            began = datetime.fromisoformat(told["began"])
            good = bool(told["identity"] == identity) and timedelta(0) <= now - began <= LIFE
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if good:
            self._began = began
        return good

    def kept(self, pull: str, schema: pa.Schema) -> Kept | None:
        """What is there of one pull; None if there is nothing that can be used."""
        place = self._place(pull)
        try:
            told = json.loads((place / "pull.json").read_text(encoding="utf-8"))
            tables = [_read(place / f"{part}.arrow") for part in range(told["parts"])]
            table = pa.concat_tables(tables)
            total, following = int(told["total"]), str(told["following"])
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            return None
        if not table.schema.equals(schema) or not following:
            return None  # only a cursor goes on by itself; a pull that was whole is old and asked anew
        self._parts[pull] = told["parts"]
        self._continued.add(pull)
        return Kept(table, total, following)

    def note(self, pull: str) -> str:
        """What a reader of this reading should know: that it was not read in one go."""
        return (
            f"Continued from a collection that began {self._began:%Y-%m-%d %H:%M} UTC."
            if pull in self._continued
            else ""
        )

    def add(self, pull: str, page: pa.Table, total: int, following: str) -> None:
        """Take in one page; short pulls leave nothing behind."""
        held = self._held.setdefault(pull, [])
        held.append(page)
        long = pull in self._parts or len(held) > 1
        if not self._usable or not long or (following and len(held) < PAGES_AT_ONCE):
            return
        place, part = self._place(pull), self._parts.get(pull, 0)
        table = pa.concat_tables([t.unify_dictionaries() for t in held]).unify_dictionaries()
        self._parts[pull] = part + 1
        held.clear()
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (
                pa.OSFile(str(place / f"{part}.arrow"), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as file,
            ):
                file.write_table(table)
        except (OSError, pa.ArrowException):
            self._give_up()
            return
        self._write(place / "pull.json", {"parts": part + 1, "total": total, "following": following})

    def drop(self, pull: str) -> None:
        """Forget one pull, since it has to be asked from the start."""
        self._parts.pop(pull, None)
        self._held.pop(pull, None)
        self._continued.discard(pull)
        shutil.rmtree(self._place(pull), ignore_errors=True)

    def close(self) -> None:
        """Remove everything: the collection is whole, or what is there cannot be continued."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place(self, pull: str) -> Path:
        return self._folder / hashlib.sha256(pull.encode()).hexdigest()[:24]

    def _write(self, path: Path, told: dict[str, Any]) -> None:
        """Write a small file whole or not at all."""
        fresh = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(json.dumps(told), encoding="utf-8")
            fresh.replace(path)
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        if self._usable:
            log.warning("pages are not kept", detail="A run that is killed starts again from the beginning.")
        self._usable = False


def _read(path: Path) -> pa.Table:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as file:
        return file.read_all()
