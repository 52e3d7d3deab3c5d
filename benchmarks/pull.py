"""The pull of FieldPermissions beside a bare loop over the client library: processor time and memory, paired.

The server is another process that hands out pages rendered beforehand; both clients run in fresh processes of their
own, one after the other, several times.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS, BATCH, CONTAINERS = 360_000, 2_000, 600
RUNS = 5
DATA = "/services/data/v63.0"


def serve(folder: Path) -> None:
    """Serve the pages until killed; the address and the CA file are written to `folder`."""
    import asyncio

    import trustme
    import uvicorn

    pages = [_page(at) for at in range(0, ROWS, BATCH)]
    versions = json.dumps([{"label": "x", "url": DATA, "version": "63.0"}]).encode()

    async def app(scope, _receive, send):  # type: ignore[no-untyped-def]
        path = scope.get("path", "")
        if scope["type"] != "http":
            return
        body = versions
        if path.startswith(f"{DATA}/query"):
            place = path.rpartition("-")[2]
            body = pages[int(place) // BATCH if place.isdigit() else 0]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="error",
        lifespan="off",
        ssl_certfile=str(folder / "server.pem"),
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        (folder / "url.tmp").write_text(f"https://127.0.0.1:{port}")
        (folder / "url.tmp").rename(folder / "url")
        await task

    asyncio.run(run())


def _page(at: int) -> bytes:
    records = []
    for i in range(at, min(at + BATCH, ROWS)):
        parent, field = divmod(i, ROWS // CONTAINERS)
        records.append(
            {
                "attributes": {
                    "type": "FieldPermissions",
                    "url": f"{DATA}/sobjects/FieldPermissions/01k{i:012d}AAA",
                },
                "Id": f"01k{i:012d}AAA",
                "ParentId": f"0PS{parent:012d}AAA",
                "SobjectType": "Contact",
                "Field": f"Contact.Field_{field}__c",
                "PermissionsRead": True,
                "PermissionsEdit": i % 3 == 0,
            }
        )
    page = {"totalSize": ROWS, "done": at + BATCH >= ROWS, "records": records}
    if not page["done"]:
        page["nextRecordsUrl"] = f"{DATA}/query/0r8000000000001-{at + BATCH}"
    return json.dumps(page).encode()


SOQL = "SELECT Id, ParentId, SobjectType, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions"


def bare(url: str, ca_file: str) -> int:
    """A loop over `query` and `query_more` that reconciles totals and drops the rows."""
    import requests
    from simple_salesforce import Salesforce

    session = requests.Session()
    session.trust_env, session.verify = False, ca_file
    sf = Salesforce(instance_url=url, session_id="token", session=session, version="63.0")
    answer = sf.query(SOQL)
    rows, total = len(answer["records"]), answer["totalSize"]
    while not answer["done"]:
        answer = sf.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
        rows += len(answer["records"])
    if rows != total:
        raise SystemExit("rows are missing")
    return rows


def ours(url: str, ca_file: str) -> int:
    """The reading as a run makes it: every page checked and kept, into columns, doubles removed, totals reconciled."""
    from datetime import UTC, datetime

    from connectors.salesforce import catalogue as cat
    from connectors.salesforce.client import Client, Session
    from connectors.salesforce.journal import Journal
    from connectors.salesforce.reading import Reader
    from connectors.transport import Transport

    client = Client(Session(url, lambda: "token"), Transport(ca_bundle=ca_file))
    with tempfile.TemporaryDirectory() as pages:
        journal = Journal(Path(pages) / "pages", "benchmark", datetime(2026, 1, 1, tzinfo=UTC))
        reading, _ = Reader(client, journal=journal).read(cat.FIELD_PERMISSIONS)
    if not reading.complete:
        raise SystemExit("the reading is not complete")
    return reading.table.num_rows


def work(kind: str, url: str, ca_file: str) -> None:
    """One measured client; prints processor seconds, wall seconds, and megabytes above the loaded libraries."""
    import pandas  # noqa: F401, ICN001
    import pyarrow  # noqa: F401, ICN001
    import simple_salesforce  # noqa: F401

    import connectors.salesforce.reading  # noqa: F401

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    rows = {"bare": bare, "ours": ours}[kind](url, ca_file)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"cpu": cpu, "wall": wall, "mb": grown, "rows": rows}))


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "benchmarks.pull"]
        server = subprocess.Popen([*command, "serve", name])
        try:
            while not (folder / "url").exists():
                time.sleep(0.05)
            url, found = (folder / "url").read_text(), {"bare": [], "ours": []}  # type: ignore[var-annotated]
            for run in range(RUNS + 1):
                for kind, taken in found.items():
                    done = subprocess.run(
                        [*command, kind, url, str(folder / "ca.pem")],
                        check=True,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                    if run:
                        taken.append(json.loads(done.stdout))
        finally:
            server.terminate()
    print(f"\n| pull of {ROWS:,} FieldPermissions rows | CPU s | wall s | MB above the libraries |")
    print("| --- | ---: | ---: | ---: |")
    middle = {
        k: {m: statistics.median(t[m] for t in v) for m in ("cpu", "wall", "mb")} for k, v in found.items()
    }
    for kind, words in (("bare", "bare loop, rows dropped"), ("ours", "reading, in columns")):
        m = middle[kind]
        print(f"| {words} | {m['cpu']:.2f} | {m['wall']:.2f} | {m['mb']:.0f} |")
    pairs = [o["cpu"] / b["cpu"] for o, b in zip(found["ours"], found["bare"], strict=True)]
    print(f"| ratio of pairs, median | {statistics.median(pairs):.2f} | | |")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", where]:
            serve(Path(where))
        case [kind, url, ca_file]:
            work(kind, url, ca_file)
        case _:
            main()
