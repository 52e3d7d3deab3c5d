"""Forms, lists, workflows and e-mails: what each names, is fed by and sends; never a text of theirs (hubspot 5)."""

from __future__ import annotations

import json

import pytest

from connectors.hubspot.assets import Parser, tokens

DX, PLAN = "primary_diagnosis", "treatment_plan"
LITERAL = "CANARY-LITERAL"
PARSER = Parser(frozenset({DX, PLAN, "visit_reason"}), lambda text: [("x", "hiv")] if "hiv" in text else [])


def named(row):
    assert LITERAL not in json.dumps(row)
    return {(m["object"], m["property"], m["place"], m["leaks"], m["step"]) for m in row["mentions"]}


# -- forms


def form(*fields, group=None, **more):
    groups = [{"groupType": group or "default_group", "fields": list(fields)}]
    return PARSER.form({"id": "f1", "name": "Intake", "fieldGroups": groups, **more})


def below(field):
    return {"dependentCondition": {"operator": "set_any", "values": [LITERAL]}, "dependentField": field}


def asked(row):
    return {(m["object"], m["property"], m["asked"]) for m in row["mentions"]}


def test_a_form_asks_at_any_depth():
    deep = {"name": "med_list", "options": [{"label": LITERAL, "value": LITERAL}]}
    middle = {"name": DX, "label": "Which one?", "dependentFields": [below(deep)]}
    row = form({"name": "has_condition", "dependentFields": [below(middle)]})
    assert asked(row) == {
        ("contacts", "has_condition", "always"),
        ("contacts", DX, "dependent"),
        ("contacts", "med_list", "dependent"),
    }
    assert [m["question"] for m in row["mentions"] if m["property"] == DX] == ["Which one?"]
    assert LITERAL not in json.dumps(row)


@pytest.mark.parametrize("group", ["progressive", "queued"])
def test_a_form_asks_those_who_come_back(group):
    assert asked(form({"name": DX}, group=group)) == {("contacts", DX, "returning")}


def test_a_hidden_field_counts_and_of_its_default_only_a_sign_is_kept():
    row = form({"name": DX, "hidden": True, "defaultValues": [f"hiv {LITERAL}"]}, group="queued")
    assert asked(row) == {("contacts", DX, "hidden")}
    assert row["signs"] == [{"place": "hidden default", "phi_class": "x", "term": "hiv"}]
    assert LITERAL not in json.dumps(row)


def test_a_question_belongs_to_its_object():
    row = form({"name": "visit_reason", "objectTypeId": "2-310"}, {"name": "size", "objectTypeId": "0-2"})
    assert asked(row) == {("2-310", "visit_reason", "always"), ("companies", "size", "always")}


CONSENT = {
    "none": "none",
    "legitimate_interest": "legitimate_interest",
    "implicit_consent_to_process": "implicit",
    "explicit_consent_to_process": "explicit",
    "something_new": "unknown",
}


@pytest.mark.parametrize("kind", CONSENT)
def test_what_a_form_asks_to_agree_to(kind):
    boxes = [{"required": True, "subscriptionTypeId": 11, "label": LITERAL}]
    told = {
        "type": kind,
        "privacyText": LITERAL,
        "communicationsCheckboxes": boxes,
        "subscriptionTypeIds": [12],
    }
    row = form(legalConsentOptions=told)
    assert (row["consent"], row["subscriptions"]) == (CONSENT[kind], ["11", "12"])
    assert LITERAL not in json.dumps(row)


def test_a_form_without_consent_asks_for_none():
    assert form()["consent"] == "none"


def test_a_form_tells_who_is_sent_each_answer():
    row = form(
        configuration={"notifyRecipients": ["9"], "notifyContactOwner": True, "prePopulateKnownValues": True}
    )
    assert (row["notified"], row["notifies_owner"], row["prefilled"]) == (["9"], True, True)


@pytest.mark.parametrize(
    "odd", [{"fieldGroups": None}, {"fieldGroups": [7]}, {"fieldGroups": [{"fields": {}}]}]
)
def test_a_form_of_another_kind_may_lack_anything_and_is_not_silently_clean(odd):
    row = PARSER.form({"id": "f1", "name": None, "formType": "captured", **odd})
    assert (row["mentions"], row["unparsed"]) == ([], ["a group of questions that HubSpot does not show"])


def test_a_form_may_ask_nothing():
    groups = [{"groupType": "default_group", "richText": "<p>Hello</p>"}]
    for none in ([], groups):
        assert PARSER.form({"id": "f1", "name": "x", "fieldGroups": none})["unparsed"] == []


