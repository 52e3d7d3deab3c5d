"""`crm-audit probe`: ask the CRM itself whether a sample of what is predicted is so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Logins = Annotated[
    Path, typer.Option("--logins", help="YAML file of test users, and where their passwords are kept.")
]
Sample = Annotated[
    int, typer.Option("--sample", min=1, help="How many pairs of a person and a field to ask.")
]
Seed = Annotated[int, typer.Option("--seed", help="Another number gives another sample.")]
Everything = Annotated[bool, typer.Option("--all", help="Ask all pairs, and show every disagreement.")]
Json = Annotated[Path | None, typer.Option("--json", help="Also write every answer as JSON.")]


def probe(
    logins: Logins,
    platform: options.Platform = "",
    snapshot: options.SnapshotDir = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    sample: Sample = 2000,
    seed: Seed = 1,
    everything: Everything = False,
    json: Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Log in as test users, ask whether fields may be read, of no record, and compare with the prediction."""
    from contextlib import closing

    from rich.console import Console

    from crm_audit import probing, session
    from crm_audit.answers.opened import opened_to_probe
    from crm_audit.probe_logins import load_logins
    from crm_audit.progress import Watching

    users = load_logins(logins)
    view, prober = opened_to_probe(snapshot, platform, config, tags, users)
    people = probing.people_of(view, list(users))
    size = None if everything else sample
    with closing(prober), Watching(Console(stderr=True), quiet=quiet) as watch:
        prober.open()
        result = probing.probe(view, prober, people, size=size, seed=seed, watch=watch)
    if json is not None:
        session.write_json(probing.document(result), json)
    if not quiet:
        typer.echo(probing.told(result, everything=everything))
    raise typer.Exit(result.code)
