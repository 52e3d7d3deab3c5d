"""What people decided about fields, in the tables and in the JSON."""

from __future__ import annotations

from dataclasses import replace

import audits
import pytest

from auditor.audit import audit
from auditor.rules import RULES
from auditor.rulings import Sources, Standing
from reports import grid, json_v1, words
from reports.tables import tables
from tests.auditor.orgs import DIAGNOSIS, EMAIL, HIV, NOTES, ruling

SHEET = "Decisions about fields"


def told(*rulings):
    """The clinic, of whose fields somebody decided."""
    made = audits.clinic()
    view = replace(made.view, sources=Sources(9, (), rulings))
    return audit(made.target, view, RULES, tool_version="0.1.0")


ALL = told(
    ruling(EMAIL),
    ruling(NOTES, Standing.UNSEEN, now=""),
    ruling(HIV, Standing.EXPIRED, expires="2026-11-01", phi_class="hiv_sti", by="=cmd"),
    ruling(DIAGNOSIS, Standing.REOPENED, changed=("label", "picklist"), file="ledger.yaml", line=4),
)


def test_what_needs_a_person_comes_first():
    [table] = [t for t in tables((ALL,)) if t.sheet == SHEET]
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, map(grid.text, row), strict=True)) for row in table.rows]
    assert [(row["Field"], row["Status"]) for row in rows] == [
        (DIAGNOSIS, "Re-opened"),
        (HIV, "Expired"),
        (NOTES, "Not there"),
        (EMAIL, "In force"),
    ]
    assert (rows[0]["Changed since"], rows[0]["Written at"]) == ("label, picklist", "ledger.yaml:4")
    assert (rows[1]["Decided"], rows[1]["Last day"]) == ("hiv sti", "2026-11-01")


def test_without_a_decision_there_is_no_sheet():
    assert SHEET not in {table.sheet for table in tables((told(), audits.clinic()))}


def test_the_json_has_every_decision():
    document = json_v1.document((ALL,))
    json_v1.check(document)
    found = document["systems"][0]["decisions"]
    assert [(one["field"], one["status"], one["evidence_now"]) for one in found] == [
        (DIAGNOSIS, "re-opened", "1" * 16),
        (HIV, "expired", "1" * 16),
        (NOTES, "not seen", ""),
        (EMAIL, "in force", "1" * 16),
    ]


@pytest.mark.parametrize(
    ("standing", "said", "follows"),
    [
        (Standing.IN_FORCE, "none", "It is believed."),
        (Standing.UNSEEN, "none", "Take it out."),
        (Standing.REOPENED, "none", "no longer clears"),
        (Standing.EXPIRED, "none", "no longer clears"),
        (Standing.REOPENED, "allergy", "keeps its class until"),
        (Standing.EXPIRED, "allergy", "where nothing is"),
    ],
)
def test_what_follows_is_said(standing, said, follows):
    assert follows in words.ruling_meaning(ruling(EMAIL, standing, phi_class=said))
