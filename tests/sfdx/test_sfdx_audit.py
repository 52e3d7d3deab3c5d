"""A project through every rule: exposures of holders are found, and page one says what source cannot know."""

from __future__ import annotations

import pytest

from auditor.audit import Audit, exit_code
from auditor.findings import State
from auditor.people import Audience, Sign
from auditor.policy import Policy
from connectors.protocol import Scope
from connectors.salesforce.semantics import SEMANTICS
from connectors.saved import load, save
from connectors.sfdx.connector import Sfdx
from crm_audit import compose
from tests.sfdx.sfdx_projects import (
    NOW,
    SOURCE,
    field,
    fls,
    group,
    permission_set,
    profile,
    project,
    right,
    system,
)

DIAGNOSIS, NOTES = "Contact.Diagnosis__c", "Contact.Notes__c"
FILES = {
    f"{SOURCE}/objects/Contact/fields/Notes__c.field-meta.xml": field("Notes__c"),
    f"{SOURCE}/objects/Contact/fields/Diagnosis__c.field-meta.xml": field("Diagnosis__c"),
    f"{SOURCE}/permissionsets/Campaigns.permissionset-meta.xml": permission_set(
        right("Contact"), fls(DIAGNOSIS), system("ExportReport"), system("RunReports"), label="Campaigns"
    ),
    f"{SOURCE}/permissionsets/Admin.permissionset-meta.xml": permission_set(
        system("ModifyAllData"), label="Admin"
    ),
    f"{SOURCE}/permissionsetgroups/Team.permissionsetgroup-meta.xml": group(
        ["Campaigns", "force__Elsewhere"]
    ),
    f"{SOURCE}/profiles/Nurse.profile-meta.xml": profile(right("Contact")),
    f"{SOURCE}/profiles/Broken.profile-meta.xml": "<Profile>",
}
MARKETING = Audience("marketing", (Sign("sets", "campaign"),), "by name", marketing=True)


@pytest.fixture
def audited(tmp_path, monkeypatch) -> Audit:
    """Collected, saved, loaded again and judged with decided tags, as the front door does."""
    monkeypatch.setattr(compose, "semantics", lambda _platform: SEMANTICS)
    settings = compose.Settings((MARKETING,), Policy(), decided={DIAGNOSIS: "diagnosis", NOTES: "diagnosis"})
    root = project(tmp_path / "project", FILES)
    connector = Sfdx(root, target="project", taken_at=NOW, tool_version="test")
    snapshot = connector.schema(compose.scope(settings, None, "sfdx"))
    tags = list(compose.tag(snapshot, settings).tags.values())
    snapshot = connector.collect(snapshot, compose.plan(tags, settings, "sfdx", NOW))
    save(snapshot, tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert again.manifest == snapshot.manifest
    assert again.readings.keys() == snapshot.readings.keys()
    return compose.judge(again, settings, NOW)


def test_what_holders_can_read_is_found(audited):
    found = {f.rule: f for f in audited.findings if f.counts}
    reads = found["marketing-reads-clinical"]
    assert reads.seen.root_label == "Campaigns"
    assert [c.field for c in reads.seen.cells] == [DIAGNOSIS]
    assert "whoever holds permission set “Campaigns”" in reads.seen.example
    assert "can-grant-itself" in found


def test_what_source_cannot_know_is_said_and_nothing_passes_for_it(audited):
    gaps = " ".join(f.seen.message for f in audited.findings if f.rule == "evidence-gap")
    assert "People are not part of a project's source" in gaps
    assert "Who is assigned what" in gaps
    assert f"{SOURCE}/profiles/Broken.profile-meta.xml, line" in gaps
    assert "which the project does not hold" in gaps
    assert "holds only what was retrieved together with it" in gaps
    about_people = {"guest-reads-phi", "dormant-holder", "external-reads-phi"}
    states = {r.rule.id: r.state for r in audited.results if r.rule.id in about_people}
    assert set(states.values()) == {State.UNKNOWN}
    assert exit_code([audited]) > 20


def test_no_credential_is_blamed(audited):
    states = {r.rule.id: r.state for r in audited.results}
    assert states["credential-exceeds-need"] is State.NO_GAP_OBSERVED


def test_findings_keep_their_identity_wherever_the_project_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "semantics", lambda _platform: SEMANTICS)
    settings = compose.Settings((MARKETING,), Policy(), decided={DIAGNOSIS: "diagnosis", NOTES: "diagnosis"})
    found = []
    for place in ("here", "there"):
        connector = Sfdx(
            project(tmp_path / place, FILES), target="project", taken_at=NOW, tool_version="test"
        )
        snapshot = connector.schema(Scope(objects=("Contact",)))
        tags = list(compose.tag(snapshot, settings).tags.values())
        snapshot = connector.collect(snapshot, compose.plan(tags, settings, "sfdx", NOW))
        found.append([f.id for f in compose.judge(snapshot, settings, NOW).findings])
    assert found[0] == found[1]
    assert found[0]
