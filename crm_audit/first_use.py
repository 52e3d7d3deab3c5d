"""From nothing to a configuration: reach an org, look at it once, write drafts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from auditor.errors import ConfigError
from connectors.protocol import Plan
from connectors.salesforce import permission_set
from crm_audit import asking, clock, compose, config, drafts, logs, new_files
from crm_audit.config import Config, Org, Target
from crm_audit.progress import Watching
from reports.inert import for_terminal

RIGHTS = "permission-set"
_FIRST = "version: 1"
_PLACE = re.compile(r"^.*?:(?P<line>\d+):\d+: ", re.DOTALL)
"""A line of the file that is not written yet, which helps nobody."""


def begin(
    directory: Path, given: asking.Answers, ask: asking.Ask, environ: Mapping[str, str]
) -> Iterator[str]:
    """Write the files of a first configuration, and say what was seen and what to do next.

    Raises ConfigError before anything is asked if one of the files exists, CollectionError if the org cannot be
    reached; nothing has been written then.
    """
    logs.configure(json_lines=False, quiet=True)
    files = permission_set.files() if given.platform == Org.platform else {}
    rights = {f"{RIGHTS}/{name}": content for name, content in files.items()}
    new_files.refuse_existing(directory, (drafts.CONFIGURATION, drafts.MAPPING, *rights))
    section = asking.target(given, ask, environ)
    settings = _settings(f"{section}\n{drafts.sections(given.platform)}", directory, environ)
    try:
        seen = look(settings.targets[0])
    except ConfigError as error:
        raise ConfigError(_PLACE.sub("", error.message), hint=error.hint) from None
    new_files.write(directory, {**drafts.files(section, settings.audiences, seen), **rights})
    seen_here = (
        f"{len(seen.people):,} people, {len(seen.tags):,} fields that look like health or personal data"
    )
    yield for_terminal(f"Reached {seen.org}: {seen_here}.")
    written = directory / drafts.CONFIGURATION
    beside = f", {drafts.MAPPING} and {RIGHTS}/" if rights else f" and {drafts.MAPPING}"
    yield for_terminal(f"Wrote {written}{beside}.")
    if seen.unread:
        yield for_terminal(f"Not read completely: {', '.join(seen.unread)}. See: crm-audit check.")
    if seen.surplus:
        yield f"The credential holds {len(seen.surplus)} rights more than an auditor needs; the file lists them."
    yield "Everything in it is a proposal. Look for TO BE CONFIRMED, then run:"
    yield for_terminal(f"  crm-audit run -c {shlex.quote(str(written))}")


def _settings(section: str, directory: Path, environ: Mapping[str, str]) -> Config:
    """What the file would say. Raises ConfigError without the line of a file that is not there yet."""
    path = directory / drafts.CONFIGURATION
    try:
        return config.of_text(f"{_FIRST}\n{section}\n", path, environ, compose.class_names())
    except ConfigError as error:
        place = _PLACE.match(error.message)
        lines = [_FIRST, *section.splitlines()]
        key = lines[int(place["line"]) - 1].partition(":")[0].strip(" -") if place else "An answer"
        said = _PLACE.sub("", error.message)
        raise ConfigError(f"“{key}” cannot be used: {said}", hint=error.hint) from None


def look(target: Target) -> drafts.Seen:
    """Log in as a run would, and read schema, people and what they hold: no grants, records or counts."""
    now = clock.now()
    settings = compose.settings(config.default(), None, as_of=now, strict=False)
    with Watching(Console(stderr=True), quiet=False) as watch:
        connector = compose.connect(target, now, watch)
        schema = connector.schema(compose.scope(settings, target, target.platform))
        snapshot = connector.collect(schema, Plan((), ""))
    tags = compose.tag(snapshot, settings).tags
    means = compose.semantics(target.platform)
    return drafts.Seen(
        platform=target.platform,
        org=snapshot.manifest.org_name or snapshot.manifest.org_id,
        day=now.date().isoformat(),
        people=means.compile(snapshot, {}, now).people,
        tags=tuple(tags.values()),
        surplus=means.surplus(snapshot, tags),
        unread=tuple(
            sorted(r.name for r in snapshot.readings.values() if r.unread and not r.unread.why.by_vendor)
        ),
    )
