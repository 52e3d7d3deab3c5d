"""Rules about what forms, lists, workflows and e-mails do with health data, and about free text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.findings import FoundBy, Severity, State
from auditor.lineage import Derived, Lineage, Step
from auditor.people import classify
from auditor.policy import Level
from auditor.rule import judge
from auditor.rules.conditional_question import conditional_question
from auditor.rules.email_shows_phi import email_shows_phi
from auditor.rules.form_feeds_list import form_feeds_list
from auditor.rules.free_text_open_to_marketing import free_text_open_to_marketing
from auditor.rules.health_word_in_name import health_word_in_name
from auditor.rules.list_targets_phi import list_targets_phi
from auditor.rules.phi_leaves_to_outside import phi_leaves_to_outside
from auditor.rules.question_without_consent import question_without_consent
from auditor.rules.text_message_carries_phi import text_message_carries_phi
from auditor.rules.workflow_carries_phi import workflow_carries_phi
from auditor.snapshot import Why
from auditor.surfaces import ANY_FORM, Asked, Asset, Consent, Leaks, Mention, Place, SinkKind, Told
from tests.auditor.orgs import (
    DIAGNOSIS,
    EMAIL,
    HIV,
    INSURANCE,
    NOTES,
    approve,
    fact,
    marketer,
    nurse,
    org,
    tag,
    unread,
)
from tests.auditor.portals import (
    asks,
    email,
    filters,
    flow,
    form,
    graph,
    link,
    listing,
    prints,
    sends,
    sign,
)

ANA, CARL = marketer("Ana"), nurse("Carl")
PASS, GAP, PARTIAL = State.NO_GAP_OBSERVED, State.GAP_OBSERVED, State.PARTIAL
UNKNOWN, NOT_APPLICABLE, NOT_ASSESSED = State.UNKNOWN, State.NOT_APPLICABLE, State.NOT_ASSESSED
LOW, MEDIUM, HIGH, CRITICAL = Severity
FIELDS = (DIAGNOSIS, EMAIL, HIV, INSURANCE, NOTES)
LEAK_RULES = (
    conditional_question,
    email_shows_phi,
    form_feeds_list,
    health_word_in_name,
    list_targets_phi,
    phi_leaves_to_outside,
    question_without_consent,
    text_message_carries_phi,
    workflow_carries_phi,
)
EVERY_KIND = (form("0"), listing("0"), flow("0"), email("0"))


def portal(*parts, unparsed=None, derived=None, **more):
    """An org whose CRM has these assets beside one harmless one of each kind."""
    leaks = graph(*EVERY_KIND, *parts, fields=FIELDS, unparsed=unparsed, derived=derived)
    tags = {name: tag(name) for name in FIELDS}
    return org(ANA, leaks=leaks, **{"tags": tags, **more})


def told(rule, view):
    """What a rule says: its state, and each finding's root with its severity."""
    result = judge(rule, view)
    return result.state, {f.seen.root: f.severity for f in result.findings}


def chain(rule, view):
    """The nodes of the one finding's chain."""
    [finding] = judge(rule, view).findings
    return [hop.node for hop in finding.seen.chain]


# -- what holds for each of them


@pytest.mark.parametrize("each", LEAK_RULES, ids=lambda r: r.id)
def test_a_crm_whose_assets_nobody_reads_is_not_assessed(each):
    view = org(ANA, tags={DIAGNOSIS: tag(DIAGNOSIS)})
    assert told(each, view) == (NOT_ASSESSED, {})
    assert (
        judge(each, replace(view, snapshot=org(gaps=unread(Why.FORBIDDEN, "assets")).snapshot)).state
        is UNKNOWN
    )


@pytest.mark.parametrize("each", LEAK_RULES, ids=lambda r: r.id)
def test_harmless_assets_pass_and_unread_ones_do_not(each):
    assert told(each, portal()) == (PASS, {})
    assert told(each, portal(gaps=unread(Why.FORBIDDEN, "assets"))) == (UNKNOWN, {})
    lost = {
        f"{kind}:0": "There is a filter of a type nobody knows." for kind in ("form", "list", "flow", "email")
    }
    result = judge(each, portal(unparsed=lost))
    assert result.state is UNKNOWN
    assert result.looked.unknown >= 1
    assert "could not be decided" in result.note


@pytest.mark.parametrize("each", LEAK_RULES, ids=lambda r: r.id)
def test_that_there_are_none_is_known_only_where_every_listing_was_read(each):
    tags = {DIAGNOSIS: tag(DIAGNOSIS)}
    empty = org(ANA, leaks=graph(fields=[DIAGNOSIS]), tags=tags)
    assert told(each, empty) == (NOT_APPLICABLE, {})
    nothing = replace(empty, snapshot=replace(empty.snapshot, readings={}))
    assert told(each, nothing) == (UNKNOWN, {})


