"""The door to the embedded sandbox, which is on the other side of the wire and needs the `demo` extra."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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


@dataclass(frozen=True, slots=True)
class DemoPortal:
    """The demo portal while it is served: its address and token, what is told of it, and its evidence folder."""

    url: str
    token: str
    given: Path
    evidence: Path


@contextmanager
def portal() -> Iterator[DemoPortal]:
    """Serve the demo portal while the block runs, with what an auditor is told and handed."""
    _module()
    from sandbox import hubspot
    from sandbox.hubspot import clinic as lakeside

    with (
        hubspot.running(lakeside.clinic_portal()) as served,
        TemporaryDirectory(prefix="crm-audit-") as folder,
    ):
        given, evidence = Path(folder) / "given.json", Path(folder) / "evidence"
        given.write_text(json.dumps(lakeside.clinic_given()), encoding="utf-8")
        evidence.mkdir()
        for name, text in lakeside.clinic_evidence().items():
            (evidence / name).write_text(text, encoding="utf-8")
        yield DemoPortal(served.url, lakeside.TOKEN, given, evidence)


def serve(fixture: Path | None, port: int, ca_dir: Path) -> None:
    """Serve a fixture until interrupted; a portal is told by its format."""
    if fixture is not None and _is_portal(fixture):
        _serve_portal(fixture, port, ca_dir)
        return
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


def _is_portal(fixture: Path) -> bool:
    """Whether a file says that it is a HubSpot portal; what cannot be read is left to the server to complain of."""
    try:
        found = json.loads(fixture.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and str(found.get("format", "")).startswith("hubspot-portal/")


def _serve_portal(fixture: Path, port: int, ca_dir: Path) -> None:
    _module()
    from sandbox import hubspot

    def ready(served: Any) -> None:
        typer.echo(f"Serving {fixture}. In another terminal:")
        typer.echo(f"  export HUBSPOT_BASE_URL={served.url}")
        typer.echo(f"  export HUBSPOT_ACCESS_TOKEN='{served.token}'")
        typer.echo(f"  export REQUESTS_CA_BUNDLE={shlex.quote(str(Path(served.ca_file).absolute()))}")
        typer.echo("  crm-audit run hubspot")
        typer.echo("Stop with Ctrl-C.")

    try:
        hubspot.serve_forever(fixture, "127.0.0.1", port, ca_dir, ready)
    except hubspot.FixtureError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise AuditorError(f"The sandbox could not start on port {port}: {error.strerror}.") from None
