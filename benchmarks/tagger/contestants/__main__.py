"""One contestant: fields as JSON on standard input; guesses and processor seconds as JSON on standard output."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time
from importlib.metadata import version


def main(name: str) -> None:
    """Run it. A package that is not there is an answer, not a failure."""
    rows = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        start = time.process_time()
        try:
            contestant = importlib.import_module(f"benchmarks.tagger.contestants.{name}")
            guesser = contestant.ready()
        except ImportError as error:
            answer: dict[str, object] = {"missing": str(error)}
        else:
            loaded = time.process_time()
            guesses = guesser(rows)
            answer = {
                "version": version(contestant.PACKAGE) if contestant.PACKAGE else "",
                "load": loaded - start,
                "cpu": time.process_time() - loaded,
                "guesses": guesses,
            }
    json.dump(answer, sys.stdout)


main(sys.argv[1])
