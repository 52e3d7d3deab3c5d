"""The CSV files, read back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import audits
import pytest

from auditor.access import Word, effective_access
from auditor.planes import Strength, Verb
from auditor.rights import Right, Use
from reports import csv_files

ALL = [audits.clinic, audits.clean, audits.unreadable, audits.hostile]


def access_of(*made) -> list[dict[str, str]]:
    stream = io.StringIO()
    csv_files.write_access(made, stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize("make", ALL)
def test_access_says_what_the_core_says(make):
    made = make()
    access = made.view.access
    rows = {(r["principal_id"], f"{r['object']}.{r['field']}"): r for r in access_of(made)}
    for person in access.grants.people:
        for column in access.grants.fields:
            read = access.word(person.id, column.name)
            edit = access.word(person.id, column.name, Verb.EDIT)
            row = rows.pop((person.id, column.name), None)
            if read is Word.NO and edit in {Word.NO, Word.NOT_JUDGED}:
                assert row is None
                continue
            assert (row["read"], row["edit"]) == (read.value, edit.value)
            path = access.path(access.signature_of(person.id), access.field_index(column.name))
            assert row["paths"] == ("" if read in {Word.NO, Word.UNKNOWN} else str(path))
            assert row["phi_class"] == made.view.tags[column.name].phi_class
            assert row["audience"] == made.view.audiences.of[person.id].audience
    assert not rows


def test_a_latent_path_has_an_empty_object_side():
    latent = [r for r in access_of(audits.clinic()) if r["read"] == "latent"]
    assert {r["paths"] for r in latent} == {">0PS000000000002"}


def test_header_and_line_ends():
    stream = io.StringIO(newline="")
    csv_files.write_access((audits.hostile(),), stream)
    assert stream.getvalue().startswith(
        "principal_id,object,field,read,edit,paths,principal,audience,phi_class,form\n"
    )
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("write", [csv_files.write_access, csv_files.write_findings])
def test_no_cell_starts_a_formula_or_breaks_a_line(write):
    stream = io.StringIO(newline="")
    write((audits.hostile(),), stream)
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert len(rows) == stream.getvalue().count("\n")
    for row in rows:
        assert len(row) == len(rows[0])
        for cell in row:
            assert cell[:1] not in set("=+@\t\r")
            assert cell == "-" or cell[:1] != "-"
            assert not any(c < " " for c in cell)


def test_findings_hold_codes_for_programs():
    stream = io.StringIO(newline="")
    csv_files.write_findings((audits.clinic(),), stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert [row["finding_id"] for row in rows] == [f.id for f in audits.clinic().findings]
    assert {row["state"] for row in rows} == {"gap_observed", "unknown_not_readable"}
    assert rows[0]["severity"] == "critical"
    assert len(set(rows[0])) == len(rows[0])


def test_values_that_show_masked_or_in_clear():
    """F18: in clear only with a right to decrypt that is held live, and only where something is shown at all."""
    grants = audits.grants(audits.PEOPLE, audits.HOLDINGS)
    masked = {"Contact.Diagnosis__c", "Contact.HIV_Status__c", "Lead.Rating__c"}
    decrypt = Right("ViewEncryptedData", "View Encrypted Data", frozenset({Use.DECRYPT}))
    grants = replace(
        grants,
        fields=tuple(replace(f, masked=f.name in masked) for f in grants.fields),
        rights={"ViewEncryptedData": decrypt},
        carried={
            "0PS000000000001": {"ViewEncryptedData": Strength.POSSIBLE},
            "0PS000000000003": {"ViewEncryptedData": Strength.LIVE},
        },
    )
    made = audits.judged(replace(audits.view(), access=effective_access(grants)))
    people = {person.name: person.id for person in grants.people}
    rows = access_of(made)
    forms = {(r["principal_id"], f"{r['object']}.{r['field']}"): (r["read"], r["form"]) for r in rows}
    diagnosis = "Contact.Diagnosis__c"
    assert forms[people["Mary Chen"], diagnosis] == ("yes", "masked")
    assert forms[people["Dr. Ana Ruiz"], diagnosis] == ("yes", "clear")
    assert forms[people["Dr. Ana Ruiz"], "Contact.Medication__c"] == ("yes", "")
    assert forms[people["Lee Park"], diagnosis] == ("activatable", "masked")
    assert forms[people["Tom Bell"], diagnosis] == ("dormant", "clear")
    assert forms[people["Max Ode"], diagnosis] == ("latent", "")
    assert {form for (_, field), (_, form) in forms.items() if field not in masked} == {""}
    access = made.view.access
    for person, column in ((p, f) for p in grants.people for f in grants.fields):
        read, form = forms.get((person.id, column.name), ("no", ""))
        index = [p.id for p in grants.people].index(person.id)
        assert form in {"", access.form(index, access.field_index(column.name))}
        assert bool(form) is (read in {"yes", "activatable", "possible", "dormant"} and column.name in masked)
