"""The demo portal's marketing: forms, lists, workflows and e-mails that hang together."""

from __future__ import annotations

from typing import Any, Final

from sandbox.hubspot.clinic_records import CANARY

Row = dict[str, Any]

INTAKE_FORM: Final = "c1000000-0000-4000-8000-000000000001"
NEWSLETTER_FORM: Final = "c1000000-0000-4000-8000-000000000002"
QUIZ_FORM: Final = "c1000000-0000-4000-8000-000000000003"
REFERRAL_FORM: Final = "c1000000-0000-4000-8000-000000000005"
RECALL_FORM: Final = "c1000000-0000-4000-8000-000000000006"
OLD_FORM: Final = "c1000000-0000-4000-8000-000000000004"


def _tree(*filters: Row, branches: tuple[Row, ...] = ()) -> Row:
    """A filter tree: one group that asks for everything in it."""
    group = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filters": list(filters),
        "filterBranches": list(branches),
    }
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [group]}


def _is_any_of(name: str, *values: str) -> Row:
    operation = {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": list(values)}
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {**operation, "includeObjectsWithNoValueSet": False},
    }


def _submitted(form: str | None = None) -> Row:
    which = {"formId": form} if form else {}
    return {"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT", **which}


def _in_list(list_id: str) -> Row:
    return {"filterType": "IN_LIST", "listId": list_id, "operator": "IN_LIST"}


def _enrolled_by(tree: Row) -> Row:
    return {
        "type": "LIST_BASED",
        "shouldReEnroll": False,
        "unEnrollObjectsNotMeetingCriteria": False,
        "listFilterBranch": tree,
        "reEnrollmentTriggersFilterBranches": [],
    }


def _action(number: int, kind: str, fields: Row, *, last: bool = False) -> Row:
    following = {} if last else {"connection": {"edgeType": "STANDARD", "nextActionId": str(number + 1)}}
    return {
        "type": "SINGLE_CONNECTION",
        "actionId": str(number),
        "actionTypeId": kind,
        "actionTypeVersion": 0,
        "fields": fields,
        **following,
    }


def _depends(on: list[str], field: Row) -> Row:
    return {"dependentCondition": {"operator": "set_any", "values": on}, "dependentField": field}


def forms() -> list[Row]:
    """The forms of the website."""
    medicines = {"name": "current_medications", "fieldType": "multi_line_text", "label": "What do you take?"}
    concern = {
        "name": "primary_concern",
        "fieldType": "dropdown",
        "label": "What brings you to us?",
        "dependentFields": [_depends(["sleep", "fertility"], medicines)],
    }
    asked = {
        "name": "has_condition",
        "fieldType": "radio",
        "label": "Are you being treated for something?",
        "dependentFields": [_depends(["yes"], concern)],
    }
    title = {"objectTypeId": "2-701", "name": "presenting_problem", "label": "In your own words"}
    referral = {
        "objectTypeId": "0-2",
        "name": "referral_specialty",
        "label": "Which specialty do you refer for?",
    }
    visit = {"name": "last_visit_date", "fieldType": "datepicker", "label": "When were you last here?"}
    return [
        {
            "id": INTAKE_FORM,
            "name": "New patient intake",
            "fieldGroups": [
                {"fields": [{"name": "email", "fieldType": "email"}]},
                {"fields": [asked, title]},
            ],
            "configuration": {"notifyRecipients": ["306", "313"], "notifyContactOwner": True},
            "legalConsentOptions": {
                "type": "explicit_consent_to_process",
                "privacyText": "How we use your answers",
                "communicationsCheckboxes": [{"required": False, "subscriptionTypeId": 11, "label": "News"}],
            },
        },
        {
            "id": NEWSLETTER_FORM,
            "name": "Newsletter",
            "fieldGroups": [
                {"fields": [{"name": "email"}, {"name": "newsletter_topic"}]},
                {"groupType": "progressive", "fields": [{"name": "preferred_clinic"}]},
            ],
            "legalConsentOptions": {"type": "implicit_consent_to_process", "privacyText": "See our notice"},
        },
        {
            "id": QUIZ_FORM,
            "name": "Sleep quiz pop-up",
            "formType": "captured",
            "fieldGroups": [
                {
                    "fields": [
                        {
                            "name": "treatment_interest",
                            "hidden": True,
                            "defaultValues": [f"sleep apnea {CANARY}"],
                        }
                    ]
                }
            ],
        },
        {
            "id": REFERRAL_FORM,
            "name": "Refer a patient",
            "fieldGroups": [{"fields": [{"name": "email"}, referral]}],
            "legalConsentOptions": {
                "type": "legitimate_interest",
                "lawfulBasis": "other",
                "subscriptionTypeIds": [11],
                "privacyText": CANARY,
            },
        },
        {
            "id": RECALL_FORM,
            "name": "Are you due for a visit?",
            "fieldGroups": [
                {"fields": [{"name": "email"}]},
                {"groupType": "progressive", "fields": [visit]},
            ],
            "configuration": {"prePopulateKnownValues": True},
        },
        {
            "id": OLD_FORM,
            "name": "Old intake",
            "archived": True,
            "fieldGroups": [{"fields": [{"name": "primary_concern"}]}],
        },
    ]