@pytest.mark.parametrize("each", [r for r in LEAK_RULES if r is not health_word_in_name], ids=lambda r: r.id)
def test_without_a_field_with_health_data_nothing_is_shown(each):
    view = org(ANA, leaks=graph(*EVERY_KIND, fields=[EMAIL]), tags={EMAIL: tag(EMAIL)})
    assert told(each, view) == (UNKNOWN, {})


BUSY = [
    form("1", asks(DIAGNOSIS, Asked.HIDDEN), asks(HIV), consent=Consent.NONE),
    form("2", asks(DIAGNOSIS), consent=Consent.UNKNOWN),
    listing("1", filters(DIAGNOSIS), filters(HIV), size=600),
    listing("2", state="paused"),
    flow(
        "1",
        filters(HIV),
        prints(DIAGNOSIS, "2"),
        *(sends(kind, str(step)) for step, kind in enumerate(SinkKind)),
    ),
    email("1", prints(HIV), prints(DIAGNOSIS), state="draft"),
    email("2"),
    *(link(*ends) for ends in (("form:1", "list:2"), ("list:1", "list:2"), ("list:1", "email:1"))),
    *(link(*ends) for ends in (("list:2", "email:2"), ("list:2", "flow:1"), ("flow:1", "list:1"))),
    sign("list:1"),
    sign("list:1", "Asthma"),
]


def test_labels_and_the_order_of_answers_change_neither_identity_nor_state():
    before = [f for each in LEAK_RULES for f in judge(each, portal(*BUSY)).findings]
    assert len(before) > 12
    assert len({f.id for f in before}) == len(before)
    renamed = [
        [replace(one, label="Other") if isinstance(one, Asset) else one for one in reversed(part)]
        if isinstance(part, list)
        else part
        for part in reversed(BUSY)
    ]
    after = [f for each in LEAK_RULES for f in judge(each, portal(*renamed)).findings]
    assert {f.id: f.digest for f in after} == {f.id: f.digest for f in before}


# -- list-targets-phi


@pytest.mark.parametrize(
    ("parts", "state", "severities"),
    [
        pytest.param([listing("1", filters(EMAIL))], PASS, {}, id="an identifier"),
        pytest.param([listing("1", filters(DIAGNOSIS))], GAP, {"list:1": HIGH}, id="by a diagnosis"),
        pytest.param([listing("1", filters(INSURANCE))], GAP, {"list:1": HIGH}, id="by payment"),
        pytest.param([listing("1", filters(HIV))], GAP, {"list:1": CRITICAL}, id="special category"),
        pytest.param([listing("1", filters(DIAGNOSIS), size=499)], GAP, {"list:1": HIGH}, id="499 members"),
        pytest.param(
            [listing("1", filters(DIAGNOSIS), size=500)], GAP, {"list:1": CRITICAL}, id="500 members"
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS), state="paused")], GAP, {"list:1": MEDIUM}, id="paused"
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS), state="snapshot")], GAP, {"list:1": HIGH}, id="snapshot"
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), email("1"), link("list:1", "email:1")],
            GAP,
            {"list:1": CRITICAL},
            id="goes to an e-mail",
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), email("1", state="draft"), link("list:1", "email:1")],
            GAP,
            {"list:1": HIGH},
            id="goes to a draft",
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), flow("1", sends(SinkKind.ADS)), link("list:1", "flow:1")],
            GAP,
            {"list:1": CRITICAL},
            id="goes outside",
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), flow("1", sends(SinkKind.TASK)), link("list:1", "flow:1")],
            GAP,
            {"list:1": HIGH},
            id="goes to colleagues",
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), listing("2"), link("list:1", "list:2")],
            GAP,
            {"list:1": HIGH},
            id="a list of a list is none itself",
        ),
    ],
)
def test_list_targets_phi(parts, state, severities):
    assert told(list_targets_phi, portal(*parts)) == (state, severities)


def test_an_approved_class_may_be_on_a_list_and_not_in_a_message():
    policy = approve("marketing", "clinical")
    parts = [listing("1", filters(DIAGNOSIS)), listing("2", filters(DIAGNOSIS), filters(INSURANCE))]
    assert told(list_targets_phi, portal(*parts, policy=policy)) == (GAP, {"list:2": HIGH})
    mailed = [*parts, email("1"), link("list:1", "email:1")]
    assert told(list_targets_phi, portal(*mailed, policy=policy)) == (
        GAP,
        {"list:1": CRITICAL, "list:2": HIGH},
    )


