"""Tables are tuples: what they show, in which order, in which words."""

from __future__ import annotations

import re
from dataclasses import replace

import audits
import pyarrow as pa
import pytest

from auditor.access import WORDS, Word
from auditor.audit import exit_code
from auditor.findings import State
from auditor.rules import RULES
from auditor.snapshot import Capability, Reading, Unread, Why
from reports import grid, outline, words
from reports.sheets import findings, methodology
from reports.tables import Table, tables

SHEETS = [
    "Summary",
    "Findings",
    "Effective access",
    "Access matrix",
    "Retention",
    "Retention by month",
    "Field dictionary",
    "People",
    "What could not be read",
    "Methodology",
]
FORBIDDEN = re.compile(
    r"violat|breach|complian|illegal|score|certif(?!ication, and)|\bproves|ensures|guarantee", re.IGNORECASE
)


def sheet(audit_, name: str, title: str = "") -> Table:
    return next(t for t in tables((audit_,)) if t.sheet == name and (not title or t.title == title))


def shown(table: Table) -> list[dict[str, str]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, map(grid.text, row), strict=True)) for row in table.rows]


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
def test_every_audit_has_every_sheet_in_order_and_rows_of_full_length(make):
    made = tables((make(),))
    assert list(dict.fromkeys(t.sheet for t in made)) == SHEETS
    for table in made:
        for row in table.rows:
            assert len(row) == len(table.columns), table.title


def test_no_word_that_only_a_lawyer_may_say():
    for make in (audits.clinic, audits.clean, audits.unreadable):
        for table in tables((make(),)):
            said = [table.sheet, table.title, *table.intro, table.note, table.empty]
            said += [column.name for column in table.columns]
            said += [grid.text(value) for row in table.rows for value in row]
            for sentence in said:
                assert not FORBIDDEN.search(sentence), sentence


def test_page_one_begins_with_the_headline_and_what_could_not_be_read():
    summary = [t for t in tables((audits.clinic(),)) if t.sheet == "Summary"]
    assert [t.title for t in summary[:4]] == [
        "Who can see health data - permission audit",
        "What could not be read",
        "Findings by severity",
        "Results by state",
    ]
    (system,) = shown(summary[0])
    assert system["In short"].startswith("Sunrise Clinics: 7 findings, the worst rated Critical.")
    assert "3 things could not be read or decided, so there may be more" in system["In short"]
    assert [row["Kind"] for row in shown(summary[1])] == [
        "Could not be read",
        "Could not be read",
        "Could not be read",
        "Accepted unknown",
    ]
    assert any("1 accepted unknown" in line for line in summary[1].intro)


def test_unknown_stands_beside_the_gaps_and_is_never_left_out():
    for make in (audits.clinic, audits.clean):
        rows = shown(sheet(make(), "Summary", "Results by state"))
        names = [row["Result"] for row in rows]
        assert {"Gap observed", "Could not be read", "Not assessed", "No gap observed"} <= set(names)


def test_a_clean_audit_says_that_everything_was_read():
    made = audits.clean()
    assert outline.headline(made) == (
        "Sunrise Clinics: nothing beyond the approved policy was observed in what could be read. "
        "Everything this audit needs was read."
    )
    assert sheet(made, "Summary", "What could not be read").empty == "Everything this audit needs was read."
    assert exit_code((made,)) == 0


def test_an_unreadable_audit_never_looks_clean():
    made = audits.unreadable()
    assert "64 of 64 pairs of a person and a field are unknown" in outline.headline(made)
    detail = shown(sheet(made, "Effective access"))
    assert {row["Can read"] for row in detail} == {"unknown"}
    assert all(row["How, in words"].startswith("Could not be decided: ") for row in detail)
    asked = {rule.id: Capability.GRANTS in rule.needs for rule in RULES}
    states = {result.rule.id: result.state for result in made.results}
    assert {states[rule] for rule, of_access in asked.items() if of_access} == {State.UNKNOWN}


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
def test_the_list_of_the_unread_and_the_exit_code_never_disagree(make):
    made = make()
    assert any(not one.accepted for one in outline.missing((made,))) is made.incomplete


def test_a_count_that_is_only_partly_known_is_listed_though_every_reading_arrived():
    made = audits.judged(audits.view(missing=(audits.FORMULAS,)))
    (missing, again) = outline.missing((made,))
    assert again.reason == missing.reason
    assert missing.reason == "2 of 3 retention policies could not be decided."
    assert exit_code((made,)) == 24


def test_an_absence_an_owner_accepted_is_listed_with_the_reason():
    unread = Unread(Why.NOT_COLLECTED, "Left out.")
    absent = Reading.missing("Sharing", Capability.GRANTS, pa.schema([]), unread)
    seen = audits.view(missing=(absent,), overdue=(), retention=(), surplus=())
    made = audits.judged(replace(seen, accepted={"Sharing": "Next quarter (accepted by R. Ortiz)"}))
    (missing,) = outline.missing((made,))
    assert missing.accepted
    assert "Accepted: Next quarter (accepted by R. Ortiz)" in missing.reason
    assert not any(one.accepted for one in outline.missing((audits.judged(seen),)))


