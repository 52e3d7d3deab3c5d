"""Starts a portal: in a thread for tests, or in the foreground for the command line."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import serving
from sandbox.hubspot.faults import load_faults
from sandbox.hubspot.fixture import load_fixture
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.server import PortalServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.hubspot.request_log import Recorded, RequestLog


@dataclass(frozen=True)
class Running:
    """A running portal, as a test sees it. `ca_file` is empty over plain HTTP; `token` is the first one."""

    url: str
    ca_file: str
    token: str
    log: RequestLog
    portal: Portal
    server: PortalServer

    def writes(self) -> list[Recorded]:
        """The attempts to change something; a read-only client leaves this empty."""
        return self.log.writes()


@contextlib.contextmanager
def running(
    fixture: str | Path | Mapping[str, Any] | Portal,
    *,
    faults: str | Path | Mapping[str, Any] | None = None,
    clock: Callable[[], float] = time.monotonic,
    tls: bool = False,
    port: int = 0,
    log_file: Path | None = None,
) -> Iterator[Running]:
    """Serve a fixture on 127.0.0.1 for as long as the block lasts; `faults` is a faults.json or its content."""
    site = _site(fixture, faults, clock, log_file)
    with tempfile.TemporaryDirectory(prefix="sandbox-ca-") as folder:
        listener = serving.listen("127.0.0.1", port)
        running_site, certificate = _start(
            site, Path(folder), "127.0.0.1", listener.getsockname()[1], tls=tls
        )
        with serving.in_thread(site.app, listener, certificate):
            yield running_site


def serve_forever(
    fixture: str | Path | Mapping[str, Any] | Portal,
    host: str = "127.0.0.1",
    port: int = 0,
    ca_dir: str | Path | None = None,
    on_ready: Callable[[Running], None] | None = None,
    *,
    faults: str | Path | Mapping[str, Any] | None = None,
    tls: bool = True,
    log_file: Path | None = None,
) -> None:
    """Serve a fixture until interrupted; `on_ready` hears the address, the token and where the CA file is."""
    site = _site(fixture, faults, time.monotonic, log_file)
    with contextlib.ExitStack() as stack:
        folder = ca_dir or stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-ca-"))
        listener = stack.enter_context(contextlib.closing(serving.listen(host, port)))
        running_site, certificate = _start(site, Path(folder), host, listener.getsockname()[1], tls=tls)
        if on_ready is not None:
            on_ready(running_site)
        serving.in_foreground(site.app, listener, certificate)


def _site(
    fixture: str | Path | Mapping[str, Any] | Portal,
    faults: str | Path | Mapping[str, Any] | None,
    clock: Callable[[], float],
    log_file: Path | None,
) -> PortalServer:
    portal = fixture if isinstance(fixture, Portal) else load_fixture(fixture)
    ordered = () if faults is None else load_faults(faults)
    return PortalServer(portal, faults=ordered, clock=clock, log_file=log_file)


def _start(
    site: PortalServer, folder: Path, host: str, port: int, *, tls: bool
) -> tuple[Running, Path | None]:
    """What is told about the server, and the certificate it needs."""
    ca_file, certificate = serving.certificates(folder, host) if tls else ("", None)
    site.url = f"{'https' if tls else 'http'}://{host}:{port}"
    token = site.portal.tokens[0].token if site.portal.tokens else ""
    return Running(site.url, str(ca_file), token, site.log, site.portal, site), certificate
