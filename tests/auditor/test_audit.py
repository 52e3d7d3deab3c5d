"""How a run is summed up: exit codes, what stays unread, what was accepted, and how pairs are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.access import Word
from auditor.audit import audit, exit_code
from auditor.errors import (
    AuditorError,
    AuthenticationFailed,
    CollectionError,
    ConfigError,
    CredentialTooStrong,
    RefusedCall,
)
from auditor.findings import Cell, Observation, Severity, State
from auditor.rule import Looked, rule
from auditor.rules import RULES
from auditor.snapshot import Capability, Why
from tests.auditor.orgs import DIAGNOSIS, guest, marketer, nurse, org, tag, unread

ANA = marketer("Ana")
SEEN, POSSIBLE, DOUBTED = State.GAP_OBSERVED, State.PARTIAL, State.UNKNOWN


def saying(*seen: tuple[State, Severity], looked: Looked | None = None, needs=(Capability.IDENTITY,)):
    """A rule that says just this."""

    def check(_view):
        for number, (state, severity) in enumerate(seen):
            yield Observation("", "", f"root {number}", "Seen.", state=state, severity=severity)

    return rule(
        control="X01",
        title="Says so",
        severity=Severity.LOW,
        citations=(),
        nist=(),
        needs=needs,
        looked=lambda _view: looked or Looked(1, "thing"),
    )(check)


def code(*rules, gaps=None, accepted=None) -> int:
    view = org(ANA, gaps=gaps, accepted=accepted or {})
    return exit_code([audit("clinic", view, rules, tool_version="0")])


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("state", [SEEN, POSSIBLE])
@pytest.mark.parametrize(("gaps", "base"), [(None, 11), (unread(Why.FORBIDDEN, "users"), 21)])
def test_findings(severity, state, gaps, base):
    assert code(saying((state, severity)), gaps=gaps) == base + int(severity)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([], 0, id="no rules"),
        pytest.param([saying()], 0, id="a pass"),
        pytest.param(
            [saying(looked=Looked(0, "things", "Nobody uses it."))], 0, id="not applicable, with proof"
        ),
        pytest.param([saying(looked=Looked(0, "things"))], 4, id="nothing looked at"),
        pytest.param([saying(looked=Looked(9, "things", unknown=1))], 4, id="one of nine unknown"),
        pytest.param([saying((DOUBTED, Severity.CRITICAL))], 4, id="a gap is no finding"),
        pytest.param(
            [saying((SEEN, Severity.LOW)), saying((SEEN, Severity.HIGH))], 13, id="the worst decides"
        ),
        pytest.param(
            [saying((SEEN, Severity.LOW), (DOUBTED, Severity.CRITICAL))], 11, id="a doubt beside a finding"
        ),
        pytest.param(
            [saying((SEEN, Severity.LOW)), saying((DOUBTED, Severity.CRITICAL))],
            21,
            id="a finding and a doubt",
        ),
        pytest.param(
            [saying((SEEN, Severity.MEDIUM), looked=Looked(9, "things", unknown=1))],
            22,
            id="a finding, some unknown",
        ),
    ],
)
def test_rules_decide_the_code(rules, expected):
    assert code(*rules) == expected


@pytest.mark.parametrize(
    ("why", "accepted", "expected"),
    [
        (Why.NOT_EXPOSED, False, 0),
        (Why.NOT_LICENSED, False, 0),
        (Why.NOT_EXPOSED, True, 0),
        (Why.NOT_COLLECTED, False, 4),
        (Why.NOT_COLLECTED, True, 0),
        (Why.FORBIDDEN, False, 4),
        (Why.FORBIDDEN, True, 4),
        (Why.TRUNCATED, False, 4),
        (Why.TRUNCATED, True, 4),
        (Why.FAILED, False, 4),
        (Why.FAILED, True, 4),
    ],
)
@pytest.mark.parametrize("needed", [True, False])
def test_unread_readings(why, accepted, expected, needed):
    """Even a rule that needs the reading, and so cannot pass, does not raise the code for an accepted unknown."""
    judged = saying(needs=(Capability.PEOPLE if needed else Capability.IDENTITY,))
    agreed = {"users": "Not needed here."} if accepted else {}
    view = org(ANA, gaps=unread(why, "users"), accepted=agreed)
    run = audit("clinic", view, [judged], tool_version="0")
    assert exit_code([run]) == expected
    assert [r.name for r in run.unread] == ([] if expected == 0 else ["users"])
    assert [r.name for r in run.accepted_unknowns] == (["users"] if expected == 0 else [])
    assert run.results[0].state is (State.UNKNOWN if needed else State.NO_GAP_OBSERVED)


def test_several_systems_have_one_code():
    def system(*rules, gaps=None):
        return audit("clinic", org(ANA, gaps=gaps), rules, tool_version="0")

    clean, low = system(saying()), system(saying((SEEN, Severity.LOW)))
    high, dark = system(saying((SEEN, Severity.HIGH))), system(gaps=unread(Why.FAILED, "users"))
    assert exit_code([]) == 0
    assert exit_code([clean, clean]) == 0
    assert exit_code([clean, low]) == 11
    assert exit_code([low, high]) == exit_code([high, low]) == 13
    assert exit_code([dark, clean]) == 4
    assert exit_code([dark, high]) == 23


def test_findings_come_worst_first_and_doubts_last():
    rules = [saying((SEEN, Severity.LOW), (DOUBTED, Severity.CRITICAL)), saying((POSSIBLE, Severity.HIGH))]
    run = audit("clinic", org(ANA), rules, tool_version="1.2", config_digest="abc")
    assert [(f.seen.state, f.severity) for f in run.findings] == [
        (POSSIBLE, Severity.HIGH),
        (SEEN, Severity.LOW),
        (DOUBTED, Severity.CRITICAL),
    ]
    assert run.worst is Severity.HIGH
    assert (run.target, run.tool_version, run.config_digest) == ("clinic", "1.2", "abc")


def test_pairs_are_counted_by_word():
    people = [ANA, marketer("Ben"), nurse("Gone", active=False), guest()]
    view = org(
        *people,
        holds={"ana": "R", "ben": "F", "gone": "R", "site": "M"},
        R=f"Contact {DIAGNOSIS}",
        F=DIAGNOSIS,
        M=f"Contact? {DIAGNOSIS}",
        tags={DIAGNOSIS: tag(DIAGNOSIS), "Contact.Other__c": tag("Contact.Other__c")},
    )
    counts = audit("clinic", view, RULES, tool_version="0").pair_counts()
    assert {word: count for word, count in counts.items() if count} == {
        Word.YES: 1,
        Word.POSSIBLE: 1,
        Word.LATENT: 1,
        Word.DORMANT: 1,
        Word.NO: 4,
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AuditorError, 1),
        (RefusedCall, 1),
        (ConfigError, 2),
        (CollectionError, 3),
        (AuthenticationFailed, 3),
        (CredentialTooStrong, 3),
    ],
)
def test_errors_carry_a_sentence_a_hint_and_a_code(error, expected):
    raised = error("It did not work.", hint="Try this.")
    assert (str(raised), raised.message, raised.hint, raised.exit_code) == (
        "It did not work.",
        "It did not work.",
        "Try this.",
        expected,
    )
    assert isinstance(raised, AuditorError)


def test_every_rule_of_a_run_has_an_answer():
    run = audit("clinic", replace(org(ANA)), RULES, tool_version="0")
    assert [result.rule for result in run.results] == list(RULES)


def test_findings_stand_worst_first_the_certain_before_the_partial_then_the_wider():
    def check(_view):
        for name, state, severity, people, fields in (
            ("doubted", DOUBTED, Severity.CRITICAL, 9, 9),
            ("low", SEEN, Severity.LOW, 9, 9),
            ("partial", POSSIBLE, Severity.HIGH, 9, 9),
            ("narrow", SEEN, Severity.HIGH, 2, 2),
            ("wide", SEEN, Severity.HIGH, 1, 5),
        ):
            cells = tuple(Cell(f"Lead.F{n}", "diagnosis", "yes") for n in range(fields))
            who = tuple(f"person {n}" for n in range(people))
            yield Observation("", "", name, "Seen.", state=state, severity=severity, cells=cells, people=who)

    says = rule(
        control="X01",
        title="Says so",
        severity=Severity.LOW,
        citations=(),
        nist=(),
        needs=(),
        looked=lambda _view: Looked(5, "things"),
    )(check)
    run = audit("clinic", org(ANA), (says,), tool_version="0")
    assert [f.seen.root for f in run.findings] == ["wide", "narrow", "partial", "low", "doubted"]