def lists() -> list[Row]:
    """The lists, of every kind."""
    intake = {
        "filterBranchType": "ASSOCIATION",
        "filterBranchOperator": "AND",
        "operator": "IN_LIST",
        "objectTypeId": "2-701",
        "associationTypeId": 71,
        "associationCategory": "USER_DEFINED",
        "filters": [_is_any_of("pregnancy_status", "yes")],
        "filterBranches": [],
    }
    return [
        {
            "listId": "101",
            "size": 412,
            "name": "Intake submitted",
            "filterBranch": _tree(_submitted(INTAKE_FORM)),
        },
        {
            "listId": "102",
            "size": 1204,
            "name": "Sleep interest",
            "filterBranch": _tree(_is_any_of("treatment_interest", "sleep")),
        },
        {
            "listId": "103",
            "size": 733,
            "name": "Sleep, not yet nurtured",
            "filterBranch": _tree(_in_list("102")),
        },
        {
            "listId": "104",
            "size": 388,
            "name": "Nurture",
            "processingType": "MANUAL",
            "members": ["1", "2", "3"],
        },
        {
            "listId": "105",
            "size": 61,
            "name": "Expecting",
            "filterBranch": _tree(branches=(intake,)),
            "folder": "Fertility",
        },
        {
            "listId": "106",
            "size": 2950,
            "name": "Newsletter readers",
            "processingStatus": "PAUSED",
            "filterBranch": _tree(_submitted(NEWSLETTER_FORM)),
        },
        {
            "listId": "107",
            "size": 1967,
            "name": "Concern known",
            "processingType": "SNAPSHOT",
            "filterBranch": _tree(_is_any_of("primary_concern", "fertility", "mind")),
        },
        {
            "listId": "108",
            "name": "Spring campaign",
            "deletedAt": "2026-10-02T08:00:00.000Z",
            "filterBranch": _tree(_is_any_of("primary_concern", "skin")),
        },
        {
            "listId": "109",
            "size": 148,
            "name": "Looked at HIV testing",
            "filterBranch": _tree(
                {
                    "filterType": "PAGE_VIEW",
                    "operator": "HAS_PAGEVIEW_CONTAINS",
                    "pageUrl": f"https://lakeside.example/services/hiv-testing/{CANARY}",
                }
            ),
        },
        {
            "listId": "110",
            "size": 517,
            "name": "Due for a visit",
            "filterBranch": _tree(_submitted(RECALL_FORM)),
        },
        {
            "listId": "111",
            "size": 39,
            "name": "Referring practices",
            "objectTypeId": "0-2",
            "filterBranch": _tree(_is_any_of("referral_specialty", "fertility", CANARY)),
        },
        {
            "listId": "112",
            "size": 204,
            "name": "Wants to talk",
            "filterBranch": _tree(_in_list("107"), {"filterType": "BUYING_INTENT", "signal": CANARY}),
        },
    ]


