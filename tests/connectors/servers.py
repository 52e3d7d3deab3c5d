"""A tiny https server that answers whatever a test wants, for what no well-behaved org would say."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Odd:
    """A running server: its address, its authority's file, and what it was asked."""

    url: str
    ca_file: str
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


@contextmanager
def odd_server(folder: Path, answer: Callable[[str, str], Answer]) -> Iterator[Odd]:
    """Serve `answer(method, path)`: a status, a body (JSON unless it is text) and headers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def respond(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            odd.asked.append((self.command, self.path, dict(self.headers)))
            status, body, headers = answer(self.command, self.path)
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = respond  # noqa: N815 - the names that http.server calls

        def log_message(self, *_):
            pass

    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    odd = Odd(f"https://127.0.0.1:{server.server_port}", str(ca_file))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


VERSIONS = [{"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}]


def org_with(**answers: Answer) -> Callable[[str, str], Answer]:
    """An org that lists its version and otherwise answers by the first word found in the path."""

    def answer(method: str, path: str) -> Answer:
        for word, reply in answers.items():
            if word in path:
                return reply
        if path == "/services/data/":
            return 200, VERSIONS, {}
        return 404, [{"message": "no", "errorCode": "NOT_FOUND"}], {}

    return answer