def test_without_an_audience_of_marketing_nothing_is_approved():
    view = portal(listing("1", filters(DIAGNOSIS)), policy=approve("marketing", "*", Level.EDIT))
    view = replace(view, audiences=classify((ANA,), ()))
    [finding] = judge(list_targets_phi, view).findings
    assert finding.seen.audience == "marketing"


def test_a_list_is_told_from_the_question_to_the_worst_end():
    view = portal(
        form("1", asks(DIAGNOSIS, question="What brings you here?"), consent=Consent.IMPLICIT),
        listing("1", filters(DIAGNOSIS), size=2),
        email("1", told=(Told("sent as", "News", ("7",)),)),
        link("list:1", "email:1"),
        facts={DIAGNOSIS: fact(DIAGNOSIS, label="Diagnosis")},
    )
    [finding] = judge(list_targets_phi, view).findings
    seen = finding.seen
    assert seen.message == "The list “List 1” (2 members) is made from “Diagnosis” (diagnosis)."
    assert [hop.node for hop in seen.chain] == ["form:1", f"field:{DIAGNOSIS}", "list:1", "email:1"]
    assert seen.facts == (("form: consent", "taken as given by sending the form"),)
    assert seen.told == (Told("e-mail: sent as", "News", ("7",)),)
    assert seen.modifiers == ("raised: it goes on to e-mail “Mail 1”",)
    assert (seen.object, seen.root, seen.audience) == ("contacts", "list:1", "marketing")


def test_a_list_that_grows_is_no_other_state_and_has_no_other_name():
    before, after = (
        judge(list_targets_phi, portal(listing("1", filters(DIAGNOSIS), size=size))).findings[0]
        for size in (2, 3)
    )
    assert (before.id, before.digest) == (after.id, after.digest)
    assert before.seen.message != after.seen.message


def test_what_works_today_is_told_before_what_is_nearer_and_does_not():
    view = portal(
        listing("1", filters(DIAGNOSIS)),
        email("1", state="draft"),
        flow("1"),
        email("2"),
        link("list:1", "email:1"),
        link("list:1", "flow:1"),
        link("flow:1", "email:2"),
    )
    [finding] = judge(list_targets_phi, view).findings
    assert [hop.node for hop in finding.seen.chain][-3:] == ["list:1", "flow:1", "email:2"]
    assert finding.severity is CRITICAL


def test_many_fields_are_told_in_a_few_words():
    four = [filters(name) for name in (DIAGNOSIS, HIV, INSURANCE, NOTES)]
    [finding] = judge(list_targets_phi, portal(listing("1", *four))).findings
    assert finding.seen.message.endswith(
        "from “Hiv__c” (hiv), “Diagnosis__c” (diagnosis), “Insurance__c” (insurance) and 1 more."
    )
    assert [c.field for c in finding.seen.cells] == sorted([DIAGNOSIS, HIV, INSURANCE, NOTES])


def test_only_a_name_that_happens_to_be_equal_is_an_inference():
    view = portal(listing("1", filters(DIAGNOSIS, generic=True)), listing("2", filters(DIAGNOSIS)))
    by = {f.seen.root: f.seen.found_by for f in judge(list_targets_phi, view).findings}
    assert by == {"list:1": FoundBy.INFERENCE, "list:2": FoundBy.CONFIGURATION}


# -- workflow-carries-phi


@pytest.mark.parametrize(
    ("parts", "state", "severities"),
    [
        pytest.param([flow("1", filters(EMAIL))], PASS, {}, id="an identifier"),
        pytest.param([flow("1", filters(DIAGNOSIS))], GAP, {"flow:1": HIGH}, id="steered by it"),
        pytest.param(
            [flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.STAFF_EMAIL))],
            GAP,
            {"flow:1": HIGH},
            id="to staff",
        ),
        pytest.param(
            [flow("1", prints(NOTES, "1"), sends(SinkKind.NOTE))],
            GAP,
            {"flow:1": HIGH},
            id="free text to staff",
        ),
        pytest.param(
            [flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.TASK), state="disabled")],
            GAP,
            {"flow:1": MEDIUM},
            id="switched off",
        ),
        pytest.param([flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.SMS))], PASS, {}, id="L06 tells it"),
        pytest.param([flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.CODE))], PASS, {}, id="L10 tells it"),
        pytest.param(
            [flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.SEQUENCE))],
            GAP,
            {"flow:1": CRITICAL},
            id="a series of e-mails",
        ),
        pytest.param(
            [flow("1", filters(DIAGNOSIS)), email("1"), link("flow:1", "email:1")],
            GAP,
            {"flow:1": CRITICAL},
            id="steered by it, and mails",
        ),
        pytest.param(
            [
                flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.TASK), sends(SinkKind.SMS, "2")),
                email("1"),
                link("flow:1", "email:1"),
            ],
            GAP,
            {"flow:1": HIGH},
            id="told to staff, and mails everybody",
        ),
    ],
)
def test_workflow_carries_phi(parts, state, severities):
    assert told(workflow_carries_phi, portal(*parts)) == (state, severities)


