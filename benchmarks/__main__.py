"""Run every measurement and print one table a topic."""

from __future__ import annotations

from benchmarks import engine, program

program.main()
engine.main()
