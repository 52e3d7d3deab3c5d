"""`crm-audit verify`: whether kept runs are as they were written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Directory = Annotated[Path | None, typer.Argument(help="Folder of runs; without it that of --config.")]
Head = Annotated[
    str | None, typer.Option("--head", help="A head noted earlier: is it still part of the chain?")
]


def verify(
    directory: Directory = None,
    config: options.ConfigFile = None,
    head: Head = None,
    quiet: options.Quiet = False,
) -> None:
    """Compute the digest of every kept file and link again, and print a sentence for each that differs."""
    from auditor.errors import ConfigError
    from auditor.wording import several
    from crm_audit import clock
    from crm_audit.runs.checking import CHANGED, check
    from crm_audit.runs.configured import runs_of
    from crm_audit.runs.folder import Folder

    if head is not None and not re.fullmatch("[0-9a-fA-F]{12,64}", head):
        raise ConfigError(
            "--head is not a head.", hint="Give what verify printed, at least 12 of its characters."
        )
    checked = check(Folder(directory or runs_of(config)[1].directory), head or "")
    for problem in checked.problems:
        typer.echo(problem)
    if not quiet:
        typer.echo(
            f"{several(checked.runs, 'run')} with {several(checked.files, 'file')} looked at, {checked.pruned} removed "
            f"earlier; {several(len(checked.problems), 'difference')}, as of {clock.now().isoformat()}."
        )
        typer.echo(f"Head: {checked.head or 'none'}")
    raise typer.Exit(CHANGED if checked.problems else 0)
