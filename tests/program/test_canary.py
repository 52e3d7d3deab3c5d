"""No value of a record and no token is in anything the program leaves behind."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sandbox.hubspot.clinic import TOKEN, clinic_evidence, clinic_given, clinic_portal
from sandbox.hubspot.running import running as portal_running
from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.connectors.served_portals import TestClock
from tests.program.nights import configure
from tests.program.programs import crm_audit, door, inside

CANARY = b"CANARY-PHI"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The demo portal, audited with what is told and attested of it, and collected; logs and files kept."""
    folder = tmp_path_factory.mktemp("portal")
    (folder / "tmp").mkdir()
    document = clinic_portal()
    assert CANARY.decode() in json.dumps(document)
    given = {key: value for key, value in clinic_given().items() if key != "token"}
    phi = {name.partition(".")[2] for name in given["phi"]}
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    (folder / "evidence").mkdir()
    for name, text in clinic_evidence().items():
        (folder / "evidence" / name).write_text(text, encoding="utf-8")
    turned = TestClock()
    told = ("--tags", "given.json", "--evidence", "evidence", "--as-of", "2026-11-24T09:00:00Z", "--log-json")
    with (
        portal_running(document, clock=turned.now) as served,
        mock.patch.object(tempfile, "tempdir", str(folder / "tmp")),
    ):
        environ = {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": served.url}
        ran, kept = (
            inside(folder, *words, *told, clock=turned.clock(), **environ)
            for words in (
                ("run", "hubspot", "--out", "out", "--answers", "answers.json"),
                ("collect", "kept", "hubspot"),
            )
        )
        assert served.writes() == []
        assert [r for r in served.log if set(r.values) & phi] == []
    assert ran.code in {21, 22, 23, 24}, ran.err
    assert kept.code in {0, 4}, kept.err
    return folder, ran, kept, TOKEN


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """The demo clinic, audited as a stranger would: nothing decided, everything scanned, logs and files kept."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "tmp").mkdir()
    org = clinic_org()
    assert CANARY.decode() in json.dumps(org)  # there is something to leak
    with running(org) as served:
        environ = {**door(served), "TMPDIR": str(folder / "tmp")}
        ran = crm_audit(
            folder,
            "run",
            "salesforce",
            "--as-of",
            "2026-11-24T06:00:00Z",
            "--out",
            "out",
            "--log-json",
            **environ,
        )
        kept = crm_audit(
            folder, "collect", "kept", "salesforce", "--as-of", "2026-11-24T06:00:00Z", "-q", **environ
        )
        assert served.writes() == []
        return folder, ran, kept, served.token


def plain(table):
    """A table as bytes in which every text stands as it is: neither compressed nor in pieces."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def test_a_text_in_a_table_is_found():
    nested = pa.table({"rows": [[{"text": "a"}, {"text": f"b {CANARY.decode()}"}]]})
    assert CANARY in plain(nested)


@pytest.mark.parametrize("audited", ["clinic", "portal"])
def test_no_value_and_no_token_leaves(audited, request):
    folder, ran, kept, token = request.getfixturevalue(audited)
    texts = [ran.out, ran.err, kept.out, kept.err]
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += plain(pq.read_table(path))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(n) for n in book.namelist())
        assert CANARY not in content, path
        assert token.encode() not in content, path
    assert not any(CANARY.decode() in t or token in t for t in texts)


@pytest.mark.parametrize("audited", ["clinic", "portal"])
def test_modes_are_private(audited, request):
    folder = request.getfixturevalue(audited)[0]
    for directory in (folder / "out", folder / "kept"):
        assert oct(directory.stat().st_mode & 0o777) == "0o700"
        assert {oct(p.stat().st_mode & 0o777) for p in Path(directory).iterdir()} == {"0o600"}


def test_no_value_no_token_and_no_address_is_in_a_kept_run(tmp_path):
    org = clinic_org()
    (tmp_path / "alert.url").write_text("json://hush-hush@127.0.0.1:9", encoding="utf-8")
    (tmp_path / "alert.url").chmod(0o600)
    with running(org) as served:
        configure(tmp_path, served, alerts=[{"url_from": {"file": "alert.url"}, "detail": "internal"}])
        words = ("run", "--config", "audit.yaml", "--as-of", "2026-11-24T06:00:00Z", "--log-json")
        ran = crm_audit(tmp_path, *words, **door(served))
        token = served.token
    assert ran.code in range(11, 25), ran.err
    assert "alert not sent" in ran.err
    files = [p for p in (tmp_path / "runs").rglob("*") if p.is_file()]
    assert {"run.json", "chain.jsonl", "audit.json"} <= {p.name for p in files}
    texts = [p.read_bytes() for p in files if p.suffix != ".xlsx"] + [ran.out.encode(), ran.err.encode()]
    assert not [t for t in texts for secret in (CANARY, token.encode(), b"hush-hush") if secret in t]
