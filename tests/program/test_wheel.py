"""The wheel holds the program and its data, nothing else, and works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest

from tests.program.programs import ROOT

PACKAGES = {"auditor", "connectors", "mappings", "reports", "sandbox", "crm_audit"}
DATA = {".css", ".html", ".js", ".json", ".lark", ".yaml"}


def python(folder, *words, **environ):
    kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**kept, "NO_PROXY": "127.0.0.1", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("wheel")
    made = python(folder, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    assert made.returncode == 0, made.stdout + made.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_only_the_packages_are_in_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert [name for name in names if "__pycache__" in name or "/tests/" in name] == []


def test_every_data_file_is_in_it(unpacked):
    data = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA
    }
    assert len(data) >= 4
    assert [path for path in data if not (unpacked / path).is_file()] == []


def test_it_runs_without_the_checkout(unpacked, tmp_path):
    where = {"PYTHONPATH": str(unpacked)}
    origin = python(tmp_path, "-c", "import crm_audit; print(crm_audit.__file__)", **where)
    assert origin.stdout.startswith(str(unpacked))
    version = python(tmp_path, "-m", "crm_audit", "version", **where)
    assert version.stdout.startswith("crm-audit "), version.stderr
    demo = python(tmp_path, "-m", "crm_audit", "demo", "-q", **where)
    assert demo.returncode == 0, demo.stderr
    assert (tmp_path / "crm-audit-demo" / "audit.xlsx").stat().st_size > 10_000
