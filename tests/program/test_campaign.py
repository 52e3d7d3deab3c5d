"""Seeded trouble on the wire: the same findings, or an openly incomplete run, and never better than the truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.access import Word
from auditor.audit import exit_code
from auditor.errors import CollectionError
from connectors.salesforce.client import Client, Session, Transport
from connectors.salesforce.connector import Salesforce
from crm_audit import compose
from crm_audit.config import default
from sandbox.salesforce import Faults, running
from tests.conftest import SHARED

NAME = "muted-in-group-but-direct-elsewhere"
ORG = SHARED / "data" / "scenarios" / "salesforce" / f"{NAME}.org.json"
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
OPEN = {Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT, Word.DORMANT}

pytestmark = pytest.mark.skipif(not ORG.exists(), reason="../shared is absent")


def run(faults):
    """One audit in this process, with retries that hardly wait; None if nothing could be read."""
    settings = compose.settings(default({}), None, as_of=NOW, strict=False)
    settings = replace(settings, decided={"Contact.Diagnosis__c": "diagnosis"})
    with running(ORG, batch_size=3, faults=faults) as served:
        transport = Transport(ca_bundle=str(served.ca_file), retry_wait=0.001, read_timeout=5)
        try:
            client = Client(Session(served.url, lambda: served.token), transport)
            connector = Salesforce(client, target="t", taken_at=NOW, tool_version="0")
            found = compose.judge(compose.collect(connector, settings, None, NOW), settings, NOW)
        except CollectionError:
            found = None
        assert served.writes() == []
    return found


def verdicts(audit):
    access = audit.view.access
    return {
        (p.id, f.name): access.word(p.id, f.name) for p in access.grants.people for f in access.grants.fields
    }


@pytest.fixture(scope="module")
def truth():
    return run(None)


def check(seed, truth):
    found = run(Faults.random(seed))
    if found is None:
        return
    code, wanted = exit_code([found]), exit_code([truth])
    same = {f.id for f in found.findings if f.counts} == {f.id for f in truth.findings if f.counts}
    assert (same and code == wanted) or code in {4, 21, 22, 23, 24}, (seed, code, wanted)
    seen = verdicts(found)
    better = [
        k for k, word in verdicts(truth).items() if word in OPEN and seen.get(k, Word.UNKNOWN) is Word.NO
    ]
    assert better == [], seed


@pytest.mark.parametrize("seed", range(24))
def test_slice(seed, truth):
    check(seed, truth)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(24, 200))
def test_campaign(seed, truth):
    check(seed, truth)
