"""What why-not and lapses foretell, made true in random orgs and judged by the independent engine."""

from __future__ import annotations

import copy
from collections import defaultdict
from datetime import timedelta

import pytest

from auditor.access import Access, Word, effective_access
from auditor.closed import why_not
from auditor.lapses import lapses
from auditor.planes import Verb
from connectors.salesforce.semantics.fields import stored_key
from sandbox.salesforce import load_fixture
from sandbox.salesforce.oracle import verdicts
from tests.semantics.direct import grants_of
from tests.semantics.random_orgs import random_org

SEEDS = range(30)
MUTING_SEEDS = (172, 182, 242, 244, 250, 256, 298)
"""Orgs whose groups have no stored rows, so that a mute can be lifted, with a mute that closes a gate."""


def judged(document, user, fields):
    """The verdicts of one person, by field and verb."""
    found = verdicts(load_fixture(document), fields)
    return {
        (field, verb): v.edit if verb is Verb.EDIT else v.read
        for (who, field), v in found.items()
        if who == user
        for verb in Verb
    }


def assigned(document, user, container):
    """The same org, with one assignment more, or another profile."""
    then = copy.deepcopy(document)
    tables = then["tables"]
    (row,) = [r for r in tables["PermissionSet"] if r["Id"] == container]
    if row.get("IsOwnedByProfile"):
        next(u for u in tables["User"] if u["Id"] == user)["ProfileId"] = row["ProfileId"]
        return then
    more = {"Id": "0Pax99999999999AAA", "AssigneeId": user, "PermissionSetId": container, "IsActive": True}
    if row.get("PermissionSetGroupId"):
        more["PermissionSetGroupId"] = row["PermissionSetGroupId"]
    tables.setdefault("PermissionSetAssignment", []).append(more)
    return then


def pairs(access: Access):
    """Some people and fields of an org whose verdict is settled and less than a live yes."""
    for person in range(len(access.grants.people)):
        read, _ = access.words(int(access.signatures.of[person]))
        for field in list(range(len(access.grants.fields)))[:: max(1, len(read) // 4)]:
            for verb in Verb:
                found = why_not(access, person, field, verb, only_one="profile")
                if not found.never and found.word not in {Word.YES, Word.UNKNOWN, Word.NOT_JUDGED}:
                    yield found


CLOSED = {"no", "latent"}
"""What a container may turn into one another without opening a gate more firmly."""


@pytest.mark.parametrize("seed", SEEDS)
def test_each_container_leaves_the_verdict_that_is_foretold(seed):
    document, phi = random_org(seed)
    access = effective_access(grants_of(load_fixture(document), phi))
    kinds = {g.container: g.kind for g in access.grants.grantors if g.container}
    by_person = defaultdict(list)
    for found in pairs(access):
        by_person[found.person].append(found)
    for person, closed in by_person.items():
        user = access.grants.people[person].id
        held = access.signatures.held(int(access.signatures.of[person]))
        for container in sorted(kinds.keys() - {access.grants.grantors[g].container for g, _ in held}):
            fields = sorted({access.grants.fields[found.field].name for found in closed})
            then = judged(assigned(document, user, container), user, fields)
            for found in closed:
                name = access.grants.fields[found.field].name
                word = then[name, found.verb]
                said = [r.word for r in found.remedies if r.source.grantor.container == container]
                expected = said[0] if said else found.word
                about = (user, found, container)
                opens_nothing = not said and (kinds[container] == "profile" or expected in CLOSED)
                if word == "unknown" or (opens_nothing and word in CLOSED):
                    continue
                if found.verb is Verb.EDIT and not said and access.word(user, name) in CLOSED:
                    continue  # it opens reading, of which the answer about reading tells
                assert (about, word) == (about, expected.value)


def computed(document):
    """Whether no aggregate has rows of its own, so that a group gives its parts less its mutes."""
    tables = document["tables"]
    aggregates = {r["Id"] for r in tables["PermissionSet"] if r.get("PermissionSetGroupId")}
    rows = [*tables.get("ObjectPermissions", []), *tables.get("FieldPermissions", [])]
    return not any(row["ParentId"] in aggregates for row in rows)


def without(document, aggregate, muting):
    """The same org, in which one group has a muting set of its own, without one row."""
    then = copy.deepcopy(document)
    tables = then["tables"]
    (group,) = [r["PermissionSetGroupId"] for r in tables["PermissionSet"] if r["Id"] == aggregate]
    for number, old in enumerate(muting.by):
        new = f"0QMx0000000099{number}AAA"
        tables["MutingPermissionSet"].append({"Id": new, "DeveloperName": new, "MasterLabel": new})
        for part in tables["PermissionSetGroupComponent"]:
            if (part["PermissionSetGroupId"], part["PermissionSetId"]) == (group, old):
                part["PermissionSetId"] = new
        for name, column in (("ObjectPermissions", "SobjectType"), ("FieldPermissions", "Field")):
            kept = [
                r
                for r in tables[name]
                if r["ParentId"] == old and stored_key(r[column]) != stored_key(muting.row)
            ]
            tables[name] += [row | {"ParentId": new} for row in kept]
    return then


@pytest.mark.parametrize("seed", MUTING_SEEDS)
def test_a_row_taken_out_of_its_muting_set_leaves_the_verdict_that_is_foretold(seed):
    document, phi = random_org(seed)
    assert computed(document)
    access = effective_access(grants_of(load_fixture(document), phi))
    for found in pairs(access):
        user, field = access.grants.people[found.person].id, access.grants.fields[found.field].name
        for unmuting in found.unmutings:
            then = without(document, unmuting.muted.grantor.id, unmuting.muted.muting)
            word = judged(then, user, [field])[field, found.verb]
            assert (user, field, unmuting, word) == (user, field, unmuting, unmuting.word.value)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_end_leaves_is_what_is_there_once_it_has_ended(seed):
    document, phi = random_org(seed)
    org = load_fixture(document)
    access = effective_access(grants_of(org, phi))
    found = lapses(access, until=org.now + timedelta(hours=1))
    if not found:
        return
    later = copy.deepcopy(document) | {"now": "2026-11-24T03:00:01+00:00"}
    said = {}
    for person, who in enumerate(access.grants.people):
        words = zip(Verb, access.words(int(access.signatures.of[person])), strict=True)
        for verb, codes in words:
            for field, column in enumerate(access.grants.fields):
                said[who.id, column.name, verb] = list(Word)[codes[field]].value
    for lapse in found:
        for change in lapse.changes:
            who = access.grants.people[lapse.person].id
            said[who, access.grants.fields[change.field].name, change.verb] = change.after.value
    fields = [column.name for column in access.grants.fields]
    doubtful = {access.grants.people[i].id for i in access.grants.blind}  # perhaps only about what ends
    for (user, field), verdict in verdicts(load_fixture(later), fields).items():
        if user in doubtful:
            continue
        assert said[user, field, Verb.READ] == verdict.read
        assert said[user, field, Verb.EDIT] == verdict.edit
