"""Every command that the documentation shows can be typed, and does what a reader would expect."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from crm_audit.cli import app
from sandbox import hubspot
from sandbox.hubspot.clinic import clinic_evidence, clinic_portal
from sandbox.salesforce import Running, running
from tests.program.planted_org import PEOPLE, inside, planted, write_tags
from tests.tryton.clinics import DATABASE, PASSWORD, gnu, served

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^ *```(?:console|sh|bash)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`crm-audit( [^`\n]+)`")
SHOWN = re.compile(r"^ *(?:\$ )?crm-audit (.+)$", re.MULTILINE)

UNRUN = {
    "sandbox --port 8443": "serves until it is stopped; the quickstart's own test runs it",
    "init": "asks a person; the test of `init` answers it",
    "tags review acme -c crm-audit.yaml --by 'Ana Ruiz'": "asks a person; the test of the review answers it",
    "tags review acme -c crm-audit.yaml --import review.xlsx": "needs a sheet that a person filled in; likewise",
}
"""Commands that are parsed and not run, with the reason: add to this only what needs a person or a real org."""

REPORTS = ("report-october", "report-november")
"""Reports that the pages compare; one of each is there wherever a command reads it."""

OF_NIGHTS = ("schedule", "status", "verify")
"""Commands about the folder of runs, which needs a section `runs` and a run in it."""

SNAPSHOTS = ("monday", "snapshots/monday")
"""Snapshots that the pages name; there is one wherever a command reads it."""

RAN = {0, 4, *range(11, 15), *range(21, 25)}
"""Exit codes of a command that did its work, whatever it found."""

CONFIGURATION = """\
version: 1
targets:
  - name: acme
    platform: salesforce
    instance_url: {url}
    ca_bundle: {ca}
    auth: {{session: {{access_token: {{env: SF_ACCESS_TOKEN}}}}}}
"""


DATABASE_CONFIGURATION = """\
version: 1
targets:
  - name: clinic
    platform: tryton
    url: {url}
    database: {database}
    auth: {{password: {{login: auditor, password: {{env: TRYTON_PASSWORD}}}}}}
mappings: [gnuhealth]
"""

LOGINS = """\
version: 1
logins:
  - login: mia
    password: {env: TRYTON_PASSWORD}
"""

NIGHTS = "runs: {directory: runs}\n"
NAMED = ("Virpal Kaur",)
"""People of the demo clinic whom a page calls by name."""


def _joined(text: str) -> str:
    return text.replace("\\\n", " ")


def blocks() -> Iterator[tuple[str, str]]:
    """Every command shown on a line of its own, with its page."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in SHOWN.findall(_joined(block)):
                yield page.name, shlex.join(shlex.split(line, comments=True))


def mentions() -> Iterator[tuple[str, str]]:
    """Every command that stands anywhere, within a sentence too."""
    yield from blocks()
    for page in PAGES:
        for line in INLINE.findall(page.read_text(encoding="utf-8")):
            yield page.name, line.strip()


BLOCKS = sorted({line for _, line in blocks()})
MENTIONS = sorted(set(mentions()))


@pytest.mark.parametrize(("page", "line"), MENTIONS, ids=[f"{p}: {line}" for p, line in MENTIONS])
def test_every_command_and_option_exists(page, line):
    command = typer.main.get_command(app)
    words = shlex.split(line)
    while inner := getattr(command, "commands", None):
        name = words.pop(0)
        assert name in inner, f"{page}: crm-audit has no command {name}"
        command = inner[name]
        if not words:
            break
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)} | {"--help"}
    used = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert used <= known, page


@pytest.fixture(scope="module")
def org() -> Iterator[Running]:
    with running(planted()) as served:
        yield served
        assert served.writes() == []


@pytest.fixture(scope="module")
def kept(org, tmp_path_factory) -> Path:
    """A snapshot, a report and a run of the clinic."""
    folder = tmp_path_factory.mktemp("kept")
    _configure(folder, org, NIGHTS)
    for words in (
        ("collect", "kept", "acme", "-c", "crm-audit.yaml"),
        ("run", "-c", "crm-audit.yaml", "--out", "report"),
        ("run", "-c", "crm-audit.yaml"),
    ):
        ran = inside(folder, org, *words, "-q", "--no-strict-credential")
        assert ran.code in RAN, ran.err
    return folder


