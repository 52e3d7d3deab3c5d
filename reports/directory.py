"""Write a report as a directory that appears whole or not at all.

Everything is written beside the target and renamed into place, so a job that is stopped, or a disk that fills
up, leaves the former report as it was.
"""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from lxml.etree import SerialisationError  # type: ignore[import-untyped]

from auditor.audit import Audit
from auditor.diff import Changes
from auditor.errors import AuditorError, ConfigError
from reports import csv_files, excel, json_v1, page, words
from reports.tables import tables

WORKBOOK = "audit.xlsx"
DOCUMENT = "audit.json"
ACCESS = "access.csv"
FINDINGS = "findings.csv"
PAGE = "report.html"
FILES = (PAGE, WORKBOOK, DOCUMENT, ACCESS, FINDINGS)

Writer = Callable[[Sequence[Audit], Path], None]


def write_report(
    audits: Sequence[Audit],
    out_dir: Path,
    *,
    changed: Sequence[Changes] = (),
    writers: Mapping[str, Writer] | None = None,
) -> tuple[Path, ...]:
    """Write all files and return their paths; the workbook tells what `changed` since an earlier report.

    Raises ConfigError when something that is not a report is in the way, AuditorError when it cannot be
    written.
    """
    out_dir = out_dir.absolute()
    if writers is None:
        writers = {
            **WRITERS,
            PAGE: partial(_page, changed=changed),
            WORKBOOK: partial(_workbook, changed=changed),
        }
    with _told(out_dir):
        refuse_to_replace(out_dir)
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        # Made by the system with access for nobody else.
        fresh = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
        try:
            for name, write in writers.items():
                path = fresh / name
                path.touch(mode=0o600)
                write(audits, path)
            _put_in_place(fresh, out_dir)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return tuple(out_dir / name for name in writers)


def collected_at(audits: Sequence[Audit]) -> datetime:
    """Give the moment a report is of: that of the latest collection in it, never that of the writing."""
    return max(words.utc(audit.view.snapshot.manifest.taken_at) for audit in audits)


def _workbook(audits: Sequence[Audit], path: Path, changed: Sequence[Changes] = ()) -> None:
    with _silent_when_thrown_away():
        code = _refused(lambda: excel.write(tables(audits, changed=changed), path, collected_at(audits)))
        if code:
            gc.collect()
    if code:
        raise OSError(code, os.strerror(code))


def _refused(write: Callable[[], None]) -> int:
    """The number of what the file system refused, 0 for nothing. lxml says it in an error of its own."""
    try:
        write()
    except SerialisationError as error:
        return int(getattr(errno, str(error).removeprefix("IO_"), errno.EIO))
    except OSError as error:
        return error.errno or errno.EIO
    return 0


@contextmanager
def _silent_when_thrown_away() -> Iterator[None]:
    """Keep openpyxl's half-written sheets from printing tracebacks while they are thrown away."""
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = hook


def _document(audits: Sequence[Audit], path: Path) -> None:
    with path.open("w", encoding="ascii", newline="\n") as stream:
        json_v1.write(json_v1.document(audits), stream)


def _access(audits: Sequence[Audit], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv_files.write_access(audits, stream)


def _findings(audits: Sequence[Audit], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv_files.write_findings(audits, stream)


def _page(audits: Sequence[Audit], path: Path, changed: Sequence[Changes] = ()) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        page.write(audits, stream, changed)


WRITERS: Mapping[str, Writer] = {
    PAGE: _page,
    WORKBOOK: _workbook,
    DOCUMENT: _document,
    ACCESS: _access,
    FINDINGS: _findings,
}


def refuse_to_replace(out_dir: Path) -> None:
    """Raise ConfigError if a report may not be written here, so that nobody waits for an audit to learn it."""
    if out_dir.is_symlink() or (out_dir.exists() and not out_dir.is_dir()):
        raise ConfigError(f"{out_dir} is not a directory.", hint="Name a directory for the report.")
    if out_dir.is_dir() and any(out_dir.iterdir()) and not (out_dir / DOCUMENT).is_file():
        raise ConfigError(
            f"{out_dir} holds something other than a report, and will not be replaced.",
            hint="Name a new or empty directory, or one that an earlier report was written to.",
        )


def _put_in_place(fresh: Path, out_dir: Path) -> None:
    """Swap the fresh directory for the former one; if the second step fails, the former one comes back."""
    if not out_dir.exists():
        fresh.rename(out_dir)
        return
    former = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-former-", dir=out_dir.parent))
    try:
        out_dir.rename(former)
    except OSError:
        former.rmdir()
        raise
    try:
        fresh.rename(out_dir)
    except OSError:
        former.rename(out_dir)
        raise
    shutil.rmtree(former, ignore_errors=True)


@contextmanager
def _told(out_dir: Path) -> Iterator[None]:
    """Turn what the file system says into one sentence."""
    try:
        yield
    except OSError as error:
        raise AuditorError(
            f"The report could not be written to {out_dir}: {error.strerror or error}.",
            hint="Check free space and rights of the directory above it. A former report is as it was.",
        ) from error
