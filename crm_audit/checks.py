"""The check of one target: an org's credential with an estimate of calls, or what a folder of source holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.phi import Tag
from auditor.rule import Surplus
from connectors.hubspot import preflight as hubspot
from connectors.hubspot import tables as portal_tables
from connectors.hubspot.evidence import FILES
from connectors.salesforce import preflight as salesforce
from connectors.tryton import preflight as tryton
from crm_audit import compose
from crm_audit.config import Database, Org, Portal, Project, Target
from reports.inert import for_terminal

Probe = salesforce.Probe | hubspot.Probe | tryton.Probe


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found out about one target. Source is read whole, without a credential and without calls."""

    target: str
    platform: str
    org: str
    api_version: str
    usage: str
    probes: tuple[Probe, ...]
    surplus: tuple[Surplus, ...]
    tags: int
    calls: int
    budget: int = 0

    @property
    def code(self) -> int:
        """0 when everything can be read, 4 otherwise."""
        return 4 if any(p.unread and not p.unread.why.by_vendor for p in self.probes) else 0


def check(target: Target, settings: compose.Settings, as_of: datetime) -> Checked:
    """Read the schema, count the rest, and compare the credential's rights with its need.

    Raises CredentialTooStrong in strict mode, CollectionError if nothing can be read.
    """
    if isinstance(target, Org):
        return _org(target, settings, as_of)
    if isinstance(target, Portal):
        return _portal(target, settings, as_of)
    if isinstance(target, Database):
        return _database(target, settings, as_of)
    return _project(target, settings, as_of)


def _project(target: Project, settings: compose.Settings, as_of: datetime) -> Checked:
    """Read all of it: there is nothing to save by counting first."""
    snapshot = compose.collect(compose.connect(target, as_of), settings, target, as_of)
    return Checked(
        target=target.name,
        platform=target.platform,
        org=str(target.folder),
        api_version=snapshot.manifest.api_version,
        usage="",
        probes=tuple(
            salesforce.Probe(name, "", reading.table.num_rows, 0, reading.unread, reading.note)
            for name, reading in snapshot.readings.items()
        ),
        surplus=(),
        tags=len(compose.tag(snapshot, settings).tags),
        calls=0,
    )


def _org(target: Org, settings: compose.Settings, as_of: datetime) -> Checked:
    client = compose.client(target)
    connector = compose.connector(client, target, as_of)
    snapshot = connector.schema(compose.scope(settings, target, target.platform))
    tags: list[Tag] = list(compose.tag(snapshot, settings).tags.values())
    if settings.strict_credential:
        compose.refuse_strong_credential(snapshot, tags)
    made = client.calls
    planned = compose.plan(tags, settings, target.platform, as_of)
    probes = salesforce.preflight(client, snapshot, planned, compose.sampling(snapshot, settings, target))
    return Checked(
        target=target.name,
        platform=target.platform,
        org=snapshot.manifest.org_name or snapshot.manifest.org_id,
        api_version=client.api_version,
        usage=client.usage,
        probes=probes,
        surplus=compose.semantics(target.platform).surplus(snapshot, {t.field: t for t in tags}),
        tags=len(tags),
        calls=salesforce.expected_calls(made, probes),
        budget=target.budget_calls,
    )


def _portal(target: Portal, settings: compose.Settings, as_of: datetime) -> Checked:
    attested = compose.evidence(target)
    client = compose.portal_client(target)
    connector = compose.portal_connector(client, target, attested, as_of)
    snapshot = connector.schema(compose.scope(settings, target, target.platform))
    tags: list[Tag] = list(compose.tag(snapshot, settings).tags.values())
    if settings.strict_credential:
        compose.refuse_strong_credential(snapshot, tags)
    made = client.calls
    planned = compose.plan(tags, settings, target.platform, as_of)
    asked = hubspot.preflight(client, snapshot, planned, compose.sampling(snapshot, settings, target))
    known = {probe.name for probe in asked}
    given = tuple(
        hubspot.Probe(name, "", attested.tables[name].num_rows, 0, None)
        if name in attested.tables
        else hubspot.Probe(name, "", 0, 0, None, f"No {name} was given.")
        for name in FILES
        if name not in known
    )
    token = snapshot.table(portal_tables.TOKEN).to_pylist()
    kind = str(token[0]["kind"] or "").replace("_", " ") if token else ""
    return Checked(
        target=target.name,
        platform=target.platform,
        org=f"portal {snapshot.manifest.org_id}{f', {kind}' if kind else ''}",
        api_version=str(client.version),
        usage=client.usage,
        probes=(*asked, *given),
        surplus=compose.semantics(target.platform).surplus(snapshot, {t.field: t for t in tags}),
        tags=len(tags),
        calls=hubspot.expected_calls(made, asked),
        budget=target.budget_calls,
    )


