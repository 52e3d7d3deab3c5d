"""The quickstart, command by command and edit by edit as the page has them, in an empty folder.

Two things differ from what a reader does: what is installed is this checkout, and the port is whichever is free.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from tests.program.programs import ROOT

PAGE = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8").partition("\n## With your org\n")[0]
BLOCK = re.compile(r'^```(console|diff)(?: title="([\w.-]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
INSTALL = 3
"""Commands of the first block, which fetches packages; the wheel has a test of its own."""


class Said(NamedTuple):
    """What one command of the page said."""

    code: int
    out: str


def steps() -> list[tuple[str, str]]:
    """Commands as (``""``, command) and edits as (file, lines of a diff), in the order of the page."""
    found = []
    for kind, title, text in BLOCK.findall(PAGE):
        if kind == "diff":
            found.append((title, text))
        else:
            assert all(line.startswith("$ ") for line in text.splitlines()), text
            found += [("", line.removeprefix("$ ")) for line in text.splitlines()]
    return found


def edit(file: Path, change: str) -> None:
    """Apply a diff of the page: lines that stay are found one after the other, lines that go are the next ones."""
    lines, place = file.read_text(encoding="utf-8").splitlines(), 0
    for line in change.splitlines():
        sign, text = line[0], line[1:]
        if sign == "+":
            lines.insert(place, text)
            place += 1
            continue
        place = lines.index(text, place)
        if sign == "-":
            del lines[place]
        else:
            place += 1
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> tuple[Path, dict[str, Said]]:
    """The folder after the whole page, and what each command of the second terminal said."""
    folder, binaries = tmp_path_factory.mktemp("quickstart"), tmp_path_factory.mktemp("bin")
    (binaries / "crm-audit").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m crm_audit "$@"\n', encoding="utf-8"
    )
    (binaries / "crm-audit").chmod(0o755)
    environ = {"PATH": f"{binaries}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    (_, serve), *rest = steps()[INSTALL:]
    assert serve == "crm-audit sandbox --port 8443"
    with subprocess.Popen(
        ["sh", "-c", f"exec {serve.replace('8443', '0')}"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        exports = []
        while len(exports) < 3:
            line = served.stdout.readline()
            assert line, "the sandbox ended"
            exports += [line.strip()] if line.startswith("  export ") else []
        said = {}
        try:
            for file, text in rest:
                if file:
                    edit(folder / file, text)
                    continue
                done = subprocess.run(
                    ["sh", "-c", "\n".join([*exports, text])],
                    cwd=folder,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=120,
                )
                said[text] = Said(done.returncode, done.stdout + done.stderr)
        finally:
            served.terminate()
    return folder, said


def test_the_page_begins_with_nothing_but_python():
    assert [command for _, command in steps()[:INSTALL]] == [
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "pip install 'crm-audit[demo]'",
    ]
    assert len(BLOCK.findall(PAGE)) * 2 == PAGE.count("\n```")


def test_every_command_does_what_the_page_says(followed):
    _, said = followed
    codes = {command: one.code for command, one in said.items() if not command.startswith("crm-audit run")}
    assert codes == dict.fromkeys(codes, 0), said
    runs = [one.code for command, one in said.items() if command.startswith("crm-audit run")]
    assert runs == [14, 14]
    assert not any("Traceback" in one.out for one in said.values())


def page_one(folder: Path, report: str) -> str:
    book = openpyxl.load_workbook(folder / report / "audit.xlsx", read_only=True)
    return "\n".join(str(cell) for row in book["Summary"].iter_rows(values_only=True) for cell in row if cell)


def test_the_first_report_says_what_nobody_decided_and_the_second_what_was(followed):
    folder, said = followed
    first, second = page_one(folder, "first"), page_one(folder, "second")
    assert "“marketing”" in re.search(r"who belongs to (.*?) is a proposal", first)[1]
    assert "“marketing”" not in re.search(r"who belongs to (.*?) is a proposal", second)[1]
    assert "policy version draft" in first
    assert "policy version 2026-1" in second
    shown = said["crm-audit config show -c crm-audit.yaml"].out
    assert "lead-never-patient" in shown
    audited = [(folder / report / "audit.json").read_text(encoding="utf-8") for report in ("first", "second")]
    assert ['"lead-never-patient"' in text for text in audited] == [False, True]
    tagged = [{tag["field"] for tag in json.loads(text)["systems"][0]["tags"]} for text in audited]
    assert ["Lead.Treatment_Group__c" in fields for fields in tagged] == [True, False]


def test_the_question_is_answered(followed):
    _, said = followed
    [answer] = [one.out for command, one in said.items() if command.startswith("crm-audit why")]
    assert "Diagnosis__c" in answer
    assert "Marketing Manager" in answer
