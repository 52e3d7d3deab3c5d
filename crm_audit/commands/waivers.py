"""`crm-audit waivers`: write the narrowest entry for a finding, and check the register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Report = Annotated[Path, typer.Argument(help="Directory of a report.")]
FindingId = Annotated[str, typer.Argument(help="Id of a finding in it.")]
Register = Annotated[Path, typer.Option("--config", "-c", help="Configuration file that names the register.")]

Run = Annotated[
    Path | None, typer.Option("--run", help="Directory of a report: say how every entry stands against it.")
]


def draft(report: Report, finding: FindingId) -> None:
    """Print the narrowest waiver for a finding of a report, with blanks that a person has to fill in."""
    from crm_audit.waivers_file import draft as written
    from reports.saved import load

    typer.echo(written(load(report), finding), nl=False)


def check(config: Register, run: Run = None, as_of: options.AsOf = "") -> None:
    """Read the register of waivers as a run would, and list what stands in it, or how it stands against a report."""
    import os

    from crm_audit import clock, compose
    from crm_audit.config import load
    from crm_audit.waivers_file import listed, of_config

    moment = clock.parse(as_of) if as_of else clock.now()
    settings = load(config, os.environ, classes=compose.class_names())
    found = of_config(settings, moment)
    if run is None:
        typer.echo(listed(found, moment))
        return

    from crm_audit.waivers_standing import held_against
    from reports import saved

    typer.echo(held_against(found, saved.load(run), [target.name for target in settings.targets], moment))
