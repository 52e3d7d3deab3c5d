"""`crm-audit what`: what somebody can see."""

from __future__ import annotations

import typer

from crm_audit import options


def what(
    person: options.Who,
    platform: options.Platform = "",
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    everything: options.Everything = False,
) -> None:
    """Print every tagged field one person can read or edit, with what gives it, their rights, and what lapses."""
    from crm_audit.answers.opened import opened
    from crm_audit.answers.what import what as answer

    view = opened(snapshot, platform, config, tags, as_of, project)
    typer.echo(answer(view, person, everything=everything))
