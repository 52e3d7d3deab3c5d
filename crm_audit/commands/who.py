"""`crm-audit who`: who can see a field."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_audit import options

AudienceName = Annotated[str, typer.Option("--audience", help="Only people of this audience.")]
OneWord = Annotated[str, typer.Option("--word", help="Only people with this verdict; default: all but no.")]


def who(
    field: options.FieldName,
    platform: options.Platform = "",
    audience: AudienceName = "",
    word: OneWord = "",
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    everything: options.Everything = False,
) -> None:
    """Print everybody who can read a field: counts, audiences, and people by the path they read it through."""
    from crm_audit.answers.opened import opened
    from crm_audit.answers.who import who as answer

    view = opened(snapshot, platform, config, tags, as_of, project)
    typer.echo(answer(view, field, audience=audience, word=word, everything=everything))
