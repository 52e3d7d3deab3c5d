"""The runs of a configuration, for commands that need some."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import ConfigError
from crm_audit import compose
from crm_audit.config import Config, Runs, load


def runs_of(path: Path | None) -> tuple[Config, Runs]:
    """Read a configuration that has `runs`. Raises ConfigError where there is none."""
    if path is None:
        raise ConfigError("It is not said where the runs are.", hint="Try: --config crm-audit.yaml")
    config = load(path, os.environ, classes=compose.class_names())
    if config.runs is None:
        raise ConfigError(
            f"{path} has no section “runs”.", hint="Write runs: {directory: runs} to keep a run per night."
        )
    return config, config.runs
