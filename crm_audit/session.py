"""What the commands have in common: open the settings, audit every target, write the report, choose the code."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import structlog
from rich.console import Console

from auditor.audit import Audit, Gate, exit_code
from auditor.diff import Changes, Kept, compare
from auditor.errors import AuditorError, CollectionError, ConfigError
from auditor.findings import Severity
from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from crm_audit import __version__, clock, compose, logs, tag_ledger, waivers_file
from crm_audit.config import (
    USUAL_FILE,
    Config,
    Decided,
    Portal,
    Project,
    Target,
    default,
    load,
    load_decided,
    warnings,
)
from crm_audit.progress import Watching
from crm_audit.targets import chosen, from_environment

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate on the command line asks: a report to compare with, the least severity, only what is new."""

    baseline: Path | None = None
    least: str = ""
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line gave."""

    config: Path | None = None
    tags: Path | None = None
    as_of: str = ""
    out: Path | None = None
    strict: bool | None = None
    quiet: bool = False
    log_json: bool = False
    project: Path | None = None
    budget: int | None = None
    gate: Asked = Asked()
    evidence: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The settings of one command: read, checked, and ready."""

    given: Given
    config: Config
    decided: Decided | None
    settings: compose.Settings
    as_of: datetime
    started: datetime
    baseline: tuple[Kept, ...] | None = None

    @property
    def directory(self) -> Path:
        """Where the report goes."""
        return self.given.out or self.config.report_dir

    @property
    def pages(self) -> Path:
        """Where the pages of long pulls wait until all is read."""
        if self.config.runs and self.given.out is None:
            return self.config.runs.directory / ".partial"
        return beside(self.directory)


def beside(destination: Path) -> Path:
    """The folder in which pages wait for what is made at a destination."""
    whole = destination.absolute()
    return whole.parent / f".{whole.name}.partial"


def open_session(given: Given, *, as_of: datetime | None = None) -> Opened:
    """Read configuration and decided tags. Without a file, the defaults apply and strictness is off.

    `as_of` is the moment to judge at if the command line names none; otherwise it is now.
    """
    logs.configure(json_lines=given.log_json, quiet=given.quiet)
    started = clock.now()
    config = (
        load(given.config, os.environ, classes=compose.class_names()) if given.config else default(os.environ)
    )
    decided = load_decided(given.tags) if given.tags else None
    stated = decided.as_of if decided is not None else None
    moment = clock.parse(given.as_of) if given.as_of else stated or as_of or started
    if decided is not None and (odd := compose.unknown_classes(decided)):
        log.warning("tags", detail=f"No class of the taxonomy, so taken as clinical: {', '.join(odd)}.")
    strict = config.strict_credential if given.strict is None else given.strict
    for warning in warnings(config) if given.config else ():
        log.warning("configuration", detail=warning)
    settings = compose.settings(config, decided, as_of=moment, strict=strict)
    settings = replace(
        settings, waivers=waivers_file.of_config(config, moment), ledger=tag_ledger.of_config(config, moment)
    )
    return Opened(given, config, decided, settings, moment, started, _baseline(given, config))


def _baseline(given: Given, config: Config) -> tuple[Kept, ...] | None:
    """Read the report to compare with, before anything is asked of a CRM; a night has the one before."""
    from reports import saved

    asked = given.gate
    if asked.baseline is None:
        if asked.only_new and not (config.runs and given.out is None):
            raise ConfigError(
                "--fail-on-new needs --baseline.",
                hint="Name the directory of the report that says what is known.",
            )
        return None
    return saved.kept(saved.load(asked.baseline))


def check_baseline(opened: Opened, names: Sequence[str]) -> None:
    """Raise ConfigError if the baseline is of other targets than these."""
    known = sorted(kept.target for kept in opened.baseline or ())
    if opened.baseline is not None and known != sorted(names):
        raise ConfigError(
            f"The baseline is of other targets: {', '.join(known)}, not {', '.join(sorted(names))}.",
            hint="Name a report of the same targets, or leave out --baseline.",
        )


def targets(opened: Opened, wanted: str) -> tuple[Target, ...]:
    """What this command is about, with the budget and evidence that the command line gives."""
    found = _targets(opened, wanted)
    if budget := opened.given.budget:
        found = tuple(t if isinstance(t, Project) else replace(t, budget_calls=budget) for t in found)
    portals = [t for t in found if isinstance(t, Portal)]
    if opened.given.evidence is not None and len(portals) != 1:
        raise ConfigError(
            "--evidence is of one HubSpot portal.",
            hint="Write hubspot, or with --config the name of a portal; or leave out --evidence.",
        )
    compose.refuse_to_sample_without(found)
    return tuple(as_told(opened, t) if isinstance(t, Portal) else t for t in found)


def as_told(opened: Opened, portal: Portal) -> Portal:
    """A portal with what the command line tells of it: its evidence, and what is given with the tags."""
    if opened.given.evidence is not None:
        portal = replace(portal, evidence=opened.given.evidence)
    told = opened.decided.portal if opened.decided is not None else None
    if told is None:
        return portal
    return replace(portal, stated=told.stated, users_export=told.users_export)


def _targets(opened: Opened, wanted: str) -> tuple[Target, ...]:
    if opened.given.config is None:
        tell_unused()
        return (from_environment(wanted, os.environ, opened.given.project),)
    if opened.given.project is not None:
        raise ConfigError(
            "With a configuration, it says where the source is.",
            hint="Leave out --project, or write a target with platform: sfdx and project: DIRECTORY.",
        )
    return chosen(opened.config, wanted)


