"""Nights of the planted org: a configuration with runs, and what a night leaves behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_audit import clock
from crm_audit.runs import record
from crm_audit.runs.chain import Chain
from crm_audit.runs.record import Record
from tests.program.planted_org import NOW, inside, write_tags
from tests.program.programs import Ran

FIRST = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SUBJECT = ("run", "--config", "audit.yaml", "--tags", "tags.json", "--as-of", NOW, "-q")


def configure(folder: Path, served, **sections) -> Path:
    """A configuration with one target and a section `runs`; more sections, or other values of `runs`."""
    runs = {"directory": "runs", **sections.pop("runs", {})}
    text = {
        "version": 1,
        "targets": [
            {
                "name": "clinic",
                "platform": "salesforce",
                "instance_url": served.url,
                "auth": {"session": {"access_token": {"env": "SF_ACCESS_TOKEN"}}},
            }
        ],
        "strict_credential": False,
        "runs": runs,
        **sections,
    }
    write_tags(folder)
    (folder / "audit.yaml").write_text(json.dumps(text), encoding="utf-8")
    return folder / "runs"


def night(monkeypatch, folder: Path, served, number: int = 0, *more: str) -> Ran:
    """One night, so many days after the first."""
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(days=number))
    return inside(folder, served, *SUBJECT, *more)


def asked(monkeypatch, folder: Path, served, days: float, *words: str) -> Ran:
    """One question, so many days after the first night."""
    monkeypatch.setattr(clock, "now", lambda: FIRST + timedelta(days=days))
    return inside(folder, served, *words)


def kept(runs: Path) -> list[str]:
    """The names of the folders that are there, hidden ones too, locks apart."""
    return sorted(p.name for p in runs.iterdir() if p.is_dir() and p.name != ".locks")


def record_of(runs: Path, name: str) -> Record:
    return record.read(runs / name)


def events(runs: Path) -> list[str]:
    """What the chain says happened."""
    return [event.kind.value for event in Chain(runs).events()]
