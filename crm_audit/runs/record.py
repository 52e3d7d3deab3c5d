"""`run.json`: what a run was, and the digest of every file of it. Ids, counts and digests: no person, no label."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.audit import Audit
from auditor.errors import ConfigError

FILE = "run.json"
FORMAT = "crm-audit/run/1"


@dataclass(frozen=True, slots=True)
class Read:
    """One target in a run: whether everything needed was read, and how much was found or unread."""

    name: str
    platform: str
    complete: bool
    findings: int
    unread: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding that was observed, by its identity alone. `severity` is 0 (Low) to 3 (Critical)."""

    target: str
    id: str
    digest: str
    rule: str
    severity: int


@dataclass(frozen=True, slots=True)
class File:
    """One file of a run."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What `run.json` says. Moments are ISO 8601 in UTC; `previous` is the SHA-256 of the `run.json` before."""

    run: str
    targets: tuple[Read, ...]
    started: str
    finished: str
    as_of: str
    exit_code: int
    tool_version: str
    config_digest: str
    files: tuple[File, ...]
    findings: tuple[Seen, ...]
    previous: str

    @property
    def complete(self) -> bool:
        """Whether everything needed was read of every target."""
        return all(target.complete for target in self.targets)

    def target(self, name: str) -> Read | None:
        """How a target fared, if it was part of the run."""
        return next((target for target in self.targets if target.name == name), None)

    def text(self) -> str:
        """The content of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=True) + "\n"


def reads(audits: Sequence[Audit]) -> tuple[Read, ...]:
    """Say how each target fared."""
    return tuple(
        Read(
            a.target,
            a.view.snapshot.manifest.platform,
            not a.incomplete,
            sum(f.counts for f in a.findings),
            len(a.unread),
        )
        for a in audits
    )


def seen(audits: Sequence[Audit]) -> tuple[Seen, ...]:
    """Name each finding that was observed, worst first."""
    return tuple(
        Seen(a.target, f.id, f.digest, f.rule, int(f.severity))
        for a in audits
        for f in a.findings
        if f.counts
    )


def files(folder: Path) -> tuple[File, ...]:
    """Measure every file of a run but `run.json` itself, by name. Raises OSError."""
    paths = sorted(p for p in folder.rglob("*") if (p.is_symlink() or not p.is_dir()) and p != folder / FILE)
    return tuple(File(p.relative_to(folder).as_posix(), p.lstat().st_size, sha256(p)) for p in paths)


def sha256(path: Path) -> str:
    """Compute the digest of a plain file; of anything else it is empty. Raises OSError."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def intact(folder: Path, digest: str) -> bool:
    """Whether a run's record is the one of this SHA-256, and its `audit.json` the one that the record names."""
    try:
        if sha256(folder / FILE) != digest:
            return False
        named = {file.name: file.sha256 for file in read(folder).files}
        return named.get("audit.json") == sha256(folder / "audit.json")
    except (OSError, ConfigError):
        return False


def read(folder: Path) -> Record:
    """Read a run's record. Raises ConfigError where there is none that can be read."""
    path = folder / FILE
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
        if row.pop("format") != FORMAT:
            raise ConfigError(
                f"{path} has a format of another version.", hint="Use the version that wrote it."
            )
        parts = {"targets": Read, "files": File, "findings": Seen}
        row |= {key: tuple(part(**item) for item in row[key]) for key, part in parts.items()}
        made = Record(**row)
        zones = [datetime.fromisoformat(at).tzinfo for at in (made.started, made.finished)]
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint=_HINT) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ConfigError(f"{path} is not the record of a run.", hint=_HINT) from None
    if None in zones:
        raise ConfigError(f"{path} holds a moment without a zone.", hint=_HINT)
    return made


_HINT = "crm-audit verify says what else is wrong with the folder."
