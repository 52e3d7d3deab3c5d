"""The door to the embedded sandbox, which is on the other side of the wire and needs the `demo` extra."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from auditor.errors import AuditorError, ConfigError

_EXTRA = "Install the extra: pip install 'crm-audit[demo]' (or pipx install 'crm-audit[demo]')."


def _module() -> Any:
    try:
        from sandbox import salesforce
    except ModuleNotFoundError as error:
        raise ConfigError(f"The sandbox needs the package “{error.name}”.", hint=_EXTRA) from None
    return salesforce


@contextmanager
def clinic() -> Iterator[Any]:
    """Serve the demo clinic while the block runs; yields its url, token and CA file."""
    salesforce = _module()
    from sandbox.salesforce.clinic import clinic_org

    with salesforce.running(clinic_org()) as served:
        yield served


def serve(fixture: Path | None, port: int, ca_dir: Path) -> None:
    """Serve a fixture until interrupted."""
    salesforce = _module()
    from sandbox.salesforce.clinic import clinic_org

    def ready(served: Any) -> None:
        typer.echo(f"Serving {fixture or 'the demo clinic'}. In another terminal:")
        typer.echo(f"  export SF_INSTANCE_URL={served.url}")
        typer.echo(f"  export SF_ACCESS_TOKEN='{served.token}'")
        typer.echo(f"  export REQUESTS_CA_BUNDLE={shlex.quote(str(Path(served.ca_file).absolute()))}")
        typer.echo("  crm-audit run salesforce")
        typer.echo("Stop with Ctrl-C.")

    try:
        source = fixture if fixture is not None else clinic_org()
        salesforce.serve_forever(source, "127.0.0.1", port, ca_dir, ready)
    except salesforce.FixtureError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise AuditorError(f"The sandbox could not start on port {port}: {error.strerror}.") from None
