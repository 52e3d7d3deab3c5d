"""Seeded trouble on the wire to a portal, through the whole program."""

from __future__ import annotations

import pytest

from tests.hubspot.trouble_maker import document, faults_of, pairs, same_or_openly_less
from tests.program.portals import audited

SLICE, ALL = range(1000, 1012), range(1000, 1100)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The run whose answers and findings all others are compared with."""
    found = audited(tmp_path_factory.mktemp("undisturbed"), document())
    assert found.answers["coverage"] == []
    assert {word for pair in pairs(found.answers).values() for word in pair} == {"ALLOW", "DENY", "UNKNOWN"}
    return found


def identities(found):
    """The names of all findings that were observed, not merely unread."""
    return {f["id"] for f in found.system["findings"] if f["state"] in {"gap_observed", "partial"}}


def holds(seed, folder, undisturbed):
    found = audited(folder, document(), faults=faults_of(seed))
    whole = undisturbed.answers, undisturbed.ran.code
    same_or_openly_less(seed, (found.answers, found.ran.code), whole)
    if found.answers is None:
        assert found.ran.err.startswith("error: "), seed
        assert not found.ran.report.exists(), seed
    elif not found.unread:
        assert identities(found) == identities(undisturbed), seed
    else:
        assert found.ran.code in {4, 21, 22, 23, 24}, seed
        page = found.page_one()
        assert all(name in page for name in found.unread), seed


@pytest.mark.parametrize("seed", SLICE)
def test_slice(seed, tmp_path, undisturbed):
    holds(seed, tmp_path, undisturbed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [seed for seed in ALL if seed not in SLICE])
def test_rest(seed, tmp_path, undisturbed):
    holds(seed, tmp_path, undisturbed)
