"""The sandbox's resources without a wire: what the connector asks goes in, what the server would answer comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from auditor import phi
from auditor.lineage import derive
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.planes import Grants
from auditor.snapshot import Snapshot, Unread, Why
from connectors.protocol import Plan, Scope
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import Page, Refused
from connectors.salesforce.connector import Salesforce
from connectors.salesforce.semantics import SEMANTICS
from sandbox.salesforce.access_rows import OracleRows
from sandbox.salesforce.fixture import Org
from sandbox.salesforce.request_log import RequestLog
from sandbox.salesforce.resources import Call, Resources


class Door:
    """As much of a client as the connector needs, in front of an org in memory."""

    host = "sandbox.example"
    calls = 0

    def __init__(self, org: Org) -> None:
        running = org.running_user
        self.api_version = f"{min(org.max_version, 67.0):.1f}"
        self._user = running.id or "005x00000000009AAA"
        self._resources = Resources(
            org, OracleRows(org), RequestLog(), hidden_fields=running.hidden_fields, batch_size=None
        )

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self._answer(f"/services/data/v{self.api_version}/{path}", dict(params or {}))

    def pages(self, soql: str, api: Api, *, going_on: Page | None = None) -> Iterator[Page]:
        page = self.get(api.value, {"q": soql})
        yield Page(page["records"], page["totalSize"])
        while not page["done"]:
            page = self._answer(page["nextRecordsUrl"], {})
            yield Page(page["records"], page["totalSize"])

    def user_id(self) -> str:
        return self._user

    def _answer(self, path: str, params: dict[str, str]) -> Any:
        answer = self._resources.answer(Call("GET", path, params))
        if answer.status != 200:
            error = answer.body[0]
            column = error["message"].partition("No such column '")[2].partition("'")[0]
            why = (
                Why.FORBIDDEN
                if answer.status in {403, 404} or "INVALID" in error["errorCode"]
                else Why.FAILED
            )
            raise Refused(Unread(why, error["errorCode"]), code=error["errorCode"], column=column)
        return answer.body


def tags_of(names: list[str]) -> list[Tag]:
    """Given tags, all of one clinical class."""
    return [
        Tag(name, "diagnosis", Coarse.CLINICAL, "T3", Confidence.HIGH, Basis.GIVEN, ("Given.",))
        for name in names
    ]


def snapshot_of(client: Any, names: list[str], now: datetime) -> tuple[Snapshot, dict[str, Tag]]:
    """Collect as the front door does: the schema, tags with their twins, then the grants they need."""
    connector = Salesforce(client, target="random", taken_at=now, tool_version="test")
    given = tags_of(names)
    objects = SEMANTICS.related(sorted({t.object for t in given}))
    snapshot = connector.schema(Scope(objects=objects))
    tags, _ = derive(given, SEMANTICS.lineage(snapshot))
    plan = Plan(SEMANTICS.needed(sorted({t.object for t in tags})), phi.digest(tags))
    return connector.collect(snapshot, plan), {t.field: t for t in tags}


def grants_of(org: Org, names: list[str]) -> Grants:
    """The compiled grants of an org in memory."""
    snapshot, tags = snapshot_of(Door(org), names, org.now)
    return SEMANTICS.compile(snapshot, tags, org.now)
