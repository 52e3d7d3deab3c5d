"""`crm-audit lapses`: which assignments end soon, and what is lost with them."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_audit import options

Days = Annotated[int, typer.Option("--days", min=0, max=36_500, help="How many days to look ahead.")]


def lapses(
    platform: options.Platform = "",
    days: Days = 30,
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    everything: options.Everything = False,
) -> None:
    """Print the assignments that end in the next days, and which access to tagged fields ends with each."""
    from crm_audit.answers.lapses import lapsing
    from crm_audit.answers.opened import opened

    typer.echo(lapsing(opened(snapshot, platform, config, tags, as_of, project), days, everything=everything))
