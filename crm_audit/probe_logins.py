"""The file of test users whom a probe asks as: logins, and where their passwords are kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from auditor.errors import ConfigError
from crm_audit.config import secret_of
from crm_audit.config_entries import Entry, FirstVersion, SecretEntry
from crm_audit.config_source import Source
from crm_audit.config_validation import validated
from crm_audit.config_values import Text
from crm_audit.secrets import Secret
from mappings.located import read


class LoginEntry(Entry):
    """One test user."""

    login: Text = Field(description="Login of the test user.")
    password: SecretEntry = Field(description="Where the password is kept.")


class LoginsFile(Entry):
    """Test users, version 1."""

    version: FirstVersion
    logins: tuple[LoginEntry, ...] = Field(description="The users to ask as.")


def load_logins(path: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Secret]:
    """Read the file, or raise one ConfigError that lists everything wrong with it."""
    source = Source.of(read(path))
    file = validated(source, LoginsFile)
    if not file.logins:
        raise ConfigError(f"{path}: There is nobody to ask as.", hint="List at least one login.")
    return {
        entry.login: secret_of(
            source, entry.password, ("logins", index, "password"), path.absolute().parent, environ
        )
        for index, entry in enumerate(file.logins)
    }
