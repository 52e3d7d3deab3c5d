"""The ledger of decisions about fields, as a file: read with every run, written as a whole by a review."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.errors import ConfigError
from crm_audit import new_files
from crm_audit.config_problems import did_you_mean, shown
from mappings import Ledger, load_ledger, written
from mappings.fingerprints import hashed
from mappings.located import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crm_audit.config import Config
    from mappings import Decision


def of_config(config: Config, as_of: datetime) -> Ledger:
    """Read the ledger of a configuration, as it stands on the day of a moment (UTC); empty where there is none.

    Raises ConfigError with file and line for an entry that cannot be understood, or is about no target of it.
    """
    path = config.decisions
    if path is None or not os.path.lexists(path):
        return Ledger(today=as_of.date())
    if not path.is_file():
        raise ConfigError(
            f"{path} is there, and is not a file with decisions about fields.",
            hint="Name the ledger under “decisions”, or take away what stands in its place.",
        )
    ledger = load_ledger(path, as_of.date())
    known = {target.name for target in config.targets}
    strange = next((one for one in ledger.decisions if known and one.target not in known), None)
    if strange is not None:
        raise ConfigError(
            f"{strange.file}:{strange.line}: The configuration has no target {shown(strange.target)}.",
            hint=did_you_mean(strange.target, known),
        )
    return ledger


def record(config: Config, ledger: Ledger, decisions: Iterable[Decision]) -> Ledger:
    """Write decisions beside those of the ledger that was read, in place of earlier ones about the same fields.

    Raises ConfigError if the file says something else by now, or the configuration is not a file; AuditorError if
    the disk refuses.
    """
    path = config.decisions
    if path is None:
        raise ConfigError(
            "Decisions are kept beside a configuration.", hint="Give it: --config crm-audit.yaml"
        )
    if (hashed(text_of(path)) if path.is_file() else "") != ledger.origin:
        raise ConfigError(
            f"{path} was changed while this review went on, so nothing more was written.",
            hint="Review again.",
        )
    after = ledger.with_all(decisions)
    text = written(after)
    new_files.replace(path, text.encode())
    return replace(after, origin=hashed(text))
