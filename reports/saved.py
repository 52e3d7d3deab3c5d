"""Read back a report that was written before, as far as it keeps the published schema."""

from __future__ import annotations

import json
from pathlib import Path

from auditor.errors import AuditorError, ConfigError
from reports import json_v1
from reports.directory import DOCUMENT


def load(directory: Path) -> json_v1.Document:
    """Read the document of a report directory, or of an `audit.json` named itself.

    Raises ConfigError when there is none, or when it is not one of this schema version.
    """
    path = directory if directory.name == DOCUMENT else directory / DOCUMENT
    try:
        found: json_v1.Document = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path}: The report cannot be read: {error.strerror or 'unknown cause'}.",
            hint="Name the directory that an earlier run wrote its report to.",
        ) from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: This is not JSON.", hint="Was the file cut short, or edited?") from None
    version = found.get("schema") if isinstance(found, dict) else None
    if version != json_v1.SCHEMA:
        said = (
            f"“{version}”" if isinstance(version, str) and version.startswith("crm-audit/") else "no version"
        )
        raise ConfigError(
            f"{path}: The report has {said} as its schema, and {json_v1.SCHEMA} is needed.",
            hint="Write it anew from its snapshot with this version: crm-audit analyze SNAPSHOT.",
        )
    try:
        json_v1.check(found)
    except (AuditorError, KeyError, TypeError, AttributeError):
        raise ConfigError(
            f"{path}: The report does not keep its own schema.",
            hint="Was it edited, or written by another version?",
        ) from None
    return found
