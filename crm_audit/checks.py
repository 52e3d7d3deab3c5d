"""The check of one credential: readable or not, surplus rights, and an estimate of calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.phi import Tag
from auditor.rule import Surplus
from connectors.salesforce.preflight import Probe, expected_calls, preflight
from crm_audit import compose
from crm_audit.config import Target


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found out about one target."""

    target: str
    org: str
    api_version: str
    usage: str
    probes: tuple[Probe, ...]
    surplus: tuple[Surplus, ...]
    tags: int
    calls: int

    @property
    def code(self) -> int:
        """0 when everything can be read, 4 otherwise."""
        return 4 if any(p.unread and not p.unread.why.by_vendor for p in self.probes) else 0


def check(target: Target, settings: compose.Settings, as_of: datetime) -> Checked:
    """Read the schema, count the rest, and compare the credential's rights with its need.

    Raises CredentialTooStrong in strict mode, CollectionError if nothing can be read.
    """
    client = compose.client(target)
    connector = compose.connector(client, target, as_of)
    snapshot = connector.schema(compose.scope(settings, target, target.platform))
    tags: list[Tag] = compose.tag(snapshot, settings)
    if settings.strict_credential:
        compose.refuse_strong_credential(snapshot, tags)
    made = client.calls
    probes = preflight(client, snapshot, compose.plan(tags, settings, target.platform, as_of))
    return Checked(
        target=target.name,
        org=snapshot.manifest.org_name or snapshot.manifest.org_id,
        api_version=client.api_version,
        usage=client.usage,
        probes=probes,
        surplus=compose.semantics(target.platform).surplus(snapshot, {t.field: t for t in tags}),
        tags=len(tags),
        calls=expected_calls(made, probes),
    )


def show(checked: Checked) -> None:
    """Print a check for a person."""
    console = Console()
    usage = f", API calls used {checked.usage}" if checked.usage else ""
    console.print(Text(f"{checked.target}: {checked.org}, API {checked.api_version}{usage}", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("reading", "state", "rows", "needs"):
        table.add_column(heading, overflow="fold")
    for probe in checked.probes:
        state = f"NOT READABLE: {probe.unread.detail}" if probe.unread else "readable"
        rows = "" if probe.rows is None else f"{probe.rows:,}"
        table.add_row(*(Text(cell) for cell in (probe.name, state, rows, probe.needs)))
    console.print(table)
    if checked.surplus:
        rights = ", ".join(s.right for s in checked.surplus[:12])
        console.print(Text(f"Surplus rights ({len(checked.surplus)}): {rights}", style="bold yellow"))
    else:
        console.print(Text("Surplus rights: none seen."))
    console.print(Text(f"PHI fields: {checked.tags}. A run needs about {checked.calls} calls."))