def flows() -> list[Row]:
    """The workflows: one chain from the intake form to an e-mail, and what grew around it."""
    webhook = {
        "type": "WEBHOOK",
        "actionId": "1",
        "method": "POST",
        "webhookUrl": f"https://ads.partner.example/audiences/{CANARY}",
        "queryParams": [
            {"name": "topic", "value": {"type": "OBJECT_PROPERTY", "propertyName": "treatment_interest"}}
        ],
    }
    note = {
        "subject": "New intake",
        "body": "<p>{{ enrolled_object.presenting_problem }}</p>",
        "user_ids": ["306"],
    }
    return [
        {
            "id": "901",
            "name": "Intake nurture",
            "enrollmentCriteria": _enrolled_by(_tree(_in_list("101"))),
            "actions": [
                _action(1, "0-63809083", {"listId": "104"}),
                _action(2, "0-4", {"content_id": "7001"}, last=True),
            ],
        },
        {
            "id": "902",
            "name": "Sleep audience",
            "enrollmentCriteria": _enrolled_by(_tree(_in_list("103"))),
            "actions": [webhook],
        },
        {"id": "903", "name": "Care plan reminders", "requiresSensitive": ["contacts"]},
        {
            "id": "904",
            "name": "Any form, old",
            "isEnabled": False,
            "enrollmentCriteria": _enrolled_by(_tree(_submitted())),
        },
        {
            "id": "905",
            "name": "Tell the desk",
            "objectTypeId": "2-701",
            "actions": [_action(1, "0-8", note, last=True)],
        },
        {
            "id": "906",
            "name": "Visit reminder",
            "enrollmentCriteria": _enrolled_by(_tree(_in_list("110"))),
            "actions": [
                _action(
                    1, "0-40900952", {"message": f"{CANARY} {{{{ contact.last_visit_date }}}}"}, last=True
                )
            ],
        },
        {
            "id": "907",
            "name": "Find people alike",
            "enrollmentCriteria": _enrolled_by(_tree(_in_list("107"))),
            "actions": [_action(1, "0-30", {"audience_id": "7"}, last=True)],
        },
        {
            "id": "908",
            "name": "Score intake",
            "enrollmentCriteria": _enrolled_by(_tree(_is_any_of("has_condition", "yes"))),
            "actions": [
                {
                    "type": "CUSTOM_CODE",
                    "actionId": "1",
                    "runtime": "NODE20X",
                    "secretNames": [],
                    "sourceCode": f"const group = event.inputFields['diagnosis_group']; // {CANARY}",
                    "inputFields": [],
                    "outputFields": [],
                }
            ],
        },
        {
            "id": "909",
            "name": "Call back",
            "enrollmentCriteria": _enrolled_by(_tree(_in_list("112"))),
            "actions": [
                _action(1, "0-3", {"subject": "Call", "body": "{{ contact.current_medications }}"}, last=True)
            ],
        },
    ]


def emails() -> list[Row]:
    """The marketing e-mails."""

    def to(lists: list[str], legacy: list[str] | None = None) -> Row:
        return {
            "contactIlsLists": {"include": lists, "exclude": ["106"]},
            "contactLists": {"include": legacy or [], "exclude": []},
            "contactIds": {"include": [], "exclude": []},
        }

    return [
        {
            "id": "7001",
            "name": "Welcome to Lakeside",
            "type": "AUTOMATED_EMAIL",
            "subject": "Your first visit",
        },
        {"id": "7002", "name": "Week two", "to": to(["104"])},
        {"id": "7003", "name": "Sleep better", "to": to([], ["12"]), "state": "DRAFT", "isPublished": False},
        {
            "id": "7004",
            "name": "For you",
            "to": to(["106"]),
            "subject": "More about {{ contact.treatment_interest }}",
        },
        {
            "id": "7005",
            "name": "See you soon",
            "to": to(["110"]),
            "subject": "Your visits",
            "content": {"plainTextVersion": f"{CANARY}: last here on {{{{ contact.last_visit_date }}}}"},
            "subscriptionDetails": {"subscriptionId": "12"},
        },
        {
            "id": "7006",
            "name": "For referring practices",
            "to": to(["111"]),
            "subject": "What is new at Lakeside",
            "subscriptionDetails": {"subscriptionId": "11"},
        },
    ]


def assets() -> Row:
    """The sections of the fixture about marketing."""
    return {
        "forms": forms(),
        "lists": lists(),
        "listIdMap": [{"legacyListId": "12", "listId": "102"}],
        "flows": flows(),
        "emails": emails(),
        "subscriptions": [
            {"id": "11", "name": "Lakeside news", "isActive": True},
            {"id": "12", "name": "Appointment reminders", "isActive": True},
        ],
        "files": [
            {"id": "1", "name": "referral.pdf", "access": "PUBLIC_NOT_INDEXABLE", "sourceGroup": "FORMS"}
        ],
    }
