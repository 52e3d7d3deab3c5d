"""The field gate: who may view and edit a property, as attested, stated, or built in (R5 to R13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.planes import Gate, Grantor, Strength, Verb
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics import steps
from connectors.hubspot.semantics.evidence import Attested, Directory, Evidence
from connectors.hubspot.semantics.people import Names, User
from connectors.hubspot.semantics.planes import Drawing

KIND = "property access"
_PIPELINE = frozenset({"hs_pipeline", "hs_pipeline_stage"})
_RESIDUAL = "in the record view only: lists, reports, exports, workflows and e-mails may still show it"
"""What a restriction is not known to close (R15)."""

_EVERYONE = {
    "R5": Grantor(
        "everyone:R5",
        "everyone",
        "everyone who opens the record",
        KIND,
        "cannot be restricted",
        rule="R5",
        undo=steps.CANNOT,
    ),
    "R6": Grantor(
        "everyone:R6",
        "everyone",
        "everyone who opens the record",
        KIND,
        "no restriction in this edition",
        rule="R6",
        undo=steps.NOT_IN_EDITION,
    ),
    "R8": Grantor(
        "everyone:R8",
        "everyone",
        "everyone who opens the record",
        KIND,
        "attested",
        rule="R8",
        undo=steps.RESTRICT,
    ),
}
_UNTOLD = Grantor(
    "untold:R7", "untold", "not attested", KIND, "no public API says who may view a property", rule="R7"
)
_RESTRICTED = Grantor(
    "restricted:R13", "restricted", "restricted to others", KIND, f"attested; {_RESIDUAL}", rule="R13"
)
_PRIVATE = Grantor("private:R9", "private", "private to its owner", KIND, f"attested; {_RESIDUAL}", rule="R9")
_OWNERLESS = Grantor("private:?", "private", "private", KIND, "attested, without its owner", rule="R9")


@dataclass(frozen=True, slots=True)
class Teams:
    """The team tree, as far as it was read: for each team all teams above or below it, at any depth."""

    related: Mapping[str, frozenset[str]]
    all_teams: bool
    all_tree: bool


def teams(snapshot: Snapshot) -> Teams:
    """Read the tree; circles end where they close."""
    parent = {row["id"]: row["parent"] for row in snapshot.table(t.TEAM_TREE).to_pylist() if row["parent"]}
    related: dict[str, set[str]] = {}
    for team in parent:
        above, seen = parent.get(team), {team}
        while above and above not in seen:
            related.setdefault(team, set()).add(above)
            related.setdefault(above, set()).add(team)
            seen.add(above)
            above = parent.get(above)
    return Teams(
        {team: frozenset(found) for team, found in related.items()},
        snapshot.unread(t.TEAMS) is None,
        snapshot.unread(t.TEAM_TREE) is None,
    )


def exceptions(snapshot: Snapshot) -> frozenset[str]:
    """Properties that HubSpot cannot restrict: listed ones, and what a custom object is shown and staged by (R5)."""
    found = {f"{r['object']}.{r['property']}" for r in snapshot.table(t.EXCEPTIONS).to_pylist()}
    for row in snapshot.table(t.SCHEMAS).to_pylist():
        if row["display_property"]:
            found.add(f"{row['object']}.{row['display_property']}")
        found |= {f"{row['object']}.{name}" for name in _PIPELINE}
    return frozenset(found)


def stated_edition(snapshot: Snapshot) -> str:
    """The edition somebody stated, empty if nobody did; success of a call is no proof of one (trap 23)."""
    stated = {row["key"]: row["value"] for row in snapshot.table(t.STATED).to_pylist()}
    return (stated.get("edition") or "").upper()


@dataclass(frozen=True, slots=True)
class Guards:
    """What decides about properties, all of it read before."""

    attested: Evidence
    directory: Directory
    teams: Teams
    names: Names
    exceptions: frozenset[str]
    edition: str


def guards(snapshot: Snapshot, attested: Evidence, directory: Directory, names: Names) -> Guards:
    """Gather it from a snapshot."""
    return Guards(attested, directory, teams(snapshot), names, exceptions(snapshot), stated_edition(snapshot))


def draw(drawing: Drawing, users: Iterable[User], fields: Sequence[str], by: Guards) -> None:
    """Draw the field gate of every person who is neither app nor token."""
    listed = [user for user in users if not user.app]
    for name in fields:
        found = by.attested.of_property(name)
        mode = found.fresh["mode"] if found.fresh is not None else ""
        if name in by.exceptions and mode in {"", "EVERYONE"}:
            _everyone(drawing, "R5", name, "the list of what HubSpot cannot restrict", listed)
        elif by.edition not in {"", "ENTERPRISE"}:
            _everyone(drawing, "R6", name, f"edition stated: {by.edition}", listed)
        elif not mode:
            _all(drawing, _UNTOLD, name, found.stale, listed, Strength.UNSURE)
        elif mode == "EVERYONE":
            _everyone(drawing, "R8", name, found.source, listed)
        elif mode == "PRIVATE":
            _private(drawing, name, found, listed, by)
        else:
            _restricted(drawing, name, found, listed, by)


def _everyone(drawing: Drawing, rule: str, name: str, source: str, listed: Sequence[User]) -> None:
    _all(drawing, _EVERYONE[rule], name, source, listed, Strength.LIVE)


def _all(
    drawing: Drawing, grantor: Grantor, name: str, source: str, listed: Sequence[User], strength: Strength
) -> None:
    """One answer for everybody: open so firmly, or closed (`NONE`)."""
    drawing.add(grantor)
    if source:
        drawing.source[grantor.id, name] = source
    if strength is Strength.NONE:
        drawing.closes[Gate.FIELD, name].append(grantor.id)
    for verb in Verb:
        drawing.open(Gate.FIELD, verb, grantor.id, name, strength)
    for user in listed:
        drawing.hold(user.id, grantor.id)


def _give(drawing: Drawing, grantor: Grantor, name: str, source: str, verbs: Iterable[Verb]) -> None:
    drawing.add(grantor)
    drawing.source[grantor.id, name] = source
    for verb in verbs:
        drawing.open(Gate.FIELD, verb, grantor.id, name, Strength.LIVE)


def _named(user: User, rule: str) -> Grantor:
    return Grantor(
        f"user:{user.id}:{rule}",
        f"user:{user.id}",
        user.name,
        "user named in property access",
        rule=rule,
        undo=steps.not_for(user.name),
    )


def _private(drawing: Drawing, name: str, found: Attested, listed: Sequence[User], by: Guards) -> None:
    """Only the owner (R9); anybody may be, where the row does not say who."""
    row = found.fresh or {}
    if not row["owner_user"]:
        _all(drawing, _OWNERLESS, name, found.source, listed, Strength.UNSURE)
        return
    owner = by.directory.user(row["owner_user"])
    _all(drawing, _PRIVATE, name, found.source, listed, Strength.NONE)
    for user in listed:
        if user.id == owner:
            _give(drawing, _named(user, "R9"), name, found.source, Verb)
            drawing.hold(user.id, _named(user, "R9").id)


def _restricted(drawing: Drawing, name: str, found: Attested, listed: Sequence[User], by: Guards) -> None:
    """Named people (R10), teams they belong to (R11), teams only related to theirs (R12), and nobody else (R13)."""
    row = found.fresh or {}
    viewers, editors = (
        {by.directory.user(cell) for cell in row[key] or ()} for key in ("view_users", "edit_users")
    )
    view_teams, edit_teams = (
        {team for cell in row[key] or () for team in _team(by.directory, cell)}
        for key in ("view_teams", "edit_teams")
    )
    teams_named = bool(row["view_teams"] or row["edit_teams"])
    near = {other for team in view_teams | edit_teams for other in by.teams.related.get(team, ())}
    _all(drawing, _RESTRICTED, name, found.source, listed, Strength.NONE)
    for user in listed:
        matched = False
        if user.id in viewers | editors:
            verbs = Verb if user.id in editors else (Verb.READ,)
            _give(drawing, _named(user, "R10"), name, found.source, verbs)
            drawing.hold(user.id, _named(user, "R10").id)
            matched = True
        for team in sorted(set(user.teams) & (view_teams | edit_teams)):
            verbs = Verb if team in edit_teams else (Verb.READ,)
            _give(drawing, _of_team(team, by.names), name, found.source, verbs)
            drawing.hold(user.id, f"team:{team}", f"{user.teams[team]} team")
            matched = True
        if not matched and teams_named:
            _near(drawing, user, name, found, near, by)


def _team(directory: Directory, cell: str) -> frozenset[str]:
    """A team by id or exact name; where the teams could not be read, a cell may still be an id users carry."""
    return directory.team(cell) or (frozenset() if directory.all_teams else frozenset({cell}))


def _of_team(team: str, names: Names) -> Grantor:
    label = names.teams.get(team, team)
    return Grantor(
        f"team:{team}",
        f"team:{team}",
        label,
        "team named in property access",
        rule="R11",
        undo=steps.not_for(f"the team “{label}”"),
    )


def _near(drawing: Drawing, user: User, name: str, found: Attested, near: set[str], by: Guards) -> None:
    """Somebody whose team is above or below a granted one, or may be: nothing says whether a grant extends (R12)."""
    related = sorted(set(user.teams) & near)
    if related:
        why = f"{by.names.teams.get(related[0], related[0])} is above or below a team that was granted access"
    elif not by.teams.all_teams:
        why = "which teams the user belongs to could not be read in full"
    elif user.teams and not by.teams.all_tree:
        why = "how teams are nested could not be read"
    else:
        return
    # Of each property for itself: who is near a team of one may be in a team of another.
    grantor = Grantor(f"near:{name}:{why}", "near", "related team", KIND, why, rule="R12")
    drawing.add(grantor)
    drawing.source[grantor.id, name] = found.source
    for verb in Verb:
        drawing.open(Gate.FIELD, verb, grantor.id, name, Strength.UNSURE)
    drawing.hold(user.id, grantor.id)
