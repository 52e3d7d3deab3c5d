"""What the portal says about itself, and what happened in it lately (hubspot 5.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sandbox.hubspot.asked import Answer, Call, Route, page, reads
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.limits import Meter
from sandbox.hubspot.moments import milliseconds, written
from sandbox.hubspot.portal import Portal, Row

LOGIN_DAYS = 90
SECURITY_SCOPE = "account-info.security.read"


class Account:
    """The calls about the portal as a whole."""

    def __init__(self, portal: Portal, meter: Meter) -> None:
        self.portal = portal
        self.meter = meter

    def routes(self) -> list[Route]:
        """Every call with its paths."""
        account = r"/account-info/(?:v3|DATE)"
        return [
            reads("account", f"{account}/details", self.details),
            reads("api_usage", f"{account}/api-usage/daily(?:/private-apps)?", self.api_usage),
            reads("audit_logs", f"{account}/activity/audit-logs", self.audit_logs),
            reads("logins", f"{account}/activity/login", self.logins),
            reads("security", f"{account}/activity/security", self.security),
            reads("imports", r"/crm/(?:v3/imports|imports/DATE)", self.imports),
            reads("files", r"/files/(?:v3/files|files/DATE)/search", self.files),
            reads("sequences", r"/automation/(?:v4/sequences|sequences/DATE)", self.sequences),
        ]

    def details(self, _call: Call, _path: Mapping[str, str]) -> Answer:
        """The account details; the subscription is not among them."""
        return Answer(self.portal.account)

    def api_usage(self, _call: Call, _path: Mapping[str, str]) -> Answer:
        """How many requests private apps have made today."""
        row = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": self.portal.limits.daily,
            "currentUsage": self.meter.used_today,
            "fetchStatus": "SUCCESS",
            "resetsAt": written(self.portal.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)),
        }
        return Answer([row])

    def audit_logs(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Who changed what; only on Enterprise portals."""
        call.need(SECURITY_SCOPE)
        if self.portal.tier != "ENTERPRISE":
            raise ApiError(403, "This account does not have access to audit logs.")
        rows = [
            row
            for row in self.portal.activity["auditLogs"]
            if _is_about(call, "actingUserId", row.get("actingUser", {}).get("userId"))
            and _within(call, row.get("occurredAt"), "occurredAfter", "occurredBefore")
        ]
        newest_first = call.one("sort", "-occurredAt").startswith("-")
        rows.sort(key=lambda row: str(row.get("occurredAt")), reverse=newest_first)
        return page(call, rows, 100, 100)

    def logins(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """Who logged in during the last ninety days."""
        call.need(SECURITY_SCOPE)
        since = written(self.portal.now - timedelta(days=LOGIN_DAYS))
        rows = [
            row
            for row in self.portal.activity["logins"]
            if _is_about(call, "userId", row.get("userId"))
            and milliseconds(str(row.get("loginAt", since))) >= milliseconds(since)
        ]
        return page(call, rows, 100, 100)

    def security(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """What happened that matters for security."""
        call.need(SECURITY_SCOPE)
        rows = [
            row
            for row in self.portal.activity["security"]
            if _is_about(call, "userId", row.get("userId"))
            and _within(call, row.get("createdAt"), "fromTimestamp", "toTimestamp")
        ]
        return page(call, rows, 100, 200)

    def imports(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The imports of the past."""
        call.need("crm.import")
        return page(call, self.portal.imports, 10, 100)

    def files(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The files of the portal."""
        call.need("files", "files.read", "files.ui_hidden.read")
        return page(call, self.portal.files, 10, 100)

    def sequences(self, call: Call, _path: Mapping[str, str]) -> Answer:
        """The sequences of a user: a portal of the sandbox has none."""
        call.need("automation.sequences.read")
        if not call.one("userId"):
            raise invalid("Some required fields were not set: [userId]")
        return Answer({"total": 0, "results": []})


def _is_about(call: Call, parameter: str, user_id: object) -> bool:
    wanted = call.many(parameter)
    return wanted is None or str(user_id) in wanted


def _within(call: Call, moment: object, after: str, before: str) -> bool:
    """Whether a moment lies in the stretch of time that was asked for."""
    bounds: Row = {}
    for name in (after, before):
        if call.one(name):
            bounds[name] = _moment(name, call.one(name))
    if not bounds or moment is None:
        return True
    here = milliseconds(str(moment))
    return bool(bounds.get(after, here) <= here <= bounds.get(before, here))


def _moment(name: str, text: str, reader: Callable[[str], int] = milliseconds) -> int:
    try:
        return reader(text)
    except ValueError:
        raise invalid(f"{name} is not a time: {text}") from None
