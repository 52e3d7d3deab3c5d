"""Small runs made by hand: records without an audit, and folders of a few text files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_audit.runs.folder import Folder, stamp
from crm_audit.runs.locks import Note
from crm_audit.runs.record import Read, Record, Seen

FIRST = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def made(number: int, *ids: str, complete: bool = True, target: str = "clinic", severity: int = 2) -> Record:
    """The record of a run so many days after the first, with findings of these ids."""
    at = FIRST + timedelta(days=number)
    return Record(
        run=stamp(at),
        targets=(Read(target, "salesforce", complete, len(ids), 0 if complete else 1),),
        started=at.isoformat(),
        finished=at.isoformat(),
        as_of=at.isoformat(),
        exit_code=13 if ids else 0,
        tool_version="0.1.0",
        config_digest="",
        files=(),
        findings=tuple(Seen(target, i, "", "some-rule", severity) for i in ids),
        previous="",
    )


def folder_with(directory: Path, records: Iterable[Record]) -> Folder:
    """A folder in which these runs were sealed one after the other."""
    folder = Folder(directory)
    for record in records:
        with folder.opened(Note.of(record.started, [t.name for t in record.targets])) as staged:
            staged.mkdir()
            (staged / "findings.csv").write_text(f"findings of {record.run}\n", encoding="utf-8")
            (staged / "pages").mkdir()
            (staged / "pages" / "one.html").write_text("<p>one</p>\n", encoding="utf-8")
            folder.seal(staged, record)
    return folder
