"""Starts the sandbox over TLS: in a thread for tests, or in the foreground for the command line.

The certificate comes from a private authority made on the spot; a client needs its file to trust the server.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme
import uvicorn

from sandbox.salesforce.fixture import Org, load_fixture
from sandbox.salesforce.server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.salesforce.faults import Faults
    from sandbox.salesforce.login import Credentials
    from sandbox.salesforce.request_log import Recorded, RequestLog

START_LIMIT = 10.0


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
        ca_file, certificate = _certificates(Path(folder), "127.0.0.1")
        listener = _listen("127.0.0.1", port)
        site.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        server = _PromptServer(_config(site, certificate))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield Running(site.url, str(ca_file), site.token, site.log, org, site)
        finally:
            server.should_exit = True
            thread.join(timeout=5)
            listener.close()


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
        ca_file, certificate = _certificates(Path(folder), host)
        listener = stack.enter_context(contextlib.closing(_listen(host, port)))
        site.url = f"https://{host}:{listener.getsockname()[1]}"
        if on_ready is not None:
            on_ready(Running(site.url, str(ca_file), site.token, site.log, org, site))
        _PromptServer(_config(site, certificate)).run(sockets=[listener])


class _PromptServer(uvicorn.Server):
    """A server that hangs up on its clients when it stops, instead of waiting for them to say goodbye."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every open connection, then stop as usual."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)


def _certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """A new private authority and a certificate for the host, as PEM files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    certificate = authority.issue_cert(*dict.fromkeys((host, "127.0.0.1", "localhost")))
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
    chain.chmod(0o600)
    return ca_file, chain


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so the port is known before the server runs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _config(site: SandboxServer, certificate: Path) -> uvicorn.Config:
    return uvicorn.Config(
        site.app,
        ssl_certfile=str(certificate),
        interface="asgi3",
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=1 << 20,
    )


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox server did not start")
        time.sleep(0.005)
