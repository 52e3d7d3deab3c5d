"""By which rule a verdict is decided, over every pair of what the two gates may say."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.access import Word, effective_access
from auditor.decision import decide, decided
from auditor.exposure import explain
from auditor.people import Person
from auditor.planes import Bits, FieldColumn, Gate, Grantor, Grants, Holdings, ObjectGate, Strength, Verb

LIVE, UNSURE, NONE = Strength.LIVE, Strength.UNSURE, Strength.NONE

SET = Grantor("set", "set", "Care", "permission set", keeps=False, records="TEAM")
WIDE = Grantor("wide", "wide", "Desk", "permission set", keeps=False, records="ALL")
BLANK = Grantor("blank", "blank", "Temp", "permission set", "not attested", keeps=False, rule="R4")
CLOSED = Grantor("closed", "closed", "Bill", "permission set", "none", keeps=False, rule="R4", records="NONE")
SAMPLE = Grantor(
    "sample", "sample", "3 of 20", "record access", keeps=False, rule="R4", records="SAMPLED 3/20"
)
TEAM = Grantor("team", "team", "Oncology", "team", keeps=False, rule="R11")
NAMED = Grantor("named", "named", "Ana", "user", keeps=False, rule="R10")
UNTOLD = Grantor("untold", "untold", "not attested", "property access", "no API", keeps=False, rule="R7")
OTHERS = Grantor("others", "others", "restricted to others", "property access", keeps=False, rule="R13")
ADMIN = Grantor("admin", "admin", "super admin", "flag", keeps=False, rule="R3")


def one(objects, fields):
    """One person and field: what is held at each gate, as pairs of grantor and strength."""
    grantors = tuple(dict.fromkeys(g for g, _ in (*objects, *fields)))
    row = {g.id: i for i, g in enumerate(grantors)}
    planes, closes = {}, {}
    for gate, side in ((Gate.OBJECT, objects), (Gate.FIELD, fields)):
        for grantor, strength in side:
            if strength is NONE:
                closes.setdefault((gate, 0), []).append(row[grantor.id])
                continue
            for verb in Verb:
                bit = Bits.build(len(grantors), 1, np.array([row[grantor.id]]), np.array([0]))
                key = gate, verb, strength
                planes[key] = planes[key] | bit if key in planes else bit
    held = np.arange(len(grantors), dtype=np.int64)
    return effective_access(
        Grants(
            people=(Person("ana", "Ana"),),
            grantors=grantors,
            gates=(ObjectGate("contacts"),),
            fields=(FieldColumn("contacts.dx", (0,)),),
            planes=planes,
            holdings=Holdings(np.zeros_like(held), held, np.zeros(len(held), dtype=np.uint8)),
            closes={key: tuple(rows) for key, rows in closes.items()},
            joined="R17",
        )
    )


@pytest.mark.parametrize(
    ("objects", "fields", "word", "rule", "records"),
    [
        pytest.param([(SET, LIVE)], [(TEAM, LIVE)], Word.YES, "R11", "TEAM", id="both open"),
        pytest.param(
            [(SET, LIVE), (WIDE, LIVE)], [(TEAM, LIVE)], Word.YES, "R11", "ALL", id="the widest records"
        ),
        pytest.param(
            [(SET, LIVE)], [(TEAM, LIVE), (NAMED, LIVE)], Word.YES, "R10", "TEAM", id="the first rule"
        ),
        pytest.param([(SET, LIVE)], [(OTHERS, NONE)], Word.NO, "R13", "TEAM", id="the field is closed"),
        pytest.param(
            [(SET, LIVE)], [(OTHERS, NONE), (TEAM, LIVE)], Word.YES, "R11", "TEAM", id="but not to a team"
        ),
        pytest.param(
            [(SET, LIVE)], [(UNTOLD, UNSURE)], Word.UNKNOWN, "R7", "TEAM", id="nobody knows the field"
        ),
        pytest.param(
            [(BLANK, UNSURE)], [(TEAM, LIVE)], Word.UNKNOWN, "R17", "UNKNOWN", id="nobody knows the object"
        ),
        pytest.param(
            [(BLANK, UNSURE)], [(OTHERS, NONE)], Word.NO, "R13", "UNKNOWN", id="a no wins over unknown"
        ),
        pytest.param(
            [(BLANK, UNSURE)], [(UNTOLD, UNSURE)], Word.UNKNOWN, "R7", "UNKNOWN", id="nobody knows either"
        ),
        pytest.param(
            [(BLANK, UNSURE), (SET, LIVE)], [(TEAM, LIVE)], Word.YES, "R11", "TEAM", id="one set is known"
        ),
        pytest.param([(CLOSED, NONE)], [(TEAM, LIVE)], Word.NO, "R4", "NONE", id="the object is closed"),
        pytest.param([(CLOSED, NONE)], [(OTHERS, NONE)], Word.NO, "R4", "NONE", id="both are closed"),
        pytest.param(
            [(CLOSED, NONE), (BLANK, UNSURE)], [(TEAM, LIVE)], Word.UNKNOWN, "R17", "UNKNOWN", id="perhaps"
        ),
        pytest.param(
            [(BLANK, UNSURE), (SAMPLE, LIVE)], [(TEAM, LIVE)], Word.YES, "R4", "SAMPLED 3/20", id="sampled"
        ),
        pytest.param(
            [(BLANK, UNSURE), (SAMPLE, LIVE)], [(OTHERS, NONE)], Word.NO, "R13", "SAMPLED 3/20", id="shut"
        ),
        pytest.param(
            [(CLOSED, NONE), (ADMIN, LIVE)], [(ADMIN, LIVE)], Word.YES, "R3", "", id="one decides alone"
        ),
        pytest.param([(ADMIN, UNSURE)], [(ADMIN, UNSURE)], Word.UNKNOWN, "R3", "", id="or nobody knows"),
        pytest.param([(ADMIN, NONE)], [(ADMIN, LIVE)], Word.NO, "R3", "", id="or keeps out"),
        pytest.param([], [], Word.NO, "", "", id="nothing is held"),
    ],
)
def test_decision(objects, fields, word, rule, records):
    access = one(objects, fields)
    found = decide(access, 0, 0)
    assert (found.read, found.rule, found.records) == (word, rule, records)
    assert decided(access) is bool(objects)


@pytest.mark.parametrize(
    ("objects", "fields", "told"),
    [
        (
            [(CLOSED, NONE)],
            [(TEAM, LIVE)],
            "object: closed by permission set “Bill” (none); field: team “Oncology”",
        ),
        (
            [(SET, LIVE)],
            [(OTHERS, NONE)],
            "object: permission set “Care”; field: closed by property access “restricted",
        ),
        (
            [(BLANK, UNSURE)],
            [(TEAM, LIVE)],
            "object: permission set “Temp” (not attested); field: team “Oncology”",
        ),
        ([], [], "no path to contacts.dx was found."),
    ],
)
def test_what_a_verdict_rests_on_is_told(objects, fields, told):
    assert told in explain(one(objects, fields), 0, 0)


@pytest.mark.parametrize(
    ("objects", "fields", "doubt"),
    [
        ([(BLANK, UNSURE)], [(TEAM, LIVE)], "permission set “Temp” (not attested)"),
        ([(BLANK, UNSURE), (SET, LIVE)], [(UNTOLD, UNSURE)], "property access “not attested” (no API)"),
        (
            [(BLANK, UNSURE)],
            [(UNTOLD, UNSURE)],
            "permission set “Temp” (not attested); property access “not attested” (no API)",
        ),
        ([(SET, LIVE)], [(TEAM, LIVE)], ""),
        ([(BLANK, UNSURE)], [(OTHERS, NONE)], ""),
    ],
)
def test_what_nobody_could_look_at_is_named(objects, fields, doubt):
    assert one(objects, fields).doubt(0, 0) == doubt
