"""`make demo-live`: start a real GNU Health server, audit it as a user would, ask it whether that is right, stop it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from live_project import ROOT, Project
from live_server import running

SHOWN = "300"
"""How many predictions the demo asks the server about."""


def main(folder: Path) -> int:
    """Leave configuration, mapping and report in a folder; give the exit code of what went wrong, or 0."""
    folder.mkdir(exist_ok=True)
    say("Starting GNU Health on Tryton; the first time, it is downloaded and initialised (a minute or two).")
    with tempfile.TemporaryDirectory(prefix="crm-audit-live-") as place, running(Path(place)) as server:
        project = Project(folder, server, "*", mapping="gnuhealth")
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **project.passwords}
        for words in (
            ("run", "--out", "report"),
            ("probe", "--logins", "logins.yaml", "--sample", SHOWN),
        ):
            say(f"\n$ crm-audit {words[0]} --config crm-audit.yaml {' '.join(words[1:])}")
            done = subprocess.run(
                [sys.executable, "-m", "crm_audit", words[0], "--config", "crm-audit.yaml", *words[1:]],
                cwd=folder,
                env=environ,
                check=False,
            )
            if words[0] == "run" and done.returncode not in {0, 4, 8, *range(11, 15), *range(21, 25)}:
                return done.returncode
    say(f"\nThe server is stopped. Workbook: {folder / 'report' / 'audit.xlsx'}")
    return 0 if done.returncode == 0 else done.returncode


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