def test_a_workflow_with_an_approved_class_counts_only_where_it_sends_messages():
    policy = approve("marketing", "clinical")
    kept = [flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.TASK))]
    assert told(workflow_carries_phi, portal(*kept, policy=policy)) == (PASS, {})
    mailed = [flow("1", filters(DIAGNOSIS)), email("1"), link("flow:1", "email:1")]
    assert told(workflow_carries_phi, portal(*mailed, policy=policy)) == (GAP, {"flow:1": CRITICAL})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            [prints(DIAGNOSIS, "1"), sends(SinkKind.TASK, "1"), sends(SinkKind.NOTE, "2")],
            "The workflow “Flow 1” puts “Diagnosis__c” (diagnosis) into a task for colleagues.",
        ),
        (
            [filters(DIAGNOSIS)],
            "The workflow “Flow 1” decides by “Diagnosis__c” (diagnosis) what happens to whom.",
        ),
    ],
)
def test_a_workflow_says_what_it_does_with_the_field(parts, message):
    [finding] = judge(workflow_carries_phi, portal(flow("1", *parts))).findings
    assert finding.seen.message == message


def test_a_workflow_that_was_refused_is_a_finding_that_is_unknown():
    why = "The workflow is listed but not shown."
    lost = {"flow:1": why, "flow:2": "There is a step nobody knows.", "flow:9": why, "list:0": why}
    gaps = unread(Why.FORBIDDEN, "flow:1", "flow:9", "list:0") | unread(Why.TRUNCATED, "flow:2")
    result = judge(
        workflow_carries_phi, portal(flow("1", state="disabled"), flow("2"), unparsed=lost, gaps=gaps)
    )
    assert result.state is UNKNOWN
    [finding] = result.findings
    assert finding.seen.state is UNKNOWN
    assert finding.seen.root == "flow:1"
    assert finding.seen.message == f"What the workflow “Flow 1” does is not known. {why}"
    assert finding.seen.facts == (("workflow: state", "disabled"),)
    assert finding.seen.remedy == "Look at the workflow “Flow 1” in the CRM."


# -- email-shows-phi

SMART = Mention("", DIAGNOSIS, Place.STRING, Leaks.MEMBERSHIP, generic=True)


@pytest.mark.parametrize(
    ("parts", "policy", "severities"),
    [
        pytest.param([email("1", prints(EMAIL))], None, {}, id="an identifier"),
        pytest.param([email("1", prints(DIAGNOSIS))], None, {"email:1": HIGH}, id="prints it"),
        pytest.param([email("1", prints(HIV))], None, {"email:1": CRITICAL}, id="special category"),
        pytest.param([email("1", prints(DIAGNOSIS), state="draft")], None, {"email:1": MEDIUM}, id="a draft"),
        pytest.param([email("1", SMART)], None, {"email:1": HIGH}, id="chooses by it"),
        pytest.param(
            [email("1", prints(DIAGNOSIS))],
            approve("marketing", "*"),
            {"email:1": HIGH},
            id="not approved by that",
        ),
        pytest.param(
            [listing("1", filters(DIAGNOSIS)), email("1"), link("list:1", "email:1")],
            None,
            {},
            id="L03 tells it",
        ),
    ],
)
def test_email_shows_phi(parts, policy, severities):
    view = portal(*parts, **({"policy": policy} if policy else {}))
    assert told(email_shows_phi, view) == (GAP if severities else PASS, severities)


def test_an_email_says_what_it_prints_and_to_whom_it_goes():
    clinician = tag(NOTES, phi_class="provider_of_care")
    lists = [listing(n, size=1) for n in "1234"]
    links = [link(f"list:{n}", "email:1") for n in "1234"]
    tags = {name: tag(name) for name in FIELDS} | {NOTES: clinician}
    view = portal(email("1", prints(NOTES)), *lists, *links, link(ANY_FORM, "email:1"), tags=tags)
    [finding] = judge(email_shows_phi, view).findings
    assert finding.seen.message == (
        "The e-mail “Mail 1” prints “Notes__c” (provider of care). It goes to the list “List 1” (1 member), "
        "list “List 2” (1 member) and list “List 3” (1 member) and 1 more."
    )
    [finding] = judge(email_shows_phi, portal(email("1", SMART))).findings
    assert finding.seen.message == "The e-mail “Mail 1” chooses what it shows by “Diagnosis__c” (diagnosis)."
    assert finding.seen.found_by is FoundBy.INFERENCE


# -- text-message-carries-phi and phi-leaves-to-outside

