"""`crm-audit tags review`: decide about fields, one by one or by way of a spreadsheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options

Config = Annotated[Path, typer.Option("--config", "-c", help="Configuration file; the ledger is beside it.")]
By = Annotated[str, typer.Option("--by", help="The person who decides, at a terminal.")]
Field = Annotated[
    str, typer.Option("--field", help="Only this field, as Object.Field, whoever decided before.")
]
Export = Annotated[
    Path | None, typer.Option("--export", metavar="FILE.xlsx", help="Write a sheet to fill in.")
]
Import = Annotated[
    Path | None, typer.Option("--import", metavar="FILE.xlsx", help="Record a sheet that was filled in.")
]
Everything = Annotated[bool, typer.Option("--all", help="Every field that no person decided.")]


def review(
    config: Config,
    platform: options.Platform = "",
    by: By = "",
    field: Field = "",
    export: Export = None,
    import_: Import = None,
    everything: Everything = False,
    snapshot: options.SnapshotDir = None,
    as_of: options.AsOf = "",
) -> None:
    """Look at the fields that want a person, and record what somebody decides, with name and reason."""
    from auditor.errors import ConfigError
    from auditor.wording import several
    from crm_audit import tags_review, tags_sheet
    from crm_audit.new_files import refuse_existing, write
    from mappings.review import wanted
    from reports.inert import for_terminal

    if export and import_:
        raise ConfigError("A sheet is exported or imported.", hint="Leave out one of the two.")
    if not (export or import_ or by.strip()):
        raise ConfigError("It is not said who decides.", hint='Give a person: --by "Ana Ruiz"')
    if export:
        refuse_existing(export.parent, (export.name,))
    opened = tags_review.opened(config, platform, snapshot, as_of)
    if import_:
        found = tags_sheet.decisions(opened, import_)
        if found:
            opened.recorded(found)
        typer.echo(tags_sheet.summary(opened, found))
        return
    if opened.unread:
        typer.echo(f"Not everything about the fields could be read: {', '.join(opened.unread)}.", err=True)
    if opened.unseen:
        typer.echo(for_terminal(f"Decided about, and not there: {', '.join(opened.unseen)}."), err=True)
    asked = wanted(opened.items, everything=everything, field=field)
    if field and not asked:
        raise ConfigError(f"{opened.target} has no field “{field}”.", hint="Write it as Object.Field.")
    if not asked:
        typer.echo(f"No field of {opened.target} wants a person.")
    elif export:
        write(export.parent, {export.name: tags_sheet.sheet(opened, asked)})
        typer.echo(f"{export}: {len(asked):,} fields of {opened.target} to decide about.")
    else:
        recorded = tags_review.converse(opened, asked, by.strip(), _ask, typer.echo)
        typer.echo(f"\nRecorded {several(recorded, 'decision')} in {opened.config.decisions}.")


def _ask(question: str) -> str:
    """An answer from standard input. Raises Stopped where it ends, or says so."""
    from crm_audit.tags_review import Stopped

    typer.echo(question, nl=False)
    line = sys.stdin.readline()
    if not line or line.strip() == "stop":
        raise Stopped
    return line.strip()
