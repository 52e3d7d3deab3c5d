"""Small neutral orgs in one line, for tests of rules.

`org(ana, holds={"ana": "Reader"}, Reader="Contact Contact.Diagnosis__c")` is a view in which Ana holds one container
that opens the object Contact and one field of it. A right may be made weaker: `Contact?` is only possible, `Contact~`
only once activated. Rights on what nobody tagged are left out. `+` before a name is editing (which does not imply
reading), and `!ExportReport` is a right of the person as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from auditor.access import effective_access
from auditor.people import Audience, Kind, Person, Sign, classify
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from auditor.planes import (
    Bits,
    Editing,
    FieldColumn,
    Gate,
    Grantor,
    Grants,
    Holdings,
    ObjectGate,
    Strength,
    Verb,
)
from auditor.policy import Approval, Level, Policy
from auditor.rights import Right, Use
from auditor.rule import View
from auditor.rulings import Disagreement, Ruling, Standing
from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from auditor.waivers import Waiver

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
MARKETING = Audience("marketing", (Sign("department", "marketing"),), "Asked.", marketing=True)
CARE = Audience("care", (Sign("department", "care"),), "Asked.")
OUTSIDERS = Audience("external", (), "Asked.", kinds=frozenset({Kind.EXTERNAL}))
ADMINS = Audience("admins", (Sign("department", "^it$"),), "Asked.", administers=True)
GUESTS = Audience("guest", (), "Asked.", kinds=frozenset({Kind.GUEST}))

DIAGNOSIS = "Contact.Diagnosis__c"
NOTES = "Contact.Notes__c"
EMAIL = "Contact.Email"
INSURANCE = "Account.Insurance__c"
HIV = "Lead.Hiv__c"
NAME = "Contact.Name"  # cannot be secured
_COARSE = {
    DIAGNOSIS: ("diagnosis", Coarse.CLINICAL, "T3"),
    NOTES: ("free_text", Coarse.FREETEXT_RISK, "T0"),
    EMAIL: ("email", Coarse.IDENTIFIER, "T1"),
    INSURANCE: ("insurance", Coarse.PAYMENT, "T2"),
    HIV: ("hiv", Coarse.CLINICAL, "T4"),
    NAME: ("diagnosis", Coarse.CLINICAL, "T3"),
}
BIRTH, ZIP, SEX = "Contact.Birthdate", "Contact.MailingPostalCode", "Contact.Sex__c"
QUASI = (BIRTH, ZIP, SEX)
_CLASSES = {
    **_COARSE,
    BIRTH: ("date_birth_death", Coarse.IDENTIFIER, "T1"),
    ZIP: ("geographic", Coarse.IDENTIFIER, "T1"),
    SEX: ("demographic", Coarse.IDENTIFIER, "T1"),
}
RIGHTS = {
    right.key: right
    for right in (
        Right("AssignSets", "Assign Sets", frozenset({Use.ESCALATION})),
        Right("Manage", "Manage Users", frozenset({Use.ESCALATION})),
        Right("Report", "Run Reports", frozenset({Use.EXTRACTION})),
        Right("Export", "Export Reports", frozenset({Use.EXTRACTION, Use.EXPORT}), needs=("Report",)),
        Right("Dump", "Weekly Export", frozenset({Use.EXTRACTION, Use.EXPORT})),
        Right("Api", "API Enabled", frozenset({Use.EXTRACTION, Use.API})),
        Right("ViewAll", "View All Data", frozenset({Use.OVERRIDE})),
        Right("ViewFields", "View All Fields on Contact", frozenset({Use.OVERRIDE}), "Contact"),
        Right("ViewFields", "View All Fields on Lead", frozenset({Use.OVERRIDE}), "Lead"),
        Right("ViewFields", "View All Fields on Campaign", frozenset({Use.OVERRIDE}), "Campaign"),
        Right("Decrypt", "View Encrypted Data", frozenset({Use.DECRYPT})),
    )
}
_FIRMNESS = {"?": Strength.POSSIBLE, "~": Strength.ACTIVATABLE, "%": Strength.UNSURE}
_READINGS = {
    "organisation": Capability.IDENTITY,
    "fields": Capability.SCHEMA,
    "users": Capability.PEOPLE,
    "assignments": Capability.ASSIGNMENTS,
    "permissions": Capability.GRANTS,
    "formulas": Capability.LINEAGE,
    "counts": Capability.RETENTION,
    "assets": Capability.ASSETS,
    "own rights": Capability.CREDENTIAL,
}


def marketer(name: str, **more) -> Person:
    """Somebody in marketing."""
    return Person(name.lower(), name, department="Marketing", **more)


def nurse(name: str, **more) -> Person:
    """Somebody in care."""
    return Person(name.lower(), name, department="Care", **more)


def stranger(name: str, *posts: str, **more) -> Person:
    """A member of staff whom no sign classifies."""
    return Person(name.lower(), name, posts=posts, **more)


def guest(name: str = "Site", **more) -> Person:
    """A guest account."""
    return Person(name.lower(), name, kind=Kind.GUEST, **more)


def tag(name: str, **more) -> Tag:
    """The decided tag of one of the fields above, or of any other clinical one."""
    phi_class, coarse, tier = _CLASSES.get(name, ("diagnosis", Coarse.CLINICAL, "T3"))
    given = {"confidence": Confidence.HIGH, "basis": Basis.MAPPING, "reasons": ("Written in the mapping.",)}
    return Tag(**{"field": name, "phi_class": phi_class, "coarse": coarse, "tier": tier, **given, **more})


def fact(name: str, **more) -> FieldFacts:
    """What is known of a field: by default that it is labelled and tracked, so that nothing is wrong with it."""
    owner, _, short = name.partition(".")
    return FieldFacts(
        owner, short, **{"id": f"id of {name}", "sensitivity": "Restricted", "tracked": True, **more}
    )


def ruling(name: str, standing: Standing = Standing.IN_FORCE, **more) -> Ruling:
    """What somebody decided about a field: by default that it is not PHI, and that still holds."""
    changed = ("label",) if standing is Standing.REOPENED else ()
    given = {"by": "Ana Ruiz", "on": "2026-01-05", "why": "Asked.", "then": "0" * 16, "now": "1" * 16}
    return Ruling(
        **{"field": name, "phi_class": "none", "standing": standing, "changed": changed, **given, **more}
    )


def disagreement(name: str, *between: Basis) -> Disagreement:
    """Two sources that contradict each other about a field."""
    one, other = between or (Basis.NATIVE, Basis.TAGGER)
    return Disagreement(name, (one, other), f"{name}: {one} says one thing, {other} another.")


def outsider(name: str = "Agency", **more) -> Person:
    """Somebody of another company."""
    return Person(name.lower(), name, kind=Kind.EXTERNAL, **more)


def approve(audience: str, phi_class: str, level: Level = Level.READ) -> Policy:
    """A policy with one cell."""
    return Policy({audience: {phi_class: Approval(level, "Privacy officer", "2026-01-05")}}, "1")


def unread(why: Why, *names: str) -> dict[str, Unread]:
    """Readings that did not arrive."""
    return {name: Unread(why, f"The reading {name} did not arrive.") for name in names}


def snapshot(gaps: Mapping[str, Unread] | None = None, org_id: str = "00D1") -> Snapshot:
    """One reading for each capability, complete unless said otherwise; other names are grants."""
    manifest = Manifest("neutral", "clinic", org_id, "Clinic", NOW, "67.0", "0.1.0")
    found = {}
    for name in dict.fromkeys([*_READINGS, *(gaps or {})]):
        capability = _READINGS.get(name, Capability.GRANTS)
        found[name] = Reading(name, capability, pa.table({"Id": ["1"]}), (gaps or {}).get(name))
    return Snapshot(manifest, found)


def org(
    *people: Person,
    holds: Mapping[str, str] | None = None,
    tags: Mapping[str, Tag] | None = None,
    gaps: Mapping[str, Unread] | None = None,
    labels: Mapping[str, str] | None = None,
    blind: Mapping[str, str] | None = None,
    limits: Mapping[tuple[str, str], str] | None = None,
    unreadable: str = "",
    unknown_fields: Mapping[str, str] | None = None,
    unsecurable: tuple[str, ...] = (),
    masked: tuple[str, ...] = (),
    not_edited: tuple[str, ...] = (),
    right: str = "",
    undo: str = "",
    org_id: str = "00D1",
    **given: object,
) -> View:
    """A view of these people; capitalised keywords are containers, all others go to `View`."""
    containers = {name: str(given.pop(name)).split() for name in list(given) if name[0].isupper()}
    if tags is None:
        tags = {name: tag(name) for name in _COARSE if name != NAME or name in unsecurable}
    fields = sorted(tags)
    objects = sorted({name.partition(".")[0] for name in fields})
    grantors = [Grantor("unsecurable", "", "whoever sees the object", keeps=False)]
    grantors += [
        Grantor(name, name, (labels or {}).get(name, name), "permission set", right, undo=undo)
        for name in containers
    ]
    flags: dict[tuple[Gate, Verb, Strength], np.ndarray] = {}

    carried: dict[str, dict[str, Strength]] = {}

    def give(
        gate: Gate, strength: Strength, row: int, column: int, width: int, verb: Verb = Verb.READ
    ) -> None:
        plane = flags.setdefault((gate, verb, strength), np.zeros((len(grantors), width), dtype=bool))
        plane[row, column] = True

    for row, rights in enumerate(containers.values(), start=1):
        for each in rights:
            name, strength = each.strip("?~%+!"), _FIRMNESS.get(each[-1], Strength.LIVE)
            verb = Verb.EDIT if each[0] == "+" else Verb.READ
            if each[0] == "!":
                carried.setdefault(grantors[row].id, {})[name] = strength
            elif name in fields:
                give(Gate.FIELD, strength, row, fields.index(name), len(fields), verb)
            elif name in objects:
                give(Gate.OBJECT, strength, row, objects.index(name), len(objects), verb)
    for name in unsecurable:
        for verb in Verb:
            give(Gate.FIELD, Strength.LIVE, 0, fields.index(name), len(fields), verb)
    index = {person.id: i for i, person in enumerate(people)}
    rows = {grantor.id: i for i, grantor in enumerate(grantors)}
    held = [(i, 0) for i in range(len(people))]
    held += [(index[p], rows[c]) for p, names in (holds or {}).items() for c in names.split()]
    who, what = np.array(held, dtype=np.int64).reshape(-1, 2).T
    grants = Grants(
        people=people,
        grantors=tuple(grantors),
        gates=tuple(ObjectGate(name) for name in objects),
        fields=tuple(
            FieldColumn(
                name,
                (objects.index(name.partition(".")[0]),),
                editing=Editing.NOT_JUDGED if name in not_edited else Editing.JUDGED,
                securable=name not in unsecurable,
                unknown=(unknown_fields or {}).get(name, ""),
                masked=name in masked,
            )
            for name in fields
        ),
        planes={key: Bits.pack(plane) for key, plane in flags.items()},
        holdings=Holdings(who, what, np.zeros(len(who), dtype=np.uint8)),
        blind={index[p]: why for p, why in (blind or {}).items()},
        unread=unreadable,
        held_by={(index[p], c): text for (p, c), text in (limits or {}).items()},
        rights=RIGHTS,
        carried=carried,
    )
    return View(
        snapshot=snapshot(gaps, org_id),
        access=effective_access(grants),
        tags=tags,
        audiences=classify(people, (GUESTS, OUTSIDERS, MARKETING, ADMINS, CARE)),
        policy=given.pop("policy", Policy()),
        as_of=NOW,
        **given,
    )


def renamed(person: Person, name: str) -> Person:
    """The same account under another name."""
    return replace(person, name=name, username=f"{name}@clinic.example")


def waiver(**given: object) -> Waiver:
    """A waiver that names no finding there is, in force for two months."""
    entry = Waiver(
        id="W-1",
        rule="exports-phi",
        digests=("0" * 16,),
        reason="The letters need it.",
        control="The export log is read on Mondays.",
        owner="Priya Nair",
        approver="Ana Ruiz",
        ticket="SEC-1",
        until=NOW + timedelta(days=60),
        expires="a day Europe/Madrid",
        finding="f" * 16,
    )
    return replace(entry, **given)