STEERED = [flow("1", filters(DIAGNOSIS), sends(SinkKind.SMS), sends(SinkKind.ADS, "2"))]
SENDING = [
    flow(
        "1",
        prints(DIAGNOSIS, "1"),
        prints(NOTES, "2"),
        sends(SinkKind.SMS),
        sends(SinkKind.WEBHOOK, "2", "hooks.example"),
    )
]
FED = [
    listing("1", filters(DIAGNOSIS)),
    flow("1", sends(SinkKind.SMS), sends(SinkKind.CODE, "2")),
    link("list:1", "flow:1"),
]
TO_STAFF = [
    flow(
        "1",
        prints(DIAGNOSIS, "0"),
        sends(SinkKind.TASK, "0"),
        sends(SinkKind.SMS),
        sends(SinkKind.WEBHOOK, "2"),
    )
]
FREE = [flow("1", filters(NOTES), sends(SinkKind.SMS), sends(SinkKind.ADS, "2"))]


@pytest.mark.parametrize(
    ("parts", "texts", "outside"),
    [
        pytest.param([flow("1", filters(DIAGNOSIS))], {}, {}, id="sends nothing"),
        pytest.param([flow("1", sends(SinkKind.SMS), sends(SinkKind.ADS, "2"))], {}, {}, id="about nothing"),
        pytest.param(STEERED, {"flow:1#1": HIGH}, {"flow:1#2": CRITICAL}, id="people chosen by it"),
        pytest.param(SENDING, {"flow:1#1": HIGH}, {"flow:1#2": CRITICAL}, id="sends it"),
        pytest.param(FED, {"flow:1#1": HIGH}, {"flow:1#2": CRITICAL}, id="people of a list"),
        pytest.param(TO_STAFF, {}, {}, id="another step uses it"),
        pytest.param(FREE, {}, {}, id="that somebody wrote something tells nothing"),
        pytest.param(
            [replace_ for part in STEERED for replace_ in [[replace(part[0], state="disabled"), *part[1:]]]],
            {"flow:1#1": MEDIUM},
            {"flow:1#2": HIGH},
            id="switched off",
        ),
    ],
)
def test_what_workflows_send_away(parts, texts, outside):
    view = portal(*parts, policy=approve("marketing", "*"))
    assert told(text_message_carries_phi, view) == (GAP if texts else PASS, texts)
    assert told(phi_leaves_to_outside, view) == (GAP if outside else PASS, outside)


@pytest.mark.parametrize(
    ("rule", "parts", "message", "end"),
    [
        (
            text_message_carries_phi,
            SENDING,
            "The workflow “Flow 1” prints “Diagnosis__c” (diagnosis) in text messages.",
            "sink:flow:1#1",
        ),
        (
            text_message_carries_phi,
            FED,
            "The workflow “Flow 1” sends text messages to people chosen by “Diagnosis__c” (diagnosis).",
            "sink:flow:1#1",
        ),
        (
            phi_leaves_to_outside,
            SENDING,
            "The workflow “Flow 1” sends “Notes__c” (free text) to an address outside the CRM (hooks.example).",
            "sink:flow:1#2",
        ),
        (
            phi_leaves_to_outside,
            FED,
            (
                "The workflow “Flow 1” passes people chosen by “Diagnosis__c” (diagnosis) on to a program run by the "
                "workflow."
            ),
            "sink:flow:1#2",
        ),
    ],
)
def test_what_is_sent_away_is_told_to_its_end(rule, parts, message, end):
    [finding] = judge(rule, portal(*parts)).findings
    assert finding.seen.message == message
    assert finding.seen.chain[-1].node == end


def test_the_receiver_is_a_fact():
    [finding] = judge(phi_leaves_to_outside, portal(*SENDING)).findings
    assert finding.seen.facts == (("receiver", "hooks.example"),)


# -- form-feeds-list

ASKS = form("1", asks(DIAGNOSIS))
SEED = [ASKS, listing("1", filters(DIAGNOSIS)), email("1"), link("list:1", "email:1")]