def test_a_question_without_a_field_is_not_silently_clean():
    assert form({"label": "?"})["unparsed"] == ["a question without a field"]


# -- lists


def test_a_list_without_its_filters_is_known_by_name_and_size():
    raw = {
        "listId": 41,
        "name": "hiv group",
        "processingType": "MANUAL",
        "additionalProperties": {"hs_list_size": "14"},
    }
    row = PARSER.list_row(raw, None)
    assert (row["id"], row["object"], row["size"], row["mentions"]) == ("41", "contacts", 14, [])
    assert [sign["place"] for sign in row["signs"]] == ["name"]


# -- workflows


def step(number="1", kind="SINGLE_CONNECTION", type_id="0-1", **more):
    return {"type": kind, "actionId": number, "actionTypeId": type_id, **more}


def flow(*actions, object_="0-1", **more):
    detail = {"id": "8", "objectTypeId": object_, "actions": list(actions), **more}
    return PARSER.flow({"id": "8", "name": "Nurture", "objectTypeId": object_, "isEnabled": False}, detail)


def tree(*filters):
    within = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filters": list(filters),
        "filterBranches": [],
    }
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [within]}


HAS = {"filterType": "PROPERTY", "property": DX, "operation": {"operator": "IS_ANY_OF", "values": [LITERAL]}}
ELSEWHERE = {**HAS, "property": "visit_reason"}
CHOSEN = {("contacts", DX, "filter", "membership", "")}
FLOWS = {
    "enrolment": (flow(enrollmentCriteria={"type": "LIST_BASED", "listFilterBranch": tree(HAS)}), CHOSEN),
    "enrolment again": (
        flow(enrollmentCriteria={"type": "LIST_BASED", "reEnrollmentTriggersFilterBranches": [tree(HAS)]}),
        CHOSEN,
    ),
    "event": (flow(enrollmentCriteria={"type": "EVENT_BASED", "refinementCriteria": tree(HAS)}), CHOSEN),
    "goal": (flow(goalFilterBranch=tree(HAS)), CHOSEN),
    "suppression": (flow(suppressionFilterBranch=tree(HAS)), CHOSEN),
    "branch": (flow(step(kind="LIST_BRANCH", listBranches=[{"filterBranch": tree(HAS)}])), CHOSEN),
    "static branch": (
        flow(step(kind="STATIC_BRANCH", inputValue={"type": "OBJECT_PROPERTY", "propertyName": DX})),
        {("contacts", DX, "value", "value", "1")},
    ),
    "value": (
        flow(step(fields={"x": {"type": "OBJECT_PROPERTY", "propertyName": PLAN}}), object_="0-3"),
        {("deals", PLAN, "value", "value", "1")},
    ),
    "appended": (
        flow(step(fields={"x": {"type": "APPEND_OBJECT_PROPERTY", "appendPropertyName": DX}})),
        {("contacts", DX, "value", "value", "1")},
    ),
    "fetched": (
        flow(
            step(
                fields={"x": {"type": "FETCHED_OBJECT_PROPERTY", "propertyToken": "{{ visit.visit_reason }}"}}
            )
        ),
        {("", "visit_reason", "value", "value", "1")},
    ),
    "fetched, with a default": (
        flow(
            step(
                fields={
                    "x": {
                        "type": "FETCHED_OBJECT_PROPERTY",
                        "propertyToken": f"{{{{ visit.visit_reason|default('{LITERAL}') }}}}",
                    }
                }
            )
        ),
        {("", "visit_reason", "value", "value", "1")},
    ),
    "filter outside of a group": (
        flow(enrollmentCriteria={"type": "LIST_BASED", "listFilterBranch": HAS}),
        CHOSEN,
    ),
    "set": (flow(step(type_id="0-5", fields={"property_name": DX})), {("", DX, "string", "value", "1")}),
    "token": (
        flow(
            step(type_id="0-8", fields={"body": f"<p>{LITERAL} {{{{ enrolled_object.{PLAN} }}}}"}),
            object_="0-3",
        ),
        {("deals", PLAN, "token", "value", "1")},
    ),
    "token of an object": (
        flow(step(type_id="0-8", fields={"body": f"{{{{ contact.{DX} }}}}"}), object_="0-3"),
        {("contacts", DX, "token", "value", "1")},
    ),
    "token of something fetched": (
        flow(step(type_id="0-8", fields={"body": "{{ fetched_objects.fetched_object_9.visit_reason }}"})),
        {("", "visit_reason", "token", "value", "1")},
    ),
    "code": (
        flow(step(kind="CUSTOM_CODE", sourceCode=f"send(event['{DX}'], '{LITERAL}')")),
        {("", DX, "code", "value", "1")},
    ),
    "query": (
        flow(
            step(
                kind="WEBHOOK",
                webhookUrl="https://ads.example/x",
                queryParams=[{"name": "q", "value": {"type": "OBJECT_PROPERTY", "propertyName": DX}}],
            )
        ),
        {("contacts", DX, "value", "value", "1")},
    ),
    "anchor": (
        flow(eventAnchor={"type": "X", "contactProperty": DX}),
        {("", DX, "string", "membership", "")},
    ),
    "schedule": (flow(enrollmentSchedule={"dateProperty": DX}), {("", DX, "string", "membership", "")}),
    "source": (flow(dataSources=[{"sortBy": {"property": DX}}]), {("", DX, "string", "membership", "")}),
    "a longer name": (flow(step(fields={"x": f"{DX}_date"})), set()),
}


