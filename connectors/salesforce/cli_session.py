"""The session of an org that the Salesforce CLI is logged in to, asked of the `sf` command itself.

The only module that starts another program. Its output is read from a pipe and kept nowhere else: no message, log
or file repeats it, except the name of an error and its cleaned message.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.errors import AuthenticationFailed, CollectionError, ConfigError
from connectors.salesforce.client import Session
from connectors.salesforce.hosts import check_alias, instance_of

TIMEOUT = 60.0
"""Seconds for one command; the CLI starts slowly and may renew its token on the way."""

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_TOKEN = re.compile(r"\b00D[A-Za-z0-9]{9,15}(!\S*)?|\bforce://\S*|\S{60,}")
"""What could be a credential: an access token begins with the org's id; long words are not prose."""
_NO_SUCH_COMMAND = re.compile(
    r"is not a sf command|CommandNotFound|command [\w: -]+ not found", re.IGNORECASE
)

_QUIET: Mapping[str, str] = {
    "NO_COLOR": "1",  # ANSI codes have corrupted the JSON (salesforce 1.4)
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_HIDE_RELEASE_NOTES": "true",
    "SF_DISABLE_TELEMETRY": "true",
}
_KEPT_BACK = frozenset(
    {
        *("FORCE_COLOR", "CLICOLOR_FORCE", "SF_JSON_TO_STDERR"),
        *("SF_ACCESS_TOKEN", "SF_CONSUMER_KEY", "SF_CONSUMER_SECRET"),
    }
)
"""Variables that the command does not get: what changes its output, and secrets that are not its business."""


@dataclass(frozen=True, slots=True)
class _Ran:
    """What one command left behind."""

    code: int
    out: str = field(repr=False)
    err: str = field(repr=False)


def session_of(alias: str, *, instance_url: str = "", timeout: float = TIMEOUT) -> Session:
    """The session that the CLI has for an org; with `instance_url`, only if it is that org.

    Raises ConfigError without a usable command or alias, AuthenticationFailed if the CLI is not logged in,
    CollectionError for anything that is not an answer.
    """
    target = ("--target-org", check_alias(alias))
    shown = _asked(("org", "display"), target, timeout)
    try:
        address = instance_of(shown.instance_url)
    except ConfigError:
        raise CollectionError(
            f"The CLI did not tell the address of {alias}.", hint=f"Look at: sf org display -o {alias}"
        ) from None
    if instance_url and instance_of(instance_url) != address:
        raise ConfigError(
            f"The CLI's org {alias} is {address}, not {instance_of(instance_url)}.",
            hint="Correct the alias or the address, or leave the address out.",
        )
    if not shown.token:  # CLI 2.136.8 and later keep it to another command (salesforce 1.4)
        shown = _asked(("org", "auth", "show-access-token"), (*target, "--no-prompt"), timeout)
    if not shown.token:
        raise CollectionError(f"The CLI did not hand out an access token for {alias}.", hint=_UPDATE)
    token = shown.token
    return Session(address, lambda: token)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is wanted of an answer; the rest, such as the password of a scratch org, goes no further."""

    instance_url: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


_UPDATE = "Update the CLI (sf update), or give an access token as SF_ACCESS_TOKEN."


def _asked(command: tuple[str, ...], options: tuple[str, ...], timeout: float) -> _Shown:
    """What one command shows. Raises a sentence about what went wrong, which holds no output."""
    shown, trouble = _understood(_run((*command, *options, "--json"), timeout), f"sf {' '.join(command)}")
    if trouble is not None:
        raise trouble
    return shown


def _understood(ran: _Ran, command: str) -> tuple[_Shown, Exception | None]:
    """What is shown, or the error to raise; apart from raising, so that no traceback keeps the output."""
    envelope = _envelope(ran.out)
    told = f"{envelope.get('name', '')} {envelope.get('message', '')}" if envelope else ran.err
    failed = bool(ran.code) or (envelope is not None and envelope.get("status") != 0)
    if failed and _NO_SUCH_COMMAND.search(told):
        return _Shown(), CollectionError(f"The installed CLI does not know “{command}”.", hint=_UPDATE)
    if failed:
        return _Shown(), AuthenticationFailed(
            f"“{command}” failed{_said(envelope or {})}",
            hint="See: sf org list. To log in again: sf org login web --alias ALIAS.",
        )
    if envelope is None:
        return _Shown(), CollectionError(f"“{command}” did not answer in JSON.", hint=_UPDATE)
    result = envelope.get("result")
    if not isinstance(result, dict):
        return _Shown(), CollectionError(f"The answer of “{command}” has no result.", hint=_UPDATE)
    token = str(result.get("accessToken") or "")
    # From 2.136.8 on it is a sentence that begins with [REDACTED], or left out (salesforce 1.4).
    usable = re.fullmatch(r"[!-~]+", token) and not token.startswith("[REDACTED]")
    return _Shown(str(result.get("instanceUrl") or ""), token if usable else ""), None


def _envelope(out: str) -> Mapping[str, Any] | None:
    """The JSON object in the output: colours are taken out, and lines before and after it are passed over."""
    text = _ANSI.sub("", out)
    start = text.find("{")
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start) if start >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _said(envelope: Mapping[str, Any]) -> str:
    """Name and message of an error on one line, without anything that could be a credential."""
    name, message = envelope.get("name"), envelope.get("message")
    parts = [part for part in (name, message) if isinstance(part, str) and part.strip()]
    text = _TOKEN.sub("…", _ANSI.sub("", ": ".join(parts)))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200].rstrip(".")
    return f": {text}." if text else "."


def _run(words: tuple[str, ...], timeout: float) -> _Ran:
    """Run `sf` with these words, without a shell and without a terminal to ask on."""
    program = shutil.which("sf")
    if program is None:
        raise ConfigError(
            "The Salesforce CLI (sf) is not on the PATH.",
            hint="Install it, or log in another way: SF_ACCESS_TOKEN, client credentials or JWT.",
        )
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    try:
        # S603: no shell, the program is the user's own `sf`, and the one free word was checked.
        process = subprocess.Popen(  # noqa: S603
            [program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, **_QUIET},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        raise ConfigError(
            f"The Salesforce CLI (sf) cannot be started: {error.strerror or type(error).__name__}.",
            hint="Try in a terminal: sf version",
        ) from None
    with process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise CollectionError(
                f"The Salesforce CLI (sf) did not answer within {timeout:g} seconds.",
                hint="Try in a terminal: sf org list",
            ) from None
        finally:
            _stop(process)
    return _Ran(process.returncode, out, err)


def _stop(process: subprocess.Popen[str]) -> None:
    """End the command with all that it started: a child that lives on would keep the pipes open."""
    if process.returncode is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