@pytest.mark.parametrize(
    ("parts", "severities"),
    [
        pytest.param([ASKS], {}, id="a form that leads nowhere"),
        pytest.param(
            [form("1", asks(EMAIL)), listing("1"), link("form:1", "list:1")], {}, id="an identifier"
        ),
        pytest.param([form("1", asks(NOTES)), listing("1"), link("form:1", "list:1")], {}, id="free text"),
        pytest.param([listing("1", filters(DIAGNOSIS))], {}, id="no form asks"),
        pytest.param([ASKS, listing("1"), link("form:1", "list:1")], {"list:1": HIGH}, id="whoever sent it"),
        pytest.param([ASKS, listing("1"), link(ANY_FORM, "list:1")], {"list:1": HIGH}, id="any form"),
        pytest.param([ASKS, listing("1", filters(DIAGNOSIS))], {"list:1": HIGH}, id="whoever answered"),
        pytest.param(SEED, {"email:1": CRITICAL}, id="question, field, list, mailing"),
        pytest.param([ASKS, email("1", prints(DIAGNOSIS))], {"email:1": CRITICAL}, id="printed"),
        pytest.param(
            [ASKS, flow("1", sends(SinkKind.TASK)), link("form:1", "flow:1")],
            {"flow:1": HIGH},
            id="to colleagues",
        ),
        pytest.param(
            [ASKS, flow("1", sends(SinkKind.TASK), sends(SinkKind.ADS, "2")), link("form:1", "flow:1")],
            {"flow:1": CRITICAL},
            id="outside",
        ),
        pytest.param(
            [
                ASKS,
                flow("1", sends(SinkKind.SMS)),
                email("1"),
                link("form:1", "flow:1"),
                link("flow:1", "email:1"),
            ],
            {"flow:1": CRITICAL, "email:1": CRITICAL},
            id="two ends",
        ),
        pytest.param(
            [
                ASKS,
                flow("1", prints(DIAGNOSIS, "1"), sends(SinkKind.TASK), sends(SinkKind.ADS, "2")),
            ],
            {"flow:1": HIGH},
            id="only one step gets it",
        ),
        pytest.param(
            [ASKS, listing("1"), listing("2"), link("form:1", "list:1"), link("list:1", "list:2")],
            {"list:2": HIGH},
            id="the last list",
        ),
        pytest.param(
            [
                ASKS,
                listing("1"),
                listing("2"),
                link("form:1", "list:2"),
                link("list:1", "list:2"),
                link("list:2", "list:1"),
            ],
            {"list:1": HIGH},
            id="lists in a circle",
        ),
        pytest.param(
            [ASKS, listing("1", state="paused"), link("form:1", "list:1")], {"list:1": MEDIUM}, id="paused"
        ),
        pytest.param(
            [ASKS, listing("1", size=500), link("form:1", "list:1")], {"list:1": CRITICAL}, id="many people"
        ),
    ],
)
def test_form_feeds_list(parts, severities):
    assert told(form_feeds_list, portal(*parts)) == (GAP if severities else PASS, severities)


def test_a_class_may_be_approved_inside_and_never_in_a_message():
    policy = approve("marketing", "clinical")
    inside = [
        ASKS,
        listing("1", filters(DIAGNOSIS)),
        flow("1", sends(SinkKind.TASK)),
        link("form:1", "flow:1"),
    ]
    assert told(form_feeds_list, portal(*inside, policy=policy)) == (PASS, {})
    assert told(form_feeds_list, portal(*SEED, policy=policy)) == (GAP, {"email:1": CRITICAL})


def test_the_way_is_told_in_a_sentence_and_by_hops():
    view = portal(*SEED)
    [finding] = judge(form_feeds_list, view).findings
    assert finding.seen.message == (
        "What the form “Form 1” asks about “Diagnosis__c” (diagnosis) gets to the e-mail “Mail 1”, by way of the list "
        "“List 1”."
    )
    assert (finding.seen.object, finding.seen.root) == ("form:1", "email:1")
    assert chain(form_feeds_list, view) == ["form:1", f"field:{DIAGNOSIS}", "list:1", "email:1"]
    outside = portal(ASKS, flow("1", sends(SinkKind.ADS)), link("form:1", "flow:1"))
    [finding] = judge(form_feeds_list, outside).findings
    assert finding.seen.message.endswith(
        "gets to the workflow “Flow 1”, which passes it on to an advertising audience."
    )


def test_several_forms_and_fields_are_one_finding_for_each_first_form_and_end():
    view = portal(
        form("2", asks(HIV), asks(DIAGNOSIS)),
        form("1", asks(DIAGNOSIS)),
        form("3", asks(INSURANCE)),
        listing("1", filters(DIAGNOSIS), filters(HIV), filters(INSURANCE)),
    )
    findings = judge(form_feeds_list, view).findings
    found = {(f.seen.object, f.seen.root): [c.field for c in f.seen.cells] for f in findings}
    assert found == {
        ("form:1", "list:1"): [DIAGNOSIS],
        ("form:2", "list:1"): [HIV],
        ("form:3", "list:1"): [INSURANCE],
    }
    [first] = [f for f in findings if f.seen.object == "form:1"]
    assert first.seen.chain[0].label == "form “Form 1” (and 1 more)"


