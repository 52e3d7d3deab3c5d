"""No value of a record and no token is in anything the program leaves behind."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.program.nights import configure
from tests.program.programs import crm_audit, door

CANARY = b"CANARY-PHI"


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


def test_no_value_and_no_token_leaves(clinic):
    folder, ran, kept, token = clinic
    texts = [ran.out, ran.err, kept.out, kept.err]
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += json.dumps(pq.read_table(path).to_pylist()).encode()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(n) for n in book.namelist())
        assert CANARY not in content, path
        assert token.encode() not in content, path
    assert not any(CANARY.decode() in t or token in t for t in texts)


def test_modes_are_private(clinic):
    folder = clinic[0]
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
