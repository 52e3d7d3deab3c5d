"""`crm-audit config`: what applies, and where it was set."""

from __future__ import annotations

from crm_audit import options


def show(config: options.ConfigFile = None) -> None:
    """Print every setting with its value and where it comes from; secrets by reference only."""
    import os

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from crm_audit import config as settings
    from crm_audit.compose import class_names

    found = (
        settings.load(config, os.environ, classes=class_names()) if config else settings.default(os.environ)
    )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("setting", "value", "from"):
        table.add_column(heading, overflow="fold")
    for row in settings.describe(found):
        table.add_row(*(Text(cell) for cell in row))
    Console(soft_wrap=False).print(table)


def schema() -> None:
    """Print the JSON Schema of the configuration file."""
    import json

    import typer

    from crm_audit.config import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
