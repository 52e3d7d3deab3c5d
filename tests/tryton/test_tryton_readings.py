"""A database to a snapshot: what is read, what is not and why, what is counted, and never a value."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from clinics import AT, PASSWORD, client_of, connector_of, gnu, served, snapshot_of

from auditor.access import effective_access
from auditor.errors import AuthenticationFailed
from auditor.reach import Span
from auditor.retention import RetentionPolicy
from auditor.snapshot import Unread, Why
from connectors.protocol import Plan, Scope
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.preflight import NO_GROUP, expected_calls, preflight
from connectors.tryton.retention_counts import moment
from connectors.tryton.semantics import SEMANTICS
from connectors.tryton.semantics.compile import compile_grants

CUTOFF = datetime(2021, 1, 1, tzinfo=UTC)
PLAN = Plan(("gnuhealth.patient",), "digest")


def read(site, *policies, login="auditor", scope=None):
    connector = connector_of(client_of(site, login))
    snapshot = connector.schema(scope or Scope())
    return connector.collect(snapshot, replace(PLAN, retention=tuple((p, CUTOFF) for p in policies)))


def unread(snapshot):
    found = {r.name: r.unread for r in snapshot.readings.values() if r.unread is not None}
    assert found.pop(t.COMPUTED).why is Why.NOT_EXPOSED
    return found


@pytest.mark.parametrize("words", [False, True], ids=["as SQLite", "as PostgreSQL"])
def test_a_database_is_read_whole(words):
    clinic = gnu()
    with served(clinic, words=words) as site:
        snapshot = read(site)
        assert site.methods[-1] == "common.db.logout"
        assert all(
            cat.may_leave("/clinic/", m, p, "clinic") for m, p in site.asked if m != "common.server.version"
        )
    assert unread(snapshot) == {}
    expected = snapshot_of(clinic)
    for name in (t.MODELS, t.FIELDS, t.GROUPS, t.USERS, t.MODEL_ACCESS, t.FIELD_ACCESS, t.RECORD_RULES):
        assert snapshot.table(name).to_pylist() == expected.table(name).to_pylist()
        assert snapshot.readings[name].expected == snapshot.table(name).num_rows
    assert snapshot.table(t.METHODS).sort_by("model") == expected.table(t.METHODS).sort_by("model")
    assert snapshot.table(t.SESSION).to_pylist() == [{"login": "auditor", "user_id": 10, "groups": []}]
    manifest = snapshot.manifest
    assert manifest.org_id == f"{site.url.removeprefix('http://')}/clinic"
    assert (manifest.platform, manifest.api_version, manifest.connected_user) == (
        "tryton",
        "7.0.59",
        "auditor",
    )
    assert manifest.objects == ("gnuhealth.patient",)


def test_no_value_and_no_password_is_kept():
    policy = RetentionPolicy("patients", "gnuhealth.patient", "birth", "P5Y", fallback="create_date")
    with served(gnu()) as site:
        snapshot = read(site, policy)
    kept = json.dumps([r.table.to_pylist() for r in snapshot.readings.values()], default=str) + repr(snapshot)
    assert "CANARY-VALUE" not in kept
    assert PASSWORD not in kept
    assert sum(PASSWORD in body for body in site.bodies) == 1


def test_a_wrong_password_reads_nothing():
    with served(gnu()) as site, pytest.raises(AuthenticationFailed):
        connector_of(client_of(site, password="wrong")).schema(Scope())


def test_only_models_in_scope_are_looked_at_and_all_are_read():
    with served(gnu()) as site:
        snapshot = read(site, scope=Scope(include=("gnuhealth.*",), exclude=("*.ecg",)))
        given = read(site, scope=Scope(objects=("gnuhealth.ecg",)))
    assert {f.object for f in SEMANTICS.facts(snapshot)} == {
        "gnuhealth.patient",
        "gnuhealth.lab",
        "gnuhealth.patient-disease",
    }
    assert {f.object for f in SEMANTICS.facts(given)} == {"gnuhealth.ecg"}
    assert snapshot.table(t.FIELDS).num_rows == given.table(t.FIELDS).num_rows


def test_pages_follow_one_another(monkeypatch):
    monkeypatch.setattr(cat, "PAGE", 3)
    with served(gnu()) as site:
        snapshot = read(site)
        assert site.methods.count(cat.FIELDS.method) > 3
    assert unread(snapshot) == {}
    assert snapshot.table(t.FIELDS).to_pylist() == snapshot_of(gnu()).table(t.FIELDS).to_pylist()


GROUP = {"id": 1, "name": "x", "parent": None, "active": True}


@pytest.mark.parametrize(
    ("answer", "why", "words"),
    [
        ((200, {"result": [GROUP, GROUP]}), Why.FAILED, "twice or out of order"),
        ((200, {"result": [{**GROUP, "id": 2}, GROUP]}), Why.FAILED, "twice or out of order"),
        ((200, {"result": [GROUP]}), Why.TRUNCATED, "1 of 6 rows arrived"),
        ((200, {"result": [{**GROUP, "active": 7}]}), Why.TRUNCATED, "1 row came without"),
        ((200, {"result": [{"id": 1}]}), Why.TRUNCATED, "1 row came without"),
        ((200, {"result": [{**GROUP, "parent": True}]}), Why.TRUNCATED, "came without"),
        ((200, {"result": [{**GROUP, "name": 7}]}), Why.TRUNCATED, "came without"),
        ((200, {"result": [{**GROUP, "name": "\ud800"}]}), Why.TRUNCATED, "came without"),
        ((200, {"result": [{**GROUP, "parent": 1 << 63}]}), Why.TRUNCATED, "came without"),
        ((200, {"result": [{"name": "x"}]}), Why.FAILED, "not a page"),
        ((200, {"result": {"id": 1}}), Why.FAILED, "not a page"),
        ((200, {"error": ["UserError", ["no", "", None]]}), Why.FORBIDDEN, "does not let"),
    ],
)
def test_a_table_that_is_not_whole_says_why(answer, why, words):
    with served(gnu()) as site:
        site.instead = lambda method, *_: answer if method == cat.GROUPS.method else None
        snapshot = read(site)
    lost = unread(snapshot)
    assert set(lost) == {t.GROUPS, t.SESSION}
    assert lost[t.GROUPS].why is why
    assert words in lost[t.GROUPS].detail
    assert "without groups" in lost[t.SESSION].detail  # or the account would pass for one without surplus


def test_rows_that_come_after_the_first_page_make_it_partial(monkeypatch):
    monkeypatch.setattr(cat, "PAGE", 2)
    with served(gnu()) as site:
        site.instead = lambda method, _, times: (
            (404, "") if method == cat.GROUPS.method and times == 2 else None
        )
        snapshot = read(site)
    assert unread(snapshot)[t.GROUPS].why is Why.TRUNCATED
    assert snapshot.table(t.GROUPS).num_rows == 2


@pytest.mark.parametrize("count", [True, -1, "7", None, 1 << 70])
def test_a_count_that_is_none(count):
    with served(gnu()) as site:
        site.instead = lambda method, *_: (200, {"result": count}) if method == cat.USERS.count else None
        assert "not a count" in unread(read(site))[t.USERS].detail


@pytest.mark.parametrize(
    ("method", "answer", "name", "words"),
    [
        ("system.listMethods", (403, ""), t.METHODS, "to no program"),
        ("system.listMethods", (200, {"result": [1]}), t.METHODS, "not a list of names"),
        ("system.listMethods", (200, {"result": ["\ud800"]}), t.METHODS, "not a list of names"),
        ("system.listMethods", (200, {"result": []}), t.METHODS, "lack those of ir.model"),
        ("system.listMethods", (200, {"result": ["common.db.login"]}), t.METHODS, "lack those of ir.model"),
        ("common.server.version", (200, {"result": 1}), t.SERVER, "did not tell its version"),
    ],
)
def test_single_questions(method, answer, name, words):
    with served(gnu()) as site:
        site.instead = lambda asked, *_: answer if asked == method else None
        snapshot = read(site)
    assert words in unread(snapshot)[name].detail


def test_another_series_is_noted():
    with served(gnu()) as site:
        site.instead = lambda asked, *_: (
            (200, {"result": "8.2.1"}) if asked == "common.server.version" else None
        )
        snapshot = read(site)
    assert snapshot.readings[t.SERVER].note == "The rules were held against Tryton 7.0; this is 8.2.1."


@pytest.mark.parametrize("page", [[], [{"id": 10}], [{**GROUP, "id": 3}]])
def test_an_account_that_is_not_listed(page):
    def instead(method, params, _):
        own = method == cat.USERS.method and params[0] == [["id", "=", 10]]
        return (200, {"result": page}) if own else None

    with served(gnu()) as site:
        site.instead = instead
        assert "does not list the account" in unread(read(site))[t.SESSION].detail


def test_an_account_that_may_not_read_itself():
    with served(gnu()) as site:
        error = {"error": ["UserError", ["no", "", None]]}
        site.instead = lambda method, *_: (200, error) if method == cat.USERS.method else None
        assert set(unread(read(site))) == {t.SESSION, t.USERS}


def test_a_server_that_is_killed_half_way_leaves_what_was_read():
    with served(gnu()) as site:
        connector = connector_of(client_of(site))
        snapshot = connector.schema(Scope())
    snapshot = connector.collect(snapshot, PLAN)
    lost = unread(snapshot)
    assert set(lost) == {t.USERS, t.FIELD_ACCESS}
    assert all("could not be reached" in one.detail for one in lost.values())
    assert snapshot.table(t.MODEL_ACCESS).num_rows == 12


@pytest.mark.parametrize("model", ["ir.model.access", "res.user"])
def test_record_rules_on_the_tables_themselves_leave_them_partial(model):
    """Tryton would neither show nor count what they hide: nobody may take such a table for the whole."""
    question = next(q for q in cat.QUESTIONS if q.model == model)
    clinic = gnu()
    clinic.add_rule(model, 3)
    with served(clinic) as site:
        assert unread(read(site)) == {}  # the rule is for a group that the account is not in
        lent = (
            {t.SESSION} if model == "ir.model.access" else set()
        )  # what the group gives is not known either
        assert set(unread(read(site, login="mia"))) == {question.reading, *lent}
        site.instead = lambda method, params, _: (
            (200, {"result": []}) if method == cat.USERS.method and params[0][0][1] == "=" else None
        )
        assert set(unread(read(site))) == {t.SESSION, question.reading}  # whose groups nobody knows
    clinic.add_rule(model, everybody=True)
    with served(clinic) as site:
        snapshot = read(site)
    found = unread(snapshot)[question.reading]
    assert found.why is Why.TRUNCATED
    assert f"record rules of {model} may hide rows" in found.detail


@pytest.mark.parametrize(
    "answer",
    [(200, {"error": ["UserError", ["no", "", None]]}), (403, ""), (200, {"result": []})],
    ids=["refused", "given to no program", "all hidden"],
)
def test_without_the_record_rules_no_table_is_whole(answer):
    """Any of them may have rows that a rule hides, and no pass rests on a row that was not seen."""
    clinic = gnu()
    if answer == (200, {"result": []}):
        clinic.rules.clear()
    with served(clinic) as site:
        if clinic.rules:
            site.instead = lambda method, *_: answer if method == cat.RECORD_RULES.method else None
        found = unread(read(site))
    assert set(found) == {question.reading for question in cat.QUESTIONS} | {t.SESSION}
    for name in (t.MODELS, t.FIELDS, t.GROUPS, t.USERS, t.MODEL_ACCESS, t.FIELD_ACCESS):
        assert found[name].why is Why.TRUNCATED
        assert "hide rows from the auditing user could not be read" in found[name].detail
        assert found[name].remedy == "Let the account read ir.rule.group."


def test_a_rule_about_a_model_that_was_not_read_may_be_about_any_table():
    clinic = gnu()
    clinic.add_rule("res.group", everybody=True)
    row = next(m for m in clinic.models if m["model"] == "res.group")
    with served(clinic) as site:
        clinic.models.remove(row)
        assert "may hide rows" in unread(read(site))[t.GROUPS].detail


# -- retention


@pytest.mark.parametrize(
    ("policy", "live", "archived", "undecided"),
    [
        (RetentionPolicy("a", "gnuhealth.patient", "create_date", "P5Y"), 2, 1, 0),
        (RetentionPolicy("b", "gnuhealth.patient", "write_date", "P5Y", fallback="create_date"), 1, 1, 0),
        (RetentionPolicy("c", "gnuhealth.patient", "birth", "P5Y"), 1, 0, 2),
        (RetentionPolicy("d", "gnuhealth.patient", "create_date", "P5Y", having="birth"), 1, 0, 0),
    ],
    ids=lambda one: one.id if isinstance(one, RetentionPolicy) else "",
)
def test_records_are_counted_by_date(policy, live, archived, undecided):
    with served(gnu()) as site:
        snapshot = read(site, policy)
    [found] = SEMANTICS.overdue(snapshot, [(policy, CUTOFF)])
    assert (found.live, found.archived, found.undecided) == (live, archived, undecided)
    assert found.complete
    assert found.queries
    assert SEMANTICS.overdue(snapshot, [(policy, datetime(2020, 1, 1, tzinfo=UTC))]) == ()


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (RetentionPolicy("p", "gnuhealth.nope", "create_date", "P5Y"), "no model gnuhealth.nope"),
        (RetentionPolicy("p", "gnuhealth.patient", "nope", "P5Y"), "no field nope"),
        (RetentionPolicy("p", "gnuhealth.patient", "diagnosis", "P5Y"), "is not a date"),
        (RetentionPolicy("p", "gnuhealth.patient-disease", "diagnosis", "P5Y"), "is not a date"),
    ],
)
def test_policies_that_cannot_be_counted_are_not_asked(policy, words):
    with served(gnu()) as site:
        snapshot = read(site, policy)
        assert not any(policy.object in method for method in site.methods)
    assert words in unread(snapshot)[f"{t.RETENTION}:p"].detail
    assert SEMANTICS.overdue(snapshot, [(policy, CUTOFF)]) == ()


def test_a_count_that_is_refused_is_unknown():
    policy = RetentionPolicy("p", "gnuhealth.patient", "create_date", "P5Y")
    error = {"error": ["UserError", ["no", "", None]]}
    with served(gnu()) as site:
        site.instead = lambda method, _, times: (
            (200, error) if method == "model.gnuhealth.patient.search_count" and times > 2 else None
        )
        snapshot = read(site, policy)
    assert unread(snapshot)[f"{t.RETENTION}:p"].why is Why.FORBIDDEN
    [found] = SEMANTICS.overdue(snapshot, [(policy, CUTOFF)])
    assert not found.complete
    assert found.live == 2


def test_record_rules_that_hold_for_the_auditor_make_a_count_a_lower_bound():
    policy = RetentionPolicy("p", "gnuhealth.patient", "create_date", "P5Y")
    clinic = gnu()
    clinic.add_rule("gnuhealth.patient", by_default=True)
    with served(clinic) as site:
        snapshot = read(site, policy)
    [found] = SEMANTICS.overdue(snapshot, [(policy, CUTOFF)])
    assert not found.complete
    assert "not evaluated" in found.visibility
    rules = replace(snapshot.readings[t.RECORD_RULES], unread=Unread(Why.FORBIDDEN, "no."))
    blind = replace(snapshot, readings={**snapshot.readings, t.RECORD_RULES: rules})
    [found] = SEMANTICS.overdue(blind, [(policy, CUTOFF)])
    assert "could not be read" in found.visibility


def test_a_rule_for_a_group_counts_where_the_groups_of_the_auditor_are_not_known():
    policy = RetentionPolicy("p", "gnuhealth.patient", "create_date", "P5Y")
    with served(gnu()) as site:
        site.instead = lambda method, params, _: (
            (200, {"result": []}) if method == cat.USERS.method and params[0][0][1] == "=" else None
        )
        snapshot = read(site, policy)
    [found] = SEMANTICS.overdue(snapshot, [(policy, CUTOFF)])
    assert not found.complete


def test_a_day_counts_as_its_midnight():
    noon, midnight = datetime(2021, 1, 1, 12, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    day = {"__class__": "date", "year": 2021, "month": 1}
    assert moment("date", midnight) == {**day, "day": 1}
    assert moment("date", noon) == {**day, "day": 2}
    assert moment("timestamp", noon)["hour"] == 12
    assert date(2021, 1, 1) < date(2021, 1, 2)


# -- reach, credential, preflight


def test_record_rules_bound_what_somebody_reaches():
    snapshot = snapshot_of(gnu())
    tags = dict.fromkeys(["gnuhealth.patient.diagnosis", "gnuhealth.ecg.diagnosis", "gnuhealth.lab.result"])
    reach = SEMANTICS.reach(snapshot, compile_grants(snapshot, _tagged(tags), AT))
    assert str(reach.of("2", "gnuhealth.patient")) == "every record"
    assert str(reach.of("6", "gnuhealth.patient")) == "every record, less what a restriction rule takes away"
    assert reach.of("2", "gnuhealth.ecg").restricted
    link = _tagged(["gnuhealth.patient-disease.diagnosis"])
    assert SEMANTICS.reach(snapshot, compile_grants(snapshot, link, AT)).of(
        "2", "gnuhealth.patient-disease"
    ).span is (Span.NONE)


def test_reach_is_unknown_where_rights_are():
    clinic = gnu()
    clinic.users[1]["groups"] = [99]
    snapshot = snapshot_of(clinic)
    grants = compile_grants(snapshot, _tagged(["gnuhealth.ecg.diagnosis"]), AT)
    assert SEMANTICS.reach(snapshot, grants).of("2", "gnuhealth.ecg").span is Span.UNKNOWN
    access = replace(snapshot.readings[t.MODEL_ACCESS], unread=Unread(Why.TRUNCATED, "x."))
    rules = replace(snapshot.readings[t.RECORD_RULES], unread=Unread(Why.FORBIDDEN, "no."))
    part = replace(snapshot, readings={**snapshot.readings, t.MODEL_ACCESS: access, t.RECORD_RULES: rules})
    grants = compile_grants(part, _tagged(["gnuhealth.ecg.diagnosis", "gnuhealth.patient.diagnosis"]), AT)
    reach = SEMANTICS.reach(part, grants)
    assert reach.of("3", "gnuhealth.ecg").span is Span.UNKNOWN
    assert reach.of("3", "gnuhealth.patient").restricted


def _tagged(names):
    from test_tryton_rules import tags_of

    return tags_of(names)


@pytest.mark.parametrize(
    ("login", "found"),
    [
        ("auditor", []),
        ("mia", []),
        ("juno", [("write", "group Doctor"), ("phi", "group Doctor")]),
    ],
)
def test_what_is_open_to_everybody_is_no_surplus_of_the_account(login, found):
    clinic = gnu()
    clinic.model_access = [r for r in clinic.model_access if r["id"] != 1]  # patients: doctors only
    clinic.model_access.append({**clinic.model_access[0], "id": 99, "group": None, "perm_read": False})
    with served(clinic) as site:
        snapshot = read(site, login=login)
    tags = _tagged(["gnuhealth.patient.diagnosis"])
    assert [(s.kind, s.right) for s in SEMANTICS.surplus(snapshot, tags)] == found


def test_without_its_own_row_nothing_is_said_of_the_account():
    assert SEMANTICS.surplus(snapshot_of(gnu()), {}) == ()


def test_a_preflight_counts_and_advises():
    policy = RetentionPolicy("p", "gnuhealth.patient", "create_date", "P5Y")
    with served(gnu()) as site:
        client = client_of(site, "mia")
        snapshot = connector_of(client).schema(Scope())
        made = client.calls
        error = {"error": ["UserError", ["no", "", None]]}
        site.instead = lambda method, *_: (200, error) if method == cat.USERS.count else None
        probes = preflight(client, snapshot, replace(PLAN, retention=((policy, CUTOFF),)))
    by_name = {p.name: p for p in probes}
    assert by_name[t.SESSION].note == f"The account is in 1 group. {NO_GROUP}"
    assert by_name[t.RECORD_RULES].rows == 2
    assert by_name[t.USERS].unread.why is Why.FORBIDDEN
    assert by_name["retention:p"].calls == 4
    assert expected_calls(made, probes) == made + 2 + 4


def test_a_preflight_tells_of_tables_that_look_whole():
    clinic = gnu()
    clinic.add_rule("res.user", everybody=True)
    with served(clinic) as site:
        client = client_of(site)
        by_name = {p.name: p for p in preflight(client, connector_of(client).schema(Scope()), PLAN)}
    assert by_name[t.USERS].unread.why is Why.TRUNCATED
    assert by_name[t.FIELD_ACCESS].unread is None


def test_the_snapshot_can_be_judged():
    with served(gnu()) as site:
        snapshot = read(site)
    access = effective_access(compile_grants(snapshot, _tagged(["gnuhealth.patient.drug_usage"]), AT))
    assert {p.username for p in access.grants.people} == {u["login"] for u in gnu().users if u["login"]}


@pytest.mark.parametrize("question", [cat.MODELS, cat.FIELDS, cat.USERS], ids=lambda q: q.reading)
def test_a_table_that_no_database_has_empty_is_not_whole_when_none_is_shown(question):
    def instead(method, *_):
        if method == question.count:
            return 200, {"result": 0}
        return (200, {"result": []}) if method == question.method else None

    with served(gnu()) as site:
        site.instead = instead
        found = unread(read(site))
    assert "none is shown" in found[question.reading].detail
    assert found[question.reading].why is Why.FAILED
