"""A waiver lowers one state of one finding until a moment, and hides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auditor.audit import Gate, audit, exit_code
from auditor.findings import Severity, State
from auditor.rule import judge
from auditor.rules import RULES
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical as reads
from auditor.rules.waiver_lapsed import waiver_lapsed
from auditor.snapshot import Why
from auditor.waivers import Status
from tests.auditor.orgs import DIAGNOSIS, NOW, marketer, org, tag, unread, waiver

PLAN = "Contact.Plan__c"
ANA, BEN = marketer("Ana"), marketer("Ben")
SECOND = timedelta(seconds=1)


def view(*waivers, holds=("ana",), opens=f"Contact {DIAGNOSIS}", **given):
    """Marketing that reads one clinical field; the other fields are nobody's."""
    tags = {DIAGNOSIS: tag(DIAGNOSIS), PLAN: tag(PLAN)}
    held = dict.fromkeys(holds, "R")
    return org(ANA, BEN, holds=held, R=opens, tags=tags, waivers=waivers, **given)


[FOUND] = judge(reads, view()).findings


def fitting(**given):
    """The narrowest waiver for what was found."""
    return waiver(**{"rule": FOUND.rule, "finding": FOUND.id, "digests": (FOUND.digest,), **given})


def run(*waivers, rules=(reads,), **given):
    return audit("clinic", view(*waivers, **given), rules, tool_version="0")


def standing(ran):
    return {one.waiver.id: (one.status, ids(one.waived), ids(one.reopened)) for one in ran.waivers}


def ids(found):
    return tuple(one.id for one in found)


def test_what_is_waived_stays_listed_one_level_lower_and_says_by_what():
    ran = run(fitting())
    [finding] = ran.findings
    assert (finding.id, finding.digest) == (FOUND.id, FOUND.digest)
    assert finding.seen.state is State.GAP_WAIVED
    assert finding.severity is FOUND.severity.raised(-1)
    assert finding.base_severity is FOUND.base_severity
    assert finding.waiver == "W-1"
    assert any("W-1" in word for word in finding.seen.modifiers)
    assert (finding.seen.people, finding.seen.cells) == (FOUND.seen.people, FOUND.seen.cells)
    assert ran.results[0].state is State.GAP_WAIVED
    assert (ran.worst, ran.waived, ran.incomplete) == (None, True, False)
    assert exit_code([ran]) == 8
    assert standing(ran) == {"W-1": (Status.IN_FORCE, (FOUND.id,), ())}


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"until": NOW}, Status.EXPIRED, 13, id="the moment it ends"),
        pytest.param({"until": NOW + SECOND}, Status.SOON, 8, id="its last second"),
        pytest.param({"until": NOW + timedelta(30)}, Status.SOON, 8, id="thirty days"),
        pytest.param({"until": NOW + timedelta(30) + SECOND}, Status.IN_FORCE, 8, id="more than thirty days"),
        pytest.param({"start": NOW + SECOND}, Status.NOT_BEGUN, 13, id="not begun"),
        pytest.param({"start": NOW}, Status.IN_FORCE, 8, id="just begun"),
        pytest.param({"digests": ("0" * 16,)}, Status.REOPENED, 13, id="another state"),
        pytest.param({"digests": ("0" * 16, FOUND.digest)}, Status.IN_FORCE, 8, id="one of two states"),
        pytest.param({"finding": "0" * 16}, Status.DEAD, 13, id="another finding"),
        pytest.param({"rule": "exports-phi"}, Status.CANNOT_TELL, 13, id="a rule that was not asked"),
    ],
)
def test_how_a_waiver_stands(given, status, code):
    ran = run(fitting(**given))
    assert standing(ran)["W-1"][0] is status
    assert exit_code([ran]) == code
    [finding] = ran.findings
    assert finding.severity is (FOUND.severity.raised(-1) if code == 8 else FOUND.severity)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"until": NOW, "expires": "yesterday"}, "lapsed: its last day was yesterday"),
        ({"digests": ("0" * 16,)}, "its state changed"),
    ],
)
def test_a_waiver_that_no_longer_holds_is_named_at_the_finding(given, said):
    [finding] = run(fitting(**given)).findings
    assert finding.seen.state is State.GAP_OBSERVED
    assert finding.seen.modifiers[-1].startswith("waiver W-1 ")
    assert finding.seen.modifiers[-1].endswith(said)


