"""The view that a question is asked of: a saved snapshot, or the org itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import ConfigError
from auditor.rule import View
from reports.inert import for_terminal

if TYPE_CHECKING:
    from auditor.snapshot import Snapshot
    from connectors.protocol import Prober
    from crm_audit.compose import Settings
    from crm_audit.config import Target
    from crm_audit.secrets import Secret
    from crm_audit.session import Opened


def opened(
    snapshot: Path | None,
    platform: str,
    config: Path | None,
    tags: Path | None,
    as_of: str,
    project: Path | None = None,
) -> View:
    """Open the one org the question is about. Raises ConfigError if the configuration leaves several to choose from."""
    from crm_audit import compose, session

    kept, settings = _asked(snapshot, config, tags, as_of, project)
    if kept is None:
        kept = session.snapshot(settings, only(settings, platform))
    return compose.view(kept, settings.settings, settings.as_of)


def schema(
    snapshot: Path | None,
    platform: str,
    config: Path | None,
    tags: Path | None,
    as_of: str,
    project: Path | None = None,
) -> tuple[Snapshot, Settings]:
    """Read no more of the one org a question is about than its fields. Raises ConfigError as `opened` does."""
    from crm_audit import compose

    kept, opened = _asked(snapshot, config, tags, as_of, project)
    if kept is None:
        target = only(opened, platform)
        scope = compose.scope(opened.settings, target, target.platform)
        kept = compose.connect(target, opened.started).schema(scope)
    return kept, opened.settings


def _asked(
    snapshot: Path | None, config: Path | None, tags: Path | None, as_of: str, project: Path | None
) -> tuple[Snapshot | None, Opened]:
    """The saved snapshot, if there is one, and the session, which judges as of then unless told otherwise."""
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import session

    if snapshot and project:
        raise ConfigError("A question is about a snapshot or about source.", hint="Leave out one of the two.")
    kept = Saved(snapshot).schema(Scope()) if snapshot else None
    given = session.Given(config, tags, as_of, quiet=True, project=project)
    return kept, session.open_session(given, as_of=kept.manifest.taken_at if kept else None)


def only(settings: Opened, platform: str) -> Target:
    """The one org a question is about. Raises ConfigError if there are several to choose from."""
    from crm_audit import session

    targets = session.targets(settings, platform)
    if len(targets) > 1:
        names = ", ".join(target.name for target in targets)
        raise ConfigError(
            f"A question is about one org, and this configuration has {len(targets)}.",
            hint=f"Name one after the question: {names}.",
        )
    return targets[0]


def opened_to_probe(
    snapshot: Path | None,
    platform: str,
    config: Path | None,
    tags: Path | None,
    logins: Mapping[str, Secret],
) -> tuple[View, Prober]:
    """Open an org's view, from a snapshot or the org itself, and what asks the same org as these users.

    Raises ConfigError if the org cannot be asked, or the snapshot is of another.
    """
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import compose, session

    kept = Saved(snapshot).schema(Scope()) if snapshot else None
    settings = session.open_session(
        session.Given(config, tags, quiet=True), as_of=kept.manifest.taken_at if kept else None
    )
    target = only(settings, platform)
    prober = compose.prober(target, logins)
    if kept is None:
        kept = session.snapshot(settings, target)
    if kept.manifest.platform != target.platform or kept.manifest.org_id != prober.org_id:
        raise ConfigError(
            for_terminal(f"The snapshot is of {kept.manifest.org_id}, and {prober.org_id} would be asked."),
            hint="Name the target that the snapshot was taken of.",
        )
    return compose.view(kept, settings.settings, settings.as_of), prober
