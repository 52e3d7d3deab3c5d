"""`crm-audit demo`: audit an embedded demo org and portal, from nothing to a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm_audit import options

if TYPE_CHECKING:
    from auditor.audit import Audit
    from crm_audit.session import Given, Opened


def demo(out: options.Out = None, quiet: options.Quiet = False) -> None:
    """Serve an invented clinic’s org and portal on this machine, audit both, and write one report. Always exits 0."""
    from pathlib import Path

    from crm_audit import session

    with audited(session.Given(out=out or Path("crm-audit-demo"), quiet=quiet)) as (opened, audits):
        session.report(opened, audits)


@contextmanager
def audited(given: Given) -> Iterator[tuple[Opened, list[Audit]]]:
    """Serve the clinic's org and portal, and audit both as of the clinic's own moment."""
    from contextlib import ExitStack
    from dataclasses import replace
    from pathlib import Path

    from crm_audit import compose, sandboxes, session
    from crm_audit.config import Org, Portal, Session, Token
    from crm_audit.secrets import Secret

    with sandboxes.clinic() as served, sandboxes.portal() as portal, ExitStack() as stack:
        moment = served.org.now
        opened = session.open_session(given, as_of=moment)
        settings = stack.enter_context(compose.demo(opened.settings))
        opened = replace(opened, settings=settings, started=moment)
        org = Org(
            name="demo clinic",
            instance_url=served.url,
            auth=Session(Secret.from_environment("TOKEN", {"TOKEN": served.token})),
            ca_bundle=Path(served.ca_file),
        )
        told = session.open_session(
            replace(given, tags=portal.given, evidence=portal.evidence),
            as_of=moment,
        )
        told = replace(told, started=moment)
        lakeside = Portal(
            name="demo portal",
            auth=Token(Secret.from_environment("TOKEN", {"TOKEN": portal.token})),
            base_url=portal.url,
        )
        audits = session.audit_all(opened, [org])
        audits += session.audit_all(told, [session.as_told(told, lakeside)])
        yield opened, audits
