"""What a super admin has to attest about this portal, and whether it may be believed today (hubspot 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from auditor.attestation import Attestation, Standing
from auditor.phi import Tag
from auditor.snapshot import Snapshot
from connectors.hubspot.semantics.compile import by_name
from connectors.hubspot.semantics.evidence import Attested, directory, evidence
from connectors.hubspot.semantics.people import names, users
from connectors.hubspot.semantics.properties import exceptions, stated_edition

WHO_SEES = "Who may view a property"
WHAT_A_SET_GIVES = "What a permission set gives"
WHO_ADDS_USERS = "Whether a permission set lets its holders add users"


def attestations(snapshot: Snapshot, tags: Mapping[str, Tag], as_of: datetime) -> tuple[Attestation, ...]:
    """What has to be attested about tagged properties that can be restricted, and about permission sets that are held.

    Of a set: what it gives on each object with tags, and once whether it lets its holders add users.
    A portal whose stated edition cannot restrict properties needs none about them (R6).
    """
    known, open_, called = by_name(snapshot), exceptions(snapshot), names(snapshot)
    attested = evidence(snapshot, directory(snapshot), as_of)
    fields = sorted(name for name in tags if name in known and not known[name]["archived"])
    found = []
    if stated_edition(snapshot) in {"", "ENTERPRISE"}:
        for name in fields:
            if name not in open_:
                standing, why = _standing(attested.of_property(name))
                found.append(Attestation(WHO_SEES, name, standing, why, name.partition(".")[0], name))
    held = {role for user in users(snapshot) if not (user.app or user.super_admin) for role in user.roles}
    for role in sorted(held):
        label = called.roles.get(role)
        for object_ in sorted({name.partition(".")[0] for name in fields}):
            standing, why = _standing(attested.of_set(label, object_) if label is not None else Attested())
            subject = f"{label or role} on {object_}"
            found.append(Attestation(WHAT_A_SET_GIVES, subject, standing, why, object_))
        standing, why = _standing(attested.of_adding(label) if label is not None else Attested())
        found.append(Attestation(WHO_ADDS_USERS, label or role, standing, why))
    return tuple(found)


def _standing(attested: Attested) -> tuple[Standing, str]:
    if attested.fresh is not None:
        return Standing.FRESH, attested.source
    return (Standing.STALE, attested.stale) if attested.stale else (Standing.MISSING, "no line says it")