def test_a_system_nobody_could_reach_stands_beside_the_others():
    nobody = audits.judged(audits.unreached(), "west")
    both = (audits.clean(), nobody)
    assert "NOTHING could be read" in outline.headline(nobody)
    for table in tables(both):
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert exit_code(both) == 4


def test_surplus_rights_of_the_credential_are_on_page_one():
    made = sheet(audits.clinic(), "Summary", "The account used for this audit can do more than it needs")
    assert "Modify All Data" in shown(made)[0]["What the account could do"]


def test_an_audience_nobody_confirmed_is_called_a_guess_on_page_one_and_beside_its_people():
    decided = audits.clinic()
    seen = audits.view()
    configured = tuple(replace(a, confirmed=a.name != "marketing") for a in seen.audiences.configured)
    guessed = audits.judged(replace(seen, audiences=replace(seen.audiences, configured=configured)))
    assert any("“marketing” is a proposal" in line for line in tables((guessed,))[0].intro)
    assert not any("proposal" in line for line in tables((decided,))[0].intro)
    names = {row["Audience"] for row in shown(sheet(guessed, "People"))}
    assert "marketing (not confirmed)" in names
    assert len(names) == len({row["Audience"] for row in shown(sheet(decided, "People"))})
    assert "“marketing” is a proposal" in " ".join(outline.proposals((decided, guessed)).split())


def test_findings_carry_identity_words_and_room_to_fill_in():
    made = audits.clinic()
    rows = shown(sheet(made, "Findings"))
    assert [row["Finding id"] for row in rows] == [f.id for f in made.findings]
    marketing = next(row for row in rows if row["Rule"] == "marketing-reads-clinical")
    assert marketing["Severity"] == "Critical"
    assert marketing["Base severity"] == "High"
    assert marketing["Modifiers"].startswith("raised: a special category")
    assert marketing["People"] == "4"
    assert marketing["Who"] == "Mary Chen, Sam Ode, Lee Park, Max Ode"
    assert "Diagnosis (Diagnosis__c): yes" in marketing["Fields"]
    assert "Mary Chen" in marketing["Example path"]
    assert marketing["Owner"] == marketing["Due"] == marketing["Ticket"] == ""


def test_effective_access_lists_everybody_who_is_not_a_plain_no():
    made = audits.clinic()
    access = made.view.access
    listed = {(row["Person id"], row["Field name"]): row for row in shown(sheet(made, "Effective access"))}
    for person in access.grants.people:
        for field, tag in made.view.tags.items():
            word = access.word(person.id, field)
            if word is Word.NO or not tag.is_phi:
                assert (person.id, field) not in listed
            else:
                assert listed[person.id, field]["Can read"] == word.value
    mary = listed["005000000000001AAA", "Contact.Diagnosis__c"]
    assert mary["How, in words"] == (
        "object: profile “Marketing User” (Read); field: permission set “Campaign Analytics” (Read)"
    )
    assert mary["Approved by policy"] == "No"
    assert listed["005000000000001AAA", "Contact.Email"]["Approved by policy"] == "Yes"
    assert mary["Record reach"] == "not established"


def test_a_limit_that_only_one_of_two_people_has_is_told_of_that_one_only():
    rows = {
        row["Person or account"]: row["How, in words"]
        for row in shown(sheet(audits.clinic(), "Effective access"))
        if row["Field"] == "Diagnosis"
    }
    assert "[expires 2026-12-31]" in rows["Sam Ode"]
    assert "expires" not in rows["Mary Chen"]


def test_approved_access_does_not_look_alarming():
    made = sheet(audits.clinic(), "Effective access")
    tones = {(row[0], row[3]): row[5].tone for row in made.rows}
    assert tones["Dr. Ana Ruiz", "Diagnosis"] is words.Tone.GOOD
    assert tones["Mary Chen", "Diagnosis"] is words.Tone.CRITICAL


def test_too_many_rows_hide_the_least_bad_ones_and_say_so():
    made = audits.clinic()
    everything = shown(sheet(made, "Effective access"))
    table = next(t for t in tables((made,), limit=9) if t.sheet == "Effective access")
    rows = shown(table)
    assert len(rows) == 9
    assert f"{len(everything) - 9} of {len(everything)} rows are hidden" in table.hidden
    assert {row["Approved by policy"] for row in rows} == {"No"}
    assert {row["Can read"] for row in rows[:8]} == {"yes"}
    assert all(row in everything for row in rows)


def test_rows_can_be_read_twice():
    table = sheet(audits.clinic(), "Effective access")
    assert list(table.rows) == list(table.rows)