@pytest.fixture(scope="module", autouse=True)
def portal() -> Iterator[None]:
    """The clinic's HubSpot portal, which the environment says how to reach."""
    with hubspot.running(clinic_portal()) as served, pytest.MonkeyPatch.context() as patched:
        patched.setenv("HUBSPOT_BASE_URL", served.url)
        patched.setenv("HUBSPOT_ACCESS_TOKEN", served.token)
        yield
        assert served.writes() == []


@pytest.fixture(scope="module", autouse=True)
def clinic() -> Iterator[None]:
    """A Tryton database, which the environment says how to reach."""
    with served(gnu()) as site, pytest.MonkeyPatch.context() as patched:
        patched.setenv("TRYTON_URL", site.url)
        patched.setenv("TRYTON_DATABASE", DATABASE)
        patched.setenv("TRYTON_LOGIN", "auditor")
        patched.setenv("TRYTON_PASSWORD", PASSWORD)
        yield


def _configure(folder: Path, org: Running, more: str = "") -> None:
    text = CONFIGURATION.format(url=org.url, ca=org.ca_file) + more
    (folder / "crm-audit.yaml").write_text(text, encoding="utf-8")


def _staged(folder: Path, org: Running, kept: Path, words: list[str]) -> None:
    """Put beside a command what it reads, and nothing that it writes."""
    write_tags(folder)
    if "--evidence" in words:
        (folder / "evidence").mkdir()
        for name, text in clinic_evidence().items():
            if name != "users.csv":  # its headers are for a configuration to tell
                (folder / "evidence" / name).write_text(text, encoding="utf-8")
    if words[0] != "init":
        _configure(folder, org, NIGHTS if words[0] in OF_NIGHTS else "")
    if words[:2] == ["tags", "classify"]:
        (folder / words[2]).write_text("object,field\nContact,Diagnosis__c\n", encoding="utf-8")
    if words[0] == "probe":
        _to_probe(folder, org, words)
    if words[0] in OF_NIGHTS:
        shutil.copytree(kept / "runs", folder / "runs")
    for names, source in ((SNAPSHOTS, "kept"), (REPORTS, "report")):
        for name in names:
            if name in words and words[0] != "collect":
                shutil.copytree(kept / source, folder / name)


def _to_probe(folder: Path, org: Running, words: list[str]) -> None:
    """A configuration of the Tryton database, a test user, and a snapshot where the command names one."""
    text = DATABASE_CONFIGURATION.format(url=os.environ["TRYTON_URL"], database=DATABASE)
    (folder / "crm-audit.yaml").write_text(text, encoding="utf-8")
    (folder / "logins.yaml").write_text(LOGINS, encoding="utf-8")
    if "--snapshot" in words:
        taken = words[words.index("--snapshot") + 1]
        (folder / taken).parent.mkdir()
        ran = inside(folder, org, "collect", taken, "-c", "crm-audit.yaml", "-q")
        assert ran.code in RAN, ran.err


def _of_this_org(word: str) -> str:
    """The word, where it is a person whom the clinic does not have, as one it has."""
    name, at, _ = word.partition("@")
    strange = (at and name not in PEOPLE) or word in NAMED
    return "flyer@clinic.example" if strange else word


@pytest.mark.parametrize("line", [line for line in BLOCKS if line not in UNRUN])
def test_every_command_that_is_shown_runs(org, kept, tmp_path, line):
    words = [_of_this_org(word) for word in shlex.split(line)]
    _staged(tmp_path, org, kept, words)
    ran = inside(tmp_path, org, *words)
    assert ran.code in RAN, f"crm-audit {line}: {ran.code}\n{ran.err}"
    assert "Traceback" not in ran.err
    for option in ("--out", "-o"):
        if option in words:
            assert (tmp_path / words[words.index(option) + 1] / "audit.json").is_file()


def test_there_are_commands_to_run():
    assert len(BLOCKS) > 5
    assert set(BLOCKS) >= UNRUN.keys()
