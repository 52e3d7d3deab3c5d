"""The object gate: whose records somebody opens, by permission sets, direct permissions and sampled records (R4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.planes import Gate, Grantor, Strength, Verb
from auditor.snapshot import Snapshot
from connectors.hubspot import tables as t
from connectors.hubspot.semantics import rights, steps
from connectors.hubspot.semantics.evidence import Attested, Evidence
from connectors.hubspot.semantics.people import Names, User
from connectors.hubspot.semantics.planes import Drawing

RULE = "R4"
SET = "permission set"
_WORDS = {"ALL": "everything", "TEAM": "their team’s", "OWNED": "their own"}
DIRECT = Grantor(
    "direct:?", "direct:?", "not attested", "direct permissions", "no public API shows them", rule=RULE
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The object gates: one for each object, and one of its own for each property whose records were sampled."""

    objects: tuple[str, ...]
    sampled: Mapping[str, str]

    def gate(self, name: str) -> str:
        """The gate before a property."""
        return self.sampled.get(name, name.partition(".")[0])

    @property
    def all(self) -> tuple[str, ...]:
        """Every gate, those of objects first."""
        return (*self.objects, *self.sampled.values())

    def of(self, object: str) -> tuple[str, ...]:  # noqa: A002 - the CRM's own word
        """All gates that open with an object."""
        own = [gate for name, gate in self.sampled.items() if name.partition(".")[0] == object]
        return (object, *own)


def columns(snapshot: Snapshot, fields: Sequence[str]) -> Columns:
    """The gates that these fields need."""
    objects = tuple(sorted({name.partition(".")[0] for name in fields}))
    seen = {
        f"{row['object']}.{row['property']}"
        for name in snapshot.readings
        if t.kind(name) == t.RECORD_REACH
        for row in snapshot.table(name).to_pylist()
        if row["user_id"]
    }
    return Columns(
        objects, {name: f"{name.partition('.')[0]} with {name}" for name in fields if name in seen}
    )


def draw(
    drawing: Drawing,
    snapshot: Snapshot,
    users: Iterable[User],
    known: Names,
    attested: Evidence,
    gates: Columns,
) -> None:
    """Draw the object gate of every person who is neither app nor token."""
    listed = [user for user in users if not user.app]
    direct = _direct(snapshot)
    for user in listed:
        for role in user.roles:
            drawing.hold(user.id, _whole(drawing, role, known, attested))
            for object_ in gates.objects:
                drawing.hold(user.id, _set(drawing, role, object_, known, attested, gates))
        words = direct.get(user.id, direct.get(user.email.lower(), ()))
        for word in words:
            for grantor in _word(drawing, word, gates):
                drawing.hold(user.id, grantor)
        if not user.roles:
            for grantor in _untold(drawing, words, gates):
                drawing.hold(user.id, grantor)
    _sampled(drawing, snapshot, listed, gates)


def _set(drawing: Drawing, role: str, object_: str, known: Names, attested: Evidence, gates: Columns) -> str:
    """What one permission set gives on one object; without a fresh row it could be anything (portal-fixture 5.3)."""
    name = known.roles.get(role)
    row = attested.of_set(name, object_) if name is not None else Attested()
    label = name if name is not None else role
    if row.fresh is None:
        untold = row.stale or (
            "not attested for this object" if name is not None else "not listed by HubSpot"
        )
        right, view, edit = f"{object_}: {untold}", "", ""
    else:
        view, edit = row.fresh["view"] or "", row.fresh["edit"] or ""
        right = f"{object_}: {_said('view', view)}, {_said('edit', edit)}; {row.source}"
    exports = row.fresh["export"] or "" if row.fresh is not None else ""
    drawing.carry(f"role:{role}", rights.EXPORT, rights.attested(exports))
    return _draw(drawing, f"role:{role}", label, SET, object_, view, edit, right, gates)


def _whole(drawing: Drawing, role: str, known: Names, attested: Evidence) -> str:
    """A permission set as a whole: no API shows whether its holders may add users, so somebody has to sign (3.4)."""
    name = known.roles.get(role)
    row = attested.of_adding(name).fresh if name is not None else None
    strength = rights.attested(row["add_users"]) if row is not None else Strength.UNSURE
    return _container(drawing, f"role:{role}", role if name is None else name, SET, strength)


def _container(drawing: Drawing, container: str, label: str, kind: str, adds: Strength) -> str:
    """What permissions come in, with how firmly it lets its holders add and edit users."""
    drawing.carry(container, rights.ADD_USERS, adds)
    undo = steps.out_of_set(label) if kind == SET else ""
    return drawing.add(Grantor(container, container, label, kind, undo=undo))


def _said(verb: str, word: str) -> str:
    return f"{verb} {_WORDS.get(word, 'nothing') if word else 'not known'}"


