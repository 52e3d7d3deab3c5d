"""The org over HTTP: sessions, headers, faults and the request log around `resources` (salesforce 9)."""

from __future__ import annotations

import asyncio
import json
import secrets
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cut import CutResponse, keep_transport
from sandbox.salesforce.access_rows import OracleRows
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.faults import Delivery, Faults, Kind
from sandbox.salesforce.login import Credentials, Site, soap_login, token_answer, user_info
from sandbox.salesforce.oracle import unreadable_fields
from sandbox.salesforce.request_log import RequestLog
from sandbox.salesforce.resources import Answer, Call, Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from sandbox.salesforce.fixture import Org

JSON_TYPE = "application/json;charset=UTF-8"
MAX_URI = 16_384
ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class SandboxServer:
    """One org behind HTTP. `url` is set once the port is known."""

    def __init__(
        self,
        org: Org,
        *,
        batch_size: int | None = None,
        faults: Faults | None = None,
        token: str | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self.org = org
        self.url = "https://127.0.0.1"
        self.log = RequestLog()
        self.credentials = credentials or Credentials()
        self.faults = (faults or Faults(0)).start()
        self.token = token or self._new_token()
        self.sessions = {self.token}
        hidden = org.running_user.hidden_fields
        if org.running_user.computed:
            hidden |= unreadable_fields(org, org.running_user.id)
        self.resources = Resources(
            org,
            OracleRows(org),
            self.log,
            hidden_fields=hidden,
            batch_size=batch_size,
            refusal=self.faults.refusal,
        )
        self._routes = Starlette(
            routes=[
                Route("/services/oauth2/token", self._token, methods=ANY_METHOD),
                Route("/services/oauth2/userinfo", self._user_info, methods=ANY_METHOD),
                Route("/services/Soap/u/{version}", self._soap, methods=ANY_METHOD),
                Route("/services/data", self._versions, methods=ANY_METHOD),
                Route("/services/data/", self._versions, methods=ANY_METHOD),
                Route("/services/data/{rest:path}", self._data, methods=ANY_METHOD),
                Route("/{rest:path}", self._elsewhere, methods=ANY_METHOD),
            ]
        )

    @property
    def site(self) -> Site:
        """What a login needs to know about this server."""
        return Site(self.org, self.url, self.credentials)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application; it keeps hold of the connection for the faults that cut it."""
        keep_transport(scope, send)
        await self._routes(scope, receive, send)

    def _new_token(self) -> str:
        """An access token in the platform's shape: the org, an exclamation mark, and a secret."""
        return f"{self.org.organization_id[:15]}!AQ{secrets.token_hex(40)}"

    # --- sessions -------------------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        call = await _call(request)
        if call.method != "POST":
            return self._plain(call, Answer(405, {"error": "invalid_request"}))
        if self.faults.strikes(Kind.LOGIN_REFUSED, call):
            refused = {"error": "invalid_grant", "error_description": "authentication failure"}
            return self._plain(call, Answer(400, refused))
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        token = self._new_token()
        header = call.headers.get("authorization", "")
        answer = token_answer(self.site, token, form, header)
        if answer.status == 200:
            self.sessions.add(token)
        return self._plain(call, Answer(answer.status, answer.body))

    async def _user_info(self, request: Request) -> Response:
        call = await _call(request)
        if not self._authorised(call):
            return self._plain(call, Answer(403, "Bad_OAuth_Token", {"Content-Type": "text/html"}))
        return self._plain(call, Answer(200, user_info(self.org, self.url)))

    async def _soap(self, request: Request) -> Response:
        call = await _call(request)
        token = self._new_token()
        version = request.path_params["version"]
        body = call.body.decode("utf-8", "replace")
        status, envelope = soap_login(self.site, token, version, body)
        if status == 200:
            self.sessions.add(token)
        return self._plain(call, Answer(status, envelope, {"Content-Type": "text/xml;charset=UTF-8"}))

    def _authorised(self, call: Call) -> bool:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return scheme.lower() in {"bearer", "oauth"} and token in self.sessions

    # --- resources ------------------------------------------------------------------------------------------

    async def _versions(self, request: Request) -> Response:
        call = await _call(request)
        if call.method not in {"GET", "HEAD"}:
            return await self._elsewhere(request)
        return await self._troubled(call, lambda _: Answer(200, self.resources.versions()), limited=False)

    async def _data(self, request: Request) -> Response:
        call = await _call(request)
        if len(request.url.path) + len(request.url.query) > MAX_URI:
            return self._plain(call, _error(414, "URI_TOO_LONG", "The URI is longer than 16384 bytes"))
        if self.faults.strikes(Kind.SESSION_REVOKED, call):
            self.sessions.clear()
        if not self._authorised(call):
            return self._plain(
                call, _error(401, "INVALID_SESSION_ID", "Session expired or invalid"), limited=True
            )
        return await self._troubled(call, self.resources.answer, limited=True)

    async def _troubled(self, call: Call, serve: Callable[[Call], Answer], *, limited: bool) -> Response:
        """Serve a call through whatever trouble has been ordered for it."""
        if self.faults.closes_early(call):
            self.resources.record(call, 0)
            return CutResponse(b"", {}, 0)
        refused = self.faults.refusal(call)
        answer = Answer(refused.status, refused.body()) if refused else self.faults.page_of_html(call)
        if answer is None:
            answer = self.faults.bend(call, serve(self.faults.with_short_batch(call)))
        delivery = self.faults.delivery(call)
        if delivery.delay:
            await asyncio.sleep(delivery.delay)
        return self._delivered(call, answer, delivery, limited=limited)

    async def _elsewhere(self, request: Request) -> Response:
        """Whatever else is asked: nothing to read, and nothing may be written."""
        call = await _call(request)
        if call.method in {"GET", "HEAD"}:
            return self._plain(call, _error(404, "NOT_FOUND", "The requested resource does not exist"))
        message = f"HTTP Method '{call.method}' not allowed. Allowed are GET"
        return self._plain(call, _error(405, "METHOD_NOT_ALLOWED", message))

    def _plain(self, call: Call, answer: Answer, *, limited: bool = False) -> Response:
        """The HTTP response of an answer that arrives unharmed."""
        return self._delivered(call, answer, Delivery(), limited=limited)

    def _delivered(self, call: Call, answer: Answer, delivery: Delivery, *, limited: bool) -> Response:
        """The HTTP response of an answer, with the headers every response has; the call goes into the log."""
        self.resources.record(call, answer.status)
        headers = {"Date": format_datetime(self.org.now, usegmt=True)}
        if limited:
            headers["Sforce-Limit-Info"] = f"api-usage={self.resources.calls}/{self.resources.api_limit}"
        headers.update(answer.headers)
        body = answer.body
        if body is None:
            return Response(status_code=answer.status, headers=headers)
        if not isinstance(body, str | bytes):
            headers.setdefault("Content-Type", JSON_TYPE)
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        content = body.encode() if isinstance(body, str) else body
        if delivery.truncate:
            content = content[: len(content) // 2]
        if delivery.drop:
            return CutResponse(content, headers, answer.status)
        return Response(content, answer.status, headers)


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, ApiError(status, code, message).body())


async def _call(request: Request) -> Call:
    """The request as `resources` wants it."""
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    return Call(
        method=request.method,
        path=request.url.path,
        params=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
