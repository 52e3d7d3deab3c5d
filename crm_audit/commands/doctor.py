"""`crm-audit doctor`: whether this machine can do a run."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_audit import options

Connect = Annotated[bool, typer.Option("--connect", help="Also log in to every org. Needs the network.")]


def doctor(config: options.ConfigFile = None, connect: Connect = False) -> None:
    """Look at installation, configuration, secrets, disk and clock. Nothing leaves the machine without --connect."""
    import os
    from pathlib import Path

    from crm_audit import doctor as office
    from crm_audit import logs
    from crm_audit.doctor import State
    from reports.inert import for_terminal

    logs.configure(json_lines=False, quiet=True)
    lines, plan = office.examine(config, os.environ, Path())
    if connect:
        nothing = office.Line(State.PROBLEM, "connection", "There is nothing to log in to.", code=3)
        lines += office.connections(plan) if plan else [nothing]
    width = max(len(line.what) for line in lines)
    for line in lines:
        typer.echo(for_terminal(f"{line.state:<8} {line.what:<{width}}  {line.seen}"))
        for part in line.hint.splitlines():
            typer.echo(for_terminal(f"{'':<{width + 9}}  → {part}"))
    said, code = office.verdict(lines)
    typer.echo(f"{said} Exit code {code}.")
    raise typer.Exit(code)
