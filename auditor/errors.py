"""Why an audit could not be done.

AuditorError            exit 1   the tool broke
├─ ConfigError          exit 2   usage, configuration, mapping, policy or snapshot the tool cannot use
├─ CollectionError      exit 3   the CRM could not be read; nothing was audited
│  ├─ AuthenticationFailed       the credential was refused
│  └─ CredentialTooStrong        strict mode: the credential can write, or read PHI values
├─ AlreadyRunning       exit 5   another run has one of the targets
└─ RefusedCall          exit 1   a call outside the allow-list was stopped before it left the process

Findings, gaps and waivers are data, never exceptions.
"""

from __future__ import annotations


class AuditorError(Exception):
    """An audit could not be done; carries one sentence, a hint and an exit code."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(AuditorError):
    """The command line, configuration, mapping, policy or a file given to it cannot be used."""

    exit_code = 2


class CollectionError(AuditorError):
    """The CRM could not be read, so nothing was audited."""

    exit_code = 3


class AuthenticationFailed(CollectionError):
    """The CRM refused the credential."""


class CredentialTooStrong(CollectionError):
    """Strict mode: the credential could write, or read PHI values, so nothing was pulled."""


class AlreadyRunning(AuditorError):
    """Another run has one of the targets, so this one read nothing."""

    exit_code = 5


class RefusedCall(AuditorError):
    """A call outside the read-only allow-list was stopped before it left the process."""
