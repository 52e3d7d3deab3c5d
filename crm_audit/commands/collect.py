"""`crm-audit collect`: read an org and keep the snapshot, to be judged later and again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Directory = Annotated[Path, typer.Argument(help="Directory to create for the snapshot.")]


def collect(
    directory: Directory,
    platform: options.Platform = "",
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    evidence: options.Evidence = None,
    as_of: options.AsOf = "",
    strict_credential: options.Strict = None,
    budget_calls: options.Budget = None,
    quiet: options.Quiet = False,
    log_json: options.JsonLog = False,
) -> None:
    """Read one org into a snapshot directory: metadata, permissions and counts, never a value."""
    from auditor.errors import ConfigError
    from connectors.saved import save
    from crm_audit import session

    opened = session.open_session(
        session.Given(
            config,
            tags,
            as_of,
            strict=strict_credential,
            quiet=quiet,
            log_json=log_json,
            project=project,
            budget=budget_calls,
            evidence=evidence,
        )
    )
    wanted = session.targets(opened, platform)
    if len(wanted) != 1:
        raise ConfigError(
            "A snapshot is of one org.", hint=f"Name one of: {', '.join(t.name for t in wanted)}."
        )
    if directory.exists():
        raise ConfigError(
            f"{directory} already exists.", hint="Snapshots are never overwritten; give a new name."
        )
    taken = session.snapshot(opened, wanted[0], session.beside(directory))
    save(taken, directory)
    unread = sorted(r.name for r in taken.readings.values() if r.unread and not r.unread.why.by_vendor)
    if not quiet:
        typer.echo(
            f"{directory}: {len(taken.readings)} readings of {taken.manifest.org_name or taken.manifest.org_id}."
        )
        for name in unread:
            typer.echo(f"not read completely: {name}")
    raise typer.Exit(4 if unread else 0)
