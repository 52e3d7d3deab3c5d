"""`crm-audit demo`: audit the embedded demo clinic, from nothing to a workbook."""

from __future__ import annotations

from crm_audit import options


def demo(out: options.Out = None, quiet: options.Quiet = False) -> None:
    """Serve an invented clinic on this machine, audit it over HTTPS, and write the report. Always exits 0."""
    from contextlib import ExitStack
    from dataclasses import replace
    from pathlib import Path

    from crm_audit import compose, sandboxes, session
    from crm_audit.config import Org, Session
    from crm_audit.secrets import Secret

    with sandboxes.clinic() as served, ExitStack() as stack:
        moment = served.org.now
        given = session.Given(out=out or Path("crm-audit-demo"), quiet=quiet)
        opened = session.open_session(given, as_of=moment)
        settings = stack.enter_context(compose.demo(opened.settings))
        opened = replace(opened, settings=settings, started=moment)
        token = Secret.from_environment("TOKEN", {"TOKEN": served.token})
        target = Org(
            name="demo clinic",
            instance_url=served.url,
            auth=Session(token),
            ca_bundle=Path(served.ca_file),
        )
        session.report(opened, session.audit_all(opened, [target]))
