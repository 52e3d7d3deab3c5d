"""One run, from lock to alert: audit, keep, remove what is too old, tell what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from auditor.audit import Audit, exit_code
from auditor.diff import Changes, compare
from auditor.errors import AuditorError, ConfigError
from crm_audit import __version__, clock, session
from crm_audit.alerts import Alerts, Message
from crm_audit.config import Runs, Target
from crm_audit.runs import record
from crm_audit.runs.chain import Event, Kind, Told
from crm_audit.runs.folder import Folder, stamp
from crm_audit.runs.locks import Note
from crm_audit.runs.news import News, altered, heard, news, told_of
from crm_audit.runs.record import Record

MOST_TOLD = 20
"""Findings that an internal message repeats."""

log = structlog.get_logger(__name__)


def night(opened: session.Opened, runs: Runs, wanted: Sequence[Target], answers: Path | None) -> int:
    """Audit the targets into a folder of their own, and return the exit code of what was found.

    Raises what stopped it; the chain then notes an attempt without a run.
    """
    folder = Folder(runs.directory)
    alerts = Alerts(opened.config.alerts)
    names = tuple(target.name for target in wanted)
    with folder.opened(Note.of(opened.started.isoformat(), names)) as staged:
        _look_at_the_clock(folder, opened)
        opened = _with_the_night_before(folder, opened, names)
        try:
            audits = session.audit_all(opened, wanted)
            changed = _changed(opened, audits)
            made = _kept(folder, staged, opened, audits, changed)
        except Exception as error:
            _failed(folder, alerts, names, getattr(error, "exit_code", 1))
            raise
        _after(folder, runs, alerts, made, audits)
    return session.summary(opened, audits, answers, folder.directory / made.run, changed)


def _with_the_night_before(folder: Folder, opened: session.Opened, names: tuple[str, ...]) -> session.Opened:
    """With the last run of the same targets to compare with, unless the command line names another report."""
    from reports import saved

    if opened.baseline is not None:
        return opened
    told, entered = told_of(folder.chain.events()), folder.entered()
    for earlier in reversed(folder.records()):
        if earlier.run not in told or not record.intact(
            folder.directory / earlier.run, entered[earlier.run].record
        ):
            continue  # nobody was told of it, or it is not what was written then
        try:
            kept = saved.kept(saved.load(folder.directory / earlier.run))
        except ConfigError as error:
            log.warning("an earlier run cannot be compared with", detail=error.message)
            continue
        if sorted(one.target for one in kept) == sorted(names):
            return replace(opened, baseline=kept)
    return opened


def _changed(opened: session.Opened, audits: Sequence[Audit]) -> tuple[Changes, ...]:
    """What differs from the night before; another org under the same name is told, and everything counts as new."""
    try:
        return session.changed_since(opened, audits)
    except ConfigError as error:
        if opened.given.gate.baseline is not None:
            raise
        log.warning("nothing to compare with", detail=error.message)
        return ()


def _kept(
    folder: Folder,
    staged: Path,
    opened: session.Opened,
    audits: Sequence[Audit],
    changed: Sequence[Changes],
) -> Record:
    from reports.directory import write_report

    write_report(audits, staged, changed=changed)
    made = Record(
        run=stamp(opened.started),
        targets=record.reads(audits),
        started=opened.started.isoformat(),
        finished=clock.now().isoformat(),
        as_of=opened.as_of.isoformat(),
        exit_code=exit_code(audits),
        tool_version=__version__,
        config_digest=opened.config.digest,
        files=(),
        findings=record.seen(audits),
        previous="",
    )
    return folder.seal(staged, made)


def _after(folder: Folder, runs: Runs, alerts: Alerts, made: Record, audits: Sequence[Audit]) -> None:
    """Remove what is old enough, and tell what is new. The run is kept, so trouble here is a warning."""
    try:
        if made.complete:
            for name in folder.prune(runs.keep_days, runs.keep_last, clock.now()):
                log.info("removed a run that is old enough", path=name)
        _tell(folder, alerts, made, audits)
    except AuditorError as error:
        log.warning("the run is kept, but something after it failed", detail=error.message)


def _look_at_the_clock(folder: Folder, opened: session.Opened) -> None:
    last = next((e for e in reversed(folder.chain.events()) if e.kind is Kind.RUN), None)
    if last and last.at > opened.started.isoformat():
        log.warning(
            "the clock went back",
            detail=f"It is before {last.at}, when {last.run} ended. Runs keep the order of the chain.",
        )


# ── Telling ───────────────────────────────────────────────────────────────────────────────────────


def _tell(folder: Folder, alerts: Alerts, made: Record, audits: Sequence[Audit]) -> None:
    """Tell what is new, and note in the chain whether that worked. A failure is a warning, nothing more."""
    told = Told.NOBODY
    if alerts.wanted:
        earlier = [r for r in folder.records() if r.run != made.run]
        outcome = told_of(folder.chain.events())
        found = news(made, earlier, outcome, _wider(folder, made, earlier, outcome))
        message = _message(made, found, audits) if found else None
        told = alerts.tell(message)
    folder.note(Event(Kind.TOLD, clock.now().isoformat(), run=made.run, told=told))


def _wider(
    folder: Folder, made: Record, earlier: Sequence[Record], outcome: Mapping[str, Told]
) -> frozenset[tuple[str, str]]:
    """Target and id of the findings that are wider than in the last run that was told of their target.

    What cannot be compared, and is not as it was, counts as wider: nobody can say that it is not.
    """
    from reports import saved

    found: set[tuple[str, str]] = set()
    for target in made.targets:
        before = heard(target.name, earlier, outcome)
        changed = altered(made, before, target.name) if before else frozenset()
        if before is None or not changed:
            continue
        try:
            was, now = (
                [one for one in saved.kept(saved.load(folder.directory / run)) if one.target == target.name]
                for run in (before.run, made.run)
            )
            fresh = frozenset(id_ for one in compare(was, now) for id_ in one.fresh)
        except ConfigError as error:
            log.warning("an earlier run cannot be compared with", detail=error.message)
            fresh = changed
        found |= {(target.name, id_) for id_ in fresh}
    return frozenset(found)


def _message(made: Record, found: Sequence[News], audits: Sequence[Audit]) -> Message:
    exposed = [n.target.name for n in found if n.exposed]
    title = (
        f"crm-audit: new exposure in {', '.join(exposed)}"
        if exposed
        else f"crm-audit: {', '.join(n.target.name for n in found)} could not be read completely"
    )
    lines = [line for n in found for line in n.lines()]
    new = {(seen.target, seen.id) for n in found for seen in (*n.new, *n.wider)}
    details = [f.seen.message for a in audits for f in a.findings if (a.target, f.id) in new]
    left = [f"… and {len(details) - MOST_TOLD} more."] if len(details) > MOST_TOLD else []
    return Message(
        title,
        (*lines, f"Run {made.run}, exit code {made.exit_code}."),
        (*details[:MOST_TOLD], *left),
    )


def _failed(folder: Folder, alerts: Alerts, names: tuple[str, ...], code: int) -> None:
    """Note an attempt without a run and tell of it, unless the last attempt was told to have failed too."""
    try:
        own = [
            e
            for e in folder.chain.events()
            if e.kind is Kind.RUN or (e.kind is Kind.FAILED and e.targets == names)
        ]
        told = Told.NOBODY
        if alerts.wanted:
            again = bool(own) and own[-1].kind is Kind.FAILED and own[-1].told is not Told.FAILED
            message = Message(
                f"crm-audit: {', '.join(names)}: no run",
                (f"The last attempt ended with exit code {code} and without a run. Its log says why.",),
            )
            told = alerts.tell(None if again else message)
        folder.note(Event(Kind.FAILED, clock.now().isoformat(), targets=names, exit_code=code, told=told))
    except (AuditorError, OSError) as error:
        log.warning("the failure could not be noted", detail=str(error))