@pytest.mark.parametrize("place", FLOWS)
def test_every_place_in_a_workflow(place):
    row, expected = FLOWS[place]
    assert named(row) == expected
    assert row["unparsed"] == []


def test_a_name_in_a_filter_is_that_of_the_filters_object_alone():
    inner = {**tree(ELSEWHERE), "filterBranchType": "ASSOCIATION", "objectTypeId": "2-310"}
    assert named(flow(goalFilterBranch=inner)) == {("2-310", "visit_reason", "filter", "membership", "")}


SINKS = {
    "0-3": "task",
    "0-8": "staff_email",
    "0-9": "notification",
    "0-14": "record",
    "0-30": "ads",
    "0-40900952": "sms",
    "0-46510720": "sequence",
    "0-169425243": "note",
}


@pytest.mark.parametrize("type_id", SINKS)
def test_where_a_step_sends(type_id):
    row = flow(step("7", type_id=type_id))
    assert row["sinks"] == [{"step": "7", "kind": SINKS[type_id], "where": ""}]
    assert row["other_actions"] == []


def test_of_a_webhook_only_the_host_is_kept():
    row = flow(
        step(kind="WEBHOOK", webhookUrl=f"https://u:p@ads.example:444/{LITERAL}?q=hiv"),
        step("2", "CUSTOM_CODE"),
    )
    assert [(s["kind"], s["where"]) for s in row["sinks"]] == [("webhook", "ads.example"), ("code", "")]
    assert [sign["place"] for sign in row["signs"]] == ["web address"]
    assert LITERAL not in json.dumps(row)


@pytest.mark.parametrize(
    "address", ["https://[", None, 7, "no address", "https://{{ x|default('hiv') }}.example/"]
)
def test_an_address_that_is_none_has_no_host(address):
    row = flow(step(kind="WEBHOOK", webhookUrl=address))
    assert row["sinks"][0]["where"] == ""
    assert row["signs"] == []


def test_what_a_workflow_feeds_and_is_fed_by():
    row = flow(
        step("1", type_id="0-63809083", fields={"listId": "42"}),
        step("2", type_id="0-4", fields={"content_id": 5501}),
        step("3", type_id="0-15", fields={"flow_id": "9"}),
        enrollmentCriteria={
            "type": "EVENT_BASED",
            "listMembershipFilterBranches": [tree({"filterType": "IN_LIST", "listId": "41"})],
        },
        suppressionListIds=[9],
    )
    assert {(link["kind"], link["id"]) for link in row["links"]} == {
        ("list", "41"),
        ("list", "9"),
        ("to_list", "42"),
        ("email", "5501"),
        ("to_flow", "9"),
    }


def test_an_unknown_step_is_told_and_steps_in_circles_end():
    row = flow(step("1", type_id="0-999", connection={"edgeType": "GOTO", "nextActionId": "1"}))
    assert (row["other_actions"], row["unparsed"]) == (["0-999"], [])


