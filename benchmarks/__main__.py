"""Run every measurement and print one table a topic."""

from __future__ import annotations

from benchmarks import presets, program, pull

program.main()
pull.main()
presets.main([])
