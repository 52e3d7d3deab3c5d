"""Whom nothing restricts, and principals that are no people: super admins, apps, our own token (R2, R3, R14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.planes import Gate, Grantor, Strength, Verb
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics import rights, steps
from connectors.hubspot.semantics.people import TOKEN, User
from connectors.hubspot.semantics.planes import Drawing
from connectors.hubspot.semantics.reach import Columns

SUPER = "super-admin"
_SUPER = Grantor(
    SUPER,
    SUPER,
    "super admin",
    "account flag",
    "nothing restricts a super admin",
    rule="R3",
    undo=steps.NO_SUPER_ADMIN,
)
_APP = Grantor(
    "app",
    "app",
    "scopes not shown",
    "app account",
    "HubSpot shows nobody the scopes of an app",
    rule="R14",
    undo=steps.APP,
)
_UNTOLD = Grantor(
    "no-scopes",
    TOKEN,
    "scopes not read",
    "access token",
    "HubSpot did not say what the token may do",
    rule="R14",
)
_LEVELS = {"non_sensitive": "", "sensitive": ".sensitive", "highly_sensitive": ".highly_sensitive"}


def draw(drawing: Drawing, users: Sequence[User], fields: Sequence[str], gates: Columns) -> None:
    """Draw super admins (R3) and app accounts (R2), whose super-admin flag proves nothing (portal-fixture 5.8)."""
    for grantor, strength in ((_APP, Strength.UNSURE), (_SUPER, Strength.LIVE)):
        holders = [
            user for user in users if (user.app if grantor is _APP else user.super_admin and not user.app)
        ]
        if not holders:
            continue
        drawing.add(grantor)
        right = rights.CALL_API if grantor is _APP else rights.SUPER_ADMIN
        drawing.carry(grantor.container, right, strength)
        for user in holders:
            drawing.hold(user.id, grantor.id)
        _open_all(drawing, grantor, fields, gates, strength)


def _open_all(
    drawing: Drawing, grantor: Grantor, fields: Sequence[str], gates: Columns, strength: Strength
) -> None:
    """Let one grantor open every gate so firmly."""
    drawing.add(grantor)
    for verb in Verb:
        for gate in gates.all:
            drawing.open(Gate.OBJECT, verb, grantor.id, gate, strength)
        for name in fields:
            drawing.open(Gate.FIELD, verb, grantor.id, name, strength)


def scopes(snapshot: Snapshot) -> frozenset[str]:
    """The scopes of the auditor's token, without the suffix that sensitive ones may carry (hubspot 1.3)."""
    rows = snapshot.table(t.TOKEN).to_pylist()
    return frozenset(scope.removesuffix(".v2") for row in rows for scope in row["scopes"] or ())


def draw_token(
    drawing: Drawing, snapshot: Snapshot, fields: Sequence[str], levels: Mapping[str, str], gates: Columns
) -> None:
    """Draw the auditor's own token: an object's scope opens its records, a level's scope the fields of that level."""
    held = scopes(snapshot)
    drawing.hold(
        TOKEN, drawing.add(Grantor(TOKEN, TOKEN, "the auditor’s own", "access token", undo=steps.OWN_KEY))
    )
    drawing.carry(TOKEN, rights.CALL_API, Strength.LIVE)
    if snapshot.unread(t.TOKEN) is not None:
        _open_all(drawing, _UNTOLD, fields, gates, Strength.UNSURE)
        drawing.hold(TOKEN, _UNTOLD.id)
        return
    for verb, word in ((Verb.READ, "read"), (Verb.EDIT, "write")):
        for object_ in gates.objects:
            for gate in gates.of(object_):
                _scope(drawing, Gate.OBJECT, verb, gate, scopes_for(object_, "non_sensitive", word), held)
        for name in fields:
            level = levels.get(name) or "non_sensitive"
            _scope(drawing, Gate.FIELD, verb, name, scopes_for(name.partition(".")[0], level, word), held)


def scopes_for(object_: str, level: str, word: str) -> tuple[str, ...]:
    """The scopes of which any one lets a token `read` or `write` values of a level (hubspot 1.4)."""
    part = _LEVELS.get(level, ".highly_sensitive")
    kind = "custom" if object_.startswith("2-") else object_
    older = (f"tickets{part}",) if object_ == "tickets" else ()
    return (f"crm.objects.{kind}{part}.{word}", *older)


def _scope(
    drawing: Drawing, gate: Gate, verb: Verb, column: str, wanted: Sequence[str], held: frozenset[str]
) -> None:
    has = [scope for scope in wanted if scope in held]
    if has:
        id_ = drawing.add(Grantor(f"scope:{has[0]}", "token", has[0], "scope of the token", rule="R14"))
        drawing.open(gate, verb, id_, column, Strength.LIVE)
    elif verb is Verb.READ:
        lacks = Grantor(f"no-scope:{wanted[0]}", "token", wanted[0], "scope the token lacks", rule="R14")
        id_ = drawing.add(lacks)
        if id_ not in drawing.closes[gate, column]:
            drawing.closes[gate, column].append(id_)
    else:
        return
    drawing.hold(TOKEN, id_)
