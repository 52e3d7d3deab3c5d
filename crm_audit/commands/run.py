"""`crm-audit run`: read, judge, report."""

from __future__ import annotations

import typer

from crm_audit import options


def run(
    platform: options.Platform = "",
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    evidence: options.Evidence = None,
    as_of: options.AsOf = "",
    out: options.Out = None,
    answers: options.Answers = None,
    strict_credential: options.Strict = None,
    budget_calls: options.Budget = None,
    baseline: options.Baseline = None,
    fail_on: options.FailOn = None,
    fail_on_new: options.FailOnNew = False,
    quiet: options.Quiet = False,
    log_json: options.JsonLog = False,
) -> None:
    """Read each org, judge every rule, write the report, and exit with what was found."""
    from crm_audit import session
    from crm_audit.runs.night import night

    gate = session.Asked(baseline, fail_on or "", fail_on_new)
    given = session.Given(
        config, tags, as_of, out, strict_credential, quiet, log_json, project, budget_calls, gate, evidence
    )
    opened = session.open_session(given)
    nightly = opened.config.runs if out is None else None
    if nightly is None:
        session.check_out(opened)
    targets = session.targets(opened, platform)
    session.check_baseline(opened, [target.name for target in targets])
    if nightly is not None:
        raise typer.Exit(night(opened, nightly, targets, answers))
    audits = session.audit_all(opened, targets)
    raise typer.Exit(session.report(opened, audits, answers))
