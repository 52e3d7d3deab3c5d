"""Whether this machine can do a run: each thing looked at is one line, ok, warning or problem.

Nothing here touches the network but `connections`, and nothing here shows a secret.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from auditor.errors import AuditorError, ConfigError
from auditor.wording import several
from connectors.protocol import Scope
from crm_audit import alerts, clock, compose, config, tag_ledger, waivers_file
from crm_audit.config import USUAL_FILE, Config, Database, Org, Portal, Project, SfCli, Target
from crm_audit.targets import ENVIRONMENT, from_environment
from reports.directory import refuse_to_replace

DISTRIBUTION = "crm-audit"
_MIB = 1024 * 1024
LITTLE_DISK, NO_DISK = 500 * _MIB, 50 * _MIB
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""In the order in which a run looks for them; the first that is set is the only one."""
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


class State(StrEnum):
    """How one line came out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at, what was seen, what to do unless it is ok, and the exit code of a problem."""

    state: State
    what: str
    seen: str
    hint: str = ""
    code: int = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would use: its settings, and the targets it would read."""

    settings: Config
    targets: tuple[Target, ...]


# ── The installation ──────────────────────────────────────────────────────────────────────────────


def installation() -> Iterator[Line]:
    """Python, and the packages that the distribution requires, with its extras apart."""
    try:
        about = importlib.metadata.metadata(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        yield Line(
            State.PROBLEM, "packages", f"{DISTRIBUTION} is not installed.", f"pipx install {DISTRIBUTION}"
        )
        return
    yield _python(about["Requires-Python"] or "")
    for extra, wrong in _lacking(importlib.metadata.requires(DISTRIBUTION) or ()).items():
        yield _extra(extra, *wrong) if extra else _packages(*wrong)


def _python(required: str) -> Line:
    running = ".".join(map(str, sys.version_info[:3]))
    if _numbers(running) < _numbers(required):
        return Line(
            State.PROBLEM, "Python", f"{running}, but {required} is needed.", "Install a newer Python."
        )
    return Line(State.OK, "Python", running)


def _lacking(requirements: list[str] | tuple[str, ...]) -> dict[str, tuple[int, list[str]]]:
    """For each extra (the empty one is required): how many packages it has, and which are not as needed."""
    found: dict[str, tuple[int, list[str]]] = {}
    for text in requirements:
        match = re.match(r"([\w.-]+)(?:\[.*?\])?(?:>=([\d.]+))?(?:.*extra == '(\w+)')?", text)
        if match is None:
            continue
        name, least, extra = match[1], match[2] or "", match[3] or ""
        count, wrong = found.setdefault(extra, (0, []))
        found[extra] = (count + 1, wrong)
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if _numbers(installed) < _numbers(least):
            wrong.append(f"{name} is {installed}, but {least} is needed")
    return found


def _packages(count: int, wrong: list[str]) -> Line:
    if wrong:
        hint = f"Install it again in an environment of its own: pipx install --force {DISTRIBUTION}"
        return Line(State.PROBLEM, "packages", f"{'; '.join(wrong)}.", hint)
    return Line(State.OK, "packages", f"{count} required packages are there")


def _extra(extra: str, count: int, wrong: list[str]) -> Line:
    what, hint = f"extra {extra}", f"pipx install --force '{DISTRIBUTION}[{extra}]'"
    if len(wrong) == count and all(one.endswith("is missing") for one in wrong):
        return Line(State.OK, what, f"not installed; if you want it: {hint}")
    if wrong:
        return Line(State.WARNING, what, f"{'; '.join(wrong)}.", hint)
    return Line(State.OK, what, "installed")


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, which is all that our own requirements compare."""
    match = re.search(r"\d+(\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


# ── What a run is told ────────────────────────────────────────────────────────────────────────────


def configuration(
    given: Path | None, environ: Mapping[str, str], folder: Path
) -> tuple[list[Line], Plan | None]:
    """Read the configuration as a run would; None where there is nothing to run with."""
    path = given or (folder / USUAL_FILE if os.path.lexists(folder / USUAL_FILE) else None)
    try:
        if path is not None:
            return _told_by_file(path, environ)
    except ConfigError as error:
        return [Line(State.PROBLEM, "configuration", error.message, error.hint)], None
    settings = config.default(environ)
    try:
        plan = Plan(settings, (from_environment("", environ),))
    except ConfigError as error:
        # Nothing said yet is a beginning; something said that cannot be used is a mistake.
        begun = any(environ.get(name) for name in ENVIRONMENT if name.startswith("SF_"))
        state = State.PROBLEM if begun else State.WARNING
        seen = f"There is no {USUAL_FILE}. {error.message}"
        return [Line(state, "configuration", seen, f"Write one: crm-audit init. {error.hint}")], None
    return [Line(State.OK, "configuration", "no file; the environment says how to log in")], plan


def _told_by_file(path: Path, environ: Mapping[str, str]) -> tuple[list[Line], Plan | None]:
    """Everything a run reads before it asks a CRM. Raises ConfigError for what it would stop at."""
    settings = config.load(path, environ, classes=compose.class_names())
    now = clock.now()
    waivers, decisions = waivers_file.of_config(settings, now), tag_ledger.of_config(settings, now).decisions
    if not settings.targets:
        hint = "Add a section targets; crm-audit init writes one."
        seen = f"{path} names no target, so there is nothing to run."
        return [Line(State.PROBLEM, "configuration", seen, hint)], None
    counted = ((settings.targets, "target"), (waivers, "waiver"), (decisions, "decision"))
    seen = ", ".join([f"{path} is valid", *(several(len(them), what) for them, what in counted if them)])
    kept = {secret.warning for target in settings.targets for secret in config.secrets_of(target)}
    lines = [
        Line(State.OK, "configuration", seen),
        *(
            Line(State.WARNING, "configuration", warning)
            for warning in config.warnings(settings)
            if warning not in kept  # each secret has a line of its own
        ),
    ]
    return lines, Plan(settings, settings.targets)


def secrets(plan: Plan) -> Iterator[Line]:
    """Whether each secret can be fetched, and whether the `sf` command is there where it is needed."""
    for target in plan.targets:
        for secret in config.secrets_of(target):
            what = f"secret of {target.name}"
            try:
                secret.reveal()
            except AuditorError as error:
                yield Line(State.PROBLEM, what, error.message, error.hint)
                continue
            if secret.warning:
                yield Line(State.WARNING, what, secret.warning, "Only the user of the run should read it.")
            else:
                yield Line(State.OK, what, f"{secret.reference} holds something")
        if isinstance(target, Org) and isinstance(target.auth, SfCli):
            found = shutil.which("sf")
            yield (
                Line(State.OK, f"sf of {target.name}", found)
                if found
                else Line(
                    State.PROBLEM, f"sf of {target.name}", "not on the PATH", "Install the Salesforce CLI."
                )
            )


def sources(plan: Plan) -> Iterator[Line]:
    """Whether each folder of source holds what a run would read, and each folder of evidence can be understood."""
    for target in plan.targets:
        if isinstance(target, Portal) and target.evidence:
            yield _attested(target)
        if not isinstance(target, Project):
            continue
        what = f"source of {target.name}"
        try:
            compose.connect(target, clock.now()).schema(Scope(()))
        except AuditorError as error:
            yield Line(State.PROBLEM, what, error.message, error.hint)
        else:
            yield Line(State.OK, what, f"{target.folder} holds metadata")


def _attested(portal: Portal) -> Line:
    what = f"evidence of {portal.name}"
    try:
        found = compose.evidence(portal).tables
    except AuditorError as error:
        return Line(State.PROBLEM, what, error.message, error.hint)
    if not found:
        return Line(
            State.WARNING,
            what,
            f"{portal.evidence} holds none",
            "Write it: crm-audit hubspot evidence-template.",
        )
    return Line(State.OK, what, ", ".join(f"{name}: {table.num_rows} rows" for name, table in found.items()))


def services(plan: Plan) -> Iterator[Line]:
    """Whether each alert has an address that can be used; nothing is sent. A run goes on without it."""
    for alert in plan.settings.alerts:
        what = f"alert to {alert.url.reference}"
        try:
            alerts.service_of(alert)
        except AuditorError as error:
            yield Line(State.WARNING, what, error.message, f"Until then nobody is told. {error.hint}")
        else:
            yield Line(State.OK, what, "its address can be used; nothing was sent")


def keyring(plan: Plan | None) -> Line:
    """Which keyring of the operating system would be asked."""
    import keyring as library
    from keyring.backends.fail import Keyring as Nothing

    needed = plan is not None and any(
        secret.reference.startswith("keyring ")
        for target in plan.targets
        for secret in config.secrets_of(target)
    )
    backend = library.get_keyring()
    if not isinstance(backend, Nothing):
        return Line(State.OK, "keyring", backend.name)
    hint = "Keep secrets in files or the environment, or start a keyring service for this user."
    if needed:
        return Line(State.PROBLEM, "keyring", "none is usable here, and the configuration names one.", hint)
    return Line(State.WARNING, "keyring", "none is usable here; nothing asks for it so far.", hint)


# ── The machine ───────────────────────────────────────────────────────────────────────────────────


def disk(settings: Config) -> Iterator[Line]:
    """Whether a run could write where it goes, and how much room there is."""
    if settings.runs is None:
        what, directory = "report directory", settings.report_dir
        # A report is written beside the one before, and takes its place.
        place = _nearest(directory.absolute().parent)
    else:
        what, directory = "folder of runs", settings.runs.directory
        place = _nearest(directory.absolute())
    in_the_way = not place.is_dir() or (os.path.lexists(directory) and not directory.is_dir())
    if in_the_way:
        seen = f"{directory if place.is_dir() else place} is not a folder."
        yield Line(State.PROBLEM, what, seen, "Name another in the configuration or with --out.")
        return
    yield _writable(what, directory, place, report=settings.runs is None)
    free = shutil.disk_usage(place).free
    seen = f"{free // _MIB:,} MiB"
    if free >= LITTLE_DISK:
        yield Line(State.OK, "free disk", seen)
    else:
        state = State.PROBLEM if free < NO_DISK else State.WARNING
        yield Line(state, "free disk", seen, "Remove old reports, or name another disk with --out.")


def _nearest(place: Path) -> Path:
    """The place itself, or the nearest above it that exists."""
    return next(one for one in (place, *place.parents) if os.path.lexists(one))


def _writable(what: str, directory: Path, place: Path, *, report: bool) -> Line:
    if not os.access(place, os.W_OK | os.X_OK):
        hint = "Run as a user who may write there, or name another directory with --out."
        return Line(State.PROBLEM, what, f"{place} cannot be written to.", hint)
    try:
        if report:
            refuse_to_replace(directory)
    except ConfigError as error:
        return Line(State.PROBLEM, what, error.message, error.hint)
    except OSError as error:
        return Line(State.PROBLEM, what, f"{directory} cannot be read: {error.strerror}.", "Name another.")
    return Line(State.OK, what, f"{directory} can be written")


def moment(now: datetime, zone: str, installed: datetime) -> Line:
    """Whether the clock can be right: not before the files of this program were written. UTC, both."""
    seen = f"{now:%Y-%m-%d %H:%M} UTC, local zone {zone}; reports are in UTC"
    if now < installed:
        hint = "Set the clock, best by NTP: a login with JWT is refused when it is minutes off."
        return Line(State.PROBLEM, "clock", f"{seen}; this program was installed later than that.", hint)
    return Line(State.OK, "clock", seen)


def installed_at() -> datetime:
    """When the files of this program were written."""
    return datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


def surroundings(environ: Mapping[str, str]) -> Iterator[Line]:
    """The variables about proxies and certificates that a run would see; of a proxy only its host."""
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower())
        if value:
            yield _proxy(name, value)
    if exempt := environ.get("NO_PROXY") or environ.get("no_proxy"):
        yield Line(State.OK, "NO_PROXY", exempt)
    if name := next((one for one in _CERTIFICATES if environ.get(one)), ""):
        value = environ[name]
        yield (
            Line(State.OK, name, value)
            if Path(value).exists()
            else Line(State.PROBLEM, name, f"{value} is not there.", "Correct it, or unset it.")
        )


