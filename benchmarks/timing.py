"""How the measurements are taken: fresh processes, processor time of the child, medians of several runs."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Medians of several runs, in seconds."""

    cpu: float
    wall: float


def timed(command: Sequence[str], runs: int = 5) -> Timed:
    """Run a command several times in fresh processes, after one that is not counted."""
    found = []
    for run in range(runs + 1):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if run:
            found.append(Timed(cpu, time.perf_counter() - start))
    return Timed(statistics.median(t.cpu for t in found), statistics.median(t.wall for t in found))


def python(code: str) -> list[str]:
    """A command that runs a line of Python."""
    return [sys.executable, "-c", code]
