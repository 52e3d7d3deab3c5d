"""Starts the sandbox over TLS: in a thread for tests, or in the foreground for the command line.

The certificate comes from a private authority made on the spot; a client needs its file to trust the server.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import serving
from sandbox.salesforce.fixture import Org, load_fixture
from sandbox.salesforce.server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.salesforce.faults import Faults
    from sandbox.salesforce.login import Credentials
    from sandbox.salesforce.request_log import Recorded, RequestLog


@dataclass(frozen=True)
class Running:
    """A running sandbox, as a test sees it."""

    url: str
    ca_file: str
    token: str
    log: RequestLog
    org: Org
    server: SandboxServer

    def writes(self) -> list[Recorded]:
        """The attempts to change something; a read-only client leaves this empty."""
        return self.log.writes()


@contextlib.contextmanager
def running(
    fixture: str | Path | Mapping[str, Any] | Org,
    *,
    batch_size: int | None = None,
    faults: Faults | None = None,
    token: str | None = None,
    port: int = 0,
    credentials: Credentials | None = None,
) -> Iterator[Running]:
    """Serve a fixture on 127.0.0.1 for as long as the block lasts."""
    org = fixture if isinstance(fixture, Org) else load_fixture(fixture)
    site = SandboxServer(org, batch_size=batch_size, faults=faults, token=token, credentials=credentials)
    with tempfile.TemporaryDirectory(prefix="sandbox-ca-") as folder:
        ca_file, certificate = serving.certificates(Path(folder), "127.0.0.1")
        listener = serving.listen("127.0.0.1", port)
        site.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with serving.in_thread(site.app, listener, certificate):
            yield Running(site.url, str(ca_file), site.token, site.log, org, site)


def serve_forever(
    fixture: str | Path | Mapping[str, Any] | Org,
    host: str = "127.0.0.1",
    port: int = 0,
    ca_dir: str | Path | None = None,
    on_ready: Callable[[Running], None] | None = None,
    *,
    batch_size: int | None = None,
    faults: Faults | None = None,
    token: str | None = None,
    credentials: Credentials | None = None,
) -> None:
    """Serve a fixture until interrupted; `on_ready` hears the address, the token and where the CA file is."""
    org = fixture if isinstance(fixture, Org) else load_fixture(fixture)
    site = SandboxServer(org, batch_size=batch_size, faults=faults, token=token, credentials=credentials)
    with contextlib.ExitStack() as stack:
        folder = ca_dir or stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-ca-"))
        ca_file, certificate = serving.certificates(Path(folder), host)
        listener = stack.enter_context(contextlib.closing(serving.listen(host, port)))
        site.url = f"https://{host}:{listener.getsockname()[1]}"
        if on_ready is not None:
            on_ready(Running(site.url, str(ca_file), site.token, site.log, org, site))
        serving.in_foreground(site.app, listener, certificate)