ODD = {
    "step": (flow(step(kind="TELEPATHY", fields={"x": DX})), "a step of a type nobody knows"),
    "group without a type": (
        flow(step(fields={"x": DX}), goalFilterBranch={"filters": [HAS], "filterBranches": []}),
        "a branch of the type (none)",
    ),
    "no step": (flow(7, step(fields={"x": DX})), "a step that is none"),
    "enrolment": (
        flow(step(fields={"x": DX}), enrollmentCriteria={"type": "ORACLE"}),
        "an enrolment of a type nobody knows",
    ),
    "filter": (
        flow(step(fields={"x": DX}), goalFilterBranch=tree({"filterType": "NEW"})),
        "a filter of the type NEW",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_what_nobody_knows_is_not_silently_clean_and_the_rest_counts(case):
    row, expected = ODD[case]
    assert row["unparsed"] == [expected]
    assert {m["property"] for m in row["mentions"]} == {DX}


def test_a_workflow_whose_steps_are_not_shown_is_not_silently_clean():
    row = PARSER.flow({"id": "8", "name": "Nurture"}, {"id": "8"})
    assert row["unparsed"] == ["a step that HubSpot does not show"]


def test_what_the_listing_of_workflows_leaves_out_its_detail_tells():
    detail = {
        "id": "8",
        "name": "Nurture",
        "objectTypeId": "0-3",
        "isEnabled": False,
        "goalFilterBranch": tree(HAS),
    }
    row = PARSER.flow({"id": "8", "name": None}, detail)
    assert (row["name"], row["object"], row["enabled"]) == ("Nurture", "deals", False)
    assert named(row) == {("deals", DX, "filter", "membership", "")}


def test_the_name_of_a_branch_leaves_a_sign_and_not_itself():
    row = flow(step(kind="LIST_BRANCH", listBranches=[{"branchName": "of hiv care"}, {"branchName": None}]))
    assert [(sign["place"], sign["term"]) for sign in row["signs"]] == [("branch name", "hiv")]
    assert "of hiv" not in json.dumps(row)


def test_a_workflow_without_detail_is_known_by_name():
    row = PARSER.flow({"id": "8", "name": "hiv", "objectTypeId": "2-9"}, None)
    assert (row["object"], row["sinks"], row["mentions"], row["enabled"]) == ("2-9", [], [], None)
    assert [sign["place"] for sign in row["signs"]] == ["name"]


# -- e-mails


def email(**more):
    return PARSER.email({"id": "5", "name": "Hello", **more})


TOKENS = {
    f"{{{{ contact.{DX} }}}}": {("contacts", DX)},
    f"{{{{ personalization_token('contact.{DX}', '{LITERAL}') }}}}": {("contacts", DX)},
    f"{{{{ deal.{PLAN} }}}} and {{{{company.size}}}}": {("deals", PLAN), ("companies", "size")},
    f"{{{{ contact.{DX}_date }}}}": {("contacts", f"{DX}_date")},
    f"{{{{ contact.{DX}|default('{LITERAL}') }}}} {{{{ contact.{DX}.label }}}}": {("contacts", DX)},
    "{{ ticket.content }}": {("tickets", "content")},
    "{{ custom.p1_visit.visit_reason }}": {("2-", "visit_reason")},
    f"{{{{ contact['{DX}'] }}}} {{{{ deal[ \"{PLAN}\" ] }}}}": {("contacts", DX), ("deals", PLAN)},
    f"my_contact.{DX}": set(),
    f"contact {DX}": set(),
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens(text):
    assert set(tokens(text)) == TOKENS[text]


@pytest.mark.parametrize("place", ["subject", "widgets", "plainTextVersion", "flexAreas"])
def test_every_text_of_an_email_is_looked_through(place):
    said = f"{LITERAL} {{{{ contact.{DX} }}}}"
    row = email(subject=said) if place == "subject" else email(content={place: {"a": [{"html": said}]}})
    assert named(row) == {("contacts", DX, "token", "value", "")}


def test_smart_content_by_a_property_counts():
    assert named(email(content={"smartFields": {"a": {"rule": [DX]}}})) == {
        ("", DX, "string", "membership", "")
    }


@pytest.mark.parametrize(
    ("more", "missing"), [({}, True), ({"content": None}, True), ({"content": {}}, False)]
)
def test_an_email_whose_text_is_not_shown_is_not_silently_clean(more, missing):
    assert email(**more)["unparsed"] == (["a text that HubSpot does not show"] if missing else [])


def test_whom_an_email_goes_to():
    to = {
        "contactIlsLists": {"include": ["42"], "exclude": ["9"]},
        "contactLists": {"include": [7], "exclude": [8]},
    }
    row = email(to=to, subscriptionDetails={"subscriptionId": 11}, state="DRAFT", isPublished=False)
    assert [(link["kind"], link["id"]) for link in row["links"]] == [("list", "42")]
    assert (row["legacy_lists"], row["subscription"], row["published"]) == (["7"], "11", False)


def test_a_subject_is_read_for_health_words_without_its_tokens():
    row = email(subject="{{ contact.hiv_status }} for you", name="hiv news")
    assert [sign["place"] for sign in row["signs"]] == ["name"]
