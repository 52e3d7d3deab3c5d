"""Units and lines that run the audit every night: for systemd and for cron, with no secret in them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import ConfigError
from crm_audit.config import Config, secrets_of
from crm_audit.secrets import Secret

SECRETS = "/etc/crm-audit/secrets.env"
RESULTS = (11, 12, 13, 14)
"""Exit codes that are a result of a complete run, so that a service counts them as success."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is run when, by whom, and where its secrets and its runs are; all paths absolute."""

    program: tuple[str, ...]
    config: Path
    runs: Path
    secrets: str
    variables: tuple[str, ...]
    hour: int = 2
    minute: int = 30
    user: str = ""

    def command(self, *words: str) -> tuple[str, ...]:
        """One command of the program with this job's configuration."""
        return (*self.program, words[0], "--config", str(self.config), *words[1:])


def program() -> tuple[str, ...]:
    """How this program is called from anywhere: its script beside the interpreter, else the module."""
    script = Path(sys.executable).with_name("crm-audit")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "crm_audit")


def variables(config: Config) -> tuple[str, ...]:
    """The environment variables that hold this configuration's secrets, by name."""
    found = [secret.reference for secret in _secrets(config)]
    return tuple(sorted({name for kind, _, name in (r.partition(" ") for r in found) if kind == "env"}))


def time_of_day(text: str) -> tuple[int, int]:
    """Read 02:30 as hour and minute. Raises ConfigError for anything else."""
    hour, colon, minute = text.partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60:
        return int(hour), int(minute)
    raise ConfigError(f"“{text}” is not a time of day.", hint="Write it as 02:30.")


def systemd(job: Job) -> Mapping[str, str]:
    """The units by the name of their file: the run, its timer, and what happens when it fails."""
    head = ["After=network-online.target", "Wants=network-online.target"]
    kept = [
        *(f"# {name} comes from the file below, mode 0600, as {name}=VALUE." for name in job.variables),
        "EnvironmentFile=-" + _one(job.secrets).replace("%", "%%"),
        *([f"User={job.user}"] if job.user else []),
    ]
    run = [
        "[Unit]",
        "Description=Audit of who can see health data in the CRM",
        *head,
        "OnFailure=crm-audit-failed.service",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart={_line(job.command('run', '--quiet', '--log-json'))}",
        "# A finding is a result. Incomplete runs (4, 21-24) and errors count as failure.",
        f"SuccessExitStatus={' '.join(map(str, RESULTS))}",
        "TimeoutStartSec=6h",
        "Nice=10",
        "IOSchedulingClass=idle",
        *kept,
        *_SANDBOX,
        f"ReadWritePaths={_quoted(str(job.runs))}",
    ]
    timer = [
        "[Unit]",
        "Description=Nightly audit of the CRM",
        "",
        "[Timer]",
        f"OnCalendar=*-*-* {job.hour:02}:{job.minute:02}:00 UTC",
        "RandomizedDelaySec=5m",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    failed = [
        "[Unit]",
        "Description=What is wrong with the audit of the CRM",
        "",
        "[Service]",
        "Type=oneshot",
        "# It writes to the journal. Put here whatever else wakes somebody up.",
        f"ExecStart={_line(job.command('status', '--quiet'))}",
        "# It exits with 7 when it has something to say.",
        "SuccessExitStatus=7",
        *kept,
        *_SANDBOX,
    ]
    units = {"crm-audit.service": run, "crm-audit.timer": timer, "crm-audit-failed.service": failed}
    return {name: "\n".join(lines) + "\n" for name, lines in units.items()}


def cron(job: Job) -> str:
    """Lines for a crontab: the run at night, and in the morning a word only if something is wrong."""
    load = f"set -a; . {shlex.quote(job.secrets)}; set +a; " if job.variables else ""
    morning = (job.hour + 5) % 24
    lines = [
        "# For `crontab -e`. Whatever is printed is mailed to the owner; hours are those of this machine's zone.",
        *(f"# {name} comes from {_one(job.secrets)}, mode 0600, as {name}=VALUE." for name in job.variables),
        f"{job.minute} {job.hour} * * * {_cron(load + 'exec nice -n 10 ', job.command('run', '--quiet'))}",
        f"{job.minute} {morning} * * * {_cron(load + 'exec ', job.command('status', '--quiet'))}",
    ]
    return "\n".join(lines) + "\n"


_SANDBOX = (
    "UMask=0077",
    "NoNewPrivileges=true",
    "CapabilityBoundingSet=",
    "PrivateTmp=true",
    "PrivateDevices=true",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "ProtectKernelTunables=true",
    "ProtectKernelModules=true",
    "ProtectControlGroups=true",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=true",
    "LockPersonality=true",
)


def _secrets(config: Config) -> Iterator[Secret]:
    for target in config.targets:
        yield from secrets_of(target)
    yield from (alert.url for alert in config.alerts)


def _one(text: str) -> str:
    """A text that stays on its line. Raises ConfigError for one that would not."""
    if not text.isprintable():
        raise ConfigError("A path with a control character cannot stand in a schedule.", hint="Rename it.")
    return text


def _quoted(text: str) -> str:
    """A word of a setting: in quotes where it needs them, and `%` stands for itself."""
    escaped = _one(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != text or set(text) & set(" ';") else text


def _line(words: tuple[str, ...]) -> str:
    """A command line of a unit, in which `$` stands for itself too."""
    return " ".join(_quoted(word).replace("$", "$$") for word in words)


def _cron(before: str, words: tuple[str, ...]) -> str:
    """A command of a crontab, in which `%` would be a line end."""
    return (before + shlex.join([_one(word) for word in words])).replace("%", "\\%")
