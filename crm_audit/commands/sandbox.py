"""`crm-audit sandbox`: serve a fixture as a live CRM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Fixture = Annotated[
    Path | None,
    typer.Argument(help="A salesforce-org/1 or hubspot-portal/1 file; without one, the demo clinic."),
]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)]
CaDir = Annotated[
    Path, typer.Option("--ca-dir", help="Where to put the CA certificate that clients must trust.")
]


def sandbox(fixture: Fixture = None, port: Port = 8443, ca_dir: CaDir = Path("sandbox-ca")) -> None:
    """Serve an org or a portal over HTTPS on this machine, for trying things out. Every write is refused."""
    from crm_audit import sandboxes

    sandboxes.serve(fixture, port, ca_dir)
