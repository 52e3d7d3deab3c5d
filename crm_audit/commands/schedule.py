"""`crm-audit schedule`: units and lines that run the audit every night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_audit import options

if TYPE_CHECKING:
    from crm_audit.schedule import Job

At = Annotated[str, typer.Option("--at", help="Time of day, as 02:30: UTC with systemd, local with cron.")]
User = Annotated[str, typer.Option("--user", help="Account that the service runs as.")]
SecretsFile = Annotated[
    Path | None,
    typer.Option("--environment-file", help="File with the secrets; without it /etc/crm-audit/secrets.env."),
]
Into = Annotated[Path | None, typer.Option("--into", help="Write the units into this folder.")]


def systemd(
    config: options.ConfigFile = None,
    at: At = "02:30",
    user: User = "",
    environment_file: SecretsFile = None,
    into: Into = None,
) -> None:
    """Print a service, its timer, and a service for when it fails, each after the name of its file."""
    from auditor.errors import AuditorError
    from crm_audit import schedule

    units = schedule.systemd(_job(config, at, environment_file, user))
    try:
        for name, text in units.items():
            if into is None:
                typer.echo(f"# {name}\n{text}")
            else:
                (into / name).write_text(text, encoding="utf-8")
                typer.echo(into / name)
    except OSError as error:
        raise AuditorError(
            f"{into} could not be written: {error.strerror}.", hint="Name a folder that is there and yours."
        ) from None


def cron(config: options.ConfigFile = None, at: At = "02:30", environment_file: SecretsFile = None) -> None:
    """Print lines for `crontab -e`."""
    from crm_audit import schedule

    typer.echo(schedule.cron(_job(config, at, environment_file)), nl=False)


def _job(config: Path | None, at: str, secrets: Path | None, user: str = "") -> Job:
    import re

    from auditor.errors import ConfigError
    from crm_audit import schedule
    from crm_audit.runs.configured import runs_of

    if user and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?", user):
        raise ConfigError("--user is not the name of an account.", hint="Write it as in /etc/passwd.")
    settings, runs = runs_of(config)
    if config is None:  # `runs_of` has refused it
        raise ConfigError("It is not said where the configuration is.")
    if not runs.directory.is_dir():
        typer.echo(f"note: make {runs.directory.absolute()} first, and give it to the account.", err=True)
    hour, minute = schedule.time_of_day(at)
    return schedule.Job(
        schedule.program(),
        config.absolute(),
        runs.directory.absolute(),
        str(secrets.absolute()) if secrets else schedule.SECRETS,
        schedule.variables(settings),
        hour,
        minute,
        user,
    )
