"""Answers that do not arrive: the connection closes half-way, or before the first byte."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

TRANSPORT = "sandbox.transport"
"""Where in the ASGI scope the connection is kept, for answers that cut it."""


def keep_transport(scope: Scope, send: Send) -> None:
    """Keep hold of the connection of a request; without one nothing can be cut before the first byte."""
    scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)


class CutResponse(Response):
    """Half of the content and then nothing; with status 0 nothing at all."""

    def __init__(self, content: bytes, headers: dict[str, str], status: int) -> None:
        super().__init__(content, status or 200, headers)
        self.content = content
        self.silent = status == 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send what there is to send, and stop."""
        if not self.silent:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            half = self.content[: len(self.content) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            return
        transport = scope.get(TRANSPORT)
        if transport is not None:
            transport.abort()
            # The server must notice the lost connection before it would send its own error page.
            await asyncio.sleep(0.01)
