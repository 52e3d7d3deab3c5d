"""`crm-audit verify`: whether kept runs are as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Directory = Annotated[Path | None, typer.Argument(help="Folder of runs; without it that of --config.")]
Head = Annotated[str, typer.Option("--head", help="A head noted earlier: is it still part of the chain?")]


def verify(
    directory: Directory = None,
    config: options.ConfigFile = None,
    head: Head = "",
    quiet: options.Quiet = False,
) -> None:
    """Compute the digest of every kept file and link again, and print a sentence for each that differs."""
    from auditor.wording import several
    from crm_audit import clock
    from crm_audit.runs.checking import CHANGED, check
    from crm_audit.runs.configured import runs_of
    from crm_audit.runs.folder import Folder

    checked = check(Folder(directory or runs_of(config)[1].directory), head)
    for problem in checked.problems:
        typer.echo(problem)
    if not quiet:
        typer.echo(
            f"{several(checked.runs, 'run')} with {several(checked.files, 'file')} looked at, {checked.pruned} removed "
            f"earlier; {several(len(checked.problems), 'difference')}, as of {clock.now().isoformat()}."
        )
        typer.echo(f"Head: {checked.head or 'none'}")
    raise typer.Exit(CHANGED if checked.problems else 0)