def test_the_matrix_shows_the_strongest_access_beside_what_is_approved():
    rows = {row["Class of health data"]: row for row in shown(sheet(audits.clinic(), "Access matrix"))}
    assert rows["diagnosis (clinical)"]["marketing"] == "read yes, change no; nobody decided"
    assert rows["diagnosis (clinical)"]["care team"] == "read yes, change yes; approved"
    assert rows["insurance id (payment for care)"]["marketing"] == "no"
    unknown = shown(sheet(audits.unreadable(), "Access matrix"))
    assert all(row["marketing"].startswith("read unknown") for row in unknown)


def test_retention_says_at_least_and_what_was_not_counted():
    rows = {row["Policy"]: row for row in shown(sheet(audits.clinic(), "Retention"))}
    assert rows["leads-24m"]["Past maximum"] == "4137"
    assert rows["leads-24m"]["Oldest"] == "2014-02-03"
    assert rows["tasks-6y"]["Counted completely"] == "No"
    assert rows["tasks-6y"]["Clock starts at"] == "ActivityDate (where empty: CreatedDate)"
    assert rows["contacts"]["Past maximum"] == "not counted"
    months = [row["Month"] for row in shown(sheet(audits.clinic(), "Retention by month"))]
    assert months == ["2014-02", "2024-10"]


def test_unclassified_people_come_first():
    rows = shown(sheet(audits.clinic(), "People"))
    assert rows[0]["Audience"] == "unclassified"
    assert len(rows) == len(audits.PEOPLE)


def test_every_reading_is_registered_with_the_controls_it_touches():
    made = audits.clinic()
    rows = {row["Technical name"]: row for row in shown(sheet(made, "What could not be read"))}
    assert set(rows) - {"record-past-retention", "deleted-but-recoverable"} == set(
        made.view.snapshot.readings
    )
    assert rows["MutingPermissionSet"]["Controls affected"] == (
        "A05, A16, A01, A02, A03, A04, L01, L09, D11, A07, A06, G02, A10, D09, D10, A14, G03"
    )
    assert rows["User"]["State"] == "Read completely"
    assert next(iter(rows)) == "MutingPermissionSet"


def test_methodology_has_the_limits_of_every_rule():
    made = audits.clinic()
    rows = shown(sheet(made, "Methodology"))
    for rule in RULES:
        assert methodology.limits(rule)
        assert any(
            row["Topic"].endswith(rule.title) and row["Text"] == methodology.limits(rule) for row in rows
        )
    assert any(row["Text"] == words.DISCLAIMER for row in rows)


def test_every_word_state_and_question_has_plain_words():
    assert all(words.word_meaning(word) for word in WORDS)
    assert set(words.STATES) == set(State)
    assert not any(words.question(rule).startswith("Is this the case here") for rule in RULES)


@pytest.mark.parametrize("code", [0, 4, 11, 14, 21, 24])
def test_exit_codes_have_a_meaning(code):
    meaning = words.exit_meaning(code)
    assert ("could not be read" in meaning) is (code == 4 or code > 20)


def test_two_systems_stand_side_by_side():
    both = (audits.judged(audits.view(), "east"), audits.judged(audits.view(org="Sunset"), "west"))
    for name in ("Findings", "Effective access", "People", "Field dictionary"):
        table = next(t for t in tables(both) if t.sheet == name)
        assert {row["System"] for row in shown(table)} == {"east", "west"}


def test_the_digest_binds_to_what_was_judged():
    assert outline.digest((audits.clinic(),)) == outline.digest((audits.clinic(),))
    assert outline.digest((audits.clinic(),)) != outline.digest((audits.judged(audits.view(overdue=())),))


def test_dates_that_machines_wrote_are_read_like_all_others():
    assert words.dated(
        "oldest: 2014-01-12T10:15:00.000+0000; cut-off: 2016-11-24T06:00:00Z; day: 2014-01-18"
    ) == ("oldest: 2014-01-12 10:15 UTC; cut-off: 2016-11-24 06:00 UTC; day: 2014-01-18")
    for table in tables((audits.clinic(),)):
        for row in table.rows:
            assert not any(re.search(r"\d\dT\d\d:", grid.text(value)) for value in row), row


def test_no_rule_of_a_reference_is_shown():
    for table in tables((audits.clinic(),)):
        for row in table.rows:
            assert not any(re.search(r"\b(salesforce|hipaa) \w*\d", grid.text(value)) for value in row), row


def test_a_long_list_of_fields_says_where_all_of_it_is(monkeypatch):
    monkeypatch.setattr(findings, "_FIELDS", 1)
    made = audits.clinic()
    long = [row["Fields"] for row in shown(sheet(made, "Findings")) if "more" in row["Fields"]]
    assert long
    assert all(said.endswith(" more, all of them in findings.csv") for said in long)
    assert not any("findings.csv" in str(row[4]) for row in findings.rows((made,)))