def test_a_chain_that_works_is_told_before_a_shorter_one_that_does_not():
    view = portal(
        ASKS,
        listing("1", state="paused"),
        listing("2"),
        listing("3"),
        email("1"),
        *(link(*ends) for ends in (("form:1", "list:1"), ("list:1", "email:1"))),
        *(link(*ends) for ends in (("form:1", "list:2"), ("list:2", "list:3"), ("list:3", "email:1"))),
    )
    assert chain(form_feeds_list, view)[-3:] == ["list:2", "list:3", "email:1"]
    assert told(form_feeds_list, view) == (GAP, {"email:1": CRITICAL})


def test_a_computed_field_leads_back_to_the_question_it_came_from():
    step = Step(DIAGNOSIS, INSURANCE, "a formula", "hubspot L01")
    derived = {INSURANCE: Derived(step, DIAGNOSIS)}
    view = portal(ASKS, listing("1", filters(INSURANCE)), derived=derived, lineage=Lineage((step,)))
    assert chain(form_feeds_list, view) == ["form:1", f"field:{DIAGNOSIS}", f"field:{INSURANCE}", "list:1"]
    [finding] = judge(list_targets_phi, view).findings
    assert [hop.node for hop in finding.seen.chain][:3] == [
        "form:1",
        f"field:{DIAGNOSIS}",
        f"field:{INSURANCE}",
    ]


def test_what_is_only_concluded_is_an_inference():
    view = portal(
        ASKS, listing("1"), flow("1"), link("form:1", "list:1"), link("list:1", "flow:1", further=True)
    )
    [finding] = judge(form_feeds_list, view).findings
    assert (finding.seen.root, finding.seen.found_by) == ("flow:1", FoundBy.INFERENCE)


# -- conditional-question


@pytest.mark.parametrize(
    ("questions", "severities"),
    [
        pytest.param([asks(DIAGNOSIS)], {}, id="asked always"),
        pytest.param([asks(EMAIL, Asked.HIDDEN)], {}, id="an identifier"),
        pytest.param([asks(NOTES, Asked.DEPENDENT)], {}, id="free text"),
        pytest.param([asks(DIAGNOSIS, Asked.DEPENDENT)], {"form:1": MEDIUM}, id="after an answer"),
        pytest.param([asks(DIAGNOSIS, Asked.RETURNING)], {"form:1": MEDIUM}, id="of returning visitors"),
        pytest.param([asks(HIV, Asked.HIDDEN)], {"form:1": HIGH}, id="hidden, and special"),
    ],
)
def test_conditional_question(questions, severities):
    view = portal(form("1", *questions))
    assert told(conditional_question, view) == (GAP if severities else PASS, severities)


def test_a_question_on_some_paths_is_worse_where_the_answer_goes_somewhere():
    view = portal(
        form("1", asks(DIAGNOSIS, Asked.HIDDEN), asks(INSURANCE, Asked.DEPENDENT)),
        listing("1", filters(DIAGNOSIS)),
    )
    [finding] = judge(conditional_question, view).findings
    assert finding.severity is HIGH
    assert finding.seen.modifiers == ("raised: what is asked gets to a list, a workflow or a message",)
    assert finding.seen.message == (
        "The form “Form 1” asks about “Diagnosis__c” (diagnosis) and “Insurance__c” (insurance) only after a certain "
        "answer to another question or without showing the question."
    )


# -- question-without-consent


@pytest.mark.parametrize(
    ("consent", "state"),
    [
        (Consent.NONE, GAP),
        (Consent.IMPLICIT, GAP),
        (Consent.UNKNOWN, UNKNOWN),
        (Consent.EXPLICIT, PASS),
        (Consent.LEGITIMATE_INTEREST, PASS),
    ],
)
def test_question_without_consent(consent, state):
    view = portal(form("1", asks(DIAGNOSIS), consent=consent))
    result = judge(question_without_consent, view)
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if state is PASS else [HIGH])
    harmless = portal(form("1", asks(EMAIL), asks(NOTES), consent=consent))
    assert told(question_without_consent, harmless) == (PASS, {})


def test_a_new_name_of_whom_a_form_tells_is_no_other_state_and_one_more_is():
    def digest(*told):
        view = portal(form("1", asks(DIAGNOSIS), consent=Consent.NONE, told=told))
        return judge(question_without_consent, view).findings[0].digest

    before = digest(Told("each answer is e-mailed to", "Ada", ("1",)))
    assert digest(Told("each answer is e-mailed to", "Ada Byron", ("1",))) == before
    assert digest(Told("each answer is e-mailed to", "Ada, Ben", ("1", "2"))) != before


