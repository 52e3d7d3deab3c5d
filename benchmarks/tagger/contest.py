"""Run the tagger and its peers on the labelled fields, score them, and print the figures."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.tagger import floor, labelled
from benchmarks.tagger.contestants import Guess
from benchmarks.tagger.labelled import Row
from benchmarks.tagger.page import PARTS, RESULTS, figures
from benchmarks.tagger.scores import Scores, sure_enough, tuned

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
NOT_TO_BE_HAD = (
    {"name": "piicatcher 0.21", "reason": "it needs pyarrow 8, which does not build for the Python in use"},
)
BIG, RUNS = 100_000, 3
ABSENT = f"{labelled.LABELS.name} is not beside the checkout, so there is nothing to score."


class Contestant(NamedTuple):
    """A module of `contestants` and its name in tables; whether it must be installed, and have its threshold found."""

    module: str
    name: str
    installed: bool = False
    tuned: bool = False


OURS = Contestant("ours", "crm-audit")
PEER_LIST = (
    Contestant("ten_words", "ten substrings"),
    Contestant("hipaa_words", "a list of HIPAA identifiers and health words"),
    Contestant("presidio", "presidio-analyzer {version}, as it is", installed=True),
    Contestant("presidio_context", "presidio-analyzer {version}, its context words", installed=True),
    Contestant("dataprofiler", "DataProfiler {version}, column names, with the same list", installed=True),
    Contestant(
        "embedding", "sentence embeddings (all-MiniLM-L6-v2), nearest class", installed=True, tuned=True
    ),
)


def main(arguments: Sequence[str]) -> None:
    """Print the figures; `--keep` also writes them to where the docs page is made from."""
    asked = _asked(arguments)
    if not labelled.at_hand():
        print(ABSENT)
        return
    scorer = labelled.scorer()
    fields = {"rest": labelled.rest(), "set_aside": labelled.set_aside() if asked.set_aside else []}
    answers = {
        one: _run(one, [*fields["rest"], *fields["set_aside"]], asked.peers) for one in (OURS, *PEER_LIST)
    }
    scores = {
        one: _scores(scorer, fields, answer, tune=one.tuned)
        for one, answer in answers.items()
        if "missing" not in answer
    }
    results = {
        "contestants": [_contestant(one, answers[one], of) for one, of in scores.items()],
        "missing": [
            *NOT_TO_BE_HAD,
            *(
                {"name": one.module, "reason": answer["missing"]}
                for one, answer in answers.items()
                if "missing" in answer
            ),
        ],
        "repositories": _of_each(scores[OURS], Scores.by_repository),
        "calibration": _of_each(scores[OURS], Scores.calibration),
        "confusions": scores[OURS]["rest"].confusions(),
        "big_org": _big_org(),
    }
    print(figures(results))
    for line in _below_the_floor(results):
        print(f"Below the floor: {line}.")
    if asked.errors:
        _print_errors(scores[OURS]["rest"])
    if asked.keep:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks tagger", description=__doc__)
    parser.add_argument("--set-aside", action="store_true", help="also score the repositories set aside")
    parser.add_argument("--errors", action="store_true", help="print every miss, never of those set aside")
    parser.add_argument(
        "--keep", action="store_true", help=f"write {RESULTS.name}, of which the page is made"
    )
    parser.add_argument("--peers", type=Path, default=PEERS, help="the interpreter with the peers installed")
    return parser.parse_args(arguments)


def _run(contestant: Contestant, rows: Sequence[Row], peers: Path) -> dict[str, Any]:
    """Run one in a fresh process with one thread. What it prints beside its answer is dropped: it may quote fields."""
    python = peers if contestant.installed else Path(sys.executable)
    if not python.is_file():
        return {"missing": "it is not installed"}
    done = subprocess.run(
        [str(python), "-m", "benchmarks.tagger.contestants", contestant.module],
        input=json.dumps(labelled.seen(rows)),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    )
    if done.returncode and not contestant.installed:
        raise SystemExit(f"{contestant.name} ended with code {done.returncode}.")
    if done.returncode:
        return {"missing": f"it ended with code {done.returncode}"}
    return dict(json.loads(done.stdout))


def _scores(
    scorer: Any, fields: Mapping[str, Sequence[Row]], answer: Mapping[str, Any], *, tune: bool
) -> dict[str, Scores]:
    """The scores on each part of the fields that was asked for; what is tuned is tuned on the rest."""
    guesses = [Guess(*guess) for guess in answer["guesses"]]
    seen = len(fields["rest"])
    if tune:
        guesses = sure_enough(guesses, tuned(scorer, fields["rest"], guesses[:seen]))
    parts = {"rest": guesses[:seen], "set_aside": guesses[seen:]}
    return {part: Scores(scorer, rows, parts[part]) for part, rows in fields.items() if rows}


def _contestant(
    contestant: Contestant, answer: Mapping[str, Any], scores: Mapping[str, Scores]
) -> dict[str, Any]:
    """A line of the comparison."""
    return {
        "name": contestant.name.format(version=answer["version"]),
        "load_seconds": round(answer["load"], 2),
        "fields_per_second": round(len(answer["guesses"]) / answer["cpu"], -2),
        **_of_each(scores, Scores.headline),
    }


def _of_each(scores: Mapping[str, Scores], ask: Callable[[Scores], Any]) -> dict[str, Any]:
    """The same figures of the rest and of what was set aside; None where that was not asked for."""
    return {part: ask(scores[part]) if part in scores else None for part in PARTS}


def _big_org() -> dict[str, float]:
    """The median of some fresh processes."""
    command = [sys.executable, "-m", "benchmarks.tagger.speed", str(BIG)]
    runs = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
        for _ in range(RUNS)
    ]
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {
        "fields": middle["fields"],
        "seconds": round(middle["cpu"], 1),
        "fields_per_second": round(middle["fields"] / middle["cpu"], -2),
        "peak_mb": round(middle["mb"]),
    }


def _below_the_floor(results: dict[str, Any]) -> list[str]:
    """What keeps the figures from being good enough, if anything does."""
    ours, *peers = results["contestants"]
    found = floor.unmet(floor.REST, {**ours["rest"], **results["calibration"]["rest"]})
    if ours["set_aside"]:
        found += [f"set aside, {line}" for line in floor.unmet(floor.SET_ASIDE, ours["set_aside"])]
    found += [line for part in ("rest", "set_aside") for line in floor.too_near(ours, peers, part)]
    return found + floor.too_slow(results["big_org"])


def _print_errors(scores: Scores) -> None:
    for row, guess in scores.wrong():
        print(
            f"{row['phi_class']} -> {guess.label} {guess.sure}  {row['source_repo']} {row['object']}.{row['field']}"
            f" | {row['label']} | {row['type']} | {row['rationale_short']}"
        )
