"""`crm-audit diff`: what changed between two reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Before = Annotated[Path, typer.Argument(help="Directory of the earlier report.")]
After = Annotated[Path, typer.Argument(help="Directory of the later report.")]
Json = Annotated[Path | None, typer.Option("--json", help="Also write everything that changed as JSON.")]


def diff(before: Before, after: After, json: Json = None, everything: options.Everything = False) -> None:
    """Print what changed between two reports, worst first; exit with 0 when nothing did, with 9 otherwise."""
    from auditor.diff import DIFFERENT, compare
    from crm_audit.session import write_json
    from reports import changes, saved

    found = compare(saved.kept(saved.load(before)), saved.kept(saved.load(after)))
    if json is not None:
        write_json(changes.document(found), json)
    typer.echo(changes.text(found, None if everything else changes.MOST))
    raise typer.Exit(DIFFERENT if any(one.any for one in found) else 0)
