"""Tryton's rules (docs/tryton.md, T1 to T8): sentence by sentence, and against the plainest reading of them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from clinics import AT, Clinic, gnu, snapshot_of
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.closed import why_not
from auditor.exposure import explain
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.planes import Strength, Verb
from auditor.rights import Use
from auditor.snapshot import Unread, Why
from connectors.tryton import tables as t
from connectors.tryton.semantics import SEMANTICS
from connectors.tryton.semantics.compile import compile_grants


def tags_of(names):
    return {
        name: Tag(
            name, "diagnosis_condition", Coarse.CLINICAL, "T3", Confidence.HIGH, Basis.GIVEN, ("Given.",)
        )
        for name in names
    }


def fields_of(clinic: Clinic) -> list[str]:
    return [f"{clinic.models[f['model'] - 1]['model']}.{f['name']}" for f in clinic.fields]


def access_of(clinic: Clinic, snapshot=None):
    return effective_access(compile_grants(snapshot or snapshot_of(clinic), tags_of(fields_of(clinic)), AT))


def losing(clinic: Clinic, *names: str):
    """What would be read if these tables arrived in part."""
    snapshot = snapshot_of(clinic)
    readings = dict(snapshot.readings)
    for name in names:
        unread = Unread(Why.TRUNCATED, f"{name}: 1 of 2 rows arrived.")
        readings[name] = replace(readings[name], unread=unread)
    return replace(snapshot, readings=readings)


PATIENT, DRUGS = "gnuhealth.patient.diagnosis", "gnuhealth.patient.drug_usage"
ECG, LAB, LINK = "gnuhealth.ecg.diagnosis", "gnuhealth.lab.result", "gnuhealth.patient-disease.diagnosis"


@pytest.mark.parametrize(
    ("login", "field", "read", "edit"),
    [
        ("mia", PATIENT, Word.YES, Word.NO),  # T2: a row without a group; T5: the row that closes it is off
        ("mia", DRUGS, Word.YES, Word.NO),  # T4: rows speak of it, and none to her
        ("mia", ECG, Word.YES, Word.YES),  # T1: nothing speaks of it
        ("nobody", ECG, Word.YES, Word.YES),
        ("fred", DRUGS, Word.NO, Word.NO),  # T3: the row that speaks to him says no
        ("fran", DRUGS, Word.NO, Word.NO),  # one more group, and she sees less
        ("juno", DRUGS, Word.YES, Word.YES),  # T7: inherited
        ("olaf", DRUGS, Word.YES, Word.YES),  # T7: through a group that is switched off
        ("gone", DRUGS, Word.DORMANT, Word.DORMANT),
        ("mia", LAB, Word.YES, Word.NO),  # T6: the row of the patient counts
        ("juno", LAB, Word.YES, Word.YES),
        ("admin", LINK, Word.NO, Word.NO),  # T8
    ],
)
def test_each_rule(login, field, read, edit):
    access = access_of(gnu())
    who = next(p for p in access.grants.people if p.username == login)
    assert access.word(who.id, field) is read
    assert access.word(who.id, field, Verb.EDIT) is edit


@pytest.mark.parametrize(
    ("login", "field", "words"),
    [
        ("mia", PATIENT, "row “model access of gnuhealth.patient for everybody”; field: Tryton’s default"),
        ("mia", ECG, "no model access row for gnuhealth.ecg: open to everybody"),
        ("juno", DRUGS, "group “Doctor” (field access) [inherited through “Junior Doctor”]"),
        ("fred", DRUGS, "field: closed by group “Front Desk”"),
        ("admin", LINK, "closed by model that Tryton gives to no program “gnuhealth.patient-disease”"),
    ],
)
def test_every_answer_has_its_path(login, field, words):
    access = access_of(gnu())
    index = next(i for i, p in enumerate(access.grants.people) if p.username == login)
    assert words in explain(access, index, access.field_index(field))


def test_a_model_of_which_rows_speak_to_others_only_is_open_to_the_rest():
    clinic = gnu()
    clinic.allow_model("gnuhealth.ecg", 4, "r")
    access = access_of(clinic)
    path = access.path(access.signature_of("2"), access.field_index(ECG))
    assert path is not None
    assert path.objects[0][0].label.startswith(
        "no model access row of gnuhealth.ecg for them, only for others"
    )


def test_only_accounts_with_a_login_are_people():
    clinic = gnu()
    clinic.users.append({"id": 0, "login": "root", "name": "Root", "active": False, "groups": []})
    people = access_of(clinic).grants.people
    assert "9" not in {p.id for p in people}
    assert "root" not in {p.username for p in people}
    juno = next(p for p in people if p.username == "juno")
    assert juno.sets == ("Junior Doctor", "Doctor")
    assert juno.memberships == ("group:5", "group:4")


def test_rights_as_a_whole():
    clinic = gnu()
    access = access_of(clinic)
    of = {p.username: access.rights(i) for i, p in enumerate(access.grants.people)}
    assert {"write:res.user", "write:ir.model.access", "json-rpc", "export_data"} <= set(of["admin"])
    assert set(of["mia"]) == {"json-rpc", "export_data"}
    assert Use.ESCALATION in access.grants.rights["write:res.group"].uses


@pytest.mark.parametrize("rows", [[], ["admin's"]])
def test_whoever_no_row_speaks_to_may_change_rights(rows):
    clinic = gnu()
    own = clinic.model_id("res.group")
    kept = [r for r in clinic.model_access if r["model"] != own or (rows and r["group"] == 1)]
    clinic.model_access = kept
    access = access_of(clinic)
    mia = next(i for i, p in enumerate(access.grants.people) if p.username == "mia")
    assert "write:res.group" in access.rights(mia)
    snapshot = losing(clinic, t.MODEL_ACCESS)
    unsure = access_of(clinic, snapshot)
    assert "write:res.group" not in unsure.rights(mia)
    assert "write:res.group" in unsure.rights(mia, Strength.UNSURE)


@pytest.mark.parametrize("name", [t.MODELS, t.FIELDS, t.GROUPS, t.MODEL_ACCESS, t.FIELD_ACCESS])
def test_a_table_that_is_not_whole_proves_what_it_allows_and_nothing_else(name):
    clinic = gnu()
    for field in ("gnuhealth.patient.diagnosis", "gnuhealth.patient.drug_usage"):
        model, _, short = field.rpartition(".")
        clinic.allow_field(model, short, 3, "r")
    access = access_of(clinic, losing(clinic, name))
    assert access.word("2", DRUGS) is Word.YES
    assert access.word("2", ECG) is Word.UNKNOWN
    assert access.word("4", DRUGS) is Word.UNKNOWN
    assert f"{name}: 1 of 2 rows arrived." in access.doubt(1, access.field_index(ECG))


def test_rows_prove_nothing_where_nobody_knows_what_programs_are_given():
    """A row may allow a model that is closed to all programs."""
    clinic = gnu()
    clinic.allow_model("gnuhealth.patient-disease", None, "rw")
    clinic.allow_field("gnuhealth.patient-disease", "diagnosis", None, "rw")
    assert access_of(clinic).word("2", LINK) is Word.NO
    access = access_of(clinic, losing(clinic, t.METHODS))
    assert {access.word(p, f) for p in "1234" for f in (LINK, PATIENT, ECG)} == {Word.UNKNOWN}
    assert "methods: 1 of 2 rows arrived." in access.doubt(1, access.field_index(LINK))


def test_a_group_that_was_not_read_leaves_its_people_unknown():
    clinic = gnu()
    clinic.users[1]["groups"] = [3, 99]
    clinic.groups[1]["parent"] = 98
    clinic.allow_model("gnuhealth.ecg", 99, "")
    access = access_of(clinic)
    assert access.word("2", ECG) is Word.UNKNOWN
    assert "99" in access.doubt(1, access.field_index(ECG))
    assert access.word("4", ECG) is Word.UNKNOWN
    assert access.word("3", ECG) is Word.YES


def test_users_that_did_not_all_arrive_are_said():
    assert "Not every user" in access_of(gnu(), losing(gnu(), t.USERS)).grants.partial


def test_a_field_nobody_lists_is_unknown():
    grants = compile_grants(snapshot_of(gnu()), tags_of(["gnuhealth.patient.nope", "no.model.x"]), AT)
    access = effective_access(grants)
    assert access.doubt(0, 0) == "Tryton lists no field nope of gnuhealth.patient."
    assert {word for word, count in access.read_counts.items() if count} == {Word.UNKNOWN}


def test_circles_of_groups_end():
    clinic = gnu()
    clinic.groups[3]["parent"] = 5
    clinic.groups[0]["parent"] = 1
    assert access_of(clinic).word("6", DRUGS) is Word.YES


def test_facts_are_those_of_models_in_scope():
    facts = SEMANTICS.facts(snapshot_of(gnu(), scope=lambda m: m == "gnuhealth.ecg"))
    assert [(f.key, f.object, f.object_label, f.securable) for f in facts] == [
        (ECG, "gnuhealth.ecg", "gnuhealth.ecg", True)
    ]
    assert SEMANTICS.lineage(snapshot_of(gnu())).steps == ()
    assert SEMANTICS.doors(snapshot_of(gnu())) == ()
    assert SEMANTICS.changes(snapshot_of(gnu())) == ()
    assert SEMANTICS.related(["gnuhealth.ecg"]) == ("gnuhealth.ecg",)


# -- against the plainest reading


@st.composite
def clinics(draw) -> Clinic:
    """A small database, as contradictory as its tables allow."""
    dice = random.Random(draw(st.integers(0, 1 << 32)))
    clinic = Clinic()
    models = [f"m.{i}" for i in range(draw(st.integers(1, 4)))]
    for name in models:
        relations = [
            (f"to_{i}", "many2one", dice.choice([*models, "not.there"]), dice.random() < 0.5)
            for i in range(dice.randint(0, 2))
        ]
        clinic.add_model(name, *(f"f{i}" for i in range(dice.randint(1, 3))), *relations)
    count = draw(st.integers(0, 5))
    for number in range(count):
        parent = dice.choice([None, None, *range(1, count + 1)])
        clinic.add_group(f"group {number}", parent, active=dice.random() < 0.8)
    groups = [None, *range(1, count + 1)]
    for number in range(4):
        clinic.add_user(f"user{number}", *(g for g in groups[1:] if dice.random() < 0.35))
    for _ in range(draw(st.integers(0, 8))):
        perms = "".join(one for one in "rw" if dice.random() < 0.5)
        clinic.allow_model(dice.choice(models), dice.choice(groups), perms, active=dice.random() < 0.8)
    for _ in range(draw(st.integers(0, 10))):
        perms = "".join(one for one in "rw" if dice.random() < 0.5)
        field = dice.choice(clinic.fields)
        model = clinic.models[field["model"] - 1]["model"]
        clinic.allow_field(model, field["name"], dice.choice(groups), perms, active=dice.random() < 0.8)
    clinic.link = frozenset(m for m in models if dice.random() < 0.1)
    return clinic


@settings(max_examples=300, deadline=None)
@given(clinics())
def test_the_planes_equal_the_plainest_reading(clinic):
    access = access_of(clinic)
    for user in clinic.users:
        for name in fields_of(clinic):
            model, _, field = name.rpartition(".")
            reads = clinic.may(user["id"], model, field)
            writes = reads and clinic.may(user["id"], model, field, "perm_write")
            assert (access.word(str(user["id"]), name) is Word.YES) == reads
            assert (access.word(str(user["id"]), name, Verb.EDIT) is Word.YES) == writes


@settings(max_examples=100, deadline=None)
@given(clinics())
def test_every_access_has_a_path_and_every_no_its_reason(clinic):
    access = access_of(clinic)
    for index, person in enumerate(access.grants.people):
        for column, field in enumerate(access.grants.fields):
            path = access.path(access.signature_of(person.id), column)
            if access.word(person.id, field.name) is Word.YES:
                assert path is not None
                assert all(path.objects)
                assert path.fields
            else:
                assert path is None
                assert ": closed by " in explain(access, index, column)


@settings(max_examples=100, deadline=None)
@given(clinics(), st.sampled_from([t.MODEL_ACCESS, t.FIELD_ACCESS, t.GROUPS]), st.data())
def test_what_a_part_of_the_rows_proves_the_whole_upholds(clinic, name, data):
    """Whatever rows got lost, a yes stays a yes, and a no is never said."""
    whole = access_of(clinic)
    less = replace(clinic)
    key = {t.MODEL_ACCESS: "model_access", t.FIELD_ACCESS: "field_access", t.GROUPS: "groups"}[name]
    rows = getattr(clinic, key)
    setattr(less, key, rows[: data.draw(st.integers(0, len(rows)))])
    part = access_of(clinic, losing(less, name))
    for person in part.grants.people:
        for field in part.grants.fields:
            word = part.word(person.id, field.name)
            assert word in {Word.YES, Word.UNKNOWN}
            if word is Word.YES:
                assert whole.word(person.id, field.name) is Word.YES


@settings(max_examples=100, deadline=None)
@given(clinics())
def test_what_assigning_a_group_would_do_is_foretold(clinic):
    access = access_of(clinic)
    for index, person in enumerate(access.grants.people):
        for column, field in enumerate(access.grants.fields):
            if access.word(person.id, field.name) is Word.YES:
                continue
            found = why_not(access, index, column)
            assert all(gate.told_no for gate in found.closed)
            for remedy in found.remedies:
                container = remedy.source.grantor.container
                if not container.startswith("group:"):
                    continue
                user = clinic.users[index]
                joined = replace(clinic, users=[dict(u) for u in clinic.users])
                joined.users[index]["groups"] = [*user["groups"], int(container.removeprefix("group:"))]
                assert access_of(joined).word(person.id, field.name) is remedy.word
