"""`crm-audit hubspot`: what only HubSpot needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Folder = Annotated[Path, typer.Argument(help="New or empty folder for the evidence files.")]
Portal = Annotated[str, typer.Argument(help="With --config, a target's name; else from the environment.")]


def evidence_template(
    folder: Folder,
    target: Portal = "hubspot",
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the evidence files of a portal, filled in as far as its API tells. Nothing is overwritten."""
    from auditor.errors import ConfigError
    from connectors.hubspot.evidence import FILES
    from crm_audit import compose, evidence_template, new_files, session
    from crm_audit.config import Portal

    opened = session.open_session(session.Given(config, tags, quiet=quiet))
    found = session.targets(opened, target)
    if len(found) != 1 or not isinstance(found[0], Portal):
        raise ConfigError("Evidence is of one HubSpot portal.", hint="Name one of the configuration's.")
    new_files.refuse_existing(folder, (*FILES, *evidence_template.NAMES))
    snapshot = session.snapshot(opened, found[0])
    written = evidence_template.files(snapshot, compose.tag(snapshot, opened.settings).tags.values())
    new_files.write(folder, written)
    for name in written:
        typer.echo(f"{folder / name}")
    typer.echo(f"Fill in what {folder / evidence_template.INSTRUCTIONS} says, then add: --evidence {folder}")
