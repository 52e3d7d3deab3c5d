"""Puts an ASGI application on a socket: in a thread for tests, or in the foreground for the command line.

Over TLS the certificate comes from a private authority made on the spot; a client needs its file to trust
the server.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import trustme
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

START_LIMIT = 10.0
"""Seconds a server may take before it answers."""


@contextlib.contextmanager
def in_thread(app: ASGIApp, listener: socket.socket, certificate: Path | None) -> Iterator[None]:
    """Serve an application on a listening socket for as long as the block lasts; the socket is closed after."""
    server = _PromptServer(_config(app, certificate))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()


def in_foreground(app: ASGIApp, listener: socket.socket, certificate: Path | None) -> None:
    """Serve an application on a listening socket until interrupted."""
    _PromptServer(_config(app, certificate)).run(sockets=[listener])


def certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """A new private authority and a certificate for the host, as PEM files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    certificate = authority.issue_cert(*dict.fromkeys((host, "127.0.0.1", "localhost")))
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
    chain.chmod(0o600)
    return ca_file, chain


def listen(host: str, port: int) -> socket.socket:
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


class _PromptServer(uvicorn.Server):
    """A server that hangs up on its clients when it stops, instead of waiting for them to say goodbye."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every open connection, then stop as usual."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)


def _config(app: ASGIApp, certificate: Path | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_certfile=str(certificate) if certificate else None,
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
