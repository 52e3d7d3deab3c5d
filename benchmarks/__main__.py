"""Run every measurement and print one table a topic; `tagger` runs the benchmark of the tagger instead."""

from __future__ import annotations

import sys

from benchmarks import presets, program, pull
from benchmarks.tagger import contest

if sys.argv[1:2] == ["tagger"]:
    contest.main(sys.argv[2:])
else:
    program.main()
    pull.main()
    presets.main([])
