"""Our engine and an independent one, on random orgs: same words, same grantors, or one of the two is wrong."""

from __future__ import annotations

import os

import pytest

from auditor.access import WORDS, Access, effective_access
from auditor.planes import Gate, Verb
from connectors.salesforce.client import Client, Session
from connectors.salesforce.semantics import SEMANTICS
from connectors.transport import Transport
from sandbox.salesforce import load_fixture, running
from sandbox.salesforce.fixture import Org
from sandbox.salesforce.oracle import Verdict, verdicts
from tests.semantics.direct import grants_of, snapshot_of
from tests.semantics.random_orgs import random_org

SLICE = range(200)
CAMPAIGN = int(os.environ.get("CRM_AUDIT_CAMPAIGN_ORGS", "3000"))
BATCH = 250


def words(access: Access, user: str, field: str) -> tuple[str, str]:
    read, edit = access.words(access.signature_of(user))
    index = access.field_index(field)
    return WORDS[read[index]].value, WORDS[edit[index]].value


def ours(access: Access, user: str, field: str) -> tuple[frozenset[str], ...]:
    """Grantors of both sides, then the weaker ones of both sides."""
    path = access.path(access.signature_of(user), access.field_index(field))
    assert path is not None
    sides = ([g for gate in path.objects for g in gate], path.fields, path.weaker_objects, path.weaker_fields)
    objects, fields, weaker_objects, weaker_fields = (frozenset(g.id for g in side) for side in sides)
    return objects, fields, weaker_objects - objects, weaker_fields - fields


def theirs(verdict: Verdict) -> tuple[frozenset[str], ...]:
    if verdict.read == "latent":  # no chain, so no strength to divide by
        return frozenset(), verdict.field_grantors | verdict.weaker_field_grantors, frozenset(), frozenset()
    return (
        verdict.object_grantors,
        verdict.field_grantors,
        verdict.weaker_object_grantors,
        verdict.weaker_field_grantors,
    )


def via(access: Access, grantor: str, field: str) -> frozenset[str]:
    grants = access.grants
    index = next(i for i, g in enumerate(grants.grantors) if g.id == grantor)
    return frozenset(grants.via.get((index, access.field_index(field)), ()))


def disagreements(org: Org, access: Access) -> list[str]:
    found = []
    fields = [f.name for f in access.grants.fields]
    for (user, field), verdict in verdicts(org, fields).items():
        said = words(access, user, field)
        if said != (verdict.read, verdict.edit):
            found.append(f"{user} {field}: {said}, oracle {verdict.read, verdict.edit}")
        elif verdict.field_grantors:
            if ours(access, user, field) != theirs(verdict):
                found.append(
                    f"{user} {field} ({said[0]}): {ours(access, user, field)}, oracle {theirs(verdict)}"
                )
            for group, parts in verdict.via.items():
                if group in verdict.field_grantors and via(access, group, field) != parts:
                    found.append(f"{user} {field} via {group}: {via(access, group, field)}, oracle {parts}")
    return found


def compare(seed: int) -> list[str]:
    document, phi = random_org(seed)
    org = load_fixture(document)
    access = effective_access(grants_of(org, phi))
    assert {p.id for p in access.grants.people} == {row["Id"] for row in org.rows("User")}
    return [f"seed {seed}: {each}" for each in disagreements(org, access)]


@pytest.mark.parametrize("seed", SLICE)
def test_slice(seed):
    assert compare(seed) == []


@pytest.mark.campaign
@pytest.mark.parametrize("start", range(1000, 1000 + CAMPAIGN, BATCH))
def test_campaign(start):
    assert [each for seed in range(start, start + BATCH) for each in compare(seed)] == []


@pytest.mark.parametrize("seed", [3, 11])
def test_over_the_wire_the_same_grants_are_compiled(seed):
    document, phi = random_org(seed)
    org = load_fixture(document)
    direct = grants_of(org, phi)
    with running(org) as served:
        client = Client(Session(served.url, lambda: served.token), Transport(ca_bundle=served.ca_file))
        snapshot, tags = snapshot_of(client, phi, org.now)
        wired = SEMANTICS.compile(snapshot, tags, org.now)
        assert served.writes() == []
    assert (wired.people, wired.grantors, wired.fields) == (direct.people, direct.grantors, direct.fields)
    assert {k: b.words.tolist() for k, b in wired.planes.items()} == {
        k: b.words.tolist() for k, b in direct.planes.items()
    }


def test_the_slice_meets_every_word_and_every_kind_of_grantor():
    """A generator that never makes something would agree about it for the wrong reason."""
    seen_words, seen_rights = set(), set()
    for seed in range(0, 60, 2):
        document, phi = random_org(seed)
        org = load_fixture(document)
        for verdict in verdicts(org, phi).values():
            seen_words.add(verdict.read)
            seen_words.add(verdict.edit)
            for grantor in verdict.object_grantors | verdict.field_grantors:
                seen_rights.add(grantor.partition(":")[2] or grantor[:3])
    assert seen_words == {"yes", "activatable", "possible", "latent", "no", "dormant", "unknown", "-"}
    assert seen_rights >= {"0PS", "eve", "uns", "ViewAllData", "ModifyAllData", "ActivitiesAccess"}
    assert seen_rights >= {
        "ViewAllFields",
        "ViewAllFieldsGlobal",
        "SetupEntityAccess",
        "ViewAllCustomSettings",
    }


def test_generator_is_a_function_of_its_seed():
    assert random_org(7) == random_org(7)
    assert random_org(7) != random_org(8)


def test_gates_of_the_reference_are_known():
    assert set(Gate) == {Gate.OBJECT, Gate.FIELD}
    assert set(Verb) == {Verb.READ, Verb.EDIT}
