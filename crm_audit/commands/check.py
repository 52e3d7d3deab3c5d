"""`crm-audit check`: what this credential can and cannot read, before a first run."""

from __future__ import annotations

import typer

from crm_audit import options


def check(
    platform: options.Platform = "",
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    evidence: options.Evidence = None,
    record: options.Record = None,
    strict_credential: options.Strict = None,
    quiet: options.Quiet = False,
) -> None:
    """Test the connection, and print what can be read, surplus rights, and the calls a run would need."""
    from contextlib import nullcontext

    from connectors.salesforce.recording import recording
    from crm_audit import checks, session

    opened = session.open_session(
        session.Given(config, tags, strict=strict_credential, quiet=True, project=project, evidence=evidence)
    )
    code = 0
    with recording(record) if record else nullcontext():
        for target in session.targets(opened, platform):
            checked = checks.check(target, opened.settings, opened.as_of)
            code = max(code, checked.code)
            if not quiet:
                checks.show(checked)
    raise typer.Exit(code)
