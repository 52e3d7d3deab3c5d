"""The sections `runs` and `alerts`: what they mean, what is refused, and what is worth a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import ConfigError
from crm_audit import config
from crm_audit.config import Runs

WHOLE = """version: 1
runs: {directory: kept, keep_days: 2192, keep_last: 30, max_age: PT26H}
alerts:
  - url_from: {env: CRM_AUDIT_ALERT_URL}
  - url_from: {keyring: {service: crm-audit, user: chat}}
    detail: internal
"""


def loaded(folder: Path, text: str) -> config.Config:
    path = folder / "audit.yaml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, {"CRM_AUDIT_ALERT_URL": "json://hush"})


def test_what_the_sections_mean(tmp_path):
    found = loaded(tmp_path, WHOLE)
    assert found.runs == Runs(tmp_path / "kept", 2192, 30, "PT26H")
    assert [(a.url.reference, a.place, a.internal) for a in found.alerts] == [
        ("env CRM_AUDIT_ALERT_URL", "alerts[0]", False),
        ("keyring crm-audit/chat", "alerts[1]", True),
    ]
    assert found.alerts[0].url.reveal() == "json://hush"


def test_without_them_there_are_none(tmp_path):
    found = loaded(tmp_path, "version: 1\n")
    assert (found.runs, found.alerts) == (None, ())


def test_the_settings_show_references_only(tmp_path):
    rows = config.describe(loaded(tmp_path, WHOLE))
    shown = {key: value for key, value, _ in rows}
    assert shown["runs.keep_days"] == "2192"
    assert shown["alerts[0].url_from"] == "env CRM_AUDIT_ALERT_URL"
    assert shown["alerts[1].detail"] == "internal"
    assert "hush" not in str(rows)


def test_where_runs_go_decides_nothing(tmp_path):
    assert loaded(tmp_path, WHOLE).digest == loaded(tmp_path, "version: 1\n").digest


@pytest.mark.parametrize(
    ("keys", "warned"),
    [
        ("directory: a", False),
        ("directory: a, keep_days: 2192", False),
        ("directory: a, keep_days: 30", True),
        ("directory: a, keep_last: 30", True),
        ("directory: a, keep_days: 2192, keep_last: 30", False),
    ],
)
def test_less_than_six_years_is_worth_a_word(keys, warned, tmp_path):
    found = config.warnings(loaded(tmp_path, f"version: 1\nruns: {{{keys}}}\n"))
    assert any("six years" in warning for warning in found) is warned


def test_an_address_that_others_may_read_is_worth_a_word(tmp_path):
    (tmp_path / "url").write_text("json://hush", encoding="utf-8")
    (tmp_path / "url").chmod(0o644)
    found = loaded(tmp_path, "version: 1\nruns: {directory: a}\nalerts: [{url_from: {file: url}}]\n")
    assert any("can be read by everybody" in warning for warning in config.warnings(found))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("runs: {}", "“directory” is missing in runs."),
        ("runs: {directory: a, keep_days: 0}", "“runs.keep_days” must be greater than or equal to 1."),
        ("runs: {directory: a, keep_last: many}", "“runs.keep_last” must be a valid integer"),
        ("runs: {directory: a, max_age: 2 days}", "This is not an ISO 8601 duration."),
        ("runs: {directory: a, keepdays: 3}", "Unknown key “keepdays” in runs."),
        ("alerts: [{url_from: {env: X}}]", "“alerts” need “runs”"),
        (
            "runs: {directory: a}\nalerts: [{url_from: 'json://hush'}]",
            "must not be written into the configuration",
        ),
        ("runs: {directory: a}\nalerts: [{url_from: {env: X}, detail: all}]", "detail” cannot be “all”."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text, sentence, tmp_path):
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, f"version: 1\n{text}\n")
    assert sentence in refused.value.message
    assert "audit.yaml" in refused.value.message
    assert "hush" not in refused.value.message + refused.value.hint
