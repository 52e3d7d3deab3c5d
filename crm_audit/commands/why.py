"""`crm-audit why`: why somebody can, or cannot, see a field."""

from __future__ import annotations

import typer

from crm_audit import options


def why(
    person: options.Who,
    field: options.FieldName,
    platform: options.Platform = "",
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    everything: options.Everything = False,
) -> None:
    """Print the verdict for one person and one field, with every path that opens it, or what keeps it closed."""
    from crm_audit.answers.opened import opened
    from crm_audit.answers.why import why as answer

    view = opened(snapshot, platform, config, tags, as_of, project)
    typer.echo(answer(view, person, field, everything=everything))
