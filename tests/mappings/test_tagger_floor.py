"""The tagger is as good as promised on labelled fields, and the published figures are those of this tagger."""

from __future__ import annotations

import pytest

from benchmarks.tagger import floor, labelled
from benchmarks.tagger.contestants import ours
from benchmarks.tagger.page import kept
from benchmarks.tagger.scores import Scores
from tests.conftest import ABSENT

NEAR = 0.01
"""How far the published F1 may be from that of the tagger as it is; beyond, the run is to be repeated."""


def scores_on(rows: list[labelled.Row]) -> Scores:
    return Scores(labelled.scorer(), rows, ours.ready()(labelled.seen(rows)))


@pytest.fixture(scope="module")
def on_the_rest() -> Scores:
    if not labelled.at_hand():
        pytest.skip(ABSENT)
    return scores_on(labelled.rest())


@pytest.mark.parametrize("bound", floor.REST, ids=lambda bound: f"{bound.what}-{bound.figure}")
def test_the_rest_keeps_the_floor(on_the_rest, bound):
    assert floor.unmet([bound], {**on_the_rest.headline(), **on_the_rest.calibration()}) == []


@pytest.mark.set_aside
@pytest.mark.parametrize("bound", floor.SET_ASIDE, ids=lambda bound: f"{bound.what}-{bound.figure}")
def test_what_was_set_aside_keeps_the_floor(bound):
    if not labelled.at_hand():
        pytest.skip(ABSENT)
    assert floor.unmet([bound], scores_on(labelled.set_aside()).headline()) == []


@pytest.mark.parametrize("part", ["rest", pytest.param("set_aside", marks=pytest.mark.set_aside)])
def test_every_peer_is_far_behind(part):
    found, *peers = kept()["contestants"]
    assert peers
    assert floor.too_near(found, peers, part) == []


@pytest.mark.parametrize("task", ["clinical", "any_phi", "identifier"])
def test_the_published_figures_are_those_of_this_tagger(on_the_rest, task):
    published = kept()["contestants"][0]["rest"][task]["f1"]
    assert published == pytest.approx(on_the_rest.headline()[task]["f1"], abs=NEAR), (
        "Run: make bench-tagger docs"
    )
