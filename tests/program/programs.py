"""Run the program against the sandbox, as a user would, with the report in a fresh directory."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from connectors import transport
from connectors.hubspot import client as portals
from connectors.hubspot.limits import Clock
from crm_audit.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """What one run of the program left behind."""

    code: int
    out: str
    err: str
    report: Path

    def document(self) -> dict:
        return json.loads((self.report / "audit.json").read_text(encoding="utf-8"))


def crm_audit(folder: Path, *words: str, **environ: str) -> Ran:
    """The program as its own process, in an environment that holds only what is given."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "crm_audit", *words],
        env={**kept, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr, folder / "out")


def inside(folder: Path, *words: str, clock: Clock | None = None, **environ: str) -> Ran:
    """The same inside this process, which spares its start: as it is, but its retries hardly wait.

    `clock` is what a portal's rate windows are kept by; give the portal the same one.
    """
    out, err = io.StringIO(), io.StringIO()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    quick = functools.partial(transport.Transport, retry_wait=0.001)
    with (
        mock.patch.object(transport, "Transport", quick),
        mock.patch.object(portals, "Clock", (lambda: clock) if clock else Clock),
        mock.patch.object(sys, "argv", ["crm-audit", *words]),
        mock.patch.dict("os.environ", {**kept, "NO_PROXY": "127.0.0.1,localhost", **environ}, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return Ran(code, out.getvalue(), err.getvalue(), folder / "out")


def door(served) -> dict[str, str]:
    """The environment of the ad-hoc door for a running sandbox."""
    return {
        "SF_INSTANCE_URL": served.url,
        "SF_ACCESS_TOKEN": served.token,
        "REQUESTS_CA_BUNDLE": str(served.ca_file),
    }