def _proxy(name: str, value: str) -> Line:
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Line(State.PROBLEM, name, "is not an address.", "Write it as in http://proxy.example:8080.")
    seen = f"through {host}{f':{port}' if port else ''}"
    if parts.password:
        return Line(
            State.WARNING, name, f"{seen}, with a password in the variable", "Use a proxy without one."
        )
    return Line(State.OK, name, seen)


# ── The network ───────────────────────────────────────────────────────────────────────────────────


def connections(plan: Plan) -> Iterator[Line]:
    """Log in to every org, and have it say who it is: a token is only looked at when something is asked with it."""
    orgs = [target for target in plan.targets if not isinstance(target, Project)]
    if not orgs:
        yield Line(State.OK, "connection", "not needed: source is read from folders")
    for target in orgs:
        what = f"connection to {target.name}"
        try:
            seen = _answered(target)
        except AuditorError as error:
            yield Line(State.PROBLEM, what, error.message, error.hint, error.exit_code)
            continue
        yield Line(State.OK, what, seen)


def _answered(target: Org | Portal | Database) -> str:
    """What an org, portal or database answers, in words. Raises AuditorError when it does not."""
    if isinstance(target, Database):
        database = compose.database_client(target)
        database.log_in()
        database.log_out()
        return f"logged in at {database.host}, database {database.database}"
    if isinstance(target, Portal):
        portal = compose.confirmed_portal(target)
        used = f", {portal.usage} API calls used today" if portal.usage else ""
        return f"logged in at {portal.host}{used}"
    client = compose.confirmed(target, clock.now())
    used = f", {client.usage} API calls used in 24 hours" if client.usage else ""
    return f"logged in at {client.host}, API {client.api_version}{used}"


def examine(given: Path | None, environ: Mapping[str, str], folder: Path) -> tuple[list[Line], Plan | None]:
    """Look at everything that needs no network; the plan is None where there is nothing to run with."""
    told, plan = configuration(given, environ, folder)
    lines = [
        *installation(),
        *told,
        *((*secrets(plan), *sources(plan), *services(plan)) if plan else ()),
        keyring(plan),
        *disk(plan.settings if plan else config.default(environ)),
        moment(clock.now(), clock.zone(), installed_at()),
        *surroundings(environ),
    ]
    return lines, plan


def verdict(lines: Sequence[Line]) -> tuple[str, int]:
    """How many problems and warnings there are, in words, and the exit code: what is wrong here comes first."""
    found = [line for line in lines if line.state is State.PROBLEM]
    warned = sum(line.state is State.WARNING for line in lines)
    return (
        f"{several(len(found), 'problem')}, {several(warned, 'warning')}.",
        min((line.code for line in found), default=0),
    )
