"""A saved snapshot as a connector: a directory of Parquet tables and a manifest, versioned and checksummed.

It is written to a temporary name and renamed, so that it is there whole or not at all. Judging beyond what it was
collected with is unknown, never "no".
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import AuditorError, ConfigError
from auditor.snapshot import FORMAT, Capability, Manifest, Reading, Snapshot, Unread, Why
from connectors.protocol import Plan, Scope

MANIFEST = "manifest.json"


class Saved:
    """A snapshot on disk as a `Connector`: both steps answer from what was kept."""

    def __init__(self, directory: Path) -> None:
        self._snapshot = load(directory)

    def schema(self, scope: Scope) -> Snapshot:
        """The whole snapshot; the scope was chosen when it was taken."""
        del scope
        return self._snapshot

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """The same snapshot: what the plan asks beyond it stays uncollected, and is judged as unknown."""
        del plan
        return snapshot


def save(snapshot: Snapshot, directory: Path) -> None:
    """Write a snapshot as a directory (mode 0700, files 0600).

    Raises ConfigError if something is already there, AuditorError if it cannot be written.
    """
    if directory.exists():
        raise ConfigError(
            f"{directory} already exists.", hint="Snapshots are never overwritten; give a new name."
        )
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise _unwritable(directory, error) from None
    try:
        _write(snapshot, building)
        building.rename(directory)
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        raise _unwritable(directory, error) from None
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _write(snapshot: Snapshot, directory: Path) -> None:
    readings = []
    for number, (name, reading) in enumerate(sorted(snapshot.readings.items())):
        file = f"{number:02d}-{_slug(name)}.parquet"
        path = directory / file
        pq.write_table(reading.table, path, compression="zstd", store_schema=True)
        path.chmod(0o600)
        readings.append({**_reading_record(reading), "file": file, "sha256": _sha256(path)})
    document = {"format": FORMAT, "manifest": _manifest_record(snapshot.manifest), "readings": readings}
    path = directory / MANIFEST
    path.write_text(
        json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    path.chmod(0o600)
    for written in directory.iterdir():
        with written.open("rb") as handle:
            os.fsync(handle.fileno())


def load(directory: Path) -> Snapshot:
    """Read a snapshot back, checking its version and every checksum.

    Raises ConfigError naming the file that is missing, changed, or from another version.
    """
    path = directory / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not directory.exists():
            raise ConfigError(
                f"There is no snapshot {directory}.", hint=f"Make one: crm-audit collect {directory}"
            ) from None
        raise ConfigError(f"{directory} is not a saved snapshot: it has no {MANIFEST}.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__}).") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"{path} is not of the format {FORMAT}.", hint="Collect again with this version.")
    try:
        readings = {r["name"]: _load_reading(directory, r) for r in document["readings"]}
        return Snapshot(_manifest(document["manifest"]), readings)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} lacks or distorts the entry {error}.", hint="Collect again.") from None


def _load_reading(directory: Path, record: Mapping[str, Any]) -> Reading:
    path = directory / Path(record["file"]).name
    try:
        if _sha256(path) != record["sha256"]:
            raise ConfigError(
                f"{path} has changed since it was saved: its checksum differs.",
                hint="A snapshot that was edited proves nothing; use an untouched copy.",
            )
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__}).") from None
    unread = record["unread"]
    return Reading(
        name=record["name"],
        capability=Capability(record["capability"]),
        table=table,
        unread=_unread(unread) if unread else None,
        expected=record["expected"],
        source=record["source"],
        note=record["note"],
    )


def _reading_record(reading: Reading) -> dict[str, Any]:
    unread = reading.unread
    return {
        "name": reading.name,
        "capability": reading.capability.value,
        "rows": reading.table.num_rows,
        "expected": reading.expected,
        "source": reading.source,
        "note": reading.note,
        "unread": _unread_record(unread) if unread else None,
    }


def _unread_record(unread: Unread) -> dict[str, str]:
    return {"why": unread.why.value, "detail": unread.detail, "remedy": unread.remedy, "code": unread.code}


def _unread(record: Mapping[str, str]) -> Unread:
    return Unread(Why(record["why"]), record["detail"], record["remedy"], record.get("code", ""))


def _manifest_record(manifest: Manifest) -> dict[str, Any]:
    return {
        "platform": manifest.platform,
        "target": manifest.target,
        "org_id": manifest.org_id,
        "org_name": manifest.org_name,
        "taken_at": manifest.taken_at.isoformat(),
        "api_version": manifest.api_version,
        "tool_version": manifest.tool_version,
        "objects": list(manifest.objects),
        "tag_digest": manifest.tag_digest,
        "retention": [dict(p) for p in manifest.retention],
        "connected_user": manifest.connected_user,
        "notes": list(manifest.notes),
    }


def _manifest(record: Mapping[str, Any]) -> Manifest:
    taken_at = datetime.fromisoformat(record["taken_at"])
    if taken_at.tzinfo is None:
        raise ValueError("taken_at without a time zone")
    return Manifest(
        platform=record["platform"],
        target=record["target"],
        org_id=record["org_id"],
        org_name=record["org_name"],
        taken_at=taken_at,
        api_version=record["api_version"],
        tool_version=record["tool_version"],
        objects=tuple(record["objects"]),
        tag_digest=record["tag_digest"],
        retention=tuple(record["retention"]),
        connected_user=record["connected_user"],
        notes=tuple(record["notes"]),
    )


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _unwritable(directory: Path, error: OSError) -> AuditorError:
    return AuditorError(
        f"The snapshot {directory} could not be written: {error.strerror or type(error).__name__}.",
        hint="Check free space and permissions of the folder.",
    )
