"""Legal minimums, recovery windows and who administers: what a file says becomes what rules are told."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from auditor.errors import ConfigError
from auditor.policy import Policy
from auditor.retention import Minimum, RetentionPolicy
from crm_audit import config
from crm_audit.compose import Settings

FILE = """\
version: 1
audiences:
  - {name: it, administers: true, why: Keeps it running., signs: {department: '^IT$'}}
  - {name: care, why: Treats patients., signs: {department: care}}
policy: {matrix: {it: {"*": none}}}
retention:
  - id: intake
    object: Intake__c
    anchor: Closed_Date__c
    period: P12Y
    recovery_window: P15D
    minimums:
      - {jurisdiction: TX, period: P7Y, citation: 22 TAC 165.1}
      - {jurisdiction: NC, period: P11Y, citation: A law., verified_on: 2026-03-02, verified_by: R. Ortiz}
    why: Our schedule.
  - {id: lead, object: Lead, anchor: CreatedDate, period: P24M, why: Our schedule.}
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_minimums_and_windows_reach_the_policy(path):
    intake, lead = config.load(path, {}).retention
    assert intake.minimums == (
        Minimum("TX", "P7Y", "22 TAC 165.1"),
        Minimum("NC", "P11Y", "A law.", dt.date(2026, 3, 2), "R. Ortiz"),
    )
    assert intake.recovery_window == "P15D"
    assert (lead.minimums, lead.recovery_window) == ((), "")


def test_who_administers_reaches_the_audience(path):
    assert {a.name: a.administers for a in config.load(path, {}).audiences} == {"it": True, "care": False}
    assert {a.name for a in config.default({}).audiences if a.administers} == {"administration"}


def test_they_are_shown(path):
    rows = {key: value for key, value, _ in config.describe(config.load(path, {}))}
    assert rows["retention[0].recovery_window"] == "P15D"
    assert rows["retention[0].minimums[0].citation"] == "22 TAC 165.1 (not verified)"
    assert rows["retention[0].minimums[1].citation"] == "A law. (verified by R. Ortiz on 2026-03-02)"
    assert rows["audiences[0].administers"] == "true"
    assert not any(key.startswith(("retention[1].minimums", "audiences[1].administers")) for key in rows)


def test_a_minimum_changes_what_was_decided(path):
    before = config.load(path, {}).digest
    path.write_text(FILE.replace("P11Y", "P10Y"), encoding="utf-8")
    assert config.load(path, {}).digest != before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", verified_by: R. Ortiz", "", "needs both verified_on and verified_by"),
        ("verified_on: 2026-03-02, ", "", "needs both verified_on and verified_by"),
        ("period: P11Y", "period: 11 years", "not an ISO 8601 duration"),
        ("recovery_window: P15D", "recovery_window: 15", "not an ISO 8601 duration"),
        (", citation: 22 TAC 165.1", "", "“citation” is missing"),
        ("verified_on: 2026-03-02", "verified_on: 2026-02-30", "not a day of the calendar"),
    ],
)
def test_what_is_wrong_is_told(path, old, new, said):
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(said)):
        config.load(path, {})


def test_each_kind_of_crm_is_asked_about_its_own_objects():
    names = ("Lead", "lead__c", "contacts", "2-310", "contact")
    policies = tuple(RetentionPolicy(f"p{n}", name, "createdate", "P1Y") for n, name in enumerate(names))
    both = Settings((), Policy(), policies, platforms=frozenset({"salesforce", "hubspot"}))
    assert [p.object for p in both.policies("hubspot")] == ["contacts", "2-310"]
    assert [p.object for p in both.policies("salesforce")] == ["Lead", "lead__c", "contact"]
    for alone in ({"hubspot"}, {"salesforce", "sfdx"}, set()):
        one = Settings((), Policy(), policies, platforms=frozenset(alone))
        assert one.policies("hubspot") == one.policies("salesforce") == policies