def test_a_wide_waiver_says_that_it_accepts_another_state():
    entry = fitting(finding="", audience=FOUND.seen.audience, object="*", root="*", digests=("0" * 16,))
    [finding] = run(entry).findings
    assert finding.seen.modifiers[-1] == "waiver W-1 is wide, and accepts another state"


def test_one_more_person_or_field_brings_the_finding_back():
    for given, code in (({"holds": ("ana", "ben")}, 13), ({"opens": f"Contact {DIAGNOSIS} {PLAN}"}, 13)):
        ran = run(fitting(), **given)
        assert standing(ran)["W-1"] == (Status.REOPENED, (), (FOUND.id,))
        assert exit_code([ran]) == code


@pytest.mark.parametrize(
    ("given", "waived", "wide"),
    [
        ({"object": "Contact", "root": "R"}, True, False),
        ({"object": "Contact", "root": "*"}, True, True),
        ({"object": "*", "root": "R"}, True, True),
        ({"object": "*", "root": "*"}, True, True),
        ({"object": "Lead", "root": "*"}, False, True),
        ({"object": "*", "root": "F"}, False, True),
        ({"object": "*", "root": "*", "audience": "care team"}, False, True),
    ],
)
def test_subjects_by_audience_object_and_root(given, waived, wide):
    entry = fitting(**{"finding": "", "audience": FOUND.seen.audience, **given})
    assert entry.wide is wide
    assert run(entry).waived is waived
    assert entry.subject.endswith(given["root"])


def test_another_waiver_may_fit_where_the_first_does_not():
    ran = run(fitting(id="W-0", digests=("0" * 16,)), fitting())
    assert ran.findings[0].waiver == "W-1"
    assert {key: status for key, (status, *_) in standing(ran).items()} == {
        "W-0": Status.REOPENED,
        "W-1": Status.IN_FORCE,
    }


def test_what_could_not_be_read_is_never_waived():
    """The finding is gone with the reading; the waiver is neither dead nor any help."""
    gaps = unread(Why.FORBIDDEN, "users")
    ran = run(fitting(finding="0" * 16), gaps=gaps)
    assert standing(ran)["W-1"][0] is Status.CANNOT_TELL
    assert exit_code([run(fitting(), gaps=gaps)]) == 4
    gap = next(
        f
        for f in audit("clinic", view(gaps=gaps), RULES, tool_version="0").findings
        if f.rule == "evidence-gap"
    )
    entry = waiver(rule=gap.rule, finding=gap.id, digests=(gap.digest,))
    ran = audit("clinic", view(entry, gaps=gaps), RULES, tool_version="0")
    [same] = [f for f in ran.findings if f.id == gap.id]
    assert (same.seen.state, same.severity, same.waiver) == (State.UNKNOWN, gap.severity, "")
    assert same.seen.modifiers[-1].endswith("what could not be read cannot be waived")
    assert standing(ran)["W-1"][0] is Status.CANNOT_TELL


def test_a_lapsed_waiver_is_a_finding_of_its_own():
    lapsed, held = fitting(id="W-7", until=NOW), fitting()
    result = judge(waiver_lapsed, view(held, lapsed))
    [finding] = result.findings
    assert (finding.severity, finding.seen.root) == (Severity.MEDIUM, "W-7")
    assert "W-7" in finding.seen.message
    assert judge(waiver_lapsed, view(held)).state is State.NO_GAP_OBSERVED
    assert judge(waiver_lapsed, view()).state is State.NOT_ASSESSED


GATED = [
    (Gate(), 13),
    (Gate(Severity.HIGH), 13),
    (Gate(Severity.CRITICAL), 0),
    (Gate(new=frozenset()), 0),
    (Gate(new=frozenset({("clinic", FOUND.id)})), 13),
    (Gate(new=frozenset({("other", FOUND.id)})), 0),
    (Gate(Severity.CRITICAL, frozenset({("clinic", FOUND.id)})), 0),
]


@pytest.mark.parametrize(("gate", "code"), GATED)
def test_a_gate_asks_about_less_and_never_about_less_than_what_was_not_read(gate, code):
    assert exit_code([run()], gate) == code
    gaps = unread(Why.FORBIDDEN, "other")
    assert exit_code([run(gaps=gaps)], gate) == (code + 10 if code else 4)
    assert exit_code([run(fitting())], gate) == 0


def test_waivers_of_several_stand_by_urgency():
    ran = run(fitting(id="W-3"), fitting(id="W-2", until=NOW), fitting(id="W-4", finding="0" * 16))
    assert [one.waiver.id for one in ran.waivers] == ["W-2", "W-4", "W-3"]
