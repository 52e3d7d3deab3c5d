"""Nothing depends on who serves: recorded answers, replayed by a plain server elsewhere, give the same audit."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import threading
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import requests
import trustme

from sandbox.salesforce import running
from tests.program.planted_org import audited_inside, planted

TABLES = ("access.csv", "findings.csv")


def key(path):
    """What identifies a request: its path and its parameters in any order."""
    parts = urlsplit(path)
    return parts.path.rstrip("/"), tuple(sorted(parse_qsl(parts.query)))


@contextlib.contextmanager
def recorded(monkeypatch):
    """Every exchange of the runs in the block, by path and query."""
    exchanges, send = {}, requests.Session.send

    def remembering(session, request, **how):
        answer = send(session, request, **how)
        exchanges[key(request.path_url)] = (answer.status_code, answer.content)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "send", remembering)
        yield exchanges


@contextlib.contextmanager
def replaying(exchanges, folder, missed):
    """A server of the standard library that knows these exchanges and nothing else."""

    class Replay(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, body = exchanges.get(key(self.path), (404, b"[]"))
            if key(self.path) not in exchanges:
                missed.append(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "replay-ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield SimpleNamespace(
            url=f"https://localhost:{server.server_port}", token="another", ca_file=folder / "replay-ca.pem"
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_replay_on_another_host_gives_the_same_report(tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with running(planted(), batch_size=3) as served, recorded(monkeypatch) as exchanges:
        first = audited_inside(tmp_path / "first", served)
    missed: list[str] = []
    with replaying(exchanges, tmp_path, missed) as replay:
        second = audited_inside(tmp_path / "second", replay)
    assert missed == []
    assert (first.code, second.code) == (14, 14), second.err
    for table in TABLES:
        assert (first.report / table).read_bytes() == (second.report / table).read_bytes()
    assert "127.0.0.1" not in json.dumps(second.document())
