"""The benchmark counts rightly, keeps what was set aside to itself, and publishes no field of the labelled set."""

from __future__ import annotations

import csv
import json
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.tagger import contest, floor, labelled, scores
from benchmarks.tagger.big_org import org
from benchmarks.tagger.contest import OURS, PEER_LIST, _asked, _run, main
from benchmarks.tagger.contestants import Guess, hipaa_words, ours, plain, ten_words
from benchmarks.tagger.page import RESULTS, figures, kept, tagger_page
from benchmarks.tagger.picture import calibration_picture
from tests.conftest import ABSENT

needs_labels = pytest.mark.skipif(not labelled.at_hand(), reason=ABSENT)


@pytest.mark.parametrize(
    ("right", "of", "interval"),
    [
        (0, 0, (0, 1)),
        (0, 10, (0, 0.2775)),
        (10, 10, (0.7225, 1)),
        (5, 10, (0.2366, 0.7634)),
        (90, 100, (0.8256, 0.9448)),
    ],
)
def test_wilson(right, of, interval):
    assert scores.wilson(right, of) == pytest.approx(interval, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Primary_Diagnosis__c", "primary diagnosis"),
        ("primaryDiagnosis", "primary diagnosis"),
        ("SSNNumber", "ssn number"),
        ("E-mail  Address", "e mail address"),
        ("", ""),
    ],
)
def test_names_as_words(name, words):
    assert plain(name) == words


def field(name="", label="", object_name="") -> dict[str, str]:
    return dict.fromkeys(labelled.SEEN, "") | {"field": name, "label": label, "object": object_name}


@pytest.mark.parametrize(
    ("contestant", "columns", "found"),
    [
        (ten_words, field("Email__c"), "email"),
        (ten_words, field("Unhealthy__c"), "clinical"),
        (ten_words, field("Diagnosis__c"), "none"),
        (hipaa_words, field("Primary_Diagnosis__c"), "clinical"),
        (hipaa_words, field("BloodPressure"), "clinical"),
        (hipaa_words, field("Painting__c"), "none"),
        (hipaa_words, field("Code__c", object_name="Patient__c"), "clinical"),
        (hipaa_words, field("Email__c", object_name="Patient__c"), "email"),
    ],
)
def test_lists_of_words(contestant, columns, found):
    assert contestant.ready()([columns]) == [Guess(found)]


KNOWING = SimpleNamespace(
    TO_COARSE={"none": "none", "email": "identifier", "fax": "identifier", "symptom": "clinical"}
)


def row(row_id: str, phi: str, phi_class: str, confidence: str = "high") -> dict[str, str]:
    return {
        "row_id": row_id,
        "phi": phi,
        "phi_class": phi_class,
        "confidence": confidence,
        "source_repo": "a/b",
    }


SCORED = scores.Scores(
    KNOWING,
    [
        row("1", "clinical", "symptom"),
        row("2", "clinical", "symptom"),
        row("3", "identifier", "email"),
        row("4", "none", "none"),
        row("5", "none", "none", "low"),
    ],
    [
        Guess("symptom", "high"),
        Guess(),
        Guess("fax", "high"),
        Guess("email", "medium"),
        Guess("email", "high"),
    ],
)


def test_a_confusion_is_of_the_kind_not_of_the_class():
    assert SCORED.confusions() == [("none", "email", 1), ("symptom", "none", 1)]
    assert [(one["row_id"], guess.label) for one, guess in SCORED.wrong()] == [("2", "none"), ("4", "email")]


def test_calibration_counts_tags_of_sure_labels_only():
    found = SCORED.calibration()
    assert [(name, cell["tags"], cell["right"], cell["share"]) for name, cell in found.items()] == [
        ("high", 2, 2, 1.0),
        ("medium", 1, 0, 0.0),
        ("low", 0, 0, None),
    ]


def test_guesses_that_are_not_sure_are_none():
    assert scores.sure_enough([Guess("email", 0.4), Guess("fax", 0.5)], 0.5) == [Guess(), Guess("fax", 0.5)]


@pytest.mark.parametrize(
    ("found", "unmet"),
    [
        ({"least": 0.5, "most": 0.05}, 0),
        ({"least": 0.49, "most": 0.05}, 1),
        ({"least": None, "most": 0.06}, 2),
    ],
)
def test_a_floor(found, unmet):
    floors = [floor.Floor("x", "least", least=0.5), floor.Floor("x", "most", most=0.05)]
    assert len(floor.unmet(floors, {"x": found})) == unmet


def test_a_peer_that_comes_near_is_named():
    ours = {"name": "ours", "rest": {"clinical": {"f1": 0.9}}, "set_aside": None}
    peers = [{"name": f"{f1}", "rest": {"clinical": {"f1": f1}}, "set_aside": None} for f1 in (0.69, 0.71)]
    assert floor.too_near(ours, peers, "rest") == ["0.71 is nearer than 0.2 in clinical F1 (rest)"]
    assert floor.too_near(ours, peers, "set_aside") == []


@needs_labels
def test_what_is_set_aside_stays_apart():
    rest, aside = labelled.rest(), labelled.set_aside()
    names = {one["source_repo"] for one in rest}
    assert rest
    assert aside
    assert not any(part in name for name in names for part in labelled.SET_ASIDE)
    assert not names & {one["source_repo"] for one in aside}


