"""`crm-audit status`: whether the nightly job still works."""

from __future__ import annotations

import typer

from crm_audit import options


def status(config: options.ConfigFile = None, quiet: options.Quiet = False) -> None:
    """Print the last and the last complete run of each target, and fail when there is no recent complete one."""
    from auditor.wording import several
    from crm_audit import clock, logs
    from crm_audit.runs import standing
    from crm_audit.runs.configured import runs_of
    from crm_audit.runs.folder import Folder

    logs.configure(json_lines=False, quiet=True)
    settings, runs = runs_of(config)
    now = clock.now()
    targets = [target.name for target in settings.targets]
    found = standing.status(Folder(runs.directory), runs, targets, now, alerting=bool(settings.alerts))
    if not quiet:
        typer.echo(f"{runs.directory}: {several(found.kept, 'run')} kept, {found.held} of them on hold.")
        for one in found.standings:
            for words, record in (("last run", one.last), ("last complete run", one.complete)):
                typer.echo(f"{one.target}: {words}: {standing.told(record, now)}")
        typer.echo(f"Head: {found.head or 'none'}")
    for problem in found.problems:
        typer.echo(problem)
    if not found.problems and not quiet:
        typer.echo(f"Every target has a complete run that is younger than {runs.max_age}.")
    raise typer.Exit(standing.OVERDUE if found.problems else 0)
