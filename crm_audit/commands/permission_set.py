"""`crm-audit permission-set`: the auditing user's rights, ready to deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="New or empty folder for the SFDX project.")]


def permission_set(folder: Folder) -> None:
    """Write the permission set of the auditing user as an SFDX project. Nothing is overwritten or deployed."""
    import shlex

    from connectors.salesforce.permission_set import NAME, files, held
    from crm_audit import new_files
    from reports.inert import for_terminal

    new_files.write(folder, files())
    typer.echo(for_terminal(f"Wrote the permission set {NAME} to {folder}:"))
    for need in held():
        typer.echo(f"  {need.label} ({need.name})")
    place = for_terminal(shlex.quote(str(folder)))
    typer.echo(f"Deploy it: cd {place} && sf project deploy start --source-dir force-app --target-org ALIAS")
    typer.echo(f"Assign it: sf org assign permset --name {NAME} --on-behalf-of USERNAME --target-org ALIAS")
