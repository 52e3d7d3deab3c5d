"""`crm-audit tags`: what is PHI and why, for one field, for a list of fields, and as labels to set in the CRM."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crm_audit import options
from crm_audit.commands import tags_review

app = typer.Typer(help="What fields hold, and who says so.", no_args_is_help=True, rich_markup_mode=None)


class Also(StrEnum):
    """What a plan takes in beyond what is decided or sure."""

    MEDIUM = "medium"


Fields = Annotated[Path, typer.Argument(metavar="IN.csv", help="List of fields, one a row.")]
FieldCalled = Annotated[
    str, typer.Argument(metavar="FIELD", help="A field, as Object.Field or by its label.")
]
Json = Annotated[Path | None, typer.Option("--json", help="Also write the explanation as JSON.")]
Classified = Annotated[Path, typer.Argument(metavar="OUT.csv", help="Where to write what each row holds.")]
PlanFile = Annotated[
    Path, typer.Option("--plan", help="Where to write the plan: a name that ends in .json or .csv.")
]
Include = Annotated[
    Also | None,
    typer.Option("--include", help="Also fields of medium confidence that nobody decided."),
]


@app.command()
def explain(
    field: FieldCalled,
    platform: options.Platform = "",
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    json: Json = None,
) -> None:
    """Print what one field is, by whose word, every reason, and the mapping entry that would settle it."""
    from crm_audit.answers.explain import document, told
    from crm_audit.answers.explain import explain as explained
    from crm_audit.answers.opened import schema
    from crm_audit.session import write_json

    found = explained(*schema(snapshot, platform, config, tags, as_of, project), field)
    typer.echo(told(found))
    if json is not None:
        write_json(document(found), json)


@app.command()
def classify(fields: Fields, out: Classified) -> None:
    """Classify a list of fields by their names, labels, types and texts, without a CRM and without a value."""
    import gc
    from collections import Counter

    import mappings
    from auditor.wording import several
    from crm_audit import field_lists
    from mappings.classify import classify as classified

    field_lists.refuse(fields, out)
    tagger = mappings.Tagger(mappings.load_taxonomy(), mappings.load_vocabulary())
    gc.disable()  # a long list is many small things, none of them in a cycle
    try:
        listed = field_lists.read(fields)
        found = classified(tagger, listed.fields)
    finally:
        gc.enable()
    field_lists.write(out, listed.ids, found)
    counts = Counter(one.phi.value for one in found)
    told = ", ".join(f"{count:,} {phi}" for phi, count in counts.most_common())
    typer.echo(f"{several(len(found), 'field')}: {told}." if found else "The list has no rows.")


@app.command()
def export(
    plan: PlanFile,
    platform: options.Platform = "",
    snapshot: options.SnapshotDir = None,
    project: options.Project = None,
    config: options.ConfigFile = None,
    tags: options.Tags = None,
    as_of: options.AsOf = "",
    include: Include = None,
) -> None:
    """Write a plan of the labels to set in the CRM, for a person to carry out; nothing is written to the CRM."""
    from crm_audit import label_plan
    from crm_audit.answers.opened import schema

    label_plan.refuse(plan)
    read = schema(snapshot, platform, config, tags, as_of, project)
    made = label_plan.plan(*read, medium=include is Also.MEDIUM)
    label_plan.write(plan, made)
    typer.echo(label_plan.told(made, plan))
    if made.unread:
        raise typer.Exit(4)


app.command("review")(tags_review.review)
