"""What marketing works with: forms, lists, workflows, e-mails and consent (hubspot 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sandbox.hubspot.asked import Answer, Call, Route, batch, page, reads
from sandbox.hubspot.errors import ApiError, invalid, missing_scopes, not_found
from sandbox.hubspot.portal import Portal, Row

EMAIL_SCOPES = ("content", "marketing.email.read", "marketing.email.write")
CONSENT_SCOPES = ("communication_preferences.read", "communication_preferences.read_write")
CONSENT_BATCH_SCOPE = "communication_preferences.statuses.batch.read"
FORM_TYPES = ("hubspot", "captured", "flow", "blog_comment", "all")
MOST_LISTS, USUAL_LISTS = 500, 20
_LISTING = (
    "id",
    "name",
    "isEnabled",
    "flowType",
    "objectTypeId",
    "revisionId",
    "createdAt",
    "updatedAt",
    "uuid",
)
_NOT_SERVED = {"members", "folder"}


class Marketing:
    """The calls about marketing's assets."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self) -> list[Route]:
        """Every call with its paths."""
        lists = r"/crm/(?:v3/lists|lists/DATE)"
        flows = r"/automation/(?:v4/flows|flows/DATE|DATE/flows)"
        forms = r"/marketing/(?:v3/forms|forms/DATE)"
        emails = r"/marketing/(?:v3/emails|emails/DATE)"
        consent = r"/communication-preferences/(?:v4|DATE)"
        return [
            reads("forms", forms, self.forms),
            reads("form", f"{forms}/{{id}}", self.form),
            reads("lists_search", f"{lists}/search", self.lists_search, post=True),
            reads("lists_all", f"{lists}/all", self.lists_all, post=True),
            reads("list_idmapping", f"{lists}/idmapping", self.list_id),
            reads("list_idmapping_batch", f"{lists}/idmapping", self.list_ids, post=True),
            reads("lists", lists, self.lists),
            reads("list", f"{lists}/{{id}}", self.one_list),
            reads("list_memberships", f"{lists}/{{id}}/memberships", self.memberships),
            reads("flows", flows, self.flows),
            reads("flows_batch", f"{flows}/batch/read", self.flows_batch, post=True),
            reads("flow_emails", f"{flows}/email-campaigns", self.flow_emails),
            reads("flow", f"{flows}/{{id}}", self.flow),
            reads("emails", emails, self.emails),
            reads("email", f"{emails}/{{id}}", self.email),
            reads("subscriptions", f"{consent}/definitions", self.subscriptions),
            reads("consent_batch", f"{consent}/statuses/batch/read", self.consent_batch, post=True),
            reads("consent", f"{consent}/statuses/{{email}}", self.consent),
        ]

    # --- forms ----------------------------------------------------------------------------------------------

    def forms(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The forms of one kind, HubSpot's own unless another is asked for (hubspot 5.1)."""
        call.need("forms")
        kinds = call.many("formTypes") or ["hubspot"]
        for kind in kinds:
            if kind not in FORM_TYPES:
                raise invalid(f"formTypes must be one of {', '.join(FORM_TYPES)}, but was {kind}")
        archived = call.flag("archived")
        rows = [
            form
            for form in self.portal.forms
            if form["archived"] is archived and ("all" in kinds or form["formType"] in kinds)
        ]
        return page(call, rows, 20, 500)

    def form(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One form; an archived one must be asked for as such."""
        call.need("forms")
        for form in self.portal.forms:
            if form["id"] == path["id"] and form["archived"] is call.flag("archived"):
                return Answer(form)
        raise not_found(f"Form {path['id']} does not exist")

    # --- lists ----------------------------------------------------------------------------------------------

    def lists_search(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The lists that are not deleted, without their filters (hubspot 5.3)."""
        call.need("crm.lists.read")
        body = call.body()
        count, offset = body.get("count", USUAL_LISTS), body.get("offset", 0)
        if type(count) is not int or type(offset) is not int or not 0 < count <= MOST_LISTS or offset < 0:
            raise invalid(f"count must be between 1 and {MOST_LISTS}, and offset a number")
        rows = self._matching(body)
        shown = [self._summary(row, body) for row in rows[offset : offset + count]]
        reached = offset + len(shown)
        return Answer(
            {"lists": shown, "hasMore": reached < len(rows), "offset": reached, "total": len(rows)},
            here=offset,
        )

    def lists_all(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The same with a cursor: the newer way, still beta."""
        call.need("crm.lists.read")
        if "-beta" not in call.path:
            raise not_found()
        body = call.body()
        count, after = body.get("count", USUAL_LISTS), str(body.get("after") or "0")
        if type(count) is not int or not 0 < count <= MOST_LISTS or not after.isdigit():
            raise invalid(f"count must be between 1 and {MOST_LISTS}, and after a cursor")
        rows, start = self._matching(body), int(after)
        answer: Row = {
            "results": [self._summary(row, body) for row in rows[start : start + count]],
            "total": len(rows),
        }
        if start + count < len(rows):
            answer["paging"] = {"next": {"after": str(start + count)}}
        return Answer(answer, here=after)

    def lists(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Several lists by their ids; those that are not there are left out."""
        call.need("crm.lists.read")
        wanted = call.many("listIds") or []
        rows = [row for row in self.portal.lists if str(row["listId"]) in wanted]
        return Answer({"lists": [self._full(call, row) for row in rows]})

    def one_list(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One list, a deleted one too."""
        call.need("crm.lists.read")
        return Answer({"list": self._full(call, self._list(path["id"]))})

    def memberships(self, call: Call, path: Mapping[str, str]) -> Answer:
        """The ids of a list's members."""
        call.need("crm.lists.read")
        row = self._list(path["id"])
        members = [
            {"recordId": str(member), "membershipTimestamp": row["updatedAt"]}
            for member in row.get("members", [])
        ]
        answer = page(call, members, 100, 250)
        answer.body["total"] = len(members)
        return answer

    def list_id(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The list id for one id of the old kind."""
        call.need("crm.lists.read")
        legacy = call.one("legacyListId")
        if legacy not in self.portal.list_id_map:
            raise not_found(f"No list has the legacy id {legacy}")
        return Answer({"legacyListId": legacy, "listId": self.portal.list_id_map[legacy]})

    def list_ids(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The list ids for many ids of the old kind; the body is an array."""
        call.need("crm.lists.read")
        try:
            legacy = [str(each) for each in json.loads(call.content)]
        except (TypeError, ValueError):
            raise invalid("Invalid input JSON: an array of ids was expected") from None
        known = self.portal.list_id_map
        return Answer(
            {
                "legacyListIdsToIdsMapping": [
                    {"legacyListId": each, "listId": known[each]} for each in legacy if each in known
                ],
                "missingLegacyListIds": [each for each in legacy if each not in known],
            }
        )

    def _matching(self, body: Row) -> list[Row]:
        rows = [row for row in self.portal.lists if not row.get("deletedAt")]
        query = str(body.get("query") or "").lower()
        kinds, ids = body.get("processingTypes") or [], [str(each) for each in body.get("listIds") or []]
        object_type = body.get("objectTypeId")
        return [
            row
            for row in rows
            if query in str(row["name"]).lower()
            and (not kinds or row["processingType"] in kinds)
            and (not ids or str(row["listId"]) in ids)
            and (not object_type or row["objectTypeId"] == object_type)
        ]

    @staticmethod
    def _summary(row: Row, body: Row) -> Row:
        """A list as a search shows it."""
        known = {
            "hs_list_size": str(row["size"]),
            "hs_list_reference_count": "0",
            "hs_folder_name": row.get("folder"),
        }
        hidden = {*_NOT_SERVED, "filterBranch", "size"}
        asked = [name for name in body.get("additionalProperties") or [] if name in known]
        more = {name: known[name] for name in asked if known[name] is not None}
        return {
            **{key: value for key, value in row.items() if key not in hidden},
            "additionalProperties": more,
        }

    @staticmethod
    def _full(call: Call, row: Row) -> Row:
        """A list as a read shows it, with its filters only when asked."""
        hidden = _NOT_SERVED if call.flag("includeFilters") else {*_NOT_SERVED, "filterBranch"}
        return {key: value for key, value in row.items() if key not in hidden}

    def _list(self, list_id: str) -> Row:
        for row in self.portal.lists:
            if str(row["listId"]) == list_id:
                return row
        # An unknown id is a 4xx that is not 404 (hubspot 5.3).
        raise invalid(f"List does not exist with ID {list_id}.")

    # --- workflows ------------------------------------------------------------------------------------------

    def flows(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """All workflows, with little about each (hubspot 5.4)."""
        call.need("automation")
        rows = [{key: flow[key] for key in _LISTING if key in flow} for flow in self.portal.flows]
        return page(call, rows, 100, 100)

    def flow(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One workflow, unless it touches data too sensitive for the token."""
        call.need("automation")
        flow = self._flow(path["id"])
        if flow is None:
            raise not_found(f"Flow {path['id']} does not exist")
        refusal = self._refusal(call, flow)
        if refusal is not None:
            raise refusal
        return Answer(_served(flow))

    def flows_batch(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Several workflows; 207 if one is not there or too sensitive."""
        call.need("automation")
        ids = call.inputs("flowId", 100)
        found = {each: self._flow(each) for each in ids}
        missing = [each for each, flow in found.items() if flow is None]
        rows = [flow for flow in found.values() if flow is not None]
        open_rows = [_served(flow) for flow in rows if self._refusal(call, flow) is None]
        refused = [
            (str(flow["id"]), refusal) for flow in rows if (refusal := self._refusal(call, flow)) is not None
        ]
        answer = batch(open_rows, missing, "Could not get some flows")
        if not refused:
            return answer
        errors = [
            {
                "status": "error",
                "message": error.message,
                **error.more,
                "context": {"ids": [flow_id]},
            }
            for flow_id, error in refused
        ]
        errors += answer.body.get("errors", [])
        return Answer({**answer.body, "numErrors": len(errors), "errors": errors}, 207)

    def flow_emails(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Which marketing e-mails the workflows send."""
        call.need("automation")
        wanted = call.many("flowId")
        rows = [
            {
                "emailCampaignId": str(action["fields"]["content_id"]),
                "emailContentId": str(action["fields"]["content_id"]),
                "flowId": str(flow["id"]),
            }
            for flow in self.portal.flows
            if (wanted is None or str(flow["id"]) in wanted) and self._refusal(call, flow) is None
            for action in flow["actions"]
            if action.get("actionTypeId") == "0-4" and action.get("fields", {}).get("content_id")
        ]
        return page(call, rows, 100, 500)

    def _flow(self, flow_id: str) -> Row | None:
        return next((flow for flow in self.portal.flows if str(flow["id"]) == flow_id), None)

    def _refusal(self, call: Call, flow: Row) -> ApiError | None:
        """What stands between the token and a workflow about sensitive data."""
        for text in flow.get("requiresSensitive", []):
            kind = self.portal.type(text)
            scopes = kind.level_scopes("sensitive") if kind else ()
            if not call.credential.opens(scopes):
                return missing_scopes(scopes, named=call.names_scopes)
        return None

    # --- e-mails and consent --------------------------------------------------------------------------------

    def emails(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The marketing e-mails."""
        call.need(*EMAIL_SCOPES)
        archived = call.flag("archived")
        rows = [row for row in self.portal.emails if row["archived"] is archived]
        answer = page(call, rows, 10, 100)
        answer.body["total"] = len(rows)
        return answer

    def email(self, call: Call, path: Mapping[str, str]) -> Answer:
        """One marketing e-mail."""
        call.need(*EMAIL_SCOPES)
        for row in self.portal.emails:
            if str(row["id"]) == path["id"] and row["archived"] is call.flag("archived"):
                return Answer(row)
        raise not_found(f"Email {path['id']} does not exist")

    def subscriptions(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """What people can subscribe to."""
        call.need(*CONSENT_SCOPES)
        return Answer({"status": "COMPLETE", "results": list(self.portal.subscriptions)})

    def consent(self, call: Call, path: Mapping[str, str]) -> Answer:
        """What one person subscribed to: nobody in the sandbox ever did."""
        call.need(*CONSENT_SCOPES)
        return Answer({"status": "COMPLETE", "results": self._statuses(path["email"])})

    def consent_batch(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The same for many people."""
        call.need(CONSENT_BATCH_SCOPE)
        people = call.body().get("inputs")
        if not isinstance(people, list):
            raise invalid("Some required fields were not set: [inputs]")
        rows = [{"subscriberIdString": str(each), "statuses": self._statuses(str(each))} for each in people]
        return batch(rows, [], "")

    def _statuses(self, email: str) -> list[Row]:
        return [
            {
                "subscriberIdString": email,
                "subscriptionId": row.get("id"),
                "subscriptionName": row.get("name"),
                "channel": "EMAIL",
                "status": "NOT_SPECIFIED",
            }
            for row in self.portal.subscriptions
        ]


def _served(flow: Row) -> Row:
    """A workflow without what only the sandbox knows about it."""
    return {key: value for key, value in flow.items() if key != "requiresSensitive"}
