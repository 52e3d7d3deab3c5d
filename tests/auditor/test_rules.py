"""Each rule by tables: what passes, what is a finding, and what nobody can tell."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import auditor.rules
from auditor.attestation import Attestation, Standing
from auditor.findings import FoundBy, Severity, State
from auditor.lineage import Lineage, Step
from auditor.phi import Basis, Coarse
from auditor.policy import Level
from auditor.retention import Minimum, Overdue, RetentionPolicy
from auditor.rule import Looked, Surplus, judge, rule
from auditor.rules import RULES
from auditor.rules.credential_exceeds_need import credential_exceeds_need
from auditor.rules.dormant_holder import dormant_holder
from auditor.rules.evidence_gap import evidence_gap
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.rules.record_past_retention import record_past_retention
from auditor.rulings import Sources
from auditor.rulings import Standing as RulingStanding
from auditor.snapshot import Capability, Why
from auditor.surfaces import Asked, Consent, SinkKind
from tests.auditor.orgs import (
    DIAGNOSIS,
    EMAIL,
    HIV,
    INSURANCE,
    NAME,
    NOTES,
    NOW,
    QUASI,
    approve,
    disagreement,
    fact,
    guest,
    marketer,
    nurse,
    org,
    outsider,
    renamed,
    ruling,
    snapshot,
    stranger,
    tag,
    unread,
    waiver,
)
from tests.auditor.portals import asks, email, filters, flow, form, graph, listing, prints, sends, sign

ANA, BEN, CARL = marketer("Ana"), marketer("Ben"), nurse("Carl")
AGENCY, HINTER = outsider(), marketer("Hinter")
DREW = stranger("Drew", "profile “Growth”")
GONE, ICED = nurse("Gone", active=False), nurse("Iced", frozen=True)
SITE = guest()
READER = f"Contact {DIAGNOSIS}"
PASS, GAP, PARTIAL = State.NO_GAP_OBSERVED, State.GAP_OBSERVED, State.PARTIAL
UNKNOWN, NOT_APPLICABLE = State.UNKNOWN, State.NOT_APPLICABLE
NO_LEGAL_WORD = re.compile(
    r"\b(violat\w*|breach\w*|complian\w*|illegal\w*|guarantee\w*|prove[sd]?)\b", re.IGNORECASE
)


def ana(rights: str, **more):
    """Ana, who holds one container with these rights."""
    return org(ANA, holds={"ana": "Reader"}, Reader=rights, **more)


@pytest.mark.parametrize(
    ("view", "state", "severity"),
    [
        pytest.param(ana("Contact"), PASS, None, id="object without field"),
        pytest.param(ana(f"Contact {EMAIL} {NOTES}"), PASS, None, id="no clinical field"),
        pytest.param(org(CARL, ANA, holds={"carl": "R"}, R=READER), PASS, None, id="care reads it"),
        pytest.param(ana(READER), GAP, Severity.HIGH, id="reads it"),
        pytest.param(ana(f"Lead {HIV}"), GAP, Severity.CRITICAL, id="special category"),
        pytest.param(ana(f"Contact~ {DIAGNOSIS}"), GAP, Severity.HIGH, id="activatable"),
        pytest.param(ana(f"Contact? {DIAGNOSIS}"), PARTIAL, Severity.HIGH, id="only possible"),
        pytest.param(ana(DIAGNOSIS), GAP, Severity.MEDIUM, id="latent"),
        pytest.param(ana(HIV), GAP, Severity.HIGH, id="latent special category"),
        pytest.param(
            ana("Contact", unsecurable=(NAME,), tags={NAME: tag(NAME)}), GAP, Severity.HIGH, id="open"
        ),
        pytest.param(
            ana(READER, policy=approve("marketing", "clinical")), PASS, None, id="approved coarsely"
        ),
        pytest.param(ana(READER, policy=approve("marketing", "diagnosis")), PASS, None, id="approved finely"),
        pytest.param(ana(READER, policy=approve("marketing", "*")), PASS, None, id="approved wholly"),
        pytest.param(
            ana(READER, policy=approve("marketing", "diagnosis", Level.NONE)),
            GAP,
            Severity.HIGH,
            id="decided: no",
        ),
        pytest.param(ana(READER, policy=approve("care", "*")), GAP, Severity.HIGH, id="approved for others"),
        pytest.param(ana(READER, policy=approve("marketing", "hiv")), GAP, Severity.HIGH, id="another class"),
        pytest.param(
            org(marketer("Ana", active=False), holds={"ana": "R"}, R=READER),
            PASS,
            None,
            id="dormant is A10's",
        ),
        pytest.param(
            org(CARL, holds={"carl": "R"}, R=READER), NOT_APPLICABLE, None, id="nobody in marketing"
        ),
        pytest.param(org(), UNKNOWN, None, id="nobody at all proves nothing"),
        pytest.param(
            ana(READER, tags={EMAIL: tag(EMAIL)}), UNKNOWN, None, id="nothing tagged proves nothing"
        ),
    ],
)
def test_marketing_reads_clinical(view, state, severity):
    result = judge(marketing_reads_clinical, view)
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("rights", "severity", "modifiers"),
    [
        ("!Report", Severity.HIGH, ()),
        ("!Export", Severity.HIGH, ()),
        ("!Export !Report", Severity.CRITICAL, ("raised: some of them can export what they read",)),
        ("!Api?", Severity.CRITICAL, ("raised: some of them can read it by program",)),
        (
            "!Api !Export !Report",
            Severity.CRITICAL,
            ("raised: some of them can export what they read and read it by program",),
        ),
    ],
)
def test_reading_that_can_leave_is_worse(rights, severity, modifiers):
    view = org(ANA, CARL, holds={"ana": "R Out", "carl": "R"}, R=READER, Out=rights)
    [finding] = judge(marketing_reads_clinical, view).findings
    assert (finding.severity, finding.seen.modifiers) == (severity, modifiers)


BLIND = {
    "fields": Why.FORBIDDEN,
    "users": Why.TRUNCATED,
    "assignments": Why.FAILED,
    "permissions": Why.FORBIDDEN,
    "formulas": Why.FORBIDDEN,
}


@pytest.mark.parametrize("reading", [*BLIND, "counts", "own rights", "organisation"])
@pytest.mark.parametrize("rule_", [marketing_reads_clinical, guest_reads_phi, dormant_holder])
def test_access_rules_never_pass_blind(rule_, reading):
    clean = org(ANA, SITE, GONE, gaps=unread(BLIND.get(reading, Why.FORBIDDEN), reading))
    clean = replace(clean, tags={DIAGNOSIS: tag(DIAGNOSIS)})
    result = judge(rule_, clean)
    if reading in BLIND:
        assert result.state is UNKNOWN
        assert [r.name for r in result.gaps] == [reading]
        assert reading in result.note
    else:
        assert result.state is PASS  # not needed by this rule


@pytest.mark.parametrize("rule_", [marketing_reads_clinical, guest_reads_phi])
def test_what_was_seen_stays_a_finding_though_half_was_read(rule_):
    view = org(ANA, SITE, holds={"ana": "R", "site": "R"}, R=READER, gaps=unread(Why.TRUNCATED, "users"))
    assert judge(rule_, view).state is GAP


@pytest.mark.parametrize(
    ("rule_", "person"), [(marketing_reads_clinical, ANA), (guest_reads_phi, SITE), (dormant_holder, GONE)]
)
@pytest.mark.parametrize(
    "doubt",
    [
        {"unreadable": "The table is not whole."},
        {"unknown_fields": {DIAGNOSIS: "Nobody knows how it is guarded."}},
        {"blind": {"PERSON": "A container was not returned."}},
    ],
    ids=["org", "field", "person"],
)
def test_unknown_pairs_are_no_pass(rule_, person, doubt):
    given = {k: {person.id: v["PERSON"]} if "PERSON" in v else v for k, v in doubt.items()}
    result = judge(rule_, org(person, tags={DIAGNOSIS: tag(DIAGNOSIS)}, **given))
    assert result.state is UNKNOWN
    assert result.looked.unknown == 1
    assert "1 of 1" in result.note


def test_a_field_inferred_by_the_tagger_says_so():
    inferred = {DIAGNOSIS: tag(DIAGNOSIS, basis=Basis.TAGGER)}
    [finding] = judge(marketing_reads_clinical, ana(READER, tags=inferred)).findings
    assert finding.seen.found_by is FoundBy.INFERENCE
    [finding] = judge(marketing_reads_clinical, ana(READER, tags={DIAGNOSIS: tag(DIAGNOSIS)})).findings
    assert finding.seen.found_by is FoundBy.CONFIGURATION


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(org(SITE, tags={DIAGNOSIS: tag(DIAGNOSIS)}), PASS, False, id="reads nothing"),
        pytest.param(
            org(SITE, holds={"site": "R"}, R=f"Contact {EMAIL}", tags={EMAIL: tag(EMAIL), NOTES: tag(NOTES)}),
            PASS,
            False,
            id="an identifier",
        ),
        pytest.param(org(SITE, holds={"site": "R"}, R=f"Contact {NOTES}"), GAP, True, id="free text"),
        pytest.param(org(SITE, holds={"site": "R"}, R=f"Account {INSURANCE}"), GAP, True, id="payment"),
        pytest.param(org(SITE, holds={"site": "R"}, R=f"Contact? {DIAGNOSIS}"), PARTIAL, True, id="possible"),
        pytest.param(org(ANA, holds={"ana": "R"}, R=READER), NOT_APPLICABLE, False, id="no guest"),
        pytest.param(org(), UNKNOWN, False, id="nobody at all proves nothing"),
    ],
)
def test_guest_reads_phi(view, state, found):
    result = judge(guest_reads_phi, view)
    assert result.state is state
    assert bool(result.findings) == found
    assert {f.severity for f in result.findings} <= {Severity.CRITICAL}


def test_a_guest_needs_approval_like_everybody():
    view = org(SITE, holds={"site": "R"}, R=READER, tags={DIAGNOSIS: tag(DIAGNOSIS)})
    assert judge(guest_reads_phi, view).state is GAP
    assert judge(guest_reads_phi, replace(view, policy=approve("guest", "clinical"))).state is PASS


def test_a_latent_grant_of_a_guest_is_lowered():
    [finding] = judge(guest_reads_phi, org(SITE, holds={"site": "R"}, R=DIAGNOSIS)).findings
    assert (finding.severity, finding.base_severity) == (Severity.HIGH, Severity.CRITICAL)
    assert finding.seen.modifiers == ("lowered: latent, nothing opens the object today",)


@pytest.mark.parametrize(
    ("view", "state"),
    [
        pytest.param(org(GONE, tags={DIAGNOSIS: tag(DIAGNOSIS)}), PASS, id="holds nothing"),
        pytest.param(org(GONE, holds={"gone": "R"}, R=DIAGNOSIS), PASS, id="latent"),
        pytest.param(org(GONE, holds={"gone": "R"}, R=f"Contact {EMAIL}"), PASS, id="identifier"),
        pytest.param(org(GONE, holds={"gone": "R"}, R=READER), GAP, id="deactivated"),
        pytest.param(org(ICED, holds={"iced": "R"}, R=READER), GAP, id="frozen"),
        pytest.param(org(GONE, holds={"gone": "R"}, R=f"Contact? {DIAGNOSIS}"), GAP, id="possible"),
        pytest.param(
            org(GONE, holds={"gone": "R"}, R=READER, policy=approve("care", "*")),
            GAP,
            id="approval is for the awake",
        ),
        pytest.param(org(ANA, holds={"ana": "R"}, R=READER), NOT_APPLICABLE, id="everybody is awake"),
        pytest.param(org(), UNKNOWN, id="nobody at all proves nothing"),
    ],
)
def test_dormant_holder(view, state):
    result = judge(dormant_holder, view)
    assert result.state is state
    assert {f.severity for f in result.findings} == ({Severity.MEDIUM} if state is GAP else set())


POLICY = RetentionPolicy("leads", "Lead", "CreatedDate", "P24M")
CUTOFF = datetime(2024, 11, 24, 3, tzinfo=UTC)


def counted(live=0, archived=0, recycle_bin=0, *, complete=True, policy=POLICY) -> Overdue:
    return Overdue(policy, CUTOFF, live, archived, recycle_bin, "2014-01-05", "2024-01-01", complete, {})


@pytest.mark.parametrize(
    ("policies", "overdue", "gaps", "state"),
    [
        pytest.param((), (), {}, NOT_APPLICABLE, id="no policy"),
        pytest.param((POLICY,), (counted(),), {}, PASS, id="nothing overdue"),
        pytest.param((POLICY,), (counted(4),), {}, GAP, id="live"),
        pytest.param((POLICY,), (counted(archived=1),), {}, GAP, id="archived"),
        pytest.param((POLICY,), (counted(recycle_bin=1),), {}, GAP, id="recycle bin"),
        pytest.param((POLICY,), (counted(4, complete=False),), {}, GAP, id="at least so many"),
        pytest.param((POLICY,), (counted(complete=False),), {}, UNKNOWN, id="nothing seen, but not all seen"),
        pytest.param((POLICY,), (), {}, UNKNOWN, id="never counted"),
        pytest.param((POLICY,), (counted(),), unread(Why.FAILED, "counts"), UNKNOWN, id="counting failed"),
        pytest.param(
            (POLICY,), (counted(),), unread(Why.FORBIDDEN, "users"), PASS, id="users are not needed"
        ),
    ],
)
def test_record_past_retention(policies, overdue, gaps, state):
    assert judge(record_past_retention, org(retention=policies, overdue=overdue, gaps=gaps)).state is state


def test_overdue_records_are_counted_apart_with_cutoff_and_hold():
    policy = replace(POLICY, hold="legal hold")
    view = org(retention=(policy,), overdue=(counted(4120, 3, 1, complete=False, policy=policy),))
    [finding] = judge(record_past_retention, view).findings
    assert finding.seen.message == (
        "At least 4,124 records of Lead past the maximum of policy “leads” (P24M from CreatedDate)."
    )
    assert dict(finding.seen.facts) == {
        "cut-off (UTC)": "2024-11-24T03:00:00Z",
        "live": "4,120",
        "archived": "3",
        "recycle bin": "1",
        "oldest": "2014-01-05",
        "newest": "2024-01-01",
        "counted": "only what the connected user sees: at least so many",
        "hold": "not evaluated: legal hold",
    }
    assert "may be deleted" not in finding.seen.message + finding.seen.remedy


@pytest.mark.parametrize(
    ("gaps", "state", "severity"),
    [
        pytest.param({}, PASS, None, id="all read"),
        pytest.param(unread(Why.FORBIDDEN, "permissions"), UNKNOWN, Severity.CRITICAL, id="permissions"),
        pytest.param(unread(Why.TRUNCATED, "users"), UNKNOWN, Severity.CRITICAL, id="people"),
        pytest.param(unread(Why.FAILED, "assignments"), UNKNOWN, Severity.CRITICAL, id="assignments"),
        pytest.param(unread(Why.FORBIDDEN, "fields"), UNKNOWN, Severity.CRITICAL, id="schema"),
        pytest.param(unread(Why.FAILED, "counts"), UNKNOWN, Severity.MEDIUM, id="counts"),
        pytest.param(unread(Why.FORBIDDEN, "own rights"), UNKNOWN, Severity.MEDIUM, id="credential"),
        pytest.param(unread(Why.NOT_EXPOSED, "sharing rules"), UNKNOWN, None, id="not exposed"),
    ],
)
def test_evidence_gap(gaps, state, severity):
    result = judge(evidence_gap, org(ANA, gaps=gaps))
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if severity is None else [severity])
    assert not any(f.counts for f in result.findings)


def test_a_pair_that_stays_unknown_is_a_gap_of_its_own():
    view = org(
        ANA, BEN, blind={"ben": "A set that was assigned was not returned."}, tags={DIAGNOSIS: tag(DIAGNOSIS)}
    )
    [finding] = judge(evidence_gap, view).findings
    assert finding.seen.state is UNKNOWN
    assert finding.severity is Severity.CRITICAL
    assert finding.seen.people == ("ben",)
    assert finding.seen.message == (
        "Access of 1 person to 1 field is unknown: A set that was assigned was not returned."
    )


def test_a_pair_unknown_because_of_a_gap_is_not_told_twice():
    gaps = unread(Why.FORBIDDEN, "permissions")
    result = judge(evidence_gap, org(ANA, gaps=gaps, unreadable=gaps["permissions"].detail))
    assert [f.seen.root for f in result.findings] == ["permissions"]


@pytest.mark.parametrize(
    ("surplus", "gaps", "state", "roots"),
    [
        pytest.param((), {}, PASS, [], id="none"),
        pytest.param((Surplus("write", "ManageUsers"),), {}, GAP, ["credential:write"], id="writes"),
        pytest.param((Surplus("phi", DIAGNOSIS),), {}, GAP, ["credential:phi"], id="reads"),
        pytest.param(
            (Surplus("phi", DIAGNOSIS), Surplus("write", "ManageUsers"), Surplus("phi", NOTES)),
            {},
            GAP,
            ["credential:phi", "credential:write"],
            id="both",
        ),
        pytest.param((), unread(Why.FORBIDDEN, "own rights"), UNKNOWN, [], id="blind"),
        pytest.param((), unread(Why.FORBIDDEN, "users"), PASS, [], id="users are not needed"),
    ],
)
def test_credential_exceeds_need(surplus, gaps, state, roots):
    result = judge(credential_exceeds_need, org(surplus=surplus, gaps=gaps))
    assert result.state is state
    assert sorted(f.seen.root for f in result.findings) == roots
    assert {f.severity for f in result.findings} <= {Severity.HIGH}


# -- one finding is one thing one person can fix


def test_one_finding_for_each_audience_object_and_root():
    view = org(
        ANA,
        BEN,
        holds={"ana": "Both", "ben": "Both Other"},
        Both=f"Contact Lead {DIAGNOSIS} {HIV}",
        Other=DIAGNOSIS,
    )
    findings = judge(marketing_reads_clinical, view).findings
    said = {(f.seen.object, f.seen.root): (f.seen.people, [c.field for c in f.seen.cells]) for f in findings}
    assert len(findings) == 3
    assert said == {
        ("Lead", "Both"): (("ana", "ben"), [HIV]),
        ("Contact", "Both"): (("ana", "ben"), [DIAGNOSIS]),
        ("Contact", "Other"): (("ben",), [DIAGNOSIS]),
    }


def test_dormant_holders_are_gathered_across_objects():
    view = org(GONE, ICED, holds={"gone": "Big", "iced": "Big"}, Big=f"Contact Lead {DIAGNOSIS} {HIV}")
    [finding] = judge(dormant_holder, view).findings
    assert finding.seen.object == ""
    assert finding.seen.message == (
        "2 dormant accounts could, once active again, read 2 fields with health data through permission set “Big”."
    )


def test_the_firmest_word_decides_and_is_the_example():
    view = org(
        ANA,
        BEN,
        holds={"ana": "Fields Maybe", "ben": "Fields Sure"},
        Fields=DIAGNOSIS,
        Maybe="Contact?",
        Sure="Contact",
    )
    result = judge(marketing_reads_clinical, view)
    [finding] = result.findings
    assert result.state is GAP
    assert [c.word for c in finding.seen.cells] == ["yes"]
    assert finding.seen.example.startswith(
        "Ben (ben) → object: permission set “Sure”; field: permission set “Fields”"
    )


def test_the_message_and_the_path_say_what_is_held():
    view = ana(READER, right="View All Fields", limits={("ana", "Reader"): "expires 2027-01-01"})
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.message == (
        "1 person of the audience marketing can read 1 clinical field of Contact through "
        "permission set “Reader” (View All Fields). Whether they also read what identifies the person is not known."
    )
    assert finding.seen.example == (
        "Ana (ana) → object: permission set “Reader” (View All Fields) [expires 2027-01-01]; "
        "field: permission set “Reader” (View All Fields) [expires 2027-01-01]"
    )
    assert finding.seen.remedy.startswith("Clear View All Fields in permission set “Reader”; or")


@pytest.mark.parametrize(
    ("containers", "through"),
    [
        ({"One": "Contact"}, "“One”, which opens the object; the fields themselves cannot be secured"),
        (
            {"One": "Contact", "Two": "Contact"},
            "any of 2 grants that open the object; the fields themselves cannot be secured",
        ),
    ],
)
def test_an_unsecurable_field_is_rooted_in_itself(containers, through):
    view = org(
        ANA, GONE, holds={"ana": " ".join(containers), "gone": "One"}, unsecurable=(NAME,), **containers
    )
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.root == "unsecurable"
    assert f"through {through}. " in finding.seen.message
    assert finding.seen.remedy.startswith(
        "Make the fields securable (not universally required), or take Read on"
    )
    [dormant] = judge(dormant_holder, view).findings
    assert dormant.seen.remedy == (
        "Remove what opens the object from the accounts listed; no permission on the fields stands in between."
    )


# -- identity and state


COPY = "Contact.Copy__c"
POWERS = "!Report !Export !Api !AssignSets !ViewAll"


LEAKY = graph(
    form("1", asks(DIAGNOSIS, Asked.DEPENDENT), consent=Consent.NONE),
    listing("1", filters(DIAGNOSIS)),
    email("1", prints(DIAGNOSIS)),
    flow(
        "1",
        prints(DIAGNOSIS, "1"),
        sends(SinkKind.TASK, "1"),
        filters(DIAGNOSIS),
        sends(SinkKind.SMS, "2"),
        sends(SinkKind.WEBHOOK, "3", "hooks.example"),
    ),
    sign("list:1"),
    fields=[DIAGNOSIS],
)
HARMLESS = graph(form("1"), listing("1"), flow("1"), email("1"), fields=[DIAGNOSIS])


def everything(*people, **more):
    """An org in which every rule finds something."""
    tags = {n: tag(n) for n in (DIAGNOSIS, NAME, NOTES, *QUASI)} | {COPY: tag(COPY, basis=Basis.LINEAGE)}
    step = Step(DIAGNOSIS, COPY, "a formula", "salesforce F14")
    given = {
        "holds": {**{p.id: "Reader More" for p in people}, "hinter": "Hint", "drew": "Reader"},
        "More": f"+Contact +{DIAGNOSIS} {NOTES} {' '.join(QUASI)} {POWERS}",
        "Hint": f"Contact {COPY}",
        "tags": tags,
        "unsecurable": (NAME,),
        "facts": {n: fact(n, sensitivity="" if n != NAME else "PHI", tracked=False) for n in tags},
        "attestations": (Attestation("What a set gives", "Reader", Standing.STALE, "May"),),
        "lineage": Lineage((step,)),
        "retention": (replace(POLICY, minimums=(Minimum("TX", "P7Y", "A law."),)),),
        "overdue": (counted(3, recycle_bin=1),),
        "marketing_objects": frozenset({"Contact"}),
        "waivers": (waiver(until=NOW),),
        "leaks": LEAKY,
        "sources": Sources(2, (disagreement(DIAGNOSIS),), (ruling(EMAIL, RulingStanding.REOPENED),)),
    }
    return whole(*people, HINTER, DREW, **{**given, **more})


def findings_of(view):
    return {f.id: f.digest for each in RULES for f in judge(each, view).findings}


def whole(*people, **more):
    """An org with the most usual findings."""
    given = {
        "holds": {p.id: "Reader" for p in people},
        "Reader": READER,
        "retention": (POLICY,),
        "overdue": (counted(3),),
        "surplus": (Surplus("write", "ManageUsers"), Surplus("phi", DIAGNOSIS)),
        "gaps": unread(Why.FORBIDDEN, "sharing"),
    }
    return org(*people, **{**given, **more})


CAST = (ANA, BEN, CARL, GONE, SITE)


def test_ids_are_unique_in_a_run():
    results = [judge(each, everything(*CAST, AGENCY)) for each in RULES]
    ids = [f.id for r in results for f in r.findings]
    assert len(ids) == len(set(ids)) >= len(RULES)
    assert [r.rule.id for r in results if not r.findings] == []


def test_names_labels_and_order_change_neither_identity_nor_state():
    cast = (*CAST, AGENCY)
    before = findings_of(everything(*cast))
    strangers = [renamed(p, f"Stranger {i}") for i, p in enumerate(cast)]
    assert findings_of(everything(*reversed(strangers), labels={"Reader": "Another label"})) == before


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"people": (ANA, CARL, GONE, SITE)}, {"marketing-reads-clinical"}),
        (
            {"people": (ANA, marketer("Dora"), CARL, GONE, SITE)},
            {"marketing-reads-clinical"},
        ),  # as many, not the same
        ({"people": (*CAST, replace(ICED, department="Care"))}, {"dormant-holder"}),
        ({"overdue": (counted(4),)}, {"record-past-retention"}),
        ({"surplus": (Surplus("write", "ManageUsers"), Surplus("phi", NOTES))}, {"credential-exceeds-need"}),
        (
            {"Reader": f"Contact {DIAGNOSIS} {NOTES}"},
            {"guest-reads-phi", "dormant-holder"},
        ),
        (
            {"Reader": f"Contact? {DIAGNOSIS}"},
            {"guest-reads-phi", "marketing-reads-clinical"},  # a dormant account stays dormant
        ),
    ],
)
def test_the_state_changes_with_what_was_seen_and_the_name_does_not(change, changed):
    people = change.pop("people", CAST)
    tags = {DIAGNOSIS: tag(DIAGNOSIS), NOTES: tag(NOTES, phi_class="claim", coarse=Coarse.PAYMENT)}
    before, after = findings_of(whole(*CAST, tags=tags)), findings_of(whole(*people, tags=tags, **change))
    rules = {f.id: each.id for each in RULES for f in judge(each, whole(*CAST, tags=tags)).findings}
    assert before.keys() == after.keys()
    assert {rules[id_] for id_ in before if before[id_] != after[id_]} == changed


def test_another_class_is_another_state():
    one = ana(READER, tags={DIAGNOSIS: tag(DIAGNOSIS)})
    other = ana(READER, tags={DIAGNOSIS: tag(DIAGNOSIS, phi_class="therapy")})
    [[before], [after]] = [judge(marketing_reads_clinical, v).findings for v in (one, other)]
    assert before.id == after.id
    assert before.digest != after.digest


@pytest.mark.parametrize(
    "change",
    [
        {"org_id": "00D2"},
        {"holds": {p.id: "Else" for p in CAST}, "Else": READER},
    ],
)
def test_another_org_or_root_is_another_finding(change):
    tags = {DIAGNOSIS: tag(DIAGNOSIS)}
    [before] = judge(marketing_reads_clinical, whole(*CAST, tags=tags)).findings
    [after] = judge(marketing_reads_clinical, whole(*CAST, tags=tags, **change)).findings
    assert before.id != after.id


# -- what holds for every rule


@pytest.mark.parametrize("each", RULES, ids=lambda r: r.id)
def test_nothing_read_is_never_a_pass(each):
    view = replace(org(), snapshot=replace(snapshot(), readings={}))
    assert judge(each, view).state is not PASS
    assert judge(each, replace(view, retention=(POLICY,))).state is not PASS


@pytest.mark.parametrize("each", RULES, ids=lambda r: r.id)
@pytest.mark.parametrize("why", list(Why))
def test_a_needed_reading_that_is_missing_is_never_a_pass(each, why):
    policy = replace(POLICY, object="Contact", minimums=(Minimum("TX", "P1Y", "A law."),))
    clean = org(
        ANA,
        SITE,
        GONE,
        AGENCY,
        tags={n: tag(n) for n in (DIAGNOSIS, NOTES, *QUASI)},
        facts={DIAGNOSIS: fact(DIAGNOSIS), NOTES: fact(NOTES), COPY: fact(COPY, calculated=True)},
        retention=(policy,),
        overdue=(counted(policy=policy),),
        marketing_objects=frozenset({"Lead"}),
        waivers=(waiver(),),
        attestations=(Attestation("What a set gives", "Reader", Standing.FRESH),),
        leaks=HARMLESS,
        sources=Sources(2, (), (ruling(DIAGNOSIS),)),
    )
    assert judge(each, clean).state is PASS
    for reading in clean.snapshot.readings.values():
        if reading.capability in each.needs:
            blind = replace(clean, snapshot=snapshot(unread(why, reading.name)))
            assert judge(each, blind).state is UNKNOWN


def test_a_pass_over_nothing_cannot_be_made():
    @rule(
        control="X01",
        title="Sees nothing",
        severity=Severity.LOW,
        citations=(),
        nist=(),
        needs=(Capability.IDENTITY,),
        looked=lambda _: Looked(0, "things"),
    )
    def sees_nothing(_):
        return iter(())

    result = judge(sees_nothing, org(ANA))
    assert sees_nothing.id == "sees-nothing"
    assert sees_nothing.page == ""
    assert result.state is UNKNOWN
    assert result.note == "There were no things to look at, and nothing shows that there are none."


def test_the_registry_equals_the_folder():
    folder = Path(auditor.rules.__file__).parent
    files = {path.stem.replace("_", "-") for path in folder.glob("*.py") if path.stem != "__init__"}
    assert {each.id for each in RULES} == files
    controls = Counter(each.control for each in RULES)
    assert set(controls.values()) == {1}


@pytest.mark.parametrize("each", RULES, ids=lambda r: r.id)
def test_every_rule_has_a_page(each):
    sections = re.findall(r"^## (.+)$", each.page, re.MULTILINE)
    assert sections == ["Why it matters", "Remediation", "Limits", "Example"]
    parts = re.split(r"^## .+$", each.page, flags=re.MULTILINE)
    assert all(len(part.split()) >= 10 for part in parts)
    assert each.citations
    assert each.nist
    assert each.needs
    assert not NO_LEGAL_WORD.search(each.page + each.title)


def test_no_message_draws_a_legal_conclusion():
    views = [
        everything(*CAST, AGENCY),
        whole(*CAST),
        whole(*CAST, Reader=DIAGNOSIS),
        whole(*CAST, Reader=f"Contact? {DIAGNOSIS}"),
        org(),
        org(ANA),
    ]
    said = [""]
    for view in views:
        for each in RULES:
            result = judge(each, view)
            said.append(result.note)
            for finding in result.findings:
                seen = finding.seen
                said += [
                    seen.message,
                    seen.remedy,
                    seen.example,
                    *seen.modifiers,
                    *(v for _, v in seen.facts),
                ]
    assert len(said) > 60
    assert [text for text in said if NO_LEGAL_WORD.search(text)] == []


def test_findings_of_a_rule_come_worst_first():
    view = org(ANA, holds={"ana": "A B"}, A=f"Lead {HIV}", B=READER)
    severities = [f.severity for f in judge(marketing_reads_clinical, view).findings]
    assert severities == [Severity.CRITICAL, Severity.HIGH]


@pytest.mark.parametrize(
    ("severity", "steps", "expected"),
    [
        (Severity.LOW, 1, Severity.MEDIUM),
        (Severity.CRITICAL, 1, Severity.CRITICAL),
        (Severity.LOW, -1, Severity.LOW),
        (Severity.HIGH, -2, Severity.LOW),
        (Severity.HIGH, 0, Severity.HIGH),
    ],
)
def test_severity_stays_on_its_scale(severity, steps, expected):
    assert severity.raised(steps) is expected
    assert expected.label == expected.name.capitalize()


def test_a_colleague_who_gains_changes_the_state_though_the_firmest_word_is_the_same():
    """Ana reads it before and after; what Ben held was latent and is read now."""
    latent = org(ANA, BEN, holds={"ana": "Open R", "ben": "R"}, Open="Contact", R=DIAGNOSIS)
    reads = org(ANA, BEN, holds={"ana": "Open R", "ben": "Open R"}, Open="Contact", R=DIAGNOSIS)
    [before] = judge(marketing_reads_clinical, latent).findings
    [after] = judge(marketing_reads_clinical, reads).findings
    assert (before.id, before.seen.people) == (after.id, after.seen.people)
    assert [c.word for c in before.seen.cells] == [c.word for c in after.seen.cells] == ["yes"]
    assert before.digest != after.digest


def test_a_remedy_ends_with_where_it_is_carried_out_in_this_crm():
    view = ana(READER, steps={"marketing-reads-clinical": "In this CRM, look under Settings."})
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.remedy.endswith("class approved. In this CRM, look under Settings.")
    [elsewhere] = judge(marketing_reads_clinical, ana(READER)).findings
    assert (finding.id, finding.digest) == (elsewhere.id, elsewhere.digest)
