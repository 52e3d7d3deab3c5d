"""The small portal of seeded trouble, told and attested as an auditor would, and the program run on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import openpyxl

from sandbox.hubspot.running import running
from tests.connectors.served_portals import SECRET, TestClock
from tests.hubspot.trouble_maker import EVIDENCE, PHI
from tests.program.programs import Ran, inside

GIVEN = {
    "format": "hubspot-scenario/1",
    "asOf": "2026-11-24T09:00:00.000Z",
    "token": SECRET,
    "phi": PHI,
    "marketing": {"roleIds": ["7"]},
    "retention": [
        {"policy": "old", "object": "contacts", "anchors": ["createdate"], "olderThanDays": 365},
    ],
}


class Audited(NamedTuple):
    """What one run left behind, and its answers if it got that far."""

    ran: Ran
    answers: dict | None

    @property
    def system(self) -> dict:
        return self.ran.document()["systems"][0]

    @property
    def unread(self) -> dict[str, dict]:
        """What was not read in full, but for what HubSpot shows to nobody."""
        return {
            r["name"]: r for r in self.system["readings"] if not r["complete"] and r["name"] != "dashboards"
        }

    def page_one(self) -> str:
        """All texts of the workbook's first sheet."""
        book = openpyxl.load_workbook(self.ran.report / "audit.xlsx", read_only=True)
        try:
            return "\n".join(str(cell) for row in book.worksheets[0].values for cell in row if cell)
        finally:
            book.close()


def audited(folder: Path, document: dict, *, faults: dict | None = None, **given) -> Audited:
    """One `run hubspot`; whatever happens, nothing is written, no value is asked for, and no traceback shown."""
    (folder / "given.json").write_text(json.dumps({**GIVEN, **given}), encoding="utf-8")
    (folder / "evidence").mkdir(exist_ok=True)
    for name, text in EVIDENCE.items():
        (folder / "evidence" / name).write_text(text, encoding="utf-8")
    words = ["run", "hubspot", "--tags", "given.json", "--evidence", "evidence", "--as-of", GIVEN["asOf"]]
    words += ["--out", "out", "--answers", "answers.json", "-q"]
    turned = TestClock()
    with running(document, faults=faults, clock=turned.now) as site:
        environ = {"HUBSPOT_ACCESS_TOKEN": SECRET, "HUBSPOT_BASE_URL": site.url}
        ran = inside(folder, *words, clock=turned.clock(), **environ)
        assert site.writes() == []
        names = {name.partition(".")[2] for name in PHI}
        assert [r for r in site.log if set(r.values) & names] == []
    assert not re.search("Traceback|crm-audit broke", ran.err), ran.err
    answers = folder / "answers.json"
    return Audited(ran, json.loads(answers.read_text(encoding="utf-8")) if answers.exists() else None)