def tell_unused() -> None:
    """Warn of a configuration that lies here, when the command line named none: its policy was not applied."""
    if USUAL_FILE.exists():
        log.warning("configuration", detail=f"{USUAL_FILE} is here and was not used; try: -c {USUAL_FILE}")


def snapshot(opened: Opened, target: Target, waiting: Path | None = None) -> Snapshot:
    """Collect one org, with progress on standard error.

    In the folder `waiting`, pages of long pulls are kept until all is read; what a killed run left there is used.
    """
    pages = waiting / target.name if waiting is not None else None
    with Watching(Console(stderr=True), quiet=opened.given.quiet or opened.given.log_json) as watch:
        connector = compose.connect(target, opened.started, watch, pages)
        taken = compose.collect(connector, opened.settings, target, opened.as_of)
    if pages is not None:
        shutil.rmtree(pages, ignore_errors=True)
        with suppress(OSError):  # not there, or another target's pages are still in it
            pages.parent.rmdir()
    return taken


def schema(opened: Opened, target: Target) -> Snapshot:
    """Read the fields of one org and nothing else, with progress on standard error."""
    with Watching(Console(stderr=True), quiet=opened.given.quiet or opened.given.log_json) as watch:
        connector = compose.connect(target, opened.started, watch)
        return connector.schema(compose.scope(opened.settings, target, target.platform))


def audit_all(opened: Opened, wanted: Sequence[Target]) -> list[Audit]:
    """Audit every target; one that cannot be reached is unknown beside the others, alone it is an error.

    So is one whose secret, command or folder is missing here.
    """
    snapshots: list[Snapshot] = []
    failures: list[AuditorError] = []
    for target in wanted:
        try:
            snapshots.append(snapshot(opened, target, opened.pages))
        except (CollectionError, ConfigError) as error:
            failures.append(error)
            log.error("not collected", target=target.name, code=type(error).__name__, detail=error.message)
            snapshots.append(_nothing(target, error, opened.started))
    if len(failures) == len(wanted):
        raise failures[0]
    return [compose.judge(s, opened.settings, opened.as_of) for s in snapshots]


def _nothing(target: Target, error: AuditorError, at: datetime) -> Snapshot:
    """A snapshot of an org that could not be read: every capability is unread, and says why."""
    unread = Unread(Why.FAILED, error.message, error.hint)
    empty = pa.schema([])
    readings = {
        c.value: Reading.missing(c.value, c, empty, unread) for c in Capability if c is not Capability.VALUES
    }
    manifest = Manifest(target.platform, target.name, target.name, "", at, "", __version__)
    return Snapshot(manifest, readings)


def check_out(opened: Opened) -> None:
    """Raise ConfigError, before anything is asked, if the report may not be written where it should go."""
    from reports.directory import refuse_to_replace

    refuse_to_replace(opened.directory)


def report(opened: Opened, audits: Sequence[Audit], answers: Path | None = None) -> int:
    """Write the report directory, the answers and the summary; return the exit code."""
    from reports.directory import write_report

    changed = changed_since(opened, audits)
    write_report(audits, opened.directory, changed=changed)
    return summary(opened, audits, answers, opened.directory, changed)


def summary(
    opened: Opened,
    audits: Sequence[Audit],
    answers: Path | None,
    written: Path,
    changed: Sequence[Changes] = (),
) -> int:
    """Write the answers, and tell of a report that was `written`; return the exit code."""
    from reports import changes, json_v1, words
    from reports.directory import PAGE
    from reports.terminal import render

    gate = _gate(opened.given.gate, changed)
    code = exit_code(audits, gate)
    if answers is not None:
        found = json_v1.answers(json_v1.document(audits), opened.settings.classifier, opened.settings.decided)
        write_json(found, answers)
    if not opened.given.quiet:
        render(audits, Console())
        if opened.baseline is not None:
            sys.stdout.write(f"\nSince the baseline:\n{changes.text(changed)}\n")
        if gate is not None:
            sys.stdout.write(f"\nExit code {code}, of what the gate asks about. {words.gate_meaning(code)}\n")
        sys.stdout.write(f"\nReport: {written}\nPage:   {written / PAGE}\n")
    log.info(
        "finished",
        exit_code=code,
        findings=sum(len(a.findings) for a in audits),
        unread=sum(len(a.unread) for a in audits),
        path=str(written),
        seconds=round((clock.now() - opened.started).total_seconds(), 1),
    )
    return code


def changed_since(opened: Opened, audits: Sequence[Audit]) -> tuple[Changes, ...]:
    """What differs from the baseline; nothing without one. Raises ConfigError if it is of other targets or orgs."""
    from reports import json_v1, saved

    if opened.baseline is None:
        return ()
    return compare(opened.baseline, saved.kept(json_v1.document(audits)))


def _gate(asked: Asked, changed: Sequence[Changes]) -> Gate | None:
    if not asked.least and not asked.only_new:
        return None
    least = Severity[asked.least.upper()] if asked.least else Severity.LOW
    if not asked.only_new or not changed:  # with nothing to compare with, everything is new
        return Gate(least)
    return Gate(least, frozenset((one.target, id_) for one in changed for id_ in one.fresh))


def write_json(made: dict[str, Any], path: Path) -> None:
    """Write plain data in pure ASCII. Raises AuditorError when it cannot be written."""
    text = json.dumps(made, indent=1, ensure_ascii=True)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise AuditorError(f"{path} could not be written: {error.strerror}.") from None
