"""The view that a question is asked of: a saved snapshot, or the org itself."""

from __future__ import annotations

from pathlib import Path

from auditor.errors import ConfigError
from auditor.rule import View


def opened(
    snapshot: Path | None,
    platform: str,
    config: Path | None,
    tags: Path | None,
    as_of: str,
    project: Path | None = None,
) -> View:
    """Open the one org the question is about. Raises ConfigError if the configuration leaves several to choose from."""
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import compose, session

    if snapshot and project:
        raise ConfigError("A question is about a snapshot or about source.", hint="Leave out one of the two.")
    kept = Saved(snapshot).schema(Scope()) if snapshot else None
    settings = session.open_session(
        session.Given(config, tags, as_of, quiet=True, project=project),
        as_of=kept.manifest.taken_at if kept else None,
    )
    if kept is None:
        targets = session.targets(settings, platform)
        if len(targets) > 1:
            names = ", ".join(target.name for target in targets)
            raise ConfigError(
                f"A question is about one org, and this configuration has {len(targets)}.",
                hint=f"Name one after the question: {names}.",
            )
        kept = session.snapshot(settings, targets[0])
    return compose.view(kept, settings.settings, settings.as_of)
