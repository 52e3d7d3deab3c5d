"""A configuration as a user would write it, and the program run with it, as its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from live_server import AUDITOR, DATABASE, STAFF, Server, password_of

ROOT = Path(__file__).resolve().parents[2]

CONFIGURATION = """\
version: 1

targets:
  - name: clinic
    platform: tryton
    url: {url}
    database: {database}
    auth:
      password:
        login: {auditor}
        password: {{env: AUDITOR_PASSWORD}}
    objects:
      include: ["{objects}"]

audiences:
  - name: administration
    administers: true
    signs: {{permission_set: ^Administration$}}
    why: Gives rights to others.
  - name: marketing
    marketing: true
    signs: {{permission_set: ^Marketing$}}
    why: Finds new patients.
  - name: care
    signs: {{permission_set: ^Health}}
    why: Treats patients.

policy:
  version: live-1
  approved_by: Privacy officer
  approved_on: 2026-11-02
  matrix:
    administration: {{"*": edit}}
    marketing: {{"*": none}}
    care: {{"*": edit}}

mappings: [{mapping}]
"""

EVERYTHING = """\
version: 1
tags:
  - match: {{object: "{objects}"}}
    tag: diagnosis_condition
    why: Every field of these models, so that all of them can be asked about.
"""


@dataclass(frozen=True)
class Ran:
    """What one run of the program left behind."""

    code: int
    out: str
    err: str


class Project:
    """A folder with configuration, mapping and logins for one server.

    Without another mapping, every field of the given models is tagged, so that all of them can be asked about.
    """

    def __init__(
        self, folder: Path, server: Server, objects: str = "gnuhealth.*", mapping: str = "mapping.yaml"
    ) -> None:
        self.folder = folder
        written = CONFIGURATION.format(
            url=server.url, database=DATABASE, auditor=AUDITOR, objects=objects, mapping=mapping
        )
        (folder / "crm-audit.yaml").write_text(written, encoding="utf-8")
        if mapping == "mapping.yaml":
            (folder / mapping).write_text(EVERYTHING.format(objects=objects), encoding="utf-8")
        self.passwords = {"AUDITOR_PASSWORD": password_of(AUDITOR)}
        self.ask_as(STAFF)

    def ask_as(self, logins: Iterable[str]) -> None:
        """Write the file of test users, with a variable of its own for each password."""
        lines = ["version: 1", "logins:"]
        for login in logins:
            variable = f"PASSWORD_OF_{login.upper().replace('.', '_')}"
            self.passwords[variable] = password_of(login)
            lines += [f"  - login: {login}", f"    password: {{env: {variable}}}"]
        (self.folder / "logins.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def begin(self, command: str, *words: str) -> subprocess.Popen[str]:
        """The program as its own process, in an environment that holds only what it is given."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environ = {**kept, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **self.passwords}
        return subprocess.Popen(
            [sys.executable, "-m", "crm_audit", command, "--config", "crm-audit.yaml", *words],
            env=environ,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def crm_audit(self, command: str, *words: str, timeout: float = 900) -> Ran:
        """Run the program to its end."""
        begun = self.begin(command, *words)
        try:
            out, err = begun.communicate(timeout=timeout)
        finally:
            begun.kill()
        for password in self.passwords.values():
            assert password not in out + err
        assert "Traceback" not in err
        return Ran(begun.returncode, out, err)

    def run(self, *words: str) -> Ran:
        """Audit, with the report in `report`."""
        return self.crm_audit("run", "--out", "report", *words)

    def audit(self) -> dict:
        """The report, as data."""
        return json.loads((self.folder / "report" / "audit.json").read_text(encoding="utf-8"))

    def probe(self, *words: str) -> tuple[Ran, dict]:
        """Probe, and what came of it as data."""
        ran = self.crm_audit("probe", "--logins", "logins.yaml", "--json", "probe.json", *words)
        made = self.folder / "probe.json"
        return ran, json.loads(made.read_text(encoding="utf-8")) if made.exists() else {}
