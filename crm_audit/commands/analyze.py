"""`crm-audit analyze`: judge a saved snapshot again, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Snapshots = Annotated[list[Path], typer.Argument(help="Snapshot directories written by `collect`.")]


def analyze(
    snapshots: Snapshots,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    out: options.Out = None,
    answers: options.Answers = None,
    baseline: options.Baseline = None,
    fail_on: options.FailOn = None,
    fail_on_new: options.FailOnNew = False,
    quiet: options.Quiet = False,
    log_json: options.JsonLog = False,
) -> None:
    """Judge saved snapshots with today's rules and policy, as of when they were taken unless told otherwise."""
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import compose, session

    taken = [Saved(directory).schema(Scope()) for directory in snapshots]
    latest = max(s.manifest.taken_at for s in taken)
    gate = session.Asked(baseline, fail_on or "", fail_on_new)
    given = session.Given(config, tags, as_of, out, None, quiet, log_json, gate=gate)
    opened = session.open_session(given, as_of=latest)
    if config is None:
        session.tell_unused()
    session.check_out(opened)
    session.check_baseline(opened, [one.manifest.target for one in taken])
    audits = [compose.judge(s, opened.settings, opened.as_of) for s in taken]
    raise typer.Exit(session.report(opened, audits, answers))
