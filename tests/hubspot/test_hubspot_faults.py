"""Seeded trouble on the wire to a portal: the same is said, or openly less; nothing is better than the truth."""

from __future__ import annotations

import pytest

from auditor.audit import exit_code
from auditor.errors import CollectionError
from auditor.people import Audience, Sign
from auditor.policy import Policy
from auditor.retention import RetentionPolicy
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.evidence import Stated, load
from crm_audit import compose
from reports import hubspot_answers, json_v1
from tests.connectors.served_portals import AT, served
from tests.hubspot.trouble_maker import EVIDENCE, PHI, document, faults_of, pairs, same_or_openly_less

SLICE, ALL = range(60), range(500)


@pytest.fixture(scope="module")
def attested(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    for name, text in EVIDENCE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load(folder, None)


def run(attested, faults=None):
    """The answers and the exit code of one audit; no answers where nothing could be read."""
    settings = compose.Settings(
        audiences=(Audience("marketing", (Sign("memberships", "role:7"),), "Asked.", marketing=True),),
        policy=Policy(),
        retention=(RetentionPolicy("old", "contacts", "createdate", "P1Y"),),
        decided=PHI,
    )
    with served(document(), faults=faults) as (client, site, _):
        connector = HubSpot(
            client, target="portal", taken_at=AT, tool_version="0", stated=Stated(), evidence=attested
        )
        try:
            schema = connector.schema(compose.scope(settings, None, "hubspot"))
            tags = list(compose.tag(schema, settings).tags.values())
            snapshot = connector.collect(schema, compose.plan(tags, settings, "hubspot", AT))
        except CollectionError:
            return None, 3
        finally:
            assert site.writes() == []
            assert not {name for name in site.log.values() if name in PHI}
    audit = compose.judge(snapshot, settings, AT)
    return hubspot_answers.answers(json_v1.document([audit])["systems"][0], PHI), exit_code([audit])


@pytest.fixture(scope="module")
def undisturbed(attested):
    return run(attested)


def test_the_undisturbed_run_says_something_of_every_kind(undisturbed):
    answers, code = undisturbed
    words = {word for pair in pairs(answers).values() for word in pair}
    assert words == {"ALLOW", "DENY", "UNKNOWN"}
    assert (answers["coverage"], answers["absent"], answers["marketing"]) == ([], ["299"], ["202"])
    assert answers["republishes"] == []
    assert code in {21, 22, 23, 24}


@pytest.mark.parametrize("seed", SLICE)
def test_slice(seed, attested, undisturbed):
    same_or_openly_less(seed, run(attested, faults_of(seed)), undisturbed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [seed for seed in ALL if seed not in SLICE])
def test_rest(seed, attested, undisturbed):
    same_or_openly_less(seed, run(attested, faults_of(seed)), undisturbed)
