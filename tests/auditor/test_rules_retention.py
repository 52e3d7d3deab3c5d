"""Rules about how long records are kept: no policy, a policy shorter than a minimum, deleted but recoverable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from auditor.audit import audit, exit_code
from auditor.findings import Severity, State
from auditor.retention import Minimum, Overdue, RetentionPolicy, subtract
from auditor.rule import judge
from auditor.rules.deleted_but_recoverable import deleted_but_recoverable
from auditor.rules.phi_object_without_policy import phi_object_without_policy
from auditor.rules.policy_below_minimum import policy_below_minimum
from auditor.snapshot import Why
from tests.auditor.orgs import DIAGNOSIS, EMAIL, HIV, INSURANCE, NOTES, fact, marketer, org, tag, unread

ANA = marketer("Ana")
PASS, GAP = State.NO_GAP_OBSERVED, State.GAP_OBSERVED
UNKNOWN, NOT_APPLICABLE, NOT_ASSESSED = State.UNKNOWN, State.NOT_APPLICABLE, State.NOT_ASSESSED
CONTACT = RetentionPolicy("contact", "Contact", "CreatedDate", "P10Y")
LEAD = RetentionPolicy("lead", "Lead", "CreatedDate", "P24M")


def of(*names, facts=None, **more):
    return org(ANA, tags={n: tag(n) for n in names}, facts=facts or {}, **more)


# -- phi-object-without-policy


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(of(DIAGNOSIS, retention=(CONTACT,)), PASS, {}, id="has one"),
        pytest.param(of(DIAGNOSIS), GAP, {"": Severity.MEDIUM}, id="no schedule at all"),
        pytest.param(
            of(DIAGNOSIS, HIV, INSURANCE, retention=(LEAD,)),
            GAP,
            {"Account": Severity.MEDIUM, "Contact": Severity.MEDIUM},
            id="others have one",
        ),
        pytest.param(of(DIAGNOSIS, NOTES), GAP, {"": Severity.HIGH}, id="no schedule for free text"),
        pytest.param(
            of(DIAGNOSIS, NOTES, retention=(LEAD,)), GAP, {"Contact": Severity.HIGH}, id="holds free text"
        ),
        pytest.param(
            of(DIAGNOSIS, retention=(LEAD,), facts={DIAGNOSIS: fact(DIAGNOSIS, length=4000)}),
            GAP,
            {"Contact": Severity.HIGH},
            id="holds clinical notes",
        ),
        pytest.param(
            of(DIAGNOSIS, retention=(LEAD,), facts={DIAGNOSIS: fact(DIAGNOSIS, length=255)}),
            GAP,
            {"Contact": Severity.MEDIUM},
            id="a short text",
        ),
        pytest.param(
            of(INSURANCE, retention=(LEAD,), facts={INSURANCE: fact(INSURANCE, length=4000)}),
            GAP,
            {"Account": Severity.MEDIUM},
            id="long, but not clinical",
        ),
        pytest.param(of(EMAIL), UNKNOWN, {}, id="no health data, and no schema"),
        pytest.param(of(EMAIL, facts={EMAIL: fact(EMAIL)}), NOT_APPLICABLE, {}, id="no health data"),
        pytest.param(
            of(DIAGNOSIS, retention=(CONTACT,), gaps=unread(Why.FORBIDDEN, "fields")), UNKNOWN, {}, id="blind"
        ),
    ],
)
def test_phi_object_without_policy(view, state, found):
    result = judge(phi_object_without_policy, view)
    assert result.state is state
    assert {f.seen.object: f.severity for f in result.findings} == found


def test_a_sentence_about_no_schedule_names_a_few_objects():
    [finding] = judge(phi_object_without_policy, of(*(f"Object{n}.Diagnosis__c" for n in range(8)))).findings
    assert finding.seen.message == (
        "No retention schedule is configured; 8 objects have fields with health data: "
        "Object0, Object1, Object2, Object3, Object4, Object5 and 2 more."
    )
    assert len(finding.seen.cells) == 8


# -- policy-below-minimum

SEVEN = Minimum("TX", "P7Y", "22 TAC 165.1")
ELEVEN = Minimum("NC", "P11Y", "10A NCAC 13B .3903", date(2026, 3, 2), "R. Ortiz")


@pytest.mark.parametrize(
    ("policies", "state", "count"),
    [
        pytest.param((), NOT_ASSESSED, 0, id="no policy"),
        pytest.param((CONTACT,), NOT_ASSESSED, 0, id="no minimum"),
        pytest.param((replace(CONTACT, minimums=(SEVEN,)),), PASS, 0, id="longer"),
        pytest.param((replace(CONTACT, period="P7Y", minimums=(SEVEN,)),), PASS, 0, id="as long"),
        pytest.param((replace(CONTACT, period="P84M", minimums=(SEVEN,)),), PASS, 0, id="as long, in months"),
        pytest.param((replace(CONTACT, minimums=(ELEVEN,)),), GAP, 1, id="shorter"),
        pytest.param((replace(CONTACT, minimums=(SEVEN, ELEVEN)),), GAP, 1, id="shorter than one"),
        pytest.param((replace(LEAD, minimums=(SEVEN, ELEVEN)), CONTACT), GAP, 1, id="shorter than both"),
        pytest.param(
            (replace(LEAD, minimums=(SEVEN,)), replace(CONTACT, minimums=(ELEVEN,))),
            GAP,
            2,
            id="two policies",
        ),
        pytest.param(
            (replace(CONTACT, cutoff=datetime(2020, 1, 1, tzinfo=UTC), minimums=(SEVEN,)),),
            GAP,
            1,
            id="a cut-off",
        ),
    ],
)
def test_policy_below_minimum(policies, state, count):
    result = judge(policy_below_minimum, of(DIAGNOSIS, retention=policies))
    assert result.state is state
    assert [f.severity for f in result.findings] == [Severity.HIGH] * count


def test_a_minimum_nobody_verified_says_so_everywhere():
    view = of(DIAGNOSIS, retention=(replace(LEAD, minimums=(SEVEN, ELEVEN)),))
    [finding] = judge(policy_below_minimum, view).findings
    assert finding.seen.message == (
        "Policy “lead” on Lead ends (P24M) before 2 configured minimums (not verified by your counsel)."
    )
    assert dict(finding.seen.facts) == {
        "minimum, TX": "P7Y, 22 TAC 165.1, not verified by your counsel",
        "minimum, NC": "P11Y, 10A NCAC 13B .3903, verified 2026-03-02 by R. Ortiz",
    }
    [verified] = judge(
        policy_below_minimum, of(DIAGNOSIS, retention=(replace(CONTACT, minimums=(SEVEN, ELEVEN)),))
    ).findings
    assert "not verified" not in verified.seen.message
    passed = judge(policy_below_minimum, of(DIAGNOSIS, retention=(replace(CONTACT, minimums=(SEVEN,)),)))
    assert passed.note == (
        "1 policies with a configured minimum (some not verified by your counsel) looked at."
    )
    firm = replace(CONTACT, period="P12Y", minimums=(ELEVEN,))
    assert "not verified" not in judge(policy_below_minimum, of(DIAGNOSIS, retention=(firm,))).note


def test_configuring_no_minimum_is_no_pass_and_does_not_raise_the_exit_code():
    run = audit("clinic", of(DIAGNOSIS), (policy_below_minimum,), tool_version="0")
    assert exit_code([run]) == 0
    assert run.results[0].state is NOT_ASSESSED
    assert run.results[0].note.startswith("No legal minimum is configured")


@pytest.mark.parametrize(
    ("moment", "period", "back", "forward"),
    [
        ("2024-02-29", "P1Y", "2023-02-28", "2023-03-01"),
        ("2024-02-29", "P4Y", "2020-02-29", "2020-02-29"),
        ("2026-03-31", "P1M", "2026-02-28", "2026-03-01"),
        ("2026-05-31", "P1M", "2026-04-30", "2026-05-01"),
        ("2026-11-24", "P24M", "2024-11-24", "2024-11-24"),
        ("2026-11-24", "P10D", "2026-11-14", "2026-11-14"),
    ],
)
def test_a_minimum_rolls_forward_where_a_maximum_rolls_back(moment, period, back, forward):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert subtract(at, period).date().isoformat() == back
    assert subtract(at, period, forward=True).date().isoformat() == forward


def test_equal_periods_agree_on_leap_day_too():
    view = replace(
        of(DIAGNOSIS, retention=(replace(CONTACT, period="P1Y", minimums=(replace(SEVEN, period="P1Y"),)),)),
        as_of=datetime(2024, 2, 29, tzinfo=UTC),
    )
    assert judge(policy_below_minimum, view).state is PASS


# -- deleted-but-recoverable


def counted(policy=LEAD, recycle_bin=0, *, complete=True):
    cutoff = datetime(2024, 11, 24, tzinfo=UTC)
    return Overdue(policy, cutoff, 5, 0, recycle_bin, "2014-01-05", "2024-01-01", complete, {})


KNOWN = replace(LEAD, recovery_window="P15D")
BRIEF = replace(LEAD, recovery_window="P7D")


@pytest.mark.parametrize(
    ("policies", "overdue", "more", "state", "found"),
    [
        pytest.param((), (), {}, NOT_APPLICABLE, [], id="no policy"),
        pytest.param((LEAD,), (counted(),), {}, PASS, [], id="an empty bin"),
        pytest.param(
            (LEAD,), (counted(complete=False),), {}, UNKNOWN, [], id="an empty bin, but not all seen"
        ),
        pytest.param((LEAD,), (), {}, UNKNOWN, [], id="never counted"),
        pytest.param((LEAD,), (counted(),), {"gaps": unread(Why.FAILED, "counts")}, UNKNOWN, [], id="blind"),
        pytest.param((LEAD,), (counted(recycle_bin=3),), {}, GAP, [Severity.MEDIUM], id="no window"),
        pytest.param(
            (LEAD,),
            (counted(recycle_bin=3),),
            {"bin_period": "P15D"},
            GAP,
            [Severity.MEDIUM],
            id="not documented",
        ),
        pytest.param(
            (KNOWN,),
            (counted(KNOWN, 3),),
            {"bin_period": "P15D"},
            GAP,
            [Severity.LOW],
            id="inside the window",
        ),
        pytest.param(
            (BRIEF,),
            (counted(BRIEF, 3),),
            {"bin_period": "P15D"},
            GAP,
            [Severity.MEDIUM],
            id="too short a window",
        ),
        pytest.param(
            (KNOWN,), (counted(KNOWN, 3),), {}, GAP, [Severity.MEDIUM], id="nobody knows the platform's"
        ),
    ],
)
def test_deleted_but_recoverable(policies, overdue, more, state, found):
    result = judge(deleted_but_recoverable, org(ANA, retention=policies, overdue=overdue, **more))
    assert result.state is state
    assert [f.severity for f in result.findings] == found


def test_what_is_in_the_bin_is_told_with_the_windows():
    view = org(ANA, retention=(KNOWN,), overdue=(counted(KNOWN, 3, complete=False),), bin_period="P15D")
    [finding] = judge(deleted_but_recoverable, view).findings
    assert finding.seen.message == (
        "At least 3 records of Lead past the maximum of policy “lead” can still be restored from the recycle bin."
    )
    assert dict(finding.seen.facts) == {
        "recycle bin": "3",
        "documented recovery window": "P15D",
        "the platform keeps deleted records": "P15D",
    }
    assert finding.seen.modifiers == ("lowered: inside the recovery window that the policy documents",)
