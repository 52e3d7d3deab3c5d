"""Command-line options that several commands share, and what they resolve to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from auditor.errors import ConfigError


def _folder(text: str | Path) -> Path:
    """A folder as given; nothing at all, which an unset variable leaves, is not the current one."""
    if not str(text):
        raise ConfigError("--project names no folder.", hint="Give the folder with sfdx-project.json in it.")
    return Path(text)


class Least(StrEnum):
    """The least severity a gate asks about."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file; without one, options and environment."),
]
Tags = Annotated[
    Path | None,
    typer.Option(
        "--tags", help="JSON with decided phi, classifier and retention, instead of tagger and policies."
    ),
]
AsOf = Annotated[
    str, typer.Option("--as-of", help="Judge as of this moment (ISO 8601, UTC without an offset).")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Directory of the report.")]
Answers = Annotated[Path | None, typer.Option("--answers", help="Also write the answer sections as JSON.")]
Strict = Annotated[
    bool | None,
    typer.Option(
        "--strict-credential/--no-strict-credential",
        help="Stop before anything is pulled if the credential can write or read PHI values.",
    ),
]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", help="Directory of an earlier report to compare with.")
]
FailOn = Annotated[
    Least | None, typer.Option("--fail-on", help="Let only findings this severe, or worse, decide the code.")
]
FailOnNew = Annotated[
    bool, typer.Option("--fail-on-new", help="Let only findings that the baseline has not decide the code.")
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="No progress and no summary: warnings, errors and the exit code."),
]
JsonLog = Annotated[bool, typer.Option("--log-json", help="Log as JSON lines on standard error.")]
Platform = Annotated[
    str,
    typer.Argument(
        help="Platform: salesforce, hubspot or tryton (from the environment), or sfdx; with --config, a target's name."
    ),
]
Project = Annotated[
    Path | None,
    typer.Option(
        "--project",
        parser=_folder,
        metavar="DIRECTORY",
        help="Folder with the source of an org, for platform sfdx.",
    ),
]
Evidence = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        metavar="DIRECTORY",
        help="Folder with what a super admin attests of a HubSpot portal (property-access.csv and others).",
    ),
]
Budget = Annotated[
    int | None,
    typer.Option(
        "--budget-calls", min=1, help="Most API calls of this run for each org; what is left is unknown."
    ),
]
Record = Annotated[
    Path | None, typer.Option("--record", help="Write a scrubbed, metadata-only recording for a bug report.")
]
Who = Annotated[str, typer.Argument(help="A person's id, user name or full name.")]
FieldName = Annotated[str, typer.Argument(help="A tagged field, as Object.Field.")]
SnapshotDir = Annotated[Path | None, typer.Option("--snapshot", help="Answer from a saved snapshot.")]
Everything = Annotated[bool, typer.Option("--all", help="Show everything, however long.")]
