"""`crm-audit version`."""

from __future__ import annotations

import typer


def version() -> None:
    """Print the version."""
    from crm_audit import __version__

    typer.echo(f"crm-audit {__version__}")
