"""The portal over HTTP: tokens, limits, faults and the request log around the resources (hubspot 9)."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sandbox.cut import CutResponse, keep_transport
from sandbox.hubspot.account import Account
from sandbox.hubspot.asked import Answer, Call, Route
from sandbox.hubspot.definitions import Definitions
from sandbox.hubspot.errors import ApiError, not_found
from sandbox.hubspot.faults import Fault, FaultRun, with_repeated_cursor
from sandbox.hubspot.limits import Meter
from sandbox.hubspot.login import Login
from sandbox.hubspot.marketing import Marketing
from sandbox.hubspot.people import People
from sandbox.hubspot.record_calls import Records
from sandbox.hubspot.request_log import Recorded, RequestLog

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from sandbox.hubspot.portal import Portal, Token

JSON_TYPE = "application/json;charset=utf-8"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class PortalServer:
    """One portal behind HTTP. `url` is set once the port is known; `clock` drives the limits, in seconds."""

    def __init__(
        self,
        portal: Portal,
        *,
        faults: tuple[Fault, ...] = (),
        clock: Callable[[], float] = time.monotonic,
        log_file: Path | None = None,
    ) -> None:
        self.portal = portal
        self.url = "http://127.0.0.1"
        self.log = RequestLog(log_file)
        self.faults = FaultRun(faults)
        self.meter = Meter(portal.limits, clock)
        self.login = Login(portal)
        self.routes: list[Route] = [
            *self.login.routes(),
            *Account(portal, self.meter).routes(),
            *Definitions(portal).routes(),
            *People(portal).routes(),
            *Records(portal).routes(),
            *Marketing(portal).routes(),
        ]
        self._asked = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        keep_transport(scope, send)
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        call = await self._call(request)
        self._asked += 1
        visit = _Visit(self._asked, call, *self._route(call))
        if call.method not in READING and visit.route is None:
            message = f"{call.method} is not allowed: the sandbox is never written to"
            return self._finish(visit, _refused(ApiError(405, message, "METHOD_NOT_ALLOWED"), visit))
        fault = self.faults.strikes(call)
        if fault is None:
            return self._finish(visit, self._answer(visit))
        return await self._troubled(replace(visit, fault=fault), fault)

    async def _call(self, request: Request) -> Call:
        try:
            content = await request.body()
        except ClientDisconnect:
            content = b""
        return Call(
            method=request.method,
            path=request.url.path.rstrip("/") or "/",
            query=request.query_params.multi_items(),
            headers={name.lower(): value for name, value in request.headers.items()},
            content=content,
            base_url=self.url,
            names_scopes=self.portal.switches.names_scopes,
        )

    def _route(self, call: Call) -> tuple[Route | None, dict[str, str]]:
        method = "GET" if call.method == "HEAD" else call.method
        for route in self.routes:
            match = route.pattern.fullmatch(call.path) if route.method == method else None
            if match:
                return route, match.groupdict()
        return None, {}

    # --- answering ------------------------------------------------------------------------------------------

    def _answer(self, visit: _Visit) -> Answer:
        try:
            return self._served(visit)
        except ApiError as error:
            return _refused(error, visit)

    def _served(self, visit: _Visit) -> Answer:
        call, route = visit.call, visit.route
        length = len(call.path) + sum(len(name) + len(value) + 2 for name, value in call.query)
        if length > self.portal.switches.max_url:
            raise ApiError(414, "URI Too Long")
        if route is not None and route.public:
            return route.handler(call, visit.path)
        token = self.login.token_of(call.headers.get("authorization", ""))
        if route is None:
            raise not_found()
        refusal = self.meter.refusal(token, search=route.search)
        if refusal is not None:
            raise refusal
        answer = route.handler(replace(call, token=token), visit.path)
        return answer if route.search else self._with_limits(answer, token)

    def _with_limits(self, answer: Answer, token: Token) -> Answer:
        return replace(answer, headers={**self.meter.headers(token), **answer.headers})

    async def _troubled(self, visit: _Visit, fault: Fault) -> Response:
        """The answer with what a fault does to it."""
        do = fault.do
        if do.get("slow"):
            await asyncio.sleep(float(do["slow"]))
        if do.get("reset"):
            self._record(visit, Answer(status=0))
            return CutResponse(b"", {}, 0)
        if do.get("expire_token"):
            self.login.expire(visit.call.headers.get("authorization", ""))
        answer = fault.answer(visit.correlation) or self._answer(visit)
        if do.get("repeat_cursor"):
            answer = with_repeated_cursor(visit.call, answer)
        return self._finish(visit, answer, truncate=bool(do.get("truncate")), cut=bool(do.get("cut")))

    def _finish(
        self, visit: _Visit, answer: Answer, *, truncate: bool = False, cut: bool = False
    ) -> Response:
        """The HTTP response of an answer; the request goes into the log."""
        self._record(visit, answer)
        headers = {"X-HubSpot-Correlation-Id": visit.correlation, **answer.headers}
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        if isinstance(answer.body, str):
            content = answer.body.encode()
        else:
            headers.setdefault("Content-Type", JSON_TYPE)
            content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
        if truncate:
            content = content[: len(content) // 2]
        return (
            CutResponse(content, headers, answer.status) if cut else Response(content, answer.status, headers)
        )

    def _record(self, visit: _Visit, answer: Answer) -> None:
        call, route = visit.call, visit.route
        self.log.add(
            Recorded(
                n=visit.number,
                method=call.method,
                path=call.path,
                query="&".join(f"{name}={value}" for name, value in call.query),
                route=route.name if route else None,
                status=answer.status,
                fault=visit.fault.words if visit.fault else None,
                body=_read_body(call, route),
                values=tuple(sorted(answer.values)) if answer.status in {200, 207} else (),
                violation=call.method not in READING and route is None,
            )
        )


@dataclass(frozen=True)
class _Visit:
    """One request on its way through the server."""

    number: int
    call: Call
    route: Route | None
    path: dict[str, str]
    fault: Fault | None = None

    @property
    def correlation(self) -> str:
        """The id under which HubSpot's support would look for the request."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.number} {self.call.path}"))


def _refused(error: ApiError, visit: _Visit) -> Answer:
    return Answer(error.body(visit.correlation), error.status, error.headers)


def _read_body(call: Call, route: Route | None) -> Any:
    """The body of a read by POST; never one with a credential in it."""
    if route is None or route.method != "POST" or route.public:
        return None
    try:
        return json.loads(call.content)
    except ValueError:
        return None