def _draw(
    drawing: Drawing,
    container: str,
    label: str,
    kind: str,
    object_: str,
    view: str,
    edit: str,
    right: str,
    gates: Columns,
) -> str:
    strength, closes = _strength(view), view == "NONE"
    id_ = f"{container}:{object_}"
    if id_ in drawing.grantors:
        return id_
    grantor = Grantor(
        id_,
        container,
        label,
        kind,
        right,
        rule="" if strength is Strength.LIVE else RULE,
        records=view,
    )
    drawing.add(grantor)
    for gate in gates.of(object_):
        drawing.open(Gate.OBJECT, Verb.READ, grantor.id, gate, strength)
        drawing.open(Gate.OBJECT, Verb.EDIT, grantor.id, gate, _strength(edit))
        if closes:
            drawing.closes[Gate.OBJECT, gate].append(grantor.id)
    return grantor.id


def _strength(word: str) -> Strength:
    if not word:
        return Strength.UNSURE
    return Strength.NONE if word == "NONE" else Strength.LIVE


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the users export, and what the configuration says it means; no object if nobody mapped it."""

    text: str
    object: str
    view: str
    edit: str


def _direct(snapshot: Snapshot) -> dict[str, tuple[_Word, ...]]:
    """Permission words of each user by id, and by e-mail where the export gives no id."""
    found: dict[str, list[_Word]] = defaultdict(list)
    for row in snapshot.table(t.USERS_EXPORT).to_pylist():
        words = found[row["user_id"] or (row["email"] or "").lower()]
        if row["word"]:
            words.append(_Word(row["word"], row["object"] or "", row["view"] or "", row["edit"] or ""))
    return {who: tuple(words) for who, words in found.items()}


def _word(drawing: Drawing, word: _Word, gates: Columns) -> list[str]:
    """What one word of the export gives; a word nobody mapped could be anything."""
    container, kind = f"direct:{word.text}", "direct permission"
    whole = _container(drawing, container, word.text, kind, Strength.UNSURE)
    drawing.carry(container, rights.EXPORT, Strength.UNSURE)
    if not word.object:
        right = "a word of the users export that nobody mapped"
        made = [_draw(drawing, container, word.text, kind, o, "", "", right, gates) for o in gates.objects]
        return [whole, *made]
    if word.object not in gates.objects:
        return [whole]
    right = f"{word.object}: {_said('view', word.view)}, {_said('edit', word.edit)}; {t.USERS_EXPORT}"
    one = _draw(drawing, container, word.text, kind, word.object, word.view, word.edit, right, gates)
    return [whole, one]


def _untold(drawing: Drawing, words: Sequence[_Word], gates: Columns) -> list[str]:
    """Where neither a set nor a word speaks of an object, permissions given to the user directly could (3.1)."""
    told = {word.object for word in words} if all(word.object for word in words) else set(gates.objects)
    open_ = [object_ for object_ in gates.objects if object_ not in told]
    if not words:
        drawing.carry(DIRECT.container, rights.EXPORT, Strength.UNSURE)
        drawing.carry(DIRECT.container, rights.ADD_USERS, Strength.UNSURE)
    return [drawing.add(DIRECT)] * (not words) + [
        _draw(drawing, DIRECT.container, DIRECT.label, DIRECT.kind, o, "", "", DIRECT.right, gates)
        for o in open_
    ]


def _sampled(drawing: Drawing, snapshot: Snapshot, listed: Sequence[User], gates: Columns) -> None:
    """Records that HubSpot itself says somebody may view; asked only where nothing else tells (portal-fixture 5.4)."""
    answered: dict[str, int] = {}
    viewed: dict[tuple[str, str], int] = {}
    for name in snapshot.readings:
        if t.kind(name) != t.RECORD_REACH:
            continue
        for row in snapshot.table(name).to_pylist():
            of = f"{row['object']}.{row['property']}"
            answered[of] = row["answered"]
            if row["user_id"] and row["viewed"]:
                viewed[row["user_id"], of] = row["viewed"]
    for user in listed:
        for name, gate in gates.sampled.items():
            count = viewed.get((user.id, name), 0)
            firmest = drawing.firmest(user.id, Gate.OBJECT, Verb.READ, gate) if count else Strength.NONE
            if firmest is Strength.UNSURE:
                of = f"{count} of {answered[name]}"
                grantor = Grantor(
                    f"sample:{name}:{count}",
                    f"sample:{name}",
                    f"{of} sampled records",
                    "record access",
                    f"HubSpot lists the user among those who may view {of} records sampled for {name}",
                    rule=RULE,
                    records=f"SAMPLED {count}/{answered[name]}",
                )
                drawing.add(grantor)
                drawing.open(Gate.OBJECT, Verb.READ, grantor.id, gate, Strength.LIVE)
                # A sample never proves editing, so what else opens the object stays as unsure as its records are.
                drawing.doubt(user.id, Gate.OBJECT, gate)
                drawing.hold(user.id, grantor.id)
