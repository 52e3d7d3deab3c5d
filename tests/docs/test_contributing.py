"""What Contributing tells to do works when it is done: its blocks are put into a copy of the tree and run."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from connectors.protocol import Connector, Semantics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r'^```python title="([^"]+)"\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL))
PLACES = {
    "auditor/rules/__init__.py": "RULES: tuple[Rule, ...] = (\n",
    "reports/words.py": "_QUESTIONS = {\n",
    "reports/directory.py": "WRITERS: Mapping[str, Writer] = {\n",
}
"""Where the indented lines of a block go; what is not indented goes below the other imports."""

JUDGE = """
import json
import auditor, reports.words as words
from auditor.rule import judge
from auditor.rules import RULES
from auditor.snapshot import Why
from tests.auditor.orgs import DIAGNOSIS, NOTES, marketer, org, tag, unread

new = next(r for r in RULES if r.id == "phi-in-free-text")
ana = marketer("Ana")
views = {
    "gap": org(ana, tags={n: tag(n) for n in (DIAGNOSIS, NOTES)}),
    "pass": org(ana, tags={DIAGNOSIS: tag(DIAGNOSIS)}),
    "blind": org(ana, tags={DIAGNOSIS: tag(DIAGNOSIS)}, gaps=unread(Why.FORBIDDEN, "fields")),
}
judged = {name: judge(new, view) for name, view in views.items()}
print(json.dumps({
    "from": auditor.__file__,
    "states": {name: result.state.value for name, result in judged.items()},
    "fields": [c.field for f in judged["gap"].findings for c in f.seen.cells],
    "question": words._QUESTIONS[new.id],
}))
"""
WRITE = """
import json, sys
from pathlib import Path
import reports
from reports.directory import write_report
from tests.reports.audits import clinic, hostile

folder = Path(sys.argv[1])
write_report((clinic(), hostile()), folder)
print(json.dumps({"from": str(list(reports.__path__)[0]), "text": (folder / "outcome.txt").read_text("utf-8")}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of what a rule and a report format touch, with the page's blocks put in."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("auditor", "reports", "tests/auditor", "tests/reports"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "test_*"))
    for name, block in BLOCKS.items():
        path = folder / name
        if name not in PLACES:
            assert not path.exists()
            path.write_text(block, encoding="utf-8")
            continue
        text, place = path.read_text(encoding="utf-8"), PLACES[name]
        assert text.count(place) == 1
        lines = block.splitlines(keepends=True)
        inner = "".join(line for line in lines if line.startswith(" "))
        imports = "".join(line for line in lines if not line.startswith(" "))
        text = text.replace(place, f"{place}{inner}")
        path.write_text(text.replace("\nfrom auditor", f"\n{imports}from auditor", 1), encoding="utf-8")
    return folder


def run(tree: Path, program: str, *words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["from"].startswith(str(tree))
    return said


def test_the_page_touches_three_files_for_a_rule():
    touched = [name for name in BLOCKS if name.startswith("auditor/") or name == "reports/words.py"]
    assert touched == ["auditor/rules/phi_in_free_text.py", "auditor/rules/__init__.py", "reports/words.py"]


def test_the_rule_of_the_page_finds_what_it_says(tree):
    said = run(tree, JUDGE)
    assert said["states"] == {
        "gap": "gap_observed",
        "pass": "no_gap_observed",
        "blind": "unknown_not_readable",
    }
    assert said["fields"] == ["Contact.Notes__c"]
    assert said["question"].endswith("?")


def test_the_report_format_of_the_page_is_written(tree, tmp_path):
    said = run(tree, WRITE, str(tmp_path / "report"))
    assert "phi-in-free-text" in said["text"]  # the rule of the page is in the same tree
    assert "sunrise: marketing-reads-clinical gap_observed" in said["text"]


def test_the_page_names_what_a_connector_is():
    _, _, part = PAGE.partition("## Add a connector")
    for path in re.findall(
        r"`((?:connectors|sandbox|crm_audit|auditor|docs)/[\w/.]*|pyproject\.toml)`", part
    ):
        assert (ROOT / path.replace("NAME", "salesforce")).exists(), path
    methods = {name for name, _ in inspect.getmembers(Connector, inspect.isfunction) if name[0] != "_"}
    assert all(f"`{name}`" in part for name in methods)
    assert "compile" in {field.name for field in fields(Semantics)}