@needs_labels
def test_a_tagger_sees_no_label():
    assert {column for one in labelled.seen(labelled.rest()) for column in one} == set(labelled.SEEN)
    assert not {"phi", "phi_class", "confidence", "rationale_short", "hard_negative"} & set(labelled.SEEN)


def test_the_set_aside_is_scored_only_when_asked_for():
    assert not _asked([]).set_aside
    assert _asked(["--set-aside"]).set_aside


def test_without_labels_there_is_a_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(labelled, "LABELS", tmp_path / "phi-labels-dev.csv")
    main([])
    assert (
        capsys.readouterr().out
        == "phi-labels-dev.csv is not beside the checkout, so there is nothing to score.\n"
    )


SOME = [field("Email", "Email", "Contact"), field("Diagnosis__c", "Diagnosis", "Contact"), field("Colour__c")]
INSTALLED = [peer for peer in PEER_LIST if peer.installed]


def test_a_process_of_its_own_guesses_the_same():
    answer = _run(OURS, SOME, Path("absent"))
    assert [Guess(*guess) for guess in answer["guesses"]] == ours.ready()(SOME)
    assert answer["cpu"] > 0


BARE = Path(sys._base_executable)
"""The interpreter of this environment, without what is installed in it."""


@pytest.mark.parametrize("peer", INSTALLED, ids=lambda peer: peer.module)
def test_a_peer_that_is_not_there_is_an_answer(peer):
    assert _run(peer, SOME, Path("absent")) == {"missing": "it is not installed"}
    assert _run(peer, SOME, BARE)["missing"].startswith("No module named")


@needs_labels
def test_what_is_kept_names_no_field():
    text = RESULTS.read_text(encoding="utf-8")
    classes = set(labelled.scorer().TO_COARSE)
    strings: set[str] = set()
    json.loads(text, object_hook=lambda one: strings.update(v for v in one.values() if isinstance(v, str)))
    repositories = {one["source_repo"] for one in labelled.rest()}
    told = [*kept()["contestants"], *kept()["missing"]]
    assert strings == {one[key] for one in told for key in ("name", "reason") if key in one}
    assert {name for pair in kept()["confusions"] for name in pair[:2]} <= classes
    assert set(kept()["repositories"]["rest"]) == repositories


CANARY = "Zebrafinch"
ASIDE = [f"x/{part}-{number}" for number, part in enumerate(labelled.SET_ASIDE)]


@pytest.fixture
def with_canaries(monkeypatch, tmp_path):
    """A labelled set whose fields set aside all hold one word, each labelled so that the tagger is wrong."""
    labels = tmp_path / "labels.csv"
    truth = {"phi": "clinical", "phi_class": "symptom", "confidence": "high", "hard_negative": "0"}
    with labels.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("row_id", *labelled.SEEN, *truth, "rationale_short"))
        writer.writeheader()
        for number, repository in enumerate(["x/open", *ASIDE]):
            word = CANARY if repository in ASIDE else "Kingfisher"
            columns = dict.fromkeys((*labelled.SEEN, "rationale_short"), f"{word} Name")
            writer.writerow({**columns, **truth, "source_repo": repository, "row_id": number})
    monkeypatch.setattr(labelled, "LABELS", labels)
    monkeypatch.setattr(contest, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(contest, "BIG", 1_000)
    return tmp_path


@needs_labels
def test_no_word_of_what_was_set_aside_is_told(with_canaries, capfd):
    main(["--set-aside", "--errors", "--keep", "--peers", "absent"])
    told = capfd.readouterr()
    written = "".join(
        file.read_text("utf-8") for file in with_canaries.iterdir() if file.name != "labels.csv"
    )
    results = json.loads(written)
    assert set(results["repositories"]["set_aside"]) == set(ASIDE)
    assert results["contestants"][0]["set_aside"]["clinical"]["fn"] == len(ASIDE)
    assert "Kingfisher Name" in told.out
    assert CANARY.lower() not in (told.out + told.err + written).lower()


def test_the_page_keeps_what_people_wrote():
    page = tagger_page("# Title\n\nBefore.\n\n## Figures\n\nold\n\n## After\n\nText.\n")
    assert page.startswith("# Title\n\nBefore.\n\n## Figures\n")
    assert page.endswith("## After\n\nText.\n")
    assert "old" not in page
    assert tagger_page(page) == page


def test_a_page_with_what_was_set_aside():
    """As it will be when that is scored: both figures and their gap."""
    results = kept()
    for one in results["contestants"]:
        one["set_aside"] = one["rest"]
    for part in ("repositories", "calibration"):
        results[part]["set_aside"] = results[part]["rest"]
    page = figures(results)
    assert "The gap in clinical F1 is 0.00" in page
    assert "have not been scored" not in page
    assert "high, set aside" in calibration_picture(results["calibration"])


def test_the_big_org_is_always_the_same():
    fields = list(org(2_000))
    random.seed()
    assert list(org(2_000)) == fields
    assert len({one.key for one in fields}) == 2_000
    assert len({one.label for one in fields}) > 1_500
    assert len({one.object for one in fields}) == 8
