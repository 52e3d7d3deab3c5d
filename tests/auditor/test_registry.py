"""The list of rules is complete, and every rule has its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.retention import subtract
from auditor.rules import RULES
from tests.conftest import ROOT


def test_the_list_equals_the_folder():
    folder = {p.stem.replace("_", "-") for p in Path(ROOT, "auditor", "rules").glob("*.py")} - {"--init--"}
    assert {rule.id for rule in RULES} == folder


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_its_page(rule):
    for section in ("Why it matters", "Remediation", "Limits", "Example"):
        assert f"## {section}" in rule.page
    for word in ("violation", "compliant", "illegal"):
        assert word not in rule.page.lower()


def test_generated_pages_are_current():
    import runpy

    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == generate["rules"]()


@pytest.mark.parametrize(
    ("moment", "period", "expected"),
    [
        ("2024-02-29T00:00:00+00:00", "P1Y", "2023-02-28T00:00:00+00:00"),
        ("2026-03-31T00:00:00+00:00", "P1M", "2026-02-28T00:00:00+00:00"),
        ("2026-11-24T06:00:00+00:00", "P24M", "2024-11-24T06:00:00+00:00"),
        ("2026-11-24T06:00:00+00:00", "P30D", "2026-10-25T06:00:00+00:00"),
    ],
)
def test_periods_are_calendar_periods(moment, period, expected):
    from datetime import datetime

    assert subtract(datetime.fromisoformat(moment), period) == datetime.fromisoformat(expected)
