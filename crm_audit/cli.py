"""Every command, by name. Each lives in its own module and imports what it needs only when it runs."""

from __future__ import annotations

import typer

from crm_audit.commands import (
    analyze,
    check,
    collect,
    config,
    demo,
    diff,
    doctor,
    hubspot,
    init,
    lapses,
    permission_set,
    probe,
    rules,
    run,
    sandbox,
    schedule,
    status,
    tags,
    verify,
    version,
    waivers,
    what,
    who,
    why,
)

app = typer.Typer(
    name="crm-audit",
    help="Read-only permission auditor for CRMs that hold health data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 clean, 1 defect, 2 usage, 3 nothing read, 4 something unread, 5 already running, "
    "6 kept runs differ, 7 no recent run, 8 clean only by waivers, 9 reports differ, 10 a probe disagrees, "
    "11-14 worst finding (low to critical), 21-24 the same with something unread.",
)

app.command("init")(init.init)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.command("collect")(collect.collect)
app.command("analyze")(analyze.analyze)
app.command("why")(why.why)
app.command("who")(who.who)
app.command("what")(what.what)
app.command("probe")(probe.probe)
app.command("lapses")(lapses.lapses)
app.command("status")(status.status)
app.command("verify")(verify.verify)
app.command("diff")(diff.diff)
app.command("sandbox")(sandbox.sandbox)
app.command("permission-set")(permission_set.permission_set)
app.command("rules")(rules.rules)
app.command("version")(version.version)

config_app = typer.Typer(help="Look at the configuration.", no_args_is_help=True, rich_markup_mode=None)
config_app.command("show")(config.show)
config_app.command("schema")(config.schema)
app.add_typer(config_app, name="config")

schedule_app = typer.Typer(
    help="Print what runs the audit every night.", no_args_is_help=True, rich_markup_mode=None
)
schedule_app.command("systemd")(schedule.systemd)
schedule_app.command("cron")(schedule.cron)
app.add_typer(schedule_app, name="schedule")
waivers_app = typer.Typer(help="Accept findings until a day.", no_args_is_help=True, rich_markup_mode=None)
waivers_app.command("draft")(waivers.draft)
waivers_app.command("check")(waivers.check)
app.add_typer(waivers_app, name="waivers")

hubspot_app = typer.Typer(help="What only HubSpot needs.", no_args_is_help=True, rich_markup_mode=None)
hubspot_app.command("evidence-template")(hubspot.evidence_template)
app.add_typer(hubspot_app, name="hubspot")
app.add_typer(tags.app, name="tags")
