"""The rules about what people, labels and words say of a field: what is a finding, and how grave."""

from __future__ import annotations

import pytest

from auditor.findings import FoundBy, Severity, State
from auditor.phi import Basis
from auditor.rule import judge
from auditor.rules.tag_decision_lapsed import tag_decision_lapsed
from auditor.rules.tag_sources_disagree import tag_sources_disagree
from auditor.rulings import Sources, Standing
from auditor.snapshot import Why
from tests.auditor.orgs import DIAGNOSIS, EMAIL, disagreement, fact, org, ruling, tag, unread

TREATED = "lowered to Low: the field is treated as health or personal data meanwhile"


def view(sources: Sources | None, **more):
    """An org in which one field counts as PHI, and another does not."""
    return org(sources=sources, tags={DIAGNOSIS: tag(DIAGNOSIS)}, facts={EMAIL: fact(EMAIL)}, **more)


@pytest.mark.parametrize(
    ("sources", "state", "severity"),
    [
        (None, State.NOT_ASSESSED, None),
        (Sources(), State.UNKNOWN, None),
        (Sources(7), State.NO_GAP_OBSERVED, None),
        (Sources(7, (disagreement(EMAIL),)), State.GAP_OBSERVED, Severity.MEDIUM),
        (Sources(7, (disagreement(DIAGNOSIS),)), State.GAP_OBSERVED, Severity.LOW),
    ],
    ids=["given", "no field", "they agree", "not treated as PHI", "treated as PHI"],
)
def test_sources_that_disagree(sources, state, severity):
    result = judge(tag_sources_disagree, view(sources))
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if severity is None else [severity])


def test_one_finding_per_field_that_says_all_of_it():
    both = (
        disagreement(EMAIL, Basis.MAPPING, Basis.NATIVE),
        disagreement(EMAIL, Basis.MAPPING, Basis.TAGGER),
    )
    [finding] = judge(tag_sources_disagree, view(Sources(2, both))).findings
    assert finding.seen.message == " ".join(one.sentence for one in both)
    assert finding.seen.facts == (("sources", "mapping and native; mapping and tagger"),)
    assert (finding.seen.root, finding.seen.root_label) == (f"id of {EMAIL}", EMAIL)
    assert finding.seen.found_by is FoundBy.INFERENCE


def test_what_no_guess_is_part_of_is_configuration():
    [finding] = judge(
        tag_sources_disagree, view(Sources(2, (disagreement(DIAGNOSIS, Basis.MAPPING, Basis.NATIVE),)))
    ).findings
    assert finding.seen.found_by is FoundBy.CONFIGURATION
    assert finding.seen.root == DIAGNOSIS
    assert finding.seen.modifiers == (TREATED,)


@pytest.mark.parametrize(
    ("rulings", "state", "severity"),
    [
        (None, State.NOT_ASSESSED, None),
        ((), State.NOT_ASSESSED, None),
        ((ruling(EMAIL),), State.NO_GAP_OBSERVED, None),
        ((ruling(EMAIL, Standing.UNSEEN),), State.NO_GAP_OBSERVED, None),
        ((ruling(EMAIL, Standing.REOPENED),), State.GAP_OBSERVED, Severity.MEDIUM),
        ((ruling(EMAIL, Standing.EXPIRED, expires="2026-11-01"),), State.GAP_OBSERVED, Severity.MEDIUM),
        ((ruling(DIAGNOSIS, Standing.REOPENED, phi_class="allergy"),), State.GAP_OBSERVED, Severity.LOW),
    ],
    ids=["given", "no ledger", "in force", "not there", "re-opened", "expired", "still PHI"],
)
def test_decisions_that_lapsed(rulings, state, severity):
    sources = None if rulings is None else Sources(7, (), rulings)
    result = judge(tag_decision_lapsed, view(sources))
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (
            ruling(EMAIL, Standing.REOPENED, changed=("label", "picklist")),
            f"Ana Ruiz decided on 2026-01-05 that {EMAIL} is not health data; since then, it changed: label, picklist.",
        ),
        (
            ruling(EMAIL, Standing.EXPIRED, phi_class="allergy", expires="2026-11-01"),
            f"Ana Ruiz decided on 2026-01-05 that {EMAIL} is allergy; the last day of that decision was 2026-11-01.",
        ),
    ],
    ids=["re-opened", "expired"],
)
def test_what_was_decided_is_told_with_its_evidence(one, message):
    [finding] = judge(tag_decision_lapsed, view(Sources(7, (), (one,)))).findings
    told = dict(finding.seen.facts)
    assert finding.seen.message == message
    assert (told["by"], told["why"], told["evidence then"], told["evidence now"]) == (
        "Ana Ruiz",
        "Asked.",
        one.then,
        one.now,
    )
    assert ("changed" in told, "last day" in told) == (bool(one.changed), bool(one.expires))


@pytest.mark.parametrize("each", [tag_sources_disagree, tag_decision_lapsed], ids=lambda r: r.id)
def test_fields_that_were_not_read_leave_it_unknown(each):
    sources = Sources(7, (), (ruling(EMAIL),))
    assert judge(each, view(sources, gaps=unread(Why.FORBIDDEN, "fields"))).state is State.UNKNOWN
