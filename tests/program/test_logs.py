"""What a log line and a defect may say: known-safe keys and places, never what a server answered."""

from __future__ import annotations

import json

import pytest
import structlog

from crm_audit import logs, main

CANARY = "CANARY-PHI"


@pytest.fixture(autouse=True)
def own_logs():
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_key_that_is_not_known_safe_is_dropped(json_lines, capsys):
    logs.configure(json_lines=json_lines, quiet=False)
    structlog.get_logger().warning("reading", rows=3, answer=CANARY, token=CANARY)
    line = capsys.readouterr().err
    assert CANARY not in line
    assert (json.loads(line)["rows"] == 3) if json_lines else ("rows=3" in line)


@pytest.mark.parametrize("frames", [False, True])
def test_a_defect_is_one_line_without_its_message(frames, capsys, monkeypatch):
    def broken():
        raise RuntimeError(CANARY)

    monkeypatch.setattr("crm_audit.cli.app", broken)
    if frames:
        monkeypatch.setenv("CRM_AUDIT_TRACEBACK", "1")
    with pytest.raises(SystemExit) as stopped:
        main.main()
    told = capsys.readouterr().err
    assert stopped.value.code == 1
    assert told.startswith("error: crm-audit broke: RuntimeError in test_logs.py:")
    assert CANARY not in told.replace("raise RuntimeError(CANARY)", "")
    assert ("File " in told) is frames
