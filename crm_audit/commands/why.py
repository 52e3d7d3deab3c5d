"""`crm-audit why`: why somebody can, or cannot, see a field."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Who = Annotated[str, typer.Argument(help="A person's id, user name or full name.")]
FieldName = Annotated[str, typer.Argument(help="A tagged field, as Object.Field.")]
SnapshotDir = Annotated[Path | None, typer.Option("--snapshot", help="Answer from a saved snapshot.")]


def why(
    person: Who,
    field: FieldName,
    snapshot: SnapshotDir = None,
    platform: options.Platform = "",
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
) -> None:
    """Print the verdict for one person and one field, with every path that opens it."""
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import answer, compose, session

    kept = Saved(snapshot).schema(Scope()) if snapshot else None
    opened = session.open_session(
        session.Given(config, tags, as_of, quiet=True), as_of=kept.manifest.taken_at if kept else None
    )
    if kept is None:
        kept = session.snapshot(opened, session.targets(opened, platform)[0])
    view = compose.view(kept, opened.settings, opened.as_of)
    typer.echo(answer.why(view, person, field))
