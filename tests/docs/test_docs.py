"""What the documentation says is what the program does, and nothing that exists goes unmentioned."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer

from auditor.access import WORDS
from auditor.audit import exit_code
from auditor.diff import DIFFERENT
from auditor.errors import AlreadyRunning, AuditorError, CollectionError, ConfigError
from auditor.findings import State
from auditor.rules import RULES
from connectors.salesforce import catalogue as cat
from connectors.salesforce.client import ALLOWED
from crm_audit.cli import app
from crm_audit.probing import DISAGREES
from crm_audit.runs.checking import CHANGED
from crm_audit.runs.standing import OVERDUE
from crm_audit.targets import ENVIRONMENT

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
ALL = "\n".join(TEXT.values())

FORBIDDEN = ("compliant", "violat", "breach", "guarantee", "tamper-proof", "illegal")
"""Parts of words that no page may use: legal conclusions and promises (hipaa 4.1)."""
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(name: str) -> str:
    return TEXT[DOCS / name]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every command with its options, as a user types them."""

    def walk(command: object, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, inner in getattr(command, "commands", {}).items():
            path = f"{prefix} {name}"
            if hasattr(inner, "commands"):
                yield from walk(inner, path)
            else:
                flags = [o for p in inner.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")]
                yield path, tuple(flags)

    return walk(typer.main.get_command(app), "crm-audit")


GENERATED = [
    "rules.md",
    "queries.md",
    "least-privilege.md",
    "configuration-reference.md",
    "limits.md",
    "tagger.md",
    "pictures/tagger-calibration.svg",
]


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_current(name):
    made = generator().PAGES
    assert set(made) == set(GENERATED)
    assert (DOCS / name).read_text(encoding="utf-8") == made[name](), "Run: make docs"


@pytest.mark.parametrize("command", [c for c, _ in commands()])
def test_every_command_is_documented(command):
    assert f"`{command}" in ALL


@pytest.mark.parametrize("option", sorted({o for _, options in commands() for o in options}))
def test_every_option_is_documented(option):
    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", ALL)


def possible_codes() -> set[int]:
    """Every code a run can end with: errors, and all that `exit_code` can give."""

    class One:
        def __init__(self, worst: int | None, incomplete: bool, waived: bool) -> None:
            self.worst, self.incomplete, self.waived = worst, incomplete, waived

    both = (False, True)
    judged = {exit_code([One(w, i, v)]) for w in (None, 0, 1, 2, 3) for i in both for v in both}
    errors = {e.exit_code for e in (AuditorError, ConfigError, CollectionError, AlreadyRunning)}
    return judged | errors | {CHANGED, OVERDUE, DIFFERENT, DISAGREES, 130}


@pytest.mark.parametrize("code", sorted(possible_codes()))
def test_every_exit_code_is_documented(code):
    assert f"\n| {code} | " in page("exit-codes.md")


def test_no_other_exit_code_is_documented():
    listed = {int(c) for c in re.findall(r"^\| (\d+) \| ", page("exit-codes.md"), re.MULTILINE)}
    assert listed == possible_codes()


@pytest.mark.parametrize("rule", [r.id for r in RULES])
def test_every_rule_has_its_page(rule):
    _, found, rest = page("rules.md").partition(f"\n## {rule}\n")
    assert found
    own = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    for section in ("Why it matters", "Remediation", "Limits", "Example"):
        assert f"### {section}\n" in own
    assert rule in TEXT[ROOT / "CHANGELOG.md"]


def readings() -> list[str]:
    """Every name a reading of Salesforce can have."""
    return [
        *(q.name for q in cat.QUERIES),
        *(cat.aggregates_of(q) for q in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS)),
        cat.DESCRIBE,
        cat.SECURABLE_OBJECTS,
        cat.RETENTION,
        cat.RETENTION_MONTHS,
        cat.RETENTION_SAMPLE,
        cat.RETENTION_SIGHT,
        "sobjects",
    ]


@pytest.mark.parametrize("reading", readings())
def test_every_reading_is_documented(reading):
    assert f"\n### {reading}\n" in page("queries.md") or f"\n| {reading} | " in page("queries.md")


def test_every_column_and_every_allowed_call_is_documented():
    missing = [c.name for q in cat.QUERIES for c in q.columns if f"`{c.name}`" not in page("queries.md")]
    missing += [path for _, path in ALLOWED if path not in page("queries.md")]
    assert not missing


@pytest.mark.parametrize("variable", sorted(ENVIRONMENT))
def test_every_variable_is_documented(variable):
    assert f"`{variable}`" in page("salesforce.md") + page("connect-hubspot.md") + page("connect-tryton.md")


def test_every_word_and_every_state_is_explained():
    assert all(f"| `{word.value}` | " in page("access.md") for word in WORDS)
    assert all(f"`{state.value}`" in page("report.md") for state in State)


def test_the_sentences_about_access_are_numbered_and_cited():
    rows = re.findall(r"^\| (\d+) \| .+\. \| ([^|]+) \|$", page("access.md"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > 15
    assert all(re.fullmatch(r"–|[AMOF]\d+(, [AMOF]\d+)*", rule) for _, rule in rows)


PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_promise_names_a_test_that_exists():
    rows = re.split(r"^## ", page("security.md"), flags=re.MULTILINE)[1].splitlines()[4:]
    promises = [row for row in rows if row.startswith("| ")]
    assert len(promises) > 10
    for row in promises:
        proofs = PROOF.findall(row)
        assert proofs, row
        for path, test in proofs:
            assert f"\ndef {test}(" in (ROOT / path).read_text(encoding="utf-8"), row


def test_every_dependency_earns_its_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    groups += project["dependency-groups"].values()
    declared = [re.split(r"[>=<\[]", line)[0] for group in groups for line in group]
    assert len(declared) > 20
    record = page("decisions/0006-dependencies.md")
    assert not [name for name in declared if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", record)]


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("source", PAGES, ids=named)
def test_links_lead_somewhere(source):
    for target in LINK.findall(FENCE.sub("", TEXT[source])):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = (source.parent / path).resolve() if path else source
        assert found.is_file(), target
        assert found.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(TEXT[found]), target


@pytest.mark.parametrize("name", [p for p in PAGES if p.parent == DOCS], ids=named)
def test_every_page_is_linked_from_the_readme(name):
    assert f"(docs/{name.name})" in TEXT[ROOT / "README.md"]


@pytest.mark.parametrize("source", PAGES, ids=named)
def test_no_page_draws_a_legal_conclusion_or_names_a_machine(source):
    text = TEXT[source].lower()
    assert not [word for word in FORBIDDEN if word in text]
    assert not re.search(r"(?<![\w.])/(home|root|users|work|tmp)/", text)


def test_pictures_are_small():
    pictures = list((DOCS / "pictures").iterdir())
    assert pictures
    assert not [p.name for p in pictures if p.stat().st_size > 250_000]
    assert not [p.name for p in pictures if f"pictures/{p.name})" not in ALL]