def test_what_a_form_tells_whom_is_a_fact():
    about = (Told("each answer is e-mailed to", "Ada", ("1",)), Told("one may subscribe to", "News", ("7",)))
    view = portal(form("1", asks(DIAGNOSIS), consent=Consent.NONE, told=about))
    [finding] = judge(question_without_consent, view).findings
    assert finding.seen.facts == (("form: consent", "none"),)
    assert [(one.name, one.value) for one in finding.seen.told] == [
        ("form: each answer is e-mailed to", "Ada"),
        ("form: one may subscribe to", "News"),
    ]
    assert finding.seen.message == "The form “Form 1” asks about “Diagnosis__c” (diagnosis). Consent: none."


# -- health-word-in-name


def test_health_word_in_name():
    view = portal(
        sign("list:0"),
        sign("list:0", "HIV", "folder"),
        sign("list:0", "IVF", "folder"),
        sign("list:0", "PTSD", "search terms"),
        sign("email:0", "Asthma", "subject"),
        sign("list:gone"),
    )
    result = judge(health_word_in_name, view)
    assert told(health_word_in_name, view) == (GAP, {"list:0": MEDIUM, "email:0": MEDIUM})
    [on_list] = [f.seen for f in result.findings if f.seen.root == "list:0"]
    assert on_list.message == (
        "The list “List 0” has “HIV” (diagnosis) in its folder, “IVF” (diagnosis) in its folder, "
        "“Diabetes” (diagnosis) in its name and 1 more word."
    )
    assert ("word in its search terms", "“PTSD” (diagnosis)") in on_list.facts
    assert on_list.found_by is FoundBy.INFERENCE


# -- free-text-open-to-marketing


def writes(rights, *people, **more):
    """Ana, who holds one container, in an org with free text."""
    holds = {"ana": "Reader"} if ANA in (people or (ANA,)) else {}
    tags = {name: tag(name) for name in (DIAGNOSIS, NOTES)}
    return org(*(people or (ANA,)), holds=holds, Reader=rights, **{"tags": tags, **more})


@pytest.mark.parametrize(
    ("view", "state", "severities"),
    [
        pytest.param(writes(f"Contact {DIAGNOSIS}"), PASS, [], id="a clinical field is A01's"),
        pytest.param(writes(f"Contact {NOTES}"), GAP, [HIGH], id="reads it"),
        pytest.param(writes(f"Contact? {NOTES}"), PARTIAL, [HIGH], id="only possible"),
        pytest.param(writes(NOTES), GAP, [MEDIUM], id="latent"),
        pytest.param(writes(f"Contact {NOTES}", masked=(NOTES,)), GAP, [LOW], id="masked"),
        pytest.param(writes(f"Contact {NOTES}", policy=approve("marketing", "*")), PASS, [], id="approved"),
        pytest.param(writes("Contact", CARL), NOT_APPLICABLE, [], id="nobody in marketing"),
        pytest.param(
            writes("Contact", CARL, containers=frozenset({"notes.x"})), NOT_APPLICABLE, [], id="nor then"
        ),
        pytest.param(writes("Contact", unknown_fields={NOTES: "Nobody knows."}), UNKNOWN, [], id="blind"),
        pytest.param(writes("Contact", gaps=unread(Why.FORBIDDEN, "permissions")), UNKNOWN, [], id="unread"),
        pytest.param(
            writes("Contact", tags={DIAGNOSIS: tag(DIAGNOSIS)}), NOT_ASSESSED, [], id="nothing tagged"
        ),
        pytest.param(
            writes("Contact", containers=frozenset({NOTES})), PASS, [], id="the platform's, and tagged"
        ),
    ],
)
def test_free_text_open_to_marketing(view, state, severities):
    result = judge(free_text_open_to_marketing, view)
    assert result.state is state
    assert [f.severity for f in result.findings] == severities


def test_free_text_that_nobody_tagged_is_no_pass():
    containers = frozenset({"notes.body", "calls.body", "calls.title"})
    result = judge(free_text_open_to_marketing, writes("Contact", containers=containers))
    assert result.state is NOT_ASSESSED
    assert result.note == (
        "Nobody tagged the free text of calls and notes, so who in marketing reads it is not looked at."
    )
    result = judge(free_text_open_to_marketing, writes("Contact", tags={DIAGNOSIS: tag(DIAGNOSIS)}))
    assert result.note == "No field is tagged as free text, so who in marketing reads it is not looked at."
    nobody = org(CARL, tags={DIAGNOSIS: tag(DIAGNOSIS)})
    assert judge(free_text_open_to_marketing, nobody).state is NOT_ASSESSED
    assert judge(free_text_open_to_marketing, org(tags={NOTES: tag(NOTES)})).state is UNKNOWN
    blind = writes("Contact", containers=containers, unknown_fields={NOTES: "Nobody knows."})
    assert judge(free_text_open_to_marketing, blind).state is UNKNOWN
    assert judge(free_text_open_to_marketing, writes(f"Contact {NOTES}", containers=containers)).state is GAP