def _database(target: Database, settings: compose.Settings, as_of: datetime) -> Checked:
    client = compose.database_client(target)
    connector = compose.database_connector(client, target, as_of)
    snapshot = connector.schema(compose.scope(settings, target, target.platform))
    tags: list[Tag] = list(compose.tag(snapshot, settings).tags.values())
    if settings.strict_credential:
        compose.refuse_strong_credential(snapshot, tags)
    made = client.calls
    asked = tryton.preflight(client, snapshot, compose.plan(tags, settings, target.platform, as_of))
    client.log_out()
    return Checked(
        target=target.name,
        platform=target.platform,
        org=snapshot.manifest.org_name,
        api_version=snapshot.manifest.api_version,
        usage="",
        probes=asked,
        surplus=compose.semantics(target.platform).surplus(snapshot, {t.field: t for t in tags}),
        tags=len(tags),
        calls=tryton.expected_calls(made, asked),
        budget=target.budget_calls,
    )


def show(checked: Checked) -> None:
    """Print a check for a person."""
    console = Console()
    usage = f", {checked.usage} API calls used in 24 hours" if checked.usage else ""
    version = f", API {checked.api_version}" if checked.api_version else ""
    console.print(_plain(f"{checked.target}: {checked.org}{version}{usage}", "bold"))
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("reading", overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("needs", overflow="fold")
    for probe in checked.probes:
        state, style = _state(probe)
        rows = "" if probe.rows is None else f"{probe.rows:,}"
        table.add_row(_plain(probe.name), _plain(state, style), _plain(rows), _plain(probe.needs))
    console.print(table)
    for probe in checked.probes:
        detail = probe.unread.detail.removeprefix(f"{probe.name}: ") if probe.unread else probe.note
        if detail:
            console.print(_plain(f"{probe.name}: {detail}"))
    for remedy, names in _remedies(checked.probes).items():
        console.print(_plain(f"{remedy} (opens {', '.join(names)})", "yellow"))
    for kind, words in _SURPLUS.items():
        rights = [s.right for s in checked.surplus if s.kind == kind]
        if rights:
            console.print(_plain(f"{words}: {_first(rights)}.", "bold yellow"))
    if checked.platform == Project.platform:
        console.print(_plain("Source says what sets and profiles allow, not which people hold them."))
        console.print(_plain(f"PHI fields: {checked.tags:,}."))
    else:
        if not checked.surplus:
            console.print(_plain("The credential holds no surplus rights that could be seen."))
        console.print(_plain(f"PHI fields: {checked.tags:,}. A run needs about {checked.calls:,} calls."))
        if 0 < checked.budget < checked.calls:
            short = f"The budget of {checked.budget:,} calls would end a run before everything is read."
            console.print(_plain(short, "bold yellow"))
    missing = sum(p.unread is not None for p in checked.probes)
    verdict = (
        f"{missing} of {len(checked.probes)} readings are not whole" if missing else "Everything can be read"
    )
    console.print(_plain(f"{verdict}. Exit code {checked.code}.", "bold"))


_SURPLUS = {
    "write": "More than an auditor needs, it can change things",
    "phi": "More than an auditor needs, it is shown health fields",
}


def _state(probe: Probe) -> tuple[str, str]:
    if probe.unread is None:
        return "readable", ""
    if probe.unread.why.by_vendor:
        return "not shown to auditors", "dim"
    return ("INCOMPLETE" if probe.rows else "NOT READABLE"), "bold red"


def _remedies(probes: Sequence[Probe]) -> dict[str, list[str]]:
    """What would open something, with everything it would open."""
    found: dict[str, list[str]] = {}
    for probe in probes:
        if probe.unread and probe.unread.remedy:
            found.setdefault(probe.unread.remedy, []).append(probe.name)
    return found


def _first(rights: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(rights[:most])
    return f"{shown} and {len(rights) - most} more" if len(rights) > most else shown


def _plain(text: str, style: str = "") -> Text:
    """Text as it is: no markup, no escape sequence of an org's own."""
    return Text(for_terminal(text), style=style)
