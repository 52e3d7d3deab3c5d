"""What a person waits for: the help text, and the demo from nothing to a workbook."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.timing import python, timed


def main() -> None:
    """Print the table."""
    bare = timed(python("import typer"))
    help_text = timed([sys.executable, "-m", "crm_audit", "--help"])
    print("| what | CPU s | wall s |\n| --- | ---: | ---: |")
    print(f"| importing typer alone | {bare.cpu:.2f} | {bare.wall:.2f} |")
    print(f"| crm-audit --help | {help_text.cpu:.2f} | {help_text.wall:.2f} |")
    print(f"| ratio | {help_text.cpu / bare.cpu:.2f} | {help_text.wall / bare.wall:.2f} |")
    with tempfile.TemporaryDirectory() as folder:
        demo = timed(
            [sys.executable, "-m", "crm_audit", "demo", "-q", "--out", str(Path(folder) / "out")], runs=3
        )
    print(f"| crm-audit demo | {demo.cpu:.2f} | {demo.wall:.2f} |")
