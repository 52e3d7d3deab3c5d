"""`crm-audit rules`: the rules, and the page of each."""

from __future__ import annotations

from typing import Annotated

import typer

RuleId = Annotated[
    str, typer.Argument(help="A rule's id or control, such as A01; without one, all are listed.")
]


def rules(rule: RuleId = "") -> None:
    """List the rules, or print the page of one."""
    from difflib import get_close_matches

    from auditor.errors import ConfigError
    from auditor.rules import RULES

    if not rule:
        for known in RULES:
            typer.echo(f"{known.id:<28} {known.control:<4} {known.severity.label:<9} {known.title}")
        return
    same = [r.id for r in RULES if r.control == rule.upper()]
    found = next((r for r in RULES if r.id == rule or [r.id] == same), None)
    if found is None and same:
        raise ConfigError(
            f"{rule} is the control of {len(same)} rules.", hint=f"Name one: {', '.join(same)}."
        )
    if found is None:
        near = get_close_matches(rule, [r.id for r in RULES], n=1)
        raise ConfigError(f"There is no rule “{rule}”.", hint=f"Did you mean {near[0]}?" if near else "")
    typer.echo(f"# {found.id} ({found.control}, {found.severity.label})\n\n{found.page}\n")
    typer.echo(f"Relevant to: {', '.join(found.citations)}")
