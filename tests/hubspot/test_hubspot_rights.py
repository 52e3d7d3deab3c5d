"""Rights of people as a whole: what is attested or flagged is known, and what nobody shows is not ruled out."""

from __future__ import annotations

import pytest

from auditor.access import effective_access
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.planes import Strength
from connectors.hubspot.semantics import SEMANTICS
from tests.hubspot.direct import AT, snapshot

FIELD = "contacts.primary_diagnosis"
TAGS = {FIELD: Tag(FIELD, "diagnosis", Coarse.CLINICAL, "T2", Confidence.HIGH, Basis.GIVEN, ())}
HEADER = "role_name,object_type,view,view_unassigned,edit,export,observed_at,observed_by,add_users"


def rights(*rows, user=None):
    """The rights of one user, by key, with how firmly they are held at best."""
    portal = {
        "tokens": [{"token": "t", "scopes": ["crm.objects.contacts.read"]}],
        "properties": {"contacts": [{"name": "primary_diagnosis"}]},
        "users": [{"id": "1", "email": "a@clinic.example", "roleIds": ["7"], **(user or {})}],
        "roles": [{"id": "7", "name": "Desk"}],
    }
    evidence = {"permission-sets.csv": "\n".join([HEADER, *rows])}
    grants = SEMANTICS.compile(snapshot(portal, {}, evidence), TAGS, AT)
    access = effective_access(grants)
    who = {person.id: index for index, person in enumerate(grants.people)}
    found = {}
    for strength in (Strength.LIVE, Strength.UNSURE):
        for key in access.rights(who["1"], strength):
            found.setdefault(key, strength)
    return found


def row(export, on="2026-11-20T09:00:00Z"):
    return f"Desk,contacts,ALL,yes,ALL,{export},{on},201"


@pytest.mark.parametrize(
    ("rows", "export"),
    [
        ([row("yes")], Strength.LIVE),
        ([row("no")], None),
        ([row("")], Strength.UNSURE),
        ([row("on request")], Strength.UNSURE),
        ([row("no", on="2026-01-20T09:00:00Z")], Strength.UNSURE),
        ([], Strength.UNSURE),
    ],
)
def test_export_is_what_was_attested_and_otherwise_unknown(rows, export):
    assert rights(*rows).get("export") is export


def test_nobody_shows_whether_a_permission_set_lets_its_holders_add_users():
    assert rights(row("no"))["addUsers"] is Strength.UNSURE
    assert rights(row("no"), user={"roleIds": []})["addUsers"] is Strength.UNSURE
    assert rights(row("no") + ",no", user={"roleIds": ["99"]})["addUsers"] is Strength.UNSURE


@pytest.mark.parametrize(
    ("rows", "adds"),
    [
        ([row("no") + ",yes"], Strength.LIVE),
        ([row("no") + ",no"], None),
        ([row("no") + ",maybe"], Strength.UNSURE),
        ([row("no", on="2026-01-20T09:00:00Z") + ",no"], Strength.UNSURE),
        (
            ["Desk,deals,ALL,yes,ALL,no,2026-11-20,201,no"],
            None,
        ),  # a row about any object says it of the whole set
        ([row("no") + ",no", "Desk,deals,,,,,2026-11-01,201,yes"], Strength.LIVE),
        ([row("no") + ",no", "Desk,deals,,,,,2026-11-01,201,"], None),
        (["Desk,contacts,ALL,yes,ALL,no,2026-11-20,,no"], Strength.UNSURE),  # nobody signed it
    ],
)
def test_adding_users_is_what_somebody_signed_and_otherwise_unknown(rows, adds):
    assert rights(*rows).get("addUsers") is adds


def test_a_super_admin_and_an_app():
    assert rights(row("no"), user={"superAdmin": True})["superAdmin"] is Strength.LIVE
    app = rights(row("no"), user={"email": "x@appserviceaccount.hubspot.com", "roleIds": []})
    assert app == {"api": Strength.UNSURE}
